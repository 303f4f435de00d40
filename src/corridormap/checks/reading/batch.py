"""Hold features as arrays, many at once: their geometries laid out flat, their properties, and the places of both in the file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.checks.reading.text import Path
    from corridormap.model import Layer

    Counts = Sequence[int] | NDArray[np.int64]

TYPE_NAMES = {0: "Point", 1: "LineString", 3: "Polygon", 4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon"}
"""Types of simple geometry, numbered as GEOS numbers them."""
TYPE_IDS = {name: number for number, name in TYPE_NAMES.items()}
POINT, LINE, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON = TYPE_NAMES
DEPTHS = {POINT: 0, LINE: 1, POLYGON: 2, MULTIPOINT: 1, MULTILINE: 2, MULTIPOLYGON: 3}
"""How many arrays stand around the positions of a type: that many of the counts of positions, rings and polygons tell its parts."""
LEAST = {"LineString": 2, "MultiLineString": 2, "Polygon": 4, "MultiPolygon": 4}
"""How many positions a line or ring has at least (RFC 7946, 3.1.4 and 3.1.6)."""

_flat = chain.from_iterable


@dataclass
class Shapes:
    """Simple geometries laid out flat.

    An item is a simple geometry, a part one run of positions in it: a point, all points of a multipoint, a line, a ring.
    """

    xy: NDArray[np.float64]
    """All positions."""
    z: NDArray[np.float64] | None
    """Their third numbers, NaN where there is none; None if none has one."""
    starts: NDArray[np.int64]
    """Where each part begins in `xy`; one more at the end."""
    part_item: NDArray[np.int64]
    part_polygon: NDArray[np.int64]
    part_ring: NDArray[np.int64]
    """For each part its item, which of the item's polygons it belongs to, and its number within that (0 for shells, and first lines)."""
    item_type: NDArray[np.int64]
    item_row: NDArray[np.int64]
    """For each item its type and the feature it belongs to."""
    item_path: dict[int, Path] = field(default_factory=dict)
    """The place within the feature of items that are not simply its "geometry"."""

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many positions each part has."""
        return np.diff(self.starts)

    @cached_property
    def part_of(self) -> NDArray[np.int64]:
        """The part of each position."""
        return np.repeat(np.arange(len(self.part_item)), self.lengths)

    @cached_property
    def part_type(self) -> NDArray[np.int64]:
        """The type of the item of each part."""
        return self.item_type[self.part_item]

    @cached_property
    def part_row(self) -> NDArray[np.int64]:
        """The feature of each part."""
        return self.item_row[self.part_item]

    def firsts(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Pick of some positions, in their order, the first in each feature."""
        _, first = np.unique(self.part_row[self.part_of[positions]], return_index=True)
        return positions[first]

    @cached_property
    def is_line(self) -> NDArray[np.bool_]:
        """Whether each part is a line."""
        return np.isin(self.part_type, [LINE, MULTILINE])

    @cached_property
    def is_ring(self) -> NDArray[np.bool_]:
        """Whether each part is a ring."""
        return np.isin(self.part_type, [POLYGON, MULTIPOLYGON])

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """Whether each part ends where it begins, heights included."""
        if not len(self.xy):
            return np.zeros(len(self.part_item), dtype=bool)
        first, last = np.minimum(self.starts[:-1], len(self.xy) - 1), np.maximum(self.starts[1:] - 1, 0)
        same: NDArray[np.bool_] = (self.xy[first] == self.xy[last]).all(axis=1)
        if self.z is not None:
            same &= (self.z[first] == self.z[last]) | (np.isnan(self.z[first]) & np.isnan(self.z[last]))
        return same

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Whether all numbers of each part are finite, as those of a text are, but not those of every format."""
        found = np.ones(len(self.part_item), dtype=bool)
        found[self.part_of[~np.isfinite(self.xy).all(axis=1)]] = False
        return found

    @cached_property
    def steps(self) -> NDArray[np.float64]:
        """The way from each position to the next; NaN where the next belongs to another part, or to a set of points."""
        steps: NDArray[np.float64] = np.diff(self.xy, axis=0, append=np.nan)
        steps[self.starts[1:][self.lengths > 0] - 1] = np.nan
        for part in (self.part_type == MULTIPOINT).nonzero()[0]:
            steps[self.starts[part] : self.starts[part + 1]] = np.nan
        return steps

    @cached_property
    def item_first_part(self) -> NDArray[np.int64]:
        """The first part of each item."""
        return np.searchsorted(self.part_item, np.arange(len(self.item_type)))

    def items_where(self, parts: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell which items have such a part."""
        found = np.zeros(len(self.item_type), dtype=bool)
        found[self.part_item[parts]] = True
        return found

    def positions(self, part: int) -> NDArray[np.float64]:
        """Give the positions of a part."""
        return self.xy[self.starts[part] : self.starts[part + 1]]

    def item_place(self, item: int) -> Path:
        """Give the place of an item within its feature."""
        return self.item_path.get(int(item), ("geometry",))

    def part_place(self, part: int) -> Path:
        """Give the place of a part within its feature."""
        numbers = (int(self.part_polygon[part]), int(self.part_ring[part]))
        return (*self.item_place(self.part_item[part]), "coordinates", *numbers[3 - DEPTHS[int(self.part_type[part])] :])

    def part_at(self, part: int) -> tuple[float, float] | None:
        """Give the coordinates of the first position of a part; None if it has none."""
        return self.vertex(int(self.starts[part]))[2] if self.lengths[part] else None

    def vertex(self, index: int) -> tuple[int, Path, tuple[float, float]]:
        """Give the feature, the place within it and the coordinates of a position."""
        part = int(self.starts.searchsorted(index, side="right")) - 1
        place = self.part_place(part)
        if self.part_type[part] != POINT:
            place = (*place, int(index - self.starts[part]))
        x, y = self.xy[index].tolist()
        return int(self.part_row[part]), place, (x, y)


