"""CM502 to CM509: the facts, and the layers against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.checks.rule import AtlasRule, Severity
from corridormap.errors import DataError
from corridormap.measure.network import check_junctions, published_km

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from geopandas import GeoSeries

    from corridormap.atlas import Atlas
    from corridormap.checks.reading.batch import Batch
    from corridormap.checks.rule import Finding
    from corridormap.model import Text


class Connected(AtlasRule):
    """Every itinerary finds one link between each two of its nodes."""

    code = "CM502"

    def check(self, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
        for itinerary in atlas.itineraries.values():
            try:
                atlas.route(itinerary.id)
            except DataError as error:
                yield self.finding(error.what, file=error.where, hint=error.hint)
            if itinerary.layer not in {layer.id for layer in atlas.layers}:
                yield self.finding(f"names no layer: {itinerary.layer!r}", file=atlas.folder / "corridors.toml", feature=itinerary.id)


class Junctions(AtlasRule):
    """Links end on their nodes, within the tolerance (1 m unless atlas.toml says otherwise)."""

    code = "CM503"

    def check(self, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
        try:
            check_junctions(atlas)
        except DataError as error:
            yield self.finding(error.what, file=error.where, hint=error.hint)


class Containment(AtlasRule):
    """Links of the atlas's country lie inside its outline, links abroad outside it, each within the tolerance; sea links apart."""

    code = "CM504"
    hint = "Split the link at the border, or mend its country."

    def check(self, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
        import geopandas
        import shapely

        if atlas.record.outline is None:
            return
        crs, margin = atlas.record.planar_crs, atlas.record.tolerance.containment_m
        outline = _outline(atlas, atlas.record.outline)
        links = atlas.links.loc[atlas.links["mode"] != "sea"]
        lines = geopandas.GeoSeries(links.geometry).to_crs(crs)
        home = (links["country"] == atlas.record.country).to_numpy()
        for at_home, area in ((True, outline.buffer(margin)), (False, outline.buffer(-margin))):
            shapely.prepare(area)
            chosen = lines[home == at_home]
            astray = chosen.difference(area) if at_home else chosen.intersection(area)
            for link, part in astray[~astray.is_empty].items():
                side = "outside" if at_home else "inside"
                at = geopandas.GeoSeries([part.representative_point()], crs=crs).to_crs("EPSG:4326").iloc[0]
                yield self.finding(
                    f"{part.length / 1000:.2f} km lie {side} {atlas.record.country} by more than {margin:g} m",
                    file=atlas.folder / "network" / "links.geojson",
                    feature=str(link),
                    at=(at.x, at.y),
                )


class PublishedLengths(AtlasRule):
    """A measured length agrees with the published one within the tolerance, or the reason for the difference is recorded."""

    code = "CM505"
    hint = "Mend the line or its itinerary; if both figures stand, record the `reason` beside the published one."

    def check(self, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
        limit = atlas.record.tolerance.length_percent
        for itinerary in atlas.itineraries.values():
            for figure in itinerary.lengths:
                span = f"{figure.start} – {figure.end}" if figure.start else f"the whole in {atlas.record.country}"
                where = atlas.folder / "corridors.toml"
                measured = published_km(atlas, itinerary, figure.start, figure.end)
                if measured is None:
                    yield self.finding(f"no way passes both ends of the published length {span}", file=where, feature=itinerary.id)
                    continue
                percent = 100.0 * (measured / figure.km - 1.0)
                if abs(percent) > limit and figure.reason is None:
                    yield self.finding(
                        f"{span}: measured {measured:.1f} km, published {figure.km:g} km, {percent:+.1f} %",
                        file=where,
                        feature=itinerary.id,
                    )


class Sources(AtlasRule):
    """Every source that is named exists in sources.toml."""

    code = "CM506"

    def check(self, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
        for where, owner, names in _citations(atlas, layers):
            for name in names:
                if name not in atlas.sources:
                    yield self.finding(f"names no source: {name!r}", file=where, feature=owner, hint="Add it to sources.toml.")


class CrossingsOnBorder(AtlasRule):
    """Crossings lie on the outline of the atlas's country, and the network's links change between home and abroad there and nowhere else.

    A crossing of the network must lie within the tolerance; one that is only placed, within its own accuracy where that is coarser. The
    high seas (XZ) are neither home nor abroad.
    """

    code = "CM507"

    def check(self, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
        where = atlas.folder / "network" / "nodes.geojson"
        crossing = atlas.nodes["kind"] == "crossing"
        limit = atlas.record.tolerance.crossing_m
        nodes = atlas.nodes.loc[crossing]
        yield from self._off_border(atlas, where, nodes.geometry, dict.fromkeys(nodes.index, limit))
        for layer in atlas.layers:
            if layer.build == "crossings" and layer.id in layers:
                points, limits = self._placed(layers[layer.id], limit)
                placed = points[~points.index.isin(nodes.index)]
                yield from self._off_border(atlas, atlas.layer_path(layer.id), placed, limits)
        touching: dict[str, list[str]] = {}
        for column in ("from", "to"):
            for node, country in zip(atlas.links[column], atlas.links["country"], strict=True):
                touching.setdefault(node, []).append(country)
        home = atlas.record.country
        for node, countries in touching.items():
            here = set(countries) - {"XZ"}
            if crossing[node] and len(countries) > 1 and len(here) < 2:
                yield self.finding(f"its links are all in {''.join(here)}", file=where, feature=str(node))
            if not crossing[node] and home in here and len(here) > 1:
                yield self.finding(
                    f"its links are in {', '.join(sorted(here))}, but it is no crossing",
                    file=where,
                    feature=str(node),
                    hint="Split the link at the border with a node of the kind crossing.",
                )

    def _placed(self, batch: Batch, limit: float) -> tuple[GeoSeries, dict[str, float]]:
        """The points of a layer by id, and how far from the border each may lie."""
        import geopandas

        rows = batch.shapes.item_row.tolist()
        names = [str((batch.properties[row] or {}).get("id", batch.ids[row])) for row in rows]
        accuracies = [(batch.properties[row] or {}).get("accuracy_m") for row in rows]
        limits = {
            name: max(limit, float(accuracy)) if isinstance(accuracy, int | float) else limit
            for name, accuracy in zip(names, accuracies, strict=True)
        }
        points = geopandas.GeoSeries(batch.geometries, index=names, crs="EPSG:4326")
        return points[~points.index.duplicated()], limits

    def _off_border(self, atlas: Atlas, where: object, points: GeoSeries, limits: dict[str, float]) -> Iterator[Finding]:
        if atlas.record.outline is None or points.empty:
            return
        crs = atlas.record.planar_crs
        border = _outline(atlas, atlas.record.outline).boundary
        for name, gap in points.to_crs(crs).distance(border).items():
            if gap > limits[name]:
                yield self.finding(f"lies {gap:.0f} m from the border", file=where, feature=str(name), at=(points[name].x, points[name].y))


class AtlasLanguages(AtlasRule):
    """Every text of the atlas's records exists in every language of the atlas."""

    code = "CM508"

    def check(self, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
        for where, owner, text in _texts(atlas):
            for lang in atlas.languages:
                if not text.get(lang):
                    yield self.finding(f"has no text in {lang!r}", file=where, feature=owner)


class StatementTargets(AtlasRule):
    """A statement is about a layer or an itinerary that exists, and the single features it names are in a layer."""

    code = "CM509"
    severity = Severity.WARNING

    def check(self, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
        subjects = {layer.id for layer in atlas.layers} | set(atlas.itineraries)
        features = {str((properties or {}).get("id")) for batch in layers.values() for properties in batch.properties}
        for statement in atlas.statements.values():
            unknown = [name for name in [statement.about] if name not in subjects]
            unknown += [name for name in statement.features if name not in features]
            for name in unknown:
                yield self.finding(f"is about {name!r}, which does not exist", file=atlas.folder / "statements.toml", feature=statement.id)


def _outline(atlas: Atlas, path: str) -> Any:
    """The country's outline in the atlas's planar system."""
    from pyproj.exceptions import ProjError

    try:
        outline = atlas.facts(path).to_crs(atlas.record.planar_crs).union_all()
    except ProjError as error:
        raise DataError(f"planar_crs: {error}", where=atlas.folder / "atlas.toml") from None
    if outline.is_empty:
        raise DataError("has no geometry", where=atlas.folder / path)
    return outline


def _citations(atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[tuple[object, str, Iterable[str]]]:
    folder = atlas.folder
    for layer in atlas.layers:
        yield folder / "atlas.toml", layer.id, layer.sources
    for backdrop in atlas.record.backdrop:
        yield folder / "atlas.toml", backdrop.id, [backdrop.source]
    for itinerary in atlas.itineraries.values():
        yield folder / "corridors.toml", itinerary.id, [*itinerary.sources, *(figure.source for figure in itinerary.lengths)]
    for statement in atlas.statements.values():
        yield folder / "statements.toml", statement.id, statement.sources
    for name, frame in (("nodes", atlas.nodes), ("links", atlas.links)):
        for owner, source in zip(frame.index, frame["source"], strict=True):
            yield folder / "network" / f"{name}.geojson", owner, [str(source)]
    for layer_id, batch in layers.items():
        for properties in batch.properties:
            sources = (properties or {}).get("sources")
            if isinstance(sources, str):
                yield atlas.layer_path(layer_id), str((properties or {}).get("id")), geojson.split_list(sources)


def _texts(atlas: Atlas) -> Iterator[tuple[object, str, Text]]:
    record, where = atlas.record, atlas.folder / "atlas.toml"
    yield where, "title", record.title
    yield where, "description", record.description
    yield where, "country_name", record.country_name
    yield where, "attribution", record.attribution
    for group in record.groups:
        yield where, group.id, group.name
    for layer in atlas.layers:
        yield where, f"{layer.id}.name", layer.name
        yield where, f"{layer.id}.summary", layer.summary
        for value, symbol in layer.style.values.items():
            if symbol.label is not None:
                yield where, f"{layer.id}.style.{value}", symbol.label
    where = atlas.folder / "corridors.toml"
    for itinerary in atlas.itineraries.values():
        yield where, f"{itinerary.id}.name", itinerary.name
        if itinerary.note is not None:
            yield where, f"{itinerary.id}.note", itinerary.note
        for figure in itinerary.lengths:
            if figure.reason is not None:
                yield where, f"{itinerary.id}.lengths", figure.reason
    for statement in atlas.statements.values():
        yield atlas.folder / "statements.toml", statement.id, statement.text
