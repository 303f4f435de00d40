"""Marginalia and ground: scale bar, graticule, backdrop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.antimeridian import wrapped
from corridormap.cartography.offsets import shown_at_first
from corridormap.cartography.surround import surround
from corridormap.cartography.symbols import TABLE
from corridormap.geodesic import geod
from corridormap.plot.canvas import INK, PAPER, SOFT, runs_of, text_width
from corridormap.words import distance, number, say

if TYPE_CHECKING:
    from corridormap.plot.canvas import Box, Canvas
    from corridormap.plot.labels import Room
    from corridormap.plot.scene import Projection, Scene

GROUND = TABLE.grounds


def draw_backdrop(scene: Scene) -> None:
    """Draw sea and land, the atlas's own country, waters and boundaries."""
    canvas, projection, backdrop = scene.canvas, scene.projection, scene.backdrop
    fine = 0.5 * canvas.grow
    land, paper, outside = surround(scene.atlas)
    canvas.rectangle(canvas.frame, colour=GROUND["country" if outside == "none" else outside], z=0)
    if outside != "none":
        canvas.area(projection.shape(paper, canvas.frame), colour=GROUND["sea"], z=0.5)
        canvas.area(projection.shape(land, canvas.frame), colour=GROUND["land"], z=1, edge=GROUND["land"], width=fine, name="backdrop-land")
        shore = runs_of(projection.shape(land.boundary.difference(paper.exterior.buffer(0.05)), canvas.frame))
        canvas.lines(shore, colour=GROUND["shore"], width=fine, cap="round", z=1.5, name="backdrop-shore")
    styles = {"country": (GROUND["country"], GROUND["boundary"], 2), "water": (GROUND["sea"], GROUND["shore"], 3)}
    for kind, (colour, edge, z) in styles.items():
        for geometry in (geometry for frame in backdrop.get(kind, []) for geometry in frame.geometry):
            canvas.area(projection.shape(geometry, canvas.frame), colour=colour, z=z, edge=edge, width=fine)
    for frame in backdrop.get("river", []):
        lines = [run for geometry in frame.geometry for run in runs_of(projection.shape(geometry, canvas.frame))]
        canvas.lines(lines, colour=GROUND["shore"], width=fine, cap="round", z=2.5, name="backdrop-rivers")
    for frame in backdrop.get("boundary", []):
        lines = [run for geometry in frame.geometry for run in runs_of(projection.shape(geometry, canvas.frame))]
        dash = (3 * canvas.grow, 2 * canvas.grow)
        canvas.lines(lines, colour=GROUND["boundary"], width=1.2 * fine, z=4, dash=dash, name="backdrop-boundaries")


def draw_other_ways(scene: Scene) -> None:
    """Draw the railways and roads of no itinerary that is shown at first, for bearings: stations stand on them."""
    canvas, atlas = scene.canvas, scene.atlas
    shown = shown_at_first(atlas)
    used = [link for link, names in atlas.itineraries_of_links().items() if not shown.isdisjoint(names)]
    others = scene.links[~scene.links.index.isin(used) & scene.links["mode"].isin(["rail", "road"])]
    lines = [run for geometry in others.geometry for run in runs_of(scene.projection.shape(geometry, canvas.frame))]
    canvas.lines(lines, colour=GROUND["boundary"], width=0.5 * canvas.grow, z=4.5, name="backdrop-ways")


