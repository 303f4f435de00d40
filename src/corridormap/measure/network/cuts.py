"""Links cut where lines that are added end on them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.geodesic import in_space, lengths_km
from corridormap.measure.alignments import alignment
from corridormap.measure.inputs import LONLAT, texts
from corridormap.measure.nearest_points import NearestPoints
from corridormap.measure.network.ends import label_of, same_mode, tree_of
from corridormap.measure.network.weights import TRANSFER

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


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
