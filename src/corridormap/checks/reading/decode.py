"""The fast way from the text of features to arrays, by msgspec.

Whatever is not as it should be is handed to `corridormap.checks.reading.slow`, which can say why.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from corridormap.checks.reading.batch import Columns, columns
from corridormap.checks.reading.shapes import LEAST, TYPE_IDS, Builder, lifted
from corridormap.checks.reading.slow import is_box
from corridormap.checks.reading.survey import MAX_DEPTH, Path

if TYPE_CHECKING:
    from collections.abc import Sequence

RESERVED = frozenset({"coordinates", "geometries", "features", "crs"})
"""Members that are no one's own on a feature."""

_MOST = 1 << 1023
_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _decoders(position: Any) -> tuple[Any, Any, Any]:
    """Decoders of a geometry, a feature and features whose positions are of a type.

    Unlike lists, tuples of numbers are no work for the garbage collector.
    """
    kinds = {
        "Point": position,
        "MultiPoint": list[position],
        "LineString": list[position],
        "MultiLineString": list[list[position]],
        "Polygon": list[list[position]],
        "MultiPolygon": list[list[list[position]]],
    }
    structs: list[Any] = [msgspec.defstruct(kind, [("coordinates", shape)], tag_field="type", tag=kind) for kind, shape in kinds.items()]
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
_OWN = frozenset({"type", "geometry", "properties", "id", "bbox"})
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any = msgspec.json.Decoder()


@dataclass
class Decoded:
    """What the fast way made of some features.

    Attributes
    ----------
    ids, properties : list
        For each feature; None where it has none.
    columns : dict
        The properties by name.
    boxes : list
        Every bbox: its feature, its place in that, its numbers.
    builder : Builder
        The geometries.
    odd : list of int
        The features that the slow way must look at.
    foreign : list
        Every member of somebody's own: its feature, its name.
    bare : bool
        Whether this is a geometry without a feature.
    """

    ids: list[Any]
    properties: list[dict[str, Any] | None]
    columns: Columns = field(default_factory=dict)
    boxes: list[tuple[int, Path, list[float]]] = field(default_factory=list)
    builder: Builder = field(default_factory=Builder)
    odd: list[int] = field(default_factory=list)
    foreign: list[tuple[int, str]] = field(default_factory=list)
    bare: bool = False


def split(text: bytes | msgspec.Raw) -> list[msgspec.Raw] | None:
    """Split an array into the texts of its values; None if it is not one, or nested too deeply."""
    try:
        return _raws.decode(text)
    except _ERRORS:
        return None


def split_object(text: bytes) -> dict[str, msgspec.Raw] | None:
    """Split an object into the texts of its members, of those with the same name the last; None if it is not one."""
    try:
        return _members.decode(text)
    except _ERRORS:
        return None


def decode(text: bytes | None, pieces: Sequence[msgspec.Raw | bytes]) -> Decoded:
    """Decode features.

    Parameters
    ----------
    text : bytes or None
        Features with commas between them, each known to be a JSON value; None for texts of which nothing is known.
    pieces : sequence of bytes
        The text of each.
    """
    foreign: list[tuple[int, str]] = []
    if text is None:
        # Lines are decoded one by one. A text of several lines may end within one of them.
        text = b"\n".join(pieces)
        features: list[Any] = _either(_feature, text, lines=True) or [] if text.count(b"\n") == len(pieces) - 1 else []
    else:
        features = _either(_features, b"".join((b"[", text, b"]"))) or []
    table = columns([feature.properties for feature in features])
    if len(features) != len(pieces) or not _names(text, _keys(features, table)):
        features = [_one(piece, row, foreign) for row, piece in enumerate(pieces)]
        table = columns([None if feature is None else feature.properties for feature in features])
    found = Decoded(
        ids=[None if feature is None or feature.id is msgspec.UNSET else feature.id for feature in features],
        properties=[None if feature is None else feature.properties for feature in features],
        columns=table,
        foreign=foreign,
    )
    _sort(features, found)
    return found


def unread(count: int) -> Decoded:
    """So many features that all are left to the slow way."""
    return Decoded(ids=[None] * count, properties=[None] * count, odd=list(range(count)))


def decode_geometry(text: bytes) -> Decoded | None:
    """Decode a simple geometry by itself; None if it is none, or anything about it is out of the ordinary."""
    geometry = _either(_geometry, text)
    found = Decoded(ids=[None], properties=[None], bare=True)
    if geometry is None or not _names(text, 2) or _lay(type(geometry).__name__, [0], [geometry.coordinates], found.builder):
        return None
    found.builder.item_path[0] = ()
    return found


def _either(decoders: Sequence[Any], text: bytes | msgspec.Raw, *, lines: bool = False) -> Any:
    """What the first decoder makes of a text, or of its lines, that takes it: all positions have two numbers, or all three."""
    for decoder in decoders:
        try:
            return decoder.decode_lines(text) if lines else decoder.decode(text)
        except _ERRORS:
            continue
    return None


