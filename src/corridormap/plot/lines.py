"""Lines: corridors that share a link run side by side, joined where they change berth; what is uncertain is dashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from shapely.ops import nearest_points, substring

from corridormap.plot.beside import samples, step_aside
from corridormap.plot.canvas import runs_of
from corridormap.plot.symbols import draw_casing, draw_line, symbol_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from corridormap.atlas import Atlas, SignedLink
    from corridormap.model import Layer, Symbol
    from corridormap.plot.canvas import Canvas, Points, Projection
    from corridormap.plot.scene import Scene

SPACING = 2.5
"""Points between neighbours on a shared track."""
BENDS = 0.5
"""Bends smaller than this many points are left out before a line is moved sideways."""


@dataclass
class Track:
    """A feature's lines as they are drawn, in points."""

    layer: Layer
    properties: Mapping[str, Any]
    symbol: Symbol
    strands: list[tuple[Points, bool]] = field(default_factory=list)
    """Lines, and whether each is dashed."""
    alone: list[Points] = field(default_factory=list)
    """The stretches that no other feature shares."""

    @property
    def number(self) -> int | None:
        """The corridor's number, if it has one."""
        value = self.properties.get("number")
        return int(value) if isinstance(value, int | float) and value == value else None  # noqa: PLR0124  NaN

    @property
    def mode(self) -> str | None:
        """Rail, road or sea."""
        value = self.properties.get("mode")
        return value if isinstance(value, str) else None


def tracks(scene: Scene) -> list[Track]:
    """Find the lines of every feature of the layers made of lines, in the order they are drawn.

    Returns
    -------
    list of Track
        Network and border first, then the itineraries in the order of the layers and their numbers.
    """
    atlas, canvas, projection, frames = scene.atlas, scene.canvas, scene.projection, scene.frames
    order = sorted((record for record in scene.records if record.geometry != "Point"), key=lambda record: record.build == "itineraries")
    found = []
    for record in order:
        rows = frames[record.id].to_dict("records")
        if "number" in frames[record.id]:
            rows.sort(key=lambda row: 999 if pd.isna(row["number"]) else row["number"])
        found += [(Track(record, row, symbol_of(record.style, row)), row["geometry"]) for row in rows]
    ways = {id(track): _ways(atlas, track) for track, _ in found}
    berths = _berths([(track, ways[id(track)]) for track, _ in found if ways[id(track)]])
    paths = _link_paths(atlas, projection, {step.id for steps in ways.values() for way in steps for step in way})
    links = _Links(paths, _uncertain_links(atlas), berths, SPACING * canvas.grow)
    drawn: list[tuple[Points, Points]] = []
    # Railways keep their place; what runs along them steps aside.
    for track, geometry in sorted(found, key=lambda pair: pair[0].mode != "rail"):
        if ways[id(track)]:
            over = track.layer.build == "itineraries"
            _lay(track, ways[id(track)], links, drawn if over and track.mode != "rail" else [])
            drawn += [samples(run) for run, _ in track.strands] if over else []
        elif geometry is not None:
            track.strands = [(run, _doubtful(track)) for run in runs_of(projection.shape(geometry, canvas.frame))]
            track.alone = [run for run, _ in track.strands]
    return [track for track, _ in found if track.strands]


def draw(canvas: Canvas, found: Iterable[Track]) -> None:
    """Draw tracks: all casings first, so that none cuts a line."""
    ready = list(found)
    for number, track in enumerate(ready):
        over = track.layer.build == "itineraries"
        if casing := track.layer.style.casing:
            draw_casing(canvas, [run for run, _ in track.strands], track.symbol, colour=casing, z=10 if over else 8)
        name = f"{track.layer.id}:{track.properties.get('id', number)}"
        for dashed in (True, False):
            runs = [run for run, doubt in track.strands if doubt == dashed]
            z = (11 if over else 9) + number * 0.01
            label = f"line-{number}-{'dashed' if dashed else 'plain'}" if not name.isascii() else f"{name}{'-dashed' if dashed else ''}"
            draw_line(canvas, runs, track.symbol, mode=track.mode, dashed=dashed, z=z, name=label)


