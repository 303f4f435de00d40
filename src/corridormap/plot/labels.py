"""Names and shields: placed one after another by importance, each only where nothing stands yet and few lines run."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.cartography.labels import AHEAD, BACKDROP, FIRST, SAME_TOWN_M, WATER, plain, ranks, town_names, town_rank
from corridormap.cartography.symbols import TABLE, symbol_of
from corridormap.model import Symbol
from corridormap.plot.legend import shield, shield_size
from corridormap.plot.scene import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corridormap.model import Layer
    from corridormap.plot.canvas import Box, Canvas, Font, Points
    from corridormap.plot.lines import Track
    from corridormap.plot.scene import Scene

STEP = 2.0
"""Points between the samples that stand for a line when labels look for room."""
FINER_THAN_SCREEN = 0.6
"""Print holds as much as a screen a good half zoom step further in."""
TOWN = Symbol(colour=TABLE.grounds["town"], size=4.0)
TOWN_COVERS = 6.0
"""Length of the corridors, in points, that a town's name of the backdrop may cover, but for the largest."""
STRAY_M = 250_000
"""How far over the ground the name of a country may be moved."""


@dataclass(frozen=True)
class Label:
    """A name that wants a place."""

    x: float
    y: float
    text: str
    font: Font
    rank: float
    least_zoom: float = 0
    radius: float = 0
    kind: str = "place"
    stray: float = 14
    """Points by which the name of an area may be moved at a time."""


class Room:
    """What is taken on the page, and where lines run."""

    def __init__(self, frame: Box, runs: Iterable[Points]) -> None:
        self.frame = frame
        self._boxes = np.empty((0, 4))
        self._lines = np.vstack([np.empty((0, 2)), *(_samples(run, STEP) for run in runs)])
        self._marks = np.empty((0, 2))

    def take(self, box: Box) -> None:
        """Let nothing else stand here."""
        self._boxes = np.vstack([self._boxes, box])

    def free(self, box: Box) -> bool:
        """Tell whether a box lies inside the frame and meets nothing that stands."""
        west, south, east, north = self.frame
        if box[0] < west + 2 or box[1] < south + 2 or box[2] > east - 2 or box[3] > north - 2:
            return False
        taken = self._boxes
        return not ((taken[:, 0] < box[2]) & (taken[:, 2] > box[0]) & (taken[:, 1] < box[3]) & (taken[:, 3] > box[1])).any()

    def mark(self, spots: Sequence[Points | tuple[float, float]]) -> None:
        """Stand here only if there is no better place."""
        self._marks = np.vstack([self._marks, *spots])

    def symbols_under(self, box: Box) -> float:
        """Tell how much it costs to cover the symbols in a box and right beside it."""
        return 8.0 * _count(self._marks, (box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2))

    def lines_under(self, box: Box) -> float:
        """Length of lines in a box, in points."""
        return STEP * _count(self._lines, box)


def _count(at: Points, box: Box) -> int:
    return int(((at[:, 0] > box[0]) & (at[:, 0] < box[2]) & (at[:, 1] > box[1]) & (at[:, 1] < box[3])).sum())


def place(canvas: Canvas, room: Room, labels: Iterable[Label], tracks: Sequence[Track]) -> None:
    """Write labels and shields where there is room, the most important first."""
    wanted = sorted(labels, key=lambda label: (label.rank, label.text, label.x))
    names: list[Label] = []
    shields = _Shields(canvas, room, [track for track in tracks if track.number is not None and track.layer.build == "itineraries"])
    # Names of the most important come before the first shields, those of large towns and countries before the second.
    for low, high, most_lines in ((-np.inf, AHEAD, 30), (AHEAD, FIRST, 14), (FIRST, np.inf, 14)):
        for label in wanted:
            if low < label.rank <= high:
                _put(canvas, room, label, names)
        shields.round(most_lines=most_lines)


