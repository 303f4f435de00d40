"""Tell what GeoJSON objects are: many features at once, decoded into arrays by msgspec, or one by one as Python has them."""

from __future__ import annotations

import functools
import math
import operator
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from corridormap.checks.reading.batch import DEPTHS, LEAST, TYPE_IDS, Builder, Columns, columns, lifted
from corridormap.checks.reading.text import MAX_DEPTH, Path, decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


LARGEST, ARRAYS = 64 << 20, 4_000_000
"""A feature of more bytes than this, or of more arrays and objects, is not decoded, which needs many times the memory."""
RESERVED = frozenset({"coordinates", "geometries", "features", "crs"})
"""Members that are no one's own on a feature."""

_OWN = frozenset({"type", "geometry", "properties", "id", "bbox"})
_HUGE = 1 << 1023
"""Integers from here on are, or may be, beyond what a double can hold, which must be told."""


def _decoders(position: Any) -> tuple[Any, Any, Any]:
    """Make decoders of a geometry, a feature and features whose positions are of a type.

    Unlike lists, tuples of numbers are no work for the garbage collector.
    """
    structs: list[Any] = []
    for kind, number in TYPE_IDS.items():
        shape = position
        for _ in range(DEPTHS[number]):
            shape = GenericAlias(list, (shape,))
        structs.append(msgspec.defstruct(kind, [("coordinates", shape)], tag_field="type", tag=kind))
    geometry = functools.reduce(operator.or_, structs)
    feature: Any = msgspec.defstruct(
        "Feature",
        [
            ("type", Literal["Feature"]),
            ("geometry", geometry | None),
            ("properties", dict[str, Any] | None),
            ("id", str | int | float | msgspec.UnsetType, msgspec.UNSET),
            ("bbox", list[float] | msgspec.UnsetType, msgspec.UNSET),
        ],
    )
    return msgspec.json.Decoder(geometry), msgspec.json.Decoder(feature), msgspec.json.Decoder(list[feature])


_geometry, _feature, _features = zip(_decoders(tuple[float, float]), _decoders(tuple[float, float, float]), strict=True)
_object = msgspec.json.Decoder(dict[str, Any])


class Decoded:
    """What was decoded of some features; at first nothing, so that all are odd."""

    def __init__(self, count: int) -> None:
        self.ids: list[Any] = [None] * count
        self.properties: list[dict[str, Any] | None] = [None] * count
        """For each feature; None where it has none."""
        self.columns: Columns = {}
        self.boxes: list[tuple[int, Path, list[float]]] = []
        """Every bbox: its feature, its place in that, its numbers."""
        self.builder = Builder()
        """The geometries."""
        self.odd = list(range(count))
        """The features that must be looked at one by one."""
        self.foreign: list[tuple[int, str]] = []
        """Every member of somebody's own: its feature, its name."""
        self.bare = False
        """Whether this is a geometry without a feature."""


def is_large(text: bytes | msgspec.Raw) -> bool:
    """Tell whether a text is too large to be decoded."""
    size = len(memoryview(text))
    if not ARRAYS < size <= LARGEST:
        return size > LARGEST
    copy = bytes(text)
    return copy.count(b"[") + copy.count(b"{") > ARRAYS


def decode(text: bytes | None, pieces: Sequence[msgspec.Raw | bytes]) -> Decoded:
    """Decode features: of a text that has commas between them, each known to be JSON, or of texts of which nothing is known."""
    found = Decoded(len(pieces))
    if any(map(is_large, pieces)):
        return found
    if text is None:
        # Lines are decoded one by one. A text of several lines may end within one of them.
        text = b"\n".join(pieces)
        features: list[Any] = _either(_feature, text, lines=True) or [] if text.count(b"\n") == len(pieces) - 1 else []
    else:
        features = _either(_features, b"".join((b"[", text, b"]"))) or []
    found.columns = columns([feature.properties for feature in features])
    names, odd = _look_through(features, found.columns)
    if len(features) != len(pieces) or not _has_names(text, names):
        features = [_one(piece, row, found.foreign) for row, piece in enumerate(pieces)]
        found.columns, odd = columns([None if feature is None else feature.properties for feature in features]), set()
    found.ids = [None if feature is None or feature.id is msgspec.UNSET else feature.id for feature in features]
    found.properties = [None if feature is None else feature.properties for feature in features]
    located: dict[type, tuple[list[int], list[Any]]] = {}
    for row, feature in enumerate(features):
        if feature is None or row in odd or not _is_plain(feature):
            odd.add(row)
        elif feature.geometry is not None:
            rows, coordinates = located.setdefault(feature.geometry.__class__, ([], []))
            rows.append(row)
            coordinates.append(feature.geometry.coordinates)
    for kind, (rows, coordinates) in located.items():
        odd.update(_lay_all(kind.__name__, rows, coordinates, found.builder))
    found.odd = sorted(odd)
    boxed = (row for row, feature in enumerate(features) if feature is not None and feature.bbox is not msgspec.UNSET)
    found.boxes = [(row, ("bbox",), features[row].bbox) for row in boxed if row not in odd]
    found.foreign = [member for member in found.foreign if member[0] not in odd]
    return found


