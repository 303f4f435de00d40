"""Files of facts changed feature by feature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corridormap.atlas import LINKS, NODES, Atlas
from corridormap.errors import DataError
from corridormap.network.facts import FactsFile

POINT = {"type": "Point", "coordinates": [1.5, 2.0]}
HAND = """{ "type": "FeatureCollection", "name": "mine", "crs": null,
  "features": [
    {"type": "Feature", "properties": {"id": "b",  "figure": 1.10},
     "geometry": {"type": "Point", "coordinates": [1.123456789012345, 2, 7.5]}, "mine": [1]},
    {"type": "Feature", "properties": {"id": "a"}, "geometry": null}
  ] }
"""


def test_what_is_not_touched_stays_to_the_byte(tmp_path):
    path = tmp_path / "mine.geojson"
    path.write_text(HAND, encoding="utf-8")
    file = FactsFile(path)
    file.add({"id": "aa", "figure": None}, POINT)
    text = file.text()
    for kept in HAND.split('"features": [')[1].split("},\n    {"):
        assert kept.strip().removesuffix("]").strip().removesuffix("] }").strip() in text
    document = json.loads(text)
    assert [feature["properties"]["id"] for feature in document["features"]] == ["b", "a", "aa"]
    assert (document["name"], document["crs"], "bbox" in document) == ("mine", None, False)
    file.remove("b")
    assert "1.10" not in file.text()


def test_files_in_order_stay_in_order_with_their_box(tmp_path, atlas):
    path = atlas.folder / "network" / "nodes.geojson"
    file = FactsFile(path)
    assert file.text() == path.read_text(encoding="utf-8")
    file.add({"id": "b-new"}, {"type": "Point", "coordinates": [100.0, 2.0]})
    document = json.loads(file.text())
    assert document["bbox"][1:3] == [2.0, 100.0]
    names = [feature["properties"]["id"] for feature in document["features"]]
    assert names == sorted(names)


def test_a_file_that_is_not_there_begins_empty_and_a_broken_one_is_refused(tmp_path):
    file = FactsFile(tmp_path / "nodes.geojson")
    file.add({"id": "a"}, POINT)
    assert json.loads(file.text())["bbox"] == [1.5, 2.0, 1.5, 2.0]
    (tmp_path / "broken.geojson").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="is not JSON"):
        FactsFile(tmp_path / "broken.geojson")


def test_features_without_an_id_or_with_anothers_are_kept(tmp_path):
    path = tmp_path / "x.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": POINT}
    twice = {"type": "Feature", "properties": {"id": "a"}, "geometry": POINT}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature, twice, twice, feature]}), encoding="utf-8")
    assert len(json.loads(FactsFile(path).text())["features"]) == 4


def test_a_tidied_file_is_as_the_project_writes_it(tmp_path, atlas):
    path = tmp_path / "nodes.geojson"
    written = (atlas.folder / "network" / "nodes.geojson").read_text(encoding="utf-8")
    document = json.loads(written)
    # As GDAL saves it: spread out, with the id beside the properties alone, and a new feature at the end.
    for feature in document["features"]:
        del feature["properties"]["id"]
    drawn = {"type": "Point", "coordinates": [70.123456789012, 45.0]}
    document["features"] = [*document["features"][::-1], {"type": "Feature", "properties": {"id": "aaa", "kind": None}, "geometry": drawn}]
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    file = FactsFile(path)
    file.tidy()
    new = (
        '{"geometry":{"coordinates":[70.12346,45.0],"type":"Point"},"id":"aaa","properties":{"id": "aaa", "kind": null},"type":"Feature"},'
    )
    assert [line for line in file.text().splitlines() if line not in written.splitlines()] == [new]
    file.remove("aaa")
    assert file.text() == written


def test_tidying_leaves_what_it_cannot_say_again(tmp_path):
    path = tmp_path / "mine.geojson"
    path.write_text(HAND.replace('{"id": "a"}, "geometry": null', '{}, "geometry": null, "id": 7'), encoding="utf-8")
    file = FactsFile(path)
    file.tidy()
    assert '"coordinates": [1.123456789012345, 2, 7.5]}, "mine": [1]}' in file.text()
    assert '"geometry": null, "id": 7}' in file.text()


def test_an_id_that_was_edited_wins(tmp_path):
    path = tmp_path / "mine.geojson"
    # QGIS changes the property alone.
    saved = {"type": "Feature", "id": "old", "properties": {"id": "new"}, "geometry": POINT}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [saved]}), encoding="utf-8")
    file = FactsFile(path)
    file.tidy()
    (feature,) = json.loads(file.text())["features"]
    assert (feature["id"], feature["properties"]["id"]) == ("new", "new")


@pytest.mark.parametrize("nowhere", ["null", '{"coordinates":[],"type":"Point"}'])
def test_the_box_of_what_lies_nowhere_is_left_out(tmp_path, nowhere):
    path = tmp_path / "nodes.geojson"
    path.write_text(
        '{"bbox":[1,2,1,2],"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a"},"geometry":NOWHERE}]}'.replace(
            "NOWHERE", nowhere
        )
    )
    file = FactsFile(path)
    file.tidy()
    path.write_text(file.text(), encoding="utf-8")
    assert FactsFile(path).text() == file.text()
    assert "bbox" not in json.loads(file.text())


def test_half_a_character_is_refused_not_lost(tmp_path):
    path = tmp_path / "nodes.geojson"
    path.write_text(HAND.replace('"id": "a"', '"id": "a\\ud800"'), encoding="utf-8")
    with pytest.raises(DataError, match="is not JSON as other programs read it"):
        FactsFile(path)


def test_the_command_tidies_every_file_that_is_edited(tiny, run):
    edited = [tiny / name for name in ("network/nodes.geojson", *Atlas.open(tiny).inputs)]
    assert len(edited) == 4
    run("network", "tidy", geodata=tiny)
    tidied = [path.read_text(encoding="utf-8") for path in edited]
    for path in edited:
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=2), encoding="utf-8")
    output = run("network", "tidy", geodata=tiny).output
    assert all(f"wrote {path}\n" in output for path in edited)
    assert [path.read_text(encoding="utf-8") for path in edited] == tidied
    assert run("build", "--check", geodata=tiny).exit_code == 0


@pytest.mark.parametrize("folder", ["geodata", "examples/azerbaijan"])
def test_committed_files_are_tidy(folder):
    atlas = Atlas.open(Path(__file__).parents[2] / folder)
    for name in (NODES, LINKS, *atlas.inputs):
        file = FactsFile(atlas.folder / name)
        file.tidy()
        assert file.text() == file.path.read_text(encoding="utf-8"), name


def test_the_command_tidies_once_and_names_what_is_broken(tiny, run):
    path = tiny / "network" / "links.geojson"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=2), encoding="utf-8")

    def said():
        return Atlas.open(tiny).links.sort_index().sort_index(axis=1)

    before = said()
    assert f"wrote {path}" in run("network", "tidy", geodata=tiny).output
    assert run("network", "tidy", geodata=tiny).output == "nothing to tidy\n"
    assert said().equals(before)
    path.write_text("{", encoding="utf-8")
    broken = run("network", "tidy", geodata=tiny)
    assert broken.exit_code == 1
    assert "is not JSON" in broken.output
    assert path.read_text(encoding="utf-8") == "{"
