"""Ways between places, as frames of links in order; how far places are from each other, what is nearest, and what lies within reach."""

from __future__ import annotations

from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.measure.alignments import alignment, chosen
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.measure.nearest_points import as_points
from corridormap.measure.network.parts import off, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.network.graph import Graph
    from corridormap.measure.network.parts import Parts, Place


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


def matrix(parts: Parts, origins: object, destinations: object) -> pd.DataFrame:
    """Table what the ways between places weigh; see `corridormap.measure.Network.matrix`."""
    import pandas as pd

    rows, here, near = parts.stops(origins)
    columns, there, away = (rows, here, 0.0) if destinations is None else parts.stops(destinations)
    values = parts.between(here, there)
    table = pd.DataFrame(values, index=pd.Index(rows, name="origin"), columns=pd.Index(columns, name="destination"), dtype=float)
    table = table.where(np.isfinite(values))
    missing = int((~np.isfinite(values)).sum())
    note = parts.note(off(near, away), f"NaN where no way leads: {missing} of {values.size}" if missing else "")
    return described(table, note, method=parts.method, unit=parts.unit)


def nearest(parts: Parts, points: object, *, to: object) -> pd.DataFrame:
    """Find the nearest place by the network; see `corridormap.measure.Network.nearest`."""
    import pandas as pd

    read = as_points(points)
    there = ~shapely.is_missing(read.geometries)
    nodes, km = parts.places.nearest_to(read.geometries[there])
    labels, targets, away = parts.stops(to)
    if not targets:
        raise UsageError("no place to go to", hint="Give a frame with at least one row.")
    values = parts.between(nodes, targets) if nodes else np.zeros((0, len(targets)))
    best = values.argmin(axis=1) if len(values) else np.zeros(0, dtype=np.int64)
    least = values[np.arange(len(values)), best]
    fine = np.isfinite(least)
    table = pd.DataFrame(
        {"node": texts([None] * len(there), read.index), "node_km": np.nan, "nearest": texts([None] * len(there), read.index)},
        index=read.index,
    )
    rows = np.flatnonzero(there)
    table[parts.unit] = np.nan
    table.iloc[rows, 0] = nodes
    table.iloc[rows, 1] = km
    table.iloc[rows[fine], 2] = np.array([*labels, None], dtype=object)[best[fine]]
    table.iloc[rows[fine], 3] = least[fine]
    note = parts.note(read.note, off(*km.tolist(), away))
    return described(table, note, method=parts.method, unit=parts.unit)


def isochrone(parts: Parts, start: Place | Sequence[Place], *, limits: float | Sequence[float]) -> GeoDataFrame:
    """Find what lies within reach; see `corridormap.measure.Network.isochrone`."""
    import geopandas as gpd

    given = np.atleast_1d(np.asarray(limits, dtype=object))
    if not len(given) or not all(isinstance(limit, Real) and 0 < float(limit) < np.inf for limit in given):
        raise UsageError(f"limits are {limits!r}", hint=f"Give one or more above 0, in {parts.unit}.")
    wanted = sorted({float(limit) for limit in given})
    found = parts.places.find_each(several(start))
    if not found:
        raise UsageError("no place to start from", hint="Name one or more.")
    weight = parts.graph.trees([parts.graph.source[parts.code[node]] for node, _ in found]).weight.min(axis=0)
    km, shapes = parts.lines.km, parts.shapes
    rows, pieces = [], []
    for limit in wanted:
        for link, low, high in reached(parts.graph, weight, limit):
            part = part_of(shapes[link], float(km[link]), low, high)
            if part is not None:
                rows.append((limit, link, low * km[link], high * km[link]))
                pieces.append(part)
    limit_, link_, low_, high_ = np.array(rows, dtype=float).reshape(-1, 4).T
    number = link_.astype(np.int64)
    columns = {"link": parts.ids[number], **{name: values[number] for name, values in parts.told.items()}}
    data = {"limit": limit_, **{name: texts(values) for name, values in columns.items()}, "from_km": low_, "to_km": high_}
    frame = gpd.GeoDataFrame({**data, "length_km": high_ - low_}, geometry=pieces, crs=LONLAT)
    note = parts.note(off(*(km for _, km in found)), f"the {parts.unit} of a link are spread evenly over its length")
    return described(frame, note, method=parts.method, unit=parts.unit)


def reached(graph: Graph, weight: NDArray[np.float64], limit: float) -> Iterator[tuple[int, float, float]]:
    """Find what of each link is reached within a limit, by what the ways to all vertices weigh: the link, from and to which share of it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        left = [limit - weight[graph.out[ends]] for ends in graph.ends]
        shares = [np.where(rest < 0, -1.0, np.where(graph.weight > 0, np.clip(rest / graph.weight, 0.0, 1.0), 1.0)) for rest in left]
    one, other = shares
    whole = np.maximum(one, 0.0) + np.maximum(other, 0.0) >= 1.0
    for link in np.flatnonzero(whole | (one > 0) | (other > 0)).tolist():
        if whole[link]:
            yield link, 0.0, 1.0
            continue
        if one[link] > 0:
            yield link, 0.0, float(one[link])
        if other[link] > 0:
            yield link, 1.0 - float(other[link]), 1.0


def part_of(line: Any, km: float, low: float, high: float) -> Any:
    """Cut a line of known length between two shares of it, by geodesic length; None if nothing is left."""
    if (low, high) == (0.0, 1.0):
        return line
    parts = alignment(line).between(low * km, high * km)
    return shapely.LineString(parts[0][2]) if parts else None
