"""What lies near a line: buffers true on the ellipsoid, the places in them, and the line nearest to a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridormap.errors import UsageError
from corridormap.measure.ellipsoid import areas
from corridormap.measure.frames import LONLAT, described, given
from corridormap.measure.geodesic import subdivided
from corridormap.measure.overlap import chosen, ways_of
from corridormap.measure.referencing import METHOD, chainage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.measure.referencing import Alignment

BUFFER_METHOD = (
    "buffers of stretches of at most {chunk:g} km, each on an azimuthal equidistant plane of its own on WGS 84, united; arcs of {quad} "
    "steps a quadrant; area bounded by geodesics"
)
CHUNK_KM = 100.0
QUADRANT_STEPS = 48
EDGE_M = 5000.0
"""Edges of a buffer are split so that they are the same straight on the plane and on the map."""


def catchment(target: object, *, km: float, places: GeoDataFrame | None = None, atlas: Atlas | None = None) -> GeoDataFrame:
    """Draw the ground within a distance of a line, and list the places in it.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, with all its ways, or a line; see `corridormap.measure.alignment`.
    km : float
        The distance, up to 1,000.
    places : GeoDataFrame, optional
        Points to look for; by default the atlas's layer of places.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        One row: ``target, distance_km, area_km2, places`` (how many) and the buffer, EPSG:4326. ``attrs["places"]`` is the frame of the
        places inside, with ``km`` and ``offset_m`` of the nearest point of the first way, nearest first.

    Raises
    ------
    UsageError
        If the distance is not between 0 and 1,000 km.

    Notes
    -----
    On an azimuthal equidistant plane distances from its centre are true; 150 km from it areas are off by 0.01 %.
    """
    import geopandas as gpd
    import shapely

    if not 0 < km <= 1000:
        raise UsageError(f"a distance of {km:g} km cannot be drawn", hint="Give one above 0 and up to 1000 km.")
    lines = ways_of(target, atlas)
    buffers = [part for line in lines for part in _buffers(line, km)]
    shape = shapely.union_all(buffers)
    if places is None:
        from corridormap.atlas import Atlas

        atlas = atlas or Atlas.open()
        record = next((layer.id for layer in atlas.layers if layer.build == "places"), None)
        places = atlas.layer(record) if record else gpd.GeoDataFrame(geometry=[], crs=LONLAT)
    read = given(places, what="the places")
    inside = shapely.intersects(shape, read.geometries) & ~shapely.is_missing(read.geometries)
    near = places[inside].to_crs(LONLAT)
    found = chainage(lines[0], points=shapely.centroid(near.geometry.to_numpy()))
    near = near.assign(km=found["km"].to_numpy(), offset_m=found["offset_m"].to_numpy()).sort_values("offset_m", kind="stable")
    row = {"target": [lines[0].name], "distance_km": [float(km)], "area_km2": areas(shape)["area_km2"].to_numpy(), "places": [len(near)]}
    frame = gpd.GeoDataFrame(row, geometry=[shape], crs=LONLAT)
    return described(frame, method=BUFFER_METHOD.format(chunk=CHUNK_KM, quad=QUADRANT_STEPS), note=read.note, places=near)


def _buffers(line: Alignment, km: float) -> Iterable[Any]:
    import numpy as np
    import shapely
    from pyproj import Transformer

    coordinates, owner, steps = subdivided(line.coordinates, line.piece, step_km=CHUNK_KM / 10)
    travelled = np.cumsum(steps) / 1000.0
    chunk = (travelled // CHUNK_KM).astype(np.int64)
    for name in np.unique(chunk):
        # One vertex more, so that the stretches meet.
        last = int((chunk == name).nonzero()[0][-1])
        member = (chunk == name) | (np.arange(len(chunk)) == last + 1)
        pieces = [coordinates[member & (owner == piece)] for piece in np.unique(owner[member])]
        middle = coordinates[member].mean(axis=0)
        plane = f"+proj=aeqd +lat_0={middle[1]} +lon_0={middle[0]} +ellps=WGS84 +units=m"
        to_plane = Transformer.from_crs(LONLAT, plane, always_xy=True)
        flat = [np.column_stack(to_plane.transform(*piece.T)) for piece in pieces]
        shapes = [shapely.LineString(piece) if len(piece) > 1 else shapely.Point(piece[0]) for piece in flat]
        wide = shapely.segmentize(shapely.buffer(shapely.union_all(shapes), km * 1000.0, quad_segs=QUADRANT_STEPS), EDGE_M)
        back = Transformer.from_crs(plane, LONLAT, always_xy=True)
        yield shapely.transform(wide, lambda xy, back=back: np.column_stack(back.transform(xy[:, 0], xy[:, 1])))


def nearest(points: object, *, corridors: Iterable[str] | None = None, atlas: Atlas | None = None) -> GeoDataFrame:
    """Find for each point the nearest corridor.

    Parameters
    ----------
    points : GeoDataFrame, GeoSeries, shapely points
        n points.
    corridors : iterable of str, optional
        Ids of corridors and routes; by default the numbered corridors.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame, n rows
        On the points' index: ``corridor, way, km, offset_m, side`` and the nearest point of the line, EPSG:4326. Where corridors share
        track the one listed first is named.

    Raises
    ------
    UsageError
        If there is no such corridor, or none at all.
    DataError
        If a frame has no CRS, or holds something else than points.
    """
    import numpy as np
    import pandas as pd

    from corridormap.atlas import Atlas

    atlas = atlas or Atlas.open()
    best: GeoDataFrame | None = None
    for name in chosen(atlas, corridors):
        for way, line in enumerate(ways_of(name, atlas)):
            found = chainage(line, points=points)[["km", "offset_m", "side", "geometry"]]
            found.insert(0, "corridor", line.name)
            found.insert(1, "way", way)
            if best is None:
                best = found
                continue
            # A millimetre is no reason to prefer another corridor on the same track.
            closer = (found["offset_m"] < best["offset_m"] - 0.001).to_numpy()
            index = best.index
            both = pd.concat([best.reset_index(drop=True), found.reset_index(drop=True)])
            best = both.iloc[np.where(closer, len(index), 0) + np.arange(len(index))].set_axis(index)
    if best is None:
        raise UsageError("no corridor to look at", hint="Name some, or leave `corridors` out.")
    missing = best["offset_m"].isna()
    best.loc[missing, ["corridor", "way"]] = None
    return described(best, method=METHOD, note=given(points).note)
