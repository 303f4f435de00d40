"""CM001 to CM014, CM103 to CM118, CM121 to CM134, CM138, CM316: the text of a file, and the members of GeoJSON objects (RFC 7946)."""

from __future__ import annotations

import re
from math import isinf
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from corridormap.checks.reading.batch import LEAST
from corridormap.checks.reading.objects import GEOMETRIES, NAMES, TYPES, is_number, kind_of, level, named, positions, type_of
from corridormap.checks.reading.text import Path, shown
from corridormap.checks.rule import ERROR, NOTE, WARNING, ObjectRule, Severity, TextRule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_BY_THE_READER = r"""
CM001 error    A file can be read: it is a regular file, there are the rights to it, and no circle of links leads to it.
               Check the path and the rights.
CM002 error    The text is UTF-8 (RFC 8259, 8.1: MUST).
               Save the file as UTF-8.
CM004 error    The text is JSON to the letter (RFC 8259): nothing missing at its end, nothing after it, no comments, no comma too many.
CM005 error    No number is NaN or Infinity, which JSON does not have (RFC 8259, 6).
               A figure that is unknown is null; a position that is unknown has no place in a geometry.
CM006 error    No object gives a name twice: readers disagree which counts, and one is lost (RFC 8259, 4: SHOULD; I-JSON, RFC 7493: MUST).
               Delete one of the two.
CM007 error    Arrays and objects are nested no more than 200 levels deep.
               A geometry needs at most a handful of levels; look for brackets that were never closed.
CM008 warning  Every number fits a double (RFC 8259, 6; I-JSON): one like 1e999 becomes infinite or stops the reader.
CM009 warning  No text holds half of a surrogate pair, such as "\\ud800" alone (RFC 8259, 8.2): it stands for no character.
               Look where the text was cut in the middle of a character.
CM010 error    A file is not empty.
               A collection of nothing is {"type":"FeatureCollection","features":[]}.
CM011 error    A file is what its name says: no archive, database, image or web page under the name of GeoJSON.
CM012 warning  Each text of a sequence with record separators ends with a line feed (RFC 8142, 2.1, and RFC 7464, 2.1).
               End each text with a line feed; without it a reader cannot tell whether the text was cut off.
CM013 error    A file was looked at to its end. Not so where thousands of errors made it pointless, or one object is too large to hold.
               Mend what was found and check again.
CM014 error    A file of another format (GeoPackage, FlatGeobuf, GeoParquet, Shapefile, KML) can be opened and read.
               Open it in QGIS or with ogrinfo; a Shapefile needs its .shx and .dbf beside it.
CM103 error    A GeoJSON text is one JSON object (RFC 7946, 2).
               Wrap features in {"type":"FeatureCollection","features":[…]}.
CM316 warning  A file of another format than GeoJSON names its coordinate reference system.
               A Shapefile does so in a .prj beside it; in QGIS, “Set layer CRS” and save it.
"""
"""The rules that the reader itself proves while it reads: code, severity, what must hold and, below it, how to mend it."""

for _code, _severity, _text, _hint in re.findall(r"^(CM\d+) (\w+) +(.+)\n(?: +(.+)\n)?", _BY_THE_READER, re.MULTILINE):
    TextRule.define(_code, _text, Severity(_severity), hint=_hint or None)


class NoMark(TextRule, code="CM003", severity=WARNING, repair="bom", hint="Save the file as UTF-8 without BOM."):
    """The text does not begin with a byte order mark (RFC 8259, 8.1: MUST NOT). A warning, since readers MAY ignore it."""


COLLECTION, FEATURE, GEOMETRY, OBJECT = "FeatureCollection", "Feature", "Geometry", "Object"
DEFINED = frozenset({COLLECTION, FEATURE, GEOMETRY})
ALL = DEFINED | {OBJECT}
_FEATURES, _GEOMETRIES = frozenset({FEATURE}), frozenset({GEOMETRY})
_NO_PLACE = 'A feature without a place has "geometry": null.'

_NAMES_OF_WGS84: dict[Literal["lon/lat", "lat/lon"], str] = {
    "lon/lat": r"((urn:(x-)?ogc:def:crs:)?(OGC:([0-9.]*:)?)?|https?://www\.opengis\.net/def/crs/OGC/[0-9.]+/)CRS84",
    "lat/lon": r"((urn:(x-)?ogc:def:crs:)?EPSG:([0-9.]*:)?|https?://www\.opengis\.net/(def/crs/EPSG/[0-9.]+/|gml/srs/epsg\.xml#))4326",
}
"""How WGS 84 is called in a member "crs", by the axis that comes first by that name, which writers of GeoJSON do not heed."""
_ESRI = frozenset({"rings", "paths", "points", "geometryType", "spatialReference", "displayFieldName"})
_OWN = {
    COLLECTION: ("type", "features", "bbox", "crs", "name"),
    FEATURE: ("type", "geometry", "properties", "id", "bbox", "crs"),
    GEOMETRY: ("type", "coordinates", "geometries", "bbox", "crs"),
}
_DEFINING = ("coordinates", "geometries", "geometry", "properties", "features")
"""Members by which kinds of object differ."""
_FORMS = ("a position", "an array of positions", "an array of arrays of positions", "an array of arrays of arrays of positions")


