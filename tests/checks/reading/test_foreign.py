"""GeoPackage, FlatGeobuf, GeoParquet, Shapefile, zipped or not, and KML."""

import zipfile

import geopandas
import numpy as np
import pytest
import shapely

from corridormap.checks import check_files
from corridormap.export import export

BOWTIE = shapely.Polygon([(0, 1), (1, 2), (1, 1), (0, 2)])
DRIVERS = {"gpkg": "GPKG", "fgb": "FlatGeobuf", "shp": "ESRI Shapefile", "kml": "KML"}


def frame(geometries, crs="EPSG:4326", **columns):
    columns = columns or {"name": [f"n{number}" for number in range(len(geometries))]}
    return geopandas.GeoDataFrame(columns, geometry=geometries, crs=crs)


def codes(report):
    return {finding.code for finding in report.findings}


@pytest.mark.parametrize("suffix", DRIVERS)
def test_good_and_bad_files(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    frame([shapely.box(60, 45, 61, 46), shapely.box(70, 45, 71, 46)]).to_file(path, driver=DRIVERS[suffix])
    report = check_files([path])
    assert [str(finding) for finding in report.findings] == []
    assert (report.checked[0].format, report.checked[0].features, report.checked[0].vertices) == (DRIVERS[suffix], 2, 10)
    path.unlink()
    frame([shapely.box(60, 45, 61, 46), BOWTIE]).to_file(path, driver=DRIVERS[suffix])
    (finding,) = (finding for finding in check_files([path]).findings if finding.code == "CM211")
    assert (finding.pointer, finding.line) == (None, None)
    assert finding.lon == pytest.approx(0.5)
    assert finding.lat == pytest.approx(1.5)


def test_all_layers_of_a_geopackage(tmp_path):
    path = tmp_path / "a.gpkg"
    frame([shapely.Point(71, 51)]).to_file(path, layer="good")
    frame([BOWTIE]).to_file(path, layer="bad")
    report = check_files([path])
    assert [checked.file for checked in report.checked] == [f"{path}:good", f"{path}:bad"]
    assert [(finding.file, finding.code) for finding in report.findings] == [(f"{path}:bad", "CM211")]


def test_other_systems_are_reprojected(tmp_path):
    path = tmp_path / "a.gpkg"
    frame([shapely.Point(71.4, 51.1)]).to_crs("EPSG:32642").to_file(path)
    assert codes(check_files([path])) == set()


def test_no_system_is_found(tmp_path):
    path = tmp_path / "a.shp"
    with pytest.warns(UserWarning, match="crs"):
        frame([shapely.Point(500000, 5_000_000)], crs=None).to_file(path)
    assert codes(check_files([path])) == {"CM316", "CM313"}


def test_dates_languages_and_duplicates_are_looked_at(tmp_path):
    path = tmp_path / "a.gpkg"
    columns = {"name_en": ["a", "a"], "name_ru": [None, None], "start_date": ["2020-02-31", "2020-02-31"], "url": ["ftp://a", "ftp://a"]}
    frame([shapely.Point(71, 51)] * 2, **columns).to_file(path)
    assert codes(check_files([path])) == {"CM413", "CM414", "CM415", "CM604"}


def test_geometry_collections_missing_and_empty_geometries(tmp_path):
    path = tmp_path / "a.gpkg"
    collection = shapely.GeometryCollection([BOWTIE, shapely.LineString([(1, 2), (1, 2)])])
    frame([None, collection, shapely.Point(), shapely.Point(1, 2, 3)]).to_file(path)
    report = check_files([path])
    assert codes(report) == {"CM211", "CM212"}
    assert {finding.index for finding in report.findings} == {1}


@pytest.mark.parametrize("suffix", DRIVERS)
@pytest.mark.parametrize(
    "content", [b"", b"junk", b"PK\x03\x04", b"\x00" * 5000, b"SQLite format 3\x00", b"fgb\x03fgb\x00" + b"\xff" * 200]
)
def test_junk_is_a_finding(tmp_path, suffix, content):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    report = check_files([path])
    assert codes(report) == {"CM014"}
    assert report.counts()["error"] == 1


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "shp"])
def test_a_file_that_leads_to_others_is_not_followed(tmp_path, suffix):
    frame([BOWTIE]).to_file(tmp_path / "other.fgb", driver="FlatGeobuf")
    path = tmp_path / f"a.{suffix}"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="other"><SrcDataSource>{tmp_path}/other.fgb</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>',
        encoding="utf-8",
    )
    (finding,) = check_files([path]).findings
    assert (finding.code, "does not begin as" in finding.message) == ("CM014", True)


