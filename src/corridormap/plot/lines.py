"""Lines as they are printed: itineraries in their lanes, roads past the railways beside them, what is in doubt dashed."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.cartography.offsets import displacements, lanes, share_at
from corridormap.cartography.symbols import TABLE, doubtful, number_of, strokes, symbol_of
from corridormap.measure.itineraries import joined, runs_once
from corridormap.plot.canvas import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from corridormap.model import Layer, Symbol
    from corridormap.plot.canvas import Canvas, Points
    from corridormap.plot.scene import Scene

BENDS = 0.5
"""Bends smaller than this many points are left out before a line is moved sideways."""


@dataclass
class Track:
    """A feature's lines as they are drawn, in points."""

    layer: Layer
    properties: Mapping[str, Any]
    symbol: Symbol
    strands: list[tuple[Points, bool]] = field(default_factory=list)
    """Lines, and whether each is in doubt."""
    alone: list[Points] = field(default_factory=list)
    """The stretches that no other feature shares."""

    @property
    def number(self) -> int | None:
        """The corridor's number, if it has one."""
        value = number_of(self.properties.get("number"))
        return None if value is None else int(value)


def tracks(scene: Scene) -> list[Track]:
    """Find the lines of every feature in the order they are drawn: network and border, then itineraries by their layers and numbers."""
    found = []
    order = sorted((record for record in scene.records if record.geometry != "Point"), key=lambda record: record.build == "itineraries")
    for record in order:
        rows = sorted(scene.frames[record.id].to_dict("records"), key=lambda row: number_of(row.get("number")) or 999)
        found += [(Track(record, row, symbol_of(record.style, row.get(record.style.by))), row["geometry"]) for row in rows]
    lay = _Laying(scene)
    for track, geometry in found:
        if track.layer.build == "itineraries" and track.properties["id"] in scene.atlas.itineraries:
            lay.itinerary(track)
        elif geometry is not None:
            track.alone = runs_of(scene.projection.shape(geometry, scene.canvas.frame))
            track.strands = [(run, doubtful(track.properties, track.layer.style)) for run in track.alone]
    return [track for track, _ in found if track.strands]


def runs(found: Iterable[Track]) -> list[Points]:
    """Give the lines of tracks, as they are drawn."""
    return [run for track in found for run, _ in track.strands]


def draw(canvas: Canvas, found: Iterable[Track]) -> None:
    """Draw tracks: all casings first, so that none cuts a line."""
    for number, track in enumerate(found):
        over = 2 if track.layer.build == "itineraries" else 0
        name = f"{track.layer.id}:{track.properties.get('id', number)}"
        for doubt in (True, False):
            strands = [run for run, dashed in track.strands if dashed == doubt]
            label = f"line-{number}-{'dashed' if doubt else 'plain'}" if not name.isascii() else f"{name}{'-dashed' if doubt else ''}"
            for stroke in strokes(track.symbol, mode=track.properties.get("mode"), casing=track.layer.style.casing, doubt=doubt):
                z = 8 + over if stroke.part == "casing" else 9 + over + number * 0.01
                canvas.stroke(strands, stroke, z=z, name=label if stroke.part == "line" else f"{label}-{stroke.part}")


class _Laying:
    """Lays itineraries along their links, each link once, as it is travelled first."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.spacing = TABLE.spacing * scene.canvas.line_share
        self.lanes, self.displaced = lanes(scene.atlas), displacements(scene.atlas)
        self.share = share_at(scene.zoom)
        self.links = scene.links.to_dict("index")
        self.paths: dict[str, Points] = {}
        drawn = [name for record in scene.records if record.build == "itineraries" for name in scene.frames[record.id]["id"]]
        self.itineraries = scene.atlas.itineraries_of_links(name for name in drawn if name in scene.atlas.itineraries)

    def _path(self, link: str, *, forward: bool) -> Points:
        if link not in self.paths:
            moved = shapely.transform(self.links[link]["geometry"], self.scene.projection.to_page)
            self.paths[link] = shapely.get_coordinates(shapely.simplify(moved, BENDS))
        return self.paths[link] if forward else self.paths[link][::-1]

    def itinerary(self, track: Track) -> None:
        """Lay a feature's strands."""
        name = str(track.properties["id"])
        for run in runs_once(self.scene.atlas.route(name)):
            paths, offsets, kinds = [], [], []
            for step in run:
                paths.append(self._path(step.id, forward=step.forward))
                aside = self.displaced.get(step.id, 0) * self.share
                offsets += [self.lanes[name] + (aside if step.forward else -aside)] * (len(paths[-1]) - 1)
                kinds.append((doubtful(self.links[step.id], track.layer.style), len(self.itineraries[step.id]) == 1 and not aside))
            self._cut(track, sideways(joined(paths), -np.array(offsets) * self.spacing), paths, kinds)

    def _cut(self, track: Track, whole: Points, paths: list[Points], kinds: list[tuple[bool, bool]]) -> None:
        """Cut a line where its links' doubt or company changes."""
        start = 0
        for (doubt, alone), group in groupby(zip(kinds, paths, strict=True), key=lambda pair: pair[0]):
            end = start + sum(len(path) - 1 for _, path in group)
            track.strands.append((whole[start : end + 1], doubt))
            if alone:
                track.alone.append(whole[start : end + 1])
            start = end


def sideways(points: Points, offsets: Points) -> Points:
    """Move the segments of a path sideways by their offsets, one fewer than points, to the left of the way of travel if positive.

    Every vertex moves along the bisector of its two segments, by the mean of their offsets; at sharp turns no farther than twice that.
    """
    steps = np.diff(points, axis=0)
    lengths = np.hypot(*steps.T)
    normals = np.column_stack([-steps[:, 1], steps[:, 0]]) / np.where(lengths, lengths, 1)[:, None]
    before, after = np.vstack([normals[:1], normals]), np.vstack([normals, normals[-1:]])
    bisector = before + after
    size = np.hypot(*bisector.T)
    bisector = bisector / np.where(size, size, 1)[:, None]
    lean = np.maximum(np.abs(np.sum(bisector * before, axis=1)), 0.5)
    mean = (np.r_[offsets[:1], offsets] + np.r_[offsets, offsets[-1:]]) / 2
    moved = np.asarray(points + bisector * (mean / lean)[:, None])
    # A step shorter than its bend has room for would run backwards: its ends meet.
    back = np.flatnonzero(np.sum(np.diff(moved, axis=0) * steps, axis=1) < 0)
    moved[back] = moved[back + 1] = (moved[back] + moved[back + 1]) / 2
    return moved
