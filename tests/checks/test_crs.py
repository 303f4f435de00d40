"""What a member "crs" may call WGS 84: the rule and the repair go by one list of names."""

import json

import pytest

from corridormap.checks import check_files
from corridormap.checks.fix import fix_text

WGS84 = [
    "CRS84",
    "OGC:CRS84",
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "urn:x-ogc:def:crs:OGC:1.3:CRS84",
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "https://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "https://www.opengis.net/def/crs/OGC/0/CRS84",
    "EPSG:4326",
    "epsg:4326",
    "urn:ogc:def:crs:EPSG::4326",
    "urn:ogc:def:crs:EPSG:6.9:4326",
    "urn:x-ogc:def:crs:EPSG:4326",
    "http://www.opengis.net/def/crs/EPSG/0/4326",
    "https://www.opengis.net/def/crs/EPSG/0/4326",
]
OTHERS = ["EPSG:3857", "urn:ogc:def:crs:EPSG::32642", "EPSG:43260", "urn:ogc:def:crs:OGC:1.3:CRS83", "CRS27", "", "WGS84-ish"]


@pytest.mark.parametrize("name", WGS84 + OTHERS)
def test_rule_and_repair_agree(tmp_path, name):
    point = {"type": "Point", "coordinates": [71.4, 51.1]}
    feature = {"type": "Feature", "geometry": point, "properties": {}}
    crs = {"type": "name", "properties": {"name": name}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]})
    path = tmp_path / "a.geojson"
    path.write_text(text, encoding="utf-8")
    (finding,) = check_files([path]).findings
    removed = b'"crs"' not in fix_text(text.encode()).new
    assert (finding.code == "CM130") == removed == (name in WGS84)
