"""Geodesic lengths on WGS 84, vectorised over arrays of geometries."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from pyproj import Geod


@cache
def geod() -> Geod:
    """WGS 84's ellipsoid."""
    from pyproj import Geod

    return Geod(ellps="WGS84")


def lengths_km(geometries: Sequence[Any] | NDArray[np.object_]) -> NDArray[np.float64]:
    """Geodesic length of each line or multiline.

    All segments of all geometries go to PROJ in one call.

    Parameters
    ----------
    geometries : sequence of shapely geometry, shape (n,)
        Lines in lon/lat degrees; None counts as length 0.

    Returns
    -------
    ndarray of float, shape (n,)
        Lengths in kilometres on WGS 84.

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
    metres = geod().inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])[2]
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
