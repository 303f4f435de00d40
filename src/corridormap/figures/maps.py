"""Maps: the ground on which an analyst draws, in the atlas's own projection, in the colours and with the names of the map for print."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.antimeridian import is_box
from corridormap.atlas import Atlas
from corridormap.cartography.symbols import TABLE
from corridormap.errors import DataError, UsageError
from corridormap.extras import require
from corridormap.measure.alignments import alignments, is_name
from corridormap.measure.inputs import LONLAT, read_input
from corridormap.plot import draw_points, labels, lines, marginalia
from corridormap.plot.canvas import INK, SOFT, runs_of, wrap
from corridormap.plot.scene import Projection, Scene, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes
    from matplotlib.collections import Collection
    from matplotlib.transforms import Transform

    from corridormap.figures.overlay import InAxes, Layout, Overlay
    from corridormap.figures.ticks import Ticks
    from corridormap.model import Layer
    from corridormap.plot.canvas import Box, Points

WIDTH_IN, HIGHEST_IN = 9.6, 7.2
MARGIN = 0.06
"""Share of the longer side that stays free around what a map is drawn around."""
LEAST_M = 20_000.0
"""The shorter side of a map drawn around something is at least so long."""
POINT_SIZE = 20.0
"""Of a point's symbol, in square points."""
KINDS = {0: "points", 4: "points", 1: "lines", 2: "lines", 5: "lines", 3: "areas", 6: "areas"}


def base_map(
    ax: Axes | None = None,
    *,
    atlas: Atlas | None = None,
    extent: tuple[float, float, float, float] | None = None,
    around: object = None,
    lang: str | None = None,
    layers: Sequence[str] = (),
    names: bool = True,
    scale: bool = True,
    graticule: bool = False,
    credits: bool = True,  # noqa: A002  the word of the trade
) -> Axes:
    """Draw the ground of a map: sea, land and countries, waters, boundaries, and names of towns.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; by default a new figure's, as high as the extent asks.
    atlas : Atlas, optional
        By default the one that comes with the package.
    extent : tuple of float, optional
        West, south, east, north in degrees: what must be seen; a west above the east is across 180°. By default the atlas's own view.
    around : str, frame, series or geometries, optional
        Instead of an extent: the id or number of a corridor, or what is to be seen, as `corridormap.measure` takes it.
    lang : str, optional
        Language of every text; by default the atlas's first.
    layers : sequence of str
        Layers of the atlas to draw as in print, with numbers and names; by default none.
    names : bool
        Name countries, waters and, as far as the scale allows, towns.
    scale, graticule, credits : bool
        Draw a scale bar, meridians and parallels, the atlas's attribution.

    Returns
    -------
    matplotlib.axes.Axes
        In the atlas's ``planar_crs``, metres; its limits stay as they are. `draw` draws frames of any CRS on it, and `lonlat` gives the
        transform for what matplotlib itself is to draw or to annotate in degrees.

    Raises
    ------
    UsageError
        If the atlas has no such language, layer or corridor, or the extent makes no sense.
    CorridorMapError
        If matplotlib is not installed.
    """
    require("matplotlib", extra="plot", needed_for="a figure")
    from corridormap.figures.overlay import Layout

    atlas = atlas or Atlas.open()
    lang = atlas.check_language(lang or atlas.languages[0])
    records = [atlas.layer_record(layer) for layer in layers]
    west, south, east, north = _limits(atlas, extent, around)
    if ax is None:
        pyplot = require("matplotlib.pyplot", extra="plot", needed_for="a figure")
        upright = (north - south) / (east - west)
        width = min(WIDTH_IN, HIGHEST_IN / upright)
        ax = pyplot.subplots(figsize=(width, width * upright), layout="constrained")[1]
    sheet = Sheet(atlas, lang, records, names=names, scale=scale, graticule=graticule, credit=credits)
    ax.set(xlim=(west, east), ylim=(south, north), aspect="equal", autoscale_on=False, xticks=[], yticks=[])
    ax.set_facecolor(TABLE.grounds["sea"])
    for spine in ax.spines.values():
        spine.set(visible=True, color=TABLE.grounds["boundary"], linewidth=0.6)
    ax.add_artist(Layout(sheet.draw_ground, zorder=0))
    sheet.layout = Layout(sheet.draw_names, zorder=20, about=sheet)
    ax.add_artist(sheet.layout)
    return ax


