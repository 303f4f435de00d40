"""The shortest way over links between places, where the facts name only these; what they leave open is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corridormap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geopandas import GeoDataFrame, GeoSeries

AMBIGUOUS_PERCENT = 10.0
"""Another way that is longer by no more than this, measured where the two differ, is about as long."""


def graph_of(links: GeoDataFrame, *, km: Iterable[float]) -> Any:
    """Give nodes and links as a graph of networkx, each link under its id, with its length."""
    import networkx as nx

    graph: Any = nx.MultiGraph()
    for link, one, other, length in zip(links.index, links["from"], links["to"], km, strict=True):
        graph.add_edge(one, other, key=link, km=float(length))
    return graph


def way_through(graph: Any, *, places: Sequence[str], points: GeoSeries, mode: str, reverses_at: Sequence[str]) -> list[str]:
    """Find the nodes of the shortest way from the first of the places to the last through those between, in order.

    Parameters
    ----------
    graph
        The links that may be used, as `graph_of` gives them.
    places : sequence of str
        Nodes; two or more.
    points : GeoSeries
        All nodes by id, EPSG:4326.
    mode : str
        What messages call the links.
    reverses_at : sequence of str
        Where the way may go back as it came.

    Raises
    ------
    DataError
        If two places are not joined, if another way between them is about as long (`AMBIGUOUS_PERCENT`), or if a node would be passed twice
        without a reversal between.
    """
    nodes = [places[0]]
    for start, end in pairwise(places):
        leg = _leg(graph, start, end, points=points, mode=mode)
        _check_rival(graph, leg, mode=mode)
        nodes += leg[1:]
    last: dict[str, int] = {}
    for place, node in enumerate(nodes):
        between = nodes[last.get(node, place) + 1 : place]
        if node in last and not set(between) & set(reverses_at):
            via = next((one for one in between if one in places), between[0] if between else node)
            hint = f"Mend the order of `via`; if the way really reverses at {via!r}, name that in `reverses_at`."
            raise DataError(f"passes {node!r} twice, before and after {via!r}", hint=hint)
        last[node] = place
    return nodes


def _leg(graph: Any, start: str, end: str, *, points: GeoSeries, mode: str) -> list[str]:
    import networkx as nx

    try:
        leg: list[str] = nx.shortest_path(graph, start, end, weight="km")
    except nx.NodeNotFound:
        lost = start if start not in graph else end
        hint = f"Give it a {mode} link in network/links.geojson; one that is only planned serves a planned itinerary alone."
        raise DataError(f"no {mode} link ends at {lost!r}", hint=hint) from None
    except nx.NetworkXNoPath:
        one, other, km = _gap(graph, start, end, points)
        what = f"no {mode} way joins {start!r} and {end!r}: they come nearest at {one!r} and {other!r}, {km:.1f} km apart"
        raise DataError(what, hint="Add the link that is missing to network/links.geojson.") from None
    return leg


def _gap(graph: Any, start: str, end: str, points: GeoSeries) -> tuple[str, str, float]:
    """Find the two nodes at which the parts of the network about two places come nearest to each other."""
    import networkx as nx
    from scipy.spatial import KDTree
    from shapely import get_coordinates

    from corridormap.geodesic import distances_m, in_space

    sides = [sorted(nx.node_connected_component(graph, place)) for place in (start, end)]
    here, there = (get_coordinates(points.loc[side].to_numpy()) for side in sides)
    metres, row = KDTree(in_space(there)).query(in_space(here))
    one = int(metres.argmin())
    other = int(row[one])
    return sides[0][one], sides[1][other], float(distances_m(here[[one]], there[[other]])[0]) / 1000.0


def _check_rival(graph: Any, leg: list[str], *, mode: str) -> None:
    """Refuse a way beside which another is about as long; of places that one link joins, the other way would name a node between."""
    found = None if len(leg) == 2 else _rival(graph, leg)
    if found is None:
        return
    (one, one_km), (other, other_km) = found
    said = [f"{_by(way)} {km:.1f} km" for way, km in ((one, one_km), (other, other_km))]
    names = " or ".join(", ".join(f'"{node}"' for node in _telling(way) if node not in {leg[0], leg[-1]}) for way in (one, other))
    what = f"two {mode} ways from {one[0]!r} to {one[-1]!r} are about as long: {said[0]}, {said[1]}"
    raise DataError(what, hint=f"Name the one that is meant in `via`: {names}.")


def _by(way: list[str]) -> str:
    return "by " + ", ".join(way[1:-1]) if len(way) > 2 else "straight"


def _telling(way: list[str]) -> list[str]:
    """Name the node, or nodes, that tell a way from another between the same ends."""
    return [way[len(way) // 2]] if len(way) > 2 else way


def _rival(graph: Any, leg: list[str]) -> tuple[tuple[list[str], float], tuple[list[str], float]] | None:
    """Find a way that leaves a shortest one and is about as long as what it goes round: that stretch, and the way, with their lengths."""
    import networkx as nx

    place = {node: number for number, node in enumerate(leg)}
    # Whoever comes back to the way stops there: its nodes are left at one copy and reached at another.
    off: Any = nx.DiGraph()
    km = [0.0]
    for one, other in pairwise(leg):
        km.append(km[-1] + min(link["km"] for link in graph[one][other].values()))
    for one, other, length in graph.edges(data="km"):
        if one in place and other in place and abs(place[one] - place[other]) <= 1:
            continue  # the way itself; links beside it have an error of their own
        for here, there in ((one, other), (other, one)):
            ends = (("from", here) if here in place else here), (("to", there) if there in place else there)
            if not off.has_edge(*ends) or off.edges[ends]["km"] > length:
                off.add_edge(*ends, km=length)
    share = 1.0 + AMBIGUOUS_PERCENT / 100.0
    for start, node in enumerate(leg[:-1]):
        if ("from", node) not in off:
            continue
        found: Any = nx.single_source_dijkstra(off, ("from", node), cutoff=share * (km[-1] - km[start]), weight="km")
        lengths, ways = found
        for end in range(len(leg) - 1, start, -1):
            back = ("to", leg[end])
            if back in lengths and lengths[back] <= share * (km[end] - km[start]):
                return (leg[start : end + 1], km[end] - km[start]), ([node, *ways[back][1:-1], leg[end]], lengths[back])
    return None
