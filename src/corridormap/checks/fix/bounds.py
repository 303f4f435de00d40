"""The box around positions, and the repair of a `bbox` member."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

from corridormap.checks.fix.result import Edit
from corridormap.checks.reading.boxes import NEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = re.compile(rb"[-+0-9.eE]+")
_GAP = re.compile(rb"\[[^,\]\[{\"]*?([ \t\r\n]*,[ \t\r\n]*)")


@dataclass
class Bounds:
    """What is known of the positions of a geometry, a feature or a collection.

    Attributes
    ----------
    low, high : list of float
        Of longitude, latitude and height; infinite if there are none.
    west, east : float
        The least longitude that is not negative and the greatest that is, as a box across the antimeridian would have them.
    jumps : bool
        Whether a line or ring jumps by more than half the earth, as one across the antimeridian does.
    unknown : bool
        Whether there are positions that could not be read.
    """

    low: list[float] = field(default_factory=lambda: [inf, inf, inf])
    high: list[float] = field(default_factory=lambda: [-inf, -inf, -inf])
    west: float = inf
    east: float = -inf
    jumps: bool = False
    unknown: bool = False

    @property
    def lonlat(self) -> bool:
        """Whether all positions are in the range of longitude and latitude."""
        low, high = self.low, self.high
        return not self.unknown and low[0] >= -180 and low[1] >= -90 and high[0] <= 180 and high[1] <= 90

    @property
    def size(self) -> int:
        """How many numbers a corner of the box has."""
        return 2 if self.low[2] == inf else 3

    def add(self, *axes: Sequence[float], jumps: bool) -> None:
        """Take in positions: all longitudes, all latitudes, all heights."""
        for axis, values in enumerate(axes):
            self.low[axis] = min(self.low[axis], min(values, default=inf))
            self.high[axis] = max(self.high[axis], max(values, default=-inf))
        self.west = min(self.west, min((value for value in axes[0] if value >= 0), default=inf))
        if self.low[0] < 0:
            self.east = max(self.east, max((value for value in axes[0] if value < 0), default=-inf))
        self.jumps |= jumps

    def merge(self, other: Bounds) -> None:
        """Take in the positions that another one knows of."""
        self.low = list(map(min, self.low, other.low))
        self.high = list(map(max, self.high, other.high))
        self.west, self.east = min(self.west, other.west), max(self.east, other.east)
        self.jumps |= other.jumps
        self.unknown |= other.unknown


def box_edits(text: bytes, span: tuple[int, int], values: list[Any], before: Bounds, after: Bounds, *, wanted: bool) -> list[Edit] | str:
    """How to mend a `bbox` member, or why it is left.

    Only the numbers that are wrong change: a box that is larger than it must be is right.

    Parameters
    ----------
    text, span : bytes, tuple of int
        The document, and where in it the member's value begins and ends.
    values : list
        The member's value.
    before, after : Bounds
        The positions before and after the other repairs.
    wanted : bool
        Whether to mend what was wrong before; a box that the other repairs made wrong is mended anyway.
    """
    if after.low[0] == inf or after.unknown:
        return "some positions cannot be read, so that the box is not known" if wanted and after.unknown else []
    size = after.size
    right = [*after.low[:size], *after.high[:size]]
    if len(values) != 2 * size or not all(type(value) in {int, float} and abs(value) < 1e100 for value in values):
        if after.jumps and wanted:
            return "the positions may cross the antimeridian"
        return [Edit(*span, b"[" + _gap(text, span[0]).join(repr(side).encode() for side in right) + b"]")] if wanted else []
    across = values[0] > values[size] and values[1] <= values[size + 1]
    known = (after.low[0], after.high[0], after.west, after.east)
    around = across and not any(values[size] + NEAR < longitude < values[0] - NEAR for longitude in known)
    reaches = values[0] <= after.low[0] + NEAR and values[size] >= after.high[0] - NEAR
    if around:
        right[0], right[size] = values[0], values[size]
    elif (across and after.high[0] - after.low[0] > 180) or (after.jumps and not reaches):
        return "the positions may cross the antimeridian" if wanted else []
    tokens = _NUMBER.finditer(text, *span)
    edits = []
    for place, (value, new, token) in enumerate(zip(values, right, tokens, strict=True)):
        axis, upper = place % size, place >= size
        old = before.high[axis] if upper else before.low[axis]
        swapped = values[axis] > values[size + axis] and not (axis == 0 and around)
        wrong = swapped or (value < old - NEAR if upper else value > old + NEAR)
        if wrong and not wanted:
            return []  # It is not made worse.
        # A side that was right follows the positions it was drawn to, and makes way for those that now lie beyond it.
        follows = value == old or (value < new - NEAR if upper else value > new + NEAR)
        if value != new and (wrong or follows):
            edits.append(Edit(*token.span(), repr(new).encode()))
    return edits


def _gap(text: bytes, start: int) -> bytes:
    """What stands between the numbers of a box, as its author has it."""
    match = _GAP.match(text, start)
    return match[1] if match else b", "
