"""A QGIS project: layer tree in groups, styles embedded, relations, print layouts; written as QGIS 3.22 reads it, newer ones too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pyproj import CRS

from corridormap.cartography.symbols import TABLE
from corridormap.export.format import zipped
from corridormap.export.qgis.contents import TITLES, checked_at_first
from corridormap.export.qgis.labels import LABELLED
from corridormap.export.qgis.layout import overview
from corridormap.export.qgis.pages import pages
from corridormap.export.qgis.planes import plane_name, project_plane, view
from corridormap.export.qgis.qmd import metadata_elements, table_metadata
from corridormap.export.qgis.qml import ground_elements, layer_attributes, style_elements, table_elements
from corridormap.export.qgis.qxml import VERSION, add, document, fill, spatial_ref, template
from corridormap.export.qgis.sheet import PAGES
from corridormap.export.qgis.themes import bookmarks, theme_elements, themes_of
from corridormap.export.sentence import Sentence
from corridormap.extras import install
from corridormap.words import say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.qgis.contents import Contents
    from corridormap.export.qgis.grounds import Ground

GEOMETRIES = {"Polygon": "Polygon", "Point": "Point", "LineString": "Line"}
"""QGIS's words for geometries, of one part or several."""
ABOVE = {"points": 0, "crossings": 0, "places": 0, "itineraries": 1, "lines": 2, "links": 3}
"""How a layer is built → its place in the order of drawing, topmost first."""


def qgz(text: str, name: str) -> bytes:
    """Pack a project's text as a .qgz; the same text gives the same bytes."""
    return zipped({f"{name}.qgs": text.encode()})


def project(contents: Contents) -> str:
    """Give the text of the project (.qgs), with map themes, and sheets for print."""
    root = project_element(contents)
    theme_elements(fill(root, "visibility-presets"), contents, themes_of(contents))
    tables = {contents.layer_id(table.name) for table in contents.tables}
    checked = (str(leaf.get("id")) for leaf in root.iter("layer-tree-layer") if leaf.get("checked") == "Qt::Checked")
    drawn = [layer for layer in checked if layer not in tables]
    background = [contents.layer_id(ground.name) for ground in contents.drawn()]
    layouts = fill(root, "Layouts")
    layouts.extend(overview(contents, size, layers=drawn) for size in PAGES)
    paged = (layer for layer in contents.bundle.layers if layer.record.build == "itineraries" and checked_at_first(layer))
    layouts.extend(pages(contents, layer, layers=drawn, key=background) for layer in paged)
    return document(root)


def project_element(contents: Contents) -> Element:
    """Give the project without themes and sheets, to be added to; what does not change is in ``templates/project.qgs``."""
    bundle = contents.bundle
    atlas, lang, crs = bundle.atlas, bundle.lang, project_plane(bundle.atlas)
    title = atlas.text(atlas.record.title, lang)
    grounds = contents.drawn()
    root = template("project.qgs")
    fill(root, version=VERSION, projectname=title)
    fill(root, "title", title)
    spatial_ref(fill(root, "projectCrs"), crs, description=plane_name(crs, lang=lang))
    _layer_tree(fill(root, "layer-tree-group"), contents, grounds)
    for link in contents.relations:
        relation = add(
            fill(root, "relations"),
            "relation",
            id=contents.relation_id(link),
            name=link.name,
            strength="Association",
            referencedLayer=contents.layer_id(link.parent),
            referencingLayer=contents.layer_id(link.child),
        )
        add(relation, "fieldRef", referencedField="id", referencingField=link.column)
    layers = fill(root, "projectlayers")
    for layer in bundle.layers:
        made = vector_layer(contents, layers, layer.id, layer.title(), wkb=layer.record.geometry, crs=layer.frame.crs, labels=True)
        metadata_elements(add(made, "resourceMetadata"), layer)
        style_elements(made, layer, contents)
    for table in contents.tables:
        made = vector_layer(contents, layers, table.name, table.title, wkb=None)
        table_metadata(add(made, "resourceMetadata"), atlas, table)
        table_elements(made, table, contents)
        if table.name == TITLES:
            # For forms to look up, not for readers.
            fill(made, "flags/Private", 1)
    for ground in grounds:
        labels = ground.kind in LABELLED
        made = vector_layer(contents, layers, ground.name, ground.title, wkb=ground.wkb, crs=ground.frame.crs, labels=labels)
        ground_elements(made, ground)
    for made in layers:
        # What is built is not edited.
        made.set("readOnly", "1")
    tiles = _tiles(bundle)
    if tiles:
        _tile_layer(layers, contents, tiles)
    for part, value in zip(("Red", "Green", "Blue"), bytes.fromhex(TABLE.grounds["sea"][1:]), strict=True):
        fill(root, f"properties/Gui/CanvasColor{part}Part", value)
    abstract = atlas.text(atlas.record.description, lang)
    for tag, text in {"identifier": atlas.record.id, "language": lang, "title": title, "abstract": abstract}.items():
        fill(root, f"projectMetadata/{tag}", text)
    bookmarks(fill(root, "Bookmarks"), contents, crs)
    spatial_ref(fill(root, "ProjectViewSettings/DefaultViewExtent", **view(atlas, crs)), crs)
    return root


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


