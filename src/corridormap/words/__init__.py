"""What the package says to readers by itself: one catalogue a language, ``en.json``, ``ru.json``, ``kk.json``.

A catalogue has sections: ``shared`` by page, print and exports; ``page``; ``thinned``, for a page whose lines are; ``still``, beside a
page's picture; ``print``; ``gis``; ``start``, of a new atlas; ``labels`` and ``descriptions`` of properties, and the names of
``languages`` for them; ``report``, for findings, which are in English.
A language without a catalogue falls back to English.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["FALLBACK", "description", "distance", "label", "meanings", "number", "page", "report", "say", "spoken"]

FALLBACK = "en"
"""The language of the catalogue that is complete."""

CODES = ("mode", "status", "length_published_kind", "standing")
"""Properties whose values are codes that the catalogues put into words, as ``mode.rail``."""


@cache
def _catalogue(lang: str) -> dict[str, dict[str, str]]:
    file = resources.files(__name__) / f"{lang}.json"
    if not file.is_file():
        return _catalogue(FALLBACK)
    catalogue: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return catalogue


def spoken(lang: str) -> bool:
    """Tell whether a language has a catalogue of its own."""
    return (resources.files(__name__) / f"{lang}.json").is_file()


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
    catalogue = _catalogue(lang)
    section, _, name = key.partition(".")
    text = catalogue["shared"][key] if key in catalogue["shared"] else catalogue[section][name]
    for blank, value in values.items():
        text = text.replace(f"{{{blank}}}", value)
    return text


def number(value: float, *, lang: str, digits: int = 0) -> str:
    """Write a number with at most so many decimals, as the language separates thousands and decimals."""
    whole, _, decimals = f"{value:,.{digits}f}".partition(".")
    decimals = decimals.rstrip("0")
    return whole.replace(",", say("thousands", lang=lang)) + (say("decimal", lang=lang) + decimals if decimals else "")


def distance(metres: float, *, lang: str) -> str:
    """Write a distance in metres or, from 1000 m on, in kilometres."""
    if metres < 1000:
        return say("m", lang=lang, n=number(metres, lang=lang))
    return say("km", lang=lang, n=number(metres / 1000, lang=lang, digits=3))


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
    catalogue = _catalogue(lang)
    base, code = _split(name, languages)
    text = catalogue["labels"].get(base)
    if text is None:
        return name
    # In the reader's own language the language need not be said.
    return text if code in {None, lang} else f"{text} ({catalogue['languages'].get(str(code), code)})"


def description(name: str, *, lang: str = FALLBACK, languages: tuple[str, ...] = ()) -> str | None:
    """Describe in a sentence what a property holds; None if the language's catalogue does not."""
    return _catalogue(lang).get("descriptions", {}).get(_split(name, languages)[0])


def meanings(column: str, *, lang: str) -> dict[str, str]:
    """Give code → meaning for a property whose values are codes; nothing for others."""
    if column not in CODES:
        return {}
    shared = _catalogue(lang)["shared"]
    return {key.removeprefix(f"{column}."): text for key, text in shared.items() if key.startswith(f"{column}.")}


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
    for lang in sorted({FALLBACK, *(code for code in codes if _catalogue(code) is not _catalogue(FALLBACK))}):
        catalogue = _catalogue(lang)
        labels = {f"field.{base}": catalogue["labels"][base] for base in bases if base in catalogue["labels"]}
        words = {**catalogue["shared"], **labels, **catalogue["page"]}
        if thinned_m is not None:
            words |= {key: text.replace("{lines}", distance(thinned_m, lang=lang)) for key, text in catalogue["thinned"].items()}
        for key, text in words.items():
            table.setdefault(key, {})[lang] = text
    return table


def report() -> dict[str, str]:
    """Give the words of a report's page by key; they are English, as findings are."""
    catalogue = _catalogue(FALLBACK)
    return catalogue["shared"] | catalogue["page"] | {f"report.{key}": text for key, text in catalogue["report"].items()}


def _split(name: str, languages: tuple[str, ...]) -> tuple[str, str | None]:
    base, _, code = name.rpartition("_")
    return (base, code) if base and code in languages else (name, None)
