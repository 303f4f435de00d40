"""Boxes and geometries across the 180th meridian.

A box whose west is greater than its east lies across the meridian (RFC 7946, 5.2). Facts and layers keep their longitudes; to be drawn,
geometries are carried into one continuous range, which goes on beyond 180°.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

__all__ = [
    "carried",
    "carried_frame",
    "continuous",
    "crosses",
    "is_box",
    "narrowest",
    "on_earth",
    "one_world",
    "unwrapped",
    "within",
    "wrapped",
    "wrapped_box",
]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def is_box(box: Box) -> bool:
    """Tell whether four numbers are west, south, east, north in degrees, within ±180 and ±90, and leave some room between."""
    west, south, east, north = box
    return -180 <= west <= 180 and -180 <= east <= 180 and west != east and -90 <= south < north <= 90 and (west, east) != (180, -180)


def crosses(box: Box) -> bool:
    """Tell whether a box lies across the 180th meridian."""
    return box[0] > box[2]


def continuous(box: Box) -> Box:
    """Give a box as one continuous range of longitudes: one across the 180th meridian ends beyond 180°, others stay as they are."""
    west, south, east, north = box
    return (west, south, east + 360.0, north) if crosses(box) else box


def wrapped(lon: float) -> float:
    """Bring a longitude within ±180, to 9 decimals, since taking turns away costs the last digits; one that lies there stays as it is."""
    return round(lon - 360.0 * round(lon / 360.0), 9) if abs(lon) > 180.0 else lon


def on_earth(path: list[list[float]]) -> list[list[float]]:
    """Bring a path (vertices of longitude, latitude …) that lies beyond the 180th meridian as a whole back within ±180."""
    lons = [vertex[0] for vertex in path]
    turn = -360.0 if min(lons) >= 180.0 else 360.0 if max(lons) <= -180.0 else 0.0
    return [[round(lon + turn, 9), *rest] for lon, *rest in path] if turn and max(map(abs, lons)) > 180.0 else path


def wrapped_box(box: Box) -> Box:
    """Bring a continuous range of longitudes back within ±180; what is as wide as the world is the whole of it."""
    west, south, east, north = box
    return (-180.0, south, 180.0, north) if east - west >= 360.0 else (wrapped(west), south, wrapped(east), north)


def narrowest(west: NDArray[np.float64], east: NDArray[np.float64]) -> tuple[float, float]:
    """Find the narrowest continuous range of longitudes that holds some within ±180 (n,): the widest gap between them is left out.

    It may end beyond 180°; where the gap at the 180th meridian is as wide as any, it does not.
    """
    import numpy as np

    order = np.argsort(west)
    west, reached = west[order], np.maximum.accumulate(east[order])
    gaps = np.append(west[1:] - reached[:-1], west[0] + 360.0 - reached[-1])
    last = len(gaps) - 1
    widest = last if gaps[last] >= gaps.max() else int(gaps.argmax())
    return (float(west[0]), float(reached[-1])) if widest == last else (float(west[widest + 1]), float(reached[widest]) + 360.0)


def within(box: Box, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points (n, 2) lie within a box or on its edge; a longitude may be whole turns off."""
    west, south, east, north = continuous(box)
    lon, lat = lonlat.T
    back, here, on = ((lon + turn >= west) & (lon + turn <= east) for turn in (-360.0, 0.0, 360.0))
    inside: NDArray[np.bool_] = (back | here | on) & (lat >= south) & (lat <= north)
    return inside


def carried(geometries: Sequence[Any] | NDArray[np.object_], *, box: Box) -> NDArray[np.object_]:
    """Carry geometries in lon/lat to where a box across the 180th meridian, as a continuous range, has them; else give them as they are.

    Each point, line and area comes as a whole to the turn that brings its middle nearest to the box's. Lines that leap across the meridian
    go on beyond it instead, and areas that were cut there are one again. None and empty geometries stay.
    """
    import numpy as np
    import shapely

    from corridormap.geodesic import parts_of

    array = np.asarray(geometries, dtype=object)
    if not crosses(box) or not len(array):
        return array
    west, _, east, _ = continuous(box)
    parts, _ = parts_of(array)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    if not len(xy):
        return array
    starts = np.flatnonzero(np.diff(part, prepend=-1))
    line = shapely.get_type_id(parts)[part] == shapely.GeometryType.LINESTRING
    turns = np.cumsum(np.where(line, -np.round(np.diff(xy[:, 0], prepend=xy[0, 0]) / 360.0), 0.0))
    lengths = np.diff(np.append(starts, len(xy)))
    lon = xy[:, 0] + 360.0 * (turns - np.repeat(turns[starts], lengths))
    middle = (np.minimum.reduceat(lon, starts) + np.maximum.reduceat(lon, starts)) / 2
    lon -= np.repeat(360.0 * np.round((middle - (west + east) / 2) / 360.0), lengths)
    moved = shapely.set_coordinates(array.copy(), np.column_stack([lon, xy[:, 1]]))
    cut = (shapely.get_type_id(moved) == shapely.GeometryType.MULTIPOLYGON) & (np.abs(shapely.bounds(array)[:, ::2]) >= 180.0).any(axis=1)
    moved[cut] = [shapely.union_all(shapely.get_parts(one)) for one in moved[cut]]
    return np.asarray(moved)


def carried_frame(frame: GeoDataFrame, *, box: Box) -> GeoDataFrame:
    """Carry the geometries of a frame, see `carried`; the frame itself where nothing is to be carried."""
    return frame.set_geometry(carried(frame.geometry.to_numpy(), box=box), crs=frame.crs) if crosses(box) else frame


def unwrapped(lonlat: NDArray[np.float64], *, about: float = 0.0) -> NDArray[np.float64]:
    """Bring the longitudes of points (n, 2) within 180° of one, so that nothing jumps at the 180th meridian."""
    import numpy as np

    # Whole turns only: where nothing jumps not a bit changes.
    return lonlat - np.column_stack([360.0 * np.round((lonlat[:, 0] - about) / 360.0), np.zeros(len(lonlat))])


def one_world(shape: Any) -> Any:
    """Cut a shape at the 180th meridian, and bring what lies beyond it back onto the map; a missing or empty one stays as it is."""
    import shapely

    west, _, east, _ = (0.0,) * 4 if shape is None or shape.is_empty else shape.bounds
    if west >= -180.0 and east <= 180.0:
        return shape
    turns = range(int((west + 180.0) // 360.0), int((east + 180.0) // 360.0) + 1)
    parts = [
        shapely.transform(
            shapely.intersection(shape, shapely.box(-180.0 + 360.0 * turn, -90.0, 180.0 + 360.0 * turn, 90.0)),
            lambda xy, turn=turn: xy - [360.0 * turn, 0.0],
        )
        for turn in turns
    ]
    return shapely.union_all(parts)
