"""Canonical writing of GeoJSON (RFC 7946): the same features always give the same bytes, so that a layer can be committed and compared."""

from __future__ import annotations

import json
import math
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import msgspec

from corridormap.antimeridian import wrapped_box
from corridormap.errors import DataError
from corridormap.files import write_atomic
from corridormap.geojson.properties import Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import Series

LINE_DECIMALS = 5
"""Decimals of a degree kept on lines and areas: about one metre."""
POINT_DECIMALS = 6
"""Decimals of a degree kept on points: about 0.1 metre."""
PLAIN = frozenset({str, int, bool, type(None)})
"""Types of values that are written as they are."""

_dense = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":")).encode
_spaced = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False).encode


def dumps(frame: GeoDataFrame, *, name: str, decimals: int | None = None) -> str:
    """Write a frame as canonical GeoJSON text.

    Sorted keys, one feature a line in the frame's order, polygons wound by the right-hand rule, a bbox, no ``crs`` member,
    every property of the layer on every feature.

    Parameters
    ----------
    frame : GeoDataFrame
        Features in lon/lat with a column ``id``.
    name : str
        The layer's name, written as the collection's ``name``.
    decimals : int, optional
        Decimals of a degree; by default 6 for points and 5 for everything else.

    Raises
    ------
    DataError
        If the frame is empty or a property is not a scalar.
    """
    import shapely

    shapes = _rounded(frame, name=name, decimals=decimals)
    features = ",\n".join(map(_feature, rows(frame, name=name), _shape_texts(shapes)))
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    bounds = wrapped_box((west, south, east, north))
    box = f'"bbox":{json.dumps(bounds)},\n' if all(map(math.isfinite, bounds)) else ""
    return f'{{{box}"features":[\n{features}\n],\n"name":{json.dumps(name)},\n"type":"FeatureCollection"}}\n'


def dump_lines(frame: GeoDataFrame, *, name: str) -> str:
    """Write a frame as features alone, each a line that begins with its type; numbers as `dumps` has them.

    GDAL looks for the type at a file's beginning to tell a sequence of features from a single one.
    """
    shapes = _rounded(frame, name=name)
    return "".join(
        f'{{"type":"Feature","id":{_dense(row["id"])},"geometry":{shape},"properties":{_dense(row)}}}\n'
        for row, shape in zip(rows(frame, name=name), _shape_texts(shapes), strict=True)
    )


def rows(frame: GeoDataFrame, *, name: str) -> list[dict[str, Scalar]]:
    """Give each feature's properties as `dumps` writes them, sorted by their names.

    Raises
    ------
    DataError
        If one is not a scalar; the frame is called `name`.
    """
    geometry = frame.geometry.name
    columns = {column: scalars(values, where=f"{name}: {column}") for column, values in frame.items() if column != geometry}
    names = sorted(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*map(columns.__getitem__, names), strict=True)]


def scalars(values: Series[Any], *, where: str) -> list[Any]:
    """Give the values of a column as plain Python ones, null as None.

    Raises
    ------
    DataError
        If one is not a scalar; the column is called `where`.
    """
    listed: list[Any] = values.tolist()
    if set(map(type, listed)) <= PLAIN:
        return listed
    listed = [None if null else value for value, null in zip(listed, values.isna().tolist(), strict=True)]
    return listed if set(map(type, listed)) <= PLAIN else [_scalar(value, where) for value in listed]


def part_texts(shapes: NDArray[np.object_]) -> Iterator[list[str]]:
    """Give the positions of each shape, part by part, as JSON (``[[1.0,2.0],[3.5,4.0]]``): numbers as Python writes them, the shortest way.

    GEOS does not always write the shortest.
    """
    import numpy as np
    import shapely

    coordinates, part = shapely.get_coordinates(shapely.get_parts(shapes), return_index=True)
    sizes, counts = np.abs(coordinates), shapely.get_num_geometries(shapes)
    # msgspec is several times faster than Python, but puts very small and very great numbers in a way of its own.
    alike = ((sizes == 0) | (sizes >= 1e-4) & (sizes < 1e16)).all()
    write: Callable[[Any], str] = (lambda value: msgspec.json.encode(value).decode()) if alike else _dense
    stops = pairwise(np.searchsorted(part, np.arange(counts.sum() + 1)).tolist())
    texts = (write(coordinates[start:stop].tolist()) for start, stop in stops)
    return (list(islice(texts, count)) for count in counts.tolist())


def feature_text(properties: Mapping[str, Scalar], geometry: Mapping[str, Any] | None) -> str:
    """Write one feature on a line, as `dumps` does; coordinates stay as they are."""
    return _feature(properties, _dense(geometry))


def _feature(properties: Mapping[str, Scalar], shape: str) -> str:
    return f'{{"geometry":{shape},"id":{_spaced(properties["id"])},"properties":{_spaced(properties)},"type":"Feature"}}'


def write(path: Path, frame: GeoDataFrame, *, decimals: int | None = None) -> None:
    """Write a frame as canonical GeoJSON, atomically; the layer is named after the file."""
    write_atomic(path, dumps(frame, name=path.stem, decimals=decimals))


def _rounded(frame: GeoDataFrame, *, name: str, decimals: int | None = None) -> NDArray[np.object_]:
    """Give the shapes as they are written."""
    import numpy as np
    import shapely

    if frame.empty:
        raise DataError("has no features", where=name)
    points = set(frame.geom_type.dropna()) <= {"Point", "MultiPoint"}
    places = decimals if decimals is not None else POINT_DECIMALS if points else LINE_DECIMALS
    raw = np.asarray(frame.geometry.to_numpy(), dtype=object)
    if "id" not in frame.columns:
        raise DataError("features have no property 'id'", where=name)
    for feature in frame["id"][shapely.is_empty(raw) | ~_finite(raw)]:
        raise DataError("has an empty geometry, or coordinates that are no numbers", where=name, feature=feature)
    rounded = shapely.transform(raw, lambda xy: np.round(xy, places) + 0.0)
    found: NDArray[np.object_] = shapely.remove_repeated_points(shapely.orient_polygons(rounded, exterior_cw=False))
    return found


def _shape_texts(shapes: NDArray[np.object_]) -> Iterator[str]:
    """Write each shape, keys sorted, without blanks; areas, of which there are few, as Python does."""
    import shapely

    for shape, parts in zip(shapes, part_texts(shapes), strict=True):
        kind = None if shape is None else shape.geom_type
        if kind in {"Point", "LineString"}:
            yield f'{{"coordinates":{parts[0][1:-1] if kind == "Point" else parts[0]},"type":"{kind}"}}'
        elif kind == "MultiLineString":
            yield f'{{"coordinates":[{",".join(parts)}],"type":"{kind}"}}'
        else:
            yield _dense(msgspec.json.decode(shapely.to_geojson(shape) or "null"))


def _finite(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Tell for each geometry whether all its coordinates are finite; those of a missing one are."""
    import numpy as np
    import shapely

    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    finite = np.ones(len(geometries), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _scalar(value: Any, where: str) -> Scalar:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and math.isinf(value):
        raise DataError("a number must be finite", where=where)
    if value is not None and not isinstance(value, Scalar):
        what = f"a property must be one text, number, truth value or null, not {type(value).__name__}"
        raise DataError(what, where=where)
    return value
