"""The Frictionless description of the layers and tables, for data catalogues: what each file is, holds and comes from, with its hash."""

from __future__ import annotations

import hashlib
import json
import re
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from corridormap import geojson, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from corridormap.atlas import Atlas

NAME = "datapackage.json"
SCHEMA = "https://datapackage.org/profiles/2.0/datapackage.json"
SPDX = re.compile(r"[A-Za-z0-9.+-]+")
NUMBERS = ("_km", "_m", "_percent")

Json = dict[str, Any]
CSV: Json = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8", "dialect": {"lineTerminator": "\n"}}
"""What every table's file is."""


def datapackage(atlas: Atlas, resources: Sequence[Json]) -> str:
    """Describe the built files as a Frictionless data package (version 2.0), in JSON; each as `layer_entry` or `table_entry` has it."""
    return package(atlas, resources, licences=[layer.licence for layer in atlas.record.layers], lang=_lang(atlas))


def _lang(atlas: Atlas) -> str:
    return words.FALLBACK if words.FALLBACK in atlas.languages else atlas.languages[0]


def package(atlas: Atlas, resources: Sequence[Json], *, licences: Iterable[str], lang: str) -> str:
    """Put the resources under the atlas's title, in JSON."""
    record, names = atlas.record, told_apart(entry["name"] for entry in resources)
    document = {
        "$schema": SCHEMA,
        "name": re.sub("[^a-z0-9._-]", "-", record.id),
        "title": atlas.text(record.title, lang),
        "description": atlas.text(record.description, lang),
        "licenses": licence_entries(licences),
        "resources": [{**entry, "name": name} for entry, name in zip(resources, names, strict=True)],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def told_apart(names: Iterable[str], *, taken: Iterable[str] = (), mark: str = "-", room: int | None = None) -> list[str]:
    """Give each name as it is, or with a number where one before it, or one that is taken, is the same but for capitals.

    With `room` none has more bytes in UTF-8; a name is cut at the end of a character.
    """
    listed, known, found = list(names), set(map(str.casefold, taken)), []
    # None becomes what another is called.
    own = set(map(str.casefold, listed))
    for name in listed:
        endings = (f"{mark}{number}" for number in count(2))
        cut = (name.encode()[: room and room - len(ending)].decode("utf-8", "ignore") + ending for ending in endings)
        free = (one for one in cut if one.casefold() not in own)
        found.append(next(one for one in chain([name], free) if one.casefold() not in known))
        known.add(found[-1].casefold())
    return found


def layer_entry(atlas: Atlas, layer: str, content: bytes, rows: Sequence[Mapping[str, Any]]) -> Json:
    """Describe a layer, given what its file holds and the properties of its features."""
    record, lang = atlas.layer_record(layer), _lang(atlas)
    return {
        **file_entry(atlas.layer_path(layer), content, folder=atlas.folder),
        "title": atlas.text(record.name, lang),
        "description": atlas.text(record.summary, lang),
        "format": "geojson",
        "mediatype": "application/geo+json",
        "encoding": "utf-8",
        "geometryType": record.geometry,
        "licenses": licence_entries([record.licence]),
        "sources": source_entries(atlas, {*record.sources, *_named(rows)}),
        "schema": {**_schema(atlas, rows), "primaryKey": ["id"]},
    }


def table_entry(atlas: Atlas, path: Path, content: bytes, rows: Sequence[Mapping[str, Any]]) -> Json:
    """Describe a table, given what its file holds and its rows."""
    return {
        **file_entry(path, content, folder=atlas.folder),
        "type": "table",
        "title": path.stem.capitalize(),
        **CSV,
        "sources": source_entries(atlas, _named(rows)),
        "schema": _schema(atlas, rows),
    }


def file_entry(path: Path, content: bytes, *, folder: Path) -> Json:
    """Give a file's name, path, size and hash."""
    return {
        "name": path.stem,
        "path": path.relative_to(folder).as_posix(),
        "bytes": len(content),
        "hash": digest(content),
    }


def digest(content: bytes) -> str:
    """Give the hash of a file's content as a data package has it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _schema(atlas: Atlas, rows: Sequence[Mapping[str, Any]]) -> Json:
    return {"fields": [_field(atlas, name, [row[name] for row in rows]) for name in rows[0]]}


def _field(atlas: Atlas, name: str, values: Iterable[Any]) -> Json:
    languages = tuple(atlas.languages)
    field: Json = {"name": name, "type": _type(name, values), "title": words.label(name, lang=words.FALLBACK, languages=languages)}
    if described := words.description(name, languages=languages):
        field["description"] = described
    if name == "id":
        field["constraints"] = {"required": True, "unique": True}
    return field


def _type(name: str, values: Iterable[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "boolean"
    if kinds == {int}:
        return "integer"
    return "number" if (kinds and kinds <= {int, float}) or (not kinds and name.endswith(NUMBERS)) else "string"


def _named(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Collect the sources that the rows themselves name."""
    return {
        source
        for row in rows
        for name in geojson.source_columns(row)
        if isinstance(row[name], str)
        for source in geojson.split_list(row[name])
    }


def source_entries(atlas: Atlas, names: set[str]) -> list[Json]:
    """Give the sources of these ids as the description cites them."""
    entries = [
        {"title": f"{source.title}, {source.publisher}", "path": _web_address(source.url), "version": source.date}
        for name, source in atlas.sources.items()
        if name in names
    ]
    return [{key: value for key, value in entry.items() if value} for entry in entries]


def _web_address(url: str | None) -> str | None:
    # A path that is no web address would be taken for a file.
    return url if url and urlsplit(url).scheme.lower() in {"http", "https"} else None


def licence_entries(names: Iterable[str]) -> list[Json]:
    """List licences by their SPDX name; any other wording is a title."""
    return [
        {"name": name, "path": f"https://spdx.org/licenses/{name}.html"}
        if SPDX.fullmatch(name)
        else {"name": re.sub("[^A-Za-z0-9._-]+", "-", name), "title": name}
        for name in dict.fromkeys(names)
    ]
