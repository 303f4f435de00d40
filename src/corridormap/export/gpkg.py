"""GeoPackage 1.3: every layer with its style, labels and metadata, the tables, and a QGIS project that opens them all.

GDAL writes layers and tables; styles, labels of columns, value lists and metadata are added as their specifications have them.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

from corridormap.derive.datapackage import told_apart
from corridormap.errors import UsageError, WriteError
from corridormap.export.format import Format, Written
from corridormap.phrases import counted
from corridormap.words import description

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.qgis.contents import Contents

GEOMETRY, FID = "geom", "fid"
OWN = re.compile("gpkg_|rtree_|sqlite_|(?:layer_styles|qgis_projects)$")
OLDEST = "2000-01-01"
QGIS_METADATA = "http://mrcc.com/qgis.dtd"
EXTENSIONS = {
    "gpkg_schema": ("gpkg_data_columns", "gpkg_data_column_constraints"),
    "gpkg_metadata": ("gpkg_metadata", "gpkg_metadata_reference"),
}
"""Extension → its tables."""


def write(bundle: Bundle, target: Path) -> Written:
    """Write the GeoPackage, which the project within calls by the target's name.

    Features without a position go to a table of their own, since a layer's geometries must not be null.

    Raises
    ------
    UsageError
        If a layer is called as the tables of GeoPackage itself are, of SQLite and of QGIS.
    """
    from corridormap.export.qgis.contents import Contents, unlocated
    from corridormap.export.qgis.project import project, qgz, without_tiles

    date = _date(bundle)
    losses: list[str] = []
    # Styles know the parts of a line, so that they are made for the lines as they are written.
    bundle = replace(bundle, layers=[_simple(_named(layer, losses), losses) for layer in bundle.layers])
    for layer in bundle.layers:
        if OWN.match(layer.id):
            hint = "Give the layer another id in atlas.toml, or leave it out with --layers."
            raise UsageError(f"GeoPackage keeps names such as {layer.id!r} for its own tables", hint=hint)
    contents = Contents.of(bundle, apart=[unlocated(layer) for layer in bundle.layers if layer.unlocated])
    contents.first_columns = (FID,)
    titles = {layer.id: layer.title() for layer in bundle.layers} | {ground.name: ground.title for ground in contents.grounds}
    titles |= {table.name: table.title for table in contents.tables}
    # GeoPackage wants each once.
    identifiers = dict(zip(titles, told_apart(titles.values()), strict=True))
    with _dated(date):
        for layer in bundle.layers:
            located = layer.typed()
            located = located[located.geometry.notna()]
            named = {"IDENTIFIER": identifiers[layer.id], "DESCRIPTION": layer.summary()}
            write_table(located, target=target, name=layer.id, geometry_type=layer.record.geometry, **named)
            if layer.unlocated:
                apart = counted(len(layer.unlocated), "feature")
                losses.append(f"{layer.id}: {apart} without a published position put into the table {layer.id}_unlocated")
        for ground in contents.grounds:
            write_table(ground.frame, target=target, name=ground.name, geometry_type=ground.wkb, IDENTIFIER=identifiers[ground.name])
        for table in contents.tables:
            write_table(table.frame, target=target, name=table.name, geometry_type=None, IDENTIFIER=identifiers[table.name])
    contents.places = {name: f"./{target.name}|layername={name}" for name in titles}
    losses += without_tiles(bundle)
    name = bundle.atlas.record.id
    stored = qgz(project(contents), name)
    about = json.dumps({"last_modified_time": f"{date}T00:00:00", "last_modified_user": ""})
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        add_documents(connection, contents, date=f"{date}T00:00:00.000Z")
        connection.execute("CREATE TABLE qgis_projects (name TEXT PRIMARY KEY NOT NULL, metadata BLOB, content BLOB)")
        connection.execute("INSERT INTO qgis_projects VALUES (?, ?, ?)", (name, about, stored.hex()))
        connection.commit()
        connection.execute("VACUUM")
        _check(connection, bundle, target)
    return Written(bundle.counts, losses)


@contextmanager
def _dated(date: str) -> Iterator[None]:
    """Let GDAL take a date of the data for the present, so that every run gives the same bytes."""
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{date}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _date(bundle: Bundle) -> str:
    """Give the newest full date of a source of the layers: how fresh the data is."""
    dates = [source.date for layer in bundle.layers for source in layer.sources if source.date]
    return max((date for date in dates if re.fullmatch(r"\d{4}-\d\d-\d\d", date)), default=OLDEST)


def write_table(frame: Any, *, target: Path, name: str, geometry_type: str | None, **options: str) -> None:
    """Write a table of a GeoPackage with GDAL, into the file if it exists; of no type of geometry it is one of attributes alone."""
    import pyogrio

    spatial = {} if geometry_type is None else {"geometry_type": geometry_type, "promote_to_multi": geometry_type.startswith("Multi")}
    if geometry_type is not None:
        options |= {"GEOMETRY_NAME": GEOMETRY, "SPATIAL_INDEX": "YES"}
    pyogrio.write_dataframe(
        frame,
        target,
        driver="GPKG",
        layer=name,
        dataset_options=None if target.exists() else {"VERSION": "1.3", "ADD_GPKG_OGR_CONTENTS": "YES"},
        layer_options={"FID": FID, **options},
        **spatial,
    )


def _named(layer: ExportLayer, losses: list[str]) -> ExportLayer:
    """Give the layer with other names for the properties that a table cannot have beside its own columns or another property."""
    # Of names that differ in capitals the one in small letters stays.
    columns = sorted(layer.columns, key=lambda name: (name != name.lower(), name))
    told = zip(columns, told_apart(columns, taken=[FID, GEOMETRY], mark="_"), strict=True)
    names = {name: new for name, new in told if new != name}
    if not names:
        return layer
    changed = ", ".join(f"{old} → {new}" for old, new in names.items())
    losses.append(
        f"{layer.id}: properties renamed, since tables have columns {FID} and {GEOMETRY} and take capitals for small letters: {changed}"
    )
    return replace(layer, frame=layer.frame.rename(columns=names))


def _simple(layer: ExportLayer, losses: list[str]) -> ExportLayer:
    """Give the layer with lines that do not meet themselves; what of it changed is added to the losses."""
    import shapely

    from corridormap.export.shape import simple_parts

    frame = layer.frame.copy()
    shapes = frame.geometry.to_numpy()
    crossing = frame.geometry.notna().to_numpy() & ~shapely.is_simple(shapes)
    if layer.record.geometry != "MultiLineString" or not crossing.any():
        return layer
    losses.append(
        f"{layer.id}: {counted(int(crossing.sum()), 'line')} cut into more parts where one meets itself, since geometries must be simple"
    )
    parts = [simple_parts(shape) if bad else shape for shape, bad in zip(shapes, crossing, strict=True)]
    return replace(layer, frame=frame.set_geometry(parts, crs=frame.crs))


def add_documents(connection: sqlite3.Connection, contents: Contents, *, date: str) -> None:
    """Add styles, labels, value lists and metadata to a GeoPackage that GDAL has written."""
    connection.executescript((resources.files(__package__) / "gpkg.sql").read_text(encoding="utf-8"))
    for extension, names in EXTENSIONS.items():
        definition = f"http://www.geopackage.org/spec121/#extension_{extension.removeprefix('gpkg_')}"
        connection.execute("DELETE FROM gpkg_extensions WHERE extension_name = ?", (extension,))
        rows = [(table, None, extension, definition, "read-write") for table in names]
        connection.executemany("INSERT INTO gpkg_extensions VALUES (?, ?, ?, ?, ?)", rows)
    _add_styles(connection, contents, date=date)
    for layer in contents.bundle.layers:
        described = {column: description(column, lang=layer.lang, languages=tuple(layer.atlas.languages)) for column in layer.columns}
        # Value lists must hold every value the column has.
        words = {name: known for name, known in layer.meanings().items() if known and set(layer.frame[name].dropna()) <= known.keys()}
        _add_columns(connection, layer.id, layer.aliases(), described, words)
    for table in contents.tables:
        _add_columns(connection, table.name, table.aliases(), {}, {})
    _add_metadata(connection, contents.bundle, date=date)


def _add_styles(connection: sqlite3.Connection, contents: Contents, *, date: str) -> None:
    from corridormap.export.qgis.qml import qml, table_qml
    from corridormap.export.sld import sld

    rows: list[tuple[str | None, ...]] = [
        (layer.id, GEOMETRY, layer.title()[:30], qml(layer, contents), sld(layer), layer.summary()) for layer in contents.bundle.layers
    ]
    rows += [
        # Without a geometry column QGIS looks for an empty name.
        (table.name, "", table.title[:30], table_qml(table, contents), None, None)
        for table in contents.tables
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


def _add_columns(
    connection: sqlite3.Connection,
    table: str,
    aliases: Mapping[str, str],
    described: Mapping[str, str | None],
    words: Mapping[str, Mapping[str, str]],
) -> None:
    # Within a table a name may stand once.
    for (column, title), name in zip(aliases.items(), told_apart(aliases.values()), strict=True):
        constraint = None
        if column in words:
            constraint = f"{table}_{column}"
            rows = [(constraint, "enum", value, text) for value, text in words[column].items()]
            connection.executemany(
                "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) VALUES (?, ?, ?, ?)", rows
            )
        row = (table, column, name, title, described.get(column), None, constraint)
        connection.execute("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _add_metadata(connection: sqlite3.Connection, bundle: Bundle, *, date: str) -> None:
    from corridormap.export.qgis.qmd import DUBLIN_CORE, dublin_core, qmd

    connection.execute("INSERT INTO gpkg_metadata VALUES (1, 'dataset', ?, 'text/xml', ?)", (DUBLIN_CORE, dublin_core(bundle)))
    connection.execute("INSERT INTO gpkg_metadata_reference VALUES ('geopackage', NULL, NULL, NULL, ?, 1, NULL)", (date,))
    for number, layer in enumerate(bundle.layers, start=2):
        connection.execute("INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/xml', ?)", (number, QGIS_METADATA, qmd(layer)))
        connection.execute("INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, ?, 1)", (layer.id, date, number))


def _check(connection: sqlite3.Connection, bundle: Bundle, target: Path) -> None:
    """Prove that nothing was cut short on the way to the disk."""
    state = connection.execute("PRAGMA quick_check").fetchone()[0]
    for layer in bundle.layers:
        count = connection.execute(f'SELECT count(*) FROM "{layer.id}"').fetchone()[0]  # noqa: S608  an identifier of atlas.toml
        expected = len(layer.frame) - len(layer.unlocated)
        if state != "ok" or count != expected:
            raise WriteError(
                f"was not written whole: {layer.id} has {count} of {counted(expected, 'feature')}", where=target, hint="Is the disk full?"
            )


FORMAT = Format("gpkg", ".gpkg", "file", "GeoPackage with styles, metadata and a QGIS project in it: QGIS, any GIS", write)
