"""Where lines run along a corridor: the stretches of it that they keep close to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.antimeridian import unwrapped
from corridormap.errors import DataError, UsageError
from corridormap.geodesic import lengths_km, lines_of, subdivided
from corridormap.measure.alignments import alignment
from corridormap.measure.inputs import check_numbers, described, read_input
from corridormap.measure.referencing import method_of
from corridormap.measure.stretches import laid_on

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.measure.inputs import GeometryLike
    from corridormap.measure.line import Alignment

METHOD = (
    "samples at most {step:g} m apart along each line, the nearest point of the corridor for each; a stretch is what stays within "
    "{within:g} m and gains on the corridor between half of and twice what it travels"
)
STEPS_M = (10.0, 250.0)
"""Samples stand half of the distance asked for apart, but no closer and no farther than this."""
COARSE_KM = 1.0
"""Where lines are far off samples stand so far apart."""
SLOWEST = 0.5
"""What gains less than this share of its length on the corridor only crosses it."""
HALVINGS = 16
"""The place where a line leaves is looked for so often within half of what is left."""


def spans(
    target: object,
    *,
    lines: GeometryLike,
    within_m: float = 500.0,
    at_least_km: float = 1.0,
    atlas: Atlas | None = None,
    way: int = 0,
) -> GeoDataFrame:
    """Find from which to which kilometre lines run along a corridor.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`.
    lines : GeoDataFrame, GeoSeries, shapely lines, or file
        n lines: tracks, projects, works.
    within_m : float
        How far from the corridor a line may be to run along it.
    at_least_km : float
        Shorter stretches of the corridor are left out.
    atlas, way : Atlas and int, optional
        The atlas, by default the one that comes with the package; which of the corridor's ways, by default the main one.

    Returns
    -------
    GeoDataFrame
        One row a stretch, in order along each line, on the lines' index: several for a line that leaves and returns, or turns back; none
        for one that only crosses. ``from_km, to_km`` on the corridor, descending where the line runs against it; ``length_km`` of the
        corridor between them; ``share`` of the line's length; ``offset_m``, the largest distance; and that stretch of the corridor,
        EPSG:4326. Where the corridor passes a place twice the first passage counts. ``attrs["note"]`` tells how many lines run along
        nowhere.

    Raises
    ------
    UsageError
        If there is no such corridor, or the distance is none.
    DataError
        If a frame has no CRS, or there is no line.

    Examples
    --------
    >>> from shapely import LineString
    >>> found = spans(LineString([(66, 50), (67, 50)]), lines=LineString([(66.2, 50.001), (66.8, 50.001), (66.8, 50.2)]))
    >>> found[["from_km", "to_km"]].round(1).to_numpy().tolist(), found.share.round(2).item()
    ([[14.3, 57.4]], 0.67)
    """
    check_numbers(within_m=within_m, at_least_km=at_least_km)
    if not 0 < within_m < np.inf or not 0 <= at_least_km < np.inf:
        raise UsageError("within_m must be a distance above 0, and at_least_km none below", hint="For instance 500 and 1.")
    line = alignment(target, atlas=atlas, way=way)
    read = read_input(lines, what="the lines")
    parts, owner = lines_of(read.geometries)
    if not len(parts):
        raise DataError("holds no line", where="the lines", hint="For points, use measure.chainage.")
    step_m = float(np.clip(within_m / 2.0, *STEPS_M))
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    # Parts of one line that meet are one piece.
    owner = owner[part]
    piece = np.append(
        0, np.cumsum((part[1:] != part[:-1]) & ((coordinates[1:] != coordinates[:-1]).any(axis=1) | np.diff(owner).astype(bool)))
    )
    samples = _Samples.of(line, coordinates, piece, step_m=step_m, within_m=within_m)
    owner = owner[np.searchsorted(piece, np.arange(int(piece[-1]) + 1))]
    first, last = _runs(samples, within_m)
    long = np.abs(samples.km[last] - samples.km[first]) >= at_least_km
    first, last = first[long], last[long]
    ends = line.said(np.column_stack([samples.km[first], samples.km[last]]).ravel()).reshape(-1, 2)
    frame = laid_on(line, ends, "coerce", rows=range(len(ends)))
    whose = owner[samples.piece[first]]
    whole = lengths_km(read.geometries)
    frame.insert(0, "from_km", ends[:, 0])
    frame.insert(1, "to_km", ends[:, 1])
    frame.insert(3, "share", (samples.along[last] - samples.along[first]) / 1000.0 / whole[whose])
    frame.insert(4, "offset_m", [samples.offset_m[low : high + 1].max() for low, high in zip(first, last, strict=True)])
    frame.index = read.index[whose]
    asked = set(owner.tolist())
    nowhere = len(asked.difference(whose.tolist()))
    note = f"{nowhere} of {len(asked)} lines run along nowhere" if nowhere else ""
    method = f"{METHOD.format(step=step_m, within=within_m)}; {method_of(line)}"
    return described(frame, line.note, read.note, note, method=method)


@dataclass(frozen=True, eq=False)
class _Samples:
    """Places along lines: which piece, how far along all of them in metres, and chainage and distance of the corridor's nearest point."""

    piece: NDArray[np.int64]
    along: NDArray[np.float64]
    km: NDArray[np.float64]
    offset_m: NDArray[np.float64]

    @classmethod
    def of(cls, line: Alignment, coordinates: NDArray[np.float64], piece: NDArray[np.int64], *, step_m: float, within_m: float) -> _Samples:
        """Sample lines every step, but not where they are far off, and where they come within the distance and leave it."""
        places, piece, steps = subdivided(coordinates, piece, step_km=COARSE_KM)
        new = np.append(True, (piece[1:] != piece[:-1]) | (steps[1:] > 0.0))
        places, piece, along = places[new], piece[new], np.cumsum(steps)[new]
        # No place between two samples is nearer by more than half of the way between them.
        off = line.nearest.of(places).offset_m
        close = (np.minimum(off[1:], off[:-1]) <= within_m + COARSE_KM * 500.0) & (piece[1:] == piece[:-1])
        kept = np.append(close, False) | np.append(False, close)
        run = np.append(0, np.cumsum(~close))[kept]
        if not len(run):
            return cls(run, along[:0], along[:0], along[:0])
        first = np.searchsorted(run, np.unique(run))
        whose, begins = piece[kept][first], along[kept][first]
        places, run, steps = subdivided(places[kept], run, step_km=step_m / 1000.0)
        order = np.unique(run, return_inverse=True)[1]
        along = np.cumsum(steps)
        along += (begins - along[np.searchsorted(run, np.unique(run))])[order]
        piece = whose[order]
        km, offset_m = _nearest(line, places)
        near = offset_m <= within_m
        change = np.flatnonzero((near[1:] != near[:-1]) & (run[1:] == run[:-1]))
        inner, outer = np.where(near[change], change, change + 1), np.where(near[change], change + 1, change)
        here = places[inner]
        way = unwrapped(places[outer] - here)
        low, high = np.zeros(len(change)), np.ones(len(change))
        for _ in range(HALVINGS if len(change) else 0):
            middle = (low + high) / 2.0
            inside = _nearest(line, here + way * middle[:, None])[1] <= within_m
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        edge_km, edge_m = _nearest(line, here + way * low[:, None])
        between = along[inner] + low * (along[outer] - along[inner])
        values = ((piece, piece[change]), (along, between), (km, edge_km), (offset_m, edge_m))
        return cls(*(np.insert(all_, change + 1, more) for all_, more in values))


def _nearest(line: Alignment, places: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find chainage and distance of the nearest points; what has no kilometre, beyond the posts, is infinitely far."""
    found = line.nearest.of(places)
    return found.km, np.where(np.isnan(line.said(found.km)), np.inf, found.offset_m)


def _runs(samples: _Samples, within_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the first and the last sample of each stretch that keeps within the distance and goes one way along the corridor.

    Chainage over the way travelled is thinned by the same distance, so that neither bends nor a track's noise turn it.
    """
    near = np.flatnonzero(samples.offset_m <= within_m)
    run = np.cumsum(np.append(0, (np.diff(near) > 1) | (np.diff(samples.piece[near]) > 0))) if len(near) else near
    kept = np.isin(run, np.flatnonzero(np.bincount(run, minlength=1) > 1))
    near, run = near[kept], run[kept]
    if not len(near):
        return near, near
    curves = shapely.linestrings(samples.along[near], samples.km[near] * 1000.0, indices=np.unique(run, return_inverse=True)[1])
    thinned, curve = shapely.get_coordinates(shapely.simplify(curves, within_m, preserve_topology=False), return_index=True)
    # Of two samples at the same distance one ends a piece and the other begins the next.
    bend = near[np.searchsorted(samples.along[near] + run, thinned[:, 0] + np.unique(run)[curve])]
    travelled, gained = np.diff(samples.along[bend]), np.diff(samples.km[bend]) * 1000.0
    same = np.diff(curve) == 0
    along = same & (np.abs(gained) >= SLOWEST * travelled) & (np.abs(gained) <= travelled / SLOWEST)
    way = np.where(along, np.sign(gained), 0.0)
    begins = along & (np.append(True, (way[1:] != way[:-1]) | ~same[:-1]))
    ends = along & (np.append((way[1:] != way[:-1]) | ~same[1:], True))
    return bend[:-1][begins], bend[1:][ends]
