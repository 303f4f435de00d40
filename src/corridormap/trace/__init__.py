"""Trace the links of an atlas on the ways of an OpenStreetMap extract."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.antimeridian import unwrapped
from corridormap.errors import UsageError
from corridormap.extras import require
from corridormap.geodesic import distances_m
from corridormap.geojson import split_list
from corridormap.phrases import meant
from corridormap.trace.extract import Extract, read_extract, station_name
from corridormap.trace.paths import Doubt, End, Router, Traced, length_text
from corridormap.trace.tracks import Feet, cost_of, feet, network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.trace.extract import Station

__all__ = ["Doubt", "Extract", "Traced", "Wanted", "read_extract", "trace"]

MARGIN_DEG, MARGIN_SHARE = 0.5, 0.25
"""So far around the places to be joined the extract is looked at, in degrees and as a share of their extent; the larger counts."""
STATION_M = 15_000.0
"""A station of the name of a place is meant if it lies so near."""
TWICE_M = 2_000.0
"""Two stations of one name lie so far apart if they are two places."""
REACH_M, ON_M, FAR_M = 300.0, 50.0, 5_000.0
"""Tracks so near to a place serve it, to a junction or crossing, which lies on one; if there are none, the nearest one up to so far."""
MINOR_M = 100.0
"""A main track is preferred to a minor one that is nearer by less, times the difference in cost."""
UNNAMED = ("crossing", "junction")
"""Nodes of these kinds have no station."""


@dataclass(frozen=True)
class Wanted:
    """A link to be traced, between two nodes."""

    id: str
    start: str
    end: str
    refs: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()


def trace(
    extract: Extract, *, links: Sequence[Wanted], nodes: GeoDataFrame, workers: int = 1, progress: Callable[[int], object] | None = None
) -> list[Traced]:
    """Trace links on the ways of an extract.

    Ways far from all the places are not looked at: what a link finds far round may depend on the others that are traced with it.

    Parameters
    ----------
    extract : Extract
        As `read_extract` reads it.
    links : sequence of Wanted
        The links, each from one node to another.
    nodes : GeoDataFrame
        The nodes by id, EPSG:4326, with the columns of an atlas's: ``id, kind, accuracy_m, name_*, names_alt``.
    workers : int
        Processes that share the work; needs dask if more than one. The result is the same.
    progress : callable, optional
        Called with the number of links each time that some are done.

    Returns
    -------
    list of Traced
        One for each link, in order; ``line`` is None where there is no way. ``metres`` is its length on the ellipsoid from the places'
        feet on the track.

    Raises
    ------
    UsageError
        If there is no such node, or dask is lacking.
    """
    unknown = [node for link in links for node in (link.start, link.end) if node not in nodes.index]
    if unknown:
        raise UsageError(f"no node {unknown[0]!r}", hint=meant(unknown[0], nodes.index, "Add it to network/nodes.geojson."))
    if not links:
        return []
    lacking = {"id", "kind", "accuracy_m"} - set(nodes.columns)
    if lacking:
        raise UsageError(f"places lack {', '.join(sorted(lacking))}", hint="See the columns that an atlas's nodes have.")
    done = progress or (lambda _: None)
    nodes = nodes.loc[list(dict.fromkeys(node for link in links for node in (link.start, link.end)))]
    extract = _around(extract, nodes)
    if workers == 1 or len(links) < 2:
        return _traced(extract, links, nodes, done)
    together = require("dask", extra="dask", needed_for="work by several workers")
    shares = [links[first::workers] for first in range(min(workers, len(links)))]
    tasks = [together.delayed(_traced)(extract, share, nodes) for share in shares]
    found = {one.id: one for share in together.compute(*tasks, scheduler="processes", num_workers=workers) for one in share}
    done(len(links))
    return [found[link.id] for link in links]


def _around(extract: Extract, nodes: GeoDataFrame) -> Extract:
    """Leave out lines that are far from all places: a way that goes so far round is none."""
    at = shapely.get_coordinates(nodes.geometry.to_numpy())
    at = unwrapped(at, about=at[0, 0])
    margin = max(MARGIN_DEG, MARGIN_SHARE * float(np.ptp(at, axis=0).max()))
    corners = [at.min(axis=0) - margin, at.max(axis=0) + margin]
    boxes = [shapely.box(*(corners[0] + (turn, 0.0)), *(corners[1] + (turn, 0.0))) for turn in (-360.0, 0.0, 360.0)]
    near = np.unique(shapely.STRtree(extract.lines).query(boxes)[1])
    if not len(near):
        return extract
    return replace(extract, lines=extract.lines[near], ways=[extract.ways[i] for i in near], tags=[extract.tags[i] for i in near])


def _traced(extract: Extract, links: Sequence[Wanted], nodes: GeoDataFrame, done: Callable[[int], object] = lambda _: None) -> list[Traced]:
    result = []
    placed = place(extract, nodes)
    found = stops(extract, placed)
    tracks = network(extract, stops=found)
    router = Router(tracks, extract)
    ends: dict[str, End | None] = {}
    doubts: dict[str, list[Doubt]] = {}
    for number, (node, where) in enumerate(placed.items()):
        mine = np.flatnonzero(found.place == number)
        ends[node] = None
        if len(mine):
            lonlat = found.lonlat[anchor(extract, found, mine)]
            ends[node] = End(tracks.vertices(found.lonlat[mine]), found.metres[mine], (float(lonlat[0]), float(lonlat[1])))
        doubts[node] = where.doubts + off_track(extract, node, where, found.metres[mine].min() if len(mine) else None)
    joined = Counter((link.start, link.end) for link in links)
    for link in links:
        start, end = ends[link.start], ends[link.end]
        one = Traced(link.id)
        if start is not None and end is not None:
            one = router.trace(link.id, start, end, refs=link.refs, locked=link.locked)
            one.snaps = {link.start: start.lonlat, link.end: end.lonlat}
        if joined[link.start, link.end] > 1:
            one.doubts.append(Doubt("ambiguous", "another link joins the same places: put a node of its own on each"))
        one.doubts[:0] = doubts[link.start] + doubts[link.end]
        result.append(one)
        done(1)
    return result


@dataclass(frozen=True, eq=False)
class Placed:
    """Where a place was looked for: its position, or that of the station of its name; doubts that all its links share."""

    lonlat: tuple[float, float]
    reach_m: float
    doubts: list[Doubt] = field(default_factory=list)


def place(extract: Extract, nodes: GeoDataFrame) -> dict[str, Placed]:
    """Say for each node where its track is to be looked for."""
    named: dict[str, list[Station]] = {}
    for station in extract.stations:
        for name in station.names:
            named.setdefault(name, []).append(station)
    return {node["id"]: _placed(node, named) for node in nodes.to_dict("records")}


def _placed(node: dict[str, Any], named: dict[str, list[Station]]) -> Placed:
    ident, here, accuracy = node["id"], (node["geometry"].x, node["geometry"].y), float(node["accuracy_m"])
    also = node.get("names_alt")
    names = [value for key, value in node.items() if key.startswith("name_") and isinstance(value, str)]
    names += split_list(also if isinstance(also, str) else None)
    stations = list(dict.fromkeys(station for name in names for station in named.get(station_name(name), [])))
    at = np.array([(one.lon, one.lat) for one in stations]).reshape(-1, 2)
    gaps = distances_m(np.full_like(at, here), at)
    if node["kind"] in UNNAMED or not stations or gaps.min() > max(STATION_M, accuracy):
        return Placed(here, max(ON_M if node["kind"] in UNNAMED else REACH_M, min(accuracy, FAR_M)))
    best, doubts = int(gaps.argmin()), []
    if gaps[best] > max(accuracy, REACH_M):
        message = f"{ident} lies {length_text(gaps[best])} from the station of its name, where it was put"
        doubts.append(Doubt("place", message, *at[best].tolist()))
    apart = distances_m(np.full_like(at, at[best]), at)
    for other in np.flatnonzero((apart > TWICE_M) & (gaps < max(accuracy, 3.0 * gaps[best])))[:1]:
        message = f"two stations bear the name of {ident}, {length_text(apart[other])} apart: the nearer one was taken"
        doubts.append(Doubt("name", message, *at[other].tolist()))
    return Placed((stations[best].lon, stations[best].lat), REACH_M, doubts)


def stops(extract: Extract, placed: dict[str, Placed]) -> Feet:
    """Find the tracks that serve each place, in the order of the places; where none is near, the nearest one, up to 5 km."""
    lonlat = np.array([one.lonlat for one in placed.values()]).reshape(-1, 2)
    found = feet(extract.lines, lonlat, np.full(len(lonlat), FAR_M))
    reach = np.array([one.reach_m for one in placed.values()])
    least = np.full(len(lonlat), np.inf)
    np.minimum.at(least, found.place, found.metres)
    near = found.metres <= np.maximum(reach, least)[found.place]
    return Feet(found.place[near], found.line[near], found.segment[near], found.lonlat[near], found.metres[near])


def anchor(extract: Extract, found: Feet, mine: NDArray[np.int64]) -> int:
    """Choose the foot at which a place lies: the nearest one, rather on a main track."""
    minor = np.array([cost_of(extract.tags[line]) - 1.0 for line in found.line[mine]])
    return int(mine[np.argmin(found.metres[mine] + MINOR_M * minor)])


def off_track(extract: Extract, node: str, placed: Placed, metres: float | None) -> list[Doubt]:
    """Say what is wrong with a place that has no track near it."""
    lon, lat = placed.lonlat
    if metres is None:
        west, south, east, north = extract.bounds
        outside = not (west <= lon <= east and south <= lat <= north)
        what = "lies outside the extract" if outside else f"has no {extract.mode} within {length_text(FAR_M)}"
        return [Doubt("outside" if outside else "place", f"{node} {what}", lon, lat)]
    if metres > placed.reach_m:
        return [Doubt("place", f"{node} lies {length_text(metres)} from the nearest {extract.mode}", lon, lat)]
    return []
