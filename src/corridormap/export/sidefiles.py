"""The files that programs keep beside a file, indexes, styles, journals: part of what is replaced, else they speak of what is gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from corridormap.errors import WriteError

if TYPE_CHECKING:
    from pathlib import Path

STYLED = (".qml", ".qmd", ".sld")
"""Style and metadata as QGIS keeps them beside any file."""
MAPLIBRE_STYLE = ".style.json"
BY_STEM = {
    ".shp": (
        *(".shx", ".dbf", ".prj", ".cpg", ".cst", ".qpj", ".qix", ".sbn", ".sbx", ".fbn", ".fbx", ".ain", ".aih", ".ixs", ".mxs", ".atx"),
        *(".idm", ".ind", *STYLED),
    ),
    ".csv": (".csvt", ".prj", ".qml", ".qmd"),
    ".geojson": STYLED,
    ".geojsonl": STYLED,
    ".fgb": STYLED,
    ".parquet": STYLED,
    ".kml": STYLED,
    ".kmz": STYLED,
    ".gpkg": STYLED,
    ".topojson": STYLED,
    ".pmtiles": (MAPLIBRE_STYLE,),
}
"""Ending → endings that take its place in the names of side files: ``roads.shp`` has ``roads.qix``."""
BY_NAME = {".gpkg": ("-wal", "-shm", "-journal", ".aux.xml"), ".shp": (".xml",), ".zip": (".properties", ".aux.xml")}
"""Ending → what is added to the whole name: ``roads.gpkg`` has ``roads.gpkg-wal``."""


def side_files(path: Path) -> list[Path]:
    """Give the files that stand beside a file and belong to it, whether it stands there itself or not.

    One that goes by the bare name belongs to every format that may have such: while ``roads.shp`` stands there, ``roads.prj`` is not
    ``roads.csv``'s alone, and is left.
    """
    ending = path.suffix.lower()
    others = {other for other in BY_STEM if other != ending and path.with_suffix(other).exists()}
    shared = {side for other in others for side in BY_STEM[other]}
    names = [path.with_suffix(side) for side in BY_STEM.get(ending, ()) if side not in shared]
    names += [path.with_name(path.name + side) for side in BY_NAME.get(ending, ())]
    return [name for name in names if name.is_file()]


def refuse_open(path: Path) -> None:
    """Refuse to replace a database that a program has open: what it writes after would be lost, or spoil the new file.

    What a program that died had left in the log goes into the old file by this, so that it is whole until it is replaced.

    Raises
    ------
    WriteError
        If another program holds the database.
    """
    if path.suffix.lower() != ".gpkg" or not path.is_file():
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.rollback()
    except sqlite3.Error as error:
        # Of anything else that is wrong with the old file the new one is the cure.
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            what = "is open in another program (QGIS, for one), which may have changes to save"
            raise WriteError(what, where=path, hint="Close it there, or give another name. Nothing was changed.") from None
