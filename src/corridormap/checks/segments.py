"""Segments that meet: a search of bounded work, for lines that meet themselves and for lines that meet each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Shapes

MOST_PAIRS, EACH = 1_000_000, 10
"""No more pairs of near segments are looked at than these, or than so many for each segment."""
SAME_M = 1e-4
"""What is nearer, or shorter, is left by rounding."""
_CHUNK = 1 << 18


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
    """Segments, from `start` to `end`, each of some length."""

    def __init__(self, start: NDArray[np.float64], end: NDArray[np.float64]) -> None:
        self.start, self.end = start, end
        self.most = max(MOST_PAIRS, EACH * len(start))
        self.pairs = len(start) * (len(start) - 1) // 2

    @cached_property
    def _lines(self) -> NDArray[np.object_]:
        import shapely

        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), dtype=object)

    @cached_property
    def _tree(self) -> Any:
        import shapely

        return shapely.STRtree(self._lines)

    @cached_property
    def crowded(self) -> bool:
        """Whether there are more pairs with overlapping boxes than are looked at."""
        if self.pairs <= self.most:
            return False
        low, high = np.minimum(self.start, self.end), np.maximum(self.start, self.end)
        for axis in (0, 1):
            # Most lines are proven innocent so, by the pairs that overlap along one axis.
            apart = len(low) - np.searchsorted(np.sort(low[:, axis]), np.sort(high[:, axis]), side="right")
            if self.pairs - int(apart.sum()) <= self.most:
                return False
        try:
            for _ in self.near():
                pass
        except TooManyError:
            return True
        return False

    def within(self, boxes: NDArray[np.object_], most: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the pairs of a box and a segment whose own box overlaps it, many at a time; no more than `most`."""
        # In an order that leaves no crowd together, so that as many of them at once find about as many pairs.
        order = np.random.default_rng(0).permutation(len(boxes))
        done, size, seen = 0, 1, 0
        while done < len(order):
            asked = order[done : done + size]
            which, segment = self._tree.query(boxes[asked])
            seen += len(which)
            if seen > most:
                raise TooManyError
            yield asked[which], segment
            done += size
            size *= 2 if len(which) < _CHUNK else 1

    def near(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the pairs of segments whose boxes overlap, each once, many at a time."""
        for first, second in self.within(self._lines, 2 * self.most + len(self.start)):
            once = first < second
            yield first[once], second[once]

    def meetings(self, owner: NDArray[np.int64] | None = None) -> Meetings:
        """Find the pairs that meet: of different lines, if each segment's is given; otherwise of one, where it does not just go on.

        Raises
        ------
        TooManyError
            If there are too many to look at.
        """
        found = [self._meet(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
        closed = owner is None and len(self.start) > 0 and bool((self.start[0] == self.end[-1]).all())
        for first, second in self.near():
            if owner is not None:
                apart = owner[first] != owner[second]
                found.append(self._meet(first[apart], second[apart]))
                continue
            met = self._meet(first, second)
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


def rows_of(shapes: Shapes, part: int, count: int) -> NDArray[np.int64]:
    """Where segments of some length begin among so many positions from the first of a part on."""
    begin = int(shapes.starts[part])
    steps = shapes.steps[begin : begin + count]
    return begin + (np.isfinite(steps).all(axis=1) & (steps != 0).any(axis=1)).nonzero()[0]


def segments_of(shapes: Shapes, part: int, count: int) -> Segments:
    """The segments between so many positions from the first of a part on."""
    rows = rows_of(shapes, part, count)
    return Segments(shapes.xy[rows], shapes.xy[rows + 1])


def _side(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """On which side of the line from a to b is c: twice the area of the triangle, nought where doubles cannot tell."""
    left, right = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]), (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    area = left - right
    # The bound of Shewchuk (1997), Adaptive precision floating-point arithmetic, Discrete Comput. Geom. 18, 305-363.
    return np.where(np.abs(area) <= 3.4e-16 * (np.abs(left) + np.abs(right)), 0.0, area)


def metres_text(metres: float) -> str:
    """A length in metres, to two digits at least."""
    return f"{metres:.0f} m" if metres >= 10 else f"{metres:.2g} m"
