"""Look at GeoJSON objects as Python has them: what they are, and what of them is well-formed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridormap.checks.reading.shapes import DEPTHS, TYPE_IDS, lifted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corridormap.checks.reading.shapes import Builder
    from corridormap.checks.reading.tokens import Path

    Visit = Callable[[str, Any, Path], None]

GEOMETRIES = frozenset({*TYPE_IDS, "GeometryCollection"})
TYPES = GEOMETRIES | {"Feature", "FeatureCollection"}
NAMES: dict[type, str] = {
    type(None): "null",
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "an array",
    dict: "an object",
}
"""What the types of JSON values are called."""


def level(kind: object) -> int | None:
    """Count the arrays that stand around the positions of a type; None if it has no coordinates."""
    return DEPTHS[TYPE_IDS[kind]] if isinstance(kind, str) and kind in TYPE_IDS else None


def type_of(value: dict[str, Any]) -> str | None:
    """Give an object's type, if that is a text."""
    kind = value.get("type")
    return kind if isinstance(kind, str) else None


def is_number(value: object) -> bool:
    """Tell whether a value is a JSON number."""
    return value.__class__ is int or value.__class__ is float


def named(value: object) -> str:
    """Name what a JSON value is, with its article."""
    return NAMES[type(value)]


def is_box(value: Any) -> bool:
    """Tell whether a value has the form of a bbox, and nothing about its numbers is wrong."""
    return isinstance(value, list) and len(value) in {4, 6} and all(map(is_number, value)) and not any(box_faults(value))


def box_faults(box: Sequence[float]) -> Iterator[tuple[int, str]]:
    """Say what is wrong with the 4 or 6 numbers of a bbox, and with which of them."""
    half = len(box) // 2
    for index, limit, name in ((0, 180, "longitude"), (1, 90, "latitude"), (half, 180, "longitude"), (half + 1, 90, "latitude")):
        if not abs(box[index]) <= limit:
            yield index, f"{box[index]:g} is no {name} in degrees"
    if box[1] > box[half + 1]:
        yield 1, f"the south, {box[1]:g}, lies north of the north, {box[half + 1]:g}"
    if half == 3 and box[2] > box[5]:
        yield 2, f"the bottom, {box[2]:g}, lies above the top, {box[5]:g}"


def walk(value: Any, visit: Visit, *, path: Path = (), expected: str | None = None) -> None:
    """Visit an object and the GeoJSON objects within it: ``visit(kind, object, path)``.

    The kind is "FeatureCollection", "Feature", "Geometry" or, where that cannot be told, "Object".
    """
    if not isinstance(value, dict):
        return
    kind = kind_of(value, expected)
    visit(kind, value, path)
    if kind == "FeatureCollection" and isinstance(value.get("features"), list):
        for index, feature in enumerate(value["features"]):
            visit("Element", feature, (*path, "features", index))
            walk(feature, visit, path=(*path, "features", index), expected="Feature")
    elif kind == "Feature":
        walk(value.get("geometry"), visit, path=(*path, "geometry"), expected="Geometry")
    elif kind == "Geometry" and type_of(value) == "GeometryCollection" and isinstance(value.get("geometries"), list):
        for index, geometry in enumerate(value["geometries"]):
            walk(geometry, visit, path=(*path, "geometries", index), expected="Geometry")


def kind_of(value: dict[str, Any], expected: str | None = None) -> str:
    """Tell the kind of an object by its type, else by what is expected, else by its members."""
    kind = type_of(value)
    if kind in TYPES:
        return "Geometry" if kind in GEOMETRIES else kind
    if expected is not None:
        return expected
    if "features" in value:
        return "FeatureCollection"
    if "geometry" in value or "properties" in value:
        return "Feature"
    return "Geometry" if "coordinates" in value or "geometries" in value else "Object"


def positions(value: Any, depth: int, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield what stands at the level of positions, with its place; what is no array on the way there is passed over."""
    if depth == 0:
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from positions(item, depth - 1, (*path, index))


def lay(value: dict[str, Any], row: int, path: Path, builder: Builder) -> None:
    """Add a simple geometry to the builder if its coordinates are what its type asks for and not empty."""
    kind = type_of(value)
    if kind not in TYPE_IDS:
        return
    polygons = lifted(kind, value.get("coordinates"))
    if _is_whole(polygons, 3):
        width = 3 if any(len(position) > 2 for _, position in positions(polygons, 3)) else 2
        alike = [[[(*position[:width], math.nan)[:width] for position in ring] for ring in rings] for rings in polygons]
        builder.add(TYPE_IDS[kind], [row], [alike], path=path)


def _is_whole(value: Any, depth: int) -> bool:
    """Tell whether there are positions, so many levels down, and nothing that is empty or else amiss."""
    if not isinstance(value, list):
        return False
    if depth == 0:
        return len(value) >= 2 and all(is_number(number) and abs(number) < math.inf for number in value[:3])
    return bool(value) and all(_is_whole(item, depth - 1) for item in value)
