"""A layer's style as OGC Styled Layer Descriptor 1.0, for GeoServer, MapServer and others that do not read QML.

Simple and right: one rule a category with its casing, line, dashes or point shape. Doubt along a part of a line and labels stay with QML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from corridormap.cartography.symbols import TABLE, Stroke, dash_lengths, strokes, symbol_of
from corridormap.export.qxml import clean

if TYPE_CHECKING:
    from corridormap.export.bundle import ExportLayer
    from corridormap.model import Symbol

__all__ = ["sld"]

SLD = "http://www.opengis.net/sld"
OGC = "http://www.opengis.net/ogc"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SHAPES = {"circle": "circle", "square": "square", "triangle": "triangle", "star": "star", "diamond": "square"}
"""SLD's well-known marks; a diamond is a square turned by 45°."""


def sld(layer: ExportLayer) -> str:
    """Give the text of a layer's SLD."""
    for prefix, address in (("sld", SLD), ("ogc", OGC), ("xsi", XSI)):
        ET.register_namespace(prefix, address)
    root = ET.Element(
        f"{{{SLD}}}StyledLayerDescriptor", {"version": "1.0.0", f"{{{XSI}}}schemaLocation": f"{SLD} StyledLayerDescriptor.xsd"}
    )
    named = _sld(root, "NamedLayer")
    _sld(named, "Name", layer.id)
    user = _sld(named, "UserStyle")
    _sld(user, "Name", layer.id)
    _sld(user, "Title", layer.title())
    _sld(user, "Abstract", layer.summary())
    style = layer.record.style
    kinds: list[tuple[str | None, str]] = [*layer.categories().items()] if style.by and style.values else [(None, layer.title())]
    # One FeatureTypeStyle a level, so that no casing lies over another line's colour.
    levels = ["casing", "line"] if style.casing and layer.record.geometry != "Point" else ["line"]
    for level in levels:
        drawn = _sld(user, "FeatureTypeStyle")
        for value, label in kinds:
            rule = _sld(drawn, "Rule")
            _sld(rule, "Name", f"{value or layer.id} {level}" if level == "casing" else value or layer.id)
            if level == "line":
                _sld(rule, "Title", label)
            if value is not None:
                equal = ET.SubElement(ET.SubElement(rule, f"{{{OGC}}}Filter"), f"{{{OGC}}}PropertyIsEqualTo")
                ET.SubElement(equal, f"{{{OGC}}}PropertyName").text = clean(style.by)
                ET.SubElement(equal, f"{{{OGC}}}Literal").text = clean(value)
            symbol = symbol_of(style, value)
            if layer.record.geometry == "Point":
                _point(rule, symbol)
            for stroke in strokes(symbol, mode=value if style.by == "mode" else None, casing=style.casing):
                if layer.record.geometry != "Point" and stroke.part == level:
                    _line(rule, stroke)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _sld(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{SLD}}}{tag}", attributes)
    if text is not None:
        child.text = clean(text)
    return child


def _line(rule: ET.Element, stroke: Stroke) -> None:
    drawn = _sld(_sld(rule, "LineSymbolizer"), "Stroke")
    _sld(drawn, "CssParameter", stroke.colour, name="stroke")
    _sld(drawn, "CssParameter", f"{stroke.width:g}", name="stroke-width")
    _sld(drawn, "CssParameter", "round", name="stroke-linejoin")
    if stroke.dash:
        _sld(drawn, "CssParameter", " ".join(f"{length:g}" for length in dash_lengths(stroke.dash)), name="stroke-dasharray")
    else:
        _sld(drawn, "CssParameter", "round", name="stroke-linecap")


def _point(rule: ET.Element, symbol: Symbol) -> None:
    graphic = _sld(_sld(rule, "PointSymbolizer"), "Graphic")
    mark = _sld(graphic, "Mark")
    _sld(mark, "WellKnownName", SHAPES[symbol.shape or "circle"])
    _sld(_sld(mark, "Fill"), "CssParameter", symbol.colour, name="fill")
    stroke = _sld(mark, "Stroke")
    _sld(stroke, "CssParameter", TABLE.pale, name="stroke")
    _sld(stroke, "CssParameter", "1", name="stroke-width")
    _sld(graphic, "Size", f"{symbol.size or 8.0:g}")
    if symbol.shape == "diamond":
        _sld(graphic, "Rotation", "45")
