"""Labels on the map and map tips, in the reader's language; what comes from a property is escaped before it meets HTML."""

from __future__ import annotations

import html
import math
from collections import Counter
from typing import TYPE_CHECKING

from corridormap.cartography.labels import ABROAD, TOWNS, Rank, plain, ranks
from corridormap.cartography.legend import names
from corridormap.cartography.symbols import symbol_of
from corridormap.export.qxml import case, clean, collection, fill, literal, quoted, template
from corridormap.words import OF_MEMBER, say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from corridormap.atlas import Atlas
    from corridormap.export.bundle import ExportLayer

__all__ = ["display_expression", "label_settings", "labelling", "map_tip", "name_expression", "town_seen"]

LABEL_SCALES = {"itineraries": 20_000_000, "lines": 1_500_000, "links": 750_000}
"""How a layer is built → the smallest scale its labels are shown at; points have theirs from their ranks."""
SMALLEST = 20_000_000
NUMBERS_ONLY = 4_000_000
"""At smaller scales than this a corridor is labelled with its number alone."""
EVERY_ZOOM = 8.0
"""From this zoom of a web map on every point is named; before, of those that a reader takes for one name the first."""
ZOOM_0 = 591_658_711
"""The scale of a web map at zoom 0, on the equator, where a pixel has 0.2646 mm."""
POINTS_AROUND = 6
ALONG_LINE = 2
CURVED = 3
BOLD = 75


def name_expression(layer: ExportLayer) -> str:
    """Give a feature's name in the language of the export, as a QGIS expression."""
    wanted = [f"name_{layer.lang}", *(f"name_{lang}" for lang in layer.atlas.languages), "id"]
    columns = [quoted(column) for column in dict.fromkeys(wanted) if column in layer.columns]
    return f"coalesce({', '.join(columns)})"


def display_expression(layer: ExportLayer) -> str:
    """Give what a feature is called in lists: number and name."""
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
    # As on every map a meeting is known by its city.
    cities = [quoted(f"city_{layer.lang}")] if f"city_{layer.lang}" in layer.columns else []
    text = f"coalesce({', '.join([*cities, text])})" if cities else text
    ranked = _ranks(layer) if points else {}
    if ranked:
        scales = {feature: _scale(layer.atlas, rank.zoom) for feature, rank in ranked.items()}
        text = f"if(@map_scale <= {_by_feature(scales)}, {text}, '')"
    settings = label_settings(
        parent,
        text,
        placement=POINTS_AROUND if points else (CURVED if numbered else ALONG_LINE),
        smallest=SMALLEST if points else LABEL_SCALES[layer.record.build],
    )
    defined = {"Color": _colours(layer)}
    if numbered:
        fill(settings, "text-style", fontSize=9, fontWeight=BOLD)
        fill(settings, "placement", repeatDistance=60, priority=9)
        # A number stands on its line, a name above it.
        defined["LinePlacementOptions"] = f"if(@map_scale > {NUMBERS_ONLY}, 'OL,AL', 'AL')"
    if points:
        fill(settings, "text-format", autoWrapLength=28)
        fill(settings, "placement", dist=0.6)
    if ranked:
        defined["Priority"] = _by_feature({feature: max(round(10 - 1.5 * rank.rank), 0) for feature, rank in ranked.items()})
    collection(settings, "dd_properties", {name: expression for name, expression in defined.items() if expression})


def label_settings(parent: Element, expression: str, *, placement: int, smallest: int) -> Element:
    """Append the settings of QGIS's labelling engine in ``templates/labels.qml``, and give them for what is special to a layer.

    No font is named, so that QGIS takes the reader's own and misses none.
    """
    made = template("labels.qml")
    parent.append(made)
    settings = fill(made, "settings")
    fill(settings, "text-style", fieldName=expression)
    fill(settings, "placement", placement=placement)
    fill(settings, "rendering", scaleMax=smallest)
    return settings


def _ranks(layer: ExportLayer) -> dict[str, Rank]:
    """Feature → the rank of its label; what shares its name with an earlier one is named last."""
    rows = zip(layer.frame["id"], layer.rows(), ranks(layer.atlas, layer.record, layer.frame), strict=True)
    found: dict[str, Rank] = {}
    named = set[str]()
    for feature, row, rank in sorted(rows, key=lambda item: (item[2], item[0])):
        name = plain(names(layer.atlas, row, "city")[layer.lang] or names(layer.atlas, row)[layer.lang])
        found[str(feature)] = rank._replace(zoom=max(rank.zoom, EVERY_ZOOM)) if name in named else rank
        named.add(name)
    return found


