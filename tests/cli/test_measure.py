import csv
import io
import json
import re
import shutil

import geopandas as gpd
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, box

from corridormap import geojson, measure
from corridormap.atlas import Atlas
from corridormap.cli import main

W = "EPSG:4326"
SUBCOMMANDS = sorted(main.get_command(None, "measure").commands)
GOOD = {
    "lengths": [],
    "by": ["south", "--by", "country"],
    "shared": [],
    "crossings": ["south", "coast"],
    "catchment": ["south", "--km", "20"],
    "border": [],
    "route": ["west", "east"],
    "closure": ["road:west-middle"],
    "isochrone": ["west", "--limit", "60", "--limit", "120"],
    "load": ["{files}/freight.csv"],
    "cut": ["south", "--from", "60", "--to", "10"],
    "events": ["south", "{files}/works.csv"],
    "nearest": ["{files}/places.geojson", "--corridor", "south", "--corridor", "coast"],
}


@pytest.fixture(scope="module")
def _written(tmp_path_factory):
    """Files of the user's own, in several formats."""
    tmp_path = tmp_path_factory.mktemp("files")
    lines = gpd.GeoDataFrame(
        {"kind": ["a", "b", "b"]}, geometry=[LineString([(-20, 63), (-19, 64)]), LineString([(-21, 64), (-20, 64)]), None], crs=W
    )
    lines.to_file(tmp_path / "lines.geojson")
    lines.to_crs("EPSG:3057").to_file(tmp_path / "lines.gpkg", layer="roads")
    lines.iloc[:1].to_crs("EPSG:3057").to_file(tmp_path / "lines.gpkg", layer="tracks", mode="a")
    lines.to_file(tmp_path / "lines.shp")
    (tmp_path / "lines.prj").unlink()
    gpd.GeoDataFrame({"name": ["Near", "Far"]}, geometry=[Point(-20, 64.01), Point(-10, 60)], crs=W).to_file(tmp_path / "places.geojson")
    gpd.GeoDataFrame({"side": ["west"]}, geometry=[box(-30, 60, -20, 70)], crs=W).to_file(tmp_path / "sides.geojson")
    (tmp_path / "works.csv").write_text("what,from_km,to_km\nrepair,10,30\ntoll,50,50\n", encoding="utf-8")
    (tmp_path / "freight.csv").write_text("origin,destination,tonnes\nwest,east,100\nsouth,west,50\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("what,from_km,to_km\nrepair,10,30\nlost,,50\n", encoding="utf-8")
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureCollection", "features": [')
    (tmp_path / "text.txt").write_text("no geometry at all")
    return tmp_path


@pytest.fixture
def files(tmp_path, _written):
    """Them in a folder of the test's own."""
    return shutil.copytree(_written, tmp_path, dirs_exist_ok=True)


def good(command, files):
    """The command with arguments that it takes."""
    return ["measure", command, *(argument.format(files=files) for argument in GOOD[command])]


def test_every_subcommand_is_tried():
    assert set(GOOD) == set(SUBCOMMANDS)


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_help_has_examples(run, command):
    result = run("measure", command, "--help")
    assert result.exit_code == 0
    assert re.search(rf"Examples:\n    corridormap measure {command}\b", result.output)
    assert run("measure").exit_code == 2


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_table_json_and_csv_say_the_same(run, tiny, files, command):
    arguments = good(command, files)
    shown, spoken, listed = (run(*arguments, *more, geodata=tiny) for more in ([], ["--json"], ["--csv"]))
    assert [result.exit_code for result in (shown, spoken, listed)] == [0, 0, 0], shown.output
    document = json.loads(spoken.stdout)
    # A note has no place in CSV; only ways over the network always have one.
    assert (command in {"route", "isochrone", "load"}) == ("note" in document)
    assert shown.stderr == spoken.stderr == ""
    assert listed.stderr == (f"note: {document['note']}\n" if "note" in document else "")
    assert document.get("note", "") in shown.stdout
    assert document["method"] in shown.stdout
    rows = list(csv.DictReader(io.StringIO(listed.stdout)))
    assert len(rows) == len(document["rows"]) > 0
    for row, record in zip(rows, document["rows"], strict=True):
        assert row == {name: "" if value is None else str(value) for name, value in record.items()}
    contradiction = run(*arguments, "--json", "--csv", geodata=tiny)
    assert contradiction.exit_code == 2
    assert "contradict" in contradiction.stderr


@pytest.mark.parametrize(
    "command", ["lengths", "shared", "crossings", "catchment", "route", "cut", "events", "nearest", "isochrone", "load"]
)
def test_geometry_goes_to_a_file(run, tiny, files, tmp_path, command):
    target, arguments = tmp_path / "out.geojson", good(command, files)
    result = run(*arguments, "-o", target, geodata=tiny)
    assert result.exit_code == 0, result.output
    assert str(target) in result.stdout
    frame = geojson.read_frame(target)
    rows = json.loads(run(*arguments, "--json", geodata=tiny).stdout)["rows"]
    assert len(frame) == len(rows)
    assert set(rows[0]) - {"lon", "lat"} <= set(frame.columns)
    assert frame.geometry.notna().all()
    before = target.read_bytes()
    assert run(*arguments, "-o", target, "--json", geodata=tiny).exit_code == 0
    assert target.read_bytes() == before


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_no_atlas(run, files, tmp_path, command):
    result = run(*good(command, files), geodata=tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "no such folder" in result.stderr


def test_locate_without_an_atlas(run, tmp_path):
    result = run("locate", "south", "--km", "1", geodata=tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "no such folder" in result.stderr


def test_lengths_of_corridors_and_files(run, tiny, files):
    rows = json.loads(run("measure", "lengths", "1", files / "lines.geojson", "--json", geodata=tiny).stdout)["rows"]
    assert [row["id"] for row in rows] == ["south/0", "0", "1", "2"]
    expected = measure.lengths(gpd.read_file(files / "lines.geojson"))["length_km"]
    assert [row["length_km"] for row in rows[1:3]] == pytest.approx(expected[:2].tolist(), abs=0.001)
    assert rows[3]["length_km"] is None
    projected = run("measure", "lengths", f"{files / 'lines.gpkg'}:roads", "--json", geodata=tiny)
    document = json.loads(projected.stdout)
    assert document["rows"][0]["length_km"] == rows[1]["length_km"]
    assert "reprojected from EPSG:3057" in document["note"]
    assert "reprojected from EPSG:3057" in run("measure", "lengths", f"{files / 'lines.gpkg'}:roads", "--csv", geodata=tiny).stderr
    shp = json.loads(run("measure", "lengths", files / "lines.shp", "--crs", W, "--json", geodata=tiny).stdout)["rows"]
    assert shp[0]["length_km"] == rows[1]["length_km"]
    krass = json.loads(run("measure", "lengths", "1", "--ellipsoid", "krass", "--json", geodata=tiny).stdout)["rows"]
    assert krass[0]["length_km"] > rows[0]["length_km"]


def test_by_counts_a_link_once(run, tiny, files):
    one, both = (
        json.loads(run("measure", "by", *names, "--by", "mode", "--json", geodata=tiny).stdout)["rows"]
        for names in (["south"], ["south", "south"])
    )
    assert one == both
    split = json.loads(
        run("measure", "by", files / "lines.geojson", "--areas", files / "sides.geojson", "--by", "side", "--json", geodata=tiny).stdout
    )["rows"]
    assert {row["side"] for row in split} == {"west", None}
    assert sum(row["share"] for row in split) == pytest.approx(1, abs=1e-3)


def test_places_are_listed(run, tiny, files, tmp_path):
    arguments = ["measure", "catchment", files / "lines.geojson", "--km", "10", "--places", files / "places.geojson"]
    assert json.loads(run(*arguments, "--json", geodata=tiny).stdout)["rows"][0]["places"] == 1
    (row,) = json.loads(run(*arguments, "--list", "--json", "-o", tmp_path / "near.geojson", geodata=tiny).stdout)["rows"]
    assert (row["name"], row["way"]) == ("Near", 1)
    assert row["offset_m"] == pytest.approx(1115, abs=2)
    assert geojson.read_frame(tmp_path / "near.geojson")["name"].tolist() == ["Near"]


def test_the_ground_about_a_place_that_is_named(run, tiny, files):
    shown = json.loads(run("measure", "catchment", "middle", "--km", "10", "--json", geodata=tiny).stdout)
    assert shown["rows"][0]["area_km2"] == pytest.approx(314.1, abs=0.2)
    (name,) = Atlas.open(tiny).nodes.query("id == 'middle'")["name_en"]
    by_name = json.loads(run("measure", "catchment", name.upper(), "--km", "10", "--json", geodata=tiny).stdout)
    assert by_name["rows"][0]["area_km2"] == shown["rows"][0]["area_km2"]
    assert by_name["note"] == f"{name.upper()} is middle"
    points = json.loads(run("measure", "catchment", files / "places.geojson", "--km", "10", "--json", geodata=tiny).stdout)
    assert points["rows"][0]["area_km2"] > 314
    result = run("measure", "catchment", "nowhere", "--km", "10", geodata=tiny)
    assert (result.exit_code, "'nowhere' is neither a corridor nor a place of the atlas" in result.output) == (2, True)


def test_properties_of_any_kind_are_written(run, tiny, tmp_path):
    path = tmp_path / "towns.geojson"
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-20, 64.01]}}
    feature["properties"] = {"tags": ["a", "b"], "since": "2020-01-02T03:04:05Z", "lon": 5, "big": True, "none": None, "nested": {"a": 1}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    out = tmp_path / "out.geojson"
    result = run("measure", "catchment", "south", "--km", "10", "--places", path, "--list", "--json", "-o", out, geodata=tiny)
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)["rows"]
    assert row["lon"] == -20
    kept = geojson.read(out)["features"][0]["properties"]
    assert "2020-01-02" in kept["since"]
    assert "a" in kept["tags"]
    assert kept["none"] is None


