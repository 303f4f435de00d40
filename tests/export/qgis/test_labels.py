"""Labels in QGIS, without QGIS: which layers have them, where they stand, and what an expression says of a feature at a scale."""

import math
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing

import pytest

from corridormap.cartography.labels import plain, ranks, town_name, town_rank
from corridormap.cartography.symbols import TABLE, symbol_of
from corridormap.export import Bundle
from corridormap.export.qgis.contents import Contents
from corridormap.export.qgis.labels import labelling
from corridormap.export.qgis.project import project as text_of_project
from corridormap.export.qgis.qxml import constants, one_of
from corridormap.export.qgis.told import by_feature, label_ranks
from corridormap.geodesic import geod

pytestmark = pytest.mark.slow

LINE, CURVED, LEVEL, AROUND = "2", "3", "4", "6"
"""QGIS's numbers for where a label stands: along a line, curved along it, level on a line or within an area, around a point."""
SETTINGS = {
    # layer: (placement, distance, repeated after mm, priority, size, weight, wrapped after, smallest scale)
    "corridors": (CURVED, 1, 120, 5, 8, 50, 0, 4_000_000),
    "corridors: shields": (LEVEL, 1, 55, 9, 7.5, 75, 0, 60_000_000),
    "north_south": (CURVED, 1, 0, 5, 8, 50, 0, 20_000_000),
    "middle_corridor": (CURVED, 1, 0, 5, 8, 50, 0, 20_000_000),
    "works": (CURVED, 1, 0, 5, 8, 50, 0, 20_000_000),
    "we_wc_segment": (CURVED, 1, 0, 5, 8, 50, 0, 20_000_000),
    "border": (LINE, 1, 0, 5, 8, 50, 0, 1_500_000),
    "network_links": (LINE, 1, 0, 5, 8, 50, 0, 750_000),
    "border_points": (AROUND, 0.6, 0, 5, 8, 50, 28, 60_000_000),
    "crossings": (AROUND, 0.6, 0, 5, 8, 50, 28, 60_000_000),
    "venues": (AROUND, 0.6, 0, 5, 8, 50, 28, 60_000_000),
    "places": (AROUND, 0.6, 0, 5, 8, 50, 28, 60_000_000),
    "backdrop_towns": (AROUND, 0.6, 0, 1, 7, 50, 0, 60_000_000),
    "backdrop_labels": (LEVEL, 1, 0, 7, 8.5, 75, 0, 60_000_000),
    "backdrop_lakes": (LEVEL, 1, 0, 2, 7, 50, 0, 6_000_000),
}
POINTS = [layer for layer, settings in SETTINGS.items() if settings[0] == AROUND and layer != "backdrop_towns"]
UNNAMED = {"id": "somewhere"}


@pytest.fixture(scope="module")
def project(atlas):
    bundle = Bundle.of(atlas, lang="ru")
    contents = Contents.of(bundle)
    contents.places = dict.fromkeys([*bundle.counts, *(item.name for item in [*contents.tables, *contents.grounds])], "./nowhere")
    return ET.fromstring(text_of_project(contents).split("\n", 1)[1])


@pytest.fixture(scope="module")
def settings(project):
    """Layer → the settings of its labels, of their names if they have several rules."""
    layers = {layer.findtext("id").removeprefix("kazakhstan_"): layer for layer in project.iter("maplayer")}
    found = {name: list(layer.iter("settings")) for name, layer in layers.items()}
    return {name: each[-1] for name, each in found.items() if each} | {
        f"{name}: shields": each[0] for name, each in found.items() if len(each) > 1
    }


