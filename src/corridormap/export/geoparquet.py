"""GeoParquet 1.1: columns for analysts, with the CRS and a box for each feature."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from corridormap.export.common import each_layer, require
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer

__all__ = ["FORMAT"]


def write(bundle: Bundle, target: Path) -> Written:
    """Write each layer with GeoPandas and Arrow."""
    require("pyarrow", extra="export", needed_for="GeoParquet")
    for layer, path in each_layer(bundle, target, FORMAT.suffix):
        stream = io.BytesIO()
        layer.typed().to_parquet(stream, index=False, compression="zstd", schema_version="1.1.0", write_covering_bbox=True)
        path.write_bytes(_described(stream, layer))
    return Written({layer.id: len(layer.frame) for layer in bundle.layers})


def _described(stream: io.BytesIO, layer: ExportLayer) -> bytes:
    """Give the same file with the layer's title, licence and sources as file metadata and the labels as metadata of the columns."""
    from pyarrow import parquet

    table = parquet.read_table(stream)
    about = {
        "title": layer.title(),
        "description": layer.summary(),
        "licence": layer.record.licence,
        "attribution": layer.atlas.text(layer.atlas.record.attribution, layer.lang),
        "sources": "; ".join(f"{source.title}, {source.publisher}" for source in layer.sources),
    }
    aliases = layer.aliases()
    schema = table.schema.with_metadata({**table.schema.metadata, **about})
    for number, field in enumerate(schema):
        if field.name in aliases:
            schema = schema.set(number, field.with_metadata({"title": aliases[field.name]}))
    result = io.BytesIO()
    parquet.write_table(table.cast(schema), result, compression="zstd")
    return result.getvalue()


FORMAT = Format("geoparquet", ".parquet", "layers", "GeoParquet 1.1, a file a layer: DuckDB, pandas, Spark, BigQuery", write)
