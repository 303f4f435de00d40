"""Lengths, distances, planes and short segments on the ellipsoid, vectorised over arrays of geometries and of points."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyproj import Geod, Proj
METRES_PER_DEGREE = 111_320.0
"""Of latitude, or of longitude on the equator, nearly."""
SPLIT_KM = 5.0
"""Segments split as geodesics so long are nearly flat."""


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


def centre_of(lonlat: NDArray[np.float64]) -> tuple[float, float]:
    """Find the longitude and latitude in the midst of points (n, 2), also where they lie on both sides of the 180th meridian."""
    x, y, z = in_space(lonlat).mean(axis=0)
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def plane_about(lonlat: NDArray[np.float64], *, kind: str = "aeqd") -> Proj:
    """Make a plane on WGS 84, in metres, about the midst of points (n, 2); of PROJ's kinds by default the azimuthal equidistant one."""
    from pyproj import Proj

    lon, lat = centre_of(lonlat)
    return Proj(proj=kind, lon_0=lon, lat_0=lat, ellps="WGS84")


def subdivided(
    coordinates: NDArray[np.float64],
    part: NDArray[np.int64],
    *,
    step_km: float,
    ellipsoid: str = "WGS84",
    metres: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Set more vertices between those (n, 2) in lon/lat, at most a step apart, where consecutive ones are of the same part (n,).

    Give coordinates (m, 2), parts (m,), and the distance in metres of each vertex from the one before it, nought at the start of a part.
    Where the distances (n - 1,) between the vertices are known already, only what is long is measured again.
    """
    here, there = coordinates[:-1], coordinates[1:]
    metres = distances_m(here, there, ellipsoid=ellipsoid) if metres is None else metres
    metres = np.where(part[1:] == part[:-1], metres, 0.0)
    count = np.maximum(np.ceil(metres / (step_km * 1000.0)).astype(np.int64), 1)
    segment = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    places = here[segment].copy()
    new, long = within > 0, count > 1
    if long.any():
        ball = geod(ellipsoid)
        azimuth = np.zeros(len(count))
        azimuth[long] = ball.inv(here[long, 0], here[long, 1], there[long, 0], there[long, 1])[0]
        at = segment[new]
        lon, lat, _ = ball.fwd(here[at, 0], here[at, 1], azimuth[at], metres[at] * within[new] / count[at])
        places[new] = np.column_stack([lon, lat])
    places = np.vstack([places, coordinates[-1:]])
    owner = np.append(part[segment], part[-1])
    steps = np.append(0.0, (metres / count)[segment])
    return places, owner, steps