def decode_geometry(text: bytes) -> Decoded | None:
    """Decode a simple geometry by itself; None if it is none, or anything about it is out of the ordinary."""
    geometry = None if is_large(text) else _either(_geometry, text)
    found = Decoded(1)
    found.odd, found.bare = [], True
    if geometry is None or not _has_names(text, 2) or _lay_all(type(geometry).__name__, [0], [geometry.coordinates], found.builder):
        return None
    found.builder.item_path[0] = ()
    return found


def _either(decoders: Sequence[Any], text: bytes | msgspec.Raw, *, lines: bool = False) -> Any:
    """Decode a text, or its lines, by the first decoder that takes it: all positions have two numbers, or all three."""
    for decoder in decoders:
        values = decoded(decoder.decode_lines if lines else decoder.decode, text)
        if values is not None:
            return values
    return None


def _one(raw: msgspec.Raw | bytes, row: int, foreign: list[tuple[int, str]]) -> Any:
    """Decode a feature by itself; None if anything about it is out of the ordinary but members of somebody's own."""
    feature = _either(_feature, raw)
    members = None if feature is None else decoded(_object.decode, raw)
    if members is None:
        return None
    # A geometry that was decoded has these two members, and its positions, perhaps millions, need no second look.
    members["geometry"] = None if feature.geometry is None else {"type": None, "coordinates": None}
    own = [name for name in members if name not in _OWN]
    names, depth = _measure(members)
    if not RESERVED.isdisjoint(own) or depth > MAX_DEPTH - 2 or not _has_names(bytes(raw), names):
        return None
    foreign += [(row, name) for name in own]
    return feature


def _look_through(features: list[Any], table: Columns) -> tuple[int, set[int]]:
    """Count the names that features hold, at all levels, and find those whose properties are nested too deeply or hold a huge integer."""
    names = sum(
        3 + (feature.id is not msgspec.UNSET) + (feature.bbox is not msgspec.UNSET) + (0 if feature.geometry is None else 2)
        for feature in features
    )
    odd: set[int] = set()
    for rows, values in table.values():
        names += len(rows)
        kinds = set(map(type, values))
        if int in kinds:
            odd.update(row for row, value in zip(rows, values, strict=True) if value.__class__ is int and not -_HUGE < value < _HUGE)
        for row, value in zip(rows, values, strict=True) if kinds & {dict, list} else ():
            inner, depth = _measure(value)
            names += inner
            if depth > MAX_DEPTH - 4:
                odd.add(row)
    return names, odd


def _measure(value: Any) -> tuple[int, int]:
    """Count the names that a value holds at all levels, and how deeply it is nested: too deeply if it holds a huge integer."""
    names = deepest = 0
    stack = [(value, 1)]
    while stack:
        item, level = stack.pop()
        if item.__class__ is dict or item.__class__ is list:
            deepest = max(deepest, level)
            names += len(item) if item.__class__ is dict else 0
            inner = item.values() if item.__class__ is dict else item
            stack += [(one, level + 1) for one in inner if one.__class__ in {dict, list, int}]
        elif item.__class__ is int and not -_HUGE < item < _HUGE:
            deepest = MAX_DEPTH
    return names, deepest


def _has_names(text: bytes, keys: int) -> bool:
    """Tell whether a JSON text holds so many names, that is, none is given twice and all were counted: a colon follows each."""
    if text.count(b":") == keys:
        return True
    # Every other piece between quotes that are not escaped is a string. Escapes are taken out first, backslashes before quotes.
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return sum(piece.count(b":") for piece in text.split(b'"')[::2]) == keys


def _is_plain(feature: Any) -> bool:
    """Tell whether nothing is wrong with a feature's id and bbox."""
    fits = feature.id.__class__ is not int or -_HUGE < feature.id < _HUGE
    return fits and (feature.bbox is msgspec.UNSET or is_box(feature.bbox))


def _lay_all(kind: str, rows: list[int], coordinates: list[Any], builder: Builder) -> list[int]:
    """Lay out geometries of a type; give the features of those whose coordinates are not as they should be, which are left out."""
    if builder.add(TYPE_IDS[kind], rows, [lifted(kind, own) for own in coordinates], least=LEAST.get(kind, 1)):
        return []
    if len(rows) == 1:
        return rows
    half = len(rows) // 2
    return _lay_all(kind, rows[:half], coordinates[:half], builder) + _lay_all(kind, rows[half:], coordinates[half:], builder)
