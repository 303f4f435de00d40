"""CM103 to CM112, CM121 to CM124, CM130 to CM133, CM138: the members of GeoJSON objects (RFC 7946, 2, 3, 4, 6 and 7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from corridormap.checks.reading.slow import GEOMETRIES, TYPES, is_number, type_of
from corridormap.checks.reading.survey import shown
from corridormap.checks.rule import ObjectRule, Severity, TextRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridormap.checks.reading.survey import Path

COLLECTION, FEATURE, GEOMETRY, OBJECT = "FeatureCollection", "Feature", "Geometry", "Object"
ALL = frozenset({COLLECTION, FEATURE, GEOMETRY, OBJECT})

_NAMES_OF_WGS84 = (
    (r"(?:urn:(?:x-)?ogc:def:crs:)?(?:OGC:(?:[0-9.]*:)?)?CRS84", False),
    (r"https?://www\.opengis\.net/def/crs/OGC/[0-9.]+/CRS84", False),
    (r"(?:urn:(?:x-)?ogc:def:crs:)?EPSG:(?:[0-9.]*:)?4326", True),
    (r"https?://www\.opengis\.net/(?:def/crs/EPSG/[0-9.]+/|gml/srs/epsg\.xml#)4326", True),
)
"""How WGS 84 is called in a member "crs", and whether by that name latitude comes first, which writers of GeoJSON do not heed."""
_ESRI = ("rings", "paths", "points", "geometryType", "spatialReference", "displayFieldName")
_OWN = {
    COLLECTION: frozenset({"type", "features", "bbox", "crs", "name"}),
    FEATURE: frozenset({"type", "geometry", "properties", "id", "bbox", "crs"}),
    GEOMETRY: frozenset({"type", "coordinates", "geometries", "bbox", "crs"}),
}
_FORBIDDEN = {
    COLLECTION: ("coordinates", "geometries", "geometry", "properties"),
    FEATURE: ("coordinates", "geometries", "features"),
    GEOMETRY: ("geometry", "properties", "features"),
}


def named(value: object) -> str:
    """What a JSON value is, with its article."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    names = {dict: "an object", list: "an array", str: "a text", int: "a number", float: "a number"}
    return names[type(value)]


def dialect(value: dict[str, Any]) -> str | None:
    """The name of another JSON format of geography, if this looks like one."""
    if type_of(value) == "Topology" or ("arcs" in value and "objects" in value):
        return "TopoJSON"
    if type_of(value) not in TYPES and any(name in value for name in _ESRI) and "coordinates" not in value:
        return "Esri JSON"
    if type_of(value) not in TYPES and {"attributes", "geometry"} <= value.keys():
        return "Esri JSON"
    return None


class TopObject(TextRule):
    """A GeoJSON text is one JSON object (RFC 7946, 2)."""

    code = "CM103"
    hint = 'Wrap features in {"type":"FeatureCollection","features":[…]}.'


class HasType(ObjectRule):
    """A GeoJSON object has a member "type", a text (RFC 7946, 3)."""

    code = "CM104"
    kinds: ClassVar = ALL

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if dialect(value) is not None:
            return
        if "type" not in value:
            yield (), 'has no member "type"'
        elif not isinstance(value["type"], str):
            yield ("type",), f'"type" is {named(value["type"])}, not a text'


class KnownType(ObjectRule):
    """The type is one of the nine of GeoJSON, in exact case (RFC 7946, 1.4); no others may be invented (7: MUST NOT)."""

    code = "CM105"
    kinds: ClassVar = ALL
    hint = "The types are Point, LineString, Polygon, each with Multi before it too, GeometryCollection, Feature, FeatureCollection."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        kind = value.get("type")
        if isinstance(kind, str) and kind not in TYPES and dialect(value) is None:
            like = next((name for name in sorted(TYPES) if name.lower() == kind.strip().lower()), None)
            yield ("type",), f"{shown(kind)} is no GeoJSON type" + (f"; {like} is" if like else "")


class Dialect(ObjectRule):
    """The object is GeoJSON and not another JSON format of geography, such as TopoJSON or Esri JSON."""

    code = "CM138"
    kinds: ClassVar = ALL
    hint = "Convert it: ogr2ogr -f GeoJSON out.geojson in.json"

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        name = dialect(value)
        if name is not None:
            yield (), f"is {name}, not GeoJSON"


