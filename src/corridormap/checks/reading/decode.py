"""The fast way from the text of features to arrays.

msgspec decodes the features, `corridormap.checks.reading.coordinates` their coordinates. Whatever is not as it should be is handed to
`corridormap.checks.reading.slow`, which can say why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from corridormap.checks.reading.batch import TYPE_IDS, Columns, columns
from corridormap.checks.reading.boxes import box_faults
from corridormap.checks.reading.coordinates import lay_out
from corridormap.checks.reading.shapes import Builder
from corridormap.checks.reading.survey import MAX_DEPTH, Path

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGE = 64 << 20
"""A feature of more bytes than this is not copied."""
RESERVED = frozenset({"coordinates", "geometries", "features", "crs"})
"""Members that are no one's own on a feature."""

_MOST = 1 << 1023
_HOLDERS = frozenset({str, dict, list})


class _Geometry(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    coordinates: msgspec.Raw


class _Feature(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    geometry: _Geometry | None
    properties: dict[str, Any] | None
    id: str | int | float | msgspec.UnsetType = msgspec.UNSET
    bbox: list[float] | msgspec.UnsetType = msgspec.UNSET


class _LooseFeature(msgspec.Struct):
    """A feature with members of somebody's own beside those of the format."""

    type: str
    geometry: _Geometry | None
    properties: dict[str, Any] | None
    id: str | int | float | msgspec.UnsetType = msgspec.UNSET
    bbox: list[float] | msgspec.UnsetType = msgspec.UNSET


_features = msgspec.json.Decoder(list[_Feature])
_loose = msgspec.json.Decoder(_LooseFeature)
_geometry = msgspec.json.Decoder(_Geometry)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_numbers = msgspec.json.Decoder(list[float])
_any = msgspec.json.Decoder()


@dataclass
class Decoded:
    """What the fast way made of some features.

    Attributes
    ----------
    ids, properties : list
        For each feature; None where it has none.
    columns : dict
        The properties by name: the features that have it, and their values.
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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def split_object(text: bytes) -> dict[str, msgspec.Raw] | None:
    """Split an object into the texts of its members, of those with the same name the last; None if it is not one."""
    try:
        return _members.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def decode(text: bytes, pieces: Sequence[msgspec.Raw | bytes]) -> Decoded:
    """Decode features.

    Parameters
    ----------
    text : bytes
        Features with commas between them.
    pieces : sequence of bytes
        The text of each.
    """
    features: list[Any] | None = None
    foreign: list[tuple[int, str]] = []
    if len(text) <= LARGE:
        try:
            features = _features.decode(b"".join((b"[", text, b"]")))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            features = None
    if features is not None:
        table = columns([feature.properties for feature in features])
        if len(features) != len(pieces) or not _unique(text, features, table):
            features = None
    if features is None:
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
    try:
        geometry = _geometry.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if geometry.type not in TYPE_IDS or text.count(b":") != 2:
        return None
    found = Decoded(ids=[None], properties=[None])
    if lay_out([(0, TYPE_IDS[geometry.type], geometry.coordinates)], found.builder):
        return None
    found.builder.item_path[0] = ()
    found.bare = True
    return found


def _one(raw: msgspec.Raw | bytes, row: int, foreign: list[tuple[int, str]]) -> _LooseFeature | None:
    """One feature by itself; None if anything about it is out of the ordinary."""
    try:
        feature = _loose.decode(raw)
        members = _members.decode(raw)
        own = [_any.decode(members[name]) for name in members if name not in _Feature.__struct_fields__]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    names = members.keys() - set(_Feature.__struct_fields__)
    if names & RESERVED or any(_depth(value) > MAX_DEPTH - 2 for value in own):
        return None
    keys = _keys([feature], columns([feature.properties])) + len(names) + sum(_count(value)[0] for value in own)
    text = bytes(raw)
    if text.count(b":") != keys and _colons(text) != keys:
        return None
    foreign += [(row, name) for name in members if name in names]
    return feature


def _keys(features: list[Any], table: Columns) -> int:
    """How many names the text of features must hold if none is given twice."""
    keys = sum(
        3 + (feature.id is not msgspec.UNSET) + (feature.bbox is not msgspec.UNSET) + (0 if feature.geometry is None else 2)
        for feature in features
    )
    for rows, values in table.values():
        keys += len(rows)
        if not {dict, list}.isdisjoint(map(type, values)):
            keys += sum(_count(value)[0] for value in values)
    return keys


def _unique(text: bytes, features: list[Any], table: Columns) -> bool:
    """Whether no object gives a name twice: as many colons stand outside strings as names were decoded."""
    keys = _keys(features, table)
    colons = text.count(b":")
    if colons == keys:
        return True
    if b"\\u" in text:
        return _colons(text) == keys
    inside = sum(feature.id.count(":") for feature in features if feature.id.__class__ is str)
    for name, (rows, values) in table.items():
        inside += name.count(":") * len(rows) + sum(
            value.count(":") if value.__class__ is str else _count(value)[1] for value in values if value.__class__ in _HOLDERS
        )
    return colons - inside == keys


def _count(value: Any) -> tuple[int, int]:
    """How many names a value holds at all levels, and how many colons within its strings."""
    keys = colons = 0
    stack = [value]
    while stack:
        item = stack.pop()
        if item.__class__ is dict:
            keys += len(item)
            colons += sum(name.count(":") for name in item)
            stack += item.values()
        elif item.__class__ is list:
            stack += item
        elif item.__class__ is str:
            colons += item.count(":")
    return keys, colons


def _colons(text: bytes) -> int:
    """How many colons stand outside strings; the text is JSON."""
    # Every other piece between quotes that are not escaped is a string. Escapes are taken out first, backslashes before quotes.
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return sum(piece.count(b":") for piece in text.split(b'"')[::2])


def _depth(value: Any) -> int:
    """How deeply a value is nested; too deeply if it holds an integer beyond what a double can hold, which is told in the slow way too."""
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, level = stack.pop()
        if item.__class__ is int and _huge(item):
            return MAX_DEPTH
        if item.__class__ is dict or item.__class__ is list:
            deepest = max(deepest, level)
            stack += [(inner, level + 1) for inner in (item.values() if item.__class__ is dict else item)]
    return deepest


def _huge(number: int) -> bool:
    return not -_MOST < number < _MOST


def _deep(columns: Columns) -> set[int]:
    """The features whose properties are nested too deeply, or hold an integer beyond what a double can hold."""
    found: set[int] = set()
    for rows, values in columns.values():
        kinds = set(map(type, values))
        if int in kinds:
            found.update(row for row, value in zip(rows, values, strict=True) if value.__class__ is int and not -_MOST < value < _MOST)
        if kinds & {dict, list}:
            found.update(row for row, value in zip(rows, values, strict=True) if _depth(value) > MAX_DEPTH - 4)
    return found


def _sort(features: list[Any], found: Decoded) -> None:
    """Tell the features that are as they should be from those that are not, and lay out the geometries of the former."""
    located: list[tuple[int, int, msgspec.Raw]] = []
    deep = _deep(found.columns)
    for row, feature in enumerate(features):
        if feature is None or row in deep or _odd(feature):
            found.odd.append(row)
            continue
        if feature.bbox is not msgspec.UNSET:
            found.boxes.append((row, ("bbox",), feature.bbox))
        if feature.geometry is not None:
            located.append((row, TYPE_IDS[feature.geometry.type], feature.geometry.coordinates))
    found.odd += lay_out(located, found.builder)
    found.odd.sort()
    if found.odd:
        odd = set(found.odd)
        found.boxes = [box for box in found.boxes if box[0] not in odd]
        found.foreign = [member for member in found.foreign if member[0] not in odd]


def _odd(feature: Any) -> bool:
    """Whether the slow way must look at a feature."""
    return (
        feature.type != "Feature"
        or (feature.geometry is not None and feature.geometry.type not in TYPE_IDS)
        or (feature.id.__class__ is int and _huge(feature.id))
        or (feature.bbox is not msgspec.UNSET and next(box_faults(feature.bbox), None) is not None)
    )
