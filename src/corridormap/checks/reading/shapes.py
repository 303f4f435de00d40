"""From coordinates as Python or shapely has them to flat arrays, and back to shapely."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.reading.batch import LINE, MULTILINE, MULTIPOINT, MULTIPOLYGON, POINT, POLYGON, Shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corridormap.checks.reading.survey import Path

    Counts = Sequence[int] | NDArray[np.int64]

_flat = chain.from_iterable


def lifted(kind: str, coordinates: Any) -> Any:
    """Coordinates as those of a multipolygon are nested: a point is a run of one position, a run the one ring of a polygon, and so on."""
    if kind == "Point":
        return [[[coordinates]]]
    if kind in {"MultiPoint", "LineString"}:
        return [[coordinates]]
    return coordinates if kind == "MultiPolygon" else [coordinates]


class Builder:
    """Collects geometries, those of a type at a time, and makes arrays of them.

    Attributes
    ----------
    item_path : dict
        As in `Shapes`.
    """

    def __init__(self) -> None:
        self.items = 0
        self.item_path: dict[int, Path] = {}
        self._blocks: list[tuple[NDArray[Any], ...]] = []

    def add(self, kind: int, rows: list[int], polygons: list[Any], *, least: int = 1, path: Path | None = None) -> bool:
        """Add an item for each of these features, its coordinates lifted; all positions have two numbers, or all three.

        Returns
        -------
        bool
            False, and nothing was added, if an item has no polygons, a polygon no rings, or a ring fewer than the least positions.
        """
        rings_of = list(map(len, _flat(polygons)))
        rings = list(_flat(_flat(polygons)))
        lengths = list(map(len, rings))
        if not all(polygons) or not all(rings_of) or min(lengths) < least:
            return False
        width = len(rings[0][0])
        values = np.fromiter(_flat(_flat(rings)), dtype=np.float64, count=width * sum(lengths))
        if path is not None:
            self.item_path[self.items] = path
        self.append(kind, rows, values.reshape(-1, width), [lengths, rings_of, list(map(len, polygons))])
        return True

    def append(self, kind: int, rows: Sequence[int], values: NDArray[np.float64], counts: Sequence[Counts]) -> None:
        """Add an item for each of these features: all their positions, and how many positions, rings and polygons make up the next."""
        lengths, rings_of, polygons_of = (np.asarray(count, dtype=np.int64) for count in counts)
        polygon_item = np.repeat(np.arange(len(rows)), polygons_of)
        self._blocks.append(
            (
                values,
                lengths,
                self.items + np.repeat(polygon_item, rings_of),
                np.repeat(_numbered(polygons_of), rings_of),
                _numbered(rings_of),
                np.full(len(rows), kind),
                np.asarray(rows, dtype=np.int64),
            )
        )
        self.items += len(rows)

    def shapes(self) -> Shapes:
        """Everything added."""
        values, *integers = zip(*self._blocks, strict=True) if self._blocks else ([],) * 7
        high = any(block.shape[1] > 2 for block in values)
        xy = np.concatenate([np.empty((0, 2)), *(block[:, :2] for block in values)]) if len(values) != 1 else values[0][:, :2]
        lengths, items, polygons, rings, kinds, rows = (np.concatenate([np.empty(0, dtype=np.int64), *blocks]) for blocks in integers)
        z = np.concatenate([block[:, 2] if block.shape[1] > 2 else np.full(len(block), np.nan) for block in values]) if high else None
        return Shapes(np.ascontiguousarray(xy), z, _offsets(lengths), items, polygons, rings, kinds, rows, self.item_path)


def _numbered(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, … for each of so many together."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


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
    rows = np.arange(len(geometries))
    while (nested := shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        members, owner = shapely.get_parts(geometries[nested], return_index=True)
        rows = np.concatenate([rows[~nested], rows[nested][owner]])
        geometries = np.concatenate([geometries[~nested], members])
    rows = np.where(shapely.is_missing(geometries) | shapely.is_empty(geometries), -1, rows)
    for kind in (POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON):
        chosen = (shapely.get_type_id(geometries) == kind) & (rows >= 0)
        if chosen.any():
            high = bool(shapely.has_z(geometries[chosen]).any())
            _, values, offsets = shapely.to_ragged_array(geometries[chosen], include_z=high)
            one = np.ones(np.count_nonzero(chosen), dtype=np.int64)
            builder.append(kind, rows[chosen], values, [*map(np.diff, offsets), one, one, one][:3])
    return builder.shapes()
