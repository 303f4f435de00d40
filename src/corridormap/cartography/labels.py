"""Label ranks: which names come first, and from which zoom of a web map on."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from corridormap.atlas import kept
from corridormap.cartography.legend import names_in
from corridormap.cartography.offsets import shown_at_first
from corridormap.cartography.symbols import number_of
from corridormap.geojson import split_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer


class Rank(NamedTuple):
    """The smaller the rank, the earlier a name is placed; the zoom from which on it is."""

    rank: float
    zoom: float


AHEAD, FIRST = 0.999, 2.5
"""Names up to the one rank are given room by the corridors' first numbers, up to the other by further ones."""
CITY, BACKDROP, WATER, POINT, CROSSING = Rank(0, 0), Rank(1, 0), Rank(3.6, 5.5), Rank(5, 6.5), Rank(6, 7.5)
"""A meeting's city, names of countries and seas, waters of the backdrop, other points, border crossings."""
LARGE, MIDDLE, SMALL, JUNCTION = Rank(2, 4.25), Rank(3, 4.75), Rank(4, 5.5), Rank(4.6, 6.5)
TOWNS = ((750_000, 2.0), (400_000, 3.25), (200_000, 4.25), (100_000, 5.25), (50_000, 6.0), (20_000, 6.75), (0, 7.5))
"""Towns of the backdrop: those of at least so many people are named from a zoom on."""
ABROAD = 2.0
"""By how much later a town abroad is named."""
RANKED_BY = ("id", "kind", "country", "population", "corridors")
"""What places are ranked by, besides their names."""
SAME_TOWN_M = 30_000
"""A place of a layer that bears a town's name within this distance is that town: a road may pass it by."""


def plain(text: str) -> str:
    """Give what a reader takes for the same name: Almaty and Almaty-1."""
    return re.sub(r"[\s-]*\d+$", "", text).casefold()


def ranks(atlas: Atlas, record: Layer, frame: GeoDataFrame) -> list[Rank]:
    """Rank the names of a layer of points, in the order of its features."""
    if record.build == "places":
        return list(map(_place_ranks(atlas).__getitem__, frame["id"]))
    if record.build == "crossings":
        return [CROSSING] * len(frame)
    return [CITY if city else POINT for city in names_in(atlas, frame, atlas.languages[0], "city")]


def called_in(atlas: Atlas, frame: GeoDataFrame, lang: str) -> list[str]:
    """Give what each point of a layer is called on a map in a language: as its city, else by its name."""
    both = zip(names_in(atlas, frame, lang, "city"), names_in(atlas, frame, lang), strict=True)
    return [city or name for city, name in both]


def town_rank(people: object, *, abroad: bool) -> Rank:
    """Rank a town of the backdrop by its people: a reader looks for the largest first; small ones come after the layers' own places."""
    many = max(number_of(people) or 0.0, 0.0)
    zoom = next(zoom for least, zoom in TOWNS if many >= least) + (ABROAD if abroad else 0.0)
    before = 0.5 if zoom < LARGE.zoom and not abroad else 2.4 if zoom <= LARGE.zoom else 4.5
    return Rank(round(before + zoom / 100, 4), zoom)


def languages_of_towns(languages: Sequence[str], lang: str) -> Sequence[str]:
    """Give the languages in which a town's name is looked for: the reader's, then those listed before it, the nearest first."""
    return languages[languages.index(lang) :: -1]


def town_name(row: Mapping[str, Any], languages: Sequence[str], lang: str) -> str:
    """Give a town's name in a language, else in another: a Kazakh name that no source tells in Russian."""
    return next((name for code in languages_of_towns(languages, lang) if isinstance(name := row.get(f"name_{code}"), str) and name), "")


