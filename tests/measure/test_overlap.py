import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, MultiLineString

from corridormap import measure
from corridormap.errors import UsageError
from corridormap.geodesic import geod, lengths_km

W = "EPSG:4326"
DEGREE = 111.31949079327357


def test_shared_track_adds_up_to_the_network(atlas):
    table = measure.shared_track(atlas=atlas)
    network = lengths_km(atlas.links.geometry.to_numpy())
    assert len(table) == len(atlas.links)
    assert table["length_km"].sum() == pytest.approx(network.sum(), rel=1e-12)
    assert table.groupby("count")["length_km"].sum().sum() == pytest.approx(network.sum(), rel=1e-12)
    assert table["count"].max() >= 3
    assert table.loc[table["count"] == 0, "corridors"].tolist() == [None] * (table["count"] == 0).sum()
    # Each corridor's links once, summed over corridors, is the network's length by the number of its users.
    names = [one.id for one in atlas.itineraries.values() if one.number is not None]
    own = {name: table.loc[[name in (users or "").split("; ") for users in table["corridors"]], "length_km"].sum() for name in names}
    assert sum(own.values()) == pytest.approx((table["length_km"] * table["count"]).sum())
    matrix = measure.shared_matrix(atlas=atlas)
    assert np.diag(matrix).tolist() == pytest.approx([own[name] for name in names])
    assert (matrix.to_numpy() == matrix.to_numpy().T).all()
    assert matrix.loc["rail-1-northern", "rail-2-southern"] == pytest.approx(
        measure.shared_track([1, 2], atlas=atlas).query("count == 2")["length_km"].sum()
    )


def test_shared_track_of_what_is_not(atlas):
    with pytest.raises(UsageError, match="no itinerary 'rail-99'"):
        measure.shared_track(["rail-99"], atlas=atlas)
    assert measure.shared_matrix([], atlas=atlas).shape == (0, 0)
    assert measure.shared_track([], atlas=atlas)["count"].sum() == 0


@pytest.mark.parametrize("angle", [90.0, 45.0, 12.5])
def test_a_crossing_by_construction(angle):
    lon, lat, azimuth = 66.0, 50.0, 70.0

    def through(course, before, after):
        ends = [geod().fwd(lon, lat, course + 180, before * 1000)[:2], geod().fwd(lon, lat, course, after * 1000)[:2]]
        return LineString(ends)

    found = measure.crossings(through(azimuth, 30, 40), second=through(azimuth + angle, 25, 60))
    row = found.iloc[0]
    assert len(found) == 1
    assert row["kind"] == "crossing"
    assert (row["km_a"], row["km_b"], row["angle_deg"]) == pytest.approx((30, 25, angle), abs=0.002)
    assert (row.geometry.x, row.geometry.y) == pytest.approx((lon, lat), abs=1e-5)
    assert np.isnan(row["to_km_a"])


def test_an_overlap_by_construction():
    a = LineString([(60, 50), (61, 50), (62, 50), (63, 51)])
    b = LineString([(62, 49), (62, 50), (61, 50), (61, 51)])  # comes the other way
    found = measure.crossings(a, second=b)
    row = found.iloc[0]
    assert found["kind"].tolist() == ["overlap"]  # its ends are no crossings
    first = measure.chainage(a, points=[row.geometry.boundary.geoms[0]])["km"].item()
    assert row["length_km"] == pytest.approx(71.695, abs=0.001)
    assert (row["km_a"], row["to_km_a"]) == pytest.approx((71.695, 143.391), abs=0.001)
    assert row["km_b"] - row["to_km_b"] == pytest.approx(row["length_km"], abs=1e-5)
    assert first == pytest.approx(row["km_a"], abs=1e-5)


def test_lines_that_meet_in_a_vertex_cross_there_once():
    a = LineString([(60, 50), (61, 50), (62, 50)])
    b = LineString([(61, 49), (61, 50), (61, 51)])
    found = measure.crossings(a, second=b)
    assert found["kind"].tolist() == ["crossing"]
    assert found["angle_deg"].item() == pytest.approx(90, abs=0.5)


