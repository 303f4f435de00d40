"""CM502 to CM507, CM509, CM517, CM519, CM520: the facts, and the layers against them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corridormap import geojson
from corridormap.antimeridian import carried
from corridormap.atlas import LINKS, NODES, kept
from corridormap.checks.reading.text import Lines
from corridormap.checks.rule import WARNING, AtlasRule, Finding, Rule
from corridormap.errors import DataError
from corridormap.phrases import Hints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shapely.geometry.base import BaseGeometry

    from corridormap.atlas import Atlas
    from corridormap.checks.reading.batch import Batch


@AtlasRule.register("CM519", salvage=True, foremost=True)
def readable(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Every file of facts can be read, and every record and feature in it has the fields it must have and no others, each of its kind."""
    for fault in atlas.faults():
        yield of_error(rule, fault)


@AtlasRule.register("CM502", salvage=True, foremost=True)
def connected(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Every itinerary finds one link between each two of its nodes."""
    if atlas.lost(NODES) or atlas.lost(LINKS):
        return
    for itinerary in atlas.itineraries.values():
        try:
            atlas.route(itinerary.id)
        except DataError as error:
            yield from (of_error(rule, fault) for fault in error.faults)


@AtlasRule.register("CM517", hint="Run `corridormap build`.")
def in_step(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Layers and tables are what the facts give; where none can be made of them, CM520 says so."""
    from corridormap.derive import stale_layers

    try:
        stale = stale_layers(atlas)
    except DataError:
        return
    for path in stale:
        yield rule.finding("differs from what the facts give", file=path)


@AtlasRule.register("CM520")
def buildable(_rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterable[Finding]:
    """Layers can be made of the facts; what another rule tells is not told again."""
    from corridormap.derive import stale_layers

    stale_layers(atlas)  # what it raises is what is found
    return ()


@AtlasRule.register("CM503", salvage=True, foremost=True)
def junctions(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Links end on their nodes, within the tolerance (1 m unless atlas.toml says otherwise)."""
    from corridormap.measure.itineraries import junction_faults

    for fault in junction_faults(atlas):
        yield of_error(rule, fault)


@AtlasRule.register("CM504", salvage=True, hint="Split the link at the border, or mend its country.")
def containment(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Links of the atlas's countries lie inside their outlines, links abroad outside, each within the tolerance; sea links apart."""
    import shapely

    from corridormap.measure.itineraries import junction_faults

    try:
        outlines = planar_outlines(atlas)
    except DataError:
        return  # CM519 says what is wrong
    margin = atlas.record.tolerance.containment_m
    # A line that does not end on its nodes may lie elsewhere, too: CM503 tells it.
    apart = {fault.feature for fault in junction_faults(atlas)}
    links = atlas.links.loc[(atlas.links["mode"] != "sea") & ~atlas.links.index.isin(apart)]
    lines = links.geometry.to_crs(atlas.planar_crs)
    abroad = ~links["country"].isin(atlas.record.members)
    for country, outline in outlines.items():
        # Of a link of one member in another it is told that it lies outside its own.
        wide, narrow = outline.buffer(margin), planar_insides(atlas)[country]
        shapely.prepare([wide, narrow])
        home, away = lines[links["country"] == country], lines[abroad]
        # Nearly all lines lie where they should, which is told sooner than their parts that do not.
        for side, astray in (
            ("outside", home[~shapely.covers(wide, home.to_numpy())].difference(wide)),
            ("inside", away[shapely.intersects(narrow, away.to_numpy())].intersection(narrow)),
        ):
            parts = astray[~astray.is_empty]
            spots = parts.representative_point().to_crs("EPSG:4326")
            for link, part, spot in zip(parts.index, parts, spots, strict=True):
                message = f"{part.length / 1000:.2f} km lie {side} {country} by more than {margin:g} m"
                yield rule.finding(message, file=atlas.folder / LINKS, feature=str(link), at=(spot.x, spot.y))


@AtlasRule.register("CM505", hint="Mend the line or its itinerary; if both figures stand, record the `reason` beside the published one.")
def published_lengths(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """A measured length agrees with the published one within the tolerance, or the reason for the difference is recorded."""
    from corridormap.measure.itineraries import published_km

    for itinerary in atlas.itineraries.values():
        for figure in itinerary.lengths if itinerary.ways else ():
            span = f"{figure.start} – {figure.end}" if figure.start else f"the whole in {', '.join(atlas.record.members)}"
            measured = published_km(atlas, itinerary, figure.start, figure.end)
            percent = 0.0 if measured is None else 100.0 * (measured / figure.km - 1.0)
            if measured is None:
                wrong = f"no way passes both ends of the published length {span}"
            elif abs(percent) > atlas.record.tolerance.length_percent and figure.reason is None:
                wrong = f"{span}: measured {measured:.1f} km, published {figure.km:g} km, {percent:+.1f} %"
            else:
                continue
            yield rule.finding(wrong, file=atlas.folder / "corridors.toml", feature=itinerary.id)


@AtlasRule.register("CM506", salvage=True)
def sources(rule: Rule, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Every source that is named exists in sources.toml."""
    hints = Hints(atlas.sources, "Add it to sources.toml.")
    told: set[str] = set()
    for where, owner, names in _citations(atlas, layers):
        for name in names:
            if name in atlas.sources or atlas.lost("sources.toml", name):
                continue
            # Layers are made of the facts: what is told of these is not told of them again.
            built = where.parent.name == "layers"
            if not (built and name in told):
                told |= set() if built else {name}
                yield rule.finding(f"names no source: {name!r}", file=where, feature=owner, hint=hints[name])


@AtlasRule.register("CM507")
def crossings_on_border(rule: Rule, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Crossings lie on the outlines of the atlas's countries that they join, and the network's links change country there and nowhere else.

    A crossing of the network must lie within the tolerance; one that is only placed, within its own accuracy where that is coarser. What
    changes abroad, between countries that are not the atlas's, is not looked at; the high seas (XZ) are neither home nor abroad.
    """
    where = atlas.folder / NODES
    crossing, limit = atlas.nodes["kind"] == "crossing", atlas.record.tolerance.crossing_m
    touching = atlas.countries_of_nodes
    nodes = {str(name): _Placed(point, limit, set(touching.get(name, ()))) for name, point in atlas.nodes.geometry[crossing].items()}
    yield from _off_border(rule, atlas, where, nodes)
    for layer in atlas.layers:
        if layer.build == "crossings" and layer.id in layers:
            placed = _placed(layers[layer.id], limit)
            yield from _off_border(rule, atlas, atlas.layer_path(layer.id), {name: placed[name] for name in placed if name not in nodes})
    for node, countries in touching.items():
        if node not in crossing:
            continue  # told by CM503
        here = set(countries) - {"XZ"}
        if crossing[node] and len(countries) > 1 and len(here) < 2:
            yield rule.finding(f"its links are all in {''.join(here)}", file=where, feature=str(node))
        if not crossing[node] and len(here) > 1 and not here.isdisjoint(atlas.record.members):
            message = f"its links are in {', '.join(sorted(here))}, but it is no crossing"
            hint = "Split the link at the border with a node of the kind crossing."
            yield rule.finding(message, file=where, feature=str(node), hint=hint)


class _Placed(NamedTuple):
    """A crossing with the distance in metres that it may lie from the border, and the countries that are known to meet there."""

    point: BaseGeometry
    limit: float
    countries: set[str]


def _placed(batch: Batch, least: float) -> dict[str, _Placed]:
    """Return the points of a layer by id."""
    points: dict[str, _Placed] = {}
    for row, point in zip(batch.shapes.item_row.tolist(), batch.geometries, strict=True):
        properties = batch.properties[row] or {}
        accuracy = properties.get("accuracy_m")
        limit = max(least, float(accuracy)) if isinstance(accuracy, int | float) else least
        countries = {str(properties[key]) for key in ("country", "neighbour") if properties.get(key)}
        points.setdefault(str(properties.get("id", batch.ids[row])), _Placed(point, limit, countries))
    return points


def _off_border(rule: Rule, atlas: Atlas, where: Path, points: Mapping[str, _Placed]) -> Iterator[Finding]:
    import geopandas

    borders = {country: outline.boundary for country, outline in planar_outlines(atlas).items()} if points else {}
    if not borders:
        return
    flat = geopandas.GeoSeries([one.point for one in points.values()], crs="EPSG:4326").to_crs(atlas.planar_crs)
    for (name, (point, limit, countries)), spot in zip(points.items(), flat, strict=True):
        gaps = {country: spot.distance(border) for country, border in borders.items()}
        # It lies on the borders of all members that meet there; where none is named, on one.
        gap = max((gaps[country] for country in countries if country in gaps), default=min(gaps.values()))
        if gap > limit:
            at = point.representative_point()  # another type than the layer's has a rule of its own
            yield rule.finding(f"lies {gap:.0f} m from the border", file=where, feature=name, at=(at.x, at.y))


@AtlasRule.register("CM509", WARNING)
def statement_targets(rule: Rule, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """A statement is about a layer or an itinerary that exists, and the single features it names are in a layer."""
    subjects = {layer.id for layer in atlas.layers} | set(atlas.itineraries)
    features = {str((properties or {}).get("id")) for batch in layers.values() for properties in batch.properties}
    hints = Hints(subjects | features)
    for statement in atlas.statements.values():
        unknown = [name for name in [statement.about] if name not in subjects]
        unknown += [name for name in statement.features if name not in features]
        for name in unknown:
            what = f"is about {name!r}, which does not exist"
            yield rule.finding(what, file=atlas.folder / "statements.toml", feature=statement.id, hint=hints[name])


@kept
def planar_outlines(atlas: Atlas) -> dict[str, Any]:
    """Give the outline of each of the atlas's countries in its planar CRS, made once; empty if it has none."""
    import geopandas

    # Where an outline is cut at the 180th meridian no country ends.
    whole = carried(list(atlas.outlines.values()), box=atlas.record.extent)
    outlines = geopandas.GeoSeries(whole, crs="EPSG:4326")
    return dict(zip(atlas.outlines, outlines.to_crs(atlas.planar_crs), strict=True))


@kept
def planar_insides(atlas: Atlas) -> dict[str, Any]:
    """Give what lies within each of the `planar_outlines` by more than the tolerance for it."""
    return {country: outline.buffer(-atlas.record.tolerance.containment_m) for country, outline in planar_outlines(atlas).items()}


def _citations(atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[tuple[Path, str, Iterable[str]]]:
    """Yield every citation of sources: the file, the id of what cites them, and the ids of the sources."""
    folder = atlas.folder
    for layer in atlas.layers:
        yield folder / "atlas.toml", layer.id, layer.sources
    for backdrop in atlas.record.backdrop:
        yield folder / "atlas.toml", backdrop.id, [backdrop.source]
    for itinerary in atlas.itineraries.values():
        yield folder / "corridors.toml", itinerary.id, [*itinerary.sources, *(figure.source for figure in itinerary.lengths)]
    for statement in atlas.statements.values():
        yield folder / "statements.toml", statement.id, statement.sources
    points = atlas.record.checkpoints
    checked = {} if points is None else {points: atlas.facts(points)}
    kept = {path: atlas.facts(path) for path in atlas.inputs}
    for name, frame in ({NODES: atlas.nodes, LINKS: atlas.links} | checked | kept).items():
        yield from _cited(folder / name, frame.to_dict("records"), several=name in kept)
    for layer_id, batch in layers.items():
        yield from _cited(atlas.layer_path(layer_id), [properties or {} for properties in batch.properties], several=True)


def _cited(path: Path, features: Iterable[Mapping[str, Any]], *, several: bool) -> Iterator[tuple[Path, str, Iterable[str]]]:
    """Yield the sources that features name; what is called ``source`` may be several, divided by semicolons, or is one."""
    for properties in features:
        for column in geojson.source_columns(properties):
            value = properties[column]
            if isinstance(value, str):
                yield path, str(properties.get("id")), geojson.split_list(value) if several or column != "source" else [value]


def of_error(rule: Rule, error: DataError) -> Finding:
    """Make a finding of what an error says is wrong with a file of facts."""
    file = None if error.file is None else str(error.file)
    line, column = (error.line, error.column) if error.line else line_of(file, error.feature)
    return rule.finding(error.what, file=file, feature=error.feature, line=line, column=column, hint=error.hint)


def line_of(file: str | None, record: str | None) -> tuple[int | None, int | None]:
    """Find the line and column of a record's id, or of its first part before a dot, in a TOML or GeoJSON file of facts.

    Those of the first line if the file does not hold it; None without a file that can be read.
    """
    try:
        state = Path(file or "").stat()
        places = _places(file or "", state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):
        return None, None
    name = record or ""
    return places.get(name) or places.get(name.partition(".")[0]) or (1, 1)


_ID = re.compile(rb'(?:(?<![\w."-])id|"id")[ \t]*[=:][ \t]*("(?:[^"\\\n]|\\.)*")')


@lru_cache(maxsize=16)
def _places(file: str, _changed: int, _size: int) -> dict[str, tuple[int, int]]:
    """Find the line and column of each id in a file, the first of those that are alike; a file that is changed is read anew."""
    text = Path(file).read_bytes()
    lines, found = Lines(text), dict[str, tuple[int, int]]()
    for match in _ID.finditer(text):
        try:
            name = json.loads(match[1])
        except ValueError:
            continue  # TOML knows escapes that JSON does not
        found.setdefault(name, lines.place(match.start()))
    return found
