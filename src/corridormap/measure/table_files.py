"""Tables from files, as spreadsheets write them, and the points that they hold."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corridormap.errors import DataError
from corridormap.measure.tables import numbers

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    T = TypeVar("T")

SHEETS = {".xlsx", ".ods", ".dbf"}
"""Suffixes of tables that GDAL reads; all others are CSV."""
TABLES = SHEETS | {".csv", ".tsv", ".txt"}
READ = "read"
"""What ``attrs`` of a frame hold of how its file was read, for the note."""
DECIMAL_COMMA = r"[+-]?\d{1,3}(?:[ \u00a0\u202f]?\d{3})*(?:,\d+)?"
LON = {"lon", "lng", "long", "longitude", "долгота", "бойлық"}
LAT = {"lat", "latitude", "широта", "ендік"}


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
