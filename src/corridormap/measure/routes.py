"""Tables that speak of many routes at once: each row is measured along its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from corridormap.atlas import Atlas
from corridormap.errors import UsageError
from corridormap.measure.alignments import alignment, chosen, itinerary_of
from corridormap.measure.inputs import described, texts
from corridormap.measure.tables import column
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.line import Alignment

    Errors = Literal["raise", "coerce"]


def check_errors(errors: str) -> None:
    """Make sure that it is said how to deal with rows that cannot be measured.

    Raises
    ------
    UsageError
        If it is neither ``raise`` nor ``coerce``.
    """
    if errors not in {"raise", "coerce"}:
        raise UsageError(f"errors must be 'raise' or 'coerce', not {errors!r}")


def routes_of(route: object, *, table: pd.DataFrame | None, rows: pd.Index[Any]) -> list[str | None]:
    """Read which route each of a table's rows speaks of: a column's name, or as many names as there are rows; None where there is none.

    Raises
    ------
    UsageError
        If there is no such column, there are more or fewer names than rows, or they stand on another index.
    """
    import pandas as pd

    if isinstance(route, str):
        if table is None:
            raise UsageError(f"there is no table with a column {route!r}", hint="Give a table, or the routes themselves, one a row.")
        route = column(table, route)
    several: Any = route if pd.api.types.is_list_like(route) else [route] * len(rows)
    names: list[Any] = list(several)
    if len(names) != len(rows):
        raise UsageError(f"{counted(len(names), 'route')} for {counted(len(rows), 'row')}")
    if isinstance(route, pd.Series) and not route.index.equals(rows):
        raise UsageError("the routes stand on another index than the rows", hint="If their order is the same, give route.tolist().")
    # A column of numbers with a hole in it holds 1.0 where 1 is meant.
    return [
        None if pd.isna(name) else str(int(name)) if isinstance(name, float | np.floating) and name == int(name) else str(name)
        for name in names
    ]


def along_routes(
    measured: Callable[[Alignment, NDArray[np.int64]], GeoDataFrame],
    *,
    route: object,
    table: pd.DataFrame | None,
    index: pd.Index[Any],
    target: object,
    errors: Errors,
    atlas: Atlas | None,
    way: int,
    named: bool = True,
    whole: bool = True,
) -> GeoDataFrame:
    """Measure the rows of each route along it, and put the results together in the order of the rows; without routes all along the target.

    `measured` takes a line and which rows are its, and gives a frame whose index tells which of these each result belongs to. With
    `whole` there is one result a row, which is empty where the route is not known and errors are coerced. Where it is `named` a column
    tells the route, called as that of the table.

    Raises
    ------
    UsageError
        Naming the first row whose route is not known, unless errors are coerced; or if `measured` gives a column called as the label.
    """
    import pandas as pd

    check_errors(errors)
    if route is None:
        return _placed(measured(alignment(target, atlas=atlas, way=way), np.arange(len(index))), index)
    names = routes_of(route, table=table, rows=index)
    if target is not None and not isinstance(target, Mapping):
        raise UsageError("with routes a row each there is no one target", hint="Leave it out, or give a dict of lines by route.")
    atlas = atlas or (Atlas.open() if target is None else None)
    codes, values = pd.factorize(np.array(names, dtype=object))
    lines = [_line(value, target, atlas, way) for value in values]
    unknown = np.array([line is None for line in lines] + [True])[codes]
    if unknown.any() and errors == "raise":
        row = int(unknown.argmax())
        known = ", ".join(map(str, target if target is not None else chosen(atlas, None) if atlas else ()))
        raise UsageError(f"no route {names[row]!r} (row {index[row]})", hint=f"Routes are: {known}.")
    places = [(line, np.flatnonzero(codes == code)) for code, line in enumerate(lines) if line is not None]
    if not places:
        # What a result without rows looks like any line can tell.
        places = [(_any_line(target, atlas, way), np.empty(0, dtype=np.int64))]
    parts = [_placed(measured(line, rows), rows) for line, rows in places]
    frame = pd.concat(parts).sort_index(kind="stable")
    if whole:
        frame = frame.reindex(range(len(names)))
    if named:
        label = route if isinstance(route, str) else "route"
        if label in frame:
            raise UsageError(f"{label!r}, the column of the routes, is the name of a column that is found", hint="Rename it first.")
        frame.insert(0, label, texts((names[row] for row in frame.index), frame.index))
    for name in frame.select_dtypes(object).columns:
        frame[name] = texts((None if pd.isna(value) else value for value in frame[name]), frame.index)
    frame = _placed(frame, index)
    notes = dict.fromkeys(f"{line.name}: {note}" for (line, _), part in zip(places, parts, strict=True) if (note := part.attrs.get("note")))
    if unknown.any():
        notes[f"rows of no known route are left empty: {int(unknown.sum())}"] = None
    return described(frame, *notes, method="; ".join(dict.fromkeys(part.attrs["method"] for part in parts)))


def _placed(frame: GeoDataFrame, labels: pd.Index[Any] | NDArray[np.int64]) -> GeoDataFrame:
    """Index results by the labels of the rows that they belong to."""
    frame.index = labels[frame.index.to_numpy(dtype=np.int64)]
    return frame


def _line(name: str, target: Mapping[Any, object] | None, atlas: Atlas | None, way: int) -> Alignment | None:
    """Find the line of a route; None if it is not known."""
    if target is not None:
        known = {str(key): line for key, line in target.items()}
        return alignment(known[name], atlas=atlas, way=way) if name in known else None
    assert atlas is not None
    return alignment(name, atlas=atlas, way=way) if itinerary_of(atlas, name) in atlas.itineraries else None


def _any_line(target: Mapping[Any, object] | None, atlas: Atlas | None, way: int) -> Alignment:
    if target:
        return alignment(next(iter(target.values())), atlas=atlas, way=way)
    atlas = atlas or Atlas.open()
    name = next((one.id for one in atlas.itineraries.values() if one.ways), None)
    if name is None:
        raise UsageError("the atlas has no corridor with a way", hint="Give a dict of lines by route.")
    return alignment(name, atlas=atlas)
