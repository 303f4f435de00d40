"""Repairs of one geometry: which are possible together without harm, and the bytes they change."""

from __future__ import annotations

import json
import operator
import re
from bisect import bisect
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import islice, pairwise
from math import dist
from typing import TYPE_CHECKING, Any

from corridormap.checks.fix.bounds import Bounds
from corridormap.checks.fix.result import Edit
from corridormap.checks.reading.slow import level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corridormap.checks.fix.result import Changes

_NUMBERS = (float, int)
_SLIVER = 2e-5
"""Degrees, about two metres: a ring that would be thinner when closed is not closed, as it would only be found wrong otherwise."""
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_EXPONENT = re.compile(rb"[eE](?<=[0-9].)[+-]?[0-9]")
_POSITION = re.compile(rb"\[[^\[\]]*[0-9][^\[\]]*\]")


def long_numbers(text: bytes | memoryview, span: tuple[int, int], decimals: int) -> Iterator[int]:
    """Where numbers have more decimals, or an exponent."""
    for pattern in (_fraction(decimals + 1), _EXPONENT):
        yield from (match.start() for match in pattern.finditer(text, *span))


@cache
def _fraction(digits: int) -> re.Pattern[bytes]:
    return re.compile(rb"\.[0-9]{%d}" % digits)


def shorten(token: bytes, decimals: int) -> bytes:
    """A number rounded to so many decimals, if it has more and becomes shorter; the same bytes otherwise."""
    value = _decimal(token)
    try:
        if isinstance(value, bytes) or -int(value.as_tuple().exponent) <= decimals:
            return token
        whole, _, fraction = format(round(value, decimals), "f").partition(".")
    except (InvalidOperation, ValueError):
        return token
    new = f"{whole}.{fraction.rstrip('0') or '0'}".encode()
    if not new.strip(b"-0."):
        new = b"0.0"
    return new if len(new) < len(token) else token


def _decimal(token: bytes) -> Decimal | bytes:
    """A number's exact value; its spelling if its exponent is beyond what Decimal takes."""
    try:
        return Decimal(token.decode("ascii"))
    except InvalidOperation:
        return token


@dataclass(frozen=True)
class Line:
    """A line or ring of a geometry, or its single points: its positions as they are read and spelled, and their places in the text."""

    role: str
    pointer: str
    values: list[Any]
    texts: list[bytes] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def ring(self) -> bool:
        """Whether it bounds an area."""
        return self.role in {"exterior", "hole"}

    def same(self, a: int, b: int) -> bool:
        """Whether two positions are the same, to the last digit that is spelled out."""
        if self.texts[a] == self.texts[b] or self.values[a] != self.values[b]:
            return self.texts[a] == self.texts[b]
        one, other = ([_decimal(token) for token in _NUMBER.findall(self.texts[index])] for index in (a, b))
        return one == other

    def rounded(self, places: Iterable[int], decimals: int) -> Line:
        """The line with the numbers of the positions at some places of the text rounded."""
        texts = list(self.texts)
        for at in places:
            if self.spans and self.spans[0][0] < at < self.spans[-1][1]:
                index = bisect(self.spans, (at,)) - 1
                texts[index] = _NUMBER.sub(lambda match: shorten(match[0], decimals), texts[index])
        return self if texts == self.texts else replace(self, texts=texts, values=json.loads(b"[" + b",".join(texts) + b"]"))

    def flat(self, order: Iterable[int]) -> list[list[float]]:
        """Longitude and latitude of some positions."""
        return [self.values[index][:2] for index in order]


@dataclass(frozen=True)
class Mended:
    """What becomes of a line: the positions that stay, whether the first is repeated at the end, and all of them turned round."""

    line: Line
    kept: Sequence[int]
    closed: bool = False
    turned: bool = False
    unsure: str | None = None
    """Why a ring that seems wound the wrong way is left so."""

    @property
    def dropped(self) -> int:
        """How many positions do not stay."""
        return len(self.line.values) - len(self.kept)

    @property
    def order(self) -> list[int]:
        """The positions in their new order."""
        order = [*self.kept, self.kept[0]] if self.closed else list(self.kept)
        return order[::-1] if self.turned else order


def repair(  # noqa: PLR0917  all there is to know of a geometry
    text: bytes, span: tuple[int, int], kind: str, value: Any, kinds: frozenset[str], decimals: int, changes: Changes, pointer: str
) -> tuple[Bounds, Bounds]:
    """Mend the coordinates of a geometry of a given type, as far as they have its form, and give the box before and after."""
    before, after = Bounds(), Bounds()
    lines = list(_lines(kind, value))
    if not all(_are_positions(line.values) for line in lines):
        before.unknown = True
        return before, before
    # Readers differ about a hollow part, and so about what the box is to hold.
    before.unknown = after.unknown = (level(kind) or 0) > 1 and not all(line.values for line in lines)
    for line in lines:
        before.add(line.values, line=line.role != "points")
    if not kinds or not lines:
        return before, before
    spans = iter([match.span() for match in _POSITION.finditer(text, *span)] if kind != "Point" else [span])
    for line in lines:
        line.spans.extend(islice(spans, len(line.values)))
        line.texts.extend(text[start:end] for start, end in line.spans)
    count = len(changes.edits)
    for line, new in zip(
        lines, _mended(kind, lines, kinds, [*long_numbers(text, span, decimals)], decimals, changes, pointer), strict=True
    ):
        after.add([new.line.values[index] for index in new.order], line=line.role != "points")
        _write(text, line, new, changes, pointer + line.pointer)
    return before, (after if len(changes.edits) > count else before)


