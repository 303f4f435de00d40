"""Names of files and texts in them, written by whoever means harm: nothing reaches the terminal or a CI as a command."""

import json
import re

import pytest

UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
HARM = ["a\n::error::faked", "::error file=x::faked", "\x1b[31mred\x1b]0;title\x07", "##[error]faked", "\u202eesrever\x9b31m"]


def assert_harmless(result, *, commands=0):
    for text in (result.stdout, result.stderr):
        assert not UNSEEN.search(text), text
        assert "##[" not in text
    lines = (result.stdout + result.stderr).splitlines()
    assert sum(line.lstrip().startswith("::") for line in lines) == commands


def document(harm):
    """A feature with a shell the wrong way, texts that mean harm, and names of members that do."""
    ring = [[70, 50], [70, 51], [71, 51], [71, 50], [70, 50]]
    properties = {"url": f"javascript:{harm}", harm: harm, "date": f"2021-02-31{harm}"}
    return {"type": "Feature", harm: 1, "id": harm, "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.fixture(params=HARM, ids=range(len(HARM)))
def hostile(request, tmp_path, monkeypatch):
    """The name of a file below the current folder, and what it holds."""
    monkeypatch.chdir(tmp_path)
    name = f"{request.param}.geojson"
    (tmp_path / name).write_text(json.dumps(document(request.param), ensure_ascii=False, indent=1), encoding="utf-8")
    return name


@pytest.mark.parametrize("form", ["text", "github", "json", "sarif", "junit"])
@pytest.mark.parametrize("every", [[], ["--all"]])
def test_validate(run, hostile, form, every):
    result = run("validate", hostile, "--format", form, *every)
    assert "CM120" in result.stdout
    count = result.stdout.count("title=CM") if form == "github" else 0
    assert_harmless(result, commands=count)


def test_fix_and_diff(run, hostile, tmp_path):
    diff = run("validate", hostile, "--diff")
    assert "@@" in diff.stdout
    assert_harmless(diff)
    (tmp_path / f"{hostile}.kml").write_text("junk", encoding="utf-8")
    fixed = run("validate", hostile, f"{hostile}.kml", "--fix")
    assert "mended in" in fixed.stderr
    assert_harmless(fixed)


def test_errors(run, hostile, tmp_path):
    for arguments in (
        ["validate", f"{hostile}.none"],
        ["validate", "--select", hostile],
        ["validate", "--format", hostile],
        ["measure", f"{hostile}.none"],
        ["layers", hostile],
        [hostile],
        ["--geodata", hostile, "layers"],
    ):
        result = run(*arguments)
        assert result.exit_code
        assert_harmless(result)


@pytest.mark.parametrize("harm", HARM, ids=range(len(HARM)))
def test_measures(run, tmp_path, harm):
    line = {"type": "LineString", "coordinates": [[70, 50], [71, 51]]}
    feature = {"type": "Feature", "id": harm, "properties": {"name_en": harm}, "geometry": line}
    path = tmp_path / "lines.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}, ensure_ascii=False), encoding="utf-8")
    for options in ([], ["--json"]):
        result = run("measure", "lengths", path, *options)
        assert result.exit_code == 0, result.output
        assert_harmless(result)
