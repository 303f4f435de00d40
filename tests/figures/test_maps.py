"""The base map: its CRS, what is drawn on it, and names that stand clear of each other."""

from __future__ import annotations

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pytest
import shapely
from matplotlib import pyplot as plt
from tests.figures.boxes import laid, overlapping

from corridormap import figures, measure, words
from corridormap.atlas import Atlas
from corridormap.errors import CorridorMapError, DataError, UsageError

EVERY = ("label", "scale", "credit", "kilometre", "degree")


def test_the_axes_are_in_the_planar_crs_of_the_atlas(atlas):
    ax = figures.base_map(atlas=atlas)
    west, south, east, _ = atlas.record.view
    corners = gpd.GeoSeries(shapely.points([(west, south), (east, south)]), crs="EPSG:4326").to_crs(atlas.record.planar_crs)
    assert ax.get_xlim()[0] <= corners.x.iloc[0] <= corners.x.iloc[1] <= ax.get_xlim()[1]
    ax.figure.canvas.draw()
    box = ax.get_window_extent()
    assert box.width / box.height == pytest.approx(np.diff(ax.get_xlim())[0] / np.diff(ax.get_ylim())[0], rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_no_two_names_lie_on_each_other(atlas, lang):
    ax = figures.base_map(atlas=atlas, lang=lang, graticule=True, layers=["corridors"])
    figures.kilometre_ticks(ax, "1", atlas=atlas)
    stations = atlas.nodes[atlas.nodes["kind"] == "station"]
    figures.draw(ax, stations, names=f"name_{lang}")
    found = laid(ax, *EVERY)
    assert len(found) > 40
    assert overlapping(found) == []
    frame = ax.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1 for _, box in found)
    said = {text for text, _ in found}
    assert atlas.text(atlas.record.attribution, lang) in " ".join(text for text, _ in laid(ax, "credit"))
    assert words.say("km", lang=lang, n="500") in said
    assert {"en": "KAZAKHSTAN", "ru": "КАЗАХСТАН", "kk": "ҚАЗАҚСТАН"}[lang] in said


def test_names_keep_clear_in_another_size(atlas):
    ax = figures.base_map(atlas=atlas)
    wide = {text for text, _ in laid(ax, "label")}
    ax.figure.set_size_inches(3, 2)
    narrow = laid(ax, "label")
    assert 0 < len(narrow) < len(wide)
    assert overlapping(narrow) == []


def test_names_keep_clear_of_the_callers_texts_and_legend(atlas):
    ax = figures.base_map(atlas=atlas)
    spots = dict(laid(ax, "label"))
    box = spots["Astana"]
    at = ax.transData.inverted().transform((box.x0, box.y0))
    ax.text(*at, "what the caller says", fontsize=12)
    ax.legend(handles=[plt.Line2D([], [], label="a line")], loc="lower right")
    found = [*laid(ax, *EVERY), ("own", ax.texts[0].get_window_extent()), ("legend", ax.get_legend().get_window_extent())]
    assert overlapping(found) == []


def test_what_is_drawn_stands_where_it_is(atlas):
    ax = figures.base_map(atlas=atlas, around="1")
    towns = atlas.nodes.loc[["dostyk", "aktogay"]]
    made = figures.draw(ax, towns.to_crs("EPSG:3857"), names="name_en", color="#b01237", label="towns")
    there = towns.to_crs(atlas.record.planar_crs).get_coordinates().to_numpy()
    assert np.allclose(made.get_offsets(), there, atol=1e-3)
    assert {"Dostyk", "Aktogay"} <= {text for text, _ in laid(ax, "label")}
    # In degrees, by the transform.
    point = towns.geometry.iloc[0]
    assert np.allclose(figures.lonlat(ax).transform((point.x, point.y)), ax.transData.transform(there[0]), atol=1e-3)


def test_a_number_for_each_feature_colours_all_its_parts(atlas):
    ax = figures.base_map(atlas=atlas)
    parts = [shapely.MultiLineString([[(60, 50), (61, 50)], [(62, 50), (63, 50)]]), shapely.LineString([(64, 50), (65, 50)])]
    made = figures.draw(ax, parts, array=[3.0, 7.0], cmap="cividis")
    assert made.get_array().tolist() == [3, 3, 7]
    areas = figures.draw(ax, [shapely.box(60, 48, 62, 49)], color="#b01237")
    assert len(areas.get_paths()) == 1
    assert areas.get_linewidth().tolist() == [0]
    edged = figures.draw(ax, [shapely.box(60, 48, 62, 49)], facecolor="none", edgecolor="#b01237")
    assert edged.get_linewidth().tolist() == [1]
    points = figures.draw(ax, shapely.points([(60, 47), (61, 47)]), array=[1.0, 2.0], s=[10, 30])
    assert points.get_array().tolist() == [1, 2]
    assert points.get_sizes().tolist() == [10, 30]
    assert len(figures.draw(ax, atlas.nodes.iloc[:0]).get_offsets()) == 0


def test_around_a_single_place_there_is_ground(atlas):
    ax = figures.base_map(atlas=atlas, around=atlas.nodes.loc[["dostyk"]])
    assert np.diff(ax.get_xlim())[0] > 20_000
    assert laid(ax, "scale")


