"""What GDAL does not write into a GeoPackage: styles, labels of columns, value lists, metadata; each as its specification has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from corridormap.export.qmd import qmd
from corridormap.export.qml import qml, table_qml
from corridormap.export.qxml import add
from corridormap.export.sld import sld
from corridormap.words import description

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.tables import Table

__all__ = ["Documents", "add_documents"]

QGIS_METADATA = "http://mrcc.com/qgis.dtd"
DUBLIN_CORE = "http://purl.org/dc/terms/"

SCHEMA = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC,
  max_is_inclusive BOOLEAN, description TEXT, CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT ''
);
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
);
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30),
  ui TEXT(30), update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
);
"""
EXTENSIONS = {
    "gpkg_schema": ("http://www.geopackage.org/spec121/#extension_schema", ("gpkg_data_columns", "gpkg_data_column_constraints")),
    "gpkg_metadata": ("http://www.geopackage.org/spec121/#extension_metadata", ("gpkg_metadata", "gpkg_metadata_reference")),
}


@dataclass(frozen=True)
class Documents:
    """What is to be added.

    Parameters
    ----------
    bundle : Bundle
        The layers.
    tables : sequence of Table
        The tables.
    date : str
        The date and time that rows bear.
    geometry, fid : str
        Name of the geometry columns and of the primary keys.
    """

    bundle: Bundle
    tables: Sequence[Table]
    date: str
    geometry: str
    fid: str


def add_documents(connection: sqlite3.Connection, documents: Documents) -> None:
    """Add styles, labels, value lists and metadata to a GeoPackage that GDAL has written."""
    # GDAL makes these itself in some versions.
    for name in ("gpkg_data_columns", "gpkg_data_column_constraints", "gpkg_metadata", "gpkg_metadata_reference"):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.executescript(SCHEMA)
    for extension, (definition, names) in EXTENSIONS.items():
        connection.execute("DELETE FROM gpkg_extensions WHERE extension_name = ?", (extension,))
        rows = [(table, None, extension, definition, "read-write") for table in names]
        connection.executemany("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", rows)
    _add_styles(connection, documents)
    for layer in documents.bundle.layers:
        described = {column: description(column, lang=layer.lang, languages=tuple(layer.atlas.languages)) for column in layer.columns}
        _add_columns(connection, layer.id, layer.aliases(), described, _fitting(layer, layer.meanings()))
    for table in documents.tables:
        _add_columns(connection, table.name, table.aliases, {}, {})
    _add_metadata(connection, documents)


def _add_styles(connection: sqlite3.Connection, documents: Documents) -> None:
    date, first = documents.date, (documents.fid,)
    rows: list[tuple[str | None, ...]] = [
        (layer.id, documents.geometry, layer.title()[:30], qml(layer, first_columns=first), sld(layer), layer.summary())
        for layer in documents.bundle.layers
    ]
    rows += [
        # Without a geometry column QGIS looks for an empty name.
        (table.name, "", table.title[:30], table_qml(table, first_columns=first), None, None)
        for table in documents.tables
    ]
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD,"
        " useAsDefault, description, owner, update_time) VALUES ('', '', ?, ?, ?, ?, ?, 1, ?, '', ?)",
        [(*row, date) for row in rows],
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) VALUES"
        " ('layer_styles', 'attributes', 'layer_styles', '', ?)",
        (date,),
    )
    connection.execute("INSERT INTO gpkg_ogr_contents (table_name, feature_count) VALUES ('layer_styles', ?)", (len(rows),))


def _fitting(layer: ExportLayer, words: Mapping[str, Mapping[str, str]]) -> dict[str, Mapping[str, str]]:
    """Give value lists that hold every value the column has."""
    return {column: known for column, known in words.items() if known and set(layer.frame[column].dropna()) <= known.keys()}


def _add_columns(
    connection: sqlite3.Connection,
    table: str,
    aliases: Mapping[str, str],
    described: Mapping[str, str | None],
    words: Mapping[str, Mapping[str, str]],
) -> None:
    taken: set[str] = set()
    for column, title in aliases.items():
        # Within a table a name may stand once.
        name = title if title not in taken else f"{title} ({column})"
        taken.add(name)
        constraint = None
        if column in words:
            constraint = f"{table}_{column}"
            rows = [(constraint, "enum", value, text) for value, text in words[column].items()]
            connection.executemany(
                "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) VALUES (?, ?, ?, ?)", rows
            )
        row = (table, column, name, title, described.get(column), None, constraint)
        connection.execute("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _add_metadata(connection: sqlite3.Connection, documents: Documents) -> None:
    bundle, date = documents.bundle, documents.date
    connection.execute("INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'text/xml', ?)", (DUBLIN_CORE, _dublin_core(bundle)))
    connection.execute("INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)", (date,))
    for number, layer in enumerate(bundle.layers, start=2):
        connection.execute("INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/xml', ?)", (number, QGIS_METADATA, qmd(layer)))
        connection.execute("INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, ?, 1)", (layer.id, date, number))


def _dublin_core(bundle: Bundle) -> str:
    """Title, description, rights, licences and sources of the whole, in Dublin Core's terms."""
    atlas, lang = bundle.atlas, bundle.lang
    root = Element("metadata", {"xmlns": DUBLIN_CORE})
    add(root, "identifier", atlas.record.id)
    add(root, "title", atlas.text(atlas.record.title, lang))
    add(root, "description", atlas.text(atlas.record.description, lang))
    add(root, "language", lang)
    add(root, "rights", atlas.text(atlas.record.attribution, lang))
    for licence in sorted({layer.record.licence for layer in bundle.layers}):
        add(root, "license", licence)
    for source in {source.id: source for layer in bundle.layers for source in layer.sources}.values():
        add(root, "source", ", ".join(item for item in (source.title, source.publisher, source.url, source.date, source.licence) if item))
    return tostring(root, encoding="unicode")
