"""CM119, CM120, CM129, CM136, CM137, CM139: rings, the antimeridian, precision and ids (RFC 7946, 3.1.6, 3.1.9, 3.2, 11.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import Place
from corridormap.checks.reading.survey import shown
from corridormap.checks.rule import BatchRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch
    from corridormap.checks.reading.shapes import Shapes

DECIMALS = 7
_SLICE = 1 << 20


class RingClosed(BatchRule):
    """A linear ring is closed: its last position equals its first, height included (RFC 7946, 3.1.6: MUST)."""

    code = "CM119"
    repair = "closing"
    hint = "Repeat the first position at the end."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        del memory
        shapes = batch.shapes
        for part in (shapes.is_ring & ~shapes.closed).nonzero()[0].tolist():
            place = batch.at_vertex(shapes.starts[part + 1] - 1, "the ring is not closed")
            yield replace(place, path=shapes.part_place(part))


class RightHand(BatchRule):
    """A linear ring follows the right-hand rule: shells run counterclockwise, holes clockwise (RFC 7946, 3.1.6).

    A warning, since readers SHOULD NOT refuse polygons for it.
    """

    code = "CM120"
    repair = "winding"
    severity = Severity.WARNING
    hint = "Reverse the ring; shapely.orient_polygons and ogr2ogr -lco RFC7946=YES do so."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        del memory
        shapes = batch.shapes
        rings = shapes.is_ring & shapes.closed
        if not rings.any():
            return
        twice = twice_areas(shapes)
        hole = shapes.part_ring > 0
        wrong = rings & np.where(hole, twice > 0, twice < 0)
        for part in wrong.nonzero()[0].tolist():
            xy = shapes.xy[shapes.starts[part] : shapes.starts[part + 1]]
            area = _area(xy)
            if _leaps(xy[:, 0]).any() or (area < 0) == bool(hole[part]) or area == 0:
                continue
            way = "a hole runs counterclockwise" if hole[part] else "a shell runs clockwise"
            yield batch.at_part(part, f"{way}, against the right-hand rule")


class Antimeridian(BatchRule):
    """A geometry that crosses the antimeridian is cut there in two (RFC 7946, 3.1.9: SHOULD), so that no line leaps round the world."""

    code = "CM129"
    severity = Severity.WARNING
    hint = "Cut it at 180°, or write an edge of more than half the world with vertices between."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        del memory
        shapes = batch.shapes
        if not len(shapes.xy):
            return
        leaps = np.abs(shapes.steps[:, 0]) > 180.0
        if not leaps.any():
            return
        seen: set[int] = set()
        for index in leaps.nonzero()[0].tolist():
            part = int(shapes.part_of[index])
            xy = shapes.xy[shapes.starts[part] : shapes.starts[part + 1]]
            step = abs(shapes.steps[index, 0])
            if part in seen or step > 540 or _along_the_edge(shapes.xy[index : index + 2]) or _is_frame(xy):
                continue
            seen.add(part)
            yield batch.at_vertex(index, f"leaps {step:.0f}° of longitude: it crosses the antimeridian uncut")


class Precision(BatchRule):
    """Coordinates have no more decimals than there is knowledge: seven are a centimetre (RFC 7946, 11.2); told once a file."""

    code = "CM136"
    repair = "precision"
    severity = Severity.NOTE
    hint = "Write fewer: six decimals are 10 cm; GDAL does so with -lco COORDINATE_PRECISION=6."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        shapes = batch.shapes
        if batch.root(0) is None or not len(shapes.xy):
            return ()
        for start in range(0, len(shapes.xy), _SLICE):
            fine = _fine(shapes.xy[start : start + _SLICE])
            count = int(np.count_nonzero(fine))
            if count and "first" not in memory:
                memory["first"] = batch.located(start + int(fine.argmax()))
            memory["count"] = memory.get("count", 0) + count
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterable[Place]:
        if memory.get("count"):
            some = f"{memory['count']} positions have" if memory["count"] > 1 else "a position has"
            yield replace(memory["first"], message=f"{some} more than {DECIMALS} decimals")


class UniqueFeatureIds(BatchRule):
    """No two features of a collection have the same "id" (RFC 7946, 3.2: it identifies a feature).

    On an atlas's layer every feature has a property "id" of its own, and a member "id" may be left out.
    """

    code = "CM137"
    severity = Severity.WARNING
    layer_severity = Severity.ERROR

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        if batch.layer is not None:
            yield from self._of_layer(batch)
            return
        seen: dict[Any, int] = memory.setdefault("seen", {})
        if batch.bare:
            return
        ids = {name: batch.first + row for row, name in enumerate(batch.ids) if name is not None}
        if len(ids) == batch.rows - batch.ids.count(None) and seen.keys().isdisjoint(ids):
            seen.update(ids)
            return
        for row, name in enumerate(batch.ids):
            if name is not None and seen.setdefault(name, batch.first + row) != batch.first + row:
                yield Place(f"the id {shown(name)} is that of feature {seen[name]} too", row=row, path=("id",))

    def _of_layer(self, batch: Batch) -> Iterable[Place]:
        seen: dict[Any, int] = {}
        for row, properties in enumerate(batch.properties):
            name = (properties or {}).get("id", batch.ids[row])
            if name is None:
                yield Place("has no id", row=row, path=("properties", "id"))
            elif seen.setdefault(repr(name), row) != row:
                yield Place(f"the id {shown(name)} is that of feature {seen[repr(name)]} too", row=row, path=("properties", "id"))


class IdentifierIsMember(BatchRule):
    """An identifier that features commonly have is their member "id" (RFC 7946, 3.2: SHOULD), not only a property; told once a file."""

    code = "CM139"
    severity = Severity.NOTE
    hint = 'Copy the property into the member "id"; GDAL does so with -lco ID_FIELD=id.'

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        if batch.root(0) is None or batch.bare or memory.get("no"):
            return ()
        values = memory.setdefault("values", set())
        for row, properties in enumerate(batch.properties):
            name = properties.get("id") if properties else None
            if batch.ids[row] is not None or name.__class__ not in {str, int} or name in values:
                memory["no"] = True
                values.clear()
                break
            values.add(name)
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterable[Place]:
        if not memory.get("no") and len(memory.get("values", ())) > 1:
            yield Place('every feature has a property "id" of its own, but no member "id"')


def _fine(xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which positions have more decimals than seven."""
    scaled = xy * 10.0**DECIMALS
    fine = (np.abs(scaled - np.rint(scaled)) > 1e-3) & (np.abs(xy) <= 360.0)
    either: NDArray[np.bool_] = fine[:, 0] | fine[:, 1]
    return either


def twice_areas(shapes: Shapes) -> NDArray[np.float64]:
    """Twice the area of each part in square degrees, positive if it runs counterclockwise; rough for tiny rings."""
    terms = shapes.xy[:, 0] * shapes.steps[:, 1] - shapes.xy[:, 1] * shapes.steps[:, 0]
    terms[np.isnan(terms)] = 0.0
    sums: NDArray[Any] = np.bincount(shapes.part_of, weights=terms, minlength=len(shapes.part_item))
    return sums


def _area(xy: NDArray[np.float64]) -> float:
    near = xy - xy[0]
    return float(np.sum(near[:-1, 0] * near[1:, 1] - near[1:, 0] * near[:-1, 1]))


def _leaps(x: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.abs(np.diff(x)) > 180.0


def _along_the_edge(xy: NDArray[np.float64]) -> bool:
    """Whether a step goes from one edge of the map to the other, as round a pole."""
    return bool((np.abs(xy[:, 0]) >= 180.0).all())


def _is_frame(xy: NDArray[np.float64]) -> bool:
    """Whether a ring is a rectangle of the map."""
    steps = np.diff(xy, axis=0)
    return len(xy) == 5 and bool((xy[0] == xy[-1]).all() and (steps == 0).any(axis=1).all())
