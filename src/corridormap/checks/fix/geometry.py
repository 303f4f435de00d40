"""Mend one geometry: find the repairs that do no harm together, and the bytes they change."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from corridormap.checks.coordinates import DECIMALS
from corridormap.checks.fix.edits import Changes, Edit
from corridormap.checks.reading.batch import lifted
from corridormap.checks.segments import MOST_PAIRS, Segments, TooManyError

if TYPE_CHECKING:
    import msgspec

Places = NDArray[np.float64]

_SLIVER = 2e-5
"""Degrees, about two metres: a ring that would be thinner when closed is not closed, as it would only be found wrong otherwise."""
_SLACK_M = 0.1
"""Metres for each vertex that a line may lie upon itself for longer when it is rounded, if it does already."""
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONG = (re.compile(rb"\.[0-9]{%d}" % (DECIMALS + 1)), re.compile(rb"[eE](?<=[0-9].)[+-]?[0-9]"))
_POSITION = re.compile(rb"\[[^\[\]]*[0-9][^\[\]]*\]")


def has_long_numbers(text: bytes | msgspec.Raw) -> bool:
    """Tell whether there may be numbers with more decimals than seven: those that are spelled so, or with an exponent."""
    return any(pattern.search(memoryview(text)) for pattern in _LONG)


def shorten(token: bytes) -> bytes:
    """Round a number to seven decimals, if it has more and becomes shorter; give the same bytes otherwise."""
    try:
        value = Decimal(token.decode("ascii"))
        if -int(value.as_tuple().exponent) <= DECIMALS:
            return token
        short = round(value, DECIMALS)
    except (InvalidOperation, ValueError):  # An exponent, or digits, beyond what Decimal takes.
        return token
    new = f"{short:f}".rstrip("0") if short else "0."
    new += "0" if new.endswith(".") else ""
    return new.encode() if len(new) < len(token) else token


@dataclass(frozen=True)
class Line:
    """A line or ring of a geometry, or its points: its positions as they are read and spelled, and their places in the text."""

    role: str
    values: list[Any]
    texts: list[bytes] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    @property
    def ring(self) -> bool:
        """Whether it bounds an area."""
        return self.role in {"exterior", "hole"}

    @cached_property
    def places(self) -> Places:
        """The longitude and latitude of each position."""
        return np.array([position[:2] for position in self.values], dtype=float).reshape(-1, 2)

    def rounded(self) -> Line:
        """Round the numbers of the line; give the line itself if none changes."""
        texts = [_NUMBER.sub(lambda match: shorten(match[0]), text) if has_long_numbers(text) else text for text in self.texts]
        return self if texts == self.texts else replace(self, texts=texts, values=json.loads(b"[" + b",".join(texts) + b"]"))


class Mended(NamedTuple):
    """What becomes of a line: the positions in their new order, and what was done to it: "repeated", "closing", "winding"."""

    line: Line
    order: list[int]
    done: list[str]


def lines_of(geometry: dict[str, Any]) -> list[Line] | None:
    """Find the lines, rings or points of a geometry; None if its coordinates are not as its type asks for."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    polygons = lifted(kind, coordinates) if coordinates != [] else []
    if not all(isinstance(rings, list) and all(map(_are_positions, rings)) for rings in polygons):
        return None
    other = "line" if "Line" in kind else "points"
    roles = ["exterior", "hole"] if "Polygon" in kind else [other, other]
    return [Line(roles[index > 0], values) for rings in polygons for index, values in enumerate(rings)]


def _are_positions(line: Any) -> bool:
    """Tell whether these are positions of two numbers or more, so small that areas, products of two, stay within what a float can hold."""
    if not (isinstance(line, list) and all(type(position) is list and len(position) > 1 for position in line)):
        return False
    return all(type(number) in {float, int} and -1e100 < number < 1e100 for position in line for number in position)


def repair(text: bytes, span: tuple[int, int], lines: list[Line], kinds: frozenset[str], changes: Changes) -> list[Mended]:
    """Mend the lines of a geometry whose coordinates have a place in the text: all repairs together, or as many as do no harm."""
    if not kinds:
        return [_mend(line, kinds) for line in lines]
    spans = (match.span() for match in _POSITION.finditer(text, *span))
    for line in lines:
        line.spans.extend(islice(spans, len(line.values)))
        line.texts.extend(text[start:end] for start, end in line.spans)
    mended = _mended(lines, kinds)
    if any(new.line is not line for line, new in zip(lines, mended, strict=True)):
        changes.repairs.append("precision")
    for line, new in zip(lines, mended, strict=True):
        changes.repairs += new.done
        if not new.done:
            changes.edits += [Edit(*span, b) for span, a, b in zip(line.spans, line.texts, new.line.texts, strict=True) if a != b]
            continue
        # What stands between two positions stays where it is, while the positions change places.
        gaps = [b"", *(text[line.spans[index - 1][1] : line.spans[index][0]] for index in sorted(set(new.order))[1:])]
        gaps += gaps[-1:] if "closing" in new.done else []
        spelled = b"".join(gap + new.line.texts[index] for gap, index in zip(gaps, new.order, strict=True))
        changes.edits.append(Edit(line.spans[0][0], line.spans[-1][1], spelled))
    return mended