@dataclass(frozen=True)
class _Links:
    paths: Mapping[str, Points]
    uncertain: Mapping[str, tuple[float | None, bool]]
    berths: Mapping[tuple[int, str], tuple[float, bool, bool]]
    spacing: float

    def dashed(self, track: Track, link: str) -> bool:
        accuracy, is_open = self.uncertain[link]
        limit = track.layer.style.dash_over_m
        return not is_open or (limit is not None and accuracy is not None and accuracy > limit)

    def berth(self, track: Track, step: SignedLink) -> tuple[float, bool]:
        """Distance left of the way of travel in points, and whether the feature is alone."""
        berth, with_first, alone = self.berths[id(track), step.id]
        return (berth if step.forward == with_first else -berth) * self.spacing, alone


def _ways(atlas: Atlas, track: Track) -> list[list[SignedLink]]:
    from corridormap.atlas import SignedLink as Step

    name = track.properties.get("id")
    if track.layer.build == "itineraries" and name in atlas.itineraries:
        return atlas.route(name)
    if track.layer.build == "links" and name in atlas.links.index:
        return [[Step(str(name), forward=True)]]
    return []


def _berths(travellers: list[tuple[Track, list[list[SignedLink]]]]) -> dict[tuple[int, str], tuple[float, bool, bool]]:
    """Give every feature its berth on every link: in the order they are drawn, on sides fixed by the first of them."""
    tracks_of: dict[str, list[tuple[Track, bool]]] = {}
    table: dict[tuple[int, str], tuple[float, bool, bool]] = {}
    for track, ways in travellers:
        for step in (step for way in ways for step in way):
            if track.layer.build != "itineraries":
                table[id(track), step.id] = (0.0, True, True)
            elif all(other is not track for other, _ in tracks_of.setdefault(step.id, [])):
                tracks_of[step.id].append((track, step.forward))
    for link, sharing in tracks_of.items():
        for place, (track, _) in enumerate(sharing):
            table[id(track), link] = ((len(sharing) - 1) / 2 - place, sharing[0][1], len(sharing) == 1)
    return table


def _link_paths(atlas: Atlas, projection: Projection, wanted: set[str]) -> dict[str, Points]:
    names = sorted(wanted)
    if not names:
        return {}
    lines = shapely.simplify(shapely.transform(atlas.links.geometry.loc[names].to_numpy(), projection.to_page), BENDS)
    return {name: shapely.get_coordinates(line) for name, line in zip(names, lines, strict=True)}


def _uncertain_links(atlas: Atlas) -> dict[str, tuple[float | None, bool]]:
    table = atlas.links
    return {
        name: (None if accuracy is None else float(accuracy), status != "planned")
        for name, accuracy, status in zip(table.index, table["accuracy_m"], table["status"], strict=True)
    }


def _doubtful(track: Track) -> bool:
    limit, accuracy = track.layer.style.dash_over_m, track.properties.get("accuracy_m")
    status = track.properties.get("status")
    return status == "planned" or (limit is not None and isinstance(accuracy, int | float) and accuracy > limit)


@dataclass
class _Run:
    """Links in a row that keep their berth and are all dashed or all not."""

    offset: float
    dashed: bool
    alone: bool
    points: Points


def _lay(track: Track, ways: Iterable[Sequence[SignedLink]], links: _Links, others: Sequence[tuple[Points, Points]]) -> None:
    """Lay a feature's links one after another, each once, side by side with whoever shares them."""
    drawn: set[str] = set()
    for way in ways:
        rows: list[list[_Run]] = [[]]
        for step in way:
            if step.id in drawn:
                rows.append([])
                continue
            drawn.add(step.id)
            offset, alone = links.berth(track, step)
            dashed = links.dashed(track, step.id)
            points = links.paths[step.id] if step.forward else links.paths[step.id][::-1]
            last = rows[-1][-1] if rows[-1] else None
            if last and (last.offset, last.dashed, last.alone) == (offset, dashed, alone):
                last.points = np.concatenate([last.points, points[1:]])
            else:
                rows[-1].append(_Run(offset, dashed, alone, points))
        for row in rows:
            if row:
                _join(track, row, others, links.spacing)


