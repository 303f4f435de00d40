"""Strict reading of GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
import math
from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from corridormap.errors import DataError
from corridormap.files import read_text, uncollected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame
    from shapely.geometry.base import BaseGeometry

GEOMETRY_TYPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"})
DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2}
"""How deep positions are nested in the types that are read as arrays; not areas, whose rings would be closed in silence."""


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
    # A frame that is given its shapes apart takes several times as long.
    table["geometry"] = geopandas.GeoSeries(shapes, crs="EPSG:4326")
    return geopandas.GeoDataFrame(table, geometry="geometry")


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