def without_tiles(bundle: Bundle) -> list[str]:
    """Say that the project has no tiles to switch on, and how to have them; nothing if it has."""
    return [] if _tiles(bundle) else [Sentence("export.no_tiles", command=install("tiles"))]


def _layer_tree(top: Element, contents: Contents, grounds: list[Ground]) -> None:
    bundle = contents.bundle
    lang = bundle.lang
    groups = [(group, [layer for layer in bundle.layers if layer.record.group == group.id]) for group in bundle.atlas.record.groups]
    # QGIS draws as it lists: groups with points come before those of lines alone. No order of drawing of its own, since that would put
    # every layer a reader adds below the background.
    for group, members in sorted(groups, key=lambda pair: min(map(_above, pair[1]), default=0)):
        folder = tree_group(top, bundle.atlas.text(group.name, lang)) if members else top
        for layer in sorted(members, key=_above):
            tree_leaf(folder, contents, layer.id, layer.title(), shown=checked_at_first(layer), expanded=checked_at_first(layer))
            for table in contents.tables:
                if table.layer is layer:
                    tree_leaf(folder, contents, table.name, table.title)
    outside = [(table.name, table.title) for table in contents.tables if table.layer is None]
    ground = [(item.name, item.title) for item in grounds]
    for title, entries in ((say("gis.tables", lang=lang), outside), (say("gis.backdrop", lang=lang), ground)):
        folder = tree_group(top, title, expanded=False) if entries else top
        for name, label in entries:
            tree_leaf(folder, contents, name, label)
    tiles = _tiles(bundle)
    if tiles:
        leaf = tree_leaf(top, contents, "tiles", tiles["name"], shown=False)
        leaf.attrib.update(providerKey="wms", source=tiles["source"])


def _above(layer: ExportLayer) -> int:
    return ABOVE[layer.record.build]


def tree_group(parent: Element, name: str, *, expanded: bool = True) -> Element:
    """Append a group to the tree of layers."""
    return add(parent, "layer-tree-group", name=name, checked="Qt::Checked", expanded=int(expanded))


def tree_leaf(parent: Element, contents: Contents, name: str, title: str, *, shown: bool = True, expanded: bool = False) -> Element:
    """Append a layer of the project to its tree."""
    return add(
        parent,
        "layer-tree-layer",
        id=contents.layer_id(name),
        name=title,
        checked="Qt::Checked" if shown else "Qt::Unchecked",
        expanded=int(expanded),
        providerKey="ogr",
        source=contents.places.get(name, ""),
        legend_exp="",
        legend_split_behavior=0,
    )


def vector_layer(
    contents: Contents, layers: Element, name: str, title: str, *, wkb: str | None, crs: CRS | None = None, labels: bool = False
) -> Element:
    """Append a layer or table, as yet without its style."""
    style = {key: value for key, value in layer_attributes().items() if key not in {"version", "labelsEnabled"}}
    geometry = GEOMETRIES[wkb.removeprefix("Multi")] if wkb else "No geometry"
    made = add(layers, "maplayer", type="vector", geometry=geometry, wkbType=wkb or "NoGeometry", labelsEnabled=int(labels), **style)
    add(add(made, "map-layer-style-manager", current="default"), "map-layer-style", name="default")
    add(made, "id", contents.layer_id(name))
    add(made, "datasource", contents.places[name])
    add(made, "layername", title)
    srs = add(made, "srs")
    if crs is not None:
        spatial_ref(srs, crs)
    add(made, "provider", "ogr", encoding="UTF-8")
    return made


def _tile_layer(layers: Element, contents: Contents, tiles: dict[str, str]) -> None:
    made = add(layers, "maplayer", type="raster", styleCategories="AllStyleCategories", hasScaleBasedVisibilityFlag=0)
    add(made, "id", contents.layer_id("tiles"))
    add(made, "datasource", tiles["source"])
    add(made, "layername", tiles["name"])
    spatial_ref(add(made, "srs"), CRS.from_epsg(3857))
    metadata = add(made, "resourceMetadata")
    add(metadata, "title", tiles["name"])
    add(metadata, "rights", tiles["rights"])
    add(made, "provider", "wms")
    pipe = add(made, "pipe")
    add(pipe, "rasterrenderer", type="singlebandcolordata", band=1, opacity=1, alphaBand=-1)