def draw(ax: Axes, data: object, *, names: str | Iterable[str | None] | None = None, names_colour: str = INK, **style: Any) -> Collection:
    """Draw points, lines or areas on a base map.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `base_map`.
    data : GeoDataFrame, GeoSeries or geometries
        Of one kind: points, lines or areas. Frames may be in any CRS, bare geometries are in lon/lat.
    names : str or sequence of str, optional
        The column that names the features, or their names, None for none. A name stands where there is room, that of the first feature
        first, and before the names of the base map; one for which there is none is left out.
    names_colour : str
        Colour of the names.
    **style
        What matplotlib's collections take, such as ``color, linewidth, zorder, label``; of points also ``marker`` and ``s``, their size in
        square points. ``array`` with ``cmap`` colours the features by a number each.

    Returns
    -------
    matplotlib.collections.Collection
        What was drawn, for legends and colour bars.

    Raises
    ------
    UsageError
        If the axes are no base map, or the data of several kinds.
    DataError
        If a frame has no CRS.
    """
    import geopandas as gpd
    from matplotlib.colors import is_color_like

    sheet = sheet_of(ax)
    read = read_input(data)
    kinds = {KINDS.get(kind, "collections") for kind in shapely.get_type_id(read.geometries[~shapely.is_missing(read.geometries)])}
    if len(kinds) > 1 or kinds == {"collections"}:
        what = " and ".join(sorted(kinds))
        raise UsageError(f"{what} cannot be drawn at once", hint="Draw the points, the lines and the areas one after another.")
    flat = gpd.GeoSeries(read.geometries, crs=LONLAT).to_crs(sheet.atlas.planar_crs).to_numpy()
    parts, row = shapely.get_parts(flat, return_index=True)
    kind = kinds.pop() if kinds else "points"
    # How far from a feature its name begins, in points.
    radii = np.sqrt(np.broadcast_to(style.get("s", POINT_SIZE), len(flat))) / 2 + 1 if kind == "points" else np.zeros(len(flat))
    for name in ("array", "color", "linewidth", "s"):
        # Three numbers are one colour for all, also of three features.
        if name not in style or (name == "color" and is_color_like(style[name])):
            continue
        if np.ndim(style[name]) == 1 and len(style[name]) == len(flat):
            style[name] = np.asarray(style[name])[row]
    made: Collection = {"lines": _draw_lines, "areas": _draw_areas}.get(kind, _draw_points)(ax, parts, style)
    sheet.lines += [shapely.get_coordinates(part) for part in parts if shapely.get_type_id(part) == 1]
    if kind == "points":
        sheet.spots.append(shapely.get_coordinates(parts))
    if names is not None:
        sheet.name(flat, _names(read.frame, names, len(flat)), names_colour, radii)
    sheet.changed()
    return made


def lonlat(ax: Axes) -> Transform:
    """Give the transform from degrees to a base map's axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        From `base_map`.

    Returns
    -------
    matplotlib.transforms.Transform
        For ``ax.annotate(…, (lon, lat), xycoords=…)``, ``ax.plot(lon, lat, transform=…)`` and the like.

    Raises
    ------
    UsageError
        If the axes are no base map.
    """
    from corridormap.figures.overlay import Planar

    return Planar(sheet_of(ax).atlas.planar_crs) + ax.transData


