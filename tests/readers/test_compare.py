"""The comparison would find what a reader lost."""

import copy

import pytest
import shapely
from tests.readers.compare import difference, differences

JOB = {"format": "made up", "layer": "lines", "whole": False}
LINE = shapely.from_wkt("LINESTRING (71 51, 72 52, 73 51)")
FEATURES = [({"id": "a", "open": True, "тип": "электро", "n": 2**40}, LINE), ({"id": "b", "open": None, "тип": None, "n": None}, None)]
SEEN = {
    "crs": "EPSG:4326",
    "features": [{"properties": dict(row), "geometry": shape and shape.wkb_hex} for row, shape in FEATURES],
}
NAMES = {name: name for name in FEATURES[0][0]}


def compared(change):
    seen = copy.deepcopy(SEEN)
    change(seen)
    return differences(JOB, seen, names=NAMES, features=FEATURES)


def moved(seen):
    seen["features"][0]["geometry"] = shapely.from_wkt("LINESTRING (71 51, 72.00001 52, 73 51)").wkb_hex


def test_what_is_the_same_has_no_difference():
    assert compared(lambda seen: None) == set()


@pytest.mark.parametrize(
    "change",
    [
        moved,
        lambda seen: seen["features"].pop(0),
        lambda seen: seen["features"].append(copy.deepcopy(seen["features"][0])),
        lambda seen: seen["features"].append({"properties": {"id": "c"}, "geometry": None}),
        lambda seen: seen["features"][0].update(geometry=None),
        lambda seen: seen["features"][0].update(geometry=shapely.Point(71, 51).wkb_hex),
        lambda seen: seen["features"][0].update(geometry=shapely.from_wkt("MULTILINESTRING ((71 51, 72 52), (72 52, 73 52))").wkb_hex),
        lambda seen: seen["features"][1].update(geometry=LINE.wkb_hex),
        lambda seen: seen["features"][0]["properties"].update(n=2**31 - 1),
        lambda seen: seen["features"][0]["properties"].update(open=False),
        lambda seen: seen["features"][1]["properties"].update(open=False),
        lambda seen: seen["features"][0]["properties"].pop("тип"),
        lambda seen: seen["features"][0]["properties"].update({"тип": "???????"}),
        lambda seen: seen.update(crs="EPSG:4284"),
    ],
)
def test_what_is_lost_is_found(change):
    with pytest.raises((AssertionError, ValueError)):
        compared(change)


def test_what_is_known_by_a_kind_has_it():
    assert compared(lambda seen: seen["features"].reverse()) == {"order"}
    assert compared(lambda seen: seen["features"].pop(1)) == {"unlocated left out"}
    assert compared(lambda seen: seen.update(crs=None)) == {"no CRS"}
    table = {"crs": "EPSG:4326", "features": [{**feature, "geometry": None} for feature in SEEN["features"]]}
    assert differences({**JOB, "format": "csv"}, table, names=NAMES, features=FEATURES) == {"lines without positions"}
    assert compared(lambda seen: seen["features"][0]["properties"].update(open=1)) == {"truth values are 1 and 0"}
    assert difference("ұ" * 200, "ұ" * 127) == "texts cut"
    assert difference("ұ" * 200, "ұ" * 126).startswith("?")
    assert difference("2025", 2025) == "texts are numbers"
    assert difference(3.5, "3.5") == "numbers are texts"
    assert difference("", None) == "an empty text is null"
    assert difference(None, "") == "null is an empty text"
