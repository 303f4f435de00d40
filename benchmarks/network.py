"""Time ways over networks of thousands of links beside other libraries that find the same, and print Markdown tables.

python benchmarks/network.py [--quick]

rustworkx, igraph and pandana are no requirements: where they are not installed, they are left out. Processor time, of each way the best of
five runs: what else the machine does only adds.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from corridormap.measure import Network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Way = Callable[[int, int], object]

ROUTES = 100


def streets(side: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Draw a bent grid: places (n, 2), ends (m, 2), and lengths between 1 and 1.4 of the straight line (m,)."""
    random = np.random.default_rng(1)
    number = np.arange(side * side).reshape(side, side)
    places = np.column_stack(np.unravel_index(number.ravel(), (side, side))) + random.uniform(-0.3, 0.3, (side * side, 2))
    ends = np.vstack(
        [np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]), np.column_stack([number[:-1].ravel(), number[1:].ravel()])]
    )
    weight = np.hypot(*(places[ends[:, 0]] - places[ends[:, 1]]).T) * random.uniform(1, 1.4, len(ends))
    return places * 0.05 + [50, 42], ends, weight


def made(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def there(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def contenders(places: Any, ends: Any, weight: Any) -> Iterator[tuple[str, Callable[[], Any], Callable[[Any], Way]]]:
    """Of each library: its name, what makes its network, and what finds a way over it, links and all."""
    count = len(places)
    triples = [(int(one), int(other), float(km)) for (one, other), km in zip(ends, weight, strict=True)]
    frame = gpd.GeoDataFrame(
        {"from": ends[:, 0].astype(str), "to": ends[:, 1].astype(str), "w": weight}, geometry=shapely.linestrings(places[ends]), crs=4326
    )
    yield "`measure.Network.route`, a GeoDataFrame", lambda: Network(frame, weight="w"), lambda net: lambda a, b: net.route(a, end=b)

    def bare(net: Network) -> Way:
        graph, code = net._parts.graph, net._parts.code  # noqa: SLF001
        return lambda a, b: graph.way_by([code[str(a)], code[str(b)]])

    yield "its way alone: scipy's Dijkstra, ties settled", lambda: Network(frame, weight="w"), bare

    def from_networkx() -> Any:
        graph: Any = nx.MultiGraph()
        for number, (one, other, km) in enumerate(triples):
            graph.add_edge(one, other, key=number, weight=km)
        return graph

    yield "networkx `shortest_path`", from_networkx, lambda graph: partial(nx.shortest_path, graph, weight="weight")
    if there("rustworkx"):
        import rustworkx as rx

        def from_rustworkx() -> Any:
            graph = rx.PyGraph()
            graph.add_nodes_from(range(count))
            graph.add_edges_from(triples)
            return graph

        yield (
            "rustworkx `dijkstra_shortest_paths`",
            from_rustworkx,
            lambda graph: lambda a, b: rx.dijkstra_shortest_paths(graph, a, target=b, weight_fn=float)[b],
        )
    if there("igraph"):
        import igraph

        yield (
            "igraph `get_shortest_path`",
            lambda: igraph.Graph(count, ends.tolist(), edge_attrs={"w": weight.tolist()}),
            lambda graph: lambda a, b: graph.get_shortest_path(a, b, weights="w", output="epath"),
        )
    if there("pandana"):
        import pandana
        import pandas as pd

        def from_pandana() -> Any:
            x, y, one, other = (pd.Series(column) for column in (*places.T, *ends.T))
            return pandana.Network(x, y, one, other, pd.DataFrame({"w": weight}))

        yield "pandana `shortest_path`, contraction hierarchies", from_pandana, lambda net: net.shortest_path


def routes(side: int) -> None:
    places, ends, weight = streets(side)
    pairs = np.random.default_rng(2).integers(0, len(places), (ROUTES, 2)).tolist()
    print(f"\n{len(ends):,} links, {len(places):,} nodes; {ROUTES} ways between nodes at random.\n")
    print("| library | made in s | a way, median ms | slowest ms |\n|---|---:|---:|---:|")
    for name, make, finder in contenders(places, ends, weight):
        building, network = made(make)
        find = finder(network)
        find(*pairs[0])
        times = [min(made(partial(find, *pair))[0] for _ in range(5)) * 1000 for pair in pairs]
        print(f"| {name} | {building:.2f} | {statistics.median(times):.2f} | {max(times):.2f} |")


def others(side: int) -> None:
    places, ends, weight = streets(side)
    frame = gpd.GeoDataFrame({"w": weight}, geometry=shapely.linestrings(places[ends]), crs=4326)
    network = Network(frame, weight="w")
    nodes = np.random.default_rng(3).permutation(network.nodes.index.to_numpy())
    table = gpd.pd.DataFrame(np.ones((100, 100)), index=nodes[:100], columns=nodes[100:200])
    points = gpd.GeoSeries(shapely.points(np.random.default_rng(4).uniform([50, 42], [57, 49], (10_000, 2))), crs=4326)
    calls = {
        "`matrix`, 100 × 1,000": lambda: network.matrix(nodes[:100].tolist(), nodes[:1000].tolist()),
        "`load`, 100 × 100 pairs": lambda: network.load(table),
        "`isochrone`, a third of the links": lambda: network.isochrone(nodes[0], limits=40.0),
        "`nearest`, 10,000 points to 20 nodes": lambda: network.nearest(points, to=nodes[:20].tolist()),
        "`without` one link": lambda: network.without(links=network.links.index[0]),
        "`with_links`, one line": lambda: network.with_links(
            gpd.GeoDataFrame({"w": [1.0]}, geometry=[shapely.LineString(places[[0, 40]])], crs=4326)
        ),
    }
    print("\n| what | s |\n|---|---:|")
    for name, call in calls.items():
        print(f"| {name} | {min(made(call)[0] for _ in range(3)):.2f} |")


def main() -> None:
    sides = [20, 48] if "--quick" in sys.argv else [20, 48, 150]
    for side in sides:
        routes(side)
    others(sides[-1])


if __name__ == "__main__":
    main()
