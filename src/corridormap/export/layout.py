"""Print layouts, A4 and A3: title, map, legend, scale bar, sources; what does not change is in ``templates/layout.qpt``."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from corridormap.antimeridian import continuous
from corridormap.cartography.offsets import lanes
from corridormap.cartography.symbols import TABLE
from corridormap.export.contents import shown_at_first
from corridormap.export.qxml import add, fill, identifier, option, template
from corridormap.export.symbols import fill_symbol, plain_line
from corridormap.words import distance, say

if TYPE_CHECKING:
    from pyproj import CRS

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.contents import Contents

__all__ = ["layouts", "view"]

PAGES = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
INK = "#1d2327"
WRAP = "|"
MARGIN_MM = 10.0
COLUMN_MM = 74.0
"""Width of the legend's column on A4."""
LEGEND_POINTS = {"title": 10.0, "group": 8.0, "subgroup": 7.5, "symbol": 7.0, "symbolLabel": 6.6}
"""The legend's kinds of text → size on A4."""


def layouts(parent: Element, contents: Contents, crs: CRS) -> None:
    """Append a print layout for each size of paper; lengths grow with it from those of A4, and type less."""
    for size, (width, height) in PAGES.items():
        parent.append(_layout(contents, crs, size, width, height))


def _layout(contents: Contents, crs: CRS, size: str, width: float, height: float) -> Element:
    bundle = contents.bundle
    atlas, lang = bundle.atlas, bundle.lang
    type_grows = (width / PAGES["A4"][0]) ** 0.5
    column = COLUMN_MM * width / PAGES["A4"][0]
    head, foot, bar = 14.0 * type_grows, 13.0 * type_grows, 8 * type_grows
    inner, top = width - 2 * MARGIN_MM, MARGIN_MM + head
    map_width, map_height = inner - column - 4, height - top - MARGIN_MM - foot
    beside, below = MARGIN_MM + map_width + 4, top + map_height
    boxes = {
        "page": (0, 0, width, height),
        "map": (MARGIN_MM, top, map_width, map_height),
        "title": (MARGIN_MM, MARGIN_MM, inner, head - 2),
        "legend": (beside, top, column, map_height),
        "scale bar": (beside - 1, below - bar, 60, bar),
        "sources": (MARGIN_MM, below + 2, inner, foot - 2),
    }

    def font(points: float, *, bold: bool = False) -> str:
        return f"Sans Serif,{points * type_grows:.1f},-1,5,{75 if bold else 50},0,0,0,0,0"

    made = template("layout.qpt")
    made.set("name", size)
    items = {str(item.get("id")): item for item in made.iter("LayoutItem")}
    for name, item in items.items():
        x, y, wide, high = (f"{length:g}" for length in boxes[name])
        uuid = identifier([atlas.record.id, size, name])
        fill(item, uuid=uuid, templateUuid=uuid, position=f"{x},{y},mm", positionOnPage=f"{x},{y},mm", size=f"{wide},{high},mm")
    the_map, legend, bar_item = items["map"], items["legend"], items["scale bar"]
    red, green, blue = bytes.fromhex(TABLE.grounds["sea"][1:])
    fill(the_map, "BackgroundColor", red=red, green=green, blue=blue)
    fill(the_map, "Extent", **view(bundle, crs, aspect=map_width / map_height))
    for name, text, points in (("title", atlas.text(atlas.record.title, lang), 20), ("sources", _sources(bundle), 6.5)):
        # A label may hold expressions between [% and %]; a text has none.
        fill(items[name], labelText=text.replace("[%", "[ %"))
        fill(items[name], "LabelFont", description=font(points, bold=name == "title"))
    fill(bar_item, mapUuid=the_map.get("uuid"), unitLabel=say("kilometres", lang=lang), height=f"{1.8 * type_grows:.2f}")
    fill(bar_item, "text-style", fontSize=f"{7 * type_grows:.1f}")
    for tag in ("lineSymbol", "divisionLineSymbol", "subdivisionLineSymbol"):
        plain_line(fill(bar_item, tag), "", INK, 0.6)
    fill_symbol(fill(bar_item, "fillSymbol1"), "", INK, None)
    fill_symbol(fill(bar_item, "fillSymbol2"), "", "#ffffff", None)
    fill(legend, map_uuid=the_map.get("uuid"), title=say("legend", lang=lang).replace("[%", "[ %"))
    fill(legend, symbolWidth=f"{6.5 * type_grows:.2f}", symbolHeight=f"{2.4 * type_grows:.2f}")
    for name, points in LEGEND_POINTS.items():
        fill(legend, f"styles/style[@name='{name}']/styleFont", description=font(points, bold=not name.startswith("symbol")))
    for position, layer in enumerate(filter(shown_at_first, bundle.layers)):
        fill(legend, "layer-tree-group").insert(position, _legend_layer(contents, layer))
    return made


def _legend_layer(contents: Contents, layer: ExportLayer) -> Element:
    leaf = Element("layer-tree-layer")
    fill(
        leaf,
        id=contents.layer_id(layer.id),
        name=layer.title(),
        providerKey="ogr",
        source=contents.places[layer.id],
        checked="Qt::Checked",
        expanded=1,
    )
    labels = {"legend/title-label": _wrapped(layer.title(), 46)}
    labels |= {f"legend/label-{index}": _wrapped(label, 50) for index, label in enumerate(layer.categories().values())}
    option(add(leaf, "customproperties"), labels)
    return leaf


def _wrapped(text: str, width: int) -> str:
    return WRAP.join(textwrap.wrap(text.replace(WRAP, "/").replace("[%", "[ %"), width))


def _sources(bundle: Bundle) -> str:
    record, lang = bundle.atlas.record, bundle.lang
    limits = [layer.record.style.dash_over_m for layer in bundle.layers if layer.record.style.dash_over_m is not None]
    parts = [say("dashed", lang=lang, distance=distance(min(limits), lang=lang)) + "."] if limits else []
    if any(lanes(bundle.atlas).get(name) for layer in bundle.layers for name in layer.frame["id"]):
        parts.append(say("gis.beside", lang=lang))
    parts.append(say("measured", lang=lang) + ".")
    parts.append(f"{say('labels.sources', lang=lang)}: {bundle.atlas.text(record.attribution, lang)}.")
    named = dict.fromkeys(source.publisher for layer in bundle.layers for source in layer.sources if source.id in layer.record.sources)
    parts.append("; ".join(name for name in named if not name.startswith("©")) + ".")
    parts.append(say("gis.licence", lang=lang, licence=", ".join(sorted({layer.record.licence for layer in bundle.layers}))) + ".")
    return " ".join(parts)


def view(bundle: Bundle, crs: CRS, *, aspect: float | None = None) -> dict[str, int]:
    """Give the atlas's view in the project's CRS, grown to the shape of a map's frame if it has one."""
    from pyproj import Transformer

    west, south, east, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform_bounds(
        *continuous(bundle.atlas.record.view)
    )
    width, height = east - west, north - south
    if aspect is not None:
        width, height = max(width, height * aspect), max(height, width / aspect)
    x, y = (west + east) / 2, (south + north) / 2
    return {"xmin": round(x - width / 2), "ymin": round(y - height / 2), "xmax": round(x + width / 2), "ymax": round(y + height / 2)}
