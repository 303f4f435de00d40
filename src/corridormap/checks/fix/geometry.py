"""Repairs of one geometry: which are possible together without harm, and the bytes they change."""

from __future__ import annotations

import json
import re
from bisect import bisect
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, cached_property
from itertools import pairwise
from math import dist
from typing import TYPE_CHECKING, Any

from corridormap.checks.fix.bounds import Bounds
from corridormap.checks.fix.result import Edit
from corridormap.checks.reading.slow import level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from corridormap.checks.fix.result import Changes

_NUMBERS = (float, int)
_SLIVER = 2e-5
"""Degrees, about two metres: a ring that would be thinner when closed is not closed, as it would only be found wrong otherwise."""
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_EXPONENT = re.compile(rb"[eE](?<=[0-9].)")
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


class Vertices:
    """The positions of a geometry in the order of the text, as they are spelled and as they are read."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts

    @cached_property
    def values(self) -> list[list[float]]:
        """The positions as numbers."""
        return list(json.loads(b"[" + b",".join(self.texts) + b"]"))

    def same(self, a: int, b: int) -> bool:
        """Whether two positions are the same, to the last digit that is spelled out."""
        return self.texts[a] == self.texts[b] or (self.values[a] == self.values[b] and self._exact(a) == self._exact(b))

    def _exact(self, index: int) -> list[Decimal | bytes]:
        return [_decimal(token) for token in _NUMBER.findall(self.texts[index])]

    def repeats(self, order: Sequence[int]) -> int:
        """How many vertices, in a given order, are at the place of the one before, whatever their height."""
        return sum(self.values[a][:2] == self.values[b][:2] for a, b in pairwise(order))

    def lines(self, orders: Iterable[Sequence[int]]) -> list[list[list[float]]]:
        """Longitude and latitude of some vertices, line by line."""
        return [[self.values[index][:2] for index in order] for order in orders]


def _decimal(token: bytes) -> Decimal | bytes:
    """A number's exact value; its spelling if its exponent is beyond what Decimal takes."""
    try:
        return Decimal(token.decode("ascii"))
    except InvalidOperation:
        return token


@dataclass(frozen=True)
class Path:
    """A line or ring of a geometry, or its single points: the vertices, the role, and the JSON pointer in the coordinates."""

    whole: range
    role: str
    pointer: str

    @property
    def ring(self) -> bool:
        """Whether it bounds an area."""
        return self.role in {"exterior", "hole"}


@dataclass(frozen=True)
class Mended:
    """What becomes of a path: the vertices that stay, and whether the first is repeated at the end."""

    kept: Sequence[int]
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


def repair(  # noqa: PLR0917  all there is to know of a geometry
    text: bytes, span: tuple[int, int], kind: str, value: Any, kinds: Collection[str], decimals: int, changes: Changes, pointer: str
) -> tuple[Bounds, Bounds]:
    """Mend the coordinates of a geometry of a given type, as far as they have its form, and give the box before and after."""
    before = Bounds()
    lines = list(_lines(kind, value))
    if not all(_are_positions(line) for _, _, line in lines):
        before.unknown = True
        return before, before
    # Readers differ about a hollow part, and so about what the box is to hold.
    before.unknown = (level(kind) or 0) > 1 and not all(line for _, _, line in lines)
    for role, _, line in lines:
        _measure(before, line, role)
    if not kinds or not lines:
        return before, before
    work = _Work(text, span, kind, lines)
    if not work.run(set(kinds), decimals, changes, pointer) or (work.new is work.old and not any(done.closed for done in work.mended)):
        return before, before
    after = Bounds(unknown=before.unknown)
    for path, change in zip(work.paths, work.mended, strict=True):
        _measure(after, [work.new.values[index] for index in change.order], path.role)
    return before, after


def _measure(bounds: Bounds, line: Sequence[Sequence[float]], role: str) -> None:
    if line:
        x, y = [position[0] for position in line], [position[1] for position in line]
        jumps = role != "points" and max(x) - min(x) > 180 and any(abs(b - a) > 180 for a, b in pairwise(x))
        bounds.add(x, y, [position[2] for position in line if len(position) > 2], jumps=jumps)


def _lines(kind: str, value: Any) -> Iterator[tuple[str, str, list[Any]]]:
    """The lines, rings or points in coordinates: role, JSON pointer within them, positions. One that is no list holds one bad position."""
    depth = level(kind)
    if depth == 0:
        yield "points", "", [value] if value != [] else []
    elif depth == 1:
        yield ("points" if kind == "MultiPoint" else "line"), "", _listed(value)
    elif depth == 2:
        for index, line in enumerate(_listed(value)):
            role = "line" if kind == "MultiLineString" else "hole" if index else "exterior"
            yield role, f"/{index}", _listed(line)
    else:
        for number, polygon in enumerate(_listed(value)):
            yield from ((role, f"/{number}{at}", ring) for role, at, ring in _lines("Polygon", polygon))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [None]


