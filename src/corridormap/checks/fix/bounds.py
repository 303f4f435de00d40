"""The box around positions, and the repair of a `bbox` member."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from corridormap.checks.fix.result import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.checks.fix.scan import Node

TOLERANCE = 1e-6
"""How far, in degrees, a position may lie beyond a bbox that was written with fewer decimals."""

_NUMBER = re.compile(rb"[-+0-9.eE]+")


@dataclass
class Bounds:
    """What is known of the positions of a geometry, a feature or a collection.

    Attributes
    ----------
    low, high : list of float
        Of longitude, latitude and height; infinite if there are none.
    west, east : float
        The least longitude that is not negative and the greatest that is, as a box across the antimeridian would have them.
    tall : bool
        Whether there are positions with a height.
    jumps : bool
        Whether a line or ring jumps by more than half the earth, as one across the antimeridian does.
    unknown : bool
        Whether there are positions that could not be read.
    """

    low: list[float] = field(default_factory=lambda: [inf, inf, inf])
    high: list[float] = field(default_factory=lambda: [-inf, -inf, -inf])
    west: float = inf
    east: float = -inf
    tall: bool = False
    jumps: bool = False
    unknown: bool = False

    @property
    def empty(self) -> bool:
        """Whether there are no positions."""
        return self.low[0] == inf

    @property
    def lonlat(self) -> bool:
        """Whether all positions are in the range of longitude and latitude."""
        low, high = self.low, self.high
        return not self.unknown and low[0] >= -180 and low[1] >= -90 and high[0] <= 180 and high[1] <= 90

    def add(self, positions: Sequence[Sequence[float]], *, line: bool) -> None:
        """Take in the positions of a line, or single ones; each has at least two finite numbers."""
        if not positions:
            return
        longitudes = [position[0] for position in positions]
        latitudes = [position[1] for position in positions]
        heights = [position[2] for position in positions if len(position) > 2]
        for axis, values in enumerate((longitudes, latitudes, heights)):
            if values:
                self.low[axis] = min(self.low[axis], *values) if len(values) > 1 else min(self.low[axis], values[0])
                self.high[axis] = max(self.high[axis], *values) if len(values) > 1 else max(self.high[axis], values[0])
        self.tall |= bool(heights)
        self.west = min([self.west, *(value for value in longitudes if value >= 0)])
        self.east = max([self.east, *(value for value in longitudes if value < 0)])
        if line and max(longitudes) - min(longitudes) > 180:
            self.jumps |= any(abs(b - a) > 180 for a, b in pairwise(longitudes))

    def merge(self, other: Bounds) -> None:
        """Take in the positions that another one knows of."""
        for axis in range(3):
            self.low[axis] = min(self.low[axis], other.low[axis])
            self.high[axis] = max(self.high[axis], other.high[axis])
        self.west = min(self.west, other.west)
        self.east = max(self.east, other.east)
        self.tall |= other.tall
        self.jumps |= other.jumps
        self.unknown |= other.unknown


def box_edits(text: bytes, box: Node, before: Bounds, after: Bounds, *, wanted: bool) -> list[Edit] | str:
    """How to mend a `bbox` member, or why it is left.

    Only the numbers that are wrong change: a box that is larger than it must be is right.

    Parameters
    ----------
    text : bytes
        The document.
    box : Node
        The member's value.
    before, after : Bounds
        The positions before and after the other repairs.
    wanted : bool
        Whether to mend what was wrong before; a box that the other repairs made wrong is mended anyway.
    """
    if after.empty or after.unknown:
        return "some positions cannot be read, so that the box is not known" if wanted and after.unknown else []
    values = box.numbers
    if (
        values is None
        or len(values) != (6 if after.tall else 4)
        or not all(isinstance(value, int | float) and abs(value) < 1e100 for value in values)
    ):
        return _whole(text, box, after) if wanted else []
    size = len(values) // 2
    right = [*after.low[:size], *after.high[:size]]
    across = values[0] > values[size] and values[1] <= values[size + 1]
    known = (after.low[0], after.high[0], after.west, after.east)
    around = not any(values[size] + TOLERANCE < longitude < values[0] - TOLERANCE for longitude in known)
    reaches = values[0] <= after.low[0] + TOLERANCE and values[size] >= after.high[0] - TOLERANCE
    if across and around:
        right[0], right[size] = values[0], values[size]
    elif (across and after.high[0] - after.low[0] > 180) or (after.jumps and not reaches):
        return "the positions may cross the antimeridian" if wanted else []
    tokens = list(_NUMBER.finditer(text, box.start + 1, box.end))
    edits = []
    for place, (value, new) in enumerate(zip(values, right, strict=True)):
        axis, upper = place % size, place >= size
        old = before.high[axis] if upper else before.low[axis]
        swapped = values[axis] > values[size + axis] and not (axis == 0 and across and around)
        wrong = swapped or (value < old - TOLERANCE if upper else value > old + TOLERANCE)
        if wrong and not wanted:
            return []  # It is not made worse.
        # A side that was right follows the positions it was drawn to, and makes way for those that now lie beyond it.
        follows = value == old or (value < new - TOLERANCE if upper else value > new + TOLERANCE)
        if value != new and (wrong or follows):
            edits.append(Edit(*tokens[place].span(), repr(new).encode()))
    return edits


def _whole(text: bytes, box: Node, after: Bounds) -> list[Edit] | str:
    """A new box in the place of one that is no box at all."""
    if after.jumps:
        return "the positions may cross the antimeridian"
    size = 3 if after.tall else 2
    numbers = [*after.low[:size], *after.high[:size]]
    return [Edit(box.start, box.end, b"[" + _gap(text, box).join(repr(number).encode() for number in numbers) + b"]")]


def _gap(text: bytes, box: Node) -> bytes:
    """What stands between the numbers of a box, as its author has it."""
    match = re.match(rb"\[[^,\]\[{\"]*?([ \t\r\n]*,[ \t\r\n]*)", text[box.start : box.end])
    return match[1] if match else b", "
