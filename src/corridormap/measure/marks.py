"""Marks that turn measured chainage into the kilometres of posts: from a table's posts, or from a line's M values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from corridormap.errors import DataError, UsageError, refuse
from corridormap.phrases import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from corridormap.measure.line import Alignment

SAME_KM = 0.001
"""Posts nearer to each other than a metre stand at the same place."""
RUBBER = 1.25
"""A kilometre of posts that is so many times longer or shorter than it measures is told."""
EQUATION_KM = 0.02
"""Kilometres of one place that differ by less are rounded, and no chainage equation."""
ODD_KM = 0.05
"""If it is off by more than this."""
UNITS = {"km": 1.0, "m": 1000.0}


def by_m(line: Alignment, m: NDArray[np.float64], *, unit: Literal["km", "m"] | None = None) -> Alignment:
    """Let a line speak in the kilometres of its M values, one a vertex; NaN is interpolated.

    Without a unit it is found by the line's length; where M is neither kilometres nor metres along the line, or does not increase, it is
    left aside, and the note says so.

    Raises
    ------
    DataError
        If with a unit M does not increase.
    """
    known = np.isfinite(m)
    across = float(np.ptp(m[known])) / line.length_km if known.any() and line.length_km else 0.0
    fits = [name for name, factor in UNITS.items() if 1 / RUBBER < across / factor < RUBBER]
    if unit is None and not fits:
        return line.noted("its M values are neither kilometres nor metres along it and are left aside")
    found = unit or fits[0]
    # Rounded M repeats itself at close vertices: the first of them counts, at the end the last.
    vertices = known.nonzero()[0]
    told = np.append(True, np.diff(m[vertices]) != 0.0)[: len(vertices)].nonzero()[0]
    told[-1:] = len(vertices) - 1
    vertices = vertices[told]
    rows = [f"vertex {vertex}" for vertex in vertices]
    try:
        return marked(line, line.km[vertices], km=m[vertices] / UNITS[found], rows=rows, note=f"kilometres are its M values, in {found}")
    except DataError as error:
        if unit is not None:
            raise
        return line.noted(f"its M values are left aside: {error.faults[0].what}")


def marked(
    line: Alignment,
    chainage: NDArray[np.float64],
    *,
    km: NDArray[np.float64],
    rows: Sequence[str],
    note: str,
    extrapolate: bool = False,
    posts: pd.DataFrame | None = None,
) -> Alignment:
    """Let a line speak in the kilometres of posts (k,) that stand at chainages (k,).

    Posts that descend all along turn the line. `posts` is a table with a row for each, to go along in order.

    Raises
    ------
    UsageError
        If there are too few posts.
    DataError
        Naming all posts whose kilometres do not increase along the line, with row and place.
    """
    order = np.lexsort((km, chainage))
    rises = np.sign(np.diff(km[order]))
    notes = [note]
    if rises.sum() < 0:
        chainage, line = line.length_km - chainage, line.turned()
        order = np.lexsort((km, chainage))
        notes.append("the posts run against the line, which is turned")
    at, said = chainage[order], km[order]
    twice = np.append(False, (np.diff(at) < SAME_KM) & (np.diff(said) == 0.0))[: len(at)]
    order, at, said = order[~twice], at[~twice], said[~twice]
    if len(at) < (1 if extrapolate else 2) or (len(at) > 1 and at[-1] - at[0] < SAME_KM):
        hint = "Two make a stretch; of one alone extrapolate=True takes the kilometres as measured."
        raise UsageError(f"{len(at)} posts{' at one place' if len(at) > 1 else ''} calibrate nothing", hint=hint)
    labels = [rows[place] for place in order]
    refuse(_faults(line, at, said, labels))
    notes += _odd(line, at, said, labels)
    marks = np.column_stack([at, said])
    if extrapolate:
        scale = (said[-1] - said[0]) / (at[-1] - at[0]) if at[-1] - at[0] > SAME_KM else 1.0
        ends = np.array([[0.0, said[0] - at[0] * scale], [line.length_km, said[-1] + (line.length_km - at[-1]) * scale]])
        marks = np.vstack([ends[:1][at[:1] > 0.0], marks, ends[1:][at[-1:] < line.length_km]])
        if len(marks) > len(at):
            notes.append(f"beyond the posts kilometres go on at {scale:.4f} of the measured")
    else:
        bare = {"before the first": at[0], "after the last": line.length_km - at[-1]}
        notes += [f"{km:.3f} km {where} post have no kilometre" for where, km in bare.items() if km > SAME_KM]
    table = None if posts is None else posts.iloc[order].assign(chainage_km=at, residual_m=_residuals_m(at, said)).reset_index(drop=True)
    if table is not None and (off := table["residual_m"].abs()).notna().any():
        worst = int(off.idxmax())
        notes.append(f"against its two neighbours a post is {off.median():.0f} m off (median), at most {off[worst]:.0f} m: {labels[worst]}")
    line = replace(line, marks=marks).noted(*notes)
    return line if table is None else replace(line, posts=table)


def _faults(line: Alignment, at: NDArray[np.float64], said: NDArray[np.float64], rows: Sequence[str]) -> list[DataError]:
    falls = np.flatnonzero(np.diff(said) <= 0.0) + 1
    hint = (
        "Mend or leave out the wrong one. Where kilometres begin anew, calibrate each part by its own posts; where the line passes a place "
        "twice its point is on the first passage: say which by chainage=…."
    )
    places = line.places(at[falls])
    return [
        DataError(
            f"km {said[post]:g} at {lon:.5f}, {lat:.5f} comes after km {said[post - 1]:g} ({rows[post - 1]}) and does not increase",
            where="the posts",
            feature=rows[post],
            hint=hint,
        )
        for post, (lon, lat) in zip(falls.tolist(), places, strict=True)
    ]


def _odd(line: Alignment, at: NDArray[np.float64], said: NDArray[np.float64], rows: Sequence[str]) -> list[str]:
    """Tell of chainage equations, where a place has two kilometres, and of kilometres that measure much more or less than they say."""
    by_posts, measured = np.diff(said), np.diff(at)
    jumps = (measured < SAME_KM) & (by_posts > EQUATION_KM)
    rubber = (
        (measured >= SAME_KM)
        & (np.abs(by_posts - measured) > ODD_KM)
        & (np.abs(np.log(by_posts / np.maximum(measured, SAME_KM))) > np.log(RUBBER))
    )
    told = []
    for found, what in ((jumps, "chainage equations"), (rubber, "broken chainage")):
        posts = np.flatnonzero(found).tolist()
        texts = []
        for post, (lon, lat) in zip(posts, line.places(at[1:][posts]), strict=True):
            ends = f"km {said[post]:g} to km {said[post + 1]:g} ({rows[post + 1]}, at {lon:.5f}, {lat:.5f})"
            texts.append(f"{ends} measures {measured[post]:.3f} km")
        told += [f"{what}: {some(texts, most=3)}"] if posts else []
    return told


def _residuals_m(at: NDArray[np.float64], said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure how far the kilometre of each post is from what its two neighbours alone would say; NaN at the ends."""
    off = np.full(len(at), np.nan)
    if len(at) > 2:
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (at[1:-1] - at[:-2]) / (at[2:] - at[:-2])
        off[1:-1] = 1000.0 * (said[1:-1] - said[:-2] - share * (said[2:] - said[:-2]))
    return off
