"""The network of an extract: runs between junctions, and the turns that a train or a car can take from one to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from corridormap.antimeridian import unwrapped
from corridormap.geodesic import distances_m, geod
from corridormap.trace.extract import road_class

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from corridormap.trace.extract import Extract, Tags

TURN_DEG, TURN_OVER_M = 75.0, 25.0
"""A train cannot turn by more, measured over so much track on either side."""
RAIL_COST = {"main": 1.0, "": 1.0, "branch": 1.15, "siding": 2.0, "crossover": 2.0, "yard": 3.0, "spur": 4.0}
ROAD_COST = {"motorway": 1.0, "trunk": 1.0, "primary": 1.15, "secondary": 1.4, "ferry": 2.0}
BUILDING_COST, GAP_COST = 3.0, 100.0
"""What a metre under construction, and one across a gap, costs beside a metre of main track."""
REVERSAL_M = 5_000.0
"""What it costs a train to reverse, in metres of main track."""
TOUCH_M = 30.0
"""A loose end is joined to track so near, as by a gap."""
GAP_M, GAP_AIM_DEG = 30_000.0, 60.0
"""Two loose ends are joined by a gap of up to so many metres if each lies so straight ahead of the other."""
METRES_OF_DEGREE = 111_195.0
GAP: Tags = {"gap": "yes"}


def kind_of(tags: Tags) -> str:
    """Name the class of a way: of a railway its service or usage, of a road its class."""
    if "gap" in tags:
        return "gap"
    if "railway" in tags:
        usage = tags.get("usage", "")
        return tags.get("service") or (usage if usage in RAIL_COST else "spur")
    if tags.get("route") == "ferry":
        return "ferry"
    return road_class(tags)


def is_building(tags: Tags) -> bool:
    """Tell whether a way is under construction."""
    return "construction" in (tags.get("railway"), tags.get("highway"))


def cost_of(tags: Tags) -> float:
    """Say what a metre of a way costs beside one of main track or trunk road."""
    if "gap" in tags:
        return GAP_COST
    costs = RAIL_COST if "railway" in tags else ROAD_COST
    return costs.get(kind_of(tags), 4.0) * (BUILDING_COST if is_building(tags) else 1.0)


def _closed(tags: Tags) -> int | None:
    """Tell which direction of a road is closed: 0 along it, 1 against it."""
    oneway = tags.get("oneway")
    if oneway in ("-1", "reverse"):
        return 0
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return 1 if oneway in ("yes", "true", "1") or (implied and oneway != "no") else None


@dataclass(frozen=True, eq=False)
class Feet:
    """The nearest points of lines to places: for each of n feet its place, its line, the segment, lon/lat (n, 2) and distance."""

    place: NDArray[np.int64]
    line: NDArray[np.int64]
    segment: NDArray[np.int64]
    lonlat: NDArray[np.float64]
    metres: NDArray[np.float64]


def feet(lines: NDArray[np.object_], places: NDArray[np.float64], reach_m: NDArray[np.float64]) -> Feet:
    """Find the nearest point of every line within reach of each place (n, 2); one within a metre of a vertex is that vertex."""
    tree = shapely.STRtree(_unwound(lines))
    rows: list[tuple[int, int, int, float, float, float]] = []
    for place, ((lon, lat), reach) in enumerate(zip(places, reach_m, strict=True)):
        scale = np.array([np.cos(np.radians(lat)), 1.0]) * METRES_OF_DEGREE
        wide, high = reach / scale
        boxes = [shapely.box(lon + turn - wide, lat - high, lon + turn + wide, lat + high) for turn in (-360.0, 0.0, 360.0)]
        for line in np.unique(tree.query(boxes)[1]):
            lonlat = shapely.get_coordinates(lines[line])
            flat = lonlat - (lon, lat)
            flat[:, 0] = (flat[:, 0] + 180.0) % 360.0 - 180.0
            flat *= scale
            step = np.diff(flat, axis=0)
            share = np.clip(-(flat[:-1] * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-9), 0.0, 1.0)
            off = np.hypot(*(flat[:-1] + share[:, None] * step).T)
            segment = int(off.argmin())
            if off[segment] <= reach:
                along = lonlat[segment + 1] - lonlat[segment]
                along[0] = (along[0] + 180.0) % 360.0 - 180.0
                near = lonlat[segment] + share[segment] * along
                near[0] = (near[0] + 180.0) % 360.0 - 180.0
                ends = lonlat[segment : segment + 2]
                gaps = np.hypot(*((ends - near) * scale).T)
                foot = ends[gaps.argmin()] if gaps.min() < 1.0 else np.round(near, 7)
                rows.append((place, int(line), segment, *foot, off[segment]))
    table = np.array(rows, dtype=float).reshape(-1, 6)
    whole = table[:, :3].astype(np.int64).T
    return Feet(whole[0], whole[1], whole[2], table[:, 3:5], table[:, 5])


def _unwound(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Let lines that cross the 180th meridian go on beyond it, so that the boxes about them are theirs."""
    west, _, east, _ = shapely.bounds(lines).T
    across, lines = np.flatnonzero(east - west > 180.0), lines.copy()
    for line in across:
        xy = shapely.get_coordinates(lines[line])
        lines[line] = shapely.LineString(unwrapped(xy, about=xy[0, 0]))
    return lines


