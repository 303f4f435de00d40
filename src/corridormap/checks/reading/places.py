"""Where in a JSON text its values stand."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.decode import split, split_object

if TYPE_CHECKING:
    from collections.abc import Iterable

    import msgspec

    from corridormap.checks.reading.survey import Path

_NAN = re.compile(rb"(?<=[\[,:\s])NaN(?=[\],}\s])")
_HIGH, _LOW = rb"\\u[dD][89abAB][0-9a-fA-F]{2}", rb"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = re.compile(_HIGH + rb"(?!" + _LOW + rb")|(?<!" + _HIGH + rb")" + _LOW)
_NAME = re.compile(rb'"(?:[^"\\]|\\.)*+"\s*+:\s*+\Z', re.DOTALL)


def offset(raw: msgspec.Raw, text: bytes) -> int:
    """Where in a text a value that was decoded from it stands: both are the same memory."""
    here = np.frombuffer(memoryview(raw), dtype=np.uint8).ctypes.data
    return int(here - np.frombuffer(text, dtype=np.uint8).ctypes.data)


def plain(text: bytes) -> bytes:
    """The same text to the byte's place, without NaN and halves of surrogate pairs, which msgspec does not take."""
    return _NAN.sub(b"0  ", _HALF.sub(rb"\\u0020", text))


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

    @cache
    def inside(path: Path) -> Any:
        """The values within a value, by name or in their order."""
        try:
            raw = inside(path[:-1])[path[-1]] if path else body
        except (LookupError, TypeError):
            return ()
        return split_object(raw) or split(raw) or ()

    found = {}
    for path in wanted:
        try:
            raw = inside(path[:-1])[path[-1]] if path else None
        except (LookupError, TypeError):
            continue
        at = 0 if raw is None else offset(raw, body)
        if path and isinstance(path[-1], str):
            name = _NAME.search(body, max(0, at - 4000), at)
            at = name.start() if name else at
        found[path] = at
    return found
