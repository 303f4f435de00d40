"""Every rule about files in general: speaking on the bad fixtures, silent on the good ones beside them."""

import json

import pytest

from corridormap.checks import RULES, check_files
from corridormap.checks.rule import FAMILIES, AtlasRule, LayerRule


def feature(geometry=None, /, **members):
    return {"type": "Feature", "geometry": geometry, "properties": {}, **members}


def collection(*features, **members):
    return {"type": "FeatureCollection", "features": list(features), **members}


def rows(*properties):
    return collection(*(feature(POINT, properties=one) for one in properties))


def line(*positions):
    return {"type": "LineString", "coordinates": [list(position) for position in positions]}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [[list(position) for position in ring] for ring in rings]}


def lines(*runs):
    return collection(*(feature(line(*run)) for run in runs))


def many(*geometries):
    return {"type": "GeometryCollection", "geometries": list(geometries)}


POINT = {"type": "Point", "coordinates": [71.4, 51.1]}
LINE = line((71, 51), (72, 52))
SHELL = [(10, 10), (20, 10), (20, 20), (10, 20), (10, 10)]
HOLE = [(12, 12), (12, 14), (14, 14), (14, 12), (12, 12)]
SQUARE = polygon(SHELL)
CRS84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
UTM = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32642"}}
GOOD = collection(feature(POINT, id="a"), feature(LINE, id="b"), feature(SQUARE, id="c"), feature())

