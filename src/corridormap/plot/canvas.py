"""The page, measured in points, and how texts, lines, areas and symbols are drawn on it, finer than on a screen.

Nothing here is kept in matplotlib's global state, and pyplot is never imported.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.cartography.symbols import TABLE, dash_lengths
from corridormap.extras import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.artist import Artist
    from matplotlib.font_manager import FontProperties
    from matplotlib.transforms import Transform
    from numpy.typing import NDArray

    from corridormap.cartography.symbols import Stroke
    from corridormap.model import Symbol

    Points = NDArray[np.float64]

POINTS_PER_MM = 72 / 25.4
INK, SOFT, PAPER, RULE = "#1d2327", "#4d565c", "#ffffff", "#d4d9dc"
POINTS_PER_PIXEL = 0.75
LINE_SHARE, POINT_SHARE = 0.74, 0.72
"""Print is finer than a screen."""
Box = tuple[float, float, float, float]

_ANGLES = np.linspace(0, 2 * np.pi, 33)
_CIRCLE = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])


@dataclass(frozen=True)
class Font:
    """A face of DejaVu Sans, which comes with matplotlib and holds Latin, Cyrillic and Kazakh."""

    size: float
    bold: bool = False
    slanted: bool = False
    colour: str = INK


def require_matplotlib() -> None:
    """Say how to get matplotlib if it is missing.

    Raises
    ------
    CorridorMapError
        If it is not installed.
    """
    require("matplotlib", extra="plot", needed_for="the static map")


@contextmanager
def house_style() -> Iterator[None]:
    """Draw alike whatever the reader's own matplotlib settings are: no mathematics in names, text kept as text, no chance."""
    import warnings

    import matplotlib as mpl

    settings: dict[Any, Any] = {
        "text.parse_math": False,
        # Letters keep their true widths at any resolution, as they were measured for the layout.
        "text.hinting": "none",
        "lines.scale_dashes": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "corridormap",
        "pdf.fonttype": 42,
        "figure.dpi": 72,
    }
    with mpl.rc_context(), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box; that is no reason to stop.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .*missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        yield


@cache
def _properties(font: Font) -> FontProperties:
    import matplotlib as mpl
    from matplotlib.font_manager import FontProperties

    face = ("Bold" if font.bold else "") + ("Oblique" if font.slanted else "")
    return FontProperties(
        family="DejaVu Sans",
        weight="bold" if font.bold else "normal",
        style="oblique" if font.slanted else "normal",
        size=font.size,
        fname=f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans{'-' if face else ''}{face}.ttf",
    )


@cache
def text_width(text: str, font: Font) -> float:
    """Width of a text in points, the same for every format."""
    from matplotlib.textpath import text_to_path

    return float(text_to_path.get_text_width_height_descent(text, _properties(font), ismath=False)[0]) if text else 0.0


