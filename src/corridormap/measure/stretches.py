"""Stretches of a line from one kilometre to another: cut out of it, or laid on it from a table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import UsageError
from corridormap.measure.alignments import ROUNDING_KM
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.measure.referencing import kilometres, method_of, on_line
from corridormap.measure.routes import along_routes, check_errors
from corridormap.measure.tables import READ, as_table, column, numbers, plain_columns

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.measure.alignments import Alignment
    from corridormap.measure.routes import Errors


def cut(
    target: object = None,
    *,
    from_km: object = "from_km",
    to_km: object = "to_km",
    table: pd.DataFrame | str | Path | None = None,
    route: object = None,
    errors: Errors = "raise",
    atlas: Atlas | None = None,
    way: int = 0,
) -> GeoDataFrame:
    """Cut stretches out of a line, in pieces between gaps and borders; `events` gives one row each.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`. With `route` none, or a dict of lines by route.
    from_km, to_km : float, sequence of float, shape (n,), or str
        The ends; given the other way round, the stretch runs backwards. Or the columns of the table that hold them.
    table : DataFrame, n rows, or file, optional
        One row a stretch.
    route : str or sequence of str, shape (n,), optional
        The corridor that each row speaks of: a column of the table, or its names.
    errors : {"raise", "coerce"}
        What becomes of a stretch that is not on the line, has no length, or whose corridor is not known: it is refused, or gives no row.
    atlas, way : Atlas and int, optional
        The atlas, by default the packaged one; which of the corridor's ways, by default the main one.

    Returns
    -------
    GeoDataFrame
        ``from_km, to_km, length_km, geometry`` in EPSG:4326; one row for each piece between gaps and, on a corridor, for each country it
        runs through (``country``). Of several stretches each piece has the index of its row; with `route` that column stands first.

    Raises
    ------
    UsageError
        If the ends are not on the line, or are the same, or do not stand on the same rows; or there is no such corridor.
    """
    import pandas as pd

    table = as_table(table)
    given = [kilometres(km if not isinstance(km, str) else column(_given(table, km), km)) for km in (from_km, to_km)]
    known = [one.index for one in (table, from_km, to_km) if isinstance(one, pd.DataFrame | pd.Series)]
    index = known[0] if known else pd.RangeIndex(len(given[0]))
    if {len(km) for km in given} != {len(index)} or not all(one.equals(index) for one in known):
        raise UsageError("from_km and to_km do not stand on the same rows", hint="Give as many of both, on one index, that of the table.")
    ends = np.column_stack(given)
    single = route is None and not known and np.isscalar(from_km)

    def measured(line: Alignment, rows: NDArray[np.int64]) -> GeoDataFrame:
        return _cuts(line, ends[rows], errors, rows=None if single else index[rows])

    frame = along_routes(measured, route=route, table=table, index=index, target=target, errors=errors, atlas=atlas, way=way, whole=False)
    if single:
        frame.index = pd.RangeIndex(len(frame))
    return frame


def _given(table: pd.DataFrame | None, name: str) -> pd.DataFrame:
    if table is None:
        raise UsageError("a stretch needs from_km and to_km", hint=f"Give kilometres, or a table with a column {name!r}.")
    return table


def _cuts(line: Alignment, ends: NDArray[np.float64], errors: Errors, *, rows: pd.Index[Any] | None) -> GeoDataFrame:
    """Cut several stretches; the index tells which each piece belongs to."""
    import geopandas as gpd

    named = None if rows is None else [label for label in rows for _ in range(2)]
    on = on_line(line, ends.ravel(), errors, rows=named).reshape(-1, 2).all(axis=1)
    where: list[int] = []
    parts: list[tuple[float, float, NDArray[np.float64]]] = []
    for row in np.flatnonzero(on):
        pieces = _pieces(line, *ends[row])
        if not pieces and errors == "raise":
            label = "" if rows is None else f" (row {rows[int(row)]})"
            from_km, to_km = ends[row]
            raise UsageError(f"a stretch from km {from_km:g} to km {to_km:g} has no length{label}", hint="For a place, use locate.")
        parts += pieces
        where += [int(row)] * len(pieces)
    spans = np.array([part[:2] for part in parts]).reshape(-1, 2)
    table: dict[str, Any] = {"from_km": line.said(spans[:, 0]), "to_km": line.said(spans[:, 1]), "length_km": np.abs(np.diff(spans))[:, 0]}
    if not line.stretches.empty:
        inside = np.searchsorted(line.stretches["to_km"].to_numpy(), spans.mean(axis=1))
        table["country"] = texts(line.stretches["country"].to_numpy()[inside])
    shapes = np.empty(len(parts), dtype=object)
    shapes[:] = [shapely.LineString(part[2]) for part in parts]
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=LONLAT)
    frame.index = np.array(where, dtype=np.int64)
    return described(frame, line.note, method=method_of(line))


def _pieces(line: Alignment, from_km: float, to_km: float) -> list[tuple[float, float, NDArray[np.float64]]]:
    """Cut one stretch at gaps and borders: chainages of the ends of each piece, and its vertices; of a place no piece."""
    low, high = _stretch(line, from_km, to_km)
    if low == high:
        return []
    bounds = [low, high]
    table = line.stretches
    if not table.empty:
        change = table.loc[table["country"].ne(table["country"].shift()), "from_km"]
        bounds = [low, *change[(change > low) & (change < high)], high]
    pieces = [piece for start, end in pairwise(bounds) for piece in line.between(start, end)]
    return [(end, start, places[::-1]) for start, end, places in reversed(pieces)] if from_km > to_km else pieces


def _stretch(line: Alignment, from_km: float, to_km: float) -> tuple[float, float]:
    """Give the measured chainages of the ends of a stretch that is on the line, the lower first."""
    low, high = np.clip(np.sort(line.measured(np.array([from_km, to_km], dtype=float))), 0.0, line.length_km).tolist()
    return low, low if high - low <= ROUNDING_KM else high


def events(
    target: object = None,
    *,
    table: pd.DataFrame | str | Path,
    route: object = None,
    from_km: str = "from_km",
    to_km: str = "to_km",
    errors: Errors = "raise",
    atlas: Atlas | None = None,
    way: int = 0,
) -> GeoDataFrame:
    """Lay a table of stretches on a line: works, freight, lanes.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`. With `route` none, or a dict of lines by route.
    table : DataFrame, n rows, or file
        One row an event, with its kilometres. A geometry it has is replaced.
    route : str or sequence of str, shape (n,), optional
        The corridor that each row speaks of: a column of the table, or its names; each row is laid on its own.
    from_km, to_km : str
        The columns that hold them. Where both are the same the event is a point; given the other way round, it runs backwards.
    errors : {"raise", "coerce"}
        What becomes of a row whose kilometres are no numbers or not on the line, or whose corridor is not known: it is refused, or it has
        no length and no geometry.
    atlas, way : Atlas and int, optional
        The atlas, by default the packaged one; which of the corridor's ways, by default the main one.

    Returns
    -------
    GeoDataFrame, n rows
        The table with ``length_km``, as measured, and its geometry, EPSG:4326; a stretch over a gap is a MultiLineString.

    Raises
    ------
    UsageError
        If a column is missing or holds something else than numbers, a stretch is not on the line, or its corridor is not known, and it is
        not to be left empty.
    """
    import geopandas as gpd
    import pandas as pd

    check_errors(errors)
    table = as_table(table)
    ends = np.column_stack([numbers(table, name, missing=True, coerce=errors == "coerce") for name in (from_km, to_km)])
    index = table.index

    def measured(line: Alignment, rows: NDArray[np.int64]) -> GeoDataFrame:
        return laid_on(line, ends[rows], errors, rows=index[rows])

    laid = along_routes(measured, route=route, table=table, index=index, target=target, errors=errors, atlas=atlas, way=way, named=False)
    plain = pd.DataFrame(table[plain_columns(table)]).assign(length_km=laid["length_km"].to_numpy())
    frame = gpd.GeoDataFrame(plain, geometry=laid.geometry.to_numpy(), crs=LONLAT)
    empty = int(frame["length_km"].isna().sum())
    left = f"rows without a length: {empty}" if empty else ""
    return described(frame, table.attrs.get(READ, ""), left, laid.attrs.get("note", ""), method=laid.attrs["method"])


def laid_on(line: Alignment, ends: NDArray[np.float64], errors: Errors, *, rows: Iterable[object]) -> GeoDataFrame:
    """Lay stretches (n, 2) on a line: measured length and geometry of each, on a range as index; `rows` are what to call them."""
    import geopandas as gpd

    shapes = np.full(len(ends), None, dtype=object)
    on = on_line(line, ends.ravel(), errors, rows=[label for label in rows for _ in range(2)]).reshape(-1, 2).all(axis=1)
    for row in np.flatnonzero(on):
        low, high = _stretch(line, *ends[row])
        if low == high:
            shapes[row] = shapely.Point(line.places(np.array([low]))[0])
            continue
        parts = [places for _, _, places in line.between(low, high)]
        if ends[row, 0] > ends[row, 1]:
            parts = [places[::-1] for places in reversed(parts)]
        shapes[row] = shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(parts)
    measured = line.measured(ends.ravel()).reshape(-1, 2)
    length = np.where(on, np.abs(measured[:, 1] - measured[:, 0]), np.nan)
    return described(gpd.GeoDataFrame({"length_km": length}, geometry=shapes, crs=LONLAT), line.note, method=method_of(line))