@pytest.fixture
def asked():
    """Evaluate a QGIS expression for a feature at a scale, in SQL, which has the same CASE, IN, || and coalesce."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.create_function("if", 3, lambda test, one, other: one if test else other)
        connection.create_function("to_string", 1, lambda value: None if value is None else f"{value:g}")
        connection.create_function("upper", 1, lambda text: text and text.upper())
        connection.create_function("array_contains", 2, lambda names, name: name in names.split())

        def ask(expression, row, scale=1, layers=""):
            columns = ", ".join(f'? AS "{name}"' for name in row)
            values = [None if value != value else value for value in row.values()]  # noqa: PLR0124  NaN
            query = expression.replace("@map_scale", str(scale)).replace("@map_layer_ids", f"'{layers}'")
            return connection.execute(f"SELECT {query} FROM (SELECT {columns})", values).fetchone()[0]  # noqa: S608

        yield ask


def rows_of(atlas, layer):
    frame = atlas.layer(layer)
    return [
        {name: getattr(value, "item", lambda value=value: value)() for name, value in row.items()}
        for row in frame.drop(columns="geometry").to_dict("records")
    ]


def text_of(settings):
    return settings.find("text-style").get("fieldName")


def defined(settings):
    """Property → the expression that decides it."""
    maps = [option for option in settings.find("dd_properties").iter("Option") if option.find("Option[@name='expression']") is not None]
    assert all(option.find("Option[@name='active']").get("value") == "true" for option in maps)
    return {option.get("name"): option.find("Option[@name='expression']").get("value") for option in maps}


def name_of(row):
    return row.get("city_ru") or row["name_ru"]


def test_layers_towns_and_names_of_countries_have_labels_tables_and_areas_none(project, settings, atlas):
    switched = {layer.findtext("id").removeprefix("kazakhstan_") for layer in project.iter("maplayer") if layer.get("labelsEnabled") == "1"}
    assert switched == set(settings) - {"corridors: shields"}
    assert set(settings) == set(SETTINGS)
    assert {layer.id for layer in atlas.layers} == {name for name in switched if not name.startswith("backdrop_")}


@pytest.mark.parametrize("layer", SETTINGS)
def test_how_labels_stand(settings, layer):
    placement, style, rendering = (settings[layer].find(tag) for tag in ("placement", "text-style", "rendering"))
    found = [placement.get("placement"), placement.get("dist"), placement.get("repeatDistance"), placement.get("priority")]
    found += [
        style.get("fontSize"),
        style.get("fontWeight"),
        settings[layer].find("text-format").get("autoWrapLength"),
        rendering.get("scaleMax"),
    ]
    assert [found[0], *map(float, found[1:])] == list(SETTINGS[layer])
    # On the line or above it, the right way up; around a point first to its right.
    assert placement.get("placementFlags") == "11"
    assert placement.get("predefinedPositionOrder").split(",")[0] == "R"
    assert (placement.get("offsetType"), placement.get("distUnits"), placement.get("repeatDistanceUnits")) == ("1", "MM", "MM")
    # Not over one another, and not over other layers' features; one for a whole feature, but a number on each part of its line.
    on = {name for name in ("drawLabels", "scaleVisibility", "obstacle", "obstacleFactor") if rendering.get(name) == "1"}
    off = {name for name in ("displayAll", "upsidedownLabels", "mergeLines", "scaleMin") if rendering.get(name) == "0"}
    assert (len(on), len(off)) == (4, 4), (on, off)
    assert (style.get("isExpression"), style.get("fontSizeUnit")) == ("1", "Point")
    shield = layer.endswith("shields")
    assert (rendering.get("labelPerPart"), style.find("text-buffer").get("bufferDraw")) == (("1", "0") if shield else ("0", "1"))


def test_labels_that_find_no_place_are_not_drawn(project):
    labels = project.find("properties/PAL")
    assert {part.tag: part.text for part in labels} == {
        "PlacementEngineVersion": "1",
        "DrawUnplaced": "false",
        "ShowingPartialsLabels": "false",
    }


def scale_at(atlas, zoom):
    _, south, _, north = atlas.record.view
    # The width of the Earth in 256 pixels of 1/96 inch at zoom 0, at the middle of the atlas.
    return math.tau * 6_378_137 * math.cos(math.radians((south + north) / 2)) / 256 / (0.0254 / 96) / 2**zoom


def test_a_town_is_named_from_the_scale_of_its_people_on(settings, asked, atlas):
    (record,) = [record for record in atlas.record.backdrop if record.kind == "town"]
    towns = atlas.facts(record.path).drop(columns="geometry").to_dict("records")
    for row in towns:
        first = scale_at(atlas, town_rank(row["population"], abroad=row["country"] != "KZ").zoom)
        assert asked(text_of(settings["backdrop_towns"]), row, first * 0.999) == town_name(row, atlas.languages, "ru")
        assert asked(text_of(settings["backdrop_towns"]), row, first * 1.001) == ""


@pytest.mark.parametrize("layer", POINTS)
def test_a_point_is_named_from_the_scale_of_its_rank_on(settings, asked, atlas, layer):
    rows = rows_of(atlas, layer)
    ranked = sorted(
        zip(ranks(atlas, atlas.layer_record(layer), atlas.layer(layer)), rows, strict=True), key=lambda pair: (pair[0], pair[1]["id"])
    )
    named = {}
    places = atlas.layer(layer).set_index("id").geometry
    for rank, row in ranked:
        place, name = places[row["id"]], name_of(row)
        gaps = [geod().inv(place.x, place.y, other.x, other.y)[2] for other in named.setdefault(plain(name), [])]
        named[plain(name)].append(place)
        # Of one name both are told where they stand a centimetre apart.
        first = min(scale_at(atlas, rank.zoom), *(100 * gap for gap in gaps), math.inf)
        assert asked(text_of(settings[layer]), row, max(first, 1) * 0.99) == (name if first else "")
        assert asked(text_of(settings[layer]), row, max(first, 1) * 1.01) == ""


@pytest.mark.parametrize("layer", POINTS)
def test_the_first_in_rank_are_placed_first(settings, asked, atlas, layer):
    assert set(defined(settings[layer])) - {"Bold"} == {"Priority"}
    found = [asked(defined(settings[layer])["Priority"], row) for row in rows_of(atlas, layer)]
    ranked = [rank.rank for rank in ranks(atlas, atlas.layer_record(layer), atlas.layer(layer))]
    # Of QGIS's ten steps a rank takes one and a half.
    assert all(abs(priority - (10 - 1.5 * rank)) <= 0.5 for priority, rank in zip(found, ranked, strict=True))


def test_large_towns_come_before_small_ones_and_meetings_before_all(settings, asked, atlas):
    towns = {row["id"]: asked(defined(settings["places"])["Priority"], row) for row in rows_of(atlas, "places")}
    meetings = {asked(defined(settings["venues"])["Priority"], row) for row in rows_of(atlas, "venues")}
    assert meetings == {10}
    assert 10 > towns["almaty-town"] > towns["merke-town"] > 1


def test_the_largest_towns_and_capitals_are_bold(settings, asked, atlas):
    bold = {row["id"] for row in rows_of(atlas, "places") if asked(defined(settings["places"])["Bold"], row)}
    assert {"almaty-town", "astana-town"} <= bold
    assert "merke-town" not in bold
    assert all(asked(defined(settings["venues"])["Bold"], row) for row in rows_of(atlas, "venues"))


def test_a_name_is_told_by_one_layer_at_a_time(settings, asked, atlas):
    (record,) = [record for record in atlas.record.backdrop if record.kind == "town"]
    towns = {row["name_ru"]: row for row in atlas.facts(record.path).drop(columns="geometry").to_dict("records")}
    places = {row["id"]: row for row in rows_of(atlas, "places")}
    # Samara is a town of the background and of a corridor: where both layers are drawn the corridor's tells it.
    text = text_of(settings["backdrop_towns"])
    assert asked(text, towns["Самара"], 1_000_000) == "Самара"
    assert asked(text, towns["Самара"], 1_000_000, layers="kazakhstan_places kazakhstan_border") == ""
    assert asked(text, towns["Саратов"], 1_000_000, layers="kazakhstan_places") == "Саратов"
    # A meeting's city comes before the town that it is.
    text = text_of(settings["places"])
    assert asked(text, places["astana-town"], 1_000_000, layers="kazakhstan_places") == "Астана"
    assert asked(text, places["astana-town"], 1_000_000, layers="kazakhstan_places kazakhstan_venues") == ""


def test_a_corridor_bears_its_number_in_a_shield_and_from_1_to_4_million_on_its_name(settings, asked, atlas):
    names, shields = settings["corridors"], settings["corridors: shields"]
    style = atlas.layer_record("corridors").style
    shape = shields.find("text-style/background")
    assert (shape.get("shapeDraw"), shape.get("shapeType")) == ("1", "0")
    assert set(defined(shields)) == {"ShapeFillColor", "ShapeRadii"}
    for row in rows_of(atlas, "corridors"):
        assert asked(text_of(shields), row) == f"{row['number']:g}"
        assert asked(text_of(names), row) == row["name_ru"]
        assert asked(defined(shields)["ShapeFillColor"], row) == symbol_of(style, row["id"]).colour
    # Square for a railway, round for a road.
    assert [asked(defined(shields)["ShapeRadii"], {"mode": mode}) for mode in ("rail", "road")] == ["0.3,0.3", "1.7,1.7"]


@pytest.mark.parametrize("layer", ["corridors", "north_south", "we_wc_segment", "border", "network_links"])
def test_the_label_of_a_line_has_the_line_s_colour(settings, asked, atlas, layer):
    style = atlas.layer_record(layer).style
    for row in [*rows_of(atlas, layer), {style.by: "unheard of"}]:
        assert asked(defined(settings[layer])["Color"], row) == symbol_of(style, row[style.by]).colour


@pytest.mark.parametrize("layer", [name for name in SETTINGS if ":" not in name and not name.startswith("backdrop_")])
def test_a_name_that_is_missing_in_a_language_is_told_in_another(settings, asked, layer):
    row = {"id": "x", "name_ru": None, "name_en": "Town", "name_kk": "Қала", "city_ru": None}
    assert asked(text_of(settings[layer]), row) == "Town"
    assert asked(text_of(settings[layer]), row | {"name_en": None}) == "Қала"
    assert asked(text_of(settings[layer]), row | {"name_en": None, "name_kk": None}) == "x"
    assert asked(text_of(settings[layer]), row | {"name_ru": "Город"}) == "Город"


def test_names_of_countries_are_in_capitals_and_those_of_waters_slanted(settings, asked):
    labels = settings["backdrop_labels"]
    assert asked(text_of(labels), {"name_ru": "Россия"}) == "РОССИЯ"
    looks = [[asked(defined(labels)[name], {"kind": kind}) for name in ("Color", "Italic")] for kind in ("country", "sea")]
    assert looks == [["#66614f", 0], ["#24597a", 1]]
    # Its middle may lie anywhere within 6 mm of its point.
    assert labels.find("placement").get("geometryGenerator") == "buffer($geometry, @map_scale * 0.006 / 111320)"


@pytest.mark.parametrize("many", [3, 1000])
def test_few_features_are_told_by_cases_and_many_looked_up(many):
    values = {f"it's {number}": str(number) for number in range(many)}
    text = constants("id", values, otherwise="0")
    assert text.startswith("CASE WHEN" if many == 3 else "coalesce(map_get(map('it''s 0', 0, 'it''s 1', 1")
    assert text.endswith("ELSE 0 END" if many == 3 else """), "id"), 0)""")
    assert one_of("id", list(values)).startswith('"id" IN (' if many == 3 else "coalesce(map_get(map(")
    ranked = by_feature({name: 1 + int(number) % 2 for name, number in values.items()} | {"usual": 1})
    assert ranked.endswith("THEN 2 ELSE 1 END" if many == 3 else """, 2), "id"), 1)""")


def test_the_canvas_has_the_colour_of_the_sea(project):
    parts = [int(project.findtext(f".//CanvasColor{part}Part")) for part in ("Red", "Green", "Blue")]
    assert bytes(parts) == bytes.fromhex(TABLE.grounds["sea"][1:])


def test_meetings_in_one_place_name_it_once(atlas):
    venues = atlas.layer("venues").set_index("id", drop=False)
    found = label_ranks(atlas, "venues", "ru")
    cities = venues["city_ru"]
    assert cities.value_counts().max() > 3
    for city in cities.unique():
        spots = {(place.x, place.y) for place in venues.geometry[cities == city]}
        assert sum(math.isfinite(found[name].zoom) for name in venues.index[cities == city]) == len(spots), city


def test_in_another_crs_the_same_names_are_told(atlas):
    degrees, metres = (Bundle.of(atlas, lang="ru", layers=["venues", "places"], crs=crs) for crs in ("EPSG:4326", "EPSG:32642"))
    for one, other in zip(degrees.layers, metres.layers, strict=True):
        said = [ET.Element("layer"), ET.Element("layer")]
        for element, layer in zip(said, (one, other), strict=True):
            labelling(element, layer)
        assert ET.tostring(said[0]) == ET.tostring(said[1])