# code → bad documents, good documents. A document is an object or, where the text itself matters, bytes.
CASES = {
    "CM002": (
        [
            b'{"type":"Point","coordinates":[1,2],"n":"\xe9"}',
            json.dumps(GOOD).encode("utf-16"),
            json.dumps(GOOD).encode("utf-16-be"),
            json.dumps(GOOD).encode("utf-32-le"),
            b'{"type":"FeatureCollection","features":[],"n":"\xed\xa0\x80"}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":"\xc0\xaf"}}]}',
        ],
        [GOOD, '{"type":"Point","coordinates":[1,2],"n":"Қазақстан 🚆"}'.encode()],
    ),
    "CM003": ([b"\xef\xbb\xbf" + json.dumps(GOOD).encode()], [GOOD]),
    "CM004": (
        [
            b"{",
            b'{"type":',
            b'{"type":"Point","coordinates":[1,2]',
            b'{"type":"Point","coordinates":[1,2]}}',
            b"{'type':'Point'}",
            b'{"type":"Point","coordinates":[1,2],}',
            b'{"type":"Point","coordinates":[1,2,]}',
            b'{"type":"Point" "coordinates":[1,2]}',
            b'{"type":"Point","coordinates":[01,2]}',
            b'{"type":"Point","coordinates":[1.,2]}',
            b'{"type":"Point","coordinates":[.5,2]}',
            b'{"type":"Point","coordinates":[+1,2]}',
            b'// here\n{"type":"Point","coordinates":[1,2]}',
            b'{"type":"Point",/* c */"coordinates":[1,2]}',
            b'{"type":"Point","coordinates":[1,2],"n":"a\tb"}',
            b'{"type":"Point","coordinates":[1,2],"n":"\\x41"}',
            b'{"type":"Point","coordinates":[1,2],"n":"\\u00"}',
            b'{"type":"Point","coordinates":[1,2],"n":tru}',
            b'{"type":"Point","coordinates":[1,2]}\x00',
            b"\x00\x00\x00\x00",
            b'{"type":"FeatureCollection","features":[],}',
            b'{"type":"FeatureCollection","features":[,]}',
            b'{"features":[] "type":1}',
            json.dumps(GOOD).encode()[:-1],
            json.dumps(GOOD).encode()[:-2],
            json.dumps(GOOD).encode()[:200],
            json.dumps(GOOD).encode() * 2,
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{}},]}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{}} 1]}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{}}}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{]}]}',
        ],
        [
            GOOD,
            b' \t\r\n{ "type" : "Point" , "coordinates" : [ 1e0 , -0.5E+1 ] } \n',
            b'{"type":"Point","coordinates":[1,2],"n":"\\u0041\\/\\n"}',
        ],
    ),
    "CM005": (
        [
            b'{"type":"Point","coordinates":[NaN,2]}',
            b'{"type":"FeatureCollection","features":[],"n":-Infinity}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":Infinity}}]}',
        ],
        [GOOD, b'{"type":"Point","coordinates":[1,2],"n":"NaN"}'],
    ),
    "CM006": (
        [
            b'{"type":"Point","type":"Point","coordinates":[1,2]}',
            b'{"type":"FeatureCollection","features":[],"a":1,"a":2}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":1,"\\u0061":2}}]}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"u":"http://a","a":{"b":1,"b":2}}}]}',
            b'{"type":"FeatureCollection","features":[],"features":[]}',
        ],
        [
            GOOD,
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"u":"a:b:\\"c\\"","a":{"a":{}}}}]}',
        ],
    ),
    "CM007": (
        [
            b'{"a":' * 10_000,
            b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            b"[" * 100_000,
            b'{"type":"FeatureCollection","features":[' + b"[" * 300 + b"]" * 300 + b"]}",
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":'
            + b"[" * 201
            + b"]" * 201
            + b"}}]}",
        ],
        [
            GOOD,
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":'
            + b"[" * 150
            + b"]" * 150
            + b"}}]}",
        ],
    ),
    "CM008": (
        [
            b'{"type":"Point","coordinates":[1,2],"n":1e999}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":-1E400}}]}',
        ],
        [GOOD, b'{"type":"Point","coordinates":[1,2],"n":1e-999}'],
    ),
    "CM009": (
        [
            b'{"type":"Point","coordinates":[1,2],"n":"\\ud800"}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"\\udc00":1}}]}',
        ],
        [GOOD, b'{"type":"Point","coordinates":[1,2],"n":"\\ud83d\\ude86"}', b'{"type":"Point","coordinates":[1,2],"n":"\\\\ud800"}'],
    ),
    "CM010": ([b"", b" \n", b"\xef\xbb\xbf"], [GOOD]),
    "CM011": ([b"PK\x03\x04....", b"\x1f\x8b\x08", b"SQLite format 3\x00", b"<kml/>", b"<!DOCTYPE html><html>", b"fgb\x03"], [GOOD]),
    "CM103": ([b"[]", b"1", b'"Point"', b"null", b"[" + json.dumps(POINT).encode() + b"]"], [GOOD]),
    "CM104": (
        [
            {},
            {"coordinates": [1, 2]},
            {"type": None},
            collection({"geometry": None, "properties": {}}),
            feature({"coordinates": [1, 2]}),
            {"features": []},
            {"type": 5, "features": []},
        ],
        [GOOD],
    ),
    "CM105": (
        [
            {"type": "point", "coordinates": [1, 2]},
            {"type": "Featurecollection", "features": []},
            feature({"type": "Circle"}),
            collection({"type": "feature", "geometry": None, "properties": {}}),
            {"type": ""},
        ],
        [GOOD],
    ),
    "CM106": (
        [{"type": "FeatureCollection"}, {"type": "FeatureCollection", "features": {}}, {"type": "FeatureCollection", "features": None}],
        [GOOD, collection()],
    ),
    "CM107": (
        [collection(POINT), collection(None), collection(1), collection([]), collection(collection()), collection("a", feature(POINT))],
        [GOOD],
    ),
    "CM108": (
        [
            {"type": "Feature", "properties": {}},
            collection({"type": "Feature", "properties": {}}),
            feature([1, 2]),
            feature("POINT (1 2)"),
            feature(0),
        ],
        [GOOD, feature()],
    ),
    "CM109": (
        [{"type": "Feature", "geometry": None}, feature(properties=[]), feature(properties="a"), collection(feature(properties=1))],
        [GOOD, feature(properties=None)],
    ),
    "CM110": (
        [feature(id=None), feature(id=[1]), collection(feature(id={})), feature(id=True)],
        [GOOD, feature(id=1), feature(id=1.5), feature(id="")],
    ),
    "CM111": ([feature(feature(POINT)), feature(collection())], [GOOD]),
    "CM112": (
        [
            {"type": "Point"},
            feature({"type": "LineString"}),
            {"type": "Point", "coordinates": None},
            {"type": "Point", "coordinates": "1,2"},
            {"type": "Polygon", "coordinates": {}},
        ],
        [GOOD, many(POINT, LINE)],
    ),
    "CM113": (
        [
            {"type": "Point", "coordinates": [[1, 2]]},
            {"type": "LineString", "coordinates": [1, 2]},
            {"type": "Polygon", "coordinates": SHELL},
            {"type": "MultiPolygon", "coordinates": [SHELL]},
            {"type": "LineString", "coordinates": [SHELL]},
            {"type": "MultiPoint", "coordinates": [1, 2]},
            {"type": "MultiLineString", "coordinates": SHELL},
            {"type": "LineString", "coordinates": [[1, 2], None]},
            {"type": "LineString", "coordinates": [[1, 2], {"x": 1}]},
            collection(feature({"type": "Polygon", "coordinates": [[[[1, 2], [3, 4], [5, 6], [1, 2]]]]})),
        ],
        [GOOD],
    ),
    "CM114": (
        [
            {"type": "Point", "coordinates": [1]},
            line((1,), (1, 2)),
            {"type": "MultiPoint", "coordinates": [[]]},
            collection(feature(line((), (1, 2)))),
        ],
        [GOOD, {"type": "Point", "coordinates": []}],
    ),
    "CM115": (
        [{"type": "Point", "coordinates": [1, 2, 3, 4]}, collection(feature(line((1, 2, 3, 4), (1, 3, 3, 4))))],
        [GOOD, {"type": "Point", "coordinates": [1, 2, 3]}],
    ),
    "CM116": (
        [
            {"type": "Point", "coordinates": ["1", "2"]},
            {"type": "Point", "coordinates": [None, 2]},
            collection(feature(line((1, True), (1, 2)))),
            {"type": "Point", "coordinates": [1, {}]},
            b'{"type":"Point","coordinates":[1e999,2]}',
            b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,1e400]},"properties":null}]}',
        ],
        [GOOD],
    ),
    "CM117": (
        [
            line((1, 2)),
            {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]], [[1, 2]]]},
            {"type": "MultiLineString", "coordinates": [[]]},
            collection(feature(line((1, 2)))),
        ],
        [GOOD, {"type": "LineString", "coordinates": []}],
    ),
    "CM118": (
        [
            polygon([(1, 1), (2, 2), (1, 1)]),
            polygon([]),
            polygon(SHELL, [(1, 1)]),
            {"type": "MultiPolygon", "coordinates": [[[]]]},
            collection(feature(polygon([(1, 1), (2, 2), (1, 1)]))),
        ],
        [GOOD, {"type": "Polygon", "coordinates": []}],
    ),
    "CM119": (
        [polygon(SHELL[:-1]), collection(feature(polygon(SHELL, HOLE[:-1]))), polygon([(1, 1, 0), (2, 1, 0), (2, 2, 0), (1, 1, 5)])],
        [GOOD, polygon([(1, 1, 5), (2, 1, 0), (2, 2, 0), (1, 1, 5)])],
    ),
    "CM120": (
        [polygon(SHELL[::-1]), polygon(SHELL, HOLE[::-1]), {"type": "MultiPolygon", "coordinates": [[SHELL], [HOLE]]}],
        [GOOD, polygon(SHELL, HOLE)],
    ),
    "CM121": (
        [
            {"type": "GeometryCollection"},
            {"type": "GeometryCollection", "geometries": None},
            feature({"type": "GeometryCollection", "coordinates": []}),
        ],
        [GOOD, many(POINT, LINE)],
    ),
    "CM122": ([many(POINT, None), many(POINT, feature(POINT)), feature(many(LINE, "POINT"))], [GOOD, many(POINT, LINE)]),
    "CM123": ([many(POINT, many(POINT, LINE))], [GOOD, many(POINT, LINE)]),
    "CM124": ([many(POINT), feature(many(LINE, LINE))], [GOOD, many(POINT, LINE)]),
    "CM125": (
        [
            {**GOOD, "bbox": [1, 2, 3]},
            {**GOOD, "bbox": "0,0,1,1"},
            {**GOOD, "bbox": ["0", 0, 1, 1]},
            feature(POINT, bbox=[1, 2, 3, 4, 5]),
            collection(feature(POINT, bbox=[])),
            {**POINT, "bbox": {}},
            {**GOOD, "bbox": list(range(10))},
            {**GOOD, "bbox": [0] * 100_000},
        ],
        [GOOD, {**GOOD, "bbox": [10, 10, 72, 52]}],
    ),
    "CM126": (
        [
            {**GOOD, "bbox": [10, 52, 72, 10]},
            {**GOOD, "bbox": [500000, 10, 600000, 52]},
            feature(POINT, bbox=[71, 95, 72, 99]),
            {**GOOD, "bbox": [10, 10, 9, 72, 52, 1]},
        ],
        [{**GOOD, "bbox": [170, -20, -170, 60]}],
    ),
    "CM127": (
        [
            {**GOOD, "bbox": [10, 10, 0, 72, 52, 1]},
            feature(POINT, bbox=[71, 51, 0, 72, 52, 0]),
            feature(line((1, 2, 3), (2, 3, 4)), bbox=[1, 2, 2, 3]),
        ],
        [
            {**GOOD, "bbox": [10, 10, 72, 52]},
            feature(line((1, 2, 3), (2, 3, 4)), bbox=[1, 2, 3, 2, 3, 4]),
            feature(bbox=[0, 0, 0, 1, 1, 1]),
        ],
    ),
    "CM128": (
        [
            {**GOOD, "bbox": [10, 10, 71, 52]},
            feature(POINT, bbox=[72, 51, 73, 52]),
            {**POINT, "bbox": [0, 0, 1, 1]},
            collection(feature({"type": "Point", "coordinates": [0, 0]}), bbox=[170, -10, -170, 10]),
        ],
        [
            {**GOOD, "bbox": [10, 10, 72, 52]},
            feature({"type": "MultiPoint", "coordinates": [[179, 1], [-179, 1]]}, bbox=[178, 0, -178, 2]),
            collection(feature({"type": "MultiPoint", "coordinates": [[179, 1], [-179, 1]]}), bbox=[178, 0, -178, 2]),
        ],
    ),
    "CM129": (
        [line((170, 45), (-170, 45)), collection(feature(polygon([(177, 1), (-178, 1), (-178, 3), (170, 4), (177, 1)])))],
        [
            GOOD,
            {"type": "MultiLineString", "coordinates": [[[170, 45], [180, 45]], [[-180, 45], [-170, 45]]]},
            polygon([(-180, -90), (180, -90), (180, 90), (-180, 90), (-180, -90)]),
            polygon([(-170, -80), (170, -80), (170, 80), (-170, 80), (-170, -80)]),
        ],
    ),
    "CM130": (
        [
            {**GOOD, "crs": CRS84},
            {**GOOD, "crs": None},
            feature(POINT, crs=CRS84),
            {**GOOD, "crs": {"type": "name", "properties": {"name": "EPSG:4326"}}},
        ],
        [GOOD],
    ),
    "CM131": (
        [
            {**GOOD, "crs": UTM},
            {**POINT, "crs": "EPSG:3857"},
            {**GOOD, "crs": {"type": "link", "properties": {"href": "http://a/b"}}},
            {**GOOD, "crs": {}},
        ],
        [GOOD, {**GOOD, "crs": CRS84}],
    ),
    "CM132": (
        [
            feature(POINT, coordinates=[1, 2]),
            {**POINT, "properties": {}},
            {**POINT, "geometry": None},
            {**GOOD, "properties": {}},
            {**GOOD, "geometry": None},
            collection(feature(POINT, features=[])),
            {**GOOD, "coordinates": []},
            feature(POINT, geometries=[]),
            {**LINE, "features": []},
        ],
        [GOOD, feature(POINT, properties={"coordinates": 1, "features": [], "geometry": 2})],
    ),
    "CM133": (
        [{**GOOD, "title": "x"}, feature(POINT, style={}), {**POINT, "measure": 1}, collection(feature(POINT, tippecanoe={"a": 1}))],
        [GOOD, {**GOOD, "name": "layer"}],
    ),
    "CM134": (
        [
            {"type": "Point", "coordinates": []},
            feature({"type": "Polygon", "coordinates": []}),
            many(),
            {"type": "MultiPolygon", "coordinates": [[]]},
        ],
        [GOOD],
    ),
    "CM135": ([{**GOOD, "bbox": None}, collection(feature(bbox=None))], [GOOD]),
    "CM136": (
        [{"type": "Point", "coordinates": [71.123456789, 51]}, lines([(1.00000001, 2), (2, 3)])],
        [GOOD, {"type": "Point", "coordinates": [71.1234567, -51.7654321]}],
    ),
    "CM137": (
        [collection(feature(POINT, id=1), feature(LINE, id=1)), collection(feature(POINT, id="a"), feature(LINE, id="a"))],
        [GOOD, collection(feature(POINT, id=1), feature(LINE, id="1"), feature(), feature())],
    ),
    "CM138": (
        [
            {"type": "Topology", "objects": {}, "arcs": []},
            {"displayFieldName": "", "features": [], "geometryType": "esriGeometryPoint"},
            {"attributes": {}, "geometry": {"x": 1, "y": 2}},
            {"rings": [[[1, 2]]], "spatialReference": {"wkid": 4326}},
        ],
        [GOOD],
    ),
    "CM139": ([rows({"id": 1}, {"id": 2})], [GOOD, rows({"id": 1}, {"id": 1}), rows({"id": 1}, {})]),
    "CM211": (
        [
            polygon([(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]),
            feature(polygon(SHELL, [(30, 30), (30, 31), (31, 31), (30, 30)])),
            {"type": "MultiPolygon", "coordinates": [[SHELL], [SHELL]]},
        ],
        [GOOD, polygon(SHELL, HOLE)],
    ),
    "CM212": ([line((1, 2), (1, 2)), lines([(1, 2), (1, 2), (1, 2)])], [GOOD]),
    "CM213": (
        [line((1, 2), (1, 2), (3, 4)), polygon([(10, 10), (20, 10), (20, 10), (20, 20), (10, 10)])],
        [
            GOOD,
            line((1, 2), (3, 4), (1, 2)),
            {"type": "MultiPoint", "coordinates": [[1, 2], [1, 2]]},
            line((1, 2, 0), (1, 2, 9), (3, 4, 0)),
        ],
    ),
    "CM214": (
        [
            line((1, 1), (2, 1), (1.5, 1)),
            polygon([(10, 10), (20, 10), (20, 20), (15, 20), (15, 30), (15, 20), (10, 20), (10, 10)]),
            polygon([(10, 10), (20, 10), (20, 20), (10, 20), (10, 10), (10, 5), (10, 10)]),
            line((1, 1), (2, 1), (2, 1), (1.5, 1)),
        ],
        [GOOD, line((1, 1), (2, 1), (2, 2), (1, 2))],
    ),
    "CM215": ([line((0, 1), (2, 1), (2, 2), (1, 0))], [GOOD, line((0, 1), (2, 1), (2, 2), (0, 1))]),
    "CM216": (
        [line((0, 1), (2, 1), (1, 1)), line((0, 1), (1, 1), (2, 1), (2, 2), (1.5, 1), (0.5, 1))],
        [GOOD, line((0, 1), (2, 1), (2, 2), (1, 0))],
    ),
    "CM217": ([line((1, 1), (2, 1), (1.5, 1.05))], [GOOD, line((1, 1), (2, 1), (1.5, 1.5))]),
    "CM218": (
        [polygon([(10, 10), (10.1, 10), (10.1, 10.000001), (10, 10)])],
        [GOOD, polygon([(10, 10), (10.00001, 10), (10.00001, 10.00001), (10, 10)])],
    ),
    "CM219": ([], [GOOD]),
    "CM311": (
        [{"type": "Point", "coordinates": [400, 10]}, {"type": "Point", "coordinates": [200, 95]}, lines([(1, 2), (1, -190)])],
        [GOOD, {"type": "Point", "coordinates": [180, -90]}],
    ),
    "CM312": (
        [{"type": "Point", "coordinates": [181, 10]}, line((170, 1), (190, 1))],
        [GOOD, {"type": "Point", "coordinates": [-180, 90]}],
    ),
    "CM313": (
        [{"type": "Point", "coordinates": [500000, 7100000]}, lines([(500000, 10), (500001, 10)])],
        [GOOD, {"type": "Point", "coordinates": [400, 10]}],
    ),
    "CM314": ([{"type": "Point", "coordinates": [51.1, 171.4]}, lines([(51, 91), (52, 95)])], [GOOD]),
    "CM315": (
        [{"type": "Point", "coordinates": [0, 0]}, lines([(71, 51), (0, 0), (72, 52)]), {"type": "Point", "coordinates": [0.0, -0.0]}],
        [GOOD, {"type": "Point", "coordinates": [0, 51]}, line((-1, -1), (0, 0), (1, 1)), polygon([(0, 0), (1, 0), (1, 1), (0, 0)])],
    ),
    "CM411": (
        [rows({"a": 1}, {"a": "1"}), rows({"a": True}, {"a": 1}), rows({"a": []}, {"a": {}})],
        [GOOD, rows({"a": 1}, {"a": 1.5}, {"a": None})],
    ),
    "CM412": (
        [rows({"a": 1}, {})],
        [GOOD, rows({"a": 1}, {"a": None}), collection(feature(properties={"a": 1}), feature(properties=None))],
    ),
    "CM413": (
        [
            rows({"url": "ftp://a.b"}),
            rows({"source_url": "www.a.b"}),
            rows({"name": "javascript:alert(1)"}),
            rows({"website": "a b"}),
            rows({"url": "http://"}),
        ],
        [
            GOOD,
            rows({"url": "https://a.b/c"}, {"url": None}, {"url": ""}, {"urlaub": "ja"}),
            rows({"href": "http://a.b; https://c.d"}),
            rows({"name": "Javascript Street"}),
        ],
    ),
    "CM414": (
        [rows({"date": "2026-13-01"}), rows({"start_date": "31.02.2020"}), rows({"date": "2026-02-30T10:00:00Z"})],
        [
            GOOD,
            rows(
                {"date": "2026-11-22"},
                {"date": "2026"},
                {"date": "spring 2020"},
                {"date": "12/31/2020"},
                {"date": "2026-02"},
                {"update": "2026-13-01"},
            ),
        ],
    ),
    "CM415": (
        [rows({"name_en": "a", "name_ru": None}), rows({"name_en": "a", "name_ru": "", "name_kk": "c"})],
        [
            GOOD,
            rows({"name_en": "a", "name_ru": "b"}, {"name_en": None, "name_ru": None}),
            rows({"name_en": "a"}),
            rows({"name_en": "a", "name_x": None}),
        ],
    ),
    "CM601": (
        [lines([(70, 50), (70.1, 50)], [(70.05, 50.00002), (70.05, 50.1)])],
        [GOOD, lines([(70, 50), (70.1, 50)], [(70.05, 50), (70.05, 50.1)])],
    ),
    "CM602": (
        [lines([(70, 50), (70.1, 50)], [(70.05, 49.99998), (70.05, 50.1)])],
        [GOOD, lines([(70, 50), (70.1, 50)], [(70.05, 49.9), (70.05, 50.1)])],
    ),
    "CM603": (
        [lines([(70, 50), (71, 50)], [(71, 50), (72, 50)], [(72, 50), (73, 50)], [(80, 50), (81, 50)])],
        [
            GOOD,
            lines([(70, 50), (71, 50)], [(71, 50), (72, 50)], [(72, 50), (73, 50)]),
            lines([(178, -18), (179, -18)], [(179, -18), (180, -18)], [(-180, -18), (-179, -18)], [(-179, -18), (-178, -18)]),
        ],
    ),
    "CM604": (
        [collection(feature(LINE), feature(LINE)), rows({"a": 1}, {"a": 1})],
        [GOOD, rows({"a": 1}, {"a": 2}), collection(feature(), feature())],
    ),
    "CM605": (
        [lines([(70, 50), (71, 50), (72, 50)], [(71, 50), (72, 50), (72, 51)])],
        [GOOD, lines([(70, 50), (71, 50)], [(71, 50), (72, 50)])],
    ),
}
# Rules that only other formats or sizes meet; where they are tested.
ELSEWHERE = {
    "CM001": "test_sources.py",
    "CM012": "test_sequence.py",
    "CM013": "test_engine.py",
    "CM014": "test_foreign.py",
    "CM219": "test_limits.py",
    "CM316": "test_foreign.py",
    "CM606": "test_limits.py",
}
GENERIC = [rule for rule in RULES if not isinstance(rule, LayerRule | AtlasRule)]


