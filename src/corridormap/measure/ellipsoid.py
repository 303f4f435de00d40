"""Geodesic lengths and areas of whatever a caller has, and lengths split by areas or attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.errors import DataError, UsageError
from corridormap.measure.frames import described, given
from corridormap.measure.geodesic import densified, geod, lengths_km

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.frames import GeometryLike

LENGTH_METHOD = (
    "geodesic length between vertices on {ellipsoid}, inverse problem after Karney (2013), J. Geod. 87, 43-55, good to 15 nm; "
    "the line itself is as true as its source"
)
AREA_METHOD = "area bounded by geodesics between vertices on {ellipsoid}, after Karney (2013), J. Geod. 87, 43-55"
STEP_KM = 10.0
"""Lines are split at areas as geodesics: between vertices farther apart than this, more are set."""


def lengths(data: GeometryLike, *, ellipsoid: str = "WGS84") -> pd.DataFrame:
    """Geodesic length of each line.

    Parameters
    ----------
    data : GeoDataFrame, GeoSeries, array of shapely geometry, or shapely geometry
        See `corridormap.measure.frames.given`; n of them.
    ellipsoid : str
        One that PROJ knows, such as WGS84, krass or GRS80.

    Returns
    -------
    DataFrame, n rows
        ``length_km``, on the caller's index; NaN where there is no line: points, areas, nothing.

    Raises
    ------
    DataError
        If a frame has no CRS.
    UsageError
        If PROJ knows no such ellipsoid.

    Notes
    -----
    Karney, C. F. F. (2013): Algorithms for geodesics. Journal of Geodesy 87, 43-55.

    Examples
    --------
    >>> from shapely import LineString
    >>> lengths(LineString([(66, 50), (67, 50)])).round(3).length_km.tolist()
    [71.695]
    """
    import numpy as np
    import pandas as pd
    import shapely

    read = given(data)
    kinds = shapely.get_type_id(read.geometries)
    lines = np.isin(kinds, (1, 2, 5, 7)) & ~shapely.is_empty(read.geometries)
    km = np.full(len(read.geometries), np.nan)
    km[lines] = lengths_km(read.geometries[lines], ellipsoid=ellipsoid)
    # Of a collection only the lines count.
    for position in (lines & (kinds == 7)).nonzero()[0]:
        parts = shapely.get_parts(read.geometries[position])
        parts = parts[np.isin(shapely.get_type_id(parts), (1, 2, 5))]
        km[position] = lengths_km(parts, ellipsoid=ellipsoid).sum() if len(parts) else np.nan
    return described(pd.DataFrame({"length_km": km}, index=read.index), method=LENGTH_METHOD.format(ellipsoid=ellipsoid), note=read.note)


def areas(data: GeometryLike, *, ellipsoid: str = "WGS84") -> pd.DataFrame:
    """Geodesic area and perimeter of each polygon.

    Parameters
    ----------
    data : GeoDataFrame, GeoSeries, array of shapely geometry, or shapely geometry
        n of them.
    ellipsoid : str
        One that PROJ knows.

    Returns
    -------
    DataFrame, n rows
        ``area_km2, perimeter_km``, on the caller's index; NaN where there is no area. Holes are taken off the area and added to the
        perimeter, however the rings are wound.

    Raises
    ------
    DataError, UsageError
        As for `lengths`.

    Notes
    -----
    Karney, C. F. F. (2013): Algorithms for geodesics. Journal of Geodesy 87, 43-55.

    Examples
    --------
    >>> from shapely import box
    >>> areas(box(66, 50, 67, 51)).round(0).area_km2.tolist()
    [7892.0]
    """
    import numpy as np
    import pandas as pd
    import shapely

    read = given(data)
    wanted = np.isin(shapely.get_type_id(read.geometries), (3, 6)) & ~shapely.is_empty(read.geometries)
    ball = geod(ellipsoid)
    figures = np.full((len(read.geometries), 2), np.nan)
    wound = shapely.orient_polygons(read.geometries[wanted])
    for position, polygon in zip(wanted.nonzero()[0], wound, strict=True):
        area, perimeter = ball.geometry_area_perimeter(polygon)
        figures[position] = abs(area) / 1e6, perimeter / 1000.0
    table = pd.DataFrame(figures, index=read.index, columns=["area_km2", "perimeter_km"])
    return described(table, method=AREA_METHOD.format(ellipsoid=ellipsoid), note=read.note)


def lengths_by(data: GeometryLike, *, by: str, areas: GeoDataFrame | None = None, ellipsoid: str = "WGS84") -> pd.DataFrame:
    """Split lengths by an attribute, or by the areas the lines run through.

    Parameters
    ----------
    data : GeoDataFrame, or with `areas` any geometries
        Lines.
    by : str
        A column: of `areas` if they are given, else of `data`.
    areas : GeoDataFrame, optional
        Polygons, such as countries or regions. Where they overlap, a line counts in each of them.
    ellipsoid : str
        One that PROJ knows.

    Returns
    -------
    DataFrame
        One row a value of `by` and, with `areas`, one for what lies in none of them (``None``): ``by, length_km, share``; the share is of
        the whole length, the longest first. With `areas`, ``attrs["by_line"]`` holds the same for each line.

    Raises
    ------
    UsageError
        If there is no such column.
    """
    import numpy as np
    import pandas as pd
    import shapely

    read = given(data)
    method = LENGTH_METHOD.format(ellipsoid=ellipsoid)
    if areas is None:
        if read.frame is None or by not in read.frame.columns:
            raise UsageError(f"no column {by!r} to split by", hint=_columns(read.frame))
        km = lengths(data, ellipsoid=ellipsoid)["length_km"].to_numpy()
        table = pd.DataFrame({by: read.frame[by].to_numpy(), "length_km": km})
        sums = table.groupby(by, dropna=False, sort=True)["length_km"].sum().reset_index()
        return described(_shares(sums, float(np.nansum(km))), method=method, note=read.note)
    if by not in areas.columns:
        raise UsageError(f"the areas have no column {by!r}", hint=_columns(areas))
    ground = given(areas, what="the areas")
    if not shapely.is_valid(ground.geometries[~shapely.is_missing(ground.geometries)]).all():
        raise DataError("not every area is valid", where="the areas", hint="Mend them first, for instance with areas.make_valid().")
    lines = densified(read.geometries, step_km=STEP_KM, ellipsoid=ellipsoid)
    line, area = shapely.STRtree(ground.geometries).query(lines, predicate="intersects")
    inside = shapely.intersection(lines[line], ground.geometries[area])
    outside = shapely.difference(lines, shapely.union_all(ground.geometries))
    values = areas[by].to_numpy()
    table = pd.DataFrame(
        {
            "line": np.concatenate([read.index.to_numpy()[line], read.index.to_numpy()]),
            by: np.concatenate([np.asarray(values, dtype=object)[area], np.full(len(lines), None, dtype=object)]),
            "length_km": lengths_km(_only_lines(np.concatenate([inside, outside])), ellipsoid=ellipsoid),
        }
    )
    table = table[table["length_km"] > 0]
    whole = float(np.nansum(lengths_km(_only_lines(lines), ellipsoid=ellipsoid)))
    each = table.groupby(["line", by], dropna=False, sort=True)["length_km"].sum().reset_index()
    sums = table.groupby(by, dropna=False, sort=True)["length_km"].sum().reset_index()
    notes = "; ".join(note for note in (read.note, ground.note and f"areas {ground.note}") if note)
    return described(_shares(sums, whole), method=method, note=notes, by_line=each)


def _only_lines(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave points and areas out of collections: what a line shares with an area it only touches."""
    import numpy as np
    import shapely

    kinds = shapely.get_type_id(geometries)
    out = geometries.copy()
    out[~np.isin(kinds, (1, 2, 5, 7))] = None
    for position in (kinds == 7).nonzero()[0]:
        parts = shapely.get_parts(geometries[position])
        out[position] = shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (1, 2, 5))])
    return out


def _shares(table: pd.DataFrame, whole: float) -> pd.DataFrame:
    table["share"] = table["length_km"] / whole if whole else 0.0
    return table.sort_values("length_km", ascending=False, kind="stable").reset_index(drop=True)


def _columns(frame: pd.DataFrame | None) -> str:
    return "Columns are: " + ", ".join(map(str, frame.columns)) + "." if frame is not None else "Give a GeoDataFrame that has it."
