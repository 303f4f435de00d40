"""Itineraries over the network become lines with their lengths; links become the layer of links."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import shapely

from corridormap import geojson
from corridormap.atlas import kept
from corridormap.errors import DataError, refuse
from corridormap.geodesic import lengths_km
from corridormap.measure.itineraries import accuracy_of, check_junctions, home_km, joined, links_once, members_km, runs_once, total_km

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas, SignedLink
    from corridormap.measure.itineraries import MeasuredLink
    from corridormap.model import Itinerary, Layer

STATUS_ORDER = ("open", "works", "planned")


def corridors_and_routes(atlas: Atlas, itineraries: Iterable[list[str]]) -> tuple[list[str | None], list[str | None]]:
    """Tell corridors from other routes: two columns of list properties.

    The atlas's corridors are the itineraries of its first layer of itineraries; a route is an itinerary of any other.
    """
    first = next((layer.id for layer in atlas.layers if layer.build == "itineraries"), None)
    corridors, routes = [], []
    for names in itineraries:
        corridors.append(geojson.join_list(name for name in names if atlas.itineraries[name].layer == first))
        routes.append(geojson.join_list(name for name in names if atlas.itineraries[name].layer != first))
    return corridors, routes


def build_itineraries(atlas: Atlas, layer: Layer) -> GeoDataFrame:
    """Build a layer of the itineraries that name it as theirs.

    Raises
    ------
    DataError
        If an itinerary has a gap, a link's end does not lie on its node, or no itinerary names the layer.
    """
    check_junctions(atlas)
    rows, faults = [], []
    for itinerary in atlas.itineraries.values():
        try:
            rows += [_itinerary_row(atlas, itinerary, layer)] if itinerary.layer == layer.id else []
        except DataError as error:
            faults += error.faults
    refuse(faults)
    if not rows:
        hint = f"Add an itinerary of the layer {layer.id!r}, or take the layer out of atlas.toml."
        raise DataError("no itinerary names this layer", where=atlas.folder / "atlas.toml", feature=layer.id, hint=hint)
    shapes = [row.pop("geometry") for row in rows]
    return geojson.frame_of(rows, shapes, where=atlas.folder / "corridors.toml")


def build_links(atlas: Atlas, _layer: Layer) -> GeoDataFrame:
    """Build the layer of links, each with the itineraries that use it; transfers only serve to find ways."""
    check_junctions(atlas)
    itineraries = atlas.itineraries_of_links()
    links = atlas.links[atlas.links["mode"] != "transfer"].copy()
    crossing = atlas.nodes["kind"] == "crossing"
    for lang in atlas.languages:
        # A crossing's name is itself "here – there"; in brackets it stays one name.
        names = atlas.nodes[f"name_{lang}"].where(~crossing, "(" + atlas.nodes[f"name_{lang}"] + ")").to_dict()
        links[f"name_{lang}"] = [f"{names[start]} – {names[end]}" for start, end in zip(links["from"], links["to"], strict=True)]
    links["corridors"], links["routes"] = corridors_and_routes(atlas, [itineraries.get(link, []) for link in links.index])
    links["length_km"] = lengths_km(links.geometry.to_numpy()).round(3)
    links["sources"] = links.pop("source")
    return links.sort_values("id")


def _itinerary_row(atlas: Atlas, itinerary: Itinerary, layer: Layer) -> dict[str, Any]:
    if not itinerary.ways and not layer.unlocated:
        what = f"has no `ways`; name its nodes, or set `unlocated = true` for the layer {layer.id!r}"
        raise atlas.itinerary_error(what, itinerary.id)
    ways = atlas.route(itinerary.id)
    used = links_once(atlas, ways)
    row: dict[str, Any] = {"id": itinerary.id, "number": itinerary.number, "mode": itinerary.mode}
    row |= {f"name_{lang}": itinerary.name.get(lang) for lang in atlas.languages}
    row |= {f"route_{lang}": _route_text(atlas, itinerary, lang) or None for lang in atlas.languages}
    row |= _lengths(atlas, itinerary, ways, used)
    row |= {f"note_{lang}": (itinerary.note or {}).get(lang) for lang in atlas.languages}
    row["status"] = itinerary.status or max((link.status for link in used), key=STATUS_ORDER.index, default=None)
    row["accuracy_m"] = accuracy_of(used) if ways else None
    row["sources"] = geojson.join_list(itinerary.sources)
    for key in itinerary.properties:
        if key in row or key == "geometry":
            what = f"`properties` may not set {key!r}, which the build makes"
            raise atlas.itinerary_error(what, itinerary.id)
    row |= itinerary.properties
    row["geometry"] = _geometry(atlas, itinerary, ways, layer)
    return row


def _lengths(atlas: Atlas, itinerary: Itinerary, ways: list[list[SignedLink]], used: list[MeasuredLink]) -> dict[str, Any]:
    main = links_once(atlas, [way for record, way in zip(itinerary.ways, ways, strict=True) if record.role == "main"])
    members = atlas.record.members if len(atlas.record.members) > 1 else []
    by_member = [f"length_{code.lower()}_km" for code in members]
    measured = dict[str, float | None].fromkeys(("length_km", "length_main_km", *by_member, "length_abroad_km", "length_total_km"))
    if ways:
        total, home = total_km(used), home_km(atlas, used)
        figures = (home, home_km(atlas, main), *(members_km(atlas, used).values() if members else ()), total - home, total)
        measured = {name: round(figure, 1) for name, figure in zip(measured, figures, strict=True)}
    whole = [figure for figure in itinerary.lengths if figure.start is None and figure.kind != "survey"]
    official = next((figure for figure in whole if figure.kind == "official"), None)
    published = official or next(iter(whole), None)
    reason = (published.reason if published else None) or {}
    return {
        **measured,
        "length_official_km": official.km if official else None,
        "length_official_source": official.source if official else None,
        "length_published_km": published.km if published else None,
        "length_published_kind": published.kind if published else None,
        "length_published_source": published.source if published else None,
        **{f"length_published_reason_{lang}": reason.get(lang) for lang in atlas.languages},
    }


@kept
def _lines(atlas: Atlas) -> dict[str, Any]:
    """Give the line of each link, by its id."""
    return dict(zip(atlas.links.index, atlas.links.geometry, strict=True))


@kept
def _nodes(atlas: Atlas) -> dict[str, dict[str, Any]]:
    """Give what each node says of itself, by its id."""
    nodes: dict[str, dict[str, Any]] = atlas.nodes.drop(columns="geometry").to_dict("index")
    return nodes


def _route_text(atlas: Atlas, itinerary: Itinerary, lang: str) -> str:
    known = _nodes(atlas)

    def text(node: str) -> str:
        name = str(known[node][f"name_{lang}"])
        return f"({name})" if known[node]["kind"] == "crossing" else name

    def way_text(nodes: list[str]) -> str:
        # Crossings and junctions are named only where a way begins or ends in them.
        shown = [node for node in nodes[1:-1] if known[node]["kind"] not in {"crossing", "junction"}]
        texts = [text(node) for node in (nodes[0], *shown, nodes[-1])]
        return " – ".join(text for text, before in zip(texts, [None, *texts], strict=False) if text != before)

    return "; ".join(way_text(nodes) for nodes in atlas.way_nodes(itinerary.id))


def _geometry(atlas: Atlas, itinerary: Itinerary, ways: list[list[SignedLink]], layer: Layer) -> Any:
    lines = _lines(atlas)
    runs = [[shapely.get_coordinates(lines[step.id])[:: 1 if step.forward else -1] for step in run] for run in runs_once(ways)]
    if layer.geometry == "MultiLineString":
        runs = [part for run in runs for part in _at_the_meridian(run)]
    parts = [shapely.linestrings(joined(run)) for run in runs]
    if not parts:
        return None
    if layer.geometry == "LineString":
        if len(parts) != 1:
            what = f"gives {len(parts)} lines where the layer {layer.id!r} has one a feature"
            raise atlas.itinerary_error(what, itinerary.id)
        return parts[0]
    return shapely.multilinestrings(parts)


def _at_the_meridian(run: list[Any]) -> list[list[Any]]:
    """Part the lines of a run where one ends on the 180th meridian and the next goes on on its other side (RFC 7946, 3.1.9)."""
    leaps = [i for i, (here, there) in enumerate(pairwise(run), start=1) if abs(there[0][0] - here[-1][0]) > 180]
    return [run[start:end] for start, end in pairwise([0, *leaps, len(run)])]
