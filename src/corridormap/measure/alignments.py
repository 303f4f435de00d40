"""Lines with their kilometres: the ways of corridors, and the caller's own lines.

Chainage is cumulative geodesic length from the start of a way. Where a line has a gap, its kilometres stop at one end of it and go on at
the other: nothing is bridged, and ``attrs["note"]`` says where. A way that reverses in a station passes its approach twice and counts it
twice, as a train's odometer does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError
from corridormap.measure.geodesic import distances_m, geod, subdivided
from corridormap.measure.inputs import read_input, texts
from corridormap.measure.nearest_points import NearestPoints

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from corridormap.measure.nearest_points import Vertices

ROUNDING_KM = 1e-9
"""A chainage may be so much beyond the end: a millionth of a metre."""


@dataclass(frozen=True, eq=False)
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
        The places it passes: ``km, node`` and names, in order; empty for a line that is not the atlas's.
    stretches : DataFrame
        ``from_km, to_km, link, country, accuracy_m``, one row a link; empty likewise.
    note : str
        What was done to the caller's data.
    """

    name: str
    coordinates: NDArray[np.float64]
    km: NDArray[np.float64]
    piece: NDArray[np.int64]
    nodes: pd.DataFrame
    stretches: pd.DataFrame
    note: str = ""

    @property
    def length_km(self) -> float:
        """Its whole length, gaps left out."""
        return float(self.km[-1])

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

    def neighbours(self, km: NDArray[np.float64], *, index: pd.Index[Any] | None) -> dict[str, Any]:
        """Make columns of the nodes before and after each chainage, and how far they are along the line; None and NaN for NaN."""
        if self.nodes.empty:
            return {}
        at, names = self.nodes["km"].to_numpy(), self.nodes["node"].tolist()
        columns: dict[str, Any] = {}
        for kind, found in (("before", np.searchsorted(at, km, side="right") - 1), ("after", np.searchsorted(at, km, side="left"))):
            known = (found >= 0) & (found < len(at)) & np.isfinite(km)
            columns[kind] = texts((names[place] if ok else None for place, ok in zip(found, known, strict=True)), index)
            columns[f"{kind}_km"] = np.where(known, np.abs(km - at[np.clip(found, 0, len(at) - 1)]), np.nan)
        return columns

    def holds(self, km: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which chainages lie on the line; what is no number does not."""
        on: NDArray[np.bool_] = (km >= 0) & (km <= self.length_km + ROUNDING_KM)
        return on

    def check(self, km: NDArray[np.float64], *, rows: Sequence[object] | None = None) -> None:
        """Make sure that chainages lie on the line; where they are those of rows, the row is named."""
        off = np.flatnonzero(~self.holds(km))
        if len(off):
            row = "" if rows is None else f" (row {rows[off[0]]})"
            raise UsageError(f"km {km[off[0]]:g} is not on {self.name}{row}", hint=f"It runs from km 0 to km {self.length_km:.3f}.")


def alignment(target: object, *, atlas: Atlas | None = None, way: int = 0) -> Alignment:
    """Give a corridor, or any line, its kilometres.

    Parameters
    ----------
    target : str, LineString, MultiLineString, GeoDataFrame or GeoSeries
        The id or the number of a corridor of the atlas; or one line of the caller's, in lon/lat unless its frame says otherwise. A
        multiline's parts are taken in their order, with gaps between where they do not meet.
    atlas : Atlas, optional
        By default the one that comes with the package.
    way : int
        Which of the corridor's ways, from 0: the main one first, then its branches.

    Returns
    -------
    Alignment

    Raises
    ------
    UsageError
        If there is no such corridor or way, or the target is nothing of the kind.
    DataError
        If a frame has no CRS, or holds no line or several.
    """
    if isinstance(target, Alignment):
        return target
    if is_name(target):
        return _corridor(str(target), atlas, way)
    lines = _lines(target)
    if len(lines) != 1:
        hint = "Choose one row, or join lines that meet with shapely.line_merge(frame.union_all())."
        raise DataError(f"{len(lines)} lines where one is wanted", where="the line", hint=hint)
    return lines[0]


def alignments(target: object, *, atlas: Atlas | None = None) -> list[Alignment]:
    """Give all ways of a corridor, the main one first, or all of the caller's lines, their kilometres; see `alignment`.

    Raises
    ------
    UsageError, DataError
        As `alignment`, but several lines are fine.
    """
    if isinstance(target, Alignment):
        return [target]
    if is_name(target):
        atlas = atlas or Atlas.open()
        main = _corridor(str(target), atlas, 0)
        return [main, *(_corridor(main.name, atlas, way) for way in range(1, len(atlas.itineraries[main.name].ways)))]
    lines = _lines(target)
    if not lines:
        raise DataError("holds no line", where="the line", hint="For areas, measure their boundary.")
    return lines


def itinerary_of(atlas: Atlas, name: object) -> str:
    """Find the id that a name or number means; an id comes before a number that looks like it."""
    by_number = {str(one.number): one.id for one in atlas.itineraries.values() if one.number is not None}
    return str(name) if name in atlas.itineraries else by_number.get(str(name), str(name))


def chosen(atlas: Atlas, corridors: Iterable[str | int] | None) -> list[str]:
    """Give the ids of the itineraries named, by default of the numbered corridors."""
    if corridors is None:
        return [one.id for one in atlas.itineraries.values() if one.number is not None]
    return [itinerary_of(atlas, name) for name in ([corridors] if isinstance(corridors, str | int) else corridors)]


def is_name(target: object) -> bool:
    """Tell whether a target is the id or number of a corridor."""
    return isinstance(target, str | Integral) and not isinstance(target, bool)


def _lines(target: object) -> list[Alignment]:
    """Read the caller's lines, one for each row that has any."""
    import pandas as pd

    read = read_input(target, what="the line")
    found = []
    for geometry in read.geometries[np.isin(shapely.get_type_id(read.geometries), (1, 2, 5)) & ~shapely.is_empty(read.geometries)]:
        coordinates, part = shapely.get_coordinates(shapely.get_parts(geometry), return_index=True)
        if not np.isfinite(coordinates).all():
            raise DataError("has coordinates that are no numbers", where="the line")
        # Parts that meet are one piece.
        piece = np.append(0, np.cumsum((coordinates[1:] != coordinates[:-1]).any(axis=1) & (part[1:] != part[:-1])))
        km = _cumulative_km(coordinates, piece)
        notes = "; ".join(note for note in (read.note, _gaps(coordinates, km, piece)) if note)
        found.append(Alignment("the line", coordinates, km, piece, pd.DataFrame(), pd.DataFrame(), notes))
    return found


def _gaps(coordinates: NDArray[np.float64], km: NDArray[np.float64], piece: NDArray[np.int64]) -> str:
    after = np.flatnonzero(np.diff(piece))
    wide = distances_m(coordinates[after], coordinates[after + 1]) / 1000.0
    shown = ", ".join(f"at km {at:.3f} ({across:.3f} km across)" for at, across in zip(km[after[:5]], wide, strict=False))
    more = f" and {len(after) - 5} more" if len(after) > 5 else ""
    return f"gaps, which no kilometre counts: {shown}{more}" if len(after) else ""


def _corridor(name: str, atlas: Atlas | None, way: int) -> Alignment:
    import pandas as pd

    atlas = atlas or Atlas.open()
    itinerary = itinerary_of(atlas, name)
    ways = atlas.route(itinerary)
    if not 0 <= way < len(ways):
        raise UsageError(f"{itinerary} has no way {way}", hint=f"Its ways are 0 to {len(ways) - 1}; 0 is the main one.")
    steps = ways[way]
    links = atlas.links.loc[[step.id for step in steps]]
    geometries = links.geometry.to_numpy().copy()
    backward = np.array([not step.forward for step in steps])
    geometries[backward] = shapely.reverse(geometries[backward])
    coordinates, link = shapely.get_coordinates(geometries, return_index=True)
    # Where two links meet the vertex is kept once.
    kept = np.append(True, ~((coordinates[1:] == coordinates[:-1]).all(axis=1)))
    km = _cumulative_km(coordinates, np.zeros(len(coordinates), dtype=np.int64))
    first = np.searchsorted(link, np.arange(len(steps)))
    bounds = np.append(km[first], km[-1])
    said = {column: links[column].to_numpy() for column in ("country", "accuracy_m", "status")}
    stretches = pd.DataFrame({"from_km": bounds[:-1], "to_km": bounds[1:], "link": [step.id for step in steps], **said})
    nodes = atlas.way_nodes(itinerary)[way]
    known = atlas.nodes.loc[nodes, ["kind", "country", *(f"name_{lang}" for lang in atlas.languages)]]
    table = pd.DataFrame({"km": bounds, "node": nodes, **{column: known[column].to_numpy() for column in known}})
    piece = np.zeros(int(kept.sum()), dtype=np.int64)
    return Alignment(itinerary, coordinates[kept], km[kept], piece, table, stretches)


def _cumulative_km(coordinates: NDArray[np.float64], piece: NDArray[np.int64]) -> NDArray[np.float64]:
    _, _, steps = subdivided(coordinates, piece, step_km=np.inf)
    return np.cumsum(steps) / 1000.0
