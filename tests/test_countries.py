"""An atlas of two countries: laid out, filled with two links and a crossing between, proven, shown; and what is told of one with faults."""

from __future__ import annotations

import csv
import json
import re
import shutil
import zipfile

import geopandas
import pytest
import shapely

from corridormap import words
from corridormap.atlas import Atlas
from corridormap.checks import check_atlas
from corridormap.derive import write_layers
from corridormap.errors import DataError
from corridormap.geodesic import lengths_km
from corridormap.geojson import LINE_DECIMALS
from corridormap.network.countries import Countries
from corridormap.trace import Traced, Wanted
from corridormap.trace.review import _parts

LAYER = """
[[layers]]
id = "crossings"
build = "crossings"
geometry = "Point"
input = "points/crossings.geojson"
group = "network"
licence = "CC0-1.0"
sources = ["example"]
name = { en = "Crossings", ru = "Переходы" }
summary = { en = "Where corridors cross a border.", ru = "Где коридоры пересекают границу." }
style = { symbol = { colour = "#b01237", shape = "diamond", size = 7.0 } }
"""


def feature(name, geometry, **properties):
    said = {"id": name, "source": "example", "accuracy_m": 5000.0, **properties}
    return {"type": "Feature", "geometry": json.loads(shapely.to_geojson(geometry)), "properties": said}


def write(path, *features):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), encoding="utf-8")


def on_the_border(folder, share):
    """Give a place on the boundary of the two countries, as far along it as is said."""
    boundaries = geopandas.read_file(folder / "context/boundaries.geojson").set_index("id").geometry
    at = boundaries["boundary:AZ-GE"].interpolate(share, normalized=True)
    return shapely.Point(round(at.x, LINE_DECIMALS), round(at.y, LINE_DECIMALS))


@pytest.fixture(scope="module")
def _two(tmp_path_factory):
    """An atlas that `new` made, with a road of two straight links between schematic places on either side of the border."""
    from click.testing import CliRunner

    from corridormap.cli import main

    folder = tmp_path_factory.mktemp("countries") / "two"
    made = CliRunner().invoke(main, ["new", str(folder), "--country", "AZ", "--country", "Georgia", "--lang", "en,ru"])
    assert made.exit_code == 0, made.output
    border = on_the_border(folder, 0.6)
    west, east = shapely.Point(border.x - 0.6, border.y + 0.4), shapely.Point(border.x + 0.8, border.y - 0.3)
    places = {
        "west": (west, {"kind": "town", "country": "GE", "name_en": "West", "name_ru": "Запад"}),
        "border": (border, {"kind": "crossing", "country": "AZ", "name_en": "Here – there", "name_ru": "Тут – там"}),
        "east": (east, {"kind": "town", "country": "AZ", "name_en": "East", "name_ru": "Восток"}),
    }
    write(folder / "network/nodes.geojson", *(feature(name, at, **said) for name, (at, said) in places.items()))
    links = [("west", "border", "GE"), ("border", "east", "AZ")]
    write(
        folder / "network/links.geojson",
        *(
            feature(
                f"road:{start}-{end}",
                shapely.LineString([places[start][0], places[end][0]]),
                **{"from": start, "to": end, "mode": "road", "country": country, "status": "open", "accuracy_m": 50_000.0},
            )
            for start, end, country in links
        ),
    )
    sides = {
        "home_en": "Here",
        "abroad_en": "There",
        "home_ru": "Тут",
        "abroad_ru": "Там",
        "name_en": "Here – There",
        "name_ru": "Тут – Там",
    }
    crossing = feature("border", border, mode="road", sources="example", **sides)
    del crossing["properties"]["source"]
    write(folder / "points/crossings.geojson", crossing)
    text = (folder / "corridors.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^nodes = .*$", 'nodes = ["west", "border", "east"]', text)
    (folder / "corridors.toml").write_text(text, encoding="utf-8")
    with (folder / "atlas.toml").open("a", encoding="utf-8") as file:
        file.write(LAYER)
    write_layers(Atlas.open(folder))
    return folder


@pytest.fixture
def two(tmp_path, _two):
    """A built copy of the atlas of two countries; change it freely."""
    return shutil.copytree(_two, tmp_path / "two")


def rules_of(folder):
    return sorted((finding.code, finding.feature) for finding in check_atlas(Atlas.open(folder), severity="error").findings)


def test_new_lays_out_two_countries(two):
    atlas = Atlas.open(two)
    assert atlas.record.members == ["AZ", "GE"]
    assert atlas.record.country_name["en"] == "Azerbaijan, Georgia"
    assert list(atlas.outlines) == ["AZ", "GE"]
    assert atlas.facts("border/outline.geojson")["country"].tolist() == ["AZ", "GE"]
    assert "boundary:AZ-GE" in set(atlas.facts("context/boundaries.geojson")["id"])
    assert set(atlas.facts("context/country.geojson")["name_ru"]) == {"Азербайджан", "Грузия"}


