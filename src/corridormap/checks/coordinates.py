"""CM125 to CM128, CM135, CM136 and CM311 to CM315: coordinates and bounding boxes of any file (RFC 7946, 4, 5 and 11.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from corridormap.checks.reading.batch import Batch, Place, remembered
from corridormap.checks.reading.objects import box_faults, is_box, is_number, named
from corridormap.checks.rule import NOTE, WARNING, BatchRule, ObjectRule
from corridormap.checks.structure import DEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.text import Path

DECIMALS = 7
NEAR = 1e-6
"""Boxes are written with fewer decimals than coordinates now and then: degrees that do not count."""
_ROUNDING = 1e-7
METRES_FROM = 1000.0
"""No coordinate in degrees comes near this; projected metres are nearly always beyond it."""


@BatchRule.register("CM311", hint="Coordinates are longitude, then latitude, in degrees on WGS 84 (RFC 7946, 4).")
def in_degrees(batch: Batch) -> Iterator[Place]:
    """Positions are in degrees: latitudes within ±90, longitudes within ±360 at least (RFC 7946, 4)."""
    return _first_of_each(batch, "nowhere", "{x:.7g}, {y:.7g} is no place in degrees")


@BatchRule.register(
    "CM312",
    WARNING,
    of_drawn_lines=True,
    hint="Cut the geometry at the antimeridian and take 360 from, or add it to, the longitudes beyond.",
)
def longitude(batch: Batch) -> Iterator[Place]:
    """Longitudes lie within ±180: beyond the antimeridian they begin anew (RFC 7946, 3.1.9)."""
    return _first_of_each(batch, "beyond", "the longitude {x:.7g} lies beyond the antimeridian")


@BatchRule.register("CM314", hint="Swap the axes: ogr2ogr -f GeoJSON -dialect sqlite -sql … with ST_SwapXY, or shapely.transform.")
def swapped(batch: Batch) -> Iterator[Place]:
    """Longitude comes before latitude (RFC 7946, 3.1.1): no latitude is out of range where the longitude could be one."""
    return _first_of_each(batch, "swapped", "the axes look swapped: {y:.7g} is no latitude, but a longitude")


class CountedRule(BatchRule):
    """A rule about positions, of which its function tells which are wrong; it reports once for each file how many, and the first."""

    verbs: ClassVar[tuple[str, str]]
    message: ClassVar[str]

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        wrong = self.look(batch)
        if wrong.any():
            if "first" not in memory:
                memory["first"] = batch.lasting(batch.at_vertex(int(batch.shapes.firsts(np.flatnonzero(wrong))[0]), ""))
            memory["count"] = memory.get("count", 0) + int(np.count_nonzero(wrong))
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        if "first" in memory:
            count, (x, y) = memory["count"], memory["first"].at
            some = f"{count} positions {self.verbs[1]}" if count > 1 else f"a position {self.verbs[0]}"
            message = f"{some} {self.message.format(x=x, y=y)}"
            yield replace(memory["first"], message=message, at=(x, y) if max(abs(x), abs(y)) <= METRES_FROM else None)


@CountedRule.register(
    "CM136",
    NOTE,
    repair="precision",
    hint="Write fewer: six decimals are 10 cm; GDAL does so with -lco COORDINATE_PRECISION=6.",
    verbs=("has", "have"),
    message=f"more than {DECIMALS} decimals",
)
def precision(batch: Batch) -> NDArray[np.bool_]:
    """Coordinates have no more decimals than there is knowledge: seven are a centimetre (RFC 7946, 11.2); reported once per file."""
    xy = batch.shapes.xy if batch.root(0) is not None else np.empty((0, 2))
    scaled = xy * 10.0**DECIMALS
    fine: NDArray[np.bool_] = (np.abs(scaled - np.rint(scaled)) > 1e-3) & (np.abs(xy) <= 360.0)
    return fine[:, 0] | fine[:, 1]


@CountedRule.register(
    "CM313",
    hint="Reproject: ogr2ogr -f GeoJSON -s_srs EPSG:… -t_srs EPSG:4326 out.geojson in.geojson",
    verbs=("looks", "look"),
    message="like projected metres, not degrees; the first is {x:.7g}, {y:.7g}",
)
def in_metres(batch: Batch) -> NDArray[np.bool_]:
    """Positions are no projected metres (RFC 7946, 4: WGS 84 in degrees); reported once per file."""
    return _kinds(batch)["metres"]


@BatchRule.register("CM315", WARNING, hint='A feature without a place has "geometry": null.')
def null_island(batch: Batch) -> Iterator[Place]:
    """No position is 0, 0, in the Gulf of Guinea, where things land whose coordinates were lost."""
    shapes = batch.shapes
    zero = (shapes.xy == 0.0).all(axis=1)
    for part in np.unique(shapes.part_of[zero]).tolist():
        xy, lost = shapes.positions(part), zero[shapes.starts[part] : shapes.starts[part + 1]]
        # A world-wide grid or a toy passes through the place rightly; a single point or a stray vertex does not.
        others = xy[~lost]
        if len(xy) == 1 or (len(others) and (np.abs(others) > 10.0).any(axis=1).all()):
            yield batch.at_vertex(int(shapes.starts[part] + lost.argmax()), "lies at 0, 0")


def _first_of_each(batch: Batch, kind: str, message: str) -> Iterator[Place]:
    """Yield, for each feature, the first of its positions that are of a kind of `_kinds`."""
    shapes = batch.shapes
    for index in shapes.firsts(np.flatnonzero(_kinds(batch)[kind])).tolist():
        x, y = shapes.xy[index].tolist()
        yield batch.at_vertex(index, message.format(x=x, y=y))


@remembered
def _kinds(batch: Batch) -> dict[str, NDArray[np.bool_]]:
    """Tell which positions look like projected metres or have swapped axes, are nowhere otherwise, or lie beyond the antimeridian."""
    x, y = np.abs(batch.shapes.xy).T
    astray = ~((x <= 360.0 + _ROUNDING) & (y <= 90.0 + _ROUNDING))
    metres = (x > METRES_FROM) | (y > METRES_FROM)
    swapped = ~metres & (y > 90.0 + _ROUNDING) & (y <= 180.0) & (x <= 90.0)
    return {"nowhere": astray & ~metres & ~swapped, "metres": metres, "swapped": swapped, "beyond": ~astray & (x > 180.0 + _ROUNDING)}


_BOX_FORM = "Write [west, south, east, north], or leave the member out."


@ObjectRule.register("CM125", repair="bbox", kinds=DEFINED, hint=_BOX_FORM)
def box_form(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A "bbox" is an array of 2·n numbers, n being 2 or, with heights, 3 (RFC 7946, 5: MUST)."""
    box = value.get("bbox")
    if box is not None and not isinstance(box, list):  # null has a rule of its own
        yield ("bbox",), f'"bbox" is {named(box)}, not an array'
    elif box is not None:
        wrong = next((index for index, number in enumerate(box[:7]) if not is_number(number)), None)
        if wrong is not None:
            yield ("bbox", wrong), f"is {named(box[wrong])}, not a number"
        elif len(box) not in {4, 6}:
            yield ("bbox",), f"a bbox has 4 numbers, or 6 with heights, not {len(box)}"


