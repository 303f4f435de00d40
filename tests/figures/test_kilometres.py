"""Kilometres on a map and as an axis: right against `measure.locate`, named in the language asked, clear of each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib import pyplot as plt
from matplotlib.patches import PathPatch
from tests.figures.boxes import laid, overlapping

from corridormap import figures, measure
from corridormap.errors import UsageError
from corridormap.figures.kilometres import spread


def strokes(ax):
    """The middles of the ticks on a map, in its metres."""
    ax.figure.canvas.draw()
    (found,) = [patch for patch in ax.findobj(PathPatch) if patch.get_gid() == "kilometres"]
    ends = found.get_transform().transform(found.get_path().vertices).reshape(-1, 2, 2)
    return ax.transData.inverted().transform(ends.mean(axis=1)), ends


def test_ticks_stand_where_locate_says_and_across_the_line(atlas):
    ax = figures.base_map(atlas=atlas, around="10")
    figures.kilometre_ticks(ax, "10", every=100)
    middles, ends = strokes(ax)
    km = np.arange(0, 1301, 100.0)
    wanted = measure.locate("10", km=km, atlas=atlas).to_crs(atlas.record.planar_crs).get_coordinates().to_numpy()
    assert np.abs(middles - wanted).max() < 1
    before, after = (
        measure.locate("10", km=np.clip(km + by, 0, 1320), atlas=atlas).to_crs(atlas.record.planar_crs).get_coordinates().to_numpy()
        for by in (-10, 10)
    )
    along, across = after - before, ends[:, 1] - ends[:, 0]
    cosine = np.abs(np.sum(along * across, axis=1)) / np.hypot(*along.T) / np.hypot(*across.T)
    assert np.median(cosine) < 0.3
    said = [text for text, _ in laid(ax, "kilometre")]
    assert set(said) <= {f"{value:,.0f}" for value in km}
    assert len(said) > 8


def test_the_step_follows_the_scale(atlas):
    said = []
    for extent in ((60, 45, 88, 56), (76, 51, 78, 53)):
        ax = figures.base_map(atlas=atlas, extent=extent, lang="ru")
        figures.kilometre_ticks(ax, "10")
        said.append({text for text, _ in laid(ax, "kilometre")})
    wide, near = said
    assert wide == {"0", "200", "400", "600", "800", "1\u202f000", "1\u202f200"}
    assert {"400", "450"} & near
    assert len(near) > 3


def test_a_part_of_the_line_and_one_of_the_callers(atlas):
    ax = figures.base_map(atlas=atlas, around=[shapely.LineString([(70, 50), (72, 50)])])
    figures.kilometre_ticks(ax, shapely.LineString([(70, 50), (72, 50)]), every=20, from_km=30, to_km=100)
    assert len(strokes(ax)[0]) == 4
    assert {text for text, _ in laid(ax, "kilometre")} == {"40", "60", "80", "100"}


def test_a_calibrated_line_speaks_in_the_kilometres_of_its_posts(atlas):
    posts = pd.DataFrame({"chainage": [0.0, 500.0, 1300.0], "km": [1000.0, 1510.0, 2300.0]})
    points = measure.locate("10", km=posts["chainage"], atlas=atlas)
    line = measure.calibrate("10", posts=points.assign(km=posts["km"]), atlas=atlas)
    ax = figures.base_map(atlas=atlas, around="10")
    figures.kilometre_ticks(ax, line, every=100)
    middles, _ = strokes(ax)
    wanted = measure.locate(line, km=np.arange(1000, 2301, 100.0)).to_crs(atlas.record.planar_crs).get_coordinates().to_numpy()
    assert np.abs(middles - wanted).max() < 1
    assert {"1,000", "2,300"} <= {text for text, _ in laid(ax, "kilometre")}
    _, chart = plt.subplots(layout="constrained")
    figures.kilometre_axis(chart, line, atlas=atlas)
    assert chart.get_xlim() == pytest.approx((1000, 2300))
    assert chart.get_xlabel() == "km"
    # The last node lies beyond the last post.
    assert [text for text, _ in laid(chart, "place")] == list(measure.stationing("10", atlas=atlas)["name_en"])[:-1]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"every": 0}, "a tick every 0 km"),
        ({"every": float("nan")}, "a tick every nan km"),
        ({"every": 0.001}, "a tick every 0.001 km on"),
        ({"from_km": -1}, "km -1 is not on"),
        ({"to_km": 99_999}, "km 99999 is not on"),
        ({"from_km": 200, "to_km": 100}, "a stretch from km 200 to km 100"),
    ],
)
def test_kilometres_that_make_no_sense(atlas, given, what):
    ax = figures.base_map(atlas=atlas)
    with pytest.raises(UsageError, match=what):
        figures.kilometre_ticks(ax, "10", **given)
    if "every" not in given:
        with pytest.raises(UsageError, match=what):
            figures.kilometre_axis(ax, "10", atlas=atlas, **given)


@pytest.mark.parametrize(
    ("lang", "label"),
    [("en", "Chainage, km; 0 is Omsk"), ("ru", "Расстояние по линии, км; 0 – Омск"), ("kk", "Сызық бойымен қашықтық, км; 0 – Омбы")],
)
def test_an_axis_of_a_chart_is_in_the_language(atlas, lang, label):
    _, ax = plt.subplots(figsize=(9, 4), layout="constrained")
    assert figures.kilometre_axis(ax, "10", atlas=atlas, lang=lang) is ax
    assert ax.get_xlabel() == label
    names = atlas.nodes.loc[atlas.way_nodes("road-10-omsk-maikapchagai")[0], f"name_{lang}"]
    assert [text for text, _ in laid(ax, "place")] == list(names)
    ax.figure.canvas.draw()
    assert "1,000" in [text.get_text().replace("\u202f", ",") for text in ax.get_xticklabels()]


def test_names_stand_by_their_kilometres_and_clear_of_each_other(atlas):
    _, ax = plt.subplots(figsize=(9, 4), layout="constrained")
    figures.kilometre_axis(ax, "5", atlas=atlas)
    found = laid(ax, "place")
    line = measure.stationing("5", atlas=atlas)
    assert len(found) > 0.8 * len(line)
    assert overlapping(found) == []
    edge = ax.get_window_extent()
    inside = ax.figure.bbox
    for name, box in found:
        assert box.y0 > edge.y1
        assert box.y1 <= inside.y1
        nearest = min(abs(ax.transData.transform((km, 0))[0] - (box.x0 + box.x1) / 2) for km in line.loc[line["name_en"] == name, "km"])
        assert nearest <= 70 * ax.figure.dpi / 72
    # From left to right as along the line.
    assert [name for name, _ in found] == [name for name in line["name_en"] if name in dict(found)]


def test_where_there_is_little_room_the_least_important_are_left_out(atlas):
    _, ax = plt.subplots(figsize=(1.8, 2), layout="constrained")
    figures.kilometre_axis(ax, "5", atlas=atlas)
    found = laid(ax, "place")
    assert 3 < len(found) < 20
    assert overlapping(found) == []
    assert {"Almaty-1", "Aktau port"} <= {text for text, _ in found}


def test_an_axis_without_names(atlas):
    _, ax = plt.subplots()
    figures.kilometre_axis(ax, "5", atlas=atlas, names=False, from_km=100, to_km=200)
    assert laid(ax, "place") == []
    assert ax.get_xlim() == (100, 200)
    figures.kilometre_axis(ax, shapely.LineString([(70, 50), (72, 50)]))
    assert laid(ax, "place") == []
    assert ax.get_xlabel() == "km"


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        ([10, 50, 90], [10, 50, 90]),
        ([50, 50], [45, 55]),
        ([50, 52, 90], [46, 56, 90]),
        ([0, 1], [0, 10]),
        ([99, 100], [90, 100]),
        ([20, 20, 20, 20], [5, 15, 25, 35]),
        ([], []),
    ],
)
def test_numbers_are_moved_apart_with_the_least_moves(at, wanted):
    assert spread(np.array(at, dtype=float), gap=10, low=0, high=100).tolist() == pytest.approx(wanted)


def test_a_table_of_events_keeps_its_kilometres_on_the_axis(atlas):
    table = pd.DataFrame({"from_km": [100.0], "to_km": [300.0]})
    _, ax = plt.subplots()
    ax.barh([0], table["to_km"] - table["from_km"], left=table["from_km"])
    figures.kilometre_axis(ax, "10", atlas=atlas)
    assert ax.patches[0].get_x() == 100
    assert ax.get_xlim()[1] == pytest.approx(measure.alignment("10", atlas=atlas).length_km)
