"""SVG: the static map, for print and drawing programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.errors import UsageError
from corridormap.export.common import without_position
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle

__all__ = ["FORMAT"]


def write(bundle: Bundle, target: Path) -> Written:
    """Draw the map as `corridormap plot` does: unless layers are named, those that the web map shows at first."""
    from corridormap.plot import plot, save

    if bundle.simplify is not None:
        raise UsageError("the svg thins its lines by itself, as finely as paper shows", hint="Leave out --simplify.")
    drawn = [layer for layer in bundle.layers if bundle.chosen or layer.record.visible]
    figure = plot(bundle.atlas, lang=bundle.lang, layers=[layer.id for layer in drawn])
    save(figure, target)
    losses = ["a picture: properties are not kept"]
    hidden = [layer.id for layer in bundle.layers if layer not in drawn]
    if hidden:
        losses.append(f"not drawn, since the map does not show them at first: {', '.join(hidden)}; name them with --layers")
    losses += [loss for layer in drawn for loss in without_position(layer, "cannot be drawn")]
    return Written({layer.id: len(layer.frame) - len(layer.unlocated) for layer in drawn}, losses)


FORMAT = Format(
    "svg",
    ".svg",
    "file",
    "SVG, the map with legend and scale: Inkscape, Illustrator, print",
    write,
    any_crs=False,
    coordinates="the atlas's own projection",
)
