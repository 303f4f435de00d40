"""Tables of stretches laid over each other and dissolved, against a plain reading of the same by loops."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridormap import measure
from corridormap.errors import UsageError

ROWS = st.lists(st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 12), st.integers(0, 12)), max_size=8)
WORKS = pd.DataFrame({"from_km": [0, 30], "to_km": [20, 40], "works": ["track", "bridge"], "geometry": [None, None]}, index=["a", "b"])
BUDGET = pd.DataFrame({"from_km": [10.0, 50], "to_km": [40.0, 60], "cost": [300, 10], "speed": [80, 90]})


def frame(rows, name):
    table = pd.DataFrame(rows, columns=["road", "from_km", "to_km"])
    return table.assign(**{name: np.arange(len(table)), f"{name}_sum": np.arange(len(table)) + 1.0})


def meets(a, b):
    """Whether two stretches of a road have some length, or a point that lies in one, in common."""
    low, high = max(a[1], b[1]), min(a[2], b[2])
    if a[0] != b[0]:
        return False
    if low < high:
        return True
    return low == high and any(p[1] == p[2] == low and (q[1] <= low < q[2] or q[1] == q[2]) for p, q in ((a, b), (b, a)))


@pytest.mark.slow
@given(ROWS, ROWS)
def test_pieces_are_those_of_a_loop(first, second):
    ours, theirs = ([(road, min(ends), max(ends)) for road, *ends in rows] for rows in (first, second))
    wanted = sorted((a[0], max(a[1], b[1]), min(a[2], b[2]), i, j) for i, a in enumerate(ours) for j, b in enumerate(theirs) if meets(a, b))
    one, other = frame(first, "x"), frame(second, "y")
    both = measure.overlay(one, other, route="road")
    assert sorted(both[["road", "from_km", "to_km", "x", "y"]].itertuples(index=False, name=None)) == wanted
    # Nothing of the first is lost or made: each cell of a kilometre is in as many pieces as there are rows of the second over it, or once.
    every = measure.overlay(one, other, route="road", how="union", amounts=["x_sum", "y_sum"])
    assert len(measure.overlay(one, other, route="road", how="identity")) == every["x"].notna().sum()
    for mine, others, name, missing in ((ours, theirs, "x", "y"), (theirs, ours, "y", "x")):
        for row, (road, low, high) in enumerate(mine):
            pieces = every[every[name] == row]
            for cell in range(low, high):
                over = sum(other[0] == road and other[1] <= cell < other[2] for other in others)
                here = pieces[(pieces["from_km"] <= cell) & (pieces["to_km"] > cell)]
                assert len(here) == max(over, 1)
                assert here[missing].isna().all() == (over == 0)
            if high > low:
                assert (
                    pieces[f"{name}_sum"] / np.where(pieces["length_km"] > 0, pieces["length_km"], np.nan)
                ).dropna().to_numpy() == pytest.approx((row + 1) / (high - low))
            else:
                assert len(pieces) >= 1  # no point is lost


@pytest.mark.slow
@given(ROWS)
def test_dissolved_stretches_are_the_cells_covered(rows):
    table = frame(rows, "x").assign(kind=[row[1] % 2 for row in rows])
    joined = measure.dissolve(table, by="kind", route="road", amounts="x_sum")
    for road in "AB":
        for kind in (0, 1):
            cells = {
                cell
                for (name, *ends), k in zip(rows, table["kind"], strict=True)
                if (name, k) == (road, kind)
                for cell in range(min(ends), max(ends))
            }
            found = joined[(joined["road"] == road) & (joined["kind"] == kind)].sort_values("from_km")
            assert {cell for low, high in found[["from_km", "to_km"]].to_numpy(int) for cell in range(low, high)} == cells
            assert found["length_km"].sum() == len(cells)
            assert (found["from_km"].to_numpy()[1:] > found["to_km"].to_numpy()[:-1]).all()
    assert joined["x_sum"].sum() == table["x_sum"].sum()
    assert joined["rows"].sum() == len(table)


def test_works_by_budget():
    table = measure.overlay(WORKS, BUDGET, amounts="cost")
    assert table.columns.tolist() == ["from_km", "to_km", "length_km", "works", "cost", "speed"]
    assert table.to_numpy().tolist() == [[10, 20, 10, "track", 100, 80], [30, 40, 10, "bridge", 100, 80]]
    assert table.attrs["note"] == (
        "the second says nothing of 10.000 km in 1 stretch, the first from km 0 to km 10, of the first; "
        "the first says nothing of 20.000 km in 2 stretches, the first from km 20 to km 30, of the second"
    )
    assert "amounts (cost) by length" in table.attrs["method"]
    kept = measure.overlay(WORKS, BUDGET)
    assert kept["cost"].tolist() == [300, 300]
    assert kept["cost"].dtype == "int64"
    union = measure.overlay(WORKS, BUDGET, how="union", amounts="cost")
    assert union[["from_km", "to_km"]].to_numpy().tolist() == [[0, 10], [10, 20], [20, 30], [30, 40], [50, 60]]
    assert union["cost"].sum() == 310
    assert union["works"].isna().tolist() == [False, False, True, False, True]
    assert measure.overlay(WORKS, BUDGET, how="identity")["from_km"].tolist() == [0, 10, 30]
    laid = measure.events("7", table=union)
    assert laid["length_km"].sum() == pytest.approx(50)


def test_points_and_stretches_that_run_backwards():
    accidents = pd.DataFrame({"from_km": [10, 20, 40], "to_km": [10, 20, 40], "deaths": [1, 2, 3]})
    works = WORKS.assign(from_km=[20, 30], to_km=[0, 40])
    found = measure.overlay(accidents, works, how="identity", amounts="deaths")
    assert found["deaths"].tolist() == [1, 2, 3]
    assert found["works"].isna().tolist() == [False, True, True]  # a stretch goes up to its end and has it not
    assert "rows of the second that run backwards are turned: 1" in found.attrs["note"]
    touching = pd.DataFrame({"from_km": [0, 10], "to_km": [10, 20], "part": ["one", "two"]})
    assert measure.overlay(accidents, touching)["part"].tolist() == ["two"]


def test_overlaps_are_told_and_amounts_count_in_each():
    twice = pd.concat([BUDGET, BUDGET])
    table = measure.overlay(WORKS, twice, amounts="cost")
    assert table["cost"].sum() == 400
    assert "stretches of the second overlap by 40.000 km, where amounts count in each" in table.attrs["note"]
    joined = measure.dissolve(twice, amounts="cost", densities="speed")
    assert joined[["from_km", "to_km", "cost", "speed", "rows"]].to_numpy().tolist() == [[10, 40, 600, 80, 2], [50, 60, 20, 90, 2]]
    assert joined.attrs["note"] == (
        "rows that say the same overlap by 40.000 km, counted once; gaps: 10.000 km in 1 stretch, the first from km 40 to km 50,"
    )


def test_densities_are_averaged_by_length_and_no_value_is_a_value():
    table = pd.DataFrame(
        {"from_km": [0, 10, 40, 40], "to_km": [10, 40, 50, 40], "speed": [100.0, 60, 70, 70], "who": ["x", "x", None, None]}
    )
    joined = measure.dissolve(table, by=["who"], densities=["speed"])
    assert joined["speed"].tolist() == [70, 70]
    assert joined["who"].isna().tolist() == [False, True]
    assert joined["to_km"].tolist() == [40, 50]
    points = measure.dissolve(table[["from_km", "speed"]].assign(to_km=table["from_km"]), densities="speed")
    assert points["speed"].tolist() == [100, 60, 70]
    assert points["length_km"].tolist() == [0, 0, 0]


def test_routes_are_matched_however_they_are_written():
    one = pd.DataFrame({"corridor": [1, 2], "start": [0, 0], "end": [10, 10], "x": ["p", "q"]})
    other = pd.DataFrame({"corridor": ["2", "3"], "start": [5, 5], "end": [20, 20], "x": ["r", "s"]})
    both = measure.overlay(one, other, route="corridor", from_km="start", to_km="end")
    assert both.to_numpy().tolist() == [[2, 5, 10, 5, "q", "r"]]
    assert both.columns.tolist() == ["corridor", "start", "end", "length_km", "x_1", "x_2"]
    assert "of 1, of the first" in both.attrs["note"]
    named = measure.overlay(one, other, route="corridor", from_km="start", to_km="end", suffixes=("_works", "_budget"))
    assert named.columns.tolist()[-2:] == ["x_works", "x_budget"]


def test_a_point_that_meets_a_point_is_told_once():
    accidents = pd.DataFrame({"from_km": [5, 7], "to_km": [5, 7], "deaths": [3.0, 1]})
    posts = pd.DataFrame({"from_km": [5, 9], "to_km": [5, 9], "post": ["a", "b"]})
    found = measure.overlay(accidents, posts, how="union", amounts="deaths")
    assert found["deaths"].sum() == 4
    assert found[["from_km", "post"]].fillna("").to_numpy().tolist() == [[5, "a"], [7, ""], [9, "b"]]


def test_kilometres_that_sums_have_rounded_are_the_same():
    one, other = pd.DataFrame({"from_km": [0], "to_km": [0.1 + 0.2], "x": [1]}), pd.DataFrame({"from_km": [0.3], "to_km": [1], "y": [1]})
    assert measure.overlay(one, other).empty
    joined = measure.dissolve(pd.concat([one, other]).iloc[::-1])
    assert joined[["from_km", "to_km", "rows"]].to_numpy().tolist() == [[0, 1, 2]]
    assert "note" not in joined.attrs


def test_geometries_of_any_name_are_left_out():
    lines = gpd.GeoDataFrame(WORKS.drop(columns="geometry"), geometry=gpd.points_from_xy([60, 61], [50, 50]), crs="EPSG:3857")
    named = lines.rename_geometry("geom").assign(other=lines.geometry)
    assert measure.overlay(named, BUDGET).columns.tolist() == ["from_km", "to_km", "length_km", "works", "cost", "speed"]


def test_nothing_to_lay():
    empty = measure.overlay(WORKS[:0], BUDGET, how="union")
    assert empty["cost"].tolist() == [300, 10]
    assert len(measure.overlay(WORKS[:0], BUDGET[:0])) == 0
    assert measure.dissolve(WORKS[:0], by="works").columns.tolist() == ["from_km", "to_km", "length_km", "works", "rows"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: measure.overlay(WORKS, BUDGET, how="left"), "how must be one of intersection, identity, union, not 'left'"),
        (lambda: measure.overlay(WORKS, BUDGET, amounts="money"), "no table has a column 'money' with amounts"),
        (lambda: measure.overlay(WORKS, BUDGET, amounts="works"), "'works' of the table must hold numbers"),
        (lambda: measure.overlay(WORKS, BUDGET, route="road"), "the first has no column 'road'"),
        (lambda: measure.overlay(WORKS.assign(road="A"), BUDGET, route="road"), "the second has no column 'road'"),
        (lambda: measure.overlay(WORKS.assign(road=["A", None]), BUDGET.assign(road="A"), route="road"), "the first has no route in row b"),
        (lambda: measure.overlay(WORKS, BUDGET.drop(columns="to_km")), "the second has no column 'to_km'"),
        (lambda: measure.overlay(WORKS.assign(to_km=[1, None]), BUDGET), "'to_km' of the first has no number in row b"),
        (lambda: measure.overlay(WORKS.assign(to_km=[1, np.inf]), BUDGET), "'to_km' of the first has no number in row b"),
        (lambda: measure.overlay([1], BUDGET, amounts="cost"), "the first must be a DataFrame, not list"),
        (lambda: measure.overlay(BUDGET, BUDGET, suffixes=("", "")), "both tables have a column 'cost'"),
        (lambda: measure.overlay(BUDGET, BUDGET, suffixes=("_1",)), "both tables have a column 'cost'"),
        (lambda: measure.dissolve(WORKS.assign(works=[["a"], ["b"]]), by="works"), "the column 'works' of the table holds lists"),
        (lambda: measure.dissolve(WORKS.assign(rows=1), by="rows"), "the result would have two columns 'rows'"),
        (lambda: measure.dissolve(BUDGET, amounts="cost", densities="cost"), "the result would have two columns 'cost'"),
        (lambda: measure.dissolve(WORKS, by="cost"), "the table has no column 'cost'"),
        (lambda: measure.dissolve(BUDGET.assign(cost=["much", "more"]), amounts="cost"), "'cost' of the table must hold numbers"),
    ],
)
def test_tables_that_cannot_be_laid(call, message):
    with pytest.raises(UsageError, match=message):
        call()
