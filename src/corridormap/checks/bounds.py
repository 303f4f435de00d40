"""Check bounding boxes (RFC 7946, 5): CM125 to CM128, CM135."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.members import DEFINED
from corridormap.checks.reading.batch import Place
from corridormap.checks.reading.objects import box_faults, is_box, is_number, named
from corridormap.checks.rule import BatchRule, ObjectRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch
    from corridormap.checks.reading.tokens import Path

NEAR = 1e-6
"""Boxes are written with fewer decimals than coordinates now and then: degrees that do not count."""


class BoxForm(ObjectRule):
    """A "bbox" is an array of 2·n numbers, n being 2 or, with heights, 3 (RFC 7946, 5: MUST)."""

    code = "CM125"
    repair = "bbox"
    kinds = DEFINED
    hint = "Write [west, south, east, north], or leave the member out."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        box = value.get("bbox")
        if box is None:
            return  # null has a rule of its own
        if not isinstance(box, list):
            yield ("bbox",), f'"bbox" is {named(box)}, not an array'
            return
        wrong = next((index for index, number in enumerate(box[:7]) if not is_number(number)), None)
        if wrong is not None:
            yield ("bbox", wrong), f"is {named(box[wrong])}, not a number"
        elif len(box) not in {4, 6}:
            yield ("bbox",), f"a bbox has 4 numbers, or 6 with heights, not {len(box)}"


class NullBox(ObjectRule):
    """A "bbox" that there is none of is left out, not null (RFC 7946, 5). A warning, since geopandas writes it so."""

    code = "CM135"
    severity = Severity.WARNING
    kinds = DEFINED
    hint = "Leave the member out."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if "bbox" in value and value["bbox"] is None:
            yield ("bbox",), '"bbox" is null'


class BoxOrder(ObjectRule):
    """A "bbox" names its south-west corner before its north-east one, in degrees (RFC 7946, 5); west may exceed east (5.2), no more."""

    code = "CM126"
    repair = "bbox"
    kinds = DEFINED
    hint = "Write [west, south, east, north], or leave the member out."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        box = value.get("bbox")
        if isinstance(box, list) and len(box) in {4, 6} and all(map(is_number, box)):
            yield from ((("bbox", index), message) for index, message in box_faults(box))


class BoxDimensions(BatchRule):
    """A "bbox" has heights if, and only if, the geometries have (RFC 7946, 5: 2·n, n being the number of their dimensions)."""

    code = "CM127"
    repair = "bbox"
    severity = Severity.WARNING

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        shapes = batch.shapes
        located, high = np.zeros((2, batch.rows), dtype=bool)
        located[shapes.item_row] = True
        if shapes.z is not None:
            high[shapes.part_row[shapes.part_of[~np.isnan(shapes.z)]]] = True
        memory["located"] = memory.get("located", False) or located.any()
        memory["high"] = memory.get("high", False) or high.any()
        for row, path, box in batch.boxes:
            if located[row] and (len(box) == 6) != high[row]:
                yield Place(self._message(box), row=row, path=path)

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        box = memory["collection"].get("bbox")
        if is_box(box) and memory.get("located") and (len(box) == 6) != memory["high"]:
            yield Place(self._message(box), path=("bbox",))

    def _message(self, box: list[float]) -> str:
        return "the bbox has no heights, but the geometry has" if len(box) == 4 else "the bbox has heights, but the geometry has none"


class BoxHolds(BatchRule):
    """A "bbox" holds all positions of its object (RFC 7946, 5)."""

    code = "CM128"
    repair = "bbox"
    severity = Severity.WARNING
    hint = "Calculate it anew, or leave the member out."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        shapes = batch.shapes
        if not len(shapes.xy):
            return
        low, high = memory.get("bounds", ([np.inf] * 2, [-np.inf] * 2))
        memory["bounds"] = np.minimum(low, shapes.xy.min(axis=0)), np.maximum(high, shapes.xy.max(axis=0))
        # Either side of the antimeridian by itself, for a box that spans it.
        x = shapes.xy[:, 0]
        memory["west"] = x.min(where=x >= 0, initial=memory.get("west", np.inf))
        memory["east"] = x.max(where=x < 0, initial=memory.get("east", -np.inf))
        if batch.boxes:
            owner = shapes.part_row[shapes.part_of]
            order = owner.argsort(kind="stable")
            begin = owner.searchsorted(np.arange(batch.rows + 1), sorter=order)
            for row, path, box in batch.boxes:
                xy = shapes.xy[order[begin[row] : begin[row + 1]]]
                side = _side(box, xy.min(axis=0), xy.max(axis=0), astray=_between(box, xy[:, 0])) if len(xy) else None
                if side is not None:
                    yield Place(f"the bbox does not hold the geometry: it reaches farther {side}", row=row, path=path)

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        box = memory["collection"].get("bbox")
        if "bounds" in memory and is_box(box):
            # From the west side eastward there are positions of positive longitude, beyond the antimeridian those of negative.
            west, east = box[0], box[len(box) // 2]
            astray = (memory["west"] < west - NEAR and east < 0) or (memory["east"] > east + NEAR and west > 0)
            side = _side(box, *memory["bounds"], astray=astray)
            if side is not None:
                yield Place(f"the bbox does not hold the features: they reach farther {side}", path=("bbox",))


def _between(box: list[float], x: NDArray[np.float64]) -> bool:
    """Tell whether there are longitudes between the east of a bbox and its west, as there must not be if it spans the antimeridian."""
    return bool(((x < box[0] - NEAR) & (x > box[len(box) // 2] + NEAR)).any())


def _side(box: list[float], low: Sequence[float], high: Sequence[float], *, astray: bool) -> str | None:
    """Find the side on which positions reach out of a bbox, if they do.

    A bbox whose west is greater than its east spans the antimeridian; `astray` says whether there are longitudes between the two then.
    """
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    across = west > east
    if across and astray:
        return "west or east"
    if low[1] < south - NEAR:
        return "south"
    if high[1] > north + NEAR:
        return "north"
    if across:
        return None
    if low[0] < west - NEAR:
        return "west"
    return "east" if high[0] > east + NEAR else None
