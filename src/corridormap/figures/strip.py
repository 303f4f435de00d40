"""A corridor as a strip: a straight line of kilometres, with what lies along it in rows below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.atlas import Atlas
from corridormap.cartography.symbols import TABLE, doubtful, strokes, symbol_of
from corridormap.errors import UsageError
from corridormap.extras import require
from corridormap.figures.kilometres import draw_names, places_of, set_kilometres
from corridormap.measure import events as laid
from corridormap.measure.alignments import alignment, chosen, is_name
from corridormap.model import Symbol
from corridormap.plot.canvas import INK, PAPER, SOFT, shorten, text_width
from corridormap.plot.scene import clean
from corridormap.words import country, label, meanings, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from corridormap.figures.kilometres import Place
    from corridormap.figures.overlay import Overlay
    from corridormap.measure.alignments import Alignment
    from corridormap.plot.canvas import Font

WIDTH_IN, LANE_IN, AROUND_IN = 9.6, 0.26, 2.3
"""Width of a figure, height of a lane, and what names, numbers and title take."""
GAP = 0.45
"""Between rows, as a share of a lane."""
LEAST_LETTERS = 6
"""What is cut to fewer is not written."""
GROUND = TABLE.grounds


@dataclass(frozen=True)
class Bar:
    """A stretch of a row, or a place where both ends are the same; of its texts the first that fits is written."""

    from_km: float
    to_km: float
    colour: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """What lies along the corridor, of one kind; bars that overlap lie in lanes below each other."""

    title: str
    bars: list[Bar]

    def lanes(self) -> list[int]:
        """Give each bar the first lane that is free where it begins."""
        ends: list[float] = []
        found = []
        for bar in self.bars:
            lane = next((lane for lane, end in enumerate(ends) if end <= bar.from_km + 1e-9), len(ends))
            ends[lane:] = [bar.to_km, *ends[lane + 1 :]]
            found.append(lane)
        return found


def strip_map(
    corridor: str | int,
    *,
    ax: Axes | None = None,
    events: Mapping[str, pd.DataFrame] | None = None,
    shared_with: Iterable[str | int] | None = None,
    properties: Sequence[str] = ("refs", "tracks"),
    atlas: Atlas | None = None,
    way: int = 0,
    lang: str | None = None,
) -> Axes:
    """Draw a corridor as a straight line, kilometres to the right, and in rows below it what lies along it.

    Parameters
    ----------
    corridor : str or int
        Id or number.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default a new figure's, as high as the rows ask.
    events : mapping of str to DataFrame, optional
        Further rows by their titles: tables with ``from_km`` and ``to_km``, and where there are such columns ``label`` and ``colour`` (any
        that matplotlib knows), which rows may leave empty. Where both kilometres are the same the event is drawn as a place.
    shared_with : iterable of str or int, optional
        The corridors of which it is told where they run on the same links; by default all that are numbered. An empty list tells none.
    properties : sequence of str
        Properties of the network's links, each a row if any link of the corridor has it: numbers of roads and of tracks, or whatever the
        atlas's links say, such as ``electrified``. Where a link does not say it the row is empty.
    atlas, way : Atlas and int, optional
        The atlas, by default the one that comes with the package; which of the corridor's ways, by default the main one.
    lang : str, optional
        Language of every text; by default the atlas's first.

    Returns
    -------
    matplotlib.axes.Axes
        x is the chainage in kilometres. The rows are, as far as there is anything to tell: countries, properties of links, works, corridors
        on the same track, and the caller's own.

    Raises
    ------
    UsageError
        If there is no such corridor, way or language, or a table's kilometres are not on it.
    CorridorMapError
        If matplotlib is not installed.
    """
    require("matplotlib", extra="plot", needed_for="a figure")
    from corridormap.figures.overlay import Layout

    atlas = atlas or Atlas.open()
    lang = atlas.check_language(lang or atlas.languages[0])
    if not is_name(corridor):
        raise UsageError("a strip map is drawn of a corridor of the atlas", hint="Give its id or number.")
    line = alignment(corridor, atlas=atlas, way=way)
    rows = [*_rows(line, atlas, lang, shared_with, properties), *_own_rows(line, {} if events is None else events, atlas)]
    lanes = [row.lanes() for row in rows]
    # From the top down: a lane for the line itself, then the rows with gaps between.
    tops = np.cumsum([1.0, *(max(lane) + 1 + GAP for lane in lanes)])
    if ax is None:
        pyplot = require("matplotlib.pyplot", extra="plot", needed_for="a figure")
        ax = pyplot.subplots(figsize=(WIDTH_IN, AROUND_IN + LANE_IN * tops[-1]), layout="constrained")[1]
    set_kilometres(ax, line, 0.0, line.length_km, atlas=atlas, lang=lang)
    ax.set(ylim=(tops[-1], -0.2), autoscale_on=False)
    middles = [top + (max(lane) + 1) / 2 for top, lane in zip(tops, lanes, strict=False)]
    ax.set_yticks(middles, [row.title for row in rows], fontsize=8.2, color=INK)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=8.2)
    ax.set_xlabel(ax.get_xlabel(), fontsize=8.2)
    ax.spines[["left", "right", "top"]].set_visible(False)
    bars = [
        (bar, float(top + lane))
        for row, top, lanes_of in zip(rows, tops, lanes, strict=False)
        for bar, lane in zip(row.bars, lanes_of, strict=True)
    ]
    _draw_bars(ax, bars)
    places = places_of(line, atlas=atlas, lang=lang)
    record = atlas.itineraries[line.name]
    number = "" if record.number is None else f"{record.number}. "
    title = number + clean(atlas.text(record.name, lang))

    def lay(canvas: Overlay) -> None:
        _draw_line(canvas, line, places, atlas)
        draw_names(canvas, places, title)
        _write(canvas, bars)

    ax.add_artist(Layout(lay, zorder=5, outside=True))
    return ax


def _rows(line: Alignment, atlas: Atlas, lang: str, shared_with: Iterable[str | int] | None, properties: Sequence[str]) -> list[Row]:
    """Gather what the atlas itself tells along a corridor."""
    stretches = line.stretches
    bands = []
    for start, end, code in _runs(line, stretches["country"]):
        colour = GROUND["country"] if code in atlas.record.members else GROUND["land"]
        bands.append(Bar(start, end, colour, (country(code, lang=lang), code)))
    rows = [Row(say("figures.countries", lang=lang), bands)]
    links = atlas.links.loc[stretches["link"]]
    for name in properties:
        if name in links:
            told = [_words(name, value, lang) for value in links[name]]
            found = [Bar(start, end, GROUND["sea"], (text,)) for start, end, text in _runs(line, told) if text]
            rows.append(Row(label(name, lang=lang), found))
    rows.append(Row(say("figures.works", lang=lang), list(_works(line, atlas, lang))))
    rows.append(Row(say("page.shared_track", lang=lang), list(_shared(line, atlas, lang, shared_with))))
    return [row for row in rows if row.bars]


def _runs(line: Alignment, values: Iterable[Any]) -> Iterable[tuple[float, float, Any]]:
    """Give the stretches along which the same is told, link after link, each with its kilometres."""
    told = list(values)
    starts = [row for row in range(len(told)) if row == 0 or told[row] != told[row - 1]]
    ends = [*starts[1:], len(told)]
    at = line.stretches
    for start, end in zip(starts, ends, strict=True):
        yield float(at["from_km"].iloc[start]), float(at["to_km"].iloc[end - 1]), told[start]


def _words(name: str, value: object, lang: str) -> str:
    """Put into words what a link says of itself; nothing of a missing value."""
    if isinstance(value, bool):
        return say("yes" if value else "no", lang=lang)
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return meanings(name, lang=lang).get(str(value)) or clean(f"{value:g}" if isinstance(value, float) else str(value))


def _on(line: Alignment, itinerary: str, atlas: Atlas) -> list[tuple[float, float]]:
    """Find where an itinerary runs on the links of a line."""
    links = {step.id for way in atlas.route(itinerary) for step in way}
    return [(start, end) for start, end, there in _runs(line, line.stretches["link"].isin(links)) if there]


def _works(line: Alignment, atlas: Atlas, lang: str) -> Iterable[Bar]:
    """Find works on the line: the itineraries of layers that are drawn by their status."""
    for record in atlas.layers:
        if record.build == "itineraries" and record.style.by == "status":
            frame = atlas.layer(record.id)
            for name, status in zip(frame["id"], frame["status"], strict=True):
                symbol = symbol_of(record.style, status)
                title = clean(atlas.text(atlas.itineraries[name].name, lang))
                state = clean(atlas.text(symbol.label, lang)) if symbol.label else meanings("status", lang=lang).get(status, status)
                for start, end in _on(line, name, atlas) if name != line.name else ():
                    yield Bar(start, end, symbol.colour, (f"{title} · {state}", title, state))


def _shared(line: Alignment, atlas: Atlas, lang: str, shared_with: Iterable[str | int] | None) -> Iterable[Bar]:
    for name in dict.fromkeys(chosen(atlas, shared_with)):
        record = atlas.itineraries.get(name)
        if record is None:
            raise UsageError(f"no itinerary {name!r}", hint=f"Itineraries are: {', '.join(atlas.itineraries)}.")
        style = atlas.layer_record(record.layer).style
        title = clean(atlas.text(record.name, lang))
        number = "" if record.number is None else str(record.number)
        texts = (f"{number}. {title}", number) if number else (title,)
        for start, end in _on(line, name, atlas) if name != line.name else ():
            yield Bar(start, end, symbol_of(style, name if style.by == "id" else record.mode).colour, texts)


def _own_rows(line: Alignment, tables: Mapping[str, pd.DataFrame], atlas: Atlas) -> Iterable[Row]:
    if not isinstance(tables, Mapping):
        raise UsageError(f"events are tables by the titles of their rows, not a {type(tables).__name__}", hint='Give {"My works": table}.')
    for title, table in tables.items():
        laid(line, table=table, atlas=atlas)
        ends = np.sort(table[["from_km", "to_km"]].to_numpy(dtype=float), axis=1)
        own = table.reindex(columns=["label", "colour"]).astype(object)
        texts = [clean(str(text)) for text in own["label"].where(own["label"].notna(), "")]
        colours = own["colour"].where(own["colour"].notna(), GROUND["boundary"])
        bars = [Bar(low, high, colour, (text,)) for (low, high), text, colour in zip(ends.tolist(), texts, colours, strict=True)]
        if bars:
            yield Row(title, sorted(bars, key=lambda bar: (bar.from_km, bar.to_km)))


def _draw_bars(ax: Axes, bars: Sequence[tuple[Bar, float]]) -> None:
    from matplotlib.colors import is_color_like
    from matplotlib.patches import Rectangle

    for bar, top in bars:
        if not is_color_like(bar.colour):
            raise UsageError(f"no colour {bar.colour!r}", hint="For instance #b01237, or the name of one.")
        if bar.from_km == bar.to_km:
            ax.plot([bar.from_km], [top + 0.5], marker="d", color=bar.colour, markersize=6, clip_on=False, linestyle="none")
        else:
            size = (bar.to_km - bar.from_km, 0.86)
            ax.add_patch(Rectangle((bar.from_km, top + 0.07), *size, facecolor=bar.colour, edgecolor=GROUND["boundary"], linewidth=0.6))


def _draw_line(canvas: Overlay, line: Alignment, places: Sequence[Place], atlas: Atlas) -> None:
    """Draw the corridor itself, link by link, and its places as on maps."""
    record = atlas.itineraries[line.name]
    style = atlas.layer_record(record.layer).style
    symbol = symbol_of(style, {"id": line.name, "mode": record.mode, "status": record.status}.get(style.by or "", ""))
    y = canvas.upwards(0.35)
    accurate = [
        {"status": status, "accuracy_m": metres} for status, metres in line.stretches[["status", "accuracy_m"]].itertuples(index=False)
    ]
    for start, end, doubt in _runs(line, [doubtful(link, style) for link in accurate]):
        run = np.column_stack([canvas.across(np.array([start, end])), [y, y]])
        for stroke in strokes(symbol, mode=record.mode, doubt=doubt):
            canvas.stroke([run], stroke, z=5, clip=False, name="corridor")
    styles = [layer.style for layer in atlas.layers if layer.build == "places"]
    spots = canvas.across(np.array([place.km for place in places]))
    for place, x in zip(places, spots, strict=True):
        canvas.lines([np.array([(x, y), (x, canvas.height)])], colour=SOFT, width=0.5, z=4.9, clip=False, name="leader")
        shape = Symbol(colour=INK, size=6.0, shape="diamond") if place.kind == "crossing" else _symbol(styles, place.kind)
        canvas.points([(float(x), y)], shape, z=5.1, share=0.8, clip=False, name=f"node-{place.kind}")


def _symbol(styles: Sequence[Any], kind: str) -> Symbol:
    found = [symbol_of(style, kind) for style in styles]
    return found[0] if found else Symbol(colour=GROUND["town"], size=6.0)


def _write(canvas: Overlay, bars: Sequence[tuple[Bar, float]]) -> None:
    """Write into each bar, or beside it where nothing follows, the first of its texts that fits; else the first cut short."""
    from matplotlib.colors import to_rgb

    font = canvas.font(5.4)
    for bar, top in bars:
        left, right = canvas.across(np.array([bar.from_km, bar.to_km])).tolist()
        following = [other.from_km for other, lane in bars if lane == top and other.from_km >= bar.to_km and other is not bar]
        end = float(canvas.across(np.array(min(following)))) if following else canvas.width
        inside, beside = right - left - 5, end - right - 12
        text, within = _fitting(bar.texts, font, inside, beside)
        if text:
            dark = within and np.dot(to_rgb(bar.colour), (0.2126, 0.7152, 0.0722)) < 0.55
            x = (left + right - text_width(text, font)) / 2 if within else right + 6
            canvas.text(
                x, canvas.upwards(top + 0.5) - font.size * 0.36, text, canvas.font(5.4, colour=PAPER if dark else INK), z=7, kind="bar"
            )


def _fitting(texts: Sequence[str], font: Font, inside: float, beside: float) -> tuple[str, bool]:
    """Choose what is written, and whether it stands within the bar."""
    for text in filter(None, texts):
        wide = text_width(text, font)
        if wide <= max(inside, beside):
            return text, wide <= inside
    cut = shorten(texts[0], font, inside) if texts and texts[0] and inside > 0 else ""
    return (cut, True) if len(cut) > LEAST_LETTERS else ("", True)
