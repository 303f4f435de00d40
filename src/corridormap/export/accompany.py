"""What goes with every folder and zip of layers: read-me, licences, sources, fields, a Frictionless description, and styles for QGIS."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

from corridormap.derive.datapackage import CSV, file_entry, licence_entries, package, source_entries
from corridormap.derive.tables import to_csv
from corridormap.errors import UsageError
from corridormap.export.format import UNLOCATED
from corridormap.export.sentence import told
from corridormap.words import description, label, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.format import Format, Written

TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
"""Type of a property → Frictionless's."""
MEDIA = {
    ".geojson": ("geojson", "application/geo+json"),
    ".geojsonl": ("geojsonl", "application/x-ndjson"),
    ".fgb": ("flatgeobuf", "application/flatgeobuf"),
    # As "parquet" Frictionless would read it as a table, for which it needs more than most have.
    ".parquet": ("geoparquet", "application/vnd.apache.parquet"),
    ".shp": ("shapefile", "application/vnd.shp"),
}
"""Ending → format and media type."""
BESIDE = ("sources.csv", "fields.csv", "LICENCE.txt", "README.txt", "datapackage.json")
Row = dict[str, Any]


def accompany(bundle: Bundle, folder: Path, *, form: Format, written: Written) -> None:
    """Write into a folder of layers what a reader needs besides them; `written` is what their format's writer said.

    Raises
    ------
    UsageError
        If a layer's file is called as one of these.
    """
    from corridormap.export.qgis.contents import SOURCE, sources_table, statement_uses

    for layer in bundle.layers:
        # Windows and macOS take capitals for small letters.
        if (name := form.file_of(layer.id)).casefold() in map(str.casefold, BESIDE):
            hint = (
                f"Give the layer another id in atlas.toml, leave it out with --layers, or write it alone: `--layers {layer.id} -o {name}`."
            )
            raise UsageError(f"the layer {layer.id!r} would be {name}, which goes with every folder of {form.name}", hint=hint)
    files = {layer.id: folder / form.file_of(layer.id) for layer in bundle.layers}
    if form.styled:
        from corridormap.export.qgis.qmd import qmd
        from corridormap.export.qgis.qml import qml

        for layer in bundle.layers:
            style = _renamed(qml(layer, truths=written.types.get("boolean", "boolean")), written.names.get(layer.id, {}))
            files[layer.id].with_suffix(".qml").write_bytes(style.encode())
            files[layer.id].with_suffix(".qmd").write_bytes(qmd(layer).encode())
    fields = {layer.id: _fields(layer, written, files[layer.id]) for layer in bundle.layers}
    resources = [_resource(layer, files[layer.id], fields[layer.id], folder) for layer in bundle.layers]
    resources += [
        _table(file, say("gis.unlocated", lang=layer.lang, title=layer.title()), fields[layer.id], folder)
        for layer in bundle.layers
        if (file := folder / f"{layer.id}{UNLOCATED}").exists()
    ]
    listed = folder / "tables" / "sources.csv"
    if not listed.exists():
        listed = folder / "sources.csv"
        sources = sources_table(bundle, statement_uses(bundle))
        listed.write_bytes(sources.frame.to_csv(index=False, lineterminator="\n").encode())
    cited = [_field(name, "string", label(name, lang=bundle.lang)) for name in SOURCE]
    resources.append(_table(listed, say("labels.sources", lang=bundle.lang), cited, folder))
    rows = [{"layer": layer, **row} for layer, known in fields.items() for row in known]
    (folder / "fields.csv").write_bytes(to_csv(rows).encode())
    named = [_field(name, "string", name.capitalize()) for name in rows[0]]
    resources.append(_table(folder / "fields.csv", say("export.fields", lang=bundle.lang), named, folder))
    licences = [layer.record.licence for layer in bundle.layers]
    (folder / "LICENCE.txt").write_bytes(_licence(bundle).encode())
    (folder / "README.txt").write_bytes(_readme(bundle, files, folder, form=form, written=written).encode())
    (folder / "datapackage.json").write_bytes(package(bundle.atlas, resources, licences=licences, lang=bundle.lang).encode())


def _renamed(style: str, names: Mapping[str, str]) -> str:
    """Give the style with the names that the file's columns have: as an attribute, or quoted in an expression."""
    changed = {name: short for name, short in names.items() if name != short}
    if not changed:
        return style
    pattern = "|".join(map(re.escape, sorted(changed, key=len, reverse=True)))
    return re.sub(rf'(?<=")(?:{pattern})(?=")|(?<=&quot;)(?:{pattern})(?=&quot;)', lambda found: changed[found[0]], style)


