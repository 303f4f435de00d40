"""No false alarm: the examples of RFC 7946, and what GDAL, geopandas and shapely write, give no error."""

import json
import subprocess

import geopandas
import pytest
import shapely

from corridormap.checks import Severity, check_files

SECTION_1_5 = """
{ "type": "FeatureCollection",
  "features": [{
    "type": "Feature",
    "geometry": { "type": "Point", "coordinates": [102.0, 0.5] },
    "properties": { "prop0": "value0" }
  }, {
    "type": "Feature",
    "geometry": { "type": "LineString", "coordinates": [ [102.0, 0.0], [103.0, 1.0], [104.0, 0.0], [105.0, 1.0] ] },
    "properties": { "prop0": "value0", "prop1": 0.0 }
  }, {
    "type": "Feature",
    "geometry": { "type": "Polygon", "coordinates": [ [ [100.0, 0.0], [101.0, 0.0], [101.0, 1.0], [100.0, 1.0], [100.0, 0.0] ] ] },
    "properties": { "prop0": "value0", "prop1": { "this": "that" } }
  }]
}
"""
RING = "[100.0, 0.0], [101.0, 0.0], [101.0, 1.0], [100.0, 1.0], [100.0, 0.0]"
HOLE = "[100.8, 0.8], [100.8, 0.2], [100.2, 0.2], [100.2, 0.8], [100.8, 0.8]"
EXAMPLES = {
    "1.5": SECTION_1_5,
    "3.1.9 line": '{"type":"MultiLineString","coordinates":[[[170.0,45.0],[180.0,45.0]],[[-180.0,45.0],[-170.0,45.0]]]}',
    "3.1.9 polygon": '{"type":"MultiPolygon","coordinates":[[[[180.0,40.0],[180.0,50.0],[170.0,50.0],[170.0,40.0],[180.0,40.0]]],'
    "[[[-170.0,40.0],[-170.0,50.0],[-180.0,50.0],[-180.0,40.0],[-170.0,40.0]]]]}",
    "5 feature": '{"type":"Feature","bbox":[-10.0,-10.0,10.0,10.0],"geometry":{"type":"Polygon","coordinates":[[[-10.0,-10.0],[10.0,-10.0],'
    '[10.0,10.0],[-10.0,-10.0]]]},"properties":null}',
    "5 collection": '{"type":"FeatureCollection","bbox":[100.0,0.0,105.0,1.0],"features":[]}',
    "5 heights": '{"type":"FeatureCollection","bbox":[100.0,0.0,-100.0,105.0,1.0,0.0],"features":[]}',
    "5.2 Fiji": '{"type":"FeatureCollection","bbox":[177.0,-20.0,-178.0,-16.0],"features":[{"type":"Feature","geometry":{"type":"MultiPoint",'
    '"coordinates":[[177.0,-20.0],[-178.0,-16.0]]},"properties":{}}]}',
    "5.2 wide": '{"type":"FeatureCollection","bbox":[-178.0,-20.0,177.0,-16.0],"features":[]}',
    "5.3 pole": '{"type":"FeatureCollection","bbox":[-180.0,60.0,180.0,90.0],"features":[]}',
    "6.1": '{"type":"Feature","id":"f1","geometry":{"type":"Point","coordinates":[1,2]},"properties":{},"title":"Example Feature"}',
    "6.1 extended": '{"type":"Feature","id":"f2","geometry":{"type":"Point","coordinates":[1,2]},"properties":{},'
    '"foreign":{"type":"Feature","features":1,"coordinates":"none"}}',
    "A.1": '{"type":"Point","coordinates":[100.0,0.0]}',
    "A.2": '{"type":"LineString","coordinates":[[100.0,0.0],[101.0,1.0]]}',
    "A.3": f'{{"type":"Polygon","coordinates":[[{RING}]]}}',
    "A.3 hole": f'{{"type":"Polygon","coordinates":[[{RING}],[{HOLE}]]}}',
    "A.4": '{"type":"MultiPoint","coordinates":[[100.0,0.0],[101.0,1.0]]}',
    "A.5": '{"type":"MultiLineString","coordinates":[[[100.0,0.0],[101.0,1.0]],[[102.0,2.0],[103.0,3.0]]]}',
    "A.6": '{"type":"MultiPolygon","coordinates":[[[[102.0,2.0],[103.0,2.0],[103.0,3.0],[102.0,3.0],[102.0,2.0]]],'
    f"[[{RING}],[[100.2,0.2],[100.2,0.8],[100.8,0.8],[100.8,0.2],[100.2,0.2]]]]}}",
    "A.7": '{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[100.0,0.0]},'
    '{"type":"LineString","coordinates":[[101.0,0.0],[102.0,1.0]]}]}',
}
GEOMETRIES = [
    shapely.Point(71.4, 51.1),
    shapely.LineString([(71, 51), (72, 52), (73, 51)]),
    shapely.box(60, 45, 61, 46),
    shapely.Polygon([(10, 10), (20, 10), (20, 20), (10, 20)], [[(12, 12), (14, 12), (14, 14), (12, 14)]]),
    shapely.MultiPoint([(1, 2), (3, 4)]),
    shapely.MultiLineString([[(1, 2), (3, 4)], [(5, 6), (7, 8)]]),
    shapely.MultiPolygon([shapely.box(1, 2, 3, 4), shapely.box(5, 6, 7, 8)]),
    None,
]


