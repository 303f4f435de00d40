"""The background of a project: what the atlas's backdrop becomes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corridormap.cartography.labels import languages_of_towns
from corridormap.export.bundle import LONLAT
from corridormap.export.qgis.qxml import constants, quoted
from corridormap.export.qgis.told import towns_told
from corridormap.words import say

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from corridormap.export.bundle import Bundle

ORDER = ("label", "town", "outline", "boundary", "water", "river", "country", "land")
"""The background's kinds, topmost first."""


@dataclass(frozen=True)
class Ground:
    """One layer of the background, called by its name in files and by its title to readers."""

    name: str
    title: str
    kind: str
    """One of `ORDER`; outline is a country's once more, as its boundary."""
    frame: GeoDataFrame
    labels: str | None
    """What names a feature, as a QGIS expression."""
    seen: str | None
    """Whether a town is drawn and named at the scale of the map, as a QGIS expression."""
    path: str
    """The atlas's file of it."""

    @property
    def wkb(self) -> str:
        """The features' geometry type: the multiple one if any of them is."""
        kinds = sorted(set(self.frame.geom_type), key=len)
        return str(kinds[-1])


def outline(ground: Ground, *, lang: str) -> Ground:
    """Give a country's area once more, as its boundary."""
    return replace(ground, name=f"{ground.name}_outline", title=say("gis.country_line", lang=lang), kind="outline")


def grounds_of(bundle: Bundle) -> list[Ground]:
    """Give the layers of the background, topmost first."""
    atlas, lang = bundle.atlas, bundle.lang
    made = []
    for record in sorted(atlas.record.backdrop, key=lambda item: ORDER.index(item.kind)):
        frame = atlas.facts(record.path)
        columns = [quoted(column) for code in languages_of_towns(atlas.languages, lang) if (column := f"name_{code}") in frame.columns]
        labels = f"coalesce({', '.join(columns)})" if columns else None
        seen = None
        if record.kind == "town":
            spelt, seen = towns_told(atlas, frame, lang)
            labels = labels and constants("id", spelt, otherwise=labels)
        made.append(
            Ground(
                name=f"backdrop_{record.id}".replace("-", "_"),
                title=atlas.text(atlas.record.country_name, lang) if record.kind == "country" else say(f"gis.{record.kind}", lang=lang),
                kind=record.kind,
                frame=frame if bundle.crs == LONLAT else frame.to_crs(bundle.crs),
                labels=labels,
                seen=seen,
                path=record.path,
            )
        )
    return made