def check(tmp_path, document):
    path = tmp_path / "case.geojson"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return check_files([path]).findings


def cases(which):
    return [
        pytest.param(code, document, id=f"{code}-{number}") for code, sets in CASES.items() for number, document in enumerate(sets[which])
    ]


@pytest.mark.parametrize(("code", "document"), cases(0))
def test_bad_data_is_found(tmp_path, code, document):
    findings = check(tmp_path, document)
    assert code in {finding.code for finding in findings}, findings
    for finding in findings:
        assert "cannot be checked" not in finding.message


@pytest.mark.parametrize(("code", "document"), cases(1))
def test_good_data_is_not(tmp_path, code, document):
    assert code not in {finding.code for finding in check(tmp_path, document)}


def test_good_data_is_quite_clean(tmp_path):
    assert check(tmp_path, GOOD) == []


@pytest.mark.parametrize(("lon", "held"), [(15, False), (5, True), (25, True), (-15, True)])
def test_a_box_may_span_nearly_the_whole_world(tmp_path, lon, held):
    box = {"bbox": [20, 0, 10, 5]}
    point = feature({"type": "Point", "coordinates": [lon, 1]})
    for document in (collection(point, **box), collection({**point, **box})):
        assert ("CM128" in {finding.code for finding in check(tmp_path, document)}) is not held


