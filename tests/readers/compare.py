"""What a reader saw, held against the layer's own file: the kinds of difference, and a failure for any that has no kind."""

import json
import math
import re

import numpy as np
import shapely

LONLAT = ("WGS 84", "EPSG:4326")
SAME = 1e-9
"""How far a coordinate may be off that was only written and read, in units of its CRS: the fifteenth digit of a degree, or a nanometre."""
RADIUS = 6_378_137.0


def shape_of(geometry):
    if geometry is None:
        return None
    shape = shapely.from_geojson(json.dumps(geometry)) if isinstance(geometry, dict) else shapely.from_wkb(geometry)
    return None if shape.is_empty else shapely.force_2d(shape)


def mercator(shape):
    """Give a geometry in spherical Mercator, as tiles have it."""

    def moved(lonlat):
        longitude, latitude = np.radians(lonlat).T
        return RADIUS * np.column_stack([longitude, np.arctanh(np.sin(latitude))])

    return shapely.transform(shape, moved)


def differences(job, seen, *, names, features, crs=LONLAT, within=None):
    """Give the kinds of difference between a layer and what a reader saw of it.

    ``features`` are (properties, geometry); ``names`` is property → what the file calls it; ``within`` how many metres tiles may move a line.
    """
    kinds, tiled = set(), seen.get("crs") == "EPSG:3857"
    if "crs" in seen and not tiled and seen["crs"] not in crs:
        assert not seen["crs"], (job, seen["crs"])
        kinds.add("no CRS")
    ids = [row["id"] for row, _ in features]
    # GDAL and QGIS have a field `id` of their own in KML, and call the property `id2`.
    key = "id2" if any(feature["properties"].get("id2") for feature in seen["features"]) else "id"
    kinds |= {"id is id2"} if key == "id2" else set()
    found = {}
    for feature in seen["features"]:
        found.setdefault(feature["properties"][key], []).append(feature)
    if not job["whole"]:
        assert set(found) <= set(ids), (job, set(found) - set(ids))
    if [name for name in found if name in set(ids)] != [name for name in ids if name in found]:
        kinds.add("order")
    for row, shape in features:
        where = (job["format"], job["layer"], row["id"])
        pieces = found.get(row["id"])
        if pieces is None:
            assert shape is None, (*where, "is not there")
            kinds.add("unlocated left out")
            continue
        assert all(piece["properties"] == pieces[0]["properties"] for piece in pieces), where
        kinds.update(of_properties(row, pieces[0]["properties"] | {"id": row["id"]}, names, where))
        read = [shape for shape in (shape_of(piece["geometry"]) for piece in pieces) if shape is not None]
        if shape is None:
            assert not read, where
        elif not read and job["format"] == "csv" and shape.geom_type != "Point":
            kinds.add("lines without positions")
        elif within:
            whole = shapely.union_all(read)
            off = shapely.hausdorff_distance(mercator(shape), whole if tiled else mercator(whole))
            assert off <= within, (*where, off)
            kinds.add("positions rounded")
        else:
            (one,) = read
            kinds |= shifted(one, shape, where)
    return kinds


def of_properties(row, read, names, where):
    """Give the kind of each difference between a feature's properties and what was read of them."""
    for name, value in row.items():
        called = names[name]
        if called != name:
            yield "names shortened"
        # R puts an X before a name that begins with an underscore.
        lines = re.sub(rb"\W", b"_", called.encode()).decode()
        if called not in read and (bare := next((one for one in (lines, f"X{lines}") if one in read), None)):
            called = bare
            yield "letters of names are underscores"
        kind = difference(value, read.get(called))
        assert kind is None or not kind.startswith("?"), (*where, name, kind)
        if kind:
            yield kind


def difference(value, read):  # noqa: PLR0911  a kind a line
    """Give the kind of difference between a value and what was read of it, none if they are the same."""
    if isinstance(read, float) and math.isnan(read):
        read = None
    if type(value) is type(read) and value == read:
        return None
    if value is None:
        return "null is an empty text" if read == "" else f"? null is {read!r}"
    if read is None:
        return "an empty text is null" if value == "" else f"? {value!r} is null"
    if isinstance(value, bool):
        if type(read) is int and value == read:
            return "truth values are 1 and 0"
        return "truth values are texts" if read == str(value).lower() else f"? {value} is {read!r}"
    if isinstance(value, int | float):
        if isinstance(read, int | float) and not isinstance(read, bool):
            return None if value == read else f"? {value} is {read}"
        return "numbers are texts" if isinstance(read, str) and float(read) == value else f"? {value} is {read!r}"
    if isinstance(read, str):
        cut = value.encode()[:254].decode("utf-8", "ignore").rstrip()
        return "texts cut" if read == cut else f"? {value!r} is {read!r}"
    return "texts are numbers" if re.fullmatch(r"[\d.e+-]+", value) and float(value) == read else f"? {value!r} is {read!r}"


def shifted(read, shape, where):
    """Give the kinds of difference between a line or point and what was read of it."""
    kinds = {"lines in a GeometryCollection"} if read.geom_type == "GeometryCollection" else set()
    one, other = ([shapely.get_coordinates(part) for part in shapely.get_parts(which)] for which in (read, shape))
    assert {part.geom_type for part in shapely.get_parts(read)} == {part.geom_type for part in shapely.get_parts(shape)}, where
    if [len(part) for part in one] == [len(part) for part in other]:
        off = np.abs(np.concatenate(one) - np.concatenate(other)).max()
        assert off <= SAME, (*where, off)
        return kinds
    if len(one) == len(other):
        for part, original in zip(one, other, strict=True):
            rest = iter(np.round(part, 9).tolist())
            assert all(vertex in rest for vertex in np.round(original, 9).tolist()), where
        return kinds | {"vertices added"}
    assert len(one) > len(other), where
    assert shapely.hausdorff_distance(read, shape) <= SAME, where
    return kinds | {"lines in more parts"}
