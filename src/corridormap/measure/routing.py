"""Ways over the atlas's network: the shortest, the one around a closed link, and how crooked a corridor is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError
from corridormap.measure.alignments import alignment
from corridormap.measure.geodesic import distances_m, lengths_km
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.measure.network import chosen

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from geopandas import GeoDataFrame

ROUTE_METHOD = "shortest way over the atlas's network by geodesic length on WGS 84 (Dijkstra); only what the atlas holds can be travelled"
DETOUR_METHOD = "length over the geodesic between the ends, both on WGS 84; sinuosity as in Mueller (1968)"


def route(
    start: str, *, end: str, mode: str | None = None, without: str | Iterable[str] = (), planned: bool = False, atlas: Atlas | None = None
) -> GeoDataFrame:
    """Find the shortest way between two places over the atlas's network.

    Parameters
    ----------
    start, end : str
        Nodes, by id or by name in any language.
    mode : str, optional
        ``rail``, ``road`` or ``sea`` alone; by default all, changed where a node has both.
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
        it is one), the line as it is travelled, EPSG:4326. ``attrs``: ``length_km`` and ``borders``, the crossings in order.

    Raises
    ------
    UsageError
        If a place or a link is not known.
    DataError
        If no way joins them.

    Examples
    --------
    >>> way = route("Almaty-1", end="Mangystau", mode="rail")
    >>> way.attrs["borders"]
    []
    """
    import geopandas as gpd
    import networkx as nx

    atlas = atlas or Atlas.open()
    links = atlas.links
    closed = {without} if isinstance(without, str) else set(without)
    unknown = sorted(closed - set(links.index))
    if unknown:
        raise UsageError(f"no link {unknown[0]!r}", hint="`corridormap find` and the layer network_links list them.")
    open_ = ~links.index.isin(closed) & (planned | (links["status"] != "planned").to_numpy())
    if mode is not None:
        if mode not in set(links["mode"]):
            raise UsageError(f"no links of mode {mode!r}", hint="Modes are: " + ", ".join(sorted(set(links["mode"]))) + ".")
        open_ &= (links["mode"] == mode).to_numpy()
    table = links[open_]
    km = lengths_km(table.geometry.to_numpy())
    graph: Any = nx.MultiGraph()
    for link, one, other, length in zip(table.index, table["from"], table["to"], km, strict=True):
        graph.add_edge(one, other, key=link, km=float(length))
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
    frame = gpd.GeoDataFrame(
        {
            "from_km": ends[:-1],
            "to_km": ends[1:],
            "link": texts(steps),
            "from": texts(nodes[:-1]),
            "to": texts(nodes[1:]),
            "mode": texts(used["mode"]),
            "country": texts(used["country"]),
            "corridors": texts("; ".join(itineraries.get(link, [])) or None for link in steps),
            "border": texts(node if kinds[node] == "crossing" else None for node in nodes[1:]),
        },
        geometry=shapes,
        crs=LONLAT,
    )
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
    if len(named) or place in nodes.index:
        raise UsageError(f"nothing runs to {place!r}" + (f" by {mode}" if mode else ""), hint="Choose another mode or place.")
    raise UsageError(f"no place {place!r} in the network", hint="`corridormap find` looks for names in every language.")


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
        added_km`` over all passes; NaN where there is no way around by the same mode.

    Raises
    ------
    UsageError
        If there is no such link.
    """
    import pandas as pd

    atlas = atlas or Atlas.open()
    if link not in atlas.links.index:
        raise UsageError(f"no link {link!r}", hint="The layer network_links lists them.")
    record = atlas.links.loc[link]
    km = float(lengths_km([record.geometry])[0])
    try:
        around = float(
            route(record["from"], end=record["to"], mode=record["mode"], without=[link], planned=planned, atlas=atlas).attrs["length_km"]
        )
    except (DataError, UsageError):
        around = np.nan
    rows = [
        {"corridor": name, "way": way, "passes": passes, "link_km": km, "around_km": around, "added_km": passes * (around - km)}
        for name in atlas.itineraries_of_links(chosen(atlas, None)).get(link, [])
        for way, steps in enumerate(atlas.route(name))
        if (passes := sum(step.id == link for step in steps))
    ]
    names = ["corridor", "way", "passes", "link_km", "around_km", "added_km"]
    table = pd.DataFrame({name: texts(row[name] for row in rows) for name in names})
    table = table.astype({"way": "int64", "passes": "int64", "link_km": float, "around_km": float, "added_km": float})
    return described(table, method=ROUTE_METHOD)


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
    table = pd.DataFrame(
        {"corridor": [line.name for line in lines], "length_km": [line.length_km for line in lines], "geodesic_km": straight}
    )
    table["sinuosity"] = table["length_km"] / table["geodesic_km"]
    return described(table, method=DETOUR_METHOD)
