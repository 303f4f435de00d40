"""From flat coordinates to shapely and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import LINE, MULTILINE, MULTIPOINT, MULTIPOLYGON, POINT, POLYGON, TYPE_IDS, Shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from corridormap.checks.reading.survey import Path


class Builder:
    """Collects geometries, one item after another, as lists; then makes arrays of them."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.part_item: list[int] = []
        self.part_polygon: list[int] = []
        self.part_ring: list[int] = []
        self.item_type: list[int] = []
        self.item_row: list[int] = []
        self.item_path: dict[int, Path] = {}
        self.coordinates: list[NDArray[np.float64]] = []
        self.flat = True

    def add(self, row: int, kind: int, polygons: Sequence[Sequence[int]], path: Path | None = None) -> None:
        """Add an item: for each of its polygons the lengths of its rings. All parts of anything else count as one polygon's."""
        item = len(self.item_type)
        self.item_type.append(kind)
        self.item_row.append(row)
        if path is not None:
            self.item_path[item] = path
        for number, rings in enumerate(polygons):
            count = len(rings)
            self.lengths += rings
            self.part_item += [item] * count
            self.part_polygon += [number] * count
            self.part_ring += range(count)

    def shapes(self) -> Shapes:
        """Everything added."""
        starts = np.zeros(len(self.lengths) + 1, dtype=np.int64)
        np.cumsum(self.lengths, out=starts[1:])
        blocks = self.coordinates
        total = sum(map(len, blocks))
        if self.flat:
            xy = blocks[0] if len(blocks) == 1 else np.concatenate(blocks) if blocks else np.empty((0, 2))
            z = None
        else:
            xy, z, at = np.empty((total, 2)), np.full(total, np.nan), 0
            for block in blocks:
                xy[at : at + len(block)] = block[:, :2]
                if block.shape[1] > 2:
                    z[at : at + len(block)] = block[:, 2]
                at += len(block)
        return Shapes(
            xy=xy,
            z=z,
            starts=starts,
            part_item=np.array(self.part_item, dtype=np.int64),
            part_polygon=np.array(self.part_polygon, dtype=np.int64),
            part_ring=np.array(self.part_ring, dtype=np.int64),
            item_type=np.array(self.item_type, dtype=np.int64),
            item_row=np.array(self.item_row, dtype=np.int64),
            item_path=self.item_path,
        )


def build(shapes: Shapes) -> NDArray[np.object_]:
    """Make shapely geometries of items; None for those whose parts are too short, open, not finite or none at all."""
    geometries = np.full(len(shapes.item_type), None, dtype=object)
    short = (
        ~shapes.finite
        | (shapes.lengths < 1)
        | (shapes.is_line & (shapes.lengths < 2))
        | (shapes.is_ring & ((shapes.lengths < 4) | ~shapes.closed))
    )
    whole = ~shapes.items_where(short)
    whole[np.bincount(shapes.part_item, minlength=len(whole)) == 0] = False
    for kind in (POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON):
        chosen = whole & (shapes.item_type == kind)
        if chosen.any():
            geometries[chosen] = _of_kind(shapes, kind, chosen)
    return geometries


def _of_kind(shapes: Shapes, kind: int, chosen: NDArray[np.bool_]) -> NDArray[np.object_]:
    import shapely

    all_parts = bool(chosen.all())
    parts = np.arange(len(shapes.part_item)) if all_parts else chosen[shapes.part_item].nonzero()[0]
    lengths = shapes.lengths[parts]
    xy = shapes.xy if all_parts else shapes.xy[np.repeat(chosen[shapes.part_item], shapes.lengths)]
    if kind == POINT:
        return np.asarray(shapely.points(xy), dtype=object)
    vertices = _offsets(lengths)
    items = shapes.part_item[parts]
    if kind in {LINE, MULTIPOINT}:
        return np.asarray(shapely.from_ragged_array(shapely.GeometryType(kind), xy, (vertices,)), dtype=object)
    if kind in {POLYGON, MULTILINE}:
        counts = _offsets(_runs(items))
        return np.asarray(shapely.from_ragged_array(shapely.GeometryType(kind), xy, (vertices, counts)), dtype=object)
    polygon_starts = (shapes.part_ring[parts] == 0).nonzero()[0]
    rings = np.append(polygon_starts, len(parts))
    polygons = _offsets(_runs(items[polygon_starts]))
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, xy, (vertices, rings, polygons)), dtype=object)


def _offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _runs(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How long each run of equal values is."""
    changes = np.flatnonzero(np.diff(values)) + 1
    return np.diff(np.concatenate([[0], changes, [len(values)]]))


def lay_out(geometries: NDArray[np.object_]) -> Shapes:
    """Lay out shapely geometries, one a feature; collections give an item for each simple geometry in them."""
    import shapely

    builder = Builder()
    order: list[Any] = []
    for row, geometry in enumerate(geometries):
        for simple in _simple(geometry):
            builder.add(row, int(shapely.get_type_id(simple)), _lengths(simple))
            order.append(simple)
    builder.flat = not shapely.has_z(order).any()
    builder.coordinates = [shapely.get_coordinates(order, include_z=not builder.flat)]
    return builder.shapes()


def _simple(geometry: Any) -> Iterator[Any]:
    """The geometries in one that are no collections."""
    if geometry is None or geometry.is_empty:
        return
    if geometry.geom_type == "GeometryCollection":
        for member in geometry.geoms:
            yield from _simple(member)
    elif geometry.geom_type in TYPE_IDS:
        yield geometry


def _lengths(geometry: Any) -> list[list[int]]:
    """How many positions the parts of each polygon have; all parts of anything else count as one polygon's."""
    from shapely import get_num_coordinates

    kind = TYPE_IDS[geometry.geom_type]
    if kind in {POLYGON, MULTIPOLYGON}:
        polygons = [geometry] if kind == POLYGON else geometry.geoms
        return [[int(get_num_coordinates(ring)) for ring in (polygon.exterior, *polygon.interiors)] for polygon in polygons]
    return [[int(get_num_coordinates(part)) for part in (geometry.geoms if kind == MULTILINE else [geometry])]]
