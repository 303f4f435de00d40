"""CM137, CM139 and CM411 to CM415: ids and properties of any file, and more closely those of an atlas's layers."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from dataclasses import replace
from types import NoneType
from typing import TYPE_CHECKING, Any

from corridormap.checks.reading.batch import Batch, Place
from corridormap.checks.reading.objects import NAMES, named
from corridormap.checks.reading.text import shown
from corridormap.checks.rule import ERROR, NOTE, WARNING, BatchRule
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_URL_NAME = re.compile(r"(?:^|[_:.])(?:url|href|website|homepage)(?:$|[_:.])", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s/]+\S*\Z", re.IGNORECASE)
_DATE_NAME = re.compile(r"(?i:(?:^|[_:. ])(?:date|datum)(?:$|[_:. ]))|(?<=[a-z])Date$")
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ].*)?\Z")
_LOCAL = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})\Z")
_LANGUAGE = re.compile(r"(.+)[_:](en|ru|kk|uz|ky|tg|tk|zh|de|fr|es|it|pt|pl|uk|tr|fa|ar|ja|ko|mn|az)\Z")
_DAY = re.compile(r"\d{4}(-\d{2}){0,2}\Z")
_SCRIPTS = ("javascript:", "vbscript:", "data:text/html")
_AT_MOST_NAMES = 2000
_FIXED = dict.fromkeys(("id", "mode", "kind", "sources"), NAMES[str]) | dict.fromkeys(("accuracy_m", "number"), NAMES[float])
"""The types of properties that any layer of an atlas may have."""


class UniqueFeatureIds(BatchRule, code="CM137", severity=WARNING, on_layer=ERROR):
    """No two features of a collection have the same "id" (RFC 7946, 3.2: it identifies a feature).

    On an atlas's layer every feature has a property "id" of its own, and a member "id" may be left out.
    """

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        seen: dict[Any, int] = memory.setdefault("seen", {})
        layer = batch.layer is not None
        if batch.bare and not layer:
            return
        path = ("properties", "id") if layer else ("id",)
        for row, own in enumerate(batch.ids):
            name = (batch.properties[row] or {}).get("id", own) if layer else own
            index = batch.first + row
            if name is None and layer:
                yield Place("has no id", row=row, path=path)
            elif name is not None and (first := seen.setdefault(repr(name) if layer else name, index)) != index:
                yield Place(f"the id {shown(name)} is that of feature {first} too", row=row, path=path)


class IdentifierIsMember(BatchRule, code="CM139", severity=NOTE):
    """An identifier that features commonly have is their member "id" (RFC 7946, 3.2: SHOULD), no mere property; reported once per file."""

    hint = 'Copy the property into the member "id"; GDAL does so with -lco ID_FIELD=id.'

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        if batch.root(0) is None or batch.bare or memory.get("no"):
            return ()
        values = memory.setdefault("values", set())
        for row, properties in enumerate(batch.properties):
            name = properties.get("id") if properties else None
            if batch.ids[row] is not None or name.__class__ not in {str, int} or name in values:
                memory["no"] = True
                values.clear()
                break
            values.add(name)
        return ()

    def conclude(self, memory: dict[str, Any]) -> Iterable[Place]:
        if not memory.get("no") and len(memory.get("values", ())) > 1:
            yield Place('every feature has a property "id" of its own, but no member "id"')


class OneType(BatchRule, code="CM411", severity=WARNING, on_layer=ERROR):
    """A property has one type throughout a file; null apart. Reported once per property.

    On an atlas's layer it is a scalar, lengths and accuracies are numbers that are not negative, and each value astray is an error.
    """

    hint = "Readers take the first type they meet and lose the other values, or make texts of all."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        if batch.layer is not None:
            return self._of_layer(batch)
        if batch.root(0) is None:  # other formats hold columns to a type
            return ()
        seen: dict[str, dict[str, Place]] = memory.setdefault("seen", {})
        counts: Counter[tuple[str, str]] = memory.setdefault("counts", Counter())
        for name, (rows, values) in batch.columns.items():
            for kind, count in Counter(map(type, values)).items():
                if kind is not NoneType and (name in seen or len(seen) < _AT_MOST_NAMES):
                    counts[name, NAMES[kind]] += count
                    if NAMES[kind] not in seen.setdefault(name, {}):
                        row = rows[next(number for number, value in enumerate(values) if value.__class__ is kind)]
                        seen[name][NAMES[kind]] = batch.lasting(Place("", row=row, path=("properties", name)))
        return ()

    def _of_layer(self, batch: Batch) -> Iterator[Place]:
        for name, (rows, values) in batch.columns.items():
            measure = name.endswith(("_km", "_m"))
            usual = next((named(value) for value in values if not isinstance(value, list | dict | None)), NAMES[str])
            wanted = NAMES[float] if measure else _FIXED.get(name, usual)
            for row, value in zip(rows, values, strict=True):
                if value is not None and named(value) != wanted:
                    yield Place(f"{shown(name)} is {named(value)}, not {wanted}", row=row, path=("properties", name))
                elif measure and value is not None and value < 0:
                    yield Place(f"{shown(name)} is negative", row=row, path=("properties", name))

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        for name, kinds in memory.get("seen", {}).items():
            if len(kinds) > 1:
                counts = Counter({kind: memory["counts"][name, kind] for kind in kinds}).most_common()
                (usual, most), (rare, few) = counts[0], counts[-1]
                yield replace(kinds[rare], message=f"{shown(name)} is {usual} on {counted(most, 'feature')}, but {rare} on {few}")


class OnAll(BatchRule, code="CM412", severity=NOTE, on_layer=ERROR):
    """A property that one feature has, all have, if only as null; reported once per file.

    On an atlas's layer every feature has those that every layer has and those the layer's record asks for; each one left out is an error.
    """

    hint = "A property that is unknown is null, not left out; a table has the same columns in every row."

    def check(self, batch: Batch, memory: dict[str, Any]) -> Iterable[Place]:
        if batch.layer is not None:
            return self._of_layer(batch, batch.layer.record.required)
        counts: Counter[str] = memory.setdefault("counts", Counter())
        for name, (rows, _) in batch.columns.items():
            if name in counts or len(counts) < _AT_MOST_NAMES:
                counts[name] += len(rows)
        memory["features"] = memory.get("features", 0) + sum(properties is not None for properties in batch.properties)
        return ()

    def _of_layer(self, batch: Batch, required: list[str]) -> Iterator[Place]:
        for name in dict.fromkeys(["accuracy_m", "sources", *required]):
            if batch.rows and name not in batch.columns:
                yield Place(f"features have no property {name!r}", path=("features",))
        for row, properties in enumerate(batch.properties):
            for name in batch.columns:
                if name not in (properties or {}):
                    yield Place(f"leaves out {shown(name)}, which other features have", row=row, path=("properties",))

    def conclude(self, memory: dict[str, Any]) -> Iterator[Place]:
        lacking = [name for name, count in memory.get("counts", {}).items() if count < memory["features"]]
        names = ", ".join(shown(name, limit=30) for name in lacking[:5]) + (" …" if len(lacking) > 5 else "")
        if len(lacking) > 1:
            yield Place(f"{len(lacking)} properties are left out on some features: {names}")
        elif lacking:
            yield Place(f"{names} is left out on some features")


@BatchRule.register("CM413", WARNING, on_layer=ERROR)
def web_address(batch: Batch) -> Iterator[Place]:
    """An address of the web begins with http:// or https://, in properties that are named after one; nothing is a script."""
    for name, (rows, values) in batch.columns.items():
        wanted = _URL_NAME.search(name) is not None
        for row, value in zip(rows, values, strict=True):
            if value.__class__ is str and value:
                wrong = (wanted and not is_web_address(value)) or (
                    value[0] in "jJvVdD \t" and value.lstrip()[:20].lower().startswith(_SCRIPTS)
                )
            else:
                wrong = wanted and value is not None and batch.layer is not None
            if wrong:
                yield Place(f"{shown(name)} is no http(s) address: {shown(value)}", row=row, path=("properties", name))


