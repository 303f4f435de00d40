"""The table of constants, and the strokes and symbols that follow from it and from a layer's style."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from corridormap.model import Style, Symbol

SHAPES: dict[str, list[tuple[float, float]]] = {
    "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "diamond": [(0, 1.2), (1.2, 0), (0, -1.2), (-1.2, 0)],
    "triangle": [(0, 1.15), (1.15, -0.9), (-1.15, -0.9)],
    "star": [(round(r * math.sin(i * math.pi / 5), 4), round(r * math.cos(i * math.pi / 5), 4)) for i, r in enumerate([1.2, 0.52] * 5)],
}
GROUNDS = {"sea": "#d3e3ec", "land": "#ece9e2", "country": "#fbfaf5", "boundary": "#9a958a", "shore": "#93b3c4", "town": "#605f58"}


class Table(msgspec.Struct, frozen=True):
    """What no layer's style says; lengths in CSS pixels. A medium may draw all finer or coarser by one factor of its own."""

    casing: float = 2.2
    """How much wider than its line the pale edge is."""
    core: float = 0.42
    """Share of a railway's width that the pale marks along its middle take."""
    spacing: float = 4.4
    """From one lane to the next where itineraries share a link."""
    pale: str = "#ffffff"
    """Colour of a railway's core and of the edge of points."""
    rail_dash: str = "2 8"
    sea_dash: str = "1 6"
    doubt_dash: str = "7 6"
    displaced: tuple[float, float] = (7.0, 9.0)
    """Up to which zoom of a web map displacement is whole, and from which on there is none."""
    shapes: dict[str, list[tuple[float, float]]] = msgspec.field(default_factory=lambda: SHAPES)
    """Corners of a point's symbol, right and up, where half its size is 1; what has none is a circle."""
    grounds: dict[str, str] = msgspec.field(default_factory=lambda: GROUNDS)
    """Colours of the backdrop by day."""


TABLE = Table()


class Stroke(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the lines that are drawn over each other, lowest first; what is dashed has butt ends, the rest round ones."""

    part: Literal["casing", "line", "core"]
    colour: str
    width: float
    dash: str | None = None


def symbol_of(style: Style, value: object) -> Symbol:
    """Give the symbol of a value of the property a layer is styled by; what its own leaves open comes from the layer's."""
    own = style.values.get(str(value)) if style.by else None
    given = {} if own is None else {field: item for field in own.__struct_fields__ if (item := getattr(own, field)) is not None}
    return msgspec.structs.replace(style.symbol, **given)


def strokes(symbol: Symbol, *, mode: object, casing: str | None = None, doubt: bool = False) -> list[Stroke]:
    """Say how a line is drawn: a railway has small pale marks along its middle, a road is plain, what is in doubt is dashed.

    The symbol is as `symbol_of` gives it; dashes of its own are kept. `casing` is the colour of the pale edge.
    """
    width = symbol.width or 2.0
    dash = symbol.dash if symbol.dash and sum(dash_lengths(symbol.dash)) > 0 else None
    dash = dash or (TABLE.sea_dash if mode == "sea" else TABLE.doubt_dash if doubt else None)
    made = [Stroke("casing", casing, round(width + TABLE.casing, 3))] if casing else []
    made.append(Stroke("line", symbol.colour, width, dash))
    if mode == "rail" and not dash:
        made.append(Stroke("core", TABLE.pale, round(width * TABLE.core, 3), TABLE.rail_dash))
    return made


def dash_lengths(dash: str | None) -> list[float]:
    """Give the lengths of dashes and gaps by turns; an odd list is said twice, as in SVG."""
    lengths = [abs(float(item)) for item in dash.replace(",", " ").split()] if dash else []
    return lengths * 2 if len(lengths) % 2 else lengths


def doubtful(properties: Mapping[str, Any], style: Style) -> bool:
    """Tell whether a link, or a line of its own, is drawn dashed: it is only planned, or less accurate than the style's limit."""
    accuracy, limit = properties.get("accuracy_m"), style.dash_over_m
    return properties.get("status") == "planned" or (limit is not None and isinstance(accuracy, int | float) and accuracy > limit)


def number_of(value: object) -> float | None:
    """Give a figure, None where there is none."""
    return float(value) if isinstance(value, int | float) and not math.isnan(value) else None
