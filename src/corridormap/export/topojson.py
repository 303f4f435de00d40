"""TopoJSON: a track that several corridors share is held once."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from corridormap.export.format import Format, Written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from corridormap.export.bundle import Bundle

DECIMALS = 7
"""Of a degree: the finest unit that coordinates are whole numbers of, 1 cm."""
SHARE = 10
"""Where lines are simplified, coordinates are rounded by no more than so small a part of the tolerance."""
_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


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
        for number, arc in enumerate(arcs):
            steps = msgspec.json.encode(np.concatenate([arc[:1], arc[1:] - arc[:-1]]).tolist()).decode()
            stream.write(f",{steps}" if number else steps)
        stream.write('],"objects":{')
        for number, layer in enumerate(bundle.layers):
            stream.write(f'{"," if number else ""}{_dumps(layer.id)}:{{"type":"GeometryCollection","geometries":[')
            geometries = _geometries(layer.frame.geometry.to_numpy(), rest, decimals)
            for place, (row, geometry) in enumerate(zip(layer.rows(), geometries, strict=True)):
                stream.write(f"{',' if place else ''}{_dumps({**geometry, 'id': row['id'], 'properties': row})}")
            stream.write("]}")
        stream.write("}}\n")
    return Written(bundle.counts, losses)


def cut(lines: NDArray[np.object_], *, decimals: int) -> tuple[list[NDArray[np.int64]], list[list[int]]]:
    """Cut lines, in degrees, wherever one ends or two that ran together part, so that what several share is one arc.

    Gives the arcs, each of shape (n, 2), in whole units of the last decimal, and for each line the numbers of its arcs in order,
    ``~number`` of one that it runs backwards, as TopoJSON has it. Every vertex is kept, and none is added.
    """
    import numpy as np
    import pandas as pd
    import shapely

    coordinates, line = shapely.get_coordinates(lines, return_index=True)
    whole = _whole(coordinates, decimals)
    # A pair as one number, which holds both exactly: told apart by hashing, in a tenth of the time that sorting pairs takes.
    vertex = pd.factorize(whole[:, 0] + 1j * whole[:, 1])[0]
    first, last = np.flatnonzero(np.diff(line, prepend=-1)), np.flatnonzero(np.diff(line, append=len(lines)))
    inner = np.ones(len(vertex), dtype=bool)
    inner[first] = inner[last] = False
    within = np.flatnonzero(inner)
    # Where all that pass go on between the same two neighbours, those of whichever of them, they run together.
    passed, beside = vertex[within], np.sort(np.column_stack([vertex[within - 1], vertex[within + 1]]), axis=1)
    any_passage = np.zeros(len(vertex), dtype=np.intp)
    any_passage[passed] = np.arange(len(passed))
    parting = np.zeros(len(vertex), dtype=bool)
    parting[passed[(beside != beside[any_passage[passed]]).any(axis=1)]] = True
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


def _geometries(shapes: NDArray[np.object_], numbers: Iterator[list[int]], decimals: int) -> Iterator[dict[str, Any]]:
    """Give the geometries, a line by the numbers of its arcs, which are the next."""
    import shapely

    kinds = shapely.get_type_id(shapes)
    points = iter(_whole(shapely.get_coordinates(shapes[kinds == 0]), decimals).tolist())
    for kind, parts in zip(kinds.tolist(), shapely.get_num_geometries(shapes).tolist(), strict=True):
        if kind == -1:
            yield {"type": None}
        elif kind == 0:
            yield {"type": "Point", "coordinates": next(points)}
        elif kind == 1:
            yield {"type": "LineString", "arcs": next(numbers)}
        else:
            yield {"type": "MultiLineString", "arcs": [next(numbers) for _ in range(parts)]}


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
    from corridormap.geodesic import METRES_PER_DEGREE

    return 0.5 * 10.0**-decimals * METRES_PER_DEGREE


FORMAT = Format("topojson", ".topojson", "file", "TopoJSON, all layers: D3, Observable; shared track once", write, any_crs=False)
