"""`corridormap embed` and `corridormap render --embed`."""

from __future__ import annotations

import json

import pytest

from corridormap.web.embed import snippet


def test_prints_the_code(run, atlas):
    result = run("embed", "--src", "karta.html", "--lang", "ru", "--layers", "border,corridors", "--no-panel")
    assert result.exit_code == 0
    assert result.stdout == snippet(atlas, src="karta.html", lang="ru", layers=["corridors", "border"]) + "\n"


def test_json(run):
    record = json.loads(run("embed", "--height", "400", "--json").stdout)
    assert record["height"] == 400
    assert record["html"].startswith('<figure style="margin:0"><iframe src="index.html?embed=1"')


@pytest.mark.parametrize(
    "arguments", [["--height", "1"], ["--lang", "xx"], ["--layers", "x"], ["--src", "javascript:x"], ["--view", "x"], ["--feature", "x"]]
)
def test_wrong_usage(run, arguments):
    assert run("embed", *arguments).exit_code == 2


def test_an_address_without_https_is_warned_of(run):
    result = run("embed", "--src", "http://example.org/karta.html")
    assert result.exit_code == 0
    assert result.stdout.startswith("<figure")
    assert "https" in result.stderr
    assert run("embed", "--src", "https://example.org/karta.html").stderr == ""


def test_render_embed(run, tiny, tmp_path):
    assert run("render", "--embed", "-o", tmp_path / "frame.html", geodata=tiny).exit_code == 0
    assert '"embed":true' in (tmp_path / "frame.html").read_text(encoding="utf-8")
