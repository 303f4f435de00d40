"""The way of a link over the network of an extract, and every doubt about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import shapely

from corridormap.antimeridian import unwrapped
from corridormap.geodesic import distances_m, geod, plane_about
from corridormap.trace.tracks import GAP_COST, GAP_M, Tracks, cost_of, is_building, kind_of, turn

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from corridormap.trace.extract import Extract

ASIDE_COST, ASIDE_M = 4.0, 300.0
"""What a metre from the place to the track costs beside one of main track; more of them are doubted."""
OTHER_REF_COST = 1.5
"""What a metre of a road costs that bears none of the numbers of the link."""
LOCKED_COST = 0.9
"""What a metre of a way costs that the line was last traced on, so that it does not change from one parallel track to the other."""
SAVED_M, SAVED_SHARE, ROUND = 1_000.0, 0.03, 2.5
"""A gap is suspect if the way round it is so many times as long, and that much of the way, in metres and as a share, were saved."""
HOLE_M, HOLE_ROUND, HOLE_AIM_DEG, HOLE_REST = 5_000.0, 3.0, 30.0, 1.25
"""So is one between places where a way goes off its course to come back to it, if the way round is that much longer, and all the rest
hardly longer than the geodesic: in mountains winding is no sign."""
RIVAL_COST, RIVAL_SHARE, RIVAL_M = 1.5, 0.1, 3_000.0
"""Another way rivals that is found when this one costs so much more, is no longer than by a share, and lies so far aside."""
DETOUR = 2.5
"""A way is a detour that is so many times as long as the geodesic."""
MINOR_SHARE, MINOR_M = 0.05, 2_000.0
"""So much of a way on sidings, yards and spurs, in metres and as a share, is of the wrong class."""
MINOR = ("siding", "crossover", "yard", "spur")


@dataclass(frozen=True)
class Doubt:
    """What may be wrong about a traced link, or what a person should look at after lines became a network; and where."""

    kind: str
    message: str
    lon: float | None = None
    lat: float | None = None
    feature: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it, places to a metre."""
        place = {name: None if value is None else round(value, 5) for name, value in (("lon", self.lon), ("lat", self.lat))}
        return asdict(self) | place


@dataclass(eq=False)
class Traced:
    """A link as traced: its line in lon/lat, None if there is no way, its ways in order of travel, and its ends on them."""

    id: str
    line: Any = None
    metres: float = 0.0
    ways: list[str] = field(default_factory=list)
    main: float = 0.0
    building: float = 0.0
    gap_m: float = 0.0
    doubts: list[Doubt] = field(default_factory=list)
    snaps: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class End:
    """Where a link may begin or end: vertices with their distance from the place, and the place on the track itself."""

    vertices: NDArray[np.int64]
    metres: NDArray[np.float64]
    lonlat: tuple[float, float]


