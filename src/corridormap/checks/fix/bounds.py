"""The box around positions, and the repair of a `bbox` member."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any

from corridormap.checks.bounds import NEAR
from corridormap.checks.fix.result import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBER = re.compile(rb"[-+0-9.eE]+")
_GAP = re.compile(rb"\[[^,\]\[{\"]*?([ \t\r\n]*,[ \t\r\n]*)")


@dataclass
class Bounds:
    """The longitudes, latitudes and heights of a geometry, a feature or a collection, as far as a box around them depends on them."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    z: list[float] = field(default_factory=list)
    jumps: bool = False
    """Whether a line or ring jumps by more than half the earth, as one across the antimeridian does."""
    unknown: bool = False
    """Whether there are positions that could not be read."""

    @property
    def lonlat(self) -> bool:
        """Whether all positions are in the range of longitude and latitude."""
        return not self.unknown and all(-180 <= x <= 180 for x in self.x) and all(-90 <= y <= 90 for y in self.y)

    def box(self) -> tuple[list[float], list[float]]:
        """The south-west and the north-east corner, with heights if there are any."""
        axes = [self.x, self.y, self.z] if self.z else [self.x, self.y]
        return [min(axis, default=inf) for axis in axes], [max(axis, default=-inf) for axis in axes]

    def add(self, positions: Sequence[Sequence[float]], *, line: bool) -> None:
        """Take in the positions of a line, or single ones."""
        x = [position[0] for position in positions]
        self.x += x
        self.y += [position[1] for position in positions]
        self.z += [position[2] for position in positions if len(position) > 2]
        self.jumps |= line and max(x, default=0) - min(x, default=0) > 180 and any(abs(b - a) > 180 for a, b in pairwise(x))

    def merge(self, other: Bounds) -> None:
        """Take in the positions that another one knows of."""
        self.x += other.x
        self.y += other.y
        self.z += other.z
        self.jumps |= other.jumps
        self.unknown |= other.unknown


def box_edits(  # noqa: PLR0911  one return for each reason
    text: bytes, span: tuple[int, int], values: Any, before: Bounds, after: Bounds, *, wanted: bool
) -> list[Edit] | str:
    """How to mend a `bbox` member, or why it is left.

    Only the numbers that are wrong change: a box that is larger than it must be is right. What was wrong before the other repairs is mended
    if that is wanted, what they made wrong anyway.
    """
    if not isinstance(values, list):
        return "it is no list" if wanted else []
    if not after.x or after.unknown:
        return "some positions cannot be read, so that the box is not known" if wanted and after.unknown else []
    (low, high), (old_low, old_high) = after.box(), before.box()
    right, size = low + high, len(low)
    if len(values) != 2 * size or not all(type(value) in {int, float} and abs(value) < 1e100 for value in values):
        if after.jumps and wanted:
            return "the positions may cross the antimeridian"
        return [Edit(*span, b"[" + _gap(text, span[0]).join(repr(side).encode() for side in right) + b"]")] if wanted else []
    across = values[0] > values[size] and values[1] <= values[size + 1]
    around = across and not any(values[size] + NEAR < x < values[0] - NEAR for x in after.x)
    reaches = values[0] <= low[0] + NEAR and values[size] >= high[0] - NEAR
    if around:
        right[0], right[size] = values[0], values[size]
    elif (across and high[0] - low[0] > 180) or (after.jumps and not reaches):
        return "the positions may cross the antimeridian" if wanted else []
    tokens = _NUMBER.finditer(text, *span)
    edits = []
    for place, (value, new, token) in enumerate(zip(values, right, tokens, strict=True)):
        axis, upper = place % size, place >= size
        old = (old_high if upper else old_low)[axis]
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
