"""GeoJSON text sequences: one feature a line, for streams and big-data tools."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from corridormap.export.common import each_layer
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer

__all__ = ["FORMAT", "lines"]


ORDER = ("type", "id", "geometry", "properties")
"""GDAL looks for the type at a file's beginning to tell a sequence of features from a single one."""


def lines(layer: ExportLayer) -> str:
    """Give the layer's features, each as one line of GeoJSON."""
    from corridormap import geojson

    features = json.loads(geojson.dumps(layer.plain(), name=layer.id))["features"]
    ordered = ({key: feature[key] for key in ORDER} for feature in features)
    return "".join(json.dumps(feature, ensure_ascii=False, separators=(",", ":")) + "\n" for feature in ordered)


def write(bundle: Bundle, target: Path) -> Written:
    """Write each layer as newline-delimited GeoJSON."""
    for layer, path in each_layer(bundle, target, FORMAT.suffix):
        path.write_bytes(lines(layer).encode())
    return Written({layer.id: len(layer.frame) for layer in bundle.layers})


FORMAT = Format("geojsonl", ".geojsonl", "layers", "GeoJSON, a feature a line: streams, jq, tippecanoe", write, any_crs=False)
