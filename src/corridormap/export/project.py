"""A QGIS project: layer tree in groups, styles embedded, relations, print layouts; written as QGIS 3.22 reads it, newer ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree.ElementTree import Element

from pyproj import CRS

from corridormap.export.backdrop import Ground, backdrop_style
from corridormap.export.common import zipped
from corridormap.export.layout import layouts
from corridormap.export.qmd import metadata_elements, table_metadata
from corridormap.export.qml import ROOT, style_elements, table_elements
from corridormap.export.qxml import VERSION, add, document, spatial_ref
from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.tables import Table
    from corridormap.export.tree import Tree

__all__ = ["planar", "project", "qgz", "without_tiles"]

ELLIPSOID = "EPSG:7030"
"""WGS 84's ellipsoid: QGIS measures on it as the atlas does."""
WKB = {"Point": "Point", "LineString": "LineString", "MultiLineString": "MultiLineString"}


def planar(bundle: Bundle) -> CRS:
    """Give the project's CRS: the atlas's planar one, with a name."""
    crs = CRS.from_user_input(bundle.atlas.record.planar_crs)
    described = crs.to_json_dict()
    if described.get("name", "unknown") == "unknown":
        described["name"] = f"{bundle.atlas.record.id}, equal area"
    return CRS.from_json_dict(described)


def qgz(text: str, name: str) -> bytes:
    """Pack a project's text as a .qgz; the same text gives the same bytes."""
    return zipped({f"{name}.qgs": text.encode()})


def project(tree: Tree) -> str:
    """Give the text of the project (.qgs)."""
    bundle = tree.bundle
    atlas, lang, crs = bundle.atlas, bundle.lang, planar(bundle)
    title = atlas.text(atlas.record.title, lang)
    root = Element("qgis", {"version": VERSION, "projectname": title, "saveUser": "", "saveUserFull": ""})
    add(root, "homePath", path="")
    add(root, "title", title)
    for switch in ("autotransaction", "evaluateDefaultValues", "trust"):
        add(root, switch, active=0)
    spatial_ref(add(root, "projectCrs"), crs)
    _layer_tree(root, tree)
    relations = add(root, "relations")
    for link in tree.links:
        name = tree.layer_id(f"{link.parent}_{link.child}_{link.child_column}")
        relation = add(
            relations,
            "relation",
            id=name,
            name=link.name,
            strength="Association",
            referencedLayer=tree.layer_id(link.parent),
            referencingLayer=tree.layer_id(link.child),
        )
        add(relation, "fieldRef", referencedField=link.parent_column, referencingField=link.child_column)
    layers = add(root, "projectlayers")
    for layer in bundle.layers:
        _map_layer(layers, tree, layer)
    for table in tree.tables:
        _table_layer(layers, tree, table)
    for ground in tree.grounds:
        _ground_layer(layers, tree, ground)
    tiles = _tiles(bundle)
    if tiles:
        _tile_layer(layers, tree, tiles)
    _properties(root)
    _about(root, bundle, title)
    layouts(add(root, "Layouts"), tree, crs)
    view = add(add(root, "ProjectViewSettings", rotation=0, UseProjectScales=0), "DefaultViewExtent", **_view(bundle, crs))
    spatial_ref(view, crs)
    return document(root)


def _view(bundle: Bundle, crs: CRS) -> dict[str, float]:
    from pyproj import Transformer

    west, south, east, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform_bounds(*bundle.atlas.record.view)
    return {"xmin": round(west), "ymin": round(south), "xmax": round(east), "ymax": round(north)}


def _tiles(bundle: Bundle) -> dict[str, str]:
    """Give a background that needs no key, if xyzservices is there to describe it."""
    from corridormap.errors import UsageError
    from corridormap.web import tiles

    try:
        found = tiles.find("OpenStreetMap.Mapnik")
    except UsageError:
        return {}
    address = quote(found["url"].replace("{s}", "a"), safe=":/")
    source = f"type=xyz&url={address}&zmin={found['min_zoom']}&zmax={found['max_zoom']}"
    return {"name": say("gis.tiles", lang=bundle.lang, name="OpenStreetMap"), "source": source, "rights": found["attribution"]}


def without_tiles() -> list[str]:
    """Say that the project has no tiles to switch on, and how to have them; nothing if it has."""
    try:
        import xyzservices  # noqa: F401  needed by _tiles
    except ImportError:
        return ["the QGIS project has no background of web tiles to switch on; they need: pip install 'corridormap[tiles]'"]
    return []


def _layer_tree(root: Element, tree: Tree) -> None:
    bundle = tree.bundle
    lang = bundle.lang
    top = add(root, "layer-tree-group")
    groups = [(group, [layer for layer in bundle.layers if layer.record.group == group.id]) for group in bundle.atlas.record.groups]
    # QGIS draws as it lists: groups with points come before those of lines alone. No order of drawing of its own, since that would put
    # every layer a reader adds below the background.
    for group, members in sorted(groups, key=lambda pair: min(map(_above, pair[1]), default=0)):
        if members:
            _members(_group(top, bundle.atlas.text(group.name, lang)), tree, members)
    inside = {name for names in tree.extras.values() for name in names}
    outside = [(table.name, table.title) for table in tree.tables if table.name not in inside]
    ground = [(item.name, item.title) for item in tree.grounds]
    for title, entries in ((say("gis.tables", lang=lang), outside), (say("gis.backdrop", lang=lang), ground)):
        folder = _group(top, title, expanded=False) if entries else top
        for name, label in entries:
            _leaf(folder, tree, name, label, shown=True, expanded=False)
    tiles = _tiles(bundle)
    if tiles:
        leaf = _leaf(top, tree, "tiles", tiles["name"], shown=False, expanded=False)
        leaf.attrib.update(providerKey="wms", source=tiles["source"])


