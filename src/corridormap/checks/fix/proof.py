"""The proof that a repair did what its record says and nothing else.

It reads both texts with the json module, knows nothing of the scanner and the edits, applies the record to the old document
and compares. Numbers are compared as they are spelled, objects with the order of their members.
"""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

from corridormap.checks.bounds import NEAR
from corridormap.checks.fix.result import Unfixable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corridormap.checks.fix.result import Repair


def prove(old: bytes, new: bytes, repairs: Iterable[Repair], *, prefix: str, decimals: int) -> None:
    """Check that a JSON text, whose pointer in its document is the prefix, differs from what it was by its repairs alone.

    Raises
    ------
    Unfixable
        If it is not so.
    """
    kinds: dict[str, set[str]] = defaultdict(set)
    for repair in repairs:
        kinds[repair.pointer.removeprefix(prefix)].add(repair.kind)
    try:
        before, after = read(old), read(new)
        same = _Expected(kinds, decimals).same(before, after, "")
    except RecursionError:
        raise Unfixable("is nested too deeply") from None
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Unfixable(f"cannot be proven to be mended without harm: {error}") from None
    if not same:
        raise Unfixable(f"cannot be proven to be mended without harm{f' at {prefix}' if prefix else ''}; please report this")


def read(text: bytes) -> Any:
    """Read JSON: an object as a tuple of its members, an array as a list, a number as its spelling in bytes."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    return json.loads(text, object_pairs_hook=_members, parse_float=str.encode, parse_int=str.encode, parse_constant=refuse)


def _members(pairs: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is given twice")
    return tuple(pairs)


class _Expected:
    """What the record says that the new document is."""

    def __init__(self, kinds: dict[str, set[str]], decimals: int) -> None:
        self.kinds = kinds
        self.decimals = decimals
        # Every value that has something done in it, so that the others are compared at once.
        self.touched = {"/".join(parts[:end]) for parts in (at.split("/") for at in kinds) for end in range(1, len(parts) + 1)}

    def same(self, old: Any, new: Any, pointer: str, *, rounded: bool = False) -> bool:
        """Whether a value is what the record says it is; values in which nothing was done are compared at once."""
        if pointer not in self.touched and (old == new or not rounded):
            return bool(old == new)
        if isinstance(old, bytes) and isinstance(new, bytes):  # A number may stay long only if rounding would not make it shorter.
            return rounded and len(new) < len(old) and Decimal(new.decode()) == self._value(old, rounded=True)
        if isinstance(old, tuple):
            return isinstance(new, tuple) and self._object(old, new, pointer)
        if not isinstance(old, list) or not isinstance(new, list):
            return False
        kinds = self.kinds.get(pointer, set())
        rounded |= "precision" in kinds
        if kinds - {"precision"}:
            old = self._line(old, kinds, rounded=rounded)
            if old == new:
                return True
        pairs = enumerate(zip(old, new, strict=False))
        return len(old) == len(new) and all(self.same(a, b, f"{pointer}/{i}", rounded=rounded) for i, (a, b) in pairs)

    def _object(self, old: Sequence[tuple[str, Any]], new: Sequence[tuple[str, Any]], pointer: str) -> bool:
        kept = [(key, value) for key, value in old if key != "crs" or self.kinds.get(f"{pointer}/crs") != {"crs"}]
        if [key for key, _ in kept] != [key for key, _ in new]:
            return False
        for (key, value), (_, other) in zip(kept, new, strict=True):
            where = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            boxed = key == "bbox" and self.kinds.get(where) == {"bbox"}
            if not (_is_box(other, new) if boxed else self.same(value, other, where)):
                return False
        return True

    def _line(self, old: list[Any], kinds: set[str], *, rounded: bool) -> list[Any]:
        if not isinstance(old[0][0], bytes):
            raise TypeError("it is no line")
        if "repeated" in kinds:
            old = [position for i, position in enumerate(old) if i == 0 or not self._repeats(old[i - 1], position, rounded=rounded)]
        if "closing" in kinds:
            old = [*old, old[0]]
        return old[::-1] if "winding" in kinds else old

    def _repeats(self, one: list[bytes], other: list[bytes], *, rounded: bool) -> bool:
        """Whether two positions are the same afterwards; most are too far from each other to ask for exact values."""
        if abs(float(one[0]) - float(other[0])) > 2 * 10.0**-self.decimals or len(one) != len(other):
            return False
        return all(self._value(a, rounded=rounded) == self._value(b, rounded=rounded) for a, b in zip(one, other, strict=True))

    def _value(self, number: bytes, *, rounded: bool) -> Decimal | bytes:
        """What a number is afterwards; rounding leaves one as it is that would not become shorter."""
        value: Decimal | None = None
        try:
            value = Decimal(number.decode())
            short = round(value, self.decimals)
        except InvalidOperation:
            return number if value is None else value  # An exponent, or digits, beyond what Decimal takes.
        if not rounded:
            return value
        whole, _, fraction = f"{short:f}".partition(".")
        length = len(whole) + 1 + max(len(fraction.rstrip("0")), 1) if short else 3
        return short if length < len(number) else value


def _is_box(box: Any, owner: Sequence[tuple[str, Any]]) -> bool:
    """Whether a value is a box, south before north, that holds all positions of its owner."""
    if not isinstance(box, list) or len(box) not in (4, 6) or not all(isinstance(number, bytes) for number in box):
        return False
    sides = [float(number) for number in box]
    half = len(sides) // 2
    (west, south), (east, north) = sides[:2], sides[half : half + 2]
    return south <= north and all(
        south - NEAR <= latitude <= north + NEAR
        and (west - NEAR <= longitude <= east + NEAR or (west > east and (longitude >= west - NEAR or longitude <= east + NEAR)))
        for longitude, latitude in _positions(owner)
    )


def _positions(value: Sequence[tuple[str, Any]]) -> Iterator[tuple[float, float]]:
    """The positions of a GeoJSON object and those within it."""
    todo = [value for key, value in value if key in {"coordinates", "geometry", "geometries", "features"}]
    while todo:
        item = todo.pop()
        if isinstance(item, tuple):
            todo += [value for key, value in item if key in {"coordinates", "geometry", "geometries"}]
        elif isinstance(item, list) and item and isinstance(item[0], bytes):
            yield float(item[0]), float(item[1])
        elif isinstance(item, list):
            todo += item
