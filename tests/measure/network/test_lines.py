"""Networks of any lines: ends that meet, names of nodes, what is refused."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, MultiLineString, Point, Polygon

from corridormap.errors import DataError, UsageError
from corridormap.measure import Network

METRE = 1 / 111_195


def frame(*lines, crs="EPSG:4326", **columns):
    return gpd.GeoDataFrame(columns, geometry=list(lines), crs=crs)


def test_ends_that_lie_near_are_one_node():
    lines = [LineString([(60, 0), (61, 0)]), LineString([(61 + 3 * METRE, 0), (62, 0)])]
    assert len(Network(frame(*lines), snap_m=1).nodes) == 4
    near = Network(frame(*lines), snap_m=5)
    assert near.nodes.index.tolist() == ["60.0000000,0.0000000", "61.0000000,0.0000000", "62.0000000,0.0000000"]
    assert near.route((60, 0), end=(62, 0))["link"].tolist() == ["1", "2"]
    assert Network(frame(*lines[::-1]), snap_m=5).nodes.index.tolist() == near.nodes.index.tolist()
    # In a chain, also farther.
    chain = [LineString([(60, k), (61 + 3 * k * METRE, 0)]) for k in range(4)]
    assert len(Network(frame(*chain), snap_m=5).nodes) == 5


def test_lines_in_any_crs_and_in_multilines_of_one():
    lines = frame(MultiLineString([[(60, 50), (61, 50)], [(61, 50), (62, 51)]]), LineString([(62, 51, 9), (63, 51, 9)])).to_crs(32642)
    network = Network(lines)
    assert "reprojected from EPSG:32642" in network.route((60, 50), end=(63, 51)).attrs["note"]
    assert len(network.route((60, 50), end=(63, 51))) == 2


def test_columns_name_nodes():
    line = LineString([(60, 50), (61, 50)])
    numbered = frame(line, line, line, **{"from": [1, 2, 3], "to": [2.0, 3.0, np.nan]})
    network = Network(numbered)
    assert network.route(1, end="3")["link"].tolist() == ["1", "2"]
    # What names nothing lies on what is named there, or is a node of its own.
    assert network.nodes.index.tolist() == ["1", "2", "3"]
    assert network.route(1, end=3).attrs["note"].count("ends lie up to 71.6") == 1
    assert network.nodes["kind"].tolist() == ["node"] * 3


def test_nodes_and_links_may_be_called_by_whole_numbers():
    lines = [LineString([(60, 50), (61, 50)]), LineString([(61, 50), (62, 50)])]
    network = Network(frame(*lines, **{"id": [10, 20], "from": [1, 2], "to": [2, 3]}))
    # Two of them are two nodes, and not a longitude and latitude.
    for places in ([1, 2], np.array([1, 2]), pd.Series([1, 2])):
        assert network.matrix(places).index.tolist() == ["1", "2"]
    assert network.matrix([60.0, 50.0]).index.tolist() == ["60, 50"]
    assert network.isochrone(1, limits=10)["link"].tolist() == ["10"]
    assert network.without(links=10).links.index.tolist() == ["20"]


def test_columns_may_have_holes_of_any_kind():
    lines = [LineString([(60, 50), (61, 50)]), LineString([(61, 50), (62, 50)])]
    holed = frame(*lines, **{"from": pd.array([1, None], dtype="Int64"), "mode": pd.array(["rail", None], dtype="string")})
    assert Network(holed).links[["from", "mode"]].to_numpy().tolist() == [["1", "rail"], ["61.0000000,50.0000000", None]]


def test_a_node_between_countries_is_a_border():
    network = Network(frame(LineString([(60, 50), (61, 50)]), LineString([(61, 50), (62, 50)]), country=["KZ", "RU"]))
    way = network.route((60, 50), end=(62, 50))
    assert way["border"].tolist() == ["61.0000000,50.0000000", None]
    assert way["corridors"].tolist() == [None, None]
    with pytest.raises(UsageError, match="is no border"):
        network.without(borders="60.0000000,50.0000000")
    with pytest.raises(UsageError, match="nothing runs anywhere"):
        network.without(borders="61.0000000,50.0000000").route((60, 50), end=(62, 50))


def test_lines_that_cross_do_not_meet_and_it_is_said():
    network = Network(frame(LineString([(60, 49), (60, 51)]), LineString([(59, 50), (61, 50)])))
    assert "cross without a common end do not meet" in network.matrix([(60, 49)]).attrs["note"]
    with pytest.raises(DataError, match=r"no way joins 60\.0000000,49\.0000000 and 61\.0000000,50\.0000000"):
        network.route((60, 49), end=(61, 50))


LINE = LineString([(60, 50), (61, 50)])
with np.errstate(invalid="ignore"):
    TORN = LineString([(60, 50), (61, np.nan)])


@pytest.mark.parametrize(
    ("lines", "how", "error", "message"),
    [
        (frame(), {}, DataError, "the lines: hold no line"),
        (frame(LINE, None), {}, DataError, "the lines, row 1: is nothing, not a line"),
        (frame(LINE, LineString()), {}, DataError, "row 1: is nothing"),
        (frame(Point(60, 50)), {}, DataError, "row 0: is Point, not a line"),
        (frame(MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])), {}, DataError, "is MultiLineString, .*\n.*explode"),
        (frame(LINE, LINE, id=["a", "a"]), {}, DataError, "the id 'a' stands twice"),
        (frame(LINE, LINE, id=["a", None]), {}, DataError, "row 1: has no id"),
        (frame(LINE, crs=None), {}, DataError, "has no CRS"),
        (LINE, {}, UsageError, "must be a GeoDataFrame, not LineString"),
        (pd.DataFrame({"a": [1]}), {}, UsageError, "must be a GeoDataFrame, not DataFrame"),
        (frame(LINE), {"snap_m": 0}, UsageError, "snap_m is 0"),
        (frame(LINE), {"mode": "rail"}, UsageError, "no links of mode 'rail'\n  Modes are: none; the lines have no column mode"),
        (frame(LINE), {"mode": []}, UsageError, "no mode to use"),
        (frame(LINE, TORN), {}, DataError, "row 1: has coordinates that are no numbers"),
        (frame(Polygon([(0, 0), (1, 0), (1, 1)])), {}, DataError, "is Polygon"),
    ],
)
def test_lines_that_make_no_network(lines, how, error, message):
    with pytest.raises(error, match=message):
        Network(lines, **how)