def _join(track: Track, row: list[_Run], others: Sequence[tuple[Points, Points]], spacing: float) -> None:
    moved = [sideways(run.points, run.offset) for run in row]
    for i in range(len(moved) - 1):
        # From one berth to another: slant over a few points rather than jump.
        slant = abs(row[i].offset - row[i + 1].offset) * 1.5
        before, after = _shortened(moved[i], end=slant), _shortened(moved[i + 1][::-1], end=slant)[::-1]
        middle = (before[-1] + after[0]) / 2
        moved[i], moved[i + 1] = np.vstack([before, middle]), np.vstack([middle, after])
    moved = step_aside(moved, others, spacing)
    earlier = [shapely.LineString(run) for run, _ in track.strands]
    if earlier:
        # A branch begins on the line as it is drawn, not on the track's true place beneath it.
        trunk = shapely.union_all(earlier)
        moved[0] = _tied(moved[0], trunk, 4 * spacing)
        moved[-1] = _tied(moved[-1][::-1], trunk, 4 * spacing)[::-1]
    strands: list[tuple[Points, bool]] = []
    for run, points in zip(row, moved, strict=True):
        if strands and strands[-1][1] == run.dashed:
            strands[-1] = (np.concatenate([strands[-1][0], points[1:]]), run.dashed)
        else:
            strands.append((points, run.dashed))
        if run.alone:
            track.alone.append(points)
    track.strands += strands


def _shortened(points: Points, *, end: float) -> Points:
    line = shapely.LineString(points)
    cut = min(end, line.length * 0.4)
    return shapely.get_coordinates(substring(line, 0, line.length - cut)) if cut > 0 else points


def _tied(points: Points, trunk: Any, reach: float) -> Points:
    start = shapely.Point(points[0])
    nearest = nearest_points(trunk, start)[0]
    return np.vstack([shapely.get_coordinates(nearest), points]) if 1e-3 < nearest.distance(start) < reach else points


def sideways(points: Points, offset: float) -> Points:
    """Move a path sideways, left of the way of travel for a positive offset; bends tighter than that are cut short.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        The path in points.
    offset : float
        How far, in points.

    Returns
    -------
    ndarray of float, shape (m, 2)
        In the same direction of travel.
    """
    if offset == 0:
        return points
    moved = shapely.offset_curve(shapely.LineString(points), offset, join_style="mitre", mitre_limit=2)
    if moved.geom_type != "LineString" or moved.is_empty:
        return _sideways_plainly(points, offset)
    result = shapely.get_coordinates(moved)
    gap = np.hypot(*(result[[0, -1]] - points[[0, -1]]).T)
    # A path that turns back on itself at its end may lose more than its offset there.
    return result if gap.max() < 3 * abs(offset) + 0.5 else _sideways_plainly(points, offset)


def _sideways_plainly(points: Points, offset: float) -> Points:
    """Move every vertex along the mean of its two steps' normals, no further than twice the offset."""
    steps = np.diff(points, axis=0)
    lengths = np.hypot(*steps.T)
    normals = np.column_stack([-steps[:, 1], steps[:, 0]]) / np.where(lengths, lengths, 1)[:, None]
    mean = np.vstack([normals[:1], normals[:-1] + normals[1:], normals[-1:]])
    size = np.hypot(*mean.T)
    mean = mean / np.where(size, size, 1)[:, None]
    lean = np.abs(np.sum(mean * np.vstack([normals[:1], normals]), axis=1))
    return np.asarray(points + mean * (offset / np.maximum(lean, 0.5))[:, None])
