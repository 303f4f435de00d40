"""GeoPackage 1.3: every layer with its style, labels and metadata, the tables, and a QGIS project that opens them all."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import WriteError
from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.tables import Table

__all__ = ["FORMAT", "simple_parts", "write"]

GEOMETRY, FID = "geom", "fid"
OLDEST = "2000-01-01"


def write(bundle: Bundle, target: Path) -> Written:
    """Write the GeoPackage.

    Parameters
    ----------
    bundle : Bundle
        The layers, in any CRS.
    target : Path
        The file, which does not exist yet; the project within calls it by this name.

    Returns
    -------
    Written
        Number of features, those without a position included: they go to a table of their own, since a layer's geometries must not be null.
    """
    from corridormap.export.backdrop import grounds
    from corridormap.export.gpkg_tables import Documents, add_documents
    from corridormap.export.project import project, qgz, without_tiles
    from corridormap.export.tables import links, tables
    from corridormap.export.tree import Place, Tree

    date = _date(bundle)
    losses: list[str] = []
    # Styles know the parts of a line, so that they are made for the lines as they are written.
    bundle = replace(bundle, layers=[_simple(layer, losses) for layer in bundle.layers])
    made, ground = tables(bundle), grounds(bundle)
    relations = links(bundle, made)
    extras: dict[str, list[str]] = {}
    with _dated(date):
        for layer in bundle.layers:
            located = layer.typed()
            located = located[located.geometry.notna()]
            _write(located, target, layer.id, layer.record.geometry, IDENTIFIER=layer.title(), DESCRIPTION=layer.summary())
            if layer.unlocated:
                table = _unlocated(layer)
                extras[layer.id] = [table.name]
                made.append(table)
                losses.append(f"{layer.id}: {len(table.rows)} features without a published position are in the table {table.name}")
        for item in ground:
            _write(item.frame, target, item.name, item.wkb, IDENTIFIER=item.title)
        for table in made:
            _write(table.frame, target, table.name, None, IDENTIFIER=table.title)
    names = [*(layer.id for layer in bundle.layers), *(table.name for table in made), *(item.name for item in ground)]
    places = {name: Place(f"./{target.name}|layername={name}", (FID,)) for name in names}
    tree = Tree(bundle, places, made, relations, ground, extras)
    losses += without_tiles()
    name = bundle.atlas.record.id
    stored = qgz(project(tree), name)
    about = json.dumps({"last_modified_time": f"{date}T00:00:00", "last_modified_user": ""})
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        add_documents(connection, Documents(bundle, made, date=f"{date}T00:00:00.000Z", geometry=GEOMETRY, fid=FID))
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


def _write(frame: Any, target: Path, name: str, geometry_type: str | None, **options: str) -> None:
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


def _simple(layer: ExportLayer, losses: list[str]) -> ExportLayer:
    """Give the layer with lines that do not meet themselves; what of it changed is added to the losses."""
    frame = layer.frame.copy()
    shapes = frame.geometry.to_numpy()
    crossing = frame.geometry.notna().to_numpy() & ~shapely.is_simple(shapes)
    if layer.record.geometry != "MultiLineString" or not crossing.any():
        return layer
    losses.append(f"{layer.id}: {crossing.sum()} lines that meet themselves are cut there into more parts, since geometries must be simple")
    parts = [simple_parts(shape) if bad else shape for shape, bad in zip(shapes, crossing, strict=True)]
    return replace(layer, frame=frame.set_geometry(parts, crs=frame.crs))


def simple_parts(geometry: Any) -> Any:
    """Cut a multiline wherever it meets itself, so that its parts share ends only; parts keep their order and direction.

    Parameters
    ----------
    geometry : MultiLineString
        A line with branches, loops or turns back.

    Returns
    -------
    MultiLineString
        The same line in more parts; a stretch that it travels twice stays twice, and the result is not simple then.
    """
    parts = shapely.get_parts(geometry)
    noded = shapely.get_parts(shapely.union_all(geometry))
    ends = np.unique(np.vstack([shapely.get_coordinates(shapely.get_point(noded, place)) for place in (0, -1)]), axis=0)
    tree = shapely.STRtree(shapely.points(ends))
    reach = max(1e-9, 1e-10 * float(np.abs(ends).max()))
    pieces = []
    for part in parts:
        points = shapely.get_coordinates(part)
        segments = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
        segment, node = tree.query(segments, predicate="dwithin", distance=reach)
        first = (ends[node] == points[segment]).all(axis=1)
        last = (ends[node] == points[segment + 1]).all(axis=1)
        cut = np.zeros(len(points), dtype=bool)
        cut[[0, -1]] = True
        cut[segment[first]] = cut[segment[last] + 1] = True
        # Where lines cross between vertices a vertex is added.
        inside = ~(first | last)
        segment, node = segment[inside], node[inside]
        order = np.lexsort([np.hypot(*(ends[node] - points[segment]).T), segment])
        points = np.insert(points, segment[order] + 1, ends[node[order]], axis=0)
        stops = np.flatnonzero(np.insert(cut, segment[order] + 1, True))
        pieces += [points[start : end + 1] for start, end in pairwise(stops)]
    return shapely.multilinestrings([line for piece in pieces for line in _open(piece)])


def _open(points: NDArray[np.float64]) -> list[Any]:
    """Give a loop in two halves, since other lines may not touch a ring; any other line as it is."""
    if len(points) > 3 and (points[0] == points[-1]).all():
        middle = len(points) // 2
        return [shapely.LineString(points[: middle + 1]), shapely.LineString(points[middle:])]
    return [shapely.LineString(points)]


def _unlocated(layer: ExportLayer) -> Table:
    from corridormap.export.tables import Table
    from corridormap.words import say

    names = set(layer.unlocated)
    kinds = {column: "text" if kind == "text" else "number" for column, kind in layer.types.items()}
    rows = [row for row in layer.rows() if row["id"] in names]
    title = say("gis.unlocated", lang=layer.lang, title=layer.title())
    return Table(f"{layer.id}_unlocated", title, kinds, rows, "id", layer.lang, labels=layer.aliases())


def _check(connection: sqlite3.Connection, bundle: Bundle, target: Path) -> None:
    """Prove that nothing was cut short on the way to the disk."""
    state = connection.execute("PRAGMA quick_check").fetchone()[0]
    for layer in bundle.layers:
        count = connection.execute(f'SELECT count(*) FROM "{layer.id}"').fetchone()[0]  # noqa: S608  an identifier of atlas.toml
        expected = len(layer.frame) - len(layer.unlocated)
        if state != "ok" or count != expected:
            raise WriteError(
                f"was not written whole: {layer.id} has {count} of {expected} features", where=target, hint="Is the disk full?"
            )


FORMAT = Format("gpkg", ".gpkg", "file", "GeoPackage with styles, metadata and a QGIS project in it: QGIS, any GIS", write)
