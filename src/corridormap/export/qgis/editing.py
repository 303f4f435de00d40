"""A QGIS project through which the facts themselves are edited: nodes and links, and what the atlas keeps as points and lines."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyproj import CRS

from corridormap.antimeridian import continuous
from corridormap.atlas import LINKS, NODES
from corridormap.errors import UsageError
from corridormap.export.bundle import LONLAT, Bundle
from corridormap.export.format import Format, Written
from corridormap.export.qgis.captions import ALONG_LINE, POINTS_AROUND, display_expression, label_settings, map_tip
from corridormap.export.qgis.contents import Contents, refuse_alike
from corridormap.export.qgis.edited import LINKS_LAYER, NODES_LAYER, TRUTHS, edited_files, form_of, relations
from corridormap.export.qgis.forms import form_elements
from corridormap.export.qgis.grounds import Ground, grounds_of
from corridormap.export.qgis.project import project_element, qgz, tree_group, tree_leaf, vector_layer, without_tiles
from corridormap.export.qgis.qml import renderer
from corridormap.export.qgis.qxml import add, collection, colour, document, fill, quoted, spatial_ref
from corridormap.words import say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from corridormap.atlas import Atlas
    from corridormap.export.qgis.edited import Edited

AS_TEXT = "|option:DATE_AS_STRING=YES"
"""Else GDAL takes a date for one, and saves it with strokes."""
SNAP_PIXELS = 12
BY_LAYER, PIXELS, VERTEX, LINE_END = 3, 1, 1, 32
"""QGIS's numbers: each layer's own snapping, in pixels, to vertices or to the ends of lines alone."""
OTHER_ID = (
    "Facts are called edit_ and the layer's id here, nodes and links edit_nodes and edit_links. Give the layer another id in atlas.toml."
)
TITLE = 40
"""So many letters of a source's title stand in a list beside its id."""
LABELS = {"nodes": 4_000_000, "links": 500_000}
"""The smallest scale at which names stand at nodes, and ids at links."""


def write(bundle: Bundle, target: Path) -> Written:
    """Write the project to a file in a folder beside the place that it is to have; counted are the features that may be edited.

    Raises
    ------
    UsageError
        If the atlas's files may not be written.
    """
    atlas = bundle.atlas
    _refuse_packaged(atlas)
    edited = edited_files(atlas, bundle.lang)
    built = [layer for layer in bundle.layers if layer.record.build == "itineraries"]
    contents = Contents(replace(bundle, layers=built), [], relations(edited, lang=bundle.lang), grounds_of(bundle))
    if atlas.record.outline is not None:
        frame, title = atlas.facts(atlas.record.outline), say("gis.outline", lang=bundle.lang)
        # Undermost: it is there to be asked, not to be seen.
        contents.grounds.append(Ground("outline", title, "land", frame, None, None, atlas.record.outline))
    shown = [*(ground.name for ground in contents.grounds), *(item.name for item in edited)]
    own = ["sources", TRUTHS, *shown, *(layer.id for layer in built)]
    refuse_alike(atlas, own, hint=OTHER_ID)
    paths = {item.name: item.path + AS_TEXT for item in edited}
    paths |= {layer.id: f"layers/{layer.id}.geojson" for layer in built} | {ground.name: ground.path for ground in contents.grounds}
    home = target.parent.parent
    beside = home.is_relative_to(atlas.folder.resolve().parent)
    contents.places = {name: _place(atlas, home, path, beside=beside) for name, path in paths.items()}
    contents.places |= {"sources": _sources(atlas), TRUTHS: _truths(bundle.lang)}
    root = project_element(contents)
    _in_degrees(root, continuous(atlas.record.view))
    for layer in built:
        fill(root, f".//layer-tree-layer[@id='{contents.layer_id(layer.id)}']", checked="Qt::Unchecked", expanded=0)
    _add_facts(root, contents, edited)
    _digitizing(root, contents)
    if not beside:
        fill(root, "properties/Paths/Absolute", "true")
        bundle.notes.append("the project does not stand beside the atlas: it names the files by their full paths")
    target.write_bytes(qgz(document(root), target.stem))
    return Written({item.layer.id: len(item.layer.frame) for item in edited}, without_tiles(bundle))


FORMAT = Format("qgis --edit", ".qgz", "file", "QGIS project to edit the facts", write, any_crs=False)


def _refuse_packaged(atlas: Atlas) -> None:
    """Refuse an atlas whose files no one may write, or the next installation replaces."""
    package = Path(__file__).parents[2]
    files = [atlas.folder / name for name in (NODES, LINKS)]
    if atlas.folder.resolve().is_relative_to(package) or not all(os.access(file, os.W_OK) for file in files):
        hint = "Copy the folder, or make an atlas with `corridormap new`, and give it with --geodata."
        raise UsageError(f"{atlas.folder} is not yours to edit: it belongs to the package or cannot be written", hint=hint)


def _place(atlas: Atlas, home: Path, path: str, *, beside: bool) -> str:
    """Give the path of a file of the atlas, as the project names it."""
    whole = atlas.folder.resolve() / path
    if not beside:
        return whole.as_posix()
    near = Path(os.path.relpath(whole, home)).as_posix()
    return near if near.startswith("../") else f"./{near}"


