"""Files of lines, as people have them, become nodes and links."""

from __future__ import annotations

import json
import math
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely

from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, lengths_km
from corridormap.network.countries import Countries
from corridormap.network.lines import Told, make_network, position_id

# A cross with a branch, in the country of the tiny atlas, and a way beyond its eastern outline at 18° W.
ROADS = {
    "R1": [(-22.0, 63.5), (-21.0, 63.5), (-20.0, 63.5)],
    "R2": [(-21.0, 63.2), (-21.0, 63.5), (-21.0, 63.8)],
    "R3": [(-21.0, 63.8), (-20.5, 63.9)],
    "R4": [(-20.0, 63.5), (-17.0, 63.5)],
}


@pytest.fixture
def empty(tiny):
    """The tiny atlas without a network."""
    for path in (tiny / "network").iterdir():
        path.unlink()
    return tiny


def frame(lines, *, crs="EPSG:4326", **columns):
    shapes = [line if line is None or hasattr(line, "geom_type") else shapely.LineString(line) for line in lines]
    return gpd.GeoDataFrame(columns or {"row": range(len(shapes))}, geometry=shapes, crs=crs)


def roads(crs="EPSG:4326"):
    return frame(ROADS.values(), name=list(ROADS)).to_crs(crs)


def made(folder, lines, **told):
    told = {"source": "made-up", "accuracy_m": 50.0, "mode": "road", **told}
    return make_network(Atlas.open(folder), lines, Told(**told))


def kinds(result):
    return sorted({doubt.kind for doubt in result.review})


def network(folder):
    read = [json.loads((folder / "network" / f"{name}.geojson").read_text(encoding="utf-8"))["features"] for name in ("nodes", "links")]
    return [{feature["properties"]["id"]: feature for feature in features} for features in read]


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".kml"])
@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:32627"])
def test_files_of_all_formats_and_crs_give_one_network(run, empty, tmp_path, suffix, crs):
    """Web Mercator and UTM; GeoJSON and KML are always in longitude and latitude."""
    path = tmp_path / f"roads{suffix}"
    lines = roads("EPSG:4326" if suffix in {".geojson", ".kml"} else crs)
    lines.rename(columns={"name": "Name"} if suffix == ".kml" else {}).to_file(path)
    column = "Name" if suffix == ".kml" else "name"
    options = ["--mode", "road", "--source", "made-up", "--accuracy", "50", "--abroad", "FO", "--name", column]
    result = run("network", "from", path, *options, "--json", geodata=empty)
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    nodes, links = network(empty)
    start, cross = position_id(-22.0, 63.5), position_id(-21.0, 63.5)
    assert sorted(nodes) == sorted(json.loads(result.stdout)["nodes"])
    assert len(nodes) == 7
    first = links[f"road:{start}-{cross}"]
    assert first["geometry"]["coordinates"] == [[-22.0, 63.5], [-21.0, 63.5]]
    told = {"mode": "road", "status": "open", "country": "IS", "accuracy_m": 50.0, "source": "made-up", "name": "R1"}
    assert {key: first["properties"][key] for key in told} == told
    assert sorted(link["properties"]["name"] for link in links.values()) == ["R1", "R1", "R2", "R2", "R3", "R4"]
    assert links[f"road:{position_id(-20.0, 63.5)}-{position_id(-17.0, 63.5)}"]["properties"]["country"] == "IS"
    assert nodes[position_id(-17.0, 63.5)]["properties"]["country"] == "FO"
    (border,) = [doubt for doubt in json.loads(result.stdout)["review"] if doubt["kind"] == "border"]
    assert (border["lon"], border["lat"]) == pytest.approx((-18.0, 63.5), abs=0.01)


