"""TopoJSON: a track that several corridors share is held once."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from corridormap.export.bundle import Bundle

__all__ = ["FORMAT", "cut"]

DECIMALS = 7
"""Of a degree: the finest unit that coordinates are whole numbers of, 1 cm."""
SHARE = 10
"""Where lines are simplified, coordinates are rounded by no more than so small a part of the tolerance."""
DEGREE_M = 111_320.0


def write(bundle: Bundle, target: Path) -> Written:
    """Cut the lines into arcs; points and features without a position need none.

    Coordinates are whole numbers, those of an arc as steps from one to the next ("quantised"), which takes half the room.
    """
    import numpy as np
    import shapely

    decimals, exact = _decimals(bundle)
    losses = [] if exact else [f"coordinates rounded to {decimals} decimals of a degree, within {_error_m(decimals):.2g} m"]
    shapes = np.concatenate([layer.frame.geometry.to_numpy() for layer in bundle.layers])
    lines = shapes[np.isin(shapely.get_type_id(shapes), [1, 5])]
    arcs, numbers = cut(shapely.get_parts(lines), decimals=decimals)
    rest = iter(numbers)
    unit = float(f"1e-{decimals}")
    # Written in pieces: as one document of dicts and lists a large atlas takes many times the room of its text.
    with target.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(f'{{"type":"Topology","transform":{_dumps({"scale": [unit, unit], "translate": [0, 0]})},"arcs":[')
        stream.write(",".join(_dumps(np.diff(arc, axis=0, prepend=0).tolist()) for arc in arcs))
        stream.write('],"objects":{')
        for number, layer in enumerate(bundle.layers):
            rows = zip(layer.rows(), layer.frame.geometry, strict=True)
            geometries = [{**_geometry(shape, rest, decimals), "id": row["id"], "properties": row} for row, shape in rows]
            stream.write(f"{',' if number else ''}{_dumps(layer.id)}:{_dumps({'type': 'GeometryCollection', 'geometries': geometries})}")
        stream.write("}}\n")
    return Written(bundle.counts, losses)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def cut(lines: NDArray[np.object_], *, decimals: int) -> tuple[list[NDArray[np.int64]], list[list[int]]]:
    """Cut lines wherever one ends or two that ran together part, so that what several share is one arc.

    Parameters
    ----------
    lines : ndarray of LineString
        In degrees.
    decimals : int
        Decimals of a degree that are kept.

    Returns
    -------
    tuple of list
        The arcs, each of shape (n, 2), in whole units of the last decimal, and for each line the numbers of its arcs in order; of one that
        it runs backwards it is ``~number``, as TopoJSON has it. Every vertex is kept, and none is added.
    """
    import numpy as np
    import shapely

    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    whole = _whole(coordinates, decimals)
    vertex = np.unique(whole, axis=0, return_inverse=True)[1].ravel()  # NumPy 2.0 gives a column
    first, last = np.flatnonzero(np.diff(line, prepend=-1)), np.flatnonzero(np.diff(line, append=len(lines)))
    within = np.setdiff1d(np.arange(len(vertex)), np.concatenate([first, last]), assume_unique=True)
    # Where all that pass go on between the same two neighbours they run together.
    beside = np.sort(np.column_stack([vertex[within - 1], vertex[within + 1]]), axis=1)
    passages = np.unique(np.column_stack([vertex[within], beside]), axis=0)
    parting = np.bincount(passages[:, 0], minlength=len(vertex)) > 1
    parting[vertex[[*first, *last]]] = True
    arcs: list[NDArray[np.int64]] = []
    known: dict[bytes, int] = {}
    numbers: list[list[int]] = [[] for _ in lines]
    for start, end in pairwise(np.flatnonzero(parting[vertex]).tolist()):
        if line[start] == line[end]:
            way = vertex[start : end + 1]
            number = known.get(way.tobytes())
            if number is None:
                number = len(arcs)
                arcs.append(whole[start : end + 1])
                known |= {way[::-1].tobytes(): ~number, way.tobytes(): number}
            numbers[line[start]].append(number)
    return arcs, numbers


def _whole(coordinates: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    whole: NDArray[np.int64] = (coordinates * 10**decimals).round().astype("int64")
    return whole


def _geometry(shape: Any, numbers: Iterator[list[int]], decimals: int) -> dict[str, Any]:
    """Give one geometry, a line by the numbers of its arcs, which are the next."""
    import shapely

    if shape is None:
        return {"type": None}
    if shape.geom_type == "Point":
        return {"type": "Point", "coordinates": _whole(shapely.get_coordinates(shape), decimals)[0].tolist()}
    if shape.geom_type == "LineString":
        return {"type": "LineString", "arcs": next(numbers)}
    return {"type": shape.geom_type, "arcs": [next(numbers) for _ in shapely.get_parts(shape)]}


def _decimals(bundle: Bundle) -> tuple[int, bool]:
    """Give the decimals of a degree to write, and whether every coordinate then stays what it is."""
    import numpy as np
    import shapely

    coordinates = np.concatenate([shapely.get_coordinates(layer.frame.geometry.to_numpy()) for layer in bundle.layers])
    enough = DECIMALS
    if bundle.simplify is not None:
        enough = next((number for number in range(DECIMALS) if _error_m(number) <= bundle.simplify / SHARE), DECIMALS)
    return enough, bool((np.round(coordinates, enough) == coordinates).all())


def _error_m(decimals: int) -> float:
    """Give how far rounding to so many decimals moves a coordinate at most, in metres along either axis."""
    return 0.5 * 10.0**-decimals * DEGREE_M


FORMAT = Format("topojson", ".topojson", "file", "TopoJSON, all layers: D3, Observable; shared track once", write, any_crs=False)
