"""The words of every rule, as a reader sees them: each bad case of the tests beside this one, held against `messages.txt`.

After a change of words on purpose, `UPDATE_MESSAGES=1 pytest tests/checks/test_messages.py` writes the file anew; read what it changed.
"""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Point
from tests.checks import test_ground
from tests.checks.test_generic_rules import CASES, ELSEWHERE, GOOD
from tests.checks.test_rules import BAD, BAD_FILES, BAD_TOML

from corridormap.atlas import Atlas
from corridormap.checks import RULES, check_atlas, check_files, filecheck, shapes, topology
from corridormap.checks.report.report import lines

GOLDEN = Path(__file__).with_name("messages.txt")


def told(code, findings, folder):
    """What is said of a rule, without the names of folders."""
    return "\n".join(lines((finding, "") for finding in findings if finding.code == code)).replace(f"{folder}/", "")


def of_files(tmp_path):
    path = tmp_path / "case.geojson"
    for code, (bad, _) in CASES.items():
        for document in bad:
            path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
            yield code, check_files([path]).findings


def elsewhere(tmp_path, monkeypatch):
    (tmp_path / "case.gpkg").write_bytes(b"junk")
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame(geometry=[Point(71, 51)]).to_file(tmp_path / "nowhere.gpkg")
    (tmp_path / "case.geojsonl").write_bytes(b'\x1e{"type":"Point","coordinates":[71,51]}')
    (tmp_path / "lines.geojson").write_text(json.dumps(GOOD), encoding="utf-8")
    (tmp_path / "bad.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [1, 2, 3]}), encoding="utf-8")
    (tmp_path / "circle.geojson").symlink_to("circle.geojson")
    monkeypatch.setattr(filecheck, "_GIVE_UP", 0)
    monkeypatch.setattr(shapes, "HUGE", 3)
    monkeypatch.setattr(topology, "MOST_LINES", 0)
    for code, name, options in (
        ("CM001", "circle.geojson", {}),
        ("CM012", "case.geojsonl", {}),
        ("CM013", "bad.geojson", {"max_findings": 1}),
        ("CM014", "case.gpkg", {}),
        ("CM219", "lines.geojson", {}),
        ("CM316", "nowhere.gpkg", {}),
        ("CM606", "lines.geojson", {}),
    ):
        yield code, check_files([tmp_path / name], **options).findings


def of_atlases(tiny, edit):
    for code, (name, change) in BAD.items():
        before = (tiny / name).read_bytes()
        with edit(tiny / name) as document:
            change(document)
        yield code, check_atlas(Atlas.open(tiny), select=[code]).findings
        (tiny / name).write_bytes(before)
    for code, (name, old, new) in BAD_TOML.items():
        before = (tiny / name).read_bytes()
        (tiny / name).write_bytes(before.replace(old.encode(), new.encode()))
        yield code, check_atlas(Atlas.open(tiny), select=[code]).findings
        (tiny / name).write_bytes(before)
    for code, (name, text) in BAD_FILES.items():
        (tiny / name).parent.mkdir()
        (tiny / name).write_text(text, encoding="utf-8")
        yield code, check_atlas(Atlas.open(tiny), select=[code]).findings
        (tiny / name).unlink()


def of_ground(tmp_path, tiny, edit):
    test_ground.lay(tiny, edit)
    for code, change in test_ground.BAD.items():
        folder = tmp_path / code
        shutil.copytree(tiny, folder)
        change(folder, edit)
        found = check_atlas(Atlas.open(folder), select=[code]).findings
        yield code, [replace(finding, file=finding.file.replace(str(folder), str(tiny))) for finding in found]


@pytest.mark.slow
def test_every_message_reads_as_agreed(tmp_path, tiny, edit, monkeypatch):
    found = [(code, told(code, findings, tmp_path)) for code, findings in of_files(tmp_path)]
    found += [(code, told(code, findings, tiny)) for code, findings in of_atlases(tiny, edit)]
    found += [(code, told(code, findings, tiny)) for code, findings in of_ground(tmp_path, tiny, edit)]
    found += [(code, told(code, findings, tmp_path)) for code, findings in elsewhere(tmp_path, monkeypatch)]
    assert {rule.code for rule in RULES} == {code for code, text in found if text}
    text = "\n".join(text for _, text in sorted(found, key=lambda item: item[0])) + "\n"
    if os.environ.get("UPDATE_MESSAGES"):
        GOLDEN.write_text(text, encoding="utf-8")
        pytest.skip("messages.txt is written anew")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_rules_met_elsewhere_are_met_here(tmp_path, monkeypatch):
    assert {code for code, _ in elsewhere(tmp_path, monkeypatch)} == set(ELSEWHERE)
