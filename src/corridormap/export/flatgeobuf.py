"""FlatGeobuf: a compact file with a spatial index, read in pieces over the web."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from corridormap.export.common import each_layer
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle

__all__ = ["FORMAT"]


def write(bundle: Bundle, target: Path) -> Written:
    """Write each layer with GDAL.

    GDAL's index cannot hold a feature without a geometry; a layer with such features keeps them and goes without the index.
    """
    import pyogrio

    losses = []
    for layer, path in each_layer(bundle, target, FORMAT.suffix):
        indexed = not layer.unlocated
        if not indexed:
            losses.append(f"{layer.id}: written without a spatial index, which cannot hold features without a published position")
        # In memory first: Python names a full disk, where GDAL may leave a file cut short.
        stream = io.BytesIO()
        pyogrio.write_dataframe(
            layer.typed(),
            stream,
            driver="FlatGeobuf",
            layer=layer.id,
            geometry_type=layer.record.geometry,
            layer_options={"SPATIAL_INDEX": "YES" if indexed else "NO", "TITLE": layer.title(), "DESCRIPTION": layer.summary()},
        )
        path.write_bytes(stream.getvalue())
    return Written({layer.id: len(layer.frame) for layer in bundle.layers}, losses)


FORMAT = Format("flatgeobuf", ".fgb", "layers", "FlatGeobuf, a file a layer: large data, read in pieces over the web", write)