@pytest.mark.parametrize("suffix", DRIVERS)
def test_truncated_files_never_end_in_an_exception(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    frame([shapely.box(60 + number / 10, 45, 60.05 + number / 10, 46) for number in range(50)]).to_file(path, driver=DRIVERS[suffix])
    whole = path.read_bytes()
    for part in (0.1, 0.5, 0.9, 0.99):
        path.write_bytes(whole[: int(len(whole) * part)])
        check_files([path])


def test_a_shapefile_without_its_companions(tmp_path):
    path = tmp_path / "a.shp"
    frame([shapely.Point(71, 51)]).to_file(path)
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".shx").unlink()
    check_files([path])


def test_large_layers_are_read_in_batches(tmp_path, monkeypatch):
    from corridormap.checks.reading import foreign

    monkeypatch.setattr(foreign, "AT_ONCE", 7)
    path = tmp_path / "a.fgb"
    frame([shapely.box(number, 0, number + 0.5, 1) for number in range(20)] + [BOWTIE]).to_file(path)
    report = check_files([path])
    assert report.checked[0].features == 21
    assert codes(report) == {"CM211"}


def test_numbers_that_are_not_finite(tmp_path):
    path = tmp_path / "a.gpkg"
    odd = [(1, 2), (float("inf"), 3), (2, float("nan")), (1, 4), (3, 5), (1, 2)]
    with np.errstate(all="ignore"):
        line, area = shapely.LineString(odd), shapely.Polygon(odd)
        nested = shapely.GeometryCollection([shapely.GeometryCollection([BOWTIE, area])])
        frame([line, shapely.MultiLineString([odd, odd[::-1]]), area, nested]).to_file(path)
    report = check_files([path])
    assert {finding.index for finding in report.findings if finding.code == "CM311"} == {0, 1, 2, 3}
    assert [finding.index for finding in report.findings if finding.code == "CM211"] == [3]


def zipped(target, folder, *, under=""):
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"{under}{file.name}")
    return target


@pytest.fixture
def shapes(tmp_path):
    folder = tmp_path / "shapes"
    folder.mkdir()
    frame([shapely.Point(71, 51)]).to_file(folder / "good.shp")
    frame([BOWTIE]).to_file(folder / "bad.shp")
    (folder / "README.txt").write_text("read me", encoding="utf-8")
    return folder


@pytest.mark.parametrize("under", ["", "inner/", "../../up/"])
@pytest.mark.parametrize("suffix", ["zip", "shz"])
def test_a_zipped_shapefile(tmp_path, shapes, under, suffix):
    path = zipped(tmp_path / f"a.{suffix}", shapes, under=under)
    report = check_files([path])
    assert {checked.file for checked in report.checked} == {f"{path}:{under}good", f"{path}:{under}bad"}
    assert {checked.format for checked in report.checked} == {"ESRI Shapefile"}
    assert [(finding.file, finding.code) for finding in report.findings if finding.severity == "error"] == [(f"{path}:{under}bad", "CM211")]
    assert not (tmp_path.parent / "up").exists()


