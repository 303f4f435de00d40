"""What a bbox says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NEAR = 1e-6
"""Boxes are written with fewer decimals than coordinates now and then: degrees that do not count."""


def box_faults(box: Sequence[float]) -> Iterator[tuple[int | None, str]]:
    """Say what is wrong with the numbers of a bbox, and with which of them; None if with their count."""
    count = len(box)
    if count not in {4, 6}:
        yield None, f"a bbox has 4 numbers, or 6 with heights, not {count}"
        return
    half = count // 2
    south, north = box[1], box[half + 1]
    for index, limit, name in ((0, 180, "longitude"), (1, 90, "latitude"), (half, 180, "longitude"), (half + 1, 90, "latitude")):
        if not abs(box[index]) <= limit:
            yield index, f"{box[index]:g} is no {name} in degrees"
    if south > north:
        yield 1, f"the south, {south:g}, lies north of the north, {north:g}"
    if half == 3 and box[2] > box[5]:
        yield 2, f"the bottom, {box[2]:g}, lies above the top, {box[5]:g}"


def outside(box: Sequence[float], bounds: Sequence[float]) -> str | None:
    """The side on which bounds reach out of a bbox, if they do; a bbox whose west is greater than its east spans the antimeridian."""
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    low_x, low_y, high_x, high_y = bounds
    if low_y < south - NEAR:
        return "south"
    if high_y > north + NEAR:
        return "north"
    if west > east:  # both ends of the bounds may lie on either side of the antimeridian
        return None if all(x >= west - NEAR or x <= east + NEAR for x in (low_x, high_x)) else "west or east"
    if low_x < west - NEAR:
        return "west"
    return "east" if high_x > east + NEAR else None
