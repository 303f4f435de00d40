"""A corridor as a strip: rows that tell what the atlas and the caller know, at the right kilometres, in the language asked."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from tests.figures.boxes import laid, overlapping

from corridormap import figures, measure, words
from corridormap.atlas import Atlas
from corridormap.errors import CorridorMapError, DataError
from corridormap.figures.strip import Bar, Row


def bars(ax):
    """The bars by their row's title: from which kilometre, to which."""
    titles = [text.get_text() for text in ax.get_yticklabels()]
    found = {title: [] for title in titles}
    for patch in ax.patches:
        if isinstance(patch, Rectangle):
            middle = patch.get_y() + patch.get_height() / 2
            title = min(zip(ax.get_yticks(), titles, strict=True), key=lambda row: abs(row[0] - middle))[1]
            found[title].append((patch.get_x(), patch.get_x() + patch.get_width()))
    return found


def test_rows_tell_what_the_atlas_knows(atlas):
    ax = figures.strip_map("rail-5-traceca", atlas=atlas)
    found = bars(ax)
    assert list(found) == ["Countries", "Tracks", "Works", "Shares track with"]
    line = measure.alignment("5", atlas=atlas)
    assert ax.get_xlim() == (0, line.length_km)
    # The bars of countries are those of the line, without gaps.
    flat = [km for bar in found["Countries"] for km in bar]
    assert flat[0] == 0
    assert flat[-1] == pytest.approx(line.length_km)
    assert flat[1:-1:2] == pytest.approx(flat[2::2])
    cut = measure.cut("5", from_km=0, to_km=line.length_km, atlas=atlas)
    assert len(found["Countries"]) == len(cut)
    # What it shares with each corridor is what `shared_track` says.
    shared = measure.shared_track(["rail-5-traceca", "rail-1-northern"], atlas=atlas).query("count == 2")
    with_first = line.stretches[line.stretches["link"].isin(shared["link"])]
    assert found["Shares track with"][0] == pytest.approx((with_first["from_km"].min(), with_first["to_km"].max()))


def test_corridors_on_one_track_lie_below_each_other(atlas):
    ax = figures.strip_map("5", atlas=atlas)
    boxes = [patch.get_bbox() for patch in ax.patches]
    touching = [
        (a, b) for row, a in enumerate(boxes) for b in boxes[row + 1 :] if a.overlaps(b) and min(a.x1, b.x1) - max(a.x0, b.x0) > 1e-6
    ]
    assert touching == []
    tops = {box.y0 for box in boxes}
    assert len(tops) == 5
    alone = figures.strip_map("5", atlas=atlas, shared_with=["3"])
    assert len(bars(alone)["Shares track with"]) == 1
    assert "Shares track with" not in bars(figures.strip_map("5", atlas=atlas, shared_with=[]))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_station_is_named_in_the_language_and_nothing_overlaps(atlas, lang):
    ax = figures.strip_map("5", atlas=atlas, lang=lang)
    found = laid(ax, "place", "bar", "title")
    assert overlapping(found) == []
    names = measure.stationing("5", atlas=atlas)[f"name_{lang}"]
    assert [text for text, _ in laid(ax, "place")] == list(names)
    assert laid(ax, "title")[0][0] == f"5. {atlas.text(atlas.itineraries['rail-5-traceca'].name, lang)}"
    assert words.country("KZ", lang=lang) in [text for text, _ in laid(ax, "bar")]
    assert words.say("figures.works", lang=lang) in [text.get_text() for text in ax.get_yticklabels()]
    whole = ax.figure.bbox
    assert all(whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1 for _, box in found)


def test_a_text_stands_in_its_bar_or_beside_it(atlas):
    table = pd.DataFrame(
        {
            "from_km": [0, 600, 700, 800],
            "to_km": [500, 601, 701, 800],
            "label": ["within", "beside it", "no room for so long a text here", "a place"],
        }
    )
    ax = figures.strip_map("10", atlas=atlas, events={"Mine": table})
    found = dict(laid(ax, "bar"))
    spans = {name: [ax.transData.inverted().transform((x, 0))[0] for x in (box.x0, box.x1)] for name, box in found.items()}
    assert 0 < spans["within"][0] < spans["within"][1] < 500
    assert 601 < spans["beside it"][0] < spans["beside it"][1] < 700
    assert not any("no room" in text for text in found)
    assert spans["a place"][0] > 800


