import json

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from corridormap import geojson
from corridormap.errors import DataError

POINT = '{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[1,2]},"properties":{"id":"a","n":3,"t":null}}'


def collection(*features):
    return '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"


def frame(geometry, **properties):
    return gpd.GeoDataFrame([{"id": "a", **properties}], geometry=[geometry], crs="EPSG:4326")


def test_reads_scalars_as_they_are():
    read = geojson.to_frame(geojson.parse(collection(POINT), where="x"), where="x")
    assert read.crs == "EPSG:4326"
    assert read.iloc[0][["id", "n", "t"]].tolist() == ["a", 3, None]
    assert isinstance(read["n"].iloc[0], int)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("{", "line 1, column 2"),
        ("[]", "not a GeoJSON FeatureCollection"),
        ('{"type":"FeatureCollection"}', 'no list "features"'),
        (collection("{}"), "feature 0"),
        (collection('{"type":"Feature","geometry":null,"properties":null}'), 'no object "properties"'),
        (collection('{"type":"Feature","geometry":{"type":"Circle"},"properties":{}}'), "unknown type"),
        (collection(POINT.replace("[1,2]", "[NaN,2]")), "holds NaN"),
        (collection(POINT.replace("[1,2]", "[1,-Infinity]")), "holds -Infinity"),
        ("[" * 200_000, "nested too deeply"),
    ],
)
def test_refuses_what_is_not_geojson(text, message):
    with pytest.raises(DataError) as caught:
        geojson.parse(text, where="layer.geojson")
    assert message in str(caught.value)
    assert str(caught.value).startswith("layer.geojson")


@pytest.mark.parametrize("coordinates", ['["x",2]', "[[1,2]]", "{}", "[1]"])
def test_coordinates_that_make_no_point(coordinates):
    document = geojson.parse(collection(POINT.replace("[1,2]", coordinates)), where="layer.geojson")
    with pytest.raises(DataError, match=r"layer\.geojson, a: coordinates do not make a Point"):
        geojson.to_frame(document, where="layer.geojson")


@pytest.mark.parametrize(
    ("kind", "coordinates"),
    [
        ("Point", [True, 52.5]),
        ("Point", ["71.4", 51.2]),
        ("LineString", ["ab", "cd"]),
        ("LineString", [[[1, 2], [3, 4]]]),
        ("LineString", [[1, 2]]),
        ("MultiLineString", [[1, 2], [3, 4]]),
        ("Polygon", [[[0, 0], [1, 0], [1, 1], [0, 1]]]),
        ("LineString", None),
    ],
)
def test_coordinates_are_taken_strictly(kind, coordinates):
    """What NumPy or shapely would take for numbers, or close, is refused as GEOS refuses it."""
    with pytest.raises(ValueError, match=f"coordinates do not make a {kind}: "):
        geojson.to_shape({"type": kind, "coordinates": coordinates})


def test_geometries_are_made_at_once_as_one_by_one():
    kinds = [
        {"type": "LineString", "coordinates": [[0, 0], [1, 1.5], [2, 2]]},
        None,
        {"type": "Point", "coordinates": [71, 51]},
        {"type": "LineString", "coordinates": [[0, 0, 300], [1, 1, 310]]},
        {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3], [4, 4]]]},
        {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], []]},
        {"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]},
    ]
    expected = [kind and shapely.force_2d(shapely.from_geojson(json.dumps(kind))) for kind in kinds]
    assert geojson.to_shapes(kinds) == expected
    assert [geojson.to_shape(kind) for kind in kinds] == expected


def test_writes_canonically():
    text = geojson.dumps(frame(shapely.LineString([(1.123456789, 2), (1.123456789, 2), (3, 4)]), b="x", a=1.5, z=None), name="layer")
    assert json.loads(text) == {
        "bbox": [1.12346, 2.0, 3.0, 4.0],
        "features": [
            {
                "geometry": {"coordinates": [[1.12346, 2.0], [3.0, 4.0]], "type": "LineString"},
                "id": "a",
                "properties": {"a": 1.5, "b": "x", "id": "a", "z": None},
                "type": "Feature",
            }
        ],
        "name": "layer",
        "type": "FeatureCollection",
    }
    assert list(json.loads(text)) == ["bbox", "features", "name", "type"]