def errors(path):
    return [str(finding) for finding in check_files([path]).findings if finding.severity is Severity.ERROR]


@pytest.fixture
def frame():
    return geopandas.GeoDataFrame(
        {"id": [f"f{number}" for number in range(len(GEOMETRIES))], "name": "Өскемен", "length_km": 1.5, "n": range(len(GEOMETRIES))},
        geometry=GEOMETRIES,
        crs="EPSG:4326",
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_the_rfc(tmp_path, name):
    path = tmp_path / "example.geojson"
    path.write_text(EXAMPLES[name], encoding="utf-8")
    found = [finding for finding in check_files([path]).findings if finding.severity is not Severity.NOTE]
    if name == "1.5":  # its prop1 is a number once and an object once, which is worth a warning
        assert [finding.code for finding in found] == ["CM411"]
        return
    assert [str(finding) for finding in found] == []


@pytest.mark.parametrize("options", [{}, {"RFC7946": "YES"}, {"WRITE_BBOX": "YES"}, {"WRITE_NAME": "NO"}, {"COORDINATE_PRECISION": "15"}])
def test_what_gdal_writes(tmp_path, frame, options):
    path = tmp_path / "gdal.geojson"
    frame.to_file(path, driver="GeoJSON", engine="pyogrio", **options)
    assert errors(path) == []


@pytest.mark.parametrize("options", [{}, {"RS": "YES"}])
def test_text_sequences_that_gdal_writes(tmp_path, frame, options):
    path = tmp_path / "gdal.geojsonl"
    frame.to_file(path, driver="GeoJSONSeq", engine="pyogrio", **options)
    report = check_files([path])
    assert [str(finding) for finding in report.findings if finding.severity is not Severity.NOTE and finding.code != "CM120"] == []
    assert report.checked[0].format == "GeoJSON text sequence"
    assert report.checked[0].features == len(frame)


@pytest.mark.parametrize("options", [{}, {"show_bbox": True}, {"na": "drop"}, {"drop_id": True}, {"to_wgs84": True}])
def test_what_geopandas_writes(tmp_path, frame, options):
    path = tmp_path / "geopandas.geojson"
    path.write_text(frame.to_json(**options), encoding="utf-8")
    assert errors(path) == []


@pytest.mark.parametrize("height", [False, True])
def test_what_shapely_writes(tmp_path, height):
    path = tmp_path / "shapely.geojson"
    for geometry in filter(None, GEOMETRIES):
        path.write_text(shapely.to_geojson(shapely.force_3d(geometry, 5.0) if height else geometry), encoding="utf-8")
        assert errors(path) == []


def test_what_qgis_writes(tmp_path):
    head = {
        "type": "FeatureCollection",
        "name": "layer",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        "xy_coordinate_resolution": 1e-07,
        "features": [
            {
                "type": "Feature",
                "properties": {"fid": 1, "d": None},
                "geometry": {"type": "MultiLineString", "coordinates": [[[1.5, 2.5], [3.5, 4.5]]]},
            }
        ],
    }
    path = tmp_path / "qgis.geojson"
    path.write_text(json.dumps(head, indent=1), encoding="utf-8")
    report = check_files([path])
    assert {finding.code for finding in report.findings} == {"CM130", "CM133"}
    assert report.counts()["error"] == 0


def test_what_mapshaper_writes(tmp_path):
    lines = [json.dumps(json.loads(line)) for line in json.dumps(json.loads(SECTION_1_5)["features"][0]).splitlines()]
    path = tmp_path / "mapshaper.json"
    path.write_text('{"type":"FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}", encoding="utf-8")
    assert errors(path) == []
    path.write_text('{"type":"GeometryCollection", "geometries": [\n{"type":"Point","coordinates":[1,2]}\n]}', encoding="utf-8")
    assert errors(path) == []


@pytest.mark.gdal
def test_what_ogr2ogr_makes_of_a_layer(tmp_path, request):
    source = request.config.rootpath / "geodata" / "layers" / "places.geojson"
    for number, options in enumerate(([], ["-lco", "RFC7946=YES"], ["-lco", "WRITE_BBOX=YES"])):
        path = tmp_path / f"{number}.geojson"
        subprocess.run(["ogr2ogr", "-f", "GeoJSON", *options, str(path), str(source)], check=True)
        assert errors(path) == []
