"""Strict reading and canonical writing of GeoJSON (RFC 7946).

The writer is the only one in the project: the same features always give the same bytes, so that a layer can be committed and compared.
"""

from __future__ import annotations

import json
import math
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from corridormap.antimeridian import wrapped_box
from corridormap.errors import DataError
from corridormap.files import read_text, uncollected, write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pandas import Series
    from shapely.geometry.base import BaseGeometry

GEOMETRY_TYPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"})
DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2}
"""How deep positions are nested in the types that are read as arrays; not areas, whose rings would be closed in silence."""
LINE_DECIMALS = 5
"""Decimals of a degree kept on lines and areas: about one metre."""
POINT_DECIMALS = 6
"""Decimals of a degree kept on points: about 0.1 metre."""

Scalar = str | int | float | bool | None
PLAIN = frozenset({str, int, bool, type(None)})
"""Types of values that are written as they are."""

_dense = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":")).encode
_spaced = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False).encode


def parse(text: str, *, where: str | Path) -> dict[str, Any]:
    """Parse the text of a GeoJSON FeatureCollection and make sure that its features each have a type, a geometry or null, and properties.

    Raises
    ------
    DataError
        As `parse_collection` does, or if a feature is none as RFC 7946 has it.
    """
    document = parse_collection(text, where=where)
    for index, feature in enumerate(document["features"]):
        if (fault := feature_fault(feature)) is not None:
            raise DataError(fault, where=where, feature=f"feature {index}")
    return document


def parse_collection(text: str, *, where: str | Path) -> dict[str, Any]:
    """Parse the text of a GeoJSON FeatureCollection, whatever its features may be.

    GDAL, and so QGIS, saves a property ``id`` that equals the feature's own id as the latter alone; it is put back.

    Raises
    ------
    DataError
        If it is not JSON, holds NaN or Infinity, or is not a FeatureCollection; it is called `where`.
    """
    try:
        with uncollected():
            document = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        document = _decoded(text, where)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise DataError("is not a GeoJSON FeatureCollection", where=where)
    features = document.get("features")
    if not isinstance(features, list):
        raise DataError('has no list "features"', where=where)
    for feature in features:
        if isinstance(feature, dict) and isinstance(feature.get("id"), str) and isinstance(feature.get("properties"), dict):
            feature["properties"].setdefault("id", feature["id"])
    return document


