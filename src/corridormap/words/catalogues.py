"""Where the words come from: the package's catalogues, and those that an atlas brings in its folder ``words``."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from corridormap.errors import DataError
from corridormap.files import read_text
from corridormap.phrases import counted, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["FALLBACK", "Catalogue", "bring", "catalogue", "country_names", "shortcomings", "spoken"]

Catalogue = dict[str, dict[str, str]]
"""Section → key → text."""

FALLBACK = "en"
"""The language of the catalogue that is complete."""
UNASKED = ("descriptions", "report", "start")
"""Sections an atlas need not bring: for readers of data packages and of findings, which are in English, and for a new atlas."""
SAME_WORDS = 3
"""A text of more words than these is no other language's if it is also English."""
TWELVE = ("page.months", "page.months_of_day")
# Language, script and region only: browsers refuse a tag that is not well-formed, and the page would not open.
LOCALES = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")

_brought: dict[str, Catalogue] = {}
"""The catalogues of the atlas opened last, each filled up with English."""


def catalogue(lang: str) -> Catalogue:
    """Give the words in a language; those in English if there are none."""
    return _packaged(lang) or _brought.get(lang) or _english()


@cache
def country_names() -> dict[str, dict[str, str]]:
    """Give the names of countries, from the Unicode CLDR: language → ISO 3166-1 code → name."""
    file = resources.files(__package__ or "corridormap.words") / "cldr" / "countries.json"
    table: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return table


def spoken(lang: str) -> bool:
    """Tell whether there are words in a language, be they the package's or the atlas's."""
    return lang in _brought or _packaged(lang) is not None


def bring(folder: Path, languages: Iterable[str]) -> None:
    """Take the catalogues an atlas brings, in the place of another atlas's: ``words/<language>.json`` of its folder.

    What a catalogue lacks is in English. The package's own languages stay as they are.

    Parameters
    ----------
    folder : Path
        The atlas's folder.
    languages : iterable of str
        The atlas's languages.

    Raises
    ------
    DataError
        If a catalogue is no JSON, or holds anything but sections of texts.
    """
    found = {lang: _read(path) for lang in languages if _packaged(lang) is None and (path := _path(folder, lang)).exists()}
    _brought.clear()
    _brought.update({lang: _filled(words) for lang, words in found.items()})


def shortcomings(folder: Path, languages: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Tell file by file what the catalogues of an atlas lack, or hold in vain; see `bring`."""
    asked = list(languages)
    for lang in asked:
        path = _path(folder, lang)
        if _packaged(lang) is not None:
            continue
        if not path.exists():
            yield path, f"there are no words in {lang!r}: the page, print and exports say theirs in English"
            continue
        words = _read(path)
        needed = set(_needed()) | {f"languages.{other}" for other in asked if other != lang}
        lacking = sorted(key for key in needed if not _has(words, key))
        other = [key for key in _needed() if key not in lacking and not _same_blanks(words, key)]
        copied = [key for key in needed if _copied(words, key)]
        vain = [key for key in _keys(words) if not _known(key)]
        for keys, what in (
            (lacking, "lacking, and said in English"),
            (other, "with other blanks than the English text, which is used"),
            (sorted(copied), "still in English"),
            (vain, "that nothing uses"),
        ):
            if keys:
                yield path, f"{counted(len(keys), 'text')} {what}: {some(keys, most=10)}"
    for path in sorted((folder / "words").glob("*.json")):
        if _packaged(path.stem) is not None:
            yield path, f"is not read: the package has its own words in {path.stem!r}"
        elif path.stem not in asked:
            yield path, f"is not read: {path.stem!r} is no language of the atlas"


@cache
def _packaged(lang: str) -> Catalogue | None:
    file = resources.files(__package__ or "corridormap.words") / f"{lang}.json"
    if not file.is_file():
        return None
    words: Catalogue = json.loads(file.read_text(encoding="utf-8"))
    return words


def _english() -> Catalogue:
    words = _packaged(FALLBACK)
    assert words is not None  # it comes with the package
    return words


def _path(folder: Path, lang: str) -> Path:
    return folder / "words" / f"{lang}.json"


def _read(path: Path) -> Catalogue:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            names = [name for name, _ in pairs]
            raise DataError("a key is given twice", where=f"{path}, {next(name for name in names if names.count(name) > 1)}")
        return table

    try:
        words = json.loads(read_text(path), object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise DataError(f"is not JSON: {error.msg}", where=path, line=error.lineno, column=error.colno) from None
    except (RecursionError, ValueError):
        raise DataError("is no catalogue of words: too deep, or a number too long", where=path) from None
    hint = "Sections hold texts by key, as in the package's words/en.json."
    if not isinstance(words, dict):
        raise DataError("must be an object of sections", where=path, hint=hint)
    for section, table in words.items():
        if not isinstance(table, dict):
            raise DataError("must be an object of texts", where=f"{path}, {section}", hint=hint)
        for key, text in table.items():
            _check(text, f"{section}.{key}", path)
    return words


def _check(text: object, key: str, path: Path) -> None:
    where = f"{path}, {key}"
    if not isinstance(text, str):
        raise DataError("must be a text", where=where)
    # Halves of pairs cannot be written as UTF-8, control characters and no characters not as XML.
    if any(unicodedata.category(sign) in {"Cc", "Cs"} or sign in "\ufffe\uffff" for sign in key + text):
        raise DataError("holds a character that cannot be shown", where=where)
    if key == "shared.number_locales" and not (text.split() and all(map(LOCALES.fullmatch, text.split()))):
        raise DataError("must be codes of languages, such as az or sr-Latn-RS, with spaces between", where=where)
    if key in TWELVE and len(text.split()) != 12:
        raise DataError(f"must be twelve words, not {len(text.split())}", where=where)


def _keys(words: Catalogue) -> Iterator[str]:
    for section, table in words.items():
        yield from (f"{section}.{key}" for key in table)


def _needed() -> Iterator[str]:
    return (key for key in _keys(_english()) if key.partition(".")[0] not in {*UNASKED, "languages"})


def _text(words: Catalogue, key: str) -> str:
    section, _, name = key.partition(".")
    return words.get(section, {}).get(name, "")


def _has(words: Catalogue, key: str) -> bool:
    # Nothing may stand between thousands.
    return bool(_text(words, key).strip()) or (key == "shared.thousands" and "thousands" in words.get("shared", {}))


def _same_blanks(words: Catalogue, key: str) -> bool:
    return _blanks(_text(words, key)) == _blanks(_text(_english(), key))


def _blanks(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def _copied(words: Catalogue, key: str) -> bool:
    """Tell whether a text is the English one, and a sentence: a few words may be the same in both languages."""
    text = _text(words, key)
    return text == _text(_english(), key) and len(re.findall(r"[^\W\d_]{2,}", re.sub(r"\{\w+\}", "", text))) > SAME_WORDS


def _known(key: str) -> bool:
    """Tell whether something may ask for a text; properties, units, countries and languages may be the atlas's own."""
    section, _, name = key.partition(".")
    return section in {"labels", "languages", "units"} or key.startswith("shared.country.") or name in _english().get(section, {})


def _filled(words: Catalogue) -> Catalogue:
    """Give a catalogue with English where it lacks a text, or where its blanks differ: a figure would be lost."""
    whole: Catalogue = {"languages": {}} | {section: dict(table) for section, table in words.items()}
    for key in _needed():
        if not (_has(words, key) and _same_blanks(words, key)):
            section, _, name = key.partition(".")
            whole.setdefault(section, {})[name] = _text(_english(), key)
    return whole