def test_an_atlas_without_a_number_or_a_corridor(run, tiny):
    path = tiny / "corridors.toml"
    path.write_text(re.sub(r"(?m)^number = .*\n", "", path.read_text(encoding="utf-8")), encoding="utf-8")
    rows = json.loads(run("measure", "lengths", "--json", geodata=tiny).stdout)["rows"]
    assert {row["target"] for row in rows} == {"south", "coast"}
    path.write_text("", encoding="utf-8")
    none = run("measure", "lengths", geodata=tiny)
    assert (none.exit_code, "the atlas has no corridor yet" in none.stderr) == (2, True)


def test_border_explains_itself(run, tiny, files):
    shown = run("measure", "border", geodata=tiny).stdout
    assert "need not contradict each other" in shown
    rows = json.loads(
        run("measure", "border", files / "lines.geojson", "--tolerance", "0", "--tolerance", "100", "--json", geodata=tiny).stdout
    )
    assert [row["tolerance_m"] for row in rows["rows"]] == [0.0, 100.0]
    assert rows["feature"] == "0"  # the longest
    assert "dimension" not in rows  # it has none, and NaN is no JSON
    assert json.loads(run("measure", "border", files / "lines.geojson", "--feature", "1", "--json", geodata=tiny).stdout)["feature"] == "1"