def lifted(kind: str, coordinates: Any) -> Any:
    """Nest coordinates as those of a multipolygon: a point is a run of one position, a run the one ring of a polygon, and so on."""
    for _ in range(3 - DEPTHS[TYPE_IDS[kind]]):
        coordinates = [coordinates]
    return coordinates


class Builder:
    """Collects geometries, those of a type at a time, and makes arrays of them."""

    def __init__(self) -> None:
        self.items = 0
        self.item_path: dict[int, Path] = {}
        self._blocks: list[tuple[NDArray[Any], ...]] = []

    def add(self, kind: int, rows: list[int], polygons: list[Any], *, least: int = 1, path: Path | None = None) -> bool:
        """Add an item for each of these features, its coordinates lifted; all positions have two numbers, or all three.

        Not so, and it returns False, if an item has no polygons, a polygon no rings, or a ring fewer than the least positions.
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
        items = np.repeat(np.arange(self.items, self.items + len(rows)), polygons_of)
        parts = (np.repeat(items, rings_of), np.repeat(numbered(polygons_of), rings_of), numbered(rings_of))
        self._blocks.append((values, lengths, *parts, np.full(len(rows), kind), np.asarray(rows, dtype=np.int64)))
        self.items += len(rows)

    def shapes(self) -> Shapes:
        """Join everything that was added into arrays."""
        values, *integers = zip(*self._blocks, strict=True) if self._blocks else ([],) * 7
        xy = np.concatenate([np.empty((0, 2)), *(block[:, :2] for block in values)]) if len(values) != 1 else values[0][:, :2]
        lengths, items, polygons, rings, kinds, rows = (np.concatenate([np.empty(0, dtype=np.int64), *blocks]) for blocks in integers)
        z = None
        if any(block.shape[1] > 2 for block in values):
            z = np.concatenate([block[:, 2] if block.shape[1] > 2 else np.full(len(block), np.nan) for block in values])
        # Column by column, as most rules look at them.
        return Shapes(np.asfortranarray(xy), z, _offsets(lengths), items, polygons, rings, kinds, rows, self.item_path)


def numbered(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the members of each group from 0, given how many there are in each."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)])


def build(shapes: Shapes) -> NDArray[np.object_]:
    """Make shapely geometries of items; None for those whose parts are too short, open, not finite or none at all."""
    import shapely

    geometries = np.full(len(shapes.item_type), None, dtype=object)
    least = 1 + shapes.is_line + 3 * shapes.is_ring
    whole = ~shapes.items_where(~shapes.finite | (shapes.lengths < least) | (shapes.is_ring & ~shapes.closed))
    whole &= shapes.items_where(shapes.lengths > 0)
    for kind, depth in DEPTHS.items():
        chosen = whole & (shapes.item_type == kind)
        parts = chosen[shapes.part_item]
        if parts.any():
            xy = np.ascontiguousarray(shapes.xy if parts.all() else shapes.xy[np.repeat(parts, shapes.lengths)])
            items, first = shapes.part_item[parts], np.flatnonzero(shapes.part_ring[parts] == 0)
            counts = [shapes.lengths[parts], np.diff(first, append=len(items)), np.unique(items[first], return_counts=True)[1]]
            geometries[chosen] = shapely.from_ragged_array(shapely.GeometryType(kind), xy, tuple(map(_offsets, counts[:depth])))
    return geometries


def lay_out(geometries: NDArray[np.object_]) -> Shapes:
    """Lay out shapely geometries, one a feature; collections give an item for each simple geometry in them."""
    import shapely

    builder = Builder()
    rows = np.arange(len(geometries))
    while (nested := shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION).any():
        members, owner = shapely.get_parts(geometries[nested], return_index=True)
        rows = np.concatenate([rows[~nested], rows[nested][owner]])
        geometries = np.concatenate([geometries[~nested], members])
    there = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    for kind in DEPTHS:
        chosen = (shapely.get_type_id(geometries) == kind) & there
        if chosen.any():
            high = bool(shapely.has_z(geometries[chosen]).any())
            _, values, offsets = shapely.to_ragged_array(geometries[chosen], include_z=high)
            one = np.ones(np.count_nonzero(chosen), dtype=np.int64)
            builder.append(kind, rows[chosen], values, [*map(np.diff, offsets), one, one, one][:3])
    return builder.shapes()


_Of = TypeVar("_Of")
_Found = TypeVar("_Found")


def remembered(find: Callable[[_Of], _Found]) -> Callable[[_Of], _Found]:
    """Keep what a function finds about a batch, or about its shapes, beside the data, so that it is found only once."""

    @wraps(find)
    def found(of: _Of) -> _Found:
        kept = vars(of)
        if find.__name__ not in kept:
            kept[find.__name__] = find(of)
        return kept[find.__name__]  # type: ignore[no-any-return]

    return found


@dataclass(frozen=True)
class LayerSubject:
    """A layer of an atlas under check: what its file is held against."""

    atlas: Atlas
    record: Layer


@dataclass(frozen=True)
class Place:
    """What a rule found, and where within its batch."""

    message: str
    """What is wrong."""
    row: int | None = None
    """The feature, by its position in the batch."""
    path: Path | None = None
    """The place within the feature, as tokens of a JSON pointer; None if the format has none."""
    at: tuple[float, float] | None = None
    """Longitude and latitude."""
    hint: str | None = None
    """In place of the rule's own."""
    index: int | None = None
    feature: str | None = None
    """The feature's position in the file and its id, where the row is no longer known."""


