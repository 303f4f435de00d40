"""Put places on the track: by their names, which are those of stations, and by their positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.geodesic import distances_m
from corridormap.geojson import split_list
from corridormap.trace.extract import station_name
from corridormap.trace.paths import Doubt, length_text
from corridormap.trace.tracks import Feet, cost_of, feet

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.trace.extract import Extract, Station

STATION_M = 15_000.0
"""A station of the name of a place is meant if it lies so near."""
TWICE_M = 2_000.0
"""Two stations of one name lie so far apart if they are two places."""
REACH_M, ON_M, FAR_M = 300.0, 50.0, 5_000.0
"""Tracks so near to a place serve it, to a junction or crossing, which lies on one; if there are none, the nearest one up to so far."""
MINOR_M = 100.0
"""A main track is preferred to a minor one that is nearer by less, times the difference in cost."""
UNNAMED = ("crossing", "junction")
"""Nodes of these kinds have no station."""


@dataclass(frozen=True, eq=False)
class Placed:
    """Where a place was looked for: its position, or that of the station of its name; doubts that all its links share."""

    lonlat: tuple[float, float]
    reach_m: float
    doubts: list[Doubt] = field(default_factory=list)


def place(extract: Extract, nodes: GeoDataFrame) -> dict[str, Placed]:
    """Say for each node where its track is to be looked for."""
    named: dict[str, list[Station]] = {}
    for station in extract.stations:
        for name in station.names:
            named.setdefault(name, []).append(station)
    return {node["id"]: _placed(node, named) for node in nodes.to_dict("records")}


def _placed(node: dict[str, Any], named: dict[str, list[Station]]) -> Placed:
    ident, here, accuracy = node["id"], (node["geometry"].x, node["geometry"].y), float(node["accuracy_m"])
    also = node.get("names_alt")
    names = [value for key, value in node.items() if key.startswith("name_") and isinstance(value, str)]
    names += split_list(also if isinstance(also, str) else None)
    stations = list(dict.fromkeys(station for name in names for station in named.get(station_name(name), [])))
    at = np.array([(one.lon, one.lat) for one in stations]).reshape(-1, 2)
    gaps = distances_m(np.full_like(at, here), at)
    if node["kind"] in UNNAMED or not stations or gaps.min() > max(STATION_M, accuracy):
        return Placed(here, max(ON_M if node["kind"] in UNNAMED else REACH_M, min(accuracy, FAR_M)))
    best, doubts = int(gaps.argmin()), []
    if gaps[best] > max(accuracy, REACH_M):
        message = f"{ident} lies {length_text(gaps[best])} from the station of its name, where it was put"
        doubts.append(Doubt("place", message, *at[best].tolist()))
    apart = distances_m(np.full_like(at, at[best]), at)
    for other in np.flatnonzero((apart > TWICE_M) & (gaps < max(accuracy, 3.0 * gaps[best])))[:1]:
        message = f"two stations bear the name of {ident}, {length_text(apart[other])} apart: the nearer one was taken"
        doubts.append(Doubt("name", message, *at[other].tolist()))
    return Placed((stations[best].lon, stations[best].lat), REACH_M, doubts)


def stops(extract: Extract, placed: dict[str, Placed]) -> Feet:
    """Find the tracks that serve each place, in the order of the places; where none is near, the nearest one, up to 5 km."""
    lonlat = np.array([one.lonlat for one in placed.values()]).reshape(-1, 2)
    found = feet(extract.lines, lonlat, np.full(len(lonlat), FAR_M))
    reach = np.array([one.reach_m for one in placed.values()])
    least = np.full(len(lonlat), np.inf)
    np.minimum.at(least, found.place, found.metres)
    near = found.metres <= np.maximum(reach, least)[found.place]
    return Feet(found.place[near], found.line[near], found.segment[near], found.lonlat[near], found.metres[near])


def anchor(extract: Extract, found: Feet, mine: NDArray[np.int64]) -> int:
    """Choose the foot at which a place lies: the nearest one, rather on a main track."""
    minor = np.array([cost_of(extract.tags[line]) - 1.0 for line in found.line[mine]])
    return int(mine[np.argmin(found.metres[mine] + MINOR_M * minor)])


def off_track(extract: Extract, node: str, placed: Placed, metres: float | None) -> list[Doubt]:
    """Say what is wrong with a place that has no track near it."""
    lon, lat = placed.lonlat
    if metres is None:
        west, south, east, north = extract.bounds
        outside = not (west <= lon <= east and south <= lat <= north)
        what = "lies outside the extract" if outside else f"has no {extract.mode} within {length_text(FAR_M)}"
        return [Doubt("outside" if outside else "place", f"{node} {what}", lon, lat)]
    if metres > placed.reach_m:
        return [Doubt("place", f"{node} lies {length_text(metres)} from the nearest {extract.mode}", lon, lat)]
    return []
