"""Kilometres marked along a line of a map: a stroke across it at each, with its number beside, as the line runs."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from corridormap.plot.canvas import INK, text_width
from corridormap.words import number

if TYPE_CHECKING:
    from corridormap.figures.overlay import InAxes, Overlay
    from corridormap.measure.alignments import Alignment
    from corridormap.plot.canvas import Font, Points
    from corridormap.plot.labels import Room

HALF = 3.2
"""Half the length of a stroke, in points."""
APART = 32.0
"""Points between strokes, at least, where no distance is asked for."""
REACH = 6.0
"""How far to either side, in points, it is looked how a line runs."""


@dataclass(frozen=True)
class Ticks:
    """The kilometres of a line to be marked, those of its posts if it is calibrated: at a distance, or as close as there is room."""

    line: Alignment
    low: float
    high: float
    every: float | None

    def km(self, km_to_a_point: float) -> Points:
        """Find the kilometres to be marked at a scale."""
        sizes = [digit * 10.0**power for power in range(-2, 5) for digit in (1, 2, 5)]
        every = self.every or next((size for size in sizes if size >= APART * km_to_a_point), sizes[-1])
        # Nothing is added, so that no number is minus nought.
        return np.arange(np.ceil(self.low / every - 1e-9), np.floor(self.high / every + 1e-9) + 1) * every + 0.0

    def draw(self, canvas: Overlay, projection: InAxes, room: Room, *, lang: str) -> None:
        """Draw what lies on the map; a number only where there is room."""
        km_to_a_point = 1 / projection.points_per_metre / 1000
        km = self.km(km_to_a_point * canvas.grow)
        reach = REACH * km_to_a_point
        chainage = self.line.measured(km)
        spots, before, after = (
            projection.to_page(self.line.places(np.clip(chainage + by, 0, self.line.length_km))) for by in (0.0, -reach, reach)
        )
        west, south, east, north = canvas.frame
        seen = (spots[:, 0] > west) & (spots[:, 0] < east) & (spots[:, 1] > south) & (spots[:, 1] < north)
        spots, along, km = spots[seen], (after - before)[seen], km[seen]
        along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
        aside = np.column_stack([-along[:, 1], along[:, 0]])
        half, font = HALF * canvas.grow, canvas.font(5.6)
        strokes = np.stack([spots - aside * half, spots + aside * half], axis=1)
        canvas.lines(strokes, colour=INK, width=0.9 * canvas.grow, z=18, name="kilometres")
        for spot, way, out, value in zip(spots, along, aside, km, strict=True):
            _write(canvas, room, number(value, lang=lang, digits=2), font, spot=spot, way=way, out=out * (half + 1.5))


def _write(canvas: Overlay, room: Room, text: str, font: Font, *, spot: Points, way: Points, out: Points) -> None:
    """Write a number beside its stroke, on the side that is free, and rather where no other line runs."""
    way = way if way[0] >= 0 else -way
    turn = float(np.degrees(np.arctan2(way[1], way[0])))
    up = np.array([-way[1], way[0]])
    wide, high = text_width(text, font), font.size * 0.74
    free = []
    for side in (out, -out):
        # The side of the baseline on which the line lies depends on which way the text is turned.
        base = spot + side + (0 if side @ up > 0 else -high) * up - way * wide / 2
        corners = np.array([base + way * x + up * y for x in (0, wide) for y in (-0.25 * font.size, high)])
        box = (*(corners.min(axis=0) - 0.5).tolist(), *(corners.max(axis=0) + 0.5).tolist())
        if room.free(box):
            free.append((room.lines_under(box), box, base.tolist()))
    if free:
        _, box, (x, y) = min(free, key=itemgetter(0))
        room.take(box)
        canvas.text(x, y, text, font, z=21, kind="kilometre", halo=1.6 * canvas.grow, turn=turn)
