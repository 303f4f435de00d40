"""Where lines are drawn beside their track: offsets and displacement.

Itineraries that share a link run side by side, each in one lane along its whole way, the same on every map. A road that keeps so close to a
railway that on a small map one would hide the other is drawn past the railway's lanes.
"""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.atlas import kept
from corridormap.cartography.symbols import TABLE

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas

BEAM = 400
"""So many of the best choices for the first itineraries are followed up when the next one's lane is chosen."""
NEAR_M = 6000.0
"""Lines nearer than this cannot be told apart on a map of the country: about a pixel at zoom 4, four at zoom 6."""
STEP_M = 1000.0
"""Distance between the places on a road at which the railway is looked for."""
CLEARANCE = 1.5
"""Lanes between the two, since the road may cross the railway and come back."""


@kept
def travelled(atlas: Atlas, itinerary: str) -> dict[str, int]:
    """Link → 1 if the itinerary travels it forwards, -1 if backwards; what it travels twice is drawn as at the first time."""
    steps = [step for way in atlas.route(itinerary) for step in way] if itinerary in atlas.itineraries else []
    return {step.id: 1 if step.forward else -1 for step in reversed(steps)}


def shown_at_first(atlas: Atlas) -> set[str]:
    """Name the itineraries of the layers that are shown at first."""
    return {name for layer in atlas.layers if layer.build == "itineraries" and layer.visible for name in atlas.layer(layer.id)["id"]}


@kept
def lanes(atlas: Atlas) -> dict[str, int]:
    """Choose the lane of every itinerary of the atlas: how many steps to the right of its travel it is drawn, left if negative.

    Notes
    -----
    QGIS offsets a line as one, so that a lane holds for the whole way; where two travel a link in opposite directions the same lane means
    opposite sides. Of the choices in which no two itineraries lie on each other, with lanes as near to the track as possible, the one is
    taken that leaves the least room between neighbours and the least line off its track, measured along the ways. Layers that are
    shown at first choose first.
    """
    shown = sorted((layer for layer in atlas.layers if layer.build == "itineraries"), key=lambda layer: not layer.visible)
    chosen: dict[str, int] = {}
    lengths = dict(zip(atlas.links.index, atlas.links.geometry.to_crs(atlas.planar_crs).length / 1000, strict=True))
    for layer in shown:
        names = [name for name in map(str, atlas.layer(layer.id)["id"]) if name in atlas.itineraries and name not in chosen]
        ways = {name: travelled(atlas, name) for name in [*chosen, *names]}
        groups = _groups(chosen, names, ways)
        # So many lanes are always enough: every other itinerary bars two at most.
        for farthest in range(len(ways) + 1):
            found = [_choose(beside, group, ways, lengths, farthest) for beside, group in groups]
            if None not in found:
                break
        for choice in found:
            chosen |= choice or {}
    return chosen


def _groups(chosen: dict[str, int], names: list[str], ways: dict[str, dict[str, int]]) -> list[tuple[dict[str, int], list[str]]]:
    """Part itineraries into groups that share no link with each other, each with those chosen before that it shares links with."""
    import networkx as nx

    users: dict[str, list[str]] = {}
    for name, way in ways.items():
        for link in way:
            users.setdefault(link, []).append(name)
    together: Any = nx.Graph()
    together.add_nodes_from(names)
    for sharing in users.values():
        nx.add_path(together, [name for name in sharing if name not in chosen])
    order = {name: place for place, name in enumerate(ways)}
    groups = [sorted(group, key=order.__getitem__) for group in nx.connected_components(together)]
    beside = [{other for name in group for link in ways[name] for other in users[link] if other in chosen} for group in groups]
    return [
        ({name: chosen[name] for name in sorted(near, key=order.__getitem__)}, group) for near, group in zip(beside, groups, strict=True)
    ]


