"""A folder for QGIS: the project, the layers as GeoJSON with their styles and metadata beside them, the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap import geojson
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle

CSVT = {"string": '"String"', "Float64": '"Real"'}
"""Type of a column → what GDAL calls it in the file beside a CSV."""


def write(bundle: Bundle, target: Path) -> Written:
    """Write the folder; nothing of the layers is lost, since the GeoJSON files are the atlas's own."""
    from corridormap.export.qgis.contents import Contents
    from corridormap.export.qgis.project import project, qgz, without_tiles
    from corridormap.export.qgis.qmd import qmd
    from corridormap.export.qgis.qml import qml, table_qml

    contents = Contents.of(bundle)

    def put(relative: str, content: str | bytes) -> None:
        """Write a file at once: none is kept in memory until the last is made."""
        path = target / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    for layer in bundle.layers:
        contents.places[layer.id] = f"./layers/{layer.id}.geojson"
        put(f"layers/{layer.id}.geojson", geojson.dumps(layer.frame, name=layer.id))
        put(f"layers/{layer.id}.qml", qml(layer, contents))
        put(f"layers/{layer.id}.qmd", qmd(layer))
    for table in contents.tables:
        contents.places[table.name] = f"./tables/{table.name}.csv"
        put(f"tables/{table.name}.csv", table.frame.to_csv(index=False, lineterminator="\n"))
        put(f"tables/{table.name}.csvt", ",".join(CSVT[str(kind)] for kind in table.frame.dtypes) + "\n")
        put(f"tables/{table.name}.qml", table_qml(table, contents))
    for ground in contents.grounds:
        contents.places[ground.name] = f"./backdrop/{ground.name}.geojson"
        put(f"backdrop/{ground.name}.geojson", (bundle.atlas.folder / ground.path).read_bytes())
    name = bundle.atlas.record.id
    put(f"{name}.qgz", qgz(project(contents), name))
    return Written(bundle.counts, without_tiles(bundle))


FORMAT = Format(
    "qgis",
    "",
    "folder",
    "QGIS project with the layers, styles and metadata beside it",
    write,
    any_crs=False,
    layer_file="layers/{layer}.geojson",
)
