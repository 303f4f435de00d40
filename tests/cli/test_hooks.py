"""The hook that pre-commit runs in other people's repositories."""

from __future__ import annotations

import re

import pytest

from corridormap.cli import main


@pytest.fixture
def hook(request):
    yaml = pytest.importorskip("yaml", reason="needs PyYAML: pip install -e .[test]")
    (hook,) = yaml.safe_load((request.config.rootpath / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return hook


def test_the_hook_has_what_pre_commit_needs(hook):
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert hook["id"] == "corridormap-validate"
    assert hook["language"] == "python"


def test_the_hook_runs_a_command_that_exists(hook, run):
    program, command = hook["entry"].split()
    assert program == "corridormap"
    assert main.get_command(None, command) is not None
    assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("name", "wanted"), [("a/b.geojson", True), ("b.geojsonl", True), ("b.geojsons", True), ("b.json", False), ("b.geojson.bak", False)]
)
def test_the_hook_takes_geojson(hook, name, wanted):
    assert bool(re.search(hook["files"], name)) is wanted


def test_the_hook_finds_what_is_bad_and_lets_pass_what_is_good(hook, run, tmp_path):
    good, bad = tmp_path / "good.geojson", tmp_path / "bad.geojson"
    text = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": %s}}]}'
    good.write_text(text % "[71.4, 51.1]")
    bad.write_text(text % "[71.4]")
    arguments = hook["entry"].split()[1:]
    assert run(*arguments, good).exit_code == 0
    result = run(*arguments, good, bad)
    assert result.exit_code == 1
    assert "CM114" in result.stdout
