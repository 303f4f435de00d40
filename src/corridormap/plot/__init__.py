"""The static map for print: one page with map, legend, scale and sources, drawn by matplotlib in the atlas's own projection."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from corridormap.antimeridian import continuous, is_box
from corridormap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from corridormap.atlas import Atlas

__all__ = ["FORMATS", "plot", "save"]

UNSAID = {"png": ["Software"], "svg": ["Date", "Creator"], "pdf": ["CreationDate", "Creator", "Producer"]}
"""What matplotlib would write into a file of each format, which is other at another time or with another matplotlib."""
FORMATS = tuple(UNSAID)
SMALLEST_VIEW = 0.001
"""Degrees: of less, a line across a country would reach for the Moon on paper."""
SMALLEST_MM = (120.0, 90.0)
LARGEST_MM = 3000.0
MOST_PIXELS = 30_000


def plot(
    atlas: Atlas,
    *,
    lang: str,
    layers: Sequence[str] | None = None,
    size: tuple[float, float] = (300.0, 200.0),
    view: tuple[float, float, float, float] | None = None,
    graticule: bool = False,
) -> Figure:
    """Draw the map on one page.

    Parameters
    ----------
    atlas : Atlas
        An atlas whose layers are built.
    lang : str
        Language of every text.
    layers : sequence of str, optional
        Ids of the layers to draw; by default those that the web map shows at first.
    size : tuple of float
        Width and height of the page in millimetres.
    view : tuple of float, optional
        West, south, east, north in degrees: what must be seen; west above east is across 180°. By default the atlas's own view.
    graticule : bool
        Draw meridians and parallels.

    Returns
    -------
    matplotlib.figure.Figure
        Not known to pyplot; `save` writes it.

    Raises
    ------
    UsageError
        If the atlas has no such layer or language, or the page or the view makes no sense.
    CorridorMapError
        If matplotlib is not installed.
    """
    from corridormap.plot.canvas import house_style, require_matplotlib

    atlas.check_language(lang)
    records = [record for record in atlas.layers if record.visible] if layers is None else [atlas.layer_record(layer) for layer in layers]
    chosen = [record for record in atlas.layers if record in records]
    width, height = size
    least_width, least_height = SMALLEST_MM
    if not (least_width <= width <= LARGEST_MM and least_height <= height <= LARGEST_MM):
        sizes = f"{least_width:g} × {least_height:g} and {LARGEST_MM:g} × {LARGEST_MM:g} mm"
        raise UsageError(f"a page of {width:g} × {height:g} mm", hint=f"Width and height must lie between {sizes}.")
    seen = view or atlas.record.view
    if not is_box(seen) or 90 in map(abs, seen[1::2]):
        raise UsageError("no such view: {:g},{:g},{:g},{:g}".format(*seen), hint="Give west,south,east,north in degrees.")
    west, south, east, north = continuous(seen)
    if min(east - west, north - south) < SMALLEST_VIEW:
        hint = f"Give one of {SMALLEST_VIEW:g} degrees or more."
        raise UsageError(f"a view of {east - west:g} × {north - south:g} degrees", hint=hint)
    require_matplotlib()
    from corridormap.plot.page import draw

    with house_style():
        return draw(atlas, lang=lang, records=chosen, size=size, view=seen, graticule=graticule)


def save(figure: Figure, path: Path, *, dpi: float = 300) -> int:
    """Write the map as PNG, SVG or PDF, as the file's name ends; the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        From `plot`.
    path : Path
        The file to write.
    dpi : float
        Dots to the inch of a PNG.

    Returns
    -------
    int
        The file's size in bytes.

    Raises
    ------
    UsageError
        If the name ends in another way, or the PNG would be too large.
    WriteError
        If the file cannot be written; what stood there before is untouched.
    """
    from corridormap.files import write_atomic
    from corridormap.plot.canvas import house_style

    kind = check_format(path)
    if kind == "png" and max(figure.get_size_inches()) * dpi > MOST_PIXELS:
        raise UsageError(f"a PNG of more than {MOST_PIXELS} pixels a side", hint="Ask for fewer --dpi, or for a PDF.")
    metadata: dict[str, Any] = {"Title": str(figure.get_label()), **dict.fromkeys(UNSAID[kind])}
    stream = io.BytesIO()
    with house_style():
        figure.savefig(stream, format=kind, dpi=dpi if kind == "png" else 72, metadata=metadata)
    write_atomic(path, stream.getvalue())
    return len(stream.getvalue())


def check_format(path: Path) -> str:
    """Give the format that a file's name asks for, if it is one of the three.

    Raises
    ------
    UsageError
        If it is none of the three.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"{path}: no format for {path.suffix or 'a name without an ending'!r}", hint="End the name in .png, .svg or .pdf.")
    return kind
