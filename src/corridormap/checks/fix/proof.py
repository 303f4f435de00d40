"""The proof that a repair did what it says and nothing else.

It reads both texts with the json module, knows nothing of how they were mended, and compares them: numbers as they are spelled, objects
with the order of their members.
"""

from __future__ import annotations

import json
from itertools import repeat
from typing import TYPE_CHECKING, Any

from corridormap.checks.bounds import NEAR
from corridormap.checks.fix.edits import Unfixable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

_HALF_UNIT = 5.0001e-8
"""A number that is rounded to seven decimals differs by no more."""


def prove(old: bytes, new: bytes, repairs: Collection[str], *, name: str = "") -> None:
    """Check that the text of a GeoJSON object differs from what it was by repairs of some kinds, and by nothing else.

    Raises
    ------
    Unfixable
        If it is not so; the name says of what.
    """
    try:
        before, after = _read(old), _read(new)
        proven = (before != after) == bool(repairs) and _object(before, after, repairs)
    except RecursionError:
        raise Unfixable("is nested too deeply") from None
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Unfixable(f"cannot be proven to be mended without harm: {error}") from None
    if not proven:
        raise Unfixable(f"cannot be proven to be mended without harm{name}; please report this")


def _read(text: bytes) -> Any:
    """Read JSON: an object as a tuple of its members, an array as a list, a number as its spelling in bytes."""
    return json.loads(text, object_pairs_hook=tuple, parse_float=str.encode, parse_int=str.encode)


def _object(old: Any, new: Any, repairs: Collection[str]) -> bool:
    """Whether a GeoJSON object is as it was but for its crs, its bbox, and coordinates in it."""
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
    """Whether coordinates are the same but for rounded numbers, and lines but for repeated positions, their direction and their end."""
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
    """Whether the positions are those of the old line, but for some that repeat the last one."""
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
    """Whether two numbers are the same, when rounded if that was done."""
    return abs(float(one) - float(other)) <= (_HALF_UNIT if "precision" in repairs else 0.0)


def _is_box(box: Any, owner: Sequence[tuple[str, Any]]) -> bool:
    """Whether a value is a box, south before north, that holds all positions of its owner."""
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
    """The positions of a GeoJSON object and those within it."""
    todo: list[Any] = [owner]
    while todo:
        item = todo.pop()
        if isinstance(item, tuple):
            todo += [value for key, value in item if key in {"coordinates", "geometry", "geometries", "features"}]
        elif isinstance(item, list) and item and isinstance(item[0], bytes):
            yield float(item[0]), float(item[1])
        elif isinstance(item, list):
            todo += item
