"""Handle the text of JSON: split it without decoding it, find places in it, and mend what is not UTF-8 or not quite JSON."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from corridormap.checks.collector import Collector
    from corridormap.checks.reading.tokens import Path

ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises on a text that it does not take."""

_SPACE = re.compile(rb"[ \t\n\r]*+")
_NAME = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*+:\s*+\Z', re.DOTALL)
_SUSPECT = re.compile(rb"NaN|nan|Inf|inf|\\u[dD][89a-fA-F]")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"|[+-]?(?:NaN|nan|Infinity|Inf|inf)', re.DOTALL)
_ESCAPE = re.compile(rb"\\u[dD][89abAB]..\\u[dD][c-fC-F]..|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def split(text: bytes | msgspec.Raw) -> list[msgspec.Raw] | None:
    """Split an array into the texts of its values; None if it is not one, or nested too deeply."""
    try:
        return _raws.decode(text)
    except ERRORS:
        return None


def split_object(text: bytes | msgspec.Raw) -> dict[str, msgspec.Raw] | None:
    """Split an object into the texts of its members, of those with the same name the last; None if it is not one."""
    try:
        return _members.decode(text)
    except ERRORS:
        return None


def load(text: bytes) -> Any:
    """Load a JSON text that was scanned; numbers too large become infinite, NaN and Infinity in any spelling NaN."""
    spelled = _changed(text, lambda found: found if found[:1] == b"\\" else b"NaN".ljust(len(found)))
    return json.loads(spelled.decode("utf-8", "replace"), parse_int=lambda digits: int(digits) if len(digits) < 300 else float(digits))


def plain(text: bytes) -> bytes:
    """Put numbers for NaN and Infinity and blanks for halves of surrogate pairs, which msgspec does not take; the length stays."""
    return _changed(text, lambda found: b"\\u0020" if found[:1] == b"\\" else b"1.".ljust(len(found), b"0"))


def _changed(text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change what is not quite JSON in a text: NaN and Infinity outside strings, and halves of surrogate pairs within."""
    if not _SUSPECT.search(text):
        return text
    return _STRING.sub(lambda match: _within(match[0], change) if match[0][:1] == b'"' else change(match[0]), text)


def _within(string: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return _ESCAPE.sub(lambda match: match[0] if match[1] is None else change(match[0]), string) if b"\\u" in string else string


class Lines:
    """Give the line and the column of places in a text, counted on from the last place that was asked for.

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
        """Give the line and the column, in characters, of a byte."""
        at, line, column = self._last if offset >= self._last[0] else self._begin
        breaks = self._text.count(b"\n", at, offset)
        if breaks:
            at, line, column = self._text.rfind(b"\n", at, offset) + 1, line + breaks, 1
        piece = self._text[at:offset]
        self._last = (offset, line, column + len(piece if piece.isascii() else piece.decode("utf-8", "replace")))
        return self._last[1:]


def offset(raw: msgspec.Raw, text: bytes) -> int:
    """Find the byte of a text at which a value that was decoded from it stands: both are the same memory."""
    here = np.frombuffer(memoryview(raw), dtype=np.uint8).ctypes.data
    return int(here - np.frombuffer(text, dtype=np.uint8).ctypes.data)


def space(text: bytes, offset: int) -> int:
    """Find the first byte from here on that is no white space."""
    return _SPACE.match(text, offset).end()  # type: ignore[union-attr]  # it always matches


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
        """Give the text of a value; None if it is not there."""
        try:
            return inside(path[:-1])[path[-1]] if path else body
        except (LookupError, TypeError):
            return None

    @cache
    def inside(path: Path) -> Any:
        """Give the texts of the values within a value, by name or in their order."""
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


def clean(text: bytes, collector: Collector, *, line: int = 1) -> bytes:
    """Replace every byte that is not UTF-8 with a question mark, and tell of the first; the text begins on a line of its file."""
    if text.isascii():
        return text
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        masked = text.decode("utf-8", "surrogateescape").encode("utf-8", "replace")
        collector.fault("CM002", f"byte 0x{text[error.start]:02X} is not UTF-8", Lines(masked, line).place(error.start))
        return masked
    return text
