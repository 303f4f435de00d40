"""The first view as a picture of its own: lines, numbers and names on the backdrop, without legend or symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.plot import labels, lines, marginalia
from corridormap.plot.canvas import INK, Canvas, house_style, require_matplotlib, wrap
from corridormap.plot.scene import Projection, Scene, mercator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from corridormap.atlas import Atlas
    from corridormap.model import Layer
    from corridormap.plot.canvas import Box

GROW = 4 / 3
"""Lines and letters are as large as on the web map."""
SIZE = (640.0, 336.0)
"""Points, in the shape that those who show links ask for: 1.91 to 1."""
DPI = 135
MARGIN = 12.0


def draw(scene: Scene, frame: Box) -> None:
    """Draw the map into a frame of its page."""
    scene.canvas.frame = frame
    marginalia.draw_backdrop(scene)
    tracks = lines.tracks(scene)
    lines.draw(scene.canvas, tracks)
    labels.place(scene.canvas, labels.Room(frame, lines.runs(tracks)), labels.wanted(scene), tracks)


def preview(atlas: Atlas, *, lang: str, records: Sequence[Layer], view: Box) -> Figure:
    """Draw the picture that stands for a page where others show a link to it: title, map, attribution.

    Parameters
    ----------
    atlas : Atlas
        An atlas whose layers are built.
    lang : str
        Language of every text.
    records : sequence of Layer
        The layers to draw.
    view : tuple of float
        West, south, east, north in degrees: what must be seen.

    Returns
    -------
    matplotlib.figure.Figure
        Saved at `DPI` dots to the inch it has 1200 × 630 pixels.

    Raises
    ------
    CorridorMapError
        If matplotlib is not installed.
    """
    require_matplotlib()
    with house_style():
        canvas = Canvas(*SIZE)
        canvas.grow = GROW
        scene = Scene.of(atlas, lang=lang, records=records, canvas=canvas, projection=Projection(mercator(view), view))
        canvas.figure.set_label(scene.text(atlas.record.title))
        title, credit = canvas.font(12, bold=True), canvas.font(5.5, colour=INK)
        width, height = SIZE
        top, bottom = height - MARGIN - 1.3 * title.size, MARGIN + 1.3 * credit.size
        canvas.text(MARGIN, top + 0.4 * title.size, wrap(scene.text(atlas.record.title), title, width)[0], title, z=31, kind="title")
        canvas.text(MARGIN, MARGIN * 0.7, wrap(scene.text(atlas.record.attribution), credit, width)[0], credit, z=31, kind="credit")
        scene.projection.fit((MARGIN, bottom + 4, width - MARGIN, top - 4))
        draw(scene, (0, bottom, width, top))
    return canvas.figure
