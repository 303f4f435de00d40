"""The formats with a file a layer: GeoJSON, a feature a line, CSV, FlatGeobuf, GeoParquet."""

from __future__ import annotations

import io
from itertools import repeat
from typing import TYPE_CHECKING

from corridormap import geojson
from corridormap.export.bundle import LONLAT
from corridormap.export.format import file_a_layer, without_position
from corridormap.export.sentence import Sentence
from corridormap.extras import require

if TYPE_CHECKING:
    from pandas import DataFrame

    from corridormap.export.bundle import ExportLayer

CSVT = {"text": "String", "integer": "Integer64", "number": "Real", "boolean": "Integer(Boolean)"}
"""Type of a property → its name in GDAL's .csvt."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so may be computed by a spreadsheet."""


def _as_geojson(layer: ExportLayer, _: list[str]) -> bytes:
    """Give the layer as the atlas's own file has it, byte for byte (RFC 7946)."""
    return geojson.dumps(layer.frame, name=layer.id).encode()


def as_lines(layer: ExportLayer, _: list[str]) -> bytes:
    """Give the layer's features, each as one line of GeoJSON."""
    return geojson.dump_lines(layer.frame, name=layer.id).encode()


def _as_csv(layer: ExportLayer, losses: list[str]) -> bytes:
    """Give a table in UTF-8 (RFC 4180, but with plain line feeds as the atlas's tables): points as two columns, lines as WKT."""
    import shapely

    losses += without_position(layer, "export.no_coordinates")
    shapes = layer.frame.geometry
    texts = [layer.frame[column].dropna() for column, kind in layer.types.items() if kind == "text"]
    formulas = sum(sum(map(str.startswith, values, repeat(FORMULA))) for values in texts)
    if formulas:
        losses.append(Sentence("export.formulas", layer=layer.id, n=str(formulas)))
    table = _table(layer)
    point = layer.record.geometry == "Point"
    values = [shapes.x, shapes.y] if point else [shapely.to_wkt(shapes.to_numpy(), rounding_precision=-1)]
    return _csv(table.assign(**dict(zip(_places(layer), values, strict=True))))


def _places(layer: ExportLayer) -> dict[str, str]:
    """Give the columns of a CSV that hold the geometry, each with its type in GDAL's words."""
    if layer.record.geometry == "Point":
        places = dict(zip(("lon", "lat") if layer.frame.crs == LONLAT else ("x", "y"), ("CoordX", "CoordY"), strict=True))
    else:
        places = {"wkt": "WKT"}
    # A property of that name would be a second column of it.
    return {f"geometry_{name}" if name in layer.columns else name: kind for name, kind in places.items()}


def _beside_csv(layer: ExportLayer) -> dict[str, str]:
    """Give what GDAL and QGIS read beside a CSV: the types of its columns and the CRS, so that it opens as a map."""
    types = [CSVT[layer.types[column]] for column in layer.columns] + list(_places(layer).values())
    return {".csvt": ",".join(f'"{kind}"' for kind in types) + "\n", ".prj": layer.frame.crs.to_wkt("WKT1_GDAL") + "\n"}


def _table(layer: ExportLayer) -> DataFrame:
    """Give the properties, truth values as true and false."""
    table: DataFrame = layer.frame[layer.columns].copy()
    for column, kind in layer.types.items():
        if kind == "boolean":
            table[column] = table[column].astype("string").str.lower()
    return table


def _csv(table: DataFrame) -> bytes:
    return table.to_csv(index=False, lineterminator="\n").encode()


def _unlocated(layer: ExportLayer) -> bytes:
    """Give the features without a position as a table."""
    return _csv(_table(layer)[layer.frame.geometry.isna()])


def _as_flatgeobuf(layer: ExportLayer, _: list[str]) -> bytes:
    """Give the layer, whose features all have a geometry, as GDAL writes it: without one, readers in JavaScript and DuckDB fail."""
    import pyogrio

    about = [layer.summary(), f"{layer.record.licence}.", layer.atlas.text(layer.atlas.record.attribution, layer.lang)]
    # In memory first: Python names a full disk, where GDAL may leave a file cut short.
    stream = io.BytesIO()
    pyogrio.write_dataframe(
        layer.typed(),
        stream,
        driver="FlatGeobuf",
        layer=layer.id,
        geometry_type=layer.record.geometry,
        layer_options={"SPATIAL_INDEX": "YES", "TITLE": layer.title(), "DESCRIPTION": " ".join(about)},
    )
    return stream.getvalue()


def _as_geoparquet(layer: ExportLayer, _: list[str]) -> bytes:
    """Give GeoParquet 1.1 with the layer's title, licence and sources as the file's metadata, and the labels as its columns'."""
    require("pyarrow", extra="export", needed_for="GeoParquet")
    from pyarrow import parquet

    stream = io.BytesIO()
    layer.typed().to_parquet(stream, index=False, compression=None, schema_version="1.1.0", write_covering_bbox=True)
    table = parquet.read_table(stream)
    about = {
        "title": layer.title(),
        "description": layer.summary(),
        "licence": layer.record.licence,
        "attribution": layer.atlas.text(layer.atlas.record.attribution, layer.lang),
        "sources": "; ".join(f"{source.title}, {source.publisher}" for source in layer.sources),
    }
    schema = table.schema.with_metadata({**table.schema.metadata, **about})
    for column, title in layer.aliases().items():
        number = schema.get_field_index(column)
        schema = schema.set(number, schema.field(number).with_metadata({"title": title}))
    result = io.BytesIO()
    parquet.write_table(table.cast(schema), result, compression="zstd")
    return result.getvalue()


GEOJSON = file_a_layer("geojson", ".geojson", "GeoJSON, a file a layer: the web, QGIS, Python, R", _as_geojson, any_crs=False)
GEOJSONL = file_a_layer("geojsonl", ".geojsonl", "GeoJSON, a feature a line: streams, jq, tippecanoe", as_lines, any_crs=False)
CSV = file_a_layer(
    "csv",
    ".csv",
    "CSV, a table a layer: spreadsheets; points as lon and lat, lines as WKT",
    _as_csv,
    losses=[Sentence("export.csv")],
    beside=_beside_csv,
)
FLATGEOBUF = file_a_layer(
    "flatgeobuf", ".fgb", "FlatGeobuf, a file a layer: large data, read in pieces over the web", _as_flatgeobuf, apart=_unlocated
)
GEOPARQUET = file_a_layer("geoparquet", ".parquet", "GeoParquet 1.1, a file a layer: DuckDB, pandas, Spark, BigQuery", _as_geoparquet)
