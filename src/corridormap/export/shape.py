"""Lines simplified, cut where they meet themselves, and transformed, each with what it cost."""

from __future__ import annotations

import math
import warnings
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import AreaOfInterest, TransformerGroup

from corridormap.errors import UsageError
from corridormap.export.sentence import Sentence
from corridormap.geodesic import lengths_km
from corridormap.measure.generalise import thinned
from corridormap.projection import from_degrees

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


def simplified(frame: GeoDataFrame, *, metres: float, planar_crs: str, layer: str) -> tuple[GeoDataFrame, str | None]:
    """Leave out vertices of lines that lie within so many metres of the new line (Douglas–Peucker in the planar CRS).

    All that is left stays exactly as it is. A sentence says what was lost of the layer, if anything was.

    Raises
    ------
    UsageError
        If the tolerance is not a positive number.
    """
    if not (math.isfinite(metres) and metres > 0):
        raise UsageError(f"a tolerance of {metres:g} m", hint="Give a number of metres above 0.")
    geometries = frame.geometry.to_numpy()
    lines = np.isin(shapely.get_type_id(geometries), [1, 5])
    if not lines.any():
        return frame, None
    # Part by part: what a line is simplified to does not hang on the others.
    parts, owner = shapely.get_parts(geometries[lines], return_index=True)
    to_plane = from_degrees(planar_crs)
    planar = np.column_stack(to_plane.transform(*shapely.get_coordinates(parts).T))
    new_parts, kept = thinned(parts, metres=metres, to_plane=to_plane)
    moved = _farthest(planar, kept)
    new = geometries.copy()
    single = shapely.get_type_id(geometries[lines]) == 1
    new[lines] = shapely.multilinestrings(new_parts, indices=owner)
    new[np.flatnonzero(lines)[single]] = new_parts[np.isin(owner, np.flatnonzero(single))]
    before, after = lengths_km(geometries[lines]).sum(), lengths_km(new[lines]).sum()
    share = 100 * (before - after) / before if before else 0.0
    loss = Sentence(
        "export.simplified",
        layer=layer,
        before=str(len(planar)),
        after=str(len(kept)),
        metres=f"{moved:.0f}",
        km=f"{before - after:.1f}",
        percent=f"{share:.2f}",
    )
    return frame.set_geometry(geopandas.GeoSeries(new, index=frame.index, crs=frame.crs)), loss if len(kept) < len(planar) else None


def _farthest(planar: NDArray[np.float64], kept: NDArray[np.int_]) -> float:
    """Give the greatest distance of a vertex that was left out from the segment that took its place."""
    left_out = np.setdiff1d(np.arange(len(planar)), kept, assume_unique=True)
    if len(left_out) == 0:
        return 0.0
    # Each line keeps its ends, so that the kept vertices on either side belong to the same line.
    after = np.searchsorted(kept, left_out)
    start, end, point = planar[kept[after - 1]], planar[kept[after]], planar[left_out]
    along = end - start
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    position = np.clip(((point - start) * along).sum(axis=1) / squared, 0.0, 1.0)
    return float(np.hypot(*(point - start - position[:, None] * along).T).max())


def simple_parts(geometry: Any) -> Any:
    """Cut a multiline wherever it meets itself, so that its parts share ends only; parts keep their order and direction.

    A stretch that it travels twice stays twice, and the result is not simple then.
    """
    parts = shapely.get_parts(geometry)
    noded = shapely.get_parts(shapely.union_all(geometry))
    ends = np.unique(np.vstack([shapely.get_coordinates(shapely.get_point(noded, place)) for place in (0, -1)]), axis=0)
    tree = shapely.STRtree(shapely.points(ends))
    reach = max(1e-9, 1e-10 * float(np.abs(ends).max()))
    pieces = []
    for part in parts:
        points = shapely.get_coordinates(part)
        segments = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
        segment, node = tree.query(segments, predicate="dwithin", distance=reach)
        first = (ends[node] == points[segment]).all(axis=1)
        last = (ends[node] == points[segment + 1]).all(axis=1)
        cut = np.zeros(len(points), dtype=bool)
        cut[[0, -1]] = True
        cut[segment[first]] = cut[segment[last] + 1] = True
        # Where lines cross between vertices a vertex is added.
        inside = ~(first | last)
        segment, node = segment[inside], node[inside]
        order = np.lexsort([np.hypot(*(ends[node] - points[segment]).T), segment])
        points = np.insert(points, segment[order] + 1, ends[node[order]], axis=0)
        stops = np.flatnonzero(np.insert(cut, segment[order] + 1, True))
        pieces += [points[start : end + 1] for start, end in pairwise(stops)]
    return shapely.multilinestrings([line for piece in pieces for line in _open(piece)])