@np.errstate(all="ignore")
def _mended(lines: list[Line], kinds: frozenset[str]) -> list[Mended]:
    rounded = [line.rounded() for line in lines] if "precision" in kinds else lines
    tries: tuple[set[str], ...] = (set(), {"closing"}, {"precision"}, {"closing", "precision"})
    for without in (tried for tried in tries if tried <= kinds):
        try:
            mended = [_mend(line, kinds - without) for line in (lines if "precision" in without else rounded)]
            if _harmless(lines, mended):
                return mended
        except (shapely.errors.ShapelyError, ValueError, TooManyError):
            continue
    return [_mend(line, frozenset()) for line in lines]


def _mend(line: Line, kinds: frozenset[str]) -> Mended:
    """Drop repeated vertices, close and wind one line, as far as that is safe."""
    values, whole = line.values, list(range(len(line.values)))
    if line.role == "points" or not values or not kinds:
        return Mended(line, whole, [])
    closed = values[0] == values[-1]
    kept = [index for index in whole if index == 0 or "repeated" not in kinds or values[index - 1] != values[index]]
    if len(kept) < (2 if not line.ring else 4 if closed else 3):
        kept = whole
    closing = line.ring and not closed and "closing" in kinds and _closable(line, kept)
    if line.ring and not closed and not closing and len(kept) < 4:
        kept = whole  # A ring that stays open must not become too short as well.
    order = [*kept, kept[0]] if closing else kept
    turned = line.ring and (closed or closing) and "winding" in kinds and _wrong_way(line.places[order], line.role)
    done = {"repeated": len(kept) < len(whole), "closing": closing, "winding": turned}
    return Mended(line, order[::-1] if turned else order, [kind for kind, so in done.items() if so])


def _closable(line: Line, kept: list[int]) -> bool:
    """Tell whether a ring has three places at least, is no sliver, and its ends are not one place with two heights."""
    first, last = line.values[kept[0]], line.values[kept[-1]]
    if _distinct(line.places) < 3 or first[:2] == last[:2] or len(first) != len(last):
        return False
    ring = shapely.Polygon(line.places[kept])
    return bool(2 * ring.area > _SLIVER * ring.length)


def _wrong_way(ring: Places, role: str) -> bool:
    """Tell whether a closed ring, in degrees and not across the antimeridian, surely is wound the wrong way: it does not cross itself."""
    x, y = (ring - ring[0]).T
    terms = x[:-1] * y[1:] - x[1:] * y[:-1]
    area, noise = float(terms.sum()), float(np.abs(terms).sum()) * 1e-12
    if abs(area) <= noise or (area > 0) == (role == "exterior"):
        return False
    plain = (np.abs(ring) <= (180.0, 90.0)).all() and (np.abs(np.diff(x)) <= 180.0).all()
    return bool(plain) and bool(shapely.is_ccw(shapely.linearrings(ring))) == (area > 0)


def _harmless(lines: list[Line], mended: list[Mended]) -> bool:
    """Tell whether rounding and closing leave areas valid, join no vertices, and make no line cross itself or end at 0, 0."""
    pairs = [(line, new, new.line.places[new.order]) for line, new in zip(lines, mended, strict=True)]
    if all(line is new.line and "closing" not in new.done for line, new, _ in pairs):
        return True  # Turning a ring and dropping a repeated vertex move nothing.
    rings = [now for line, _, now in pairs if line.ring]
    if rings:
        # GEOS closes a ring silently, and of empty parts some of 3.14 crash.
        if not all(len(ring) and (ring[0] == ring[-1]).all() for ring in rings) or _crowded(rings):
            return False
        owner = np.cumsum([line.role == "exterior" for line in lines]) - 1
        areas = shapely.polygons([shapely.linearrings(ring) for ring in rings], indices=owner)
        if not shapely.multipolygons(areas).is_valid:
            return False
    return all(_stays(line, new, now) for line, new, now in pairs)


def _stays(line: Line, new: Mended, now: Places) -> bool:
    """Tell whether a line, a ring or points have no repeated place more than before, and a line keeps off itself as it did."""
    was = line.places
    if (was.any(axis=1) & ~new.line.places.any(axis=1)).any():
        return False  # What is rounded to 0, 0 would look like a place that is not known.
    if line.role == "points":
        return _distinct(was) < len(was) or _distinct(now) == len(now)
    if _repeats(now) > max(_repeats(was) - len(was) + len(set(new.order)), 0):
        return False
    if line.ring or new.line is line:
        return True
    shape = shapely.LineString(now)
    if not shape.is_valid or _crowded([now]):
        return False
    return bool(shape.is_simple) or (not shapely.LineString(was).is_simple and _doubled_m(now) <= _doubled_m(was) + _SLACK_M * len(was))


def _distinct(places: Places) -> int:
    return len(set(map(tuple, places.tolist())))


def _repeats(places: Places) -> int:
    """Count the positions at the place of the one before, whatever their height."""
    return int((np.diff(places, axis=0) == 0).all(axis=1).sum())


def _crowded(lines: list[Places]) -> bool:
    """Tell whether so many segments lie close together that looking for those that cross is no bounded work."""
    return sum(map(len, lines)) ** 2 > 2 * MOST_PAIRS and _segments(lines).crowded


def _segments(lines: list[Places]) -> Segments:
    start, end = np.concatenate([line[:-1] for line in lines]), np.concatenate([line[1:] for line in lines])
    owner = np.repeat(np.arange(len(lines)), [len(line) - 1 for line in lines])
    long = (start != end).any(axis=1)
    return Segments(start[long], end[long], owner[long])


def _doubled_m(line: Places) -> float:
    segments = _segments([line])
    return float(segments.covered_m(segments.meetings(apart=False))[2].sum())
