"""The reader of the facts: everything that is wrong is told at once, each fault once, with its place and what is expected there."""

import json
import os
import re
import time
from pathlib import Path

import pytest

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import write_layers
from corridormap.errors import DataError
from corridormap.facts import Features, read_features, read_records, read_table
from corridormap.model import AtlasRecord, Itinerary, LinkProperties, NodeProperties, Source

GOLDEN = Path(__file__).with_name("facts.txt")

ITINERARIES = """
[[itinerary]]

[[itinerary]]
id = "South Road"
layer = 7
name = "South road"
mode = "tram"
sources = []
number = "one"
colour = "red"
modes = "rail"
properties = { lanes = [2] }
note = { en = 5 }
[[itinerary.ways]]
nodes = ["a"]
role = "side"
[[itinerary.ways]]
nodes = ["a", "B b"]
[[itinerary.lengths]]
km = -1
kind = "guess"
source = "s"
[[itinerary.lengths]]
km = nan
kind = "press"
source = "s"
date = 2026-01-01
from = "a"

[[itinerary]]
id = "twice"
layer = "corridors"
name = { en = "One" }
mode = "rail"
ways = []
sources = ["s"]

[[itinerary]]
id = "twice"
layer = "corridors"
name = { en = "Another" }
mode = "rail"
ways = []
sources = ["s"]
lengths = [{ km = 1, kind = "press", source = "s", from = "a" }]

[[itinerary]]
id = "twice"
layer = "corridors"
name = { en = "A third" }
mode = "rail"
ways = []
sources = ["s"]
number = 99999999999999999

[[corridor]]
id = "elsewhere"
"""

ATLAS = """
id = "x"
country = "kz"
languages = []
extent = [1, 2, 3]
titel = { en = "X" }
[[layers]]
id = "a"
build = "itinerary"
[layers.style]
symbol = { colour = "red", size = "big" }
"""

CONTRADICTIONS = """
id = "x"
country = "IS"
languages = ["en", "en"]
extent = [3, 4, 1, 2]
view = [1, 2, 3, 100]
planar_crs = "EPSG:3857"
title = { en = "X" }
description = { en = "X" }
country_name = { en = "X" }
attribution = { en = "X" }
groups = [{ id = "g", name = { en = "G" } }]
[[layers]]
id = "a"
build = "links"
geometry = "LineString"
group = "h"
licence = "CC0-1.0"
sources = ["s"]
name = { en = "A" }
summary = { en = "A" }
style = { symbol = { colour = "#000000" } }
"""


def link(**changed):
    properties = {
        "id": "road:a-b",
        "from": "a",
        "to": "b",
        "mode": "road",
        "country": "IS",
        "status": "open",
        "accuracy_m": 10,
        "source": "s",
    }
    geometry = changed.pop("geometry", {"type": "LineString", "coordinates": [[1, 2], [3, 4]]})
    kept = {name: value for name, value in (properties | changed).items() if value is not ...}
    return {"type": "Feature", "geometry": geometry, "properties": kept}


LINKS = [
    link(),
    link(),
    link(id="no-number", accuracy_m=None),
    link(id="negative", accuracy_m=-3, **{"from": ...}),
    link(id="text", accuracy_m="10 m", mode="Road", country="Iceland", status=None),
    link(id=...),
    link(id=7),
    link(id="large", lanes=2**53 + 1),
    link(id="list", refs=["A1", "A2"]),
    link(id="nowhere", geometry=None),
    link(id="point", geometry={"type": "Point", "coordinates": [1, 2]}),
    link(id="short", geometry={"type": "LineString", "coordinates": [[1, 2]]}),
    link(id="empty", geometry={"type": "LineString", "coordinates": []}),
    link(id="strange", geometry={"type": "Curve"}),
    link(id="loop", to="a"),
    link(id="trackless", tracks=0),
    link(id="yesterday", as_of="вчера"),
    link(id="no-leap-year", as_of="2026-02-29", source=" "),
    {"type": "Feature", "geometry": None},
    5,
    link(id="case", Refs="A1", refs="A1", fid=1),
]

