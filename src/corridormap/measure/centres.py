"""What others lie near to: lines, points, or a place that is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import UsageError
from corridormap.measure.alignments import Alignment, alignments, is_name, itinerary_of
from corridormap.measure.inputs import is_file, read_frame, read_input
from corridormap.measure.nearest_points import as_points, is_lonlat
from corridormap.search import ALSO, called, fold

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray


def centres(target: object, *, atlas: Atlas | None = None) -> list[Alignment]:
    """Read what a caller names the middle of: lines as they are, and each point as a line of no length.

    Raises
    ------
    UsageError
        If a name is neither a corridor's nor a place's, or that of several places.
    DataError
        If there is neither a line nor a point in it, or a frame has no CRS.
    """
    if isinstance(target, Alignment):
        return [target]
    if is_name(target):
        atlas = atlas or Atlas.open()
        if itinerary_of(atlas, target) in atlas.itineraries:
            return alignments(target, m="auto", atlas=atlas)
        return [_named(atlas, str(target))]
    if is_lonlat(target):
        return _points(as_points(target).geometries, "")
    if isinstance(target, Path) or (isinstance(target, str) and is_file(target)):
        target = read_frame(target, kind="line")
    read = read_input(target, what="the line", uses_m=True)
    kinds = shapely.get_type_id(read.geometries)
    there = ~shapely.is_missing(read.geometries) & ~shapely.is_empty(read.geometries)
    if there.any() and np.isin(kinds[there], (0, 4)).all():
        return _points(read.geometries[there], read.note)
    return alignments(target, m="auto", atlas=atlas)


def is_place(line: Alignment) -> bool:
    """Tell whether a line is a point."""
    return len(line.coordinates) == 2 and bool((line.coordinates[0] == line.coordinates[1]).all())


def places_of(atlas: Atlas) -> GeoDataFrame | None:
    """Give the atlas's layer of places, if it has one."""
    return next((atlas.layer(layer.id) for layer in atlas.layers if layer.build == "places"), None)


def _points(geometries: NDArray[np.object_], note: str, name: str = "the point") -> list[Alignment]:
    import pandas as pd

    return [
        Alignment(name, np.vstack([place, place]), np.zeros(2), np.zeros(2, dtype=np.int64), pd.DataFrame(), pd.DataFrame(), note)
        for place in shapely.get_coordinates(geometries)
    ]


def _named(atlas: Atlas, text: str) -> Alignment:
    """Find the place of a node's id, or of a name."""
    if text in atlas.nodes.index:
        return _points(np.array([atlas.nodes.geometry[text]]), "", text)[0]
    for frame in (places_of(atlas), atlas.nodes):
        if frame is None:
            continue
        names = {column: frame[column] for column in (*(f"name_{lang}" for lang in atlas.languages), ALSO, "id") if column in frame}
        found = frame[frame["id"].isin(called(names, of=frame["id"]).get(fold(text), []))]
        towns = found[found["kind"] == "town"]
        meant = towns if len(towns) == 1 else found
        if len(meant) > 1:
            raise UsageError(f"{text!r} is the name of several places", hint=f"Name one of: {', '.join(meant['id'])}.")
        if len(meant):
            name = str(meant["id"].iloc[0])
            others = [other for other in found["id"] if other != name]
            note = f"{text} is taken for {name}, not for {', '.join(others)}" if others else f"{text} is {name}"
            return _points(meant.geometry.to_numpy(), note, name)[0]
    hint = "`corridormap find` looks for names in every language; of any other place give (lon, lat)."
    raise UsageError(f"{text!r} is neither a corridor nor a place of the atlas", hint=hint)
