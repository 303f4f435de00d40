"""What ids and codes stand for: the titles that forms and tables show in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap import geojson
from corridormap.cartography.legend import names_in, numbered_in
from corridormap.words import country, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from corridormap.atlas import Atlas
    from corridormap.export.bundle import Bundle, ExportLayer

LISTS = frozenset({"sources", "corridors", "routes"})
"""Columns that name several in one text."""
TITLED = "_titles"
"""What is added to the name of such a column for the one that has the titles."""

MANY = 1000
"""A column that stands for more titles than this has them in a table of their own: no form or style is to carry so long a list."""

Titles = dict[str, dict[str, str]]
"""Column → id → title."""


def layer_titles(layer: ExportLayer) -> Titles:
    """Give the titles of what a layer's features name: sources, nodes, itineraries, countries."""
    atlas, lang = layer.atlas, layer.lang
    found: Titles = {}
    for column in layer.columns:
        if column in layer.source_columns:
            known = {name: source.title for name, source in atlas.sources.items()}
        elif column in {"from", "to"} and layer.record.build == "links":
            known = dict(zip(atlas.nodes["id"], names_in(atlas, atlas.nodes, lang), strict=True))
        elif column in {"corridors", "routes"}:
            known = _itineraries(atlas, lang)
        elif column in {"country", "neighbour"}:
            known = {str(code): country(str(code), lang=lang) for code in layer.frame[column].dropna().unique()}
        else:
            continue
        values = layer.frame[column].dropna().unique()
        used = {name for value in values for name in (geojson.split_list(value) if column in LISTS else [value])}
        found[column] = {name: title for name, title in known.items() if name in used}
    return found


def table_titles(bundle: Bundle) -> Titles:
    """Give the titles of what the tables name: sources, statements, layers, features."""
    atlas, lang = bundle.atlas, bundle.lang
    layers = {layer.id: layer.title() for layer in bundle.layers}
    features = {
        str(name): title or str(name)
        for layer in bundle.layers
        for name, title in zip(layer.frame["id"], names_in(atlas, layer.frame, lang), strict=True)
    }
    sources = {name: source.title for name, source in atlas.sources.items()}
    statements = {name: atlas.text(statement.text, lang) for name, statement in atlas.statements.items()}
    return {
        "source": sources,
        "sources": sources,
        "statement": statements,
        "layer": layers | {"statements": say("gis.statements", lang=lang)},
        "feature": features | statements,
        "about": layers | features,
    }


def many(titles: Mapping[str, str]) -> bool:
    """Tell whether there are more titles than a form lists."""
    return len(titles) > MANY


def kind_of(column: str) -> str:
    """Tell of what kind the ids of a column are: a node may be called as a feature is."""
    return "node" if column in {"from", "to"} else "feature"


def titles_apart(known: Iterable[Titles]) -> list[dict[str, str]]:
    """Give the rows of the table of titles: those of columns that stand for many."""
    found: Titles = {}
    for titles in known:
        for column in titles.keys() - LISTS:
            if many(titles[column]):
                found.setdefault(kind_of(column), {}).update(titles[column])
    return [{"kind": kind, "id": name, "title": title} for kind, titles in sorted(found.items()) for name, title in titles.items()]


def _itineraries(atlas: Atlas, lang: str) -> dict[str, str]:
    """Itinerary → number and name."""
    frames = [atlas.features(layer.id) for layer in atlas.layers if layer.build == "itineraries"]
    return {name: title for frame in frames for name, title in numbered_in(atlas, frame, lang).items()}
