"""What travels in the page."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import polyline
import pytest
import shapely

from corridormap import web
from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError
from corridormap.web import encode, payload

FRONT = Path(web.__file__).parent / "front"


def decode(line, scale):
    return [(x / scale, y / scale) for x, y in polyline.decode(line, 0, geojson=True)]


def test_the_code_knows_no_country():
    files = [*(FRONT / "src").rglob("*.ts"), *(FRONT / "styles").iterdir()]
    assert len(files) > 10
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        assert "kazakh" not in text.replace("қаз", "")
        assert "kz" not in text


def test_records_travel_by_columns(tiny):
    atlas = Atlas.open(tiny)
    for layer in payload.build(atlas, lang="en")["layers"]:
        frame = atlas.layer(layer["id"])
        assert list(layer["columns"]) == sorted(layer["columns"])
        assert len(layer["shapes"]) == len(frame)
        # Those of links follow from mode and ends.
        assert layer["columns"].get("id") == (None if layer["build"] == "links" else list(frame["id"]))
        for field, values in layer["columns"].items():
            assert len(values) == len(frame)
            # A column of nothing does not travel; a missing value among others is null, not NaN.
            assert [value is None for value in values] == list(frame[field].isna())
            assert not all(value is None for value in values), field


def test_links_travel_without_their_names_where_their_ends_tell_them(tiny):
    atlas = Atlas.open(tiny)
    links = next(record.id for record in atlas.layers if record.build == "links")
    columns = {layer["id"]: layer["columns"] for layer in payload.build(atlas, lang="en")["layers"]}
    assert not [field for field in columns[links] if field.startswith("name_")]
    (alone,) = payload.build(atlas, lang="en", layers=[links])["layers"]
    assert alone["columns"]["name_en"] == list(atlas.layer(links)["name_en"])


@pytest.mark.node
def test_the_page_composes_the_names_and_routes_of_the_atlas(pages, peek, atlas):
    composed = peek(
        pages["ru"],
        "return Object.fromEntries(atlas.layers.map(({ id, features }) => [id, features.map(({ properties }) => properties)]));",
    )
    missing = {layer["id"]: layer["columns"].keys() for layer in payload.build(atlas, lang="ru")["layers"]}
    compared = set()
    for layer in atlas.layers:
        frame = atlas.layer(layer.id)
        for field in frame.columns:
            if field.startswith(("name_", "route_")) and field not in missing[layer.id]:
                compared.add((layer.build, field[:-3]))
                assert [properties[field] for properties in composed[layer.id]] == [
                    None if pd.isna(text) else text for text in frame[field]
                ]
    assert compared == {("links", "name"), ("itineraries", "route"), ("crossings", "name")}


@pytest.fixture(scope="module")
def built(atlas):
    """What travels in the real atlas's page."""
    return payload.build(atlas, lang="en")


def test_remarks_stay_with_those_who_keep_the_data(atlas, built):
    assert atlas.layer("network_links")["remark_en"].notna().any()
    assert not [field for layer in built["layers"] for field in layer["columns"] if field.startswith("remark")]


def test_lines_along_which_no_kilometres_are_counted_are_as_fine_as_they_are_accurate(atlas, built):
    scales = {layer["id"]: layer["scale"] for layer in built["layers"]}
    assert scales["border"] == round(111_320 / atlas.layer("border")["accuracy_m"].min())
    assert {scales["corridors"], scales["network_links"]} == {payload.line_scale(atlas)}
    assert scales["venues"] == payload.POINT_SCALE


def test_nodes_are_where_their_links_end_to_a_step_and_true_to_it(atlas):
    built = payload.build(atlas, lang="en")
    places, links = (next(layer for layer in built["layers"] if layer["id"] == name) for name in ("places", "network_links"))
    at = {node: shape["p"] for node, shape in zip(places["columns"]["id"], places["shapes"], strict=True)}
    ends = zip(links["columns"]["from"], links["shapes"], strict=True)
    lines = [(at[node], built["links"]["lines"][shape["w"][0][0] - 1]) for node, shape in ends if node in at]
    assert lines
    assert all(line.startswith(point) for point, line in lines)
    # A step is less than what the best of them is true to.
    assert 111_320 / places["scale"] < atlas.layer("places")["accuracy_m"].min()
    assert 111_320 / payload.line_scale(atlas) < atlas.layer("crossings")["accuracy_m"].min()


