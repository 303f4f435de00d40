"""CM4xx: properties of features."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from corridormap.checks.rule import LayerRule
from corridormap.checks.tables import is_web_address, may_be_date
from corridormap.model import LengthKind, Mode, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridormap.checks.rule import Finding, LayerSubject

TEXT = "text"
NUMBER = "number"
FIXED_TYPES = {"id": TEXT, "mode": TEXT, "kind": TEXT, "sources": TEXT, "accuracy_m": NUMBER, "number": NUMBER}


def kind_of(value: object) -> str:
    """The JSON type of a scalar, integers and decimals alike a number."""
    if isinstance(value, bool):
        return "truth value"
    if isinstance(value, int | float):
        return NUMBER
    return TEXT if isinstance(value, str) else type(value).__name__


class UniqueIds(LayerRule):
    """Every feature has an id, a text, and no two share one."""

    code = "CM401"

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        if "id" not in subject.frame.columns:
            yield self.finding("features have no property 'id'", file=subject.path)
            return
        ids = subject.frame["id"]
        for position in ids.isna().to_numpy().nonzero()[0]:
            yield self.finding("has no id", file=subject.path, feature=subject.feature(position))
        for position in (ids.duplicated() & ids.notna()).to_numpy().nonzero()[0]:
            yield self.finding("the id is given twice", file=subject.path, feature=subject.feature(position))


class Required(LayerRule):
    """The properties that every layer has, and those the layer's record asks for, are there; `null` is a value."""

    code = "CM402"
    hint = "A property that is unknown is null on every feature, never left out."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        for column in ["accuracy_m", "sources", *subject.record.required]:
            if column not in subject.frame.columns:
                yield self.finding(f"features have no property {column!r}", file=subject.path)
        for column, position in subject.frame.attrs.get("left_out", []):
            yield self.finding(f"leaves out {column!r}, which other features have", file=subject.path, feature=subject.feature(position))


class Types(LayerRule):
    """A property has one scalar type throughout its layer; lengths and accuracies are numbers, and not negative."""

    code = "CM403"

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        for column in subject.frame.columns.drop("geometry"):
            values = subject.frame[column]
            known = values[values.notna()]
            if known.empty:
                continue
            wanted = NUMBER if column.endswith(("_km", "_m")) else FIXED_TYPES.get(column, kind_of(known.iloc[0]))
            kinds = known.map(kind_of)
            for index in known.index[kinds != wanted]:
                yield self.finding(f"{column} is a {kinds[index]}, not a {wanted}", file=subject.path, feature=subject.feature(int(index)))
            if wanted == NUMBER and column.endswith(("_km", "_m")):
                for index in known.index[(kinds == NUMBER) & (known.where(kinds == NUMBER, 0).astype(float) < 0)]:
                    yield self.finding(f"{column} is negative", file=subject.path, feature=subject.feature(int(index)))


class Languages(LayerRule):
    """Every feature has its name in every language of the atlas; another text that exists in one language exists in all."""

    code = "CM404"

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        languages = subject.atlas.languages
        frame = subject.frame
        stems = {column.rpartition("_")[0] for column in frame.columns if column.rpartition("_")[2] in languages} | {"name"}
        for stem in sorted(stems - {""}):
            columns = [f"{stem}_{lang}" for lang in languages]
            missing = [column for column in columns if column not in frame.columns]
            for column in missing:
                yield self.finding(f"features have no property {column!r}", file=subject.path)
            if missing:
                continue
            empty = frame[columns].isna() | (frame[columns] == "")
            wanted = ~empty.all(axis=1) | (stem == "name")
            for position in (empty.any(axis=1) & wanted).to_numpy().nonzero()[0]:
                lacking = ", ".join(column for column in columns if empty[column].iloc[position])
                yield self.finding(f"{lacking} is missing", file=subject.path, feature=subject.feature(position))


class Sourced(LayerRule):
    """Every feature names its sources, and one that has a position states its accuracy in metres, which is more than nothing."""

    code = "CM405"
    hint = "No coordinate without a source and an accuracy class."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        frame = subject.frame
        if not {"accuracy_m", "sources"} <= set(frame.columns):
            return
        unsourced = frame["sources"].isna() | (frame["sources"] == "")
        for position in unsourced.to_numpy().nonzero()[0]:
            yield self.finding("names no source", file=subject.path, feature=subject.feature(position))
        vague = ~frame.geometry.isna() & ~frame["accuracy_m"].map(lambda value: isinstance(value, int | float) and value > 0)
        for position in vague.to_numpy().nonzero()[0]:
            yield self.finding("has a position but no accuracy_m", file=subject.path, feature=subject.feature(position))


class Vocabulary(LayerRule):
    """Modes, states and kinds are words the atlas knows, and the property a layer is styled by has only values its style names."""

    code = "CM406"
    hint = "Mend the value, or add it to the layer's [layers.style.values] in atlas.toml."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        style = subject.record.style
        known = {"mode": set(get_args(Mode)), "status": set(get_args(Status)), "length_published_kind": set(get_args(LengthKind))}
        if style.by is not None and style.values:
            known[style.by] = set(style.values)
        for column, words in known.items():
            if column not in subject.frame.columns:
                continue
            values = subject.frame[column]
            for position in (values.notna() & ~values.isin(words)).to_numpy().nonzero()[0]:
                message = f"{column} is {values.iloc[position]!r}, not one of {', '.join(sorted(words))}"
                yield self.finding(message, file=subject.path, feature=subject.feature(position))


class Lists(LayerRule):
    """A list is one text, its items joined by a semicolon and a blank, none of them empty or given twice; corridors and routes exist."""

    code = "CM407"
    hint = "Write lists as `a; b`."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        for column in ("sources", "corridors", "routes", "names_alt"):
            if column not in subject.frame.columns:
                continue
            for position, value in enumerate(subject.frame[column]):
                for wrong in self._wrong(subject, column, value):
                    yield self.finding(f"{column}: {wrong}", file=subject.path, feature=subject.feature(position))

    def _wrong(self, subject: LayerSubject, column: str, value: object) -> Iterator[str]:
        if not isinstance(value, str) or not value:
            return
        items = value.split("; ")
        if any(not item or item != item.strip() or ";" in item for item in items):
            yield f"is no list: {value!r}"
        elif len(set(items)) < len(items):
            yield f"names {next(item for item in items if items.count(item) > 1)!r} twice"
        elif column in {"corridors", "routes"}:
            yield from (f"names no itinerary: {item!r}" for item in items if item not in subject.atlas.itineraries)


class Dates(LayerRule):
    """A date is a day, a month or a year as ISO 8601 has them, and exists."""

    code = "CM408"
    hint = "Write dates as 2026-11-22, months as 2026-11, years as 2026."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        for column in (name for name in subject.frame.columns if name == "date" or str(name).endswith("_date")):
            for position, value in enumerate(subject.frame[column]):
                if value is None or (re.fullmatch(r"\d{4}(-\d{2}){0,2}", str(value)) and may_be_date(str(value))):
                    continue
                yield self.finding(f"{column} is no date: {value!r}", file=subject.path, feature=subject.feature(position))


class Addresses(LayerRule):
    """An address of the web begins with http:// or https://."""

    code = "CM409"

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        for column in (name for name in subject.frame.columns if name == "url" or str(name).endswith("_url")):
            for position, value in enumerate(subject.frame[column]):
                if value is not None and not is_web_address(str(value)):
                    yield self.finding(f"{column} is no http(s) address: {value!r}", file=subject.path, feature=subject.feature(position))