def test_border_of_the_country(run):
    shown = run("measure", "border").stdout
    assert "border:land: 7589.8 km as drawn" in shown
    assert "7591 km officially" in shown
    assert re.search(r"Each halving of the tolerance adds about \d\.\d %", shown)


def test_no_crossings_write_nothing(run, tiny, files, tmp_path):
    far = tmp_path / "far.geojson"
    gpd.GeoDataFrame(geometry=[LineString([(10, 10), (11, 10)])], crs=W).to_file(far)
    result = run("measure", "crossings", "south", far, "-o", tmp_path / "out.geojson", geodata=tiny)
    assert result.exit_code == 0
    assert "nothing to write" in result.stdout
    assert not (tmp_path / "out.geojson").exists()
    assert run("measure", "crossings", "south", far, "--csv", geodata=tiny).stdout.startswith("kind,way_a,km_a")


def test_locate_there_and_back(run, tiny, tmp_path):
    target = tmp_path / "posts.geojson"
    rows = json.loads(run("locate", "south", "--km", "10", "--km", "0", "--json", "-o", target, geodata=tiny).stdout)["rows"]
    assert [row["km"] for row in rows] == [10.0, 0.0]
    assert rows[1]["before"] == "west"
    at = f"{rows[0]['lon']},{rows[0]['lat']}"
    (back,) = json.loads(run("locate", "1", "--at", at, "--json", geodata=tiny).stdout)["rows"]
    assert back["km"] == pytest.approx(10, abs=0.001)
    assert back["offset_m"] < 0.2
    assert len(geojson.read_frame(target)) == 2
    assert "middle" in run("locate", "south", "--km", "10", geodata=tiny).stdout
    assert run("locate", "coast", "--km", "1", "--way", "1", "--csv", geodata=tiny).stdout.startswith("km,link,country")


