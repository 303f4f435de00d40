"""CM125 to CM128, CM135: bounding boxes (RFC 7946, 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from corridormap.checks.members import COLLECTION, FEATURE, GEOMETRY, named
from corridormap.checks.reading.batch import Place
from corridormap.checks.reading.boxes import box_faults, outside
from corridormap.checks.reading.slow import is_box, is_number
from corridormap.checks.rule import BatchRule, ObjectRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch
    from corridormap.checks.reading.survey import Path

_KINDS = frozenset({COLLECTION, FEATURE, GEOMETRY})


class BoxForm(ObjectRule):
    """A "bbox" is an array of 2·n numbers, n being 2 or, with heights, 3 (RFC 7946, 5: MUST)."""

    code = "CM125"
    repair = "bbox"
    kinds: ClassVar = _KINDS
    hint = "Write [west, south, east, north], or leave the member out."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if "bbox" not in value:
            return
        box = value["bbox"]
        if box is None:
            return  # told by a rule of its own
        if not isinstance(box, list):
            yield ("bbox",), f'"bbox" is {named(box)}, not an array'
            return
        for index, number in enumerate(box[:7]):
            if not is_number(number):
                yield ("bbox", index), f"is {named(number)}, not a number"
                return
        if len(box) not in {4, 6}:
            yield ("bbox",), next(box_faults(box))[1]


class NullBox(ObjectRule):
    """A "bbox" that there is none of is left out, not null (RFC 7946, 5). A warning, since geopandas writes it so."""

    code = "CM135"
    severity = Severity.WARNING
    kinds: ClassVar = _KINDS
    hint = "Leave the member out."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if "bbox" in value and value["bbox"] is None:
            yield ("bbox",), '"bbox" is null'


class BoxOrder(ObjectRule):
    """A "bbox" names its south-west corner before its north-east one, in degrees (RFC 7946, 5); west may exceed east (5.2), no more."""

    code = "CM126"
    repair = "bbox"
    kinds: ClassVar = _KINDS
    hint = "Write [west, south, east, north], or leave the member out."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        box = value.get("bbox")
        if isinstance(box, list) and len(box) in {4, 6} and all(map(is_number, box)):
            for index, message in box_faults(box):
                yield ("bbox",) if index is None else ("bbox", index), message


class BoxDimensions(BatchRule):
    """A "bbox" has heights if, and only if, the geometries have (RFC 7946, 5: 2·n, n being the number of their dimensions)."""

    code = "CM127"
    repair = "bbox"
    severity = Severity.WARNING

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        high = _high(batch)
        memory["rows"] = memory.get("rows", False) or bool(len(batch.shapes.item_row))
        memory["high"] = memory.get("high", False) or bool(high.any())
        located = np.zeros(batch.rows, dtype=bool)
        located[batch.shapes.item_row] = True
        for row, path, box in batch.boxes:
            if located[row] and (len(box) == 6) != bool(high[row]):
                yield Place(self._message(len(box)), row=row, path=path)

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        box = memory["collection"].get("bbox")
        if is_box(box) and memory.get("rows") and (len(box) == 6) != memory["high"]:
            yield Place(self._message(len(box)), path=("bbox",))

    def _message(self, count: int) -> str:
        return "the bbox has no heights, but the geometry has" if count == 4 else "the bbox has heights, but the geometry has none"


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
        total = memory.setdefault("bounds", [np.inf, np.inf, -np.inf, -np.inf])
        low, high = shapes.xy.min(axis=0), shapes.xy.max(axis=0)
        memory["bounds"] = [min(total[0], low[0]), min(total[1], low[1]), max(total[2], high[0]), max(total[3], high[1])]
        # Either side of the antimeridian by itself, for a box that spans it.
        x = shapes.xy[:, 0]
        west, east = x[x >= 0], x[x < 0]
        memory["west"] = min(memory.get("west", np.inf), west.min(initial=np.inf))
        memory["east"] = max(memory.get("east", -np.inf), east.max(initial=-np.inf))
        if not batch.boxes:
            return
        for row, path, box in batch.boxes:
            side = self._side(batch, row, box)
            if side is not None:
                yield Place(f"the bbox does not hold the geometry: it reaches farther {side}", row=row, path=path)

    def _side(self, batch: Batch, row: int, box: list[float]) -> str | None:
        shapes = batch.shapes
        begin, end = np.searchsorted(shapes.item_row, [row, row + 1]) if _ordered(shapes.item_row) else (-1, -1)
        if begin < 0:
            parts = np.isin(shapes.part_item, (shapes.item_row == row).nonzero()[0])
            xy = shapes.xy[np.repeat(parts, shapes.lengths)]
        else:
            first, last = np.searchsorted(shapes.part_item, [begin, end])
            xy = shapes.xy[shapes.starts[first] : shapes.starts[last]]
        if not len(xy):
            return None
        half = len(box) // 2
        if box[0] > box[half]:
            astray = ~((xy[:, 0] >= box[0] - 1e-6) | (xy[:, 0] <= box[half] + 1e-6))
            if astray.any():
                return "west or east"
            return outside(box, (box[0], xy[:, 1].min(), box[0], xy[:, 1].max()))
        return outside(box, (*xy.min(axis=0), *xy.max(axis=0)))

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        box, bounds = memory["collection"].get("bbox"), memory.get("bounds")
        if bounds is None or not is_box(box):
            return
        half = len(box) // 2
        if box[0] > box[half]:
            # From the west side eastward there are positions of positive longitude, beyond the antimeridian those of negative.
            west, east = memory["west"], memory["east"]
            side = "west or east" if (west < box[0] - 1e-6 and box[half] < 0) or (east > box[half] + 1e-6 and box[0] > 0) else None
            side = side or outside(box, (box[0], bounds[1], box[0], bounds[3]))
        else:
            side = outside(box, bounds)
        if side is not None:
            yield Place(f"the bbox does not hold the features: they reach farther {side}", path=("bbox",))


def _ordered(rows: NDArray[np.int64]) -> bool:
    return bool((np.diff(rows) >= 0).all())


def _high(batch: Batch) -> NDArray[np.bool_]:
    """Which features have heights."""
    shapes = batch.shapes
    high = np.zeros(batch.rows, dtype=bool)
    if shapes.z is not None and len(shapes.z):
        parts = shapes.part_of[~np.isnan(shapes.z)]
        high[shapes.item_row[shapes.part_item[parts]]] = True
    return high
