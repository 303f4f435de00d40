"""The form of a layer for readers: what it is first, then its figures, its names in other languages, its sources and statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridormap.export.qgis.captions import titled
from corridormap.export.qgis.contents import TITLES, Table
from corridormap.export.qgis.qxml import add, add_columns, add_fields, add_tab, literal, option, quoted, value_map
from corridormap.export.qgis.titles import LISTS, TITLED, kind_of, layer_titles, many
from corridormap.words import say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import ExportLayer
    from corridormap.export.qgis.contents import Contents
    from corridormap.export.qgis.titles import Titles

FIRST = ("number", "mode", "kind", "status", "country", "from", "to")
"""What a reader wants to know first, after the name."""
BETWEEN = {"sources": "source_links", "statements": "statement_links"}
"""Table → the one that says what its rows are for."""
NULL = "{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}"
"""What QGIS calls null in a list of values."""
BOX: tuple[str, object] = ("CheckBox", {"AllowNullState": True})
"""A box with a third state; QGIS 3.22 knows none, and makes "no" of null as soon as anything of the feature is edited."""
LINES: tuple[str, object] = ("TextEdit", {"IsMultiline": True})
LONG = 60
"""A column with a text of more letters has room for several lines."""


def field_elements(
    parent: Element, described: ExportLayer | Table, contents: Contents | None, *, alone: bool, truths: str = "boolean"
) -> None:
    """Append what QGIS knows of each column: widget, label, whether the table shows it, and the form in tabs.

    Only within a project, not of what is described `alone`, are there other layers to refer to. `truths` is the type that truth values have
    in the file: "boolean", or "integer", 1 and 0.
    """
    first_columns = () if contents is None else contents.first_columns
    columns, aliases = [*first_columns, *described.columns], described.aliases()
    titles = _titles(described, contents)
    project = None if alone else contents
    words = _words(described, titles, truths=truths)
    # A list of ids is hidden by one of titles, which QGIS makes of it.
    lists = {column: titles[column] for column in described.columns if column in LISTS & titles.keys()}
    hidden = {*first_columns, *lists}
    texts = described.frame.select_dtypes(["object", "string"])
    long = {f"{column}{TITLED}" for column in lists}
    long |= {str(column) for column in texts if any(len(text) > LONG for text in texts[column].unique() if isinstance(text, str))}
    # A list of texts is for reading alone: as a truth value QGIS 3.22 writes "true" as false.
    boxes = _truths(described) if project is None and truths == "boolean" else set()
    labels = {column: aliases.get(column, "") for column in columns} | {f"{column}{TITLED}": aliases[column] for column in lists}
    widgets: dict[str, tuple[str, object]] = dict.fromkeys(labels, ("", None))
    for column in labels:
        if column in hidden:
            widgets[column] = ("Hidden", None)
        elif many(titles.get(column, {})):
            if project is not None:
                widgets[column] = ("ValueRelation", _titles_apart(column, project))
        elif column in boxes:
            widgets[column] = BOX
        elif words.get(column):
            widgets[column] = value_map(words[column])
        elif column in long:
            widgets[column] = LINES
    add_fields(parent, widgets, labels)
    made = add(parent, "expressionfields")
    for column, known in lists.items():
        expression = titled(column, known)
        add(made, "field", name=f"{column}{TITLED}", expression=expression, type=10, typeName="string", length=0, precision=0, comment="")
    if isinstance(described, Table):
        shown = _table_tabs(parent, described, list(lists), project)
    else:
        shown = _tabs(parent, described, list(lists), project)
    add_columns(parent, dict.fromkeys([*shown, *labels]), hidden={*hidden, *described.foreign})


def _truths(described: ExportLayer | Table) -> set[str]:
    """Give the columns of truth values."""
    return set(map(str, described.frame.select_dtypes(["bool", "boolean"])))


def _words(described: ExportLayer | Table, titles: Titles, *, truths: str) -> Titles:
    """Give what stands for the codes, ids and truth values of each column; null must not look like no."""
    meanings, lang = described.meanings(), described.lang
    words = {column: meanings.get(column, {}) | titles.get(column, {}) for column in described.columns}
    yes, no = ("1", "0") if truths == "integer" else ("true", "false")
    named = {NULL: say("gis.not_given", lang=lang), yes: say("yes", lang=lang), no: say("no", lang=lang)}
    return words | dict.fromkeys(_truths(described), named)


def _titles(described: ExportLayer | Table, contents: Contents | None) -> Titles:
    """Give what the ids of a layer or table stand for; of a table of a layer's features, as the layer's do."""
    of = (described.layer or described) if isinstance(described, Table) else described
    if contents is not None:
        return contents.titles.get(of.name if isinstance(of, Table) else of.id, {})
    return {} if isinstance(of, Table) else layer_titles(of)


def _titles_apart(column: str, project: Contents) -> dict[str, Any]:
    """Let a column take its titles from the project's table of them."""
    return {
        "Layer": project.layer_id(TITLES),
        "Key": "id",
        "Value": "title",
        "FilterExpression": f"{quoted('kind')} = {literal(kind_of(column))}",
        "AllowMulti": False,
        "AllowNull": True,
        "OrderByValue": True,
        "UseCompleter": True,
        "NofColumns": 1,
    }


