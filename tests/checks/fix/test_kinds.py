"""Each kind of repair: what it mends, and what it leaves."""

import json
import random
import time

import pytest
import shapely

from corridormap.checks.fix import fix_text
from corridormap.checks.fix import geometry as module
from corridormap.checks.rule import RULES

CCW = "[[0,0],[9,0],[9,9],[0,0]]"
CW = "[[0,0],[9,9],[9,0],[0,0]]"
HOLE_CW = "[[4,1],[5,2],[5,1],[4,1]]"
HOLE_CCW = "[[4,1],[5,1],[5,2],[4,1]]"


def geometry(kind, coordinates, more=""):
    return f'{{"type":"{kind}","coordinates":{coordinates}{more}}}'


def fix(text, **options):
    fixed = fix_text(text.encode(), **options)
    assert fixed.refused is None
    again = fix_text(fixed.new, **options)
    assert not again.changed, again.repairs
    return fixed


def shape_of(fixed):
    return json.dumps(json.loads(fixed.new)["coordinates"], separators=(",", ":"))


def rules(*kinds):
    """The codes of the rules that kinds of repair belong to."""
    return {rule.code for rule in RULES if rule.repair in kinds}


MENDED = [
    ("winding", "Polygon", f"[{CW}]", "[[[0,0],[9,0],[9,9],[0,0]]]"),
    ("winding", "Polygon", f"[{CCW},{HOLE_CCW}]", "[[[0,0],[9,0],[9,9],[0,0]],[[4,1],[5,2],[5,1],[4,1]]]"),
    ("winding", "MultiPolygon", f"[[{CCW}],[{CW}]]", f"[[{CCW}],[{CCW}]]"),
    ("closing", "Polygon", "[[[0,0],[9,0],[9,9]]]", f"[{CCW}]"),
    ("closing", "Polygon", "[[[0,0],[9,0],[9,9],[0,9]]]", "[[[0,0],[9,0],[9,9],[0,9],[0,0]]]"),
    ("repeated", "LineString", "[[1,2],[1.0,2],[1,2e0],[3,4]]", "[[1,2],[3,4]]"),
    ("repeated", "MultiLineString", "[[[1,2],[3,4]],[[1,2],[3,4],[3,4]]]", "[[[1,2],[3,4]],[[1,2],[3,4]]]"),
    ("repeated", "Polygon", "[[[0,0],[0,0],[9,0],[9,9],[0,0],[0,0]]]", f"[{CCW}]"),
    ("repeated", "LineString", "[[1,2,3],[1,2,3],[3,4,5]]", "[[1,2,3],[3,4,5]]"),
    ("precision", "Point", "[1.123456789,2.5]", "[1.1234568,2.5]"),
    ("precision", "Point", "[1.123456749999,-1.5e-9]", "[1.1234567,0.0]"),
    ("precision", "LineString", "[[1.00000000001,2],[3,4.12345678,5.12345678]]", "[[1.0,2],[3,4.1234568,5.1234568]]"),
    ("precision", "MultiPoint", "[[0.123456789,1]]", "[[0.1234568,1]]"),
]


@pytest.mark.parametrize(("kind", "type_", "old", "new"), MENDED)
def test_what_is_wrong_is_mended(kind, type_, old, new):
    fixed = fix(geometry(type_, old))
    assert fixed.new.decode() == geometry(type_, new)
    assert fixed.repairs == [kind]


@pytest.mark.parametrize(("kind", "type_", "old", "new"), MENDED)
def test_only_what_is_asked_for_is_mended(kind, type_, old, new):
    assert fix(geometry(type_, old), codes=rules(kind)).changed
    assert not fix(geometry(type_, old), codes={rule.code for rule in RULES} - rules(kind)).changed


