"""CM601 to CM606: how the lines of a file meet, and features that are there twice."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from corridormap.checks.reading.batch import Place
from corridormap.checks.reading.survey import shown
from corridormap.checks.rule import BatchRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch

METRES = 111_320.0
NEAR_M = 5.0
"""Ends that miss another line by less than this are meant to meet it."""
TOUCH = 1e-9
"""Degrees within which an end lies on a line."""
MOST_VERTICES, MOST_LINES = 1_000_000, 200_000
"""Topology is looked at in files of no more lines than these."""


_encode = msgspec.json.Encoder().encode


class Lines:
    """All lines of a file, gathered batch by batch, and what the rules ask about them."""

    def __init__(self) -> None:
        self.lines: list[NDArray[np.object_]] = []
        self.index: list[NDArray[np.int64]] = []
        self.ids: dict[int, Any] = {}
        self.vertices = 0
        self.others = 0
        self.too_many = False

    def add(self, batch: Batch) -> None:
        """Take the lines of a batch."""
        import shapely

        shapes = batch.shapes
        parts = (shapes.is_line & (shapes.lengths >= 2)).nonzero()[0]
        self.others += len(shapes.part_item) - len(parts)
        self.vertices += int(shapes.lengths[parts].sum())
        self.too_many |= self.vertices > MOST_VERTICES or sum(map(len, self.lines)) + len(parts) > MOST_LINES
        if self.too_many:
            self.lines, self.index, self.ids = [], [], {}
            return
        if not len(parts):
            return
        chosen = np.zeros(len(shapes.lengths), dtype=bool)
        chosen[parts] = True
        owner = np.repeat(np.arange(len(parts)), shapes.lengths[parts])
        self.lines.append(shapely.linestrings(shapes.xy[np.repeat(chosen, shapes.lengths)], indices=owner))
        rows = shapes.item_row[shapes.part_item[parts]]
        self.index.append(rows + batch.first)
        self.ids.update({batch.first + int(row): batch.ids[row] for row in np.unique(rows)})

    @cached_property
    def all(self) -> NDArray[np.object_]:
        """Every line."""
        return np.concatenate(self.lines) if self.lines else np.empty(0, dtype=object)

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """The feature of each line."""
        return np.concatenate(self.index) if self.index else np.empty(0, dtype=np.int64)

    @cached_property
    def tree(self) -> Any:
        """All lines in a tree."""
        import shapely

        return shapely.STRtree(self.all)

    @cached_property
    def meetings(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All pairs of lines that meet, each once."""
        first, second = self.tree.query(self.all, predicate="intersects")
        once = first < second
        return first[once], second[once]

    @property
    def is_network(self) -> bool:
        """Whether the lines are meant to meet: most of them do."""
        if len(self.all) < 3 or self.others:
            return False
        first, second = self.meetings
        return len(np.union1d(first, second)) > 0.5 * len(self.all)

    @cached_property
    def near_misses(self) -> list[tuple[int, tuple[float, float], float, bool]]:
        """Ends close to another line that they do not touch.

        For each the line, the end, its distance in metres, and whether the line has crossed that other one just before.
        """
        import shapely

        if len(self.all) < 2:
            return []
        ends = shapely.get_coordinates(np.column_stack([shapely.get_point(self.all, 0), shapely.get_point(self.all, -1)]).ravel())
        open_ = np.repeat(~shapely.is_closed(self.all), 2)
        _, group, count = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
        alone = (open_ & (count[group.ravel()] == 1)).nonzero()[0]
        points = shapely.points(ends[alone])
        squeeze = np.maximum(np.cos(np.radians(np.clip(ends[alone, 1], -89, 89))), 0.02)
        reach = NEAR_M / METRES / squeeze
        number, line = self.tree.query(points, predicate="dwithin", distance=reach)
        found: dict[int, tuple[int, tuple[float, float], float, bool]] = {}
        touched: set[int] = set()
        for position, other in zip(number.tolist(), line.tolist(), strict=True):
            end = int(alone[position])
            if other == end // 2 or position in touched:
                continue
            gap = self._metres(points[position], self.all[other], float(squeeze[position]))
            if gap * squeeze[position] / METRES < TOUCH:
                touched.add(position)
                found.pop(position, None)
            elif gap <= NEAR_M and (position not in found or gap < found[position][2]):
                over = self._overshoots(end, self.all[other], float(reach[position]))
                x, y = ends[end]
                found[position] = (end // 2, (float(x), float(y)), gap, over)
        return [found[position] for position in sorted(found)]

    def _metres(self, point: Any, line: Any, squeeze: float) -> float:
        import shapely

        nearest = shapely.get_coordinates(shapely.shortest_line(point, line))
        dx, dy = nearest[1] - nearest[0]
        return float(np.hypot(dx * squeeze, dy) * METRES)

    def _overshoots(self, end: int, other: Any, reach: float) -> bool:
        import shapely
        from shapely.ops import substring

        line = self.all[end // 2]
        tail = (
            substring(line, max(0.0, line.length - 2 * reach), line.length)
            if end % 2
            else substring(line, 0.0, min(line.length, 2 * reach))
        )
        return bool(shapely.intersects(tail, other))


def _gather(batch: Batch, memory: dict[str, Any]) -> None:
    """Gather the lines of a batch; the rules share what was gathered through the batch."""
    shared: Lines | None = memory["shared"].get("lines")
    if shared is None:
        shared = memory["shared"]["lines"] = Lines()
    if memory["shared"].get("gathered") != batch.first:
        memory["shared"]["gathered"] = batch.first
        shared.add(batch)


def _lines(memory: dict[str, Any]) -> Lines | None:
    lines: Lines | None = memory["shared"].get("lines")
    return lines if lines is not None and not lines.too_many and len(lines.all) else None


class _LineRule(BatchRule):
    """A rule about all lines of a file together."""

    of_drawn_lines = True

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        _gather(batch, memory)
        return ()

    def place(self, lines: Lines, line: int, message: str, at: tuple[float, float] | None) -> Place:
        """A place on a line."""
        index = int(lines.owner[line])
        return Place(message, index=index, feature=lines.ids[index], at=at)


class Undershoot(_LineRule):
    """No line ends just short of another, less than 5 m from it, without meeting it."""

    code = "CM601"
    severity = Severity.WARNING
    hint = "Snap the end to the other line, at a vertex of it."

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        lines = _lines(memory)
        for line, at, gap, over in lines.near_misses if lines else ():
            if not over:
                yield self.place(lines, line, f"ends {_metres(gap)} short of another line", at)  # type: ignore[arg-type]


class Overshoot(_LineRule):
    """No line runs past another and ends less than 5 m beyond it."""

    code = "CM602"
    severity = Severity.WARNING
    hint = "Cut the end off where the lines cross."

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        lines = _lines(memory)
        for line, at, gap, over in lines.near_misses if lines else ():
            if over:
                yield self.place(lines, line, f"ends {_metres(gap)} beyond another line that it crosses", at)  # type: ignore[arg-type]


class OnePiece(_LineRule):
    """A network hangs together: where most lines meet others, those that do not, or only among themselves, are told, once a file."""

    code = "CM603"
    severity = Severity.NOTE
    hint = "Look whether these lines should meet the others."

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        import shapely

        lines = _lines(memory)
        if lines is None or not lines.is_network:
            return
        part = _components(len(lines.all), *lines.meetings)
        names, first, sizes = np.unique(part, return_index=True, return_counts=True)
        main = int(sizes.argmax())
        lost = np.delete(np.arange(len(names)), main)
        if len(lost):
            line = int(first[lost].min())
            x, y = shapely.get_coordinates(shapely.get_point(lines.all[line], 0))[0]
            count = int(sizes[lost].sum())
            message = f"{count} of {len(lines.all)} lines, in {len(lost)} parts, do not hang together with the others"
            yield self.place(lines, line, message, (float(x), float(y)))


class Overlapping(_LineRule):
    """No two lines run over the same stretch; told once for each line."""

    code = "CM605"
    severity = Severity.NOTE
    hint = "Where two ways share a stretch, cut it out and keep it once."

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        import shapely

        lines = _lines(memory)
        if lines is None:
            return
        first, second = lines.meetings
        shared = (
            shapely.length(shapely.intersection(lines.all[first], lines.all[second])) if len(first) <= MOST_LINES else np.zeros(len(first))
        )
        told: set[int] = set()
        for position in (shared > TOUCH).nonzero()[0]:
            line, other = int(second[position]), int(first[position])
            if line not in told:
                told.add(line)
                at = shapely.get_coordinates(shapely.intersection(lines.all[line], lines.all[other]))[0]
                name = lines.ids[int(lines.owner[other])]
                what = f"feature {shown(name)}" if name is not None else f"feature {lines.owner[other]}"
                message = f"shares {_metres(float(shared[position]) * METRES)} with {what}"
                yield self.place(lines, line, message, (float(at[0]), float(at[1])))


class TooMany(_LineRule):
    """It was looked at how the lines meet. Not so in a file of more than a million vertices or 200 000 lines."""

    code = "CM606"
    severity = Severity.NOTE

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        lines: Lines | None = memory["shared"].get("lines")
        if lines is not None and lines.too_many:
            yield Place("there are too many lines to look at how they meet")


class Duplicate(BatchRule):
    """No two features of a file have the same geometry and the same properties."""

    code = "CM604"
    severity = Severity.WARNING
    hint = "Delete one of the two."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        seen: dict[int, int] = memory.setdefault("seen", {})
        shapes = batch.shapes
        if batch.bare or not len(shapes.item_row):
            return
        parts = shapes.item_first_part
        ends = np.append(parts[1:], len(shapes.part_item))
        single = np.bincount(shapes.item_row, minlength=batch.rows)
        view = memoryview(np.ascontiguousarray(shapes.xy).view(np.uint8).ravel())  # type: ignore[arg-type]
        begins, finishes = (shapes.starts[parts] * 16).tolist(), (shapes.starts[ends] * 16).tolist()
        kinds, alone = shapes.item_type.tolist(), (single[shapes.item_row] == 1).tolist()
        for item, row in enumerate(shapes.item_row.tolist()):
            if not alone[item]:
                continue
            shape = view[begins[item] : finishes[item]].tobytes()
            key = hash((shape, kinds[item], _words(batch.properties[row])))
            other = seen.setdefault(key, batch.first + row)
            if other != batch.first + row:
                yield Place(f"is the same as feature {other}, geometry and properties", row=row, path=())


def _words(properties: Any) -> str | bytes:
    try:
        return _encode(properties)
    except (TypeError, UnicodeEncodeError, OverflowError):
        return str(properties)  # of other formats


def _metres(value: float) -> str:
    return f"{value:.0f} m" if value >= 10 else f"{value:.2g} m"


def _components(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """The number of the connected part of each line."""
    parent = list(range(count))

    def root(line: int) -> int:
        while parent[line] != line:
            parent[line] = parent[parent[line]]
            line = parent[line]
        return line

    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        a, b = root(one), root(other)
        if a != b:
            parent[max(a, b)] = min(a, b)
    return np.array([root(line) for line in range(count)])
