"""Labels on the map and map tips, in the reader's language; what comes from a property is escaped before it meets HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from corridormap.export.qxml import add, clean, collection, colour, literal, quoted
from corridormap.export.symbols import drawn_as
from corridormap.words import meanings, say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import ExportLayer

__all__ = ["display_expression", "kinds", "label_settings", "labelling", "map_tip", "name_expression"]

LABEL_SCALES = {
    "itineraries": 20_000_000,
    "lines": 1_500_000,
    "points": 8_000_000,
    "crossings": 3_000_000,
    "places": 20_000_000,
    "links": 750_000,
}
"""How a layer is built → the smallest scale its labels are shown at."""
NUMBERS_ONLY = 4_000_000
"""At smaller scales than this a corridor is labelled with its number alone."""
EVERY_PLACE = 1_500_000
"""From this scale on every place is named; before, those with many inhabitants for the scale."""
TWIN_DEGREES = 0.5
PEOPLE = 80
"""A scale of 1:16 000 000 asks for 16 000 000 / 80 inhabitants."""
_BOLD = 75
POINTS_AROUND = 6
ALONG_LINE = 2
CURVED = 3


def name_expression(layer: ExportLayer) -> str:
    """A feature's name in the language of the export, as a QGIS expression."""
    wanted = [f"name_{layer.lang}", *(f"name_{lang}" for lang in layer.atlas.languages), "id"]
    columns = [quoted(column) for column in dict.fromkeys(wanted) if column in layer.columns]
    return f"coalesce({', '.join(columns)})"


def display_expression(layer: ExportLayer) -> str:
    """What a feature is called in lists: number and name."""
    name = name_expression(layer)
    return f"coalesce(to_string({quoted('number')}) || '. ', '') || {name}" if "number" in layer.columns else name


def labelling(parent: Element, layer: ExportLayer) -> None:
    """Append the labels: names, seen from a scale on; at small scales a numbered line bears its number."""
    points = layer.record.geometry == "Point"
    numbered = "number" in layer.columns
    text = name_expression(layer)
    if numbered:
        number = f"to_string({quoted('number')})"
        text = f"if(@map_scale > {NUMBERS_ONLY}, {number}, {number} || '. ' || {text})"
    if layer.record.build == "places" and "population" in layer.columns:
        large = f"coalesce({quoted('population')}, 0) >= @map_scale / {PEOPLE}"
        twins = _twins(layer)
        once = f" and {quoted('id')} not in ({', '.join(map(literal, twins))})" if twins else ""
        text = f"if(@map_scale <= {EVERY_PLACE} or ({large}{once}), {text}, '')"
    label_settings(
        add(parent, "labeling", type="simple"),
        expression=text,
        colours=_colours(layer),
        size=9 if numbered else 8,
        bold=numbered,
        placement=POINTS_AROUND if points else (CURVED if numbered else ALONG_LINE),
        smallest=LABEL_SCALES[layer.record.build],
        repeat=60 if numbered else 0,
        priority=9 if numbered else 5,
        wrap=28 if points else 0,
        # A number stands on its line, a name above it.
        beside=f"if(@map_scale > {NUMBERS_ONLY}, 'OL,AL', 'AL')" if numbered else None,
    )


def label_settings(
    labels: Element,
    *,
    expression: str,
    colours: str | None,
    size: float,
    placement: int,
    smallest: int,
    bold: bool = False,
    italic: bool = False,
    repeat: float = 0,
    priority: int = 5,
    ink: str = "#1d2327",
    wrap: int = 0,
    beside: str | None = None,
) -> None:
    """Append the settings of QGIS's labelling engine.

    No font is named, so that QGIS takes the reader's own and misses none.
    """
    settings = add(labels, "settings", calloutType="simple")
    style = add(
        settings,
        "text-style",
        fieldName=expression,
        isExpression=1,
        fontSize=size,
        fontSizeUnit="Point",
        fontWeight=_BOLD if bold else 50,
        fontItalic=int(italic),
        textColor=colour(ink),
        textOpacity=1,
        multilineHeight=1,
    )
    add(
        style,
        "text-buffer",
        bufferDraw=1,
        bufferColor=colour("#ffffff"),
        bufferSize=0.8,
        bufferSizeUnits="MM",
        bufferOpacity=0.9,
        bufferNoFill=1,
        bufferJoinStyle=128,
    )
    add(settings, "text-format", multilineAlign=3, formatNumbers=0, wrapChar="", autoWrapLength=wrap, useMaxLineLengthForAutoWrap=1)
    add(
        settings,
        "placement",
        placement=placement,
        # On and above the line, the right way up.
        placementFlags=11,
        predefinedPositionOrder="R,TR,BR,L,TL,BL,TSR,BSR",
        offsetType=1,
        dist=0.6 if placement == POINTS_AROUND else 1,
        distUnits="MM",
        repeatDistance=repeat,
        repeatDistanceUnits="MM",
        priority=priority,
    )
    add(
        settings,
        "rendering",
        drawLabels=1,
        scaleVisibility=1,
        scaleMin=0,
        scaleMax=smallest,
        obstacle=1,
        obstacleFactor=1,
        mergeLines=0,
        labelPerPart=0,
        minFeatureSize=0,
        displayAll=0,
        upsidedownLabels=0,
        fontMinPixelSize=3,
        fontMaxPixelSize=10000,
    )
    defined = {"Color": colours, "LinePlacementOptions": beside}
    collection(settings, "dd_properties", {name: given for name, given in defined.items() if given})


