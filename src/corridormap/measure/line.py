"""A line with its kilometres: the places at them, stretches of it, and the kilometres of posts that it may be calibrated on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.errors import UsageError
from corridormap.geodesic import geod
from corridormap.measure.inputs import texts
from corridormap.measure.nearest_points import NearestPoints

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from corridormap.measure.nearest_points import Vertices

ROUNDING_KM = 1e-9
"""A chainage may be so much beyond the end: a millionth of a metre."""
NEAR_KM = 1e-5
"""What stands at the last post is found so near to it: a centimetre, as good as the nearest point is."""


def _no_posts() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


@dataclass(frozen=True, eq=False, repr=False)
class Alignment:
    """A line with its kilometres.

    Attributes
    ----------
    name : str
        What it is called in messages and tables.
    coordinates : ndarray of float, shape (n, 2)
        Its vertices, lon/lat.
    km : ndarray of float, shape (n,)
        The chainage of each.
    piece : ndarray of int, shape (n,)
        The piece of the line each belongs to; between pieces lies a gap.
    nodes : DataFrame
        The places it passes: ``km`` (chainage as measured) ``, node`` and names, in order; empty for a line that is not the atlas's.
    stretches : DataFrame
        ``from_km, to_km, link, country, accuracy_m``, one row a link; empty likewise.
    note : str
        What was done to the caller's data.
    posts : DataFrame
        The posts it is calibrated on, in order along it: ``row, km`` (as the post says) ``, chainage_km`` (as measured) ``, offset_m,
        residual_m``; empty if its kilometres are measured. See `calibrate`.
    marks : ndarray of float, shape (k, 2), or None
        What turns chainage into the kilometres of posts: pairs of both, linear between.
    """

    name: str
    coordinates: NDArray[np.float64]
    km: NDArray[np.float64]
    piece: NDArray[np.int64]
    nodes: pd.DataFrame
    stretches: pd.DataFrame
    note: str = ""
    posts: pd.DataFrame = field(default_factory=_no_posts)
    marks: NDArray[np.float64] | None = None

    def __repr__(self) -> str:
        """Say what it is in a line, not all its vertices."""
        first, last = self.ends_km
        return f"<Alignment of {self.name}, km {first:g} to km {last:.3f}{'' if self.marks is None else ' of its posts'}>"

    @property
    def length_km(self) -> float:
        """Its whole measured length, gaps left out."""
        return float(self.km[-1])

    @property
    def ends_km(self) -> tuple[float, float]:
        """The kilometres between which places can be named: 0 and its length, or those of its first and last post."""
        return (0.0, self.length_km) if self.marks is None else (float(self.marks[0, 1]), float(self.marks[-1, 1]))

    def said(self, chainage: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn chainages as measured, (n,), into the kilometres it speaks in; NaN beyond the posts."""
        return chainage if self.marks is None else _between(chainage, self.marks[:, 0], self.marks[:, 1], beyond=NEAR_KM)

    def measured(self, km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn the kilometres it speaks in, (n,), into chainages as measured; NaN beyond the posts."""
        return km if self.marks is None else _between(km, self.marks[:, 1], self.marks[:, 0], beyond=ROUNDING_KM)

    def noted(self, *notes: str) -> Alignment:
        """Say more of what was done to the caller's data."""
        return replace(self, note="; ".join(filter(None, (self.note, *notes))))

    def turned(self) -> Alignment:
        """Make the same line the other way round, not calibrated."""
        nodes, stretches = self.nodes[::-1].reset_index(drop=True), self.stretches[::-1].reset_index(drop=True)
        if not nodes.empty:
            nodes["km"] = self.length_km - nodes["km"]
            stretches[["from_km", "to_km"]] = self.length_km - stretches[["to_km", "from_km"]].to_numpy()
        piece = self.piece[-1] - self.piece[::-1]
        return Alignment(self.name, self.coordinates[::-1], self.length_km - self.km[::-1], piece, nodes, stretches, self.note)

    @property
    def vertices(self) -> Vertices:
        """Its vertices with their chainage and piece."""
        return self.coordinates, self.km, self.piece

    @cached_property
    def nearest(self) -> NearestPoints:
        """The index that finds the point of it nearest to others."""
        return NearestPoints([self.vertices])

    def places(self, km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Find the lon/lat (n, 2) of chainages (n,) that lie on the line."""
        before = np.clip(np.searchsorted(self.km, km, side="right") - 1, 0, len(self.km) - 2)
        here, there = self.coordinates[before], self.coordinates[before + 1]
        azimuth, _, metres = geod().inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
        along = np.clip((km - self.km[before]) * 1000.0, 0.0, metres)
        lon, lat, _ = geod().fwd(here[:, 0], here[:, 1], azimuth, along)
        return np.column_stack([lon, lat])

    def between(self, low: float, high: float) -> list[tuple[float, float, NDArray[np.float64]]]:
        """Cut a stretch at gaps; of each piece: from and to which kilometre, and lon/lat (n, 2)."""
        found = []
        for rows in np.split(np.arange(len(self.km)), np.flatnonzero(np.diff(self.piece)) + 1):
            km, coordinates = self.km[rows], self.coordinates[rows]
            begin, end = max(low, float(km[0])), min(high, float(km[-1]))
            if end - begin <= ROUNDING_KM:
                continue
            inner = (km > begin) & (km < end)
            # At a gap the place belongs to this piece, not to the next.
            head = coordinates[:1] if begin == km[0] else self.places(np.array([begin]))
            tail = coordinates[-1:] if end == km[-1] else self.places(np.array([end]))
            found.append((begin, end, np.vstack([head, coordinates[inner], tail])))
        return found

    def neighbours(self, km: NDArray[np.float64]) -> dict[str, Any]:
        """Make columns of the nodes before and after each chainage, and how far they are along the line; None and NaN for NaN."""
        if self.nodes.empty:
            return {}
        at, names = self.nodes["km"].to_numpy(), self.nodes["node"].tolist()
        columns: dict[str, Any] = {}
        for kind, found in (("before", np.searchsorted(at, km, side="right") - 1), ("after", np.searchsorted(at, km, side="left"))):
            known = (found >= 0) & (found < len(at)) & np.isfinite(km)
            columns[kind] = texts(names[place] if ok else None for place, ok in zip(found, known, strict=True))
            columns[f"{kind}_km"] = np.where(known, np.abs(km - at[np.clip(found, 0, len(at) - 1)]), np.nan)
        return columns

    def holds(self, km: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which kilometres lie on the line; what is no number does not."""
        first, last = self.ends_km
        on: NDArray[np.bool_] = (km >= first - (0.0 if self.marks is None else ROUNDING_KM)) & (km <= last + ROUNDING_KM)
        return on

    def check(self, km: NDArray[np.float64], *, rows: Iterable[object] | None = None) -> None:
        """Make sure that kilometres lie on the line; where they are those of rows, the row is named."""
        off = np.flatnonzero(~self.holds(km))
        if len(off):
            row = "" if rows is None else f" (row {list(rows)[off[0]]})"
            first, last = self.ends_km
            hint = f"It runs from km {first:g} to km {last:.3f}{'' if self.marks is None else ' of its posts'}."
            if np.isnan(km[off[0]]) and row:
                hint += ' A row without a number is to be left out, or stays empty: errors="coerce", --lenient.'
            raise UsageError(f"km {km[off[0]]:g} is not on {self.name}{row}", hint=hint)


def _between(at: NDArray[np.float64], known: NDArray[np.float64], values: NDArray[np.float64], *, beyond: float) -> NDArray[np.float64]:
    """Interpolate between marks; NaN where it lies farther beyond them."""
    inside = (at >= known[0] - beyond) & (at <= known[-1] + beyond)
    return np.where(inside, np.interp(at, known, values), np.nan)