def _members(folder: Element, tree: Tree, members: Sequence[ExportLayer]) -> None:
    """Append a group's layers, points above lines, and the tables that belong to them."""
    titles = {table.name: table.title for table in tree.tables}
    for layer in sorted(members, key=_above):
        _leaf(folder, tree, layer.id, layer.title(), shown=layer.record.visible, expanded=layer.record.visible)
        for name in tree.extras.get(layer.id, []):
            _leaf(folder, tree, name, titles[name], shown=True, expanded=False)


def _above(layer: ExportLayer) -> int:
    """Order of drawing, topmost first: points, corridors, border, network."""
    order = {"points": 0, "crossings": 0, "places": 0, "itineraries": 1, "lines": 2, "links": 3}
    return order[layer.record.build]


def _group(parent: Element, name: str, *, expanded: bool = True) -> Element:
    return add(parent, "layer-tree-group", name=name, checked="Qt::Checked", expanded=int(expanded))


def _leaf(parent: Element, tree: Tree, name: str, title: str, *, shown: bool, expanded: bool) -> Element:
    place = tree.places.get(name)
    return add(
        parent,
        "layer-tree-layer",
        id=tree.layer_id(name),
        name=title,
        checked="Qt::Checked" if shown else "Qt::Unchecked",
        expanded=int(expanded),
        providerKey="ogr",
        source=place.source if place else "",
        legend_exp="",
        legend_split_behavior=0,
    )


def _start(layers: Element, tree: Tree, name: str, title: str, *, geometry: str, wkb: str, labels: bool, crs: CRS | None) -> Element:
    style = {key: value for key, value in ROOT.items() if key not in {"version", "labelsEnabled"}}
    made = add(layers, "maplayer", type="vector", geometry=geometry, wkbType=wkb, labelsEnabled=int(labels), **style)
    add(made, "id", tree.layer_id(name))
    add(made, "datasource", tree.places[name].source)
    add(made, "layername", title)
    srs = add(made, "srs")
    if crs is not None:
        spatial_ref(srs, crs)
    add(made, "provider", "ogr", encoding="UTF-8")
    return made


def _map_layer(layers: Element, tree: Tree, layer: ExportLayer) -> None:
    kind = "Point" if layer.record.geometry == "Point" else "Line"
    made = _start(layers, tree, layer.id, layer.title(), geometry=kind, wkb=WKB[layer.record.geometry], labels=True, crs=layer.frame.crs)
    metadata_elements(add(made, "resourceMetadata"), layer)
    style_elements(made, layer, first_columns=tree.places[layer.id].first_columns)


def _table_layer(layers: Element, tree: Tree, table: Table) -> None:
    made = _start(layers, tree, table.name, table.title, geometry="No geometry", wkb="NoGeometry", labels=False, crs=None)
    metadata = add(made, "resourceMetadata")
    table_metadata(metadata, tree.bundle.atlas, name=table.name, title=table.title, lang=tree.bundle.lang)
    table_elements(made, table, first_columns=tree.places[table.name].first_columns)


def _ground_layer(layers: Element, tree: Tree, ground: Ground) -> None:
    made = _start(
        layers,
        tree,
        ground.name,
        ground.title,
        geometry=ground.geometry,
        wkb=ground.wkb,
        labels=ground.kind in {"label", "town"},
        crs=ground.frame.crs,
    )
    backdrop_style(made, ground)


def _tile_layer(layers: Element, tree: Tree, tiles: dict[str, str]) -> None:
    made = add(layers, "maplayer", type="raster", styleCategories="AllStyleCategories", hasScaleBasedVisibilityFlag=0)
    add(made, "id", tree.layer_id("tiles"))
    add(made, "datasource", tiles["source"])
    add(made, "layername", tiles["name"])
    spatial_ref(add(made, "srs"), CRS.from_epsg(3857))
    metadata = add(made, "resourceMetadata")
    add(metadata, "title", tiles["name"])
    add(metadata, "rights", tiles["rights"])
    add(made, "provider", "wms")
    pipe = add(made, "pipe")
    add(pipe, "rasterrenderer", type="singlebandcolordata", band=1, opacity=1, alphaBand=-1)


def _properties(root: Element) -> None:
    properties = add(root, "properties")
    add(add(properties, "Measure"), "Ellipsoid", ELLIPSOID, type="QString")
    units = add(properties, "Measurement")
    add(units, "DistanceUnits", "km", type="QString")
    add(units, "AreaUnits", "km2", type="QString")
    add(add(properties, "Paths"), "Absolute", "false", type="bool")
    add(add(properties, "SpatialRefSys"), "ProjectionsEnabled", 1, type="int")
    gui = add(properties, "Gui")
    # The sea.
    for part, value in (("Red", 0xD3), ("Green", 0xE3), ("Blue", 0xEC)):
        add(gui, f"CanvasColor{part}Part", value, type="int")
    for part, value in (("Red", 255), ("Green", 255), ("Blue", 0), ("Alpha", 255)):
        add(gui, f"SelectionColor{part}Part", value, type="int")
    labels = add(properties, "PAL")
    add(labels, "PlacementEngineVersion", 1, type="int")
    add(labels, "DrawUnplaced", "false", type="bool")
    add(labels, "ShowingPartialsLabels", "false", type="bool")


def _about(root: Element, bundle: Bundle, title: str) -> None:
    atlas, lang = bundle.atlas, bundle.lang
    about = add(root, "projectMetadata")
    add(about, "identifier", atlas.record.id)
    add(about, "language", lang)
    add(about, "type", "project")
    add(about, "title", title)
    add(about, "abstract", atlas.text(atlas.record.description, lang))
    add(about, "author", "corridormap")
