"""Read the ways of one mode, and the stations, from OpenStreetMap extracts and files made of them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.extras import require
from corridormap.search import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

Mode = Literal["rail", "road"]
Tags = dict[str, str]

RAILWAYS = ("rail", "narrow_gauge", "broad_gauge")
ROADS = ("motorway", "trunk", "primary", "secondary")
STATIONS = ("station", "halt", "yard", "service_station", "junction", "site", "crossing_loop", "border")
NAMES = ("name", "alt_name", "int_name", "old_name", "official_name", "short_name", "loc_name")
KEPT = ("railway", "highway", "route", "usage", "service", "construction", "ref", "oneway", "junction", "disused", "abandoned")
"""The tags that are kept of a way."""
SOUGHT = {
    "rail": [("public_transport", "station"), *(("railway", kind) for kind in (*RAILWAYS, *STATIONS, "construction", "railway_crossing"))],
    "road": [("route", "ferry"), *(("highway", kind + link) for kind in (*ROADS, "construction") for link in ("", "_link"))],
}
"""What is read of a file."""
LARGE_BYTES = 500_000_000
"""A larger file is read twice, and only the nodes are kept that its ways name; of a smaller one all are, at 16 bytes each."""
OSM_M, OVERTURE_M = 10.0, 50.0
"""How far 95 % of a way lie from the ground at most: Haklay (2010) found 6 m on average in OpenStreetMap; Overture's are generalised."""
LETTERS = str.maketrans("\u01dd.", "e ")
"""Letters that mappers confound, and full stops."""
GENERIC = frozenset(
    fold(
        "station railway train halt terminal junction port st gara bahnhof ст станция станса стансасы вокзал вокзалы разъезд разъезі бекеті"
        " остановочный пункт порт stansiyası stansiyasy stansiýasy stansiya vağzalı bekedi duralga razýezd dəmiryolu ایستگاه راه آهن محطة"
    )
    .translate(LETTERS)
    .split()
)
"""Words for a station, which tell none from another."""


@dataclass(frozen=True, order=True)
class Station:
    """A named place of the extract, with its folded names."""

    lon: float
    lat: float
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Extract:
    """Ways of one mode as n lines in lon/lat, ordered by way.

    Attributes
    ----------
    lines, ways, tags
        The lines, the ids of their ways, and what is said of these. A way that lacks nodes is several lines.
    cut : array of float, (k, 2)
        Where ways go on to nodes that the extract lacks.
    diamonds : array of float, (k, 2)
        Where tracks cross on a level and no train can turn.
    stations : list of Station
        Stations and halts by name.
    name, sha256, date : str
        The files, a hash over the hashes of their contents, and the day they were made, or else of the newest edit of a way; None where
        they do not tell.
    accuracy_m : float
        How far 95 % of the lines lie from the ground at most.
    bounds : tuple of float
        West, south, east and north of all its lines.
    """

    mode: Mode
    lines: NDArray[np.object_]
    ways: list[str]
    tags: list[Tags]
    cut: NDArray[np.float64]
    diamonds: NDArray[np.float64]
    stations: list[Station]
    name: str
    sha256: str
    date: str | None
    accuracy_m: float
    bounds: tuple[float, ...]