NUMBERS = '''
[[itinerary]]
id = "one"
layer = "corridors"
name = { en = "One" }
mode = "rail"
ways = []
sources = ["s"]
note.en = """
number = 2
[[itinerary]]
"""
number = 1.0
[[itinerary.lengths]]
km = inf
kind = "press"
source = "s"

[[itinerary]]
id = "two\\n"
layer = "corridors"
name = { en = "Two" }
mode = "rail"
ways = []
sources = ["s"]
number = 1000000000000000000000000000000
'''

ELSEWHERE = [
    link(id="far", geometry={"type": "LineString", "coordinates": [[1, 2], [999, 2]]}),
    link(id="projected", geometry={"type": "LineString", "coordinates": [[1e300, 1e300], [0, 0]]}),
    link(id="half", note="\ud800"),
    link(id="beyond", geometry={"type": "LineString", "coordinates": [[179, 2], [181, 2]]}),
    link(id="high", geometry={"type": "LineString", "coordinates": [[1, 2, 3], [2, 2]]}),
]

NODES = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"id": "a", "name_en": " ", "name_ru": 5}}]


def collection(features):
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1)


CASES = {
    "itineraries": ("corridors.toml", ITINERARIES, lambda path: read_records(path, "itinerary", Itinerary)),
    "no list": ("sources.toml", '[source]\nid = "a"\n', lambda path: read_records(path, "source", Source)),
    "no records": ("sources.toml", "source = [1]\n", lambda path: read_records(path, "source", Source)),
    "no TOML": ("sources.toml", '[[source]]\nid = "a"\ntitle = \n', lambda path: read_records(path, "source", Source)),
    "no UTF-8": ("sources.toml", b"\xff", lambda path: read_records(path, "source", Source)),
    "atlas": ("atlas.toml", ATLAS, lambda path: read_table(path, AtlasRecord)),
    "contradictions": ("atlas.toml", CONTRADICTIONS, lambda path: read_table(path, AtlasRecord)),
    "links": ("links.geojson", collection(LINKS), lambda path: read_features(path, Features(LinkProperties, frozenset({"LineString"})))),
    "nodes": ("nodes.geojson", collection(NODES), lambda path: read_features(path, Features(NodeProperties, names=("en", "ru", "kk")))),
    "no features": ("links.geojson", collection([]), lambda path: read_features(path, Features())),
    "no JSON": ("links.geojson", '{"type":\n"FeatureCollection",,', lambda path: read_features(path, Features())),
    "byte order mark": ("sources.toml", b"\xef\xbb\xbf[[source]]\n", lambda path: read_records(path, "source", Source)),
    "too deep": ("sources.toml", "a = " + "[" * 5000, lambda path: read_records(path, "source", Source)),
    "too long": ("sources.toml", "a = " + "9" * 5000, lambda path: read_records(path, "source", Source)),
    "numbers": ("corridors.toml", NUMBERS, lambda path: read_records(path, "itinerary", Itinerary)),
    "too long in JSON": ("links.geojson", f'{{"type": {"9" * 5000}}}', lambda path: read_features(path, Features())),
    "other features": (
        "links.geojson",
        collection(ELSEWHERE).replace("{", '{"note": "\\"features\\": [", "meta": {"features": [1]}, "features": [],', 1),
        lambda path: read_features(path, Features(LinkProperties, frozenset({"LineString"}))),
    ),
    "NaN": ("links.geojson", collection([link(accuracy_m=float("nan"))]), lambda path: read_features(path, Features())),
}


def told(folder, case):
    name, content, read = CASES[case]
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [fault.message.replace(f"{folder}/", "") for fault in read(path).faults]


def test_what_records_say_of_themselves_is_told_with_the_rest(tmp_path):
    """Two ways by half and a length by half, beside fields that are missing."""
    path = tmp_path / "corridors.toml"
    path.write_text('[[itinerary]]\nways = [{ from = "a" }, {}]\nlengths = [{ km = 1, kind = "press", source = "s", to = "a" }]\n')
    faults = [fault.what for fault in read_records(path, "itinerary", Itinerary).faults]
    assert sum("is missing" in what for what in faults) == 5
    assert [what[:30] for what in faults if "is missing" not in what] == [
        "a way without `nodes` has both",
        "a way has `nodes`, a list of t",
        "a length has both `from` and `",
    ]


