"""Columns of callers' tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def column(table: pd.DataFrame, name: str, *, what: str = "the table") -> pd.Series[Any]:
    """Give a column of a table.

    Raises
    ------
    UsageError
        If it has none of that name.
    """
    if name not in table.columns:
        raise UsageError(f"{what} has no column {name!r}", hint="Columns are: " + ", ".join(map(str, table.columns)) + ".")
    found: pd.Series[Any] = table[name]
    return found


def numbers(table: pd.DataFrame, name: str, *, what: str = "the table", missing: bool = False) -> NDArray[np.float64]:
    """Give a column of numbers; `missing` tells whether rows may have none.

    Raises
    ------
    UsageError
        If it is not there, or does not hold numbers.
    """
    try:
        values = column(table, name, what=what).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise UsageError(f"{name!r} of {what} must hold numbers", hint="pandas.to_numeric finds what is none.") from None
    if not missing and np.isnan(values).any():
        row = table.index[int(np.isnan(values).argmax())]
        raise UsageError(f"{name!r} of {what} has no number in row {row}", hint="Leave such rows out: table.dropna(subset=[…]).")
    return values