def with_feet(lines: NDArray[np.object_], found: Feet) -> NDArray[np.object_]:
    """Make feet vertices of their lines."""
    lines = lines.copy()
    for line in np.unique(found.line):
        mine = np.flatnonzero(found.line == line)
        lonlat = shapely.get_coordinates(lines[line])
        along = np.hypot(*(found.lonlat[mine] - lonlat[found.segment[mine]]).T)
        mine = mine[np.lexsort((along, found.segment[mine]))]
        lines[line] = shapely.remove_repeated_points(
            shapely.LineString(np.insert(lonlat, found.segment[mine] + 1, found.lonlat[mine], axis=0))
        )
    return lines


def _keys(lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number places by their coordinates, to the step of OpenStreetMap."""
    steps = np.rint(lonlat * 1e7).astype(np.int64)
    steps[:, 0] = np.where(steps[:, 0] == -1_800_000_000, 1_800_000_000, steps[:, 0])
    return steps[:, 0] * 4_000_000_000 + steps[:, 1]


class Tracks:
    """Runs between junctions: where ways end, meet or cross on a common vertex, and where `stops` lie.

    A run has two incidences, 2r at its first end and 2r + 1 at its last, and is travelled in two states: that which leaves from incidence
    i is state i, and arrives at incidence i ^ 1.
    """

    def __init__(
        self, lines: NDArray[np.object_], tags: Sequence[Tags], *, stops: NDArray[np.float64], diamonds: NDArray[np.float64], rail: bool
    ) -> None:
        self.tags, self.rail = tags, rail
        self.xy, line = shapely.get_coordinates(lines, return_index=True)
        keys = _keys(self.xy)
        fresh = np.append(True, (keys[1:] != keys[:-1]) | (line[1:] != line[:-1]))
        self.xy, line, keys = self.xy[fresh], line[fresh], keys[fresh]
        self._keys, first, vertex = np.unique(keys, return_index=True, return_inverse=True)
        self.places = self.xy[first]
        begins = np.append(True, line[1:] != line[:-1])
        ends = np.append(begins[1:], True)
        junction = np.bincount(vertex) > 1
        junction[vertex[begins | ends]] = True
        junction[self.vertices(stops)] = True
        at = np.flatnonzero(junction[vertex])
        self.first = at[~ends[at]]
        self.last = at[np.searchsorted(at, self.first, side="right")]
        self.line = line[self.first]
        self.vertex = np.column_stack([vertex[self.first], vertex[self.last]]).ravel()
        metres = distances_m(self.xy[:-1], self.xy[1:])
        self.along = np.append(0.0, np.cumsum(np.where(line[1:] == line[:-1], metres, 0.0)))
        self.metres = self.along[self.last] - self.along[self.first]
        order = np.argsort(self.vertex, kind="stable")
        heads = np.flatnonzero(np.diff(self.vertex[order], prepend=-1))
        self._at: dict[int, NDArray[np.int64]] = dict(zip(self.vertex[order][heads].tolist(), np.split(order, heads[1:]), strict=True))
        self.shut = np.zeros(len(self.vertex), dtype=bool)
        closed = [] if rail else [2 * run + way for run, at in enumerate(self.line) if (way := _closed(tags[at])) is not None]
        self.shut[closed] = True
        self.heading = self._headings()
        self.diamond = np.zeros(len(self.places), dtype=bool)
        known = diamonds[np.isin(_keys(diamonds), self._keys)]
        self.diamond[self.vertices(known)] = True
        self.turns = self._turns()

    def vertices(self, lonlat: NDArray[np.float64]) -> NDArray[np.int64]:
        """Give the numbers of the vertices at places (n, 2)."""
        numbers: NDArray[np.int64] = np.searchsorted(self._keys, _keys(lonlat))
        return numbers

    def at(self, vertex: int) -> NDArray[np.int64]:
        """Give the incidences at a vertex."""
        none: NDArray[np.int64] = np.array([], dtype=np.int64)
        return self._at.get(vertex, none)

    def _inward(self, incidence: NDArray[np.int64], metres: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """Give the places (n, 2) so many metres into the runs from their incidences, at most to the other end."""
        run = incidence >> 1
        into = np.minimum(metres, self.metres[run])
        goal = np.where(incidence & 1, self.along[self.last[run]] - into, self.along[self.first[run]] + into)
        after = np.clip(np.searchsorted(self.along, goal), self.first[run] + 1, self.last[run])
        span = self.along[after] - self.along[after - 1]
        share = np.clip((goal - self.along[after - 1]) / np.where(span > 0, span, 1.0), 0.0, 1.0)
        step = self.xy[after] - self.xy[after - 1]
        step[:, 0] = (step[:, 0] + 180.0) % 360.0 - 180.0
        places: NDArray[np.float64] = self.xy[after - 1] + share[:, None] * step
        return places

    def _headings(self) -> NDArray[np.float64]:
        """Measure the azimuth of every incidence into its run, over 25 m; over a shorter run and the straightest one after it."""
        incidence = np.arange(len(self.vertex))
        here = self.places[self.vertex]
        heading = np.asarray(geod().inv(*here.T, *self._inward(incidence, TURN_OVER_M).T)[0])
        final = heading.copy()
        for i in np.flatnonzero(self.metres[incidence >> 1] < TURN_OVER_M).tolist():
            done, on, place = self.metres[i >> 1], i, None
            for _ in range(20):
                others = [j for j in self.at(int(self.vertex[on ^ 1])).tolist() if j != on ^ 1]
                if not others:
                    break
                bends = np.round(np.abs(turn(heading[on], heading[others])), 6)
                on = others[int(bends.argmin())]
                place = self._inward(np.array([on]), TURN_OVER_M - done)[0]
                done += self.metres[on >> 1]
                if done >= TURN_OVER_M:
                    break
            if place is not None:
                final[i] = geod().inv(*here[i], *place)[0]
        return final

    def _turns(self) -> Any:
        """List the turns: from the state that arrives at an incidence to that which leaves from another, with what it costs in metres."""
        table = pd.DataFrame({"vertex": self.vertex, "i": np.arange(len(self.vertex))})
        pairs: Any = table.merge(table, on="vertex", suffixes=("", "_to")).rename(columns={"i_to": "j"})
        pairs = pairs[pairs["i"] != pairs["j"]].sort_values(["i", "j"])
        pairs["extra"] = 0.0
        if not self.rail:
            return pairs.loc[~self.shut[pairs["j"]] & ~self.shut[pairs["i"].to_numpy() ^ 1]]
        arms = np.bincount(self.vertex, minlength=len(self.places))[pairs["vertex"]]
        angle = np.abs(turn(self.heading[pairs["i"]] + 180.0, self.heading[pairs["j"]]))
        straightest = angle <= pd.Series(angle, index=pairs.index).groupby(pairs["i"]).transform("min") + 1e-9
        possible = np.where(self.diamond[pairs["vertex"]] & (arms > 2), straightest, (angle <= TURN_DEG) | (arms == 2))
        turns = pairs.loc[possible]
        # Who cannot turn from one track into another may run past the switch and come back.
        there = turns[["vertex", "i", "j"]]
        back = there.merge(there, left_on=["vertex", "j"], right_on=["vertex", "i"], suffixes=("", "_back"))
        back = back[(back["i"] != back["j_back"]) & ~self.diamond[back["vertex"]]]
        reversals = pd.DataFrame({"vertex": back["vertex"], "i": back["i"], "j": back["j_back"], "extra": REVERSAL_M}).drop_duplicates()
        return pd.concat([turns, reversals]).drop_duplicates(["i", "j"]).sort_values(["i", "j"])

    @cached_property
    def loose(self) -> NDArray[np.int64]:
        """The incidences of runs that lead to no other: there is no turn from them or to them, but back."""
        return np.setdiff1d(np.arange(len(self.vertex)), self.turns.loc[self.turns["extra"] == 0.0, ["i", "j"]])

    def gaps(self) -> list[shapely.LineString]:
        """Draw the gaps between loose ends that lie straight ahead of each other."""
        here = self.places[self.vertex[self.loose]]
        points, ahead = shapely.points(here), self.heading[self.loose] + 180.0
        wide = GAP_M / METRES_OF_DEGREE / max(np.cos(np.radians(np.abs(here[:, 1]).max(initial=0.0))), 0.1)
        one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=wide)
        one, two = one[one < two], two[one < two]
        azimuth, back, metres = geod().inv(*here[one].T, *here[two].T)
        fit = (metres > 0) & (metres <= GAP_M)
        fit &= (np.abs(turn(ahead[one], azimuth)) <= GAP_AIM_DEG) & (np.abs(turn(ahead[two], back)) <= GAP_AIM_DEG)
        pairs = pd.DataFrame({"one": one[fit], "two": two[fit], "metres": metres[fit]}).sort_values(["metres", "one", "two"])
        nearest = pd.concat([pairs.groupby(end).head(3) for end in ("one", "two")]).drop_duplicates().sort_values(["one", "two"])
        return [shapely.LineString([here[a], here[b]]) for a, b in zip(nearest["one"], nearest["two"], strict=True)]


def turn(one: Any, other: Any) -> Any:
    """Measure by how many degrees to the right one azimuth differs from another, -180 to 180."""
    return (other - one + 180.0) % 360.0 - 180.0


def network(extract: Extract, *, stops: Feet) -> Tracks:
    """Make the network of an extract, with a vertex at every foot of a place, and gaps where ways seem to be missing."""
    how: Mapping[str, Any] = {"diamonds": extract.diamonds, "rail": extract.mode == "rail"}
    lines = with_feet(extract.lines, stops)
    plain = Tracks(lines, extract.tags, stops=stops.lonlat, **how)
    ends = plain.places[np.unique(plain.vertex[plain.loose])]
    near = feet(lines, ends, np.full(len(ends), TOUCH_M))
    # Every line that ends there has its foot at no distance.
    touch = near.metres > 0.01
    met = [shapely.LineString([ends[place], foot]) for place, foot in zip(near.place[touch], near.lonlat[touch], strict=True)]
    lines = with_feet(lines, near)
    gaps = [*(line for line in met if line.length > 0), *plain.gaps()]
    joined = np.concatenate([lines, np.array(gaps, dtype=object)])
    return Tracks(joined, [*extract.tags, *(GAP for _ in gaps)], stops=np.vstack([stops.lonlat, near.lonlat]), **how)