@pytest.mark.parametrize("shape", [shapely.Point(0.00001, -0.000001), shapely.Point(0.00005, 1e16), shapely.Point(8, 0.3)])
def test_coordinates_are_written_as_python_writes_numbers(shape):
    written = f"[{shape.x},{shape.y}]"
    assert f'"coordinates":{written}' in geojson.dumps(frame(shape), name="x")
    assert f'"coordinates":{written}' in geojson.dump_lines(frame(shape), name="x")


def test_lines_hold_a_feature_each_and_begin_with_its_type():
    two = gpd.GeoDataFrame({"id": ["a", "b"], "b": ["é", None], "a": [1.5, 1e-5]}, geometry=[shapely.Point(1, 2), None], crs="EPSG:4326")
    assert geojson.dump_lines(two, name="x").splitlines() == [
        '{"type":"Feature","id":"a","geometry":{"coordinates":[1.0,2.0],"type":"Point"},"properties":{"a":1.5,"b":"é","id":"a"}}',
        '{"type":"Feature","id":"b","geometry":null,"properties":{"a":1e-05,"b":null,"id":"b"}}',
    ]


def test_what_is_missing_in_a_column_of_any_type_is_null():
    columns = {"id": ["a", "b"], "n": [1, None], "t": [True, None], "x": [1.5, None], "s": ["s", None]}
    typed = gpd.GeoDataFrame(columns, geometry=[shapely.Point(1, 2)] * 2, crs="EPSG:4326")
    typed = typed.astype({"n": "Int64", "t": "boolean", "s": "string"})
    first, second = geojson.rows(typed, name="x")
    assert first == {"id": "a", "n": 1, "s": "s", "t": True, "x": 1.5}
    assert [type(value) for value in first.values()] == [str, int, str, bool, float]
    assert second == {"id": "b", "n": None, "s": None, "t": None, "x": None}


def test_winds_polygons_by_the_right_hand_rule():
    text = geojson.dumps(frame(shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])), name="x")
    assert shapely.from_geojson(json.dumps(json.loads(text)["features"][0]["geometry"])).exterior.is_ccw


def test_null_geometry_is_written_and_read():
    two = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[shapely.Point(1, 2), None], crs="EPSG:4326")
    read = geojson.to_frame(geojson.parse(geojson.dumps(two, name="x"), where="x"), where="x")
    assert read.geometry.isna().tolist() == [False, True]


@pytest.mark.parametrize("value", [[1], {"a": 1}, (1, 2)])
def test_properties_are_scalars(value):
    with pytest.raises(DataError, match="one text, number"):
        geojson.dumps(frame(shapely.Point(0, 0), bad=value), name="x")


def test_empty_layer_is_refused():
    with pytest.raises(DataError, match="no features"):
        geojson.dumps(frame(shapely.Point(0, 0)).iloc[:0], name="x")


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=2, max_size=20, unique=True),
    st.one_of(st.none(), st.text(), st.integers(-(10**9), 10**9), st.booleans()),
)
def test_writing_what_was_read_gives_the_same_bytes(points, value):
    line = shapely.LineString(points)
    once = geojson.dumps(frame(line, value=value), name="x")
    again = geojson.dumps(geojson.to_frame(geojson.parse(once, where="x"), where="x"), name="x")
    assert again == once


def test_lists_are_split_and_joined():
    assert geojson.split_list("a; b;c ;") == ["a", "b", "c"]
    assert geojson.split_list(None) == []
    assert geojson.join_list(["b", "a", "b"]) == "b; a"
    assert geojson.join_list([]) is None


def test_the_bbox_of_what_goes_on_beyond_the_180th_meridian_lies_across_it():
    written = json.loads(geojson.dumps(frame(shapely.LineString([(179, 1), (181.2, 2)])), name="x"))
    assert written["bbox"] == [179.0, 1.0, -178.8, 2.0]
    assert written["features"][0]["geometry"]["coordinates"] == [[179.0, 1.0], [181.2, 2.0]]