def test_points_of_a_file_keep_what_they_say(run, tiny, files):
    rows = json.loads(run("locate", "south", "--points", files / "places.geojson", "--json", geodata=tiny).stdout)["rows"]
    assert [row["name"] for row in rows] == ["Near", "Far"]
    assert rows[0]["km"] == pytest.approx(measure.chainage("south", points=(-20, 64.01), atlas=Atlas.open(tiny)).km.item(), abs=0.001)
    near = json.loads(run("measure", "nearest", files / "places.geojson", "--json", geodata=tiny).stdout)["rows"]
    assert [(row["name"], row["corridor"]) for row in near] == [("Near", "south"), ("Far", "south")]
    shown = run("measure", "nearest", files / "places.geojson", geodata=tiny).stdout
    assert shown.splitlines()[0].split()[:2] == ["name", "corridor"]


def test_events_that_are_not_on_the_line_may_stay_empty(run, tiny, files):
    result = run("measure", "events", "south", files / "bad.csv", "--lenient", "--json", geodata=tiny)
    assert [row["length_km"] for row in json.loads(result.stdout)["rows"]] == [20.0, None]


def test_a_table_may_speak_of_many_corridors(run, tiny, tmp_path):
    table = tmp_path / "works.csv"
    table.write_text("corridor,from_km,to_km\nsouth,10,30\n2,5,6\n", encoding="utf-8")
    rows = json.loads(run("measure", "events", table, "--route", "corridor", "--json", geodata=tiny).stdout)["rows"]
    assert [row["length_km"] for row in rows] == [20.0, 1.0]


def test_a_stretch_may_run_backwards(run, tiny):
    (row,) = json.loads(run("measure", "cut", "south", "--from", "60", "--to", "10", "--json", geodata=tiny).stdout)["rows"]
    assert (row["from_km"], row["to_km"], row["length_km"]) == (60.0, 10.0, 50.0)


