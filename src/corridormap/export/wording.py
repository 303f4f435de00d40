"""The few words that styled exports add by themselves, in the reader's language."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from corridormap import fields

if TYPE_CHECKING:
    from corridormap.export.bundle import ExportLayer

__all__ = ["alias", "category_labels", "distance", "say", "vocabulary"]

FALLBACK = "en"
VOCABULARIES = ("mode", "status", "length_published_kind", "standing")


@cache
def _words(lang: str) -> dict[str, str]:
    folder = resources.files("corridormap.export") / "locales"
    file = folder / f"{lang}.json"
    words: dict[str, str] = json.loads((file if file.is_file() else folder / f"{FALLBACK}.json").read_text(encoding="utf-8"))
    return words


def say(key: str, lang: str, **values: str) -> str:
    """Say a phrase with its blanks filled in; a language without a file falls back to English."""
    text = _words(lang)[key]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def distance(metres: float, lang: str) -> str:
    """Write a distance in metres or kilometres."""
    return say("m", lang, n=f"{metres:g}") if metres < 1000 else say("km", lang, n=f"{metres / 1000:g}")


def alias(column: str, lang: str) -> str:
    """Name a column of the tables of sources and statements."""
    return _words(lang).get(f"field.{column}") or fields.label(column, lang=lang)


def vocabulary(column: str, lang: str) -> dict[str, str]:
    """Value → what it means to a reader, for the properties that hold one of a few agreed words."""
    if column not in VOCABULARIES:
        return {}
    return {key.removeprefix(f"{column}."): text for key, text in _words(lang).items() if key.startswith(f"{column}.")}


def category_labels(layer: ExportLayer) -> dict[str, str]:
    """Value of the property a layer is styled by → its label: the style's own, the vocabulary's, or the feature's name."""
    style, lang = layer.record.style, layer.lang
    words = vocabulary(style.by, lang) if style.by else {}
    names = _names(layer) if style.by == "id" else {}
    return {
        value: (layer.atlas.text(symbol.label, lang) if symbol.label else words.get(value) or names.get(value) or value)
        for value, symbol in style.values.items()
    }


def _names(layer: ExportLayer) -> dict[str, str]:
    """Id → name, with its number before it."""
    names = {}
    for row in layer.rows():
        name = row.get(f"name_{layer.lang}") or row.get(f"name_{layer.atlas.languages[0]}") or row["id"]
        number = row.get("number")
        names[str(row["id"])] = str(name) if number is None else f"{number}. {name}"
    return names
