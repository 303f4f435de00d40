"""The page: everything on it is measured in points, from lon/lat by way of the atlas's own projection.

Nothing here is kept in matplotlib's global state, and pyplot is never imported.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import CorridorMapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.font_manager import FontProperties
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

POINTS_PER_MM = 72 / 25.4
INK, SOFT, PAPER, RULE = "#1d2327", "#4d565c", "#ffffff", "#d4d9dc"
Box = tuple[float, float, float, float]


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
    try:
        import matplotlib  # noqa: F401, ICN001
    except ImportError:
        raise CorridorMapError("the static map needs matplotlib, which is not installed", hint="pip install 'corridormap[plot]'") from None


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

    face = {(False, False): "DejaVuSans", (True, False): "DejaVuSans-Bold", (False, True): "DejaVuSans-Oblique"}
    name = face.get((font.bold, font.slanted), "DejaVuSans-BoldOblique")
    return FontProperties(
        family="DejaVu Sans",
        weight="bold" if font.bold else "normal",
        style="oblique" if font.slanted else "normal",
        size=font.size,
        fname=str(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"),
    )


@cache
def text_width(text: str, font: Font) -> float:
    """Width of a text in points, the same for every format."""
    from matplotlib.textpath import text_to_path

    return float(text_to_path.get_text_width_height_descent(text, _properties(font), ismath=False)[0]) if text else 0.0


def wrap(text: str, font: Font, width: float) -> list[str]:
    """Break a text into lines that fit; a single word that does not is cut with an ellipsis."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, font) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, font, width))
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
    """One page in the making.

    Parameters
    ----------
    width, height : float
        The page in points.
    """

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
        self.frame: Box = (0, 0, width, height)
        self._texts = 0

    def font(self, size: float, **style: Any) -> Font:
        """Give a font whose size grows with the page."""
        return Font(round(size * self.grow, 2), **style)

    # Drawing -----------------------------------------------------------------------------------------------------------------------------

    def _patch(self, vertices: Any, codes: Any, *, clip: bool, name: str | None, style: dict[str, Any]) -> None:
        from matplotlib.patches import PathPatch, Rectangle
        from matplotlib.path import Path as Outline

        if len(vertices) == 0:
            return
        patch = PathPatch(Outline(vertices, codes), **style)
        patch.set_gid(name)
        self.axes.add_artist(patch)
        if clip:
            west, south, east, north = self.frame
            patch.set_clip_path(Rectangle((west, south), east - west, north - south, transform=self.axes.transData))

    def stroke(
        self,
        lines: Iterable[Points],
        *,
        colour: str,
        width: float,
        z: float,
        dash: Sequence[float] | None = None,
        shift: float = 0,
        cap: str = "round",
        clip: bool = True,
        name: str | None = None,
    ) -> None:
        """Draw lines as one path; dashes are in points."""
        runs = [line for line in lines if len(line) > 1]
        if not runs:
            return
        codes = np.concatenate([np.r_[1, np.full(len(run) - 1, 2)] for run in runs])
        style = {
            "fill": False,
            "edgecolor": colour,
            "linewidth": width,
            "zorder": z,
            "capstyle": cap,
            "joinstyle": "round",
            "linestyle": (shift, tuple(dash)) if dash else "solid",
        }
        self._patch(np.concatenate(runs), codes, clip=clip, name=name, style=style)

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
        if not closed:
            return
        codes = np.concatenate([np.r_[1, np.full(len(ring) - 2, 2), 79] for ring in closed])
        style = {"facecolor": colour, "edgecolor": edge or "none", "linewidth": width if edge else 0, "zorder": z, "joinstyle": "round"}
        self._patch(np.concatenate(closed), codes, clip=clip, name=name, style=style)

    def area(self, geometry: Any, *, colour: str, z: float, edge: str | None = None, width: float = 0, name: str | None = None) -> None:
        """Fill the polygons of a geometry in points."""
        polygons = [part for part in shapely.get_parts(shapely.normalize(geometry)) if part.geom_type == "Polygon"]
        rings = [shapely.get_coordinates(ring) for part in polygons for ring in (part.exterior, *part.interiors)]
        self.fill(rings, colour=colour, z=z, edge=edge, width=width, name=name)

    def rectangle(
        self, box: Box, *, colour: str = "none", z: float, edge: str | None = None, width: float = 0, round_by: float = 0
    ) -> None:
        """Draw a box, with round corners if so asked."""
        west, south, east, north = box
        if round_by:
            shape = shapely.box(west + round_by, south + round_by, east - round_by, north - round_by).buffer(round_by, quad_segs=6)
            ring = shapely.get_coordinates(shape)
        else:
            ring = np.array([(west, south), (east, south), (east, north), (west, north), (west, south)])
        self.fill([ring], colour=colour, z=z, edge=edge, width=width, clip=False)

    def text(self, x: float, y: float, text: str, font: Font, *, z: float, kind: str, halo: float = 0) -> None:
        """Write one line of text from its left end on the base line; its name on the page is ``kind`` and a number."""
        from matplotlib.textpath import TextPath

        if halo:
            path = TextPath((x, y), text, prop=_properties(font))
            style = {"facecolor": PAPER, "edgecolor": PAPER, "linewidth": halo, "alpha": 0.85, "zorder": z - 0.5, "joinstyle": "round"}
            self._patch(path.vertices, path.codes, clip=False, name=None, style=style)
        self._texts += 1
        self.axes.text(
            x, y, text, fontproperties=_properties(font), color=font.colour, ha="left", va="baseline", zorder=z,
            parse_math=False, gid=f"{kind}-{self._texts}",
        )  # fmt: skip


