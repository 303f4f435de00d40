"""Hold features as arrays, many at once, and find the place in the file of a vertex."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from corridormap.checks.reading.shapes import Shapes, build

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.checks.reading.tokens import Path
    from corridormap.model import Layer

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

    def located(self, position: int) -> Place:
        """Make a place of a position that still holds when this batch is gone: the feature is named by its index and id."""
        row, path, at = self.shapes.vertex(position)
        root, index = self.root(self.first + row), self.first + row
        return Place("", path=None if root is None else (*root, *path), at=at, index=index, feature=self.ids[row])

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
