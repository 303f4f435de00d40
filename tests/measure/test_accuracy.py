import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from corridormap.errors import DataError, UsageError
from corridormap.measure.accuracy import compare
from corridormap.projection import in_metres

PLANAR = "+proj=aea +lat_1=63 +lat_2=65 +lat_0=64 +lon_0=-20 +datum=WGS84 +units=m +no_defs"


def frame(*lines):
    return gpd.GeoDataFrame({"id": [f"line-{n}" for n in range(len(lines))]}, geometry=list(lines), crs="EPSG:4326")


def shifted(metres):
    """A line along a meridian and the same line moved east by so many metres, on the ellipsoid."""
    geod = Geod(ellps="WGS84")
    latitudes = np.linspace(63.5, 64.5, 12)
    east = [geod.fwd(-20.0, latitude, 90.0, metres)[:2] for latitude in latitudes]
    return frame(shapely.LineString([(-20.0, latitude) for latitude in latitudes])), frame(shapely.LineString(east))


@pytest.mark.parametrize("metres", [5.0, 250.0, 2000.0])
def test_a_known_shift_is_measured(metres):
    line, other = shifted(metres)
    result = compare(line, reference=other, planar_crs=PLANAR)
    row = result.features.set_index("id").loc["all"]
    assert row["median_m"] == pytest.approx(metres, rel=0.001)
    assert row["p95_m"] == pytest.approx(metres, rel=0.001)
    assert row["share_within"] == (1.0 if metres < 300 else 0.0)
    assert len(result.worst) == (0 if metres < 300 else 1)


def test_where_nothing_is_beyond_the_tolerance_names_are_no_numbers():
    line, other = shifted(5.0)
    worst = compare(line, reference=other, planar_crs=PLANAR).worst
    assert worst.columns.tolist() == ["id", "feature", "max_m", "geometry", "length_km"]
    assert [pd.api.types.is_float_dtype(worst[name]) for name in ("id", "feature")] == [False, False]


def test_half_a_line_beyond_the_tolerance():
    line, _ = shifted(0)
    half = frame(shapely.LineString([(-20.0, 63.5), (-20.0, 64.0), (-19.5, 64.5)]))
    result = compare(half, reference=line, planar_crs=PLANAR, tolerance_m=300)
    row = result.features.set_index("id").loc["all"]
    assert 0.45 < row["share_within"] < 0.55
    assert (row["max_lon"], row["max_lat"]) == pytest.approx((-19.5, 64.5), abs=1e-5)
    (worst,) = result.worst.itertuples()
    assert worst.feature == "line-0"
    assert worst.max_m == row["max_m"]
    assert worst.geometry.coords[-1] == pytest.approx((-19.5, 64.5), abs=1e-5)


def test_what_the_layer_lacks_shows_in_the_other_direction():
    line, _ = shifted(0)
    both = frame(line.geometry[0], shapely.LineString([(-22.0, 63.5), (-22.0, 64.5)]))
    result = compare(line, reference=both, planar_crs=PLANAR)
    assert result.features.set_index("id").loc["all", "share_within"] == 1.0
    assert result.reverse["share_within"] == pytest.approx(0.5, abs=0.01)
    assert result.reverse["max_m"] > 90_000


def test_a_densely_drawn_line_weighs_no_more_than_a_sparse_one():
    line, _ = shifted(0)
    dense = shapely.LineString(np.column_stack([np.full(20_000, -20.0), np.linspace(63.5, 64.0, 20_000)]))
    sparse = shapely.LineString([(-20.0, 64.0), (-19.96, 64.5)])
    result = compare(frame(dense, sparse), reference=line, planar_crs=PLANAR, tolerance_m=300)
    row = result.features.set_index("id").loc["all"]
    assert 0.5 < row["share_within"] < 0.62
    assert row["p95_m"] > 1_500


def test_rows_for_each_feature_and_all():
    line, other = shifted(100.0)
    two = frame(line.geometry[0], shapely.MultiLineString([[(-20.0, 63.6), (-20.0, 63.7)], [(-20.0, 63.8), (-20.0, 63.9)]]))
    result = compare(two, reference=other, planar_crs=PLANAR)
    assert result.features["id"].tolist() == ["line-0", "line-1", "all"]
    assert result.features["length_km"].iloc[-1] == pytest.approx(result.features["length_km"].iloc[:-1].sum(), abs=0.01)


def test_frames_of_any_crs_with_missing_rows():
    line, other = shifted(250.0)
    plain = compare(line, reference=other, planar_crs=PLANAR)
    more = frame(line.geometry[0], None, shapely.Point(-20, 64)).drop(columns="id").to_crs("EPSG:3057")
    result = compare(more, reference=other, planar_crs=PLANAR)
    assert result.features["id"].tolist() == ["0", "all"]
    assert result.features["median_m"].tolist() == pytest.approx(plain.features["median_m"].tolist(), abs=0.1)
    with pytest.raises(DataError, match="the reference: has no CRS"):
        compare(line, reference=other.set_crs(None, allow_override=True), planar_crs=PLANAR)


def test_points_are_no_lines():
    line, _ = shifted(0)
    with pytest.raises(DataError, match="the reference has no lines"):
        compare(line, reference=frame(shapely.Point(-20, 64)), planar_crs=PLANAR)


@pytest.mark.parametrize(
    ("crs", "message"), [("EPSG:4326", "is not projected in metres"), ("EPSG:2263", "in metres"), ("flat", "no CRS 'flat'")]
)
def test_a_plane_is_in_metres(crs, message):
    lines = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.LineString([(70, 50), (71, 50)])], crs="EPSG:4326")
    with pytest.raises(UsageError, match=message):
        compare(lines, reference=lines, planar_crs=crs)


def test_a_plane_is_proven_once():
    view = (-25.0, 63.0, -13.0, 67.0)
    assert in_metres(PLANAR, reaching=view) is in_metres(PLANAR, reaching=view)
