"""The nearest point on a line, for many points at once, on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.measure.geodesic import geod, subdivided

if TYPE_CHECKING:
    from numpy.typing import NDArray

RADIUS_M = 6_371_008.8
"""Mean radius of WGS 84."""
ON_M = 0.01
"""Nearer than this a point is on the line."""
BATCH = 20_000


@dataclass(frozen=True)
class Found:
    """For n points: chainage, distance, side, and the nearest points of the line (n, 2)."""

    km: NDArray[np.float64]
    offset_m: NDArray[np.float64]
    side: NDArray[np.object_]
    places: NDArray[np.float64]


class Feet:
    """A line cut into segments short enough to be flat, indexed."""

    def __init__(self, coordinates: NDArray[np.float64], km: NDArray[np.float64], piece: NDArray[np.int64], *, step_km: float) -> None:
        from pyproj import Transformer

        places, owner, _ = subdivided(coordinates, piece, step_km=step_km)
        same = owner[1:] == owner[:-1]
        self.start, self.end = places[:-1][same], places[1:][same]
        self.azimuth, _, self.metres = geod().inv(self.start[:, 0], self.start[:, 1], self.end[:, 0], self.end[:, 1])
        moves = np.zeros(len(places))
        moves[1:][same] = self.metres
        self.km = (km[0] + np.cumsum(moves) / 1000.0)[:-1][same]
        west, south = coordinates.min(axis=0)
        east, north = coordinates.max(axis=0)
        centre = f"+proj=aeqd +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +ellps=WGS84 +units=m"
        self.to_plane = Transformer.from_crs("EPSG:4326", centre, always_xy=True)
        flat = np.column_stack([*self.to_plane.transform(*self.start.T), *self.to_plane.transform(*self.end.T)]).reshape(-1, 2, 2)
        self.tree = shapely.STRtree(shapely.linestrings(flat))
        self.space = _in_space(self.start)
        self.chord = _in_space(self.end) - self.space
        self.reach = float(np.hypot(*flat.reshape(-1, 2).T).max())

    def of(self, lonlat: NDArray[np.float64]) -> Found:
        """Find the feet of points (n, 2)."""
        parts = [self._of(lonlat[first : first + BATCH]) for first in range(0, len(lonlat), BATCH)]
        if not parts:
            return Found(np.empty(0), np.empty(0), np.empty(0, dtype=object), np.empty((0, 2)))
        return Found(
            np.concatenate([part.km for part in parts]),
            np.concatenate([part.offset_m for part in parts]),
            np.concatenate([part.side for part in parts]),
            np.concatenate([part.places for part in parts]),
        )

    def _of(self, lonlat: NDArray[np.float64]) -> Found:
        flat = np.column_stack(self.to_plane.transform(*lonlat.T))
        points = shapely.points(flat)
        (_, _), near = self.tree.query_nearest(points, return_distance=True, all_matches=False)
        # An azimuthal equidistant plane stretches what lies an arc c from its centre by c / sin c across: so much farther may seem nearest.
        arc = np.minimum(np.maximum(np.hypot(*flat.T), self.reach) / RADIUS_M, 2.5)
        point, segment = self.tree.query(points, predicate="dwithin", distance=near * (arc / np.sin(arc) + 0.001) + 1.0)
        # Of those as near as the nearest to a millimetre, the first in the line.
        order = np.lexsort((segment, np.round(self._gap(_in_space(lonlat)[point], segment), 3), point))
        segment = segment[order[np.unique(point[order], return_index=True)[1]]]
        along, across = self._project(lonlat, segment)
        lon, lat, _ = geod().fwd(self.start[segment, 0], self.start[segment, 1], self.azimuth[segment], along)
        _, _, offset = geod().inv(lonlat[:, 0], lonlat[:, 1], lon, lat)
        side = np.where(offset <= ON_M, "on", np.where(across > 0, "left", "right")).astype(object)
        return Found(self.km[segment] + along / 1000.0, np.asarray(offset), side, np.column_stack([lon, lat]))

    def _gap(self, at: NDArray[np.float64], segment: NDArray[np.int64]) -> NDArray[np.float64]:
        """Distance in metres through the Earth between points and the chords of segments; it grows as that over ground does."""
        start, chord = self.space[segment], self.chord[segment]
        share = np.einsum("ij,ij->i", at - start, chord) / np.maximum(np.einsum("ij,ij->i", chord, chord), 1e-9)
        away = at - start - np.clip(share, 0.0, 1.0)[:, None] * chord
        gap: NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", away, away))
        return gap

    def _project(self, lonlat: NDArray[np.float64], segment: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How far along its segment each point's foot lies and how far left of it the point is, in metres."""
        start, metres = self.start[segment], self.metres[segment]
        azimuth, _, distance = geod().inv(start[:, 0], start[:, 1], lonlat[:, 0], lonlat[:, 1])
        angle = np.radians(self.azimuth[segment] - azimuth)
        # On a sphere; exact where it matters, within a segment's length of the line.
        arc = distance / RADIUS_M
        across = np.arcsin(np.clip(np.sin(arc) * np.sin(angle), -1.0, 1.0)) * RADIUS_M
        ahead = np.arctan2(np.sin(arc) * np.cos(angle), np.cos(arc)) * RADIUS_M
        return np.clip(ahead, 0.0, metres), across


def _in_space(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Earth-centred coordinates (n, 3) in metres of points on the ellipsoid."""
    lon, lat = np.radians(lonlat).T
    ball = geod()
    normal = ball.a / np.sqrt(1.0 - ball.es * np.sin(lat) ** 2)
    return np.column_stack([normal * np.cos(lat) * np.cos(lon), normal * np.cos(lat) * np.sin(lon), normal * (1.0 - ball.es) * np.sin(lat)])
