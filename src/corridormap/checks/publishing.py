"""CM508, CM518, CM521, CM522: what readers are told, and whose work it rests on."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import tomli

from corridormap import geojson, words
from corridormap.checks.facts import of_error
from corridormap.checks.rule import WARNING, AtlasRule, Finding, Rule
from corridormap.faults import Keys, placed
from corridormap.files import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from corridormap.atlas import Atlas
    from corridormap.checks.reading.batch import Batch
    from corridormap.model import Source, Text

Place = tuple[str | int, ...]
"""Where in a file: the keys to a value, as `Keys`, but with a record's id for its place in the list."""
Faults = dict[Place, list[str]]
"""What is wrong at each place."""

NAMED, ALIKE = re.compile("CC-BY|ODbL|ODC-By|OGL", re.IGNORECASE), re.compile("CC-BY-SA|ODbL", re.IGNORECASE)
"""Licences, as SPDX begins them, that ask for the name of whose work it is; and those that ask for the same licence besides."""

BARRED = re.compile("-(NC|ND)(?![A-Z])", re.IGNORECASE)
"""What a licence of Creative Commons bars: use for money, and changes."""


@AtlasRule.register("CM508", salvage=True, hint="Write it beside the text in the other languages.")
def atlas_languages(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Every text of the atlas's records exists in every language of the atlas."""
    for file, texts in _texts(atlas).items():
        lacking = {
            place: [f"has no text in {lang!r}" for lang in atlas.languages if not text.get(lang)]
            for place, text in texts.items()
            if text is not None
        }
        yield from _placed(rule, atlas, file, lacking)


@AtlasRule.register("CM518", WARNING, hint="Translate the package's words/en.json; the atlas keeps it in words/, by the language's code.")
def atlas_words(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """The words of page, print and exports exist in every language of the atlas: in the package, or in the catalogue the atlas brings."""
    for path, message in words.shortcomings(atlas.folder, atlas.languages):
        yield rule.finding(message, file=path)


@AtlasRule.register("CM521", WARNING, salvage=True, hint="Say what the atlas shows, in a sentence or two.")
def described(rule: Rule, atlas: Atlas, _layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Nothing is left that `corridormap new` put there to be replaced: its description, and English where it has no words."""
    start = {lang: words.catalogue(lang).get("start", {}) for lang in (words.FALLBACK, *atlas.languages)}
    first = {texts.get("description") for texts in start.values()}
    still = [lang for lang, text in atlas.record.description.items() if text in first]
    message = f"is still that of a new atlas in {', '.join(still)}: {atlas.record.description[still[0]]}" if still else ""
    yield from _placed(rule, atlas, "atlas.toml", {("description",): [message] if still else []})
    english, title = set(start[words.FALLBACK].values()), start[words.FALLBACK]["title"].partition("{")[0]
    faults: Faults = {}
    for place, text in _texts(atlas)["atlas.toml"].items():
        others = {lang: said for lang, said in (text or {}).items() if lang.partition("-")[0] != words.FALLBACK}
        left = [lang for lang, said in others.items() if said in english or (place == ("title",) and said.startswith(title))]
        if place != ("description",):
            faults[place] = [f"is still that of a new atlas, in English, in {', '.join(left)}"] if left else []
    yield from (replace(finding, hint="Translate it.") for finding in _placed(rule, atlas, "atlas.toml", faults))


@AtlasRule.register("CM522", WARNING)
def credited(rule: Rule, atlas: Atlas, layers: Mapping[str, Batch]) -> Iterator[Finding]:
    """Sources of what is drawn are credited on the map if their licence asks for it, and a layer keeps to the licences of its sources.

    A source counts as credited if a word of its publisher's name stands in the attribution. Of the licences CC BY, ODbL, ODC-By and OGL it
    is known that they ask for the name, of CC BY-SA and ODbL that they ask for the same licence; what NC and ND bar, a layer bars too.
    """
    credit = " ".join(atlas.record.attribution.values()).casefold()
    of_layers = {layer.id: _asking(atlas, _layer_sources(layer.sources, layers.get(layer.id))) for layer in atlas.layers}
    of_backdrops = [_asking(atlas, {backdrop.source}) for backdrop in atlas.record.backdrop]
    drawn = {source.id: source for sources in [*of_layers.values(), *of_backdrops] for source in sources}
    unnamed = [source for source in drawn.values() if not any(word in credit for word in _name_words(source))]
    found: Faults = {
        ("attribution",): [f"does not name {one.publisher!r}, as {one.licence} asks, under which {one.id!r} is" for one in unnamed]
    }
    for layer in atlas.layers:
        found["layers", layer.id, "licence"] = [
            f"must be {source.licence}, too, not {layer.licence}: the layer rests on {source.id!r}"
            for source in of_layers[layer.id]
            if not _allowed(layer.licence, source.licence or "")
        ]
    yield from _placed(rule, atlas, "atlas.toml", found)


def _allowed(licence: str, of_source: str) -> bool:
    """Tell whether a layer may be under a licence if a source of it is under another, which asks for something."""
    alike = ALIKE.match(of_source)
    if not {one.upper() for one in BARRED.findall(of_source)} <= {one.upper() for one in BARRED.findall(licence)}:
        return False
    return NAMED.search(licence) is not None and (alike is None or alike[0].casefold() in licence.casefold())


def _layer_sources(named: list[str], batch: Batch | None) -> set[str]:
    """Give the ids of the sources of a layer, by its record and by its features."""
    listed = [] if batch is None else [text for key in ("source", "sources") for text in batch.values(key) or () if isinstance(text, str)]
    return {*named, *(name for text in set(listed) for name in geojson.split_list(text))}


def _asking(atlas: Atlas, names: set[str]) -> list[Source]:
    """Give those of the sources whose licence asks for something, in the order of the file."""
    return [source for source in atlas.sources.values() if source.id in names and NAMED.match(source.licence or "")]


def _name_words(source: Source) -> list[str]:
    """Give the words that tell a publisher from others, in small letters: long ones with a capital, if there are any."""
    long = re.findall(r"\w{4,}", source.publisher)
    return [word.casefold() for word in long if word != word.lower()] or [word.casefold() for word in long] or [source.publisher.casefold()]


def _texts(atlas: Atlas) -> dict[str, dict[Place, Text | None]]:
    """Gather every text for readers, by file and place."""
    record = atlas.record
    of_atlas: dict[Place, Text | None] = {
        (name,): getattr(record, name) for name in ("title", "description", "country_name", "attribution")
    }
    of_atlas |= {("groups", group.id, "name"): group.name for group in record.groups}
    for layer in atlas.layers:
        of_atlas |= {("layers", layer.id, "name"): layer.name, ("layers", layer.id, "summary"): layer.summary}
        of_atlas |= {("layers", layer.id, "style", "values", value): symbol.label for value, symbol in layer.style.values.items()}
    of_itineraries: dict[Place, Text | None] = {}
    for one in atlas.itineraries.values():
        of_itineraries |= {("itinerary", one.id, "name"): one.name, ("itinerary", one.id, "note"): one.note}
        of_itineraries |= {("itinerary", one.id, "lengths", number): figure.reason for number, figure in enumerate(one.lengths)}
    of_statements: dict[Place, Text | None] = {("statement", one.id, "text"): one.text for one in atlas.statements.values()}
    return {"atlas.toml": of_atlas, "corridors.toml": of_itineraries, "statements.toml": of_statements}


def _placed(rule: Rule, atlas: Atlas, file: str, faults: Faults) -> Iterator[Finding]:
    """Make findings of what is wrong at places of a TOML file, each with its line."""
    faults = {place: wrong for place, wrong in faults.items() if wrong}
    if not faults:
        return
    path = atlas.folder / file
    text = read_text(path)
    document = tomli.loads(text)
    found: list[tuple[Keys, str, str | None]] = []
    for place, wrong in faults.items():
        keys: Keys = place
        if len(place) > 1:
            table, name, *rest = place
            row = next(row for row, record in enumerate(document[str(table)]) if record.get("id") == name)
            keys = (table, row, *rest)
        found += [(keys, what, ".".join(map(str, place[1:] or place))) for what in wrong]
    yield from (of_error(rule, error) for error in placed(path, text, found))
