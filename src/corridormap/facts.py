"""Read the facts, and collect all that is wrong with them: each fault once, with its place and with what is expected there.

The records of `corridormap.model` say what a file may hold, `corridormap.faults` what is wrong with one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec
import tomli

from corridormap import geojson
from corridormap.errors import DataError, refuse
from corridormap.faults import fields_of, not_finite, placed, record_faults, say_missing, say_unknown, say_wrong
from corridormap.files import read_text, uncollected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from geopandas import GeoDataFrame
    from shapely.geometry.base import BaseGeometry

    from corridormap.faults import Fault, Keys

RESERVED = frozenset({"fid", "geom", "geometry", "ogc_fid"})
"""Names of columns that GeoPackage, QGIS and GDAL keep for themselves."""

AREAS = frozenset({"Polygon", "MultiPolygon"})
_HALF = re.compile("[\ud800-\udfff]")
DEGREES = (360.0, 90.0)
"""How far longitudes and latitudes go; a line that passes the antimeridian may go on beyond 180°."""


@dataclass
class Reading:
    """What is whole of a file of facts, and what is wrong with the rest."""

    value: Any = None
    faults: list[DataError] = field(default_factory=list)
    lost: set[str | None] = field(default_factory=set)
    """The ids of what is not whole; None among them if something has no id, or the file could not be read."""

    def whole(self) -> Any:
        """Give what was read.

        Raises
        ------
        DataError
            Telling everything that is wrong, if anything is.
        """
        refuse(self.faults)
        return self.value


@dataclass(frozen=True)
class Features:
    """What the features of a GeoJSON file of facts are to be."""

    record: Any = None
    """The record of their properties; None if they need not have any, and no id."""
    types: frozenset[str] = geojson.GEOMETRY_TYPES
    """The types that their geometries may have."""
    located: bool = True
    """Whether each has a geometry."""
    names: tuple[str, ...] = ()
    """The languages in which each has a name."""
    members: tuple[str, ...] = ()
    """The countries of which each is one's, and of which each has one."""
    countries: frozenset[str] = frozenset()
    """The codes of countries that there are; none if `country` need not be one."""
    filled: tuple[str, ...] = ()
    """The properties that none may leave out, though the record lets them be null."""
    placed: tuple[str, ...] = ()
    """Those that none with a geometry may."""


def read_table(path: Path, record: Any) -> Reading:
    """Read a TOML file that is one record; the value is None if it is not whole."""
    reading, text, table = _read_toml(path)
    if table is not None:
        found = record_faults(table, record)
        reading.faults += placed(path, text, [(keys, what, None) for keys, what in found])
        reading.value = None if found else msgspec.convert(table, record)
    return reading


def fault_in(path: Path, keys: Keys, what: str, *, hint: str | None = None) -> DataError:
    """Make an error of what is wrong at a key of a TOML file, with its place."""
    (fault,) = placed(path, read_text(path), [(keys, what, None)])
    return DataError(what, where=path, line=fault.line, column=fault.column, hint=hint)


def read_records(path: Path, name: str, record: Any) -> Reading:
    """Read a TOML file that is a list of tables of one name.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The name of the tables, such as "itinerary".
    record : type
        What each is to be.

    Returns
    -------
    Reading
        The value is the records that are whole, by id, in the order of the file.
    """
    reading, text, table = _read_toml(path)
    reading.value = {}
    if table is None:
        return reading
    rows = table.get(name, [])
    found: list[tuple[Keys, str, str | None]] = [((key,), say_unknown(key, [name], "tables"), None) for key in table if key != name]
    if not isinstance(rows, list):
        found.append(((name,), f"`{name}` must be a list of tables: write [[{name}]] above each", None))
        rows = []
    for index, row in enumerate(rows):
        called = row.get("id") if isinstance(row, dict) else None
        wrong = record_faults(row, record)
        unnamed = any(keys in {(), ("id",)} for keys, _ in wrong)
        if not wrong and called in reading.value:
            wrong = [(("id",), f"id {called!r} is given twice")]
        if not wrong:
            reading.value[str(called)] = msgspec.convert(row, record)
            continue
        feature = called if isinstance(called, str) else f"{name} {index + 1}"
        reading.lost.add(None if unnamed else called)
        found += [((name, index, *keys), what, feature) for keys, what in wrong]
    reading.faults += placed(path, text, found)
    return reading


