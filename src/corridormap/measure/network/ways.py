"""Ways between places, as frames of links in order."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.errors import DataError
from corridormap.measure.alignments import chosen
from corridormap.measure.inputs import LONLAT, described
from corridormap.measure.network.parts import off
from corridormap.measure.network.places import several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from corridormap.measure.network.parts import Parts
    from corridormap.measure.network.places import Place


def route(parts: Parts, start: Place, *, end: Place, via: Place | Sequence[Place]) -> GeoDataFrame:
    """Find the shortest way between places; see `corridormap.measure.Network.route`."""
    found = parts.places.find_each([start, *several(via), end])
    stops = [node for place, (node, _) in enumerate(found) if place == 0 or node != found[place - 1][0]]
    legs = parts.graph.way_by([parts.code[node] for node in stops]) if len(stops) > 1 else []
    if legs is None:
        raise _no_way(parts, stops)
    frame = _way(parts, stops[0], legs)
    ends = {"start_km": found[0][1], "end_km": found[-1][1]}
    frame.attrs.update(ends)
    frame.attrs["note"] = parts.note(off(*(km for _, km in found)))
    return frame


def _way(parts: Parts, start: str, legs: list[list[int]]) -> GeoDataFrame:
    """Make a frame of the arcs of a way from a node."""
    import geopandas as gpd
    import pandas as pd

    graph, told = parts.graph, parts.told
    arcs = np.array([arc for leg in legs for arc in leg], dtype=np.int64)
    real = graph.link[arcs] >= 0
    rows, ahead = graph.link[arcs[real]], graph.forward[arcs[real]]
    first, last = told["from"][rows], told["to"][rows]
    before, after = np.where(ahead, first, last), np.where(ahead, last, first)
    shapes = parts.shapes[rows]
    shapes = np.where(ahead, shapes, shapely.reverse(shapes))
    km = np.append(0.0, np.cumsum(parts.lines.km[rows]))
    ids = parts.ids[rows].tolist()
    using = {} if parts.atlas is None else parts.atlas.itineraries_of_links(chosen(parts.atlas, None))
    columns = {
        "link": ids,
        "from": before,
        "to": after,
        "mode": told["mode"][rows],
        "country": told["country"][rows],
        "corridors": ["; ".join(using.get(link, [])) or None for link in parts.wholes[rows]],
        "border": [node if node in parts.crossings else None for node in after],
    }
    block = np.array(list(columns.values()), dtype=object).reshape(len(columns), -1).T
    table = pd.DataFrame(block, columns=pd.Index(columns, dtype=object), dtype=object)
    table.insert(0, "from_km", km[:-1])
    table.insert(1, "to_km", km[1:])
    table["only_way"] = np.array([one for leg in legs for one in _only_ways(parts, leg)], dtype=bool)
    total = float(graph.arc_weight[arcs].sum())
    if not parts.weighting.is_length:
        table[parts.unit] = graph.weight[rows]
    if parts.weighting.has_extras:
        # What lies between two links is added before the second.
        inner = np.bincount(np.cumsum(real)[~real], weights=graph.arc_weight[arcs[~real]], minlength=len(rows))
        table[f"added_{parts.unit}"] = inner[: len(rows)]
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=LONLAT)
    weight = {"length_km": float(km[-1])} if parts.weighting.is_length else {"length_km": float(km[-1]), parts.unit: total}
    if parts.weighting.has_extras and parts.weighting.is_length:
        weight["weight_km"] = total
    return described(frame, method=parts.method, **weight, borders=[node for node in (start, *after) if node in parts.crossings])


def _only_ways(parts: Parts, leg: list[int]) -> list[bool]:
    graph = parts.graph
    arcs = [arc for arc in leg if graph.link[arc] >= 0]
    if not arcs:
        return []
    rows, ahead = graph.link[arcs], graph.forward[arcs]
    nodes = np.append(np.where(ahead, graph.start[rows], graph.end[rows])[:1], np.where(ahead, graph.end[rows], graph.start[rows]))
    return graph.only_ways(nodes, np.asarray(rows, dtype=np.int64))


def _no_way(parts: Parts, stops: list[str]) -> DataError:
    one, other = next(
        ((one, other) for one, other in pairwise(stops) if not np.isfinite(parts.between([one], [other])).all()),
        (stops[0], stops[-1]),
    )
    links = parts.lines.links
    modes = [set(links.loc[(links["from"] == node) | (links["to"] == node), "mode"].dropna()) for node in (one, other)]
    if all(modes) and modes[0].isdisjoint(modes[1]):
        on = [", ".join(sorted(kinds)) for kinds in modes]
        hint = f"{one} is on {on[0]}, {other} on {on[1]}: a town's station and its street are two places."
    else:
        held = "the atlas" if parts.atlas is not None else "the lines"
        hint = f"Links are closed, only planned, or not in {held}."
    return DataError(f"no way joins {one} and {other}{parts.by_mode}", where="the network", hint=hint)
