"""What lies near a line or a place: buffers true on the ellipsoid, the places in them, and the line nearest to a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.antimeridian import one_world, unwrapped
from corridormap.atlas import Atlas
from corridormap.errors import UsageError
from corridormap.geodesic import centre_of, plane_about, subdivided
from corridormap.measure.alignments import alignments, chosen
from corridormap.measure.centres import centres, is_place, places_of
from corridormap.measure.ellipsoid import areas
from corridormap.measure.inputs import LONLAT, check_numbers, described, texts
from corridormap.measure.nearest_points import RADIUS_M, NearestPoints
from corridormap.measure.referencing import METHOD, method_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.alignments import Alignment
    from corridormap.measure.inputs import GeometryLike, Inputs
    from corridormap.measure.nearest_points import Found

BUFFER_METHOD = (
    "buffers of stretches of at most {chunk:g} km, each on a plane of its own on WGS 84, transverse Mercator up to {narrow:g} km and "
    "azimuthal equidistant beyond, united; arcs of {quad} steps a quadrant; area bounded by geodesics"
)
CHUNK_KM = 100.0
QUADRANT_STEPS = 48
EDGE_M = 5000.0
SAG = 0.0005
"""Edges of a buffer are split so that straight on the map they leave those on the plane by this share of its width at 45°, or less."""
LARGEST_KM = 1000.0
NARROW_KM = 50.0
"""So far about a stretch a transverse Mercator plane is as true as an azimuthal equidistant one, and five times as fast."""


def catchment(target: object, *, km: float, places: GeometryLike | None = None, atlas: Atlas | None = None) -> GeoDataFrame:
    """Draw the ground within a distance of a line or a place, and count the places on it.

    Parameters
    ----------
    target : str, (lon, lat), line or point, or frame of lines or points
        A corridor's id or number, with all its ways, or lines; see `corridormap.measure.alignment`, which spares work where one line is
        asked again and again. Or points; or a place of the atlas: the id of a node, or a place's name in any language. Where a town and
        its station are called the same the town is meant.
    km : float
        The distance, up to 1,000.
    places : GeoDataFrame or file, optional
        Points to count; by default the atlas's layer of places. `places_within` lists them.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        One row: ``target, distance_km, area_km2, places`` (how many) and the ground, EPSG:4326, cut at the 180th meridian.

    Raises
    ------
    UsageError
        If the distance is not between 0 and 1,000 km, or reaches a pole; or there is no such corridor or place.
    DataError
        If there is no line, or a frame has no CRS.

    Notes
    -----
    On an azimuthal equidistant plane distances from its centre are true; 150 km from it areas are off by 0.01 %. Up to 50 km from the line
    a transverse Mercator plane takes its place: distances on it are at most 0.012 % too long. The arcs lie within the true ones and make a
    circle 0.02 % too small.

    Examples
    --------
    >>> from shapely import LineString
    >>> ground = catchment(LineString([(66, 50), (67, 50)]), km=10)
    >>> round(ground.area_km2.item())
    1748
    """
    import geopandas as gpd

    _check(km)
    lines = centres(target, atlas=atlas)
    about, _ = centre_of(lines[0].coordinates)
    shape = one_world(_united(np.array([part for line in lines for part in _buffers(line, km, about)], dtype=object)))
    read, _, found = _within(lines, km, places, atlas)
    row = {"target": texts([lines[0].name]), "distance_km": [float(km)], "area_km2": areas(shape)["area_km2"], "places": [len(found.km)]}
    frame = gpd.GeoDataFrame(row, geometry=[shape], crs=LONLAT)
    notes = dict.fromkeys([*(line.note for line in lines), read.note])
    return described(frame, *notes, method=BUFFER_METHOD.format(chunk=CHUNK_KM, narrow=NARROW_KM, quad=QUADRANT_STEPS))


def places_within(target: object, *, km: float, places: GeometryLike | None = None, atlas: Atlas | None = None) -> GeoDataFrame:
    """List the places within a distance of a line or a place, the nearest first.

    Parameters
    ----------
    target : str, (lon, lat), line or point, or frame of lines or points
        A corridor's id or number, with all its ways, or lines; see `corridormap.measure.alignment`. Or points; or a place of the atlas:
        the id of a node, or a place's name in any language. Where a town and its station are called the same the town is meant.
    km : float
        The distance, up to 1,000.
    places : GeoDataFrame or file, optional
        Points to look for; by default the atlas's layer of places.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        The rows of `places` that are near enough, as they are, in EPSG:4326, with ``way`` (of a frame of lines which line), ``km`` on it,
        ``offset_m`` and ``side`` of the nearest point, as in `corridormap.measure.chainage`, in place of columns of these names. Of a place
        ``km`` and ``side`` are missing.

    Raises
    ------
    UsageError
        If the distance is not between 0 and 1,000 km; or there is no such corridor or place.
    DataError
        If there is no line, a frame has no CRS, or the places hold something else than points.

    Examples
    --------
    >>> towns = places_within("rail-1-northern", km=1)
    >>> towns.set_index("id").km.round()["karaganda"].item()
    1175.0
    >>> places_within("Almaty", km=10).id.tolist()
    ['almaty-town', 'almaty-1']
    """
    _check(km)
    lines = centres(target, atlas=atlas)
    read, near, found = _within(lines, km, places, atlas)
    assert read.frame is not None
    km_said, side = np.full(len(found.km), np.nan), found.side.copy()
    for way, line in enumerate(lines):
        here = found.line == way
        if is_place(line):
            side[here] = None
        else:
            km_said[here] = line.said(found.km[here])
    shown = read.frame[near].to_crs(LONLAT).assign(way=found.line, km=km_said, offset_m=found.offset_m)
    shown["side"] = texts(side, shown.index)
    replaced = [name for name in ("way", "km", "offset_m", "side") if name in read.frame]
    note = f"columns of the places that are replaced: {', '.join(replaced)}" if replaced else ""
    notes = dict.fromkeys([*(line.note for line in lines), read.note, note])
    return described(shown.sort_values("offset_m", kind="stable"), *notes, method="; ".join(dict.fromkeys(map(method_of, lines))))


def _check(km: float) -> None:
    check_numbers(km=km)
    if not 0 < km <= LARGEST_KM:
        raise UsageError(f"a distance of {km:g} km cannot be drawn", hint=f"Give one above 0 and up to {LARGEST_KM:g} km.")


def _within(lines: list[Alignment], km: float, places: GeometryLike | None, atlas: Atlas | None) -> tuple[Inputs, NDArray[np.bool_], Found]:
    """Find the places that are near enough: all of them, which, and the points of the lines nearest to those."""
    import geopandas as gpd

    if places is None:
        built = places_of(atlas or Atlas.open())
        places = gpd.GeoDataFrame(geometry=[], crs=LONLAT) if built is None else built
    index = lines[0].nearest if len(lines) == 1 else NearestPoints([line.vertices for line in lines])
    read, found = index.of_points(places)
    if read.frame is None:
        raise UsageError(f"the places must be a GeoDataFrame, not {type(places).__name__}")
    near = found.offset_m <= km * 1000.0
    return read, near, found.at(near)


def _buffers(line: Alignment, km: float, about: float) -> Iterator[Any]:
    """Draw the ground about each short stretch of a line, in longitudes that do not jump."""
    coordinates, piece, steps = subdivided(line.coordinates, line.piece, step_km=CHUNK_KM / 10, metres=np.diff(line.km) * 1000.0)
    stretch = (np.cumsum(steps) / 1000.0 // CHUNK_KM).astype(np.int64)
    first = np.append(0, np.flatnonzero((np.diff(stretch) > 0) | (np.diff(piece) > 0)) + 1)
    for start, stop in zip(first, np.append(first[1:], len(piece)), strict=True):
        # One vertex more within a piece, so that the stretches meet.
        vertices = coordinates[start : stop + 1 if stop < len(piece) and piece[stop] == piece[start] else stop]
        centre, lat = centre_of(vertices)
        if abs(lat) + (km + CHUNK_KM) / 111.0 >= 90.0:
            raise UsageError(f"{km:g} km about {line.name} reach a pole, which no map in degrees can show", hint="Give a smaller distance.")
        plane = plane_about(vertices, kind="tmerc" if km <= NARROW_KM else "aeqd")
        flat = np.column_stack(plane(*vertices.T))
        shape = shapely.LineString(flat) if len(flat) > 1 and not is_place(line) else shapely.Point(flat[0])
        edge = min(EDGE_M, float(np.sqrt(8.0 * RADIUS_M * SAG * km * 1000.0)))
        wide = shapely.segmentize(shapely.buffer(shape, km * 1000.0, quad_segs=QUADRANT_STEPS), edge)
        near = about + (centre - about + 180.0) % 360.0 - 180.0
        yield shapely.transform(
            wide, lambda xy, plane=plane, near=near: unwrapped(np.column_stack(plane(xy[:, 0], xy[:, 1], inverse=True)), about=near)
        )


def _united(shapes: NDArray[np.object_]) -> Any:
    """Unite shapes in their order; where none meets any but its neighbours, all in one step, which is quicker."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    if ((one != other) & ((one - other) % 2 == 0)).any():
        return shapely.union_all(shapes)
    return shapely.union(*(shapely.MultiPolygon([*shapely.get_parts(shapes[turn::2])]) for turn in (0, 1)))