LEFT = {
    "right already": ("Polygon", f"[{CCW},{HOLE_CW}]"),
    "no area": ("Polygon", "[[[0,0],[9,9],[4,4],[0,0]]]"),
    "across the antimeridian": ("Polygon", "[[[179,0],[-179,0],[-179,9],[179,9],[179,0]]]"),
    "metres": ("Polygon", "[[[500000,0],[500000,9],[500009,9],[500000,0]]]"),
    "crosses itself": ("Polygon", "[[[-10,-20],[1,2],[-1,2],[10,-20],[-10,-20]]]"),
    "two places": ("Polygon", "[[[0,0],[9,0],[0,0],[9,0]]]"),
    "ends at two heights": ("Polygon", "[[[0,0,1],[9,0,1],[9,9,1],[0,0,2]]]"),
    "a bow-tie when closed": ("Polygon", "[[[0,0],[9,9],[9,0],[0,5]]]"),
    "a line of one place": ("LineString", "[[1,2],[1,2]]"),
    "a line of one place thrice": ("LineString", "[[1,2],[1,2],[1,2]]"),
    "a ring that would be too short": ("Polygon", "[[[0,0],[0,0],[9,0],[0,0]]]"),
    "points may repeat": ("MultiPoint", "[[1,2],[1,2]]"),
    "another height": ("LineString", "[[1,2,3],[1,2,4],[5,6,7]]"),
    "seven decimals": ("Point", "[1.1234567,2e0]"),
    "a number shorter as it is": ("Point", "[1e8,2]"),
    "rounding would flatten": ("Polygon", "[[[0,0],[0.00000001,0],[0,0.00000001],[0,0]]]"),
    "rounding would join points": ("MultiPoint", "[[1.00000001,2],[1.00000002,2]]"),
    "rounding would make it cross itself": ("Polygon", "[[[0,0],[1,0],[1,1],[0.5,0.00000001],[0,1],[0,0]]]"),
    "no positions": ("Polygon", "[]"),
    "an empty ring": ("Polygon", "[[]]"),
    "an empty point": ("Point", "[]"),
    "an empty polygon among others": ("MultiPolygon", f"[[],[{CCW}]]"),
    "the wrong depth": ("Polygon", "[[0,0],[9,9],[9,0],[0,0]]"),
    "one number": ("LineString", "[[1.123456789],[2]]"),
    "a text": ("LineString", '[["1.123456789",2],[3,4]]'),
    "null": ("LineString", "null"),
    "beyond a double": ("LineString", "[[1e999,2],[1e999,2],[3,4]]"),
    "exponents beyond counting": ("LineString", "[[1e-99999999999999999999,2],[1e-9999999999999999999,2]]"),
    "open, doubled and not to be closed": ("Polygon", "[[[0,0],[9,9],[9,9],[5,5]]]"),
    "a sliver when closed": ("Polygon", "[[[0,0],[9,0],[9,0.00001],[4,0.000005]]]"),
    "rounding would end at 0, 0": ("Point", "[1e-9,0.000000001]"),
    "rounding would join places": ("LineString", "[[0,0],[1.00000001,1,5],[1.00000002,1,6],[2,0]]"),
    "huge": ("Polygon", "[[[1e300,0],[0,1e300],[-1e300,0],[1e300,0]]]"),
    "an unknown type": ("Curve", "[[1,2],[1,2],[3,4]]"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_not_proven_harmless_is_left(name):
    type_, coordinates = LEFT[name]
    text = geometry(type_, coordinates).encode()
    assert fix_text(text).new is text


def test_rounding_joins_vertices_only_if_they_may_be_dropped():
    text = geometry("LineString", "[[0,0],[1,1],[1.00000001,1],[2,0]]")
    assert shape_of(fix(text)) == "[[0,0],[1,1],[2,0]]"
    assert not fix(text, codes=rules("precision")).changed


def test_rounding_may_let_lines_of_one_geometry_meet():
    text = geometry("MultiLineString", "[[[0,0],[1.00000000001,1],[2,0]],[[1,1],[1,5]]]")
    assert shape_of(fix(text)) == "[[[0,0],[1.0,1],[2,0]],[[1,1],[1,5]]]"
    itself = geometry("MultiLineString", "[[[0,0],[1.00000000001,1],[2,0],[1,5],[1,1]],[[7,7],[8,8]]]")
    assert not fix(itself).changed


def test_all_at_once_on_one_ring():
    fixed = fix(geometry("Polygon", "[ [ [0.0, 0], [0, 9.123456789],\n [9, 9],[9,9.0] , [9, 0] ] ]"))
    assert fixed.repairs == ["precision", "repeated", "closing", "winding"]
    assert fixed.new.decode() == geometry("Polygon", "[ [ [0.0, 0], [9, 0],\n [9, 9] , [0, 9.1234568] , [0.0, 0] ] ]")


def crs(name):
    return f'"crs":{{"type":"name","properties":{{"name":"{name}"}}}}'


@pytest.mark.parametrize(
    "name",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "EPSG:4326",
        "urn:ogc:def:crs:EPSG::4326",
        "http://www.opengis.net/def/crs/EPSG/0/4326",
    ],
)
def test_a_crs_that_says_nothing_new_goes(name):
    for text in [f'{{{crs(name)},\n"type":"Point","coordinates":[1,2]}}', f'{{"type":"Point","coordinates":[1,2] , {crs(name)}\n}}']:
        fixed = fix(text)
        assert fixed.repairs == ["crs"]
        assert json.loads(fixed.new) == {"type": "Point", "coordinates": [1, 2]}
    # Where the member was the last, only it and its comma go.
    assert fixed.new == b'{"type":"Point","coordinates":[1,2]\n}'


@pytest.mark.parametrize(
    ("member", "coordinates"),
    [
        (crs("EPSG:3857"), "[1,2]"),
        (crs("urn:ogc:def:crs:EPSG::43260"), "[1,2]"),
        (crs("EPSG:4326"), "[51,120]"),
        ('"crs":null', "[1,2]"),
        ('"crs":"EPSG:4326"', "[1,2]"),
        ('"crs":{"type":"link","properties":{"href":"x"}}', "[1,2]"),
        ('"crs":{"type":"name","properties":{"name":"EPSG:4326","epoch":2020}}', "[1,2]"),
    ],
)
def test_any_other_crs_stays(member, coordinates):
    assert not fix(f'{{"type":"Point","coordinates":{coordinates},{member}}}').changed


def test_in_another_crs_nothing_is_wound_or_rounded():
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{geometry("Polygon", f"[{CW}]")}}}'
    line = f'{{"type":"Feature","properties":{{}},"geometry":{geometry("LineString", "[[1,2],[1,2],[3.123456789,4]]")}}}'
    fixed = fix(f'{{"type":"FeatureCollection","features":[{feature},{line}],{crs("EPSG:3857")}}}')
    assert fixed.repairs == ["repeated"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1, 2, 3, 3]", "[1, 2, 3, 4]"),
        ("[1,2,3]", "[1,2,3,4]"),
        ("[3,4,1,2]", "[1,2,3,4]"),
        ("[1,4,3,2]", "[1,2,3,4]"),
        ("[1,2,0,3,4,0]", "[1,2,3,4]"),
        ('["1", "2", "3", "4"]', "[1, 2, 3, 4]"),
        ("[]", "[1, 2, 3, 4]"),
        ("[2.50,2,3,4]", "[1,2,3,4]"),
    ],
)
def test_a_wrong_bbox_is_recomputed(old, new):
    text = geometry("LineString", "[[1,2],[3,4]]", ',"bbox":%s')
    fixed = fix(text % old)
    assert fixed.repairs == ["bbox"]
    assert fixed.new.decode() == text % new


