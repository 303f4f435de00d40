"""Measuring over the network: junctions, and lengths and accuracy of itineraries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.errors import DataError
from corridormap.measure.geodesic import distances_m, lengths_km

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas, SignedLink
    from corridormap.model import Itinerary


def itinerary_of(atlas: Atlas, name: object) -> str:
    """Find the id that a name or number means; an id comes before a number that looks like it."""
    by_number = {str(one.number): one.id for one in atlas.itineraries.values() if one.number is not None}
    return str(name) if name in atlas.itineraries else by_number.get(str(name), str(name))


def chosen(atlas: Atlas, corridors: Iterable[str | int] | None) -> list[str]:
    """Give the ids of the itineraries named, by default of the numbered corridors."""
    if corridors is None:
        return [one.id for one in atlas.itineraries.values() if one.number is not None]
    return [itinerary_of(atlas, name) for name in ([corridors] if isinstance(corridors, str | int) else corridors)]


def links_once(atlas: Atlas, ways: list[list[SignedLink]]) -> GeoDataFrame:
    """Select the links of several ways, each once, in order of travel: a train that reverses in a station passes its approach twice."""
    return atlas.links.loc[list(dict.fromkeys(step.id for way in ways for step in way))]


def check_junctions(atlas: Atlas) -> None:
    """Make sure that every link ends on its nodes.

    Raises
    ------
    DataError
        Naming the first link whose end is farther from its node than the atlas's tolerance.
    """
    links, nodes = atlas.links, atlas.nodes
    where = atlas.folder / "network" / "links.geojson"
    for column in ("from", "to"):
        unknown = links.loc[~links[column].isin(nodes.index)]
        if not unknown.empty:
            raise DataError(f"{column!r} names no node: {unknown[column].iloc[0]!r}", where=f"{where}, {unknown.index[0]}")
    bad = links.index[links.geometry.isna() | (links.geom_type != "LineString") | links.geometry.is_empty]
    if len(bad):
        raise DataError("a link must be a LineString", where=f"{where}, {bad[0]}")
    geometries = np.asarray(links.geometry.to_numpy(), dtype=object)
    for column, index in (("from", 0), ("to", -1)):
        ends = shapely.get_coordinates(shapely.get_point(geometries, index))
        at = shapely.get_coordinates(np.asarray(nodes.geometry.loc[links[column]].to_numpy(), dtype=object))
        gaps = distances_m(ends, at)
        worst = int(gaps.argmax())
        if gaps[worst] > atlas.record.tolerance.junction_m:
            lon, lat = ends[worst]
            raise DataError(
                f"ends {gaps[worst]:.1f} m from its node {links[column].iloc[worst]!r}",
                where=f"{where}, {links.index[worst]} at {lon:.5f}, {lat:.5f}",
                hint="Snap the link's end to the node.",
            )


def accuracy_of(links: pd.DataFrame) -> float:
    """Give the accuracy class of several links together, in metres.

    The 95th percentile of the links' own classes, weighted by length: the smallest class that 95 % of the line is drawn in.
    """
    order = np.argsort(links["accuracy_m"].to_numpy(dtype=float), kind="stable")
    share = np.cumsum(lengths_km(links.geometry.to_numpy())[order])
    return float(links["accuracy_m"].iloc[order[np.searchsorted(share, 0.95 * share[-1])]])


def published_km(atlas: Atlas, itinerary: Itinerary, start: str | None, end: str | None) -> float | None:
    """Measure the part of an itinerary that a published figure is about.

    Parameters
    ----------
    atlas : Atlas
        The atlas.
    itinerary : Itinerary
        The itinerary.
    start, end : str or None
        Nodes on one of its ways; None for the whole, of which only the part in the atlas's country counts.

    Returns
    -------
    float or None
        Kilometres on WGS 84; None if no way passes both nodes.

    Notes
    -----
    Between two nodes the length is the distance travelled: where a train reverses in a station, the approach counts each time it is
    passed. Of a node that a way passes twice, the occurrence nearest to the other node is meant. The whole counts each link once.
    """
    ways = atlas.route(itinerary.id)
    if start is None or end is None:
        return home_km(atlas, links_once(atlas, ways))
    for record, steps in zip(itinerary.ways, ways, strict=True):
        if start in record.nodes and end in record.nodes:
            starts = [index for index, node in enumerate(record.nodes) if node == start]
            ends = [index for index, node in enumerate(record.nodes) if node == end]
            low, high = min(((min(a, b), max(a, b)) for a in starts for b in ends), key=lambda span: span[1] - span[0])
            part = atlas.links.loc[[step.id for step in steps[low:high]]]
            return float(lengths_km(part.geometry.to_numpy()).sum())
    return None


def home_km(atlas: Atlas, links: pd.DataFrame) -> float:
    """Measure those of the links that lie in the atlas's country, in kilometres."""
    return float(lengths_km(links.geometry[links["country"] == atlas.record.country].to_numpy()).sum())