def _one(raw: msgspec.Raw | bytes, row: int, foreign: list[tuple[int, str]]) -> Any:
    """One feature by itself; None if anything about it is out of the ordinary but members of somebody's own."""
    feature = _either(_feature, raw)
    if feature is None:
        return None
    try:
        own = {name: _any.decode(value) for name, value in _members.decode(raw).items() if name not in _OWN}
    except _ERRORS:
        return None
    if own.keys() & RESERVED or any(_depth(value) > MAX_DEPTH - 2 for value in own.values()):
        return None
    keys = _keys([feature], columns([feature.properties])) + len(own) + sum(map(_count, own.values()))
    if not _names(bytes(raw), keys):
        return None
    foreign += [(row, name) for name in own]
    return feature


def _keys(features: list[Any], table: Columns) -> int:
    """How many names features hold, at all levels, without members of somebody's own."""
    keys = sum(
        3 + (feature.id is not msgspec.UNSET) + (feature.bbox is not msgspec.UNSET) + (0 if feature.geometry is None else 2)
        for feature in features
    )
    for rows, values in table.values():
        keys += len(rows)
        if not {dict, list}.isdisjoint(map(type, values)):
            keys += sum(map(_count, values))
    return keys


def _count(value: Any) -> int:
    """How many names a value holds at all levels."""
    keys, stack = 0, [value]
    while stack:
        item = stack.pop()
        if item.__class__ is dict:
            keys += len(item)
            stack += item.values()
        elif item.__class__ is list:
            stack += item
    return keys


def _names(text: bytes, keys: int) -> bool:
    """Whether a JSON text holds so many names and no more, that is, none is given twice and all were counted: a colon follows each."""
    if text.count(b":") == keys:
        return True
    # Every other piece between quotes that are not escaped is a string. Escapes are taken out first, backslashes before quotes.
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return sum(piece.count(b":") for piece in text.split(b'"')[::2]) == keys


def _depth(value: Any) -> int:
    """How deeply a value is nested; too deeply if it holds an integer beyond what a double can hold, which is told in the slow way too."""
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, level = stack.pop()
        if item.__class__ is int and not -_MOST < item < _MOST:
            return MAX_DEPTH
        if item.__class__ is dict or item.__class__ is list:
            deepest = max(deepest, level)
            stack += [(inner, level + 1) for inner in (item.values() if item.__class__ is dict else item)]
    return deepest


def _deep(table: Columns) -> set[int]:
    """The features whose properties are nested too deeply, or hold an integer beyond what a double can hold."""
    found: set[int] = set()
    for rows, values in table.values():
        kinds = set(map(type, values))
        if int in kinds:
            found.update(row for row, value in zip(rows, values, strict=True) if value.__class__ is int and not -_MOST < value < _MOST)
        if kinds & {dict, list}:
            found.update(row for row, value in zip(rows, values, strict=True) if _depth(value) > MAX_DEPTH - 4)
    return found


def _sort(features: list[Any], found: Decoded) -> None:
    """Tell the features that are as they should be from those that are not, and lay out the geometries of the former."""
    odd = _deep(found.columns)
    located: dict[type, tuple[list[int], list[Any]]] = {}
    for row, feature in enumerate(features):
        if feature is None or row in odd or not _plain(feature):
            odd.add(row)
        else:
            if feature.bbox is not msgspec.UNSET:
                found.boxes.append((row, ("bbox",), feature.bbox))
            if feature.geometry is not None:
                rows, coordinates = located.setdefault(feature.geometry.__class__, ([], []))
                rows.append(row)
                coordinates.append(feature.geometry.coordinates)
    for kind, (rows, coordinates) in located.items():
        odd.update(_lay(kind.__name__, rows, coordinates, found.builder))
    found.odd = sorted(odd)
    if odd:
        found.boxes = [box for box in found.boxes if box[0] not in odd]
        found.foreign = [member for member in found.foreign if member[0] not in odd]


def _plain(feature: Any) -> bool:
    """Whether nothing is wrong with a feature's id and bbox."""
    fits = feature.id.__class__ is not int or -_MOST < feature.id < _MOST
    return fits and (feature.bbox is msgspec.UNSET or is_box(feature.bbox))


def _lay(kind: str, rows: list[int], coordinates: list[Any], builder: Builder) -> list[int]:
    """Lay out geometries of a type; the features of those whose coordinates are not as they should be, which are left out."""
    if builder.add(TYPE_IDS[kind], rows, [lifted(kind, own) for own in coordinates], least=LEAST.get(kind, 1)):
        return []
    if len(rows) == 1:
        return rows
    half = len(rows) // 2
    return _lay(kind, rows[:half], coordinates[:half], builder) + _lay(kind, rows[half:], coordinates[half:], builder)
