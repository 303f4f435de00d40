"""Segments that meet: a search of bounded work, for lines that meet themselves and for lines that meet each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.shapes import Shapes

MOST_PAIRS, EACH = 2_000_000, 100
"""No more pairs of segments that lie close together are looked at than these, or than so many for each segment."""
SAME, SAME_M = 1e-9, 1e-4
"""What is nearer, or shorter, in degrees or in metres, is left by rounding."""
_RUN = 8
"""So many segments that follow each other share a box in the search for those that lie close together."""
_CHUNK = 1 << 13


class TooManyError(Exception):
    """There are more pairs than are looked at."""


@dataclass
class Meetings:
    """Pairs of segments that meet, in their order.

    Attributes
    ----------
    first, second : arrays of int
        The segments.
    at : array of float, shape (n, 2)
        A place at which they meet.
    low, high : arrays of float
        The stretch of the second that lies on the first, 0 being its start and 1 its end; none where it does not end beyond its start.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    at: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def where(self, chosen: NDArray[Any]) -> Meetings:
        """Some of them."""
        return Meetings(self.first[chosen], self.second[chosen], self.at[chosen], self.low[chosen], self.high[chosen])


class Segments:
    """Segments, from `start` to `end`, each of some length; with the line or ring of each, if there are several."""

    def __init__(self, start: NDArray[np.float64], end: NDArray[np.float64], owner: NDArray[np.int64] | None = None) -> None:
        self.start, self.end, self.owner = start, end, owner
        self.low, self.high = np.minimum(start, end), np.maximum(start, end)
        self.most = max(MOST_PAIRS, EACH * len(start))

    @cached_property
    def _runs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.object_], Any]:
        """Where each run of segments begins, how many they are, their boxes, and these in a tree."""
        import shapely

        number = np.arange(len(self.start))
        if self.owner is not None:
            number -= np.searchsorted(self.owner, self.owner)
        begin = (number % _RUN == 0).nonzero()[0]
        if not len(begin):
            return begin, begin, np.empty(0, dtype=object), shapely.STRtree([])
        boxes = shapely.box(*np.minimum.reduceat(self.low, begin).T, *np.maximum.reduceat(self.high, begin).T)
        return begin, np.diff(np.append(begin, len(number))), boxes, shapely.STRtree(boxes)

    @cached_property
    def crowded(self) -> bool:
        """Whether there are more pairs than are looked at."""
        try:
            for _ in self._close():
                pass
        except TooManyError:
            return True
        return False

    def _overlaps(self, boxes: NDArray[np.object_], sizes: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the pairs of a box and a run whose own box overlaps it, many at a time, unless they stand for too many segments."""
        _, counts, _, tree = self._runs
        # In an order that leaves no crowd together, so that as many of them at once find about as many pairs.
        order = np.random.default_rng(0).permutation(len(boxes))
        done, size, seen = 0, 1, 0
        while done < len(order):
            asked = order[done : done + size]
            which, run = tree.query(boxes[asked])
            seen += int((sizes[asked[which]] * counts[run]).sum())
            if seen > 2 * self.most:
                raise TooManyError
            yield asked[which], run
            done += size
            size *= 2 if len(which) < _CHUNK else 1

    def _close(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the pairs of runs whose boxes overlap, each once."""
        _, counts, boxes, _ = self._runs
        for first, second in self._overlaps(boxes, counts):
            once = first <= second
            yield first[once], second[once]

    def near(self, *, apart: bool = False) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the pairs of segments whose boxes overlap, each once, many at a time; of different lines alone if they are to be apart."""
        begin, counts, _, _ = self._runs
        for one, other in self._close():
            if apart and self.owner is not None:
                different = self.owner[begin[one]] != self.owner[begin[other]]
                one, other = one[different], other[different]  # noqa: PLW2901
            first, second = _unfold(begin[one], counts[one], begin[other], counts[other])
            once = (first < second) & _overlap(self.low[first], self.high[first], self.low[second], self.high[second])
            yield first[once], second[once]

    def within(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the pairs of a box, from its lower to its upper corner, and a segment that may lie in it, many at a time."""
        import shapely

        begin, counts, _, _ = self._runs
        for box, run in self._overlaps(shapely.box(*low.T, *high.T), np.ones(len(low), dtype=np.int64)):
            which, segment = _unfold(box, np.ones(len(box), dtype=np.int64), begin[run], counts[run])
            inside = _overlap(low[which], high[which], self.low[segment], self.high[segment])
            yield which[inside], segment[inside]

    def meetings(self) -> Meetings:
        """Find the pairs that meet: of different lines, if there are several; otherwise of one, where it does not just go on.

        Raises
        ------
        TooManyError
            If there are too many to look at.
        """
        found = [self._meet(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
        closed = len(self.start) > 0 and bool((self.start[0] == self.end[-1]).all())
        for first, second in self.near(apart=True):
            met = self._meet(first, second)
            if self.owner is not None:
                found.append(met)
                continue
            goes_on = (met.second == met.first + 1) | (closed & (met.first == 0) & (met.second == len(self.start) - 1))
            found.append(met.where(~goes_on | (met.high > met.low)))
        joined = Meetings(*(np.concatenate([getattr(part, name) for part in found]) for name in Meetings.__dataclass_fields__))
        return joined.where(np.lexsort((joined.first, joined.second)))

    def _meet(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> Meetings:
        """Of pairs with overlapping boxes those that meet."""
        a, b, c, d = self.start[first], self.end[first], self.start[second], self.end[second]
        sides = np.array([_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)])
        met = (np.sign(sides[0]) * np.sign(sides[1]) <= 0) & (np.sign(sides[2]) * np.sign(sides[3]) <= 0)
        first, second, a, b, c, d, sides = first[met], second[met], a[met], b[met], c[met], d[met], sides[:, met]
        share = (sides[2] / (sides[2] - sides[3]))[:, None]
        at = np.select([side[:, None] == 0 for side in sides], [c, d, a, b], a + share * (b - a))
        way = d - c
        square = (way**2).sum(axis=1)
        ends = np.sort([((a - c) * way).sum(axis=1) / square, ((b - c) * way).sum(axis=1) / square], axis=0)
        low, high = np.clip(ends, 0.0, 1.0)
        return Meetings(first, second, at, low, np.where((sides == 0).all(axis=0), high, low))

    def crossing(self) -> tuple[float, float] | None:
        """A place at which one runs through another, if the pairs that are looked at have one."""
        try:
            for first, second in self.near():
                met = self._meet(first, second)
                ends = (self.start[met.first], self.end[met.first], self.start[met.second], self.end[met.second])
                through = ~np.any([(met.at == end).all(axis=1) for end in ends], axis=0)
                if through.any():
                    x, y = met.at[through][0]
                    return float(x), float(y)
        except TooManyError:
            pass
        return None

    def covered_m(
        self, met: Meetings, group: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Find the stretches of segments that lie on others: the meeting, where the stretch begins, and its metres.

        What several meetings share is told once, or once for each group of meetings. What is nowhere on Earth has NaN metres.
        """
        from corridormap.measure.geodesic import distances_m

        keys = met.second if group is None else met.second * (int(group.max(initial=0)) + 1) + group
        order = np.lexsort((met.low, keys))
        order = order[met.high[order] > met.low[order]]
        number = 2.0 * np.unique(keys[order], return_inverse=True)[1]
        # Of stretches of one segment that overlap, each begins where those before it end.
        reached = np.append(0.0, np.maximum.accumulate(number + met.high[order])[:-1]) if len(order) else number
        low = np.maximum(met.low[order], reached - number)
        left = met.high[order] > low
        order, low = order[left], low[left, None]
        start, end = self.start[met.second[order]], self.end[met.second[order]]
        begin, until = start + low * (end - start), start + met.high[order, None] * (end - start)
        metres = distances_m(begin, until) if len(order) else np.zeros(0)
        real = ~(metres < SAME_M)
        return order[real], begin[real], metres[real]


def _overlap(
    low: NDArray[np.float64], high: NDArray[np.float64], others_low: NDArray[np.float64], others_high: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Whether boxes, from their lower to their upper corners, overlap or touch others."""
    x, y = ((low <= others_high) & (others_low <= high)).T
    found: NDArray[np.bool_] = x & y
    return found


def rows_of(shapes: Shapes, part: int, count: int) -> NDArray[np.int64]:
    """Where segments of some length begin among so many positions from the first of a part on."""
    begin = int(shapes.starts[part])
    x, y = shapes.steps[begin : begin + count].T
    rows: NDArray[np.int64] = begin + (np.isfinite(x) & np.isfinite(y) & ((x != 0) | (y != 0))).nonzero()[0]
    return rows


def segments_of(shapes: Shapes, part: int, count: int) -> Segments:
    """The segments between so many positions from the first of a part on."""
    rows = rows_of(shapes, part, count)
    return Segments(shapes.xy[rows], shapes.xy[rows + 1], shapes.part_of[rows] if shapes.is_ring[part] else None)


def _unfold(
    first: NDArray[np.int64], many: NDArray[np.int64], second: NDArray[np.int64], others: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of one of so many numbers from each first on and one of so many from the second."""
    counts = many * others
    number = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    one, other = np.divmod(number, np.repeat(others, counts))
    return np.repeat(first, counts) + one, np.repeat(second, counts) + other


def _side(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """On which side of the line from a to b is c: twice the area of the triangle, nought where c is as good as on the line."""
    way, off = b - a, c - a
    left, right = way[:, 0] * off[:, 1], way[:, 1] * off[:, 0]
    # Doubles tell no more than Shewchuk (1997), Adaptive precision floating-point arithmetic, Discrete Comput. Geom. 18, 305-363, proves.
    unsure = SAME * np.hypot(way[:, 0], way[:, 1]) + 3.4e-16 * (np.abs(left) + np.abs(right))
    return np.where(np.abs(left - right) <= unsure, 0.0, left - right)


def metres_text(metres: float) -> str:
    """A length in metres, to two digits at least."""
    return f"{metres:.0f} m" if metres >= 10 else f"{metres:.2g} m"
