"""Small helps to write QGIS's XML: every text passes through the XML library, cleaned of what XML cannot hold."""

from __future__ import annotations

import re
import uuid
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from pyproj import CRS

    from corridormap.atlas import Atlas

VERSION = "3.22.0-Białowieża"
"""What the files say they were saved by: the oldest QGIS they are made for, so that no later one needs to warn."""
PIXEL_MM = 25.4 / 96
"""A CSS pixel in millimetres: the atlas's styles are in pixels, QGIS's symbols in millimetres."""

LONG_CASE = 200
"""QGIS tries the cases of an expression one after another, for each feature anew; of more than so many it looks up the one."""

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def clean(text: object) -> str:
    """Leave out characters that no XML document can hold."""
    return NOT_XML.sub("", str(text))


def add(parent: ET.Element, tag: str, text: object = None, **attributes: object) -> ET.Element:
    """Append an element."""
    child = ET.SubElement(parent, tag, {name.rstrip("_").replace("__", "-"): clean(value) for name, value in attributes.items()})
    if text is not None:
        child.text = clean(text)
    return child


def add_fields(parent: ET.Element, widgets: Mapping[str, tuple[str, object]], labels: Mapping[str, str]) -> None:
    """Append columns' widgets, each by QGIS's name for it and its settings, and labels; a widget of QGIS's own choice has no name."""
    configuration = add(parent, "fieldConfiguration")
    for column, (kind, settings) in widgets.items():
        widget = add(add(configuration, "field", name=column, configurationFlags="None"), "editWidget", type=kind)
        option(add(widget, "config"), settings)
    listed = add(parent, "aliases")
    for index, (column, label) in enumerate(labels.items()):
        add(listed, "alias", field=column, index=index, name=label)


def add_columns(parent: ET.Element, columns: Iterable[str], *, hidden: Collection[str] = (), sorted_by: str = "") -> None:
    """Append the columns of the table of attributes, in order."""
    table = add(parent, "attributetableconfig", actionWidgetStyle="dropDown", sortExpression=sorted_by, sortOrder=0)
    listed = add(table, "columns")
    for column in columns:
        add(listed, "column", type="field", name=column, hidden=int(column in hidden), width=-1)
    add(listed, "column", type="actions", hidden=1, width=-1)


def value_map(words: Mapping[str, str]) -> tuple[str, object]:
    """Give the widget that lists values by what they mean."""
    return "ValueMap", {"map": [{label: value} for value, label in words.items()]}


def add_tab(parent: ET.Element, title: str) -> ET.Element:
    """Append a tab to a form."""
    return add(parent, "attributeEditorContainer", name=title, groupBox=0, columnCount=1, showLabel=1, visibilityExpressionEnabled=0)


