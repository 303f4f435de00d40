"""The fast way from the text of coordinates to arrays.

Coordinates are not made into Python lists but told apart by their skeleton, which is what is left of ``[[71.5,51.1],[71.6,51.2]]`` without
digits and white space, ``[[,],[,]]``. It is compared with the one that the type must have; then the numbers are decoded in one run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from corridormap.checks.reading.batch import LINE, MULTILINE, MULTIPOINT, MULTIPOLYGON, POINT, POLYGON

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corridormap.checks.reading.shapes import Builder

PIECE = 8 << 20
"""So many bytes of numbers are decoded at once."""

_NOT_SKELETON = b"0123456789+-.eE \t\r\n"
_TO_COMMA = bytes.maketrans(b"|", b",")
_LEVELS = {POINT: 0, MULTIPOINT: 1, LINE: 1, MULTILINE: 2, POLYGON: 2, MULTIPOLYGON: 3}
_LEAST = {LINE: 2, MULTILINE: 2, POLYGON: 4, MULTIPOLYGON: 4}
_numbers = msgspec.json.Decoder(list[float])

Located = tuple[int, int, msgspec.Raw]
"""A feature's position, the type of its geometry, the text of its coordinates."""


def lay_out(located: Sequence[Located], builder: Builder) -> list[int]:
    """Lay out geometries; the positions of those whose coordinates are not as they should be, which are left out."""
    odd: list[int] = []
    fitting: dict[int, list[tuple[Located, list[list[int]]]]] = {2: [], 3: []}
    known: dict[tuple[int, bytes], tuple[int, list[list[int]]] | None] = {}
    for item, skeleton in zip(located, skeletons([text for _, _, text in located]), strict=True):
        row, kind, _ = item
        key = kind, skeleton
        if key not in known:
            known[key] = fit(skeleton, _LEVELS[kind], least=_LEAST.get(kind, 1))
        found = known[key]
        if found is None:
            odd.append(row)
        else:
            fitting[found[0]].append((item, found[1]))
    for width, items in fitting.items():
        if items:
            odd += _take(items, width, builder)
    return odd


def _take(items: list[tuple[Located, list[list[int]]]], width: int, builder: Builder) -> list[int]:
    """Decode the numbers of geometries whose positions have so many; the positions of those with a number beyond a double."""
    values = numbers([text for (_, _, text), _ in items], width * sum(map(sum, items[0][1])))
    if values is None:
        if len(items) == 1:
            return [items[0][0][0]]
        return [row for item in items for row in _take([item], width, builder)]
    runs = [polygons[0][0] for _, polygons in items if len(polygons) == 1 == len(polygons[0])]
    if len(runs) == len(items):
        builder.add_runs([row for (row, _, _), _ in items], [kind for (_, kind, _), _ in items], runs)
    else:
        for (row, kind, _), polygons in items:
            builder.add(row, kind, polygons)
    builder.coordinates.append(values.reshape(-1, width))
    builder.flat &= width == 2
    return []


def skeletons(texts: Sequence[msgspec.Raw]) -> list[bytes]:
    """The skeletons of texts."""
    if len(texts) > 1:
        found = b"|".join(texts).translate(None, _NOT_SKELETON).split(b"|")
        if len(found) == len(texts):  # or else somebody has put a text with such a stroke where coordinates should be
            return found
    return [_skeleton(memoryview(text)) for text in texts]


def _skeleton(text: memoryview) -> bytes:
    return b"".join([bytes(text[at : at + PIECE]).translate(None, _NOT_SKELETON) for at in range(0, len(text), PIECE)])


def numbers(texts: Sequence[msgspec.Raw], total: int) -> NDArray[np.float64] | None:
    """All the numbers of texts of coordinates, in their order; None if one is beyond what a double can hold.

    `total` is how many the first text has.
    """
    try:
        if len(texts) > 1 or len(memoryview(texts[0])) <= PIECE:
            flat = b"|".join(texts).translate(_TO_COMMA, b"[]")
            return np.array(_numbers.decode(b"".join((b"[", flat, b"]"))), dtype=np.float64)
        return _long(memoryview(texts[0]), total)
    except msgspec.DecodeError:
        return None


def _long(text: memoryview, total: int) -> NDArray[np.float64]:
    """The numbers of a long text, decoded piece by piece."""
    values, at = np.empty(total, dtype=np.float64), 0
    for flat in _pieces(text):
        found = _numbers.decode(b"".join((b"[", flat, b"]")))
        values[at : at + len(found)] = found
        at += len(found)
    return values


def _pieces(text: memoryview) -> Iterator[bytes]:
    """Cut a long text of coordinates after commas, and take the brackets out."""
    at = 0
    while at < len(text):
        end = min(at + PIECE, len(text))
        while end < len(text) and text[end] != ord(","):
            end += 1
        yield bytes(text[at:end]).translate(None, b"[]")
        at = end + 1


@lru_cache(maxsize=512)
def _run(count: int, comma: bytes) -> bytes:
    """What stands within the outer brackets of a run of positions."""
    return (comma + b"],[") * (count - 1) + comma


def _positions(skeleton: bytes, comma: bytes) -> int:
    """How many positions a run has; 0 if it is none."""
    count, rest = divmod(len(skeleton) + 3, len(comma) + 3)
    if rest:
        return 0
    whole = _run(count, comma) if count < 4096 else _run.__wrapped__(count, comma)
    return count if skeleton == whole else 0


def fit(skeleton: bytes, level: int, *, least: int = 1) -> tuple[int, list[list[int]]] | None:
    """Match a skeleton with the nesting of a type.

    Returns
    -------
    tuple or None
        How many numbers a position has, and for each polygon the lengths of its rings; None if it does not fit, if it is empty anywhere,
        if a run has fewer than the least positions, or if positions differ in length.
    """
    inside = skeleton[level + 1 : -level - 1]
    if not inside or skeleton[: level + 1] != b"[" * (level + 1) or skeleton[-level - 1 :] != b"]" * (level + 1):
        return None
    comma = b",," if inside.startswith(b",,") else b","
    polygons = []
    for polygon in inside.split(b"]]],[[[") if level == 3 else [inside]:
        rings = [_positions(ring, comma) for ring in (polygon.split(b"]],[[") if level >= 2 else [polygon])]
        if min(rings) < least:
            return None
        polygons.append(rings)
    if level == 0 and polygons != [[1]]:
        return None
    return len(comma) + 1, polygons
