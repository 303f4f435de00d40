"""Strokes and points of the cartography drawn on the page, finer than on a screen; on the map and in the legend alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridormap.cartography.symbols import TABLE, dash_lengths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from corridormap.cartography.symbols import Stroke
    from corridormap.model import Symbol
    from corridormap.plot.canvas import Canvas, Points

POINTS_PER_PIXEL = 0.75
LINE_SHARE = 0.74
"""A printed line is finer than the same line on a screen."""
POINT_SHARE = 0.72

_ANGLES = np.linspace(0, 2 * np.pi, 33)
_CIRCLE = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])


def line_share(canvas: Canvas) -> float:
    """Give points on the page to a CSS pixel of a line."""
    return POINTS_PER_PIXEL * LINE_SHARE * canvas.grow


def point_radius(canvas: Canvas, symbol: Symbol) -> float:
    """Half the size of a point's symbol, in points."""
    return (symbol.size or 8.0) / 2 * POINTS_PER_PIXEL * POINT_SHARE * canvas.grow


def draw_stroke(canvas: Canvas, runs: Sequence[Points], stroke: Stroke, *, z: float, clip: bool = True, name: str | None = None) -> None:
    """Draw lines in one stroke; cores lie a little above the lines they belong to."""
    share = line_share(canvas)
    dash = [length * share for length in dash_lengths(stroke.dash)]
    above = 0.004 if stroke.part == "core" else 0.0
    cap = "butt" if dash else "round"
    canvas.stroke(runs, colour=stroke.colour, width=stroke.width * share, z=z + above, dash=dash, cap=cap, clip=clip, name=name)


def draw_points(
    canvas: Canvas,
    points: Iterable[tuple[float, float]],
    symbol: Symbol,
    *,
    z: float,
    share: float = 1.0,
    clip: bool = True,
    name: str | None = None,
) -> None:
    """Draw points in a symbol, with a pale edge."""
    corners = TABLE.shapes.get(symbol.shape or "circle")
    shape = (_CIRCLE if corners is None else np.array([*corners, corners[0]])) * point_radius(canvas, symbol) * share
    rings = [shape + point for point in points]
    canvas.fill(rings, colour=TABLE.pale, z=z, edge=TABLE.pale, width=1.2 * canvas.grow * share, clip=clip)
    canvas.fill(rings, colour=symbol.colour, z=z + 0.004, clip=clip, name=name)
