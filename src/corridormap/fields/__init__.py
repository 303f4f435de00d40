"""What the properties of the layers mean: a label for readers in each language, and a description for data catalogues.

One file a language. A property in several languages, such as ``name_en``, is described once, as ``name``; a property nobody described is
called by its own name.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

__all__ = ["description", "label"]

FALLBACK = "en"


@cache
def _words(lang: str) -> dict[str, dict[str, str]]:
    file = resources.files(__name__) / f"{lang}.json"
    if not file.is_file():
        return {} if lang == FALLBACK else _words(FALLBACK)
    words: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return words


def label(name: str, *, lang: str, languages: tuple[str, ...] = ()) -> str:
    """What a property is called.

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
        The label, with its unit; the property's own name if it is not described.
    """
    words = _words(lang)
    base, code = _split(name, languages)
    text = words.get("labels", {}).get(base)
    if text is None:
        return name
    # In the reader's own language the language need not be said.
    return text if code in {None, lang} else f"{text} ({words.get('languages', {}).get(str(code), code)})"


def description(name: str, *, lang: str = FALLBACK, languages: tuple[str, ...] = ()) -> str | None:
    """What a property holds, in a sentence; None if nobody described it."""
    base, _ = _split(name, languages)
    return _words(lang).get("descriptions", {}).get(base)


def _split(name: str, languages: tuple[str, ...]) -> tuple[str, str | None]:
    base, _, code = name.rpartition("_")
    return (base, code) if base and code in languages else (name, None)