def _twins(layer: ExportLayer) -> list[str]:
    """Ids of the places that are the same town once more, such as its station: as many inhabitants, and near."""
    first: dict[int, list[tuple[float, float]]] = {}
    found = []
    rows = [(row, point) for row, point in zip(layer.rows(), layer.frame.to_crs(4326).geometry, strict=True) if row["population"] and point]
    for row, point in sorted(rows, key=lambda pair: (pair[0].get("kind") == "station", pair[0]["id"])):
        known = first.setdefault(row["population"], [])
        if any(abs(point.x - x) < TWIN_DEGREES and abs(point.y - y) < TWIN_DEGREES for x, y in known):
            found.append(str(row["id"]))
        known.append((point.x, point.y))
    return sorted(found)


def _colours(layer: ExportLayer) -> str | None:
    """A line's label has its line's colour."""
    style = layer.record.style
    if layer.record.geometry == "Point" or style.by is None or style.by not in layer.columns:
        return None
    cases = " ".join(f"WHEN {quoted(style.by)} = {literal(value)} THEN {literal(drawn_as(style, value).colour)}" for value in style.values)
    return f"CASE {cases} ELSE {literal(style.symbol.colour)} END" if cases else None


def _as_html(expression: str) -> str:
    """An expression whose text is escaped for HTML."""
    text = f"to_string({expression})"
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = f"replace({text}, {literal(char)}, {literal(entity)})"
    return text


def _fixed(text: str) -> str:
    """A text of ours in HTML that QGIS searches for expressions."""
    return html.escape(clean(text)).replace("[%", "[&#37;").replace("%]", "&#37;]")


def _row(label: str, expression: str) -> str:
    """A line of a map tip that is left out where there is nothing to say."""
    head = literal(f"<tr><td><i>{html.escape(clean(label))}</i></td><td>")
    return f"[% coalesce({head} || {_in_template(expression)} || '</td></tr>', '') %]"


def _in_template(expression: str) -> str:
    # The template ends an expression at the first "%]", wherever it stands.
    return expression.replace("%]", "%' || ']")


def map_tip(layer: ExportLayer) -> str:
    """The map tip: name, the figures and words a reader wants, and the sources by title; HTML with all data escaped."""
    lang = layer.lang
    labels = layer.aliases()
    columns = set(layer.columns)
    wanted = ["mode", "kind", "status", f"route_{lang}", "length_km", "length_abroad_km", "length_total_km", "length_published_km", "date"]
    wanted += [f"city_{lang}", "participants", "refs", "accuracy_m", f"position_{lang}", f"note_{lang}"]
    rows = []
    for column in wanted:
        if column not in columns:
            continue
        words = kinds(layer) if column == layer.record.style.by else meanings(column, lang=lang)
        rows.append(_row(labels[column], _as_html(_worded(column, words))))
    if "sources" in columns:
        rows.append(_row(say("labels.sources", lang=lang), _sources(layer)))
    name = f"[% {_in_template(_as_html(display_expression(layer)))} %]"
    return f"<p><b>{name}</b><br>{_fixed(layer.title())}</p>\n<table>{''.join(rows)}</table>"


def kinds(layer: ExportLayer) -> dict[str, str]:
    """Value → label of the property a layer is styled by, where that is not the id."""
    style = layer.record.style
    if style.by in {None, "id"}:
        return {}
    words = meanings(str(style.by), lang=layer.lang)
    return words | {value: layer.atlas.text(symbol.label, layer.lang) for value, symbol in style.values.items() if symbol.label}


def category_labels(layer: ExportLayer) -> dict[str, str]:
    """Value of the property a layer is styled by → its label: the style's own, the vocabulary's, or the feature's name."""
    style, lang = layer.record.style, layer.lang
    words = meanings(style.by, lang=lang) if style.by else {}
    names = _names(layer) if style.by == "id" else {}
    return {
        value: (layer.atlas.text(symbol.label, lang) if symbol.label else words.get(value) or names.get(value) or value)
        for value, symbol in style.values.items()
    }


def _names(layer: ExportLayer) -> dict[str, str]:
    """Id → name, with its number before it."""
    names = {}
    for row in layer.rows():
        name = row.get(f"name_{layer.lang}") or row.get(f"name_{layer.atlas.languages[0]}") or row["id"]
        number = row.get("number")
        names[str(row["id"])] = str(name) if number is None else f"{number}. {name}"
    return names


def _worded(column: str, words: dict[str, str]) -> str:
    name = quoted(column)
    if not words:
        return name
    cases = " ".join(f"WHEN {name} = {literal(value)} THEN {literal(word)}" for value, word in words.items())
    return f"CASE {cases} ELSE {name} END"


def _sources(layer: ExportLayer) -> str:
    titles = ", ".join(f"{literal(source.id)}, {literal(html.escape(f'{source.title} ({source.publisher})'))}" for source in layer.sources)
    listed = f"string_to_array({quoted('sources')}, '; ')"
    one = f"coalesce(map_get(map({titles}), @element), {_as_html('@element')})"
    return f"array_to_string(array_foreach({listed}, {one}), '<br>')"