class HasFeatures(ObjectRule):
    """A FeatureCollection has a member "features", an array (RFC 7946, 3.3)."""

    code = "CM106"
    kinds: ClassVar = frozenset({COLLECTION})

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if "features" not in value:
            yield (), 'has no member "features"'
        elif not isinstance(value["features"], list):
            yield ("features",), f'"features" is {named(value["features"])}, not an array'


class FeaturesAreFeatures(ObjectRule):
    """Each element of "features" is a Feature (RFC 7946, 3.3)."""

    code = "CM107"
    kinds: ClassVar = frozenset({"Element"})
    hint = 'Wrap a bare geometry in {"type":"Feature","geometry":…,"properties":null}.'

    def check(self, value: Any) -> Iterator[tuple[Path, str]]:
        if not isinstance(value, dict):
            yield (), f"is {named(value)}, not a Feature"
        elif isinstance(value.get("type"), str) and value["type"] in TYPES and value["type"] != FEATURE:
            yield ("type",), f"is a {value['type']}, not a Feature"


class HasGeometry(ObjectRule):
    """A Feature has a member "geometry": a geometry, or null if it has no place (RFC 7946, 3.2)."""

    code = "CM108"
    kinds: ClassVar = frozenset({FEATURE})

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if dialect(value) is not None:
            return
        if "geometry" not in value:
            yield (), 'has no member "geometry"'
        elif not isinstance(value["geometry"], dict | None):
            yield ("geometry",), f'"geometry" is {named(value["geometry"])}, not an object or null'


class HasProperties(ObjectRule):
    """A Feature has a member "properties": an object, or null (RFC 7946, 3.2)."""

    code = "CM109"
    kinds: ClassVar = frozenset({FEATURE})

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if dialect(value) is not None:
            return
        if "properties" not in value:
            yield (), 'has no member "properties"'
        elif not isinstance(value["properties"], dict | None):
            yield ("properties",), f'"properties" is {named(value["properties"])}, not an object or null'


class Identifier(ObjectRule):
    """A feature's "id" is a text or a number (RFC 7946, 3.2)."""

    code = "CM110"
    kinds: ClassVar = frozenset({FEATURE})
    hint = "Leave the member out where there is no id."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if "id" in value and not (isinstance(value["id"], str) or is_number(value["id"])):
            yield ("id",), f'"id" is {named(value["id"])}, not a text or a number'


class GeometryIsGeometry(ObjectRule):
    """A feature's geometry is of one of the seven types of geometry (RFC 7946, 3.1)."""

    code = "CM111"
    kinds: ClassVar = frozenset({FEATURE})

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        geometry = value.get("geometry")
        if isinstance(geometry, dict) and type_of(geometry) in ("Feature", "FeatureCollection"):
            yield ("geometry", "type"), f"is a {geometry['type']}, not a geometry"


class HasCoordinates(ObjectRule):
    """A geometry that is no GeometryCollection has a member "coordinates", an array (RFC 7946, 3.1)."""

    code = "CM112"
    kinds: ClassVar = frozenset({GEOMETRY})
    hint = 'A feature without a place has "geometry": null.'

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if type_of(value) not in GEOMETRIES - {"GeometryCollection"}:
            return
        if "coordinates" not in value:
            yield (), 'has no member "coordinates"'
        elif not isinstance(value["coordinates"], list):
            yield ("coordinates",), f'"coordinates" is {named(value["coordinates"])}, not an array'


class HasGeometries(ObjectRule):
    """A GeometryCollection has a member "geometries", an array (RFC 7946, 3.1.8)."""

    code = "CM121"
    kinds: ClassVar = frozenset({GEOMETRY})

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if type_of(value) != "GeometryCollection":
            return
        if "geometries" not in value:
            yield (), 'has no member "geometries"'
        elif not isinstance(value["geometries"], list):
            yield ("geometries",), f'"geometries" is {named(value["geometries"])}, not an array'


class GeometriesAreGeometries(ObjectRule):
    """Each element of "geometries" is a geometry (RFC 7946, 3.1.8)."""

    code = "CM122"
    kinds: ClassVar = frozenset({GEOMETRY})

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        for index, member in enumerate(_members(value)):
            if not isinstance(member, dict):
                yield ("geometries", index), f"is {named(member)}, not a geometry"
            elif type_of(member) in ("Feature", "FeatureCollection"):
                yield ("geometries", index, "type"), f"is a {member['type']}, not a geometry"


class NestedCollection(ObjectRule):
    """A GeometryCollection within a GeometryCollection SHOULD be avoided (RFC 7946, 3.1.8)."""

    code = "CM123"
    severity = Severity.WARNING
    kinds: ClassVar = frozenset({GEOMETRY})
    hint = "Put all geometries into one collection."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        for index, member in enumerate(_members(value)):
            if isinstance(member, dict) and type_of(member) == "GeometryCollection":
                yield ("geometries", index), "is a GeometryCollection within another"


