"""Sentences about an export: in English for whom runs it, in the language of the export for whom reads what it made."""

from __future__ import annotations

from typing import Self

from corridormap.words import FALLBACK, say


class Sentence(str):
    """A text of the catalogues: itself in English, and `told` in another language.

    Parameters
    ----------
    key : str
        The text, such as ``export.truths``.
    **values : str or Sentence
        What goes into its blanks.
    """

    __slots__ = ("key", "values")
    key: str
    values: dict[str, str]

    def __new__(cls, key: str, **values: str) -> Self:
        """Say it in English."""
        made = super().__new__(cls, say(key, lang=FALLBACK, **values))
        made.key, made.values = key, values
        return made

    def told(self, lang: str) -> str:
        """Say it in a language."""
        return say(self.key, lang=lang, **{blank: told(value, lang) for blank, value in self.values.items()})


def told(text: str, lang: str) -> str:
    """Give a text in a language, if it is a sentence; as it is otherwise."""
    return text.told(lang) if isinstance(text, Sentence) else text
