"""CM113 to CM118, CM134: how coordinates are nested (RFC 7946, 3.1.1 to 3.1.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from corridormap.checks.members import GEOMETRY, named
from corridormap.checks.reading.slow import is_number, level, positions, type_of
from corridormap.checks.reading.survey import shown
from corridormap.checks.rule import ObjectRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridormap.checks.reading.survey import Path

_KINDS = frozenset({GEOMETRY})
_FORMS = ("a position", "an array of positions", "an array of arrays of positions", "an array of arrays of arrays of positions")


def _all(value: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    depth = level(value.get("type"))
    if depth is not None and isinstance(value.get("coordinates"), list):
        yield from positions(value["coordinates"], depth, ("coordinates",))


def _is_array_of_arrays(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, list) for item in value)


class Nesting(ObjectRule):
    """The coordinates of a geometry are nested as its type asks: a position for a Point, rings of positions for a Polygon."""

    code = "CM113"
    kinds: ClassVar = _KINDS

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        depth = level(value.get("type"))
        if depth is None or not isinstance(value.get("coordinates"), list):
            return
        form = f"the coordinates of a {value['type']} are {_FORMS[depth]}"
        for inner in range(1, depth):
            for path, item in positions(value["coordinates"], inner, ("coordinates",)):
                if not isinstance(item, list):
                    yield path, f"is {named(item)}, but {form}"
                    return
        for path, item in positions(value["coordinates"], depth, ("coordinates",)):
            if not isinstance(item, list) or _is_array_of_arrays(item):
                too = "nested too deeply" if isinstance(item, list) else named(item)
                yield path, f"is {too}, but {form}"
                return


class Pair(ObjectRule):
    """A position has at least two numbers, longitude and latitude (RFC 7946, 3.1.1: MUST)."""

    code = "CM114"
    kinds: ClassVar = _KINDS

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        for path, item in _all(value):
            # A Point with no coordinates at all is taken for one without a place, as other types with none are.
            if isinstance(item, list) and len(item) < 2 and not _is_array_of_arrays(item) and (item or value["type"] != "Point"):
                yield path, f"a position has at least two numbers, not {len(item)}"


class AtMostThree(ObjectRule):
    """A position has no more than three numbers (RFC 7946, 3.1.1: SHOULD NOT)."""

    code = "CM115"
    severity = Severity.WARNING
    kinds: ClassVar = _KINDS
    hint = "What a fourth number means nobody knows; put measures and times into properties."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        for path, item in _all(value):
            if isinstance(item, list) and len(item) > 3 and not _is_array_of_arrays(item):
                yield path, f"a position has {len(item)} numbers"


class Numbers(ObjectRule):
    """The elements of a position are numbers (RFC 7946, 3.1.1): no texts, no null, none beyond what a double can hold."""

    code = "CM116"
    kinds: ClassVar = _KINDS

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        for path, item in _all(value):
            if not isinstance(item, list) or _is_array_of_arrays(item):
                continue
            for index, number in enumerate(item):
                if not is_number(number):
                    yield (*path, index), f"{shown(number) if isinstance(number, str) else named(number)} is not a number"
                elif abs(number) == float("inf"):
                    yield (*path, index), "the number is beyond what a double can hold"


class LineLength(ObjectRule):
    """A LineString has two or more positions (RFC 7946, 3.1.4)."""

    code = "CM117"
    kinds: ClassVar = _KINDS

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if type_of(value) in ("LineString", "MultiLineString"):
            yield from _too_short(value, 2, "a line")


class RingLength(ObjectRule):
    """A linear ring has four or more positions (RFC 7946, 3.1.6)."""

    code = "CM118"
    kinds: ClassVar = _KINDS
    hint = "A triangle has four positions: the first comes again at the end."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if type_of(value) in ("Polygon", "MultiPolygon"):
            yield from _too_short(value, 4, "a linear ring")


def _too_short(value: dict[str, Any], least: int, what: str) -> Iterator[tuple[Path, str]]:
    depth = level(value["type"])
    coordinates = value.get("coordinates")
    if depth is None or not isinstance(coordinates, list) or not coordinates:
        return
    for path, run in positions(coordinates, depth - 1, ("coordinates",)):
        if isinstance(run, list) and len(run) < least and all(isinstance(item, list) and not _is_array_of_arrays(item) for item in run):
            yield path, f"{what} has at least {least} positions, not {len(run)}"


class NotHollow(ObjectRule):
    """Arrays of coordinates or geometries that are empty are allowed and may be read as null (RFC 7946, 3.1), but say so badly."""

    code = "CM134"
    severity = Severity.NOTE
    layer_severity = Severity.ERROR
    kinds: ClassVar = _KINDS
    hint = 'A feature without a place has "geometry": null.'

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if type_of(value) == "GeometryCollection" and value.get("geometries") == []:
            yield ("geometries",), "is empty"
        depth = level(value.get("type"))
        if depth is None:
            return
        for path, item in positions(value.get("coordinates"), max(depth - 2, 0), ("coordinates",)) if depth > 2 else ():
            if item == []:
                yield path, "is empty"
        if value.get("coordinates") == []:
            yield ("coordinates",), "is empty"