def test_coordinates_of_links_are_as_fine_as_half_of_them_are_true(atlas):
    """Within a metre at the finest."""

    def scale(best):
        return payload.line_scale(SimpleNamespace(links=atlas.links.assign(accuracy_m=best)))

    assert [scale(best) for best in (300.0, 50.0, 5.0, float("nan"))] == [3373, 20240, 100_000, 100_000]
    assert payload.line_scale(atlas) == 3373


def test_the_legend_keeps_its_order(built):
    styles = [layer["style"]["values"] for layer in built["layers"] if "values" in layer["style"]]
    assert styles
    assert all(list(values) == sorted(values) for values in styles)


def test_each_link_travels_once(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        document["features"][1]["properties"]["status"] = "planned"
    built = payload.build(Atlas.open(tiny), lang="en")
    assert len(built["links"]["lines"]) == 4
    corridors = next(layer for layer in built["layers"] if layer["id"] == "corridors")
    # Links by id: gate-east 1, middle-gate 2, middle-south 3, west-middle 4.
    ways = [shape["w"] for shape in corridors["shapes"]]
    assert ways == [[[4, 2, 1]], [[-3, -4], [2]]]
    # What is planned is in doubt, as is the first link, which is accurate to 5 km; works do not take a line away.
    assert [shape["d"] for shape in corridors["shapes"]] == [[1, 2], [2]]


def test_link_ends_stay_exact(atlas, built):
    names, scale = sorted(atlas.links.index), built["links"]["scale"]
    assert len(built["links"]["lines"]) <= len(names)
    for name, encoded in zip(names, built["links"]["lines"], strict=False):
        coordinates = shapely.get_coordinates(atlas.links.geometry[name])
        line = decode(encoded, scale)
        for end in (0, -1):
            # Half a step each way.
            assert math.dist(line[end], coordinates[end]) <= 0.75 / scale, name


def test_thinning_keeps_ends_and_stays_near():
    line = shapely.LineString([(70 + i / 100, 50 + (i % 2) / 1000) for i in range(100)])
    thin = encode.thinner("+proj=aea +lat_1=43 +lat_2=53 +lat_0=48 +lon_0=68 +datum=WGS84 +units=m", 300)(line)
    assert 2 <= len(thin.coords) < 20
    assert set(thin.coords) <= set(line.coords)
    assert (thin.coords[0], thin.coords[-1]) == (line.coords[0], line.coords[-1])


def test_a_part_without_a_position_is_left_out():
    lines = shapely.from_wkt("MULTILINESTRING ((60 40, 61 41), EMPTY, (60 40, 61 41))")
    assert encode.shape(lines, scale=10) == {"l": [polyline.encode([(40, 60), (41, 61)], 1)] * 2}
    assert encode.shape(shapely.from_wkt("MULTILINESTRING (EMPTY)"), scale=10) is None


def test_only_the_backdrop_is_thinned(tiny):
    built = payload.build(Atlas.open(tiny), lang="en")
    border = next(layer for layer in built["layers"] if layer["id"] == "border")
    vertices = [shapely.get_num_coordinates(geometry) for geometry in Atlas.open(tiny).layer("border").geometry]
    assert [sum(len(decode(line, border["scale"])) for line in shape["l"]) for shape in border["shapes"]] == vertices
    assert {layer["thinned_m"] for layer in built["backdrop"]} <= {payload.BACKDROP_THINNED_M}


def test_only_the_layers_asked_for(tiny):
    built = payload.build(Atlas.open(tiny), lang="en", layers=["sights"])
    assert [layer["id"] for layer in built["layers"]] == ["sights"]
    assert built["links"]["lines"] == []
    assert built["statements"] == []
    assert [group["id"] for group in built["groups"]] == ["points"]


def test_statements_and_their_sources_travel(tiny):
    built = payload.build(Atlas.open(tiny), lang="ru")
    assert [statement["standing"] for statement in built["statements"]] == ["unverified"]
    sources = built["sources"]
    assert sources["url"][sources["id"].index("made-up")] == "https://example.org/made-up"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", None])
def test_only_web_addresses_become_links(address):
    assert payload._web_address(address) is None


def test_what_does_not_exist_is_named(tiny):
    atlas = Atlas.open(tiny)
    with pytest.raises(UsageError, match="no layer 'nowhere'"):
        payload.build(atlas, lang="en", layers=["nowhere"])
    with pytest.raises(UsageError, match="no language 'xx'"):
        payload.build(atlas, lang="xx")
    (tiny / "layers" / "sights.geojson").unlink()
    with pytest.raises(DataError, match="not built"):
        payload.build(Atlas.open(tiny), lang="en")
