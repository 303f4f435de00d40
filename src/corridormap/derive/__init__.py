"""Build the layers and tables, and their description, from the facts.

A layer's ``build`` in ``atlas.toml`` names the function that makes it; a new kind is a new function and one line in `BUILDERS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap import geojson
from corridormap.atlas import kept
from corridormap.derive import datapackage
from corridormap.derive.itineraries import build_itineraries, build_links
from corridormap.derive.points import build_crossings, build_lines, build_places, facts
from corridormap.derive.tables import TABLES, to_csv
from corridormap.errors import DataError, refuse
from corridormap.facts import column_faults
from corridormap.files import uncollected, write_all
from corridormap.phrases import Hints, meant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer

__all__ = ["build_layers", "stale_layers", "write_layers"]

BUILDERS: dict[str, Callable[[Atlas, Layer], GeoDataFrame]] = {
    "itineraries": build_itineraries,
    "links": build_links,
    "places": build_places,
    "crossings": build_crossings,
    "points": facts,
    "lines": build_lines,
}


def build_layers(atlas: Atlas) -> dict[str, GeoDataFrame]:
    """Build every layer of the atlas in memory.

    Returns
    -------
    dict of str to GeoDataFrame
        Layer id → features in EPSG:4326, in the order of ``atlas.toml``.

    Raises
    ------
    DataError
        If the facts do not fit together; nothing has been written then.
    """
    refuse(atlas.faults())
    known = [record.id for record in atlas.layers if record.build == "itineraries"]
    hints = Hints(known, f"Layers of itineraries are: {', '.join(known) or 'none'}.")
    faults = [
        atlas.itinerary_error(f"names no layer: {itinerary.layer!r}", itinerary.id, hints[itinerary.layer])
        for itinerary in atlas.itineraries.values()
        if itinerary.layer not in known
    ]
    layers = {}
    for record in atlas.layers:
        try:
            layers[record.id] = _with_schema(BUILDERS[record.build](atlas, record), record)
        except DataError as error:
            faults += error.faults
        else:
            columns = layers[record.id].columns.drop("geometry")
            found: list[tuple[str, str | None]] = [(what, None) for _, what in column_faults(columns)]
            if layers[record.id].empty:
                found.append(("the layer comes out empty", None))
            elif record.style.by is not None and record.style.by not in columns:
                hint = meant(record.style.by, columns, "Name a property of its features, or add it to `required`.")
                found.append((f"`style.by` names {record.style.by!r}, which no feature has", hint))
            faults += [DataError(what, where=atlas.folder / "atlas.toml", feature=record.id, hint=hint) for what, hint in found]
    refuse(faults)
    return layers


def _with_schema(frame: GeoDataFrame, record: Layer) -> GeoDataFrame:
    """Give every property one type: measures are decimals, and what no feature has is left out unless the layer asks for it.

    GIS programs guess a column's type from its values; an integer in one layer and a decimal in the next would not join.
    """
    kept = {"id", "geometry", *record.required}
    for column, values in list(frame.items()):
        if column.endswith(("_km", "_m")) and values.dtype != float:
            frame[column] = [float(value) if isinstance(value, int) and not isinstance(value, bool) else value for value in values]
    return frame.loc[:, [column in kept or values.count() > 0 for column, values in frame.items()]]


def _contents(atlas: Atlas) -> Iterator[tuple[Path, bytes, str]]:
    """Make the contents of every built file with its hash, one at a time: those of a large atlas are not held together."""
    layers, resources = build_layers(atlas), []
    for layer in list(layers):
        frame = layers.pop(layer)
        rows = geojson.rows(frame, name=layer)
        content = geojson.dumps(frame, name=layer, properties=rows).encode()
        resources.append(datapackage.layer_entry(atlas, layer, content, rows))
        yield atlas.layer_path(layer), content, resources[-1]["hash"]
    for table, make in TABLES.items():
        if rows := make(atlas):
            content = to_csv(rows).encode()
            path = atlas.folder / "tables" / f"{table}.csv"
            resources.append(datapackage.table_entry(atlas, path, content, rows))
            yield path, content, resources[-1]["hash"]
    content = datapackage.datapackage(atlas, resources).encode()
    yield atlas.folder / datapackage.NAME, content, datapackage.digest(content)


@kept
@uncollected()
def _digests(atlas: Atlas) -> dict[Path, str]:
    """Tell the contents of every built file from others; they follow from the facts alone, which an atlas reads once."""
    return {path: digest for path, _, digest in _contents(atlas)}


def write_layers(atlas: Atlas) -> list[Path]:
    """Build every layer and table, and write those that changed.

    All are built before the first is written, and each is written beside and renamed.

    Returns
    -------
    list of Path
        The files that were written.
    """
    with uncollected():
        changed = {path: content for path, content, digest in _contents(atlas) if _differs(path, digest)}
    if changed:
        write_all(changed)
        atlas.forget_layers()
    return list(changed)


def stale_layers(atlas: Atlas) -> list[Path]:
    """Name the files that differ from what the facts give, or that the facts no longer give, without writing anything."""
    digests = _digests(atlas)
    built = [*atlas.folder.glob("layers/*.geojson"), *atlas.folder.glob("tables/*.csv")]
    return [path for path, digest in digests.items() if _differs(path, digest)] + sorted(set(built) - set(digests))


def _differs(path: Path, digest: str) -> bool:
    # Bytes, so that a damaged file counts as different instead of standing in the way of its repair.
    return not path.is_file() or datapackage.digest(path.read_bytes()) != digest
