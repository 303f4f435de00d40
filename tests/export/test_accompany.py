"""Every folder and zip of layers says what it holds, under which licence and from where, to people, to Frictionless and to QGIS."""

import csv
import json
import os
import re
import subprocess
import sys
import zipfile

import pyogrio
import pytest

from corridormap.atlas import Atlas
from corridormap.export import FORMATS, export

pytestmark = pytest.mark.slow

FOLDERS = [name for name, known in FORMATS.items() if known.kind != "file"]
STYLED = [name for name in FOLDERS if FORMATS[name].styled]
BESIDE = {"README.txt", "LICENCE.txt", "fields.csv", "datapackage.json"}
NEEDS = {"geoparquet": "pyarrow"}


@pytest.fixture(scope="module")
def made(atlas, tmp_path_factory):
    ready = {}

    def make(form):
        if form not in ready:
            pytest.importorskip(NEEDS.get(form, "geopandas"))
            ready[form] = export(atlas, tmp_path_factory.mktemp(form) / "atlas", format=form)
        return ready[form]

    return make


def table(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


FRICTIONLESS = """
import json, sys
from frictionless import Package
report = Package(sys.argv[1]).validate()
print(json.dumps({"valid": report.valid, "errors": [error.note for task in report.tasks for error in task.errors]}))
"""


@pytest.mark.parametrize("form", FOLDERS)
def test_frictionless_finds_every_file_with_its_hash_and_the_tables_by_their_schemas(made, form):
    pytest.importorskip("frictionless")
    folder = made(form).target
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FRICTIONLESS, "datapackage.json"], cwd=folder, capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout.splitlines()[-1])
    assert report == {"valid": True, "errors": []}


