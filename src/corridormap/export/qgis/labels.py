"""Labels on the map: each name once, as ranked for every map; a corridor's number in a shield, as on its signs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from corridormap.cartography.labels import FIRST
from corridormap.cartography.symbols import TABLE, symbol_of
from corridormap.export.qgis.captions import ALONG_LINE, CURVED, LEVEL, POINTS_AROUND, label_settings, name_expression
from corridormap.export.qgis.qxml import add, collection, colour, constants, fill, identifier, literal, one_of, quoted, template
from corridormap.export.qgis.told import by_feature, label_ranks, scale_at, told_elsewhere
from corridormap.geodesic import METRES_PER_DEGREE

if TYPE_CHECKING:
    from corridormap.export.bundle import ExportLayer
    from corridormap.export.qgis.grounds import Ground

LABEL_SCALES = {"itineraries": 20_000_000, "lines": 1_500_000, "links": 750_000}
"""How a layer is built → the smallest scale its names are shown at; points have theirs from their ranks."""
SMALLEST = 60_000_000
NUMBERS_ONLY = 4_000_000
"""At smaller scales than this a corridor is labelled with its number alone."""
WATERS = 6_000_000
"""The smallest scale at which lakes are named."""
BOLD = 75
LABELLED = frozenset({"label", "water", "town"})
"""Kinds of background that are named."""
STRAY_MM = 6
"""How far a country's name may stand from its point."""
COUNTRY, WATER = "#66614f", "#24597a"
SHIELD_APART_MM, SHIELD_LEAST_MM = 55, 12
"""How often a number is repeated along its line, and how long a piece of line must be to bear one."""


def labelling(parent: Element, layer: ExportLayer) -> None:
    """Append a layer's labels: names, seen from a scale on; a numbered line bears its number in shields, and its name."""
    text = name_expression(layer)
    if layer.record.geometry == "Point":
        _points(parent, layer, text)
        return
    numbered = "number" in layer.columns
    smallest = NUMBERS_ONLY if numbered else LABEL_SCALES[layer.record.build]
    beside = Element("rules") if numbered else parent
    settings = label_settings(beside, text, placement=CURVED if layer.record.build == "itineraries" else ALONG_LINE, smallest=smallest)
    colours = _colours(layer)
    collection(settings, "dd_properties", {"Color": colours} if colours else {})
    if numbered:
        fill(settings, "placement", repeatDistance=120)
        rules = add(add(parent, "labeling", type="rule-based"), "rules", key=identifier([layer.id, "labels"]))
        for name, rule in (("shields", _shields(beside, layer)), ("names", settings)):
            add(rules, "rule", key=identifier([layer.id, "labels", name]), description=name).append(rule)


def _points(parent: Element, layer: ExportLayer, text: str) -> None:
    """Append the labels of points: by rank, and a name that another layer tells is left to that one while it does."""
    # As on every map a meeting is known by its city.
    cities = [quoted(f"city_{layer.lang}")] if f"city_{layer.lang}" in layer.columns else []
    text = f"coalesce({', '.join([*cities, text])})" if cities else text
    ranked = label_ranks(layer.atlas, layer.id, layer.lang)
    defined = {}
    if ranked:
        scales = {feature: scale_at(layer.atlas, rank.zoom) for feature, rank in ranked.items()}
        shown = [f"@map_scale <= {by_feature(scales)}"]
        told = told_elsewhere(layer.atlas, layer.record.id, layer.lang)
        text = f"if({' and '.join([*shown, *([f'not {told}'] if told else [])])}, {text}, '')"
        defined["Priority"] = by_feature({feature: max(round(10 - 1.5 * rank.rank), 0) for feature, rank in ranked.items()})
        first = [feature for feature, rank in ranked.items() if rank.rank < FIRST]
        if first:
            defined |= {"Bold": one_of("id", first)}
    settings = label_settings(parent, text, placement=POINTS_AROUND, smallest=SMALLEST)
    fill(settings, "text-format", autoWrapLength=28)
    fill(settings, "placement", dist=0.6)
    collection(settings, "dd_properties", defined)


def _shields(parent: Element, layer: ExportLayer) -> Element:
    """Append the labels that set a line's number on it: on its colour, in a square for a railway, in a round for any other way."""
    settings = label_settings(parent, f"to_string({quoted('number')})", placement=LEVEL, smallest=SMALLEST)
    text = fill(settings, "text-style", fontSize=7.5, fontWeight=BOLD, textColor=colour(TABLE.pale))
    fill(text, "text-buffer", bufferDraw=0)
    text.append(template("shield.qml"))
    fill(text, "background", shapeBorderColor=colour(TABLE.pale), shapeFillColor=colour(layer.record.style.symbol.colour))
    fill(settings, "placement", repeatDistance=SHIELD_APART_MM, priority=9)
    fill(settings, "rendering", labelPerPart=1, minFeatureSize=SHIELD_LEAST_MM, zIndex=1)
    defined = {"ShapeFillColor": _colours(layer)}
    if "mode" in layer.columns:
        defined["ShapeRadii"] = f"if({quoted('mode')} = 'rail', '0.3,0.3', '1.7,1.7')"
    collection(settings, "dd_properties", {name: expression for name, expression in defined.items() if expression})
    return settings


def ground_labels(parent: Element, ground: Ground) -> None:
    """Append the labels of a layer of the background, if it has any: countries and seas, lakes, towns."""
    if not ground.labels or ground.kind not in LABELLED:
        return
    style: dict[str, object]
    placement: dict[str, object]
    defined: dict[str, str] = {}
    if ground.kind == "town":
        settings = label_settings(parent, f"if({ground.seen}, {ground.labels}, '')", placement=POINTS_AROUND, smallest=SMALLEST)
        style, placement = {"fontSize": 7, "textColor": colour(TABLE.grounds["town"])}, {"priority": 1, "dist": 0.6}
    elif ground.kind == "water":
        settings = label_settings(parent, ground.labels, placement=LEVEL, smallest=WATERS)
        style, placement = {"fontSize": 7, "fontItalic": 1, "textColor": colour(WATER)}, {"priority": 2}
    else:
        # A name that may move a little finds a place more often; within an area, its middle may lie anywhere.
        metres = f"@map_scale * {STRAY_MM / 1000:g}"
        reach = f"{metres} / {METRES_PER_DEGREE:.0f}" if ground.frame.crs.is_geographic else metres
        settings = label_settings(parent, f"upper({ground.labels})", placement=LEVEL, smallest=SMALLEST)
        style = {"fontSize": 8.5, "fontWeight": BOLD, "fontLetterSpacing": 1, "textColor": colour(COUNTRY)}
        placement = {
            "priority": 7,
            "geometryGenerator": f"buffer($geometry, {reach})",
            "geometryGeneratorType": "PolygonGeometry",
            "geometryGeneratorEnabled": 1,
        }
        land = f"{quoted('kind')} = 'country'" if "kind" in ground.frame else "true"
        defined = {"Color": f"if({land}, {literal(COUNTRY)}, {literal(WATER)})", "Italic": f"not {land}"}
    fill(settings, "text-style", **style)
    fill(settings, "placement", **placement)
    collection(settings, "dd_properties", defined)


def _colours(layer: ExportLayer) -> str | None:
    """Give each line's label the colour of its line, as a QGIS expression; None where labels have one colour."""
    style = layer.record.style
    if style.by is None or style.by not in layer.columns:
        return None
    colours = {value: literal(symbol_of(style, value).colour) for value in style.values}
    return constants(style.by, colours, otherwise=literal(style.symbol.colour)) if colours else None
