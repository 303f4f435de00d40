"""CM136 and CM311 to CM315: the coordinates of any file (RFC 7946, 4 and 11.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from corridormap.checks.reading.batch import remembered
from corridormap.checks.rule import BatchRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch, Place

DECIMALS = 7
NEAR = 1e-7
METRES_FROM = 1000.0
"""No coordinate in degrees comes near this; projected metres are nearly always beyond it."""


@BatchRule.register("CM311", hint="Coordinates are longitude, then latitude, in degrees on WGS 84 (RFC 7946, 4).")
def in_degrees(batch: Batch) -> Iterator[Place]:
    """Positions are in degrees: latitudes within ±90, longitudes within ±360 at least (RFC 7946, 4)."""
    return _first_of_each(batch, "nowhere", "{x}, {y} is no place in degrees")


@BatchRule.register(
    "CM312", Severity.WARNING, hint="Cut the geometry at the antimeridian and take 360 from, or add it to, the longitudes beyond."
)
def longitude(batch: Batch) -> Iterator[Place]:
    """Longitudes lie within ±180: beyond the antimeridian they begin anew (RFC 7946, 3.1.9)."""
    return _first_of_each(batch, "beyond", "the longitude {x} lies beyond the antimeridian")


@BatchRule.register("CM314", hint="Swap the axes: ogr2ogr -f GeoJSON -dialect sqlite -sql … with ST_SwapXY, or shapely.transform.")
def swapped(batch: Batch) -> Iterator[Place]:
    """Longitude comes before latitude (RFC 7946, 3.1.1): no latitude is out of range where the longitude could be one."""
    return _first_of_each(batch, "swapped", "the axes look swapped: {y} is no latitude, but a longitude")


class _Counted(BatchRule):
    """A rule about positions that reports once for each file how many there are, and the first."""

    verbs: ClassVar[tuple[str, str]]
    message: ClassVar[str]

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        wrong = self.wrong(batch)
        if wrong.any():
            if "first" not in memory:
                memory["first"] = batch.located(int(batch.shapes.firsts(np.flatnonzero(wrong))[0]))
            memory["count"] = memory.get("count", 0) + int(np.count_nonzero(wrong))
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        if "first" in memory:
            count, (x, y) = memory["count"], memory["first"].at
            some = f"{count} positions {self.verbs[1]}" if count > 1 else f"a position {self.verbs[0]}"
            message = f"{some} {self.message.format(x=_number(x), y=_number(y))}"
            yield replace(memory["first"], message=message, at=(x, y) if max(abs(x), abs(y)) <= METRES_FROM else None)

    def wrong(self, batch: Batch) -> NDArray[np.bool_]:
        """Tell which positions are wrong."""
        raise NotImplementedError


class Precision(_Counted):
    """Coordinates have no more decimals than there is knowledge: seven are a centimetre (RFC 7946, 11.2); reported once per file."""

    code = "CM136"
    repair = "precision"
    severity = Severity.NOTE
    hint = "Write fewer: six decimals are 10 cm; GDAL does so with -lco COORDINATE_PRECISION=6."
    verbs = ("has", "have")
    message = f"more than {DECIMALS} decimals"

    def wrong(self, batch: Batch) -> NDArray[np.bool_]:
        xy = batch.shapes.xy if batch.root(0) is not None else np.empty((0, 2))
        scaled = xy * 10.0**DECIMALS
        fine: NDArray[np.bool_] = (np.abs(scaled - np.rint(scaled)) > 1e-3) & (np.abs(xy) <= 360.0)
        return fine[:, 0] | fine[:, 1]


class Metres(_Counted):
    """Positions are no projected metres (RFC 7946, 4: WGS 84 in degrees); reported once per file."""

    code = "CM313"
    hint = "Reproject: ogr2ogr -f GeoJSON -s_srs EPSG:… -t_srs EPSG:4326 out.geojson in.geojson"
    verbs = ("looks", "look")
    message = "like projected metres, not degrees; the first is {x}, {y}"

    def wrong(self, batch: Batch) -> NDArray[np.bool_]:
        return _kinds(batch)["metres"]


@BatchRule.register("CM315", Severity.WARNING, hint='A feature without a place has "geometry": null.')
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
        yield batch.at_vertex(index, message.format(x=_number(x), y=_number(y)))


@remembered
def _kinds(batch: Batch) -> dict[str, NDArray[np.bool_]]:
    """Tell which positions look like projected metres or have swapped axes, are nowhere otherwise, or lie beyond the antimeridian."""
    x, y = np.abs(batch.shapes.xy).T
    astray = ~((x <= 360.0 + NEAR) & (y <= 90.0 + NEAR))
    metres = (x > METRES_FROM) | (y > METRES_FROM)
    swapped = ~metres & (y > 90.0 + NEAR) & (y <= 180.0) & (x <= 90.0)
    return {"nowhere": astray & ~metres & ~swapped, "metres": metres, "swapped": swapped, "beyond": ~astray & (x > 180.0 + NEAR)}


def _number(value: float) -> str:
    return f"{value:.7g}"
