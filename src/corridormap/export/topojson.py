"""TopoJSON: a track that several corridors share is held once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from corridormap.export.format import Format, Written
from corridormap.extras import require
from corridormap.phrases import counted

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer

__all__ = ["FORMAT"]

Arc = list[list[float]]
DECIMALS = 7
"""Of a degree: the finest unit that coordinates are whole numbers of, 1 cm."""
SHARE = 10
"""Where lines are simplified, coordinates are rounded by no more than so small a part of the tolerance."""
DEGREE_M = 111_320.0


def write(bundle: Bundle, target: Path) -> Written:
    """Cut the lines into arcs with the library ``topojson``; points and features without a position need none.

    Coordinates are then whole numbers, those of an arc as steps from one to the next ("quantised"), which takes half the room.
    """
    lined = [layer for layer in bundle.layers if layer.record.geometry != "Point" and layer.frame.geometry.notna().any()]
    topology = _topology(lined) if lined else {"arcs": [], "objects": {}}
    arcs: list[Arc] = topology["arcs"]
    objects, losses = {}, []
    decimals, exact = _decimals(bundle)
    if not exact:
        losses.append(f"coordinates rounded to {decimals} decimals of a degree, within {_error_m(decimals):.2g} m")
    for layer in bundle.layers:
        shaped = {
            geometry["properties"]["id"]: geometry for geometry in topology["objects"].get(layer.id, {"geometries": []})["geometries"]
        }
        geometries, added = [], 0
        for row, shape in zip(layer.rows(), layer.frame.geometry, strict=True):
            geometry, more = _geometry(shape, shaped.get(row["id"]), arcs)
            if geometry["type"] == "Point":
                geometry["coordinates"] = [round(value * 10**decimals) for value in geometry["coordinates"]]
            geometries.append({**geometry, "id": row["id"], "properties": row})
            added += more
        objects[layer.id] = {"type": "GeometryCollection", "geometries": geometries}
        if added:
            losses.append(
                f"{layer.id}: {counted(added, 'vertex', 'vertices')} added on lines, where others branch off between two vertices"
            )
    unit = float(f"1e-{decimals}")
    transform = {"scale": [unit, unit], "translate": [0, 0]}
    document = {"type": "Topology", "transform": transform, "arcs": [_steps(arc, decimals) for arc in arcs], "objects": objects}
    target.write_bytes((json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode())
    return Written(bundle.counts, losses)


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


def _steps(arc: Arc, decimals: int) -> list[list[int]]:
    """Give an arc's first vertex and the steps from each to the next, in whole units."""
    import numpy as np

    whole = np.rint(np.asarray(arc) * 10**decimals).astype(np.int64)
    steps: list[list[int]] = np.diff(whole, axis=0, prepend=0).tolist()
    return steps


def _topology(layers: list[ExportLayer]) -> dict[str, Any]:
    library = require("topojson", extra="export", needed_for="TopoJSON")
    frames = [layer.frame.loc[layer.frame.geometry.notna(), ["id", "geometry"]] for layer in layers]
    # Quantised at the end, on the grid that the coordinates lie on: the library's own would move them.
    made = library.Topology(frames, object_name=[layer.id for layer in layers], prequantize=False)
    result: dict[str, Any] = json.loads(made.to_json())
    return result


def _geometry(shape: Any, found: dict[str, Any] | None, arcs: list[Arc]) -> tuple[dict[str, Any], int]:
    """One TopoJSON geometry, and how many vertices it has more than the line it was made from."""
    import shapely

    if shape is None:
        return {"type": None}, 0
    if shape.geom_type == "Point":
        return {"type": "Point", "coordinates": [float(shape.x), float(shape.y)]}, 0
    several = shape.geom_type == "MultiLineString"
    wanted: list[Arc] = [shapely.get_coordinates(part).tolist() for part in shapely.get_parts(shape)]
    made = [] if found is None else (found["arcs"] if several else [found["arcs"]])
    if len(made) != len(wanted):
        made = [[] for _ in wanted]
    parts, added = [], 0
    for numbers, original in zip(made, wanted, strict=True):
        line = _joined(numbers, arcs)
        if _passes(line, original):
            parts.append(numbers)
            added += len(line) - len(original)
        else:
            # The library drops doubled vertices, for one: such a line gets an arc of its own.
            parts.append([len(arcs)])
            arcs.append(original)
    return {"type": shape.geom_type, "arcs": parts if several else parts[0]}, added


def _joined(numbers: list[int], arcs: list[Arc]) -> Arc:
    line: Arc = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        line += arc[1:] if line and line[-1] == arc[0] else arc
    return line


def _passes(line: Arc, vertices: Arc) -> bool:
    """Tell whether the line has every vertex, in order, and begins and ends with the first and the last."""
    if not line or line[0] != vertices[0] or line[-1] != vertices[-1]:
        return False
    rest = iter(line)
    return all(vertex in rest for vertex in vertices)


FORMAT = Format("topojson", ".topojson", "file", "TopoJSON, all layers: D3, Observable; shared track once", write, any_crs=False)
