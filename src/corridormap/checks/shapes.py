"""CM119, CM120, CM129 and CM211 to CM219: rings and other geometries of any file."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import Batch, Place, Shapes, remembered
from corridormap.checks.rule import ERROR, NOTE, WARNING, BatchRule
from corridormap.checks.segments import MOST_PAIRS, metres_text, rows_of, segments_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Spot = tuple[float, float]

HUGE = 3_000_000
"""GEOS is not asked about a geometry of more vertices than this."""
_BEGUN = 1000
"""How many vertices of a crowded ring are checked nevertheless."""
BACK, SHARP = 179.0, 160.0
_SPOT = re.compile(r"\[(-?\d[\d.e+-]*) (-?\d[\d.e+-]*)")


@BatchRule.register("CM119", repair="closing", hint="Repeat the first position at the end.")
def ring_closed(batch: Batch) -> Iterator[Place]:
    """A linear ring is closed: its last position equals its first, height included (RFC 7946, 3.1.6: MUST)."""
    shapes = batch.shapes
    for part in (shapes.is_ring & ~shapes.closed).nonzero()[0].tolist():
        x, y = shapes.positions(part)[-1].tolist()
        yield batch.at_part(part, "the ring is not closed", (x, y))


@BatchRule.register(
    "CM120", WARNING, repair="winding", hint="Reverse the ring; shapely.orient_polygons and ogr2ogr -lco RFC7946=YES do so."
)
def right_hand(batch: Batch) -> Iterator[Place]:
    """A linear ring follows the right-hand rule: shells run counterclockwise, holes clockwise (RFC 7946, 3.1.6).

    A warning, since readers SHOULD NOT refuse polygons for it.
    """
    shapes = batch.shapes
    if not shapes.is_ring.any():
        return
    hole, twice = shapes.part_ring > 0, _twice_areas(shapes)
    wrong = shapes.is_ring & shapes.closed & np.where(hole, twice > 0, twice < 0)
    wrong[shapes.part_of[_leaps(shapes)]] = False
    for part in wrong.nonzero()[0].tolist():
        way = "a hole runs counterclockwise" if hole[part] else "a shell runs clockwise"
        yield batch.at_part(part, f"{way}, against the right-hand rule")


@BatchRule.register("CM129", WARNING, hint="Cut it at 180°, or write an edge of more than half the world with vertices between.")
def antimeridian(batch: Batch) -> Iterator[Place]:
    """A geometry that crosses the antimeridian is cut there in two (RFC 7946, 3.1.9: SHOULD), so that no line leaps round the world."""
    shapes = batch.shapes
    leaps = _leaps(shapes)
    step, x = np.abs(shapes.steps[leaps, 0]), np.abs(shapes.xy[:, 0])
    # Not from one edge of the map to the other, as round a pole.
    leaps = leaps[(step <= 540.0) & ((x[leaps] < 180.0) | (x[leaps + 1] < 180.0))]
    parts, firsts = np.unique(shapes.part_of[leaps], return_index=True)
    for part, index in zip(parts.tolist(), leaps[firsts].tolist(), strict=True):
        xy = shapes.positions(part)
        # Nor round a rectangle along parallels and meridians.
        if len(xy) != 5 or (xy[0] != xy[-1]).any() or not (np.diff(xy, axis=0) == 0).any(axis=1).all():
            leap = abs(shapes.steps[index, 0])
            yield batch.at_vertex(index, f"leaps {leap:.0f}° of longitude: it crosses the antimeridian uncut")


@BatchRule.register(
    "CM211", hint="Look at the spot; QGIS's “Fix geometries” or shapely.make_valid mend most cases, but look at what they made."
)
def valid_polygon(batch: Batch) -> Iterator[Place]:
    """A polygon is valid in the sense of the OGC Simple Features: no ring crosses itself or another, holes lie in their shell."""
    import shapely

    shapes = batch.shapes
    for item in (_valid(batch) == 0).nonzero()[0].tolist():
        reason = str(shapely.is_valid_reason(batch.geometries[item]))
        spot = _SPOT.search(reason)
        at = (float(spot[1]), float(spot[2])) if spot else None
        yield batch.at_item(item, f"is not a valid polygon: {reason.partition('[')[0].strip()}", at)
    for part, why in _skipped(shapes).items():
        if not isinstance(why, str):
            yield batch.at_item(int(shapes.part_item[part]), "is not a valid polygon: Self-intersection", why)


@BatchRule.register("CM219", NOTE, hint="Thin it out or cut it up: a receiver that stood still, for instance, draws a knot.")
def not_looked_at(batch: Batch) -> Iterator[Place]:
    """A geometry was looked at for crossings of itself.

    Not so if it has more than three million vertices, or if so many of its segments lie close together that more than two million pairs of
    them, and more than a hundred for each segment, may cross.
    """
    shapes = batch.shapes
    for part, why in _skipped(shapes).items():
        if isinstance(why, str) and shapes.is_ring[part]:
            yield batch.at_item(int(shapes.part_item[part]), f"was not looked at by CM211: {why}", shapes.part_at(part))
        elif isinstance(why, str):
            yield batch.at_part(part, f"was not looked at by CM215 and CM216: {why}")


@BatchRule.register("CM212", WARNING, on_layer=ERROR, of_drawn_lines=True, hint="Delete it, or make a point of it.")
def zero_length(batch: Batch) -> Iterator[Place]:
    """A line has a length: its positions are not all the same."""
    for part in _pointlike(batch.shapes).nonzero()[0].tolist():
        yield batch.at_part(part, "the line has no length")


@BatchRule.register("CM213", WARNING, repair="repeated", on_layer=ERROR, of_drawn_lines=True, hint="Delete one of the two.")
def repeated_vertex(batch: Batch) -> Iterator[Place]:
    """No line or ring repeats a position at once."""
    shapes = batch.shapes
    still = _still(shapes)
    for index in still[~_pointlike(shapes)[shapes.part_of[still]]].tolist():
        yield batch.at_vertex(index + 1, "repeats the position before it")


@BatchRule.register("CM214", WARNING, on_layer=ERROR, of_drawn_lines=True, hint="Delete the vertex at the tip.")
def turns_back(batch: Batch) -> Iterator[Place]:
    """No line or ring has a spike, where it turns back on itself (by 179° or more)."""
    tips, turns = _turns(batch.shapes)
    for index in np.sort(tips[turns >= BACK]).tolist():
        yield batch.at_vertex(index, "has a spike: it turns back on itself")


@BatchRule.register("CM217", NOTE, of_drawn_lines=True, hint="Look whether it is a real hairpin bend or a misplaced vertex.")
def hairpin(batch: Batch) -> Iterator[Place]:
    """A line seldom turns by more than 160° at one vertex, as if a spike were nearly closed; reported once per line."""
    shapes = batch.shapes
    tips, turns = _turns(shapes)
    sharp = (turns >= SHARP) & (turns < BACK) & shapes.is_line[shapes.part_of[tips]]
    tips, turns = tips[sharp], turns[sharp]
    _, firsts, counts = np.unique(shapes.part_of[tips], return_index=True, return_counts=True)
    for first, count in zip(firsts.tolist(), counts.tolist(), strict=True):
        more = f", as at {count - 1} more vertices" if count > 1 else ""
        yield batch.at_vertex(int(tips[first]), f"turns by {turns[first]:.0f}° at a vertex{more}")


@BatchRule.register("CM215", NOTE, on_layer=ERROR, of_drawn_lines=True, hint="Look at the spot; cut off the loop if it is none.")
def crosses_itself(batch: Batch) -> Iterator[Place]:
    """A line does not cross or touch itself; allowed, but often a slip of the hand."""
    for part, at, metres in _tangled(batch.shapes):
        if metres is None:
            yield batch.at_part(part, "the line crosses itself", at)


@BatchRule.register(
    "CM216", WARNING, on_layer=ERROR, of_drawn_lines=True, hint="Delete the stretch that is there twice, or cut the line where it turns."
)
def goes_back(batch: Batch) -> Iterator[Place]:
    """A line does not run back over a stretch of itself."""
    for part, at, metres in _tangled(batch.shapes):
        if metres is not None:
            some = f" for {metres_text(metres)}" if np.isfinite(metres) else ""
            yield batch.at_part(part, f"the line runs back over itself{some}", at)


@BatchRule.register("CM218", NOTE, hint="Look whether it is left over from an overlay; if so, merge it with its neighbour.")
def sliver(batch: Batch) -> Iterator[Place]:
    """A polygon is no sliver: long and, on the average, less than a metre wide, as overlays leave them."""
    shapes = batch.shapes
    for part in _thin(shapes).tolist() if shapes.is_ring.any() else ():
        # One that crosses itself may have an area of nothing for that reason.
        if _valid(batch)[shapes.part_item[part]] == 1:
            yield replace(batch.at_part(part, "is a sliver, less than a metre wide"), path=shapes.part_place(part)[:-1])


@remembered
def _twice_areas(shapes: Shapes) -> NDArray[np.float64]:
    """Twice the area of each part in square degrees, positive if it runs counterclockwise."""
    near = shapes.xy - shapes.xy[shapes.starts[shapes.part_of]]
    # Nought where a part ends, as the next begins at its own first position.
    terms = near[:-1, 0] * near[1:, 1] - near[1:, 0] * near[:-1, 1]
    sums: NDArray[Any] = np.bincount(shapes.part_of[:-1], terms, len(shapes.part_item))
    return sums


def _leaps(shapes: Shapes) -> NDArray[np.int64]:
    return np.flatnonzero(np.abs(shapes.steps[:, 0]) > 180.0)


@remembered
def _skipped(shapes: Shapes) -> dict[int, str | Spot]:
    """Lines, by their parts, and areas, by their first parts, that GEOS is not asked about: why, or where it is plain that they cross."""
    import shapely

    skipped: dict[int, str | Spot] = {}
    unit = np.where(shapes.is_line, np.arange(len(shapes.part_item)), shapes.item_first_part[shapes.part_item])
    counts = np.bincount(unit, weights=shapes.lengths * (shapes.is_line | shapes.is_ring), minlength=len(unit)).astype(np.int64)
    for part in ((counts > HUGE) | (counts**2 > 2 * MOST_PAIRS)).nonzero()[0].tolist():
        if counts[part] > HUGE:
            skipped[part] = f"it has more than {HUGE} vertices"
        elif (segments := segments_of(shapes, part, int(counts[part]))).crowded:
            skipped[part] = f"more than {segments.most} pairs of its segments may cross"
            begun = shapes.positions(part)[:_BEGUN]
            if shapes.is_ring[part] and shapes.finite[part] and not shapely.is_simple(shapely.linestrings(begun)):
                for x, y in segments_of(shapes, part, len(begun)).meetings(apart=False)["at"][:1].tolist():
                    skipped[part] = x, y
    return skipped


@remembered
def _valid(batch: Batch) -> NDArray[np.int8]:
    """For each item 1 if it is a valid area, 0 if an area that is not, -1 if nobody asked."""
    import shapely

    shapes = batch.shapes
    valid = np.full(len(shapes.item_type), -1, dtype=np.int8)
    areas = shapes.items_where(shapes.is_ring)
    areas[shapes.part_item[list(_skipped(shapes))]] = False
    if areas.any():
        areas &= ~shapely.is_missing(batch.geometries)
        valid[areas] = shapely.is_valid(batch.geometries[areas])
    return valid


@remembered
def _still(shapes: Shapes) -> NDArray[np.int64]:
    """Find the positions of lines and rings that equal the next one."""
    still = (shapes.steps == 0).all(axis=1)
    if shapes.z is not None:
        still &= ~(np.abs(np.diff(shapes.z, append=np.nan)) > 0)
    return np.flatnonzero(still)


def _pointlike(shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which lines have several positions that are all equal."""
    count = np.bincount(shapes.part_of[_still(shapes)], minlength=len(shapes.part_item))
    found: NDArray[np.bool_] = shapes.is_line & (count > 0) & (count == shapes.lengths - 1)
    return found


