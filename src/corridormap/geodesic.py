"""Lengths and distances on the ellipsoid, vectorised over arrays of geometries and of points."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import Geod


@cache
def geod(ellipsoid: str = "WGS84") -> Geod:
    """Give an ellipsoid that PROJ knows, by default WGS 84's.

    Raises
    ------
    UsageError
        If PROJ knows none of that name.
    """
    from pyproj import Geod
    from pyproj.exceptions import GeodError

    try:
        return Geod(ellps=ellipsoid)
    except (GeodError, KeyError):
        raise UsageError(f"no ellipsoid {ellipsoid!r}", hint="`proj -le` and pyproj.get_ellps_map() list the names.") from None


def lengths_km(geometries: Sequence[Any] | NDArray[np.object_], *, ellipsoid: str = "WGS84") -> NDArray[np.float64]:
    """Measure the geodesic length of each geometry in lon/lat, in kilometres; all segments go to PROJ in one call.

    None and what is no line count as length 0, of a collection the lines count.
    """
    array = np.asarray(geometries, dtype=object)
    parts, owner = lines_of(array)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    if len(coordinates) < 2:
        return np.zeros(len(array))
    metres = np.asarray(geod(ellipsoid).line_lengths(coordinates[:, 0], coordinates[:, 1]))
    # The way from the end of one line to the start of the next belongs to neither.
    metres[part[1:] != part[:-1]] = 0.0
    return np.bincount(owner[part[1:]], weights=metres, minlength=len(array)) / 1000.0


def parts_of(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Split geometries into single points, lines and polygons, also those of nested collections, and tell whose each is."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    while (shapely.get_type_id(parts) > shapely.GeometryType.POLYGON).any():
        parts, again = shapely.get_parts(parts, return_index=True)
        owner = owner[again]
    return parts, owner


def lines_of(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Take single lines that are not empty out of geometries, also out of nested collections, and tell whose each is."""
    parts, owner = parts_of(geometries)
    found = np.isin(shapely.get_type_id(parts), (1, 2)) & ~shapely.is_empty(parts)
    return parts[found], owner[found]


def distances_m(start: NDArray[np.float64], end: NDArray[np.float64], *, ellipsoid: str = "WGS84") -> NDArray[np.float64]:
    """Measure the geodesic distance between pairs of points (n, 2) in lon/lat, in metres."""
    return np.asarray(geod(ellipsoid).inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2])


def in_space(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn points (n, 2) on the ellipsoid into Earth-centred coordinates (n, 3) in metres."""
    lon, lat = np.radians(lonlat).T
    ball = geod()
    normal = ball.a / np.sqrt(1.0 - ball.es * np.sin(lat) ** 2)
    return np.column_stack([normal * np.cos(lat) * np.cos(lon), normal * np.cos(lat) * np.sin(lon), normal * (1.0 - ball.es) * np.sin(lat)])
