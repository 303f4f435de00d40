"""Put traced links into the network, and keep on what they were traced."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import shapely

from corridormap import geojson
from corridormap.edits import put_between
from corridormap.errors import DataError, UsageError
from corridormap.files import read_text, write_all
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.trace import Extract, Traced


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """What a link was last traced on: the extract, the ways in order of travel, and where its places lie on them."""

    extract: str
    sha256: str
    date: str | None
    tolerance_m: float
    metres: float
    ways: list[str]
    snaps: dict[str, tuple[float, float]]


def lock_path(atlas: Atlas) -> Path:
    """Give the path of the file that says on what links were traced."""
    return atlas.folder / "network" / "trace.lock.json"


def read_lock(atlas: Atlas) -> dict[str, Locked]:
    """Read on what links were traced; nothing if none ever was."""
    path = lock_path(atlas)
    if not path.exists():
        return {}
    try:
        return msgspec.json.decode(read_text(path), type=dict[str, Locked])
    except msgspec.MsgspecError as error:
        raise DataError(f"is not as `corridormap trace` writes it: {error}", where=path, hint="Restore it, or delete it.") from None


def lock_text(lock: Mapping[str, Locked]) -> str:
    """Write on what links were traced, one a line."""
    lines = ",\n".join(f"{json.dumps(name)}: {msgspec.json.encode(lock[name]).decode()}" for name in sorted(lock))
    return f"{{\n{lines}\n}}\n"


def accept(
    atlas: Atlas,
    extract: Extract,
    table: GeoDataFrame,
    traced: Sequence[Traced],
    *,
    names: Collection[str],
    source: str | None,
    tolerance_m: float,
) -> list[Path]:
    """Put traced links into the network.

    Their nodes are moved on to the track, and with these the ends of all links there. Where a link crosses an outline of the atlas it is
    split, at a node that bears the names of both its ends, and itineraries get that node. All files are written, or none.

    Parameters
    ----------
    atlas, extract, traced
        As for `corridormap.trace.review.proposals`.
    table : GeoDataFrame
        What that gave.
    names : collection of str
        The links to accept.
    source : str, optional
        The id of a source of the atlas; by default links keep theirs.
    tolerance_m : float
        To what they were thinned.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    UsageError
        If a link was not traced, the source is not known, or a new link has none.
    """
    folder, lock, corridors = atlas.folder / "network", read_lock(atlas), atlas.folder / "corridors.toml"
    links, nodes, text = _features(folder / "links.geojson"), _features(folder / "nodes.geojson"), read_text(corridors)
    found = {one.id: one for one in traced if one.line is not None}
    for name in dict.fromkeys(names):
        parts, old = table[table["link"] == name].to_dict("records"), links.pop(name, {"properties": {}})["properties"]
        _check(atlas, name, traced=name in found, countries=[part["country"] for part in parts], source=source or old.get("source"))
        one = found[name]
        lock.pop(name, None)
        kept = {"status": "open", **old, "source": source or old["source"], **{key: None for key in old if key.startswith("remark_")}}
        entry = Locked(
            extract=extract.name,
            sha256=extract.sha256,
            date=extract.date,
            tolerance_m=tolerance_m,
            metres=round(one.metres, 1),
            ways=one.ways,
            snaps={node: (round(lon, 7), round(lat, 7)) for node, (lon, lat) in one.snaps.items()},
        )
        # A day that the source tells already would be told in two places.
        as_of = None if atlas.sources[kept["source"]].date == extract.date else extract.date
        for part in parts:
            lock[part["id"]] = entry
            own = {key: part[key] for key in ("id", "from", "to", "mode", "country", "accuracy_m")} | {"as_of": as_of}
            links[part["id"]] = _feature({**kept, **own}, part["geometry"])
        ends = [nodes[node]["properties"] for node in (parts[0]["from"], parts[-1]["to"])]
        for part, following in pairwise(parts):
            names_of = {f"name_{lang}": " – ".join(end[f"name_{lang}"] for end in ends) for lang in atlas.languages}
            # Of the two countries that meet there one is the atlas's.
            country = part["country"] if part["country"] in atlas.record.members else following["country"]
            border = {"id": part["to"], "kind": "crossing", "country": country, "accuracy_m": part["accuracy_m"]}
            known = nodes[part["to"]]["properties"] if part["to"] in nodes else {**border, **names_of, "source": kept["source"]}
            nodes[part["to"]] = _feature(known, shapely.Point(part["geometry"].coords[-1]))
        if len(parts) > 1:
            text, _ = put_between(text, [parts[0]["from"], *(part["to"] for part in parts)], where=corridors, mode=extract.mode)
        for node, place in one.snaps.items():
            nodes[node] = _feature(nodes[node]["properties"], shapely.Point(*(round(degrees, geojson.LINE_DECIMALS) for degrees in place)))
    _join(links, nodes, {node for name in names for node in found[name].snaps})
    files = {lock_path(atlas): lock_text(lock), corridors: text}
    for kind, features in (("links", links), ("nodes", nodes)):
        document = {"features": [features[name] for name in sorted(features)]}
        files[folder / f"{kind}.geojson"] = geojson.dumps(geojson.to_frame(document, where=kind), name=kind)
    changed = {path: content for path, content in files.items() if not path.exists() or read_text(path) != content}
    write_all(changed)
    return list(changed)


def _check(atlas: Atlas, name: str, *, traced: bool, countries: list[object], source: str | None) -> None:
    """Refuse a link that cannot be put into the network."""
    if not traced:
        raise UsageError(f"{name!r} was not traced", hint="Leave it out; the report says why.")
    if source is None:
        raise UsageError(f"{name!r} is new and has no source", hint="Describe the extract in sources.toml and name it: --source ID.")
    if source not in atlas.sources:
        raise UsageError(f"no source {source!r}", hint=meant(source, atlas.sources, "Describe the extract in sources.toml first."))
    if not all(isinstance(country, str) for country in countries):
        hint = "Put a node on the border that it crosses, or give its nodes their country."
        raise DataError(f"a part of {name} lies abroad, and no end says in which country", where=atlas.folder / "network", hint=hint)


def _features(path: Path) -> dict[str, dict[str, Any]]:
    return {feature["properties"]["id"]: feature for feature in geojson.read(path)["features"]} if path.exists() else {}


def _feature(properties: dict[str, Any], geometry: shapely.Geometry) -> dict[str, Any]:
    return {"properties": properties, "geometry": json.loads(shapely.to_geojson(geometry))}


def _join(links: dict[str, dict[str, Any]], nodes: dict[str, dict[str, Any]], moved: Collection[str]) -> None:
    """End links on nodes that were moved; a line beyond the 180th meridian stays there."""
    for link in links.values():
        for column, end in (("from", 0), ("to", -1)):
            if link["properties"][column] in moved:
                lon, lat = nodes[link["properties"][column]]["geometry"]["coordinates"]
                was = link["geometry"]["coordinates"][end][0]
                link["geometry"]["coordinates"][end] = [lon + 360.0 * round((was - lon) / 360.0), lat]
