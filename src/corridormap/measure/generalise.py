"""How long a line is depends on how closely one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.geodesic import lengths_km, lines_of, plane_about
from corridormap.measure.inputs import check_numbers, described, listed, read_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray
    from pyproj import Transformer

METHOD = (
    "Douglas-Peucker on an azimuthal equidistant plane about the line, then geodesic length on WGS 84; dimension D = 1 - slope of log "
    "length over log tolerance (Richardson 1961, Mandelbrot 1967), tolerances above the line's own detail only"
)
TOLERANCES_M = (0.0, 50.0, 100.0, 150.0, 300.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0, 50_000.0)


def length_by_tolerance(line: object, *, tolerances_m: Sequence[float] = TOLERANCES_M) -> pd.DataFrame:
    """Measure a line at several levels of detail.

    Parameters
    ----------
    line : GeoDataFrame, GeoSeries, shapely line
        One or more lines, measured together; of collections the lines count.
    tolerances_m : sequence of float
        How far a vertex left out may lie from the line without it, in metres; 0 is the line as it is.

    Returns
    -------
    DataFrame
        One row a tolerance, the finest first: ``tolerance_m, vertices, length_km, of_full`` (the share of the length at the first).
        ``attrs["dimension"]`` is the fractal dimension, NaN if fewer than three tolerances left out anything.

    Raises
    ------
    UsageError
        If a tolerance is negative or no number, or there is none.
    DataError
        If there is no line.

    Notes
    -----
    On the plane a tolerance is true near the middle of the line, and up to 3 % finer 2,500 km from it.

    Richardson, L. F. (1961): The problem of contiguity. General Systems Yearbook 6, 139-187. Mandelbrot, B. (1967): How long is the coast
    of Britain? Science 156, 636-638.
    """
    import pandas as pd

    given = listed(tolerances_m)
    check_numbers(**{f"tolerances_m[{place}]": one for place, one in enumerate(given)})
    tolerances = sorted({float(tolerance) for tolerance in given})
    if not tolerances or not all(0.0 <= tolerance < np.inf for tolerance in tolerances):
        raise UsageError("tolerances must be metres, none below 0", hint="For instance 0, 100, 1000, 10000.")
    read = read_input(line, what="the line")
    parts, _ = lines_of(read.geometries)
    if not len(parts):
        raise DataError("holds no line", where="the line", hint="For areas, measure their boundary.")
    plane = plane_about(shapely.get_coordinates(parts))
    flat = shapely.transform(parts, lambda xy: np.column_stack(plane(xy[:, 0], xy[:, 1])))
    rows = []
    for tolerance in tolerances:
        simple = parts
        if tolerance:
            plain = shapely.simplify(flat, tolerance, preserve_topology=False)
            simple = shapely.transform(plain, lambda xy: np.column_stack(plane(xy[:, 0], xy[:, 1], inverse=True)))
        rows.append((tolerance, int(shapely.get_num_coordinates(simple).sum()), float(lengths_km(simple).sum())))
    table = pd.DataFrame(rows, columns=["tolerance_m", "vertices", "length_km"])
    table["of_full"] = table["length_km"] / table["length_km"].iloc[0]
    # Where nothing or nearly all was left out, the line's own detail or its ends speak, not its shape.
    fit = table[(table["tolerance_m"] > 0) & (table["vertices"] < 0.5 * table["vertices"].iloc[0]) & (table["vertices"] > 4 * len(parts))]
    slope = np.polyfit(np.log(fit["tolerance_m"]), np.log(fit["length_km"]), 1)[0] if len(fit) >= 3 else np.nan
    return described(table, read.note, method=METHOD, dimension=float(1.0 - slope))


def thinned(
    geometries: NDArray[np.object_], *, metres: float, to_plane: Transformer, topology: bool = True
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Leave out vertices nearer than a distance to the line without them (Douglas-Peucker); those that stay do not move at all.

    Geometries are in lon/lat, and `to_plane` leads to a plane in metres; points and None stay as they are. With `topology` lines cross
    themselves as before, which takes ten times as long and more vertices. Give the geometries, in two dimensions, and of all their
    vertices, in order, the positions of those that stay.
    """
    lonlat = shapely.get_coordinates(geometries)
    planar = np.column_stack(to_plane.transform(lonlat[:, 0], lonlat[:, 1]))
    # A vertex carries its number as its height, so that those that stay are known exactly and keep their own longitude and latitude.
    numbered = shapely.set_coordinates(shapely.force_3d(geometries), np.column_stack([planar, np.arange(len(planar))]))
    simple = shapely.simplify(numbered, metres, preserve_topology=topology)
    kept = shapely.get_coordinates(simple, include_z=True)[:, 2].astype(np.int64)
    return shapely.set_coordinates(shapely.force_2d(simple), lonlat[kept]), kept
