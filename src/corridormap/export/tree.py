"""What a QGIS project shows, and where it finds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.export.backdrop import Ground
    from corridormap.export.bundle import Bundle
    from corridormap.export.tables import Link, Table


@dataclass(frozen=True)
class Place:
    """Where a layer of the project stands.

    Parameters
    ----------
    source : str
        As QGIS's OGR provider wants it, relative to the project.
    first_columns : tuple of str
        Columns that the format puts before the layer's own.
    """

    source: str
    first_columns: tuple[str, ...] = ()


@dataclass
class Tree:
    """What a project shows, and where it finds it.

    Parameters
    ----------
    bundle : Bundle
        The layers.
    places : dict of str to Place
        Layer or table → where it stands.
    tables : list of Table
        Tables without geometry.
    links : list of Link
        Relations.
    grounds : list of Ground
        The background, topmost first.
    extras : dict of str to list of str
        Layer id → names of tables that stand under it, such as its features without a position.
    """

    bundle: Bundle
    places: dict[str, Place]
    tables: Sequence[Table] = ()
    links: Sequence[Link] = ()
    grounds: Sequence[Ground] = ()
    extras: dict[str, list[str]] = field(default_factory=dict)

    def layer_id(self, name: str) -> str:
        """Give the id of a layer or table within the project."""
        return "".join(char if char.isalnum() else "_" for char in f"{self.bundle.atlas.record.id}_{name}")
