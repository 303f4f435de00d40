"""Geodesic lengths and areas of whatever a caller has, and lengths split by areas or attributes."""

from __future__ import annotations

from collections.abc import Hashable
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.measure.geodesic import geod, lengths_km, lines_of, one_world, parts_of, subdivided, unwrapped
from corridormap.measure.inputs import described, read_input

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridormap.measure.inputs import GeometryLike

LENGTH_METHOD = (
    "geodesic length between vertices on {ellipsoid}, inverse problem after Karney (2013), J. Geod. 87, 43-55, good to 15 nm; "
    "the line itself is as true as its source"
)
AREA_METHOD = "area bounded by geodesics between vertices on {ellipsoid}, after Karney (2013), J. Geod. 87, 43-55"
STEP_KM = 2.0
"""Lines are split at areas as geodesics: between vertices farther apart than this, more are set; the straight line between them on a map
keeps within a decimetre of the geodesic."""
SLIVER_KM = 1e-9
"""What is shorter than a thousandth of a millimetre is left by rounding, not by a line."""


def lengths(data: GeometryLike, *, ellipsoid: str = "WGS84") -> pd.DataFrame:
    """Measure the geodesic length of each line.

    Parameters
    ----------
    data : GeoDataFrame, GeoSeries, array of shapely geometry, shapely geometry, or file
        See `corridormap.measure.inputs.read_input`; n of them.
    ellipsoid : str
        One that PROJ knows, such as WGS84, krass or GRS80.

    Returns
    -------
    DataFrame, n rows
        ``length_km``, on the caller's index; NaN where there is no line: points, areas, nothing. Of a collection the lines count.

    Raises
    ------
    DataError
        If a frame has no CRS, or coordinates cannot be degrees.
    UsageError
        If PROJ knows no such ellipsoid.

    Examples
    --------
    >>> from shapely import LineString
    >>> lengths(LineString([(66, 50), (67, 50)])).round(3).length_km.tolist()
    [71.695]
    """
    import pandas as pd

    read = read_input(data)
    km = lengths_km(read.geometries, ellipsoid=ellipsoid)
    _, owner = lines_of(read.geometries)
    km[~np.isin(np.arange(len(km)), owner)] = np.nan
    return described(pd.DataFrame({"length_km": km}, index=read.index), read.note, method=LENGTH_METHOD.format(ellipsoid=ellipsoid))


def areas(data: GeometryLike, *, ellipsoid: str = "WGS84") -> pd.DataFrame:
    """Measure the geodesic area and perimeter of each polygon.

    Parameters
    ----------
    data : GeoDataFrame, GeoSeries, array of shapely geometry, shapely geometry, or file
        n of them.
    ellipsoid : str
        One that PROJ knows.

    Returns
    -------
    DataFrame, n rows
        ``area_km2, perimeter_km``, on the caller's index; NaN where there is no area. Holes are taken off the area and added to the
        perimeter, however the rings are wound. Of a collection the polygons count.

    Raises
    ------
    DataError, UsageError
        As for `lengths`.

    Examples
    --------
    >>> from shapely import box
    >>> areas(box(66, 50, 67, 51)).round(0).area_km2.tolist()
    [7892.0]
    """
    import pandas as pd

    read = read_input(data, kind="area")
    ball = geod(ellipsoid)
    parts, owner = parts_of(read.geometries)
    solid = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    figures = np.full((len(read.geometries), 2), np.nan)
    figures[owner[solid]] = 0.0
    rings, polygon = shapely.get_rings(parts[solid], return_index=True)
    # The first ring of a polygon is its shell.
    hole = np.isin(np.arange(len(rings)), np.unique(polygon, return_index=True)[1], invert=True)
    for ring, inner, row in zip(rings, hole, owner[solid][polygon], strict=True):
        area, perimeter = ball.polygon_area_perimeter(*shapely.get_coordinates(ring).T)
        figures[row] += (-abs(area) if inner else abs(area)) / 1e6, perimeter / 1000.0
    table = pd.DataFrame(figures, index=read.index, columns=["area_km2", "perimeter_km"])
    return described(table, read.note, method=AREA_METHOD.format(ellipsoid=ellipsoid))


