"""Lines of any file become nodes and links of an atlas, to be reviewed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
import shapely

from corridormap.antimeridian import carried, continuous, on_earth
from corridormap.errors import DataError, UsageError
from corridormap.files import write_all
from corridormap.geodesic import lengths_km
from corridormap.geojson import LINE_DECIMALS
from corridormap.model import Mode
from corridormap.network.countries import Countries
from corridormap.network.facts import IDENTIFIER, FactsFile, network_files
from corridormap.network.noding import APART_M, Noded, node_lines
from corridormap.phrases import meant, other_way_round, some
from corridormap.projection import from_degrees
from corridormap.trace.paths import Doubt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import Transformer

    from corridormap.atlas import Atlas

NEAR = 10.0
"""So many times the tolerance away another place is near enough to an end to be looked at."""
FAR_M = 1e9
"""Where on the plane what it does not reach is put: away from all lines."""
MODES = get_args(Mode)
LONGEST_ID = 50
"""Of a node: the id of a link holds two."""
COUNTRY = re.compile("[A-Z]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Told:
    """What the caller says of lines that their file does not."""

    source: str
    accuracy_m: float
    mode: str | None = None
    mode_column: str | None = None
    name_column: str = "name"
    name_lang: str | None = None
    """The language of the column of names; by default nobody knows."""
    abroad: str | None = None
    """The country of what lies in no outline."""
    snap_m: float = 10.0
    crossings: bool = True


@dataclass
class Made:
    """The features that lines became, and what is to be looked at."""

    nodes: FactsFile
    links: FactsFile
    new_nodes: list[str] = field(default_factory=list)
    new_links: list[str] = field(default_factory=list)
    length_km: float = 0.0
    review: list[Doubt] = field(default_factory=list)

    def write(self) -> list[Path]:
        """Write both files of the network, or neither."""
        if not self.new_links:
            return []
        files: dict[Path, str | bytes] = {file.path: file.text() for file in (self.nodes, self.links)}
        write_all(files)
        return list(files)


@dataclass(frozen=True)
class _Lines:
    """Lines that can be used, in lon/lat and on the plane, and the rows of the file that they come from."""

    lonlat: NDArray[np.object_]
    plane: NDArray[np.object_]
    rows: list[int]
    modes: list[str]


def make_network(atlas: Atlas, frame: GeoDataFrame, told: Told, *, points: GeoDataFrame | None = None) -> Made:
    """Make nodes and links of lines, beside what the network holds.

    Nodes lie where lines end, meet and, of one mode, cross; what lies within the tolerance of a node of the network, or of a point of the
    file, is joined to it. A node's id is its position, unless a point gives one: the same lines give the same ids whatever their order.

    Parameters
    ----------
    atlas : Atlas
        Its network may still be empty, or unnamed.
    frame : GeoDataFrame
        Lines, and points that name places; any CRS.
    told : Told
        What the file does not tell.
    points : GeoDataFrame, optional
        Further points that name places, of a file or layer of their own; any CRS.

    Returns
    -------
    Made
        Nothing is written yet.

    Raises
    ------
    UsageError
        If the source, a column or a mode is not known.
    DataError
        If no line is left, or a link's id is taken.
    """
    _check(atlas, frame, told)
    made = Made(*network_files(atlas.folder / "network"))
    to_plane = from_degrees(atlas.planar_crs)
    frame = _lonlat(frame)
    lines = _lines(frame, told, to_plane, made.review)
    if not lines.rows:
        said = "; ".join(doubt.message for doubt in made.review[:3])
        raise DataError("no line can be used" + (f": {said}" if said else ""), where="the file", hint="Lines and multilines will do.")
    made.review += _outside(atlas, lines)
    frames = [frame] if points is None else [frame, _lonlat(points)]
    # The order of rows does not matter.
    found = [place for one in frames for place in _places(one, told, atlas.languages, made.review)]
    places = sorted(found, key=lambda place: (place.lon, place.lat, place.id or "", place.row))
    known = [name for name, node in made.nodes.features.items() if _is_point(node)]
    given = [made.nodes.features[name]["geometry"]["coordinates"][:2] for name in known] + [[place.lon, place.lat] for place in places]
    on_plane = np.column_stack(to_plane.transform(*np.array(given, dtype=float).T)) if given else np.empty((0, 2))
    # What the plane does not reach lies on no line.
    spots = np.where(np.isfinite(on_plane), on_plane, FAR_M).tolist()
    places, spots = _apart(places, spots, len(known), made.review)
    noded = node_lines(
        lines.plane,
        modes=lines.modes,
        given=[(x, y) for x, y in spots],
        linked=_linked(made.links, known),
        snap_m=told.snap_m,
        crossings=told.crossings,
    )
    _Maker(atlas, frame, told, made, to_plane, lines=lines, places=places, known=known, noded=noded).make()
    return made


def _check(atlas: Atlas, frame: GeoDataFrame, told: Told) -> None:
    if told.source not in atlas.sources:
        hint = meant(told.source, atlas.sources, f"Describe it in {atlas.folder / 'sources.toml'} first.")
        raise UsageError(f"no source {told.source!r}", hint=hint)
    if told.mode is None and told.mode_column is None:
        raise UsageError("the mode of the lines is not known", hint="Say --mode rail, or --mode-column COLUMN.")
    if told.mode_column is not None and told.mode_column not in frame:
        columns = frame.columns.drop("geometry")
        hint = meant(told.mode_column, columns, f"Columns are: {', '.join(map(str, columns)) or 'none'}.")
        raise UsageError(f"the file has no column {told.mode_column!r}", hint=hint)
    if told.name_lang is not None:
        atlas.check_language(told.name_lang)
    # Written so that what is no number is refused as well.
    if not APART_M <= told.snap_m < np.inf:
        hint = f"Coordinates are kept to a metre: join within {APART_M:g} m or more."
        raise UsageError(f"{told.snap_m:g} m is no tolerance", hint=hint)
    if not 0.0 < told.accuracy_m < np.inf:
        raise UsageError(f"{told.accuracy_m:g} m is no accuracy", hint="Say within what distance 95 % of the lines lie.")


def _lonlat(frame: GeoDataFrame) -> GeoDataFrame:
    from pyproj.exceptions import ProjError

    try:
        return frame.set_geometry(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs).to_crs("EPSG:4326")
    except ProjError as error:
        raise DataError(f"cannot be turned into longitude and latitude: {error}", where="the file") from None


def _lines(frame: GeoDataFrame, told: Told, to_plane: Transformer, review: list[Doubt]) -> _Lines:
    """Take out the single lines that can be used; what cannot is listed."""
    geometries = np.asarray(frame.geometry.to_numpy(), dtype=object)
    whole, planes, rows, of = [], [], [], []
    modes = _modes(frame, told)
    for row, geometry in enumerate(geometries):
        if geometry is None or geometry.is_empty:
            review.append(Doubt("left out", f"row {row + 1} has no geometry"))
            continue
        for part in shapely.get_parts(shapely.get_parts(geometry)):
            if part.geom_type in {"Point", "MultiPoint"}:
                continue
            coordinates = shapely.get_coordinates(part)
            flat = np.column_stack(to_plane.transform(*coordinates.T)) if len(coordinates) else coordinates
            fault = _fault(part, flat, modes[row])
            if fault is None:
                whole.append(part)
                planes.append(shapely.LineString(flat))
                rows.append(row)
                of.append(str(modes[row]))
            else:
                at = coordinates[0] if len(coordinates) and np.isfinite(coordinates).all() else (None, None)
                review.append(Doubt("left out", f"row {row + 1} {fault}", *at))
    return _Lines(np.array(whole, dtype=object), np.array(planes, dtype=object), rows, of)


def _modes(frame: GeoDataFrame, told: Told) -> list[object]:
    if told.mode_column is None:
        return [told.mode] * len(frame)
    return [told.mode if value is None or value != value else value for value in frame[told.mode_column]]  # noqa: PLR0124  NaN


def _fault(part: Any, flat: NDArray[np.float64], mode: object) -> str | None:
    """Say why a part of a row is no line that can be used."""
    if part.geom_type not in {"LineString", "LinearRing"}:
        return f"is a {part.geom_type}, not a line"
    if part.is_empty:
        return "has a part without coordinates"
    if not np.isfinite(flat).all() or (np.abs(shapely.get_coordinates(part)[:, 1]) > 90.0).any():
        return "has coordinates that lie nowhere"
    if mode not in MODES:
        return f"is of no mode: {str(mode)[:60]!r} is none of {', '.join(MODES)}"
    return "has no length" if not np.ptp(flat, axis=0).any() else None


def _outside(atlas: Atlas, lines: _Lines) -> Iterator[Doubt]:
    """List the lines that lie outside the extent, and say whether they would lie in it with their axes the other way round."""
    box = atlas.record.extent
    extent = shapely.box(*continuous(box))
    swapped = carried(shapely.transform(lines.lonlat, lambda xy: xy[:, ::-1]), box=box)
    for row in (~shapely.intersects(extent, carried(lines.lonlat, box=box))).nonzero()[0]:
        lon, lat = lines.lonlat[row].coords[0]
        hint = f"; {other_way_round(lon, lat)}" if extent.intersects(swapped[row]) else ""
        yield Doubt("outside", f"row {lines.rows[row] + 1} lies outside the extent{hint}", lon, lat)


def _said(frame: GeoDataFrame, row: int) -> dict[str, Any]:
    """Give what the file itself says of a row: its accuracy in metres, and the two letters of its country."""
    said: dict[str, Any] = {}
    if "accuracy_m" in frame:
        # Of a column of mixed types GDAL makes texts.
        accuracy = float(pd.to_numeric(frame["accuracy_m"].iloc[row], errors="coerce"))
        said |= {"accuracy_m": accuracy} if 0.0 < accuracy < np.inf else {}
    if "country" in frame and COUNTRY.fullmatch(str(frame["country"].iloc[row])):
        said["country"] = str(frame["country"].iloc[row])
    return said


@dataclass(frozen=True)
class _Place:
    """A point of the file: what it says of a node."""

    row: int
    lon: float
    lat: float
    id: str | None
    properties: dict[str, Any]


def _places(frame: GeoDataFrame, told: Told, languages: Sequence[str], review: list[Doubt]) -> list[_Place]:
    found = []
    texts = {column: column for column in ("kind", "id", told.name_column) if column in frame}
    for lang in languages:
        texts |= {column: f"name_{lang}" for column in (f"name:{lang}", f"name_{lang}") if column in frame}
    for row, point in enumerate(frame.geometry):
        if point is None or point.is_empty or point.geom_type != "Point" or not np.isfinite([point.x, point.y]).all():
            continue
        said: dict[str, str] = {}
        for column, name in texts.items():
            text = clean(frame[column].iloc[row])
            if text is not None and _CONTROL.search(str(frame[column].iloc[row]).strip()):
                review.append(Doubt("text", f"row {row + 1}: {column}", point.x, point.y))
            said |= {name: text} if text else {}
        if told.name_lang is not None and told.name_column in said:
            said.setdefault(f"name_{told.name_lang}", said[told.name_column])
        properties: dict[str, Any] = {key: value for key, value in said.items() if key != "id"} | _said(frame, row)
        found.append(_Place(row, point.x, point.y, said.get("id"), properties))
    return found


def _apart(places: list[_Place], spots: list[list[float]], known: int, review: list[Doubt]) -> tuple[list[_Place], list[list[float]]]:
    """Leave out places where a node or another place is already; their spots on the plane come after those of nodes."""
    nodes, kept = spots[:known], []
    for place, spot in zip(places, spots[known:], strict=True):
        if len(nodes) and np.hypot(*(np.array(nodes) - spot).T).min() <= APART_M:
            review.append(Doubt("place", f"row {place.row + 1} lies where a node is already", place.lon, place.lat))
        else:
            nodes.append(spot)
            kept.append(place)
    return kept, nodes


def _linked(links: FactsFile, nodes: Sequence[str]) -> set[tuple[str, int, int]]:
    """List the pairs of nodes that links of another name than new ones get join; one of that name is refused later."""
    numbers = {name: number for number, name in enumerate(nodes)}
    found = set()
    for name, link in links.features.items():
        mode, start, end = (link["properties"].get(key) for key in ("mode", "from", "to"))
        if name not in {f"{mode}:{start}-{end}", f"{mode}:{end}-{start}"} and {start, end} <= numbers.keys():
            one, other = sorted((numbers[start], numbers[end]))
            found.add((str(mode), one, other))
    return found


def clean(value: object) -> str | None:
    """Give a text on one line, without control characters; None if nothing is left or it is no text."""
    if not isinstance(value, str):
        return None
    return " ".join(_CONTROL.sub(" ", value.encode("utf-8", "ignore").decode()).split()) or None


def _is_point(feature: dict[str, Any]) -> bool:
    geometry = feature["geometry"]
    return geometry is not None and geometry["type"] == "Point" and len(geometry["coordinates"]) >= 2


def position_id(lon: float, lat: float) -> str:
    """Name a node by its position, to a metre."""
    return f"{abs(lat):.5f}{'s' if lat < 0 else 'n'}-{abs(lon):.5f}{'w' if lon < 0 else 'e'}"


class _Maker:
    """Turns what was noded into features."""

    def __init__(
        self,
        atlas: Atlas,
        frame: GeoDataFrame,
        told: Told,
        made: Made,
        to_plane: Transformer,
        *,
        lines: _Lines,
        places: list[_Place],
        known: list[str],
        noded: Noded,
    ) -> None:
        self.atlas, self.frame, self.told, self.made, self.to_plane = atlas, frame, told, made, to_plane
        self.lines, self.places, self.known, self.noded = lines, places, known, noded
        self.countries = Countries(atlas)
        self.ids: dict[int, str] = dict(enumerate(known))
        self.lonlat: dict[int, tuple[float, float]] = {}
        self.shapes: list[shapely.LineString] = []

    def make(self) -> None:
        """Make nodes, then links, then the list of what is to be looked at."""
        self._left_out()
        used = sorted({node for piece in self.noded.pieces for node in (piece.start, piece.end)})
        for node in used:
            self._node(node)
        for number, place in enumerate(self.places, start=len(self.known)):
            if number not in self.ids:
                self._doubt("place", f"row {place.row + 1} lies {self.told.snap_m:g} m or more from every line", (place.lon, place.lat))
        self._check_free()
        for piece in sorted(self.noded.pieces, key=lambda piece: (self.ids[piece.start], self.ids[piece.end], piece.low)):
            self._link(piece)
        self.made.new_nodes.sort()
        self.made.new_links.sort()
        self.made.length_km = float(lengths_km(self.shapes).sum())
        for why, node, line in self.noded.eased:
            self._doubt(why, f"node set on row {self.lines.rows[line] + 1}", self.lonlat[node], self.ids[node])
        self._near()

    def _doubt(self, kind: str, message: str, at: tuple[float, float] | None = None, feature: str | None = None) -> None:
        lon, lat = at or (None, None)
        self.made.review.append(Doubt(kind, message, lon, lat, feature))

    def _inverse(self, spot: tuple[float, float]) -> tuple[float, float]:
        lon, lat = self.to_plane.transform(*spot, direction="INVERSE")
        return round(float(lon), LINE_DECIMALS) + 0.0, round(float(lat), LINE_DECIMALS) + 0.0

    def _left_out(self) -> None:
        rows = self.lines.rows
        for line in self.noded.short:
            at = self.lines.lonlat[line].coords[0]
            self._doubt("left out", f"row {rows[line] + 1} is shorter than the tolerance of {self.told.snap_m:g} m", at)
        for line, other, spot in self.noded.doubled:
            self._doubt("left out", f"row {rows[line] + 1} runs where row {rows[other] + 1} does", self._inverse(spot))
        for line in self.noded.crowded:
            at = self.lines.lonlat[line].coords[0]
            self._doubt("left out", f"a part of row {rows[line] + 1} needs a node, and has no room for one", at)
        for line in self.noded.bridged:
            self._doubt("bridge", f"row {rows[line] + 1} passes over itself", self.lines.lonlat[line].coords[0])

    def _node(self, node: int) -> None:
        if node < len(self.known):
            lon, lat = self.made.nodes.features[self.known[node]]["geometry"]["coordinates"][:2]
            self.lonlat[node] = (lon, lat)
            return
        place = self.places[node - len(self.known)] if node < len(self.known) + len(self.places) else None
        at = self._inverse(self.noded.nodes[node])
        name = None if place is None else place.id
        if name is not None and (not IDENTIFIER.fullmatch(name) or len(name) > LONGEST_ID or name in self.made.nodes.features):
            self._doubt("id", f"{name[:LONGEST_ID]!r} is no id, or is taken", at, position_id(*at))
            name = None
        name = name or position_id(*at)
        if name in self.made.nodes.features:
            raise DataError(f"node {name!r} is there already", where=self.made.nodes.path, hint="Raise --snap: two nodes lie in one place.")
        self.ids[node], self.lonlat[node] = name, at
        said = {} if place is None else place.properties
        country = said.get("country") or self.countries.of_point(at) or self.told.abroad
        told = {"id": name, "kind": "junction", **said}
        told |= {"country": country, "accuracy_m": said.get("accuracy_m", self.told.accuracy_m), "source": self.told.source}
        for lang in self.atlas.languages:
            told.setdefault(f"name_{lang}", None)
        lacking = [lang for lang in self.atlas.languages if told[f"name_{lang}"] is None]
        if lacking:
            self._doubt("names", f"no name in {', '.join(lacking)}", at, name)
        if country is None:
            self._doubt("country", "no outline tells its country", at, name)
        self.made.nodes.add(told, {"type": "Point", "coordinates": list(at)})
        self.made.new_nodes.append(name)

    def _check_free(self) -> None:
        """Refuse links whose ids are taken, also the other way round."""
        taken = []
        for piece in self.noded.pieces:
            mode, ends = self.lines.modes[piece.line], (self.ids[piece.start], self.ids[piece.end])
            taken += [name for one, other in (ends, ends[::-1]) if (name := f"{mode}:{one}-{other}") in self.made.links.features]
        if taken:
            what = f"{len(taken)} of these links are there already: {some(sorted(taken))}"
            hint = "Leave the lines out, or take the links out first; where both are there, split the link with a node of its own."
            raise DataError(what, where=self.made.links.path, hint=hint)

    def _link(self, piece: Any) -> None:
        row, mode = self.lines.rows[piece.line], self.lines.modes[piece.line]
        start, end = self.ids[piece.start], self.ids[piece.end]
        name = f"{mode}:{start}-{end}"
        inner = np.round(shapely.get_coordinates(self.lines.lonlat[piece.line])[piece.vertices], LINE_DECIMALS) + 0.0
        path = [list(self.lonlat[piece.start]), *inner.tolist(), list(self.lonlat[piece.end])]
        about = inner[0, 0] if len(inner) else path[0][0]
        for vertex in (path[0], path[-1]):
            # A line beyond the 180th meridian stays there.
            vertex[0] += 360.0 * round((about - vertex[0]) / 360.0)
        path = on_earth([vertex for vertex, before in zip(path, [None, *path], strict=False) if vertex != before])
        line = shapely.LineString(path)
        said = _said(self.frame, row)
        found, borders = self.countries.of_line(line, self.told.abroad)
        country = said.get("country") or found
        told = {"id": name, "from": start, "to": end, "mode": mode, "country": country, "status": "open"}
        told |= {"accuracy_m": said.get("accuracy_m", self.told.accuracy_m), "source": self.told.source}
        told["name"] = self._text(self.told.name_column, row)
        refs = self._text("refs", row) or self._text("ref", row)
        told |= {"refs": refs} if refs else {}
        lons = [lon for lon, _ in path]
        if min(lons) < -180.0 or max(lons) > 180.0:
            self._doubt("meridian", "crosses the 180th meridian", (path[0][0], path[0][1]), name)
        for border in borders:
            self._doubt("border", "crosses the outline of a country", border, name)
        if country is None:
            self._doubt("country", "no outline tells its country", (line.coords[0][0], line.coords[0][1]), name)
        self.made.links.add(told, {"type": "LineString", "coordinates": path})
        self.made.new_links.append(name)
        self.shapes.append(line)

    def _text(self, column: str, row: int) -> str | None:
        return clean(self.frame[column].iloc[row]) if column in self.frame else None

    def _near(self) -> None:
        """List new ends of lines that lie near another link of their mode, and new nodes on a link that was there."""
        links = [(name, link) for name, link in self.made.links.features.items() if (link["geometry"] or {}).get("type") == "LineString"]
        of: dict[str, list[int]] = defaultdict(list)
        for number, (_, link) in enumerate(links):
            for end in ("from", "to"):
                of[link["properties"].get(end)].append(number)
        shapes = np.array([shapely.LineString(self._flat(link["geometry"]["coordinates"])) for _, link in links], dtype=object)
        tree, fresh = shapely.STRtree(shapes), set(self.made.new_links)
        spots = {self.ids[node]: shapely.Point(self.noded.nodes[node]) for node in self.lonlat}
        for name in self.made.new_nodes:
            spot, mine = spots[name], of[name]
            at, modes = self._inverse((spot.x, spot.y)), {links[number][1]["properties"].get("mode") for number in mine}
            near = set(tree.query(spot, predicate="dwithin", distance=NEAR * self.told.snap_m).tolist()) - set(mine)
            same = [number for number in near if links[number][1]["properties"].get("mode") in modes]
            gap, other = min(((float(shapes[number].distance(spot)), links[number][0]) for number in same), default=(np.inf, ""))
            on = other not in fresh and gap <= self.told.snap_m
            if other and (on or len(mine) == 1):
                self._doubt("on a link" if on else "near", f"lies {gap:.1f} m from {other}", at, name)

    def _flat(self, coordinates: list[list[float]]) -> NDArray[np.float64]:
        return np.column_stack(self.to_plane.transform(*np.array([vertex[:2] for vertex in coordinates]).T))
