"""What a link weighs: figures of the caller's alone, by mode and by columns, and what is refused."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from corridormap.errors import DataError, UsageError
from corridormap.measure import Network


@pytest.fixture
def lines():
    """A railway of two links, a paved and an unpaved road, end to end along a parallel."""
    rows = [("a", "rail", "x"), ("b", "rail", "x"), ("c", "road", "paved"), ("d", "road", "gravel")]
    lines = [LineString([(60 + place, 50), (61 + place, 50)]) for place in range(4)]
    table = pd.DataFrame(rows, columns=["id", "mode", "surface"]).assign(
        minutes=[30.0, 40.0, 50.0, 90.0], limit=[60, 60, 90, 30], country="KZ"
    )
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def weights(lines, **how):
    network = Network(lines, **how)
    return network.links[network.unit if network.unit != "km" else "length_km"].to_numpy()


def test_time_is_length_by_speed(lines):
    km = weights(lines)
    assert weights(lines, weight="time", speeds=50) == pytest.approx(km / 50)
    assert weights(lines, weight="time", speeds="limit") == pytest.approx(km / [60, 60, 90, 30])
    assert weights(lines, weight="time", speeds={"rail": 40, "default": 80}) == pytest.approx(km / [40, 40, 80, 80])
    nested = {"rail": 40, "road": {"gravel": 25, "default": 70}}
    assert weights(lines, weight="time", speeds=nested, by=["mode", "surface"]) == pytest.approx(km / [40, 40, 70, 25])
    assert weights(lines, weight="time", speeds={"rail": 40, "road": {"default": 70}}) == pytest.approx(km / [40, 40, 70, 70])
    assert weights(lines, weight="time", speeds={"x": 1, "paved": 2, "gravel": 3}, by="surface") == pytest.approx(km / [1, 1, 2, 3])


def test_cost_is_length_by_rate(lines):
    assert weights(lines, weight="cost", costs={"rail": 2, "road": 3}) == pytest.approx(weights(lines) * [2, 2, 3, 3])


def test_a_column_a_function_a_series_and_a_mapping_may_weigh(lines):
    minutes = [30.0, 40.0, 50.0, 90.0]
    by_id = dict(zip("abcd", minutes, strict=True))
    assert weights(lines, weight="minutes").tolist() == minutes
    assert weights(lines, weight=by_id).tolist() == minutes
    series = pd.Series(by_id, name="wait")[::-1]
    assert Network(lines, weight=series).unit == "wait"
    assert weights(lines, weight=series).tolist() == minutes
    doubled = weights(lines, weight=lambda links: 2 * links["length_km"] + links["minutes"])
    assert doubled == pytest.approx(2 * weights(lines) + minutes)


def test_ids_may_be_whole_numbers(lines):
    numbered = lines.assign(id=[10, 11, 12, 13])
    for figures in (pd.Series([1, 2, 3, 4], index=numbered["id"]), dict(zip(numbered["id"], [1, 2, 3, 4], strict=True))):
        assert weights(numbered, weight=figures).tolist() == [1, 2, 3, 4]


def test_rates_by_a_column_with_holes(lines):
    holed = lines.assign(lanes=[2, np.nan, np.nan, 1])
    km = weights(lines)
    assert weights(holed, weight="time", speeds={2: 100, "default": 50}, by="lanes") == pytest.approx(km / [100, 50, 50, 50])


def test_a_change_of_mode_and_a_border_are_told_beside_the_link(lines):
    lines.loc[2:, "country"] = "RU"
    network = Network(lines, weight="time", speeds=50, transfer=5, border={"62.0000000,50.0000000": 3, "default": 99})
    way = network.route((60, 50), end=(64, 50))
    assert way["added_hours"].tolist() == [0, 0, 8, 0]
    assert way.attrs["hours"] == pytest.approx(way["hours"].sum() + 8)
    assert way.attrs["borders"] == ["62.0000000,50.0000000"]
    assert network.matrix([(60, 50)], [(64, 50)]).iloc[0, 0] == pytest.approx(way.attrs["hours"])
    # Who ends at the border has not passed it.
    assert network.route((60, 50), end=(62, 50)).attrs["hours"] == pytest.approx(way["hours"][:2].sum())
    by_length = Network(lines, transfer=100).route((60, 50), end=(64, 50))
    assert by_length.attrs["weight_km"] == pytest.approx(by_length.attrs["length_km"] + 100)


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"weight": "time"}, UsageError, "the weight is time, and no speeds are given"),
        ({"weight": "cost", "speeds": 40}, UsageError, "the weight is cost, and no costs are given"),
        ({"speeds": 40}, UsageError, 'speeds are given, and the weight is not time\n  Say weight="time"'),
        ({"weight": "time", "speeds": {"rail": 40}}, UsageError, "the figure for mode 'road' is lacking in `speeds`"),
        ({"weight": "time", "speeds": {"rail": 40, "road": "fast"}}, UsageError, "the figure for mode 'road' is 'fast'"),
        ({"weight": "time", "speeds": 0}, UsageError, "the speed of a is 0 km/h"),
        ({"weight": "time", "speeds": 40, "by": "lanes"}, None, ""),
        ({"weight": "time", "speeds": {"x": 1}, "by": "lanes"}, DataError, "the links have no column 'lanes'\n  Columns are: id, from"),
        ({"weight": "tolls"}, DataError, "the links have no column 'tolls'"),
        ({"weight": "mode"}, DataError, "the network, a: the weight 'mode' is no figure: 'rail'"),
        ({"weight": {"a": 1, "b": 2}}, UsageError, "no weight for 2 links, for instance 'c'"),
        ({"weight": pd.Series([1.0, 2.0], index=["a", "a"])}, UsageError, "name a link twice"),
        ({"weight": {"a": "much", "b": 2, "c": 3, "d": 4}}, DataError, "the network, a: the weight 'weight' is no figure: 'much'"),
        ({"weight": lambda links: [1.0]}, UsageError, r"the weight has the shape \(1,\)"),
        ({"weight": lambda links: -links["minutes"]}, DataError, "the network, a: the weight 'weight' is -30, below nought"),
        (
            {"weight": lambda links: links["minutes"].where(links["mode"] == "rail")},
            DataError,
            "the network, c: .* no figure: nan\n.*2 links",
        ),
        ({"weight": [1, 2, 3, 4]}, UsageError, "the weight is list\n  Name a column"),
        ({"transfer": -1}, UsageError, "transfer must be a figure from 0 up, not -1"),
        ({"border": {"default": np.nan}}, UsageError, "border must be a figure from 0 up, not nan"),
        ({"border": {"nowhere": 1}}, UsageError, "no node 'nowhere'"),
    ],
)
def test_weights_that_are_none(lines, how, error, message):
    if error is None:
        assert len(Network(lines, **how).links) == 4
        return
    with pytest.raises(error, match=message):
        Network(lines, **how)