class Projection:
    """From lon/lat to points on the page.

    Parameters
    ----------
    crs : str
        The atlas's planar CRS.
    view : tuple of float
        West, south, east, north in degrees: what must be seen.
    """

    def __init__(self, crs: str, view: Box) -> None:
        from pyproj import Transformer

        self.crs = crs
        self._transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        edge = shapely.segmentize(shapely.box(*view).exterior, 0.5)
        self._metres = np.array(shapely.transform(edge, self._to_metres).bounds)
        self.points_per_metre = 0.0
        self._shift = np.zeros(2)

    def _to_metres(self, places: Points) -> Points:
        return np.column_stack(self._transformer.transform(places[:, 0], places[:, 1]))

    def scale_in(self, width: float, height: float) -> float:
        """Give points to a metre when the view fills a frame of this size."""
        west, south, east, north = self._metres
        return float(min(width / (east - west), height / (north - south)))

    def fit(self, frame: Box) -> None:
        """Put the view into the middle of a frame on the page."""
        west, south, east, north = frame
        self.points_per_metre = self.scale_in(east - west, north - south)
        middle = (self._metres[:2] + self._metres[2:]) / 2
        self._shift = np.array([(west + east) / 2, (south + north) / 2]) - middle * self.points_per_metre

    def to_page(self, places: Points) -> Points:
        """Project positions, shape (n, 2)."""
        return self._to_metres(places) * self.points_per_metre + self._shift

    def to_degrees(self, points: Points) -> Points:
        """Go the way back, from points on the page to lon/lat."""
        metres = (points - self._shift) / self.points_per_metre
        return np.column_stack(self._transformer.transform(metres[:, 0], metres[:, 1], direction="INVERSE"))

    def shape(self, geometry: Any, frame: Box, *, margin: float = 12, tolerance: float = 0.25) -> Any:
        """Project a geometry, leave out bends too small to print, and cut it a little outside the frame."""
        west, south, east, north = frame
        moved = shapely.transform(shapely.segmentize(geometry, 1.0), self.to_page)
        if shapely.get_dimensions(moved) == 2:
            moved = shapely.make_valid(moved)
        moved = shapely.simplify(moved, tolerance)
        return shapely.clip_by_rect(moved, west - margin, south - margin, east + margin, north + margin)


def runs_of(geometry: Any) -> list[Points]:
    """Give the lines of a geometry, the rings of its areas among them, as arrays of points."""
    parts = [part for part in shapely.get_parts(geometry) if not part.is_empty]
    rings = [ring for part in parts if part.geom_type == "Polygon" for ring in (part.exterior, *part.interiors)]
    return [shapely.get_coordinates(part) for part in (*parts, *rings) if part.geom_type in {"LineString", "LinearRing"}]
