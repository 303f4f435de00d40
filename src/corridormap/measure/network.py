"""The atlas's network: junctions, lengths and accuracy of itineraries; the shortest way, the one around a closed link, and detours."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.atlas import LINKS, NODES, Atlas
from corridormap.errors import DataError, UsageError, refuse
from corridormap.measure.alignments import alignment, chosen
from corridormap.measure.geodesic import distances_m, lengths_km
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.phrases import meant
from corridormap.routing import graph_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import SignedLink
    from corridormap.model import Itinerary

ROUTE_METHOD = "shortest way over the atlas's network by geodesic length on WGS 84 (Dijkstra); only what the atlas holds can be travelled"
DETOUR_METHOD = "length over the geodesic between the ends, both on WGS 84; sinuosity as in Mueller (1968)"


def links_once(atlas: Atlas, ways: list[list[SignedLink]]) -> GeoDataFrame:
    """Select the links of several ways, each once, in order of travel: a train that reverses in a station passes its approach twice."""
    return atlas.links.loc[list(dict.fromkeys(step.id for way in ways for step in way))]


def runs_once(ways: Iterable[list[SignedLink]]) -> Iterator[list[SignedLink]]:
    """Split ways into runs of links that are travelled for the first time: a branch that rejoins the main way is drawn only up to there."""
    seen: set[str] = set()
    for way in ways:
        run: list[SignedLink] = []
        for step in way:
            if step.id not in seen:
                run.append(step)
            elif run:
                yield run
                run = []
            seen.add(step.id)
        if run:
            yield run


def joined(pieces: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Join the vertices of lines that meet end to start."""
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def junction_faults(atlas: Atlas) -> list[DataError]:
    """Find the links that name no node, or that end farther from their node than the atlas's tolerance, each end for itself."""
    links, nodes = atlas.links, atlas.nodes
    where = atlas.folder / LINKS
    unknown = [
        DataError(f"{column!r} names no node: {node!r}", where=where, feature=link, hint=atlas.hints_of_nodes[node])
        for column in ("from", "to")
        for link, node in links.loc[~links[column].isin(nodes.index), column].items()
        if not atlas.lost(NODES, node)
    ]
    apart = []
    for column, index in (("from", 0), ("to", -1)):
        known = links[links[column].isin(nodes.index)]
        ends = shapely.get_coordinates(shapely.get_point(np.asarray(known.geometry.to_numpy(), dtype=object), index))
        at = shapely.get_coordinates(np.asarray(nodes.geometry.loc[known[column]].to_numpy(), dtype=object))
        gaps = distances_m(ends, at)
        for row in (gaps > atlas.record.tolerance.junction_m).nonzero()[0]:
            lon, lat = ends[row]
            what = f"ends {gaps[row]:.1f} m from its node {known[column].iloc[row]!r} at {lon:.5f}, {lat:.5f}"
            apart.append(DataError(what, where=where, feature=str(known.index[row]), hint="Snap the link's end to the node."))
    return unknown + apart


def check_junctions(atlas: Atlas) -> None:
    """Make sure that every link ends on its nodes, within the atlas's tolerance.

    Raises
    ------
    DataError
        Naming all that do not.
    """
    refuse(junction_faults(atlas))


def accuracy_of(links: pd.DataFrame) -> float:
    """Give the accuracy class of several links together, in metres: the smallest that 95 % of their length is drawn in."""
    order = np.argsort(links["accuracy_m"].to_numpy(dtype=float), kind="stable")
    share = np.cumsum(lengths_km(links.geometry.to_numpy())[order])
    return float(links["accuracy_m"].iloc[order[np.searchsorted(share, 0.95 * share[-1])]])


def published_km(atlas: Atlas, itinerary: Itinerary, start: str | None, end: str | None) -> float | None:
    """Measure in kilometres the part of an itinerary that a published figure is about; None if no way of it is known or passes both nodes.

    Between two nodes the length is the distance travelled: where a train reverses in a station, the approach counts each time it is
    passed. Of a node that a way passes twice, the occurrence nearest to the other node is meant. Without nodes it is the whole within the
    atlas's country or countries, each link once.
    """
    ways = atlas.route(itinerary.id)
    if start is None or end is None:
        return home_km(atlas, links_once(atlas, ways)) if ways else None
    for nodes, steps in zip(atlas.way_nodes(itinerary.id), ways, strict=True):
        if start in nodes and end in nodes:
            starts, ends = ([index for index, node in enumerate(nodes) if node == one] for one in (start, end))
            low, high = min(((min(a, b), max(a, b)) for a in starts for b in ends), key=lambda span: span[1] - span[0])
            part = atlas.links.loc[[step.id for step in steps[low:high]]]
            return float(lengths_km(part.geometry.to_numpy()).sum())
    return None


def home_km(atlas: Atlas, links: pd.DataFrame) -> float:
    """Measure those of the links that lie in the atlas's country, or in one of its countries, in kilometres."""
    return float(lengths_km(links.geometry[links["country"].isin(atlas.record.members)].to_numpy()).sum())


