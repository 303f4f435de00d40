"""Planes about points, and lines split into geodesics that are nearly flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridormap.geodesic import distances_m, geod, in_space

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyproj import Proj

SPLIT_KM = 5.0
"""Segments split as geodesics so long are nearly flat."""


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
