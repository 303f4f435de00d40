"""Every format gives the same lines; what is no extract is said to be none."""

from __future__ import annotations

import bz2
import json
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import osmium
import pytest
import shapely
from tests.trace.conftest import MAIN, lonlat, places, xml

from corridormap.errors import CorridorMapError, DataError
from corridormap.trace import Wanted, extract, read_extract, trace
from corridormap.trace.extract import station_name

POINTS = {number: (number * 2.0, number * 7 % 11 / 11) for number in range(1, 12)} | {20: (4.2, 0.1), 21: (30, 30)}
WAYS = {
    7: ([1, 2, 3, 4], MAIN),
    8: ([11, 10, 9, 8], MAIN),
    9: ([4, 5, 6, 7, 8], {"railway": "rail", "usage": "branch"}),
    10: ([4, 21], {"railway": "disused"}),
    11: ([4, 21], {"highway": "primary"}),
}
NAMED = {20: {"railway": "station", "name": "Орта"}}


def files(folder):
    """Write one network in every format."""
    text = xml(POINTS, WAYS, named=NAMED)
    (folder / "a.osm").write_text(text)
    (folder / "a.osm.bz2").write_bytes(bz2.compress(text.encode()))
    for name in ("a.osm.pbf", "a.opl"):
        with osmium.SimpleWriter(str(folder / name)) as writer:
            for thing in osmium.FileProcessor(str(folder / "a.osm")):
                writer.add(thing)
    nodes = [{"type": "node", "id": n, "lon": lonlat(*at)[0], "lat": lonlat(*at)[1], "tags": NAMED.get(n, {})} for n, at in POINTS.items()]
    ways = [{"type": "way", "id": n, "nodes": refs, "tags": tags} for n, (refs, tags) in WAYS.items()]
    stamp = {"timestamp_osm_base": "2026-11-01T00:00:00Z"}
    (folder / "nodes.json").write_text(json.dumps({"osm3s": stamp, "elements": ways + nodes}))
    full = [{**way, "geometry": [dict(zip(("lon", "lat"), lonlat(*POINTS[ref]), strict=True)) for ref in way["nodes"]]} for way in ways]
    (folder / "geometry.json").write_text(json.dumps({"osm3s": stamp, "elements": [nodes[11], *full]}))
    features = [
        {
            "type": "Feature",
            "id": f"way/{n}",
            "properties": tags,
            "geometry": {"type": "LineString", "coordinates": [lonlat(*POINTS[ref]) for ref in refs]},
        }
        for n, (refs, tags) in WAYS.items()
    ]
    features.append({"type": "Feature", "properties": NAMED[20], "geometry": {"type": "Point", "coordinates": lonlat(*POINTS[20])}})
    (folder / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return [path for path in sorted(folder.iterdir()) if path.is_file()]


def result(paths, mode="rail"):
    nodes = places({"a": POINTS[1], "b": POINTS[11], "орта": (5.5, 0.1)}).assign(accuracy_m=2000.0)
    found = read_extract(paths, mode=mode)
    links = [Wanted("one", "a", "орта"), Wanted("two", "орта", "b")]
    return [(one.id, one.line.wkb_hex, one.ways, one.doubts, one.snaps) for one in trace(found, links=links, nodes=nodes)]


def test_every_format_gives_the_same_lines(tmp_path):
    paths = files(tmp_path)
    assert len(paths) == 7
    wanted = result([paths[0]])
    assert wanted[0][2] == ["7"]
    assert wanted[1][2] == ["7", "9", "8"]
    for path in paths:
        assert result([path]) == wanted, path.name
        assert read_extract([path], mode="rail").date == (None if path.suffix == ".geojson" else "2026-11-01")


def test_several_files_are_one_and_a_way_in_two_counts_once(tmp_path):
    (tmp_path / "west.osm").write_text(xml({n: at for n, at in POINTS.items() if n <= 6}, WAYS))
    (tmp_path / "east.osm").write_text(xml({n: at for n, at in POINTS.items() if n >= 4}, {8: WAYS[8], 9: WAYS[9]}))
    (tmp_path / "whole.osm").write_text(xml(POINTS, WAYS))
    both = read_extract([tmp_path / "west.osm", tmp_path / "east.osm"], mode="rail")
    whole = read_extract([tmp_path / "whole.osm"], mode="rail")
    assert both.ways == whole.ways
    assert shapely.equals_exact(both.lines, whole.lines).all()
    assert both.name == "west.osm, east.osm"
    assert both.sha256 != whole.sha256


def test_a_large_file_is_read_twice_with_the_same_result(tmp_path, monkeypatch):
    path = files(tmp_path)[1]
    wanted = result([path])
    monkeypatch.setattr(extract, "LARGE_BYTES", 10)
    assert result([path]) == wanted


@pytest.mark.slow
def test_the_same_bytes_under_any_hash_seed_and_with_any_number_of_workers(tmp_path):
    files(tmp_path)
    code = "import sys; from pathlib import Path; from tests.trace.test_extract import result; print(result([Path(sys.argv[1])]))"
    said = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "a.osm.pbf")],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "src:."},
            cwd=Path(__file__).parents[2],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1
    nodes = places({"a": POINTS[1], "b": POINTS[11], "c": POINTS[6]})
    found = read_extract([tmp_path / "a.osm"], mode="rail")
    links = [Wanted("one", "a", "c"), Wanted("two", "c", "b"), Wanted("three", "a", "b")]
    alone = trace(found, links=links, nodes=nodes)
    for workers in (2, 3):
        shared = trace(found, links=links, nodes=nodes, workers=workers)
        assert [one.id for one in shared] == ["one", "two", "three"]
        assert [(one.line.wkb_hex, one.ways, one.doubts) for one in shared] == [(one.line.wkb_hex, one.ways, one.doubts) for one in alone]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.osm.pbf", b"", "is empty"),
        ("text.osm.pbf", b"this is no extract at all", "no whole OpenStreetMap file"),
        ("broken.osm", b"<osm><node id='1' lat='5", "no whole OpenStreetMap file"),
        ("page.osm", b"<html>504 Gateway Timeout</html>", "no whole OpenStreetMap file"),
        ("page.json", b"<html>504 Gateway Timeout</html>", "holds no OpenStreetMap ways"),
        ("list.json", b"[1, 2]", "holds no OpenStreetMap ways"),
        ("other.geojson", b'{"type": "FeatureCollection", "features": [{"properties": {}}]}', "holds no OpenStreetMap ways"),
        ("table.parquet", b"PAR1", "holds no segments"),
        ("none.osm", b"<osm version='0.6'></osm>", "no rail in it"),
        ("line.shp", b"1", "unknown format"),
    ],
)
def test_what_is_no_extract_is_said_to_be_none(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorridorMapError, match=said) as error:
        read_extract([tmp_path / name], mode="rail")
    assert name in str(error.value)
    assert error.value.hint