def members_km(atlas: Atlas, links: pd.DataFrame) -> dict[str, float]:
    """Measure the links in each of the atlas's countries, in kilometres."""
    return {code: float(lengths_km(links.geometry[links["country"] == code].to_numpy()).sum()) for code in atlas.record.members}


def route(
    start: str, *, end: str, mode: str | None = None, without: str | Iterable[str] = (), planned: bool = False, atlas: Atlas | None = None
) -> GeoDataFrame:
    """Find the shortest way between two places over the atlas's network.

    Parameters
    ----------
    start, end : str
        Nodes, by id or by name in any language.
    mode : str, optional
        ``rail``, ``road`` or ``sea`` alone; by default all, changed where a node has both or a transfer joins station and town.
    without : str or iterable of str
        Links that are closed.
    planned : bool
        Whether links that are only planned may be used.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        One row a link, in order: ``from_km, to_km, link, from, to, mode, country, corridors, border`` (the crossing reached at its end, if
        it is one), ``only_way`` (whether the atlas holds no other way round this link: there may be one on the ground), the line as it is
        travelled, EPSG:4326. ``attrs``: ``length_km`` and ``borders``, the crossings in order.

    Raises
    ------
    UsageError
        If a place or a link is not known.
    DataError
        If no way joins them.

    Examples
    --------
    >>> way = route("Almaty-1", end="Mangystau", mode="rail")
    >>> way.attrs["borders"]  # by Maimak, in Kyrgyzstan
    ['x-rail-sholdala-zhoon-dobo', 'x-rail-kurkireusu-maimak']
    """
    import geopandas as gpd
    import networkx as nx

    atlas = atlas or Atlas.open()
    links = atlas.links
    closed = {without} if isinstance(without, str) else set(without)
    unknown = sorted(closed - set(links.index))
    if unknown:
        raise UsageError(
            f"no link {unknown[0]!r}", hint=meant(unknown[0], links.index, "`corridormap find` and the layer network_links list them.")
        )
    open_ = ~links.index.isin(closed) & (planned | (links["status"] != "planned").to_numpy())
    if mode is not None:
        if mode not in set(links["mode"]):
            raise UsageError(f"no links of mode {mode!r}", hint="Modes are: " + ", ".join(sorted(set(links["mode"]))) + ".")
        open_ &= (links["mode"] == mode).to_numpy()
    table = links[open_]
    graph = graph_of(table, km=lengths_km(table.geometry.to_numpy()))
    here, there = (_node(atlas, place, set(graph.nodes), mode) for place in (start, end))
    try:
        nodes: list[str] = nx.shortest_path(graph, here, there, weight="km")
    except nx.NetworkXNoPath:
        raise _no_way(table, here, there, mode) from None
    steps = [min(graph[one][other].items(), key=lambda pair: (pair[1]["km"], pair[0]))[0] for one, other in pairwise(nodes)]
    used = table.loc[steps]
    ends = np.append(0.0, np.cumsum(lengths_km(used.geometry.to_numpy())))
    starts = links["from"].to_dict()
    forward = [starts[link] == one for link, one in zip(steps, nodes, strict=False)]
    shapes = [line if ahead else shapely.reverse(line) for line, ahead in zip(used.geometry, forward, strict=True)]
    itineraries = atlas.itineraries_of_links(chosen(atlas, None))
    kinds = atlas.nodes["kind"]
    bridges = {frozenset(ends) for ends in nx.bridges(graph)}
    columns: dict[str, Iterable[object]] = {
        "link": steps,
        "from": nodes[:-1],
        "to": nodes[1:],
        "mode": used["mode"],
        "country": used["country"],
        "corridors": ("; ".join(itineraries.get(link, [])) or None for link in steps),
        "border": (node if kinds[node] == "crossing" else None for node in nodes[1:]),
    }
    table = {"from_km": ends[:-1], "to_km": ends[1:], **{name: texts(column) for name, column in columns.items()}}
    table["only_way"] = [frozenset(step) in bridges for step in pairwise(nodes)]
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=LONLAT)
    return described(frame, method=ROUTE_METHOD, length_km=float(ends[-1]), borders=[node for node in nodes if kinds[node] == "crossing"])


def _no_way(table: GeoDataFrame, here: str, there: str, mode: str | None) -> DataError:
    reached = [sorted(set(table.loc[(table["from"] == node) | (table["to"] == node), "mode"])) for node in (here, there)]
    what = f"no way joins {here} and {there}" + (f" by {mode}" if mode else "")
    if set(reached[0]).isdisjoint(reached[1]):
        hint = f"{here} is on {', '.join(reached[0])}, {there} on {', '.join(reached[1])}: a town's station and its street are two places."
    else:
        hint = "Links are closed, only planned, or not in the atlas."
    return DataError(what, where="the network", hint=hint)


