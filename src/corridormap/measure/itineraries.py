"""Itineraries of the atlas as links: each once, where they end, how long and how accurate they are together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from corridormap.atlas import LINKS, NODES, Atlas, kept
from corridormap.errors import DataError, refuse
from corridormap.geodesic import distances_m, lengths_km

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from corridormap.atlas import SignedLink
    from corridormap.model import Itinerary

SWAPPED = 1e-4
"""Degrees within which a link's end is where its node would be with its axes swapped."""


class MeasuredLink(NamedTuple):
    """A link with its length in kilometres."""

    id: str
    start: str
    end: str
    country: str
    status: str
    accuracy_m: float
    km: float


@kept
def measured_links(atlas: Atlas) -> dict[str, MeasuredLink]:
    """Measure every link, all at once."""
    links = atlas.links
    columns = [links[name].to_list() for name in ("id", "from", "to", "country", "status", "accuracy_m")]
    rows = zip(*columns, lengths_km(links.geometry.to_numpy()).tolist(), strict=True)
    return {row[0]: MeasuredLink(*row) for row in rows}


def links_once(atlas: Atlas, ways: list[list[SignedLink]]) -> list[MeasuredLink]:
    """Select the links of several ways, each once, in order of travel: a train that reverses in a station passes its approach twice."""
    measured = measured_links(atlas)
    return [measured[link] for link in dict.fromkeys(step.id for way in ways for step in way)]


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


@kept
def junction_faults(atlas: Atlas) -> list[DataError]:
    """Find the links that name no node, or that end farther from their node than the atlas's tolerance.

    Each end is told for itself; a line that runs the other way round, or whose axes are swapped, once.
    """
    links, nodes = atlas.links, atlas.nodes
    where = atlas.folder / LINKS
    unknown = [
        DataError(f"{column!r} names no node: {node!r}", where=where, feature=link, hint=atlas.hints_of_nodes[node])
        for column in ("from", "to")
        for link, node in links.loc[~links[column].isin(nodes.index), column].items()
        if not atlas.lost(NODES, node)
    ]
    limit = atlas.record.tolerance.junction_m
    apart: dict[tuple[str, str], DataError] = {}
    for column, index in (("from", 0), ("to", -1)):
        known = links[links[column].isin(nodes.index.difference(list(atlas.doubled(NODES))))]
        lines = np.asarray(known.geometry.to_numpy(), dtype=object)
        ends, others = (shapely.get_coordinates(shapely.get_point(lines, place)) for place in (index, -1 - index))
        at = shapely.get_coordinates(np.asarray(nodes.geometry.loc[known[column]].to_numpy(), dtype=object))
        gaps = distances_m(ends, at)
        for row in (gaps > limit).nonzero()[0]:
            (lon, lat), link, node = ends[row], str(known.index[row]), known[column].iloc[row]
            kind, hint = column, "Snap the link's end to the node."
            if distances_m(others[[row]], at[[row]])[0] <= limit:
                kind, hint = "turned", "Its line runs from `to` to `from`: turn it round, or exchange the two."
            elif np.abs(lon - at[row, 1]) + np.abs(lat - at[row, 0]) <= SWAPPED:
                kind, hint = "swapped", f"Longitude comes first: the node is at {at[row, 0]:g}, {at[row, 1]:g}; one of the two is swapped."
            what = f"ends {gaps[row]:.1f} m from its node {node!r} at {lon:.5f}, {lat:.5f}"
            apart.setdefault((link, kind), DataError(what, where=where, feature=link, hint=hint))
    return [*unknown, *apart.values()]


def check_junctions(atlas: Atlas) -> None:
    """Make sure that every link ends on its nodes, within the atlas's tolerance.

    Raises
    ------
    DataError
        Naming all that do not.
    """
    refuse(junction_faults(atlas))


def accuracy_of(links: Iterable[MeasuredLink]) -> float:
    """Give the accuracy class of several links together, in metres: the smallest that 95 % of their length is drawn in."""
    accuracy, km = np.array(sorted((link.accuracy_m, link.km) for link in links)).T
    share = np.cumsum(km)
    return float(accuracy[np.searchsorted(share, 0.95 * share[-1])])


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
            return total_km(measured_links(atlas)[step.id] for step in steps[low:high])
    return None


def total_km(links: Iterable[MeasuredLink]) -> float:
    """Add up the links' lengths, in kilometres."""
    return math.fsum(link.km for link in links)


def home_km(atlas: Atlas, links: Iterable[MeasuredLink]) -> float:
    """Measure those of the links that lie in the atlas's country, or in one of its countries, in kilometres."""
    return total_km(link for link in links if link.country in atlas.record.members)


def members_km(atlas: Atlas, links: Iterable[MeasuredLink]) -> dict[str, float]:
    """Measure the links in each of the atlas's countries, in kilometres."""
    return {code: total_km(link for link in links if link.country == code) for code in atlas.record.members}
