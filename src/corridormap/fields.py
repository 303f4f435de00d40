"""Every file of the facts and every field in it, as the records of `corridormap.model` have them: as JSON Schemas and as a page."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from corridormap.faults import kind_of
from corridormap.model import (
    AtlasRecord,
    CheckpointProperties,
    CrossingProperties,
    FeatureProperties,
    Itinerary,
    LabelProperties,
    LineProperties,
    LinkProperties,
    NodeProperties,
    OutlineProperties,
    Source,
    Statement,
)

FILES: dict[str, tuple[Any, str]] = {
    "atlas.toml": (AtlasRecord, "One record, at the top of the file."),
    "sources.toml": (Source, "A list: each source under `[[source]]`."),
    "corridors.toml": (Itinerary, "A list: each corridor, route or works under `[[itinerary]]`."),
    "statements.toml": (Statement, "A list: each claim under `[[statement]]`. The file may be left out."),
    "network/nodes.geojson": (
        NodeProperties,
        "Points, with `name_en`, `name_ru` … in each language of the atlas; further properties pass into the layer of places.",
    ),
    "network/links.geojson": (
        LinkProperties,
        "LineStrings, each from its node `from` to its node `to`; further properties pass into the layer of links.",
    ),
    "the `input` of a layer of lines": (LineProperties, "Lines of the layer's `geometry`; further properties pass into the layer."),
    "the `input` of a layer of points": (
        FeatureProperties,
        "Points, or null where a layer is `unlocated`; further properties pass into the layer.",
    ),
    "the `input` of a layer of crossings": (
        CrossingProperties,
        "Points, or null, as of a layer of points; a crossing whose id is a node's lies there.",
    ),
    "the `outline` of atlas.toml": (
        OutlineProperties,
        "Polygons or MultiPolygons, at least one for each member; in an atlas of one country no property is needed.",
    ),
    "the `path` of a backdrop of labels": (LabelProperties, "Points, with `name_en`, `name_ru` … in each language of the atlas."),
    "the `checkpoints` of atlas.toml": (CheckpointProperties, "Points."),
}
"""The files of facts with records: what each holds, and how."""

ABOUT = """\
An atlas is a folder of facts kept by hand. `corridormap build` makes its layers of them, `corridormap validate` tells what is wrong with
them. Every field is listed here; one that is not is refused in a TOML file, while a feature may have further properties, each one text,
number, truth value or null. None may be called `fid`, `geom` or `geometry`, nor differ from another only in case. Numbers are finite.
Every text for readers is a table of texts in all `languages` of the atlas, such as `{ en = "Railway", ru = "Железная дорога" }`."""

WITHOUT = {
    "the `path` of another backdrop": (
        "Polygons for land, country and water, lines for boundary and river, points for town. Of land and boundary `accuracy_m` "
        "tells the checks how far to trust them; of a town `country` tells whose land it lies in."
    ),
}
"""The files of facts whose features need no properties."""


def schemas() -> dict[str, Any]:
    """Give the JSON Schema of the record of each file; of a GeoJSON file it is that of its features' properties."""
    return {file: msgspec.json.schema(record) for file, (record, _) in FILES.items()}


def records() -> list[dict[str, str]]:
    """Describe every field: its file and record, what it is, what holds without it, and what it means."""
    return [
        {"file": file, "record": definition["title"], **row}
        for file, (record, _) in FILES.items()
        for definition in _nested(msgspec.json.schema(record))
        for row in _rows(definition)
    ]


def markdown() -> str:
    """Write docs/reference/facts.md: every file, record and field."""
    lines = [
        "# The files of an atlas",
        "",
        "<!-- Made by `corridormap fields --markdown > docs/reference/facts.md`; a test compares. -->",
        "",
        ABOUT,
    ]
    for file, (record, about) in FILES.items():
        lines += ["", f"## {file}", "", about]
        for number, definition in enumerate(_nested(msgspec.json.schema(record))):
            lines += ["", f"### `{definition['title']}` of {file}"] if number else []
            lines += ["", definition["description"], "", "| field | is | without it | means |", "|---|---|---|---|"]
            lines += [f"| `{row['field']}` | {row['is']} | {row['without it']} | {row['means']} |" for row in _rows(definition)]
    for file, about in WITHOUT.items():
        lines += ["", f"## {file}", "", about]
    return "\n".join(lines) + "\n"


def _nested(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the records of a schema, the outer one first, then those in it as they come."""
    known = schema["$defs"]
    names = [schema["$ref"].rpartition("/")[2]]
    for name in names:  # grows as it goes
        text = json.dumps(known[name])
        names += [other for other in known if f'"#/$defs/{other}"' in text and other not in names]
    return [known[name] for name in names]


def _rows(definition: dict[str, Any]) -> list[dict[str, str]]:
    """Describe each field of a record."""
    rows = []
    for name, field in definition["properties"].items():
        default = field.get("default")
        without = "must be there" if name in definition.get("required", ()) else "may be left out"
        if isinstance(default, bool | int | float | str):
            without = f"is {json.dumps(default)}"
        rows.append({"field": name, "is": kind_of(field), "without it": without, "means": field.get("description", "")})
    return rows