def test_layers_are_chosen_and_a_file_without_a_crs_is_asked_for_it(run, empty, tmp_path):
    path = tmp_path / "two.gpkg"
    roads().to_file(path, layer="main")
    roads().to_file(path, layer="other")
    options = ["--mode", "road", "--source", "made-up", "--accuracy", "50", "--dry-run"]
    result = run("network", "from", path, *options, geodata=empty)
    assert (result.exit_code, "main" in result.stderr, "other" in result.stderr) == (2, True, True)
    assert run("network", "from", path, "--layer", "main", *options, geodata=empty).exit_code == 0
    assert not (empty / "network" / "links.geojson").exists()
    shape = tmp_path / "plain.shp"
    roads().to_file(shape)
    shape.with_suffix(".prj").unlink()
    result = run("network", "from", shape, *options, geodata=empty)
    assert (result.exit_code, "names no CRS" in result.stderr) == (1, True)
    assert run("network", "from", shape, "--crs", "EPSG:4326", *options, geodata=empty).exit_code == 0


def test_points_name_nodes_and_validate_asks_for_the_other_names(empty):
    points = [shapely.Point(-22.0, 63.50005), shapely.Point(-20.0, 63.50005), shapely.Point(-19.0, 64.9)]
    names = {
        "name": [*ROADS, "Vestur", "Middle", "Lost"],
        "name_en": [None] * 4 + ["West", None, "Lost"],
        "id": [None] * 4 + ["west", "../x", "lost"],
    }
    lines = frame([*map(shapely.LineString, ROADS.values()), *points], kind=[None] * 4 + ["station", None, None], **names)
    result = made(empty, lines, name_lang="ru", abroad="FO", snap_m=20.0)
    result.write()
    nodes, _ = network(empty)
    west = nodes["west"]["properties"]
    assert (west["name_en"], west["name_ru"], west["kind"]) == ("West", "Vestur", "station")
    told = {doubt.kind: doubt for doubt in result.review}
    assert "'../x'" in told["id"].message
    assert told["id"].feature in nodes
    assert "row 7" in told["place"].message
    assert nodes[told["id"].feature]["properties"]["name_en"] is None
    unnamed = [doubt.feature for doubt in result.review if doubt.kind == "names"]
    assert sorted(unnamed) == sorted(set(nodes) - {"west"})
    findings = check_atlas(Atlas.open(empty)).findings
    assert any("`name_en` is missing" in finding.message for finding in findings)


def test_named_by_hand_it_builds(empty, edit, run):
    """From a file to a corridor by its termini: the names of nodes are all that is left to do."""
    made(empty, roads(), abroad="FO").write()
    with edit(empty / "network" / "nodes.geojson") as document:
        for number, feature in enumerate(document["features"]):
            feature["properties"] |= {"name_en": f"Town {number}", "name_ru": f"Город {number}"}
    start, end = position_id(-22.0, 63.5), position_id(-20.5, 63.9)
    text = f'[[itinerary.ways]]\nfrom = "{start}"\nto = "{end}"\n'
    head = 'layer = "corridors"\nmode = "road"\nsources = ["made-up"]\nname = { en = "One", ru = "Один" }\n'
    blocks = [f'[[itinerary]]\nid = "{name}"\nnumber = {number}\n{head}{text}' for number, name in enumerate(("south", "coast"), start=1)]
    (empty / "corridors.toml").write_text("".join(blocks), encoding="utf-8")
    assert run("build", geodata=empty).exit_code == 0
    assert Atlas.open(empty).way_nodes("south") == [[start, position_id(-21.0, 63.5), position_id(-21.0, 63.8), end]]
    broken = {finding.code for finding in check_atlas(Atlas.open(empty)).findings} & {"CM500", "CM501", "CM502", "CM503", "CM517"}
    assert broken == set()


def test_what_is_there_is_joined_and_stays_to_the_byte(tiny):
    before = {name: (tiny / "network" / f"{name}.geojson").read_text(encoding="utf-8").splitlines()[1:-1] for name in ("nodes", "links")}
    # From Southport, 3 m beside its node, to a place on the link from Westing to Middleton.
    line = [(-20.1, 63.40003), (-20.6, 63.6), (-21.0, 64.15)]
    result = made(tiny, frame([line, [(-20.6, 63.6), (-20.2, 63.75)]]))
    assert kinds(result) == ["names", "on a link"]
    (on,) = [doubt for doubt in result.review if doubt.kind == "on a link"]
    assert "road:west-middle" in on.message
    result.write()
    for name, lines in before.items():
        text = (tiny / "network" / f"{name}.geojson").read_text(encoding="utf-8")
        assert all(line.removesuffix(",") in text for line in lines)
    nodes, links = network(tiny)
    assert len(nodes) == 5 + 3
    (added,) = [link for name, link in links.items() if "south" in name and name != "road:middle-south"]
    assert [-20.1, 63.4] in added["geometry"]["coordinates"]
    with pytest.raises(DataError, match="3 of these links are there already: road:"):
        made(tiny, frame([line, [(-20.6, 63.6), (-20.2, 63.75)]]))


