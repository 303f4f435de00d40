"""A layer's QGIS style (QML): renderer, labels, aliases, value maps, map tip. The one translation that every QGIS target uses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from corridormap.cartography.symbols import TABLE
from corridormap.export.qgis.captions import display_expression, map_tip
from corridormap.export.qgis.labels import ground_labels, labelling
from corridormap.export.qgis.qxml import VERSION, add, document, quoted, template
from corridormap.export.qgis.symbols import fill_symbol, layer_symbol, marker, outline_symbol, plain_line
from corridormap.export.qgis.tabs import field_elements
from corridormap.model import Symbol

if TYPE_CHECKING:
    from corridormap.export.bundle import ExportLayer
    from corridormap.export.qgis.contents import Contents, Table
    from corridormap.export.qgis.grounds import Ground

LINES = {"boundary": "boundary", "river": "shore"}
"""Kind of background → colour of its line."""
AREAS = {"land": ("land", "shore"), "country": ("country", None), "water": ("sea", "shore")}
"""Kind of background → fill and outline."""
GEOMETRY_TYPES = {"Point": 0, "LineString": 1, "MultiLineString": 1, None: 4}


def qml(layer: ExportLayer, contents: Contents | None = None, *, truths: str = "boolean") -> str:
    """Give the text of a layer's QML; see `style_elements`. ``truths`` is the type that truth values have in the file."""
    root = Element("qgis", layer_attributes())
    style_elements(root, layer, contents, alone=True, truths=truths)
    add(root, "layerGeometryType", GEOMETRY_TYPES[layer.record.geometry])
    return document(root)


def table_qml(table: Table, contents: Contents) -> str:
    """Give the text of a table's QML."""
    root = Element("qgis", layer_attributes() | {"labelsEnabled": "0"})
    table_elements(root, table, contents, alone=True)
    add(root, "layerGeometryType", GEOMETRY_TYPES[None])
    return document(root)


def layer_attributes() -> dict[str, str]:
    """Give the attributes of a layer: simplified while it is drawn, seen at every scale."""
    return {**template("layer.qml").attrib, "version": VERSION}


def style_elements(parent: Element, layer: ExportLayer, contents: Contents | None, *, alone: bool = False, truths: str = "boolean") -> None:
    """Append everything that a QML and a project's layer have in common; for `alone` and `truths` see `field_elements`."""
    drawings = {} if contents is None else contents.drawings
    if layer.id not in drawings:
        drawings[layer.id] = _drawing(layer)
    parent.extend(drawings[layer.id])
    field_elements(parent, layer, contents, alone=alone, truths=truths)
    add(parent, "previewExpression", display_expression(layer))
    add(parent, "mapTip", map_tip(layer))


def _drawing(layer: ExportLayer) -> list[Element]:
    """Make what a style says of how a layer is drawn and labelled."""
    parent = Element("qgis")
    parent.extend(template("layer.qml"))
    renderer(parent, layer)
    labelling(parent, layer)
    for tag, value in (("blendMode", 0), ("featureBlendMode", 0), ("layerOpacity", 1)):
        add(parent, tag, value)
    return list(parent)


def table_elements(parent: Element, table: Table, contents: Contents, *, alone: bool = False) -> None:
    """Append what a table without geometry has: aliases and value maps."""
    parent.extend(template("layer.qml"))
    field_elements(parent, table, contents, alone=alone)
    # What a row of a table between others points to is told by its titles.
    pointing = "represent_value(\"layer\") || if(coalesce(\"feature\", '') = '', '', ': ' || represent_value(\"feature\"))"
    add(parent, "previewExpression", pointing if {"layer", "feature"} <= set(table.columns) else quoted(table.shown))


def ground_elements(parent: Element, ground: Ground) -> None:
    """Append renderer and labels of a layer of the background."""
    if ground.kind == "label":
        add(parent, "renderer-v2", type="nullSymbol")
    else:
        drawn = add(parent, "renderer-v2", type="singleSymbol", symbollevels=0, enableorderby=0, forceraster=0, referencescale=-1)
        symbols = add(drawn, "symbols")
        if ground.kind in LINES:
            plain_line(symbols, "0", TABLE.grounds[LINES[ground.kind]], 1.0)
        elif ground.kind == "outline":
            outline_symbol(symbols, "0", cut=ground.frame.crs.is_geographic and abs(ground.frame.total_bounds[[0, 2]]).max() >= 180)
        elif ground.kind == "town":
            marker(symbols, "0", Symbol(colour=TABLE.grounds["town"], size=4.0), seen=ground.seen)
        else:
            area, outline = AREAS[ground.kind]
            fill_symbol(symbols, "0", TABLE.grounds[area], outline and TABLE.grounds[outline])
    ground_labels(parent, ground)


def renderer(parent: Element, layer: ExportLayer, *, others: str | None = None) -> None:
    """Append how features are drawn; those whose value the style does not name are not, unless `others` says what they are called."""
    style = layer.record.style
    common = {"forceraster": 0, "enableorderby": 0, "referencescale": -1, "symbollevels": int(style.casing is not None)}
    if style.by is None or not style.values:
        single = add(parent, "renderer-v2", type="singleSymbol", **common)
        layer_symbol(add(single, "symbols"), "0", layer, None)
        return
    made = add(parent, "renderer-v2", type="categorizedSymbol", attr=style.by, **common)
    categories, symbols = add(made, "categories"), add(made, "symbols")
    for index, (value, label) in enumerate(layer.categories().items()):
        add(categories, "category", value=value, label=label, symbol=index, render="true", type="string", uuid=index)
        layer_symbol(symbols, str(index), layer, value)
    if others is not None:
        add(categories, "category", value="", label=others, symbol="others", render="true", type="string")
        layer_symbol(symbols, "others", layer, None)
    add(made, "rotation")
    add(made, "sizescale")