@pytest.mark.slow
def test_it_is_proven_and_shown(run, two):
    for command in (["build", "--check"], ["validate"], ["render", "-o", two / "page.html"], ["plot", "-o", two / "map.svg"]):
        done = run(*command, geodata=two)
        assert done.exit_code == 0, done.output
        if command == ["validate"]:
            assert "0 errors, 1 warning," in done.output  # the description is that of a new atlas
    assert "length_ge_km" in (two / "page.html").read_text(encoding="utf-8")


def test_lengths_by_country(two):
    atlas = Atlas.open(two)
    east, west = (float(lengths_km(atlas.links.geometry[[f"road:{name}"]].to_numpy())[0]) for name in ("border-east", "west-border"))
    (corridor,) = atlas.layer("corridors").to_dict("records")
    figures = [corridor[f"length_{name}km"] for name in ("", "az_", "ge_", "abroad_", "total_")]
    assert figures == pytest.approx([east + west, east, west, 0.0, east + west], abs=0.06)
    assert min(east, west) > 50
    with (two / "tables/lengths.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["country"], row["kind"]) for row in rows] == [("AZ", "whole"), ("GE", "whole"), ("GE", "section"), ("AZ", "section")]
    assert [float(row["measured_km"]) for row in rows[:2]] == pytest.approx([east, west], abs=0.06)


@pytest.mark.slow
def test_what_others_publish_of_the_whole_is_of_both(run, two):
    measured = Atlas.open(two).layer("corridors")["length_km"].iloc[0]
    for km, errors in ((measured, []), (measured * 1.5, [("CM505", "example")])):
        length = f'\n[[itinerary.lengths]]\nkm = {km}\nkind = "press"\nsource = "example"\n'
        text = (two / "corridors.toml").read_text(encoding="utf-8").partition("\n[[itinerary.lengths]]")[0]
        (two / "corridors.toml").write_text(text + length, encoding="utf-8")
        write_layers(Atlas.open(two))
        assert [found for found in rules_of(two) if found[0] == "CM505"] == errors
    rows = json.loads(run("lengths", "--json", geodata=two).stdout)
    assert [row["country"] for row in rows if row["kind"] == "press"] == ["AZ; GE"]


def test_columns_are_named_in_words(two):
    assert words.label("length_az_km", lang="en") == "Azerbaijan, measured, km"
    assert words.label("length_ge_km", lang="ru") == "Грузия, измерено, км"
    assert words.label("length_ge_km", lang="uk") == "Грузія, measured, km"  # there are no other words in Ukrainian
    assert words.label("length_zz_km", lang="en") == "ZZ, measured, km"
    assert words.description("length_ge_km") == "Measured length in Georgia, in kilometres."
    assert words.description("length_ge_km", lang="ru") is None
    package = json.loads((two / "datapackage.json").read_text(encoding="utf-8"))
    fields = {field["name"]: field for one in package["resources"] if one["name"] == "corridors" for field in one["schema"]["fields"]}
    assert fields["length_az_km"]["title"] == "Azerbaijan, measured, km"
    assert fields["length_az_km"]["type"] == "number"


def test_a_crossing_says_which_two_meet(two, edit):
    (crossing,) = Atlas.open(two).layer("crossings").to_dict("records")
    assert (crossing["country"], crossing["neighbour"]) == ("AZ", "GE")
    for told, other in (({"country": "GE"}, "AZ"), ({"country": "GE", "neighbour": "AZ"}, "AZ")):
        with edit(two / "points/crossings.geojson") as document:
            document["features"][0]["properties"].update(told)
        write_layers(Atlas.open(two))
        (crossing,) = Atlas.open(two).layer("crossings").to_dict("records")
        assert (crossing["country"], crossing["neighbour"]) == ("GE", other)


@pytest.mark.slow
def test_exports_name_the_lengths(run, two, tmp_path):
    done = run("export", "gpkg", "-o", tmp_path / "two.gpkg", geodata=two)
    assert done.exit_code == 0, done.output
    frame = geopandas.read_file(tmp_path / "two.gpkg", layer="corridors")
    assert {"length_az_km", "length_ge_km"} <= set(frame.columns)
    done = run("export", "qgis", "-o", tmp_path / "qgis", geodata=two)
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "qgis" / "az-ge.qgz") as archive:
        project = archive.read("az-ge.qgs").decode()
    assert "Georgia, measured, km" in project


def test_a_link_in_the_wrong_country_is_found(two, edit):
    with edit(two / "network/links.geojson") as document:
        document["features"][0]["properties"]["country"] = "AZ"
    write_layers(Atlas.open(two))
    # Where it lies, and that nothing changes at the crossing.
    assert rules_of(two) == [("CM504", "road:west-border"), ("CM507", "border")]
    with edit(two / "network/links.geojson") as document:
        document["features"][0]["properties"]["country"] = "AM"
    write_layers(Atlas.open(two))
    assert ("CM504", "road:west-border") in rules_of(two)


