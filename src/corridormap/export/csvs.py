"""CSV: a table a layer, for spreadsheets; points as two columns, lines as WKT."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from corridormap.export.bundle import LONLAT
from corridormap.export.common import each_layer, without_position
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer

__all__ = ["FORMAT"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so may be computed by a spreadsheet."""


def write(bundle: Bundle, target: Path) -> Written:
    """Write each layer as UTF-8 text (RFC 4180, but with plain line feeds as the atlas's tables)."""
    losses = ["types of columns are not kept: all is text, an empty field is null, truth values are true and false"]
    for layer, path in each_layer(bundle, target, FORMAT.suffix):
        path.write_bytes(_table(layer, bundle.crs).encode())
        losses += without_position(layer, "have no coordinates")
        formulas = sum(isinstance(value, str) and value.startswith(FORMULA) for row in layer.rows() for value in row.values())
        if formulas:
            losses.append(f"{layer.id}: {formulas} texts begin like a formula; import the columns as text into a spreadsheet")
    return Written({layer.id: len(layer.frame) for layer in bundle.layers}, losses)


def _table(layer: ExportLayer, crs: str) -> str:
    import shapely

    axes = ("lon", "lat") if crs == LONLAT else ("x", "y")
    point = layer.record.geometry == "Point"
    added = axes if point else ("wkt",)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    # A property of that name would be a second column of it.
    writer.writerow([*layer.columns, *(f"geometry_{name}" if name in layer.columns else name for name in added)])
    for row, shape in zip(layer.rows(), layer.frame.geometry, strict=True):
        if point:
            place: list[Any] = ["", ""] if shape is None else [repr(float(shape.x)), repr(float(shape.y))]
        else:
            place = ["" if shape is None else shapely.to_wkt(shape, rounding_precision=-1)]
        writer.writerow([*(_cell(row[column]) for column in layer.columns), *place])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


FORMAT = Format("csv", ".csv", "layers", "CSV, a table a layer: spreadsheets; points as lon and lat, lines as WKT", write)
