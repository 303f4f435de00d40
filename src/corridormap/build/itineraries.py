"""Itineraries over the network become lines with their lengths; links become the layer of links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.errors import DataError
from corridormap.measure.geodesic import distances_m, lengths_km

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas, SignedLink
    from corridormap.model import Itinerary, Layer

STATUS_ORDER = ("open", "works", "planned")


def links_once(atlas: Atlas, ways: list[list[SignedLink]]) -> GeoDataFrame:
    """The links of several ways, each once, in order of travel: a train that reverses in a station passes its approach twice."""
    return atlas.links.loc[list(dict.fromkeys(step.id for way in ways for step in way))]


def users_of_links(atlas: Atlas) -> dict[str, list[str]]:
    """For each link the ids of the itineraries that use it, in the order of corridors.toml."""
    users: dict[str, list[str]] = {}
    for itinerary in atlas.itineraries:
        for link in links_once(atlas, atlas.route(itinerary)).index:
            users.setdefault(link, []).append(itinerary)
    return users


def build_itineraries(atlas: Atlas, layer: Layer) -> GeoDataFrame:
    """Build a layer of the itineraries that name it as theirs.

    Raises
    ------
    DataError
        If an itinerary has a gap, or a link's end does not lie on its node.
    """
    import geopandas

    check_junctions(atlas)
    rows = [_itinerary_row(atlas, itinerary, layer) for itinerary in atlas.itineraries.values() if itinerary.layer == layer.id]
    # A property that one itinerary has is there, as null, on all: one schema a layer.
    columns = dict.fromkeys(column for row in rows for column in row)
    return geopandas.GeoDataFrame(
        [{column: row.get(column) for column in columns} for row in rows], geometry="geometry", crs="EPSG:4326", columns=list(columns)
    )


def build_links(atlas: Atlas, layer: Layer) -> GeoDataFrame:
    """Build the layer of links, each with the itineraries that use it."""
    del layer
    check_junctions(atlas)
    users = users_of_links(atlas)
    links = atlas.links.copy()
    crossing = atlas.nodes["kind"] == "crossing"
    for lang in atlas.languages:
        # A crossing's name is itself "here – there"; in brackets it stays one name.
        names = atlas.nodes[f"name_{lang}"].where(~crossing, "(" + atlas.nodes[f"name_{lang}"] + ")")
        links[f"name_{lang}"] = [f"{names[start]} – {names[end]}" for start, end in zip(links["from"], links["to"], strict=True)]
    links["corridors"] = [geojson.join_list(users.get(link, [])) for link in links.index]
    links["length_km"] = lengths_km(links.geometry.to_numpy()).round(3)
    links["sources"] = links.pop("source")
    return links.sort_values("id")


def check_junctions(atlas: Atlas) -> None:
    """Make sure that every link ends on its nodes.

    Raises
    ------
    DataError
        Naming the first link whose end is farther from its node than the atlas's tolerance.
    """
    import numpy as np
    import shapely

    links, nodes = atlas.links, atlas.nodes
    where = atlas.folder / "network" / "links.geojson"
    for column in ("from", "to"):
        unknown = links.loc[~links[column].isin(nodes.index)]
        if not unknown.empty:
            raise DataError(f"{column!r} names no node: {unknown[column].iloc[0]!r}", where=f"{where}, {unknown.index[0]}")
    bad = links.index[links.geometry.isna() | (links.geom_type != "LineString") | links.geometry.is_empty]
    if len(bad):
        raise DataError("a link must be a LineString", where=f"{where}, {bad[0]}")
    geometries = np.asarray(links.geometry.to_numpy(), dtype=object)
    for column, index in (("from", 0), ("to", -1)):
        ends = shapely.get_coordinates(shapely.get_point(geometries, index))
        at = shapely.get_coordinates(np.asarray(nodes.geometry.loc[links[column]].to_numpy(), dtype=object))
        gaps = distances_m(ends, at)
        worst = int(gaps.argmax())
        if gaps[worst] > atlas.record.tolerance.junction_m:
            lon, lat = ends[worst]
            raise DataError(
                f"ends {gaps[worst]:.1f} m from its node {links[column].iloc[worst]!r}",
                where=f"{where}, {links.index[worst]} at {lon:.5f}, {lat:.5f}",
                hint="Snap the link's end to the node.",
            )


def _itinerary_row(atlas: Atlas, itinerary: Itinerary, layer: Layer) -> dict[str, Any]:
    ways = atlas.route(itinerary.id)
    used = links_once(atlas, ways)
    row: dict[str, Any] = {"id": itinerary.id, "number": itinerary.number, "mode": itinerary.mode}
    row |= {f"name_{lang}": itinerary.name.get(lang) for lang in atlas.languages}
    row |= {f"route_{lang}": _route_text(atlas, itinerary, lang) for lang in atlas.languages}
    row |= _lengths(atlas, itinerary, ways, used)
    row |= {f"note_{lang}": (itinerary.note or {}).get(lang) for lang in atlas.languages}
    row["status"] = max(used["status"], key=STATUS_ORDER.index)
    row["accuracy_m"] = accuracy_of(used)
    row["sources"] = geojson.join_list(itinerary.sources)
    row |= itinerary.properties
    row["geometry"] = _geometry(atlas, itinerary, ways, layer)
    return row


def accuracy_of(links: pd.DataFrame) -> float:
    """Accuracy class of several links together, in metres.

    The 95th percentile of the links' own classes, weighted by length: the smallest class that 95 % of the line is drawn in.
    """
    import numpy as np

    order = np.argsort(links["accuracy_m"].to_numpy(dtype=float), kind="stable")
    share = np.cumsum(lengths_km(links.geometry.to_numpy())[order])
    return float(links["accuracy_m"].iloc[order[np.searchsorted(share, 0.95 * share[-1])]])


def published_km(atlas: Atlas, itinerary: Itinerary, start: str | None, end: str | None) -> float | None:
    """Measured length of the part of an itinerary that a published figure is about.

    Parameters
    ----------
    atlas : Atlas
        The atlas.
    itinerary : Itinerary
        The itinerary.
    start, end : str or None
        Nodes on one of its ways; None for the whole, of which only the part in the atlas's country counts.

    Returns
    -------
    float or None
        Kilometres on WGS 84; None if no way passes both nodes.
    """
    ways = atlas.route(itinerary.id)
    if start is None or end is None:
        return _home_km(atlas, links_once(atlas, ways))
    for record, steps in zip(itinerary.ways, ways, strict=True):
        if start in record.nodes and end in record.nodes:
            low, high = sorted((record.nodes.index(start), record.nodes.index(end)))
            part = atlas.links.loc[[step.id for step in steps[low:high]]]
            return float(lengths_km(part.geometry.to_numpy()).sum())
    return None


def _home_km(atlas: Atlas, links: pd.DataFrame) -> float:
    return float(lengths_km(links.geometry[links["country"] == atlas.record.country].to_numpy()).sum())


def _lengths(atlas: Atlas, itinerary: Itinerary, ways: list[list[SignedLink]], used: pd.DataFrame) -> dict[str, Any]:
    total = float(lengths_km(used.geometry.to_numpy()).sum())
    home = _home_km(atlas, used)
    main = links_once(atlas, [way for record, way in zip(itinerary.ways, ways, strict=True) if record.role == "main"])
    whole = next((item for item in itinerary.lengths if item.start is None and item.kind != "survey"), None)
    row: dict[str, Any] = {
        "length_km": round(home, 1),
        "length_main_km": round(_home_km(atlas, main), 1),
        "length_abroad_km": round(total - home, 1),
        "length_total_km": round(total, 1),
        "length_official_km": whole.km if whole else None,
        "length_official_source": whole.source if whole else None,
    }
    reason = (whole.reason if whole else None) or {}
    return row | {f"length_official_reason_{lang}": reason.get(lang) for lang in atlas.languages}


def _route_text(atlas: Atlas, itinerary: Itinerary, lang: str) -> str:
    names = atlas.nodes[f"name_{lang}"]
    kinds = atlas.nodes["kind"]

    def way_text(nodes: Iterable[str]) -> str:
        return " – ".join(str(names[node]) for node in nodes if kinds[node] not in {"crossing", "junction"})

    return "; ".join(way_text(way.nodes) for way in itinerary.ways)


def _geometry(atlas: Atlas, itinerary: Itinerary, ways: list[list[SignedLink]], layer: Layer) -> Any:
    import shapely

    lines = atlas.links.geometry
    parts, seen = [], set[str]()
    for way in ways:
        run: list[Any] = []
        for step in way:
            # A branch that rejoins the main way is drawn from there on only once.
            if step.id in seen:
                parts += _joined(run)
                run = []
                continue
            seen.add(step.id)
            run.append(lines[step.id] if step.forward else lines[step.id].reverse())
        parts += _joined(run)
    if layer.geometry == "LineString":
        if len(parts) != 1:
            raise DataError(
                f"gives {len(parts)} lines where the layer {layer.id!r} has one a feature", where=f"corridors.toml, {itinerary.id}"
            )
        return parts[0]
    return shapely.multilinestrings(parts)


def _joined(run: list[Any]) -> list[Any]:
    """Join consecutive lines, which meet end to start, into one."""
    import numpy as np
    import shapely

    if not run:
        return []
    pieces = [shapely.get_coordinates(line) for line in run]
    return [shapely.linestrings(np.vstack([pieces[0], *(piece[1:] for piece in pieces[1:])]))]