def test_the_order_of_rows_changes_nothing(empty):
    first, second = made(empty, roads()), made(empty, roads().iloc[::-1].reset_index(drop=True))
    assert first.nodes.text() == second.nodes.text()
    assert first.links.text() == second.links.text()


def test_a_column_tells_the_mode_and_other_modes_are_bridged(empty):
    lines = frame([ROADS["R1"], ROADS["R2"], ROADS["R3"], ROADS["R4"]], way=["rail", None, "canal", "road"])
    result = made(empty, lines, mode="road", mode_column="way")
    assert sorted(name.split(":")[0] for name in result.new_links) == ["rail", "road", "road"]
    (out,) = [doubt for doubt in result.review if doubt.kind == "left out"]
    assert "'canal' is none of rail, road, sea, transfer" in out.message
    with pytest.raises(UsageError, match="no column 'kind'"):
        made(empty, lines, mode=None, mode_column="kind")
    with pytest.raises(UsageError, match="mode of the lines is not known"):
        made(empty, lines, mode=None)


def test_an_atlas_without_an_outline_cannot_tell_the_country(empty):
    text = (empty / "atlas.toml").read_text(encoding="utf-8")
    (empty / "atlas.toml").write_text(text.replace('outline = "border/outline.geojson"\n', ""), encoding="utf-8")
    result = made(empty, roads())
    assert {doubt.feature for doubt in result.review if doubt.kind == "country"} == {*result.new_nodes, *result.new_links}
    result = made(empty, roads(), abroad="IS")
    assert {link["properties"]["country"] for link in result.links.features.values()} == {"IS"}


def test_a_backdrop_tells_another_country(empty):
    text = (empty / "atlas.toml").read_text(encoding="utf-8")
    backdrop = (
        '\n[[backdrop]]\nid = "countries"\npath = "border/others.geojson"\nkind = "country"\nlicence = "CC0-1.0"\nsource = "made-up"\n'
    )
    (empty / "atlas.toml").write_text(text + backdrop, encoding="utf-8")
    other = gpd.GeoDataFrame({"id": ["country:FO"]}, geometry=[shapely.box(-18.0, 63.0, -16.0, 65.0)], crs="EPSG:4326")
    other.to_file(empty / "border" / "others.geojson")
    result = made(empty, roads())
    assert result.nodes.features[position_id(-17.0, 63.5)]["properties"]["country"] == "FO"
    assert "country" not in kinds(result)


def test_wrong_usage_is_named(empty, run, tmp_path):
    for told, fault in (
        ({"source": "nobody"}, "no source 'nobody'"),
        ({"snap_m": 0.5}, "0.5 m is no tolerance"),
        ({"snap_m": math.nan}, "nan m is no tolerance"),
        ({"accuracy_m": 0.0}, "0 m is no accuracy"),
        ({"accuracy_m": math.inf}, "inf m is no accuracy"),
        ({"name_lang": "kk"}, "no language 'kk'"),
    ):
        with pytest.raises(UsageError, match=re.escape(fault)):
            made(empty, roads(), **told)
    with pytest.raises(DataError, match="no line can be used: row 1 has no geometry"):
        made(empty, frame([None]))
    options = ["--mode", "road", "--source", "made-up", "--accuracy", "50"]
    assert run("network", "from", tmp_path / "no.gpkg", *options, geodata=empty).exit_code == 1
    (tmp_path / "text.gpkg").write_text("no database", encoding="utf-8")
    result = run("network", "from", tmp_path / "text.gpkg", *options, geodata=empty)
    assert (result.exit_code, "cannot be read" in result.stderr) == (1, True)
    assert run("network", "from", tmp_path / "no.gpkg", *options, "--abroad", "xx", geodata=empty).exit_code == 2


