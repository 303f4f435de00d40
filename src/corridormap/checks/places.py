"""CM311 to CM316: the coordinates of any file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import Place, remembered
from corridormap.checks.rule import BatchRule, Severity, TextRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch

HINT = "Coordinates are longitude, then latitude, in degrees on WGS 84 (RFC 7946, 4)."
NEAR = 1e-7
METRES_FROM = 1000.0
"""No coordinate in degrees comes near this; projected metres are nearly always beyond it."""


class Degrees(BatchRule):
    """Positions are in degrees: latitudes within ±90, longitudes within ±360 at least (RFC 7946, 4)."""

    code = "CM311"
    hint = HINT

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        astray, metres, swapped, _ = _classes(batch)
        yield from _first_of_each(batch, astray & ~metres & ~swapped, lambda x, y: f"{_number(x)}, {_number(y)} is no place in degrees")


class Longitude(BatchRule):
    """Longitudes lie within ±180: beyond the antimeridian they begin anew (RFC 7946, 3.1.9)."""

    code = "CM312"
    severity = Severity.WARNING
    hint = "Cut the geometry at the antimeridian and take 360 from, or add it to, the longitudes beyond."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        _, _, _, beyond = _classes(batch)
        yield from _first_of_each(batch, beyond, lambda x, _y: f"the longitude {_number(x)} lies beyond the antimeridian")


class Metres(BatchRule):
    """Positions are no projected metres (RFC 7946, 4: WGS 84 in degrees); told once a file."""

    code = "CM313"
    hint = "Reproject: ogr2ogr -f GeoJSON -s_srs EPSG:… -t_srs EPSG:4326 out.geojson in.geojson"

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        _, metres, _, _ = _classes(batch)
        count = int(np.count_nonzero(metres))
        if count and "first" not in memory:
            memory["first"] = batch.located(int(metres.argmax()))
        memory["count"] = memory.get("count", 0) + count
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        if memory.get("count"):
            x, y = memory["first"].at
            some = f"{memory['count']} positions look" if memory["count"] > 1 else "a position looks"
            message = f"{some} like projected metres, not degrees; the first is {_number(x)}, {_number(y)}"
            yield replace(memory["first"], message=message, at=None)


class Swapped(BatchRule):
    """Longitude comes before latitude (RFC 7946, 3.1.1): no latitude is out of range where the longitude could be one."""

    code = "CM314"
    hint = "Swap the axes: ogr2ogr -f GeoJSON -dialect sqlite -sql … with ST_SwapXY, or shapely.transform."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        _, _, swapped, _ = _classes(batch)
        yield from _first_of_each(batch, swapped, lambda _x, y: f"the axes look swapped: {_number(y)} is no latitude, but a longitude")


class NullIsland(BatchRule):
    """No position is 0, 0, in the Gulf of Guinea, where things land whose coordinates were lost."""

    code = "CM315"
    severity = Severity.WARNING
    hint = 'A feature without a place has "geometry": null.'

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        del memory
        shapes = batch.shapes
        zero = (shapes.xy == 0.0).all(axis=1) if len(shapes.xy) else np.zeros(0, dtype=bool)
        if zero.any():
            # A world-wide grid or a toy passes through the place rightly; a single point or a stray vertex does not.
            parts = np.unique(shapes.part_of[zero])
            chosen = parts[shapes.lengths[parts] == 1]
            stray = [
                part for part in parts[shapes.lengths[parts] > 1] if _is_stray(shapes.xy[shapes.starts[part] : shapes.starts[part + 1]])
            ]
            for part in sorted([*chosen.tolist(), *stray]):
                index = int(shapes.starts[part] + zero[shapes.starts[part] : shapes.starts[part + 1]].argmax())
                yield batch.at_vertex(index, "lies at 0, 0")


class KnownCrs(TextRule):
    """A file of another format than GeoJSON names its coordinate reference system."""

    code = "CM316"
    severity = Severity.WARNING
    hint = "A Shapefile does so in a .prj beside it; in QGIS, “Set layer CRS” and save it."


def _is_stray(xy: NDArray[np.float64]) -> bool:
    """Whether a line or ring that passes 0, 0 lies far from there otherwise."""
    others = xy[(xy != 0.0).any(axis=1)]
    return len(others) > 0 and bool((np.abs(others) > 10.0).any(axis=1).all())


@remembered
def _classes(batch: Batch) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """For each position: out of range, like projected metres, with axes swapped, beyond the antimeridian."""
    xy = batch.shapes.xy
    none = np.zeros(len(xy), dtype=bool)
    if not len(none) or (xy.min() >= -90 and xy.max() <= 90) or (np.abs(xy).max(axis=0) <= (180.0, 90.0)).all():
        return none, none, none, none
    x, y = np.abs(xy).T
    astray = (x > 360.0 + NEAR) | (y > 90.0 + NEAR) | np.isnan(x) | np.isnan(y)
    metres = (x > METRES_FROM) | (y > METRES_FROM)
    swapped = ~metres & (y > 90.0 + NEAR) & (y <= 180.0) & (x <= 90.0)
    return astray, metres, swapped, ~astray & (x > 180.0 + NEAR)


def _first_of_each(batch: Batch, wrong: NDArray[np.bool_], words: Callable[[float, float], str]) -> Iterator[Place]:
    """For each feature with such positions the first of them."""
    if not wrong.any():
        return
    seen: set[int] = set()
    for position in wrong.nonzero()[0]:
        row, path, (x, y) = batch.shapes.vertex(int(position))
        if row not in seen:
            seen.add(row)
            yield Place(words(x, y), row=row, path=path, at=(x, y))


def _number(value: float) -> str:
    return f"{value:.7g}"
