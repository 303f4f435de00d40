"""Legend rows: what a layer's symbols mean, in which order, by which words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from corridormap.cartography.symbols import number_of, symbol_of
from corridormap.words import distance, meanings, say

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer, Symbol

MODES = ("rail", "road", "sea")


@dataclass(frozen=True)
class Row:
    """One row of a layer's legend."""

    text: dict[str, str]
    """By language."""
    symbol: Symbol
    mode: Any = None
    doubt: bool = False
    feature: str | None = None
    """The feature that it stands for, of itineraries."""
    count: int | None = None
    """How many features it stands for, where it does for some of the layer's."""


def names(atlas: Atlas, row: dict[str, Any]) -> dict[str, str]:
    """Give a feature's name by language, in the atlas's first where it has none in another."""
    given = {lang: value for lang in atlas.languages if isinstance(value := row.get(f"name_{lang}"), str) and value}
    first = given.get(atlas.languages[0], "")
    return {lang: given.get(lang, first) for lang in atlas.languages}


def names_in(atlas: Atlas, frame: GeoDataFrame, lang: str, key: str = "name") -> list[str]:
    """Give the names of a frame's features in one language, each as `names` does."""
    found = [""] * len(frame)
    for column in (f"{key}_{atlas.languages[0]}", f"{key}_{lang}"):
        if column in frame:
            found = [value if isinstance(value, str) and value else before for value, before in zip(frame[column], found, strict=True)]
    return found


def numbered_in(atlas: Atlas, frame: GeoDataFrame, lang: str) -> dict[str, str]:
    """Give what a frame's features are called in lists in one language, by id: the number, if it has one, and the name, or the id."""
    numbers = frame["number"] if "number" in frame else [None] * len(frame)
    told = zip(map(number_of, numbers), names_in(atlas, frame, lang), map(str, frame["id"]), strict=True)
    return {feature: ("" if number is None else f"{number:g}. ") + (text or feature) for number, text, feature in told}


def value_words(atlas: Atlas, record: Layer, frame: GeoDataFrame) -> dict[str, dict[str, str]]:
    """Name the values of the property that a layer is styled by, by language: by the style, the catalogue or the feature's name."""
    style = record.style
    named: dict[str, dict[str, str]] = {}
    if style.by == "id":
        drawn = frame[frame["id"].isin(list(style.values))]
        named = {lang: numbered_in(atlas, drawn, lang) for lang in atlas.languages}
    return {
        value: {
            lang: atlas.text(symbol.label, lang)
            if symbol.label
            else meanings(style.by, lang=lang).get(value) or named.get(lang, {}).get(value) or value
            for lang in atlas.languages
        }
        for value, symbol in style.values.items()
        if style.by
    }


def rows(atlas: Atlas, record: Layer, frame: GeoDataFrame) -> list[Row]:
    """Give a layer's rows: of itineraries one for each that is drawn, by number; of others one for each symbol in use."""
    style = record.style
    if record.build == "itineraries":
        features = sorted(frame[frame.geometry.notna()].to_dict("records"), key=lambda row: number_of(row.get("number")) or 999)
        return [
            Row(names(atlas, row), symbol_of(style, row.get(style.by)), mode=row.get("mode"), feature=str(row["id"])) for row in features
        ]
    counts = Counter(map(str, frame[style.by])) if style.by and style.by in frame else Counter[str]()
    words = value_words(atlas, record, frame)
    found = [
        Row(words[value], symbol_of(style, value), mode=value if style.by == "mode" else None, count=counts[value])
        for value, symbol in style.values.items()
        if symbol.label and counts[value]
    ]
    if len(found) < len(counts) or not found:
        found.append(Row({lang: atlas.text(record.name, lang) for lang in atlas.languages}, style.symbol))
    return found


def drawing_rows(atlas: Atlas, record: Layer, frame: GeoDataFrame) -> list[Row]:
    """Give the rows that say how a layer's lines are drawn: the modes, where colour tells something else; its colours; what dashes mean."""
    style = record.style
    if record.geometry == "Point" or (record.build != "itineraries" and style.dash_over_m is None):
        return []
    symbol = msgspec.structs.replace(style.symbol, dash=None)
    modes = set(frame["mode"]) if record.build == "itineraries" and style.by != "mode" and "mode" in frame else set()
    found = [
        Row({lang: say(f"drawn.{mode}", lang=lang) for lang in atlas.languages}, symbol, mode=mode)
        for mode in MODES
        if mode in modes and len(modes) > 1
    ]
    if record.build == "itineraries" and style.by not in {None, "id", "mode"}:
        said = value_words(atlas, record, frame)
        seen = set(frame[style.by][frame.geometry.notna()])
        found += [Row(said[value], symbol_of(style, value)) for value in style.values if value in seen]
    limit = style.dash_over_m
    dashed = {
        lang: say("dashed_closed", lang=lang) if limit is None else say("dashed", lang=lang, distance=distance(limit, lang=lang))
        for lang in atlas.languages
    }
    return [*found, Row(dashed, symbol, doubt=True)]
