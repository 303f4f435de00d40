"""All that the parts of one map share."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer, Text
    from corridormap.plot.canvas import Canvas, Projection


@dataclass(frozen=True)
class Scene:
    """One map in the making: what is drawn, where, and in which language."""

    atlas: Atlas
    lang: str
    records: Sequence[Layer]
    frames: Mapping[str, GeoDataFrame]
    backdrop: Mapping[str, Sequence[GeoDataFrame]]
    canvas: Canvas
    projection: Projection

    def say(self, key: str, **values: str) -> str:
        """Give a text of the catalogues in the map's language."""
        return say(key, lang=self.lang, **values)

    def text(self, text: Text) -> str:
        """Give a text of the atlas in the map's language."""
        return clean(self.atlas.text(text, self.lang))

    def name(self, row: Mapping[str, Any], key: str = "name") -> str:
        """Give a feature's name in the map's language, else in the atlas's first."""
        return clean(row.get(f"{key}_{self.lang}")) or clean(row.get(f"{key}_{self.atlas.languages[0]}"))

    @property
    def zoom(self) -> float:
        """The zoom of a web map on which a CSS pixel covers as much ground as here."""
        west, south, east, north = self.canvas.frame
        latitude = self.projection.to_degrees(np.array([((west + east) / 2, (south + north) / 2)]))[0, 1]
        metres_to_a_pixel = 0.75 * self.canvas.grow / self.projection.points_per_metre
        return float(np.log2(156_543.03 * max(np.cos(np.radians(latitude)), 0.05) / metres_to_a_pixel))

    def located(self, layer: str) -> GeoDataFrame:
        """Give the features of a layer whose position is known."""
        frame = self.frames[layer]
        return frame[~(frame.geometry.isna() | frame.geometry.is_empty)]


def clean(value: Any) -> str:
    """Make one line of a text, without control characters, which no format can hold; nothing at all of a missing value."""
    if not isinstance(value, str):
        return ""
    kept = "".join(char if unicodedata.category(char) not in {"Cc", "Cs", "Cn", "Co", "Cf"} else " " for char in value)
    return " ".join(kept.split())
