"""Find what is to be checked (files, folders, patterns, standard input) and how it is to be read."""

from __future__ import annotations

import codecs
import errno
import glob
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.checks.collector import Collector

STDIN = "<stdin>"

SEQUENCES = frozenset({".geojsonl", ".geojsons", ".geojsonseq", ".geojson-seq", ".ndjson", ".jsonl", ".ndgeojson", ".geojsonld"})
FOREIGN = {".gpkg": "GPKG", ".fgb": "FlatGeobuf", ".shp": "ESRI Shapefile", ".kml": "KML", ".kmz": "KML"}
IN_FOLDERS = frozenset({".geojson", ".geojsonl", ".geojsons", ".geojsonseq", ".geojson-seq", ".ndjson", ".gpkg", ".fgb", ".shp", ".kml"})
"""What is looked for in folders; a .json may be anything, so that it is checked only if it is named."""
MARK = codecs.BOM_UTF8
"""The byte order mark."""

_MAGIC = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and check what is in it."),
    (b"PK\x05\x06", "a zip archive", "Unpack it and check what is in it."),
    (b"\x1f\x8b", "packed with gzip", "Unpack it first: gunzip -c FILE | corridormap validate -"),
    (b"BZh", "packed with bzip2", "Unpack it first: bunzip2 -c FILE | corridormap validate -"),
    (b"\xfd7zXZ", "packed with xz", "Unpack it first: xz -dc FILE | corridormap validate -"),
    (b"(\xb5/\xfd", "packed with zstd", "Unpack it first: zstd -dc FILE | corridormap validate -"),
    (b"SQLite format 3\x00", "a GeoPackage or other SQLite database", "Name it .gpkg."),
    (b"fgb", "FlatGeobuf", "Name it .fgb."),
    (b"\x00\x00\x27\x0a", "a Shapefile", "Name it .shp."),
    (b"%PDF", "a PDF", None),
    (b"\x89PNG", "a PNG image", None),
    (b"\xff\xd8\xff", "a JPEG image", None),
    (b"PAR1", "Parquet", "Write it as GeoJSON or GeoPackage first."),
    (b"\x7fELF", "a program", None),
)


@dataclass(frozen=True)
class Source:
    """A file to check.

    Attributes
    ----------
    path : Path or None
        None for standard input.
    name : str
        What it is called in findings.
    kind : str
        Its format, or "atlas" for a folder with an atlas.toml.
    trouble : str or None
        Why it cannot be read.
    """

    path: Path | None
    name: str
    kind: str
    trouble: str | None = None


def expand(sources: Sequence[str | Path]) -> list[Source]:
    """Find the files that sources stand for, each once, in their order.

    Raises
    ------
    UsageError
        If a source does not exist, a pattern fits nothing, or a folder holds nothing to check.
    """
    found: dict[str, Source] = {}
    for source in sources:
        for item in _expand(os.fspath(source)):
            found.setdefault(item.name, item)
    return list(found.values())


def _expand(text: str) -> list[Source]:
    """Find the files that one source stands for."""
    if text == "-":
        return [Source(None, STDIN, "GeoJSON")]
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
        return [Source(path, _name(path), "atlas")]
    found: list[Source] = []
    for parent, folders, files in os.walk(path):  # links to folders are not followed, so that no circle is
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [of_path(Path(parent) / name) for name in sorted(files) if Path(name).suffix.lower() in IN_FOLDERS]
    if not found:
        raise UsageError(f"nothing to check in {text}", hint=f"In folders these are looked for: {', '.join(sorted(IN_FOLDERS))}.")
    return found


def of_path(path: Path) -> Source:
    """Describe a file as a source, with the reason why it cannot be read if it cannot."""
    suffix = path.suffix.lower()
    kind = FOREIGN.get(suffix) or ("GeoJSON text sequence" if suffix in SEQUENCES else "GeoJSON")
    return Source(path, _name(path), kind, _trouble(path))


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


def find_start(head: bytes, collector: Collector) -> int | None:
    """Find where JSON begins in the first bytes of a text, after a byte order mark; None, with a finding, if they are something else."""
    for magic, name, hint in _MAGIC:
        if head.startswith(magic):
            collector.fault("CM011", f"is {name}, not GeoJSON", (1, 1), hint=hint)
            return None
    # Without a mark an encoding shows in its zeros, since JSON begins with two ASCII characters.
    encoding, zeros, size = json.detect_encoding(head), head[:4].count(0), len(head[:4])
    if encoding in {"utf-16", "utf-32"} or (encoding[:6] in {"utf-16", "utf-32"} and 2 * zeros >= size > zeros):
        collector.fault("CM002", f"is {encoding[:6].upper()}, not UTF-8", (1, 1))
        return None
    if head.lstrip()[:1] == b"<":
        kml = b"<kml" in head.lower() or b"opengis.net/kml" in head
        html = b"<html" in head.lower() or b"<!doctype html" in head.lower()
        name = "KML" if kml else "a web page" if html else "XML"
        hint = "Name it .kml." if kml else "Look at what the server sent: perhaps an error message." if html else None
        collector.fault("CM011", f"is {name}, not GeoJSON", (1, 1), hint=hint)
        return None
    if head.startswith(MARK):
        collector.fault("CM003", "begins with a byte order mark", (1, 1))
        return len(MARK)
    return 0