def _choose(
    chosen: dict[str, int], names: list[str], ways: dict[str, dict[str, int]], lengths: dict[str, float], farthest: int
) -> dict[str, int] | None:
    """Choose the lanes of more itineraries, none farther than so many steps; None if there is no such choice."""
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, tuple(chosen.values()))]
    placed = list(chosen)
    # A choice and its mirror image cost the same: the left is tried first.
    tries = sorted(range(-farthest, farthest + 1), key=lambda lane: (abs(lane), lane))
    for name in names:
        way = ways[name]
        long = sum(lengths[link] for link in way)
        # Of each other itinerary: its number, whether they travel alike, and for how long.
        shared = []
        for index, other in enumerate(placed):
            turns = {link: way[link] * ways[other][link] for link in way.keys() & ways[other].keys()}
            shared += [(index, turn, sum(lengths[link] for link in turns if turns[link] == turn)) for turn in sorted(set(turns.values()))]

        def cost(others: tuple[int, ...], lane: int, long: float = long, shared: list[tuple[int, int, float]] = shared) -> float | None:
            gaps = [abs(lane - turn * others[index]) - 1 for index, turn, _ in shared]
            return None if -1 in gaps else long * abs(lane) + sum(gap * km for gap, (_, _, km) in zip(gaps, shared, strict=True))

        more = [(before + own, (*others, lane)) for before, others in best for lane in tries if (own := cost(others, lane)) is not None]
        best = nsmallest(BEAM, more, key=lambda choice: choice[0])
        placed.append(name)
    return dict(zip(placed, best[0][1], strict=True)) if best else None


def share_at(zoom: float) -> float:
    """Tell how much of a displacement is drawn at a zoom of a web map: all of it on small maps, none where both lines have room."""
    whole, none = TABLE.displaced
    return min(max((none - zoom) / (none - whole), 0.0), 1.0)


@kept
def displacements(atlas: Atlas) -> dict[str, float]:
    """Give for each road link beside a railway how many lanes to the right of its own direction, left if negative, it is drawn.

    It is the least number that brings the itineraries on the road past those on the railway, if both lay on one track; only those that are
    shown at first count.
    """
    chosen = lanes(atlas)
    shown = shown_at_first(atlas)
    taken: dict[str, set[int]] = {}
    for name, lane in chosen.items():
        if name not in shown:
            continue
        for link, direction in travelled(atlas, name).items():
            taken.setdefault(link, set()).add(lane * direction)
    found = {}
    for road, (rail, side, along) in beside(atlas.links, atlas.planar_crs).items():
        if road in taken and rail in taken:
            # Seen from the middle of the road towards its own side of the railway.
            own, others = {side * lane for lane in taken[road]}, {side * along * lane for lane in taken[rail]}
            found[road] = side * max(max(others) + CLEARANCE - min(own), 0.0)
    return found


def beside(links: GeoDataFrame, planar_crs: str) -> dict[str, tuple[str, int, int]]:
    """Find for each road, at least half of which has railways within 6 km, the one that it runs along longest.

    With it 1 if the road lies right of it as the road's line runs, -1 if left; and 1 if both lines run the same way, else -1.
    """
    flat = links.geometry.to_crs(planar_crs).to_numpy()
    railways = (links["mode"] == "rail").to_numpy().nonzero()[0]
    tree = shapely.STRtree(flat[railways])
    found = {}
    for road in (links["mode"] == "road").to_numpy().nonzero()[0]:
        length = flat[road].length
        along = np.arange(STEP_M / 2, max(length, STEP_M), STEP_M)
        places = shapely.line_interpolate_point(flat[road], along)
        place, rail = tree.query(places, predicate="dwithin", distance=NEAR_M)
        if not len(place) or len(np.unique(place)) * 2 < len(places):
            continue
        best = int(np.bincount(rail).argmax())
        close, line = place[rail == best], flat[railways[best]]
        at = shapely.line_locate_point(line, places[close])
        here, towards = shapely.get_coordinates(places[close]), shapely.get_coordinates(shapely.line_interpolate_point(line, at))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(flat[road], np.minimum(along[close] + 1.0, length)))
        # Left of the road is where the cross product of its direction and the way to the railway is positive.
        (dx, dy), (tx, ty) = (ahead - here).T, (towards - here).T
        side = 1 if np.sign(dx * ty - dy * tx).sum() > 0 else -1
        # Whether one comes forward on the railway as one does on the road.
        alike = 1 if np.sum((at - at.mean()) * (along[close] - along[close].mean())) >= 0 else -1
        found[str(links.index[road])] = (str(links.index[railways[best]]), side, alike)
    return found