@pytest.mark.parametrize(
    "box", ["[1,2,3,4]", "[1.0,2,3e0,4]", "[-180,-90,180,90]", "[0.9999,2,3,4]", "[1.0000005,2,3,4]", "[170,2,5,4]", "null", '"1,2,3,4"']
)
def test_a_right_bbox_and_one_that_is_none_stay(box):
    assert not fix(geometry("LineString", "[[1,2],[3,4]]" if box != "[170,2,5,4]" else "[[-175,2],[3,4]]", f',"bbox":{box}')).changed


def test_a_bbox_across_the_antimeridian_stays():
    for box in ["[170,0,-170,9]", "[178.5,0,-170,9]", "[170,1,-170,5]"]:
        fixed = fix(geometry("LineString", "[[179,1],[-179,5]]", f',"bbox":{box}'))
        assert not fixed.changed
    assert not fix(geometry("LineString", "[[175,1],[-179,5]]", ',"bbox":[178,1,-170,5]')).changed


def test_a_bbox_with_heights():
    assert b"[1,2,5,3,4,6]" in fix(geometry("LineString", "[[1,2,5],[3,4,6]]", ',"bbox":[1,2,3,4]')).new
    assert b"[1,2,5,3,4,5]" in fix(geometry("LineString", "[[1,2,5],[3,4]]", ',"bbox":[1,2,3,4]')).new
    assert not fix(geometry("LineString", "[[1,2,5],[3,4,6]]", ',"bbox":[1,2,5,3,4,7]')).changed


