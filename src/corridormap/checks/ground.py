"""CM511 to CM516: the network on the ground: shore, countries, named places, stations, and what measuring found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.atlas import LINKS, NODES
from corridormap.checks.facts import planar_insides, planar_outlines
from corridormap.checks.rule import AtlasRule, Finding, Rule
from corridormap.errors import DataError
from corridormap.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.checks.reading.batch import Batch

REFERENCE = "the reference line"
"""What accuracy.json calls it."""
STRAIGHT_KM = 20.0
"""Shorter links between two places may be straight: what they leave out is within the classes of lines without a reference."""


@AtlasRule.register("CM511", hint="Draw the link round the land; move a port that lies inland to its harbour.")
def sea_off_land(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Sea links stay off the backdrop's land, within its accuracy; near their ends also within that of the port.

    A port's accuracy counts for no more than the land's: that nobody knows where a port is does not excuse a line over land.
    """
    import shapely

    land, sea = _backdrop(atlas, "land"), atlas.links["mode"] == "sea"
    if land is None or not sea.any():
        return
    margin = float(land["accuracy_m"].max())
    lines = atlas.links[sea].to_crs(atlas.planar_crs).geometry
    inland = land.to_crs(atlas.planar_crs).clip(shapely.box(*lines.total_bounds).buffer(2 * margin)).union_all().buffer(-margin)
    nodes = atlas.nodes.to_crs(atlas.planar_crs).geometry
    for link, line in lines.items():
        ends = [atlas.links.loc[link, column] for column in ("from", "to")]
        reach = [nodes[end].buffer(margin + min(margin, atlas.nodes.loc[end, "accuracy_m"])) for end in ends if end in nodes.index]
        for part, at in _parts(atlas, line.intersection(inland).difference(shapely.union_all(reach))):
            message = f"{part.length / 1000:.1f} km lie on land, more than {margin:g} m from the shore"
            yield rule.finding(message, file=atlas.folder / LINKS, feature=str(link), at=at)