@dataclass(eq=False)
class Sheet:
    """What a base map shows, and what was drawn on it."""

    atlas: Atlas
    lang: str
    records: Sequence[Layer]
    names: bool
    scale: bool
    graticule: bool
    credit: bool
    named: list[tuple[Points, str, str, float]] = field(default_factory=list)
    """Position in metres, name, its colour, and the radius in points of what it names."""
    lines: list[Points] = field(default_factory=list)
    spots: list[Points] = field(default_factory=list)
    """Points drawn, which names rather do not cover."""
    ticks: list[Ticks] = field(default_factory=list)
    layout: Layout | None = None

    def changed(self) -> None:
        """Place the names anew when the figure is drawn next."""
        if self.layout is not None:
            self.layout.forget()

    def name(self, shapes: Any, names: Sequence[str | None], colour: str, radii: Points) -> None:
        """Note the names of shapes, in metres."""
        spots = shapely.get_coordinates(shapely.point_on_surface(shapes))
        known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
        told = [(clean(name), float(radius)) for name, radius, there in zip(names, radii, known, strict=True) if there]
        self.named += [(spot, name, colour, radius) for spot, (name, radius) in zip(spots, told, strict=True) if name]

    def scene(self, canvas: Overlay, projection: InAxes) -> Scene:
        """Make the scene that print's cartography draws."""
        return Scene.of(self.atlas, lang=self.lang, records=self.records, canvas=canvas, projection=projection)

    def projection(self, canvas: Overlay) -> InAxes:
        """Make the projection of axes as they are now."""
        from corridormap.figures.overlay import InAxes

        return InAxes(self.atlas.planar_crs, self.atlas.record.view, canvas)

    def draw_ground(self, canvas: Overlay) -> None:
        """Draw all that lies below what the caller draws."""
        scene = self.scene(canvas, self.projection(canvas))
        marginalia.draw_backdrop(scene)
        tracks = lines.tracks(scene)
        lines.draw(canvas, tracks)
        draw_points(scene, labels.Room(canvas.frame, []))

    def draw_names(self, canvas: Overlay) -> None:
        """Set names, ticks and marginalia clear of each other."""
        projection = self.projection(canvas)
        scene = self.scene(canvas, projection)
        tracks = lines.tracks(scene)
        lines_drawn = [shapely.LineString(projection.in_points(line)) for line in self.lines]
        drawn = [run for line in lines_drawn for run in runs_of(shapely.clip_by_rect(line, *canvas.frame))]
        room = labels.Room(canvas.frame, [*lines.runs(tracks), *drawn])
        for box in canvas.own_boxes():
            room.take(box)
        wanted = []
        room.mark([spot for spots in self.spots for spot in projection.in_points(spots)])
        for rank, (spot, name, colour, radius) in enumerate(self.named):
            x, y = projection.in_points(spot)
            room.take((x - radius, y - radius, x + radius, y + radius))
            font = canvas.font(6.6, colour=colour)
            wanted.append(labels.Label(x, y, name, font, rank / 1e6 - 1, radius=radius))
        if self.credit:
            _draw_credit(canvas, room, scene.text(self.atlas.record.attribution))
        if self.scale:
            marginalia.draw_scale(canvas, projection, room, self.lang, figures=False)
        if self.graticule:
            marginalia.draw_graticule(canvas, projection, room, self.lang)
        for ticks in self.ticks:
            ticks.draw(canvas, projection, room, lang=self.lang)
        found = labels.wanted(scene) if self.names else []
        labels.place(canvas, room, [*wanted, *found], tracks)


def sheet_of(ax: Axes) -> Sheet:
    """Find what is known of a base map.

    Raises
    ------
    UsageError
        If the axes are none.
    """
    for child in reversed(ax.get_children()):
        if isinstance(sheet := getattr(child, "about", None), Sheet):
            return sheet
    raise UsageError("these axes are no base map", hint="Draw one first: ax = figures.base_map(ax).")