def test_every_message_reads_as_agreed(tmp_path):
    """After a change of words on purpose, `UPDATE_MESSAGES=1 pytest tests/test_facts.py` writes the file anew; read what it changed."""
    text = "".join(f"# {case}\n" + "".join(f"{line}\n" for line in told(tmp_path, case)) for case in CASES)
    if os.environ.get("UPDATE_MESSAGES"):
        GOLDEN.write_text(text, encoding="utf-8")
        pytest.skip(f"{GOLDEN.name} is written anew")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("reserved", ["corridors.toml", "", "border", "a.geojson\n"])
def test_an_input_is_a_geojson_file(tiny, reserved):
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    (tiny / "atlas.toml").write_text(text.replace('"border/border.geojson"', json.dumps(reserved)), encoding="utf-8")
    with pytest.raises(DataError, match="must be the path of a GeoJSON file"):
        Atlas.open(tiny)


def test_the_network_is_read_as_such_though_a_layer_is_made_of_it_too(tiny, edit):
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    (tiny / "atlas.toml").write_text(text.replace("points/sights.geojson", "network/nodes.geojson"), encoding="utf-8")
    with edit(tiny / "network" / "nodes.geojson") as document:
        del document["features"][0]["properties"]["kind"]
    (fault,) = Atlas.open(tiny).faults()
    assert fault.what.startswith("`kind` is missing")


def test_a_path_that_can_be_none_is_no_file(tmp_path):
    (fault,) = read_table(tmp_path / "a\0.toml", AtlasRecord).faults
    assert "cannot be read" in fault.what or "no such file" in fault.what


def test_heights_are_left_aside(tmp_path):
    path = tmp_path / "links.geojson"
    line = {"type": "LineString", "coordinates": [[1, 2, 3], [2, 2]]}
    path.write_text(collection([link(id="high", geometry=line)]), encoding="utf-8")
    frame = read_features(path, Features(LinkProperties)).whole()
    assert not frame.geometry.has_z.any()
    assert frame.to_crs("EPSG:3857").geometry.is_valid.all()


def test_a_limit_below_nothing_is_refused(tiny):
    text = (tiny / "atlas.toml").read_text(encoding="utf-8")
    (tiny / "atlas.toml").write_text(f"{text}\n[tolerance]\njunction_m = -1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"`tolerance.junction_m` must be a number of 0 or more, not -1"):
        Atlas.open(tiny)


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("points/crossings.geojson", {"accuracy_m": -5}, "`accuracy_m` must be a number of metres above 0, not -5"),
        ("border/border.geojson", {"accuracy_m": -5}, "`accuracy_m` must be a number of metres above 0, not -5"),
        ("network/nodes.geojson", {"population": -3}, "`population` must be a whole number of 0 or more, not -3"),
        ("network/nodes.geojson", {"country": "XX"}, "`country` must be a country of ISO 3166-1, or XZ for the high seas; there is no XX"),
        ("points/crossings.geojson", {"mode": None}, "`mode` must be one of rail, road, sea, transfer, not null"),
        ("points/crossings.geojson", {"mode": ""}, '`mode` must be one of rail, road, sea, transfer, not ""'),
        ("points/crossings.geojson", {"name_ru": " "}, "`name_ru` must not be empty"),
        ("points/crossings.geojson", {"sources": ""}, "`sources` must not be empty"),
        ("points/crossings.geojson", {"accuracy_m": None}, "`accuracy_m` is missing: a number of metres above 0"),
        ("points/crossings.geojson", {"neighbour": None}, "`neighbour` is missing: a country's two letters"),
        (
            "points/crossings.geojson",
            {"neighbour": "XX"},
            "`neighbour` must be a country of ISO 3166-1, or XZ for the high seas; there is no XX",
        ),
        ("points/sights.geojson", {"name_en": None}, "`name_en` is missing: a text"),
        ("points/sights.geojson", {"sources": None}, "`sources` must be a text, not null"),
        ("points/sights.geojson", {"accuracy_m": None}, "`accuracy_m` is missing: a number of metres above 0"),
        ("points/sights.geojson", {"kind": ""}, "`kind` must not be empty"),
        ("border/border.geojson", {"accuracy_m": 0}, "`accuracy_m` must be a number of metres above 0, not 0"),
        ("border/border.geojson", {"name_en": ""}, "`name_en` must not be empty"),
    ],
)
def test_a_value_that_cannot_be_is_told_of_the_file_that_has_it(tiny, edit, name, values, told):
    with edit(tiny / name) as document:
        document["features"][0]["properties"] |= values
    with pytest.raises(DataError, match=re.escape(told)) as caught:
        write_layers(Atlas.open(tiny))
    assert caught.value.where.startswith(str(tiny / name))


