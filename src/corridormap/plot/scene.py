"""All that the parts of one map share: what is drawn, on which page, in which projection and language."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.antimeridian import carried_frame, continuous, unwrapped, wrapped
from corridormap.errors import UsageError
from corridormap.projection import from_degrees
from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Layer, Text
    from corridormap.plot.canvas import Box, Canvas, Points


BENDS = 0.25
"""Points: smaller bends are left out."""


def mercator(view: Box) -> str:
    """Give the page's own projection, about the middle of a view that reaches beyond 180°: PROJ brings longitudes within ±180 of that."""
    west, _, east, _ = continuous(view)
    return f"+proj=webmerc +datum=WGS84 +lon_0={wrapped((west + east) / 2)}" if east > 180 else "EPSG:3857"


class Projection:
    """From lon/lat to points on the page, by way of the atlas's planar CRS; the view, in degrees, is what must be seen."""

    def __init__(self, crs: str, view: Box) -> None:
        self._transformer = from_degrees(crs)
        self._view = continuous(view)
        edge = shapely.segmentize(shapely.box(*self._view).exterior, 0.5)
        self._metres = np.array(shapely.transform(edge, self._to_metres).bounds)
        east, north = (self._metres[:2] + self._metres[2:]) / 2
        middle = self._transformer.transform(east, north, direction="INVERSE")
        if not np.isfinite(middle).all():
            hint = "Ask for a smaller one, as west,south,east,north; a west above the east is across 180°."
            raise UsageError(f"no such view: its middle is no place on Earth in {crs}", hint=hint)
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

    def range_in(self, frame: Box) -> tuple[Points, Points]:
        """Give the least and the greatest lon/lat in a frame, also where a pole lies in it; longitudes go on beyond 180°."""
        edge = shapely.segmentize(shapely.box(*frame).exterior, 20)
        lonlat = self.to_degrees(shapely.get_coordinates(edge))
        middle = (self._view[0] + self._view[2]) / 2
        lonlat = unwrapped(lonlat[np.isfinite(lonlat).all(axis=1)], about=middle)
        for pole in (-90.0, 90.0):
            if shapely.box(*frame).contains(shapely.Point(self.to_page(np.array([(middle, pole)])))):
                lonlat = np.vstack([lonlat, [(middle - 180.0, pole), (middle + 180.0, pole)]])
        return lonlat.min(axis=0), lonlat.max(axis=0)

    def shape(self, geometry: Any, frame: Box, *, margin: float = 12) -> Any:
        """Project a geometry, leave out bends too small to print, and cut it a little outside the frame."""
        west, south, east, north = frame
        moved = shapely.transform(shapely.segmentize(geometry, 1.0), self.to_page)
        areas = shapely.get_dimensions(moved) == 2
        moved = shapely.simplify(shapely.make_valid(moved) if areas else moved, BENDS)
        sheet = west - margin, south - margin, east + margin, north + margin
        # The quicker way fails on some areas that its box only grazes.
        return shapely.intersection(moved, shapely.box(*sheet)) if areas else shapely.clip_by_rect(moved, *sheet)


@dataclass(frozen=True)
class Scene:
    """One map in the making: what is drawn, where, and in which language; across the 180th meridian what is drawn goes on beyond it."""

    atlas: Atlas
    lang: str
    records: Sequence[Layer]
    frames: Mapping[str, GeoDataFrame]
    links: GeoDataFrame
    backdrop: Mapping[str, Sequence[GeoDataFrame]]
    canvas: Canvas
    projection: Projection

    @classmethod
    def of(cls, atlas: Atlas, *, lang: str, records: Sequence[Layer], canvas: Canvas, projection: Projection) -> Scene:
        """Gather what the layers and the backdrop hold."""
        backdrop: dict[str, list[GeoDataFrame]] = {}
        for record in atlas.record.backdrop:
            backdrop.setdefault(record.kind, []).append(carried_frame(atlas.facts(record.path), box=atlas.record.extent))
        frames = {record.id: carried_frame(atlas.layer(record.id), box=atlas.record.extent) for record in records}
        links = carried_frame(atlas.links, box=atlas.record.extent)
        return cls(atlas, lang, records, frames, links, backdrop, canvas, projection)

    def say(self, key: str, **values: str) -> str:
        """Give a text of the catalogues in the map's language."""
        return say(key, lang=self.lang, **values)

    def text(self, text: Text) -> str:
        """Give a text of the atlas in the map's language."""
        return clean(self.atlas.text(text, self.lang))

    def name(self, row: Mapping[str, Any], key: str = "name") -> str:
        """Give a feature's name in the map's language, else in the atlas's first."""
        return name_of(row, atlas=self.atlas, lang=self.lang, key=key)

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


def name_of(row: Mapping[Any, Any], *, atlas: Atlas, lang: str, key: str = "name") -> str:
    """Give a feature's name in a language, else in the atlas's first."""
    return clean(row.get(f"{key}_{lang}")) or clean(row.get(f"{key}_{atlas.languages[0]}"))


def clean(value: Any) -> str:
    """Make one line of a text, without control characters, which no format can hold; nothing at all of a missing value."""
    if not isinstance(value, str):
        return ""
    kept = "".join(char if unicodedata.category(char) not in {"Cc", "Cs", "Cn", "Co", "Cf"} else " " for char in value)
    return " ".join(kept.split())