def test_tables_of_the_caller_are_further_rows(atlas):
    table = pd.DataFrame({"from_km": [300.0, 50.0], "to_km": [100.0, 50.0], "label": ["works", None], "colour": ["#b01237", "navy"]})
    ax = figures.strip_map("10", atlas=atlas, events={"Works of 2027": table, "Nothing": table.iloc[:0]})
    found = bars(ax)
    assert list(found)[-1] == "Works of 2027"
    assert found["Works of 2027"] == [(100, 300)]
    assert ax.patches[-1].get_facecolor()[:3] == pytest.approx((0xB0 / 255, 0x12 / 255, 0x37 / 255))
    assert [line.get_xdata()[0] for line in ax.lines] == [50]


def test_a_row_without_a_colour_has_that_of_all_and_figures_are_labels(atlas):
    table = pd.DataFrame({"from_km": [0, 500], "to_km": [500, 900], "label": [40, 60], "colour": ["navy", None]})
    ax = figures.strip_map("10", atlas=atlas, events={"Km/h": table})
    assert {"40", "60"} <= {text for text, _ in laid(ax, "bar")}
    plain = figures.strip_map("10", atlas=atlas, events={"Km/h": table[["from_km", "to_km"]]})
    assert ax.patches[-1].get_facecolor() == plain.patches[-1].get_facecolor()
    assert ax.patches[-2].get_facecolor() != plain.patches[-2].get_facecolor()


def test_what_links_say_of_themselves_is_a_row(tiny, edit):
    with edit(tiny / "network" / "links.geojson") as document:
        for number, feature in enumerate(document["features"]):
            feature["properties"]["electrified"] = None if number % 2 else True
    atlas = Atlas.open(tiny)
    name = next(one.id for one in atlas.itineraries.values() if one.ways)
    ax = figures.strip_map(name, atlas=atlas, properties=["electrified", "never_heard_of"])
    assert bars(ax)["electrified"]
    assert "yes" in [text for text, _ in laid(ax, "bar")]


def test_another_atlas_in_its_own_language():
    atlas = Atlas.open("examples/azerbaijan")
    name = next(iter(atlas.itineraries))
    ax = figures.strip_map(name, atlas=atlas)
    assert ax.get_yticklabels()[0].get_text() == "Ölkələr"
    assert overlapping(laid(ax, "place", "bar", "title")) == []


def test_lanes_are_filled_from_above():
    row = Row("", [Bar(0, 10, ""), Bar(5, 20, ""), Bar(10, 12, ""), Bar(11, 30, ""), Bar(30, 40, "")])
    assert row.lanes() == [0, 1, 0, 2, 0]


@pytest.mark.parametrize(
    ("corridor", "given", "what"),
    [
        ("no-such", {}, "no itinerary"),
        (3.5, {}, "a strip map is drawn of a corridor"),
        ("5", {"way": 9}, "no way 9"),
        ("5", {"lang": "xx"}, "no language"),
        ("5", {"shared_with": ["no-such"]}, "no itinerary"),
        ("5", {"events": pd.DataFrame({"from_km": [1], "to_km": [9]})}, "events are tables by the titles of their rows"),
        ("5", {"events": {"mine": pd.DataFrame({"km": [1]})}}, "no column 'from_km'"),
        ("5", {"events": {"mine": pd.DataFrame({"from_km": [1], "to_km": [9_999]})}}, "km 9999 is not on"),
        ("5", {"events": {"mine": pd.DataFrame({"from_km": ["a"], "to_km": ["b"]})}}, "must hold numbers"),
        ("5", {"events": {"mine": pd.DataFrame({"from_km": [1], "to_km": [2], "colour": ["no colour"]})}}, "no colour 'no colour'"),
    ],
)
def test_a_strip_that_makes_no_sense(atlas, corridor, given, what):
    with pytest.raises((CorridorMapError, DataError), match=what):
        figures.strip_map(corridor, atlas=atlas, **given)