def test_locate_on_a_line_of_ones_own(run, tiny, tmp_path):
    path = tmp_path / "two.geojson"
    gpd.GeoDataFrame(geometry=[MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]])], crs=W).to_file(path)
    document = json.loads(run("locate", path, "--km", "150", "--json", geodata=tiny).stdout)
    assert document["rows"][0]["lon"] == pytest.approx(2.347473, abs=1e-6)
    assert "gaps" in document["note"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["measure", "fly"], 2, "No such command"),
        (["measure", "lengths", "north"], 2, "'north' is neither a corridor nor a file"),
        (["measure", "lengths", "road:west"], 2, "'road:west' is neither a corridor nor a file"),
        (["measure", "lengths", "nowhere/roads"], 2, "'nowhere/roads' is neither a corridor nor a file"),
        (["measure", "lengths", "nowhere.gpkg"], 1, "nowhere.gpkg: no such file"),
        (["measure", "lengths", "nowhere.gpkg:roads"], 1, "nowhere.gpkg: no such file"),
        (["measure", "lengths", "broken.geojson"], 1, "broken.geojson: cannot be read"),
        (["measure", "lengths", "text.txt"], 1, "text.txt: cannot be read"),
        (["measure", "lengths", "lines.shp"], 1, "lines.shp: names no CRS\n  Say it, for longitude and latitude: --crs EPSG:4326."),
        (["measure", "lengths", "lines.shp", "--crs", "EPSG:0"], 2, "no CRS 'EPSG:0'"),
        (["measure", "lengths", "lines.gpkg"], 2, "has several layers of lines\n  Name one: lines.gpkg:roads; also tracks."),
        (["measure", "lengths", "lines.gpkg:paths"], 2, "has no layer 'paths'\n  Layers are: roads, tracks."),
        (["measure", "lengths", "south", "--ellipsoid", "flat"], 2, "no ellipsoid 'flat'"),
        (["measure", "lengths", "south", "-o", "."], 1, "is a folder"),
        (["measure", "by", "south"], 2, "Missing option '--by'"),
        (["measure", "by", "south", "--by", "colour"], 2, "no column 'colour'"),
        (["measure", "by", "south", "--by", "side", "--areas", "nowhere.geojson"], 1, "no such file"),
        (["measure", "shared", "north"], 2, "no itinerary 'north'"),
        (["measure", "shared", "--matrix", "-o", "m.geojson"], 2, "a matrix has no geometry"),
        (["measure", "crossings", "south"], 2, "Missing argument"),
        (["measure", "crossings", "south", "places.geojson"], 1, "holds no line"),
        (["measure", "catchment", "south"], 2, "Missing option '--km'"),
        (["measure", "catchment", "south", "--km", "0"], 2, "--km"),
        (["measure", "catchment", "south", "--km", "nan"], 2, "nan"),
        (["measure", "catchment", "south", "--km", "5", "--places", "lines.geojson"], 1, "something else than points"),
        (["measure", "border", "--tolerance", "-1"], 2, "--tolerance"),
        (["measure", "border", "--tolerance", "nan"], 2, "tolerances must be metres"),
        (["measure", "border", "--feature", "north"], 2, "no feature 'north'"),
        (["measure", "border", "places.geojson"], 1, "holds no line"),
        (["measure", "route", "west", "atlantis"], 2, "no place 'atlantis'"),
        (["measure", "route", "west", "east", "--mode", "air"], 2, "no links of mode 'air'"),
        (["measure", "route", "west", "east", "--without", "x"], 2, "no link 'x'"),
        (["locate", "south"], 2, "give one of --km, --at or --points"),
        (["locate", "south", "--km", "1", "--at", "-20,64"], 2, "give one of --km, --at or --points"),
        (["locate", "south", "--points", "places.geojson", "--at", "-20,64"], 2, "give one of"),
        (["locate", "south", "--points", "nowhere.geojson"], 1, "no such file"),
        (["locate", "south", "--points", "lines.geojson"], 1, "something else than points"),
        (["measure", "cut", "south", "--from", "1"], 2, "Missing option '--to'"),
        (["measure", "cut", "south", "--from", "1", "--to", "1"], 2, "has no length"),
        (["measure", "cut", "south", "--from", "-1", "--to", "1"], 2, "km -1 is not on south"),
        (["measure", "events", "south", "nowhere.csv"], 1, "nowhere.csv: no such file"),
        (["measure", "events", "south", "."], 1, ".: cannot be read"),
        (["measure", "events", "south", "bad.csv"], 2, "km nan is not on south (row 1)"),
        (["measure", "events", "south", "works.csv", "--from", "start"], 2, "the table has no column 'start'"),
        (["measure", "events", "south", "works.csv", "--from", "what"], 2, "must hold numbers"),
        (["measure", "events", "works.csv"], 2, "give TARGET and FILE, or FILE and --route"),
        (["measure", "events", "south", "works.csv", "--route", "what"], 2, "give TARGET and FILE, or FILE and --route"),
        (["measure", "events", "works.csv", "--route", "waht"], 2, "the table has no column 'waht'\n  Did you mean 'what'?"),
        (["measure", "closure", "road:west"], 2, "no link 'road:west'"),
        (["measure", "route", "west", "east", "--speed", "road"], 2, "is no MODE=KMH"),
        (["measure", "route", "west", "east", "--speed", "rail=40"], 2, "speed"),
        (["measure", "isochrone", "west"], 2, "Missing option '--limit'"),
        (["measure", "isochrone", "west", "--limit", "0"], 2, "limit"),
        (["measure", "isochrone", "atlantis", "--limit", "5"], 2, "no place 'atlantis'"),
        (["measure", "load", "works.csv"], 1, "the tonnes"),
        (["measure", "load", "nowhere.csv"], 1, "no such file"),
        (["measure", "nearest"], 2, "give either FILE or --at"),
        (["measure", "nearest", "places.geojson", "--at", "-20,64"], 2, "give either FILE or --at"),
        (["measure", "nearest", "--at", "-20,64", "--corridor", "north"], 2, "no itinerary 'north'"),
        (["locate", "south", "--km", "1e6"], 2, "km 1e+06 is not on south"),
        (["locate", "south", "--km", "nan"], 2, "km nan is not on south"),
        (["locate", "south", "--km", "four"], 2, "not a valid float"),
        (["locate", "south", "--at", "64"], 2, "is no LON,LAT"),
        (["locate", "south", "--at", "-20,164"], 2, "longitude comes first"),
        (["locate", "south", "--km", "1", "--way", "7"], 2, "has no way 7"),
        (["locate", "lines.geojson", "--km", "1"], 1, "2 lines where one is wanted"),
        (["locate", "north", "--km", "1"], 2, "neither a corridor nor a file"),
    ],
)
def test_wrong_usage(run, tiny, files, monkeypatch, arguments, code, message):
    monkeypatch.chdir(files)
    before = sorted(path.name for path in files.iterdir())
    result = run(*arguments, geodata=tiny)
    assert message in result.stderr
    assert result.exit_code == code
    assert result.stdout == ""
    assert "Traceback" not in result.output
    assert "unexpected" not in result.stderr
    assert sorted(path.name for path in files.iterdir()) == before