def test_a_kind_is_asked_for_where_the_layer_tells_features_apart_by_it(tiny, edit):
    with edit(tiny / "points/sights.geojson") as document:
        document["features"][0]["properties"]["kind"] = None
    assert Atlas.open(tiny).faults() == []
    path = tiny / "atlas.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ('style = { symbol = { colour = "#a8790a"', 'style = { by = "kind", symbol = { colour = "#a8790a"'),
        ('input = "points/sights.geojson"', 'input = "points/sights.geojson"\nexpect_by = "kind"'),
    ):
        path.write_text(text.replace(old, new), encoding="utf-8")
        (fault,) = Atlas.open(tiny).faults()
        assert fault.what.startswith("`kind` is missing: a text")
        assert (str(fault.file), fault.feature) == (str(tiny / "points/sights.geojson"), "geyser")


def test_what_has_no_position_needs_no_accuracy_and_a_crossing_of_several_countries_no_neighbour(tiny, edit):
    with edit(tiny / "points/crossings.geojson") as document:
        lost = next(feature for feature in document["features"] if feature["geometry"] is None)["properties"]
        assert lost["accuracy_m"] is None
        lost["neighbour"] = None
    assert [fault.what[:24] for fault in Atlas.open(tiny).faults()] == ["`neighbour` is missing: "]
    for name, old, new in (
        ("atlas.toml", 'country = "IS"', 'country = ["IS", "FO"]'),
        ("border/outline.geojson", '"id"', '"country": "IS", "id"'),
    ):
        path = tiny / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert not [fault for fault in Atlas.open(tiny).faults() if "crossings" in str(fault.file)]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("sources.toml", 'title = "', 'title = " " # "'),
        ("sources.toml", 'publisher = "', 'publisher = "" # "'),
        ("atlas.toml", 'licence = "', 'licence = "" # "'),
    ],
)
def test_a_record_has_no_blank_where_a_text_must_be(tiny, file, old, new):
    path = tiny / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match="must not be empty"):
        write_layers(Atlas.open(tiny))


def test_an_unknown_source_of_a_length_is_told_and_nothing_stumbles(tiny):
    text = (tiny / "corridors.toml").read_text(encoding="utf-8")
    (tiny / "corridors.toml").write_text(
        text.replace('kind = "official"\nsource = "made-up"', 'kind = "official"\nsource = "nobody"'), encoding="utf-8"
    )
    write_layers(Atlas.open(tiny))
    findings = [finding for finding in check_atlas(Atlas.open(tiny)).findings if finding.file == str(tiny / "corridors.toml")]
    assert {(finding.code, finding.message) for finding in findings} == {("CM506", "names no source: 'nobody'")}


@pytest.mark.parametrize("name", ["nodes", "links"])
def test_of_a_network_without_features_nothing_follows(tiny, name):
    (tiny / "network" / f"{name}.geojson").write_text(collection([]), encoding="utf-8")
    assert [finding.message for finding in check_atlas(Atlas.open(tiny)).findings] == ["has no features"]


def test_of_a_record_whose_id_is_wrong_nothing_follows(tiny):
    text = (tiny / "corridors.toml").read_text(encoding="utf-8")
    (tiny / "corridors.toml").write_text(text.replace('id = "south"', 'id = "South"'), encoding="utf-8")
    assert [finding.code for finding in check_atlas(Atlas.open(tiny)).findings] == ["CM519"]


