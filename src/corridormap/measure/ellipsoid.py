"""Geodesic lengths and areas of whatever a caller has, and lengths split by areas or attributes."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.antimeridian import one_world, unwrapped
from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, geod, lengths_km, lines_of, parts_of, subdivided
from corridormap.measure.inputs import described, read_input
from corridormap.measure.tables import coded, plain_columns
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Iterator

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
CHUNK = 1_000_000
"""Vertices that are split at areas at a time."""
RUN = 64
"""Segments that are asked together whether they lie within an area."""
DETAILED = 256
"""Areas of more vertices are cut down to what is about the segments that cross their edge."""
MARGIN = 0.01
"""So far, in degrees, beyond the segments."""


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
    notes = [read.note]
    if areas is None:
        lines = lengths_km(read.geometries, ellipsoid=ellipsoid)
        codes, values = _coded(read.frame, by, "the data")
        row, km = lines.nonzero()[0], lines[lines.nonzero()]
        code = codes[row]
    else:
        ground = read_input(areas, what="the areas", kind="area")
        codes, values = _coded(ground.frame, by, "the areas")
        notes.append(ground.note and f"areas {ground.note}")
        row, area, km, lines = _split(read.geometries, ground.geometries, ellipsoid)
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
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Cut lines at areas, segment by segment, so that what is passed twice counts twice.

    Give line, area, -1 for none, and kilometres of each stretch; and of each line the kilometres of the whole.
    """
    valid = shapely.is_valid(areas) | shapely.is_missing(areas)
    if not valid.all():
        hint = "Mend them first, for instance with areas.make_valid()."
        raise DataError(f"row {int(valid.argmin())} is no valid area", where="the areas", hint=hint)
    grounds, ground = parts_of(np.array([one_world(area) for area in areas], dtype=object))
    solid = shapely.get_type_id(grounds) == shapely.GeometryType.POLYGON
    grounds, ground = grounds[solid], np.append(ground[solid], -1)  # the last for what lies in none
    shapely.prepare(grounds)
    parts, owner = lines_of(geometries)
    coordinates, part = shapely.get_coordinates(parts, return_index=True)
    lines = np.zeros(len(geometries))
    found = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))]
    for first in range(0, len(coordinates) - 1, CHUNK):
        some = slice(first, first + CHUNK + 1)
        segments = _Segments(coordinates[some], part[some], ellipsoid)
        row = owner[segments.part]
        lines += np.bincount(row, weights=segments.km, minlength=len(lines))
        for segment, area, km in _stretches(segments, grounds, ellipsoid):
            kept = km > SLIVER_KM
            found.append((row[segment[kept]], ground[area[kept]], km[kept]))
    line, area, km = (np.concatenate(column) for column in zip(*found, strict=True))
    return line, area, km, lines


class _Segments:
    """Parts of lines cut into segments so short that straight ones are geodesics, none across the 180th meridian.

    Of each the place where it starts, the next is its end; its part, and its kilometres. Segments that go on from one another make runs, of
    which `first` is the first segment, and `count` how many there are.
    """

    def __init__(self, coordinates: NDArray[np.float64], part: NDArray[np.int64], ellipsoid: str) -> None:
        places, part, metres = subdivided(coordinates, part, step_km=STEP_KM, ellipsoid=ellipsoid)
        places = unwrapped(places)
        jump = np.flatnonzero((part[1:] == part[:-1]) & (np.abs(np.diff(places[:, 0])) > 180.0)) + 1
        if len(jump):
            here, there = places[jump - 1], places[jump]
            edge = np.copysign(180.0, here[:, 0])
            span = (there[:, 0] - here[:, 0]) + 2.0 * edge  # eastward or westward, the short way
            share = np.divide(edge - here[:, 0], span, out=np.zeros(len(span)), where=span != 0)
            lat = here[:, 1] + share * (there[:, 1] - here[:, 1])
            before, after = np.column_stack([edge, lat]), np.column_stack([-edge, lat])
            metres[jump] = distances_m(after, there, ellipsoid=ellipsoid)
            between = np.stack([distances_m(here, before, ellipsoid=ellipsoid), np.zeros(len(jump))], axis=1)
            twice = np.repeat(jump, 2)
            places = np.insert(places, twice, np.stack([before, after], axis=1).reshape(-1, 2), axis=0)
            part, metres = np.insert(part, twice, part[twice]), np.insert(metres, twice, between.reshape(-1))
        self.places = places
        # Vertices that stand in the same place, or on both edges of the map, make no segment; nor do two parts.
        self.start = np.flatnonzero(metres[1:] > 0.0)
        self.part, self.km = part[self.start], metres[self.start + 1] / 1000.0
        last = np.append(np.diff(self.start) != 1, True)[: len(self.start)]
        last[RUN - 1 :: RUN] = True
        self.run = np.cumsum(last) - last
        ends = np.flatnonzero(last) + 1
        self.first = np.append(0, ends)[:-1]
        self.count = ends - self.first

    def runs(self) -> NDArray[np.object_]:
        """Draw each run."""
        after = self.first + self.count
        vertex, run = np.insert(self.start, after, self.start[after - 1] + 1), np.insert(self.run, after, self.run[after - 1])
        return np.asarray(shapely.linestrings(self.places[vertex], indices=run), dtype=object)

    def drawn(self, segment: NDArray[np.int64]) -> NDArray[np.object_]:
        """Draw some of the segments."""
        start = self.start[segment]
        return np.asarray(shapely.linestrings(np.stack([self.places[start], self.places[start + 1]], axis=1)), dtype=object)