def _scale(atlas: Atlas, zoom: float) -> int:
    """Give the scale at which a map in the middle of the atlas's view shows as much as a web map at a zoom."""
    _, south, _, north = atlas.record.view
    return round(ZOOM_0 * math.cos(math.radians((south + north) / 2)) / 2**zoom)


def town_seen(atlas: Atlas) -> str:
    """Tell whether a town of the background is shown, as `labels.town_rank` has it, as a QGIS expression."""
    *larger, (_, last) = TOWNS
    cases = " ".join(f"WHEN {quoted('population')} >= {people} THEN {_scale(atlas, zoom)}" for people, zoom in larger)
    home = ", ".join(map(literal, atlas.record.members))
    later = f"if({quoted('country')} IN ({home}), 1, {2**ABROAD:g})"
    return f"@map_scale <= CASE {cases} ELSE {_scale(atlas, last)} END / {later}"


def _by_feature(values: dict[str, int]) -> str:
    """Give a QGIS expression that gives each feature its number; those with the number of the most are not named."""
    usual, *others = (value for value, _ in Counter(values.values()).most_common())
    cases = "".join(
        f"WHEN {quoted('id')} IN ({', '.join(literal(feature) for feature in values if values[feature] == value)}) THEN {value} "
        for value in others
    )
    return f"CASE {cases}ELSE {usual} END" if cases else str(usual)


def _colours(layer: ExportLayer) -> str | None:
    """Give each line's label the colour of its line, as a QGIS expression; None where labels have one colour."""
    style = layer.record.style
    if layer.record.geometry == "Point" or style.by is None or style.by not in layer.columns:
        return None
    colours = {value: literal(symbol_of(style, value).colour) for value in style.values}
    return case(style.by, colours, otherwise=literal(style.symbol.colour)) if colours else None


def _as_html(expression: str) -> str:
    """Give an expression whose text is escaped for HTML."""
    text = f"to_string({expression})"
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = f"replace({text}, {literal(char)}, {literal(entity)})"
    return text


def _fixed(text: str) -> str:
    """Give a text of ours in HTML that QGIS searches for expressions."""
    return html.escape(clean(text)).replace("[%", "[&#37;").replace("%]", "&#37;]")


def _row(label: str, expression: str) -> str:
    """Give a line of a map tip that is left out where there is nothing to say."""
    head = literal(f"<tr><td><i>{html.escape(clean(label))}</i></td><td>")
    return f"[% coalesce({head} || {_in_template(expression)} || '</td></tr>', '') %]"


def _in_template(expression: str) -> str:
    # The template ends an expression at the first "%]", wherever it stands.
    return expression.replace("%]", "%' || ']")


def map_tip(layer: ExportLayer) -> str:
    """Give the map tip: name, the figures and words a reader wants, and the sources by title; HTML with all data escaped."""
    lang = layer.lang
    labels, words = layer.aliases(), layer.meanings()
    by_member = [column for column in labels if OF_MEMBER.fullmatch(column)]
    wanted = [
        "mode",
        "kind",
        "status",
        f"route_{lang}",
        "length_km",
        *by_member,
        "length_abroad_km",
        "length_total_km",
        "length_published_km",
        "date",
    ]
    wanted += [f"city_{lang}", "participants", "refs", "accuracy_m", f"position_{lang}", f"note_{lang}"]
    rows = []
    for column in wanted:
        if column not in labels:
            continue
        worded = case(column, {value: literal(word) for value, word in words[column].items()}, otherwise=quoted(column))
        rows.append(_row(labels[column], _as_html(worded)))
    if "sources" in labels:
        rows.append(_row(say("labels.sources", lang=lang), _sources(layer)))
    name = f"[% {_in_template(_as_html(display_expression(layer)))} %]"
    return f"<p><b>{name}</b><br>{_fixed(layer.title())}</p>\n<table>{''.join(rows)}</table>"


def _sources(layer: ExportLayer) -> str:
    titles = ", ".join(f"{literal(source.id)}, {literal(html.escape(f'{source.title} ({source.publisher})'))}" for source in layer.sources)
    listed = f"string_to_array({quoted('sources')}, '; ')"
    one = f"coalesce(map_get(map({titles}), @element), {_as_html('@element')})"
    return f"array_to_string(array_foreach({listed}, {one}), '<br>')"