def _decoded(text: str, where: str | Path) -> Any:
    """Decode JSON that msgspec refused: the standard library says where a fault lies, and takes halves of characters, which have a rule."""

    def refuse(constant: str) -> NoReturn:
        raise DataError(f"holds {constant}, which is not JSON", where=where, hint="A coordinate or figure that is unknown is null.")

    def finite(number: str) -> float:
        value = float(number)
        return value if math.isfinite(value) else refuse(number)

    try:
        return json.loads(text, parse_constant=refuse, parse_float=finite)
    except json.JSONDecodeError as error:
        raise DataError(f"is not JSON: {error.msg}", where=where, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise DataError("is nested too deeply to be GeoJSON", where=where) from None
    except ValueError:
        raise DataError("holds a number that is too long", where=where) from None


def feature_fault(feature: object) -> str | None:
    """Say why something is no GeoJSON feature; None if it is one."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return 'is not an object of type "Feature"'
    if not isinstance(feature.get("properties"), dict):
        return 'has no object "properties"'
    if "geometry" not in feature:
        return 'has no member "geometry"'
    geometry = feature["geometry"]
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if geometry is not None and not (isinstance(kind, str) and kind in GEOMETRY_TYPES):
        return f"has a geometry of an unknown type: there are {', '.join(sorted(GEOMETRY_TYPES))}"
    return None


def read(path: Path) -> dict[str, Any]:
    """Read a GeoJSON file; see `parse`."""
    return parse(read_text(path), where=path)


def to_frame(document: Mapping[str, Any], *, where: str | Path) -> GeoDataFrame:
    """Turn a parsed FeatureCollection into a GeoDataFrame in EPSG:4326.

    Raises
    ------
    DataError
        If coordinates do not make a geometry of the stated type.
    """
    features = document["features"]
    try:
        shapes = to_shapes([feature["geometry"] for feature in features])
    except ValueError:
        shapes = []
        for index, feature in enumerate(features):
            try:
                shapes.append(to_shape(feature["geometry"]))
            except ValueError as error:
                raise DataError(str(error), where=where, feature=str(feature["properties"].get("id", f"feature {index}"))) from None
    return frame_of([feature["properties"] for feature in features], shapes, where=where)


def frame_of(properties: Sequence[Mapping[str, Any]], shapes: Sequence[BaseGeometry | None], *, where: str | Path) -> GeoDataFrame:
    """Make a GeoDataFrame in EPSG:4326 of features, given by their properties and their shapes.

    Raises
    ------
    DataError
        If a property is called as the column of geometries is.
    """
    import geopandas
    import pandas as pd

    # Object columns keep None, also for what a feature lacks, and integers as integers; pandas would turn both into floats.
    names = dict.fromkeys(chain.from_iterable(properties))
    table = pd.DataFrame({name: [row.get(name) for row in properties] for name in names}, index=range(len(properties)), dtype=object)
    if "geometry" in table.columns:
        raise DataError("a property cannot be called 'geometry'", where=where)
    return geopandas.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


def to_shape(geometry: Mapping[str, Any] | None) -> BaseGeometry | None:
    """Turn a GeoJSON geometry of a known type into a shape; heights are left aside.

    Raises
    ------
    ValueError
        If its coordinates do not make one; the message says so.
    """
    try:
        (shape,) = to_shapes([geometry])
    except ValueError as error:
        what = str(error).splitlines()[0].rpartition("Exception: ")[2]
        what = "each position is numbers, longitude and latitude" if "json.exception" in what else what
        raise ValueError(f"coordinates do not make a {(geometry or {})['type']}: {what}") from None
    return shape


def to_shapes(geometries: Sequence[Mapping[str, Any] | None]) -> list[BaseGeometry | None]:
    """Turn GeoJSON geometries of known types into shapes, all at once; see `to_shape`.

    Raises
    ------
    ValueError
        If the coordinates of one do not make it; the message is the library's.
    """
    import numpy as np
    import shapely

    of_kind: dict[str, dict[int, Mapping[str, Any]]] = {}
    for index, geometry in enumerate(geometries):
        if geometry is not None:
            of_kind.setdefault(geometry["type"], {})[index] = geometry
    shapes = np.full(len(geometries), None, dtype=object)
    try:
        with uncollected():
            for kind, chosen in of_kind.items():
                shapes[list(chosen)] = _shapes_of_kind(kind, list(chosen.values()))
    except (shapely.errors.ShapelyError, TypeError) as error:
        raise ValueError(str(error)) from error
    result: list[BaseGeometry | None] = shapes.tolist()
    return result


def _shapes_of_kind(kind: str, geometries: Sequence[Mapping[str, Any]]) -> Any:
    """Make shapes of geometries of one type: from arrays of numbers, or by GEOS's slower reader where one is no plain line or point."""
    import numpy as np
    import shapely

    level: Any = [geometry.get("coordinates") for geometry in geometries]
    offsets = []
    try:
        for _ in range(DEPTHS[kind]):
            counts = list(map(len, level))
            offsets.append(np.cumsum([0, *counts]))
            level = list(chain.from_iterable(level)) if all(counts) else []
        numbers = list(chain.from_iterable(level))
        if set(map(len, level)) == {2} and set(map(type, numbers)) <= {int, float}:
            positions = np.array(numbers, dtype=float).reshape(-1, 2)
            return shapely.from_ragged_array(shapely.GeometryType[kind.upper()], positions, tuple(reversed(offsets)))
    except (KeyError, OverflowError, TypeError, shapely.errors.ShapelyError):
        pass
    return shapely.force_2d(shapely.from_geojson([_encoded(geometry) for geometry in geometries]))


def _encoded(geometry: Mapping[str, Any]) -> str | bytes:
    try:
        return msgspec.json.encode(geometry)
    except OverflowError:  # whole numbers beyond 64 bits
        return json.dumps(geometry)


def read_frame(path: Path) -> GeoDataFrame:
    """Read a GeoJSON file into a GeoDataFrame in EPSG:4326; see `parse` and `to_frame`."""
    return to_frame(read(path), where=path)


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
    columns = sorted(column for column in frame.columns if column != frame.geometry.name)
    values = [scalars(frame[column], where=f"{name}: {column}") for column in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def scalars(values: Series[Any], *, where: str) -> list[Any]:
    """Give the values of a column as plain Python ones, null as None.

    Raises
    ------
    DataError
        If one is not a scalar; the column is called `where`.
    """
    listed: list[Any] = values.astype(object).where(values.notna(), None).tolist()
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


def split_list(value: str | None) -> list[str]:
    """Split a list property (``"a; b"``) into its items."""
    return [item.strip() for item in value.split(";") if item.strip()] if value else []


def source_columns(columns: Iterable[str]) -> list[str]:
    """Give those of the properties that name sources."""
    return [column for column in columns if column in {"source", "sources"} or column.endswith("_source")]


def join_list(items: Iterable[str]) -> str | None:
    """Join items into a list property, in the given order, each once; None if there are none."""
    return "; ".join(dict.fromkeys(items)) or None


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