def test_a_single_fault_is_told_as_one(tiny, edit, run):
    with edit(tiny / "network" / "nodes.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [-22.5, 64.1]
    assert "faults in the facts" not in run("build", geodata=tiny).stderr


def test_what_is_whole_is_read_all_the_same(tmp_path):
    path = tmp_path / "links.geojson"
    path.write_text(collection(LINKS[:-1]), encoding="utf-8")
    reading = read_features(path, Features(LinkProperties, frozenset({"LineString"})))
    assert reading.value["id"].tolist() == ["road:a-b"]
    assert {"no-number", None} <= reading.lost
    with pytest.raises(DataError, match=r"\d+ faults in the facts"):
        reading.whole()


def test_a_fault_has_the_line_of_its_key(tmp_path):
    path = tmp_path / "corridors.toml"
    path.write_text(ITINERARIES, encoding="utf-8")
    lines = ITINERARIES.splitlines()
    faults = {fault.what.split("`")[1]: fault for fault in read_records(path, "itinerary", Itinerary).faults if "`" in fault.what}
    for key, spelled in {"mode": 'mode = "tram"', "lengths[1].km": "km = nan", "ways[1].nodes[1]": 'nodes = ["a", "B b"]'}.items():
        assert lines[faults[key].line - 1] == spelled
    path = tmp_path / "links.geojson"
    path.write_text(collection(LINKS[:-1]), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    by_feature = {fault.feature: fault for fault in read_features(path, Features(LinkProperties)).faults}
    assert lines[by_feature["no-number"].line - 1].strip() == '"accuracy_m": null,'
    assert by_feature["no-number"].column == lines[by_feature["no-number"].line - 1].index('"') + 1


def test_all_files_are_told_of_in_one_failing_build(tiny, edit):
    before = (tiny / "layers" / "links.geojson").read_bytes()
    with edit(tiny / "network" / "links.geojson") as document:
        del document["features"][0]["properties"]["mode"]
    with edit(tiny / "network" / "nodes.geojson") as document:
        del document["features"][0]["properties"]["name_ru"]
    for name in ("sources.toml", "corridors.toml", "statements.toml"):
        (tiny / name).write_text((tiny / name).read_text(encoding="utf-8") + "\nowner = 1\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        write_layers(Atlas.open(tiny))
    said = str(caught.value)
    for name in ("sources.toml", "corridors.toml", "statements.toml", "network/nodes.geojson", "network/links.geojson"):
        assert str(tiny / name) in said
    assert (tiny / "layers" / "links.geojson").read_bytes() == before


def test_one_blank_link_is_as_many_findings_as_it_has_faults(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["properties"] = dict.fromkeys(document["features"][0]["properties"])
    findings = check_atlas(Atlas.open(tiny)).findings
    assert {finding.code for finding in findings} == {"CM519"}
    assert sorted(finding.message.split("`")[1] for finding in findings) == [
        "accuracy_m",
        "country",
        "from",
        "id",
        "mode",
        "source",
        "status",
        "to",
    ]
    assert {finding.feature for finding in findings} == {"feature 0"}


def test_a_node_that_was_moved_takes_one_round(tiny, edit):
    with edit(tiny / "network" / "nodes.geojson") as document:
        (node,) = (feature for feature in document["features"] if feature["properties"]["id"] == "middle")
        node["geometry"]["coordinates"][1] += 0.01
    findings = [finding for finding in check_atlas(Atlas.open(tiny)).findings if finding.code == "CM503"]
    assert sorted(finding.feature for finding in findings) == ["road:middle-gate", "road:middle-south", "road:west-middle"]


def test_one_fault_is_told_once_though_others_follow_from_it(tiny, edit):
    """A node left out for its fault is no unknown node, nor its links' fault, nor that of their itineraries."""
    with edit(tiny / "network" / "nodes.geojson") as document:
        document["features"][0]["properties"]["accuracy_m"] = None
    assert [finding.code for finding in check_atlas(Atlas.open(tiny)).findings] == ["CM519"]


@pytest.mark.parametrize(
    ("kind", "geometry", "message"),
    [
        ("land", {"type": "GeometryCollection", "geometries": []}, "must be a MultiPolygon or Polygon, not a GeometryCollection"),
        ("river", {"type": "Point", "coordinates": [1, 2]}, "must be a LineString or MultiLineString, not a Point"),
        ("town", None, "has no geometry"),
    ],
)
@pytest.mark.parametrize("command", [("validate",), ("render", "-o", "page.html"), ("export", "qgis", "-o", "qgis")])
def test_a_backdrop_of_another_geometry_is_told_by_every_command(tiny, run, monkeypatch, kind, geometry, message, command):
    monkeypatch.chdir(tiny.parent)
    feature = {"type": "Feature", "geometry": geometry, "properties": {}}
    (tiny / "back.geojson").write_text(collection([feature]), encoding="utf-8")
    record = f'\n[[backdrop]]\nid = "back"\npath = "back.geojson"\nkind = "{kind}"\nlicence = "CC0-1.0"\nsource = "made-up"\n'
    (tiny / "atlas.toml").write_text((tiny / "atlas.toml").read_text(encoding="utf-8") + record, encoding="utf-8")
    result = run(*command, geodata=tiny)
    assert result.exit_code == 1
    assert message in result.output
    assert "unexpected" not in result.output


@pytest.mark.parametrize(
    ("column", "message"),
    [("fid", "no property may be called 'fid'"), ("Geom", "no property may be called 'Geom'"), ("Name_en", "differ only in case")],
)
def test_a_column_that_formats_cannot_hold_is_refused(tiny, edit, column, message):
    with edit(tiny / "points" / "sights.geojson") as document:
        document["features"][0]["properties"][column] = 1
    (finding,) = check_atlas(Atlas.open(tiny)).findings
    assert (finding.code, message in finding.message) == ("CM519", True)


def test_a_column_that_differs_in_case_from_one_the_build_makes_is_refused(tiny):
    text = (tiny / "corridors.toml").read_text(encoding="utf-8")
    (tiny / "corridors.toml").write_text(text.replace("number = 1\n", "number = 1\nproperties = { Length_km = 98.0 }\n"), encoding="utf-8")
    (finding,) = check_atlas(Atlas.open(tiny)).findings
    assert (finding.code, "differ only in case" in finding.message) == ("CM520", True)


def test_fifty_faults_among_a_thousand_links_are_told_in_one_run(tiny, edit, run):
    with edit(tiny / "network" / "nodes.geojson") as document:
        (first,) = (feature for feature in document["features"] if feature["properties"]["id"] == "south")
        for number in range(1001):
            properties = first["properties"] | {"id": f"n{number}"}
            document["features"].append(first | {"id": f"n{number}", "properties": properties})
    spoil = [
        lambda link: link["properties"].pop("accuracy_m"),
        lambda link: link["properties"].update(accuracy_m=None),
        lambda link: link["properties"].update(mode="tram"),
        lambda link: link["properties"].update({"from": "nowhere"}),
        lambda link: link["geometry"]["coordinates"][0].__setitem__(1, 64.9),
        lambda link: link.update(geometry=None),
        lambda link: link["properties"].update(source="nobody"),
        lambda link: link["properties"].update(country="Iceland"),
        lambda link: link["properties"].update(status=7),
        lambda link: link["properties"].update(to=None),
    ]
    spoiled = []
    with edit(tiny / "network" / "links.geojson") as document:
        lon, lat = first["geometry"]["coordinates"]
        line = {"type": "LineString", "coordinates": [[lon, lat], [lon + 0.1, lat], [lon, lat]]}
        for number in range(1000):
            properties = {
                "id": f"road:{number}",
                "from": f"n{number}",
                "to": f"n{number + 1}",
                "mode": "road",
                "country": "IS",
                "status": "open",
            }
            properties |= {"accuracy_m": 10, "source": "made-up"}
            feature = {"type": "Feature", "geometry": json.loads(json.dumps(line)), "properties": properties}
            document["features"].append(feature)
            if number % 20 == 7:
                spoil[number // 20 % 10](feature)
                spoiled.append(properties["id"])
    start = time.monotonic()
    result = run("validate", geodata=tiny)
    seconds = time.monotonic() - start
    assert len(spoiled) == 50
    assert all(result.stdout.count(f"[feature {name}]") == 1 for name in spoiled)
    assert "50 errors" in result.stdout
    # The limit of the issue is 3 s; here it only keeps the reading from growing with the square.
    assert seconds < 30


def test_a_feature_with_a_geometry_of_no_type_is_called_by_its_id_and_its_fields_are_looked_at(tmp_path):
    path = tmp_path / "links.geojson"
    path.write_text(collection([link(id="curved", mode="train", geometry={"type": "Curve", "coordinates": []})]), encoding="utf-8")
    reading = read_features(path, Features(LinkProperties))
    assert {fault.feature for fault in reading.faults} == {"curved"}
    assert [fault.what.split(" must")[0].split(" of an")[0] for fault in reading.faults] == ["has a geometry", "`mode`"]
    assert reading.lost == {"curved"}