def _put(canvas: Canvas, room: Room, label: Label, names: list[Label]) -> None:
    apart = 68 * canvas.grow
    if any(plain(other.text) == plain(label.text) and np.hypot(other.x - label.x, other.y - label.y) < apart for other in names):
        return
    width = canvas.text_width(label.text, label.font)
    free: list[tuple[float, Box]] = []
    for cost, left, bottom in _places_around(label, width, canvas.grow):
        x, y = label.x + left, label.y + bottom
        if room.free(box := (x, y, x + width, y + label.font.size)):
            free.append((cost + room.lines_under(box) + room.symbols_under(box), box))
    if not free:
        return
    _, box = min(free, key=itemgetter(0))
    if label.kind == "town":
        if label.rank > AHEAD and room.lines_under(box) > TOWN_COVERS * canvas.grow:
            return
        reach = label.radius
        canvas.points([(label.x, label.y)], TOWN, z=12, name=f"town-{len(names)}")
        room.take((label.x - reach, label.y - reach, label.x + reach, label.y + reach))
    room.take((box[0] - 1.5, box[1] - 0.5, box[2] + 1.5, box[3] + 0.5))
    names.append(label)
    canvas.text(box[0], box[1] + label.font.size * 0.25, label.text, label.font, z=21, kind="label", halo=2.0 * canvas.grow)


def _places_around(label: Label, width: float, grow: float) -> list[tuple[float, float, float]]:
    """Give where a label may stand: the cost of it, and its left and lower edge from the point."""
    r, high = label.radius + 1.2 * grow, label.font.size
    if label.kind in {"country", "water"}:
        reach = 4 if label.kind == "country" else 1
        steps = product(range(-reach, reach + 1), repeat=2)
        down = min(9 * grow, label.stray)
        return [(2.5 * float(np.hypot(dx, 1.5 * dy)), dx * label.stray - width / 2, dy * down - high / 2) for dx, dy in steps]
    near = [(r, -high / 2), (-r - width, -high / 2), (-width / 2, r), (-width / 2, -r - high)]
    corners = [(0.7 * r, 0.5 * r), (0.7 * r, -0.5 * r - high), (-0.7 * r - width, 0.5 * r), (-0.7 * r - width, -0.5 * r - high)]
    far = [(x + (4 * grow if x > 0 else -4 * grow), y + (3 * grow if y > -high / 2 else -3 * grow)) for x, y in corners]
    return [(2.0 * i, *spot) for i, spot in enumerate([*near, *corners])] + [(24.0 + i, *spot) for i, spot in enumerate(far)]


class _Shields:
    """Sets each corridor's number on its line, rather where it runs alone, and not twice within sight of itself."""

    def __init__(self, canvas: Canvas, room: Room, tracks: Sequence[Track]) -> None:
        self.canvas, self.room, self.tracks = canvas, room, tracks
        self.spots = [self._spots(track) for track in tracks]
        self.set: list[list[Points]] = [[] for _ in tracks]
        west, south, east, north = room.frame
        self.apart = max(120 * canvas.grow, np.hypot(east - west, north - south) / 5)

    def round(self, *, most_lines: float) -> None:
        """Set one more shield for each corridor that has a place for it."""
        for track, spots, done in zip(self.tracks, self.spots, self.set, strict=True):
            wide, high = shield_size(self.canvas, track.number or 0)
            free: list[tuple[float, Points, Box]] = []
            for cost, spot in spots:
                box = (spot[0] - wide / 2 - 1, spot[1] - high / 2 - 1, spot[0] + wide / 2 + 1, spot[1] + high / 2 + 1)
                if all(np.hypot(*(spot - other)) >= self.apart for other in done) and self.room.free(box):
                    # The line it stands on takes about the shield's own width; what is more belongs to others.
                    crowd = self.room.lines_under(box) - wide
                    if crowd < most_lines or not done:
                        free.append((cost + max(crowd, 0) + self.room.symbols_under(box), spot, box))
            if free:
                _, spot, box = min(free, key=itemgetter(0))
                done.append(spot)
                self.room.take(box)
                mode = track.properties.get("mode")
                x, y = spot.tolist()
                shield(self.canvas, x, y, track.number or 0, mode=mode, colour=track.symbol.colour, z=20, kind="shield")

    def _spots(self, track: Track) -> list[tuple[float, Points]]:
        west, south, east, north = self.room.frame

        def seen(runs: Iterable[Points]) -> Points:
            at = np.vstack([np.empty((0, 2)), *(_samples(run, 8.0)[1:] for run in runs)])
            return at[(at[:, 0] > west) & (at[:, 0] < east) & (at[:, 1] > south) & (at[:, 1] < north)]

        own, shared = seen(track.alone), seen(run for run, _ in track.strands)
        # From the middle of what is in sight outwards, stretches of its own first.
        spots = [(12.0 * abs(i - len(own) / 2) / len(own), spot) for i, spot in enumerate(own)]
        return spots + [(20 + 12.0 * abs(i - len(shared) / 2) / len(shared), spot) for i, spot in enumerate(shared)]