def test_every_rule_has_fixtures():
    for rule in GENERIC:
        assert rule.code[2] in FAMILIES
        assert rule.code in ELSEWHERE or all(CASES[rule.code]), rule.code


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "null"), (True, "a truth value"), (1, "a number"), (1.5, "a number"), ("a", "a text"), ([], "an array"), ({}, "an object")],
)
@pytest.mark.parametrize(
    ("code", "make", "accepted"),
    [
        ("CM104", lambda value: {"type": value}, "a text"),
        ("CM106", lambda value: {"type": "FeatureCollection", "features": value}, "an array"),
        ("CM108", feature, "an object or null"),
        ("CM109", lambda value: feature(properties=value), "an object or null"),
        ("CM110", lambda value: feature(id=value), "a text or a number"),
        ("CM112", lambda value: {"type": "Point", "coordinates": value}, "an array"),
        ("CM121", lambda value: {"type": "GeometryCollection", "geometries": value}, "an array"),
    ],
)
def test_a_message_names_the_type_that_is_there_and_those_that_may_be(tmp_path, value, name, code, make, accepted):
    messages = [finding.message for finding in check(tmp_path, make(value)) if finding.code == code]
    expected = [] if name in accepted else [f" is {name}, not {accepted}"]
    assert [message[message.index(" is ") :] for message in messages] == expected
