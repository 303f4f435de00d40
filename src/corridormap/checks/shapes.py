"""CM211 to CM219: the geometries of any file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import MULTIPOLYGON, POLYGON, Place
from corridormap.checks.rings import row_of, twice_areas
from corridormap.checks.rule import BatchRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch, Shapes

METRES = 111_320.0
"""A degree of latitude, near enough."""
HUGE = 3_000_000
"""GEOS is not asked about a geometry of more vertices than this."""
_SLICE = 1 << 20
BACK, SHARP = 179.0, 160.0
_SPOT = re.compile(r"\[(-?[\d.e+-]+) (-?[\d.e+-]+)")


class ValidPolygon(BatchRule):
    """A polygon is valid in the sense of the OGC Simple Features: no ring crosses itself or another, holes lie in their shell."""

    code = "CM211"
    hint = "Look at the spot; QGIS's “Fix geometries” or shapely.make_valid mend most cases, but look at what they made."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        import shapely

        del memory
        shapes = batch.shapes
        areas = (shapes.item_type == POLYGON) | (shapes.item_type == MULTIPOLYGON)
        if not areas.any():
            return
        chosen = (areas & ~_huge(shapes)).nonzero()[0]
        if not len(chosen):
            return
        polygons = batch.geometries[chosen]
        wrong = ~(shapely.is_valid(polygons) | shapely.is_missing(polygons))
        for position in wrong.nonzero()[0]:
            item = int(chosen[position])
            reason = str(shapely.is_valid_reason(polygons[position]))
            spot = _SPOT.search(reason)
            at = (float(spot[1]), float(spot[2])) if spot else None
            words = reason.partition("[")[0].strip()
            yield Place(f"is not a valid polygon: {words}", row=int(shapes.item_row[item]), path=shapes.item_place(item), at=at)


class TooHuge(BatchRule):
    """A geometry was looked at for crossings of itself. Not so if it has more than three million vertices."""

    code = "CM219"
    severity = Severity.NOTE

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        for item in _huge(batch.shapes).nonzero()[0]:
            path = batch.shapes.item_place(int(item))
            yield Place("is too large to be searched for crossings of itself", row=int(batch.shapes.item_row[item]), path=path)


class ZeroLength(BatchRule):
    """A line has a length: its positions are not all the same."""

    code = "CM212"
    severity = Severity.WARNING
    layer_severity = Severity.ERROR
    of_drawn_lines = True
    hint = "Delete it, or make a point of it."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        shapes = batch.shapes
        for part in (_pointlike(shapes) & shapes.is_line).nonzero()[0].tolist():
            yield Place("the line has no length", row=row_of(shapes, part), path=shapes.part_place(part), at=shapes.part_at(part))


class RepeatedVertex(BatchRule):
    """No line or ring repeats a position at once."""

    code = "CM213"
    repair = "repeated"
    severity = Severity.WARNING
    layer_severity = Severity.ERROR
    of_drawn_lines = True
    hint = "Delete one of the two."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        shapes = batch.shapes
        still = _still(shapes)
        if not len(still):
            return
        skipped = _pointlike(shapes) & shapes.is_line
        for index in still[~skipped[shapes.part_of[still]]]:
            row, path, at = shapes.vertex(int(index) + 1)
            yield Place("repeats the position before it", row=row, path=path, at=at)


class TurnsBack(BatchRule):
    """No line or ring has a spike, where it turns back on itself (by 179° or more)."""

    code = "CM214"
    severity = Severity.WARNING
    layer_severity = Severity.ERROR
    of_drawn_lines = True
    hint = "Delete the vertex at the tip."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        shapes = batch.shapes
        tips, turns = _turns(batch)
        for index in np.sort(tips[turns >= BACK]):
            row, path, at = shapes.vertex(int(index))
            yield Place("has a spike: it turns back on itself", row=row, path=path, at=at)


class Hairpin(BatchRule):
    """A line seldom turns by more than 160° at one vertex, as if a spike were nearly closed; told once a line."""

    code = "CM217"
    severity = Severity.NOTE
    of_drawn_lines = True
    hint = "Look whether it is a real hairpin bend or a misplaced vertex."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        shapes = batch.shapes
        tips, turns = _turns(batch)
        sharp = (turns >= SHARP) & (turns < BACK)
        tips, turns = tips[sharp], turns[sharp]
        parts = shapes.part_of[tips]
        on_line = shapes.is_line[parts]
        tips, turns, parts = tips[on_line], turns[on_line], parts[on_line]
        for part in np.unique(parts):
            here = parts == part
            first = here.argmax()
            row, path, at = shapes.vertex(int(tips[first]))
            count = int(here.sum())
            more = f", as at {count - 1} more vertices" if count > 1 else ""
            yield Place(f"turns by {turns[first]:.0f}° at a vertex{more}", row=row, path=path, at=at)


class CrossesItself(BatchRule):
    """A line does not cross or touch itself; allowed, but often a slip of the hand."""

    code = "CM215"
    severity = Severity.NOTE
    layer_severity = Severity.ERROR
    of_drawn_lines = True
    hint = "Look at the spot; cut off the loop if it is none."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        for part, line in _tangled(batch):
            if not _retraced(line):
                shapes = batch.shapes
                yield Place("the line crosses itself", row=row_of(shapes, part), path=shapes.part_place(part), at=_crossing(line))


class GoesBack(BatchRule):
    """A line does not run back over a stretch of itself."""

    code = "CM216"
    severity = Severity.WARNING
    layer_severity = Severity.ERROR
    of_drawn_lines = True
    hint = "Delete the stretch that is there twice, or cut the line where it turns."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        for part, line in _tangled(batch):
            twice = _retraced(line)
            if twice:
                shapes = batch.shapes
                x, y = line.coords[0]
                metres = twice * METRES
                at = _crossing(line) or (float(x), float(y))
                yield Place(
                    f"the line runs back over itself for some {metres:.0f} m", row=row_of(shapes, part), path=shapes.part_place(part), at=at
                )


class Sliver(BatchRule):
    """A polygon is no sliver: long and, on the average, less than a metre wide, as overlays leave them."""

    code = "CM218"
    severity = Severity.NOTE
    hint = "Look whether it is left over from an overlay; if so, merge it with its neighbour."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        shapes = batch.shapes
        shells = shapes.is_ring & (shapes.part_ring == 0) & shapes.closed
        if not shells.any():
            return
        import shapely

        thin = (shells & _thin(shapes)).nonzero()[0]
        # One that crosses itself may have an area of nothing for that reason.
        thin = thin[shapely.is_valid(batch.geometries[shapes.part_item[thin]])]
        for part in thin.tolist():
            yield Place(
                "is a sliver, less than a metre wide", row=row_of(shapes, part), path=shapes.part_place(part)[:-1], at=shapes.part_at(part)
            )


def _huge(shapes: Shapes) -> NDArray[np.bool_]:
    if len(shapes.xy) <= HUGE:
        return np.zeros(len(shapes.item_type), dtype=bool)
    return np.bincount(shapes.part_item, weights=shapes.lengths, minlength=len(shapes.item_type)) > HUGE


def _still(shapes: Shapes) -> NDArray[np.int64]:
    """The positions of lines and rings that the next one repeats."""
    cached: NDArray[np.int64] | None = getattr(shapes, "_still", None)
    if cached is None:
        steps = shapes.steps
        still = (steps[:, 0] == 0) & (steps[:, 1] == 0)
        if shapes.z is not None and len(still):
            still[:-1] &= ~(np.diff(shapes.z) != 0) | np.isnan(np.diff(shapes.z))
        cached = still.nonzero()[0]
        shapes._still = cached  # type: ignore[attr-defined]  # noqa: SLF001  a cache beside the data it is of
    return cached


def _pointlike(shapes: Shapes) -> NDArray[np.bool_]:
    """Which parts have several positions that are all the same."""
    still = _still(shapes)
    if not len(still):
        return np.zeros(len(shapes.part_item), dtype=bool)
    count = np.bincount(shapes.part_of[still], minlength=len(shapes.part_item))
    found: NDArray[np.bool_] = (count > 0) & (count == shapes.lengths - 1)
    return found


def _turns(batch: Batch) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The vertices at which lines and rings turn by more than a right angle, and by how many degrees."""
    shapes = batch.shapes
    cached: tuple[NDArray[np.int64], NDArray[np.float64]] | None = getattr(shapes, "_turns", None)
    if cached is None:
        cached = _find_turns(shapes)
        shapes._turns = cached  # type: ignore[attr-defined]  # noqa: SLF001  a cache beside the data it is of
    return cached