def test_a_file_cut_short_is_said_to_be_no_whole_one(tmp_path):
    path = next(path for path in files(tmp_path) if path.suffix == ".pbf")
    whole = path.read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(DataError, match="no whole OpenStreetMap file"):
        read_extract([tmp_path / "cut.osm.pbf"], mode="rail")


def test_a_file_that_is_not_there_and_a_folder_are_named(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_extract([tmp_path / "gone.osm.pbf"], mode="rail")
    with pytest.raises(DataError, match="is no file"):
        read_extract([tmp_path], mode="rail")


def test_without_pyosmium_it_is_said_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.osm").write_text(xml(POINTS, WAYS))
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(CorridorMapError, match=r"needs osmium, which is not installed\n  pip install 'osmium"):
        read_extract([tmp_path / "a.osm"], mode="rail")


def test_a_file_without_ways_of_the_mode_is_refused(tmp_path):
    (tmp_path / "a.osm").write_text(xml(POINTS, {11: WAYS[11]}))
    assert read_extract([tmp_path / "a.osm"], mode="road").ways == ["11"]
    with pytest.raises(DataError, match="no rail in it"):
        read_extract([tmp_path / "a.osm"], mode="rail")


def test_segments_of_overture_are_traced_at_their_own_class(tmp_path):
    rows = [
        {"id": "s2", "subtype": "rail", "class": "standard_gauge", "line": [4, 8], "rail_flags": None},
        {"id": "s1", "subtype": "rail", "class": "standard_gauge", "line": [1, 4], "rail_flags": [{"values": ["is_bridge"]}]},
        {"id": "s3", "subtype": "rail", "class": "standard_gauge", "line": [1, 8], "rail_flags": [{"values": ["is_disused"]}]},
        {"id": "r1", "subtype": "road", "class": "trunk", "line": [1, 8], "rail_flags": None},
    ]
    lines = [shapely.LineString([lonlat(*POINTS[number]) for number in row.pop("line")]) for row in rows]
    frame = gpd.GeoDataFrame(rows, geometry=lines, crs="EPSG:4326")
    frame["routes"] = [None, None, None, [{"ref": "M-36"}]]
    frame["subclass"], frame["road_flags"] = None, None
    frame["access_restrictions"] = [None, None, None, [{"access_type": "denied", "when": {"heading": "backward"}}]]
    frame.to_parquet(tmp_path / "segments.parquet")
    found = read_extract([tmp_path / "segments.parquet"], mode="rail")
    assert found.ways == ["s1", "s2"]
    assert found.accuracy_m == 50.0
    (one,) = trace(found, links=[Wanted("l", "a", "b")], nodes=places({"a": POINTS[1], "b": POINTS[8]}))
    assert one.ways == ["s1", "s2"]
    (road,) = read_extract([tmp_path / "segments.parquet"], mode="road").tags
    assert road == {"highway": "trunk", "ref": "M-36", "oneway": "yes"}
    frame.drop(columns="class").to_parquet(tmp_path / "other.parquet")
    with pytest.raises(DataError, match="holds no segments"):
        read_extract([tmp_path / "other.parquet"], mode="rail")


def test_names_of_stations_are_told_apart_by_what_is_not_the_word_for_a_station():
    assert station_name("Böyük Kəsik Stansiyası") == station_name("böyük kəsik")
    assert station_name("Kürdǝmir Stansiyasi") == station_name("Kürdəmir")
    assert station_name("ст. Алматы-1") == "алматы 1" != station_name("Алматы-2")
    assert station_name("Станция") == "станция"


def test_station_areas_count_as_stations(tmp_path):
    ways = {**WAYS, 30: ([20, 5, 6, 20], {"railway": "station", "name": "Алаң"})}
    (tmp_path / "a.osm").write_text(xml(POINTS, ways))
    (station,) = read_extract([tmp_path / "a.osm"], mode="rail").stations
    assert station.names == ("алан",)


def test_relations_are_passed_over(tmp_path):
    relation = (
        '<relation id="1" version="1"><member type="way" ref="7" role=""/><tag k="type" v="route"/><tag k="{}" v="{}"/></relation></osm>'
    )
    for mode, tag in (("rail", ("railway", "station")), ("road", ("route", "ferry"))):
        path = tmp_path / f"{mode}.osm"
        path.write_text(xml(POINTS, WAYS).replace("</osm>", relation.format(*tag)))
        assert read_extract([path], mode=mode).ways == {"rail": ["7", "8", "9"], "road": ["11"]}[mode]


def test_all_pieces_of_a_way_are_kept(tmp_path):
    """As clipping leaves them, in one feature or in several of one id."""
    pieces = [[lonlat(0, 0), lonlat(5, 0)], [lonlat(6, 0), lonlat(20, 0)]]
    many = [{"id": "way/1", "properties": MAIN, "geometry": {"type": "MultiLineString", "coordinates": pieces}}]
    several = [{"properties": {**MAIN, "osm_id": 1}, "geometry": {"type": "LineString", "coordinates": piece}} for piece in pieces]
    for features in (many, [*several, {"properties": None, "geometry": None}]):
        (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        found = read_extract([tmp_path / "a.geojson"], mode="rail")
        assert found.ways == ["1", "1"]
        assert shapely.get_num_coordinates(found.lines).tolist() == [2, 2]


@pytest.mark.parametrize(
    "document",
    ["[" * 100_000, '{"elements": [{"type": "node", "id": 1, "lat": 1e300, "lon": 5, "tags": {"railway": "halt", "name": "a"}}]}'],
)
def test_what_lies_nowhere_or_too_deep_is_refused(tmp_path, document):
    (tmp_path / "a.json").write_text(document)
    with pytest.raises(DataError, match="holds no OpenStreetMap ways"):
        read_extract([tmp_path / "a.json"], mode="rail")


def test_a_date_that_is_none_is_not_taken(tmp_path):
    way = {
        "type": "way",
        "id": 1,
        "nodes": [1, 2],
        "tags": {**MAIN, "ref": 5},
        "geometry": [{"lat": 50, "lon": 60}, {"lat": 50, "lon": 61}],
    }
    for stamp, day in (("zzz", None), ("9999-99-99", None), ("2026-11-02T03:04:05Z", "2026-11-02")):
        (tmp_path / "a.json").write_text(json.dumps({"osm3s": {"timestamp_osm_base": stamp}, "elements": [way]}))
        assert read_extract([tmp_path / "a.json"], mode="rail").date == day


def test_what_overture_says_of_some_vehicles_makes_no_one_way_road():
    row = dict.fromkeys(extract.OVERTURE) | {"id": "r", "subtype": "road", "class": "primary", "road_flags": [{"values": None}]}
    lorries = [{"access_type": "denied", "when": {"heading": "backward", "mode": ["hgv"]}}]
    assert dict(extract._overture_tags({**row, "access_restrictions": lorries})) == {"highway": "primary", "ref": ""}
    building = [{"values": ["is_under_construction"]}]
    tags = dict(extract._overture_tags({**row, "road_flags": building}))
    assert (tags["highway"], tags["construction"]) == ("construction", "primary")
