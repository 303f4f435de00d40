"""Layers that are facts of their own: places, crossings, venues, border lines, each with what the network adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap import geojson
from corridormap.derive.itineraries import corridors_and_routes
from corridormap.errors import DataError, refuse
from corridormap.geodesic import lengths_km

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer


def facts(atlas: Atlas, layer: Layer) -> GeoDataFrame:
    """Read a layer as the facts have it."""
    if layer.input is None:
        raise DataError(f"a layer built as {layer.build!r} needs an input", where=atlas.folder / "atlas.toml", feature=layer.id)
    return atlas.facts(layer.input).sort_values("id")


def build_places(atlas: Atlas, _layer: Layer) -> GeoDataFrame:
    """Build the layer of the network's nodes, border crossings apart, which have a layer of their own."""
    itineraries = atlas.itineraries_of_nodes
    nodes = atlas.nodes.copy()
    nodes["corridors"], nodes["routes"] = corridors_and_routes(atlas, [itineraries.get(node, []) for node in nodes.index])
    also = nodes.pop("names_source") if "names_source" in nodes.columns else [None] * len(nodes)
    nodes["sources"] = [
        geojson.join_list([position, *geojson.split_list(names)]) for position, names in zip(nodes.pop("source"), also, strict=True)
    ]
    return nodes.loc[nodes["kind"] != "crossing"].sort_values("id")


def build_crossings(atlas: Atlas, layer: Layer) -> GeoDataFrame:
    """Build the layer of crossings: the facts, with the corridors that use each.

    In an atlas of several countries the two that meet at a crossing of the network are told by its links, where the facts do not: as
    ``country``, one of the atlas's, and ``neighbour``.

    Raises
    ------
    DataError
        If a crossing that is also a node of the network does not lie on it.
    """
    frame = facts(atlas, layer)
    itineraries = atlas.itineraries_of_nodes
    frame["corridors"], frame["routes"] = corridors_and_routes(atlas, [itineraries.get(crossing, []) for crossing in frame["id"]])
    on_network = frame["id"].isin(atlas.nodes.index)
    # The node is the crossing: its position is given once, in the network.
    frame.loc[on_network, "geometry"] = atlas.nodes.geometry.loc[frame.loc[on_network, "id"]].to_numpy()
    missing = sorted(set(atlas.nodes.index[atlas.nodes["kind"] == "crossing"]) - set(frame["id"]))
    hint = "Add the crossing with its names, or give the node another kind."
    path = atlas.folder / str(layer.input)
    refuse([DataError(f"has no row for the network's crossing {name!r}", where=path, feature=name, hint=hint) for name in missing])
    return _with_countries(atlas, frame) if len(atlas.record.members) > 1 else frame


def _with_countries(atlas: Atlas, frame: GeoDataFrame) -> GeoDataFrame:
    members = atlas.record.members
    told: dict[str, list[str | None]] = {side: list(frame.get(side, [None] * len(frame))) for side in ("country", "neighbour")}
    for row, crossing in enumerate(frame["id"]):
        met = set(atlas.countries_of_nodes.get(crossing, ())) - {"XZ"}
        left = sorted(met - {column[row] for column in told.values()}, key=lambda code: (code not in members, code))
        for column in told.values():
            if column[row] is None and left:
                column[row] = left.pop(0)
    return frame.assign(**told)


def build_lines(atlas: Atlas, layer: Layer) -> GeoDataFrame:
    """Build a layer of lines from the facts, each measured."""
    frame = facts(atlas, layer)
    frame["length_km"] = lengths_km(frame.geometry.to_numpy()).round(1)
    frame["sources"] = frame.pop("source")
    return frame