class Router:
    """Finds ways over tracks."""

    def __init__(self, tracks: Tracks, extract: Extract) -> None:
        self.tracks, self.extract = tracks, extract
        self.graph: Any = nx.DiGraph()
        turns = tracks.turns
        self.graph.add_nodes_from(range(len(tracks.vertex)))
        self.graph.add_weighted_edges_from(zip(*((turns["i"] ^ 1).tolist(), turns["j"].tolist(), turns["extra"].tolist()), strict=True))
        self.cost = tracks.metres * np.array([cost_of(tags) for tags in tracks.tags])[tracks.line]
        self.gap = np.array(["gap" in tags for tags in tracks.tags])[tracks.line]
        self.kind = np.array([kind_of(tags) for tags in tracks.tags], dtype=object)[tracks.line]
        self.refs = [{_ref(ref) for ref in tags.get("ref", "").split(";")} for tags in extract.tags]
        self.building = np.array([is_building(tags) for tags in tracks.tags])[tracks.line]

    def way(self, start: End, end: End, cost: NDArray[np.float64]) -> NDArray[np.int64] | None:
        """Find the cheapest way as states in order; None if there is none. `cost` is that of each run."""
        price = cost.tolist()
        at, shut = self.tracks.at, self.tracks.shut
        outset = [(-1, i, ASIDE_COST * m) for v, m in zip(start.vertices, start.metres, strict=True) for i in at(v).tolist() if not shut[i]]
        arrival = [
            (i ^ 1, -2, ASIDE_COST * m) for v, m in zip(end.vertices, end.metres, strict=True) for i in at(v).tolist() if not shut[i ^ 1]
        ]
        self.graph.add_weighted_edges_from(outset + arrival)
        try:
            _, way = nx.bidirectional_dijkstra(
                self.graph, -1, -2, weight=lambda _, state, edge: edge["weight"] + (price[state >> 1] if state >= 0 else 0.0)
            )
        except (nx.NetworkXNoPath, nx.NodeNotFound):
            return None
        finally:
            self.graph.remove_nodes_from([-1, -2])
        return np.array(way[1:-1], dtype=np.int64)

    def line(self, way: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the vertices (n, 2) of a way."""
        tracks = self.tracks
        parts = [tracks.xy[tracks.first[state >> 1] : tracks.last[state >> 1] + 1][:: -1 if state & 1 else 1] for state in way.tolist()]
        xy = np.concatenate([parts[0], *(part[1:] for part in parts[1:])])
        return np.column_stack([np.unwrap(xy[:, 0], period=360.0), xy[:, 1]])

    def metres(self, way: NDArray[np.int64]) -> float:
        """Measure a way."""
        return float(self.tracks.metres[way >> 1].sum())

    def trace(self, link: str, start: End, end: End, *, refs: Collection[str] = (), locked: Collection[str] = ()) -> Traced:
        """Trace a link from one end to the other.

        Parameters
        ----------
        link : str
            Its id.
        start, end : End
            Its ends.
        refs : collection of str
            The numbers of a road: ways that bear another are dearer.
        locked : collection of str
            Ways it was traced on before: they are cheaper.
        """
        result = Traced(link)
        cost = self.cost * self._factors(refs, locked)
        if np.intersect1d(start.vertices, end.vertices).size:
            result.doubts.append(Doubt("no way", "both ends are at the same place", *start.lonlat))
            return result
        way = self.way(start, end, cost)
        if way is None:
            result.doubts.append(self._severed(start, end))
            return result
        run = way >> 1
        share = self.tracks.metres[run] / max(self.metres(way), 1e-9)
        result.metres = self.metres(way)
        names = [self.extract.ways[line] for line in self.tracks.line[run[~self.gap[run]]].tolist()]
        result.ways = [name for position, name in enumerate(names) if position == 0 or names[position - 1] != name]
        result.building = float(share[self.building[run]].sum())
        minor = np.isin(self.kind[run], MINOR) & ~self.gap[run]
        result.main = float(share[~minor & ~self.gap[run]].sum())
        result.gap_m = float(self.tracks.metres[run[self.gap[run]]].sum())
        xy = self.line(way)
        result.line = shapely.LineString(
            np.vstack([unwrapped(np.array([start.lonlat]), about=xy[0, 0]), xy, unwrapped(np.array([end.lonlat]), about=xy[-1, 0])])
        )
        straight = float(distances_m(np.array([start.lonlat]), np.array([end.lonlat]))[0])
        for at, vertex in ((start, xy[0]), (end, xy[-1])):
            if (aside := float(distances_m(np.array([at.lonlat]), vertex[None])[0])) > ASIDE_M:
                result.doubts.append(Doubt("place", f"the way passes {length_text(aside)} from the track nearest to it", *at.lonlat))
        result.doubts += [self._gap(state) for state in way[self.gap[run]]]
        result.doubts += self._suspects(way, start, end, cost) or self._holes(way, straight)
        result.doubts += self._reversals(way)
        result.doubts += self._rival(way, start, end, cost)
        if result.metres > DETOUR * straight and result.metres - straight > MINOR_M:
            result.doubts.append(
                Doubt("detour", f"{result.metres / max(straight, 1.0):.1f} times as long as the geodesic", *self._place(way[len(way) // 2]))
            )
        if result.building > 0.0:
            worst = way[self.building[run]][0]
            result.doubts.append(Doubt("under construction", f"{result.building:.1%} of it", *self._place(worst)))
        if minor.any() and (on := float(self.tracks.metres[run[minor]].sum())) > max(MINOR_M, MINOR_SHARE * result.metres):
            longest = way[minor][np.argmax(self.tracks.metres[run[minor]])]
            result.doubts.append(Doubt("class", f"{on / 1000:.1f} km on sidings, yards or spurs", *self._place(longest)))
        return result

    def _factors(self, refs: Collection[str], locked: Collection[str]) -> NDArray[np.float64]:
        ours, same = {_ref(ref) for ref in refs}, set(locked)
        factor = [(OTHER_REF_COST if refs and ours.isdisjoint(self.refs[line]) else 1.0) for line in range(len(self.refs))]
        kept = [LOCKED_COST if way in same else 1.0 for way in self.extract.ways]
        # Gaps come after the ways, and are as dear as ever.
        each = np.append(np.array(factor) * np.array(kept), 1.0)
        factors: NDArray[np.float64] = each[np.minimum(self.tracks.line, len(kept))]
        return factors

    def _place(self, state: int) -> tuple[float, float]:
        lon, lat = self.tracks.places[self.tracks.vertex[state]].tolist()
        return lon, lat

    def _gap(self, state: int, note: str = "") -> Doubt:
        ends = self.tracks.places[self.tracks.vertex[[state, state ^ 1]]]
        cut = self.extract.cut
        torn = len(cut) and any(distances_m(np.repeat(ends[[end]], len(cut), axis=0), cut).min() < 1.0 for end in (0, 1))
        what = "the extract lacks nodes of a way over" if torn else "no way in the extract over"
        return Doubt(
            "suspect gap" if note else "cut" if torn else "gap",
            f"{what} {length_text(self.tracks.metres[state >> 1])}{note}",
            *self._place(state),
        )

    def _suspects(self, way: NDArray[np.int64], start: End, end: End, cost: NDArray[np.float64]) -> list[Doubt]:
        """Find gaps over which the way would be much shorter."""
        mended = self.way(start, end, np.where(self.gap, cost * ROUND / GAP_COST, cost))
        if mended is None:
            return []
        saved = self.metres(way) - self.metres(mended)
        new = [state for state in mended.tolist() if self.gap[state >> 1] and state not in way and state ^ 1 not in way]
        if saved < max(SAVED_M, SAVED_SHARE * self.metres(way)):
            return []
        return [self._gap(state, f"; mended, it is {length_text(saved)} shorter") for state in new]

    def _holes(self, way: NDArray[np.int64], straight_m: float) -> list[Doubt]:
        """Find the place where a way goes off its course to come back to it far sooner than it does, were a way there."""
        tracks = self.tracks
        at = 1 + np.flatnonzero(tracks.line[way[1:] >> 1] != tracks.line[way[:-1] >> 1])
        if len(at) < 2:
            return []
        place = tracks.places[tracks.vertex[way[at]]]
        along = np.append(0.0, np.cumsum(tracks.metres[way >> 1]))[at]
        one, two = np.triu_indices(len(at), 1)
        azimuth, _, apart = geod().inv(*place[one].T, *place[two].T)
        saved = along[two] - along[one] - apart
        fit = (apart > 0) & (apart <= GAP_M) & (along[two] - along[one] >= HOLE_ROUND * apart) & (saved >= HOLE_M)
        fit &= np.abs(turn(tracks.heading[way[at - 1] ^ 1][one] + 180.0, azimuth)) <= HOLE_AIM_DEG
        fit &= np.abs(turn(tracks.heading[way[at]][two], azimuth)) <= HOLE_AIM_DEG
        if not fit.any():
            return []
        best = np.flatnonzero(fit)[np.argmax(saved[fit])]
        if self.metres(way) - saved[best] > HOLE_REST * straight_m:
            return []
        message = f"no way in the extract over {length_text(apart[best])}; mended, it is {length_text(saved[best])} shorter"
        return [Doubt("suspect gap", message, *place[one[best]].tolist())]

    def _reversals(self, way: NDArray[np.int64]) -> list[Doubt]:
        steps = zip(way.tolist(), way[1:].tolist(), strict=False)
        return [Doubt("reversal", "a train must reverse here", *self._place(on)) for at, on in steps if self.graph[at][on]["weight"] > 0.0]

    def _rival(self, way: NDArray[np.int64], start: End, end: End, cost: NDArray[np.float64]) -> list[Doubt]:
        dearer = cost.copy()
        dearer[way >> 1] *= RIVAL_COST
        other = self.way(start, end, dearer)
        if other is None or self.gap[other >> 1].any() or self.metres(other) > (1.0 + RIVAL_SHARE) * self.metres(way):
            return []
        price, theirs = cost[way >> 1].sum(), cost[other >> 1].sum()
        if theirs > (1.0 + RIVAL_SHARE) * price or self._reversals(other):
            return []
        ours, rivals = self.line(way), self.line(other)
        plane = plane_about(ours)
        flat = shapely.LineString(np.column_stack(plane(*ours.T)))
        off = shapely.distance(shapely.points(np.column_stack(plane(*rivals.T))), flat)
        worst = int(off.argmax())
        if off[worst] < RIVAL_M:
            return []
        longer = self.metres(other) / self.metres(way) - 1.0
        much = f"{abs(longer):.1%} {'longer' if longer >= 0 else 'shorter'}"
        message = f"another way, {much}, lies up to {length_text(off[worst])} aside: name a place between"
        return [Doubt("ambiguous", message, *rivals[worst].tolist())]

    def _severed(self, start: End, end: End) -> Doubt:
        """Say where the networks that two places are on come nearest to each other."""
        undirected = self.graph.to_undirected(as_view=True)

        def reached(place: End) -> NDArray[np.int64]:
            states = [s for v in place.vertices for i in self.tracks.at(int(v)).tolist() for s in (i, i ^ 1)]
            seen = set().union(*(nx.node_connected_component(undirected, state) for state in states)) if states else set()
            return np.unique(self.tracks.vertex[np.array(sorted(seen), dtype=np.int64)])

        ours, theirs = self.tracks.places[reached(start)], self.tracks.places[reached(end)]
        if not len(ours) or not len(theirs):
            return Doubt("no way", "one of its ends is on no track", *start.lonlat)
        pairs = shapely.STRtree(shapely.points(theirs)).query_nearest(shapely.points(ours), all_matches=False)
        apart = distances_m(ours[pairs[0]], theirs[pairs[1]])
        nearest = int(apart.argmin())
        if apart[nearest] == 0.0:
            return Doubt("no way", "no train or car can go this way: turns or one-way roads forbid it", *start.lonlat)
        return Doubt(
            "no way", f"no way in the extract over {length_text(apart[nearest])}: two networks end here", *ours[pairs[0][nearest]].tolist()
        )


def _ref(ref: str) -> str:
    return "".join(ref.split()).replace("-", "").casefold()


def length_text(metres: float) -> str:
    """Write a length as a person would."""
    return f"{metres / 1000:.1f} km" if metres >= 999.5 else f"{metres:.0f} m"