def _find_turns(shapes: Shapes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    steps = shapes.steps
    still = _still(shapes)
    at = np.delete(np.arange(len(steps)), still) if len(still) else None
    found, befores, afters = [], [], []
    for start in range(0, len(steps) if at is None else len(at), _SLICE):
        moves = steps[start : start + _SLICE + 1] if at is None else steps[at[start : start + _SLICE + 1]]
        first = (moves[:-1, 0] * moves[1:, 0] + moves[:-1, 1] * moves[1:, 1] < 0).nonzero()[0]
        found.append(start + first + 1 if at is None else at[start + first + 1])
        befores.append(moves[first])
        afters.append(moves[first + 1])
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    # A ring turns where it is closed too.
    rings = (shapes.is_ring & shapes.closed & (shapes.lengths > 3)).nonzero()[0]
    starts, last = shapes.starts[rings], shapes.starts[rings + 1] - 2
    tips = np.concatenate([*found, starts])
    before, after = np.concatenate([*befores, steps[last]]), np.concatenate([*afters, steps[starts]])
    squeeze = np.cos(np.radians(shapes.xy[tips, 1]))
    squeeze = np.where(np.abs(squeeze) < 0.01, 0.01, squeeze)
    cross = squeeze * (before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
    dot = squeeze**2 * before[:, 0] * after[:, 0] + before[:, 1] * after[:, 1]
    return tips, np.degrees(np.abs(np.arctan2(cross, dot)))


def _tangled(batch: Batch) -> list[tuple[int, Any]]:
    """The lines that are not simple, with their parts' numbers."""
    import shapely

    shapes = batch.shapes
    cached: list[tuple[int, Any]] | None = getattr(shapes, "_tangled", None)
    if cached is None:
        parts = (shapes.is_line & (shapes.lengths >= 3) & (shapes.lengths <= HUGE)).nonzero()[0]
        if len(parts):
            chosen = np.zeros(len(shapes.lengths), dtype=bool)
            chosen[parts] = True
            owner = np.repeat(np.arange(len(parts)), shapes.lengths[parts])
            lines = shapely.linestrings(shapes.xy[np.repeat(chosen, shapes.lengths)], indices=owner)
            wrong = ~shapely.is_simple(lines)
            cached = [(int(parts[position]), lines[position]) for position in wrong.nonzero()[0]]
        else:
            cached = []
        shapes._tangled = cached  # type: ignore[attr-defined]  # noqa: SLF001  a cache beside the data it is of
    return cached


def _retraced(line: Any) -> float:
    """How much of a line, in degrees, is covered more than once."""
    import shapely

    if shapely.get_num_coordinates(line) > 50_000 or line.length == 0:
        return 0.0
    twice = float(line.length - shapely.node(line).length)
    return twice if twice > 1e-9 * line.length else 0.0


def _crossing(line: Any) -> tuple[float, float] | None:
    """A place at which a line meets itself."""
    import shapely

    if shapely.get_num_coordinates(line) > 50_000:
        return None
    pieces = shapely.get_parts(shapely.node(line))
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(pieces, 0)), shapely.get_coordinates(shapely.get_point(pieces, -1))])
    points, counts = np.unique(ends, axis=0, return_counts=True)
    if not len(counts) or counts.max() < 2:
        return None
    x, y = points[counts.argmax()]
    return float(x), float(y)


def _thin(shapes: Shapes) -> NDArray[np.bool_]:
    steps = np.nan_to_num(shapes.steps)
    squeeze = np.cos(np.radians(np.clip(shapes.xy[shapes.starts[:-1], 1], -89.0, 89.0)))
    square = np.repeat(squeeze, shapes.lengths)
    length = np.add.reduceat(np.hypot(steps[:, 0] * square, steps[:, 1]), shapes.starts[:-1])
    area = np.abs(twice_areas(shapes)) / 2 * squeeze
    with np.errstate(divide="ignore", invalid="ignore"):
        width = 2 * area / length * METRES
        compact = 4 * np.pi * area / length**2
    found: NDArray[np.bool_] = (width < 1.0) & (compact < 0.01)
    return found