def test_frictionless_would_find_another_type(made, tmp_path):
    pytest.importorskip("frictionless")
    folder = made("csv").target
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    text = (tmp_path / "datapackage.json").read_text(encoding="utf-8")
    (tmp_path / "datapackage.json").write_text(
        text.replace('"name": "name_en",\n            "type": "string"', '"name": "name_en",\n            "type": "number"')
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FRICTIONLESS, "datapackage.json"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert not json.loads(done.stdout.splitlines()[-1])["valid"]


@pytest.mark.parametrize("form", FOLDERS)
def test_licence_credit_sources_and_fields_are_there(atlas, made, form):
    folder = made(form).target
    names = {path.name for path in folder.iterdir()}
    assert names >= BESIDE
    credit = atlas.record.attribution["en"]
    licence, readme = ((folder / name).read_text(encoding="utf-8") for name in ("LICENCE.txt", "README.txt"))
    for text in (licence, readme):
        assert f"Credit: {credit}\n" in text
    assert "ODbL-1.0: corridors, " in licence
    assert "CC-BY-4.0: venues\n    https://spdx.org/licenses/CC-BY-4.0.html\n" in licence
    assert all(f"- {loss}\n" in readme for loss in made(form).losses) or form == "qgis"
    listed = {row["id"] for row in table(folder / "tables/sources.csv" if form == "qgis" else folder / "sources.csv")}
    cited = {name for layer in atlas.layers for name in layer.sources}
    assert cited <= listed <= set(atlas.sources)
    known = {(row["layer"], row["property"]) for row in table(folder / "fields.csv") if row["property"]}
    assert known == {(layer.id, name) for layer in atlas.layers for name in atlas.features(layer.id).columns.drop("geometry")}


@pytest.mark.parametrize("form", ["shapefile", "csv", "flatgeobuf", "geojson"])
def test_fields_are_those_that_gdal_reads(made, form):
    folder = made(form).target
    for layer in ("corridors", "crossings", "works"):
        path = folder / FORMATS[form].file_of(layer)
        told = [row["field"] for row in table(folder / "fields.csv") if row["layer"] == layer]
        assert sorted(told) == sorted(pyogrio.read_info(path)["fields"])


def test_the_zip_holds_the_same(atlas, made, tmp_path):
    path = export(atlas, tmp_path / "a.zip", format="shapefile").target
    with zipfile.ZipFile(path) as archive:
        assert BESIDE | {"sources.csv", "corridors.qml", "corridors.qmd"} <= set(archive.namelist())
        assert archive.read("datapackage.json") == (made("shapefile").target / "datapackage.json").read_bytes()


def test_titles_are_in_the_language(atlas, tmp_path):
    folder = export(atlas, tmp_path / "out", format="geojson", layers=["venues"], lang="ru").target
    assert atlas.record.title["ru"] in (folder / "README.txt").read_text(encoding="utf-8")
    assert json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["title"] == atlas.record.title["ru"]
    # The licence of what is there, not of the rest.
    assert "ODbL-1.0" not in (folder / "LICENCE.txt").read_text(encoding="utf-8").split("Credit")[0]


@pytest.mark.parametrize("lang", ["ru", "kk"])
@pytest.mark.parametrize("form", FOLDERS)
def test_what_goes_with_a_folder_is_in_one_language(atlas, tmp_path, form, lang):
    """Also what is lost and how coordinates were transformed; file names, ids and names of columns stay."""
    options = {"simplify": 500.0} | ({"crs": "EPSG:32642"} if FORMATS[form].any_crs else {})
    done = export(atlas, tmp_path / "out", format=form, layers=["crossings", "works"], lang=lang, **options)
    assert any("simplified" in loss for loss in done.losses), "who runs it reads English"
    for name in ("README.txt", "LICENCE.txt"):
        lines = (done.target / name).read_text(encoding="utf-8").splitlines()
        # A licence has one name and address everywhere.
        assert [line for line in lines if line and not re.search("[а-яё]", line) and not line.startswith(("ODbL", "    http"))] == []
        assert not any(str(told) in line for told in [*done.losses, *done.notes] for line in lines)


def test_a_file_alone_has_nothing_beside_it(tiny, tmp_path):
    export(Atlas.open(tiny), tmp_path / "a.geojson", format="geojson", layers=["sights"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.geojson", "tiny"]


def test_the_style_of_a_shapefile_has_its_short_names(made):
    style = (made("shapefile").target / "corridors.qml").read_text(encoding="utf-8")
    short = {row["property"]: row["field"] for row in table(made("shapefile").target / "fields.csv") if row["layer"] == "corridors"}
    named = set(re.findall(r'<field name="([^"]+)"', style))
    # QGIS makes one more of the sources' titles.
    assert named == {*short.values(), "sources_titles"}
    assert not [name for name in short if name != short[name] and f'"{name}"' in style]


QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
def seen(path):
    layer = QgsVectorLayer(path, "layer", "ogr")
    renderer = layer.renderer()
    unknown = sorted(renderer.usedAttributes(__import__("qgis.core", fromlist=["x"]).QgsRenderContext()) - set(layer.fields().names()))
    bare = [field.name() for field in layer.fields() if not field.alias()]
    return {"valid": layer.isValid(), "type": renderer.type(), "unknown": unknown, "bare": bare, "crs": layer.crs().authid()}
print(json.dumps({path: seen(path) for path in sys.argv[1:]}))
application.exitQgis()
"""


@pytest.mark.qgis
@pytest.mark.parametrize("form", [form for form in STYLED if form != "geoparquet"])
def test_qgis_takes_the_style_by_itself(atlas, made, form):
    """Debian's QGIS 3.22 reads no GeoParquet."""
    files = {layer.id: str(made(form).target / FORMATS[form].file_of(layer.id)) for layer in atlas.layers}
    done = subprocess.run(
        ["/usr/bin/python3", "-c", QGIS, *files.values()],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""},
    )
    report = json.loads(done.stdout.splitlines()[-1])
    for layer in atlas.layers:
        seen = report[files[layer.id]]
        assert seen["valid"]
        assert seen["type"] == ("categorizedSymbol" if layer.style.by and layer.style.values else "singleSymbol"), layer.id
        assert seen["unknown"] == [], layer.id
        # A table's columns of coordinates are no properties.
        assert set(seen["bare"]) <= ({"lon", "lat", "wkt"} if form == "csv" else set()), layer.id
        assert seen["crs"] == "EPSG:4326", layer.id