def test_a_hostile_file_loses_only_what_is_no_line(empty, run, tmp_path):
    nasty = "\x1b[31mred\x07\u202e\n::error::x"
    shapes = [
        shapely.LineString([(-22, 63.5, 7.0), (-21, 63.5, 8.0)]),
        shapely.MultiLineString([[(-21, 63.5), (-20, 63.5)], [(-20.7, 63.6), (-20.2, 63.6)]]),
        shapely.LineString(),
        None,
        shapely.LineString([(-20, 63.7), (-20, 63.7)]),
        shapely.box(-20, 63, -19, 64),
        shapely.Point(-22, 63.5),
        shapely.GeometryCollection([shapely.LineString([(-21, 63.5), (-21, 63.3)]), shapely.Point(0, 0)]),
        shapely.LineString([(-22, 63.3), (-22.000001, 63.3)]),
    ]
    lines = gpd.GeoDataFrame({"name": [nasty] * len(shapes), "id": ["../../etc/passwd"] * len(shapes)}, geometry=shapes, crs="EPSG:4326")
    path = tmp_path / "hostile.gpkg"
    lines.to_file(path)
    options = ["--mode", "road", "--source", "made-up", "--accuracy", "50"]
    result = run("network", "from", path, *options, geodata=empty)
    assert result.exit_code == 0, result.output
    assert not set("\x1b\x07\u202e") & set(result.output)
    nodes, links = network(empty)
    assert len(links) == 4
    assert all(link["properties"]["name"] == "[31mred ::error::x" or "\x1b" not in link["properties"]["name"] for link in links.values())
    assert all(len(vertex) == 2 for link in links.values() for vertex in link["geometry"]["coordinates"])
    assert not any("/" in name for name in [*nodes, *links])
    again = run("network", "from", path, *options, geodata=empty)
    assert (again.exit_code, "4 of these links are there already" in again.stderr) == (1, True)


def test_a_second_line_between_nodes_that_a_link_of_another_name_joins(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][0]["id"] = document["features"][0]["properties"]["id"] = "road:old"
    result = made(tiny, frame([[(-22.0, 64.1), (-21.0, 63.9), (-20.0, 64.0)]]))
    assert result.new_nodes == [position_id(-21.0, 63.9)]
    assert result.new_links == [f"road:{position_id(-21.0, 63.9)}-middle", f"road:west-{position_id(-21.0, 63.9)}"]
    assert "parallel" in kinds(result)


def test_places_upon_each_other_or_on_a_node_are_left_out(tiny):
    spots = [shapely.Point(-20.0, 64.0), shapely.Point(-19.5, 64.5), shapely.Point(-19.5, 64.50001)]
    lines = frame(
        [shapely.LineString([(-20.0, 64.0), (-19.5, 64.5)]), *spots], name_en=[None, "A", "B", "C"], name_ru=[None, "А", "Б", "В"]
    )
    result = made(tiny, lines)
    assert [doubt.message for doubt in result.review if doubt.kind == "place"] == [
        f"row {row} lies where a node is already" for row in (2, 4)
    ]
    assert [result.nodes.features[name]["properties"]["name_en"] for name in result.new_nodes] == ["B"]


def test_lines_with_measures_are_read(run, empty, tmp_path):
    path = tmp_path / "measured.geojson"
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "LineString", "coordinates": [[-22, 63.5, 1, 5], [-21, 63.5, 1, 6]]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    result = run("network", "from", path, "--mode", "road", "--source", "made-up", "--accuracy", "50", geodata=empty)
    assert result.exit_code == 0, result.output
    assert [link["geometry"]["coordinates"] for link in network(empty)[1].values()] == [[[-22.0, 63.5], [-21.0, 63.5]]]


