"""Where lines run along a corridor."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from shapely import LineString, MultiLineString, Point

from corridormap import measure
from corridormap.errors import DataError, UsageError

W = "EPSG:4326"
ROAD = LineString([(66, 50), (67, 50.3), (68, 50.1)])
LINE = measure.alignment(ROAD)


def aside(from_km, to_km, metres):
    """Places beside the road, as far off, from a kilometre to another: by GeographicLib."""
    places = []
    for km in np.linspace(from_km, to_km, 200):
        here = LINE.places(np.array([km]))[0]
        near = LINE.places(np.array([min(km + 0.01, LINE.length_km)]))[0] if km < LINE.length_km - 0.02 else None
        back = LINE.places(np.array([km - 0.01]))[0] if near is None else here
        azimuth = Geodesic.WGS84.Inverse(back[1], back[0], *(here if near is None else near)[::-1])["azi1"]
        there = Geodesic.WGS84.Direct(here[1], here[0], azimuth + 90, metres)
        places.append((there["lon2"], there["lat2"]))
    return places


def far(km):
    """A place well off the road."""
    lon, lat = LINE.places(np.array([km]))[0]
    return [(lon, lat - 0.2)]


@pytest.mark.parametrize("metres", [0, 100, -400])
def test_a_track_beside_the_road(metres):
    found = measure.spans(ROAD, lines=LineString(aside(20, 50, metres)))
    assert found[["from_km", "to_km"]].to_numpy().ravel().tolist() == pytest.approx([20, 50], abs=0.001)
    assert found["length_km"].item() == pytest.approx(30, abs=0.002)
    assert found["share"].item() == pytest.approx(1)
    assert found["offset_m"].item() == pytest.approx(abs(metres), abs=0.5)
    back = measure.spans(ROAD, lines=LineString(aside(50, 20, metres)))
    assert back[["from_km", "to_km"]].to_numpy().ravel().tolist() == pytest.approx([50, 20], abs=0.011)
    assert measure.lengths(found)["length_km"].item() == pytest.approx(found["length_km"].item(), abs=1e-6)
    assert len(measure.spans(ROAD, lines=LineString(aside(20, 50, 600)))) == 0


def test_a_track_that_leaves_and_returns_and_turns_back():
    track = LineString([*aside(10, 30, 50), *far(35), *aside(60, 80, -50), *aside(80, 70, 50)])
    found = measure.spans(ROAD, lines=gpd.GeoSeries([track], index=["mine"], crs=W).to_crs("EPSG:32642"))
    assert found.index.tolist() == ["mine"] * 3
    ends = found[["from_km", "to_km"]].to_numpy()
    assert ends[:, 0].tolist() == pytest.approx([10, 60, 80], abs=1.0)
    assert ends[:, 1].tolist() == pytest.approx([30, 80, 70], abs=1.0)
    whole = measure.lengths(track)["length_km"].item()
    assert found["share"].tolist() == pytest.approx([20 / whole, 20 / whole, 10 / whole], abs=0.03)
    assert "reprojected from EPSG:32642" in found.attrs["note"]


def test_where_it_leaves_is_found_to_the_metre():
    # Along a meridian's crossing: it keeps to the equator and goes off at a right angle from km 100.
    equator = LineString([(0, 0), (2, 0)])
    off = LineString([(0.5, 0.001), (1, 0.001), (1, 1)])
    found = measure.spans(equator, lines=off, within_m=300)
    assert found["from_km"].item() == pytest.approx(55.6597, abs=0.001)
    assert found["to_km"].item() == pytest.approx(111.3195, abs=0.001)
    assert found["offset_m"].item() == pytest.approx(300, abs=0.5)


@pytest.mark.parametrize("angle", [90, 45, 30])
def test_a_line_that_crosses_runs_along_nowhere(angle):
    slope = np.tan(np.radians(angle)) / np.cos(np.radians(50.15))
    track = LineString([(66.3, 50.09 - slope * 0.2), (66.7, 50.21 + slope * 0.2)]) if angle < 90 else LineString([(66.5, 49), (66.5, 51)])
    found = measure.spans(ROAD, lines=[track, LineString(aside(20, 30, 10))], within_m=300)
    assert found.index.tolist() == [1]
    assert found.attrs["note"] == "1 of 2 lines run along nowhere"


def test_short_stretches_are_left_out():
    track = LineString(aside(20, 20.8, 10))
    assert len(measure.spans(ROAD, lines=track)) == 0
    assert measure.spans(ROAD, lines=track, at_least_km=0.5, within_m=50)["length_km"].item() == pytest.approx(0.8, abs=0.01)


def test_parts_that_meet_are_one_stretch_and_others_several():
    places = aside(20, 50, 30)
    found = measure.spans(ROAD, lines=MultiLineString([places[:80], places[79:]]))
    assert found[["from_km", "to_km"]].to_numpy().ravel().tolist() == pytest.approx([20, 50], abs=0.01)
    apart = measure.spans(ROAD, lines=MultiLineString([places[:80], places[100:]]))
    assert len(apart) == 2
    assert apart["share"].sum() == pytest.approx(1)


def test_a_noisy_track_along_a_corridor_is_one_stretch(atlas):
    piece = measure.cut("7", from_km=300, to_km=700, atlas=atlas)
    random = np.random.default_rng(1)
    places = shapely.get_coordinates(shapely.segmentize(piece.geometry.item(), 0.005))
    noisy = gpd.GeoDataFrame({"n": [1]}, geometry=[LineString(places + random.normal(0, 0.0005, places.shape))], crs=W)
    found = measure.spans("7", lines=noisy, atlas=atlas)
    assert len(found) == 1
    assert found[["from_km", "to_km"]].to_numpy().ravel().tolist() == pytest.approx([300, 700], abs=0.2)
    assert found["offset_m"].item() < 250


def test_links_of_another_corridor_on_shared_track(atlas):
    found = measure.spans("2", lines=measure.cut("1", from_km=0, to_km=300, atlas=atlas), atlas=atlas)
    assert found[["from_km", "to_km"]].to_numpy().ravel().tolist() == pytest.approx([0, 300], abs=0.001)
    assert found["offset_m"].item() < 0.01


def test_in_kilometres_of_posts():
    posts = pd.DataFrame({"km": [500.0, 540.0], "at": [20, 60]})
    official = measure.calibrate(ROAD, posts=posts, chainage="at")
    found = measure.spans(official, lines=LineString(aside(30, 80, 20)))
    assert found[["from_km", "to_km"]].to_numpy().ravel().tolist() == pytest.approx([510, 540], abs=0.01)
    assert "official kilometres" in found.attrs["method"]


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"lines": ROAD, "within_m": 0}, UsageError, "within_m must be a distance above 0"),
        ({"lines": ROAD, "at_least_km": -1}, UsageError, "at_least_km none below"),
        ({"lines": Point(66, 50)}, DataError, "the lines: holds no line"),
        ({"lines": gpd.GeoSeries([ROAD])}, DataError, "the lines: has no CRS"),
    ],
)
def test_what_runs_nowhere(how, error, message):
    with pytest.raises(error, match=message):
        measure.spans(ROAD, **how)


def test_no_stretch_has_the_same_columns():
    there, none = measure.spans(ROAD, lines=ROAD), measure.spans(ROAD, lines=LineString([(0, 0), (1, 1)]))
    assert len(none) == 0
    assert none.columns.tolist() == there.columns.tolist() == ["from_km", "to_km", "length_km", "share", "offset_m", "geometry"]
    assert none.crs == W