Columns = dict[str, tuple[list[int], list[Any]]]
"""Properties by name: the features that have the property, in order, and their values."""


def columns(properties: Sequence[dict[str, Any] | None]) -> Columns:
    """Turn the properties of features into columns."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for row, own in enumerate(properties):
        if own:
            alike.setdefault(tuple(own), []).append(row)
    found: Columns = {}
    for names, rows in alike.items():
        for name, column in zip(names, zip(*(properties[row].values() for row in rows), strict=True), strict=True):  # type: ignore[union-attr]
            owners, values = found.setdefault(name, ([], []))
            owners += rows
            values += column
    if len(alike) > 1:
        for name, (owners, values) in found.items():
            order = sorted(range(len(owners)), key=owners.__getitem__)
            found[name] = [owners[place] for place in order], [values[place] for place in order]
    return found


@dataclass
class Batch:
    """Some consecutive features of a file."""

    first: int
    """The position in the file of the first of them."""
    ids: Sequence[Any]
    properties: Sequence[dict[str, Any] | None]
    """For each feature its id and its properties, or None."""
    boxes: list[tuple[int, Path, list[float]]]
    """Every bbox that is one: its feature, its place in that, its numbers."""
    shapes: Shapes
    """Their geometries."""
    root: Callable[[int], Path | None] = lambda index: ("features", index)
    """Gives the JSON pointer of a feature, by its position in the file."""
    bare: bool = False
    """Whether these are bare geometries, not features."""
    layer: LayerSubject | None = None
    """The layer of an atlas that these features are, all of them at once."""

    @property
    def rows(self) -> int:
        """How many features these are."""
        return len(self.ids)

    def forget(self) -> None:
        """Forget what was found about the shapes, once all rules have looked at them: of a large file it is more than these themselves."""
        self.shapes = replace(self.shapes)
        vars(self).pop("geometries", None)

    def values(self, name: str) -> list[Any] | None:
        """Give the values of a property, None where a feature has none; None if no feature has it."""
        if name not in self.columns:
            return None
        return [None if properties is None else properties.get(name) for properties in self.properties]

    @cached_property
    def columns(self) -> Columns:
        """The properties by name."""
        return columns(self.properties)

    def at_vertex(self, index: int, message: str) -> Place:
        """Make a place of a position, with a message."""
        row, path, at = self.shapes.vertex(index)
        return Place(message, row=row, path=path, at=at)

    def at_part(self, part: int, message: str, at: tuple[float, float] | None = None) -> Place:
        """Make a place of a part, at its first position or another one, with a message."""
        shapes = self.shapes
        return Place(message, row=int(shapes.part_row[part]), path=shapes.part_place(part), at=at or shapes.part_at(part))

    def at_item(self, item: int, message: str, at: tuple[float, float] | None) -> Place:
        """Make a place of an item, with a message."""
        return Place(message, row=int(self.shapes.item_row[item]), path=self.shapes.item_place(item), at=at)

    def lasting(self, place: Place) -> Place:
        """Let a place in a feature hold when this batch is gone: it names the feature by index and id, and begins at the file's root."""
        row = place.row
        if row is None:
            return place
        index, root = self.first + row, self.root(self.first + row)
        path = None if root is None or place.path is None else (*root, *place.path)
        return replace(place, row=None, path=path, index=index, feature=self.ids[row])

    def spot(self, row: int) -> tuple[float, float] | None:
        """Find where on the ground a feature begins; None for one without a position on Earth."""
        shapes = self.shapes
        parts = np.flatnonzero((shapes.part_row == row) & (shapes.lengths > 0))
        at = shapes.part_at(int(parts[0])) if len(parts) else None
        return at if at is not None and abs(at[0]) <= 180.0 and abs(at[1]) <= 90.0 else None

    @cached_property
    def geometries(self) -> NDArray[np.object_]:
        """Each item as a shapely geometry in two dimensions; None where its positions do not make one."""
        return build(self.shapes)
