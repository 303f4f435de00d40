"""The texts of a new atlas, as TOML: in the languages the package speaks, otherwise in English and marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from corridormap import words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["country_names", "inline", "lines", "texts"]


def texts(key: str, languages: Sequence[str], **values: dict[str, str]) -> dict[str, str]:
    """Give a text of a new atlas in each language, with its blanks filled in; English where the package has no words."""
    filled = {lang: {blank: text[lang] for blank, text in values.items()} for lang in languages}
    return {lang: words.say(f"start.{key}", lang=lang, **filled[lang]) for lang in languages}


def country_names(codes: Sequence[str], languages: Sequence[str]) -> dict[str, str]:
    """Name one country or several in each language; in English where the CLDR's names are not at hand."""
    known = words.country_names()
    return {lang: ", ".join(known.get(lang, known[words.FALLBACK])[code] for code in codes) for lang in languages}


def lines(table: dict[str, str], foreign: Sequence[str]) -> str:
    """Write a text by language as lines of a TOML table; those in English for want of words are marked."""
    return "".join(f"{lang} = {quoted(text)}{'  # to translate' if lang in foreign else ''}\n" for lang, text in table.items())


def inline(key: str, table: dict[str, str], foreign: Sequence[str]) -> str:
    """Write a text by language as an inline TOML table; see `lines`."""
    marked = f"  # to translate: {', '.join(foreign)}" if foreign else ""
    return f"{key} = {{ {', '.join(f'{lang} = {quoted(text)}' for lang, text in table.items())} }}{marked}"


def quoted(value: object) -> str:
    """Write a text, a number or a list as TOML, whose texts are JSON's."""
    return json.dumps(value, ensure_ascii=False)