def template(name: str) -> ET.Element:
    """Read one of the files beside this module: what is the same in every export."""
    text = (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")
    return ET.fromstring(text)  # noqa: S314  our own


def fill(parent: ET.Element, path: str = ".", text: object = None, **attributes: object) -> ET.Element:
    """Give an element of a template, found by its path, a text and attributes."""
    element = parent.find(path)
    if element is None:
        raise KeyError(path)
    element.attrib.update({name: clean(value) for name, value in attributes.items()})
    if text is not None:
        element.text = clean(text)
    return element


def document(root: ET.Element) -> str:
    """Give the text of a QGIS document."""
    ET.indent(root)
    body = ET.tostring(root, encoding="unicode")
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{body}\n"


def option(parent: ET.Element, value: object, *, name: str | None = None) -> ET.Element:
    """Append one of QGIS's typed values: text, number, truth, list or map of such."""
    named = {} if name is None else {"name": name}
    if isinstance(value, dict):
        child = add(parent, "Option", type="Map", **named)
        for key, item in value.items():
            option(child, item, name=str(key))
    elif isinstance(value, list):
        child = add(parent, "Option", type="List", **named)
        for item in value:
            option(child, item)
    elif value is None:
        child = add(parent, "Option", **named)
    else:
        kind = {bool: "bool", int: "int", float: "double"}.get(type(value), "QString")
        child = add(parent, "Option", value=str(value).lower() if kind == "bool" else value, type=kind, **named)
    return child


def collection(parent: ET.Element, tag: str, properties: Mapping[str, str]) -> ET.Element:
    """Append QGIS's data-defined properties: name → expression."""
    child = add(parent, tag)
    defined = {name: {"active": True, "expression": expression, "type": 3} for name, expression in properties.items()}
    option(child, {"name": "", "properties": defined or None, "type": "collection"})
    return child


def colour(value: str, *, opacity: float = 1.0) -> str:
    """``#rrggbb`` as QGIS writes it."""
    red, green, blue = (int(value[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


def mm(pixels: float) -> str:
    """CSS pixels as millimetres."""
    return f"{pixels * PIXEL_MM:.3f}".rstrip("0").rstrip(".")


def quoted(name: str) -> str:
    """Give a property's name in a QGIS expression."""
    return '"' + clean(name).replace('"', '""') + '"'


def literal(text: object) -> str:
    """Give a text in a QGIS expression."""
    return "'" + clean(text).replace("\\", "\\\\").replace("'", "''") + "'"


def figure(expression: str, *, lang: str) -> str:
    """Give a number as a language writes it, with the decimals that it has, as a QGIS expression; NULL stays NULL."""
    return f"format_number({expression}, length(regexp_substr(to_string({expression}), '[.](.*)')), {literal(lang)})"


def case(column: str, values: Mapping[str, str], *, otherwise: str) -> str:
    """Give a QGIS expression that gives the expression for a property's value; `otherwise` for a value that has none."""
    cases = " ".join(f"WHEN {quoted(column)} = {literal(value)} THEN {expression}" for value, expression in values.items())
    return f"CASE {cases} ELSE {otherwise} END" if cases else otherwise


def constants(column: str, values: Mapping[str, str], *, otherwise: str) -> str:
    """Give what `case` gives, of values whose expressions are the same for every feature: many are looked up, which QGIS does at once."""
    if len(values) <= LONG_CASE:
        return case(column, values, otherwise=otherwise)
    known = ", ".join(f"{literal(value)}, {expression}" for value, expression in values.items())
    return f"coalesce(map_get(map({known}), {quoted(column)}), {otherwise})"


def one_of(column: str, values: Sequence[str]) -> str:
    """Tell whether a property has one of the values, as a QGIS expression."""
    if len(values) <= LONG_CASE:
        return f"{quoted(column)} IN ({', '.join(map(literal, values))})"
    return constants(column, dict.fromkeys(values, "true"), otherwise="false")


def identifier(parts: Iterable[str]) -> str:
    """Give a UUID that is the same on every run."""
    return "{" + str(uuid.uuid5(_NAMESPACE, "corridormap:" + "/".join(parts))) + "}"


def layer_id(atlas: Atlas, name: str) -> str:
    """Give the id that a layer or table of an atlas has within a project; one of ten letters or fewer QGIS replaces by one of its own."""
    return "".join(char if char.isalnum() else "_" for char in f"{atlas.record.id}_{name}").ljust(11, "_")


@lru_cache(maxsize=64)
def authority(crs: CRS) -> tuple[str, str] | None:
    """Give the code of a CRS, if it has one; it is looked for among all that there are, which takes long."""
    found: tuple[str, str] | None = crs.to_authority()
    return found


def spatial_ref(parent: ET.Element, crs: CRS, *, description: str | None = None) -> ET.Element:
    """Append a CRS: by its code where it has one, in any case as WKT; one without may be called otherwise to readers than in its WKT."""
    reference = add(parent, "spatialrefsys")
    code = authority(crs)
    # Without the registry's list of the countries that it is for.
    told = {key: value for key, value in crs.to_json_dict().items() if key not in {"area", "bbox", "scope", "usages"}}
    add(reference, "wkt", type(crs).from_json_dict(told).to_wkt("WKT2_2019"))
    if code is not None:
        add(reference, "srid", code[1] if code[0] == "EPSG" else 0)
        add(reference, "authid", ":".join(code))
    add(reference, "description", crs.name if description is None or code else description)
    add(reference, "ellipsoidacronym", "EPSG:7030")
    add(reference, "geographicflag", str(crs.is_geographic).lower())
    return reference
