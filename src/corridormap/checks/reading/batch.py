"""Features as arrays: many at once, with the way back from a vertex to its place in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corridormap.checks.reading.survey import Path
    from corridormap.checks.rule import LayerSubject

POINT, LINE, _, POLYGON, MULTIPOINT, MULTILINE, MULTIPOLYGON = range(7)
"""Types of simple geometry, numbered as GEOS numbers them."""

TYPE_IDS = {
    "Point": POINT,
    "LineString": LINE,
    "Polygon": POLYGON,
    "MultiPoint": MULTIPOINT,
    "MultiLineString": MULTILINE,
    "MultiPolygon": MULTIPOLYGON,
}
TYPE_NAMES = {number: name for name, number in TYPE_IDS.items()}

_Of = TypeVar("_Of")
_Found = TypeVar("_Found")


def remembered(find: Callable[[_Of], _Found]) -> Callable[[_Of], _Found]:
    """Let a function find a thing about a batch, or about its shapes, once only; it is kept beside the data."""

    @wraps(find)
    def found(of: _Of) -> _Found:
        kept = vars(of)
        if find.__name__ not in kept:
            kept[find.__name__] = find(of)
        return kept[find.__name__]  # type: ignore[no-any-return]

    return found


@dataclass(frozen=True)
class Place:
    """What a rule found, and where within its batch.

    Attributes
    ----------
    message : str
        What is wrong.
    row : int or None
        The feature, by its position in the batch.
    path : tuple or None
        The place within the feature, as tokens of a JSON pointer; None if the format has none.
    at : tuple or None
        Longitude and latitude.
    index, feature : int, str
        The feature's position in the file and its id, where the row is no longer known.
    hint : str, optional
        In place of the rule's own.
    """

    message: str
    row: int | None = None
    path: Path | None = None
    at: tuple[float, float] | None = None
    hint: str | None = None
    index: int | None = None
    feature: str | None = None


@dataclass
class Shapes:
    """Simple geometries laid out flat.

    An item is a simple geometry, a part one run of positions in it: a point, all points of a multipoint, a line, a ring.

    Attributes
    ----------
    xy : array of float, shape (n, 2)
        All positions.
    z : array of float or None
        Their third numbers, NaN where there is none; None if none has one.
    starts : array of int
        Where each part begins in `xy`; one more at the end.
    part_item, part_polygon, part_ring : arrays of int
        For each part its item, which of the item's polygons it belongs to, and its number within that (0 for shells).
    item_type, item_row : arrays of int
        For each item its type and the feature it belongs to.
    item_path : dict
        The place within the feature of items that are not simply its "geometry".
    """

    xy: NDArray[np.float64]
    z: NDArray[np.float64] | None
    starts: NDArray[np.int64]
    part_item: NDArray[np.int64]
    part_polygon: NDArray[np.int64]
    part_ring: NDArray[np.int64]
    item_type: NDArray[np.int64]
    item_row: NDArray[np.int64]
    item_path: dict[int, Path] = field(default_factory=dict)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many positions each part has."""
        return np.diff(self.starts)

    @cached_property
    def part_type(self) -> NDArray[np.int64]:
        """The type of the item of each part."""
        return self.item_type[self.part_item]

    @cached_property
    def is_line(self) -> NDArray[np.bool_]:
        """Whether each part is a line."""
        lines: NDArray[np.bool_] = (self.part_type == LINE) | (self.part_type == MULTILINE)
        return lines

    @cached_property
    def is_ring(self) -> NDArray[np.bool_]:
        """Whether each part is a ring."""
        rings: NDArray[np.bool_] = (self.part_type == POLYGON) | (self.part_type == MULTIPOLYGON)
        return rings

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """Whether each part ends where it begins, heights included."""
        first, last = self.starts[:-1], np.maximum(self.starts[1:] - 1, 0)
        if not len(self.xy):
            return np.zeros(len(first), dtype=bool)
        first = np.minimum(first, len(self.xy) - 1)
        same: NDArray[np.bool_] = (self.xy[first] == self.xy[last]).all(axis=1)
        if self.z is not None:
            same &= (self.z[first] == self.z[last]) | (np.isnan(self.z[first]) & np.isnan(self.z[last]))
        return same

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Whether all numbers of each part are finite, as those of a text are, but not those of every format."""
        odd = ~np.isfinite(self.xy).all(axis=1)
        found = np.ones(len(self.part_item), dtype=bool)
        if odd.any():
            found[self.part_of[odd]] = False
        return found

    @cached_property
    def part_of(self) -> NDArray[np.int64]:
        """The part of each position."""
        return np.repeat(np.arange(len(self.part_item)), self.lengths)

    @cached_property
    def steps(self) -> NDArray[np.float64]:
        """The way from each position to the next; NaN where the next belongs to another part, or to a set of points."""
        steps = np.empty_like(self.xy)
        if len(steps):
            np.subtract(self.xy[1:], self.xy[:-1], out=steps[:-1])
            ends = self.starts[1:][self.lengths > 0] - 1
            steps[ends] = np.nan
            for part in (self.part_type == MULTIPOINT).nonzero()[0]:
                steps[self.starts[part] : self.starts[part + 1]] = np.nan
        return steps

    @cached_property
    def item_first_part(self) -> NDArray[np.int64]:
        """The first part of each item."""
        return np.searchsorted(self.part_item, np.arange(len(self.item_type)))

    def items_where(self, bad_parts: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which items have such a part."""
        found = np.zeros(len(self.item_type), dtype=bool)
        found[self.part_item[bad_parts]] = True
        return found

    def item_place(self, item: int) -> Path:
        """The place of an item within its feature."""
        return self.item_path.get(int(item), ("geometry",))

    def part_place(self, part: int) -> Path:
        """The place of a part within its feature."""
        item = int(self.part_item[part])
        kind = int(self.item_type[item])
        place = (*self.item_place(item), "coordinates")
        if kind == POLYGON:
            return (*place, int(self.part_ring[part]))
        if kind == MULTILINE:
            return (*place, int(part - self.item_first_part[item]))
        if kind == MULTIPOLYGON:
            return (*place, int(self.part_polygon[part]), int(self.part_ring[part]))
        return place

    def vertex(self, index: int) -> tuple[int, Path, tuple[float, float]]:
        """The feature, the place within it and the coordinates of a position."""
        part = int(np.searchsorted(self.starts, index, side="right")) - 1
        place = self.part_place(part)
        if self.part_type[part] != POINT:
            place = (*place, int(index - self.starts[part]))
        x, y = self.xy[index]
        return int(self.item_row[self.part_item[part]]), place, (float(x), float(y))

    def at_vertex(self, index: int, message: str) -> Place:
        """Say something of a position."""
        row, path, at = self.vertex(index)
        return Place(message, row=row, path=path, at=at)

    def at_part(self, part: int, message: str) -> Place:
        """Say something of a part, at its first position."""
        return Place(message, row=int(self.item_row[self.part_item[part]]), path=self.part_place(part), at=self.part_at(part))

    def part_at(self, part: int) -> tuple[float, float] | None:
        """The coordinates of the first position of a part."""
        if not self.lengths[part]:
            return None
        x, y = self.xy[self.starts[part]]
        return float(x), float(y)


