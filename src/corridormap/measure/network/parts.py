"""What a network consists of, and what all its answers share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.errors import UsageError
from corridormap.measure.inputs import read_input
from corridormap.measure.network.graph import Graph
from corridormap.measure.network.lines import OWN
from corridormap.measure.network.places import Places, label, several
from corridormap.measure.network.weights import DEFAULT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.measure.network.lines import Lines
    from corridormap.measure.network.weights import Weighting

ROUTE_METHOD = "shortest way over the atlas's network by geodesic length on WGS 84 (Dijkstra); only what the atlas holds can be travelled"


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
