"""Links as arcs between vertices, and the shortest ways over them (Dijkstra 1959, as scipy has it), the same one each time.

A node is one vertex, unless changes between modes or countries weigh something: then a node where these meet has a vertex to come in by
and one to go out by for each mode and country of its links, arcs between them that weigh what the change weighs, and one vertex each to
start from and to end at. Links go both ways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

ROUNDING = 1e-12
"""Ways whose weights differ by no more than this share are as long: sums in another order differ so."""


@dataclass(frozen=True)
class Trees:
    """The shortest ways from some vertices to all.

    Attributes
    ----------
    weight : ndarray of float, shape (k, vertices)
        Infinite where no way leads.
    before : ndarray of int, shape (k, vertices)
        The vertex before each on scipy's ways; of several as short it is any.
    """

    weight: Floats
    before: Ints


class Graph:
    """Arcs between vertices, made once.

    Parameters
    ----------
    start, end : ndarray of int, shape (n,)
        The nodes of each link, numbered in the order of their ids from 0 to `nodes`.
    weight : ndarray of float, shape (n,)
        What each link weighs, from nought up.
    order : ndarray of int, shape (n,)
        The place of each link in the order of ids.
    nodes : int
        How many there are.
    group : ndarray of int, shape (n,), optional
        Which links may be changed between freely; by default all.
    change : callable, optional
        What a change at a node from one group to another weighs.
    """

    def __init__(
        self,
        *,
        start: Ints,
        end: Ints,
        weight: Floats,
        order: Ints,
        nodes: int,
        group: Ints | None = None,
        change: Callable[[int, int, int], float] | None = None,
    ) -> None:
        self.start, self.end, self.nodes = start, end, nodes
        self.weight = weight
        groups = np.zeros(len(start), dtype=np.int64) if group is None else group
        several = int(groups.max(initial=0)) + 1
        # A place is a node and a group of the links there.
        places, at = np.unique(np.concatenate([start * several + groups, end * several + groups]), return_inverse=True)
        node = places // several
        split = np.bincount(node, minlength=nodes)[node] > 1
        self.into = np.arange(len(places))
        self.out = np.where(split, np.cumsum(split) - 1 + len(places), self.into)
        count = len(places) + int(split.sum())
        self.source, self.sink = (np.full(nodes, -1) for _ in range(2))
        self.source[node[~split]] = self.sink[node[~split]] = self.into[~split]
        inner: list[tuple[int, int, float]] = []
        for one in np.unique(node[split]).tolist():
            self.source[one], self.sink[one], count = count, count + 1, count + 2
            here = np.flatnonzero(node == one).tolist()
            for came in here:
                inner += [(self.source[one], self.out[came], 0.0), (self.into[came], self.sink[one], 0.0)]
                assert change is not None
                inner += [
                    (self.into[came], self.out[goes], change(one, int(places[came] % several), int(places[goes] % several)))
                    for goes in here
                ]
        self.node_of_place = node
        self.ends = (at[: len(start)], at[len(start) :])
        self._arrange(inner, order, count)

    def _arrange(self, inner: list[tuple[int, int, float]], order: Ints, count: int) -> None:
        """Lay out arcs by tail and head, of those between the same two the lightest, and of these the first by id."""
        from scipy.sparse import csr_array

        one, other = self.ends
        links = np.arange(len(self.start))
        tail = np.concatenate([self.out[one], self.out[other], [arc[0] for arc in inner]]).astype(np.int64)
        head = np.concatenate([self.into[other], self.into[one], [arc[1] for arc in inner]]).astype(np.int64)
        weight = np.concatenate([self.weight, self.weight, [arc[2] for arc in inner]])
        link = np.concatenate([links, links, np.full(len(inner), -1)])
        forward = np.arange(len(link)) < len(links)
        rank = np.concatenate([order, order, np.full(len(inner), -1)])
        sort = np.lexsort((rank, weight, head, tail))
        key = tail[sort] * count + head[sort]
        sort = sort[np.append(True, key[1:] != key[:-1])] if len(sort) else sort
        self.tail, self.head, self.arc_weight, self.link, self.forward = (part[sort] for part in (tail, head, weight, link, forward))
        self.key = self.tail * count + self.head
        self.count = count
        starts = np.searchsorted(self.tail, np.arange(count + 1))
        self.matrix = csr_array((self.arc_weight, self.head, starts), shape=(count, count))
        self.by_head = np.lexsort((self.tail, rank[sort], self.head))
        self._head, self._tail, self._weight = (part[self.by_head] for part in (self.head, self.tail, self.arc_weight))

    def trees(self, sources: Sequence[int] | Ints) -> Trees:
        """Find the shortest ways from vertices to all."""
        from scipy.sparse.csgraph import dijkstra

        weight, before = dijkstra(self.matrix, directed=True, indices=np.asarray(sources, dtype=np.int64), return_predecessors=True)
        return Trees(weight, before)

    def distances(self, sources: Ints, sinks: Ints) -> Floats:
        """Weigh the shortest ways between vertices (k) and (m), (k, m), from whichever side has fewer."""
        from scipy.sparse.csgraph import dijkstra

        if not len(sources) or not len(sinks):
            return np.zeros((len(sources), len(sinks)))
        if len(sinks) < len(sources):
            back: Floats = dijkstra(self.matrix.T.tocsr(), directed=True, indices=sinks)[:, sources].T
            return back
        there: Floats = dijkstra(self.matrix, directed=True, indices=sources)[:, sinks]
        return there

    def arcs_into(self, trees: Trees, row: int = 0) -> Ints:
        """Give the last arc of the way to each vertex, -1 where none leads: of ways as short the one whose link comes first by id."""
        weight = trees.weight[row]
        here, there = weight[self._tail], weight[self._head]
        # What lies strictly nearer to the start cannot lead in a circle.
        shortest = np.flatnonzero((here < there) & (here + self._weight <= there * (1.0 + ROUNDING)))
        head = self._head[shortest]
        first = np.append(True, head[1:] != head[:-1]) if len(head) else np.zeros(0, dtype=bool)
        into = np.full(self.count, -1)
        into[head[first]] = self.by_head[shortest[first]]
        # Behind an arc that weighs nothing scipy's way is kept.
        rest = np.flatnonzero((into < 0) & np.isfinite(weight) & (trees.before[row] >= 0))
        into[rest] = np.searchsorted(self.key, trees.before[row][rest] * np.int64(self.count) + rest)
        return into

    def way(self, into: Ints, vertex: int) -> list[int]:
        """Follow arcs back from a vertex to where its tree starts; give them in order of travel."""
        arcs = []
        while (arc := int(into[vertex])) >= 0:
            arcs.append(arc)
            vertex = int(self.tail[arc])
        return arcs[::-1]

    def way_by(self, stops: Sequence[int]) -> list[list[int]] | None:
        """Find the shortest way through nodes, no two in a row the same, as arcs, a list for each leg; None if no way joins them.

        Who stops at a node comes in by one mode and country and goes on from there: what a change weighs is counted.
        """
        reached: list[tuple[float, int, list[list[int]]]] = [(0.0, int(self.source[stops[0]]), [])]
        for number, stop in enumerate(stops[1:], start=2):
            last = number == len(stops)
            targets = [int(self.sink[stop])] if last or not self.is_split_node(stop) else self.into[self.node_of_place == stop].tolist()
            trees = self.trees([vertex for _, vertex, _ in reached])
            chains = [self.arcs_into(trees, row) for row in range(len(reached))]
            found = []
            for target in targets:
                far = [weight + float(trees.weight[row, target]) for row, (weight, _, _) in enumerate(reached)]
                row = int(np.argmin(far))
                if np.isfinite(far[row]):
                    found.append((far[row], target, [*reached[row][2], self.way(chains[row], target)]))
            if not found:
                return None
            reached = found
        return min(reached, key=lambda one: one[0])[2]

    def is_split_node(self, node: int) -> bool:
        """Tell whether changes at a node may weigh something."""
        return bool(self.source[node] != self.sink[node])

    def only_ways(self, nodes: Ints, links: Ints) -> list[bool]:
        """Tell for each link of a way that passes no node twice whether nothing else joins what lies before it and behind it."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        rest = np.ones(len(self.start), dtype=bool)
        rest[links] = False
        ones = np.ones(int(rest.sum()), dtype=np.int8)
        matrix = csr_array((ones, (self.start[rest], self.end[rest])), shape=(self.nodes, self.nodes))
        part = connected_components(matrix, directed=False)[1][nodes]
        # Where the way off the links touches the way in two places, the links between have a way round.
        ends: dict[int, tuple[int, int]] = {}
        for place, name in enumerate(part.tolist()):
            ends[name] = (ends.get(name, (place, place))[0], place)
        covers = np.zeros(len(nodes) + 1, dtype=np.int64)
        for first, last in ends.values():
            covers[first] += 1
            covers[last] -= 1
        return [not covered for covered in np.cumsum(covers)[: len(links)].tolist()]


def connected(start: Ints, end: Ints, *, nodes: int) -> Any:
    """Number the parts of a network that hang together: of each node its part."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    matrix = csr_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(nodes, nodes))
    return connected_components(matrix, directed=False)[1]
