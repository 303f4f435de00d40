"""What the package says to readers by itself: one catalogue a language, ``en.json``, ``ru.json``, ``kk.json``.

A catalogue has sections: ``shared`` by page, print and exports; ``page``; ``thinned``, for a page whose lines are; ``still``, beside a
page's picture; ``print``; ``figures``; ``gis``; ``export``, beside exported layers; ``start``, of a new atlas; ``labels`` and
``descriptions`` of properties, and the names of ``languages`` for them; ``units`` of the figures of statements; ``report``, for findings,
which are in English.
An atlas may bring a catalogue of another language. A language without one falls back to English, and the checks say so (CM518).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING

from corridormap.words.catalogues import FALLBACK, bring, catalogue, country_names, shortcomings, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "FALLBACK",
    "bring",
    "catalogue",
    "country",
    "country_names",
    "description",
    "distance",
    "label",
    "meanings",
    "number",
    "page",
    "report",
    "say",
    "shortcomings",
    "spoken",
    "unit",
]

CODES = ("mode", "status", "length_published_kind", "standing")
"""Properties whose values are codes that the catalogues put into words, as ``mode.rail``."""
OF_MEMBER = re.compile(r"length_([a-z]{2})_km")
"""The length within one of an atlas's several countries; the catalogues know it as ``length_member_km``."""


def say(key: str, *, lang: str, **values: str) -> str:
    """Give a text of a catalogue with its blanks filled in.

    Parameters
    ----------
    key : str
        A key of the section ``shared``, or a section and a key of it, such as ``gis.tables``.
    lang : str
        The language.
    **values : str
        What goes into the text's blanks, such as ``{name}``.

    Raises
    ------
    KeyError
        If there is no such text.
    """
    words = catalogue(lang)
    section, _, name = key.partition(".")
    text = words["shared"][key] if key in words["shared"] else words[section][name]
    for blank, value in values.items():
        text = text.replace(f"{{{blank}}}", value)
    return text


def number(value: float, *, lang: str, digits: int = 0) -> str:
    """Write a number with at most so many decimals, as the language separates thousands and decimals; halves go up, as in a browser."""
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Context(prec=400))
    whole, _, decimals = f"{rounded:,f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", say("thousands", lang=lang)) + (say("decimal", lang=lang) + decimals if decimals else "")


def distance(metres: float, *, lang: str) -> str:
    """Write a distance in metres or, from 1000 m on, in kilometres."""
    if metres < 1000:
        return say("m", lang=lang, n=number(metres, lang=lang))
    return say("km", lang=lang, n=number(metres / 1000, lang=lang, digits=3))


def country(code: str, *, lang: str) -> str:
    """Name a country by its ISO 3166-1 code: in the words of the language's catalogue, else as the CLDR has it there, or in English."""
    names = country_names()
    return catalogue(lang)["shared"].get(f"country.{code}") or names.get(lang, {}).get(code) or names[FALLBACK].get(code, code)


def label(name: str, *, lang: str, languages: tuple[str, ...] = ()) -> str:
    """Name a property.

    Parameters
    ----------
    name : str
        The property, such as ``length_km`` or ``name_ru``.
    lang : str
        The language of the label.
    languages : tuple of str
        The atlas's languages, so that ``name_ru`` is known for a name in Russian.

    Returns
    -------
    str
        The label, with its unit; the property's own name if the catalogue has none.
    """
    words = catalogue(lang)
    if member := OF_MEMBER.fullmatch(name):
        return words["labels"]["length_member_km"].replace("{country}", country(member[1].upper(), lang=lang))
    base, code = _split(name, languages)
    text = words["labels"].get(base)
    # In the reader's own language the language need not be said.
    if text is None or code is None or code == lang:
        return text or name
    itself = catalogue(code)["page"]["language_name"] if spoken(code) else code
    return f"{text} ({words['languages'].get(code, itself)})"


def description(name: str, *, lang: str = FALLBACK, languages: tuple[str, ...] = ()) -> str | None:
    """Describe in a sentence what a property holds; None if the language's catalogue does not."""
    descriptions = catalogue(lang).get("descriptions", {})
    if member := OF_MEMBER.fullmatch(name):
        return descriptions.get("length_member_km", "").replace("{country}", country(member[1].upper(), lang=lang)) or None
    return descriptions.get(_split(name, languages)[0])


def meanings(column: str, *, lang: str) -> dict[str, str]:
    """Give code → meaning for a property whose values are codes; nothing for others."""
    if column not in CODES:
        return {}
    shared = catalogue(lang)["shared"]
    return {key.removeprefix(f"{column}."): text for key, text in shared.items() if key.startswith(f"{column}.")}


def unit(name: str, *, lang: str) -> str:
    """Name the unit of a statement's figure; one that the catalogue does not know stays as it is."""
    words = catalogue(lang)
    return {"km": words["shared"]["kilometres"], **words["units"]}.get(name, name)


def page(languages: Iterable[str], *, columns: Iterable[str], thinned_m: float | None = None) -> dict[str, dict[str, str]]:
    """Give the words of a page, by key and language; English is always among them.

    Parameters
    ----------
    languages : iterable of str
        The atlas's languages; those without a catalogue are left out.
    columns : iterable of str
        The properties that are labelled in the page.
    thinned_m : float, optional
        How far, in metres, the lines in the page are off the true ones, if they are thinned.
    """
    codes = tuple(languages)
    bases = sorted({_split(column, codes)[0] for column in columns})
    table: dict[str, dict[str, str]] = {}
    for lang in sorted({FALLBACK, *filter(spoken, codes)}):
        whole = catalogue(lang)
        labels = {f"field.{base}": whole["labels"][base] for base in bases if base in whole["labels"]}
        words = {**whole["shared"], **labels, **whole["page"]}
        if thinned_m is not None:
            words |= {key: text.replace("{lines}", distance(thinned_m, lang=lang)) for key, text in whole["thinned"].items()}
        for key, text in words.items():
            table.setdefault(key, {})[lang] = text
    return table


def report() -> dict[str, str]:
    """Give the words of a report's page by key; they are English, as findings are."""
    words = catalogue(FALLBACK)
    return words["shared"] | words["page"] | {f"report.{key}": text for key, text in words["report"].items()}


def _split(name: str, languages: tuple[str, ...]) -> tuple[str, str | None]:
    base, _, code = name.rpartition("_")
    return (base, code) if base and code in languages else (name, None)
