"""Files of facts changed feature by feature."""

from __future__ import annotations

import json

import pytest

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
