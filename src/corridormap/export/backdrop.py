"""The background of a project: land, the country, boundaries, lakes, rivers, towns and country names, drawn as on the web map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from corridormap.cartography.labels import ABROAD, TOWNS
from corridormap.cartography.symbols import TABLE
from corridormap.export.captions import POINTS_AROUND, label_settings, scale_at
from corridormap.export.qxml import add, literal, quoted
from corridormap.export.symbols import fill_symbol, marker, plain_line
from corridormap.model import Symbol
from corridormap.words import say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.export.bundle import Bundle

__all__ = ["Ground", "backdrop_style", "grounds"]

AREAS = {"land": ("land", "shore"), "country": ("country", None), "water": ("sea", "shore")}
"""Kind → fill and outline."""
LINES = {"boundary": "boundary", "river": "shore"}
"""Kind → colour of the line."""
ORDER = ("label", "town", "boundary", "water", "river", "country", "land")
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
        land, country, water, river, boundary, town or label.
    frame : GeoDataFrame
        Its features, all of one type.
    labels : str or None
        What names a feature, as a QGIS expression.
    seen : str or None
        Whether a town is drawn and named at the scale of the map, as a QGIS expression.
    """

    name: str
    title: str
    kind: str
    frame: GeoDataFrame
    labels: str | None
    seen: str | None = None

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
        # As `labels.town_name` has it.
        before = atlas.languages[atlas.languages.index(lang) :: -1]
        columns = [quoted(column) for code in before if (column := f"name_{code}") in frame.columns]
        made.append(
            Ground(
                name=f"backdrop_{record.id}".replace("-", "_"),
                title=atlas.text(atlas.record.country_name, lang) if record.kind == "country" else say(f"gis.{record.kind}", lang=lang),
                kind=record.kind,
                frame=frame if bundle.crs == "EPSG:4326" else frame.to_crs(bundle.crs),
                labels=f"coalesce({', '.join(columns)})" if columns else None,
                seen=_seen(atlas) if record.kind == "town" else None,
            )
        )
    return made


def _seen(atlas: Atlas) -> str:
    """Tell whether a town is shown, as `labels.town_rank` has it."""
    *larger, (_, last) = TOWNS
    cases = " ".join(f"WHEN {quoted('population')} >= {people} THEN {scale_at(atlas, zoom)}" for people, zoom in larger)
    later = f"if({quoted('country')} = {literal(atlas.record.country)}, 1, 2 ^ {ABROAD:g})"
    return f"@map_scale <= CASE {cases} ELSE {scale_at(atlas, last)} END / {later}"


def backdrop_style(parent: Element, ground: Ground) -> None:
    """Append renderer and labels of a layer of the background."""
    if ground.kind == "label":
        add(parent, "renderer-v2", type="nullSymbol")
    else:
        renderer = add(parent, "renderer-v2", type="singleSymbol", symbollevels=0, enableorderby=0, forceraster=0, referencescale=-1)
        symbols = add(renderer, "symbols")
        if ground.kind in LINES:
            plain_line(symbols, "0", TABLE.grounds[LINES[ground.kind]], 1.0)
        elif ground.kind == "town":
            marker(symbols, "0", Symbol(colour=TABLE.grounds["town"], size=4.0), seen=ground.seen)
        else:
            fill, outline = AREAS[ground.kind]
            fill_symbol(symbols, "0", TABLE.grounds[fill], outline and TABLE.grounds[outline])
    if ground.kind == "label" and ground.labels:
        label_settings(
            add(parent, "labeling", type="simple"),
            expression=f"upper({ground.labels})",
            colours=None,
            size=8,
            placement=1,
            smallest=60_000_000,
            priority=2,
            ink="#7d7a72",
        )
    elif ground.kind == "town":
        label_settings(
            add(parent, "labeling", type="simple"),
            expression=f"if({ground.seen}, {ground.labels}, '')",
            colours=None,
            size=7,
            placement=POINTS_AROUND,
            smallest=60_000_000,
            priority=1,
            ink=TABLE.grounds["town"],
        )