def test_a_bbox_follows_the_rounded_coordinates_even_if_not_asked_for():
    text = geometry("LineString", "[[1.00000004,2],[3.123456789,4]]", ',"bbox":[1.00000004,2,3.123456789,4]')
    fixed = fix(text, codes=rules("precision"))
    assert fixed.repairs == ["precision", "bbox"]
    assert b'"bbox":[1.0,2,3.1234568,4]' in fixed.new


def test_a_bbox_is_never_added():
    assert not fix(geometry("LineString", "[[1,2],[3,4]]")).changed


def test_the_boxes_of_features_and_collections():
    line = geometry("LineString", "[[1,2],[3,4]]")
    text = f'{{"type":"FeatureCollection","bbox":[0,0,2,9],"features":[{{"type":"Feature","bbox":[1,2,3,3],"id":7,"properties":null,"geometry":{line}}}]}}'
    fixed = fix(text)
    assert fixed.repairs == ["bbox", "bbox"]
    document = json.loads(fixed.new)
    assert document["bbox"] == [0, 0, 3, 9]
    assert document["features"][0]["bbox"] == [1, 2, 3, 4]


def test_a_byte_order_mark_goes():
    fixed = fix_text(b'\xef\xbb\xbf{"type":"Point","coordinates":[1,2]}')
    assert (fixed.new, fixed.repairs) == (b'{"type":"Point","coordinates":[1,2]}', ["bom"])
    kept = fix_text(b'\xef\xbb\xbf{"type":"Point","coordinates":[1.123456789,2]}', codes=rules("precision"))
    assert kept.new == b'\xef\xbb\xbf{"type":"Point","coordinates":[1.1234568,2]}'


def test_geometries_in_properties_are_not_ours():
    polygon = geometry("Polygon", f"[{CW}]")
    assert not fix(f'{{"type":"Feature","geometry":null,"properties":{{"geometry":{polygon},"crs":null,"bbox":[9,9,0,0]}}}}').changed
    assert not fix(f'{{"type":"Feature","geometry":null,"properties":{{}},"features":[{{"type":"Feature","geometry":{polygon}}}]}}').changed


def test_a_key_spelled_with_escapes_is_that_key():
    fixed = fix('{"ty\\u0070e":"P\\u006fint","coordin\\u0061tes":[1.123456789,2]}')
    assert fixed.new == b'{"ty\\u0070e":"P\\u006fint","coordin\\u0061tes":[1.1234568,2]}'


def test_what_to_mend_is_named_by_rule():
    text = geometry("LineString", "[[1,2],[1,2],[3,4]]", ',"bbox":[1,2,3,3]')
    assert fix(text, codes=["CM213", "CM999"]).repairs == ["repeated"]
    assert fix(text, codes=["CM128"]).repairs == ["bbox"]
    assert not fix(text, codes=[]).changed


def gps_hour(seconds):
    """What a receiver that is parked writes, every second: fixes within a few metres, with nine decimals."""
    chance = random.Random(1)  # noqa: S311  not for secrets
    return [[round(chance.gauss(76.9, 2e-5), 9), round(chance.gauss(43.2, 2e-5), 9)] for _ in range(seconds)]


@pytest.mark.parametrize("seconds", [pytest.param(1900, marks=pytest.mark.slow), 3600])
def test_a_tangle_is_left_and_the_others_are_mended(seconds):
    tangle = geometry("LineString", json.dumps(gps_hour(seconds)))
    point = geometry("Point", "[1.123456789,2]")
    features = ",".join(f'{{"type":"Feature","properties":null,"geometry":{shape}}}' for shape in (tangle, point))
    start = time.process_time()
    fixed = fix(f'{{"type":"FeatureCollection","features":[{features}]}}')
    assert time.process_time() - start < 10
    assert (tangle.encode() in fixed.new) == (seconds == 3600)
    assert b"[1.1234568,2]" in fixed.new


def test_a_failure_of_geos_leaves_one_geometry(monkeypatch):
    def fail(*arguments):
        raise shapely.errors.GEOSException("TopologyException: found non-noded intersection")

    monkeypatch.setattr(module, "_doubled_m", fail)
    tangle = geometry("LineString", "[[0,0],[2.000000001,0],[1,0]]")
    point = geometry("Point", "[1.123456789,2]")
    fixed = fix(f'{{"type":"GeometryCollection","geometries":[{tangle},{point}]}}')
    assert fixed.new.decode() == f'{{"type":"GeometryCollection","geometries":[{tangle},{geometry("Point", "[1.1234568,2]")}]}}'