class _Found:
    """What has been read so far."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.ways: dict[str, tuple[Tags, list[bytes]]] = {}
        self.file: dict[str, tuple[Tags, list[bytes]]] = {}
        self._tags: dict[tuple[str | None, ...], Tags] = {}
        self.cut: list[NDArray[np.float64]] = []
        self.diamonds: set[tuple[float, float]] = set()
        self.stations: list[Station] = []
        self.days: set[str] = set()
        self.accuracy_m = OSM_M

    def on(self, stamp: object) -> None:
        """Take a date of the data; some files have one of 1970."""
        self.days.update(re.findall(r"^2[01][0-9]{2}-[01][0-9]-[0-3][0-9]", str(stamp)))

    def thing(self, ident: str, tags: Tags, lonlat: NDArray[np.float64]) -> None:
        """Take a node, way or area with its vertices (n, 2); those that the file lacks are NaN, and part a way."""
        there = np.isfinite(lonlat[:, 0]) & np.isfinite(lonlat[:, 1])
        if (np.abs(lonlat[there]) > (180.0, 90.0)).any():
            raise ValueError(f"{ident or 'a place'} lies nowhere on Earth")
        if len(lonlat) > 1 and of_mode(tags, self.mode):
            parts = np.split(np.arange(len(lonlat)), np.flatnonzero(np.diff(there.astype(int))) + 1)
            self.way(ident, tags, [shapely.LineString(lonlat[part]).wkb for part in parts if there[part[0]] and len(part) > 1])
            torn = there & (np.append(False, ~there[:-1]) | np.append(~there[1:], False))
            self.cut.append(lonlat[torn])
        elif self.mode == "rail" and there.any():
            lon, lat = ((lonlat[there].min(axis=0) + lonlat[there].max(axis=0)) / 2.0).tolist()
            if tags.get("railway") == "railway_crossing":
                self.diamonds.add((lon, lat))
            names = [station_name(part) for key in tags if key.split(":")[0] in NAMES for part in tags[key].replace("\\", ";").split(";")]
            if any(names) and (tags.get("railway") in STATIONS or tags.get("public_transport") == "station"):
                self.stations.append(Station(lon, lat, tuple(dict.fromkeys(filter(None, names)))))

    def way(self, ident: str, tags: Tags, lines: list[bytes]) -> None:
        """Take a whole way; in many thousands of ways tags repeat."""
        kept = {key: tags[key] for key in KEPT if key in tags}
        shared = self._tags.setdefault(tuple(tags.get(key) for key in KEPT), kept)
        self.file.setdefault(ident, (shared, []))[1].extend(lines)

    def end_file(self) -> None:
        """Take the ways of a file: of one that is in several, or cut in one, the version with the most vertices counts."""
        for ident, (tags, lines) in self.file.items():
            if sum(map(len, lines)) > sum(map(len, self.ways.get(ident, (tags, []))[1])):
                self.ways[ident] = (tags, lines)
        self.file = {}

    def named(self, things: Iterable[tuple[str, Tags, list[int]]], nodes: dict[int, tuple[float, float]]) -> None:
        """Take ways whose nodes are named by number."""
        for ident, tags, refs in things:
            self.thing(
                ident,
                {key: str(value) for key, value in tags.items()},
                np.array([nodes.get(ref, (np.nan, np.nan)) for ref in refs]).reshape(-1, 2),
            )


def station_name(name: str) -> str:
    """Reduce a name to what tells one station from another: folded, without the words for a station."""
    words = fold(name).translate(LETTERS).split()
    return " ".join(word for word in words if word not in GENERIC) or " ".join(words)


def of_mode(tags: Tags, mode: Mode) -> bool:
    """Tell whether a way carries traffic of a mode, or is being built to."""
    if "yes" in (tags.get("disused"), tags.get("abandoned")):
        return False
    if mode == "rail":
        kind = tags.get("railway")
        return kind in RAILWAYS or (kind == "construction" and tags.get("construction", "rail") in RAILWAYS)
    return road_class(tags) in ROADS or tags.get("route") == "ferry"


def road_class(tags: Tags) -> str:
    """Name the class of a road, also of one that is being built; nothing of what is none."""
    kind = tags.get("highway", "")
    return (tags.get("construction", "") if kind == "construction" else kind).removesuffix("_link")


def read_extract(paths: Sequence[Path], *, mode: Mode, progress: Callable[[int], object] | None = None) -> Extract:
    """Read ways and stations from one or more files.

    Parameters
    ----------
    paths : sequence of Path
        OpenStreetMap files (``.osm.pbf``, ``.osm``, ``.opl``, also compressed), answers of Overpass in JSON, GeoJSON of ways with their
        tags as properties, Overture's GeoParquet of segments. A way that is in several counts once.
    mode : str
        ``rail`` or ``road``; roads are those from motorway to secondary, and ferries.
    progress : callable, optional
        Called with the size of each file when it has been read, in bytes.

    Raises
    ------
    DataError
        If a file is missing, empty, cut short, of another format, or none holds a way of the mode.
    UsageError
        If what reads the format is not installed.

    Notes
    -----
    Haklay, M. (2010): How good is volunteered geographical information? Environment and Planning B 37, 682-703.
    """
    found, digest = _Found(mode), hashlib.sha256()
    for path in paths:
        if not path.is_file():
            raise DataError("is no file" if path.exists() else "no such file", where=path, hint="Check the path.")
        if not path.stat().st_size:
            raise DataError("is empty", where=path, hint="Fetch it again.")
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
        _reader(path)(path, found)
        found.end_file()
        if progress:
            progress(path.stat().st_size)
    pieces = [(ident, found.ways[ident][0], line) for ident in sorted(found.ways, key=_number) for line in found.ways[ident][1]]
    if not pieces:
        raise DataError(f"no {mode} in it", where=", ".join(map(str, paths)), hint="Is this the region, and --mode the right one?")
    lines = shapely.from_wkb([line for *_, line in pieces])
    return Extract(
        mode=mode,
        lines=lines,
        ways=[ident for ident, *_ in pieces],
        tags=[tags for _, tags, _ in pieces],
        cut=np.concatenate([np.empty((0, 2)), *found.cut]),
        diamonds=np.array(sorted(found.diamonds), dtype=float).reshape(-1, 2),
        stations=sorted(found.stations),
        name=", ".join(path.name for path in paths),
        sha256=digest.hexdigest(),
        date=max(found.days, default=None),
        accuracy_m=found.accuracy_m,
        bounds=tuple(shapely.total_bounds(lines).tolist()),
    )


def _number(ident: str) -> tuple[int, str]:
    return (int(ident) if re.fullmatch(r"-?[0-9]{1,18}", ident) else 0, ident)


def _reader(path: Path) -> Callable[[Path, _Found], None]:
    readers = {".json": _read_json, ".geojson": _read_json, ".parquet": _read_overture}
    readers |= dict.fromkeys((".pbf", ".osm", ".xml", ".opl", ".o5m", ".bz2", ".gz"), _read_osm)
    if path.suffix not in readers:
        raise UsageError(
            f"{path}: unknown format", hint="Read are .osm.pbf, .osm, .xml, .opl, .o5m (also .bz2, .gz), .json, .geojson and .parquet."
        )
    return readers[path.suffix]


def _read_osm(path: Path, found: _Found) -> None:
    osmium = require("osmium", extra="trace", needed_for="an OpenStreetMap file")
    try:
        found.on(osmium.io.Reader(path, osmium.osm.osm_entity_bits.NOTHING).header().get("osmosis_replication_timestamp"))
        (_read_twice if path.stat().st_size > LARGE_BYTES else _read_once)(path, found)
    except (RuntimeError, OSError, ValueError) as error:
        hint = "Fetch it again; a file that is not sorted is sorted by `osmium sort`."
        raise DataError(f"is no whole OpenStreetMap file: {error}", where=path, hint=hint) from None


def _read_once(path: Path, found: _Found) -> None:
    """Read a file and keep all its nodes, in an array that grows by steps, not by doubling."""
    import osmium

    factory: Any = osmium.geom.WKBFactory()
    processor = osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations("sparse_mmap_array")
    thing: Any
    for thing in processor.with_filter(osmium.filter.TagFilter(*SOUGHT[found.mode])):
        tags = dict(thing.tags)
        if thing.is_node():
            if thing.location.valid():
                found.thing("", tags, np.array([[thing.location.lon, thing.location.lat]]))
            continue
        found.on(thing.timestamp)
        try:
            line = bytes.fromhex(factory.create_linestring(thing)) if of_mode(tags, found.mode) else None
        except (osmium.InvalidLocationError, RuntimeError):  # a node is missing, or all are one
            line = None
        if line is not None:
            found.way(str(thing.id), tags, [line])
        else:
            places = [(at.lon, at.lat) if (at := node.location).valid() else (np.nan, np.nan) for node in thing.nodes]
            found.thing(str(thing.id), tags, np.array(places).reshape(-1, 2))


def _read_twice(path: Path, found: _Found) -> None:
    """Read the ways of a file, then those nodes that they name: memory goes with the highest id, not with the size."""
    import osmium

    sought, ids = osmium.filter.TagFilter(*SOUGHT[found.mode]), osmium.IdTracker()
    ways: list[tuple[str, Tags, list[int]]] = []
    thing: Any
    for thing in osmium.FileProcessor(path, osmium.osm.WAY).with_filter(sought):
        found.on(thing.timestamp)
        ids.add_references(thing)
        ways.append((str(thing.id), dict(thing.tags), [node.ref for node in thing.nodes]))
    nodes: dict[int, tuple[float, float]] = {}
    for thing in osmium.FileProcessor(path, osmium.osm.NODE).with_filter(ids.id_filter()):
        nodes[thing.id] = (thing.location.lon, thing.location.lat)
    found.named(ways, nodes)
    for thing in osmium.FileProcessor(path, osmium.osm.NODE).with_filter(sought):
        found.thing("", dict(thing.tags), np.array([[thing.location.lon, thing.location.lat]]))


def _read_json(path: Path, found: _Found) -> None:
    """Read an answer of Overpass, or GeoJSON of ways."""
    try:
        document = json.loads(path.read_bytes())
        if "elements" in document:
            _overpass(document, found)
        for feature in document.get("features", ()) if "elements" in document else document["features"]:
            _feature(feature, found)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, shapely.errors.ShapelyError) as error:
        hint = "Give an answer of Overpass ([out:json]) or GeoJSON of ways with their tags."
        raise DataError(f"holds no OpenStreetMap ways: {type(error).__name__} {error}", where=path, hint=hint) from None


def _overpass(document: dict[str, Any], found: _Found) -> None:
    found.on(document.get("osm3s", {}).get("timestamp_osm_base"))
    nodes: dict[int, tuple[float, float]] = {}
    for thing in document["elements"]:
        at = [(thing["id"], thing)] if thing["type"] == "node" else zip(thing.get("nodes", ()), thing.get("geometry", ()), strict=False)
        nodes |= {ref: (place["lon"], place["lat"]) for ref, place in at if place is not None}
    things = ((thing, [thing["id"]] if thing["type"] == "node" else thing.get("nodes", [])) for thing in document["elements"])
    found.named(((str(thing["id"]), thing.get("tags", {}), refs) for thing, refs in things if refs), nodes)


def _feature(feature: dict[str, Any], found: _Found) -> None:
    if feature["geometry"] is None:
        return
    properties = feature["properties"] or {}
    tags = {key: str(value) for key, value in {**properties, **(properties.get("tags") or {})}.items() if value is not None}
    ident = str(feature.get("id") or next((tags[key] for key in ("@id", "osm_id", "id") if key in tags), f"line {len(found.ways) + 1}"))
    shape = shapely.from_geojson(json.dumps(feature["geometry"]))
    for part in shapely.get_parts(shape) if shape.geom_type == "MultiLineString" else [shape]:
        found.thing(ident.rpartition("/")[2], tags, shapely.get_coordinates(part))


def _read_overture(path: Path, found: _Found) -> None:
    """Read segments of Overture's transportation theme."""
    import geopandas as gpd

    require("pyarrow", extra="export", needed_for="GeoParquet")
    try:
        frame = gpd.read_parquet(path)
        rows = [(str(row["id"]), dict(_overture_tags(row))) for row in frame[[*OVERTURE]].to_dict("records")]
    except Exception as error:  # noqa: BLE001  pyarrow raises what it likes
        hint = "Give segments of Overture's theme transportation."
        raise DataError(f"holds no segments: {str(error).splitlines()[0]}", where=path, hint=hint) from None
    found.accuracy_m = OVERTURE_M
    for (ident, tags), line in zip(rows, frame.geometry, strict=True):
        found.thing(ident, tags, shapely.get_coordinates(line))