@ObjectRule.register("CM135", WARNING, kinds=DEFINED, hint="Leave the member out.")
def null_box(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A "bbox" that there is none of is left out, not null (RFC 7946, 5). A warning, since geopandas writes it so."""
    if "bbox" in value and value["bbox"] is None:
        yield ("bbox",), '"bbox" is null'


@ObjectRule.register("CM126", repair="bbox", kinds=DEFINED, hint=_BOX_FORM)
def box_order(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A "bbox" names its south-west corner before its north-east one, in degrees (RFC 7946, 5); west may exceed east (5.2), no more."""
    box = value.get("bbox")
    if isinstance(box, list) and len(box) in {4, 6} and all(map(is_number, box)):
        yield from ((("bbox", index), message) for index, message in box_faults(box))


_HEIGHTS = {4: "the bbox has no heights, but the geometry has", 6: "the bbox has heights, but the geometry has none"}


class BoxDimensions(BatchRule, code="CM127", severity=WARNING, repair="bbox"):
    """A "bbox" has heights if, and only if, the geometries have (RFC 7946, 5: 2·n, n being the number of their dimensions)."""

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
                yield Place(_HEIGHTS[len(box)], row=row, path=path)

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        box = memory["collection"].get("bbox")
        if is_box(box) and memory.get("located") and (len(box) == 6) != memory["high"]:
            yield Place(_HEIGHTS[len(box)], path=("bbox",))


class BoxHolds(BatchRule, code="CM128", severity=WARNING, repair="bbox", hint="Calculate it anew, or leave the member out."):
    """A "bbox" holds all positions of its object (RFC 7946, 5)."""

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        shapes = batch.shapes
        # Of all positions those count that lie farthest out, either side of 0° by themselves, for a box that spans the antimeridian.
        for half in (shapes.xy[shapes.xy[:, 0] >= 0], shapes.xy[shapes.xy[:, 0] < 0]):
            memory.setdefault("corners", []).extend([half.min(axis=0), half.max(axis=0)] if len(half) else [])
        if batch.boxes:
            owner = shapes.part_row[shapes.part_of]
            order = owner.argsort(kind="stable")
            begin = owner.searchsorted(np.arange(batch.rows + 1), sorter=order)
            for row, path, box in batch.boxes:
                side = _side(box, shapes.xy[order[begin[row] : begin[row + 1]]])
                if side is not None:
                    yield Place(f"the bbox does not hold the geometry: it reaches farther {side}", row=row, path=path)

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        box = memory["collection"].get("bbox")
        side = _side(box, np.reshape(memory.get("corners", []), (-1, 2))) if is_box(box) else None
        if side is not None:
            yield Place(f"the bbox does not hold the features: they reach farther {side}", path=("bbox",))


def _side(box: list[float], xy: NDArray[np.float64]) -> str | None:
    """Find the side on which positions reach out of a bbox, if they do; one whose west is greater than its east spans the antimeridian."""
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    x, y = xy.T
    beyond = (x < west - NEAR, x > east + NEAR)
    sides = {"south": y < south - NEAR, "north": y > north + NEAR}
    if west > east:
        sides = {"west or east": beyond[0] & beyond[1]} | sides
    else:
        sides |= {"west": beyond[0], "east": beyond[1]}
    return next((side for side, out in sides.items() if out.any()), None)