@remembered
def _turns(shapes: Shapes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Find the vertices at which lines and rings turn by more than 90°, and by how many degrees."""
    steps, still = shapes.steps, _still(shapes)
    moves = np.delete(steps, still, axis=0) if len(still) else steps
    back = np.flatnonzero(np.einsum("ij,ij->i", moves[:-1], moves[1:]) < 0)
    tips = np.delete(np.arange(len(steps)), still)[back + 1]
    # A ring turns where it is closed too.
    rings = (shapes.is_ring & shapes.closed & (shapes.lengths > 3)).nonzero()[0]
    starts, last = shapes.starts[rings], shapes.starts[rings + 1] - 2
    tips = np.concatenate([tips, starts])
    before, after = np.concatenate([moves[back], steps[last]]), np.concatenate([moves[back + 1], steps[starts]])
    squeeze = np.cos(np.radians(shapes.xy[tips, 1]))
    squeeze = np.where(np.abs(squeeze) < 0.01, 0.01, squeeze)
    cross = squeeze * (before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
    dot = squeeze**2 * before[:, 0] * after[:, 0] + before[:, 1] * after[:, 1]
    return tips, np.degrees(np.abs(np.arctan2(cross, dot)))


@remembered
def _tangled(shapes: Shapes) -> list[tuple[int, Spot | None, float | None]]:
    """Find the lines that are not simple: the part, a point, and the metres it runs over itself, or None if it only crosses itself."""
    import shapely

    chosen = shapes.is_line & (shapes.lengths >= 3) & shapes.finite
    chosen[list(_skipped(shapes))] = False
    parts = chosen.nonzero()[0]
    if not len(parts):
        return []
    owner = np.repeat(np.arange(len(parts)), shapes.lengths[parts])
    lines = shapely.linestrings(shapes.xy[np.repeat(chosen, shapes.lengths)], indices=owner)
    tangled: list[tuple[int, Spot | None, float | None]] = []
    for part in parts[~shapely.is_simple(lines)].tolist():
        segments = segments_of(shapes, part, int(shapes.lengths[part]))
        met = segments.meetings(apart=False)
        _, begin, metres = segments.covered_m(met)
        x, y = next(iter([*begin.tolist(), *met["at"].tolist()]), (np.nan, np.nan))
        tangled.append((part, (x, y) if np.isfinite([x, y]).all() else None, float(metres.sum()) if len(metres) else None))
    return tangled


def _thin(shapes: Shapes) -> NDArray[np.int64]:
    """Find the shells that are long and on average less than a metre wide."""
    count, steps, rows = len(shapes.part_item), shapes.steps, rows_of(shapes)
    latitude = np.radians(np.bincount(shapes.part_of, shapes.xy[:, 1], count) / shapes.lengths)
    latitude[np.abs(latitude) > np.pi / 2] = np.nan
    # The metres of a degree on WGS 84, here, along the parallel and the meridian.
    root = np.sqrt(1.0 - 0.00669438 * np.sin(latitude) ** 2)
    east, north = np.radians(6_378_137.0 * np.cos(latitude) / root), np.radians(6_335_439.3 / root**3)
    part = shapes.part_of[rows]
    length = np.bincount(part, np.hypot(steps[rows, 0] * east[part], steps[rows, 1] * north[part]), count)
    twice = np.abs(_twice_areas(shapes)) * east * north
    shells = shapes.is_ring & (shapes.part_ring == 0) & shapes.closed
    return np.flatnonzero(shells & (twice < length) & (2 * np.pi * twice < 0.01 * length**2))