@AtlasRule.register("CM512", hint="Mend the country, or split the link at the boundary.")
def country_abroad(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Nodes, and links abroad, lie in the country they name, within their accuracy and that of the outlines; sea links apart.

    Whose an area between the backdrop's boundaries is, its towns tell; where they do not agree, or there is none, nothing is said. Nodes
    are held against the outlines of the atlas's own countries too, within the tolerance; links have CM504 for these.
    """
    members, margin = atlas.record.members, atlas.record.tolerance.containment_m
    links = atlas.links[(atlas.links["mode"] != "sea") & ~atlas.links["country"].isin(members)]
    areas = _countries(atlas)
    nodes = atlas.nodes.to_crs(atlas.planar_crs)
    astray = set()
    for name, flat, countries in ((NODES, nodes, [*planar_insides(atlas).items(), *areas]), (LINKS, links.to_crs(atlas.planar_crs), areas)):
        for country, area in countries:
            wrong = flat[(flat["country"] != country) & flat.intersects(area)]
            for feature, shape, named, accuracy in zip(wrong.index, wrong.geometry, wrong["country"], wrong["accuracy_m"], strict=True):
                for part, at in _parts(atlas, shape.intersection(area.buffer(-accuracy))):
                    what = f"{part.length / 1000:.2f} km lie" if part.length else "lies"
                    message = f"{what} in {country}, not in {named}"
                    astray.add(feature)
                    yield rule.finding(message, file=atlas.folder / name, feature=str(feature), at=at)
    on_land = set(atlas.links.loc[atlas.links["mode"] != "sea", ["from", "to"]].to_numpy().flat)
    for country, outline in planar_outlines(atlas).items():
        own = nodes[(nodes["country"] == country) & nodes.index.isin(on_land - astray)]
        gaps = own.distance(outline)
        for feature, gap in gaps[gaps > margin + own["accuracy_m"].fillna(0.0)].items():
            at = atlas.nodes.geometry[feature]
            what = f"lies {gap / 1000:.1f} km outside {country}"
            yield rule.finding(what, file=atlas.folder / NODES, feature=str(feature), at=(at.x, at.y))


@AtlasRule.register("CM513", hint="Name the crossing after the place it lies in, or mend its position.")
def crossing_names(rule: Rule, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """A crossing that lies in a settlement, within the accuracy of the check point of that, bears its name; of several the nearest's."""
    import shapely
    from scipy.spatial import KDTree

    from corridormap.geodesic import distances_m, in_space

    points = _checkpoints(atlas, "settlement")
    for layer in atlas.layers:
        if layer.build != "crossings" or layer.id not in layers or points is None:
            continue
        batch = layers[layer.id]
        spots = shapely.get_coordinates(shapely.point_on_surface(batch.geometries))
        places = shapely.get_coordinates(points.geometry.to_numpy())
        nearest = KDTree(in_space(places)).query(in_space(spots))[1]
        gaps, near = distances_m(spots, places[nearest]), points.iloc[nearest]
        found = zip(batch.shapes.item_row.tolist(), spots.tolist(), gaps, near["names"], near["accuracy_m"], strict=True)
        for row, at, gap, known, accuracy in found:
            properties = batch.properties[row] or {}
            called = " ".join(str(value) for key, value in properties.items() if key.startswith("name")).casefold()
            names = geojson.split_list(known)
            if gap <= accuracy and not any(name.casefold() in called for name in names):
                message = f"lies {gap / 1000:.1f} km from {names[0]}, whose name it does not bear"
                yield rule.finding(message, file=atlas.layer_path(layer.id), feature=str(properties.get("id")), at=tuple(at))


@AtlasRule.register("CM514", hint="Move the node to its station, with the links that end there, or state its accuracy.")
def stations(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """A node of whose station there is a check point lies within the accuracy of both."""
    import shapely

    from corridormap.geodesic import distances_m

    points = _checkpoints(atlas, "station")
    if points is None:
        return
    names = points.index.intersection(atlas.nodes.index)
    nodes, points = atlas.nodes.loc[names], points.loc[names]
    here, there = (shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (nodes, points))
    rows = zip(names, here.tolist(), there.tolist(), distances_m(here, there), nodes["accuracy_m"] + points["accuracy_m"], strict=True)
    for name, at, (lon, lat), gap, limit in rows:
        if gap > limit:
            station = points.loc[name, "names"]
            message = f"lies {gap / 1000:.1f} km from the station {station} at {lon:.4f}, {lat:.4f}; {limit:g} m are stated"
            yield rule.finding(message, file=atlas.folder / NODES, feature=str(name), at=tuple(at))


@AtlasRule.register("CM515", salvage=True, hint="Draw its course, station by station, or state as `accuracy_m` how far ways stray.")
def straight_links(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """A straight link over 20 km states no better accuracy than the detours allow that were measured elsewhere; sea links apart.

    The tolerance `detour_percent` tells how far aside a way runs, in percent of the straight line. A link that was measured itself is
    CM516's, with the reference line.
    """
    from corridormap.geodesic import lengths_km

    try:
        measured = _measured(atlas)
    except DataError:
        return  # CM516 says what is wrong
    percent = atlas.record.tolerance.detour_percent
    straight = atlas.links[(atlas.links["mode"] != "sea") & (atlas.links.geometry.count_coordinates() == 2)]
    for link, length, line in zip(straight.index, lengths_km(straight.geometry.to_numpy()), straight.geometry, strict=True):
        accuracy, needed = straight.loc[link, "accuracy_m"], 10.0 * percent * length
        if length > STRAIGHT_KM and accuracy < needed and link not in measured:
            spot = line.interpolate(0.5, normalized=True)
            message = f"is straight over {length:.0f} km: ways stray {needed / 1000:.1f} km from such a line, {accuracy:g} m are stated"
            yield rule.finding(message, file=atlas.folder / LINKS, feature=str(link), at=(spot.x, spot.y))


@AtlasRule.register("CM516", hint="Draw the line better, or state the accuracy that was measured.")
def measured_accuracy(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """A link whose distance from a reference line was measured, as it is drawn now, keeps the accuracy it states on 95 % of its length.

    The figures are those of accuracy.json.
    """
    for link, row in _measured(atlas).items():
        stated = atlas.links.loc[link, "accuracy_m"]
        if row["p95_m"] > stated:
            message = f"95 % lie within {row['p95_m']:,.0f} m of {REFERENCE}, {stated:g} m are stated"
            yield rule.finding(message, file=atlas.folder / LINKS, feature=link, at=(row["max_lon"], row["max_lat"]))


def _parts(atlas: Atlas, shape: Any) -> Iterator[tuple[Any, tuple[float, float]]]:
    """Yield the pieces of a shape in the planar CRS that is not empty, each with a place on it in degrees."""
    import geopandas
    import shapely

    pieces = geopandas.GeoSeries(shapely.get_parts(shape), crs=atlas.planar_crs)
    pieces = pieces[~pieces.is_empty]
    spots = pieces.representative_point().to_crs("EPSG:4326")
    yield from ((piece, (spot.x, spot.y)) for piece, spot in zip(pieces, spots, strict=True))


def _backdrop(atlas: Atlas, kind: str) -> GeoDataFrame | None:
    """Read what of the backdrop is of a kind and says how accurate it is; None if nothing does."""
    import pandas as pd

    frames = [atlas.facts(record.path) for record in atlas.record.backdrop if record.kind == kind]
    known = [frame[pd.to_numeric(frame["accuracy_m"], errors="coerce") > 0] for frame in frames if "accuracy_m" in frame.columns]
    return pd.concat(known) if any(len(frame) for frame in known) else None


def _countries(atlas: Atlas) -> list[tuple[str, Any]]:
    """Cut the land abroad at its boundaries, each as wide as it is accurate, and return the areas whose towns are of one country."""
    import pandas as pd
    import shapely

    land, boundaries = _backdrop(atlas, "land"), _backdrop(atlas, "boundary")
    towns = [atlas.facts(record.path) for record in atlas.record.backdrop if record.kind == "town"]
    outlines = planar_outlines(atlas)
    if land is None or boundaries is None or not towns or not outlines:
        return []
    lines = boundaries.to_crs(atlas.planar_crs)
    # Lines that end at the outline were drawn to another one of it: they are taken to reach it.
    home = shapely.union_all(list(outlines.values())).buffer(float(lines["accuracy_m"].median()))
    blurred = lines.buffer(lines["accuracy_m"].astype(float)).union_all()
    areas = shapely.get_parts(land.to_crs(atlas.planar_crs).union_all().difference(shapely.union(home, blurred)))
    people = pd.concat(towns).to_crs(atlas.planar_crs)
    tree = shapely.STRtree(people.geometry.to_numpy())
    found = [(area, set(people["country"].iloc[tree.query(area, predicate="contains")])) for area in areas]
    return [(next(iter(countries)), area) for area, countries in found if len(countries) == 1]


def _checkpoints(atlas: Atlas, kind: str) -> GeoDataFrame | None:
    """Read the check points of a kind, indexed by id; None if the atlas has none."""
    if atlas.record.checkpoints is None:
        return None
    points = atlas.facts(atlas.record.checkpoints)
    lacking = {"id", "kind", "names", "accuracy_m"} - set(points.columns)
    if lacking:
        raise DataError(f"has no {', '.join(sorted(lacking))}", where=atlas.folder / atlas.record.checkpoints)
    points = points[points["kind"] == kind].set_index("id", drop=False)
    return None if points.empty else points


def _measured(atlas: Atlas) -> dict[str, dict[str, Any]]:
    """Return the rows of accuracy.json about links that were measured against a reference line and are still drawn as they were then."""
    from corridormap.measure.accuracy import fingerprint

    path = atlas.folder / "accuracy.json"
    if not path.exists():
        return {}
    try:
        links: dict[str, dict[str, Any]] = json.loads(read_text(path))["links"]
        lines = atlas.links.geometry
        of_line = {name: row for name, row in links.items() if name in lines.index and row.get("against") == REFERENCE}
        return {name: row for name, row in of_line.items() if row["shape"] == fingerprint(lines[name])}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"is not as geodata/accuracy.py writes it: {error}", where=path) from None