def test_hours_are_counted_at_the_speed_that_is_said(run, tiny):
    document = json.loads(run("measure", "route", "west", "east", "--speed", "road=50", "--via", "middle", "--json", geodata=tiny).stdout)
    assert document["hours"] == pytest.approx(document["length_km"] / 50)
    reach = run("measure", "isochrone", "west", "--limit", "1", "--speed", "road=50", "--json", geodata=tiny)
    assert sum(row["length_km"] for row in json.loads(reach.stdout)["rows"]) == pytest.approx(50, abs=0.01)


def test_tonnes_go_the_way_that_is_left(run, tiny, files):
    document = json.loads(run("measure", "load", files / "freight.csv", "--json", geodata=tiny).stdout)
    assert {row["link"]: row["tonnes"] for row in document["rows"]}["road:west-middle"] == 150
    assert (document["tonnes"], document["served"]) == (150, 150)
    closed = json.loads(run("measure", "load", files / "freight.csv", "--without", "road:middle-gate", "--json", geodata=tiny).stdout)
    assert closed["unserved"] == [["west", "east", 100.0]]


def test_no_way_is_a_finding(run, tiny):
    result = run("measure", "route", "west", "east", "--without", "road:middle-gate", geodata=tiny)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no way joins west and east" in result.stderr


def test_a_gpx_has_many_layers_and_only_those_with_lines_count(run, tiny, tmp_path):
    path = tmp_path / "walk.gpx"
    path.write_text(
        '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Walk</name><trkseg>'
        '<trkpt lat="64" lon="-20"><ele>5</ele></trkpt><trkpt lat="64" lon="-19"><ele>9</ele></trkpt></trkseg></trk></gpx>'
    )
    (row,) = json.loads(run("measure", "lengths", path, "--json", geodata=tiny).stdout)["rows"]
    assert row["length_km"] == pytest.approx(measure.lengths(shapely.LineString([(-20, 64), (-19, 64)]))["length_km"].item(), abs=0.001)
