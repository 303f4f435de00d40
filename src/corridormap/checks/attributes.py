"""CM4xx: properties of features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.rule import LayerRule

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
