"""Repairs of one line or ring, on its vertices as they are spelled."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_SLIVER = 2e-5
"""Degrees, about two metres: a ring that would be thinner when closed is not closed, as it would only be found wrong otherwise."""

NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def shorten(token: bytes, decimals: int) -> bytes:
    """A number rounded to so many decimals, if it has more and becomes shorter; the same bytes otherwise."""
    try:
        value = Decimal(token.decode("ascii"))
        exponent = value.as_tuple().exponent
        if not isinstance(exponent, int) or -exponent <= decimals:
            return token
        text = format(round(value, decimals), "f")
    except (InvalidOperation, ValueError):
        return token
    whole, _, fraction = text.partition(".")
    new = f"{whole}.{fraction.rstrip('0') or '0'}".encode()
    if not new.strip(b"-0."):
        new = b"0.0"
    return new if len(new) < len(token) else token


def shorten_all(text: bytes, decimals: int) -> bytes:
    """A text of numbers with each of them shortened."""
    return NUMBER.sub(lambda match: shorten(match[0], decimals), text)


class Vertices:
    """The positions of a geometry in the order of the text, as they are spelled and as they are read."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts

    @cached_property
    def values(self) -> list[list[float]]:
        """The positions as floats."""
        return list(json.loads(b"[" + b",".join(self.texts) + b"]"))

    def same(self, a: int, b: int) -> bool:
        """Whether two positions are the same, to the last digit that is spelled out."""
        if self.texts[a] == self.texts[b]:
            return True
        return self.values[a] == self.values[b] and self._exact(a) == self._exact(b)

    def _exact(self, index: int) -> list[Decimal | bytes]:
        return [_decimal(token) for token in NUMBER.findall(self.texts[index])]


def _decimal(token: bytes) -> Decimal | bytes:
    """A number's exact value; its spelling if its exponent is beyond what Decimal takes."""
    try:
        return Decimal(token.decode("ascii"))
    except InvalidOperation:
        return token


@dataclass(frozen=True)
class Path:
    """A line or ring of a geometry, or its single points: the range of its vertices, its role, and its JSON pointer in the coordinates."""

    first: int
    end: int
    role: str
    pointer: str

    @property
    def ring(self) -> bool:
        """Whether it bounds an area."""
        return self.role in {"exterior", "hole"}


@dataclass(frozen=True)
class Mended:
    """What becomes of a path: the vertices that stay, in order, and whether the first is repeated at the end."""

    kept: tuple[int, ...]
    dropped: int = 0
    closed: bool = False
    turned: bool = False
    unsure: str | None = None
    """Why a ring that seems wound the wrong way is left so."""

    @property
    def order(self) -> list[int]:
        """The vertices in their new order."""
        order = [*self.kept, self.kept[0]] if self.closed else list(self.kept)
        return order[::-1] if self.turned else order


def mend(path: Path, vertices: Vertices, kinds: Collection[str]) -> Mended:
    """Drop repeated vertices, close and wind one path, as far as that is safe."""
    whole = tuple(range(path.first, path.end))
    if path.role == "points" or not whole:
        return Mended(whole)
    kept = _collapse(path, vertices, whole) if "repeated" in kinds else whole
    closed = vertices.same(kept[0], kept[-1])
    closing = path.ring and not closed and "closing" in kinds and _closable(vertices, kept)
    if path.ring and not closed and not closing and len(kept) < 4:
        kept = whole  # A ring that stays open must not become too short as well.
    turned, unsure = False, None
    if path.ring and "winding" in kinds and (closed or closing):
        turned, unsure = _winding(path, [vertices.values[index] for index in (*kept, kept[0])])
    return Mended(kept, len(whole) - len(kept), closing, turned, unsure)


def repeats(order: Sequence[int], vertices: Vertices) -> int:
    """How many vertices, in a given order, are at the place of the one before, whatever their height."""
    return sum(vertices.values[a][:2] == vertices.values[b][:2] for a, b in pairwise(order))


def _collapse(path: Path, vertices: Vertices, whole: tuple[int, ...]) -> tuple[int, ...]:
    kept = [whole[0]]
    kept += [index for index in whole[1:] if not vertices.same(index - 1, index)]
    least = 2 if not path.ring else 4 if vertices.same(whole[0], whole[-1]) else 3
    return tuple(kept) if len(kept) >= least else whole


def _closable(vertices: Vertices, kept: tuple[int, ...]) -> bool:
    """Whether a ring has three places at least, is no sliver, and its ends are not one place with two heights."""
    ends = vertices.values[kept[0]], vertices.values[kept[-1]]
    points = [(float(vertices.values[index][0]), float(vertices.values[index][1])) for index in (*kept, kept[0])]
    if len(set(points)) < 3 or ends[0][:2] == ends[1][:2] or len(ends[0]) != len(ends[1]):
        return False
    (x, y), steps = points[0], list(pairwise(points))
    area = abs(sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in steps)) / 2
    return 2 * area > _SLIVER * sum(dist(a, b) for a, b in steps)


def _winding(path: Path, ring: list[list[float]]) -> tuple[bool, str | None]:
    """Whether to turn a closed ring round, or why not although it seems wrong."""
    import numpy as np
    import shapely

    try:
        points = np.array([position[:2] for position in ring], dtype=float)
    except OverflowError:
        return False, None
    with np.errstate(all="ignore"):
        x, y = (points - points[0]).T
        terms = x[:-1] * y[1:] - x[1:] * y[:-1]
        area, noise = terms.sum(), np.abs(terms).sum() * 1e-12
        if not np.isfinite(area) or abs(area) <= noise or (area > 0) == (path.role == "exterior"):
            return False, None
        if (np.abs(points) > (180.0, 90.0)).any():
            return False, "its coordinates are not longitude and latitude"
        if (np.abs(np.diff(points[:, 0])) > 180.0).any():
            return False, "it crosses the antimeridian"
        if bool(shapely.is_ccw(shapely.linearrings(points))) != (area > 0):
            return False, "it crosses itself, so that its direction is not certain"
    return True, None