@pytest.mark.slow
@pytest.mark.parametrize("crossings", [True, False])
def test_a_thousand_lines_give_valid_links(empty, crossings):
    draw = np.random.default_rng(17)
    starts = draw.uniform([-23.5, 63.2], [-18.5, 64.8], (1000, 2))
    lines = [start + np.cumsum(draw.normal(0.0, 0.02, (6, 2)), axis=0) for start in starts]
    told = frame([shapely.LineString(line) for line in lines], name=[f"R{number}" for number in range(1000)])
    result = made(empty, told, crossings=crossings)
    result.write()
    nodes, links = network(empty)
    assert len(links) == len(result.new_links) >= 950
    ends = [(link["properties"]["from"], link["properties"]["to"]) for link in links.values()]
    assert all(start != end for start, end in ends)
    assert len({frozenset(pair) for pair in ends}) == len(ends)
    assert {node for pair in ends for node in pair} == set(nodes)
    for link in links.values():
        at = [nodes[link["properties"][key]]["geometry"]["coordinates"] for key in ("from", "to")]
        assert [link["geometry"]["coordinates"][end] for end in (0, -1)] == at
    # Hardly a metre is lost: what is shorter than the tolerance, and what runs twice.
    whole = lengths_km(told.geometry.to_numpy()).sum()
    assert result.length_km == pytest.approx(whole, rel=0.01)
    spots = np.array([node["geometry"]["coordinates"] for node in nodes.values()])
    assert distances_m(spots[:-1], spots[1:]).min() > 0.0


def test_a_port_off_the_coast_as_it_is_drawn_lies_in_its_country(run, tmp_path):
    """Batumi's position in GeoNames lies 84 m off the coast of Natural Earth, which is true to kilometres."""
    folder = tmp_path / "georgia"
    assert run("new", folder, "--country", "GE", "--lang", "en").exit_code == 0
    countries = Countries(Atlas.open(folder))
    assert countries.of_point((41.63060, 41.64077)) == "GE"
    assert countries.of_point((44.83, 41.69)) == "GE"
    # In Türkiye, on land beyond the border; and far out at sea.
    assert countries.of_point((41.65, 41.48)) is None
    assert countries.of_point((41.3, 41.8)) is None


def test_a_line_along_the_coast_as_it_is_drawn_leaves_no_country(run, tmp_path):
    folder = tmp_path / "estonia"
    assert run("new", folder, "--country", "EE", "--lang", "en").exit_code == 0
    countries = Countries(Atlas.open(folder))
    coast = shapely.LineString([(24.70, 59.40), (24.72, 59.47), (24.85, 59.47), (24.95, 59.44)])
    assert countries.shapes["EE"].boundary.intersects(coast)
    assert countries.of_line(coast, None) == ("EE", [])
    # Into Latvia it does.
    code, borders = countries.of_line(shapely.LineString([(25.0, 58.5), (25.0, 57.8)]), None)
    assert (code, len(borders)) == ("EE", 1)
    # By ship it leaves the country, but crosses no border on land.
    assert countries.of_line(shapely.LineString([(24.75, 59.35), (24.9, 59.8)]), "XZ") == ("XZ", [])


def test_the_file_itself_may_tell_accuracy_and_country(empty):
    shapes = [[(-21.0, 63.5), (-20.0, 63.5)], shapely.Point(-21.0, 63.5), shapely.Point(-20.0, 63.5)]
    columns = {"accuracy_m": [5.0, 7.0, None], "country": ["FO", "GL", "Iceland"], "id": [None, "a", "b"]}
    result = made(empty, frame(shapes, **columns))
    told = {name: (one["properties"]["accuracy_m"], one["properties"]["country"]) for name, one in result.nodes.features.items()}
    assert told == {"a": (7.0, "GL"), "b": (50.0, "IS")}
    assert [(one["properties"]["accuracy_m"], one["properties"]["country"]) for one in result.links.features.values()] == [(5.0, "FO")]
    for odd in ("x", "-3", math.inf, math.nan, 0):
        result = made(empty, frame(shapes, **columns | {"accuracy_m": [odd, "7", odd]}))
        assert [one["properties"]["accuracy_m"] for one in result.links.features.values()] == [50.0]
        assert result.nodes.features["a"]["properties"]["accuracy_m"] == 7.0


