"""GeoPackage, FlatGeobuf, Shapefile and KML."""

import geopandas
import numpy as np
import pytest
import shapely

from corridormap.checks import check_files

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
