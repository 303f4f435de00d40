import json
import os

import pytest

pytest.importorskip("matplotlib")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "PDF"])
def test_the_ending_decides_the_format(run, tiny, tmp_path, ending):
    path = tmp_path / "deep" / f"map.{ending}"
    result = run("plot", "-o", path, "--dpi", "50", "--width", "150", "--height", "100", "--json", geodata=tiny)
    assert result.exit_code == 0, result.output
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending.lower()]
    content = path.read_bytes()
    assert content.startswith(start)
    assert json.loads(result.stdout) == {"file": str(path), "lang": "en", "bytes": len(content), "width_mm": 150, "height_mm": 100}
    assert result.stderr == ""
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-o", "map.jpg"], 2, "End the name in .png, .svg or .pdf."),
        (["-o", "map"], 2, "End the name in .png, .svg or .pdf."),
        (["-o", "-"], 2, "End the name in .png, .svg or .pdf."),
        (["-o", "map.png", "--lang", "xx"], 2, "no language 'xx'"),
        (["-o", "map.png", "--layers", "rails"], 2, "no layer 'rails'"),
        (["-o", "map.png", "--view", "1,2,3"], 2, "west,south,east,north"),
        (["-o", "map.png", "--view", "1,2,3,x"], 2, "west,south,east,north"),
        (["-o", "map.png", "--view", "3,2,1,4"], 2, "no such view"),
        (["-o", "map.png", "--view", "nan,2,3,4"], 2, "no such view"),
        (["-o", "map.png", "--width", "5"], 2, "a page of 5 × 200 mm"),
        (["-o", "map.png", "--dpi", "0"], 2, "--dpi"),
        (["-o", "map.png", "--width", "3000", "--height", "3000", "--dpi", "2400"], 2, "pixels a side"),
    ],
)
def test_wrong_usage_writes_nothing(run, tiny, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    result = run("plot", *arguments, geodata=tiny)
    assert result.exit_code == code
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.output
    assert sorted(os.listdir(tmp_path)) == ["tiny"]


def test_a_failure_leaves_the_old_file(run, tiny, tmp_path):
    path = tmp_path / "map.svg"
    path.write_text("the old map")
    (tiny / "network" / "links.geojson").write_text("{", encoding="utf-8")
    assert run("plot", "-o", path, geodata=tiny).exit_code == 1
    assert path.read_text() == "the old map"


def test_a_target_that_cannot_be_written(run, tiny, tmp_path, monkeypatch):
    from pathlib import Path

    path = tmp_path / "map.png"
    path.write_text("the old map")

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    result = run("plot", "-o", path, "--dpi", "50", geodata=tiny)
    assert result.exit_code == 1
    assert "cannot be written: Permission denied" in result.stderr
    assert path.read_text() == "the old map"
    assert [name for name in os.listdir(tmp_path) if name != "tiny"] == ["map.png"]


def test_a_folder_is_no_file(run, tiny, tmp_path):
    (tmp_path / "map.png").mkdir()
    result = run("plot", "-o", tmp_path / "map.png", "--dpi", "50", geodata=tiny)
    assert result.exit_code == 1
    assert "is a folder" in result.stderr
