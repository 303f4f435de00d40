"""What callers name, ids, names in any language or points, as nodes of a network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, in_space
from corridormap.measure.inputs import read_input
from corridormap.measure.network.ends import tree_of
from corridormap.phrases import counted
from corridormap.search import ALSO, called, fold

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

MOST = 20
"""How many places that there are not a message names."""
FIND = "`corridormap find` looks for names in every language."
Place = Any
"""A node's id, its name in any language, a point of shapely or (lon, lat)."""


class Places:
    """The nodes that links end at, and how to find one.

    Parameters
    ----------
    nodes : GeoDataFrame
        All nodes by id; columns ``name_…`` are looked through.
    used : sequence of str
        Those that links of the network end at.
    by : str
        What the links are, for messages: `` by rail``, or nothing.
    """

    def __init__(self, nodes: GeoDataFrame, *, used: Sequence[str], by: str = "") -> None:
        self.nodes, self.by = nodes, by
        self.used = list(used)
        self._used = frozenset(used)

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        """The nodes of each name, as one types it."""
        return called({column: self.nodes[column] for column in self.nodes.columns if str(column).startswith("name_")}, of=self.nodes.index)

    @cached_property
    def _also(self) -> dict[str, list[str]]:
        """The nodes of each alternative name, and of each id in whatever case."""
        others = {ALSO: self.nodes[ALSO]} if ALSO in self.nodes else {}
        return called({**others, "id": map(str, self.nodes.index)}, of=self.nodes.index)

    @cached_property
    def _lonlat(self) -> NDArray[np.float64]:
        return np.asarray(shapely.get_coordinates(self.nodes.geometry.loc[self.used].to_numpy()))

    @cached_property
    def _tree(self) -> Any:
        return tree_of(self._lonlat)

    def find(self, place: Place) -> tuple[str, float]:
        """Find the node that a place is, and how far from it in kilometres: 0 unless it is a point.

        Raises
        ------
        UsageError
            If there is none, or several have the name.
        """
        point = as_point(place)
        if point is None:
            return self.named(place), 0.0
        nodes, km = self.nearest_to(read_input([point], what="the point").geometries)
        return nodes[0], float(km[0])

    def find_each(self, places: Sequence[Place]) -> list[tuple[str, float]]:
        """Find the nodes of several places.

        Raises
        ------
        UsageError
            Naming all that there are not.
        """
        found: list[tuple[str, float]] = []
        wrong: list[UsageError] = []
        for place in places:
            try:
                found.append(self.find(place))
            except UsageError as error:
                wrong.append(error)
        if len(wrong) > 1:
            told = [" – ".join(filter(None, (error.what, (error.hint or "").removesuffix(FIND).strip(" .")))) for error in wrong[:MOST]]
            more = [f"and {len(wrong) - MOST} more"] if len(wrong) > MOST else []
            raise UsageError(f"{counted(len(wrong), 'place')} are not found", hint="; ".join([*told, *more, FIND]))
        if wrong:
            raise wrong[0]
        return found

    def nearest_to(self, points: NDArray[np.object_]) -> tuple[list[str], NDArray[np.float64]]:
        """Find the nodes nearest to points (n,), as the crow flies, and how far they are in kilometres."""
        bad = (shapely.get_type_id(points) != shapely.GeometryType.POINT) | shapely.is_empty(points)
        if bad.any():
            row = int(bad.argmax())
            raise DataError("is no point", where=f"the points, row {row}", hint="Leave out rows without one; of areas take the centroid.")
        if not self.used:
            raise UsageError(f"nothing runs anywhere{self.by}", hint="All links are closed.")
        lonlat = np.asarray(shapely.get_coordinates(points))
        row = self._tree.query(in_space(lonlat))[1]
        return [self.used[place] for place in row], distances_m(lonlat, self._lonlat[row]) / 1000.0

    def named(self, place: object) -> str:
        """Find a node by its id or name."""
        if isinstance(place, Integral):
            place = str(place)
        if not isinstance(place, str):
            hint = "Name a node, by id or name, or give a point, (lon, lat)."
            raise UsageError(f"{place!r} is no place", hint=hint)
        if place in self._used:
            return place
        wanted = fold(place)
        named = self._names.get(wanted) or self._also.get(wanted, [])
        usable = [node for node in named if node in self._used]
        if len(usable) == 1:
            return usable[0]
        if usable:
            raise UsageError(f"{place!r} is the name of several places", hint="Name one of: " + ", ".join(map(str, usable)) + ".")
        near = self._like(wanted)
        if named or place in self.nodes.index:
            hint = f"Did you mean {near}?" if near else "Choose another mode or place."
            raise UsageError(f"nothing runs to {place!r}{self.by}", hint=hint)
        hint = f"Did you mean {near}? " if near else ""
        raise UsageError(f"no place {place!r} in the network", hint=f"{hint}{FIND}")

    def _like(self, wanted: str) -> str:
        """Name the places that are called so and something more, as the stations Almaty-1 and Almaty-2; or else one that is spelt alike."""
        from difflib import get_close_matches

        named = [(name, node) for name, nodes in self._names.items() for node in nodes if node in self._used]
        first = {node for name, node in named if name.partition(" ")[0] == wanted}
        found = [node for node in self.nodes.index if node in first]
        if not found:
            spelt = {**dict(named), **{node: node for node in self.used}}
            found = [spelt[name] for name in get_close_matches(wanted, spelt, n=1, cutoff=0.8)]
        return " or ".join(map(str, found[:5]))


def as_point(place: Place) -> Any:
    """Read a place that is a point of shapely or (lon, lat), in whole degrees only as a tuple; None if it is none."""
    if isinstance(place, shapely.Geometry):
        return place
    pair = isinstance(place, Sequence | np.ndarray) and not isinstance(place, str) and len(place) == 2
    if not pair or not all(isinstance(value, Real) and not isinstance(value, bool) for value in place):
        return None
    # A list of two whole numbers is two nodes.
    named = not isinstance(place, tuple) and all(isinstance(value, Integral) for value in place)
    return None if named else shapely.Point(float(place[0]), float(place[1]))


def several(places: Any) -> list[Any]:
    """Give places as a list, also one alone, or none."""
    import pandas as pd

    if places is None:
        return []
    return list(places) if pd.api.types.is_list_like(places) and as_point(places) is None else [places]


def label(place: Place) -> str:
    """Say what to call a place in tables: as it was named, or its longitude and latitude."""
    point = as_point(place)
    return str(place) if point is None else f"{point.x:.10g}, {point.y:.10g}"