def draw_graticule(canvas: Canvas, projection: Projection, room: Room, lang: str) -> None:
    """Draw meridians and parallels at a round distance, named where they leave the frame below and on the left."""
    west, south, east, north = canvas.frame
    low, high = projection.range_in(canvas.frame)
    step = next(size for size in (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.01) if max(high - low) / size >= 5 or size == 0.01)
    font = canvas.font(5, colour=SOFT)
    for axis in (0, 1):
        for value in np.arange(np.ceil(low[axis] / step), np.floor(high[axis] / step) + 1) * step:
            along = np.linspace(low[1 - axis] - step, high[1 - axis] + step, 200)
            line = np.column_stack([np.full(200, value), along] if axis == 0 else [along, np.full(200, value)])
            points = projection.to_page(line[np.abs(line[:, 1]) <= 90])
            points = points[np.isfinite(points).all(axis=1)]
            # Where the projection is cut open a line leaps to the other side.
            leaps = np.flatnonzero(np.hypot(*np.diff(points, axis=0).T) > (east - west) / 2) + 1
            drawn = shapely.multilinestrings([shapely.LineString(run) for run in np.split(points, leaps) if len(run) > 1])
            runs = runs_of(shapely.clip_by_rect(drawn, west, south, east, north))
            canvas.lines(runs, colour="#7d8a92", width=0.35 * canvas.grow, z=5, name=f"graticule-{axis}-{value:g}")
            ends = [end for run in runs for end in (run[0], run[-1]) if abs(end[1 - axis] - (south if axis == 0 else west)) < 0.01]
            for x, y in ends[:1]:
                degrees = wrapped(value)
                side = (("east", "west"), ("north", "south"))[axis][int(degrees < 0)]
                text = number(abs(degrees), lang=lang, digits=2) + (say(f"gis.{side}", lang=lang) if degrees % 180 else "°")
                left, bottom = (x + 1.5, y + 3) if axis == 0 else (x + 3, y + 1.5)
                box = (left, bottom, left + text_width(text, font), bottom + font.size)
                if room.free(box):
                    room.take(box)
                    canvas.text(left, bottom + font.size * 0.15, text, font, z=21, kind="degree", halo=1.5)


def scale_bar(canvas: Canvas, projection: Projection) -> tuple[float, float]:
    """Find a round length in metres and how many points it takes on the page, measured with a geodesic through the map's middle."""
    west, south, east, north = canvas.frame
    room = (east - west) * 0.2
    sizes = [digit * 10.0**power for power in range(1, 7) for digit in (1, 2, 5)]
    metres = max((size for size in sizes if size * projection.points_per_metre <= room), default=sizes[0])
    lon, lat = projection.to_degrees(np.array([((west + east) / 2, (south + north) / 2)]))[0]
    ends = [geod().fwd(lon, lat, azimuth, metres / 2)[:2] for azimuth in (90, 270)]
    return metres, float(np.hypot(*np.diff(projection.to_page(np.array(ends)), axis=0)[0]))


def draw_scale(canvas: Canvas, projection: Projection, room: Room, lang: str, *, figures: bool = True) -> None:
    """Draw the scale bar in the lower corner with the fewest lines, with the scale in figures if the page is for print."""
    west, south, east, _ = canvas.frame
    grow = canvas.grow
    metres, width = scale_bar(canvas, projection)
    font = canvas.font(6)
    ground = metres / (width / 72 * 0.0254)
    digits = 10 ** max(int(np.log10(ground)) - 1, 0)
    label = distance(metres, lang=lang)
    ratio = f"1 : {number(round(ground / digits) * digits, lang=lang)}" if figures else ""
    wide = max(width, text_width(label, font) + text_width(ratio, font) + 14 * grow) + 12 * grow
    high = 18 * grow
    corners: list[Box] = [(x, south + 6 * grow, x + wide, south + 6 * grow + high) for x in (west + 6 * grow, east - 6 * grow - wide)]
    box = min(corners, key=lambda box: (not room.free(box), room.lines_under(box)))
    room.take((box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2))
    canvas.rectangle(box, colour=PAPER, edge="#b5bcc0", width=0.4 * grow, z=19, round_by=1.5 * grow)
    x, y = box[0] + 6 * grow, box[1] + 4.5 * grow
    for i, colour in enumerate((INK, PAPER, INK, PAPER)):
        canvas.rectangle((x + i * width / 4, y, x + (i + 1) * width / 4, y + 2.6 * grow), colour=colour, edge=INK, width=0.5 * grow, z=22)
    canvas.text(x, y + 5 * grow, label, font, z=22, kind="scale")
    if ratio:
        canvas.text(box[2] - 6 * grow - text_width(ratio, font), y + 5 * grow, ratio, font, z=22, kind="scale")
