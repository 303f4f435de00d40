"""All that the parts of one map share: what is drawn, on which page, in which projection and language."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer, Text
    from corridormap.plot.canvas import Box, Canvas, Points


class Projection:
    """From lon/lat to points on the page, by way of the atlas's planar CRS; the view, in degrees, is what must be seen."""

    def __init__(self, crs: str, view: Box) -> None:
        from pyproj import Transformer

        self._transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
        edge = shapely.segmentize(shapely.box(*view).exterior, 0.5)
        self._metres = np.array(shapely.transform(edge, self._to_metres).bounds)
        self.points_per_metre = 0.0
        self._shift = np.zeros(2)

    def _to_metres(self, places: Points) -> Points:
        return np.column_stack(self._transformer.transform(places[:, 0], places[:, 1]))

    @property
    def bounds(self) -> Box:
        """Give the view in metres: west, south, east, north."""
        west, south, east, north = self._metres.tolist()
        return west, south, east, north

    @property
    def height_to_width(self) -> float:
        """Give how high the view is for its width."""
        west, south, east, north = self._metres
        return float((north - south) / (east - west))

    def scale_in(self, width: float, height: float) -> float:
        """Give points to a metre when the view fills a frame of this size."""
        west, south, east, north = self._metres
        return float(min(width / (east - west), height / (north - south)))

    def fit(self, frame: Box) -> None:
        """Put the view into the middle of a frame on the page."""
        west, south, east, north = frame
        self.points_per_metre = self.scale_in(east - west, north - south)
        middle = (self._metres[:2] + self._metres[2:]) / 2
        self._shift = np.array([(west + east) / 2, (south + north) / 2]) - middle * self.points_per_metre

    def to_page(self, places: Points) -> Points:
        """Project positions, shape (n, 2)."""
        return self._to_metres(places) * self.points_per_metre + self._shift

    def to_degrees(self, points: Points) -> Points:
        """Go the way back, from points on the page to lon/lat."""
        metres = (points - self._shift) / self.points_per_metre
        return np.column_stack(self._transformer.transform(metres[:, 0], metres[:, 1], direction="INVERSE"))

    def shape(self, geometry: Any, frame: Box, *, margin: float = 12, tolerance: float = 0.25) -> Any:
        """Project a geometry, leave out bends too small to print, and cut it a little outside the frame."""
        west, south, east, north = frame
        moved = shapely.transform(shapely.segmentize(geometry, 1.0), self.to_page)
        if shapely.get_dimensions(moved) == 2:
            moved = shapely.make_valid(moved)
        moved = shapely.simplify(moved, tolerance)
        return shapely.clip_by_rect(moved, west - margin, south - margin, east + margin, north + margin)


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

    @classmethod
    def of(cls, atlas: Atlas, *, lang: str, records: Sequence[Layer], canvas: Canvas, projection: Projection) -> Scene:
        """Gather what the layers and the backdrop hold."""
        backdrop: dict[str, list[GeoDataFrame]] = {}
        for record in atlas.record.backdrop:
            backdrop.setdefault(record.kind, []).append(atlas.facts(record.path))
        return cls(atlas, lang, records, {record.id: atlas.layer(record.id) for record in records}, backdrop, canvas, projection)

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