def read_features(path: Path, expected: Features) -> Reading:
    """Read a GeoJSON file of facts.

    Parameters
    ----------
    path : Path
        The file.
    expected : Features
        What its features are to be.

    Returns
    -------
    Reading
        The value is a GeoDataFrame in EPSG:4326 of the features that are whole.
    """
    try:
        text = read_text(path)
        document = geojson.parse_collection(text, where=path)
    except DataError as error:
        return Reading(_empty(expected), [error], {None})
    reading = Reading()
    found: list[tuple[Keys, str, str | None]] = []
    whole: list[dict[str, Any]] = []
    shapes: list[BaseGeometry | None] = []
    lacking = set(expected.members)
    firsts: dict[str, int] = {}
    again: list[tuple[int, str]] = []
    columns: dict[str, int] = {}
    for index, (feature, sound) in enumerate(zip(document["features"], _sound_shapes(document["features"], expected), strict=True)):
        properties, shape, wrong = _examined(feature, expected, sound)
        for column in properties:
            columns.setdefault(column, index)
        called = properties["id"] if isinstance(properties.get("id"), str) else None
        unnamed = called is None or any(keys == ("properties", "id") for keys, _ in wrong)
        if not wrong and expected.members and properties["country"] not in expected.members:
            what = f"`country` must be one of {', '.join(expected.members)}, not {properties['country']}"
            wrong.append((("properties", "country"), what))
        twice = called is not None and firsts.setdefault(called, index) != index and expected.record is not None
        if twice:
            again.append((index, str(called)))
        if not (wrong or twice):
            whole.append(properties)
            shapes.append(shape)
            lacking.discard(properties.get("country"))
            continue
        reading.lost.add(None if unnamed else called)
        found += [(("features", index, *keys), what, called or f"feature {index}") for keys, what in wrong]
    # Only a look into the text tells the line of the first.
    lines = {fault.what: fault.line for fault in placed(path, text, [(("features", firsts[name]), name, None) for _, name in again])}
    found += [
        (("features", index, "properties", "id"), f"id {name!r} is given twice, first in line {lines[name]}", name) for index, name in again
    ]
    found += [(("features", columns[column], "properties", column), what, None) for column, what in column_faults(columns)]
    if not document["features"]:
        found.append(((), "has no features", None))
        reading.lost.add(None)
    elif not reading.lost:
        # One that has a fault may be the one that is lacking.
        found += [((), f"has no feature with the `country` {code}", None) for code in expected.members if code in lacking]
    reading.faults = placed(path, text, found)
    unreadable = RESERVED.intersection(columns)
    reading.lost |= {None} if unreadable else set()
    reading.value = geojson.frame_of(whole, shapes, where=path) if whole and not unreadable else _empty(expected)
    return reading


def _empty(expected: Features) -> GeoDataFrame:
    """Make a frame without features, with the columns that they must have."""
    import geopandas

    columns = [] if expected.record is None else [*expected.record.__struct_encode_fields__, *(f"name_{lang}" for lang in expected.names)]
    return geopandas.GeoDataFrame(columns=[*columns, "geometry"], geometry="geometry", crs="EPSG:4326")