def wrap(text: str, font: Font, width: float, *, most: int | None = None) -> list[str]:
    """Break a text into lines that fit, at most so many; a single word that does not, and what is left over, is cut with an ellipsis."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and text_width(longer := f"{lines[-1]} {word}", font) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, font, width))
    if most is not None and len(lines) > most:
        lines[most - 1 :] = [shorten(" ".join(lines[most - 1 :]), font, width)]
    return lines


def shorten(text: str, font: Font, width: float) -> str:
    """Cut a text that is too wide and end it with an ellipsis."""
    if text_width(text, font) <= width:
        return text
    # No letter is narrower than a twentieth of the size; a monstrous name is not measured letter by letter.
    text = text[: int(width / font.size * 20) + 1]
    while text and text_width(text + "…", font) > width:
        text = text[:-1]
    return text + "…"


class Canvas:
    """One page in the making, so many points wide and high."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = width, height
        # Letters and lines grow with the page, but far slower than it does.
        self.grow = float(np.clip((min(width / 1.5, height) / (200 * POINTS_PER_MM)) ** 0.5, 0.8, 2.4))
        self.figure = Figure(figsize=(width / 72, height / 72), facecolor=PAPER)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(0, height)
        self.transform: Transform = self.axes.transData
        self.frame: Box = (0, 0, width, height)
        self._texts = 0

    def font(self, size: float, **style: Any) -> Font:
        """Give a font whose size grows with the page."""
        return Font(round(size * self.grow, 2), **style)

    def text_width(self, text: str, font: Font) -> float:
        """Width of a text in points."""
        return text_width(text, font)

    @property
    def line_share(self) -> float:
        """Points on the page to a CSS pixel of a line."""
        return POINTS_PER_PIXEL * LINE_SHARE * self.grow

    def point_radius(self, symbol: Symbol) -> float:
        """Half the size of a point's symbol, in points."""
        return (symbol.size or 8.0) / 2 * POINTS_PER_PIXEL * POINT_SHARE * self.grow

    def _patch(self, vertices: Any, codes: Any, *, clip: bool, name: str | None, **style: Any) -> None:
        from matplotlib.patches import PathPatch, Rectangle
        from matplotlib.path import Path as Outline

        patch = PathPatch(Outline(vertices, codes), joinstyle="round", **style)
        patch.set_gid(name)
        self.put(patch)
        if clip:
            west, south, east, north = self.frame
            patch.set_clip_path(Rectangle((west, south), east - west, north - south, transform=self.transform))

    def put(self, artist: Artist) -> None:
        """Put an artist on the page."""
        self.axes.add_artist(artist)

    def lines(
        self,
        lines: Iterable[Points],
        *,
        colour: str,
        width: float,
        z: float,
        dash: Sequence[float] = (),
        cap: str = "butt",
        clip: bool = True,
        name: str | None = None,
    ) -> None:
        """Draw lines as one path; dashes are in points."""
        runs = [line for line in lines if len(line) > 1]
        if runs:
            codes = np.concatenate([np.r_[1, np.full(len(run) - 1, 2)] for run in runs])
            style = {"edgecolor": colour, "linewidth": width, "zorder": z, "capstyle": cap}
            pattern = (0, tuple(dash)) if dash else "solid"
            self._patch(np.concatenate(runs), codes, clip=clip, name=name, fill=False, linestyle=pattern, **style)

    def stroke(self, runs: Sequence[Points], stroke: Stroke, *, z: float, clip: bool = True, name: str | None = None) -> None:
        """Draw lines in a stroke of the cartography; cores lie a little above the lines they belong to."""
        dash = [length * self.line_share for length in dash_lengths(stroke.dash)]
        above, cap = 0.004 if stroke.part == "core" else 0.0, "butt" if dash else "round"
        width = stroke.width * self.line_share
        self.lines(runs, colour=stroke.colour, width=width, z=z + above, dash=dash, cap=cap, clip=clip, name=name)

    def fill(
        self,
        rings: Iterable[Points],
        *,
        colour: str,
        z: float,
        edge: str | None = None,
        width: float = 0,
        clip: bool = True,
        name: str | None = None,
    ) -> None:
        """Fill closed rings, holes among them turning the other way, as one path."""
        closed = [ring for ring in rings if len(ring) > 2]
        if closed:
            codes = np.concatenate([np.r_[1, np.full(len(ring) - 2, 2), 79] for ring in closed])
            style = {"facecolor": colour, "edgecolor": edge or "none", "linewidth": width if edge else 0, "zorder": z}
            self._patch(np.concatenate(closed), codes, clip=clip, name=name, **style)

    def area(self, geometry: Any, **style: Any) -> None:
        """Fill the polygons of a geometry in points; see `fill`."""
        polygons = [part for part in shapely.get_parts(shapely.normalize(geometry)) if part.geom_type == "Polygon"]
        self.fill([shapely.get_coordinates(ring) for part in polygons for ring in (part.exterior, *part.interiors)], **style)

    def rectangle(self, box: Box, *, round_by: float = 0, **style: Any) -> None:
        """Draw a box, with round corners if so asked; see `fill`."""
        west, south, east, north = box
        ring = np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])
        if round_by:
            core = shapely.box(west + round_by, south + round_by, east - round_by, north - round_by)
            ring = shapely.get_coordinates(core.buffer(round_by, quad_segs=6))
        self.fill([ring], clip=False, **style)

    def points(
        self,
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
        shape = (_CIRCLE if corners is None else np.array([*corners, corners[0]])) * self.point_radius(symbol) * share
        rings = [shape + point for point in points]
        self.fill(rings, colour=TABLE.pale, z=z, edge=TABLE.pale, width=1.2 * self.grow * share, clip=clip)
        self.fill(rings, colour=symbol.colour, z=z + 0.004, clip=clip, name=name)

    def text(self, x: float, y: float, text: str, font: Font, *, z: float, kind: str, halo: float = 0, turn: float = 0) -> None:
        """Write one line of text from its left end on the base line, turned by degrees; its name on the page is ``kind`` and a number."""
        from matplotlib.text import Text
        from matplotlib.textpath import TextPath
        from matplotlib.transforms import Affine2D

        if halo:
            path = TextPath((x, y), text, prop=_properties(font))
            style = {"facecolor": PAPER, "edgecolor": PAPER, "linewidth": halo, "alpha": 0.85, "zorder": z - 0.5}
            if len(path.vertices):
                vertices = Affine2D().rotate_deg_around(x, y, turn).transform(path.vertices) if turn else path.vertices
                self._patch(vertices, path.codes, clip=False, name=None, **style)
        self._texts += 1
        made = Text(x, y, text, fontproperties=_properties(font), color=font.colour, zorder=z, parse_math=False, clip_on=False)
        made.set_rotation(turn)
        made.set_rotation_mode("anchor")
        made.set_gid(f"{kind}-{self._texts}")
        self.put(made)


def runs_of(geometry: Any) -> list[Points]:
    """Give the lines of a geometry, the rings of its areas among them, as arrays of points."""
    parts = [part for part in shapely.get_parts(geometry) if not part.is_empty]
    rings = [ring for part in parts if part.geom_type == "Polygon" for ring in (part.exterior, *part.interiors)]
    return [shapely.get_coordinates(part) for part in (*parts, *rings) if part.geom_type in {"LineString", "LinearRing"}]
