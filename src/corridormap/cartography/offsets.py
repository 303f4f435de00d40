"""Offsets: itineraries that share a link run side by side, each in one lane along its whole way, the same on every map."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from corridormap.atlas import kept

if TYPE_CHECKING:
    from corridormap.atlas import Atlas

__all__ = ["lanes", "shown_at_first", "travelled"]

BEAM = 400
"""So many of the best choices for the first itineraries are followed up when the next one's lane is chosen."""


@kept
def _travelled(_atlas: Atlas) -> dict[str, dict[str, int]]:
    """Itinerary → what `travelled` found."""
    return {}


def travelled(atlas: Atlas, itinerary: str) -> dict[str, int]:
    """Link → 1 if the itinerary travels it forwards, -1 if backwards; what it travels twice is drawn as at the first time.

    Found once and kept: do not change it.
    """
    found = _travelled(atlas)
    if itinerary not in found:
        steps = [step for way in atlas.route(itinerary) for step in way] if itinerary in atlas.itineraries else []
        found[itinerary] = {step.id: 1 if step.forward else -1 for step in reversed(steps)}
    return found[itinerary]


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
