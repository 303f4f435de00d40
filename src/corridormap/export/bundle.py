"""What every format is written from: the chosen layers in the wanted CRS, with titles, labels and sources."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from corridormap import geojson
from corridormap.cartography.legend import value_words
from corridormap.errors import DataError, UsageError
from corridormap.export.sentence import Sentence
from corridormap.words import label, meanings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer, Source

LONLAT = "EPSG:4326"

MEASURES = ("_km", "_m")
"""Endings of properties that are decimals even where no feature has a value."""
UNWRITABLE = re.compile("[\0\ud800-\udfff]")
"""NUL, which ends a text in many formats, and halves of surrogate pairs, which are no characters."""

FieldType = Literal["text", "integer", "number", "boolean"]
TYPES: dict[str, FieldType] = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}
"""NumPy's letter for a kind of values → the type of a property."""


@dataclass(frozen=True)
class ExportLayer:
    """One layer, ready to write."""

    atlas: Atlas
    record: Layer
    frame: GeoDataFrame
    """Its features in the order they were built, in the wanted CRS; columns typed as `Atlas.layer` has it, ``geometry`` last. A feature
    whose position nobody published has no geometry."""
    lang: str
    """Language of its titles and labels."""

    @property
    def id(self) -> str:
        """The layer's id."""
        return self.record.id

    @cached_property
    def columns(self) -> list[str]:
        """The properties, ``id`` first, then as the layer's file has them; without the geometry."""
        names = [str(column) for column in self.frame.columns.drop(self.frame.geometry.name)]
        return sorted(names, key=lambda name: name != "id")

    @cached_property
    def types(self) -> dict[str, FieldType]:
        """Property → its type, as every format that has types must keep it."""
        return {column: TYPES.get(self.frame[column].dtype.kind, "text") for column in self.columns}

    @cached_property
    def unlocated(self) -> list[str]:
        """Ids of the features without a geometry."""
        return [str(name) for name in self.frame["id"][self.frame.geometry.isna()]]

    @cached_property
    def source_columns(self) -> list[str]:
        """The properties that name sources."""
        return geojson.source_columns(self.columns)

    @cached_property
    def foreign(self) -> set[str]:
        """The properties that a reader of one language does not need to see: the same texts in the others."""
        others = tuple(f"_{lang}" for lang in self.atlas.languages if lang != self.lang)
        return {column for column in self.columns if column.endswith(others)}

    @cached_property
    def sources(self) -> list[Source]:
        """The sources that the layer or one of its features names, in the order of ``sources.toml``."""
        named = set(self.record.sources)
        for column in self.source_columns:
            for value in self.frame[column].dropna().unique():
                named.update(geojson.split_list(value))
        return [source for name, source in self.atlas.sources.items() if name in named]

    def title(self) -> str:
        """Give the layer's name."""
        return self.atlas.text(self.record.name, self.lang)

    def summary(self) -> str:
        """Give what the layer holds, in a sentence."""
        return self.atlas.text(self.record.summary, self.lang)

    def aliases(self) -> dict[str, str]:
        """Property → label for readers."""
        return {column: label(column, lang=self.lang, languages=tuple(self.atlas.languages)) for column in self.columns}

    def categories(self) -> dict[str, str]:
        """Label the values of the property that the layer is styled by."""
        return {value: words[self.lang] for value, words in value_words(self.atlas, self.record, self.frame).items()}

    def meanings(self) -> dict[str, dict[str, str]]:
        """Property → value → what it means to readers, of properties whose values are codes."""
        words = {column: meanings(column, lang=self.lang) for column in self.columns}
        if self.record.style.by in words and self.record.style.by != "id":
            words[self.record.style.by] |= self.categories()
        return words

    def of_value(self, value: str | None) -> GeoDataFrame:
        """Give the features of a category, all where there is none."""
        by = self.record.style.by
        return self.frame if value is None or by not in self.frame.columns else self.frame[self.frame[by].astype(str) == value]

    def mode_of(self, value: str | None) -> str | None:
        """Give the mode of all features of a category, or of the whole layer, if it has one; of an empty one its value may say it."""
        frame = self.of_value(value)
        modes = set(frame["mode"].dropna()) if "mode" in frame.columns else set()
        return str(modes.pop()) if len(modes) == 1 else value if self.record.style.by == "mode" else None

    def located(self) -> ExportLayer:
        """Give the layer without the features that have no geometry."""
        return replace(self, frame=self.frame[self.frame.geometry.notna()])

    def typed(self) -> GeoDataFrame:
        """Give the features with texts as pandas strings, so that a column without a value is still one of texts."""
        texts = {column: "string" for column, kind in self.types.items() if kind == "text"}
        return self.frame[[*self.columns, self.frame.geometry.name]].astype(texts)

    def values(self) -> dict[str, list[Any]]:
        """Property → its values, feature by feature, as plain Python ones, null as None."""
        return {column: geojson.scalars(self.frame[column], where=f"{self.id}: {column}") for column in self.columns}

    def rows(self) -> list[dict[str, Any]]:
        """Give the properties of each feature as plain Python values, null as None."""
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*self.values().values(), strict=True)]


