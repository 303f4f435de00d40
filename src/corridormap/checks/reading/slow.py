"""The slow way through an object: every member looked at by every rule, and its geometry laid out as far as it is one."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from corridormap.checks.reading.boxes import box_faults
from corridormap.checks.reading.shapes import TYPE_IDS, lifted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from corridormap.checks.reading.shapes import Builder
    from corridormap.checks.reading.survey import Path

    Visit = Callable[[str, Any, Path], None]

GEOMETRIES = frozenset({*TYPE_IDS, "GeometryCollection"})
TYPES = GEOMETRIES | {"Feature", "FeatureCollection"}
_LEVELS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}


def load(text: bytes) -> Any:
    """The value of a JSON text that was surveyed; numbers too large become infinite, NaN stays itself."""
    return json.loads(text.decode("utf-8", "replace"), parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 300 else float(digits)


def level(kind: object) -> int | None:
    """How many arrays stand around the positions of a type; None if it has no coordinates."""
    return _LEVELS.get(kind) if isinstance(kind, str) else None


def type_of(value: dict[str, Any]) -> str | None:
    """An object's type, if that is a text."""
    kind = value.get("type")
    return kind if isinstance(kind, str) else None


def is_number(value: object) -> bool:
    """Whether a value is a JSON number."""
    return value.__class__ is int or value.__class__ is float


def is_box(value: Any) -> bool:
    """Whether a value has the form of a bbox, and nothing about its numbers is wrong."""
    return isinstance(value, list) and all(map(is_number, value)) and next(box_faults(value), None) is None


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
    """What kind of object this is by its type, else by what is expected, else by its members."""
    kind = type_of(value)
    if kind in TYPES:
        assert kind is not None
        return "Geometry" if kind in GEOMETRIES else kind
    if expected is not None:
        return expected
    if "features" in value:
        return "FeatureCollection"
    if "geometry" in value or "properties" in value:
        return "Feature"
    return "Geometry" if "coordinates" in value or "geometries" in value else "Object"


def positions(value: Any, depth: int, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """What stands at the level of positions, with its place; what is no array on the way there is passed over."""
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
    polygons: Any = lifted(kind, value.get("coordinates"))
    if not (isinstance(polygons, list) and polygons and all(isinstance(rings, list) and rings for rings in polygons)):
        return
    runs = [ring for rings in polygons for ring in rings]
    if not all(isinstance(ring, list) and ring and all(map(_is_position, ring)) for ring in runs):
        return
    width = 3 if any(len(position) > 2 for ring in runs for position in ring) else 2
    alike = [[[(*position[:width], math.nan)[:width] for position in ring] for ring in rings] for rings in polygons]
    builder.add(TYPE_IDS[kind], [row], [alike], path=path)


def _is_position(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= 2 and all(is_number(number) and abs(number) < math.inf for number in value[:3])
