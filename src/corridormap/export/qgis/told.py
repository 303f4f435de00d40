"""Which layer tells a name, and from which scale on, as QGIS's expressions: no name stands on the map twice."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from corridormap.atlas import kept
from corridormap.cartography.labels import ABROAD, SAME_TOWN_M, TOWNS, Rank, plain, ranks, town_names
from corridormap.cartography.legend import names
from corridormap.export.qgis.qxml import layer_id, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas

__all__ = ["by_feature", "label_ranks", "scale_at", "told_elsewhere", "town_seen"]

EVERY_ZOOM = 8.0
"""From this zoom of a web map on every point is named; before, of those that a reader takes for one name the first."""
ZOOM_0 = 591_658_711
"""The scale of a web map at zoom 0, on the equator, where a pixel has 0.2646 mm."""


class _Named(NamedTuple):
    """A point that a layer names, and the scale from which on it does."""

    layer: str
    feature: str
    name: str
    place: tuple[float, float]
    rank: float
    scale: int


def label_ranks(atlas: Atlas, layer: str, frame: GeoDataFrame, lang: str) -> dict[str, Rank]:
    """Feature → the rank of its label; what shares its name with an earlier one of the layer is named last."""
    rows = zip(frame["id"], frame.to_dict("records"), ranks(atlas, atlas.layer_record(layer), frame), strict=True)
    found: dict[str, Rank] = {}
    named = set[str]()
    for feature, row, rank in sorted(rows, key=lambda item: (item[2], item[0])):
        name = plain(names(atlas, row, "city")[lang] or names(atlas, row)[lang])
        found[str(feature)] = rank._replace(zoom=max(rank.zoom, EVERY_ZOOM)) if name in named else rank
        named.add(name)
    return found


def scale_at(atlas: Atlas, zoom: float) -> int:
    """Give the scale at which a map in the middle of the atlas's view shows as much as a web map at a zoom."""
    _, south, _, north = atlas.record.view
    return round(ZOOM_0 * math.cos(math.radians((south + north) / 2)) / 2**zoom)


@kept
def _points(_atlas: Atlas) -> dict[str, dict[str, list[_Named]]]:
    """Language → what `_alike` found: every layer asks for all of them."""
    return {}


def _alike(atlas: Atlas, lang: str) -> dict[str, list[_Named]]:
    """Give name → the points of the layers that have it and a position."""
    if lang not in _points(atlas):
        alike: dict[str, list[_Named]] = {}
        for record in atlas.layers:
            if record.geometry == "Point":
                frame = atlas.layer(record.id)
                ranked = label_ranks(atlas, record.id, frame, lang)
                for row in frame[frame.geometry.notna()].to_dict("records"):
                    name = plain(names(atlas, row, "city")[lang] or names(atlas, row)[lang])
                    rank, place = ranked[str(row["id"])], (row["geometry"].x, row["geometry"].y)
                    point = _Named(record.id, str(row["id"]), name, place, rank.rank, scale_at(atlas, rank.zoom))
                    alike.setdefault(name, []).append(point)
        _points(atlas)[lang] = alike
    return _points(atlas)[lang]


def told_elsewhere(atlas: Atlas, layer: str, lang: str, *, points: Sequence[_Named] | None = None) -> str:
    """Tell whether another layer on the map names a point's town at this scale, as a QGIS expression; empty if none ever does.

    Parameters
    ----------
    atlas : Atlas
        The atlas.
    layer : str
        The layer whose points it is about, one of the atlas's unless `points` are given.
    lang : str
        The language of the names.
    points : sequence, optional
        The points, if they are the background's.
    """
    from corridormap.geodesic import geod

    alike = _alike(atlas, lang)
    scales: dict[str, dict[str, int]] = {}
    for point in [other for others in alike.values() for other in others if other.layer == layer] if points is None else points:
        for other in alike.get(point.name, []):
            first = other.layer != layer and (other.rank, other.layer) < (point.rank, point.layer)
            if first and geod().inv(*point.place, *other.place)[2] <= SAME_TOWN_M:
                told = scales.setdefault(other.layer, {})
                told[point.feature] = max(told.get(point.feature, 0), other.scale)
    tests = [
        f"(array_contains(@map_layer_ids, {literal(layer_id(atlas, other))}) and @map_scale <= {by_feature(told, otherwise=0)})"
        for other, told in scales.items()
    ]
    return f"({' or '.join(tests)})" if tests else ""


def town_seen(atlas: Atlas, frame: GeoDataFrame, lang: str) -> str:
    """Tell whether a town of the background is drawn and named, as a QGIS expression: large ones first, and none that a layer names."""
    *larger, (_, last) = TOWNS
    cases = " ".join(f"WHEN {quoted('population')} >= {people} THEN {scale_at(atlas, zoom)}" for people, zoom in larger)
    home = ", ".join(map(literal, atlas.record.members))
    later = f"if({quoted('country')} IN ({home}), 1, {2**ABROAD:g})"
    seen = f"@map_scale <= CASE {cases} ELSE {scale_at(atlas, last)} END / {later}"
    rows = frame.to_dict("records")
    points = [
        _Named("", str(row["id"]), plain(called[lang]), (row["geometry"].x, row["geometry"].y), math.inf, 0)
        for row, called in zip(rows, town_names(atlas, rows), strict=True)
        if row.get("id") is not None  # the background's need none
    ]
    told = told_elsewhere(atlas, "", lang, points=points)
    return f"{seen} and not {told}" if told else seen


def by_feature(values: Mapping[str, int], *, otherwise: int | None = None) -> str:
    """Give a QGIS expression that gives each feature its number; by default those with the number of the most are not named."""
    counts = [value for value, _ in Counter(values.values()).most_common()]
    usual, others = (counts[0], counts[1:]) if otherwise is None else (otherwise, counts)
    cases = "".join(
        f"WHEN {quoted('id')} IN ({', '.join(literal(feature) for feature in values if values[feature] == value)}) THEN {value} "
        for value in others
    )
    return f"CASE {cases}ELSE {usual} END" if cases else str(usual)
