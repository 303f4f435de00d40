"""Find what is to be checked (files, folders, patterns, standard input) and how it is to be read."""

from __future__ import annotations

import errno
import glob
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


STDIN = "<stdin>"

SEQUENCES = frozenset({".geojsonl", ".geojsons", ".geojsonseq", ".geojson-seq", ".ndjson", ".jsonl", ".ndgeojson", ".geojsonld"})
SHAPEFILE = "ESRI Shapefile"
ZIPPED = frozenset({".zip", ".shz"})
"""Archives of shapefiles."""
FOREIGN = {
    ".gpkg": "GPKG",
    ".fgb": "FlatGeobuf",
    ".shp": SHAPEFILE,
    ".kml": "KML",
    ".kmz": "KML",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
    **dict.fromkeys(ZIPPED, SHAPEFILE),
}
IN_FOLDERS = frozenset(
    {".geojson", ".geojsonl", ".geojsons", ".geojsonseq", ".geojson-seq", ".ndjson", ".gpkg", ".fgb", ".shp", ".kml", ".parquet"}
)
"""What is looked for in folders; a .json or .zip may be anything, so that it is checked only if it is named."""


@dataclass(frozen=True)
class Input:
    """A file to check."""

    path: Path | None
    """None for standard input."""
    name: str
    """What it is called in findings."""
    kind: str
    """Its format, or "atlas" for a folder with an atlas.toml."""
    trouble: str | None = None
    """Why it cannot be read."""


def expand(inputs: Sequence[str | Path]) -> list[Input]:
    """Find the files that these stand for, each once, in their order.

    Raises
    ------
    UsageError
        If a source does not exist, a pattern fits nothing, or a folder holds nothing to check.
    """
    found: dict[str, Input] = {}
    for item in inputs:
        for file in _expand(os.fspath(item)):
            found.setdefault(file.name, file)
    return list(found.values())


def _expand(text: str) -> list[Input]:
    if text == "-":
        return [Input(None, STDIN, "GeoJSON")]
    if "\x00" in text:
        raise UsageError("a path cannot hold a NUL character")
    if not os.path.lexists(text):
        if not glob.has_magic(text):
            raise UsageError(f"no such file: {text}", hint="Name a file, a folder, a pattern, or - for standard input.")
        # Path.glob takes no absolute patterns.
        matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207
        if not matches:
            raise UsageError(f"nothing fits {text!r}")
        return [of_path(Path(match)) for match in matches if not os.path.isdir(match)]  # noqa: PTH112
    path = Path(text)
    if not os.path.isdir(text):  # noqa: PTH112  Path.is_dir fails where it may not look
        return [of_path(path)]
    if (path / "atlas.toml").is_file():
        return [Input(path, _name(path), "atlas")]
    found: list[Input] = []
    for parent, folders, files in os.walk(path):  # links to folders are not followed, so that no circle is
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [of_path(Path(parent) / name) for name in sorted(files) if Path(name).suffix.lower() in IN_FOLDERS]
    if not found:
        raise UsageError(f"nothing to check in {text}", hint=f"In folders these are looked for: {', '.join(sorted(IN_FOLDERS))}.")
    return found


def of_path(path: Path) -> Input:
    """Describe a file, with the reason why it cannot be read if it cannot."""
    suffix = path.suffix.lower()
    kind = FOREIGN.get(suffix) or ("GeoJSON text sequence" if suffix in SEQUENCES else "GeoJSON")
    return Input(path, _name(path), kind, _trouble(path))


def _name(path: Path) -> str:
    """Spell a path so that it can be written in UTF-8, whatever bytes it is made of."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _trouble(path: Path) -> str | None:
    """Say why a path cannot be read as a file; None if it can."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return "is a link that leads to itself" if error.errno == errno.ELOOP else f"cannot be read: {error.strerror or error}"
    if stat.S_ISREG(mode):
        return None if os.access(path, os.R_OK) else "cannot be read: no permission"
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))
    kind = next((name for test, name in kinds if test(mode)), "a device")
    return f"is {kind}, not a file"
