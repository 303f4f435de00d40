"""Lines with their kilometres: the ways of corridors, and the caller's own lines.

Chainage is cumulative geodesic length from the start of a way. Where a line has a gap, its kilometres stop at one end of it and go on at
the other: nothing is bridged, and ``attrs["note"]`` says where. A way that reverses in a station passes its approach twice and counts it
twice, as a train's odometer does, unless each link is to count once. A line may be calibrated: then it speaks in the kilometres of posts.
"""

from __future__ import annotations

from numbers import Integral
from typing import TYPE_CHECKING, Literal

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, lengths_km, subdivided
from corridormap.measure.inputs import is_file, listed, read_input
from corridormap.measure.line import ROUNDING_KM, Alignment
from corridormap.measure.marks import by_m
from corridormap.phrases import some

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from corridormap.atlas import SignedLink
    from corridormap.measure.inputs import Inputs

    UseOfM = Literal["auto", "km", "m"]

__all__ = ["ROUNDING_KM", "Alignment", "alignment", "alignments", "chosen", "is_name", "itinerary_of"]

SAME_KM = 0.001
"""Lengths of one line that differ by less than a metre are not told apart."""


def alignment(target: object, *, once: bool = False, atlas: Atlas | None = None, way: int = 0) -> Alignment:
    """Give a corridor, or any line, its kilometres.

    Parameters
    ----------
    target : str, LineString, MultiLineString, GeoDataFrame or GeoSeries
        The id or the number of a corridor of the atlas; or one line of the caller's, in lon/lat unless its frame says otherwise, or the
        path of a file that holds one. A multiline's parts are taken in their order, with gaps between where they do not meet. A line
        whose M values are kilometres or metres along it speaks in them, and the note says so: see `calibrate`.
    once : bool
        Of a corridor whose way passes a link twice, as where a train reverses: count it once, as the row of its layer does. The
        kilometres stop where it is passed again. By default it counts each time, as a train's odometer does. The note says which.
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
        return _corridor(str(target), atlas, way, once=once)
    lines = _lines(target, atlas, m="auto")
    if len(lines) != 1:
        hint = "Choose one row, or join lines that meet with shapely.line_merge(frame.union_all())."
        raise DataError(f"{len(lines)} lines where one is wanted", where="the line", hint=hint)
    return lines[0]


def alignments(target: object, *, m: UseOfM | None = None, atlas: Atlas | None = None) -> list[Alignment]:
    """Give all ways of a corridor, the main one first, or all of the caller's lines, their kilometres; see `alignment`.

    Who gives no `m` speaks in measured kilometres only: M is left out, and what is calibrated is refused. ``auto`` uses M where its unit
    is plain, ``km`` and ``m`` say what it is.

    Raises
    ------
    UsageError, DataError
        As `alignment`, but several lines are fine.
    """
    if isinstance(target, Alignment):
        if target.marks is not None and m is None:
            hint = "Give the line itself, and find the kilometres of what comes out with measure.chainage(calibrated, points=…)."
            raise UsageError(f"{target.name} speaks in kilometres of posts, and this measures along the line", hint=hint)
        return [target]
    if is_name(target):
        atlas = atlas or Atlas.open()
        main = _corridor(str(target), atlas, 0)
        return [main, *(_corridor(main.name, atlas, way) for way in range(1, len(atlas.itineraries[main.name].ways)))]
    lines = _lines(target, atlas, m=m)
    if not lines:
        raise DataError("holds no line", where="the line", hint="For areas, measure their boundary.")
    return lines


def itinerary_of(atlas: Atlas, name: object) -> str:
    """Find the id that a name or number means; an id comes before a number that looks like it."""
    by_number = {str(one.number): one.id for one in atlas.itineraries.values() if one.number is not None}
    return str(name) if name in atlas.itineraries else by_number.get(str(name), str(name))


def chosen(atlas: Atlas, corridors: Iterable[str | int] | None) -> list[str]:
    """Give the ids of the itineraries named, by default of those that have a number, or of all if none has."""
    if corridors is None:
        known = [one for one in atlas.itineraries.values() if one.ways]
        return [one.id for one in known if one.number is not None] or [one.id for one in known]
    return [itinerary_of(atlas, name) for name in listed(corridors)]


def is_name(target: object) -> bool:
    """Tell whether a target is the id or number of a corridor, not the path of a file."""
    return isinstance(target, Integral | str) and not isinstance(target, bool) and not (isinstance(target, str) and is_file(target))


def _lines(target: object, atlas: Atlas | None, *, m: UseOfM | None) -> list[Alignment]:
    """Read the caller's lines, one for each row that has any."""
    import pandas as pd

    read = read_input(target, what="the line", uses_m=m is not None)
    found = []
    rows = np.flatnonzero(np.isin(shapely.get_type_id(read.geometries), (1, 2, 5)) & ~shapely.is_empty(read.geometries))
    for geometry, given in zip(read.geometries[rows], read.given[rows], strict=True):
        coordinates, part = shapely.get_coordinates(shapely.get_parts(geometry), return_index=True)
        if not np.isfinite(coordinates).all():
            raise DataError("has coordinates that are no numbers", where="the line")
        # Parts that meet are one piece.
        piece = np.append(0, np.cumsum((coordinates[1:] != coordinates[:-1]).any(axis=1) & (part[1:] != part[:-1])))
        km = _cumulative_km(coordinates, piece)
        line = Alignment("the line", coordinates, km, piece, pd.DataFrame(), pd.DataFrame(), read.note)
        line = line.noted(_gaps(coordinates, km, piece))
        if m is not None and shapely.has_m(given):
            line = by_m(line, shapely.get_coordinates(given, include_m=True)[:, 2], unit=None if m == "auto" else m)
        elif m not in {None, "auto"}:
            hint = "GeoPandas leaves M out when it reads: read_file(…, use_arrow=True) keeps it, or give the path of the file."
            raise DataError("has no M values", where="the line", hint=hint)
        found.append(line)
    if len(found) == 1:
        found = [found[0].noted(_of_a_row(read, found[0], atlas))]
    return found


