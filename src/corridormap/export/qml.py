"""A layer's QGIS style (QML): renderer, labels, aliases, value maps, map tip. The one translation that every QGIS target uses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from corridormap.cartography.symbols import TABLE
from corridormap.export.captions import display_expression, map_tip
from corridormap.export.labels import ground_labels, labelling
from corridormap.export.qxml import VERSION, add, document, option, quoted, template
from corridormap.export.symbols import fill_symbol, layer_symbol, marker, outline_symbol, plain_line
from corridormap.model import Symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridormap.export.bundle import ExportLayer
    from corridormap.export.contents import Ground, Table

__all__ = ["ground_elements", "layer_attributes", "qml", "style_elements", "table_elements", "table_qml"]

LINES = {"boundary": "boundary", "river": "shore"}
"""Kind of background → colour of its line."""
AREAS = {"land": ("land", "shore"), "country": ("country", None), "water": ("sea", "shore")}
"""Kind of background → fill and outline."""
GEOMETRY_TYPES = {"Point": 0, "LineString": 1, "MultiLineString": 1, None: 4}


def qml(layer: ExportLayer, *, first_columns: Sequence[str] = ()) -> str:
    """Give the text of a layer's QML; see `style_elements`."""
    root = Element("qgis", layer_attributes())
    style_elements(root, layer, first_columns=first_columns)
    add(root, "layerGeometryType", GEOMETRY_TYPES[layer.record.geometry])
    return document(root)


def table_qml(table: Table, *, first_columns: Sequence[str] = ()) -> str:
    """Give the text of a table's QML."""
    root = Element("qgis", layer_attributes() | {"labelsEnabled": "0"})
    table_elements(root, table, first_columns=first_columns)
    add(root, "layerGeometryType", GEOMETRY_TYPES[None])
    return document(root)


def layer_attributes() -> dict[str, str]:
    """Give the attributes of a layer: simplified while it is drawn, seen at every scale."""
    return {**template("layer.qml").attrib, "version": VERSION}


def style_elements(parent: Element, layer: ExportLayer, *, first_columns: Sequence[str] = ()) -> None:
    """Append everything that a QML and a project's layer have in common.

    Parameters
    ----------
    parent : Element
        ``qgis`` or ``maplayer``.
    layer : ExportLayer
        The layer.
    first_columns : sequence of str
        Columns that the format puts before the layer's own, such as GeoPackage's ``fid``.
    """
    parent.extend(template("layer.qml"))
    _renderer(parent, layer)
    labelling(parent, layer)
    add(parent, "blendMode", 0)
    add(parent, "featureBlendMode", 0)
    add(parent, "layerOpacity", 1)
    _fields(parent, layer, first_columns)
    add(parent, "previewExpression", display_expression(layer))
    add(parent, "mapTip", map_tip(layer))


def table_elements(parent: Element, table: Table, *, first_columns: Sequence[str] = ()) -> None:
    """Append what a table without geometry has: aliases and value maps."""
    parent.extend(template("layer.qml"))
    _fields(parent, table, first_columns)
    add(parent, "previewExpression", quoted(table.shown))


def ground_elements(parent: Element, ground: Ground) -> None:
    """Append renderer and labels of a layer of the background."""
    if ground.kind == "label":
        add(parent, "renderer-v2", type="nullSymbol")
    else:
        renderer = add(parent, "renderer-v2", type="singleSymbol", symbollevels=0, enableorderby=0, forceraster=0, referencescale=-1)
        symbols = add(renderer, "symbols")
        if ground.kind in LINES:
            plain_line(symbols, "0", TABLE.grounds[LINES[ground.kind]], 1.0)
        elif ground.kind == "outline":
            outline_symbol(symbols, "0")
        elif ground.kind == "town":
            marker(symbols, "0", Symbol(colour=TABLE.grounds["town"], size=4.0), seen=ground.seen)
        else:
            area, outline = AREAS[ground.kind]
            fill_symbol(symbols, "0", TABLE.grounds[area], outline and TABLE.grounds[outline])
    ground_labels(parent, ground)


def _renderer(parent: Element, layer: ExportLayer) -> None:
    style = layer.record.style
    common = {"forceraster": 0, "enableorderby": 0, "referencescale": -1, "symbollevels": int(style.casing is not None)}
    if style.by is None or not style.values:
        renderer = add(parent, "renderer-v2", type="singleSymbol", **common)
        layer_symbol(add(renderer, "symbols"), "0", layer, None)
        return
    renderer = add(parent, "renderer-v2", type="categorizedSymbol", attr=style.by, **common)
    categories, symbols = add(renderer, "categories"), add(renderer, "symbols")
    for index, (value, label) in enumerate(layer.categories().items()):
        add(categories, "category", value=value, label=label, symbol=index, render="true", type="string")
        layer_symbol(symbols, str(index), layer, value)
    add(renderer, "rotation")
    add(renderer, "sizescale")


def _fields(parent: Element, described: ExportLayer | Table, first_columns: Sequence[str]) -> None:
    """Append what QGIS knows of each column: widget, alias, whether the table shows it."""
    columns, aliases, words = [*first_columns, *described.columns], described.aliases(), described.meanings()
    hidden = {*first_columns, *described.foreign}
    configuration = add(parent, "fieldConfiguration")
    for column in columns:
        field = add(configuration, "field", name=column, configurationFlags="None")
        kind = "Hidden" if column in hidden else "ValueMap" if words[column] else ""
        widget = add(add(field, "editWidget", type=kind), "config")
        if kind == "ValueMap":
            option(widget, {"map": [{label: value} for value, label in words[column].items()]})
        else:
            add(widget, "Option")
    names = add(parent, "aliases")
    for index, column in enumerate(columns):
        add(names, "alias", field=column, index=index, name=aliases.get(column, ""))
    table = add(parent, "attributetableconfig", actionWidgetStyle="dropDown", sortExpression="", sortOrder=0)
    listed = add(table, "columns")
    for column in columns:
        add(listed, "column", type="field", name=column, hidden=int(column in hidden), width=-1)
    add(listed, "column", type="actions", hidden=1, width=-1)
