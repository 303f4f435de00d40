"""Columns of callers' tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.errors import UsageError
from corridormap.phrases import meant

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def column(table: pd.DataFrame, name: str, *, what: str = "the table") -> pd.Series[Any]:
    """Give a column of a table.

    Raises
    ------
    UsageError
        If it is no table, or has none of that name, or several.
    """
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise UsageError(f"{what} must be a DataFrame, not {type(table).__name__}")
    if name not in table.columns:
        columns = f"Columns are: {', '.join(map(str, table.columns))}."
        raise UsageError(f"{what} has no column {name!r}", hint=meant(name, table.columns, columns))
    found = table[name]
    if isinstance(found, pd.DataFrame):
        raise UsageError(f"{what} has several columns {name!r}", hint="Rename all but one.")
    return found


def plain_columns(table: pd.DataFrame) -> list[Any]:
    """Name the columns of a table that are no geometry."""
    return [name for name, kind in table.dtypes.items() if str(kind) != "geometry" and name != "geometry"]


def coded(table: pd.DataFrame, name: str, *, what: str = "the table") -> tuple[NDArray[np.int64], pd.Index[Any]]:
    """Number the values of a column: the number of each row's, -1 where there is none, and the values.

    Raises
    ------
    UsageError
        If it is not there, or its values cannot be told apart.
    """
    import pandas as pd

    try:
        codes, values = pd.factorize(column(table, name, what=what))
    except TypeError:
        hint = "Make texts of them first."
        raise UsageError(f"the column {name!r} of {what} holds lists, which cannot be told apart", hint=hint) from None
    return codes, values


def numbers(table: pd.DataFrame, name: str, *, what: str = "the table", missing: bool = False, coerce: bool = False) -> NDArray[np.float64]:
    """Give a column of numbers; `missing` tells whether rows may have none, `coerce` whether what is no number is none.

    Raises
    ------
    UsageError
        If it is not there, or does not hold numbers.
    """
    import pandas as pd

    given = column(table, name, what=what)
    try:
        values = given.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        values = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        bad = np.isnan(values) & given.notna().to_numpy()
        if bad.any() and not coerce:
            row = int(bad.argmax())
            hint = 'With decimal commas read it so: pandas.read_csv(…, decimal=","); pandas.to_numeric(…, errors="coerce") leaves gaps.'
            raise UsageError(f"{name!r} of {what} must hold numbers, not {given.iloc[row]!r} (row {table.index[row]})", hint=hint) from None
    if not missing and not np.isfinite(values).all():
        row = table.index[int(np.isfinite(values).argmin())]
        raise UsageError(f"{name!r} of {what} has no number in row {row}", hint="Leave such rows out: table.dropna(subset=[…]).")
    return values