@pytest.mark.slow
def test_a_map_is_the_same_twice_and_in_every_format(tmp_path, atlas):
    for ending in ("png", "svg", "pdf"):
        written = []
        for number in (1, 2):
            ax = figures.base_map(atlas=atlas, extent=(70, 42, 82, 48), layers=["corridors"])
            path = tmp_path / f"{number}.{ending}"
            with mpl.rc_context({"svg.hashsalt": "1"}):
                ax.figure.savefig(path, metadata={"CreationDate": None} if ending == "pdf" else {"Date": None} if ending == "svg" else None)
            written.append(path.read_bytes())
        assert written[0] == written[1]


def test_the_callers_settings_stay_as_they_are(atlas):
    before = dict(mpl.rcParams)
    figures.base_map(atlas=atlas).figure.canvas.draw()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"extent": (80, 40, 80, 50)}, "no such extent"),
        ({"extent": (80, 40, 60, 50)}, "no such view: its middle is no place on Earth"),
        ({"extent": (60, 40, 80, 50), "around": "1"}, "an extent and something"),
        ({"around": "no-such"}, "no itinerary"),
        ({"around": []}, "nothing to draw"),
        ({"lang": "xx"}, "no language"),
        ({"layers": ["no-such"]}, "no layer"),
    ],
)
def test_a_map_that_makes_no_sense(atlas, given, what):
    with pytest.raises(CorridorMapError, match=what):
        figures.base_map(atlas=atlas, **given)


def test_a_map_across_the_180th_meridian(pacific):
    atlas = Atlas.open(pacific)
    ax = figures.base_map(atlas=atlas, layers=["corridors"])
    ax.figure.canvas.draw()
    corner = figures.lonlat(ax).transform([(-178.5, -17.5), (178.5, -17.5)])
    assert ax.bbox.contains(*corner[0])
    assert ax.bbox.contains(*corner[1])
    assert np.ptp(figures.base_map(atlas=atlas, extent=(176, -20, -178, -15)).get_xlim()) < 1e6


def test_three_numbers_are_one_colour_for_all(atlas):
    ax = figures.base_map(atlas=atlas)
    lines = [shapely.LineString([(60, lat), (61, lat)]) for lat in (50, 51, 52)]
    assert figures.draw(ax, lines, color=(0.1, 0.2, 0.3)).get_colors().tolist() == [[0.1, 0.2, 0.3, 1]]
    assert len(figures.draw(ax, lines, color=["r", "g", "b"]).get_colors()) == 3


def test_what_cannot_be_drawn(atlas):
    ax = figures.base_map(atlas=atlas)
    point, line = shapely.Point(60, 50), shapely.LineString([(60, 50), (61, 50)])
    with pytest.raises(UsageError, match="lines and points cannot be drawn at once"):
        figures.draw(ax, [point, line])
    with pytest.raises(UsageError, match="collections cannot"):
        figures.draw(ax, [shapely.GeometryCollection([point])])
    with pytest.raises(UsageError, match="no column 'name'"):
        figures.draw(ax, gpd.GeoDataFrame({"n": [1]}, geometry=[point], crs="EPSG:4326"), names="name")
    with pytest.raises(UsageError, match="2 names for 1 features"):
        figures.draw(ax, [point], names=["a", "b"])
    with pytest.raises(DataError, match="no CRS"):
        figures.draw(ax, gpd.GeoSeries([point]))
    _, plain = plt.subplots()
    for call in (lambda: figures.draw(plain, [point]), lambda: figures.lonlat(plain), lambda: figures.kilometre_ticks(plain, "1")):
        with pytest.raises(UsageError, match="no base map"):
            call()


def test_what_has_no_name_is_drawn_all_the_same(atlas):
    ax = figures.base_map(atlas=atlas, names=False)
    figures.draw(ax, shapely.points([(60, 50), (65, 50), (70, 50)]), names=["here", None, ""])
    assert [text for text, _ in laid(ax, "label")] == ["here"]


def test_a_name_begins_where_its_symbol_ends(atlas):
    ax = figures.base_map(atlas=atlas, names=False)
    made = figures.draw(ax, shapely.points([(60, 50), (75, 50)]), names=["large", "small"], s=[2500, 16])
    boxes = dict(laid(ax, "label"))
    spots = ax.transData.transform(made.get_offsets())
    per_point = ax.figure.dpi / 72
    for (x, _), name, radius in zip(spots, ("large", "small"), (25, 2), strict=True):
        away = (boxes[name].x0 - x) / per_point
        assert radius < away < radius + 5


def test_a_line_of_the_callers_may_be_drawn_around(atlas):
    track = measure.cut("10", from_km=330, to_km=560, atlas=atlas)
    ax = figures.base_map(atlas=atlas, around=track, names=False, scale=False, credits=False)
    figures.draw(ax, track)
    assert laid(ax, *EVERY) == []
    west, south, east, north = track.to_crs(atlas.record.planar_crs).total_bounds
    assert ax.get_xlim()[0] < west < east < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < south < north < ax.get_ylim()[1]
