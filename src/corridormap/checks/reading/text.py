"""The bytes of a text: what they are, where in them one is, and what in them is not UTF-8."""

from __future__ import annotations

import codecs
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.decode import split, split_object
from corridormap.checks.reading.slow import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

    from corridormap.checks.filecheck import FileCheck
    from corridormap.checks.reading.survey import Path

MARK = codecs.BOM_UTF8

_SPACE = re.compile(rb"[ \t\n\r]*+")
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
_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_NAME = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*+:\s*+\Z', re.DOTALL)


class Lines:
    """Line and column of places in a text, counted on from the last place that was asked for.

    Parameters
    ----------
    text : bytes
        The text.
    line, column : int
        Where it begins in its file, from 1.
    """

    def __init__(self, text: bytes, line: int = 1, column: int = 1) -> None:
        self._text = text
        self._begin = (0, line, column)
        self._last = self._begin

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column, in characters, of a byte."""
        at, line, column = self._last if offset >= self._last[0] else self._begin
        breaks = self._text.count(b"\n", at, offset)
        if breaks:
            at, line, column = self._text.rfind(b"\n", at, offset) + 1, line + breaks, 1
        self._last = (offset, line, column + characters(self._text[at:offset]))
        return self._last[1:]


def offset(raw: msgspec.Raw, text: bytes) -> int:
    """Where in a text a value that was decoded from it stands: both are the same memory."""
    here = np.frombuffer(memoryview(raw), dtype=np.uint8).ctypes.data
    return int(here - np.frombuffer(text, dtype=np.uint8).ctypes.data)


def places(text: bytes, wanted: Iterable[Path]) -> dict[Path, int]:
    """Find the bytes at which values begin; a member of an object begins where its name does.

    Parameters
    ----------
    text : bytes
        A JSON text, in which there may be NaN.
    wanted : iterable of tuple
        The values, by the tokens of a JSON pointer; those that are not there are left out.
    """
    body = plain(text)

    def value(path: Path) -> Any:
        """The text of a value; None if it is not there."""
        try:
            return inside(path[:-1])[path[-1]] if path else body
        except (LookupError, TypeError):
            return None

    @cache
    def inside(path: Path) -> Any:
        """The texts of the values within a value, by name or in their order."""
        text = value(path)
        return () if text is None else split_object(text) or split(text) or ()

    found = {}
    for path in wanted:
        raw = value(path)
        if raw is not None:
            at = offset(raw, body)
            name = _NAME.search(body, max(0, at - 4000), at) if path and isinstance(path[-1], str) else None
            found[path] = name.start() if name else at
    return found


def characters(text: bytes) -> int:
    """How many characters a text has."""
    return len(text) if text.isascii() else len(text.decode("utf-8", "replace"))


def space(text: bytes, offset: int) -> int:
    """The first byte from here on that is no white space."""
    return _SPACE.match(text, offset).end()  # type: ignore[union-attr]  # it always matches


def mask(text: bytes) -> tuple[bytes, int | None]:
    """A text with every byte that is not UTF-8 replaced by a question mark, and where the first of them was."""
    if text.isascii():
        return text, None
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return text.decode("utf-8", "corridormap.mask").encode("utf-8"), error.start
    return text, None


def _mask(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "?" * (error.end - error.start), error.end


codecs.register_error("corridormap.mask", _mask)


def clean(text: bytes, check: FileCheck, *, line: int = 1, column: int = 1) -> bytes:
    """Mask what is not UTF-8 in a text, and tell once that there is such a thing."""
    masked, wrong = mask(text)
    if wrong is not None:
        check.fault("CM002", f"byte 0x{text[wrong]:02X} is not UTF-8", Lines(masked, line, column).place(wrong))
    return masked


def sniff(head: bytes, check: FileCheck) -> int | None:
    """Look at the first bytes of a text.

    Returns
    -------
    int or None
        Where the JSON text begins, after a byte order mark; None if it is none, which was told.
    """
    encoding = next((name for mark, name in _ENCODINGS if head.startswith(mark)), None) or _without_mark(head)
    if encoding is not None:
        check.fault("CM002", f"is {encoding}, not UTF-8", (1, 1))
        return None
    for magic, name, hint in _MAGIC:
        if head.startswith(magic):
            check.fault("CM011", f"is {name}, not GeoJSON", (1, 1), hint=hint)
            return None
    if head.lstrip()[:1] == b"<":
        kml = b"<kml" in head.lower() or b"opengis.net/kml" in head
        html = b"<html" in head.lower() or b"<!doctype html" in head.lower()
        name = "KML" if kml else "a web page" if html else "XML"
        hint = "Name it .kml." if kml else "Look at what the server sent: perhaps an error message." if html else None
        check.fault("CM011", f"is {name}, not GeoJSON", (1, 1), hint=hint)
        return None
    if head.startswith(MARK):
        check.fault("CM003", "begins with a byte order mark", (1, 1))
        return len(MARK)
    return 0


def _without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32 that says nothing of itself shows in its zeros, since JSON begins with two ASCII characters."""
    zeros = [byte == 0 for byte in head[:4]]
    if len(head) < 2 or all(zeros):
        return None
    if zeros in ([True, True, True, False], [False, True, True, True]):
        return "UTF-32"
    if zeros in ([True, False, True, False], [False, True, False, True], [True, False], [False, True]):
        return "UTF-16"
    return None
