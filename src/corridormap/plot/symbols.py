"""Symbols from the atlas's style: one for each feature, drawn on the map and in the legend alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corridormap.model import Style, Symbol
    from corridormap.plot.canvas import Canvas, Points

POINTS_PER_PIXEL = 0.75
LINE_SHARE = 0.74
"""A printed line is finer than the same line on a screen."""
POINT_SHARE = 0.72
DASHED = (7.0, 6.0)
SEA = (1.0, 4.0)

_ANGLES = np.linspace(0, 2 * np.pi, 33)
_STAR = [(r * np.sin(a), r * np.cos(a)) for r, a in zip([1.2, 0.52] * 5, np.arange(10) * np.pi / 5, strict=True)]
SHAPES: dict[str, Points] = {
    "circle": np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)]),
    "square": np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)], dtype=float),
    "diamond": np.array([(0, 1.2), (1.2, 0), (0, -1.2), (-1.2, 0), (0, 1.2)]),
    "triangle": np.array([(0, 1.15), (1.15, -0.9), (-1.15, -0.9), (0, 1.15)]),
    "star": np.array([*_STAR, _STAR[0]]),
}


def symbol_of(style: Style, properties: Mapping[str, Any]) -> Symbol:
    """The symbol of a feature; what its own leaves open comes from the layer's."""
    own = style.values.get(str(properties.get(style.by))) if style.by else None
    return style.symbol if own is None else merged(style, own)


def merged(style: Style, own: Symbol) -> Symbol:
    """Fill in what one value's symbol leaves open."""
    given = {field: value for field in own.__struct_fields__ if (value := getattr(own, field)) is not None}
    return msgspec.structs.replace(style.symbol, **given)


def line_width(canvas: Canvas, symbol: Symbol) -> float:
    """Width of a line in points."""
    return (symbol.width or 2.0) * POINTS_PER_PIXEL * LINE_SHARE * canvas.grow


def point_radius(canvas: Canvas, symbol: Symbol) -> float:
    """Half the size of a point's symbol, in points."""
    return (symbol.size or 8.0) / 2 * POINTS_PER_PIXEL * POINT_SHARE * canvas.grow


def _dash(canvas: Canvas, symbol: Symbol, mode: str | None, *, dashed: bool) -> tuple[list[float] | None, bool]:
    """The dashes of a line in points, and whether they are its own rather than those of doubt."""
    share = POINTS_PER_PIXEL * LINE_SHARE * canvas.grow
    if symbol.dash:
        lengths = [float(item) for item in symbol.dash.replace(",", " ").split()]
        if lengths and min(lengths) >= 0 and sum(lengths) > 0:
            # An odd list is said twice, as in SVG.
            return [item * share for item in (lengths if len(lengths) % 2 == 0 else lengths * 2)], True
    if mode == "sea":
        return [item * share for item in SEA], True
    return ([item * share for item in DASHED], False) if dashed else (None, False)


def draw_line(
    canvas: Canvas,
    runs: Sequence[Points],
    symbol: Symbol,
    *,
    mode: str | None,
    dashed: bool,
    z: float,
    clip: bool = True,
    name: str | None = None,
) -> None:
    """Draw lines in a symbol: a railway has pale dashes along its middle, a road is plain, what is uncertain is dashed."""
    width = line_width(canvas, symbol)
    dash, own = _dash(canvas, symbol, mode, dashed=dashed)
    draw = {"clip": clip, "name": name}
    canvas.stroke(runs, colour=symbol.colour, width=width, z=z, dash=dash, cap="butt" if dash else "round", **draw)  # type: ignore[arg-type]
    if mode != "rail" or own:
        return
    share = POINTS_PER_PIXEL * LINE_SHARE * canvas.grow
    # Pale dashes; on a railway that is dashed itself they hollow out each of its dashes.
    core, shift = ([4.0 * share, 9.0 * share], 11.5 * share) if dash else ([5.0 * share, 5.0 * share], 0.0)
    canvas.stroke(runs, colour="#ffffff", width=width * 0.45, z=z + 0.004, dash=core, shift=shift, cap="butt", clip=clip)


def draw_casing(canvas: Canvas, runs: Sequence[Points], symbol: Symbol, *, colour: str, z: float) -> None:
    """Draw the pale edge that lifts a line off what it crosses."""
    canvas.stroke(runs, colour=colour, width=line_width(canvas, symbol) + 1.3 * canvas.grow, z=z)


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
    shape = SHAPES[symbol.shape or "circle"] * point_radius(canvas, symbol) * share
    rings = [shape + point for point in points]
    canvas.fill(rings, colour="#ffffff", z=z, edge="#ffffff", width=1.2 * canvas.grow * share, clip=clip)
    canvas.fill(rings, colour=symbol.colour, z=z + 0.004, clip=clip, name=name)
