"""Lines that run along another but are not its track, a road beside a railway, step aside so that both can be followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corridormap.plot.canvas import Points

STEP = 1.5
"""Points between samples."""
REACH = 5
"""A line steps aside by at most this many spacings; where that is not enough it stays."""
LOOP = 16
"""Steps: a loop longer than this is the line's own."""
SHORT = 9.0
"""Points: shorter meetings are crossings, and left alone."""


def samples(run: Points) -> tuple[Points, Points]:
    """Points along a line, evenly spaced, and the direction at each."""
    along = _arc(run)
    at = np.linspace(0, along[-1], max(int(along[-1] / STEP) + 1, 2))
    points = np.column_stack([np.interp(at, along, run[:, 0]), np.interp(at, along, run[:, 1])])
    steps = np.gradient(points, axis=0)
    return points, steps / np.maximum(np.hypot(*steps.T), 1e-9)[:, None]


def step_aside(runs: Sequence[Points], obstacles: Sequence[tuple[Points, Points]], spacing: float) -> list[Points]:
    """Move a line that is drawn in several joined runs clear of others that it runs along.

    Parameters
    ----------
    runs : sequence of ndarray, shape (n, 2)
        Each begins where the one before ends.
    obstacles : sequence of (points, directions)
        From `samples`: the lines that are drawn already.
    spacing : float
        Points between neighbours.

    Returns
    -------
    list of ndarray
        The runs, still joined; those that were clear come back as they were.
    """
    whole = np.concatenate([runs[0], *(run[1:] for run in runs[1:])])
    points, directions = samples(whole)
    shift = _shift(points, directions, obstacles, spacing)
    if not shift.any():
        return list(runs)
    normals = _normals(directions)
    moved = points + normals * shift[:, None]
    at = np.linspace(0, 1, len(points)) * _arc(whole)[-1]
    result = []
    start = 0.0
    for run in runs:
        end = start + _arc(run)[-1]
        inside = at[(at > start + 1e-6) & (at < end - 1e-6)]
        places = np.r_[start, inside, end]
        result.append(_without_loops(np.column_stack([np.interp(places, at, moved[:, 0]), np.interp(places, at, moved[:, 1])])))
        start = end
    return result


def _shift(points: Points, directions: Points, obstacles: Sequence[tuple[Points, Points]], spacing: float) -> Points:
    """How far each sample steps to its left."""
    reach = REACH * spacing
    none = np.zeros(len(points))
    if not obstacles:
        return none
    others, theirs = (np.concatenate(part) for part in zip(*obstacles, strict=True))
    low, high = points.min(axis=0) - 2 * reach, points.max(axis=0) + 2 * reach
    near = ((others > low) & (others < high)).all(axis=1)
    others, theirs = others[near], theirs[near]
    tries = np.arange(0, reach + 1e-9, 0.5)
    left, right = none.copy(), none.copy()
    for i, (point, direction) in enumerate(zip(points, directions, strict=True)):
        away = others - point
        beside = (np.abs(away @ direction) < STEP) & (np.abs(theirs @ direction) > 0.75)
        lateral = away[beside] @ np.array([-direction[1], direction[0]])
        if not (np.abs(lateral) < 0.85 * spacing).any():
            continue
        for side, found in ((1, left), (-1, right)):
            clear = (np.abs(side * tries[:, None] - lateral[None, :]) >= spacing).all(axis=1)
            found[i] = tries[clear.argmax()] if clear.any() else reach
    shift = none.copy()
    for first, last in _stretches(left > 0, gap=int(24 / STEP)):
        part = slice(first, last)
        if (last - first) * STEP < SHORT:
            continue
        to_left, to_right = left[part].sum(), right[part].sum()
        if min(to_left, to_right) / (last - first) < reach * 0.8:
            # The whole stretch keeps to one side, also past short gaps in it.
            shift[part] = np.where(left[part] > 0, left[part], 0) if to_left <= to_right else -right[part]
    return _softened(shift)


def _stretches(meets: NDArray[np.bool_], *, gap: int) -> list[tuple[int, int]]:
    """First and last sample of each stretch, those with a short gap between them taken as one."""
    found: list[tuple[int, int]] = []
    for i in np.flatnonzero(meets):
        if found and i - found[-1][1] < gap:
            found[-1] = found[-1][0], int(i) + 1
        else:
            found.append((int(i), int(i) + 1))
    return found


def _softened(shift: Points) -> Points:
    """Take the jumps out, and come back to the true place at both ends."""
    if not shift.any():
        return shift
    wide = int(6 / STEP)
    # First the widest step aside of the neighbourhood, so that softening does not bring the lines together again.
    padded = np.pad(shift, wide)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * wide + 1)
    widest = np.where(windows.max(axis=1) >= -windows.min(axis=1), windows.max(axis=1), windows.min(axis=1))
    weights = np.hanning(2 * wide + 3)[1:-1]
    soft = np.convolve(np.pad(widest, wide), weights / weights.sum(), mode="valid")
    ramp = np.clip(np.minimum(np.arange(len(shift)), np.arange(len(shift))[::-1]) * STEP / 8, 0, 1)
    return np.asarray(soft * ramp)


def _normals(directions: Points) -> Points:
    """To the left of each sample, turning gently where the line bends sharply."""
    wide = int(7 / STEP)
    weights = np.hanning(2 * wide + 3)[1:-1]
    padded = np.pad(directions, ((wide, wide), (0, 0)), mode="edge")
    soft = np.column_stack([np.convolve(padded[:, axis], weights, mode="valid") for axis in (0, 1)])
    # Where a line doubles back the mean vanishes; its own direction serves there.
    size = np.hypot(*soft.T)[:, None]
    soft = np.where(size > 0.2 * weights.sum(), soft / np.maximum(size, 1e-9), directions)
    return np.column_stack([-soft[:, 1], soft[:, 0]])


def _without_loops(run: Points) -> Points:
    """Cut off the small loops that a line makes when it steps aside within a bend."""
    kept: list[Points] = []
    i = 0
    while i < len(run) - 1:
        kept.append(run[i])
        # The furthest step not far ahead that this one crosses ends the loop.
        for j in range(min(i + LOOP, len(run) - 2), i + 1, -1):
            if (meeting := _crossing(run[i], run[i + 1], run[j], run[j + 1])) is not None:
                kept.append(meeting)
                i = j
                break
        i += 1
    kept.append(run[-1])
    return np.array(kept)


def _crossing(a: Points, b: Points, c: Points, d: Points) -> Points | None:
    """Where two steps cross, if they do."""
    first, second = b - a, d - c
    across = first[0] * second[1] - first[1] * second[0]
    if abs(across) < 1e-12:
        return None
    gap = c - a
    t = (gap[0] * second[1] - gap[1] * second[0]) / across
    u = (gap[0] * first[1] - gap[1] * first[0]) / across
    return np.asarray(a + t * first) if 0 <= t <= 1 and 0 <= u <= 1 else None


def _arc(run: Points) -> Points:
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(run, axis=0).T))])
