"""Edits of a text: make them, show them as a diff, and prove that they did what a repair says and nothing else.

The proof reads both texts with the json module, knows nothing of how they were mended, and compares them: numbers as they are spelled,
objects with the order of their members.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from corridormap.checks.coordinates import NEAR
from corridormap.escape import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

_CONTEXT = 3
_MATCHED_LINES = 2_000
"""Lines of one change up to which the diff looks for lines that stayed the same within it."""
_HALF_UNIT = 5.0001e-8
"""A number that is rounded to seven decimals differs by no more."""
_HUNK = re.compile(r"@@ -(\d+)([\d,]* \+)(\d+)([\d,]* @@\n)")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


class Unfixable(Exception):  # noqa: N818  it is what the document is
    """Why a document is left alone."""


class Edit(NamedTuple):
    """Bytes that take the place of others."""

    start: int
    end: int
    text: bytes


@dataclass
class Changes:
    """The edits of a document or of a part of it, and the kinds of repair that they are, each as often as it was done."""

    edits: list[Edit] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    def add(self, kind: str, edits: Sequence[Edit]) -> None:
        """Note what was done."""
        self.repairs.append(kind)
        self.edits += edits


def apply(text: bytes, edits: Sequence[Edit], *, start: int = 0, end: int | None = None) -> bytes:
    """Make edits, which are in order and do not overlap, in a stretch of the text."""
    parts = []
    at = start
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    parts.append(text[at:end])
    return b"".join(parts)


def diff_lines(name: str, text: bytes, edits: Sequence[Edit]) -> Iterator[str]:
    """Yield the lines of the unified diff, each with its line end; what a terminal would obey is escaped."""
    if not edits:
        return
    yield f"--- {visible(name)}\n+++ {visible(name)}\n"
    line = at = shift = 0
    for start, end, group in _stretches(text, edits):
        line += text.count(b"\n", at, start)
        at = start
        old = list(map(_shown, _LINE.findall(text, start, end)))
        new = list(map(_shown, _LINE.findall(apply(text, group, start=start, end=end))))
        if max(len(old), len(new)) > _MATCHED_LINES:
            rows = [f"@@ -1,{len(old)} +1,{len(new)} @@\n", *(f"-{row}" for row in old), *(f"+{row}" for row in new)]
        else:
            rows = list(difflib.unified_diff(old, new, n=_CONTEXT))[2:]
        for row in rows:
            found = _HUNK.match(row)
            yield f"@@ -{int(found[1]) + line}{found[2]}{int(found[3]) + line + shift}{found[4]}" if found else row
        shift += len(new) - len(old)


def _stretches(text: bytes, edits: Sequence[Edit]) -> Iterator[tuple[int, int, list[Edit]]]:
    """Yield stretches of whole lines that hold edits and their context: begin, end and the edits."""
    start = end = 0
    group: list[Edit] = []
    for edit in edits:
        low = edit.start + 1
        for _ in range(_CONTEXT + 1):
            low = text.rfind(b"\n", 0, max(low - 1, 0)) + 1
        if group and low >= end:
            yield start, end, group
            group = []
        start = start if group else low
        group.append(edit)
        end = edit.end
        for _ in range(_CONTEXT + 1):
            end = (text.find(b"\n", end) + 1) or len(text)
    yield start, end, group


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    body = text.rstrip("\r\n")
    end = text[len(body) :] if text.endswith("\n") else f"{text[len(body) :]}\n\\ No newline at end of file\n"
    bare = 2 if body[1:2] == "\ufeff" else 0  # patch needs a byte order mark
    return body[:bare] + "\t".join(map(visible, body[bare:].split("\t"))) + end


def prove(old: bytes, new: bytes, repairs: Collection[str], *, name: str = "") -> None:
    """Raise `Unfixable` unless the text of a GeoJSON object differs from what it was by repairs of some kinds, and by nothing else.

    Raises
    ------
    Unfixable
        If it is not so; the name says of what.
    """
    try:
        before, after = _read(old), _read(new)
        proven = (before != after) == bool(repairs) and _object(before, after, repairs)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unfixable(f"cannot be proven to be mended without harm: {error}") from None
    if not proven:
        raise Unfixable(f"cannot be proven to be mended without harm{name}; please report this")


def _read(text: bytes) -> Any:
    """Read JSON: an object as a tuple of its members, an array as a list, a number as its spelling in bytes."""
    return json.loads(text, object_pairs_hook=tuple, parse_float=str.encode, parse_int=str.encode)


def _object(old: Any, new: Any, repairs: Collection[str]) -> bool:
    """Tell whether a GeoJSON object is as it was but for its crs, its bbox, and coordinates in it."""
    if not isinstance(old, tuple) or not isinstance(new, tuple):
        return bool(old == new)
    kept = [member for member in old if member[0] != "crs" or member in new or "crs" not in repairs]
    return [key for key, _ in kept] == [key for key, _ in new] and all(
        value == other
        or (key == "bbox" and "bbox" in repairs and _is_box(other, new))
        or (key == "coordinates" and _coordinates(value, other, repairs))
        or (key == "geometry" and _object(value, other, repairs))
        or (key == "geometries" and _each(_object, value, other, repairs))
        for (key, value), (_, other) in zip(kept, new, strict=True)
    )


def _coordinates(old: Any, new: Any, repairs: Collection[str]) -> bool:
    """Tell whether coordinates are the same but for rounded numbers, repeated positions, and the direction and the end of lines."""
    if old == new or not isinstance(new, type(old)):
        return bool(old == new)
    if isinstance(old, bytes):
        return "precision" in repairs and len(new) < len(old) and _near(old, new, repairs)
    if isinstance(old[0], list) and old[0] and isinstance(old[0][0], bytes):
        ways = [new, new[::-1]] if "winding" in repairs else [new]
        ways += [way[:-1] for way in ways if "closing" in repairs and way[0] == way[-1]]
        return any(_line(old, way, repairs) for way in ways)
    return isinstance(old, list) and _each(_coordinates, old, new, repairs)


def _line(old: list[Any], new: list[Any], repairs: Collection[str]) -> bool:
    """Tell whether the positions are those of the old line, but for some that repeat the last one."""
    at = 0
    for position in old:
        if at < len(new) and _each(_coordinates, position, new[at], repairs):
            at += 1
        elif "repeated" not in repairs or not at or not _each(_near, position, new[at - 1], repairs):
            return False
    return at == len(new)


def _each(same: Callable[[Any, Any, Collection[str]], bool], old: list[Any], new: list[Any], repairs: Collection[str]) -> bool:
    return len(old) == len(new) and all(map(same, old, new, repeat(repairs)))


def _near(one: bytes, other: bytes, repairs: Collection[str]) -> bool:
    """Tell whether two numbers are the same, when rounded if that was done."""
    return abs(float(one) - float(other)) <= (_HALF_UNIT if "precision" in repairs else 0.0)


def _is_box(box: Any, owner: Sequence[tuple[str, Any]]) -> bool:
    """Tell whether a value is a box, south before north, that holds all positions of its owner."""
    sides = list(map(float, box))
    if len(sides) not in {4, 6}:
        return False
    west, south, east, north = *sides[:2], *sides[len(sides) // 2 :][:2]
    for x, y in _positions(owner):
        # A box over the antimeridian has two parts.
        beyond = (x < west - NEAR, x > east + NEAR)
        if not south - NEAR <= y <= north + NEAR or (all(beyond) if west > east else any(beyond)):
            return False
    return south <= north


def _positions(owner: Sequence[tuple[str, Any]]) -> Iterator[tuple[float, float]]:
    """Yield the positions of a GeoJSON object and those within it."""
    todo: list[Any] = [owner]
    while todo:
        item = todo.pop()
        if isinstance(item, tuple):
            todo += [value for key, value in item if key in {"coordinates", "geometry", "geometries", "features"}]
        elif isinstance(item, list) and item and isinstance(item[0], bytes):
            yield float(item[0]), float(item[1])
        elif isinstance(item, list):
            todo += item
