"""CM601 to CM606: how the lines of a file meet, and features that are there twice."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from corridormap.checks.reading.batch import Batch, Place
from corridormap.checks.reading.text import shown
from corridormap.checks.rule import NOTE, WARNING, BatchRule
from corridormap.checks.segments import SAME_M, Segments, TooManyError, metres_text, rows_of
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Spot = tuple[float, float]

NEAR_M = 5.0
"""Ends that miss another line by less than this are meant to meet it."""
_REACH = NEAR_M / 110_000.0
"""As much in degrees of latitude, generously."""
MOST_VERTICES, MOST_LINES = 1_000_000, 200_000
"""Topology is looked at in files of no more lines than these."""

_encode = msgspec.json.Encoder().encode


class Lines:
    """All lines of a file, gathered batch by batch, and what the rules ask about them."""

    def __init__(self) -> None:
        self.taken: list[tuple[NDArray[Any], ...]] = []
        """Of each batch where its segments start and end, their lines, and the first and last positions of the lines."""
        self.features: list[tuple[int, Any]] = []
        """The feature of each line: its position in the file and its id."""
        self.vertices = 0
        self.others = 0
        self.unseen = ""
        """Why the lines were not compared; empty if they were."""

    def add(self, batch: Batch) -> None:
        """Take the lines of a batch."""
        shapes, rows = batch.shapes, rows_of(batch.shapes)
        chosen = shapes.is_line & (shapes.lengths >= 2)
        self.others += int(np.count_nonzero(~chosen))
        # A line without length meets nothing.
        chosen &= np.bincount(shapes.part_of[rows], minlength=len(chosen)) > 0
        rows = rows[chosen[shapes.part_of[rows]]]
        parts = chosen.nonzero()[0]
        self.vertices += int(shapes.lengths[parts].sum())
        if self.vertices > MOST_VERTICES or len(self.features) + len(parts) > MOST_LINES:
            self.unseen = f"there are more than {MOST_VERTICES} vertices or {MOST_LINES} lines"
            self.taken = []
        if not self.unseen and len(parts):
            number = np.cumsum(chosen) - 1 + len(self.features)
            tips = np.stack([shapes.xy[shapes.starts[parts]], shapes.xy[shapes.starts[parts + 1] - 1]], axis=1)
            self.taken.append((shapes.xy[rows], shapes.xy[rows + 1], number[shapes.part_of[rows]], tips))
            self.features += [(batch.first + row, batch.ids[row]) for row in shapes.part_row[parts].tolist()]

    @cached_property
    def seen(self) -> bool:
        """Find how the lines meet, and return whether that was done; it is not if there are too few lines, or too many."""
        if self.unseen or len(self.features) < 2:
            return False
        start, end, owner, self.tips = (np.concatenate(arrays) for arrays in zip(*self.taken, strict=True))
        self.segments = Segments(start, end, owner)
        try:
            self.met = self.segments.meetings(apart=True)
            self.earlier, self.later = owner[self.met["first"]], owner[self.met["second"]]
            self.misses = list(self._misses())
        except TooManyError:
            self.unseen = f"more than {self.segments.most} pairs of their segments may cross"
        return not self.unseen

    def _misses(self) -> Iterator[tuple[bool, int, str, Spot]]:
        """Find the ends close to another line: whether their own has crossed it just before, their own, the metres, where they are."""
        from corridormap.geodesic import distances_m

        segments = self.segments
        # An end that no other line shares, nor the same where it is closed.
        _, alone, count = np.unique(self.tips.reshape(-1, 2), axis=0, return_index=True, return_counts=True)
        alone = np.sort(alone[count == 1])
        tips, lines = self.tips.reshape(-1, 2)[alone], alone // 2
        squeeze = np.cos(np.radians(np.clip(tips[:, 1], -89.999, 89.999)))
        reach = np.column_stack([_REACH / squeeze, np.full(len(tips), _REACH)])
        nearest, other = np.full(len(tips), np.inf), np.full(len(tips), -1)
        for which, segment in Segments(tips - reach, tips + reach, np.arange(len(tips))).near(segments, apart=False):
            start, tip = segments.start[segment], tips[which]
            way = segments.end[segment] - start
            scaled = way * np.column_stack([squeeze[which] ** 2, np.ones(len(which))])
            along = ((tip - start) * scaled).sum(axis=1) / (way * scaled).sum(axis=1)
            foot = start + np.clip(along, 0.0, 1.0)[:, None] * way
            near = (np.abs(foot - tip) <= reach[which]).all(axis=1) & (segments.owner[segment] != lines[which])
            which, owner, metres = which[near], segments.owner[segment[near]], distances_m(tip[near], foot[near])  # noqa: PLW2901
            # The nearest of each end last, so that it is the one that stays; of several the first line.
            order = np.lexsort((-owner, -metres))
            order = order[metres[order] < nearest[which[order]]]
            nearest[which[order]], other[which[order]] = metres[order], owner[order]
        key = self.earlier * len(self.features) + self.later
        order = np.argsort(key, kind="stable")
        pairs = np.minimum(lines, other) * len(self.features) + np.maximum(lines, other)
        for number in ((nearest <= NEAR_M) & (nearest >= SAME_M)).nonzero()[0].tolist():
            tip = tips[number]
            meetings = self.met["at"][order[slice(*np.searchsorted(key, pairs[number] + [0, 1], sorter=order))]]
            beyond = bool((distances_m(meetings, np.broadcast_to(tip, meetings.shape)) <= 2 * NEAR_M).any())
            yield beyond, int(lines[number]), metres_text(nearest[number]), (float(tip[0]), float(tip[1]))


class _LineRule(BatchRule, of_drawn_lines=True):
    """A rule about all lines of a file together, whose function yields lines, what is wrong with them, and where."""

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        """Gather the lines of a batch, once for all these rules."""
        shared = memory["shared"]
        if shared.get("gathered") != batch.first:
            shared["gathered"] = batch.first
            shared.setdefault("lines", Lines()).add(batch)
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        lines: Lines | None = memory["shared"].get("lines")
        if lines is not None and lines.seen:
            for line, message, at in self.look(lines):
                index, name = lines.features[line]
                yield Place(message, index=index, feature=name, at=at)


@_LineRule.register("CM601", WARNING, hint="Snap the end to the other line, at a vertex of it.")
def undershoot(lines: Lines) -> Iterator[tuple[int, str, Spot]]:
    """No line ends just short of another, less than 5 m from it, without meeting it."""
    for beyond, line, metres, at in lines.misses:
        if not beyond:
            yield line, f"ends {metres} short of another line", at


@_LineRule.register("CM602", WARNING, hint="Cut the end off where the lines cross.")
def overshoot(lines: Lines) -> Iterator[tuple[int, str, Spot]]:
    """No line runs past another and ends less than 5 m beyond it."""
    for beyond, line, metres, at in lines.misses:
        if beyond:
            yield line, f"ends {metres} beyond another line that it crosses", at


@_LineRule.register("CM603", NOTE, hint="Look whether these lines should meet the others.")
def one_piece(lines: Lines) -> Iterator[tuple[int, str, Spot]]:
    """A network hangs together: where most lines meet others, those that do not, or only among themselves, are reported, once per file."""
    first, second, total = *_across(lines), len(lines.features)
    # Lines are a network, meant to meet, if most of them do.
    if total < 3 or lines.others or 2 * len(np.union1d(first, second)) <= total:
        return
    names, begin, sizes = np.unique(_components(total, first, second), return_index=True, return_counts=True)
    lost = np.delete(np.arange(len(names)), sizes.argmax())
    if len(lost):
        line = int(begin[lost].min())
        x, y = lines.tips[line, 0].tolist()
        apart = int(sizes[lost].sum())
        what = (
            f"{apart} of {total} lines, in {counted(len(lost), 'part')}, {'does' if apart == 1 else 'do'} not hang together with the others"
        )
        yield line, what, (x, y)


@_LineRule.register("CM605", NOTE, hint="Where two ways share a stretch, cut it out and keep it once.")
def overlapping(lines: Lines) -> Iterator[tuple[int, str, Spot]]:
    """No two lines run over the same stretch; reported once per line."""
    met, begin, metres = lines.segments.covered_m(lines.met)
    # By the later line, then by the earlier.
    both = np.column_stack([lines.later[met], lines.earlier[met]])
    pairs, first, pair = np.unique(both, axis=0, return_index=True, return_inverse=True)
    shared = np.bincount(pair.ravel(), weights=metres, minlength=len(pairs))
    told = -1
    for (line, other), where, length in zip(pairs.tolist(), begin[first].tolist(), shared.tolist(), strict=True):
        if line != told:
            told, (index, name) = line, lines.features[other]
            what = f"feature {shown(name) if name is not None else index}"
            some = metres_text(length) if np.isfinite(length) else "a stretch"
            yield line, f"shares {some} with {what}", (where[0], where[1])


class TooMany(_LineRule, code="CM606", severity=NOTE):
    """It was looked at how the lines meet.

    Not so in a file of more than a million vertices or 200 000 lines, or where so many of their segments lie close together that more
    than two million pairs of them, and more than a hundred for each segment, may cross.
    """

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        lines: Lines | None = memory["shared"].get("lines")
        if lines is not None and not lines.seen and lines.unseen:
            yield Place(f"how the lines meet was not looked at by CM601, CM602, CM603 and CM605: {lines.unseen}")


class Duplicate(BatchRule, code="CM604", severity=WARNING, hint="Delete one of the two."):
    """No two features of a file have the same geometry and the same properties."""

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterator[Place]:
        seen: dict[int, int] = memory.setdefault("seen", {})
        shapes = batch.shapes
        if batch.bare or not len(shapes.item_row):
            return
        data, kinds, rows = shapes.xy.tobytes(), shapes.item_type.tolist(), shapes.item_row.tolist()
        cuts = (16 * shapes.starts[np.append(shapes.item_first_part, len(shapes.part_item))]).tolist()
        for item in np.flatnonzero(np.bincount(rows)[rows] == 1).tolist():
            row = rows[item]
            key = hash((data[cuts[item] : cuts[item + 1]], kinds[item], _words(batch.properties[row])))
            other = seen.setdefault(key, batch.first + row)
            if other != batch.first + row:
                yield Place(f"is the same as feature {other}, geometry and properties", row=row, path=())


def _words(properties: Any) -> str | bytes:
    try:
        return _encode(properties)
    except (TypeError, UnicodeEncodeError, OverflowError):
        return str(properties)  # of other formats


def _across(lines: Lines) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the pairs of lines that meet, also where one ends at 180° and the other at -180°, as GeoJSON has those that were cut there."""
    tips = lines.tips.reshape(-1, 2)
    on = (np.abs(tips[:, 0]) == 180.0).nonzero()[0]
    _, index, inverse = np.unique(tips[on, 1], return_index=True, return_inverse=True)
    pairs = np.sort(np.column_stack([on[index[inverse.ravel()]], on]) // 2)
    first, second = pairs[pairs[:, 0] != pairs[:, 1]].T
    return np.append(lines.earlier, first), np.append(lines.later, second)


def _components(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each line, the first line of its connected component."""
    label = np.arange(count)
    while (label[first] != label[second]).any():
        low = np.minimum(label[first], label[second])
        for line in (first, second):
            np.minimum.at(label, label[line], low)
        label = label[label]
    return label
