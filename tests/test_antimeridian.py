"""Boxes and geometries across the 180th meridian."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from corridormap.antimeridian import carried, carried_frame, continuous, crosses, is_box, narrowest, within, wrapped, wrapped_box

FIJI = (175.0, -23.0, -176.0, -14.0)
INLAND = (46.0, 36.0, 88.0, 58.0)


@pytest.mark.parametrize("box", [FIJI, INLAND, (-180, -90, 180, 90), (180, 0, -170, 1), (170, 0, -180, 1), (179.5, 0, 179, 1)])
def test_what_is_a_box(box):
    assert is_box(box)


@pytest.mark.parametrize(
    "box",
    [
        (175, 0, 184, 1),
        (-184, 0, -175, 1),
        (10, 0, 10, 1),
        (180, 0, -180, 1),
        (1, 2, 3, 2),
        (1, 3, 2, 2),
        (1, -91, 2, 2),
        (float("nan"), 0, 1, 1),
    ],
)
def test_what_is_none(box):
    assert not is_box(box)


def test_a_box_as_one_range_and_back():
    assert crosses(FIJI)
    assert continuous(FIJI) == (175, -23, 184, -14)
    assert wrapped_box(continuous(FIJI)) == FIJI
    assert not crosses(INLAND)
    assert continuous(INLAND) is INLAND
    assert wrapped_box((-190, 0, -170, 1)) == (170, 0, -170, 1)
    assert wrapped_box((-20, 0, 340, 1)) == (-180, 0, 180, 1)


@given(st.floats(-900, 900))
def test_a_longitude_brought_back_is_the_same_place(lon):
    assert -180 <= wrapped(lon) <= 180
    assert (wrapped(lon) - lon) / 360 == pytest.approx(round((wrapped(lon) - lon) / 360), abs=1e-9)
    assert abs(lon) > 180 or wrapped(lon) == lon


def test_which_points_lie_within():
    points = np.array([(175, -20), (184, -20), (-176, -20), (-175.9, -20), (174.9, -20), (0, -20), (180, -13), (-180, -14), (np.nan, -20)])
    assert within(FIJI, points).tolist() == [True, True, True, False, False, False, False, True, False]
    assert within(INLAND, np.array([(46, 36), (88.1, 40), (-46, 40), (67, 35)])).tolist() == [True, False, False, False]
    assert within((-180, -90, 180, -52), np.array([(185.0, -60.0), (0, -51)])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([(177, 180), (-180, -178)], (177, 182)),
        ([(19, 180), (-180, -169)], (19, 191)),
        ([(172, 176), (-174, -171), (-160, -150)], (172, 210)),
        ([(46, 60), (50, 55), (70, 88)], (46, 88)),
        ([(-100, -50), (40, 60)], (-100, 60)),
        ([(-180, 180), (20, 30)], (-180, 180)),
        ([(170, 171)], (170, 171)),
        ([(-90, -90), (90, 90)], (-90, 90)),  # both gaps are as wide
    ],
)
def test_the_widest_gap_is_left_out(ranges, expected):
    for order in (ranges, ranges[::-1]):
        assert narrowest(*np.array(order, dtype=float).T) == expected


def test_what_is_cut_at_the_meridian_is_carried_together():
    halves = shapely.MultiPolygon([shapely.box(178, -18, 180, -16), shapely.box(-180, -18, -179, -16)])
    line = shapely.LineString([(179, -17), (-179.5, -17.5), (-178, -18)])
    beyond = shapely.LineString([(179, -17), (180.5, -17.5), (182, -18)])
    cut = shapely.MultiLineString([[(179, -17), (180, -17)], [(-180, -17), (-179, -17)]])
    given = np.array([halves, line, beyond, cut, shapely.Point(-178, -18), shapely.Point(178, -18), None, shapely.Point()], dtype=object)
    area, leaping, same, two, east, west, none, empty = carried(given, box=FIJI)
    assert area.equals(shapely.box(178, -18, 181, -16))
    assert area.geom_type == "Polygon"
    assert shapely.get_coordinates(leaping).tolist() == shapely.get_coordinates(beyond).tolist()
    assert same.equals_exact(beyond)
    assert shapely.get_coordinates(two)[:, 0].tolist() == [179, 180, 180, 181]
    assert (east.x, west.x, none, empty.is_empty) == (182, 178, None, True)
    assert given[1] is line  # what was given is left as it was
    assert shapely.get_coordinates(line)[1, 0] == -179.5


def test_holes_go_along_and_so_do_nested_collections():
    ring = shapely.box(-179, 0, -170, 5)
    holed = ring - shapely.box(-175, 1, -174, 2)
    (moved,) = carried([shapely.GeometryCollection([shapely.GeometryCollection([holed]), shapely.Point(179, 1)])], box=FIJI)
    assert moved.bounds == (179, 0, 190, 5)
    assert shapely.get_num_interior_rings(shapely.get_parts(moved)[0].geoms[0]) == 1


def test_elsewhere_nothing_is_touched():
    frame = geopandas.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(-178, 0)], crs="EPSG:4326")
    assert carried_frame(frame, box=INLAND) is frame
    moved = carried_frame(frame, box=FIJI)
    assert moved.geometry[0].x == 182
    assert moved.crs == frame.crs
    assert frame.geometry[0].x == -178
    assert len(carried([], box=FIJI)) == 0
    assert carried([None], box=FIJI).tolist() == [None]
