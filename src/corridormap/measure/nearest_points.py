"""The nearest point on lines, for many points at once, on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import DataError
from corridormap.geodesic import SPLIT_KM, geod, in_space, plane_about, subdivided
from corridormap.measure.inputs import read_input
from corridormap.phrases import other_way_round

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corridormap.measure.inputs import Inputs

    Vertices = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]
    """The vertices of a line: lon/lat (n, 2), the chainage of each (n,), and the piece it belongs to (n,)."""

RADIUS_M = 6_371_008.8
"""Mean radius of WGS 84."""
ON_M = 0.01
"""Nearer than this a point is on the line."""
SAME_M = 1e-5
"""Of segments that are as near as the nearest but for this, the first counts. More would put far points metres from their chainage."""
FAR_M = 5_000.0
"""The nearest points to places farther off are found in two steps."""
WIDE_RAD = 1.2
"""Farther than this from its centre a plane is too wide to find neighbours on: all segments are tried."""
DOUBTFUL_KM = 200.0
"""Of points farther off it is asked whether latitude and longitude are swapped."""
BATCH = 20_000
DENSE = 20_000_000
"""Points times segments looked at together, at most, so that what is tried fits into memory."""
PAIRS = 2_000_000


@dataclass(frozen=True, eq=False)
class Found:
    """For n points: which line is nearest, chainage on it, distance, side, and its nearest points (n, 2)."""

    line: NDArray[np.int64]
    km: NDArray[np.float64]
    offset_m: NDArray[np.float64]
    side: NDArray[np.object_]
    places: NDArray[np.float64]

    def at(self, rows: NDArray[Any]) -> Found:
        """Take some of the rows."""
        return Found(self.line[rows], self.km[rows], self.offset_m[rows], self.side[rows], self.places[rows])

    def geometries(self) -> NDArray[np.object_]:
        """Give the nearest points as geometries, None where there is none."""
        points = np.full(len(self.places), None, dtype=object)
        there = self.line >= 0
        points[there] = shapely.points(self.places[there])
        return points


class NearestPoints:
    """Lines, at least one, cut into segments short enough to be flat, indexed; of lines that share track the first is found."""

    def __init__(self, lines: Sequence[Vertices]) -> None:
        parts = [_cut(*line) for line in lines]
        self.start, self.end, self.km, joined = (np.concatenate(column) for column in zip(*parts, strict=True))
        self.line = np.repeat(np.arange(len(lines)), [len(part[0]) for part in parts])
        self.azimuth, back, self.metres = geod().inv(self.start[:, 0], self.start[:, 1], self.end[:, 0], self.end[:, 1])
        # How much the line turns right at the start of a segment, and at its end; nought where it begins or ends.
        turn = np.where(joined[1:], np.sin(np.radians(self.azimuth[1:] - (back[:-1] + 180.0))), 0.0)
        self.turn = np.append(0.0, turn), np.append(turn, 0.0)
        self.plane = plane_about(self.start)
        flat = np.stack(_ends(joined, self.start, self.end, lambda places: np.column_stack(self.plane(*places.T))), axis=1)
        self.tree = shapely.STRtree(shapely.linestrings(flat))
        self.reach = float(np.hypot(*flat.reshape(-1, 2).T).max()) / RADIUS_M
        self.space, ends = _ends(joined, self.start, self.end, in_space)
        self.chord = ends - self.space
        self.square = np.maximum(np.einsum("ij,ij->i", self.chord, self.chord), 1e-9)

    def of(self, lonlat: NDArray[np.float64]) -> Found:
        """Find the point of the lines nearest to each of n places (n, 2)."""
        # Far off a line that is dense many segments are as near as the nearest, but for what the plane stretches.
        step = int(np.clip(DENSE // len(self.km), 1, BATCH))
        parts = [self._of(lonlat[first : first + step]) for first in range(0, max(len(lonlat), 1), step)]
        return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def of_points(self, points: object) -> tuple[Inputs, Found]:
        """Find the points nearest to a caller's; line -1, NaN and None in rows without a point.

        Raises
        ------
        DataError
            If there is something else than points among them.
        """
        read = as_points(points)
        kinds = shapely.get_type_id(read.geometries)
        if not np.isin(kinds, (-1, 0)).all():
            raise DataError("holds something else than points", where="the points", hint="Take their representative_point() or centroid.")
        there = (kinds == 0) & ~shapely.is_empty(read.geometries)
        places = np.full((len(there), 2), np.nan)
        places[there] = shapely.get_coordinates(read.geometries[there])
        found = self.of(places[there])
        line, km, offset = np.full(len(there), -1), np.full(len(there), np.nan), np.full(len(there), np.nan)
        side = np.full(len(there), None, dtype=object)
        line[there], km[there], offset[there], side[there], places[there] = found.line, found.km, found.offset_m, found.side, found.places
        if note := self._swapped(shapely.get_coordinates(read.geometries[there]), found.offset_m):
            read = replace(read, note="; ".join(filter(None, (read.note, note))))
        return read, Found(line, km, offset, side, places)

    def _swapped(self, lonlat: NDArray[np.float64], offset_m: NDArray[np.float64]) -> str:
        """Say of points that lie so far off that latitude may stand before longitude, if they would lie near otherwise."""
        doubtful = np.flatnonzero((offset_m > 1000.0 * DOUBTFUL_KM) & (np.abs(lonlat[:, 0]) <= 90.0))
        if not len(doubtful):
            return ""
        turned = shapely.points(np.column_stack(self.plane(*lonlat[doubtful, ::-1].T)))
        (point, _), distance = self.tree.query_nearest(turned, return_distance=True, all_matches=False)
        near = doubtful[point][distance < 0.1 * offset_m[doubtful[point]]]
        if not len(near):
            return ""
        lon, lat = lonlat[near[0]]
        return f"{lon:g}, {lat:g} lies {offset_m[near[0]] / 1000:,.0f} km off; {other_way_round(lon, lat)}"

    def _of(self, lonlat: NDArray[np.float64]) -> tuple[NDArray[Any], ...]:
        segment, share = self._nearest(lonlat)
        metres = self.metres[segment]
        along = share * metres
        places, offset, angle = self._aside(segment, along, lonlat)
        # The chord is as good as the ground to find what is nearest to a point nearby; of one far off it needs a second step.
        far = offset > FAR_M
        if far.any():
            arc = offset[far] / RADIUS_M
            more = np.arctan2(np.sin(arc) * np.cos(angle[far]), np.cos(arc)) * RADIUS_M
            along[far] = np.clip(along[far] + more, 0.0, metres[far])
            places[far], offset[far], angle[far] = self._aside(segment[far], along[far], lonlat[far])
        right = np.sin(angle)
        # Off the outside of a bend neither segment tells the side, but the bend does.
        for turn, here in zip(self.turn, (along <= 0.0, along >= metres), strict=True):
            bend = here & (np.abs(turn[segment]) > 1e-9)
            right[bend] = -turn[segment[bend]]
        side = np.where(offset <= ON_M, "on", np.where(right > 0, "right", "left")).astype(object)
        return self.line[segment], self.km[segment] + along / 1000.0, offset, side, places

    def _aside(
        self, segment: NDArray[np.int64], along: NDArray[np.float64], lonlat: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Find the places so far along segments, and from there the distance of each point, and its angle to the line."""
        start = self.start[segment]
        lon, lat, back = geod().fwd(start[:, 0], start[:, 1], self.azimuth[segment], along)
        towards, _, offset = geod().inv(lon, lat, lonlat[:, 0], lonlat[:, 1])
        return np.column_stack([lon, lat]), np.asarray(offset), np.radians(towards - (np.asarray(back) + 180.0))

    def _nearest(self, lonlat: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Find the nearest segment of each point, and how far along it the nearest point lies, 0 to 1."""
        segment, share = np.zeros(len(lonlat), dtype=np.int64), np.zeros(len(lonlat))
        space = in_space(lonlat)
        flat = np.column_stack(self.plane(*lonlat.T))
        arc = np.maximum(np.hypot(*flat.T) / RADIUS_M, self.reach)
        wide = ~(arc < WIDE_RAD)
        near = (~wide).nonzero()[0]
        if len(near):
            points = shapely.points(flat[near])
            (_, _), distance = self.tree.query_nearest(points, return_distance=True, all_matches=False)
            # The plane stretches what lies an arc c from its centre by c / sin c across: so much farther may seem the nearest.
            stretch = 1.0 / np.sinc(arc[near] / np.pi) + 0.001
            point, tried = self.tree.query(points, predicate="dwithin", distance=distance * stretch + 1.0)
            segment[near], share[near] = self._best(space[near], point, tried)
        for some in np.array_split(wide.nonzero()[0], -(-int(wide.sum()) * len(self.km) // PAIRS) or 1):
            point, tried = np.divmod(np.arange(len(some) * len(self.km)), len(self.km))
            segment[some], share[some] = self._best(space[some], point, tried)
        return segment, share

    def _best(
        self, at: NDArray[np.float64], point: NDArray[np.int64], segment: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Choose each point's nearest of the segments tried, by the distance through the Earth, which grows as that over ground does."""
        if not len(point):
            return segment, np.empty(0)
        order = np.lexsort((segment, point))
        point, segment = point[order], segment[order]
        start, chord, square = self.space[segment], self.chord[segment], self.square[segment]
        share = np.clip(np.einsum("ij,ij->i", at[point] - start, chord) / square, 0.0, 1.0)
        # The ground rises over the chord between its ends.
        rise = share * (1.0 - share) * square / (2.0 * RADIUS_M)
        off = at[point] - (start + share[:, None] * chord) * (1.0 + rise / RADIUS_M)[:, None]
        gap = np.sqrt(np.einsum("ij,ij->i", off, off))
        first = np.flatnonzero(np.diff(point, prepend=-1))
        least = np.repeat(np.minimum.reduceat(gap, first), np.diff(np.append(first, len(point))))
        kept = np.flatnonzero(gap <= least + SAME_M)
        kept = kept[np.unique(point[kept], return_index=True)[1]]
        return segment[kept], share[kept]


def is_lonlat(points: object) -> bool:
    """Tell whether a caller means one point by two numbers."""
    return isinstance(points, tuple) and len(points) == 2 and all(isinstance(value, Real) for value in points)


def as_points(points: Any) -> Inputs:
    """Read a caller's points, or the one that is given as (lon, lat); see `read_input`."""
    return read_input(shapely.Point(*points) if is_lonlat(points) else points, what="the points", kind="point")


def _ends(
    joined: NDArray[np.bool_],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    turned: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn starts and ends of segments into other coordinates, the end of one that the next goes on from but once."""
    here = turned(start)
    there = np.roll(here, -1, axis=0)
    last = np.append(~joined[1:], True)
    there[last] = turned(end[last])
    return here, there


def _cut(
    coordinates: NDArray[np.float64], chainage: NDArray[np.float64], piece: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Starts, ends and chainage of short segments, and whether each goes on from the one before it."""
    places, piece, steps = subdivided(coordinates, piece, step_km=SPLIT_KM, metres=np.diff(chainage) * 1000.0)
    same = piece[1:] == piece[:-1]
    # Vertices that stand in the same place make no segment, unless the line is nothing else.
    kept = same & (steps[1:] > 0.0) if steps.any() else same
    km = chainage[0] + np.cumsum(steps) / 1000.0
    owner = piece[1:][kept]
    return places[:-1][kept], places[1:][kept], km[:-1][kept], np.append(False, owner[1:] == owner[:-1])
