"""Positional accuracy of lines against a reference of higher accuracy."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, lengths_km, lines_of
from corridormap.measure.inputs import LONLAT, check_numbers, read_input
from corridormap.projection import from_degrees, in_metres

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.inputs import GeometryLike

METHOD = (
    "samples at most {step:g} m apart along each line, each weighted by the length it stands for; geodesic distance on WGS 84 to the "
    "nearest point of the other data set; share = part of the length within {tolerance:g} m (buffer overlay of Goodchild and Hunter 1997)"
)

STEPS = 4
"""Steps of a comparison, for a progress bar."""


def fingerprint(line: shapely.Geometry) -> str:
    """Name exactly this line in short, so that a figure measured on another one is noticed."""
    return hashlib.sha256(shapely.to_wkb(line)).hexdigest()[:12]


@dataclass(frozen=True)
class Comparison:
    """What comparing two sets of lines gave.

    Attributes
    ----------
    features : DataFrame
        One row a feature of the layer, and a last one, ``all``: ``id, length_km, median_m, p95_m, max_m, max_lon, max_lat, share_within``.
    reverse : dict of str to float
        The same figures of the reference measured against the layer: what the layer lacks.
    worst : GeoDataFrame
        The stretches of the layer that lie beyond the tolerance, longest distance first, EPSG:4326.
    method : str
        How it was measured, in one sentence.
    """

    features: pd.DataFrame
    reverse: dict[str, float]
    worst: GeoDataFrame
    method: str


def compare(
    layer: GeometryLike,
    *,
    reference: GeometryLike,
    planar_crs: str,
    tolerance_m: float = 300.0,
    step_m: float = 100.0,
    progress: Callable[[int], object] | None = None,
) -> Comparison:
    """Measure how far the lines of a layer lie from those of a reference.

    Parameters
    ----------
    layer : GeoDataFrame, GeoSeries, shapely lines, or file
        Lines, named by a column ``id`` or else by the index.
    reference : GeoDataFrame, GeoSeries, shapely lines, or file
        Lines.
    planar_crs : str
        CRS in metres in which the nearest point is looked for; the distance to it is then measured on the ellipsoid.
    tolerance_m : float
        Width of the buffer for ``share_within``, and the limit beyond which a stretch is listed as one of the worst.
    step_m : float
        Largest distance between samples along the lines; every vertex is a sample too.
    progress : callable, optional
        Called with 1 after each of the `STEPS` steps.

    Returns
    -------
    Comparison
        Figures for each feature and for all, in both directions, and the worst stretches.

    Raises
    ------
    DataError
        If either side has no lines, or no CRS.
    UsageError
        If the planar CRS is none in metres.

    Notes
    -----
    Goodchild, M. F. and Hunter, G. J. (1997): A simple positional accuracy measure for linear features. Int. J. Geographical Information
    Science 11(3), 299–306.
    """
    import pandas as pd

    in_metres(planar_crs)
    check_numbers(tolerance_m=tolerance_m, step_m=step_m)
    if not (0 < tolerance_m < np.inf and 0 < step_m < np.inf):
        raise UsageError("tolerance_m and step_m must be above 0", hint="For instance 300 and 100.")
    done = progress or (lambda _: None)
    ours = _Samples(layer, planar_crs, step_m, "the layer")
    done(1)
    theirs = _Samples(reference, planar_crs, step_m, "the reference")
    done(1)
    gaps = ours.distances_to(theirs)
    done(1)
    back = theirs.distances_to(ours)
    done(1)
    lengths = lengths_km(ours.lines)
    names = ours.names
    rows = [
        {"id": name, "length_km": round(float(lengths[position]), 3), **_figures(gaps, ours, tolerance_m, chosen)}
        for position, name in enumerate(names)
        if (chosen := ours.owner == position).any()
    ]
    rows.append({"id": "all", "length_km": round(float(lengths.sum()), 3), **_figures(gaps, ours, tolerance_m)})
    return Comparison(
        features=pd.DataFrame(rows),
        reverse=_figures(back, theirs, tolerance_m),
        worst=_stretches(ours, gaps, names, tolerance_m),
        method=METHOD.format(step=step_m, tolerance=tolerance_m),
    )


class _Samples:
    """Points along lines, at most a step apart, and the segments between the lines' own vertices to measure against."""

    def __init__(self, frame: GeometryLike, crs: str, step_m: float, what: str) -> None:
        import geopandas as gpd

        read = read_input(frame, what=what)
        self.lines = read.geometries
        named = read.frame if read.frame is not None and "id" in read.frame.columns else None
        self.names: list[str] = (read.index.to_series().astype(str) if named is None else named["id"]).tolist()
        parts, owner = lines_of(self.lines)
        if not len(parts):
            raise DataError(f"{what} has no lines to compare")
        parts = gpd.GeoSeries(parts, crs=LONLAT).to_crs(crs).to_numpy()
        self.crs = crs
        xy, self.part = shapely.get_coordinates(shapely.segmentize(parts, step_m), return_index=True)
        self.owner = owner[self.part]
        self.points = shapely.points(xy)
        vertices, vertex_part = shapely.get_coordinates(parts, return_index=True)
        same = vertex_part[1:] == vertex_part[:-1]
        self.segments = shapely.linestrings(np.stack([vertices[:-1][same], vertices[1:][same]], axis=1))
        self.lonlat = self.to_lonlat(xy)
        # A line densely drawn has more samples than one sparsely drawn: each counts for half of the way to its neighbours.
        steps = np.hypot(*np.diff(xy, axis=0).T) * (self.part[1:] == self.part[:-1])
        self.weight = (np.append(steps, 0.0) + np.insert(steps, 0, 0.0)) / 2.0

    def to_lonlat(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(from_degrees(self.crs).transform(xy[:, 0], xy[:, 1], direction="INVERSE"))

    def distances_to(self, other: _Samples) -> NDArray[np.float64]:
        nearest = shapely.STRtree(other.segments).nearest(self.points)
        across = shapely.shortest_line(self.points, other.segments[nearest])
        ends = self.to_lonlat(shapely.get_coordinates(shapely.get_point(across, -1)))
        return distances_m(self.lonlat, ends)


def _figures(gaps: NDArray[np.float64], samples: _Samples, tolerance_m: float, chosen: NDArray[np.bool_] | None = None) -> dict[str, float]:
    which = np.arange(len(gaps)) if chosen is None else chosen.nonzero()[0]
    order = which[gaps[which].argsort(kind="stable")]
    share = samples.weight[order].cumsum() / samples.weight[order].sum()
    worst = order[-1]
    return {
        "median_m": round(float(gaps[order[share.searchsorted(0.5)]]), 1),
        "p95_m": round(float(gaps[order[share.searchsorted(0.95)]]), 1),
        "max_m": round(float(gaps[worst]), 1),
        "max_lon": round(float(samples.lonlat[worst, 0]), 5),
        "max_lat": round(float(samples.lonlat[worst, 1]), 5),
        "share_within": round(float(samples.weight[which][gaps[which] <= tolerance_m].sum() / samples.weight[which].sum()), 4),
    }


def _stretches(samples: _Samples, gaps: NDArray[np.float64], ids: list[str], tolerance_m: float) -> GeoDataFrame:
    """Draw the runs of consecutive samples beyond the tolerance, each as a line."""
    import geopandas as gpd

    beyond = gaps > tolerance_m
    breaks = np.flatnonzero((np.diff(beyond.astype(int)) != 0) | (np.diff(samples.part) != 0)) + 1
    runs = [run for run in np.split(np.arange(len(gaps)), breaks) if len(run) > 1 and beyond[run[0]]]
    names = [ids[samples.owner[run[0]]] for run in runs]
    worst = [round(float(gaps[run].max()), 1) for run in runs]
    lines = [shapely.linestrings(samples.lonlat[run]) for run in runs]
    numbered = [f"{name}#{number}" for number, name in enumerate(names, start=1)]
    rows = list(zip(numbered, names, worst, strict=True))
    frame = gpd.GeoDataFrame(rows, columns=["id", "feature", "max_m"], geometry=lines, crs=LONLAT)
    frame["length_km"] = lengths_km(lines).round(3)
    return frame.sort_values("max_m", ascending=False, kind="stable")
