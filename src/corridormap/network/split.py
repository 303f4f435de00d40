"""Split a link at a new node, and carry along what names it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import tomli

from corridormap.edits import put_between, rename_features
from corridormap.errors import DataError, UsageError
from corridormap.files import read_text, write_all
from corridormap.geodesic import distances_m, geod, lengths_km, subdivided
from corridormap.geojson import LINE_DECIMALS
from corridormap.network.facts import IDENTIFIER, FactsFile, network_files
from corridormap.phrases import meant, other_way_round
from corridormap.trace.lock import lock_path, lock_text, read_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from corridormap.atlas import Atlas

END_M = 2.0
"""A node that lies no farther than this from an end of the link is that end."""
STEP_KM = 1.0
LONGEST_ID = 120
SWAPPED_M = 50_000.0
"""If a place the other way round lies nearer than this, that was meant."""


@dataclass
class Split:
    """What a split changes; nothing is written yet."""

    node: str
    lon: float
    lat: float
    off_m: float
    """How far the node lies from the place that was given."""
    links: list[str]
    km: list[float]
    files: dict[Path, str | bytes]
    carried: list[str] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)

    def write(self) -> list[Path]:
        """Write all files, or none."""
        write_all(self.files)
        return list(self.files)

    def as_dict(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        figures = {"lon": self.lon, "lat": self.lat, "off_m": round(self.off_m, 1), "km": [round(km, 3) for km in self.km]}
        return {"node": self.node, "links": self.links, **figures, "carried": self.carried, "to_do": self.to_do}


def split_link(
    atlas: Atlas,
    link: str,
    *,
    at: tuple[float, float],
    node: str,
    names: Mapping[str, str],
    kind: str = "junction",
    source: str | None = None,
    within_m: float = 500.0,
) -> Split:
    """Split a link of the network at a new node.

    The node lies on the geodesics between the link's vertices, nearest to the place, rounded to five decimals: so the length stays. Both
    parts keep all that the link says of itself. The node goes into the itineraries that name the link's ends side by side, the parts into
    the statements and the lock of traced links that name it; what else names it is listed.

    Parameters
    ----------
    atlas : Atlas
        Only the files of its network are read, not its layers.
    link : str
        The id of a link.
    at : (lon, lat)
        Where, in degrees.
    node, names, kind, source
        What the node says of itself: names by language, one for each of the atlas's.
    within_m : float
        A place that is farther from the link is refused.

    Returns
    -------
    Split
        Nothing is written yet.

    Raises
    ------
    UsageError
        If there is no such link or source, the node's id is taken or none, a name lacks, or the place is too far or at the link's end.
    DataError
        If a file is broken, or cannot be edited without harm.
    """
    nodes, links = _files(atlas, link)
    properties, geometry = links.features[link]["properties"], links.features[link]["geometry"]
    where = f"{links.path}, {link}"
    start, end, mode = (properties.get(key) for key in ("from", "to", "mode"))
    if not (isinstance(start, str) and isinstance(end, str) and isinstance(mode, str)):
        raise DataError("has no `from`, `to` or `mode`", where=where, hint="Run `corridormap validate`.")
    _check(atlas, nodes, node=node, names=names, source=source)
    index, spot, off_m = _foot(geometry["coordinates"], at)
    if not off_m <= within_m:
        hint = f"Give a place on it, or a larger --within than {within_m:g}."
        if abs(at[0]) <= 90.0 and _foot(geometry["coordinates"], at[::-1])[2] < min(off_m, SWAPPED_M):
            hint = f"{other_way_round(*at).capitalize()} {hint}"
        raise UsageError(f"{link} lies {off_m:.0f} m from that place", hint=hint)
    parts = _cut(geometry["coordinates"], index, spot)
    for name, vertex in ((start, geometry["coordinates"][0]), (end, geometry["coordinates"][-1])):
        if distances_m(np.array([spot]), np.array([vertex[:2]]))[0] <= END_M:
            raise UsageError(f"{link} ends there, at {name!r}", hint="Give a place between its ends.")
    new = [f"{mode}:{start}-{node}", f"{mode}:{node}-{end}"]
    taken = [name for name in new if name in links.features]
    if taken:
        raise UsageError(f"link {taken[0]!r} is there already", hint="Choose another --node.")
    if max(map(len, new)) > LONGEST_ID:
        raise UsageError(f"{max(new, key=len)!r} is longer than the {LONGEST_ID} letters of an id", hint="Choose a shorter --node.")
    links.remove(link)
    for name, ends, path in zip(new, ((start, node), (node, end)), parts, strict=True):
        links.add({**properties, "id": name, "from": ends[0], "to": ends[1]}, {"type": "LineString", "coordinates": path})
    own = {"id": node, "kind": kind, "country": properties.get("country"), "accuracy_m": properties.get("accuracy_m")}
    own |= {"source": source or properties.get("source"), **{f"name_{lang}": names[lang] for lang in atlas.languages}}
    nodes.add(own, {"type": "Point", "coordinates": [spot[0] - 360.0 * round(spot[0] / 360.0), spot[1]]})
    km = lengths_km(np.array([shapely.LineString([vertex[:2] for vertex in path]) for path in parts], dtype=object)).tolist()
    done = Split(node, *spot, off_m, new, km, {nodes.path: nodes.text(), links.path: links.text()})
    joined = (mode, frozenset((start, end)))
    others = [(name, other["properties"]) for name, other in links.features.items() if name not in new]
    beside = [name for name, other in others if (other.get("mode"), frozenset((other.get("from"), other.get("to")))) == joined]
    _carry(atlas, done, link, way=[start, node, end], mode=mode, beside=beside)
    return done


def _files(atlas: Atlas, link: str) -> tuple[FactsFile, FactsFile]:
    """Read the network, and make sure that it holds the link."""
    nodes, links = network_files(atlas.folder / "network")
    if not links.path.exists():
        raise DataError("no such file", where=links.path, hint="There is no link to split: `corridormap network from` makes some.")
    if link not in links.features:
        raise UsageError(
            f"no link {link!r}", hint=meant(link, links.features, "The layer of links lists them, and network/links.geojson holds them.")
        )
    geometry = links.features[link]["geometry"]
    if geometry is None or geometry["type"] != "LineString" or len(geometry["coordinates"]) < 2:
        raise DataError("a link must be a LineString", where=f"{links.path}, {link}")
    return nodes, links


def _check(atlas: Atlas, nodes: FactsFile, *, node: str, names: Mapping[str, str], source: str | None) -> None:
    if not IDENTIFIER.fullmatch(node):
        raise UsageError(f"{node!r} is no id", hint="An id is of small letters, digits and . _ : -, and begins with a letter or digit.")
    if node in nodes.features:
        raise UsageError(f"node {node!r} is there already", hint="Choose another id.")
    lacking = [lang for lang in atlas.languages if not names.get(lang)]
    if lacking:
        said = " ".join(f"--name {lang}=NAME" for lang in lacking)
        raise UsageError(f"the node has no name in {', '.join(lacking)}", hint=f"Say {said}.")
    for lang in names:
        atlas.check_language(lang)
    if source is not None and source not in atlas.sources:
        raise UsageError(f"no source {source!r}", hint=meant(source, atlas.sources, "Describe it in sources.toml first."))


def _foot(coordinates: list[list[float]], at: tuple[float, float]) -> tuple[int, tuple[float, float], float]:
    """Find the place on the geodesics between vertices that is nearest: after which vertex, where, and how far away in metres."""
    from pyproj import Proj

    vertices = np.array([vertex[:2] for vertex in coordinates], dtype=float)
    dense, _, _ = subdivided(vertices, np.zeros(len(vertices), dtype=np.int64), step_km=STEP_KM)
    # Distances from its midst are true on this plane, and steps so short are straight.
    plane = Proj(proj="aeqd", lon_0=at[0], lat_0=at[1], ellps="WGS84")
    flat = np.column_stack(plane(dense[:, 0], dense[:, 1]))
    line, here = shapely.LineString(flat), shapely.Point(0.0, 0.0)
    foot = line.interpolate(line.project(here))
    lon, lat = plane(foot.x, foot.y, inverse=True)
    spot = np.array([round(float(lon), LINE_DECIMALS), round(float(lat), LINE_DECIMALS)])
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(flat, axis=0).T)))
    step = int(np.searchsorted(along, line.project(here), side="right")) - 1
    index = _owner(vertices, dense)[min(step, len(dense) - 2)]
    # A line beyond the 180th meridian stays there.
    spot[0] += 360.0 * np.round((vertices[index, 0] - spot[0]) / 360.0)
    off = float(geod().inv(*at, *spot)[2])
    return index, (float(spot[0]), float(spot[1])), off


def _owner(vertices: NDArray[np.float64], dense: NDArray[np.float64]) -> list[int]:
    """Tell after which of the vertices each of the denser ones comes."""
    owners, vertex = [], 0
    for place in dense.tolist():
        if vertex + 1 < len(vertices) and place == vertices[vertex + 1].tolist():
            vertex += 1
        owners.append(vertex)
    return owners


def _cut(coordinates: list[list[float]], index: int, spot: tuple[float, float]) -> tuple[list[list[float]], list[list[float]]]:
    """Cut a line after a vertex; its own vertices stay as they are, and none is there twice."""
    before, after = coordinates[: index + 1], coordinates[index + 1 :]
    here = list(spot)
    before = [*before, here] if before[-1][:2] != here else before
    after = [here, *after] if after[0][:2] != here else after
    return before, after


def _carry(atlas: Atlas, done: Split, link: str, *, way: list[str], mode: str, beside: list[str]) -> None:
    """Carry along what names the link."""
    corridors = atlas.folder / "corridors.toml"
    if corridors.exists() and not beside:
        text, changed = put_between(_toml(corridors), way, mode=mode, where=corridors)
        if changed:
            done.files[corridors] = text
            done.carried += [f"{corridors.name}: {name}" for name in changed]
        done.carried += [f"{corridors.name}: {name}, which finds its way from its termini" for name in _by_termini(atlas, link)]
    elif beside:
        done.to_do.append(f"{beside[0]} joins {way[0]} and {way[-1]} as well: itineraries that name these now go by it")
    statements = atlas.folder / "statements.toml"
    if statements.exists():
        text, changed = rename_features(_toml(statements), link, done.links, where=statements)
        if changed:
            done.files[statements] = text
            done.carried += [f"{statements.name}: {name}" for name in changed]
    lock = read_lock(atlas)
    if link in lock:
        # As of a link that is split at a border: each part was traced with the whole.
        lock |= dict.fromkeys(done.links, lock.pop(link))
        done.files[lock_path(atlas)] = lock_text(lock)
        done.carried.append(f"{lock_path(atlas).name}: {link}")
    done.to_do += _named_elsewhere(atlas, link, done)


def _by_termini(atlas: Atlas, link: str) -> list[str]:
    """Name the itineraries that pass a link on ways of which only the termini are named; none if some itinerary finds no way."""
    try:
        passing = atlas.itineraries_of_links().get(link, [])
    except DataError:
        return []
    ways = {name: zip(atlas.itineraries[name].ways, atlas.route(name), strict=True) for name in passing}
    return [name for name, pairs in ways.items() if any(way.nodes is None and link in {step.id for step in steps} for way, steps in pairs)]


def _toml(path: Path) -> str:
    text = read_text(path)
    try:
        tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise DataError(f"is not TOML: {error}", where=path) from None
    return text


def _named_elsewhere(atlas: Atlas, link: str, done: Split) -> list[str]:
    """List where else the link is named, which a person is to mend; what `build` writes is left aside."""
    found = []
    derived = {atlas.folder / "layers", atlas.folder / "tables"}
    named = re.compile(rf"(?<![a-z0-9_.:-]){re.escape(link)}(?![a-z0-9_.:-])")
    for path in sorted(atlas.folder.rglob("*")):
        plain = path.suffix in {".toml", ".json", ".geojson", ".csv", ".md"} and path.is_file() and path.name != "datapackage.json"
        if plain and derived.isdisjoint(path.parents):
            text = done.files.get(path) or path.read_text(encoding="utf-8", errors="replace")
            lines = [number for number, line in enumerate(str(text).splitlines(), start=1) if named.search(line)]
            if lines:
                more = f", and {len(lines) - 1} more" if len(lines) > 1 else ""
                found.append(f"{path.relative_to(atlas.folder)}, line {lines[0]}, names {link}{more}")
    return found