def nearest(points: object, *, corridors: Iterable[str | int] | None = None, atlas: Atlas | None = None) -> GeoDataFrame:
    """Find for each point the nearest corridor.

    Parameters
    ----------
    points : GeoDataFrame, GeoSeries, shapely points, a file, or (lon, lat)
        n points.
    corridors : iterable of str or int, optional
        Ids or numbers of corridors and routes; by default the numbered ones, or all if none has a number.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame, n rows
        On the points' index: ``corridor, way`` (nullable integer), ``km, offset_m, side`` and the nearest point of the line, EPSG:4326.
        Where corridors share track the one listed first is named. Rows without a point are None and NaN.

    Raises
    ------
    UsageError
        If there is no such corridor, or none at all.
    DataError
        If a frame has no CRS, or holds something else than points.

    Examples
    --------
    >>> import shapely
    >>> found = nearest(shapely.points([(73.1, 49.8), (52.0, 47.1)]))
    >>> found.corridor.tolist()
    ['rail-1-northern', 'rail-4-north-south']
    """
    import geopandas as gpd
    import pandas as pd

    atlas = atlas or Atlas.open()
    ways = [alignments(name, atlas=atlas) for name in chosen(atlas, corridors)]
    if not ways:
        raise UsageError("no corridor to look at", hint="Name some, or leave `corridors` out.")
    lines = [line for way in ways for line in way]
    names = np.array([*(line.name for line in lines), None], dtype=object)
    numbers = np.concatenate([*(np.arange(len(way)) for way in ways), [np.nan]])
    read, found = NearestPoints([line.vertices for line in lines]).of_points(points)
    table = {
        # Rows without a point take the last.
        "corridor": texts(names[found.line], read.index),
        "way": pd.array(numbers[found.line], dtype="Int64"),
        "km": found.km,
        "offset_m": found.offset_m,
        "side": texts(found.side, read.index),
    }
    notes = dict.fromkeys([read.note, *(lines[line].note for line in np.unique(found.line[found.line >= 0]))])
    return described(gpd.GeoDataFrame(table, index=read.index, geometry=found.geometries(), crs=LONLAT), *notes, method=METHOD)