def _tabs(parent: Element, layer: ExportLayer, lists: list[str], contents: Contents | None) -> list[str]:
    """Append the tabs, and give their columns in order."""
    lang = layer.lang
    own = [f"{column}{TITLED}" if column in lists else column for column in layer.columns if column not in layer.foreign]
    proof = [column for column in own if column in {"source", f"sources{TITLED}"}]
    numbers = {column for column, kind in layer.types.items() if kind in {"integer", "number"}}
    numbers |= {column for column in own if column.startswith("length_") or column.endswith("_source")}
    figures = [column for column in own if column in numbers.difference(FIRST, proof)]
    first = [column for column in (f"name_{lang}", f"city_{lang}", *FIRST, f"route_{lang}") if column in own]
    what = [*first, *[column for column in own if column not in {*first, *figures, *proof, "id"}], "id"]
    add(parent, "editorlayout", "tablayout")
    form = add(parent, "attributeEditorForm")
    found = [("what", what), ("figures", figures), ("languages", sorted(layer.foreign)), ("proof", proof)]
    for title, members in found:
        tab = add_tab(form, say(f"gis.{title}", lang=lang))
        for column in members:
            if column == f"sources{TITLED}" and contents is not None:
                continue  # The list below has them, to be opened.
            add(tab, "attributeEditorField", name=column, index=-1, showLabel=1)
        if title == "proof" and contents is not None:
            _related(tab, layer.id, contents)
        if len(tab) == 0:
            form.remove(tab)
    return [*what, *figures, *proof]


def _table_tabs(parent: Element, table: Table, lists: list[str], contents: Contents | None) -> list[str]:
    """Append one tab for a table's columns, what names a row first, and one for each table that refers to it; give the columns in order."""
    own = [f"{column}{TITLED}" if column in lists else column for column in table.columns]
    order = sorted(own, key=lambda column: (column != table.shown, column == "id"))
    add(parent, "editorlayout", "tablayout")
    form = add(parent, "attributeEditorForm")
    tab = add_tab(form, table.title)
    for column in order:
        add(tab, "attributeEditorField", name=column, index=-1, showLabel=1)
    if contents is not None:
        for link in contents.relations:
            if link.parent == table.name and link.child == BETWEEN.get(table.name):
                _list(add_tab(form, link.name), contents.relation_id(link))
        tab = add_tab(form, say("labels.sources", lang=table.lang))
        _related(tab, table.name, contents)
        if len(tab) == 0:
            form.remove(tab)
    return order


def _list(tab: Element, relation: str, *, label: str = "", **through: str) -> None:
    """Append the rows of a relation, or what they join to, as a list without buttons, since nothing of it is edited."""
    named = {"name": relation, "relation": relation, **through, "label": label, "showLabel": int(label != "")}
    made = add(tab, "attributeEditorRelation", **named, forceSuppressFormPopup=0, relationWidgetTypeId="relation_editor")
    option(add(made, "editor_configuration", type="Map"), "NoButton", name="buttons")


def _related(tab: Element, parent: str, contents: Contents) -> None:
    """Append lists of a feature's or a statement's sources and of what is claimed about it, each by its title, to be opened."""
    relations = {(link.parent, link.child): contents.relation_id(link) for link in contents.relations}
    for table, between in BETWEEN.items():
        if table != parent and (parent, between) in relations and (table, between) in relations:
            title = next(item.title for item in contents.tables if item.name == table)
            _list(tab, relations[parent, between], label=title, nmRelationId=relations[table, between])