def _open(points: NDArray[np.float64]) -> list[Any]:
    """Give a loop in two halves, since other lines may not touch a ring; any other line as it is."""
    if len(points) > 3 and (points[0] == points[-1]).all():
        middle = len(points) // 2
        return [shapely.LineString(points[: middle + 1]), shapely.LineString(points[middle:])]
    return [shapely.LineString(points)]


def _crs(name: str) -> CRS:
    try:
        crs = CRS.from_user_input(name)
    except CRSError:
        raise UsageError(f"no CRS {name!r}", hint="Give one that PROJ knows, such as EPSG:4326 or EPSG:32642.") from None
    if not (crs.is_geographic or crs.is_projected):
        raise UsageError(f"{name} ({crs.name}) is no CRS of a map", hint="Give a geographic or projected CRS.")
    return crs


def reprojected(frame: GeoDataFrame, crs: str, *, layer: str) -> GeoDataFrame:
    """Transform a layer.

    Raises
    ------
    UsageError
        If the CRS is unknown, or not defined where the layer lies.
    """
    target = _crs(crs)
    if target == frame.crs:
        return frame
    result = frame.to_crs(target)
    if not np.isfinite(shapely.get_coordinates(result.geometry.to_numpy())).all():
        raise UsageError(f"{crs} ({target.name}) is not defined where layer {layer!r} lies", hint="Choose a CRS made for the region.")
    return result


def describe(crs: str, *, points: NDArray[np.float64], box: tuple[float, float, float, float]) -> str:
    """Say by which operations coordinates get from WGS 84 into a CRS, and how exactly, as PROJ gives them.

    Where a CRS has several, PROJ chooses by place: by the points, longitudes and latitudes in degrees, and the box around the atlas.
    """
    target = _crs(crs)
    # As geopandas makes it, so that it chooses alike.
    transformer = Transformer.from_crs("EPSG:4326", target, always_xy=True)
    used = {}
    for longitude, latitude in points[:: max(1, len(points) // 1000)]:
        transformer.transform(longitude, latitude)
        operation = transformer.get_last_used_operation()
        used[_steps(operation)] = operation.accuracy
    ways = [
        Sentence("export.within", steps=name, metres=f"{metres:g}") if metres >= 0 else Sentence("export.who_knows", steps=name)
        for name, metres in sorted(used.items())
    ]
    steps = reduce(lambda one, other: Sentence("export.by_place", one=one, other=other), ways)
    with warnings.catch_warnings():
        # It warns of what is told here.
        warnings.simplefilter("ignore", UserWarning)
        group = TransformerGroup("EPSG:4326", target, always_xy=True, area_of_interest=AreaOfInterest(*box))
    if group.best_available:
        return Sentence("export.transformed", crs=crs, name=target.name, steps=steps)
    return Sentence("export.transformed_coarsely", crs=crs, name=target.name, steps=steps, better=_steps(group.unavailable_operations[0]))


def _steps(operation: Any) -> str:
    """Name what an operation does, without turning axes."""
    names = [step.name for step in operation.operations or ()] or operation.description.split(" + ")
    return " + ".join(name for name in names if not name.startswith("axis order change")) or operation.description