def test_latitude_before_longitude_is_hinted_at(empty):
    result = made(empty, frame([[(63.5, -21.0), (63.6, -20.0)], [(10.0, 10.0), (11.0, 10.0)]]))
    assert [doubt.message for doubt in result.review if doubt.kind == "outside"] == [
        "row 1 lies outside the extent; longitude comes first: is -21, 63.5 meant?",
        "row 2 lies outside the extent",
    ]


def test_parts_without_coordinates_are_left_out(empty):
    whole = shapely.MultiLineString([[(-21.0, 63.5), (-20.0, 63.5)]])
    odd = shapely.from_wkt("MULTILINESTRING ((-21 63.2, -20 63.2), EMPTY)")
    result = made(empty, frame([whole, odd]))
    assert len(result.new_links) == 2
    assert [doubt.message for doubt in result.review if doubt.kind == "left out"] == ["row 2 has a part without coordinates"]


@pytest.mark.parametrize("name", ["nodes", "links"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("[]", "is not a GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection"}', 'has no list "features"'),
        (
            (
                '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"id": "a"}, "geometry": '
                '{"type": "LineString", "coordinates": [["a", "b"], [1, 2]]}}]}'
            ),
            "a",
        ),
    ],
)
def test_a_broken_file_of_the_network_is_named_and_left_as_it_is(name, text, said, empty):
    path = empty / "network" / f"{name}.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"{name}\.geojson") as error:
        made(empty, roads())
    assert said in error.value.message
    assert [(one.name, one.read_text(encoding="utf-8")) for one in (empty / "network").iterdir()] == [(path.name, text)]


def test_links_without_their_nodes_are_refused(tiny):
    (tiny / "network" / "nodes.geojson").unlink()
    with pytest.raises(DataError, match=r"nodes\.geojson: no such file\n  Restore the nodes of links\.geojson"):
        made(tiny, roads())


def test_a_crs_of_heights_is_refused(run, tmp_path, empty):
    path = tmp_path / "lines.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame(geometry=[shapely.LineString(ROADS["R1"])]).to_file(path)
    options = ["--mode", "road", "--source", "made-up", "--accuracy", "50", "--crs", "EPSG:5773"]
    result = run("network", "from", path, *options, geodata=empty)
    assert (result.exit_code, "EPSG:5773 says nothing of where a place lies" in result.stderr) == (2, True)


def test_points_of_another_layer_name_nodes(run, empty, tmp_path):
    path = tmp_path / "two.gpkg"
    roads("EPSG:32627").to_file(path, layer="roads")
    frame([shapely.Point(-22.0, 63.5)], id=["west"], name_en=["West"], name_ru=["Запад"]).to_file(path, layer="towns")
    options = ["--mode", "road", "--source", "made-up", "--accuracy", "50", "--abroad", "FO"]
    result = run("network", "from", path, "--places", path, *options, geodata=empty)
    assert result.exit_code == 0, result.output
    assert network(empty)[0]["west"]["properties"]["name_ru"] == "Запад"


def test_lines_cut_at_the_180th_meridian_stay_within_and_others_are_listed(pacific):
    for name in ("nodes", "links"):
        (pacific / "network" / f"{name}.geojson").unlink()
    cut = [[(179.0, -19.0), (180.0, -19.2)], [(-180.0, -19.2), (-179.0, -19.4)], [(179.0, -18.0), (-179.0, -18.0)]]
    told = Told(source="example", accuracy_m=50.0, mode="sea", abroad="XZ")
    result = make_network(Atlas.open(pacific), frame([*map(shapely.LineString, cut)]), told)
    lines = {link["geometry"]["coordinates"][0][0]: link["geometry"]["coordinates"] for link in result.links.features.values()}
    assert lines[-180.0] == [[-180.0, -19.2], [-179.0, -19.4]]
    assert len(result.new_nodes) == 5
    (doubt,) = [doubt for doubt in result.review if doubt.kind == "meridian"]
    assert doubt.feature == f"sea:{position_id(179.0, -18.0)}-{position_id(-179.0, -18.0)}"