Columns = dict[str, tuple[list[int], list[Any]]]
"""Properties by name: the features that have it, in order, and their values."""


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
    """Some consecutive features of a file.

    Attributes
    ----------
    first : int
        The position in the file of the first of them.
    ids, properties : list
        For each feature its id and its properties, or None.
    boxes : list
        Every bbox that is one: its feature, its place in that, its numbers.
    shapes : Shapes
        Their geometries.
    rows : int
        How many features these are.
    root : callable
        Gives the JSON pointer of a feature, by its position in the file.
    bare : bool
        Whether these are bare geometries, not features.
    layer : LayerSubject or None
        The layer of an atlas that these features are, all of them at once.
    """

    first: int
    ids: Sequence[Any]
    properties: Sequence[dict[str, Any] | None]
    boxes: list[tuple[int, Path, list[float]]]
    shapes: Shapes
    root: Callable[[int], Path | None] = lambda index: ("features", index)
    bare: bool = False
    layer: LayerSubject | None = None

    @property
    def rows(self) -> int:
        """How many features these are."""
        return len(self.ids)

    def values(self, name: str) -> list[Any] | None:
        """The values of a property, None where a feature has none; None if no feature has it."""
        if name not in self.columns:
            return None
        return [None if properties is None else properties.get(name) for properties in self.properties]

    @cached_property
    def columns(self) -> Columns:
        """The properties by name."""
        return columns(self.properties)

    def located(self, position: int) -> Place:
        """The place of a position, for what is told once a file."""
        row, path, at = self.shapes.vertex(position)
        root = self.root(self.first + row)
        return Place("", path=None if root is None else (*root, *path), at=at, index=self.first + row, feature=self.ids[row])

    def spot(self, row: int) -> tuple[float, float] | None:
        """Where on the ground a feature begins; None for one without a position on Earth."""
        items = np.flatnonzero(self.shapes.item_row == row)
        parts = np.flatnonzero(np.isin(self.shapes.part_item, items) & (self.shapes.lengths > 0)) if len(items) else items
        at = self.shapes.part_at(int(parts[0])) if len(parts) else None
        return at if at is not None and abs(at[0]) <= 180.0 and abs(at[1]) <= 90.0 else None

    @cached_property
    def geometries(self) -> NDArray[np.object_]:
        """Each item as a shapely geometry in two dimensions; None where its positions do not make one."""
        from corridormap.checks.reading.shapes import build

        return build(self.shapes)
