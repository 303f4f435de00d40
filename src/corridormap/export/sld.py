"""A layer's style as OGC Styled Layer Descriptor 1.0, for GeoServer, MapServer and others that do not read QML.

Simple and right: one rule a category with its casing, line, dashes or point shape. Doubt along a part of a line and labels stay with QML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from corridormap.cartography.symbols import TABLE, Stroke, dash_lengths, strokes, symbol_of
from corridormap.export.qgis.qxml import add

if TYPE_CHECKING:
    from corridormap.export.bundle import ExportLayer
    from corridormap.model import Symbol

SLD = "http://www.opengis.net/sld"
OGC = "http://www.opengis.net/ogc"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SHAPES = {"circle": "circle", "square": "square", "triangle": "triangle", "star": "star", "diamond": "square"}
"""SLD's well-known marks; a diamond is a square turned by 45°."""


def sld(layer: ExportLayer) -> str:
    """Give the text of a layer's SLD."""
    style, point = layer.record.style, layer.record.geometry == "Point"
    categories: list[tuple[str | None, str]] = [*layer.categories().items()] or [(None, layer.title())]
    # Filters alone are of the namespace ogc.
    namespaces = ({"xmlns:ogc": OGC} if layer.categories() else {}) | {"xmlns:sld": SLD, "xmlns:xsi": XSI}
    about = {"version": "1.0.0", "xsi:schemaLocation": f"{SLD} StyledLayerDescriptor.xsd"}
    root = ET.Element("sld:StyledLayerDescriptor", namespaces | about)
    named = add(root, "sld:NamedLayer")
    add(named, "sld:Name", layer.id)
    user = add(named, "sld:UserStyle")
    add(user, "sld:Name", layer.id)
    add(user, "sld:Title", layer.title())
    add(user, "sld:Abstract", layer.summary())
    # One FeatureTypeStyle a level, so that no casing lies over another line's colour.
    for level in ("casing", "line") if style.casing and not point else ("line",):
        drawn = add(user, "sld:FeatureTypeStyle")
        for value, label in categories:
            rule = add(drawn, "sld:Rule")
            add(rule, "sld:Name", f"{value or layer.id} {level}" if level == "casing" else value or layer.id)
            if level == "line":
                add(rule, "sld:Title", label)
            if value is not None:
                equal = add(add(rule, "ogc:Filter"), "ogc:PropertyIsEqualTo")
                add(equal, "ogc:PropertyName", style.by)
                add(equal, "ogc:Literal", value)
            symbol = symbol_of(style, value)
            if point:
                _point(rule, symbol)
                continue
            for stroke in strokes(symbol, mode=value if style.by == "mode" else None, casing=style.casing):
                if stroke.part == level:
                    _line(rule, stroke)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _line(rule: ET.Element, stroke: Stroke) -> None:
    drawn = add(add(rule, "sld:LineSymbolizer"), "sld:Stroke")
    settings = {"stroke": stroke.colour, "stroke-width": f"{stroke.width:g}", "stroke-linejoin": "round"}
    dashes = " ".join(f"{length:g}" for length in dash_lengths(stroke.dash))
    settings |= {"stroke-dasharray": dashes} if dashes else {"stroke-linecap": "round"}
    for name, value in settings.items():
        add(drawn, "sld:CssParameter", value, name=name)


def _point(rule: ET.Element, symbol: Symbol) -> None:
    graphic = add(add(rule, "sld:PointSymbolizer"), "sld:Graphic")
    mark = add(graphic, "sld:Mark")
    add(mark, "sld:WellKnownName", SHAPES[symbol.shape or "circle"])
    add(add(mark, "sld:Fill"), "sld:CssParameter", symbol.colour, name="fill")
    stroke = add(mark, "sld:Stroke")
    add(stroke, "sld:CssParameter", TABLE.pale, name="stroke")
    add(stroke, "sld:CssParameter", "1", name="stroke-width")
    add(graphic, "sld:Size", f"{symbol.size or 8.0:g}")
    if symbol.shape == "diamond":
        add(graphic, "sld:Rotation", "45")