def test_a_zip_without_a_shapefile_is_a_finding(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")
    (finding,) = check_files([tmp_path / "a.zip"]).findings
    assert finding.code == "CM014"
    assert "no .shp is in it" in finding.message


def test_a_zip_with_part_of_a_shapefile_and_a_broken_one(tmp_path, shapes):
    (shapes / "good.shx").unlink()
    (shapes / "good.dbf").unlink()
    content = (shapes / "bad.shp").read_bytes()
    (shapes / "bad.shp").write_bytes(b"no shapefile" + content)
    report = check_files([zipped(tmp_path / "a.zip", shapes)])
    assert codes(report) == {"CM014"}
    path = tmp_path / "b.zip"
    path.write_bytes((tmp_path / "a.zip").read_bytes()[:-100])
    assert codes(check_files([path])) == {"CM014"}


def test_a_zip_bomb_is_not_unfolded(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 20_000_000)
    (finding,) = check_files([tmp_path / "a.zip"]).findings
    assert finding.code == "CM014"
    assert "unfolds to 20,000,000 bytes" in finding.message


@pytest.mark.parametrize("suffix", ["parquet", "geoparquet"])
def test_geoparquet(tmp_path, suffix):
    pytest.importorskip("pyarrow")
    path = tmp_path / f"a.{suffix}"
    frame([shapely.box(60, 45, 61, 46), None, BOWTIE]).to_parquet(path, write_covering_bbox=True)
    report = check_files([path])
    assert (report.checked[0].format, report.checked[0].features) == ("GeoParquet", 3)
    (finding,) = (finding for finding in report.findings if finding.code == "CM211")
    assert (finding.lon, finding.lat) == (pytest.approx(0.5), pytest.approx(1.5))
    frame([shapely.Point(71.4, 51.1)]).to_crs("EPSG:32642").rename_geometry("shape").to_parquet(path)
    assert codes(check_files([path])) == set()
    frame([shapely.Point(71.4, 51.1)], crs=None).to_parquet(path)
    assert codes(check_files([path])) == {"CM316"}


def test_geoparquet_is_read_in_batches(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setattr("corridormap.checks.reading.foreign.AT_ONCE", 10)
    path = tmp_path / "a.parquet"
    frame([shapely.Point(60 + number / 10, 45) for number in range(34)] + [BOWTIE]).to_parquet(path)
    report = check_files([path])
    assert report.checked[0].features == 35
    (finding,) = (finding for finding in report.findings if finding.code == "CM211")
    assert "34" in finding.feature


def test_parquet_that_is_none_of_ours_is_a_finding(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "junk.parquet").write_bytes(b"PAR1 and no more")
    frame([BOWTIE]).drop(columns="geometry").to_parquet(tmp_path / "plain.parquet")
    frame([shapely.Point(71, 51)]).to_parquet(tmp_path / "native.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    messages = {finding.file: (finding.code, finding.message) for finding in check_files([tmp_path]).findings}
    assert {code for code, _ in messages.values()} == {"CM014"}
    assert "without geometries" in messages[str(tmp_path / "plain.parquet")][1]
    assert "encoded as" in messages[str(tmp_path / "native.parquet")][1]
    assert str(tmp_path / "junk.parquet") in messages


@pytest.mark.slow
@pytest.mark.parametrize(("form", "name"), [("shapefile", "a.zip"), ("geoparquet", "out"), ("flatgeobuf", "out"), ("geojson", "out")])
def test_our_own_exports_are_read(atlas, tmp_path, form, name):
    if form == "geoparquet":
        pytest.importorskip("pyarrow")
    made = export(atlas, tmp_path / name, format=form, layers=["corridors", "crossings"])
    report = check_files([made.target])
    located = made.features["crossings"] - (7 if form == "flatgeobuf" else 0)
    assert sorted(checked.features for checked in report.checked) == [11, located]
    assert [str(finding) for finding in report.findings if finding.severity == "error"] == []