def town_names(atlas: Atlas, towns: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Give the names of towns of the backdrop by language.

    A point of a layer that is called alike in half of the languages or more, and lies near, is the town: then it has that one's names, as
    sources may spell them otherwise in a language.
    """
    from corridormap.geodesic import geod

    points, called = named_points(atlas), _called(atlas)
    found = []
    for town in towns:
        own = {lang: town_name(town, atlas.languages, lang) for lang in atlas.languages}
        alike = Counter(number for lang, name in own.items() for number in called.get((lang, name.casefold()), ()))
        place = town["geometry"]
        apart = {number: geod().inv(place.x, place.y, *points[number].place)[2] for number, many in alike.items() if many * 2 >= len(own)}
        near = [number for number in apart if apart[number] <= SAME_TOWN_M]
        found.append(points[min(near, key=lambda number: (-alike[number], apart[number]))].names if near else own)
    return found


class NamedPoint(NamedTuple):
    """A point of a layer that has a position, and what it is called on a map, by language."""

    layer: str
    feature: str
    place: tuple[float, float]
    names: dict[str, str]


@kept
def named_points(atlas: Atlas) -> list[NamedPoint]:
    """Give the points of all layers."""
    points = []
    for record in atlas.layers:
        if record.geometry == "Point":
            frame = atlas.layer(record.id)
            frame = frame[frame.geometry.notna()]
            texts = zip(*(called_in(atlas, frame, lang) for lang in atlas.languages), strict=True)
            places = zip(frame.geometry.x.tolist(), frame.geometry.y.tolist(), strict=True)
            points += [
                NamedPoint(record.id, str(feature), place, dict(zip(atlas.languages, told, strict=True)))
                for feature, place, told in zip(frame["id"], places, texts, strict=True)
            ]
    return points


@kept
def _called(atlas: Atlas) -> dict[tuple[str, str], list[int]]:
    """Give the numbers of the points that bear a name in a language."""
    called: dict[tuple[str, str], list[int]] = {}
    for number, point in enumerate(named_points(atlas)):
        for lang, text in point.names.items():
            if text:
                called.setdefault((lang, text.casefold()), []).append(number)
    return called


@kept
def _place_ranks(atlas: Atlas) -> dict[str, Rank]:
    """Rank the places: by the itineraries that pass a town and its stations together, its people, whether one begins or ends there.

    Only itineraries that are shown at first count. A place at home comes before one abroad, and a town before its station.
    """
    frames = [atlas.layer(layer.id) for layer in atlas.layers if layer.build == "places"]
    rows = [row for frame in frames for row in frame.reindex(columns=RANKED_BY).to_dict("records")]
    named = {name: text for frame in frames for name, text in zip(frame["id"], names_in(atlas, frame, atlas.languages[0]), strict=True)}
    shown = shown_at_first(atlas)
    towns = {name: plain(text) for name, text in named.items()}
    passing: dict[str, set[str]] = {}
    for row in rows:
        listed = row["corridors"]
        passing.setdefault(towns[row["id"]], set()).update(split_list(listed if isinstance(listed, str) else None))
    many_at = {town: len(itineraries & shown) for town, itineraries in passing.items()}
    ways = [nodes for name in shown & atlas.itineraries.keys() for nodes in atlas.way_nodes(name)]
    # Border crossings are left aside.
    ends = {node for nodes in ways for turned in (nodes, nodes[::-1]) for node in [node for node in turned if node in named][:1]}
    found = {}
    for row in rows:
        name, people = named[row["id"]], max(number_of(row["population"]) or 0.0, 0.0)
        many = many_at[towns[row["id"]]]
        if row["kind"] == "junction":
            base = JUNCTION
        elif many >= 3 or people >= 250_000:
            base = LARGE
        else:
            base = MIDDLE if many >= 2 or people >= 100_000 or row["id"] in ends else SMALL
        abroad = 0.0 if row["country"] in atlas.record.members else 0.3
        station = 0.2 if re.search(r"\d$", name) else 0.0
        found[row["id"]] = Rank(round(base.rank + abroad + station - min(people / 1e7, 0.15), 3), base.zoom)
    return found
