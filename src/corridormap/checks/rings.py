"""CM119, CM120, CM129, CM137, CM139: rings, the antimeridian and ids (RFC 7946, 3.1.6, 3.1.9, 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import Place, remembered
from corridormap.checks.reading.survey import shown
from corridormap.checks.rule import BatchRule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Batch
    from corridormap.checks.reading.shapes import Shapes


class RingClosed(BatchRule):
    """A linear ring is closed: its last position equals its first, height included (RFC 7946, 3.1.6: MUST)."""

    code = "CM119"
    repair = "closing"
    hint = "Repeat the first position at the end."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        shapes = batch.shapes
        for part in (shapes.is_ring & ~shapes.closed).nonzero()[0].tolist():
            x, y = shapes.positions(part)[-1].tolist()
            yield batch.at_part(part, "the ring is not closed", (x, y))


class RightHand(BatchRule):
    """A linear ring follows the right-hand rule: shells run counterclockwise, holes clockwise (RFC 7946, 3.1.6).

    A warning, since readers SHOULD NOT refuse polygons for it.
    """

    code = "CM120"
    repair = "winding"
    severity = Severity.WARNING
    hint = "Reverse the ring; shapely.orient_polygons and ogr2ogr -lco RFC7946=YES do so."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        shapes = batch.shapes
        if not shapes.is_ring.any():
            return
        hole, twice = shapes.part_ring > 0, twice_areas(shapes)
        wrong = shapes.is_ring & shapes.closed & np.where(hole, twice > 0, twice < 0)
        wrong[shapes.part_of[_leaps(shapes)]] = False
        for part in wrong.nonzero()[0].tolist():
            way = "a hole runs counterclockwise" if hole[part] else "a shell runs clockwise"
            yield batch.at_part(part, f"{way}, against the right-hand rule")


class Antimeridian(BatchRule):
    """A geometry that crosses the antimeridian is cut there in two (RFC 7946, 3.1.9: SHOULD), so that no line leaps round the world."""

    code = "CM129"
    severity = Severity.WARNING
    hint = "Cut it at 180°, or write an edge of more than half the world with vertices between."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        shapes = batch.shapes
        leaps = _leaps(shapes)
        step, x = np.abs(shapes.steps[leaps, 0]), np.abs(shapes.xy[:, 0])
        # Not from one edge of the map to the other, as round a pole.
        leaps = leaps[(step <= 540.0) & ((x[leaps] < 180.0) | (x[leaps + 1] < 180.0))]
        parts, firsts = np.unique(shapes.part_of[leaps], return_index=True)
        for part, index in zip(parts.tolist(), leaps[firsts].tolist(), strict=True):
            if not _is_frame(shapes.positions(part)):
                leap = abs(shapes.steps[index, 0])
                yield batch.at_vertex(index, f"leaps {leap:.0f}° of longitude: it crosses the antimeridian uncut")


class UniqueFeatureIds(BatchRule):
    """No two features of a collection have the same "id" (RFC 7946, 3.2: it identifies a feature).

    On an atlas's layer every feature has a property "id" of its own, and a member "id" may be left out.
    """

    code = "CM137"
    severity = Severity.WARNING
    layer_severity = Severity.ERROR

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        seen: dict[Any, int] = memory.setdefault("seen", {})
        layer = batch.layer is not None
        if batch.bare and not layer:
            return
        path = ("properties", "id") if layer else ("id",)
        for row, own in enumerate(batch.ids):
            name = (batch.properties[row] or {}).get("id", own) if layer else own
            index = batch.first + row
            if name is None and layer:
                yield Place("has no id", row=row, path=path)
            elif name is not None and (first := seen.setdefault(repr(name) if layer else name, index)) != index:
                yield Place(f"the id {shown(name)} is that of feature {first} too", row=row, path=path)


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


@remembered
def twice_areas(shapes: Shapes) -> NDArray[np.float64]:
    """Twice the area of each part in square degrees, positive if it runs counterclockwise."""
    near = shapes.xy - shapes.xy[shapes.starts[shapes.part_of]]
    # Nought where a part ends, as the next begins at its own first position.
    terms = near[:-1, 0] * near[1:, 1] - near[1:, 0] * near[:-1, 1]
    sums: NDArray[Any] = np.bincount(shapes.part_of[:-1], terms, len(shapes.part_item))
    return sums


def _leaps(shapes: Shapes) -> NDArray[np.int64]:
    """The positions from which a line or ring leaps more than half round the world."""
    return np.flatnonzero(np.abs(shapes.steps[:, 0]) > 180.0)


def _is_frame(xy: NDArray[np.float64]) -> bool:
    """Whether a ring is a rectangle of the map."""
    steps = np.diff(xy, axis=0)
    return len(xy) == 5 and bool((xy[0] == xy[-1]).all() and (steps == 0).any(axis=1).all())