def _of_a_row(read: Inputs, line: Alignment, atlas: Atlas | None) -> str:
    """Say of the row of an itinerary's layer how its kilometres differ from those by its name."""
    if read.frame is None or len(read.frame) > 1 or not {"id", "mode", "sources"} <= set(read.frame.columns):
        return ""
    atlas = atlas or Atlas.open()
    name = str(read.frame["id"].iloc[0])
    if name not in atlas.itineraries or not atlas.itineraries[name].ways:
        return ""
    main = _corridor(name, atlas, 0)
    if abs(main.length_km - line.length_km) < SAME_KM:
        return ""
    return (
        f"the row of {name} has each link once, branches after the main way, {line.length_km:.3f} km; by its name kilometres follow the "
        f"main way as it is travelled, {main.length_km:.3f} km: measure.alignment({name!r})"
    )


def _gaps(coordinates: NDArray[np.float64], km: NDArray[np.float64], piece: NDArray[np.int64]) -> str:
    after = np.flatnonzero(np.diff(piece))
    wide = distances_m(coordinates[after], coordinates[after + 1]) / 1000.0
    shown = some(f"at km {at:.3f} ({across:.3f} km across)" for at, across in zip(km[after], wide, strict=True))
    return f"gaps, which no kilometre counts: {shown}" if shown else ""


def _corridor(name: str, atlas: Atlas | None, way: int, *, once: bool = False) -> Alignment:
    import pandas as pd

    atlas = atlas or Atlas.open()
    itinerary = itinerary_of(atlas, name)
    ways = atlas.route(itinerary)
    if way not in range(len(ways)):
        raise UsageError(f"{itinerary} has no way {way}", hint=f"Its ways are 0 to {len(ways) - 1}; 0 is the main one.")
    steps = ways[way]
    again = pd.Series([step.id for step in steps]).duplicated().to_numpy()
    counted = ~again if once else np.full(len(steps), fill_value=True)
    taken = [step for step, counts in zip(steps, counted, strict=True) if counts]
    links = atlas.links.loc[[step.id for step in taken]]
    geometries = links.geometry.to_numpy().copy()
    backward = np.array([not step.forward for step in taken])
    geometries[backward] = shapely.reverse(geometries[backward])
    coordinates, link = shapely.get_coordinates(geometries, return_index=True)
    # Where two links meet the vertex is kept once.
    kept = np.append(True, ~((coordinates[1:] == coordinates[:-1]).all(axis=1)))
    # A link that is left out leaves a gap, unless the way goes on from where it was before.
    left = np.append(False, np.diff(counted.nonzero()[0]) > 1)
    begins = np.append(False, (link[1:] != link[:-1]) & left[link[1:]]) & kept
    piece = np.cumsum(begins)
    km = _cumulative_km(coordinates, piece)
    first = np.searchsorted(link, np.arange(len(taken)))
    bounds = np.append(km[first], km[-1])
    said = {column: links[column].to_numpy() for column in ("country", "accuracy_m", "status")}
    stretches = pd.DataFrame({"from_km": bounds[:-1], "to_km": bounds[1:], "link": [step.id for step in taken], **said})
    nodes = atlas.way_nodes(itinerary)[way]
    known = atlas.nodes.loc[nodes, ["kind", "country", *(f"name_{lang}" for lang in atlas.languages)]]
    at = bounds[np.append(0, np.cumsum(counted))]
    table = pd.DataFrame({"km": at, "node": nodes, **{column: known[column].to_numpy() for column in known}})
    note = _passed_again(atlas, itinerary, [step for step, second in zip(steps, again, strict=True) if second], once=once)
    return Alignment(itinerary, coordinates[kept], km[kept], piece[kept], table, stretches, note)


def _passed_again(atlas: Atlas, itinerary: str, steps: list[SignedLink], *, once: bool) -> str:
    """Say how links count that a way passes again."""
    if not steps:
        return ""
    names = ", ".join(dict.fromkeys(step.id for step in steps))
    km = lengths_km(atlas.links.geometry.loc[[step.id for step in steps]].to_numpy()).sum()
    layer = atlas.itineraries[itinerary].layer
    if once:
        return f"{names}, passed again, is counted once as in the layer {layer}: {km:.3f} km less than travelled"
    return (
        f"{names} is passed again and counts each time: {km:.3f} km more than with measure.alignment(…, once=True), as in the layer {layer}"
    )


def _cumulative_km(coordinates: NDArray[np.float64], piece: NDArray[np.int64]) -> NDArray[np.float64]:
    _, _, steps = subdivided(coordinates, piece, step_km=np.inf)
    return np.cumsum(steps) / 1000.0