OVERTURE = ("id", "subtype", "class", "subclass", "rail_flags", "road_flags", "routes", "access_restrictions")


def _overture_tags(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Say in OpenStreetMap's words what Overture says of a segment."""
    flags, routes, rules = (
        [part for key in keys if isinstance(row[key], list | np.ndarray) for part in row[key]]
        for keys in (("rail_flags", "road_flags"), ("routes",), ("access_restrictions",))
    )
    said = {flag for part in flags for flag in (part["values"] if part["values"] is not None else ())}
    key = {"rail": "railway", "road": "highway"}.get(row["subtype"])
    kind = "rail" if row["class"] in ("standard_gauge", "broad_gauge", "unknown") and key == "railway" else str(row["class"])
    kind += "_link" if row["subclass"] == "link" else ""
    if key is not None:
        yield key, kind
    if key is not None and "is_under_construction" in said:
        yield from ((key, "construction"), ("construction", kind))
    elif row["subtype"] == "water":
        yield "route", "ferry"
    for flag in ("disused", "abandoned"):
        if f"is_{flag}" in said:
            yield flag, "yes"
    yield "ref", ";".join(part["ref"] for part in routes if part.get("ref"))
    for rule in rules:
        when = {key: value for key, value in (rule.get("when") or {}).items() if value is not None}
        heading = when.pop("heading", None)
        # What is closed to some vehicles, at some times or in part is no one-way road.
        whole = not when and rule.get("between") is None and rule.get("access_type") == "denied"
        if whole and heading in ("backward", "forward"):
            yield "oneway", "yes" if heading == "backward" else "-1"