def test_a_loop_does_not_blow_up_an_overlap():
    # b leaves the common track, makes a loop, and joins it again where it left.
    a = LineString([(0, 0), (1, 0), (2, 0)])
    b = LineString([(0, 0), (1, 0), (1, 1), (1.5, 1), (1, 0), (2, 0)])
    found = measure.crossings(a, second=b)
    assert found["kind"].tolist() == ["overlap", "overlap"]
    assert found["length_km"].tolist() == pytest.approx([DEGREE, DEGREE], abs=1e-6)
    assert (found["to_km_a"] - found["km_a"]).tolist() == pytest.approx([DEGREE, DEGREE], abs=1e-5)
    assert (found["to_km_b"] - found["km_b"]).tolist() == pytest.approx([DEGREE, DEGREE], abs=1e-5)


@pytest.mark.slow
def test_overlaps_of_corridors_are_their_shared_track(atlas):
    names = [one.id for one in atlas.itineraries.values() if one.mode == "rail" and one.number is not None]
    matrix = measure.shared_matrix(names, atlas=atlas)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            found = measure.crossings(one, second=other, atlas=atlas)
            overlaps = found[found["kind"] == "overlap"]
            assert overlaps["length_km"].sum() == pytest.approx(matrix.loc[one, other], abs=0.01)
            assert (overlaps["to_km_a"] - overlaps["km_a"]).to_numpy() == pytest.approx(overlaps["length_km"].to_numpy(), abs=0.01)
            assert (overlaps["to_km_b"] - overlaps["km_b"]).abs().to_numpy() == pytest.approx(overlaps["length_km"].to_numpy(), abs=0.01)


def test_crossings_stand_on_both_lines(atlas):
    found = measure.crossings("4", second="7", atlas=atlas)
    assert len(found) > 0
    for row in found.itertuples():
        for target, way, km in (("4", row.way_a, row.km_a), ("7", row.way_b, row.km_b)):
            place = measure.locate(target, km=km, way=way, atlas=atlas)
            assert measure.chainage(LineString([row.geometry, (0, 0)]), points=place)["offset_m"].item() < 1


@pytest.mark.parametrize("turn", [0, 180])
def test_the_180th_meridian_is_no_wall(turn):
    def at(lon):
        return (lon + turn + 180) % 360 - 180

    a = LineString([(at(-1), 0), (at(1), 0)])
    found = measure.crossings(a, second=LineString([(at(0.5), 1), (at(0.5), -1)]))
    assert found["km_a"].tolist() == pytest.approx([1.5 * DEGREE], abs=0.001)
    overlap = measure.crossings(a, second=LineString([(at(-0.5), 0), (at(0.5), 0), (at(0.5), 1)]))
    assert overlap["kind"].tolist() == ["overlap"]
    assert overlap["length_km"].item() == pytest.approx(DEGREE, abs=0.001)
    assert measure.crossings(a, second=LineString([(at(170), 1), (at(170), -1)])).empty


def test_no_crossings_and_lines_of_a_frame():
    a, b = LineString([(0, 0), (1, 0)]), LineString([(0.5, 1), (0.5, -1)])
    none = measure.crossings(a, second=LineString([(5, 5), (6, 6)]))
    assert (len(none), none.crs) == (0, W)
    assert none.dtypes.drop("geometry").astype(str).unique().tolist() == ["object", "int64", "float64"]
    frame = gpd.GeoDataFrame(geometry=[a, None, MultiLineString([[(0, -0.5), (1, -0.5)], [(0, 9), (1, 9)]])], crs=W)
    found = measure.crossings(frame, second=b)
    assert found["way_a"].tolist() == [0, 1]
    assert found["km_b"].tolist() == pytest.approx([110.574, 165.86], abs=0.01)
    assert "gaps" in found.attrs["note"]
