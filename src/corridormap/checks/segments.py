"""Segments that meet: a search of bounded work, for lines that meet themselves and for lines that meet each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import Shapes, numbered, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]

MOST_PAIRS, EACH = 2_000_000, 100
"""Most pairs of neighbouring segments that are compared, in all or for each segment, whichever is more."""
SAME, SAME_M = 1e-9, 1e-4
"""Distances below these, in degrees and in metres, are rounding errors."""
_RUN = 8
"""How many consecutive segments share a box in the search for neighbours."""
_FOUND, _UNFOLDED = 1 << 22, 1 << 15
"""At once no more pairs of such runs are found, and taken apart, than these."""
_MEETING = np.dtype([("first", np.int64), ("second", np.int64), ("at", np.float64, 2), ("low", np.float64), ("high", np.float64)])
"""Two segments that meet, a place at which they do, and from where to where on the second, 0 to 1, it lies on the first."""


class TooManyError(Exception):
    """There are more pairs of segments than are compared."""


class Segments:
    """Segments, from `start` to `end`, each of some length; with the line or ring of each, one after the other."""

    def __init__(self, start: NDArray[np.float64], end: NDArray[np.float64], owner: NDArray[np.int64]) -> None:
        import shapely

        self.start, self.end, self.owner = start, end, owner
        self.low, self.high = np.minimum(start, end), np.maximum(start, end)
        self.most = max(MOST_PAIRS, EACH * len(start))
        self.runs = np.flatnonzero((np.arange(len(owner)) - np.searchsorted(owner, owner)) % _RUN == 0)
        self.counts = np.diff(self.runs, append=len(owner))
        self.boxes: Any = shapely.box(*np.minimum.reduceat(self.low, self.runs).T, *np.maximum.reduceat(self.high, self.runs).T)

    def _close(self, others: Segments) -> Iterator[Pairs]:
        """Yield the pairs of runs whose boxes overlap, many at a time, among themselves once; unless they stand for too many segments."""
        import shapely

        tree, step = shapely.STRtree(others.boxes), _FOUND // (len(others.runs) + 1) + 1
        begins = range(0, len(self.runs), step)
        # Looking at pairs takes far longer than finding them: before the first is looked at, all are counted.
        for counting in (True, False) if len(begins) > 1 else (False,):
            seen = 0
            for begin in begins:
                one, other = tree.query(self.boxes[begin : begin + step])
                once = np.flatnonzero((one + begin <= other) | (others is not self))
                one, other = one[once] + begin, other[once]
                seen += int(self.counts[one] @ others.counts[other])
                if seen > others.most:
                    raise TooManyError
                if not counting:
                    yield one, other

    @property
    def crowded(self) -> bool:
        """Return whether there are more pairs of neighbouring segments than are compared."""
        try:
            next(self._close(self), None)
        except TooManyError:
            return True
        return False

    def near(self, others: Segments, *, apart: bool) -> Iterator[Pairs]:
        """Yield the pairs with others whose boxes overlap, many at a time; of different owners alone if they are to be apart.

        Pairs among themselves come once.
        """
        for one, other in self._close(others):
            pairs = np.flatnonzero((self.owner[self.runs[one]] != others.owner[others.runs[other]]) | (not apart))
            for start in range(0, len(pairs), _UNFOLDED):
                a, b = one[pairs[start : start + _UNFOLDED]], other[pairs[start : start + _UNFOLDED]]
                counts = self.counts[a] * others.counts[b]
                first, second = np.divmod(numbered(counts), np.repeat(others.counts[b], counts))
                first += np.repeat(self.runs[a], counts)
                second += np.repeat(others.runs[b], counts)
                x, y = ((self.low[first] <= others.high[second]) & (others.low[second] <= self.high[first])).T
                found = x & y & ((first < second) | (others is not self))
                yield first[found], second[found]

    def meetings(self, *, apart: bool) -> NDArray[Any]:
        """Find the pairs that meet: of different lines; or else of one line, where it does not just go on.

        Raises
        ------
        TooManyError
            If there are too many to look at.
        """
        found = [np.empty(0, dtype=_MEETING)]
        last = len(self.start) - 1
        closed = last >= 0 and bool((self.start[0] == self.end[last]).all())
        for first, second in self.near(self, apart=apart):
            met = self._meet(first, second)
            goes_on = (met["second"] == met["first"] + 1) | (closed & (met["first"] == 0) & (met["second"] == last))
            found.append(met[apart | ~goes_on | (met["high"] > met["low"])])
        joined = np.concatenate(found)
        return joined[np.lexsort((joined["first"], joined["second"]))]

    def _meet(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[Any]:
        """Find those of the pairs with overlapping boxes that meet."""
        a, b, c, d = self.start[first], self.end[first], self.start[second], self.end[second]
        sides = np.array([_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)])
        met = (np.sign(sides[0]) * np.sign(sides[1]) <= 0) & (np.sign(sides[2]) * np.sign(sides[3]) <= 0)
        a, b, c, d, sides = a[met], b[met], c[met], d[met], sides[:, met]
        share = (sides[2] / (sides[2] - sides[3]))[:, None]
        way = d - c
        square = (way**2).sum(axis=1)
        ends = np.sort([((a - c) * way).sum(axis=1) / square, ((b - c) * way).sum(axis=1) / square], axis=0)
        found = np.empty(len(a), dtype=_MEETING)
        found["first"], found["second"] = first[met], second[met]
        found["at"] = np.select([side[:, None] == 0 for side in sides], [c, d, a, b], a + share * (b - a))
        found["low"], high = np.clip(ends, 0.0, 1.0)
        found["high"] = np.where((sides == 0).all(axis=0), high, found["low"])
        return found

    def covered_m(self, met: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
        """Find the stretches of segments that lie on others: the meeting, where the stretch begins, and its metres.

        What several segments of a line share with one of another is reported once. What is nowhere on Earth has NaN metres.
        """
        from corridormap.geodesic import distances_m

        keys = met["second"] * (int(self.owner.max(initial=0)) + 1) + self.owner[met["first"]]
        order = np.lexsort((met["low"], keys))
        order = order[met["high"][order] > met["low"][order]]
        number = 2.0 * np.unique(keys[order], return_inverse=True)[1]
        low, high = met["low"][order], met["high"][order]
        # Of stretches of one segment that overlap, each begins where those before it end.
        low = np.maximum(low, np.maximum.accumulate(np.append(0.0, number + high))[:-1] - number)
        left = high > low
        order, low, high = order[left], low[left, None], high[left, None]
        start, end = self.start[met["second"][order]], self.end[met["second"][order]]
        begin = start + low * (end - start)
        metres = distances_m(begin, start + high * (end - start)) if len(order) else np.zeros(0)
        real = ~(metres < SAME_M)
        return order[real], begin[real], metres[real]


@remembered
def rows_of(shapes: Shapes) -> NDArray[np.int64]:
    """Find the positions at which segments of some length begin."""
    x, y = shapes.steps.T
    return np.flatnonzero(np.isfinite(x) & np.isfinite(y) & ((x != 0) | (y != 0)))


def segments_of(shapes: Shapes, part: int, count: int) -> Segments:
    """Return the segments between the first `count` positions of a part."""
    begin, rows = shapes.starts[part], rows_of(shapes)
    rows = rows[slice(*np.searchsorted(rows, [begin, begin + count]))]
    return Segments(shapes.xy[rows], shapes.xy[rows + 1], shapes.part_of[rows])


def _side(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return twice the signed area of the triangle abc: positive if c is left of the line from a to b, 0 if on it within rounding."""
    way, off = b - a, c - a
    left, right = way[:, 0] * off[:, 1], way[:, 1] * off[:, 0]
    # Doubles tell no more than Shewchuk (1997), Adaptive precision floating-point arithmetic, Discrete Comput. Geom. 18, 305-363, proves.
    unsure = SAME * np.hypot(way[:, 0], way[:, 1]) + 3.4e-16 * (np.abs(left) + np.abs(right))
    return np.where(np.abs(left - right) <= unsure, 0.0, left - right)


def metres_text(metres: float) -> str:
    """Write a length in metres, to two digits at least."""
    return f"{metres:.0f} m" if metres >= 10 else f"{metres:.2g} m"
