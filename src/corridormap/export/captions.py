"""What a feature is called, and map tips, in the reader's language; what comes from a property is escaped before it meets HTML."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from corridormap.export.qxml import case, clean, literal, quoted
from corridormap.words import OF_MEMBER, say

if TYPE_CHECKING:
    from corridormap.export.bundle import ExportLayer

__all__ = ["display_expression", "map_tip", "name_expression"]


def name_expression(layer: ExportLayer) -> str:
    """Give a feature's name in the language of the export, as a QGIS expression."""
    wanted = [f"name_{layer.lang}", *(f"name_{lang}" for lang in layer.atlas.languages), "id"]
    columns = [quoted(column) for column in dict.fromkeys(wanted) if column in layer.columns]
    return f"coalesce({', '.join(columns)})"


def display_expression(layer: ExportLayer) -> str:
    """Give what a feature is called in lists: number and name."""
    name = name_expression(layer)
    return f"coalesce(to_string({quoted('number')}) || '. ', '') || {name}" if "number" in layer.columns else name


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