def lengths_by(
    data: GeometryLike, *, by: str, areas: GeometryLike | None = None, each: bool = False, ellipsoid: str = "WGS84"
) -> pd.DataFrame:
    """Split lengths by an attribute, or by the areas the lines run through.

    Parameters
    ----------
    data : GeoDataFrame or file, or with `areas` any geometries
        Lines; of collections the lines count.
    by : str
        A column: of `areas` if they are given, else of `data`.
    areas : GeoDataFrame or file, optional
        Polygons, such as countries or regions. Where they overlap a line counts in each of them, and in both along an edge that two have in
        common. A line that passes a place twice counts twice.
    each : bool
        Whether to give the lengths of each line, not their sums.
    ellipsoid : str
        One that PROJ knows.

    Returns
    -------
    DataFrame
        One row a value of `by`, and one for what has none or lies in no area (missing), the longest first: that column, ``length_km``
        and ``share`` of the whole. With `each` one row a line and value, on the caller's index and in its order, and the share of the line.

    Raises
    ------
    DataError
        If a frame has no CRS, or an area is not valid.
    UsageError
        If there is no such column, or it is the geometry.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely import LineString, box
    >>> ground = gpd.GeoDataFrame({"side": ["west", "east"]}, geometry=[box(65, 49, 66.5, 51), box(66.5, 49, 70, 51)], crs="EPSG:4326")
    >>> lengths_by(LineString([(66, 50), (68, 50)]), by="side", areas=ground).round(2).share.tolist()
    [0.75, 0.25]
    """
    import pandas as pd

    read = read_input(data)
    lines = lengths_km(read.geometries, ellipsoid=ellipsoid)
    notes = [read.note]
    if areas is None:
        codes, values = pd.factorize(_column(read.frame, by, "the data"))
        row, km = lines.nonzero()[0], lines[lines.nonzero()]
        code = codes[row]
    else:
        ground = read_input(areas, what="the areas", kind="area")
        codes, values = pd.factorize(_column(ground.frame, by, "the areas"))
        notes.append(ground.note and f"areas {ground.note}")
        row, area, km = _split(read.geometries, ground.geometries, ellipsoid)
        code = np.append(codes, -1)[area]  # the last for what lies in none
    # -1 stands for missing.
    keys, group = np.unique((row if each else 0) * (len(values) + 1) + code + 1, return_inverse=True)
    line, code = np.divmod(keys, len(values) + 1)
    result = pd.DataFrame(
        {by: pd.Series(values).reindex(code - 1).array, "length_km": np.bincount(group, weights=km, minlength=len(keys)).astype(float)}
    )
    whole = lines[line] if each else lines.sum()
    result["share"] = result["length_km"] / whole
    order = np.lexsort((code == 0, -result["length_km"].to_numpy(), line))
    result = result.iloc[order].set_axis(read.index[line[order]] if each else pd.RangeIndex(len(keys)))
    return described(result, *notes, method=LENGTH_METHOD.format(ellipsoid=ellipsoid))


