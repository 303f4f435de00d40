"""Trace the links of an atlas on the ways of an OpenStreetMap extract."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.antimeridian import unwrapped
from corridormap.errors import UsageError
from corridormap.extras import require
from corridormap.phrases import meant
from corridormap.trace.extract import Extract, read_extract
from corridormap.trace.paths import Doubt, End, Router, Traced
from corridormap.trace.places import anchor, off_track, place, stops
from corridormap.trace.tracks import network

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from geopandas import GeoDataFrame

__all__ = ["Doubt", "Extract", "Traced", "Wanted", "read_extract", "trace"]

MARGIN_DEG, MARGIN_SHARE = 0.5, 0.25
"""So far around the places to be joined the extract is looked at, in degrees and as a share of their extent; the larger counts."""


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