@pytest.mark.slow
def test_a_crossing_off_the_border_is_found(two, edit):
    """Also where it lies on the outline of one of the two: there it is not between them."""
    georgia = Atlas.open(two).outlines["GE"].boundary
    azerbaijan = Atlas.open(two).outlines["AZ"]
    coast = next(at for share in range(100) if (at := georgia.interpolate(share / 100, normalized=True)).distance(azerbaijan) > 0.5)
    for place in (shapely.Point(46.5, 40.5), coast):
        move(two, edit, "border", place)
        assert ("CM507", "border") in rules_of(two)
    move(two, edit, "border", on_the_border(two, 0.65))
    assert [code for code, _ in rules_of(two) if code == "CM507"] == []


def move(folder, edit, node, place):
    """Move a node with the ends of its links, and build."""
    at = [round(place.x, LINE_DECIMALS), round(place.y, LINE_DECIMALS)]
    with edit(folder / "network/nodes.geojson") as document:
        next(one for one in document["features"] if one["properties"]["id"] == node)["geometry"]["coordinates"] = at
    with edit(folder / "network/links.geojson") as document:
        for link in document["features"]:
            for end, vertex in (("from", 0), ("to", -1)):
                if link["properties"][end] == node:
                    link["geometry"]["coordinates"][vertex] = at
    write_layers(Atlas.open(folder))


def test_a_change_of_country_at_a_town_is_found(two, edit):
    with edit(two / "network/nodes.geojson") as document:
        document["features"][1]["properties"]["kind"] = "town"
    (two / "points/crossings.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    text = (two / "atlas.toml").read_text(encoding="utf-8")
    (two / "atlas.toml").write_text(text.removesuffix(LAYER), encoding="utf-8")
    write_layers(Atlas.open(two))
    assert rules_of(two) == [("CM507", "border"), ("CM517", None)]


def test_a_node_in_another_member_is_found(two, edit):
    with edit(two / "network/nodes.geojson") as document:
        document["features"][0]["properties"]["country"] = "AZ"
    write_layers(Atlas.open(two))
    assert rules_of(two) == [("CM512", "west")]


def outline_faults(folder):
    with pytest.raises(DataError) as caught:
        write_layers(Atlas.open(folder))
    return [(fault.what, fault.feature) for fault in caught.value.faults]


def test_an_outline_that_lacks_a_member_is_refused(two, edit):
    with edit(two / "border/outline.geojson") as document:
        georgia = document["features"].pop()
    assert outline_faults(two) == [("has no feature with the `country` GE", None)]
    assert ("CM519", None) in rules_of(two)
    georgia["properties"]["country"] = "AM"
    with edit(two / "border/outline.geojson") as document:
        document["features"].append(georgia)
    assert outline_faults(two) == [("`country` must be one of AZ, GE, not AM", "outline:GE")]
    del georgia["properties"]["country"]
    with edit(two / "border/outline.geojson") as document:
        document["features"][1] = georgia
    ((what, name),) = outline_faults(two)
    assert what.startswith("`country` is missing: a country's two letters")
    assert name == "outline:GE"


@pytest.mark.parametrize(
    ("country", "message"),
    [
        ('["AZ", "AZ"]', "country: 'AZ' is given twice"),
        ("[]", "must be"),
        ('["AZ", "Georgia"]', "must be a country's two letters"),
        ("7", "must be"),
    ],
)
def test_members_that_are_none_are_refused(two, country, message):
    text = (two / "atlas.toml").read_text(encoding="utf-8")
    (two / "atlas.toml").write_text(text.replace('country = ["AZ", "GE"]', f"country = {country}"), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(message)) as caught:
        Atlas.open(two)
    assert caught.value.line in {1, 7}


def test_one_country_in_a_list_is_as_one(two):
    text = (two / "atlas.toml").read_text(encoding="utf-8")
    (two / "atlas.toml").write_text(text.replace('country = ["AZ", "GE"]', 'country = ["AZ"]'), encoding="utf-8")
    atlas = Atlas.open(two)
    assert list(atlas.outlines) == ["AZ"]
    assert write_layers(atlas)
    assert "length_az_km" not in atlas.layer("corridors").columns


def test_lines_that_are_brought_know_their_country(two):
    """And where they cross from one into the other, told once."""
    atlas = Atlas.open(two)
    places = atlas.nodes.geometry
    known = Countries(atlas)
    assert [known.of_point((places[name].x, places[name].y)) for name in ("west", "east")] == ["GE", "AZ"]
    country, borders = known.of_line(shapely.LineString([places["west"], places["east"]]), None)
    assert country in {"AZ", "GE"}
    assert len(borders) == len(set(borders)) >= 1
    boundary = atlas.facts("context/boundaries.geojson").set_index("id").geometry["boundary:AZ-GE"]
    assert all(boundary.distance(shapely.Point(at)) < 1e-4 for at in borders)


def test_a_traced_line_is_split_between_members(two):
    atlas = Atlas.open(two)
    places = atlas.nodes.geometry
    line = shapely.LineString([places["west"], places["border"], places["east"]])
    one = Traced("l", line=line, metres=1000 * float(lengths_km([line])[0]))
    parts = _parts(atlas, one, Wanted("l", "west", "east"), None, atlas.outlines)
    assert [country for _, country in parts] == ["GE", "AZ"]
    assert [doubt.kind for doubt in one.doubts] == ["country"]