def _limits(atlas: Atlas, extent: Box | None, around: object) -> tuple[float, float, float, float]:
    """Find the sides of a map in metres."""
    if around is None:
        view = atlas.record.view if extent is None else extent
        if not is_box(view):
            shown = ",".join(f"{side:g}" for side in view)
            hint = "Give west, south, east, north in degrees; a west above the east is across 180°."
            raise UsageError(f"no such extent: {shown}", hint=hint)
        return Projection(atlas.planar_crs, view).bounds
    if extent is not None:
        raise UsageError("an extent and something to draw around", hint="Give one of the two.")
    import geopandas as gpd

    if is_name(around):
        shapes: Any = [shapely.LineString(line.coordinates) for line in alignments(around, atlas=atlas)]
    else:
        shapes = read_input(around).geometries
    sides = gpd.GeoSeries(shapes, crs=LONLAT).to_crs(atlas.planar_crs).total_bounds
    if not np.isfinite(sides).all():
        raise DataError("there is nothing to draw a map around", hint="Give features that have a position.")
    left, bottom, right, top = sides
    free = MARGIN * max(right - left, top - bottom, LEAST_M)
    aside, above = free + max(LEAST_M - (right - left), 0) / 2, free + max(LEAST_M - (top - bottom), 0) / 2
    return left - aside, bottom - above, right + aside, top + above


def _names(frame: Any, names: str | Iterable[str | None], count: int) -> list[str | None]:
    if isinstance(names, str):
        if frame is None or names not in frame.columns:
            known = "" if frame is None else "Columns are: " + ", ".join(map(str, frame.columns.drop(frame.geometry.name))) + "."
            raise UsageError(f"the data have no column {names!r}", hint=known or "Give the names themselves.")
        names = frame[names]
    found = list(names)
    if len(found) != count:
        raise UsageError(f"{len(found)} names for {count} features", hint="Give one for each, None for none.")
    return found


def _draw_lines(ax: Axes, parts: Any, style: dict[str, Any]) -> Collection:
    from matplotlib.collections import LineCollection

    given = {"color": INK, "linewidth": 1.5, "zorder": 3} if "array" not in style else {"linewidth": 1.5, "zorder": 3}
    made = LineCollection([shapely.get_coordinates(part) for part in parts], **(given | style))
    ax.add_collection(made, autolim=False)
    return made


def _draw_areas(ax: Axes, parts: Any, style: dict[str, Any]) -> Collection:
    from matplotlib.collections import PatchCollection
    from shapely.plotting import patch_from_polygon

    # An edge of which the colour is said is meant to be seen.
    width = 1.0 if {"edgecolor", "edgecolors", "ec"} & style.keys() else 0.0
    made = PatchCollection([patch_from_polygon(part) for part in parts], **({"zorder": 2, "linewidth": width} | style))
    ax.add_collection(made, autolim=False)
    return made


def _draw_points(ax: Axes, parts: Any, style: dict[str, Any]) -> Collection:
    x, y = shapely.get_coordinates(parts).T
    given: dict[str, Any] = {"s": POINT_SIZE, "color": INK, "edgecolor": TABLE.pale, "linewidth": 0.8, "zorder": 4}
    if "array" in style:
        given["c"] = style.pop("array")
        del given["color"]
    return ax.scatter(x, y, **(given | style))


def _draw_credit(canvas: Overlay, room: labels.Room, text: str) -> None:
    """Write the attribution small into a lower corner, the right one if that is free."""
    font = canvas.font(4.6, colour=SOFT)
    rows = wrap(text, font, canvas.width * 0.55)
    wide, high = max(canvas.text_width(row, font) for row in rows), font.size * 1.25 * len(rows)
    bottom = 4.0
    corners = [(left, bottom, left + wide, bottom + high) for left in (canvas.width - wide - 4, 4.0)]
    box = next((box for box in corners if room.free(box)), corners[0])
    room.take(box)
    for number, row in enumerate(reversed(rows)):
        left = box[2] - canvas.text_width(row, font) if box[0] > canvas.width / 3 else box[0]
        canvas.text(left, bottom + font.size * (0.25 + 1.25 * number), row, font, z=21, kind="credit", halo=1.5)
