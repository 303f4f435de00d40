"""Put places on the track: by their names, which are those of stations, and by their positions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.geojson import split_list
from corridormap.measure.geodesic import distances_m
from corridormap.trace.extract import station_name
from corridormap.trace.paths import Doubt, length_text
from corridormap.trace.tracks import Feet, cost_of, feet

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from corridormap.trace.extract import Extract, Station

STATION_M = 15_000.0
"""A station of the name of a place is meant if it lies so near."""
TWICE_M = 2_000.0
"""Two stations of one name lie so far apart if they are two places."""
REACH_M, FAR_M = 300.0, 5_000.0
"""Tracks so near to a place serve it; if there are none, the nearest one up to so far."""
MINOR_M = 100.0
"""A main track is preferred to a minor one that is nearer by less, times the difference in cost."""
UNNAMED = ("crossing", "junction")
"""Nodes of these kinds have no station."""


@dataclass(frozen=True, eq=False)
class Placed:
    """Where a place was looked for: its position, or that of the station of its name; doubts that all its links share."""

    lonlat: tuple[float, float]
    reach_m: float
    station: str | None = None
    doubts: list[Doubt] = field(default_factory=list)


def place(extract: Extract, nodes: GeoDataFrame) -> dict[str, Placed]:
    """Say for each node where its track is to be looked for."""
    named: dict[str, list[Station]] = {}
    for station in extract.stations:
        for name in station.names:
            named.setdefault(name, []).append(station)
    return {str(node["id"]): _placed(node.geometry, node, named) for _, node in nodes.iterrows()}


def _placed(point: shapely.Point, node: object, named: dict[str, list[Station]]) -> Placed:
    here, accuracy = (point.x, point.y), float(node["accuracy_m"])  # type: ignore[index]  # a row of pandas
    reach = max(REACH_M, min(accuracy, FAR_M))
    names = _names(node)
    stations = list({id(station): station for name in names for station in named.get(name, [])}.values())
    if node["kind"] in UNNAMED or not stations:  # type: ignore[index]
        return Placed(here, reach)
    gaps = distances_m(np.repeat([here], len(stations), axis=0), np.array([(one.lon, one.lat) for one in stations]))
    order = np.argsort(gaps, kind="stable")
    best = stations[order[0]]
    if gaps[order[0]] > max(STATION_M, accuracy):
        return Placed(here, reach)
    doubts = []
    if gaps[order[0]] > accuracy:
        message = f"{node['id']} lies {length_text(gaps[order[0]])} from the station of its name, where it was put"  # type: ignore[index]
        doubts.append(Doubt("place", message, best.lon, best.lat))
    for other in order[1:]:
        apart = float(distances_m(np.array([[best.lon, best.lat]]), np.array([[stations[other].lon, stations[other].lat]]))[0])
        if apart > TWICE_M and gaps[other] < max(accuracy, 3.0 * gaps[order[0]]):
            message = f"two stations bear the name of {node['id']}, {length_text(apart)} apart: the nearer one was taken"  # type: ignore[index]
            doubts.append(Doubt("name", message, stations[other].lon, stations[other].lat))
            break
    return Placed((best.lon, best.lat), REACH_M, best.names[0], doubts)


def _names(node: object) -> list[str]:
    row = node.to_dict()  # type: ignore[attr-defined]
    names = [row[key] for key in row if key.startswith("name_") and row[key]] + split_list(row.get("names_alt"))
    return list(dict.fromkeys(name for name in map(station_name, names) if name))


def stops(extract: Extract, placed: dict[str, Placed]) -> Feet:
    """Find the tracks that serve each place, in the order of the places; where none is near, the nearest one, up to 5 km."""
    lonlat = np.array([one.lonlat for one in placed.values()]).reshape(-1, 2)
    near = feet(extract.lines, lonlat, np.array([one.reach_m for one in placed.values()]))
    without = np.setdiff1d(np.arange(len(lonlat)), near.place)
    far = feet(extract.lines, lonlat[without], np.full(len(without), FAR_M))
    first = [int(mine[far.metres[mine].argmin()]) for one in np.unique(far.place) if len(mine := np.flatnonzero(far.place == one))]
    parts = (
        (near.place, without[far.place[first]]),
        *((getattr(near, key), getattr(far, key)[first]) for key in ("line", "segment", "lonlat", "metres")),
    )
    return Feet(*(np.concatenate(pair) for pair in parts))


def anchor(extract: Extract, found: Feet, mine: np.ndarray) -> int:
    """Choose the foot at which a place lies: the nearest one, rather on a main track."""
    minor = np.array([cost_of(extract.tags[line]) - 1.0 for line in found.line[mine]])
    return int(mine[np.argmin(found.metres[mine] + MINOR_M * minor)])


def off_track(extract: Extract, node: str, placed: Placed, metres: float | None) -> list[Doubt]:
    """Say what is wrong with a place that has no track near it."""
    lon, lat = placed.lonlat
    if metres is None:
        west, south, east, north = shapely.total_bounds(extract.lines)
        outside = not (west <= lon <= east and south <= lat <= north)
        what = "lies outside the extract" if outside else f"has no {extract.mode} within {length_text(FAR_M)}"
        return [Doubt("outside" if outside else "place", f"{node} {what}", lon, lat)]
    if metres > placed.reach_m:
        return [Doubt("place", f"{node} lies {length_text(metres)} from the nearest {extract.mode}", lon, lat)]
    return []
