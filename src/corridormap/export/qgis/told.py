"""Which layer tells a name, and from which scale on, as QGIS's expressions: no name stands on the map twice."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from corridormap.atlas import kept
from corridormap.cartography.labels import ABROAD, SAME_TOWN_M, TOWNS, Rank, called_in, named_points, plain, ranks, town_name, town_names
from corridormap.export.qgis.qxml import LONG_CASE, constants, layer_id, literal, one_of, quoted
from corridormap.geodesic import distances_m, geod

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from corridormap.atlas import Atlas

APART_M = 0.01
"""Points of one name are both named where they stand so far apart on the map."""
ZOOM_0 = 591_658_711
"""The scale of a web map at zoom 0, on the equator, where a pixel has 0.2646 mm."""


@kept
def label_ranks(atlas: Atlas, layer: str, lang: str) -> dict[str, Rank]:
    """Feature → the rank of its label; what shares its name with others of the layer is named from where they stand apart."""
    frame, found = atlas.layer(layer), dict[str, Rank]()
    named: dict[str, list[list[float]]] = {}
    names = [plain(text) for text in called_in(atlas, frame, lang)]
    points = frame.geometry.to_numpy()
    spots = np.column_stack([shapely.get_x(points), shapely.get_y(points)]).tolist()
    widest = scale_at(atlas, 0)
    rows = zip(ranks(atlas, atlas.layer_record(layer), frame), frame["id"], names, spots, strict=True)
    for rank, feature, name, spot in sorted(rows, key=lambda row: row[:2]):
        found[str(feature)] = rank
        if not math.isfinite(spot[0]):
            continue
        if others := named.setdefault(name, []):
            gap = distances_m(np.array([spot] * len(others)), np.array(others)).min()
            apart = math.log2(widest * APART_M / gap) if gap else math.inf
            found[str(feature)] = Rank(rank.rank, max(rank.zoom, apart))
        others.append(spot)
    return found


def scale_at(atlas: Atlas, zoom: float) -> int:
    """Give the scale at which a map in the middle of the atlas's view shows as much as a web map at a zoom."""
    _, south, _, north = atlas.record.view
    return round(ZOOM_0 * math.cos(math.radians((south + north) / 2)) / 2**zoom)


@kept
def _alike(atlas: Atlas, lang: str) -> DataFrame:
    """Give the points that layers name and that have a position, and the scale from which on each is named; those of one name together."""
    ranked = {layer.id: label_ranks(atlas, layer.id, lang) for layer in atlas.layers if layer.geometry == "Point"}
    rows = []
    for layer, feature, place, names in named_points(atlas):
        rank = ranked[layer][feature]
        rows.append((layer, feature, plain(names[lang]), *place, rank.rank, scale_at(atlas, rank.zoom)))
    every = pd.DataFrame(rows, columns=["layer", "feature", "name", "lon", "lat", "rank", "scale"])
    return every.iloc[pd.factorize(every["name"])[0].argsort(kind="stable")]


def told_elsewhere(atlas: Atlas, layer: str, lang: str, *, points: DataFrame | None = None) -> str:
    """Tell whether another layer on the map names a point's town at this scale, as a QGIS expression; empty if none ever does.

    It is about the points of the layer, or those given, if they are the background's.
    """
    alike = _alike(atlas, lang)
    own = alike[alike["layer"] == layer] if points is None else points
    pairs = own.merge(alike[alike["layer"] != layer], on="name", suffixes=("", "_other"))
    same = pairs["rank_other"] == pairs["rank"]
    pairs = pairs[(pairs["rank_other"] < pairs["rank"]) | (same & (pairs["layer_other"] < pairs["layer"]))]
    lons, lats, other_lons, other_lats = (pairs[column].to_numpy(float) for column in ("lon", "lat", "lon_other", "lat_other"))
    metres = geod().inv(lons, lats, other_lons, other_lats)[2]
    pairs = pairs[metres <= SAME_TOWN_M]
    scales: dict[str, dict[str, int]] = {}
    for (other, feature), scale in pairs.groupby(["layer_other", "feature"], sort=False)["scale_other"].max().items():
        scales.setdefault(other, {})[feature] = scale
    tests = [
        f"(array_contains(@map_layer_ids, {literal(layer_id(atlas, other))}) and @map_scale <= {by_feature(told, otherwise=0)})"
        for other, told in scales.items()
    ]
    return f"({' or '.join(tests)})" if tests else ""


def towns_told(atlas: Atlas, frame: GeoDataFrame, lang: str) -> tuple[dict[str, str], str]:
    """Tell which towns of the background are spelt otherwise than they spell themselves, and whether one is drawn and named.

    The former by their ids, as the atlas's own points spell them, though these be switched off; the latter as a QGIS expression: large
    ones first, and none that a layer names.
    """
    # They need not have an id.
    rows = frame[frame["id"].notna()].to_dict("records") if "id" in frame else []
    names = [called[lang] for called in town_names(atlas, rows)]
    both = zip(rows, names, strict=True)
    spelt = {str(row["id"]): literal(name) for row, name in both if name != town_name(row, atlas.languages, lang)}
    *larger, (_, last) = TOWNS
    cases = " ".join(f"WHEN {quoted('population')} >= {people} THEN {scale_at(atlas, zoom)}" for people, zoom in larger)
    home = ", ".join(map(literal, atlas.record.members))
    later = f"if({quoted('country')} IN ({home}), 1, {2**ABROAD:g})"
    seen = f"@map_scale <= CASE {cases} ELSE {scale_at(atlas, last)} END / {later}"
    points = [(str(row["id"]), plain(name), row["geometry"].x, row["geometry"].y) for row, name in zip(rows, names, strict=True)]
    background = pd.DataFrame(points, columns=["feature", "name", "lon", "lat"]).assign(layer="", rank=math.inf, scale=0)
    told = told_elsewhere(atlas, "", lang, points=background)
    return spelt, f"{seen} and not {told}" if told else seen


def by_feature(values: Mapping[str, int], *, otherwise: int | None = None) -> str:
    """Give a QGIS expression that gives each feature its number; by default those with the number of the most are not named."""
    counts = [value for value, _ in Counter(values.values()).most_common()]
    usual, others = (counts[0], counts[1:]) if otherwise is None else (otherwise, counts)
    told = {value: [feature for feature in values if values[feature] == value] for value in others}
    single = {feature: str(value) for value, features in told.items() for feature in features}
    if len(single) > LONG_CASE:
        return constants("id", single, otherwise=str(usual))
    cases = "".join(f"WHEN {one_of('id', features)} THEN {value} " for value, features in told.items())
    return f"CASE {cases}ELSE {usual} END" if cases else str(usual)
