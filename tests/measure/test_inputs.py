"""What may be handed over where lines, areas and points are wanted: frames, files, what a database gives, other programs' geometries."""

import sqlite3

import geopandas as gpd
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, box

from corridormap import measure
from corridormap.errors import DataError, UsageError

W = "EPSG:4326"
LINE = LineString([(66, 50), (67, 50)])
KM = measure.lengths(LINE)["length_km"].item()


class Interface:
    """A geometry of another library."""

    @property
    def __geo_interface__(self):
        return {"type": "LineString", "coordinates": [(66, 50), (67, 50)]}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.gpkg"
    gpd.GeoDataFrame({"name": ["mine"]}, geometry=[LINE], crs=W).to_crs("EPSG:32642").to_file(path, layer="tracks")
    gpd.GeoDataFrame({"name": ["stop"]}, geometry=[Point(66.5, 50)], crs=W).to_file(path, layer="stops")
    gpd.GeoDataFrame({"oblast": ["west", "east"]}, geometry=[box(65, 49, 66.5, 51), box(66.5, 49, 68, 51)], crs=W).to_file(
        path, layer="oblasts"
    )
    return path


def from_database():
    """What a query to PostGIS comes back as: hexadecimal well-known binary in a column of any name, with its SRID."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table spatial_ref_sys (srid integer, auth_name text)")
        connection.execute("insert into spatial_ref_sys values (4326, 'EPSG')")
        connection.execute("create table tracks (id integer, geom text)")
        connection.execute("insert into tracks values (1, ?)", [shapely.to_wkb(shapely.set_srid(LINE, 4326), hex=True, include_srid=True)])
        return gpd.read_postgis("select * from tracks", connection, geom_col="geom")


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        [LINE],
        gpd.GeoSeries([LINE], crs=W),
        gpd.GeoSeries([LINE], crs=W).array,
        gpd.GeoDataFrame(geometry=[LINE], crs=W),
        Interface(),
        Interface().__geo_interface__,
        from_database(),
    ],
    ids=lambda line: type(line).__name__,
)
def test_lines_of_any_kind(line):
    assert measure.lengths(line)["length_km"].item() == pytest.approx(KM, abs=1e-9)
    assert measure.alignment(line).length_km == pytest.approx(KM, abs=1e-9)
    assert measure.locate(line, km=35)["km"].item() == 35
    assert measure.crossings(line, second=LineString([(66.5, 49), (66.5, 51)]))["kind"].tolist() == ["crossing"]
    assert len(measure.places_within(line, km=5, places=gpd.GeoDataFrame(geometry=[Point(66.5, 50)], crs=W))) == 1


@pytest.mark.parametrize("as_text", [False, True])
def test_a_file_wherever_there_is_a_frame(file, as_text):
    path = str(file) if as_text else file
    lengths = measure.lengths(path)
    assert lengths["length_km"].item() == pytest.approx(KM, abs=1e-6)
    assert lengths.attrs["note"] == "reprojected from EPSG:32642 to EPSG:4326"
    found = measure.chainage(path, points=path)
    assert found["km"].item() == pytest.approx(KM / 2, abs=1e-5)
    assert measure.areas(path)["area_km2"].notna().tolist() == [True, True]
    assert measure.lengths_by(path, by="oblast", areas=path)["share"].tolist() == pytest.approx([0.5, 0.5], abs=1e-6)
    assert measure.lengths_by(path, by="name").iloc[0]["name"] == "mine"
    assert measure.length_by_tolerance(path)["length_km"].iloc[0] == pytest.approx(KM, abs=1e-6)
    assert measure.catchment(path, km=5, places=path)["places"].item() == 1
    assert measure.lengths(f"{file}:tracks")["length_km"].item() == pytest.approx(KM, abs=1e-6)
    result = measure.compare(path, reference=path, planar_crs="EPSG:32642")
    assert result.features["max_m"].tolist() == pytest.approx([0, 0], abs=0.1)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ("nowhere.gpkg", DataError, "nowhere.gpkg: no such file"),
        ("LINESTRING (0.5 0, 1 1)", UsageError, "must be a GeoDataFrame, a GeoSeries, shapely geometries or a file, not str"),
        ({"type": "Feature", "geometry": None}, DataError, "is no geometry in GeoJSON's form"),
        ({"kind": "line"}, DataError, "is no geometry in GeoJSON's form"),
        (gpd.GeoDataFrame({"a": [1]}), DataError, "has no geometry column"),
        (object(), UsageError, "not object"),
    ],
)
def test_what_is_none_of_these(data, error, message):
    with pytest.raises(error, match=message):
        measure.lengths(data)


def test_a_file_of_something_else(file, tmp_path):
    gpd.GeoSeries([MultiPoint([(1, 1)])], crs=W).to_file(tmp_path / "points.geojson")
    with pytest.raises(DataError, match="0 lines where one is wanted"):
        measure.alignment(tmp_path / "points.geojson")
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        gpd.GeoSeries([LINE]).to_file(tmp_path / "nowhere.shp")
    with pytest.raises(DataError, match="has no CRS"):
        measure.lengths(tmp_path / "nowhere.shp")
    with pytest.raises(UsageError, match="has no layer 'roads'"):
        measure.lengths(f"{file}:roads")
    (tmp_path / "broken.geojson").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        measure.lengths(tmp_path / "broken.geojson")
    gpd.pd.DataFrame({"a": [1]}).to_csv(tmp_path / "table.csv")
    with pytest.raises(DataError, match="has no geometry"):
        measure.lengths(tmp_path / "table.csv")


def test_heights_are_left_out_and_said():
    assert measure.lengths(LineString([(66, 50, 9), (67, 50, 9)])).attrs["note"] == "heights (Z) are left out"
    assert measure.chainage(LINE, points=Point(66, 50, 300)).attrs["note"] == "heights (Z) are left out"
    assert "note" not in measure.lengths(LINE).attrs


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda line, atlas: measure.catchment("1", km="a", atlas=atlas), "km must be a number, not 'a'"),
        (lambda line, atlas: measure.places_within("1", km=None, atlas=atlas), "km must be a number, not None"),
        (lambda line, atlas: measure.catchment("1", km=True, atlas=atlas), "km must be a number, not True"),
        (lambda line, atlas: measure.spans("7", lines=line, within_m="a", atlas=atlas), "within_m must be a number"),
        (lambda line, atlas: measure.spans("7", lines=line, at_least_km="a", atlas=atlas), "at_least_km must be a number"),
        (
            lambda line, atlas: measure.compare(line, reference=line, planar_crs="EPSG:32642", tolerance_m="a"),
            "tolerance_m must be a number",
        ),
        (lambda line, atlas: measure.compare(line, reference=line, planar_crs="EPSG:32642", step_m=0), "above 0"),
        (lambda line, atlas: measure.length_by_tolerance(line, tolerances_m=[0, "a"]), r"tolerances_m\[1\] must be a number"),
        (lambda line, atlas: measure.Network(line, snap_m="a"), "snap_m must be a number"),
        (lambda line, atlas: measure.locate("7", km=3, way="a", atlas=atlas), "has no way a"),
    ],
)
def test_what_is_no_number_is_refused(atlas, call, what):
    line = gpd.GeoDataFrame(geometry=[LineString([(60, 50), (61, 50)])], crs="EPSG:4326")
    with pytest.raises(UsageError, match=what):
        call(line, atlas)
