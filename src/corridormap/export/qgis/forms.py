"""The form of a layer of facts in QGIS: widgets, constraints and tabs, as the records of `corridormap.model` have the fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from corridormap.export.qgis.qxml import add, add_columns, add_fields, add_tab, literal, quoted, value_map
from corridormap.faults import fields_of
from corridormap.words import country, country_names, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import ExportLayer
    from corridormap.facts import Features

NOT_NULL, UNIQUE, EXPRESSION = 1, 2, 4
HARD, SOFT = 1, 2


@dataclass(frozen=True)
class Form:
    """The form of a layer of facts."""

    layer: ExportLayer
    """Its features as the file has them."""
    expected: Features
    """What they are to be."""
    choices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Property → value → what it means: a list to choose from."""
    truths: Mapping[str, str] = field(default_factory=dict)
    """Property that is true, false or null → id of the table of what these are called."""
    referenced: Mapping[str, str] = field(default_factory=dict)
    """Property → id of the relation to what it names, in a list that is searched by typing; places are picked from the map as well."""
    children: Mapping[str, str] = field(default_factory=dict)
    """Id of a relation → title of the tab that lists its rows."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Property → QGIS expression that proposes a value for a new feature."""
    musts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Property → QGIS expression that must hold, and what it means, where the record's schema does not say so."""
    doubts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Property → QGIS expression that should hold, and what it means; one that does not is told, and may be saved."""

    @property
    def known(self) -> dict[str, Any]:
        """The fields that the record knows and the layer has, each as a JSON Schema, in the record's order."""
        return {name: said for name, said in fields_of(self.expected.record).items() if name in self.layer.columns}

    @property
    def names(self) -> list[str]:
        """The columns of names, in the order of the atlas's languages."""
        return [name for lang in self.layer.atlas.languages if (name := f"name_{lang}") in self.layer.columns]

    @property
    def needed(self) -> list[str]:
        """The columns that no feature may leave empty, the id last, since the others propose it."""
        asked = [field.encode_name for field in msgspec.structs.fields(self.expected.record) if field.required]
        asked += [*self.expected.filled, *(() if self.layer.record.unlocated else self.expected.placed)]
        return [*self.names, *(name for name in asked if name != "id" and name in self.layer.columns), "id"]


def countries(used: Iterable[str], *, lang: str) -> dict[str, str]:
    """Give code → name of every country, those in use first, each part by name."""
    first = set(used)
    named = {code: country(code, lang=lang) for code in {*country_names()["en"], *first}}
    return dict(sorted(named.items(), key=lambda item: (item[0] not in first, item[1])))


def form_elements(parent: Element, form: Form) -> None:
    """Append what QGIS knows of the fields of a layer that is edited."""
    columns = form.layer.columns
    front = list(dict.fromkeys([*form.names, *form.needed]))
    behind = [column for column in columns if column not in front]
    add_fields(parent, {column: _widget(form, column) for column in columns}, form.layer.aliases())
    proposed = add(parent, "defaults")
    # The id follows what is filled in: newer versions of QGIS propose anything else once, when the form opens.
    for column in columns:
        add(proposed, "default", field=column, expression=form.defaults.get(column, ""), applyOnUpdate=int(column == "id"))
    _constraints(parent, form)
    _tabs(parent, form, front, behind)
    add_columns(parent, [*front, *behind], sorted_by=quoted("id"))


def _widget(form: Form, column: str) -> tuple[str, object]:
    """Give the widget of a column, as `add_fields` has it."""
    if column in form.referenced:
        return "RelationReference", {
            "Relation": form.referenced[column],
            "AllowAddFeatures": False,
            "AllowNULL": True,
            "MapIdentification": column != "source",
            "OrderByValue": True,
            "ReadOnly": False,
            "ShowForm": False,
            "ShowOpenFormButton": True,
        }
    if column in form.truths:
        # A box to tick makes "no" of null as soon as anything is edited; a list of texts writes "true" as false.
        named = {"Layer": form.truths[column], "Key": "value", "Value": "word"}
        return "ValueRelation", {**named, "AllowMulti": False, "AllowNull": True, "OrderByValue": False, "UseCompleter": False}
    if column in form.choices:
        return value_map(form.choices[column])
    return "", {}


def _constraints(parent: Element, form: Form) -> None:
    """Append what must hold, as the record has it, and what should; each with what is asked for."""
    flags, told = add(parent, "constraints"), add(parent, "constraintExpressions")
    for column in form.layer.columns:
        said, needed = form.known.get(column, {}), column in form.needed
        expression, described, strength = _expression(column, said, needed=needed), "", HARD
        if column in form.expected.placed and not needed:
            expression = f"is_empty_or_null($geometry) OR {quoted(column)} IS NOT NULL" + (f" AND ({expression})" if expression else "")
        if column in form.musts:
            expression, described = form.musts[column]
        elif column in form.doubts:
            (expression, described), strength = form.doubts[column], SOFT
        elif column in form.names:
            expression, described = f"trim({quoted(column)}) <> ''", say("gis.hint_name", lang=form.layer.lang)
        elif said:
            described = say(f"gis.hint_{column}", lang=form.layer.lang)
        unique = column == "id"
        add(
            flags,
            "constraint",
            field=column,
            constraints=NOT_NULL * needed | UNIQUE * unique | EXPRESSION * bool(expression),
            notnull_strength=HARD * needed,
            unique_strength=HARD * unique,
            exp_strength=strength * bool(expression),
        )
        add(told, "constraint", field=column, exp=expression, desc=described)


def _expression(column: str, said: Mapping[str, Any], *, needed: bool) -> str:
    """Give what a JSON Schema says of a value beyond its type, as a QGIS expression."""
    name, tests = quoted(column), []
    # What may be null is of one of two kinds.
    said = next((kind for kind in said.get("anyOf", ()) if kind.get("type") != "null"), said)
    if "pattern" in said:
        tests.append(f"regexp_match({name}, {literal(said['pattern'])}) > 0")
    if "maxLength" in said:
        tests.append(f"length({name}) <= {said['maxLength']}")
    if "exclusiveMinimum" in said:
        tests.append(f"{name} > {said['exclusiveMinimum']}")
    if "minimum" in said:
        tests.append(f"{name} >= {said['minimum']}")
    if "enum" in said:
        tests.append(f"{name} IN ({', '.join(map(literal, said['enum']))})")
    whole = " AND ".join(tests)
    return f"{name} IS NULL OR ({whole})" if whole and not needed else whole


def _tabs(parent: Element, form: Form, front: list[str], behind: list[str]) -> None:
    """Append the tabs: what every feature says of itself, what else it may say, and what refers to it."""
    lang = form.layer.lang
    add(parent, "editorlayout", "tablayout")
    tabs = add(parent, "attributeEditorForm")
    for title, members in ((say("gis.needed", lang=lang), front), (say("gis.more", lang=lang), behind)):
        if members:
            tab = add_tab(tabs, title)
            for column in members:
                add(tab, "attributeEditorField", name=column, index=form.layer.columns.index(column), showLabel=1)
    for relation, title in form.children.items():
        listed = {"name": relation, "relation": relation, "label": "", "showLabel": 0, "relationWidgetTypeId": "relation_editor"}
        add(add_tab(tabs, title), "attributeEditorRelation", **listed)