def _node(atlas: Atlas, place: str, known: set[Any], mode: str | None) -> str:
    if place in known:
        return place
    nodes = atlas.nodes
    wanted = place.casefold()
    names = nodes[[f"name_{lang}" for lang in atlas.languages]].map(lambda name: str(name).casefold())
    named = nodes.index[(names == wanted).any(axis=1)]
    usable = [node for node in named if node in known]
    if len(usable) == 1:
        return str(usable[0])
    if usable:
        raise UsageError(f"{place!r} is the name of several places", hint="Name one of: " + ", ".join(map(str, usable)) + ".")
    near = _like(nodes[nodes.index.isin(known)], names, wanted)
    if len(named) or place in nodes.index:
        hint = f"Did you mean {near}?" if near else "Choose another mode or place."
        raise UsageError(f"nothing runs to {place!r}" + (f" by {mode}" if mode else ""), hint=hint)
    hint = f"Did you mean {near}? " if near else ""
    raise UsageError(f"no place {place!r} in the network", hint=f"{hint}`corridormap find` looks for names in every language.")


def _like(nodes: GeoDataFrame, names: pd.DataFrame, wanted: str) -> str:
    """Name the places that are called so and something more, as the stations Almaty-1 and Almaty-2; or else one that is spelt alike."""
    from difflib import get_close_matches

    words = names.loc[nodes.index].map(lambda name: name.replace("-", " ").partition(" ")[0])
    found = nodes.index[(words == wanted).any(axis=1)].tolist()
    spelt = {str(name): node for node, row in names.loc[nodes.index].iterrows() for name in (node, *row)}
    found = found or [spelt[name] for name in get_close_matches(wanted, spelt, n=1, cutoff=0.8)]
    return " or ".join(map(str, found[:5]))


def closure(link: str, *, planned: bool = False, atlas: Atlas | None = None) -> pd.DataFrame:
    """Tell what it costs each corridor if a link closes.

    Parameters
    ----------
    link : str
        The link's id.
    planned : bool
        Whether the way around may use links that are only planned.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    DataFrame
        One row a way of a corridor that uses the link: ``corridor, way, passes`` (how often it goes over the link) ``, link_km, around_km,
        added_km`` over all passes; NaN where the atlas holds no way around by the same mode. ``ends_at`` then names the nodes, on the
        lesser side of the link, where the atlas's network of that mode ends.

    Raises
    ------
    UsageError
        If there is no such link.
    """
    import networkx as nx
    import pandas as pd

    atlas = atlas or Atlas.open()
    links = atlas.links
    if link not in links.index:
        raise UsageError(f"no link {link!r}", hint=meant(link, links.index, "The layer network_links lists them."))
    here, there, mode = links.loc[link, ["from", "to", "mode"]]
    same = links[links["mode"] == mode]
    graph = graph_of(same, km=lengths_km(same.geometry.to_numpy()))
    ends = {node for node, degree in graph.degree if degree == 1}
    km = graph.edges[here, there, link]["km"]
    graph.remove_edge(here, there, key=link)
    unbuilt = set() if planned else set(same.index[same["status"] == "planned"])
    usable = nx.subgraph_view(graph, filter_edge=lambda _, __, key: key not in unbuilt)
    ends_at = None
    try:
        around = float(nx.shortest_path_length(usable, here, there, weight="km"))
    except nx.NetworkXNoPath:
        around = np.nan
        sides = (nx.node_connected_component(graph, node) for node in (here, there))
        lesser = min(sides, key=lambda side: (len(side), min(side)))
        ends_at = "; ".join(sorted(ends & lesser))
    rows = [
        {
            "corridor": name,
            "way": way,
            "passes": passes,
            "link_km": km,
            "around_km": around,
            "added_km": passes * (around - km),
            "ends_at": ends_at,
        }
        for name in atlas.itineraries_of_links(chosen(atlas, None)).get(link, [])
        for way, steps in enumerate(atlas.route(name))
        if (passes := sum(step.id == link for step in steps))
    ]
    names = ["corridor", "way", "passes", "link_km", "around_km", "added_km", "ends_at"]
    table = pd.DataFrame({name: texts(row[name] for row in rows) for name in names})
    kinds: Any = {"way": "int64", "passes": "int64", **dict.fromkeys(names[3:-1], float)}
    return described(table.astype(kinds), method=ROUTE_METHOD)


def detour(corridors: Iterable[str | int] | None = None, *, atlas: Atlas | None = None) -> pd.DataFrame:
    """Compare each corridor's main way with the geodesic between its ends.

    Parameters
    ----------
    corridors : iterable of str or int, optional
        Ids or numbers of corridors and routes; by default the numbered corridors.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    DataFrame
        ``corridor, length_km, geodesic_km, sinuosity``, the length over the geodesic.
    """
    import pandas as pd

    atlas = atlas or Atlas.open()
    lines = [alignment(name, atlas=atlas) for name in chosen(atlas, corridors)]
    straight = [float(distances_m(line.coordinates[:1], line.coordinates[-1:])[0]) / 1000.0 for line in lines]
    table = pd.DataFrame({"corridor": [line.name for line in lines], "length_km": [line.length_km for line in lines]})
    table["geodesic_km"] = straight
    table["sinuosity"] = table["length_km"] / table["geodesic_km"]
    return described(table, method=DETOUR_METHOD)
