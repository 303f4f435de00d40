"""What readers make of the KML beyond what tests/readers proves: numbers at the edges of its types, its own library, and QGIS's way of reading styles."""

import json
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pandas as pd
import pyogrio
import pytest

from corridormap.atlas import Atlas
from corridormap.derive import write_layers
from corridormap.export import export
from corridormap.export.kml import _leaf

fastkml = pytest.importorskip("fastkml")
pytestmark = pytest.mark.slow

KML = "{http://www.opengis.net/kml/2.2}"
ODD = {"big": [3_000_000_000, -5, None], "huge": [2**60 + 1, 1, 2], "small": [2**31 - 1, -(2**31) + 1, None], "open": [True, False, None]}


@pytest.fixture(scope="module")
def odd(_built, tmp_path_factory):
    """Three points with numbers at the edges of KML's types, and truth values."""
    folder = shutil.copytree(_built, tmp_path_factory.mktemp("odd") / "tiny")
    path = folder / "layers" / "sights.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    sight = document["features"][0]
    document["features"] = [
        {
            **sight,
            "id": f"s{row}",
            "properties": {**sight["properties"], "id": f"s{row}"} | {key: values[row] for key, values in ODD.items()},
        }
        for row in range(3)
    ]
    path.write_text(json.dumps(document), encoding="utf-8")
    return export(Atlas.open(folder), tmp_path_factory.mktemp("kml") / "a.kml", format="kml", layers=["sights"])


def test_the_new_gdal(odd):
    frame = pyogrio.read_dataframe(odd.target, layer="Sights").sort_values("id2")
    for column in ("big", "small", "open"):
        found = [int(value) if pd.notna(value) else None for value in frame[column]]
        assert found == ODD[column], column
    assert list(frame["huge"]) == [str(value) for value in ODD["huge"]]


def test_its_own_library(odd):
    document = fastkml.KML.parse(odd.target).features[0]
    fields = {field.name: field.type_.value for field in document.schemata[0].fields}
    assert {name: fields[name] for name in ODD} == {"big": "double", "huge": "string", "small": "int", "open": "int"}
    assert "bool" not in fields.values()


def test_what_is_changed_is_told(odd):
    assert "sights: open is 1 for true and 0 for false" in odd.losses
    assert "sights: whole numbers of big, beyond 2^31, are decimals" in odd.losses
    assert "sights: whole numbers of huge, beyond 2^31, are texts" in odd.losses
    assert not any("small" in loss for loss in odd.losses)


@pytest.mark.gdal
@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="needs Debian's gdal-bin: apt-get install gdal-bin")
def test_every_feature_has_a_style_to_gdal(atlas, tmp_path):
    """GDAL's styles are what QGIS draws by."""
    made = export(atlas, tmp_path / "a.kml", format="kml")
    command = ["ogrinfo", "-ro", "-al", "-geom=NO", "--config", "LIBKML_RESOLVE_STYLE", "YES", made.target]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    styles = [line.split("Style = ")[1] for line in told.splitlines() if "Style = " in line]
    assert len(styles) == sum(made.features.values())
    assert all(style.startswith(("PEN(c:#", "SYMBOL(c:#", "SYMBOL(id:")) for style in styles)
    colour = atlas.layer_record("crossings").style.values["rail"].colour  # noqa: PD011
    assert any(style.startswith("SYMBOL(") and f"c:{colour}ff" in style.lower() for style in styles)


def test_every_point_has_a_colour_a_size_and_an_icon(atlas, tmp_path):
    root = ET.parse(export(atlas, tmp_path / "a.kml", format="kml").target).getroot()
    styles = {style.get("id"): style.find(f"{KML}IconStyle") for style in root.iter(f"{KML}Style")}
    points = [place for place in root.iter(f"{KML}Placemark") if place.find(f"{KML}Point") is not None]
    wanted = [layer.id for layer in atlas.layers if layer.geometry == "Point"]
    assert len(points) == sum(int(atlas.layer(layer).geometry.notna().sum()) for layer in wanted)
    for place in points:
        icon = styles[place.findtext(f"{KML}styleUrl").removeprefix("#")]
        assert icon.findtext(f"{KML}color").startswith("ff")
        assert float(icon.findtext(f"{KML}scale")) > 0
        assert icon.findtext(f"{KML}Icon/{KML}href").endswith(".png")


def test_kmz_tells_which_names_are_not_kept(tiny, edit, tmp_path):
    with edit(tiny / "layers/sights.geojson") as document:
        document["features"][0]["properties"]["тип_пути"] = "электро"
    told = "GDAL and QGIS show underscores for names of properties in other letters than Latin: тип_пути"
    assert told in export(Atlas.open(tiny), tmp_path / "a.kmz", format="kmz").losses
    assert not any("underscores" in loss for loss in export(Atlas.open(tiny), tmp_path / "a.kml", format="kml").losses)


@pytest.mark.parametrize("text", ["a<b>&\"'\n\t]]>", "Қ\u2028\x85\U0001f600", "one\rtwo", ""])
def test_texts_come_back_as_they_are(text):
    read = ET.fromstring(_leaf("name", text, of=text))
    assert read.text == (text or None)
    assert read.get("of") == text


def test_coordinates_are_written_as_python_writes_numbers(tiny, edit, tmp_path):
    with edit(tiny / "layers/sights.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [0.00001, -0.5]
    root = ET.parse(export(Atlas.open(tiny), tmp_path / "a.kml", format="kml", layers=["sights"]).target).getroot()
    assert next(root.iter(f"{KML}coordinates")).text == "1e-05,-0.5"


def test_no_two_styles_or_schemas_share_an_id(tiny, tmp_path):
    """A layer may be called schema, a value as what else there is, and two may differ in signs that no id holds or in where a hyphen stands."""
    path = tiny / "atlas.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ('id = "sights"', 'id = "schema"'),
        ('id = "crossings"', 'id = "schema:a"'),
        ('id = "links"', 'id = "schema-a"'),
        ('id = "border"', 'id = "1-schema_a"'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    values = "".join(f'"{value}" = {{ colour = "#00000{number}" }}, ' for number, value in enumerate(["a", "other", "б", "в", "a-b"]))
    old = 'style = { symbol = { colour = "#a8790a"'
    text = text.replace(old, f'style = {{ by = "kind", values = {{ {values.rstrip(", ")} }}, symbol = {{ colour = "#a8790a"')
    path.write_text(text, encoding="utf-8")
    places = tiny / "points/sights.geojson"
    places.write_text(places.read_text(encoding="utf-8").replace('"kind": "sight"', '"kind": "nothing of these"'), encoding="utf-8")
    write_layers(Atlas.open(tiny))
    root = ET.parse(export(Atlas.open(tiny), tmp_path / "a.kml", format="kml").target).getroot()
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)) > 12
    assert all(
        name.replace("_", "").replace("-", "").isalnum() and (name[0].isalpha() or name.startswith("_1")) and name.isascii() for name in ids
    )
    named = {name for element in root.iter(f"{KML}SchemaData") for name in [element.get("schemaUrl").removeprefix("#")]}
    assert named <= {element.get("id") for element in root.iter(f"{KML}Schema")}
    (place,) = [place for place in root.iter(f"{KML}Placemark") if place.findtext(f"{KML}name") == "Geyser"]
    style = next(style for style in root.iter(f"{KML}Style") if style.get("id") == place.findtext(f"{KML}styleUrl").removeprefix("#"))
    assert style.findtext(f"{KML}IconStyle/{KML}color") == "ff0a79a8"
