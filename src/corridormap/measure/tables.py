"""Callers' tables: read from files as spreadsheets write them, their columns, and the points that they hold."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from corridormap.errors import DataError, UsageError
from corridormap.phrases import meant

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    T = TypeVar("T")
SHEETS = {".xlsx", ".ods", ".dbf"}
"""Suffixes of tables that GDAL reads; all others are CSV."""
TABLES = SHEETS | {".csv", ".tsv", ".txt"}
READ = "read"
"""What ``attrs`` of a frame hold of how its file was read, for the note."""
DECIMAL_COMMA = r"[+-]?\d{1,3}(?:[ \u00a0\u202f]?\d{3})*(?:,\d+)?"
LON = {"lon", "lng", "long", "longitude", "долгота", "бойлық"}
LAT = {"lat", "latitude", "широта", "ендік"}


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


def as_table(table: T | str | Path) -> T | pd.DataFrame:
    """Read a table of which the path is given; what is no path stays as it is."""
    return read_table(table) if isinstance(table, str | Path) else table


def read_table(name: str | Path) -> pd.DataFrame:
    """Read a table: CSV in UTF-8 or Windows-1251, with commas, semicolons or tabs, or a sheet that GDAL reads.

    Where not commas stand between columns, a comma in a figure is a decimal one. What was found stands in ``attrs["read"]``.

    Raises
    ------
    DataError
        If it is not there or cannot be read.
    """
    path = Path(name)
    if not path.exists():
        raise DataError("no such file", where=path, hint="Check the path.")
    try:
        if path.suffix.lower() in SHEETS:
            import pyogrio

            sheets = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
            sheet: pd.DataFrame = pyogrio.read_dataframe(path, layer=sheets[0], read_geometry=False, fid_as_index=False)
            if len(sheets) > 1:
                sheet.attrs[READ] = f"of {path.name} the sheet {sheets[0]!r} is read, and no other"
            return sheet
        return _csv(path)
    except Exception as error:  # noqa: BLE001  GDAL raises what it likes
        what = (str(error).splitlines() or [type(error).__name__])[0]
        hint = "Give a CSV file, or a sheet (.xlsx, .ods), whose first line names the columns."
        raise DataError(f"cannot be read: {what[:200]}", where=path, hint=hint) from None


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    raw, found = path.read_bytes(), []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1251")
        found.append("as Windows-1251")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    table = pd.read_csv(io.StringIO(text), sep=separator)
    if separator != ",":
        found.append(f"with {'semicolons' if separator == ';' else 'tabs'} between columns")
        turned = []
        for column in table.columns:
            said = table[column].dropna()
            if len(said) and said.map(lambda value: isinstance(value, str)).all() and said.str.strip().str.fullmatch(DECIMAL_COMMA).all():
                plain = table[column].str.replace(r"\s", "", regex=True).str.replace(",", ".", regex=False)
                table[column] = pd.to_numeric(plain)
                turned.append(str(column))
        if turned:
            found.append(f"decimal commas in {', '.join(turned)}")
    if found:
        table.attrs[READ] = f"{path.name} is read {', '.join(found)}"
    return table


def points_of(table: pd.DataFrame, *, what: str) -> GeoDataFrame | None:
    """Make points of a table's columns of longitude and latitude, None if it has none; a row without either has no point.

    Raises
    ------
    UsageError
        If they do not hold numbers.
    """
    import geopandas as gpd

    both = [[name for name in table.columns if str(name).strip().casefold() in names] for names in (LON, LAT)]
    if any(len(names) != 1 for names in both):
        return None
    lon, lat = (names[0] for names in both)
    x, y = (numbers(table, name, what=what, missing=True) for name in (lon, lat))
    frame = gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs="EPSG:4326")
    frame.attrs[READ] = "; ".join(filter(None, (table.attrs.get(READ), f"points are of the columns {lon} and {lat}, in degrees")))
    return frame