def _field(name: str, kind: str, title: str, *, about: str = "", known_as: str = "") -> Row:
    return {"field": name, "property": known_as, "type": kind, "title": title, "description": about}


def _fields(layer: ExportLayer, written: Written, file: Path) -> list[Row]:
    """Describe the columns of a layer's file; those of a CSV in their order, with the geometry's."""
    names, aliases, languages = written.names.get(layer.id, {}), layer.aliases(), tuple(layer.atlas.languages)
    rows = [
        _field(
            names.get(column, column),
            TYPES[written.types.get(kind, kind)],
            aliases[column],
            about=description(column, lang=layer.lang, languages=languages) or "",
            known_as=column,
        )
        for column, kind in layer.types.items()
    ]
    if file.suffix == ".csv":
        with file.open(encoding="utf-8", newline="") as stream:
            added = next(csv.reader(stream))[len(rows) :]
        places = {name: say(f"export.{name.removeprefix('geometry_')}", lang=layer.lang) for name in added}
        rows += [_field(name, "string" if name.endswith("wkt") else "number", title) for name, title in places.items()]
    return rows


def _schema(fields: list[Row]) -> Row:
    listed = [{"name": row["field"], "type": row["type"], "title": row["title"], "description": row["description"]} for row in fields]
    return {"fields": [{key: value for key, value in row.items() if value} for row in listed]}


def _resource(layer: ExportLayer, file: Path, fields: list[Row], folder: Path) -> Row:
    ending = file.suffix
    return {
        **file_entry(file, file.read_bytes(), folder=folder),
        "title": layer.title(),
        "description": layer.summary(),
        **({"type": "table", **CSV} if ending == ".csv" else {"format": MEDIA[ending][0], "mediatype": MEDIA[ending][1]}),
        "geometryType": layer.record.geometry,
        "licenses": licence_entries([layer.record.licence]),
        "sources": source_entries(layer.atlas, {source.id for source in layer.sources}),
        "schema": {**_schema(fields), "primaryKey": ["id"]},
    }


def _table(file: Path, title: str, fields: list[Row], folder: Path) -> Row:
    with file.open(encoding="utf-8", newline="") as stream:
        held = set(next(csv.reader(stream)))
    schema = _schema([row for row in fields if row["field"] in held])
    return {**file_entry(file, file.read_bytes(), folder=folder), "type": "table", "title": title, **CSV, "schema": schema}


def _licence(bundle: Bundle) -> str:
    lines = [say("export.licences", lang=bundle.lang), ""]
    for licence in licence_entries(layer.record.licence for layer in bundle.layers):
        known = licence.get("title", licence["name"])
        layers = ", ".join(layer.id for layer in bundle.layers if layer.record.licence == known)
        lines += [f"{known}: {layers}", *([f"    {licence['path']}"] if "path" in licence else [])]
    return "\n".join([*lines, "", _credit(bundle), "", say("export.licences_of_sources", lang=bundle.lang), ""])


def _credit(bundle: Bundle) -> str:
    return say("export.credit", lang=bundle.lang, credit=bundle.atlas.text(bundle.atlas.record.attribution, bundle.lang))


def _readme(bundle: Bundle, files: Mapping[str, Path], folder: Path, *, form: Format, written: Written) -> str:
    atlas, lang = bundle.atlas, bundle.lang
    lines = [atlas.text(atlas.record.title, lang), "", atlas.text(atlas.record.description, lang), ""]
    for layer in bundle.layers:
        count = say("export.features", lang=lang, n=str(len(layer.frame)))
        lines += [
            f"{files[layer.id].relative_to(folder).as_posix()} – {layer.title()} ({count}; {layer.record.licence})",
            f"    {layer.summary()}",
        ]
    coordinates = say("export.coordinates", lang=lang, crs=bundle.crs if form.any_crs else "EPSG:4326")
    lines += ["", coordinates, *(told(note, lang) for note in bundle.notes), _credit(bundle), ""]
    losses = [*bundle.losses, *written.losses]
    if losses:
        lines += [say("export.not_kept", lang=lang), *(f"- {told(loss, lang)}" for loss in losses), ""]
    beside = ["export.beside_fields", "export.beside_sources", "export.beside_licence"]
    beside += ["export.beside_styles"] if form.styled else []
    beside += ["export.beside_types"] if form.suffix == ".csv" else []
    return "\n".join([*lines, *(say(key, lang=lang) for key in [*beside, "export.beside_package"]), ""])