class UniformCollection(ObjectRule):
    """A GeometryCollection of one geometry, or of geometries of one type, SHOULD be avoided (RFC 7946, 3.1.8)."""

    code = "CM124"
    severity = Severity.WARNING
    kinds: ClassVar = frozenset({GEOMETRY})
    hint = "Use the geometry itself, or a MultiPoint, MultiLineString or MultiPolygon."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        members = [member.get("type") for member in _members(value) if isinstance(member, dict)]
        kinds = {kind for kind in members if isinstance(kind, str)}
        if len(members) == 1:
            yield (), "is a GeometryCollection of a single geometry"
        elif len(members) > 1 and len(kinds) == 1 and kinds <= GEOMETRIES:
            yield (), f"is a GeometryCollection of {next(iter(kinds))}s only"


class RetiredCrs(ObjectRule):
    """There is no member "crs", which RFC 7946 has removed (4, B.1), even if it names WGS 84, the only one there is now."""

    code = "CM130"
    repair = "crs"
    severity = Severity.WARNING
    kinds: ClassVar = ALL
    hint = "Delete the member; GDAL does so with -lco RFC7946=YES."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if "crs" in value and _default_crs(value["crs"]):
            yield ("crs",), 'has the retired member "crs"'


class OtherCrs(ObjectRule):
    """Coordinates are in WGS 84, longitude before latitude: no member "crs" names another system (RFC 7946, 4)."""

    code = "CM131"
    kinds: ClassVar = ALL
    hint = "Reproject: ogr2ogr -f GeoJSON -t_srs EPSG:4326 -lco RFC7946=YES out.geojson in.geojson"

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if "crs" in value and not _default_crs(value["crs"]):
            yield ("crs",), f'the retired member "crs" says {shown(crs_name(value["crs"]) or named(value["crs"]))}, not WGS 84'


class AnothersMembers(ObjectRule):
    """No object has a member that defines another kind of object, such as a Feature with "coordinates" (RFC 7946, 7.1: MUST NOT)."""

    code = "CM132"
    kinds: ClassVar = frozenset({COLLECTION, FEATURE, GEOMETRY})

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if type_of(value) not in TYPES:
            return
        kind = GEOMETRY if value["type"] in GEOMETRIES else value["type"]
        for name in _FORBIDDEN[kind]:
            if name in value:
                article = "a geometry" if kind == GEOMETRY else f"a {kind}"
                yield (name,), f'{article} must not have a member "{name}"'


class ForeignMembers(ObjectRule):
    """Members that RFC 7946 does not know (6.1) are allowed, but few programs keep them; each name is told once a file."""

    code = "CM133"
    once = True
    severity = Severity.NOTE
    kinds: ClassVar = frozenset({COLLECTION, FEATURE, GEOMETRY})
    hint = "Put what belongs to a feature into its properties."

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in TYPES:
            return
        kind = GEOMETRY if kind in GEOMETRIES else kind
        for name in value:
            if name not in _OWN[kind] and name not in _FORBIDDEN[kind]:
                yield (name,), self.message(name)

    def message(self, name: str) -> str:
        """What is said of a foreign member."""
        return f"the member {shown(name)} is not GeoJSON's"


def _members(value: dict[str, Any]) -> list[Any]:
    members = value.get("geometries") if type_of(value) == "GeometryCollection" else None
    return members if isinstance(members, list) else []


def crs_name(crs: Any) -> str | None:
    """The name that a member "crs" gives; None if it gives none."""
    if isinstance(crs, dict):
        properties = crs.get("properties")
        name = properties.get("name", properties.get("code", properties.get("href"))) if isinstance(properties, dict) else None
        return None if name is None else str(name)
    return crs if isinstance(crs, str) else None


def names_wgs84(name: str | None) -> Literal["lon/lat", "lat/lon"] | None:
    """Whether a name is one of WGS 84, and which axis comes first in the system of that name."""
    for pattern, latitude_first in _NAMES_OF_WGS84:
        if name is not None and re.fullmatch(pattern, name.strip(), re.IGNORECASE):
            return "lat/lon" if latitude_first else "lon/lat"
    return None


def _default_crs(crs: Any) -> bool:
    """Whether a crs member says what RFC 7946 says anyway; null does not say otherwise."""
    return crs is None or names_wgs84(crs_name(crs)) is not None