def wanted(scene: Scene) -> list[Label]:
    """Find the names that are worth a place at this scale."""
    west, south, east, north = scene.canvas.frame
    zoom = scene.zoom + FINER_THAN_SCREEN

    def seen(labels: Iterable[Label]) -> list[Label]:
        inside = [label for label in labels if west <= label.x <= east and south <= label.y <= north]
        return [label for label in inside if label.text and zoom >= label.least_zoom]

    told = seen(label for record in scene.records if record.geometry == "Point" for label in _points(scene, record))
    near = SAME_TOWN_M * scene.projection.points_per_metre

    def is_told(town: Label) -> bool:
        return any(plain(town.text) == plain(other.text) and np.hypot(town.x - other.x, town.y - other.y) < near for other in told)

    return [*seen(_context(scene)), *told, *(town for town in seen(_towns(scene)) if not is_told(town))]


def _points(scene: Scene, record: Layer) -> list[Label]:
    frame, canvas = scene.located(record.id), scene.canvas
    if frame.empty:
        return []
    spots = scene.projection.to_page(shapely.get_coordinates(frame.geometry.to_numpy()))
    found = []
    for row, ranked, (x, y) in zip(frame.to_dict("records"), ranks(scene.atlas, record, frame), spots, strict=True):
        text, font = scene.name(row), canvas.font(6.2 if ranked.rank < 4 else 5.8)
        if record.build == "crossings":
            font = canvas.font(5.6, colour="#5b1746")
        elif record.build == "points":
            city = scene.name(row, key="city")
            text, font = city or text, canvas.font(7.4, bold=True) if city else canvas.font(6)
        elif ranked.rank < FIRST:
            font = canvas.font(6.8, bold=True)
        radius = canvas.point_radius(symbol_of(record.style, row.get(record.style.by))) * (1 if record.build == "points" else 0.8)
        found.append(Label(x, y, text, font, *ranked, radius, record.build))
    return found


def _context(scene: Scene) -> list[Label]:
    canvas, projection, backdrop = scene.canvas, scene.projection, scene.backdrop
    found = []
    country = canvas.font(7.6, bold=True, colour="#66614f")
    water = canvas.font(6.2, slanted=True, colour="#24597a")
    # No further than the name stays within its country.
    stray = min(14 * canvas.grow, STRAY_M / 4 * projection.points_per_metre)
    for row in (row for frame in backdrop.get("label", []) for row in frame.to_dict("records")):
        ((x, y),) = projection.to_page(shapely.get_coordinates(row["geometry"])[:1])
        land, text = row.get("kind") == "country", scene.name(row)
        found.append(
            Label(x, y, text.upper(), country, *BACKDROP, 0, "country", stray)
            if land
            else Label(x, y, text, water, *BACKDROP, 0, "water", stray)
        )
    for row in (row for frame in backdrop.get("water", []) for row in frame.to_dict("records")):
        shape = projection.shape(row["geometry"], canvas.frame, margin=-10)
        if not shapely.is_empty(shape):
            spot = shapely.centroid(shape)
            found.append(Label(spot.x, spot.y, scene.name(row), water, *WATER, 0, "water"))
    return found


def _towns(scene: Scene) -> list[Label]:
    canvas, atlas = scene.canvas, scene.atlas
    font = canvas.font(6, colour=TABLE.grounds["town"])
    found = []
    rows = [row for frame in scene.backdrop.get("town", []) for row in frame.to_dict("records")]
    for row, called in zip(rows, town_names(atlas, rows), strict=True):
        ((x, y),) = scene.projection.to_page(shapely.get_coordinates(row["geometry"]))
        rank = town_rank(row.get("population"), abroad=row.get("country") not in atlas.record.members)
        found.append(Label(x, y, clean(called[scene.lang]), font, *rank, canvas.point_radius(TOWN), "town"))
    return found


def _samples(run: Points, step: float) -> Points:
    """Give points along a line, evenly spaced."""
    along = np.r_[0, np.cumsum(np.hypot(*np.diff(run, axis=0).T))]
    at = np.arange(0, along[-1] + 1e-9, step)
    return np.column_stack([np.interp(at, along, run[:, 0]), np.interp(at, along, run[:, 1])])