@BatchRule.register("CM414", WARNING, on_layer=ERROR, hint="Write dates as 2026-11-22, months as 2026-11, years as 2026.")
def real_date(batch: Batch) -> Iterator[Place]:
    """A date exists: no 31 February, no month 13, in properties that are named after a date.

    On an atlas's layer it is a day, a month or a year as ISO 8601 has them.
    """
    for name, (rows, values) in batch.columns.items():
        for row, value in zip(rows, values, strict=True) if _DATE_NAME.search(name) else ():
            text = value if isinstance(value, str) else ""
            strict = batch.layer is not None and value is not None
            if not may_be_date(text.strip()) or (strict and not _DAY.match(text)):
                yield Place(f"{shown(name)} is no date: {shown(value)}", row=row, path=("properties", name))


@BatchRule.register("CM415", NOTE, on_layer=ERROR)
def all_languages(batch: Batch) -> Iterator[Place]:
    """A text that a feature has in one language, as in name_en and name_ru, it has in all that it has a property for.

    On an atlas's layer it has it in every language of the atlas, and every feature has a name.
    """
    if batch.layer is not None:
        yield from _languages_of_layer(batch, batch.layer.atlas.languages)
        return
    stems: dict[str, list[str]] = {}
    for name in batch.columns:
        if match := _LANGUAGE.match(name):
            stems.setdefault(match[1], []).append(name)
    for names in stems.values():
        for row, properties in enumerate(batch.properties if len(names) > 1 else ()):
            own = [name for name in properties or () if name in names]
            empty = [name for name in own if properties[name] in (None, "")]  # type: ignore[index]
            if empty and len(empty) < len(own):
                lacking = ", ".join(shown(name) for name in empty)
                yield Place(f"{lacking} is empty, but other languages are not", row=row, path=("properties", empty[0]))


def _languages_of_layer(batch: Batch, languages: list[str]) -> Iterator[Place]:
    stems = {name.rpartition("_")[0] for name in batch.columns if name.rpartition("_")[2] in languages} | {"name"}
    for stem in sorted(stems - {""}):
        wanted = [f"{stem}_{lang}" for lang in languages]
        missing = [name for name in wanted if batch.rows and name not in batch.columns]
        for name in missing:
            yield Place(f"features have no property {name!r}", path=("features",))
        for row, properties in enumerate(batch.properties if not missing else ()):
            empty = [name for name in wanted if (properties or {}).get(name) in (None, "")]
            if empty and (len(empty) < len(wanted) or stem == "name"):
                yield Place(f"{', '.join(empty)} is missing", row=row, path=("properties", empty[0]))


def is_web_address(value: str) -> bool:
    """Return whether a text is an address, or several separated by semicolons or blanks."""
    parts = re.findall(r"[^;\s]+", value)
    return bool(parts) and all(map(_URL.match, parts))


def may_be_date(value: str) -> bool:
    """Return False only for a text that has the form of a date but is none."""
    if match := _ISO.match(value):
        return _exists(int(match[1]), int(match[2]), int(match[3] or 1))
    if match := _LOCAL.match(value):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        return _exists(year, second, first) or (match[2] == "/" and _exists(year, first, second))
    return True


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= monthrange(max(year, 1), month)[1]
