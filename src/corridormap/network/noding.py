"""Lines on a plane cut where they end, meet and cross, and what ends close together joined; nothing here knows of an atlas."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

Point = tuple[float, float]
APART_M = 2.0
"""Nodes are no nearer to each other: coordinates are kept to a metre."""
Stop = tuple[float, int]
"""A distance along a line, in metres, and the node there."""


@dataclass
class Piece:
    """A part of a line between two nodes: which line, from and to which distance along it, and the vertices between."""

    line: int
    start: int
    end: int
    low: float
    high: float
    vertices: list[int]


@dataclass
class Noded:
    """What lines became."""

    nodes: list[Point]
    """Places on the plane; those that were given come first, in their order."""
    pieces: list[Piece] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    """Lines of which nothing is left: they are shorter than what is joined."""
    doubled: list[tuple[int, int, Point]] = field(default_factory=list)
    """Lines of which a part runs where a part of another does, which is kept; with a place on it."""
    eased: list[tuple[str, int, int]] = field(default_factory=list)
    """Nodes that were set on a loop, or on one of two links side by side: why, the node, the line."""
    crowded: list[int] = field(default_factory=list)
    """Lines of which a part was left out, because it needs a node and all places on it are too near to others."""
    bridged: list[int] = field(default_factory=list)
    """Lines that pass over themselves and were left whole."""


def node_lines(
    lines: NDArray[np.object_],
    *,
    modes: Sequence[str],
    given: Sequence[Point] = (),
    linked: Collection[tuple[str, int, int]] = (),
    snap_m: float,
    crossings: bool = True,
) -> Noded:
    """Cut lines at each other's ends and, of the same mode, where they cross; join ends that lie within a distance.

    Parameters
    ----------
    lines : ndarray of LineString, shape (n,)
        On a plane, in metres; none empty or of no length.
    modes : sequence of str
        The mode of each line: another mode's lines are joined at ends only.
    given : sequence of (x, y)
        Nodes that are there already, or places: lines that pass within the distance are cut there.
    linked : collection of (mode, int, int)
        Pairs of these, the smaller number first, that a link joins already.
    snap_m : float
        The distance, in metres.
    crossings : bool
        Whether lines that cross are joined there; otherwise one passes over the other.

    Returns
    -------
    Noded
        Nodes and pieces; no piece ends where it begins, and no two pieces of a mode join the same nodes.
    """
    cuts = _Cuts(lines, modes)
    cuts.at_ends(given, snap_m)
    cuts.at_themselves(crossings=crossings)
    if crossings:
        cuts.at_crossings()
    nodes, node_of = _joined(cuts.at, kept=len(given), snap_m=snap_m)
    result = Noded(nodes, bridged=cuts.bridged)
    for line, whole in enumerate(lines):
        along = _along(whole)
        first = len(given) + 2 * line
        inner = sorted((place, node_of[point]) for place, point in cuts.of.get(line, ()))
        stops = _thinned([(0.0, node_of[first]), *inner, (float(along[-1]), node_of[first + 1])], snap_m)
        if len(stops) == 1:
            result.short.append(line)
        for (low, start), (high, end) in pairwise(stops):
            between = np.flatnonzero((along > low + snap_m) & (along < high - snap_m)).tolist()
            result.pieces.append(Piece(line, start, end, low, high, between))
    _drop_doubled(result, lines, modes, snap_m)
    _ease(result, lines, modes, linked)
    return result


def _along(line: shapely.LineString) -> NDArray[np.float64]:
    """Give the distance of each vertex along a line."""
    steps = np.diff(shapely.get_coordinates(line), axis=0)
    return np.append(0.0, np.cumsum(np.hypot(steps[:, 0], steps[:, 1])))


class _Cuts:
    """Where lines are to be cut."""

    def __init__(self, lines: NDArray[np.object_], modes: Sequence[str]) -> None:
        self.lines, self.modes = lines, modes
        self.tree = shapely.STRtree(lines)
        self.at: list[Point] = []
        """All places: those given, the ends of each line, crossings."""
        self.of: dict[int, list[tuple[float, int]]] = defaultdict(list)
        """Of each line the places on it, with their distance along it."""
        self.bridged: list[int] = []

    def at_ends(self, given: Sequence[Point], snap_m: float) -> None:
        """Cut lines where ends of others of their mode lie, or what is given."""
        ends = shapely.get_coordinates(np.column_stack([shapely.get_point(self.lines, 0), shapely.get_point(self.lines, -1)]).ravel())
        self.at = [*given, *((x, y) for x, y in ends.tolist())]
        points = shapely.points(np.array(self.at))
        for point, line in zip(*self.tree.query(points, predicate="dwithin", distance=snap_m).tolist(), strict=True):
            owner = (point - len(given)) // 2
            if point < len(given) or (owner != line and self.modes[owner] == self.modes[line]):
                self.of[line].append((float(shapely.line_locate_point(self.lines[line], points[point])), point))

    def at_themselves(self, *, crossings: bool) -> None:
        """Cut lines where they pass over themselves, in both passes."""
        for line in np.flatnonzero(~shapely.is_simple(self.lines)).tolist():
            if not crossings:
                self.bridged.append(line)
                continue
            parts = shapely.get_parts(shapely.node(self.lines[line]))
            spots = Counter((round(x, 3), round(y, 3)) for part in parts for x, y in (part.coords[0], part.coords[-1]))
            for spot in sorted(spot for spot, count in spots.items() if count > 2):
                self.at.append(spot)
                self.of[line] += [(place, len(self.at) - 1) for place in _passes(self.lines[line], spot)]

    def at_crossings(self) -> None:
        """Cut lines where they cross, touch, or begin and cease to run together."""
        one, other = self.tree.query(self.lines, predicate="intersects")
        pairs = [(a, b) for a, b in zip(one.tolist(), other.tolist(), strict=True) if a < b and self.modes[a] == self.modes[b]]
        for a, b in pairs:
            for spot in sorted(_meetings(self.lines[a].intersection(self.lines[b]))):
                self.at.append(spot)
                for line in (a, b):
                    place = float(self.lines[line].line_locate_point(shapely.Point(spot)))
                    self.of[line].append((place, len(self.at) - 1))


def _meetings(common: shapely.Geometry) -> set[Point]:
    """Give the places where two lines meet, and the ends of the stretches where they run together, to a millimetre."""
    parts = [part for part in shapely.get_parts(common).tolist() if not part.is_empty]
    # GEOS gives such a stretch segment by segment.
    together = shapely.line_merge(shapely.MultiLineString([part for part in parts if part.geom_type == "LineString"]))
    parts = [part for part in parts if part.geom_type == "Point"] + [part for part in shapely.get_parts(together) if not part.is_empty]
    return {(round(x, 3), round(y, 3)) for part in parts for x, y in (part.coords[0], part.coords[-1])}


def _passes(line: shapely.LineString, spot: Point) -> list[float]:
    """Give each distance along a line at which it passes a place."""
    found: list[float] = []
    along = _along(line)
    coordinates = shapely.get_coordinates(line)
    here = shapely.Point(spot)
    for number, (one, other) in enumerate(pairwise(coordinates.tolist())):
        step = shapely.LineString([one, other])
        if step.distance(here) < 2e-3:
            place = float(along[number] + step.project(here))
            if not found or place - found[-1] > 1e-2:
                found.append(place)
    return found


class _Grid:
    """Points by the square that they lie in, to find those within the side of one."""

    def __init__(self, side: float, points: Sequence[Point] = ()) -> None:
        self.side = side
        self.points: list[Point] = []
        self._squares: dict[tuple[int, int], list[int]] = defaultdict(list)
        for point in points:
            self.add(point)

    def add(self, point: Point) -> int:
        """Add a point; give its number."""
        self._squares[self._square(point)].append(len(self.points))
        self.points.append(point)
        return len(self.points) - 1

    def nearest(self, point: Point) -> int | None:
        """Give the number of the nearest point within the side of a square, if there is one."""
        column, row = self._square(point)
        near = [one for i in (-1, 0, 1) for j in (-1, 0, 1) for one in self._squares.get((column + i, row + j), ())]
        gap, number = min(((math.dist(self.points[one], point), one) for one in near), default=(math.inf, -1))
        return number if gap <= self.side else None

    def _square(self, point: Point) -> tuple[int, int]:
        return int(point[0] // self.side), int(point[1] // self.side)


def _joined(at: list[Point], *, kept: int, snap_m: float) -> tuple[list[Point], list[int]]:
    """Join places that lie close together: the nodes, and that of each place.

    The first `kept` stay as they are. Of the others each, from west to east, joins the nearest node within the distance, or becomes one:
    never their mean, which nobody surveyed. The order of lines does not matter.
    """
    nodes = _Grid(snap_m, at[:kept])
    node_of = list(range(kept)) + [-1] * (len(at) - kept)
    for place in sorted(range(kept, len(at)), key=lambda place: at[place]):
        node = nodes.nearest(at[place])
        node_of[place] = nodes.add(at[place]) if node is None else node
    return nodes.points, node_of


def _thinned(stops: list[Stop], snap_m: float) -> list[Stop]:
    """Leave out stops at a node that the line has not left since the one before."""
    kept: list[Stop] = []
    for place, node in sorted(stops):
        if kept and kept[-1][1] == node and place - kept[-1][0] <= 2 * snap_m:
            continue
        kept.append((place, node))
    return kept


def _shape(noded: Noded, lines: NDArray[np.object_], piece: Piece) -> shapely.LineString:
    inner = shapely.get_coordinates(lines[piece.line])[piece.vertices]
    return shapely.LineString([noded.nodes[piece.start], *inner.tolist(), noded.nodes[piece.end]])


def _pairs(noded: Noded, modes: Sequence[str]) -> dict[tuple[str, int, int], list[Piece]]:
    """Gather the pieces between the same two nodes."""
    table: dict[tuple[str, int, int], list[Piece]] = defaultdict(list)
    for piece in noded.pieces:
        table[modes[piece.line], min(piece.start, piece.end), max(piece.start, piece.end)].append(piece)
    return table


def _drop_doubled(noded: Noded, lines: NDArray[np.object_], modes: Sequence[str], snap_m: float) -> None:
    """Keep once what runs twice in the same place."""
    gone: set[int] = set()
    for pieces in _pairs(noded, modes).values():
        for number, piece in enumerate(pieces):
            for other in pieces[:number]:
                shape = _shape(noded, lines, piece)
                if id(other) not in gone and shapely.hausdorff_distance(shape, _shape(noded, lines, other), densify=0.1) <= snap_m:
                    gone.add(id(piece))
                    middle = shape.interpolate(0.5, normalized=True)
                    noded.doubled.append((piece.line, other.line, (middle.x, middle.y)))
                    break
    noded.pieces = [piece for piece in noded.pieces if id(piece) not in gone]


def _ease(noded: Noded, lines: NDArray[np.object_], modes: Sequence[str], linked: Collection[tuple[str, int, int]]) -> None:
    """Set nodes on loops, two each, and on links side by side, one each: an itinerary names its way by nodes alone."""
    pieces, taken = [], _Grid(APART_M, noded.nodes)
    for (mode, one, other), between in _pairs(noded, modes).items():
        for piece in between:
            if one != other and len(between) == 1 and (mode, one, other) not in linked:
                pieces.append(piece)
                continue
            why, shares = ("loop", (1 / 3, 2 / 3)) if one == other else ("parallel", (0.5,))
            parts = _cut_at(lines[piece.line], piece, taken, shares)
            noded.eased += [(why, part.end, piece.line) for part in parts[:-1]]
            noded.crowded += [] if parts else [piece.line]
            pieces += parts
    noded.nodes, noded.pieces = taken.points, pieces


def _cut_at(line: shapely.LineString, piece: Piece, taken: _Grid, shares: Sequence[float]) -> list[Piece]:
    """Cut a piece near shares of its length, at its vertices if it has some, and where no node is near; give nothing if that is nowhere."""
    along = _along(line)
    parts: list[Piece] = []
    rest = piece
    for left, share in enumerate(shares, start=1 - len(shares)):
        wanted = piece.low + share * (piece.high - piece.low)
        # The last vertices, and the last stretch, are left for the shares to come.
        vertices = [float(along[vertex]) for vertex in rest.vertices]
        vertices = vertices[: len(vertices) + left] if left else vertices
        between = [piece.low + part / 20 * (piece.high - piece.low) for part in range(1, 20 + 5 * left)]
        near = sorted(vertices, key=lambda place, wanted=wanted: abs(place - wanted))  # type: ignore[misc]
        near += sorted([wanted, *between], key=lambda place, wanted=wanted: abs(place - wanted))  # type: ignore[misc]
        spots = [(place, (spot.x, spot.y)) for place in near if place > rest.low for spot in (line.interpolate(place),)]
        found = next(((place, spot) for place, spot in spots if taken.nearest(spot) is None), None)
        if found is None:
            return []
        node = taken.add(found[1])
        inner = [[one for one in rest.vertices if sign * (found[0] - along[one]) > APART_M] for sign in (1, -1)]
        parts.append(Piece(piece.line, rest.start, node, rest.low, found[0], inner[0]))
        rest = Piece(piece.line, node, rest.end, found[0], rest.high, inner[1])
    return [*parts, rest]
