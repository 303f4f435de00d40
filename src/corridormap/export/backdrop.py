"""The background of a project: land, the country, boundaries, lakes and country names, drawn as on the web map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from corridormap.cartography.symbols import TABLE
from corridormap.export.captions import label_settings
from corridormap.export.qxml import add, quoted
from corridormap.export.symbols import fill_symbol, plain_line
from corridormap.words import say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from geopandas import GeoDataFrame

    from corridormap.export.bundle import Bundle

__all__ = ["Ground", "backdrop_style", "grounds"]

AREAS = {"land": ("land", "shore"), "country": ("country", None), "water": ("sea", "shore")}
"""Kind → fill and outline."""
ORDER = ("label", "boundary", "water", "country", "land")
"""Topmost first."""
_TYPES = {"Polygon": "Polygon", "Point": "Point", "LineString": "Line"}


@dataclass(frozen=True)
class Ground:
    """One layer of the background.

    Parameters
    ----------
    name : str
        What it is called in files.
    title : str
        What it is called to readers.
    kind : str
        land, country, water, boundary or label.
    frame : GeoDataFrame
        Its features, all of one type.
    labels : str or None
        The property that names a feature.
    """

    name: str
    title: str
    kind: str
    frame: GeoDataFrame
    labels: str | None

    @property
    def wkb(self) -> str:
        """The features' geometry type: the multiple one if any of them is."""
        kinds = sorted(set(self.frame.geom_type), key=len)
        return str(kinds[-1])

    @property
    def geometry(self) -> str:
        """QGIS's word for it."""
        return _TYPES[self.wkb.removeprefix("Multi")]


def grounds(bundle: Bundle) -> list[Ground]:
    """Give the atlas's background, topmost first, in the bundle's CRS."""
    atlas, lang = bundle.atlas, bundle.lang
    made = []
    for record in sorted(atlas.record.backdrop, key=lambda item: ORDER.index(item.kind)):
        frame = atlas.facts(record.path)
        column = f"name_{lang}"
        made.append(
            Ground(
                name=f"backdrop_{record.id}".replace("-", "_"),
                title=atlas.text(atlas.record.country_name, lang) if record.kind == "country" else say(f"gis.{record.kind}", lang=lang),
                kind=record.kind,
                frame=frame if bundle.crs == "EPSG:4326" else frame.to_crs(bundle.crs),
                labels=column if column in frame.columns else None,
            )
        )
    return made


def backdrop_style(parent: Element, ground: Ground) -> None:
    """Append renderer and labels of a layer of the background."""
    if ground.kind == "label":
        add(parent, "renderer-v2", type="nullSymbol")
    else:
        renderer = add(parent, "renderer-v2", type="singleSymbol", symbollevels=0, enableorderby=0, forceraster=0, referencescale=-1)
        symbols = add(renderer, "symbols")
        if ground.kind == "boundary":
            plain_line(symbols, "0", TABLE.grounds["boundary"], 1.0)
        else:
            fill, outline = AREAS[ground.kind]
            fill_symbol(symbols, "0", TABLE.grounds[fill], outline and TABLE.grounds[outline])
    if ground.kind == "label" and ground.labels:
        label_settings(
            add(parent, "labeling", type="simple"),
            expression=f"upper({quoted(ground.labels)})",
            colours=None,
            size=8,
            placement=1,
            smallest=60_000_000,
            priority=2,
            ink="#7d7a72",
        )