class MemberRule(ObjectRule):
    """A rule that objects have a member, with a value of certain types; objects of another format are left to a rule of their own."""

    member: ClassVar[str]
    types: ClassVar[tuple[type, ...]]
    of: ClassVar[frozenset[str] | None] = None
    """The types of the objects that have it, where it is not for all of their kind."""
    optional: ClassVar[bool] = False

    def check(self, value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if dialect(value) is not None or (self.of is not None and type_of(value) not in self.of):
            return
        if self.member not in value:
            if not self.optional:
                yield (), f'has no member "{self.member}"'
        elif type(value[self.member]) not in self.types:
            wanted = " or ".join(dict.fromkeys(NAMES[kind] for kind in self.types))
            yield (self.member,), f'"{self.member}" is {named(value[self.member])}, not {wanted}'


class GeometryRule(ObjectRule, kinds=_GEOMETRIES):
    """A rule about geometries."""


class HasType(MemberRule, code="CM104", kinds=ALL, member="type", types=(str,)):
    """A GeoJSON object has a member "type", a text (RFC 7946, 3)."""


class HasFeatures(MemberRule, code="CM106", kinds=frozenset({COLLECTION}), member="features", types=(list,)):
    """A FeatureCollection has a member "features", an array (RFC 7946, 3.3)."""


class HasGeometry(MemberRule, code="CM108", kinds=_FEATURES, member="geometry", types=(dict, NoneType)):
    """A Feature has a member "geometry": a geometry, or null if it has no place (RFC 7946, 3.2)."""


class HasProperties(MemberRule, code="CM109", kinds=_FEATURES, member="properties", types=(dict, NoneType)):
    """A Feature has a member "properties": an object, or null (RFC 7946, 3.2)."""


class MayHaveId(MemberRule, code="CM110", kinds=_FEATURES, member="id", types=(str, int, float), optional=True):
    """A feature's "id" is a text or a number (RFC 7946, 3.2)."""

    hint = "Leave the member out where there is no id."


class HasCoordinates(MemberRule, code="CM112", kinds=_GEOMETRIES, member="coordinates", types=(list,), hint=_NO_PLACE):
    """A geometry that is no GeometryCollection has a member "coordinates", an array (RFC 7946, 3.1)."""

    of = GEOMETRIES - {"GeometryCollection"}


class HasGeometries(MemberRule, code="CM121", kinds=_GEOMETRIES, member="geometries", types=(list,)):
    """A GeometryCollection has a member "geometries", an array (RFC 7946, 3.1.8)."""

    of = frozenset({"GeometryCollection"})


@ObjectRule.register(
    "CM105",
    kinds=ALL,
    hint="The types are Point, LineString, Polygon, each with Multi before it too, GeometryCollection, Feature, FeatureCollection.",
)
def known_type(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The type is one of the nine of GeoJSON, in exact case (RFC 7946, 1.4); no others may be invented (7: MUST NOT)."""
    kind = type_of(value)
    if kind is not None and kind not in TYPES and dialect(value) is None:
        like = next((name for name in sorted(TYPES) if name.lower() == kind.strip().lower()), None)
        yield ("type",), f"{shown(kind)} is no GeoJSON type" + (f"; {like} is" if like else "")


@ObjectRule.register("CM138", kinds=ALL, hint="Convert it: ogr2ogr -f GeoJSON out.geojson in.json")
def is_geojson(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The object is GeoJSON and not another JSON format of geography, such as TopoJSON or Esri JSON."""
    name = dialect(value)
    if name is not None:
        yield (), f"is {name}, not GeoJSON"


@ObjectRule.register(
    "CM107", kinds=frozenset({"Element"}), hint='Wrap a bare geometry in {"type":"Feature","geometry":…,"properties":null}.'
)
def features_are_features(value: Any) -> Iterator[tuple[Path, str]]:
    """Each element of "features" is a Feature (RFC 7946, 3.3)."""
    yield from _other_kind(value, (), {FEATURE}, "a Feature")


@ObjectRule.register("CM111", kinds=_FEATURES)
def geometry_is_geometry(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A feature's geometry is of one of the seven types of geometry (RFC 7946, 3.1)."""
    if isinstance(value.get("geometry"), dict):
        yield from _other_kind(value["geometry"], ("geometry",), GEOMETRIES, "a geometry")


@GeometryRule.register("CM122")
def geometries_are_geometries(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Each element of "geometries" is a geometry (RFC 7946, 3.1.8)."""
    for index, member in enumerate(_members(value)):
        yield from _other_kind(member, ("geometries", index), GEOMETRIES, "a geometry")


@GeometryRule.register("CM123", WARNING, hint="Put all geometries into one collection.")
def nested_collection(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A GeometryCollection within a GeometryCollection SHOULD be avoided (RFC 7946, 3.1.8)."""
    for index, member in enumerate(_members(value)):
        if isinstance(member, dict) and type_of(member) == "GeometryCollection":
            yield ("geometries", index), "is a GeometryCollection within another"


@GeometryRule.register("CM124", WARNING, hint="Use the geometry itself, or a MultiPoint, MultiLineString or MultiPolygon.")
def uniform_collection(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A GeometryCollection of one geometry, or of geometries of one type, SHOULD be avoided (RFC 7946, 3.1.8)."""
    members = [member for member in _members(value) if isinstance(member, dict)]
    kinds = {type_of(member) for member in members} - {None}
    if len(members) == 1:
        yield (), "is a GeometryCollection of a single geometry"
    elif len(kinds) == 1 and kinds <= GEOMETRIES:
        yield (), f"is a GeometryCollection of {kinds.pop()}s only"


@GeometryRule.register("CM113")
def nesting(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The coordinates of a geometry are nested as its type asks: a position for a Point, rings of positions for a Polygon."""
    depth = level(value.get("type"))
    if depth is None or not isinstance(value.get("coordinates"), list):
        return
    for inner in range(depth + 1):
        for path, item in positions(value["coordinates"], inner, ("coordinates",)):
            if not isinstance(item, list) or (inner == depth and not _is_flat(item)):
                too = "nested too deeply" if isinstance(item, list) else named(item)
                yield path, f"is {too}, but the coordinates of a {value['type']} are {_FORMS[depth]}"
                return


@GeometryRule.register("CM114")
def pair(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A position has at least two numbers, longitude and latitude (RFC 7946, 3.1.1: MUST)."""
    for path, item in _positions(value):
        # A Point with no coordinates at all is taken for one without a place, as other types with none are.
        if len(item) < 2 and (item or value["type"] != "Point"):
            yield path, f"a position has at least two numbers, not {len(item)}"


@GeometryRule.register("CM115", WARNING, hint="What a fourth number means nobody knows; put measures and times into properties.")
def at_most_three(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A position has no more than three numbers (RFC 7946, 3.1.1: SHOULD NOT)."""
    for path, item in _positions(value):
        if len(item) > 3:
            yield path, f"a position has {len(item)} numbers"


@GeometryRule.register("CM116")
def numbers(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """The elements of a position are numbers (RFC 7946, 3.1.1): no texts, no null, none beyond what a double can hold."""
    for path, item in _positions(value):
        for index, number in enumerate(item):
            if not is_number(number):
                yield (*path, index), f"{shown(number) if isinstance(number, str) else named(number)} is not a number"
            elif isinf(number):
                yield (*path, index), "the number is beyond what a double can hold"


@GeometryRule.register("CM117")
def line_length(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A LineString has two or more positions (RFC 7946, 3.1.4)."""
    return _too_short(value, "LineString", "a line")


@GeometryRule.register("CM118", hint="A triangle has four positions: the first comes again at the end.")
def ring_length(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """A linear ring has four or more positions (RFC 7946, 3.1.6)."""
    return _too_short(value, "Polygon", "a linear ring")


def _too_short(value: dict[str, Any], kind: str, what: str) -> Iterator[tuple[Path, str]]:
    depth, coordinates = level(value.get("type")), value.get("coordinates")
    if depth and coordinates and kind in value["type"]:  # that there are none at all, another rule says
        least = LEAST[value["type"]]
        for path, run in positions(coordinates, depth - 1, ("coordinates",)):
            if isinstance(run, list) and len(run) < least and all(map(_is_flat, run)):
                yield path, f"{what} has at least {least} positions, not {len(run)}"


@GeometryRule.register("CM134", NOTE, on_layer=ERROR, hint=_NO_PLACE)
def not_hollow(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Arrays of coordinates or geometries that are empty are allowed and may be read as null (RFC 7946, 3.1), but say so badly."""
    depth = level(value.get("type"))
    member = "geometries" if type_of(value) == "GeometryCollection" else "coordinates"
    if value.get(member) == [] and (depth is not None or member == "geometries"):
        yield (member,), "is empty"
    elif depth == 3:
        yield from ((path, "is empty") for path, polygon in positions(value.get(member), 1, (member,)) if polygon == [])


@ObjectRule.register("CM130", WARNING, repair="crs", kinds=ALL, hint="Delete the member; GDAL does so with -lco RFC7946=YES.")
def retired_crs(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """There is no member "crs", which RFC 7946 has removed (4, B.1), even if it names WGS 84, the only one there is now."""
    if "crs" in value and _default_crs(value["crs"]):
        yield ("crs",), 'has the retired member "crs"'


@ObjectRule.register("CM131", kinds=ALL, hint="Reproject: ogr2ogr -f GeoJSON -t_srs EPSG:4326 -lco RFC7946=YES out.geojson in.geojson")
def other_crs(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Coordinates are in WGS 84, longitude before latitude: no member "crs" names another system (RFC 7946, 4)."""
    if "crs" in value and not _default_crs(value["crs"]):
        yield ("crs",), f'the retired member "crs" says {shown(crs_name(value["crs"]) or named(value["crs"]))}, not WGS 84'


@ObjectRule.register("CM132", kinds=DEFINED)
def anothers_members(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """No object has a member that defines another kind of object, such as a Feature with "coordinates" (RFC 7946, 7.1: MUST NOT)."""
    if type_of(value) in TYPES:
        kind = kind_of(value)
        article = "a geometry" if kind == GEOMETRY else f"a {kind}"
        for name in _DEFINING:
            if name in value and name not in _OWN[kind]:
                yield (name,), f'{article} must not have a member "{name}"'


@ObjectRule.register("CM133", NOTE, once=True, kinds=DEFINED, hint="Put what belongs to a feature into its properties.")
def foreign_members(value: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Members that RFC 7946 does not know (6.1) are allowed, but few programs keep them; each name is reported once per file."""
    if type_of(value) in TYPES:
        known = _OWN[kind_of(value)] + _DEFINING
        yield from (((name,), foreign(name)) for name in value if name not in known)


def foreign(name: str) -> str:
    """Write the message about a foreign member."""
    return f"the member {shown(name)} is not GeoJSON's"


def dialect(value: dict[str, Any]) -> str | None:
    """Name the other JSON format of geography that an object looks like; None if it looks like none."""
    if type_of(value) == "Topology" or {"arcs", "objects"} <= value.keys():
        return "TopoJSON"
    esri = {"attributes", "geometry"} <= value.keys() or ("coordinates" not in value and not _ESRI.isdisjoint(value))
    return "Esri JSON" if esri and type_of(value) not in TYPES else None


def _other_kind(value: Any, path: Path, wanted: Collection[str], what: str) -> Iterator[tuple[Path, str]]:
    """Yield that a value is no object, or one of another known type than those wanted."""
    if not isinstance(value, dict):
        yield path, f"is {named(value)}, not {what}"
    elif type_of(value) in TYPES.difference(wanted):
        yield (*path, "type"), f"is a {value['type']}, not {what}"


def _members(value: dict[str, Any]) -> list[Any]:
    members = value.get("geometries") if type_of(value) == "GeometryCollection" else None
    return members if isinstance(members, list) else []


def _positions(value: dict[str, Any]) -> Iterator[tuple[Path, list[Any]]]:
    """Yield the positions of a geometry that are arrays nested as its type requires."""
    depth = level(value.get("type"))
    if depth is not None:
        yield from (found for found in positions(value.get("coordinates"), depth, ("coordinates",)) if _is_flat(found[1]))


def _is_flat(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(item, list) for item in value)


def crs_name(crs: Any) -> str | None:
    """Read the name that a member "crs" gives; None if it gives none."""
    if isinstance(crs, dict):
        properties = crs.get("properties")
        name = properties.get("name", properties.get("code", properties.get("href"))) if isinstance(properties, dict) else None
        return None if name is None else str(name)
    return crs if isinstance(crs, str) else None


def names_wgs84(name: str | None) -> Literal["lon/lat", "lat/lon"] | None:
    """Return which axis comes first in the system of that name if it is WGS 84, else None."""
    for order, pattern in _NAMES_OF_WGS84.items():
        if name is not None and re.fullmatch(pattern, name.strip(), re.IGNORECASE):
            return order
    return None


def _default_crs(crs: Any) -> bool:
    """Return whether a member "crs" is null or names WGS 84, which RFC 7946 prescribes."""
    return crs is None or names_wgs84(crs_name(crs)) is not None
