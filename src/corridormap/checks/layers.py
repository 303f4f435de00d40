"""CM102, CM201, CM202, CM205, CM207, CM302, CM405 to CM407, CM501, CM510: a layer of an atlas against its record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from corridormap.antimeridian import within
from corridormap.checks.reading.batch import TYPE_NAMES, Batch, LayerSubject, Place
from corridormap.checks.rule import LayerRule
from corridormap.model import LengthKind, Mode, Status
from corridormap.phrases import counted, meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray


class NotEmpty(LayerRule, code="CM102"):
    """A layer has features."""

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        memory["rows"] = batch.rows
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        if not memory.get("rows"):
            yield Place("has no features", path=("features",))


@LayerRule.register("CM201", hint="Draw the feature, or set `unlocated = true` for the layer if its features may have no known position.")
def present(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """Every feature has a geometry that is not empty, unless the layer says that its features may be unlocated."""
    if not layer.record.unlocated:
        for row in sorted(set(range(batch.rows)) - set(batch.shapes.item_row.tolist())):
            yield Place("has no geometry", row=row, path=("geometry",))


@LayerRule.register("CM202")
def geometry_type(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """Every geometry is of the type that the layer declares."""
    wanted = layer.record.geometry
    for row, kind in zip(batch.shapes.item_row.tolist(), batch.shapes.item_type.tolist(), strict=True):
        if TYPE_NAMES[kind] != wanted:
            yield Place(f"is a {TYPE_NAMES[kind]}, not a {wanted}", row=row, path=("geometry", "type"))


@LayerRule.register(
    "CM205", hint="Delete the spike; where the way really goes in and out of a place, that place is a node and the way to it a link."
)
def spike(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """No link turns back on itself: a track or a road does not bend by more than 120° at a vertex."""
    vertices, degrees, _, _ = _turns(batch, layer)
    for index in (np.abs(degrees) > 120.0).nonzero()[0]:
        yield batch.at_vertex(vertices[index], f"turns back by {abs(degrees[index]):.0f}°")


@LayerRule.register("CM207", hint="Keep to one carriageway or track: delete the vertices of the jump.")
def jog(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """No link jumps sideways: two sharp bends (over 45°) one way and back within 300 m, as when a line changes carriageways."""
    vertices, degrees, ahead_m, part = _turns(batch, layer)
    first, second = degrees[:-1], degrees[1:]
    sharp = (first * second < 0) & (np.abs(first) > 45.0) & (np.abs(second) > 45.0)
    for index in (sharp & (part[1:] == part[:-1]) & (ahead_m[:-1] < 300.0)).nonzero()[0]:
        yield batch.at_vertex(vertices[index], f"jumps sideways within {ahead_m[index]:.0f} m")


@LayerRule.register("CM302", hint="Look for swapped axes or a lost digit; if the feature is right, widen `extent` in atlas.toml.")
def extent(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """Features lie within the extent that atlas.toml gives."""
    shapes = batch.shapes
    outside = np.flatnonzero(~within(layer.atlas.record.extent, shapes.xy))
    for index in shapes.firsts(outside).tolist():
        yield batch.at_vertex(index, "lies outside the atlas's extent")


@LayerRule.register("CM405", hint="No coordinate without a source and an accuracy class.")
def sourced(batch: Batch, _layer: LayerSubject) -> Iterator[Place]:
    """Every feature names its sources, and one that has a position states its accuracy in metres, which is more than nothing."""
    sources, accuracies = batch.values("sources"), batch.values("accuracy_m")
    if sources is None or accuracies is None:
        return  # told by CM412
    located = set(batch.shapes.item_row.tolist())
    for row, (source, accuracy) in enumerate(zip(sources, accuracies, strict=True)):
        if source is None or source == "":
            yield Place("names no source", row=row, path=("properties", "sources"))
        if row in located and not (isinstance(accuracy, int | float) and accuracy > 0):
            yield Place("has a position but no accuracy_m", row=row, path=("properties", "accuracy_m"))


@LayerRule.register("CM406", hint="Mend the value, or add it to the layer's [layers.style.values] in atlas.toml.")
def vocabulary(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """Modes, states and kinds are words the atlas knows, and the property a layer is styled by has only values its style names."""
    style = layer.record.style
    known = {"mode": get_args(Mode), "status": get_args(Status), "length_published_kind": get_args(LengthKind)}
    if style.by is not None and style.values:
        known[style.by] = tuple(style.values)
    for name, words in known.items():
        for row, value in enumerate(batch.values(name) or ()):
            if value is not None and value not in words:
                message = f"{name} is {value!r}, not one of {', '.join(sorted(map(str, words)))}"
                yield Place(message, row=row, path=("properties", name))


@LayerRule.register("CM407")
def lists(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """A list is one text, its items joined by a semicolon and a blank, none of them empty or given twice; corridors and routes exist."""
    for name in ("sources", "corridors", "routes", "names_alt"):
        for row, value in enumerate(batch.values(name) or ()):
            for wrong, hint in _faults_of_list(layer, name, value):
                yield Place(f"{name}: {wrong}", row=row, path=("properties", name), hint=hint)


def _faults_of_list(layer: LayerSubject, name: str, value: object) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str) or not value:
        return
    items = value.split("; ")
    if any(not item or item != item.strip() or ";" in item for item in items):
        yield f"is no list: {value!r}", "Write lists as `a; b`."
    elif len(set(items)) < len(items):
        yield f"names {next(item for item in items if items.count(item) > 1)!r} twice", "Name it once."
    elif name in {"corridors", "routes"}:
        atlas = layer.atlas
        unknown = [item for item in items if item not in atlas.itineraries and not atlas.lost("corridors.toml", item)]
        otherwise = "Mend the id, or add the itinerary to corridors.toml."
        yield from ((f"names no itinerary: {item!r}", meant(item, atlas.itineraries, otherwise)) for item in unknown)


@LayerRule.register("CM501")
def counts(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """A layer has as many features of each kind as its record expects."""
    by, expected = layer.record.expect_by, layer.record.expect
    if by is None:
        return
    found = batch.values(by)
    if found is None:
        yield Place(f"features have no property {by!r} to count by", path=("features",))
        return
    for value, wanted in expected.items():
        if found.count(value) != wanted:
            hint = f"If that is right, mend `expect` of the layer {layer.record.id!r} in atlas.toml; otherwise mend the facts."
            message = f"has {counted(found.count(value), 'feature')} with {by} = {value!r}, {wanted} expected"
            yield Place(message, path=("features",), hint=hint)


@LayerRule.register("CM510", hint="Mend the line or its itinerary; if both figures stand, record the `reason` beside the published one.")
def layer_lengths(batch: Batch, layer: LayerSubject) -> Iterator[Place]:
    """A feature's measured length agrees with the published one, or the reason stands beside; a published figure names its source.

    Where the way is not known nothing is measured: a feature without a geometry has only the published length.
    """
    if batch.values("length_km") is None:
        return
    drawn = set(batch.shapes.item_row.tolist())
    for row, value in enumerate(batch.values("length_published_km") or ()):
        if value is None:
            continue
        properties = batch.properties[row] or {}
        yield from _published_sources(layer, row, properties)
        if row in drawn or not layer.record.unlocated:
            yield from _lengths_of_feature(layer, row, properties)


def _lengths_of_feature(layer: LayerSubject, row: int, properties: dict[str, Any]) -> Iterator[Place]:
    record, path = layer.atlas.record, ("properties", "length_published_km")
    measured, published = properties.get("length_km"), properties["length_published_km"]
    if not (isinstance(measured, int | float) and isinstance(published, int | float) and published > 0):
        yield Place(f"measured {measured!r} and published {published!r} cannot be compared", row=row, path=path)
        return
    percent = 100.0 * (measured / published - 1.0)
    if abs(percent) > record.tolerance.length_percent and not properties.get(f"length_published_reason_{record.languages[0]}"):
        yield Place(f"measured {measured} km, published {published} km, {percent:+.1f} %", row=row, path=path)


def _published_sources(layer: LayerSubject, row: int, properties: dict[str, Any]) -> Iterator[Place]:
    for name in ("length_published_source", "length_official_source"):
        needed = name.startswith("length_published") or properties.get("length_official_km") is not None
        source = properties.get(name)
        known = isinstance(source, str) and (source in layer.atlas.sources or layer.atlas.lost("sources.toml", source))
        if needed and not known:
            hint = meant(source, layer.atlas.sources, "Add it to sources.toml.")
            yield Place(f"{name} names no source: {source!r}", row=row, path=("properties", name), hint=hint)


def _turns(batch: Batch, layer: LayerSubject) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Measure the turn of each link at each inner vertex: the vertex, degrees to the right, metres to the next vertex, the link.

    Layers of multilines are joined from links, so that what is wrong with their vertices is found on the links.
    """
    from corridormap.geodesic import geod

    shapes = batch.shapes
    xy, part = shapes.xy, shapes.part_of
    if layer.record.build != "links" or len(xy) < 3 or not np.isfinite(xy).all():
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64)
    azimuth, _, length = geod().inv(*xy[:-1].T, *xy[1:].T)
    inner = ((part[2:] == part[1:-1]) & (part[1:-1] == part[:-2])).nonzero()[0]
    degrees = (azimuth[1:] - azimuth[:-1] + 180.0) % 360.0 - 180.0
    return inner + 1, degrees[inner], length[1:][inner], part[inner + 1]