def _lines(kind: str, value: Any) -> Iterator[Line]:
    """The lines, rings or points in coordinates: one that is no list holds one bad position."""
    depth = level(kind)
    if depth == 0:
        yield Line("points", "", [value] if value != [] else [])
    elif depth == 1:
        yield Line("points" if kind == "MultiPoint" else "line", "", _listed(value))
    elif depth == 2:
        for index, line in enumerate(_listed(value)):
            role = "line" if kind == "MultiLineString" else "hole" if index else "exterior"
            yield Line(role, f"/{index}", _listed(line))
    else:
        for number, polygon in enumerate(_listed(value)):
            yield from (replace(ring, pointer=f"/{number}{ring.pointer}") for ring in _lines("Polygon", polygon))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [None]


def _are_positions(line: Sequence[Any]) -> bool:
    """Whether these are two numbers or more each, of a size that keeps areas, products of two, within what a float can hold."""
    if not all(type(position) is list and len(position) > 1 for position in line):
        return False
    return all(type(number) in _NUMBERS and -1e100 < number < 1e100 for position in line for number in position)


def _mended(  # noqa: PLR0917  all there is to know of a geometry
    kind: str, lines: list[Line], kinds: frozenset[str], places: list[int], decimals: int, changes: Changes, pointer: str
) -> list[Mended]:
    """Try all repairs together, and with fewer of them until they do no harm."""
    rounded = [line.rounded(places, decimals) for line in lines] if "precision" in kinds else lines
    if all(map(operator.is_, rounded, lines)):
        kinds -= {"precision"}
    tries: tuple[set[str], ...] = (set(), {"closing"}, {"precision"}, {"closing", "precision"})
    for without in (tried for tried in tries if tried <= kinds):
        mended = [_mend(line, kinds - without) for line in (lines if "precision" in without else rounded)]
        if _harmless(kind, lines, mended):
            break
    if "precision" in without:
        changes.leave("precision", "Rounding is left undone, as it would bend the geometry, join vertices or end at 0, 0.", pointer)
    elif "precision" in kinds:
        pairs = [(a, b) for line, new in zip(lines, rounded, strict=True) for a, b in zip(line.texts, new.texts, strict=True)]
        count = sum(a != b for old, new in pairs for a, b in zip(old.split(b","), new.split(b","), strict=True))
        changes.mended("precision", f"Rounded {count} number{'s' * (count != 1)}.", pointer, count=count)
    if "closing" in without:
        changes.leave("closing", "A ring is left open, as the closed ring would not be valid.", pointer)
    return mended


def _harmless(kind: str, lines: list[Line], mended: list[Mended]) -> bool:
    """Whether rounding and closing leave a valid geometry valid, join no vertices, and make no line cross itself."""
    import shapely

    pairs = list(zip(lines, mended, strict=True))
    if all(line is new.line and not new.closed for line, new in pairs):
        return True  # Turning a ring and dropping a repeated vertex move nothing.
    for line, new in pairs:
        if any(b[:2] == [0, 0] != a[:2] for a, b in zip(line.values, new.line.values, strict=True)):
            return False  # What is rounded to 0, 0 would look like a place that is not known.
        repeats = _repeats(line.flat(range(len(line.values)))) - new.dropped
        if line.role != "points" and _repeats(new.line.flat(new.order)) > max(repeats, 0):
            return False
    was = _shape(kind, lines, [line.flat(range(len(line.values))) for line in lines])
    now = _shape(kind, lines, [new.line.flat(new.order) for new in mended])
    if now is None or not now.is_valid:
        return False
    if was is None or "Line" not in kind:
        return was is None or not was.is_simple or bool(now.is_simple)
    # Lines of one geometry may touch each other; each by itself must not begin to, nor be laid upon itself where it does already.
    slack = 1e-6 * (1 + sum(len(line.values) for line in lines))
    parts = zip(shapely.get_parts(was), shapely.get_parts(now), strict=True)
    return all(b.is_simple or (not a.is_simple and _doubled(b) <= _doubled(a) + slack) for a, b in parts)


def _repeats(places: list[list[float]]) -> int:
    """How many positions are at the place of the one before, whatever their height."""
    return sum(a == b for a, b in pairwise(places))


