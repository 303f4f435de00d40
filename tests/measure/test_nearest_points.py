import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import LineString

from corridormap import measure
from corridormap.geodesic import distances_m, geod
from corridormap.measure.alignments import alignment


def brute_force_m(line, points):
    """Distance to a line by trying a place every 50 m of it, then every metre about the best."""
    out = []
    for point in points:
        km = np.arange(0, line.length_km, 0.05)
        best = km[distances_m(line.places(km), np.tile(point, (len(km), 1))).argmin()]
        near = np.clip(np.linspace(best - 0.06, best + 0.06, 121), 0, line.length_km)
        out.append(distances_m(line.places(near), np.tile(point, (len(near), 1))).min())
    return np.array(out)


@pytest.mark.slow
@pytest.mark.parametrize(("reach_km", "tolerance_m"), [(5, 0.01), (100, 0.01), (1000, 10.0), (4000, 500.0)])
def test_distances_are_those_of_trying_everywhere(atlas, reach_km, tolerance_m):
    line = alignment("rail-1-northern", atlas=atlas)
    random = np.random.default_rng(5)
    km = random.uniform(0, line.length_km, 6)
    lon, lat, _ = geod().fwd(*line.places(km).T, random.uniform(0, 360, 6), random.uniform(0, reach_km, 6) * 1000)
    found = measure.chainage(line, points=shapely.points(lon, lat))
    expected = brute_force_m(line, np.column_stack([lon, lat]))
    assert (found["offset_m"].to_numpy() < expected + tolerance_m).all()
    # What is said about a place is true of it: the offset is the distance to it, and it stands at the chainage.
    assert distances_m(np.column_stack([lon, lat]), shapely.get_coordinates(found.geometry)) == pytest.approx(found["offset_m"], abs=1e-6)
    assert distances_m(line.places(found["km"].to_numpy()), shapely.get_coordinates(found.geometry)).max() < 0.001


@pytest.mark.slow
@settings(max_examples=100)
@given(
    st.floats(-180, 180),
    st.floats(-60, 60),
    st.floats(0, 360),
    st.floats(0.1, 300),
    st.floats(0.01, 0.99),
    st.floats(1, 90_000),
    st.booleans(),
)
@example(0.0, 0.0, 0.0, 16.0, 0.7500990372630053, 1256.0, False)  # a metre and a half past the end of a segment
def test_a_point_set_off_a_line_is_found_there(lon, lat, azimuth, length_km, share, off_m, left):
    """Anywhere, also over the 180th meridian: go along a geodesic, then off at a right angle."""
    end = geod().fwd(lon, lat, azimuth, length_km * 1000)[:2]
    line = alignment(LineString([(lon, lat), end]))
    at_lon, at_lat, back = geod().fwd(lon, lat, azimuth, share * length_km * 1000)
    point = geod().fwd(at_lon, at_lat, back + 180 + (-90 if left else 90), off_m)[:2]
    found = measure.chainage(line, points=point).iloc[0]
    assert found["offset_m"] == pytest.approx(off_m, abs=0.01)
    assert found["km"] == pytest.approx(share * length_km, abs=0.001 + off_m * 1e-5 / 1000)
    assert found["side"] == ("left" if left else "right")


def test_the_other_side_of_the_world():
    line = LineString([(70, 50), (72, 50), (72, 52)])
    found = measure.chainage(line, points=shapely.points([[-109, -51], [-70, 0], [0, 90], [0, -90]]))
    expected = brute_force_m(alignment(line), np.array([[-109, -51], [-70, 0], [0, 90], [0, -90]], dtype=float))
    assert found["offset_m"].to_numpy() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("east", [0.0, 1e-9, 1e-5])
def test_very_short_lines(east):
    found = measure.chainage(LineString([(60, 50), (60 + east, 50)]), points=shapely.points([[60, 51], [61, 50]]))
    assert found["offset_m"].to_numpy() == pytest.approx([111_240, 71_695], abs=20)
    assert (found["km"] <= 0.001).all()


def test_vertices_given_twice_are_no_trouble():
    plain = LineString([(60, 50), (61, 50), (62, 51)])
    doubled = LineString([(60, 50), (60, 50), (61, 50), (61, 50), (61, 50), (62, 51), (62, 51)])
    points = shapely.points(np.random.default_rng(1).uniform([59, 49], [63, 52], (50, 2)))
    one, other = (measure.chainage(line, points=points) for line in (plain, doubled))
    assert one["km"].to_numpy() == pytest.approx(other["km"].to_numpy(), abs=1e-9)
    assert one["side"].tolist() == other["side"].tolist()