def _are_positions(line: Sequence[Any]) -> bool:
    """Whether these are two numbers or more each, of a size that keeps areas, products of two, within what a float can hold."""
    if not all(type(position) is list and len(position) > 1 for position in line):
        return False
    return all(type(number) in _NUMBERS and -1e100 < number < 1e100 for position in line for number in position)


class _Work:
    """The repairs of one geometry, tried together, and with fewer of them until they do no harm."""

    def __init__(self, text: bytes, span: tuple[int, int], kind: str, lines: list[tuple[str, str, list[Any]]]) -> None:
        self.text = text
        self.kind = kind
        self.spans = [match.span() for match in _POSITION.finditer(text, *span)] if kind != "Point" else [span]
        self.old = self.new = Vertices([text[start:end] for start, end in self.spans])
        self.paths: list[Path] = []
        first = 0
        for role, pointer, line in lines:
            self.paths.append(Path(range(first, first + len(line)), role, pointer))
            first += len(line)
        self.old.values = [position for _, _, line in lines for position in line]
        self.mended: list[Mended] = []

    def run(self, kinds: set[str], decimals: int, changes: Changes, pointer: str) -> bool:
        """Find what can be mended, and write it down; whether there is anything."""
        rounded = self.old
        if "precision" in kinds:
            texts, starts = list(self.old.texts), [start for start, _ in self.spans]
            for at in long_numbers(self.text, (starts[0], self.spans[-1][1]), decimals):
                index = bisect(starts, at) - 1
                texts[index] = _NUMBER.sub(lambda match: shorten(match[0], decimals), texts[index])
            rounded = Vertices(texts)
        if rounded.texts == self.old.texts:
            kinds, rounded = kinds - {"precision"}, self.old
        without: set[str] = set()
        tries: tuple[set[str], ...] = (set(), {"closing"}, {"precision"}, {"closing", "precision"})
        for without in (tried for tried in tries if tried <= kinds):
            self.new = self.old if "precision" in without else rounded
            self.mended = [_mend(path, self.new, kinds - without) for path in self.paths]
            if self._harmless():
                break
        if "precision" in without:
            changes.leave("precision", "Rounding is left undone, as it would bend the geometry, join vertices or end at 0, 0.", pointer)
        if "closing" in without:
            changes.leave("closing", "A ring is left open, as the closed ring would not be valid.", pointer)
        return self._write(changes, pointer)

    def _harmless(self) -> bool:
        """Whether rounding and closing leave a valid geometry valid, join no vertices, and make no line cross itself."""
        import shapely

        if self.new is self.old and not any(change.closed for change in self.mended):
            return True  # Turning a ring and dropping a repeated vertex move nothing.
        if any(new[:2] == [0, 0] != old[:2] for old, new in zip(self.old.values, self.new.values, strict=True)):
            return False  # What is rounded to 0, 0 would look like a place that is not known.
        for path, change in zip(self.paths, self.mended, strict=True):
            if path.role != "points" and self.new.repeats(change.order) > max(self.old.repeats(path.whole) - change.dropped, 0):
                return False
        was = self._shape(self.old.lines(path.whole for path in self.paths))
        now = self._shape(self.new.lines(change.order for change in self.mended))
        if now is None or not now.is_valid:
            return False
        if was is None or "Line" not in self.kind:
            return was is None or not was.is_simple or bool(now.is_simple)
        # Lines of one geometry may touch each other; each by itself must not begin to, nor be laid upon itself where it does already.
        slack = 1e-6 * (1 + len(self.old.texts))
        pairs = zip(shapely.get_parts(was), shapely.get_parts(now), strict=True)
        return all(b.is_simple or (not a.is_simple and _doubled(b) <= _doubled(a) + slack) for a, b in pairs)

    def _shape(self, lines: list[list[list[float]]]) -> Any:
        """The geometry of some lines, or None if they make none, or have an empty part, which ends some of GEOS 3.14 in a crash."""
        import numpy as np
        import shapely
        from shapely.geometry import shape

        # Rings that are not closed are closed silently by the constructor; the reader of the text does not.
        if not all(lines) or any(path.ring and line[0] != line[-1] for path, line in zip(self.paths, lines, strict=True)):
            return None
        coordinates: Any = lines
        if self.kind == "Point":
            coordinates = lines[0][0]
        elif level(self.kind) == 1:
            coordinates = lines[0]
        elif self.kind == "MultiPolygon":
            coordinates = []
            for path, line in zip(self.paths, lines, strict=True):
                coordinates += [[]] if path.role == "exterior" else []
                coordinates[-1].append(line)
        try:
            with np.errstate(all="ignore"):
                return shape({"type": self.kind, "coordinates": coordinates})
        except (shapely.errors.ShapelyError, ValueError, TypeError, IndexError):
            return None

    def _write(self, changes: Changes, pointer: str) -> bool:
        """Note what was done, and the bytes it changes."""
        count = len(changes.edits)
        if self.new is not self.old:
            pairs = zip(self.old.texts, self.new.texts, strict=True)
            rounded = sum(a != b for old, new in pairs for a, b in zip(old.split(b","), new.split(b","), strict=True))
            changes.mended("precision", f"Rounded {rounded} number{'s' * (rounded != 1)}.", pointer, count=rounded)
        for path, change in zip(self.paths, self.mended, strict=True):
            where, whole = pointer + path.pointer, path.whole
            if change.dropped:
                some = "vertices" if change.dropped != 1 else "vertex"
                message = f"Dropped {change.dropped} {some} that repeated the one before."
                changes.mended("repeated", message, where, count=change.dropped)
            if change.closed:
                changes.mended("closing", f"Closed the {path.role} ring with its first position.", where)
            if change.turned:
                way = "clockwise" if path.role == "hole" else "counterclockwise"
                changes.mended("winding", f"Turned the {path.role} ring to run {way}.", where)
            if change.unsure:
                changes.leave("winding", f"The {path.role} ring is left as it is wound: {change.unsure}.", where)
            if change.dropped or change.closed or change.turned:
                changes.edits.append(Edit(self.spans[whole[0]][0], self.spans[whole[-1]][1], self._spelled(change)))
            else:
                old, new = self.old.texts, self.new.texts
                changes.edits += [Edit(*self.spans[index], new[index]) for index in whole if new[index] != old[index]]
        return len(changes.edits) > count

    def _spelled(self, change: Mended) -> bytes:
        """The text of a path; what stands between two positions stays where it is, while the positions change places."""
        gaps = [self.text[self.spans[index - 1][1] : self.spans[index][0]] for index in change.kept[1:]]
        if change.closed:
            gaps.append(gaps[-1])
        texts = [self.new.texts[index] for index in change.order]
        return texts[0] + b"".join(gap + position for gap, position in zip(gaps, texts[1:], strict=True))


