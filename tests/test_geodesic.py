import pytest
import shapely
from pyproj import Geod

from corridormap.geodesic import lengths_km


def test_against_a_published_distance():
    # New York JFK – London LHR, the worked example of GeographicLib's GeodSolve: 5,551,759.400 m.
    line = shapely.LineString([(-73.8, 40.6), (-0.5, 51.6)])
    assert lengths_km([line])[0] * 1000 == pytest.approx(5_551_759.400, abs=1.0)


def test_one_call_equals_one_at_a_time():
    geometries = [
        shapely.LineString([(60, 50), (61, 51), (62, 50)]),
        None,
        shapely.MultiLineString([[(60, 50), (61, 50)], [(10, 10), (10, 11)]]),
        shapely.LineString(),
        shapely.LineString([(70, 45), (70, 45)]),
    ]
    geod = Geod(ellps="WGS84")
    expected = [0.0 if geometry is None or geometry.is_empty else geod.geometry_length(geometry) / 1000 for geometry in geometries]
    assert lengths_km(geometries).tolist() == pytest.approx(expected, abs=1e-9)


def test_nothing_to_measure():
    assert lengths_km([None, shapely.LineString()]).tolist() == [0.0, 0.0]
