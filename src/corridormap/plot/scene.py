"""All that the parts of one map share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corridormap.plot.words import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer, Text
    from corridormap.plot.canvas import Canvas, Projection
    from corridormap.plot.words import Words


@dataclass(frozen=True)
class Scene:
    """One map in the making: what is drawn, where, and in which language."""

    atlas: Atlas
    lang: str
    words: Words
    records: Sequence[Layer]
    frames: Mapping[str, GeoDataFrame]
    backdrop: Mapping[str, Sequence[GeoDataFrame]]
    canvas: Canvas
    projection: Projection

    def text(self, text: Text) -> str:
        """A text of the atlas in the map's language."""
        return clean(self.atlas.text(text, self.lang))

    def name(self, row: Mapping[str, Any], key: str = "name") -> str:
        """A feature's name in the map's language, else in the atlas's first."""
        return clean(row.get(f"{key}_{self.lang}")) or clean(row.get(f"{key}_{self.atlas.languages[0]}"))

    def located(self, layer: str) -> GeoDataFrame:
        """The features of a layer whose position is known."""
        frame = self.frames[layer]
        return frame[~(frame.geometry.isna() | frame.geometry.is_empty)]
