"""The first view as a picture: for links to a page, and as SVG for the page itself, where no script has drawn or may run.

Lines, numbers and names stand on the backdrop, without legend or symbols.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.plot import labels, lines, marginalia
from corridormap.plot.canvas import INK, Canvas, house_style, require_matplotlib, shorten
from corridormap.plot.scene import Projection, Scene, mercator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from corridormap.atlas import Atlas
    from corridormap.model import Layer
    from corridormap.plot.canvas import Box, Font

GROW = 4 / 3
"""Lines and letters are as large as on the web map."""
SIZE = (640.0, 336.0)
"""Points, in the shape that those who show links ask for: 1.91 to 1."""
DPI = 135
MARGIN = 12.0
STILL_WIDTH = 400.0
"""Points; the picture is as high as its view asks for."""
STILL_MARGIN = 10.0
FINENESS = 2
"""Steps to a point of what is drawn."""
BENDS = 1.6
"""Points: smaller bends are left out."""
LETTER = 0.6
"""Mean width of a letter, of the font's size: what the reader's own fonts measure is not known here."""


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
        canvas.text(MARGIN, top + 0.4 * title.size, shorten(scene.text(atlas.record.title), title, width), title, z=31, kind="title")
        canvas.text(MARGIN, MARGIN * 0.7, shorten(scene.text(atlas.record.attribution), credit, width), credit, z=31, kind="credit")
        scene.projection.fit((MARGIN, bottom + 4, width - MARGIN, top - 4))
        draw(scene, (0, bottom, width, top))
    return canvas.figure


def still(atlas: Atlas, *, lang: str, records: Sequence[Layer], view: Box) -> str:
    """Draw the map as it is at first as one SVG element, in Web Mercator.

    Parameters
    ----------
    atlas, lang, records, view
        As for `preview`.

    Returns
    -------
    str
        The same bytes for the same atlas. Every look is an attribute, for a page's policy may forbid styles.
    """
    projection = Projection(mercator(view), view)
    height = STILL_MARGIN * 2 + (STILL_WIDTH - STILL_MARGIN * 2) * projection.height_to_width
    sheet = _Sheet(STILL_WIDTH, height)
    projection.fit((STILL_MARGIN, STILL_MARGIN, STILL_WIDTH - STILL_MARGIN, height - STILL_MARGIN))
    scene = Scene.of(atlas, lang=lang, records=records, canvas=sheet, projection=projection)
    draw(scene, sheet.frame)
    return sheet.svg(scene.text(atlas.record.title))


class _Sheet(Canvas):
    """A page that keeps what is drawn on it as SVG."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height, self.grow = width, height, GROW
        self.frame = (0, 0, width, height)
        self._drawn: list[tuple[float, str]] = []

    @property
    def line_share(self) -> float:
        return 1.0

    def text_width(self, text: str, font: Font) -> float:
        return LETTER * font.size * len(text) * (1.3 if text.isupper() else 1)

    def _steps(self, points: Any) -> Any:
        return np.rint((np.asarray(points) * (1, -1) + (0, self.height)) * FINENESS).astype(int)

    def _patch(self, vertices: Any, codes: Any, *, clip: bool, name: str | None, **style: Any) -> None:  # noqa: ARG002  every element lies within the view box
        path = []
        for run in np.split(np.arange(len(codes)), np.flatnonzero(codes == 1)[1:]):
            # What the map's frame cuts is the map itself; the small shapes of shields keep every corner.
            whole = shapely.LineString(vertices[run])
            steps = self._steps(shapely.get_coordinates(shapely.simplify(whole, BENDS) if clip else whole))
            moves = np.diff(steps, axis=0)
            moves = moves[moves.any(axis=1)]
            if len(moves):
                closed = "z" if codes[run[-1]] == 79 else ""
                path.append(f"M{_pairs(steps[:1])}l{_pairs(moves)}{closed}")
        if not path:
            return
        look = {"fill": style.get("facecolor", "none"), "stroke": style["edgecolor"], "stroke-width": f"{style['linewidth'] * FINENESS:g}"}
        look["stroke-linejoin"] = "round"
        if style.get("capstyle", "butt") != "butt":
            look["stroke-linecap"] = style["capstyle"]
        if isinstance(style.get("linestyle"), tuple):
            look["stroke-dasharray"] = " ".join(f"{length * FINENESS:g}" for length in style["linestyle"][1])
        self._draw(style["zorder"], f'<path d="{"".join(path)}" {_attributes(look)}/>')

    def text(self, x: float, y: float, text: str, font: Font, *, z: float, kind: str, halo: float = 0, turn: float = 0) -> None:  # noqa: ARG002  nothing is turned, or found by its kind, here
        # Centred where its box is, for the reader's font may be narrower or wider.
        ((at, base),) = self._steps([(x + self.text_width(text, font) / 2, y)])
        look = {"x": at, "y": base, "font-size": f"{font.size * FINENESS:g}", "fill": font.colour, "text-anchor": "middle"}
        if font.bold:
            look["font-weight"] = "bold"
        if font.slanted:
            look["font-style"] = "italic"
        if halo:
            look |= {"stroke": "#ffffff", "stroke-width": f"{halo * FINENESS:g}", "paint-order": "stroke", "stroke-linejoin": "round"}
        self._draw(z, f"<text {_attributes(look)}>{escape(text)}</text>")

    def _draw(self, z: float, element: str) -> None:
        self._drawn.append((z, element))

    def svg(self, name: str) -> str:
        """Give what was drawn, the lowest first."""
        parts = "".join(element for _, element in sorted(self._drawn, key=lambda drawn: drawn[0]))
        width, height = (round(side * FINENESS) for side in (self.width, self.height))
        look = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}", "role": "img", "aria-label": name}
        return f'<svg {_attributes(look)} font-family="system-ui,Roboto,DejaVu Sans,Arial,sans-serif">{parts}</svg>'


def _pairs(steps: Any) -> str:
    return " ".join(map(str, steps.ravel())).replace(" -", "-")


def _attributes(values: dict[str, Any]) -> str:
    return " ".join(f'{name}="{escape(str(value))}"' for name, value in values.items())
