"""GeoJSON (RFC 7946): one canonical file a layer, byte for byte the atlas's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.export.common import each_layer
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle

__all__ = ["FORMAT"]


def write(bundle: Bundle, target: Path) -> Written:
    """Write each layer with the project's one GeoJSON writer."""
    from corridormap import geojson

    for layer, path in each_layer(bundle, target, FORMAT.suffix):
        path.write_bytes(geojson.dumps(layer.plain(), name=layer.id).encode())
    return Written({layer.id: len(layer.frame) for layer in bundle.layers})


FORMAT = Format("geojson", ".geojson", "layers", "GeoJSON, a file a layer: the web, QGIS, Python, R", write, any_crs=False)
