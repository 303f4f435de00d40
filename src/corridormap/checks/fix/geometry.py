"""Repairs of one geometry: which are possible together without harm, and the bytes they change."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corridormap.checks.fix.bounds import Bounds
from corridormap.checks.fix.lines import Mended, Path, Vertices, mend, repeats, shorten_all
from corridormap.checks.fix.result import Edit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from corridormap.checks.fix.scan import Node

LEVELS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
_POSITION = re.compile(rb"\[[^\[\]]*[0-9][^\[\]]*\]")
_TRIES: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"closing"}),
    frozenset({"precision"}),
    frozenset({"closing", "precision"}),
)


@dataclass
class Outcome:
    """What becomes of a geometry.

    Attributes
    ----------
    edits : list of Edit
        The bytes to change, in order.
    done, left : list of (kind, pointer in the coordinates, message, count)
        What was mended and what was not.
    before, after : Bounds
        The box around its positions.
    """

    edits: list[Edit] = field(default_factory=list)
    done: list[tuple[str, str, str, int]] = field(default_factory=list)
    left: list[tuple[str, str, str, int]] = field(default_factory=list)
    before: Bounds = field(default_factory=Bounds)
    after: Bounds = field(default_factory=Bounds)


def repair(text: bytes, node: Node, kind: str, kinds: Collection[str], decimals: int) -> Outcome:
    """Mend the coordinates of a geometry of a given type, as far as they have its form; others are left as they are."""
    outcome = Outcome()
    lines = list(_lines(kind, node.numbers))
    if not all(_positions(line) for _, _, line in lines):
        outcome.before.unknown = outcome.after.unknown = True
        return outcome
    if LEVELS[kind] > 1 and not all(line for _, _, line in lines):
        outcome.before.unknown = True  # Readers differ about a hollow part, and so about what the box is to hold.
    for role, _, line in lines:
        outcome.before.add(line, line=role != "points")
    outcome.after = outcome.before
    long = "precision" in kinds and _long(text, node, decimals)
    if not long and not any(_suspect(role, line, kinds) for role, _, line in lines):
        return outcome
    _Work(text, node, kind, lines).run(set(kinds) if long else set(kinds) - {"precision"}, decimals, outcome)
    return outcome


def _lines(kind: str, value: Any) -> Iterator[tuple[str, str, list[Any]]]:
    """The lines, rings or points in coordinates: role, JSON pointer within them, positions. One that is no list holds one bad position."""
    level = LEVELS[kind]
    if level == 0:
        yield "points", "", [value]
    elif level == 1:
        yield ("points" if kind == "MultiPoint" else "line"), "", _listed(value)
    elif level == 2:
        for index, line in enumerate(_listed(value)):
            role = "line" if kind == "MultiLineString" else "hole" if index else "exterior"
            yield role, f"/{index}", _listed(line)
    else:
        for number, polygon in enumerate(_listed(value)):
            for index, ring in enumerate(_listed(polygon)):
                yield "hole" if index else "exterior", f"/{number}/{index}", _listed(ring)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [None]


def _positions(line: Sequence[Any]) -> bool:
    """Whether these are positions: two numbers or more, finite and of sane size."""
    for position in line:
        if type(position) is not list or len(position) < 2:
            return False
        for number in position:
            # The bound keeps areas, products of two, within what a float can hold.
            if type(number) not in (float, int) or not -1e100 < number < 1e100:
                return False
    return True


def _long(text: bytes, node: Node, decimals: int) -> bool:
    pattern = _long_patterns.get(decimals)
    if pattern is None:
        pattern = _long_patterns[decimals] = re.compile(rb"\.[0-9]{%d}|[eE]" % (decimals + 1))
    return pattern.search(text, node.start, node.end) is not None


_long_patterns: dict[int, re.Pattern[bytes]] = {}


def _suspect(role: str, line: Sequence[list[float]], kinds: Collection[str]) -> bool:
    """Whether a path may want mending; quick, and right in saying no."""
    if role == "points" or not line:
        return False
    if "repeated" in kinds and any(map(list.__eq__, line, line[1:])):
        return True
    if role == "line":
        return False
    if line[0] != line[-1]:
        return "closing" in kinds
    if "winding" not in kinds:
        return False
    x0, y0 = line[0][0], line[0][1]
    area = sum((a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in pairwise(line))
    return not (area > 0) if role == "exterior" else not (area < 0)


class _Work:
    """The repairs of one geometry, tried together, and with fewer of them until they do no harm."""

    def __init__(self, text: bytes, node: Node, kind: str, lines: list[tuple[str, str, list[Any]]]) -> None:
        self.text = text
        self.kind = kind
        found = [match.span() for match in _POSITION.finditer(text, node.start, node.end)]
        self.spans = found if LEVELS[kind] else [(node.start, node.end)]
        self.paths: list[Path] = []
        first = 0
        for role, pointer, line in lines:
            self.paths.append(Path(first, first + len(line), role, pointer))
            first += len(line)
        assert first == len(self.spans)
        self.old = self.new = Vertices([text[start:end] for start, end in self.spans])
        self.mended: list[Mended] = []

    def run(self, kinds: set[str], decimals: int, outcome: Outcome) -> None:
        """Find what can be mended, and write it down."""
        rounded = self.old
        if "precision" in kinds:
            texts = [shorten_all(position, decimals) for position in self.old.texts]
            rounded = self.old if texts == self.old.texts else Vertices(texts)
            kinds = kinds if rounded is not self.old else kinds - {"precision"}
        without: frozenset[str] = frozenset()
        for without in (tried for tried in _TRIES if tried <= kinds):
            self.new = self.old if "precision" in without else rounded
            self.mended = [mend(path, self.new, kinds - without) for path in self.paths]
            if self._harmless():
                break
        if "precision" in without:
            outcome.left.append(
                ("precision", "", "Rounding is left undone, as it would bend the geometry, join vertices or end at 0, 0.", 1)
            )
        if "closing" in without:
            outcome.left.append(("closing", "", "A ring is left open, as the closed ring would not be valid.", 1))
        self._report(outcome)
        outcome.edits = self._edits()
        if outcome.edits:
            outcome.after = Bounds(unknown=outcome.before.unknown)
            for path, change in zip(self.paths, self.mended, strict=True):
                outcome.after.add([self.new.values[index] for index in change.order], line=path.role != "points")

    def _harmless(self) -> bool:
        """Whether rounding and closing leave a valid geometry valid, join no vertices, and make no line cross itself."""
        import shapely

        if self.new is self.old and not any(change.closed for change in self.mended):
            return True  # Turning a ring and dropping a repeated vertex move nothing.
        if self.new is not self.old:
            if any(new[:2] == [0, 0] != old[:2] for old, new in zip(self.old.values, self.new.values, strict=True)):
                return False  # What is rounded to 0, 0 would look like a place that is not known.
            for path, change in zip(self.paths, self.mended, strict=True):
                before = repeats(range(path.first, path.end), self.old) - change.dropped
                if path.role != "points" and repeats(change.order, self.new) > max(before, 0):
                    return False
        was = _shape(self.kind, self.paths, [list(range(path.first, path.end)) for path in self.paths], self.old)
        now = _shape(self.kind, self.paths, [change.order for change in self.mended], self.new)
        if now is None or not now.is_valid:
            return False
        if "Line" not in self.kind:
            return was is None or not was.is_simple or bool(now.is_simple)
        # Lines of one geometry may touch each other; each by itself must not begin to, nor be laid upon itself where it does already.
        slack = 1e-6 * (1 + len(self.old.texts))
        pairs = zip(shapely.get_parts(was), shapely.get_parts(now), strict=True)
        return all(b.is_simple or (not a.is_simple and _doubled(b) <= _doubled(a) + slack) for a, b in pairs)

    def _report(self, outcome: Outcome) -> None:
        if self.new is not self.old:
            pairs = zip(self.old.texts, self.new.texts, strict=True)
            count = sum(a != b for before, after in pairs for a, b in _numbers(before, after))
            outcome.done.append(("precision", "", f"Rounded {count} number{'s' * (count != 1)}.", count))
        for path, change in zip(self.paths, self.mended, strict=True):
            if change.dropped:
                message = f"Dropped {change.dropped} {'vertices' if change.dropped != 1 else 'vertex'} that repeated the one before."
                outcome.done.append(("repeated", path.pointer, message, change.dropped))
            if change.closed:
                outcome.done.append(("closing", path.pointer, f"Closed the {path.role} ring with its first position.", 1))
            if change.turned:
                way = "clockwise" if path.role == "hole" else "counterclockwise"
                outcome.done.append(("winding", path.pointer, f"Turned the {path.role} ring to run {way}.", 1))
            if change.unsure:
                outcome.left.append(("winding", path.pointer, f"The {path.role} ring is left as it is wound: {change.unsure}.", 1))

    def _edits(self) -> list[Edit]:
        edits = []
        for path, change in zip(self.paths, self.mended, strict=True):
            if change.dropped or change.closed or change.turned:
                edits.append(Edit(self.spans[path.first][0], self.spans[path.end - 1][1], self._spelled(change)))
            elif self.new is not self.old:
                old, new = self.old.texts, self.new.texts
                edits += [Edit(*self.spans[index], new[index]) for index in range(path.first, path.end) if new[index] != old[index]]
        return edits

    def _spelled(self, change: Mended) -> bytes:
        """The text of a path; what stands between two positions stays where it is, while the positions change places."""
        gaps = [self.text[self.spans[index - 1][1] : self.spans[index][0]] for index in change.kept[1:]]
        if change.closed:
            gaps.append(gaps[-1])
        order = change.order
        parts = [self.new.texts[order[0]]]
        for gap, index in zip(gaps, order[1:], strict=True):
            parts += [gap, self.new.texts[index]]
        return b"".join(parts)


def _numbers(before: bytes, after: bytes) -> Iterator[tuple[bytes, bytes]]:
    return zip(before.split(b","), after.split(b","), strict=True)


def _doubled(lines: Any) -> float:
    """How much of some lines lies upon themselves."""
    import shapely

    return float(lines.length - shapely.node(lines).length)


def _shape(kind: str, paths: list[Path], orders: list[list[int]], vertices: Vertices) -> Any:
    """The geometry of some vertices, or None if they make none, or have an empty part, which ends some of GEOS 3.14 in a crash."""
    import numpy as np
    import shapely
    from shapely.geometry import shape

    if not all(orders):
        return None
    lines = [[vertices.values[index][:2] for index in order] for order in orders]
    coordinates: Any = lines
    level = LEVELS[kind]
    if level < 2:
        coordinates = lines[0] if lines and level else lines[0][0]
    elif level == 3:
        coordinates = []
        for path, line in zip(paths, lines, strict=True):
            if path.role == "exterior":
                coordinates.append([])
            coordinates[-1].append(line)
    try:
        with np.errstate(all="ignore"):
            made = shape({"type": kind, "coordinates": coordinates})
            # Unclosed rings are closed silently by the constructor; the reader of the text does not.
            closed = all(line[0] == line[-1] for path, line in zip(paths, lines, strict=True) if path.ring and line)
            return made if closed and not shapely.is_empty(made) else None
    except (shapely.errors.ShapelyError, ValueError, TypeError, IndexError):
        return None
