"""What a network consists of, and what all its answers share; what callers name (ids, names, points) as nodes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, in_space
from corridormap.measure.inputs import read_input
from corridormap.measure.network.ends import tree_of
from corridormap.measure.network.graph import Graph
from corridormap.measure.network.lines import OWN
from corridormap.measure.network.weights import DEFAULT
from corridormap.phrases import counted
from corridormap.search import ALSO, called, fold

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.measure.network.lines import Lines
    from corridormap.measure.network.weights import Weighting

ROUTE_METHOD = "shortest way over the atlas's network by geodesic length on WGS 84 (Dijkstra); only what the atlas holds can be travelled"
MOST = 20
"""How many places that there are not a message names."""
FIND = "`corridormap find` looks for names in every language."
Place = Any
"""A node's id, its name in any language, a point of shapely or (lon, lat)."""


class Parts:
    """Links and nodes, how they are weighed, the graph they make, and the places on it.

    Parameters
    ----------
    lines : Lines
        The links and nodes.
    weighting : Weighting
        How they are weighed.
    atlas : Atlas or None
        Whose they are.
    by_mode : str
        What they are, for messages: `` by rail``, or nothing.
    """

    def __init__(self, lines: Lines, weighting: Weighting, atlas: Atlas | None, by_mode: str) -> None:
        self.atlas, self.lines, self.weighting, self.by_mode = atlas, lines, weighting, by_mode
        links = lines.links
        self.ids = links.index.to_numpy(dtype=object)
        self.shapes = links.geometry.to_numpy()
        cut = links.get("cut_from")
        self.wholes = self.ids if cut is None else np.where(cut.notna(), cut, self.ids)
        """The ids of the links as they were before they were cut."""
        self.told = {column: links[column].to_numpy(dtype=object) for column in OWN}
        used, ends = np.unique(np.concatenate([self.told["from"], self.told["to"]]), return_inverse=True)
        self.places = Places(lines.nodes, used=used.tolist(), by=by_mode)
        self.code = {node: code for code, node in enumerate(used.tolist())}
        for extra in (weighting.transfer, weighting.border):
            for node in extra if isinstance(extra, Mapping) else ():
                if node != DEFAULT and node not in lines.nodes.index:
                    raise UsageError(f"no node {node!r}", hint="What changes weigh is told by the ids of nodes.")
        self.crossings = frozenset(lines.nodes.index[lines.nodes["kind"] == "crossing"])
        kinds = list(zip(self.told["mode"], self.told["country"], strict=True))
        self._changes = "modes change only at a common node or by a link of mode transfer" if links["mode"].nunique() > 1 else ""
        groups = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
        told = list(groups)
        self.graph = Graph(
            start=ends[: len(links)],
            end=ends[len(links) :],
            weight=weighting.of_links(links, lines.km),
            order=np.argsort(np.argsort(self.ids.astype(str), kind="stable"), kind="stable"),
            nodes=len(used),
            group=np.array([groups[kind] for kind in kinds], dtype=np.int64) if weighting.has_extras else None,
            change=lambda node, one, other: weighting.between(used[node], told[one], told[other]),
        )

    @property
    def unit(self) -> str:
        """What the weight is called in columns."""
        return self.weighting.unit

    @property
    def method(self) -> str:
        """How ways are found."""
        if self.weighting.is_length and self.atlas is not None:
            return ROUTE_METHOD
        by = "geodesic length on WGS 84" if self.weighting.is_length else self.unit
        return f"way of least {by} over the network (Dijkstra)"

    def note(self, *more: str) -> str:
        """Say what the network does not hold, and more."""
        return "; ".join(filter(None, [*self.lines.notes, "links go both ways", self._changes, *more]))

    def between(self, here: list[str], there: list[str]) -> NDArray[np.float64]:
        """Weigh the ways between nodes, each node looked at once; infinite where none leads."""
        codes = [np.unique(np.array([self.code[node] for node in nodes], dtype=np.int64), return_inverse=True) for nodes in (here, there)]
        (one, row), (other, column) = codes
        values = self.graph.distances(self.graph.source[one], self.graph.sink[other])
        values[one[:, None] == other[None, :]] = 0.0
        return values[np.ix_(row, column)]

    def node_of_any(self, place: object) -> str:
        """Find a node by its id or name, first among those that links end at."""
        try:
            return self.places.named(place)
        except UsageError:
            return Places(self.lines.nodes, used=self.lines.nodes.index.tolist()).named(place)

    def stops(self, places: object) -> tuple[list[Any], list[str], float]:
        """Read several places: what to call them, their nodes, and how far the farthest point is from its own."""
        import geopandas as gpd

        if isinstance(places, gpd.GeoDataFrame | gpd.GeoSeries):
            read = read_input(places, what="the points")
            nodes, km = self.places.nearest_to(read.geometries)
            return list(read.index), nodes, float(km.max(initial=0.0))
        listed = several(places)
        if not listed:
            raise UsageError("no place to go from or to", hint="Name one or more.")
        found = self.places.find_each(listed)
        return [label(place) for place in listed], [node for node, _ in found], max(km for _, km in found)


def off(*km: float) -> str:
    """Say how far points lie from their nodes."""
    return f"points lie up to {max(km):.3f} km from the node taken for them, which nothing counts" if max(km, default=0.0) > 0 else ""


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