def _read_toml(path: Path) -> tuple[Reading, str, dict[str, Any] | None]:
    """Read a TOML file: what is to be filled in, its text, and its table, None if it is none."""
    text = ""
    try:
        text = read_text(path)
        with uncollected():
            return Reading(), text, tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        spot = re.search(r" \(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(spot[1]), int(spot[2])) if spot else (None, None)
        what = str(error).replace(spot[0], "") if spot else str(error)
        fault = DataError(f"is not TOML: {what}", where=path, line=line, column=column)
    except (RecursionError, ValueError):
        fault = DataError("is nested too deeply, or holds a number that is too long", where=path)
    except DataError as error:
        fault = error
    return Reading(None, [fault], {None}), text, None


def _sound_shapes(features: list[Any], expected: Features) -> list[BaseGeometry | None]:
    """Make the shapes of all features at once; None for each that may be at fault, and for all if one cannot be made."""
    import numpy as np
    import shapely

    try:
        plain = [feature["geometry"] if geojson.feature_fault(feature) is None else None for feature in features]
        shapes = np.array(geojson.to_shapes(plain), dtype=object)
    except ValueError:
        return [None] * len(features)
    in_degrees = (np.abs(shapely.bounds(shapes)) <= [*DEGREES, *DEGREES]).all(axis=1)
    of_type = np.array([geometry is not None and geometry["type"] in expected.types for geometry in plain], dtype=bool)
    shapes[~(in_degrees & of_type & shapely.is_valid(shapes))] = None
    sound: list[BaseGeometry | None] = shapes.tolist()
    return sound


def _examined(feature: Any, expected: Features, sound: BaseGeometry | None) -> tuple[dict[str, Any], BaseGeometry | None, list[Fault]]:
    """Give the properties and the shape of a feature, as far as it has them, and what is wrong with it; a shape known as sound is taken."""
    if sound is None and (fault := geojson.feature_fault(feature)) is not None:
        said = feature.get("properties") if isinstance(feature, dict) else None
        return (said, None, [((), fault), *_property_faults(said, expected)]) if isinstance(said, dict) else ({}, None, [((), fault)])
    shape, fault = (sound, None) if sound is not None else _shape(feature["geometry"], expected)
    wrong = list(_property_faults(feature["properties"], expected))
    lacking = [name for name in expected.placed if shape is not None and feature["properties"].get(name) is None]
    wrong += [(("properties", name), say_missing(name, fields_of(expected.record)[name])) for name in lacking]
    return feature["properties"], shape, wrong if fault is None else [*wrong, (("geometry",), fault)]


def _property_faults(properties: dict[str, Any], expected: Features) -> Iterator[Fault]:
    wrong = not_finite(properties) if expected.record is None else record_faults(properties, expected.record)
    yield from ((("properties", *keys), what) for keys, what in wrong)
    for lang in expected.names:
        name = properties.get(f"name_{lang}")
        if not isinstance(name, str) or not name.strip():
            text = {"type": "string", "description": "what it is called in that language"}
            what = say_missing(f"name_{lang}", text) if name is None else say_wrong(f"name_{lang}", text, name)
            yield ("properties", f"name_{lang}"), what
    for name in expected.filled:
        if properties.get(name) is None:
            yield ("properties", name), say_missing(name, fields_of(expected.record)[name])
    for name in ("country", "neighbour") if expected.countries else ():
        code = properties.get(name)
        if isinstance(code, str) and re.fullmatch("[A-Z]{2}", code) and code not in expected.countries:
            yield ("properties", name), f"`{name}` must be a country of ISO 3166-1, or XZ for the high seas; there is no {code}"
    for key, value in properties.items():
        if _holds_half(key) or (isinstance(value, str) and _holds_half(value)):
            yield ("properties", key), f"`{key}` holds half a character, which cannot be written as UTF-8"
        if value is not None and not isinstance(value, str | int | float):
            yield ("properties", key), f"`{key}` must be one text, number, truth value or null, not a {type(value).__name__}"


def _holds_half(text: str) -> bool:
    return not text.isascii() and _HALF.search(text) is not None


def _shape(geometry: dict[str, Any] | None, expected: Features) -> tuple[BaseGeometry | None, str | None]:
    """Make the shape of a geometry, or say what is wrong with it."""
    if geometry is None:
        return None, "has no geometry" if expected.located else None
    if geometry["type"] not in expected.types:
        return None, f"must be a {' or '.join(sorted(expected.types))}, not a {geometry['type']}"
    try:
        shape = geojson.to_shape(geometry)
    except ValueError as error:
        return None, str(error)
    if shape is None or shape.is_empty:
        return None, "has no coordinates"
    west, south, east, north = shape.bounds
    if not (-DEGREES[0] <= west <= east <= DEGREES[0] and -DEGREES[1] <= south <= north <= DEGREES[1]):
        return None, "has coordinates that are no longitude and latitude in degrees"
    return shape, _area_fault(shape) if geometry["type"] in AREAS else None


def _area_fault(shape: BaseGeometry) -> str | None:
    """Say where an area crosses itself."""
    from shapely import is_valid_reason

    if shape.is_valid:
        return None
    reason, _, spot = is_valid_reason(shape).partition("[")
    return f"is not a valid area: {reason} at {spot.rstrip(']')}; QGIS's “Fix geometries” mends most"


def column_faults(columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name the columns that some format cannot hold beside the others, each with what is wrong."""
    alike: dict[str, str] = {}
    for column in columns:
        if column.casefold() in RESERVED:
            yield column, f"no property may be called {column!r}: GeoPackage and QGIS keep that name for themselves"
        elif (other := alike.setdefault(column.casefold(), column)) != column:
            yield column, f"the properties {other!r} and {column!r} differ only in case: a GeoPackage cannot hold both"