def _stretches(
    lines: _Segments, grounds: NDArray[np.object_], ellipsoid: str
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]]:
    """Tell of what lies whole in a ground, what is cut, and what lies in none: a segment of it, the ground, -1 for none, and kilometres."""
    runs = lines.runs()
    if not len(runs):
        return
    area, run = shapely.STRtree(runs).query(grounds, predicate="intersects")
    within = shapely.covers(grounds[area], runs[run])
    km = np.asarray(np.bincount(lines.run, weights=lines.km), dtype=np.float64)
    yield lines.first[run[within]], area[within], km[run[within]]
    apart = np.isin(np.arange(len(runs)), run, invert=True).nonzero()[0]
    yield lines.first[apart], np.full(len(apart), -1), km[apart]
    # What lies whole within an area needs no cutting; of runs that do not only some segments do.
    covered = np.isin(lines.run, run[within])
    area, run = area[~within], run[~within]
    count = lines.count[run]
    segment = np.repeat(lines.first[run] - (np.cumsum(count) - count), count) + np.arange(count.sum())
    area, drawn = np.repeat(area, count), lines.drawn(segment)
    free = np.zeros(len(covered), dtype=bool)
    free[segment] = True
    touched = shapely.intersects(grounds[area], drawn)
    area, segment, drawn = area[touched], segment[touched], drawn[touched]
    within = shapely.covers(grounds[area], drawn)
    yield segment[within], area[within], lines.km[segment[within]]
    covered[segment[within]] = True
    area, edge, drawn = area[~within], segment[~within], drawn[~within]
    near = np.empty(len(area), dtype=object)
    for one in np.unique(area):
        near[area == one] = _about(drawn[area == one], grounds[one])
    yield edge, area, lengths_km(shapely.intersection(drawn, near), ellipsoid=ellipsoid)
    # From a segment that no area covers all those that it touches are taken away.
    part, drawn, taken = (column[~covered[edge]] for column in (edge, drawn, near))
    order = np.argsort(part, kind="stable")
    rest, first = np.unique(part[order], return_index=True)
    groups = np.split(taken[order], first[1:])
    remains = [reduce(shapely.difference, group, one) for one, group in zip(drawn[order][first], groups, strict=False)]
    yield rest, np.full(len(rest), -1), lengths_km(remains, ellipsoid=ellipsoid)
    free[edge] = False
    alone = np.flatnonzero(free & ~covered)
    yield alone, np.full(len(alone), -1), lines.km[alone]


def _about(segments: NDArray[np.object_], ground: Any) -> NDArray[np.object_]:
    """Give for each segment what is about it of a ground: to cut one takes as long as the ground has vertices."""
    near = np.full(len(segments), ground, dtype=object)
    if len(segments) < 2 or shapely.get_num_coordinates(ground) < DETAILED:
        return near
    low, high = np.split(shapely.bounds(segments), 2, axis=1)
    order = np.argsort((low + high)[:, np.argmax(high.max(axis=0) - low.min(axis=0))], kind="stable")
    for half in np.array_split(order, 2):
        part = shapely.intersection(ground, shapely.box(*(low[half].min(axis=0) - MARGIN), *(high[half].max(axis=0) + MARGIN)))
        if shapely.get_type_id(part) in {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}:
            near[half] = _about(segments[half], part)
    return near


def _coded(frame: pd.DataFrame | None, name: str, what: str) -> tuple[NDArray[np.int64], pd.Index[Any]]:
    """Number the values of a column that lengths can be split by."""
    if frame is None:
        raise UsageError(f"{what} must be a GeoDataFrame that has the column {name!r}")
    if name in {"length_km", "share"}:
        raise UsageError(f"{what} cannot be split by {name!r}, as the result has a column of that name", hint="Rename it first.")
    plain = plain_columns(frame)
    if name not in plain:
        raise UsageError(
            f"{what} have no column {name!r} to split by", hint=meant(name, plain, f"Columns are: {', '.join(map(str, plain)) or 'none'}.")
        )
    return coded(frame, name, what=what)
