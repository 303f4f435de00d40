"""What a feature is called, and map tips, in the reader's language; what comes from a property is escaped before it meets HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from corridormap.export.qgis.qxml import case, clean, figure, fill, literal, quoted, template
from corridormap.words import OF_MEMBER, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import ExportLayer

POINTS_AROUND, ALONG_LINE, CURVED, LEVEL = 6, 2, 3, 4
"""QGIS's numbers for kinds of placement: around a point, along a line, curved along it, level on a line or within an area."""


def name_expression(layer: ExportLayer) -> str:
    """Give a feature's name in the language of the export, as a QGIS expression."""
    wanted = [f"name_{layer.lang}", *(f"name_{lang}" for lang in layer.atlas.languages), "id"]
    columns = [quoted(column) for column in dict.fromkeys(wanted) if column in layer.columns]
    return f"coalesce({', '.join(columns)})"


def display_expression(layer: ExportLayer) -> str:
    """Give what a feature is called in lists: number and name."""
    name = name_expression(layer)
    return f"coalesce(to_string({quoted('number')}) || '. ', '') || {name}" if "number" in layer.columns else name


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
    row = f"coalesce({head} || {expression} || '</td></tr>', '')"
    return in_template(row)


def in_template(expression: str) -> str:
    """Give a template that holds an expression alone: one ends at the first ``%]``, wherever it stands."""
    return "[% " + expression.replace("%]", "%' || ']") + " %]"


def figures(layer: ExportLayer, *, sourced: bool = False) -> list[tuple[str, str]]:
    """Give label and QGIS expression of the figures and words that a reader wants of a feature; NULL where there is nothing to say.

    Of a published length it is told whose figure it is, and if `sourced` where it stands.
    """
    lang = layer.lang
    labels, words = layer.aliases(), layer.meanings()
    wanted = ["mode", "kind", "status", f"route_{lang}", "length_km", *filter(OF_MEMBER.fullmatch, labels), "length_abroad_km"]
    wanted += ["length_total_km", "length_published_km", f"length_published_reason_{lang}", "date", f"city_{lang}", "participants", "refs"]
    wanted += ["accuracy_m", f"position_{lang}", f"note_{lang}"]
    numbers = set(layer.frame.select_dtypes("number").columns)
    told = {column: figure(quoted(column), lang=lang) if column in numbers else quoted(column) for column in wanted if column in labels}
    told |= {column: case(column, _literals(words[column]), otherwise=text) for column, text in told.items()}
    kind, source = "length_published_kind", "length_published_source"
    if {"length_published_km", kind, source} <= labels.keys():
        of = case(kind, _literals(words[kind]), otherwise=quoted(kind))
        if sourced:
            of += f" || coalesce(': ' || {titled(source, source_titles(layer))}, '')"
        told["length_published_km"] += f" || coalesce(' (' || {of} || ')', '')"
    return [(labels[column], text) for column, text in told.items()]


def _literals(words: Mapping[str, str]) -> dict[str, str]:
    return {value: literal(word) for value, word in words.items()}


def titled(column: str, titles: Mapping[str, str], *, between: str = "'; '", otherwise: str = "@element") -> str:
    """Give a QGIS expression that lists what the ids of a column stand for; an id without a title as the expression `otherwise` has it."""
    known = ", ".join(f"{literal(name)}, {literal(title)}" for name, title in titles.items())
    one = f"coalesce(map_get(map({known}), @element), {otherwise})" if titles else otherwise
    return f"array_to_string(array_foreach(string_to_array({quoted(column)}, '; '), {one}), {between})"


def source_titles(layer: ExportLayer) -> dict[str, str]:
    """Source → what it is called to readers."""
    return {source.id: f"{source.title} ({source.publisher})" for source in layer.sources}


def map_tip(layer: ExportLayer) -> str:
    """Give the map tip: name, the figures and words a reader wants, and the sources by title; HTML with all data escaped."""
    rows = [_row(label, _as_html(text)) for label, text in figures(layer)]
    if "sources" in layer.columns:
        titles = {name: html.escape(title) for name, title in source_titles(layer).items()}
        listed = titled("sources", titles, between="'<br>'", otherwise=_as_html("@element"))
        rows.append(_row(say("labels.sources", lang=layer.lang), listed))
    name = in_template(_as_html(display_expression(layer)))
    return f"<p><b>{name}</b><br>{_fixed(layer.title())}</p>\n<table>{''.join(rows)}</table>"