@dataclass(frozen=True)
class Bundle:
    """What every format is written from; `Bundle.of` makes it."""

    atlas: Atlas
    layers: list[ExportLayer]
    """In the atlas's order."""
    lang: str
    """Language of titles, labels and descriptions; the names in every language stay as properties."""
    crs: str = LONLAT
    """As it was asked for."""
    simplify: float | None = None
    """The tolerance in metres the lines were simplified with."""
    losses: list[str] = field(default_factory=list)
    """What mending and simplification cost, a sentence each."""
    notes: list[str] = field(default_factory=list)
    """How coordinates were transformed."""
    chosen: bool = False
    """Whether the layers were asked for by name."""

    @property
    def counts(self) -> dict[str, int]:
        """Layer id → number of its features."""
        return {layer.id: len(layer.frame) for layer in self.layers}

    @classmethod
    def of(
        cls,
        atlas: Atlas,
        *,
        layers: Sequence[str] | None = None,
        lang: str | None = None,
        crs: str = LONLAT,
        simplify: float | None = None,
    ) -> Bundle:
        """Gather the layers of an atlas; what may be asked of them is described with `corridormap.export.export`.

        Raises
        ------
        UsageError
            If the atlas has no such layer or language, the CRS is unknown or does not reach the layers, or the tolerance makes no sense.
        DataError
            If a layer is not built or broken.
        """
        import numpy as np
        import shapely

        from corridormap.export.shape import describe, reprojected, simplified

        language = atlas.languages[0] if lang is None else atlas.check_language(lang)
        chosen = None if layers is None else {atlas.layer_record(layer).id for layer in layers}
        if chosen is not None and not chosen:
            raise UsageError("no layer is named", hint="`corridormap layers` lists them.")
        bundle = cls(atlas, [], language, crs, simplify, chosen=chosen is not None)
        points = [np.empty((0, 2))]
        for record in atlas.layers:
            if chosen is None or record.id in chosen:
                frame = atlas.layer(record.id)
                bundle.losses.extend(_mend(frame, where=atlas.layer_path(record.id), layer=record.id))
                if simplify is not None:
                    frame, loss = simplified(frame, metres=simplify, planar_crs=atlas.planar_crs, layer=record.id)
                    bundle.losses.extend([loss] if loss else [])
                points.append(shapely.get_coordinates(frame.geometry.to_numpy()))
                bundle.layers.append(ExportLayer(atlas, record, reprojected(frame, crs, layer=record.id), language))
        if crs != LONLAT:
            bundle.notes.append(describe(crs, points=np.concatenate(points), box=atlas.record.extent))
        return bundle


def _mend(frame: GeoDataFrame, *, where: Path, layer: str) -> list[str]:
    """Make every column one that any format can hold, in place; say what that cost."""
    losses: list[str] = []
    for column in frame.columns.drop(frame.geometry.name):
        if frame[column].dtype != object:
            continue
        kinds = {kind.__name__ for kind in set(map(type, frame[column]))} - {"NoneType"}
        if kinds - {"str"}:
            raise DataError(
                f"property {column!r} holds values of several types: {', '.join(sorted(kinds))}",
                where=where,
                hint="A property has one type in the whole layer; `corridormap validate` names the features.",
            )
        if not kinds and column.endswith(MEASURES):
            frame[column] = frame[column].astype(float)
            continue
        broken = {text for text in set(frame[column]) - {None} if UNWRITABLE.search(text)}
        if broken:
            count = sum(value in broken for value in frame[column])
            frame[column] = frame[column].map(lambda value: value and UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", value))
            losses.append(Sentence("export.unwritable", layer=layer, column=column, n=str(count)))
    return losses
