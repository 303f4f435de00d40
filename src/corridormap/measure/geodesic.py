"""Geodesic lengths on WGS 84, vectorised over arrays of geometries."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from corridormap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from pyproj import Geod


@cache
def geod(ellipsoid: str = "WGS84") -> Geod:
    """An ellipsoid that PROJ knows, by default WGS 84's.

    Raises
    ------
    UsageError
        If PROJ knows none of that name.
    """
    from pyproj import Geod
    from pyproj.exceptions import GeodError

    try:
        return Geod(ellps=ellipsoid)
    except GeodError:
        raise UsageError(f"no ellipsoid {ellipsoid!r}", hint="`proj -le` and pyproj.get_ellps_map() list the names.") from None


def lengths_km(geometries: Sequence[Any] | NDArray[np.object_], *, ellipsoid: str = "WGS84") -> NDArray[np.float64]:
    """Geodesic length of each line or multiline.

    All segments of all geometries go to PROJ in one call.

    Parameters
    ----------
    geometries : sequence of shapely geometry, shape (n,)
        Lines in lon/lat degrees; None counts as length 0.
    ellipsoid : str
        One that PROJ knows.

    Returns
    -------
    ndarray of float, shape (n,)
        Lengths in kilometres.

    Notes
    -----
    Inverse geodesic problem after Karney (2013), *Algorithms for geodesics*, J. Geod. 87, 43–55, as implemented in PROJ.
    """
    import numpy as np
    import shapely

    array = np.asarray(geometries, dtype=object)
    parts, owner = shapely.get_parts(array, return_index=True)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    same = part[1:] == part[:-1]
    start, end = coordinates[:-1][same], coordinates[1:][same]
    if len(start) == 0:
        return np.zeros(len(array))
    metres = geod(ellipsoid).inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
    return np.bincount(owner[part[1:][same]], weights=metres, minlength=len(array)) / 1000.0


def distances_m(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Geodesic distance between pairs of points.

    Parameters
    ----------
    start, end : ndarray of float, shape (n, 2)
        Lon/lat degrees.

    Returns
    -------
    ndarray of float, shape (n,)
        Metres on WGS 84.
    """
    import numpy as np

    return np.asarray(geod().inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2])


def densified(geometries: NDArray[np.object_], *, step_km: float, ellipsoid: str = "WGS84") -> NDArray[np.object_]:
    """Set more vertices on the geodesics between those of lines, so that straight lines on a map keep close to them.

    Parameters
    ----------
    geometries : ndarray of shapely geometry, shape (n,)
        In lon/lat; what is no line or multiline is given back as it is.
    step_km : float
        Largest distance between vertices.
    ellipsoid : str
        One that PROJ knows.
    """
    import numpy as np
    import shapely

    out = np.asarray(geometries, dtype=object).copy()
    wanted = np.isin(shapely.get_type_id(out), (1, 2, 5)) & ~shapely.is_empty(out)
    if not wanted.any():
        return out
    parts, owner = shapely.get_parts(out[wanted], return_index=True)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    places, part, _ = subdivided(coordinates, part, step_km=step_km, ellipsoid=ellipsoid)
    lines = shapely.linestrings(places, indices=part)
    out[wanted] = shapely.multilinestrings(lines, indices=owner)
    single = wanted & np.isin(shapely.get_type_id(np.asarray(geometries, dtype=object)), (1, 2))
    out[single] = shapely.get_geometry(out[single], 0)
    return out


def subdivided(
    coordinates: NDArray[np.float64], part: NDArray[np.int64], *, step_km: float, ellipsoid: str = "WGS84"
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Set more vertices between consecutive ones of the same part.

    Parameters
    ----------
    coordinates : ndarray of float, shape (n, 2)
        Lon/lat degrees.
    part : ndarray of int, shape (n,)
        The line each vertex belongs to, in rising order.
    step_km : float
        Largest distance between vertices.
    ellipsoid : str
        One that PROJ knows.

    Returns
    -------
    tuple of ndarray
        Coordinates (m, 2), parts (m,), and the distance in metres of each vertex from the one before it, nought at the start of a part.
    """
    import numpy as np

    ball = geod(ellipsoid)
    here, there = coordinates[:-1], coordinates[1:]
    azimuth, _, metres = ball.inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    metres = np.where(part[1:] == part[:-1], metres, 0.0)
    count = np.maximum(np.ceil(metres / (step_km * 1000.0)).astype(np.int64), 1)
    segment = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    distance = metres[segment] * within / count[segment]
    places = here[segment].copy()
    new = within > 0
    lon, lat, _ = ball.fwd(here[segment[new], 0], here[segment[new], 1], azimuth[segment[new]], distance[new])
    places[new] = np.column_stack([lon, lat])
    places = np.vstack([places, coordinates[-1:]])
    owner = np.append(part[segment], part[-1])
    steps = np.append(0.0, (metres / count)[segment])
    return places, owner, steps
