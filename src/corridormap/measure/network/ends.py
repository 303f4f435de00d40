"""The nodes that lines end at: those they name, those that are there, new ones where ends meet, or where a link is cut for them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.geodesic import distances_m, in_space, lengths_km
from corridormap.measure.alignments import alignment
from corridormap.measure.inputs import LONLAT, texts
from corridormap.measure.nearest_points import NearestPoints
from corridormap.measure.network.graph import connected
from corridormap.measure.network.weights import TRANSFER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


def missing(value: Any) -> bool:
    """Tell whether a table has nothing there."""
    import pandas as pd

    return bool(pd.isna(value))


def label_of(lonlat: NDArray[np.float64]) -> str:
    """Name a node by its place (2,), to a centimetre."""
    return f"{lonlat[0]:.7f},{lonlat[1]:.7f}"


def same_mode(links: GeoDataFrame, mode: str | None) -> GeoDataFrame:
    """Take the links of a mode; where there are none of it, all."""
    same = links[links["mode"] == mode]
    return same if len(same) else links


def tree_of(lonlat: NDArray[np.float64]) -> Any:
    """Make the index of points (n, 2) that finds the nearest, in metres straight through the Earth."""
    from scipy.spatial import KDTree

    return KDTree(in_space(lonlat))


def nodes_of(ends: NDArray[np.float64], names: Sequence[str | None], *, snap_m: float) -> tuple[list[str], GeoDataFrame, float]:
    """Find the nodes of lines that stand alone.

    Parameters
    ----------
    ends : ndarray of float, shape (n, 2)
        Ends, lon/lat.
    names : sequence of str or None
        What they name.
    snap_m : float
        Ends that name nothing are a node that is named and so near, or new ones, one where they are so near to each other, in a chain.

    Returns
    -------
    list of str, GeoDataFrame, float
        The node of each end; all nodes, by id; how far in metres the farthest end is from its node.
    """
    import geopandas as gpd

    # The first end that names a node is its place.
    first = {name: row for row, name in reversed(list(enumerate(names))) if name is not None}
    known = sorted(first)
    points = shapely.points(ends[[first[name] for name in known]])
    there = gpd.GeoDataFrame({"kind": texts(["node"] * len(known))}, geometry=points, crs=LONLAT).set_axis(texts(known), axis=0)
    found = list(names)
    free = np.array([row for row, name in enumerate(names) if name is None], dtype=np.int64)
    _snap(found, ends, free, there, snap_m)
    return _with_new(found, ends, there, snap_m)


def nodes_onto(
    ends: NDArray[np.float64],
    names: Sequence[str | None],
    *,
    modes: NDArray[np.object_],
    links: GeoDataFrame,
    nodes: GeoDataFrame,
    snap_m: float,
) -> tuple[list[str], GeoDataFrame, float]:
    """Find the nodes of lines that are added to a network; as `nodes_of`, with the mode of each end.

    What names no node comes to lie on the nearest that a link of its mode ends at; where there is none of it, of any.
    """
    found = list(names)
    for mode in dict.fromkeys(modes):
        used = set(np.ravel(same_mode(links, mode)[["from", "to"]]))
        free = np.array([row for row, name in enumerate(names) if name is None and modes[row] == mode], dtype=np.int64)
        _snap(found, ends, free, nodes[nodes.index.isin(used)], snap_m)
    return _with_new(found, ends, nodes, snap_m)


def _snap(found: list[str | None], ends: NDArray[np.float64], free: NDArray[np.int64], nodes: GeoDataFrame, snap_m: float) -> None:
    """Lay ends on the nearest of the nodes that are near enough."""
    if not len(free) or not len(nodes):
        return
    metres, row = tree_of(shapely.get_coordinates(nodes.geometry.to_numpy())).query(in_space(ends[free]), distance_upper_bound=snap_m)
    near = np.isfinite(metres)
    for end, place in zip(free[near].tolist(), row[near].tolist(), strict=True):
        found[end] = nodes.index[place]


def _with_new(
    found: list[str | None], ends: NDArray[np.float64], nodes: GeoDataFrame, snap_m: float
) -> tuple[list[str], GeoDataFrame, float]:
    """Make nodes for the ends that have none yet."""
    import geopandas as gpd
    import pandas as pd

    free = np.array([row for row, name in enumerate(found) if name is None], dtype=np.int64)
    if len(free):
        lonlat = ends[free]
        pairs = tree_of(lonlat).query_pairs(snap_m, output_type="ndarray")
        part = connected(pairs[:, 0], pairs[:, 1], nodes=len(lonlat))
        # The westernmost of the ends that meet is their place, whatever the order of the rows.
        sort = np.lexsort((lonlat[:, 1], lonlat[:, 0], part))
        lead = lonlat[sort[np.append(True, np.diff(part[sort]) > 0)]]
        labels = [label_of(place) for place in lead]
        for end, group in zip(free.tolist(), part.tolist(), strict=True):
            found[end] = labels[group]
        fresh = gpd.GeoDataFrame({"kind": texts(["node"] * len(labels))}, geometry=shapely.points(lead), crs=LONLAT).set_axis(
            labels, axis=0
        )
        fresh = fresh[~fresh.index.isin(nodes.index)]
        nodes = pd.concat([nodes, fresh]) if len(nodes) else fresh
    at = shapely.get_coordinates(nodes.geometry.loc[found].to_numpy())
    return [str(name) for name in found], nodes, float(distances_m(ends, at).max(initial=0.0))


def cut_at(
    links: GeoDataFrame, nodes: GeoDataFrame, ends: NDArray[np.float64], *, modes: NDArray[np.object_], snap_m: float
) -> tuple[GeoDataFrame, GeoDataFrame]:
    """Cut links at the points nearest to ends, where no node of a link of their mode is within the distance and such a link is.

    Parameters
    ----------
    links, nodes : GeoDataFrame
        As in `corridormap.measure.network.lines.Lines`.
    ends : ndarray of float, shape (n, 2)
        Ends of lines, lon/lat.
    modes : ndarray of str or None, shape (n,)
        The mode of each.
    snap_m : float
        In metres.

    Returns
    -------
    GeoDataFrame, GeoDataFrame
        The links, cut ones as parts ``id#1, id#2 …`` with ``cut_from``, the link's id, and ``cut_share``, the part's share of its
        length; and the nodes with the new ones.
    """
    cuts: dict[str, dict[str, tuple[float, NDArray[np.float64]]]] = {}
    for mode in dict.fromkeys(modes):
        rows = np.flatnonzero(modes == mode)
        same = same_mode(links, mode)
        at = nodes.geometry.loc[sorted(set(np.ravel(same[["from", "to"]])))]
        metres, _ = tree_of(shapely.get_coordinates(at.to_numpy())).query(in_space(ends[rows]), distance_upper_bound=snap_m)
        same = same[same["mode"] != TRANSFER].sort_index()
        lines = same.geometry.to_numpy()
        first, last = (in_space(shapely.get_coordinates(shapely.get_point(lines, place))) for place in (0, -1))
        long_m = lengths_km(lines) * 1000.0
        for end in ends[rows[np.isinf(metres)]]:
            # The ways from a place near a line to both its ends are together no longer than the line, and twice the way to it.
            here = in_space(end[None])
            off = np.linalg.norm(first - here, axis=1) + np.linalg.norm(last - here, axis=1)
            near = same[off <= long_m + 2.0 * snap_m]
            if not len(near):
                continue
            found = NearestPoints([alignment(line).vertices for line in near.geometry]).of(end[None])
            if found.offset_m[0] <= snap_m:
                place = found.places[0]
                cuts.setdefault(near.index[found.line[0]], {})[label_of(place)] = (float(found.km[0]), place)
    return (links, nodes) if not cuts else _parted(links, nodes, cuts)


def _parted(links: GeoDataFrame, nodes: GeoDataFrame, cuts: dict[str, Any]) -> tuple[GeoDataFrame, GeoDataFrame]:
    import geopandas as gpd
    import pandas as pd

    rows, shapes = [], []
    for name, places in cuts.items():
        row = links.loc[name].drop("geometry").to_dict()
        line = alignment(links.geometry[name])
        stops = sorted((km, node) for node, (km, _) in places.items())
        bounds = [(0.0, row["from"]), *stops, (line.length_km, row["to"])]
        whole = row.get("cut_from")
        share = row.get("cut_share", 1.0) if isinstance(whole, str) else 1.0
        for number, ((low, start), (high, end)) in enumerate(pairwise(bounds), start=1):
            part = line.between(low, high)
            if part:
                cut = {"cut_from": whole if isinstance(whole, str) else name, "cut_share": share * (high - low) / line.length_km}
                rows.append({**row, "id": f"{name}#{number}", "from": start, "to": end, **cut})
                shapes.append(shapely.LineString(part[0][2]))
    new = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=LONLAT).set_index("id", drop=False).rename_axis(None)
    at = {node: place for places in cuts.values() for node, (_, place) in places.items() if node not in nodes.index}
    fresh = gpd.GeoDataFrame({"kind": texts(["node"] * len(at))}, geometry=shapely.points(list(at.values())), crs=LONLAT)
    return pd.concat([links.drop(list(cuts)), new]), pd.concat([nodes, fresh.set_axis(list(at), axis=0)])
