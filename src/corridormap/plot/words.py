"""The map's own few words, in the reader's language, and texts made safe to draw."""

from __future__ import annotations

import json
import unicodedata
from importlib import resources
from typing import Any

FALLBACK_LANGUAGE = "en"


class Words:
    """What the map says by itself; a language without a file falls back to English."""

    def __init__(self, lang: str) -> None:
        folder = resources.files("corridormap.plot") / "locales"
        own = folder / f"{lang}.json"
        file = own if own.is_file() else folder / f"{FALLBACK_LANGUAGE}.json"
        self._table: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))

    def say(self, key: str, **values: str) -> str:
        """Say a phrase with its blanks filled in."""
        text = self._table[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def number(self, value: float) -> str:
        """Write a whole number with the language's thousands separator; four digits stay together."""
        text = f"{round(value):,}"
        return text.replace(",", "" if len(text) <= 5 else self._table["thousands"])

    def distance(self, metres: float) -> str:
        """Write a distance in metres or kilometres."""
        return self.say("m", n=self.number(metres)) if metres < 1000 else self.say("km", n=f"{metres / 1000:g}")


def clean(value: Any) -> str:
    """Make one line of a text, without control characters, which no format can hold; nothing at all of a missing value."""
    if not isinstance(value, str):
        return ""
    kept = "".join(char if unicodedata.category(char) not in {"Cc", "Cs", "Cn", "Co", "Cf"} else " " for char in value)
    return " ".join(kept.split())