def _split(
    geometries: NDArray[np.object_], areas: NDArray[np.object_], ellipsoid: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Cut lines at areas, segment by segment, so that what is passed twice counts twice: line, area, -1 for none, and kilometres."""
    valid = shapely.is_valid(areas) | shapely.is_missing(areas)
    if not valid.all():
        hint = "Mend them first, for instance with areas.make_valid()."
        raise DataError(f"row {int(valid.argmin())} is no valid area", where="the areas", hint=hint)
    segments, owner, km = _segments(geometries, ellipsoid)
    grounds, ground = parts_of(np.array([one_world(area) for area in areas], dtype=object))
    solid = shapely.get_type_id(grounds) == shapely.GeometryType.POLYGON
    grounds, ground = grounds[solid], ground[solid]
    tree = shapely.STRtree(segments)
    area, within = tree.query(grounds, predicate="covers")
    touched, edge = tree.query(grounds, predicate="intersects")
    covered = np.zeros(len(segments), dtype=bool)
    covered[within] = True
    # What lies whole within an area needs no cutting.
    cut = ~np.isin(touched * len(segments) + edge, area * len(segments) + within)
    touched, edge = touched[cut], edge[cut]
    inside = lengths_km(shapely.intersection(segments[edge], grounds[touched]), ellipsoid=ellipsoid)
    # From a segment that no area covers all those that it touches are taken away.
    part, taken = edge[~covered[edge]], grounds[touched[~covered[edge]]]
    order = np.argsort(part, kind="stable")
    rest, first = np.unique(part[order], return_index=True)
    groups = np.split(taken[order], first[1:])
    remains = [reduce(shapely.difference, group, segment) for segment, group in zip(segments[rest], groups, strict=False)]
    free = ~covered
    free[edge] = False
    row = owner[np.concatenate([within, edge, rest, free.nonzero()[0]])]
    where = np.concatenate([ground[area], ground[touched], np.full(len(rest) + int(free.sum()), -1)])
    length = np.concatenate([km[within], inside, lengths_km(remains, ellipsoid=ellipsoid), km[free]])
    kept = length > SLIVER_KM
    return row[kept], where[kept], length[kept]


def _segments(geometries: NDArray[np.object_], ellipsoid: str) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.float64]]:
    """Cut lines into segments so short that straight ones are geodesics, none across the 180th meridian; tell whose, and kilometres."""
    parts, owner = lines_of(geometries)
    if not len(parts):
        return np.empty(0, dtype=object), np.empty(0, dtype=np.int64), np.empty(0)
    places, part, _ = subdivided(*shapely.get_coordinates(parts, return_index=True), step_km=STEP_KM, ellipsoid=ellipsoid)
    places = unwrapped(places)
    same = part[1:] == part[:-1]
    ends = np.stack([places[:-1][same], places[1:][same]], axis=1)
    owner = owner[part[1:][same]]
    jump = np.abs(ends[:, 1, 0] - ends[:, 0, 0]) > 180.0
    if jump.any():
        here, there = ends[jump, 0], ends[jump, 1]
        edge = np.copysign(180.0, here[:, 0])
        span = (there[:, 0] - here[:, 0]) + 2.0 * edge  # eastward or westward, the short way
        share = np.divide(edge - here[:, 0], span, out=np.zeros(len(span)), where=span != 0)
        lat = here[:, 1] + share * (there[:, 1] - here[:, 1])
        before = np.stack([here, np.column_stack([edge, lat])], axis=1)
        after = np.stack([np.column_stack([-edge, lat]), there], axis=1)
        ends = np.concatenate([ends[~jump], before, after])
        owner = np.concatenate([owner[~jump], owner[jump], owner[jump]])
    metres = geod(ellipsoid).inv(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])[2]
    return shapely.linestrings(ends), owner, np.asarray(metres) / 1000.0


def _column(frame: pd.DataFrame | None, name: str, what: str) -> pd.Series[Any]:
    import geopandas as gpd

    if not isinstance(frame, gpd.GeoDataFrame):
        raise UsageError(f"{what} must be a GeoDataFrame that has the column {name!r}")
    if name in {"length_km", "share"}:
        raise UsageError(f"{what} cannot be split by {name!r}, as the result has a column of that name", hint="Rename it first.")
    plain = [column for column in frame.columns if not isinstance(frame[column].dtype, gpd.array.GeometryDtype)]
    if name not in plain:
        raise UsageError(f"{what} have no column {name!r} to split by", hint="Columns are: " + (", ".join(map(str, plain)) or "none") + ".")
    column: pd.Series[Any] = frame[name]
    if not all(isinstance(value, Hashable) for value in column):
        raise UsageError(f"the column {name!r} of {what} holds lists, which cannot be told apart", hint="Make texts of them first.")
    return column