def _doubled(line: Any) -> float:
    """How much of a line lies upon itself."""
    import shapely

    return float(line.length - shapely.node(line).length)


def _shape(kind: str, lines: list[Line], places: list[list[list[float]]]) -> Any:
    """The geometry of some places, or None if they make none, or have an empty part, which ends some of GEOS 3.14 in a crash."""
    import shapely
    from shapely.geometry import shape

    # Rings that are not closed are closed silently by the constructor; the reader of the text does not.
    if not all(places) or any(line.ring and at[0] != at[-1] for line, at in zip(lines, places, strict=True)):
        return None
    coordinates: Any = places
    if level(kind) == 0:
        coordinates = places[0][0]
    elif level(kind) == 1:
        coordinates = places[0]
    elif level(kind) == 3:
        coordinates = []
        for line, at in zip(lines, places, strict=True):
            coordinates += [[]] if line.role == "exterior" else []
            coordinates[-1].append(at)
    try:
        return shape({"type": kind, "coordinates": coordinates})
    except (shapely.errors.ShapelyError, ValueError, TypeError, IndexError):
        return None


def _write(text: bytes, old: Line, new: Mended, changes: Changes, where: str) -> None:
    """Note what was done to a line, and the bytes it changes."""
    if new.dropped:
        message = f"Dropped {new.dropped} {'vertices' if new.dropped != 1 else 'vertex'} that repeated the one before."
        changes.mended("repeated", message, where, count=new.dropped)
    if new.closed:
        changes.mended("closing", f"Closed the {old.role} ring with its first position.", where)
    if new.turned:
        way = "clockwise" if old.role == "hole" else "counterclockwise"
        changes.mended("winding", f"Turned the {old.role} ring to run {way}.", where)
    if new.unsure:
        changes.leave("winding", f"The {old.role} ring is left as it is wound: {new.unsure}.", where)
    if not (new.dropped or new.closed or new.turned):
        changes.edits += [Edit(*span, b) for span, a, b in zip(old.spans, old.texts, new.line.texts, strict=True) if a != b]
        return
    # What stands between two positions stays where it is, while the positions change places.
    gaps = [b"", *(text[old.spans[index - 1][1] : old.spans[index][0]] for index in new.kept[1:])]
    gaps += gaps[-1:] if new.closed else []
    spelled = b"".join(gap + new.line.texts[index] for gap, index in zip(gaps, new.order, strict=True))
    changes.edits.append(Edit(old.spans[0][0], old.spans[-1][1], spelled))


def _mend(line: Line, kinds: frozenset[str]) -> Mended:
    """Drop repeated vertices, close and wind one line, as far as that is safe."""
    whole = range(len(line.values))
    kept: Sequence[int] = whole
    if line.role == "points" or not whole:
        return Mended(line, whole)
    closed = line.same(0, whole[-1])
    if "repeated" in kinds:
        once = [index for index in whole if index == 0 or not line.same(index - 1, index)]
        kept = once if len(once) >= (2 if not line.ring else 4 if closed else 3) else whole
    closing = line.ring and not closed and "closing" in kinds and _closable(line, kept)
    if line.ring and not closed and not closing and len(kept) < 4:
        kept = whole  # A ring that stays open must not become too short as well.
    turned, unsure = False, None
    if line.ring and "winding" in kinds and (closed or closing):
        turned, unsure = _winding(line.flat((*kept, kept[0])), exterior=line.role == "exterior")
    return Mended(line, kept, closing, turned, unsure)


def _closable(line: Line, kept: Sequence[int]) -> bool:
    """Whether a ring has three places at least, is no sliver, and its ends are not one place with two heights."""
    ends = line.values[kept[0]], line.values[kept[-1]]
    points = [(float(x), float(y)) for x, y in line.flat((*kept, kept[0]))]
    if len(set(points)) < 3 or ends[0][:2] == ends[1][:2] or len(ends[0]) != len(ends[1]):
        return False
    (x, y), steps = points[0], list(pairwise(points))
    area = abs(sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in steps)) / 2
    return 2 * area > _SLIVER * sum(dist(a, b) for a, b in steps)


def _winding(ring: list[list[float]], *, exterior: bool) -> tuple[bool, str | None]:
    """Whether to turn a closed ring round, or why not although it seems wrong."""
    import numpy as np
    import shapely

    points = np.array(ring, dtype=float)
    x, y = (points - points[0]).T
    terms = x[:-1] * y[1:] - x[1:] * y[:-1]
    area, noise = terms.sum(), np.abs(terms).sum() * 1e-12
    if abs(area) <= noise or (area > 0) == exterior:
        return False, None
    if (np.abs(points) > (180.0, 90.0)).any():
        return False, "its coordinates are not longitude and latitude"
    if (np.abs(np.diff(x)) > 180.0).any():
        return False, "it crosses the antimeridian"
    if bool(shapely.is_ccw(shapely.linearrings(points))) != (area > 0):
        return False, "it crosses itself, so that its direction is not certain"
    return True, None
