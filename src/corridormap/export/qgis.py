"""A folder for QGIS: the project, the layers as GeoJSON with their styles and metadata beside them, the tables."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle
    from corridormap.export.tables import Table

__all__ = ["FORMAT", "write"]


def write(bundle: Bundle, target: Path) -> Written:
    """Write the folder.

    Parameters
    ----------
    bundle : Bundle
        The layers, in longitude and latitude.
    target : Path
        An empty or missing folder.

    Returns
    -------
    Written
        Nothing of the layers is lost: the GeoJSON files are the atlas's own.
    """
    from corridormap.export.backdrop import grounds
    from corridormap.export.project import project, qgz, without_tiles
    from corridormap.export.qmd import qmd
    from corridormap.export.qml import qml, table_qml
    from corridormap.export.tables import links, tables
    from corridormap.export.tree import Place, Tree

    made = tables(bundle)
    ground = grounds(bundle)
    places = {layer.id: Place(f"./layers/{layer.id}.geojson") for layer in bundle.layers}
    places |= {table.name: Place(f"./tables/{table.name}.csv") for table in made}
    places |= {item.name: Place(f"./backdrop/{item.name}.geojson") for item in ground}
    tree = Tree(bundle, places, made, links(bundle, made), ground)
    files: dict[str, str | bytes] = {}
    for layer in bundle.layers:
        files[f"layers/{layer.id}.geojson"] = geojson.dumps(layer.plain(), name=layer.id)
        files[f"layers/{layer.id}.qml"] = qml(layer)
        files[f"layers/{layer.id}.qmd"] = qmd(layer)
    for table in made:
        files[f"tables/{table.name}.csv"] = _csv(table)
        files[f"tables/{table.name}.csvt"] = (
            ",".join({"text": '"String"', "number": '"Real"'}[kind] for kind in table.columns.values()) + "\n"
        )
        files[f"tables/{table.name}.qml"] = table_qml(table)
    for item, record in zip(ground, sorted_backdrop(bundle, ground), strict=True):
        files[f"backdrop/{item.name}.geojson"] = (bundle.atlas.folder / record).read_bytes()
    name = bundle.atlas.record.id
    files[f"{name}.qgz"] = qgz(project(tree), name)
    for relative, content in files.items():
        path = target / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Written(bundle.counts, without_tiles())


def sorted_backdrop(bundle: Bundle, ground: list[Any]) -> list[str]:
    """Give the background's files in the order of its layers."""
    paths = {f"backdrop_{record.id}".replace("-", "_"): record.path for record in bundle.atlas.record.backdrop}
    return [paths[item.name] for item in ground]


def _csv(table: Table) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([["" if row[column] is None else row[column] for column in table.columns] for row in table.rows])
    return text.getvalue()


FORMAT = Format("qgis", "", "folder", "QGIS project with the layers, styles and metadata beside it", write, any_crs=False)
