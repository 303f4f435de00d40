"""The static map for print: one page with map, legend, scale and sources, drawn by matplotlib in the atlas's own projection."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import shapely

from corridormap.antimeridian import continuous, is_box
from corridormap.cartography.symbols import symbol_of
from corridormap.errors import UsageError
from corridormap.files import write_atomic
from corridormap.plot import labels, lines, marginalia
from corridormap.plot import legend as key
from corridormap.plot.canvas import INK, POINTS_PER_MM, Canvas, house_style, require_matplotlib, wrap
from corridormap.plot.scene import Projection, Scene, clean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from corridormap.atlas import Atlas
    from corridormap.model import Layer
    from corridormap.plot.canvas import Box

__all__ = ["FORMATS", "plot", "save"]

UNSAID = {"png": ["Software"], "svg": ["Date", "Creator"], "pdf": ["CreationDate", "Creator", "Producer"]}
"""What matplotlib would write into a file of each format, which is other at another time or with another matplotlib."""
FORMATS = tuple(UNSAID)
SMALLEST_VIEW = 0.001
"""Degrees: of less, a line across a country would reach for the Moon on paper."""
SMALLEST_MM = (120.0, 90.0)
LARGEST_MM = 3000.0
MOST_PIXELS = 30_000
MARGIN = 6 * POINTS_PER_MM
GUTTER = 16.0
NARROWEST_COLUMN = 168.0
LEAST_MAP = 0.3
"""The map takes at least this share of the page's height and width, or the legend is left out."""


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
    with house_style():
        return _draw(atlas, lang=lang, records=chosen, size=size, view=seen, graticule=graticule)


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


def _draw(atlas: Atlas, *, lang: str, records: Sequence[Layer], size: tuple[float, float], view: Box, graticule: bool) -> Figure:
    """Draw a page of a size in millimetres."""
    width, height = (side * POINTS_PER_MM for side in size)
    canvas = Canvas(width, height)
    projection = Projection(atlas.planar_crs, view)
    scene = Scene.of(atlas, lang=lang, records=records, canvas=canvas, projection=projection)
    canvas.figure.set_label(scene.text(atlas.record.title))

    top = _title(scene)
    bottom = _credits(scene)
    legend = key.Legend(canvas, key.rows(scene))
    canvas.frame = _arrange(scene, legend, (MARGIN, bottom, width - MARGIN, top))
    projection.fit(canvas.frame)

    marginalia.draw_backdrop(scene)
    marginalia.draw_other_ways(scene)
    tracks = lines.tracks(scene)
    lines.draw(canvas, tracks)
    room = labels.Room(canvas.frame, lines.runs(tracks))
    draw_points(scene, room)
    marginalia.draw_scale(canvas, projection, room, lang)
    if graticule:
        marginalia.draw_graticule(canvas, projection, room, lang)
    labels.place(canvas, room, labels.wanted(scene), tracks)
    canvas.rectangle(canvas.frame, colour="none", z=29, edge=INK, width=0.7 * canvas.grow)
    return canvas.figure


def _title(scene: Scene) -> float:
    """Write the title and say where the room below it begins."""
    canvas = scene.canvas
    font = canvas.font(13, bold=True)
    y = canvas.height - MARGIN
    for line in wrap(scene.text(scene.atlas.record.title), font, canvas.width - 2 * MARGIN, most=2):
        y -= font.size
        canvas.text(MARGIN, y + font.size * 0.2, line, font, z=31, kind="title")
    return y - 5 * canvas.grow


def _credits(scene: Scene) -> float:
    """Write credits, sources and projection at the foot and say where the room above begins."""
    atlas, canvas = scene.atlas, scene.canvas
    font = canvas.font(5.2, colour="#4d565c")
    ids = [source for record in scene.records for source in record.sources if source in atlas.sources]
    publishers = "; ".join(dict.fromkeys(clean(atlas.sources[source].publisher) for source in ids))
    sources = f"{scene.say('labels.sources')}: {publishers}" if ids else ""
    projection = f"{scene.say('print.projection')}: {clean(atlas.record.planar_crs)}"
    parts = [scene.text(atlas.record.attribution), sources, scene.say("measured"), projection]
    rows = wrap(". ".join(filter(None, parts)), font, canvas.width - 2 * MARGIN, most=4)
    leading = font.size * 1.3
    for i, line in enumerate(rows):
        canvas.text(MARGIN, MARGIN + (len(rows) - 1 - i) * leading + font.size * 0.25, line, font, z=31, kind="credit")
    return MARGIN + len(rows) * leading + 3 * canvas.grow


def _arrange(scene: Scene, legend: key.Legend, space: Box) -> Box:
    """Set the legend beside or below the map, whichever leaves the map larger, and say where the map goes."""
    canvas, projection = scene.canvas, scene.projection
    west, south, east, north = space
    if not legend.rows:
        return space
    grow = canvas.grow
    gutter = GUTTER * grow
    column = min(max(NARROWEST_COLUMN * grow, (east - west) * 0.24), 230 * grow)
    beside = legend.columns(column, 1)
    count = max(1, int((east - west + gutter) // (NARROWEST_COLUMN * grow + gutter)))
    share = (east - west - (count - 1) * gutter) / count
    below = legend.columns(share, count)
    gap = 7 * grow
    fits_beside = beside[0] <= north - south and (east - west - column - gap) >= LEAST_MAP * canvas.width
    fits_below = north - south - below[0] - gap >= LEAST_MAP * canvas.height
    scale_beside = projection.scale_in(east - west - column - gap, north - south) if fits_beside else 0.0
    scale_below = projection.scale_in(east - west, north - south - below[0] - gap) if fits_below else 0.0
    if scale_beside > scale_below:
        legend.draw(east - column, north, column, beside[1][0])
        return (west, south, east - column - gap, north)
    if scale_below > 0:
        for i, rows in enumerate(below[1]):
            legend.draw(west + i * (share + gutter), south + below[0], share, rows)
        return (west, south + below[0] + gap, east, north)
    return space


def draw_points(scene: Scene, room: labels.Room) -> None:
    """Draw every point whose position is known, the larger symbols over the smaller."""
    canvas, projection = scene.canvas, scene.projection
    west, south, east, north = canvas.frame
    batches = []
    for record in scene.records:
        if record.geometry == "Point":
            frame = scene.located(record.id)
            values = frame.get(record.style.by, frame["id"].map(lambda _: "")).map(str)
            batches += [(symbol_of(record.style, value), record, frame.geometry[values == value]) for value in sorted(values.unique())]
    batches.sort(key=lambda batch: batch[0].size or 8.0)
    for number, (symbol, record, places) in enumerate(batches):
        share = 0.8 if record.build == "places" else 1.0
        spots = projection.to_page(shapely.get_coordinates(places.to_numpy()))
        seen = [(x, y) for x, y in spots if west <= x <= east and south <= y <= north]
        canvas.points(seen, symbol, z=13 + number * 0.01, share=share, name=f"{record.id}-{number}")
        if record.build == "points":
            reach = canvas.point_radius(symbol)
            for x, y in seen:
                room.take((x - reach, y - reach, x + reach, y + reach))
        elif record.build == "crossings" and seen:
            room.mark(seen)
