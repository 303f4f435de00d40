"""Kilometres along a line: marked on a map, and as the axis of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridormap.atlas import Atlas
from corridormap.cartography.labels import ranks
from corridormap.errors import UsageError
from corridormap.extras import require
from corridormap.figures.maps import sheet_of
from corridormap.figures.ticks import Ticks
from corridormap.measure.alignments import alignment
from corridormap.plot.canvas import INK, SOFT
from corridormap.plot.scene import name_of
from corridormap.words import number, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from corridormap.figures.overlay import Overlay
    from corridormap.measure.alignments import Alignment
    from corridormap.plot.canvas import Points

FARTHEST = 60.0
"""No name stands farther from its place along the axis than so many points; the least important are left out until none does."""
LEADER = 13.0
"""Points from the axes to the names."""
CROSSING, OTHER = 2.7, 4.8
"""Rank of border crossings, and of nodes that are in no layer of places."""


def kilometre_ticks(
    ax: Axes,
    target: object,
    *,
    every: float | None = None,
    from_km: float | None = None,
    to_km: float | None = None,
    atlas: Atlas | None = None,
    way: int = 0,
) -> Axes:
    """Mark the kilometres of a line on a base map.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `base_map`.
    target : str or line
        A corridor's id or number, or a line, which may be calibrated; see `corridormap.measure.alignment`.
    every : float, optional
        Kilometres from one tick to the next; by default a round number that the scale leaves room for.
    from_km, to_km : float, optional
        The stretch to mark; by default the whole line.
    atlas, way : Atlas and int, optional
        The atlas, by default the base map's; which of the corridor's ways, by default the main one.

    Returns
    -------
    matplotlib.axes.Axes
        The same. A tick stands across the line at each kilometre; its number beside it, turned as the line runs, where there is room.

    Raises
    ------
    UsageError
        If the axes are no base map, there is no such corridor, or the kilometres are not on the line.
    """
    sheet = sheet_of(ax)
    if every is not None and not (np.isfinite(every) and every > 0):
        raise UsageError(f"a tick every {every:g} km", hint="Give a distance greater than 0.")
    line = alignment(target, atlas=atlas or sheet.atlas, way=way)
    low, high = _stretch(line, from_km, to_km)
    if every is not None and (high - low) / every > 10_000:
        raise UsageError(f"a tick every {every:g} km on {high - low:g} km", hint="Give a longer distance.")
    sheet.ticks.append(Ticks(line, low, high, every))
    sheet.changed()
    return ax


def kilometre_axis(
    ax: Axes,
    target: object,
    *,
    from_km: float | None = None,
    to_km: float | None = None,
    names: bool = True,
    atlas: Atlas | None = None,
    way: int = 0,
    lang: str | None = None,
) -> Axes:
    """Make the horizontal axis of a chart one of kilometres along a line, with the places of a corridor above the chart.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Axes of a chart whose x are kilometres.
    target : str or line
        A corridor's id or number, or a line, which may be calibrated; see `corridormap.measure.alignment`.
    from_km, to_km : float, optional
        The stretch that is shown; by default the whole line.
    names : bool
        Name the stations, towns and crossings above the chart, each with a leader to its kilometre. Where they would lie on each other
        they move aside, and the least important are left out.
    atlas, way : Atlas and int, optional
        The atlas, by default the one that comes with the package; which of the corridor's ways, by default the main one.
    lang : str, optional
        Language of names and numbers; by default the atlas's first.

    Returns
    -------
    matplotlib.axes.Axes
        The same. Room for the names above it makes the style ``corridormap.figures.house``, or ``layout="constrained"`` of the figure;
        without either they are cut off. A title belongs to the figure (``suptitle``): the names stand where that of the axes would.

    Raises
    ------
    UsageError
        If there is no such corridor or language, or the kilometres are not on the line.
    CorridorMapError
        If matplotlib is not installed.
    """
    require("matplotlib", extra="plot", needed_for="a figure")
    from corridormap.figures.overlay import Layout

    atlas = atlas or Atlas.open()
    lang = atlas.check_language(lang or atlas.languages[0])
    line = alignment(target, atlas=atlas, way=way)
    low, high = _stretch(line, from_km, to_km)
    set_kilometres(ax, line, low, high, atlas=atlas, lang=lang)
    places = [place for place in places_of(line, atlas=atlas, lang=lang) if low <= place.km <= high] if names else []
    if places:
        ax.add_artist(Layout(lambda canvas: draw_names(canvas, places), zorder=5, outside=True))
    return ax


@dataclass(frozen=True)
class Place:
    """A node of a corridor, to be named; the smaller the rank, the rather."""

    km: float
    name: str
    rank: float
    kind: str


def places_of(line: Alignment, *, atlas: Atlas, lang: str) -> list[Place]:
    """Rank the nodes of a corridor: its ends, then places as on maps, then the rest."""
    if line.nodes.empty:
        return []
    ranked: dict[str, float] = {}
    for record in atlas.layers:
        if record.build == "places":
            frame = atlas.layer(record.id)
            ranked |= {name: rank.rank for name, rank in zip(frame["id"], ranks(atlas, record, frame), strict=True)}
    found = []
    last = len(line.nodes) - 1
    for row, (node, km) in enumerate(zip(line.nodes.to_dict("records"), line.said(line.nodes["km"].to_numpy()).tolist(), strict=True)):
        rank = 0.0 if row in {0, last} else ranked.get(node["node"], CROSSING if node["kind"] == "crossing" else OTHER)
        found.append(Place(km, name_of(node, atlas=atlas, lang=lang), rank, node["kind"]))
    return found


def set_kilometres(ax: Axes, line: Alignment, low: float, high: float, *, atlas: Atlas, lang: str) -> None:
    """Set limits, numbers and label of an axis of kilometres."""
    from matplotlib.ticker import FuncFormatter

    ax.set_xlim(low, high)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda km, _: number(km, lang=lang, digits=2)))
    # Posts count from elsewhere.
    if line.nodes.empty or line.marks is not None:
        ax.set_xlabel(say("kilometres", lang=lang))
    else:
        ax.set_xlabel(say("figures.along", lang=lang, start=name_of(line.nodes.iloc[0].to_dict(), atlas=atlas, lang=lang)))


def draw_names(canvas: Overlay, places: Sequence[Place], title: str = "") -> None:
    """Write names upright above the axes, each with a leader down to its kilometre, and the title above them."""
    font = canvas.font(5.6)
    shown, spots = _kept(places, canvas.across, gap=font.size * 1.22, high=canvas.width)
    foot = canvas.height
    for place, x, spot in zip(shown, canvas.across(np.array([place.km for place in shown])), spots, strict=True):
        leader = np.array([(x, foot), (x, foot + 3), (spot, foot + LEADER - 3), (spot, foot + LEADER - 1)])
        canvas.lines([leader], colour=SOFT, width=0.5, z=5, clip=False, name="leader")
        canvas.text(spot + font.size * 0.36, foot + LEADER, place.name, font, z=6, kind="place", turn=90)
    if title:
        above = max((canvas.text_width(place.name, font) for place in shown), default=0.0)
        head = canvas.font(7.6, bold=True, colour=INK)
        canvas.text(0, foot + LEADER + above + head.size * 0.8, title, head, z=6, kind="title")


def _kept(places: Sequence[Place], across: Callable[[Points], Points], *, gap: float, high: float) -> tuple[list[Place], Points]:
    """Choose the places that can be named, and where their names stand."""
    kept = list(places)
    while True:
        at = across(np.array([place.km for place in kept]))
        spots = spread(at, gap=gap, low=gap / 2, high=high - gap / 2)
        far = np.abs(spots - at) > FARTHEST
        crowded = (len(kept) - 1) * gap > high - gap
        if len(kept) < 2 or not (far.any() or crowded):
            return kept, spots
        # Of those that stand in one crowd with the farthest, the least important goes.
        worst = int(np.abs(spots - at).argmax())
        apart = np.flatnonzero(np.diff(spots) > gap * 1.001) + 1
        crowd = next(run for run in np.split(np.arange(len(kept)), apart) if worst in run)
        del kept[max(crowd, key=lambda row: (kept[row].rank, row))]


def spread(at: Points, *, gap: float, low: float, high: float) -> Points:
    """Move numbers in order apart, at least a gap from one to the next, between bounds, with the least squares of the moves.

    Notes
    -----
    Isotonic regression by pooling adjacent violators (Barlow and others 1972), of the numbers less the gaps before them.
    """
    pools: list[tuple[float, int]] = []
    for value in at - np.arange(len(at)) * gap:
        mean, count = float(value), 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    level = np.repeat([mean for mean, _ in pools], [count for _, count in pools])
    bounded: Points = np.clip(level, low, max(low, high - (len(at) - 1) * gap))
    return bounded + np.arange(len(at)) * gap


def _stretch(line: Alignment, from_km: float | None, to_km: float | None) -> tuple[float, float]:
    first, last = line.ends_km
    low, high = first if from_km is None else float(from_km), last if to_km is None else float(to_km)
    line.check(np.array([low, high]))
    if low >= high:
        raise UsageError(f"a stretch from km {low:g} to km {high:g}", hint="Give the lower kilometre first.")
    return low, high
