"""``corridormap trace``: proposals beside the present lines, what is accepted, and what a newer extract would change."""

from __future__ import annotations

import csv
import json

import geopandas as gpd
import pytest
import shapely

from corridormap import geojson
from corridormap.atlas import Atlas
from corridormap.derive import write_layers
from corridormap.measure.itineraries import check_junctions
from corridormap.trace import Traced, Wanted
from corridormap.trace.review import _parts

ROAD = {"highway": "trunk", "ref": "R1"}
LINES = {
    1: [(-22.0, 64.1003), (-21.5, 64.14), (-21.0, 64.16), (-20.0, 64.0002)],
    2: [(-20.0, 64.0002), (-19.0, 63.89), (-18.0, 64.0001)],
    3: [(-18.0, 64.0001), (-17.0, 64.06), (-16.5, 64.2001)],
    4: [(-20.0, 64.0002), (-20.2, 63.7), (-20.1002, 63.4)],
}


def region(path, lines=LINES, tags=ROAD):
    """Write GeoJSON of ways, as people export them."""
    features = [
        {"type": "Feature", "id": f"way/{way}", "properties": tags, "geometry": {"type": "LineString", "coordinates": line}}
        for way, line in lines.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.fixture
def traced(run, tiny, tmp_path):
    """Run the command on the tiny atlas and a region of roads; give the result."""

    def call(*options, lines=LINES):
        return run("trace", region(tmp_path / "region.geojson", lines), "--mode", "road", *options, geodata=tiny)

    return call


def links(folder):
    return {feature["properties"]["id"]: feature for feature in geojson.read(folder / "network" / "links.geojson")["features"]}


@pytest.mark.slow
def test_proposals_lie_beside_the_present_lines_and_nothing_changes(traced, tiny, tmp_path):
    before = {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    result = traced("-o", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    rows = {row["id"]: row for row in answer["links"]}
    assert list(rows) == ["road:west-middle", "road:middle-gate", "road:gate-east", "road:middle-south"]
    west = rows["road:west-middle"]
    assert west["change_km"] == pytest.approx(west["length_km"] - west["was_km"], abs=2e-3)
    assert 500 < west["off_p95_m"] <= west["off_max_m"] < 2000
    assert (west["main"], west["gap_m"], west["doubts"], west["accuracy_m"]) == (1.0, 0.0, None, 20)
    assert before == {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    drawn = gpd.read_file(tmp_path / "out" / "proposals.geojson")
    assert list(drawn["id"]) == list(rows)
    with (tmp_path / "out" / "report.csv").open(encoding="utf-8") as stream:
        assert [row["id"] for row in csv.DictReader(stream)] == list(rows)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Links traced by corridormap trace" in page
    again = traced("-o", tmp_path / "out", "--json")
    assert again.stdout == result.stdout
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8") == page


def test_the_table_is_for_people(traced):
    result = traced()
    assert result.exit_code == 0
    assert "road:west-middle" in result.stdout
    assert "4 links traced on region.geojson, 0 with doubts" in result.stdout


def test_what_is_accepted_joins_its_nodes_is_locked_and_builds(traced, run, tiny, tmp_path):
    (tiny / "sources.toml").write_text((tiny / "sources.toml").read_text() + '\n[[source]]\nid = "osm"\ntitle = "OSM"\npublisher = "OSM"\n')
    result = traced("--accept", "road:west-middle", "--source", "osm", "--tolerance", "30")
    assert result.exit_code == 0, result.output
    found = links(tiny)
    west, gate = found["road:west-middle"], found["road:middle-gate"]
    assert (west["properties"]["source"], west["properties"]["accuracy_m"], west["properties"]["refs"]) == ("osm", 40, "R1")
    assert gate["properties"]["source"] == "made-up"
    # The node moved on to the road, and every link there with it.
    assert west["geometry"]["coordinates"][-1] == gate["geometry"]["coordinates"][0]
    assert west["geometry"]["coordinates"][-1] == pytest.approx([-20.0, 64.0001], abs=2e-4)
    assert west["geometry"]["coordinates"][-1] != [-20.0, 64.0]
    check_junctions(Atlas.open(tiny))
    lock = json.loads((tiny / "network" / "trace.lock.json").read_text())
    assert list(lock) == ["road:west-middle"]
    assert lock["road:west-middle"]["ways"][0] == "1"
    assert lock["road:west-middle"]["snaps"]["middle"] == pytest.approx(west["geometry"]["coordinates"][-1], abs=1e-5)
    assert lock["road:west-middle"]["extract"] == "region.geojson"
    write_layers(Atlas.open(tiny))
    check = traced("--check", "--tolerance", "30")
    assert (check.exit_code, "1 link traced" in check.stdout) == (0, True)
    moved = {**LINES, 1: [(-22.0, 64.1003), (-21.5, 64.145), (-21.0, 64.16), (-20.0, 64.0002)]}
    check = traced("--check", "--tolerance", "30", lines=moved)
    assert (check.exit_code, "would change: road:west-middle" in check.stdout) == (1, True)


def test_all_sound_links_are_accepted_and_those_in_doubt_are_not(traced, tiny):
    holed = {**LINES, 2: [(-20.0, 64.0002), (-19.0, 63.89), (-18.4, 63.95)]}
    result = traced("--accept-sound", "--json", lines=holed)
    assert result.exit_code == 0, result.output
    doubts = {row["id"]: row["doubts"] for row in json.loads(result.stdout)["links"]}
    assert "gap" in doubts["road:middle-gate"]
    assert sorted(json.loads((tiny / "network" / "trace.lock.json").read_text())) == sorted(set(doubts) - {"road:middle-gate"})
    assert links(tiny)["road:middle-gate"]["properties"]["accuracy_m"] == 200
    # By name it is, at the accuracy that a straight line over the gap has.
    assert traced("--accept", "road:middle-gate", lines=holed).exit_code == 0
    assert links(tiny)["road:middle-gate"]["properties"]["accuracy_m"] > 4000


def test_pinned_links_are_left_alone(traced, tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["properties"]["pinned"] = True
    before = links(tiny)["road:west-middle"]["geometry"]["coordinates"][1:-1]
    assert traced("--accept-sound").exit_code == 0
    assert links(tiny)["road:west-middle"]["geometry"]["coordinates"][1:-1] == before
    result = traced("--accept", "road:west-middle")
    assert result.exit_code == 2
    result = traced("--links", "road:west-middle")
    assert (result.exit_code, "is pinned" in result.stderr) == (2, True)


def test_a_pair_of_nodes_that_an_itinerary_lacks_is_traced_and_becomes_a_link(traced, run, tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        del document["features"][3]
    result = traced("--links", "road:south-middle", "--accept", "road:south-middle")
    assert (result.exit_code, "--source ID" in result.stderr) == (2, True)
    result = traced("--accept", "road:south-middle", "--source", "made-up")
    assert result.exit_code == 0, result.output
    link = links(tiny)["road:south-middle"]["properties"]
    assert (link["from"], link["to"], link["country"], link["status"]) == ("south", "middle", "IS", "open")
    assert run("build", geodata=tiny).exit_code == 0


def test_an_atlas_without_links_yet_gets_them_all(traced, tiny, run):
    (tiny / "network" / "links.geojson").unlink()
    result = traced("--accept-sound", "--source", "made-up")
    assert result.exit_code == 0, result.output
    assert sorted(links(tiny)) == ["road:gate-east", "road:middle-gate", "road:south-middle", "road:west-middle"]
    assert run("build", geodata=tiny).exit_code == 0


def test_a_link_that_crosses_the_outline_is_split_there(traced, tiny, run, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"] = [document["features"][0], document["features"][3]]
    with edit(tiny / "network" / "nodes.geojson") as document:
        document["features"] = [feature for feature in document["features"] if feature["id"] != "gate"]
    text = (
        (tiny / "corridors.toml")
        .read_text()
        .replace('"middle", "gate", "east"', '"middle", "east"')
        .replace('["middle", "gate"]', '["middle", "west"]')
    )
    (tiny / "corridors.toml").write_text(text)
    (tiny / "points" / "crossings.geojson").unlink()
    result = traced("--links", "road:middle-east", "--json")
    parts = json.loads(result.stdout)["links"]
    assert [(part["id"], part["country"]) for part in parts] == [
        ("road:middle-x-road-middle-east", "IS"),
        ("road:x-road-middle-east-east", "FO"),
    ]
    assert "crosses the outline" in parts[0]["doubts"]
    result = traced("--accept", "road:middle-east", "--source", "made-up")
    assert result.exit_code == 0, result.output
    atlas = Atlas.open(tiny)
    check_junctions(atlas)
    assert [step.id for step in atlas.route("south")[0]] == ["road:west-middle", *(part["id"] for part in parts)]
    border = atlas.nodes.loc["x-road-middle-east"]
    assert (border["name_en"], border["name_ru"], border["kind"]) == ("Middleton – Easting", "Миддлтон – Истинг", "crossing")
    outline = atlas.facts("border/outline.geojson").union_all()
    assert shapely.distance(border.geometry, outline.boundary) < 1e-4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--links", "road:nowhere"], "no road link"),
        (["--accept", "road:nowhere"], "no road link"),
        (["--links", "road:gate-east", "--accept", "road:west-middle"], "was not traced"),
        (["--links", "road:middle-west"], "that none joins"),
        (["--tolerance", "nan"], "Invalid value for '--tolerance'"),
        (["--accept", "road:west-middle", "--source", "nobody"], "no source 'nobody'"),
        (["--mode", "sea"], "Invalid value for '--mode'"),
    ],
)
def test_wrong_usage_is_told_and_nothing_written(traced, tiny, options, said):
    before = {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}
    result = traced(*options)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output
    assert before == {path: path.read_bytes() for path in tiny.rglob("*") if path.is_file()}


def test_a_broken_lock_is_named(traced, tiny):
    (tiny / "network" / "trace.lock.json").write_text('{"road:west-middle": {}}')
    result = traced()
    assert (result.exit_code, "trace.lock.json" in result.stderr, "Restore it" in result.stderr) == (1, True, True)


def test_two_links_between_the_same_places_are_ambiguous(traced, tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        old = json.loads(json.dumps(document["features"][0]).replace("road:west-middle", "road:old-west-middle"))
        document["features"].append(old)
    rows = {row["id"]: row["doubts"] for row in json.loads(traced("--json").stdout)["links"]}
    assert "another link joins the same places" in rows["road:west-middle"]
    assert "another link joins the same places" in rows["road:old-west-middle"]
    assert rows["road:middle-gate"] is None


def test_hostile_names_and_tags_do_no_harm(run, tiny, tmp_path):
    harm = "</script><script>window.__pwned=1</script>\x1b[31m"
    path = region(tmp_path / "region.geojson", {harm: LINES[1], "2": LINES[2]}, {**ROAD, "ref": harm, "name": harm})
    result = run("trace", path, "--mode", "road", "-o", tmp_path / "out", geodata=tiny)
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.stdout
    assert harm not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_nothing_to_trace_is_no_failure(traced, tiny):
    for options in (["--check"], ["--links", ""]):
        result = traced(*options)
        assert (result.exit_code, "0 links traced" in result.stdout) == (0, True), result.output
    away = {1: [(10.0, 50.0), (11.0, 50.0)]}
    assert traced("-o", tiny / "out", lines=away).exit_code == 0
    assert not (tiny / "out").exists()


def test_what_was_accepted_is_checked_by_its_own_tolerance_whatever_its_doubts(traced, tiny):
    holed = {**LINES, 2: [(-20.0, 64.0002), (-19.0, 63.89), (-18.4, 63.95)]}
    assert traced("--accept", "road:middle-gate,road:west-middle", "--tolerance", "500", lines=holed).exit_code == 0
    check = traced("--check", lines=holed)
    assert (check.exit_code, "2 links traced" in check.stdout) == (0, True), check.output
    # What lies beyond a smaller extract is said not to have been looked at.
    check = traced("--check", lines={4: LINES[4]})
    assert "not in this extract: road:middle-gate, road:west-middle" in check.stdout


def test_a_part_in_no_known_country_is_not_accepted(traced, tiny):
    abroad = {**LINES, 4: [(-20.0, 64.0002), (-14.0, 63.7), (-20.1002, 63.4)]}
    result = traced("--accept", "road:middle-south", lines=abroad)
    assert (result.exit_code, "lies abroad" in result.stderr) == (1, True), result.output
    assert not (tiny / "network" / "trace.lock.json").exists()


def test_a_line_that_touches_the_outline_or_is_soon_back_is_whole(tiny):
    atlas = Atlas.open(tiny)
    line = shapely.LineString([(-20.0, 64.0), (-19.0, 64.0)])
    whole = shapely.box(-21, 63.5, -18.5, 64.5)
    notch, touch = shapely.box(-19.505, 63.9, -19.5, 65), shapely.Polygon([(-19.5, 64.0), (-19.6, 64.2), (-19.4, 64.2)])
    for outline, parts in ((whole, 1), (whole - notch, 1), (whole - touch, 1), (shapely.box(-21, 63.5, -19.4, 64.5), 2)):
        one = Traced("l", line=line, metres=48_800.0)
        found = _parts(atlas, one, Wanted("l", "middle", "east"), None, {"IS": outline})
        assert len(found) == parts
        assert [doubt.kind for doubt in one.doubts] == ["country"] * (parts - 1)
    assert [country for _, country in found] == ["IS", "FO"]