def _sources(atlas: Atlas) -> str:
    """Give the sources as a layer that needs no file: what QGIS reads is the query."""
    texts = [(source.id, f"{source.title} ({source.publisher})", source.url or "") for source in atlas.sources.values()]
    rows = ", ".join(f"({number}, {', '.join(map(_sql, row))})" for number, row in enumerate(sorted(texts), start=1))
    # Without a row it is no SQL; then QGIS knows the columns by the comments alone.
    listed = f"(VALUES {rows})" if rows else "(VALUES (0, '', '', '')) WHERE column1 > 0"
    columns = ", ".join(f"CAST(column{number} AS TEXT) AS {name} /*:text*/" for number, name in ((2, "id"), (3, "title"), (4, "url")))
    query = f"SELECT CAST(column1 AS INTEGER) AS number /*:int*/, {columns} FROM {listed}"  # noqa: S608  quoted, and read by QGIS alone
    return f"?query={quote(query, safe='')}&uid=number&nogeometry"


def _truths(lang: str) -> str:
    """Give what true and false are called, in the same way; QGIS writes 1 and 0 as truth values."""
    yes, no = (_sql(say(word, lang=lang)) for word in ("yes", "no"))
    query = f"SELECT 1 AS value /*:int*/, {yes} AS word /*:text*/ UNION ALL SELECT 0, {no}"
    return f"?query={quote(query, safe='')}&uid=value&nogeometry"


def _sql(text: str) -> str:
    return "'" + text.replace("\0", "").replace("'", "''") + "'"


def _add_facts(root: Element, contents: Contents, edited: list[Edited]) -> None:
    """Add the layers that are edited, above all others, and the table of sources."""
    lang, layers, top = contents.bundle.lang, fill(root, "projectlayers"), fill(root, "layer-tree-group")
    group = tree_group(top, say("gis.edit", lang=lang))
    top.remove(group)
    top.insert(0, group)
    for item in edited:
        network = item.path in {NODES, LINKS}
        tree_leaf(group, contents, item.name, item.layer.title(), shown=network)
        geometry = item.layer.record.geometry
        made = vector_layer(contents, layers, item.name, item.layer.title(), wkb=geometry, crs=item.layer.frame.crs, labels=network)
        _drawn(made, item)
        form_elements(made, form_of(contents, item))
    table = _virtual(group, layers, contents, "sources", say("labels.sources", lang=lang))
    # No wider than a form: a list is as wide as its longest line.
    add(table, "previewExpression", f"{quoted('id')} || ' – ' || left({quoted('title')}, {TITLE})")
    if any(item.truths for item in edited):
        add(add(_virtual(group, layers, contents, TRUTHS, TRUTHS), "flags"), "Private", 1)


def _virtual(group: Element, layers: Element, contents: Contents, name: str, title: str) -> Element:
    """Add a table that needs no file, to look values up in."""
    tree_leaf(group, contents, name, title).set("providerKey", "virtual")
    table = vector_layer(contents, layers, name, title, wkb=None)
    table.set("readOnly", "1")
    fill(table, "provider", "virtual")
    return table


def _drawn(made: Element, item: Edited) -> None:
    """Append how a layer is drawn and named; whatever its values are, no feature is unseen."""
    layer = item.layer
    renderer(made, layer, others=say("gis.others", lang=layer.lang))
    if layer.id in LABELS:
        points = layer.record.geometry == "Point"
        text = display_expression(layer) if points else quoted("id")
        settings = label_settings(made, text, placement=POINTS_AROUND if points else ALONG_LINE, smallest=LABELS[layer.id])
        fill(settings, "text-style", textColor=colour("#1d2327"))
        collection(settings, "dd_properties", {})
    add(made, "previewExpression", f"{display_expression(layer)} || ' (' || {quoted('id')} || ')'")
    add(made, "mapTip", map_tip(layer))


def _in_degrees(root: Element, view: tuple[float, float, float, float]) -> None:
    """Let the map be in longitude and latitude: in any other CRS QGIS sees nothing meet, and moves a node without its links."""
    settings = fill(root, "ProjectViewSettings/DefaultViewExtent", **dict(zip(("xmin", "ymin", "xmax", "ymax"), view, strict=True)))
    for place in (fill(root, "projectCrs"), settings):
        for old in place.findall("spatialrefsys"):
            place.remove(old)
        spatial_ref(place, CRS.from_user_input(LONLAT))


def _digitizing(root: Element, contents: Contents) -> None:
    """Let ends snap to nodes, and nodes to ends; not to the vertices between, which lie close. What meets moves together."""
    common = {"enabled": 1, "tolerance": SNAP_PIXELS}
    snapping = add(root, "snapping-settings", mode=BY_LAYER, unit=PIXELS, type=VERTEX, **common)
    snapping.attrib.update({"intersection-snapping": "0", "self-snapping": "0"})
    listed = add(snapping, "individual-layer-settings")
    for name, kind in ((NODES_LAYER, VERTEX), (LINKS_LAYER, LINE_END)):
        add(listed, "layer-setting", id=contents.layer_id(name), type=kind, units=PIXELS, minScale=0, maxScale=0, **common)
    add(add(fill(root, "properties"), "Digitizing"), "TopologicalEditing", 1, type="int")
    # From 3.26 on all layers are edited and saved together; before, one by one.
    root.remove(fill(root, "autotransaction"))
    add(root, "transaction", mode="BufferedGroups")