def _doubled(line: Any) -> float:
    """How much of a line lies upon itself."""
    import shapely

    return float(line.length - shapely.node(line).length)


def _mend(path: Path, vertices: Vertices, kinds: Collection[str]) -> Mended:
    """Drop repeated vertices, close and wind one path, as far as that is safe."""
    whole = path.whole
    if path.role == "points" or not whole:
        return Mended(whole)
    kept: Sequence[int] = whole
    closed = vertices.same(whole[0], whole[-1])
    if "repeated" in kinds:
        once = [index for index in whole if index == whole[0] or not vertices.same(index - 1, index)]
        kept = once if len(once) >= (2 if not path.ring else 4 if closed else 3) else whole
    closing = path.ring and not closed and "closing" in kinds and _closable(vertices, kept)
    if path.ring and not closed and not closing and len(kept) < 4:
        kept = whole  # A ring that stays open must not become too short as well.
    turned, unsure = False, None
    if path.ring and "winding" in kinds and (closed or closing):
        turned, unsure = _winding([vertices.values[index] for index in (*kept, kept[0])], exterior=path.role == "exterior")
    return Mended(kept, len(whole) - len(kept), closing, turned, unsure)


def _closable(vertices: Vertices, kept: Sequence[int]) -> bool:
    """Whether a ring has three places at least, is no sliver, and its ends are not one place with two heights."""
    ends = vertices.values[kept[0]], vertices.values[kept[-1]]
    points = [(float(vertices.values[index][0]), float(vertices.values[index][1])) for index in (*kept, kept[0])]
    if len(set(points)) < 3 or ends[0][:2] == ends[1][:2] or len(ends[0]) != len(ends[1]):
        return False
    (x, y), steps = points[0], list(pairwise(points))
    area = abs(sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in steps)) / 2
    return 2 * area > _SLIVER * sum(dist(a, b) for a, b in steps)


def _winding(ring: list[list[float]], *, exterior: bool) -> tuple[bool, str | None]:
    """Whether to turn a closed ring round, or why not although it seems wrong."""
    import numpy as np
    import shapely

    points = np.array([position[:2] for position in ring], dtype=float)
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
