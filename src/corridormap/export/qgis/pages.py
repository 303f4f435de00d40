"""A sheet for each itinerary: QGIS's atlas turns one layout into a page a feature, with its map, figures and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.cartography.labels import called_in
from corridormap.export.qgis.captions import display_expression, figures, in_template, source_titles, titled
from corridormap.export.qgis.qxml import fill, literal, quoted
from corridormap.export.qgis.sheet import BAR_MM, LINE, MARGIN_MM, PAGES, Sheet, no_expressions, scale_line
from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import ExportLayer
    from corridormap.export.qgis.contents import Contents

SIZE = "A4"
COLUMN_MM, GAP_MM, HEAD_MM, FOOT_MM = 80.0, 4.0, 21.0, 15.0
TEXT_MM = 104.0


def pages(contents: Contents, layer: ExportLayer, *, layers: Sequence[str], key: Sequence[str]) -> Element:
    """Give the layout of a layer of itineraries, a page each.

    The layers of its map and of its key map, topmost first, are named by their ids within the project.
    """
    bundle, lang = contents.bundle, layer.lang
    sheet = Sheet.of(contents, say("gis.pages", lang=lang, title=layer.title()), size=SIZE)
    width, height = PAGES[SIZE]
    inner, top = width - 2 * MARGIN_MM, MARGIN_MM + HEAD_MM
    low = height - MARGIN_MM - FOOT_MM
    beside = MARGIN_MM + inner - COLUMN_MM
    longest = len("10. ") + max(map(len, called_in(bundle.atlas, layer.frame, lang)), default=0)
    sheet.title(display_expression(layer), (MARGIN_MM, MARGIN_MM, inner, 8.5), longest=longest)
    if f"route_{lang}" in layer.columns:
        route = in_template(f"coalesce({quoted(f'route_{lang}')}, '')")
        sheet.label("route", route, (MARGIN_MM, MARGIN_MM + 9, inner, HEAD_MM - 10), points=7.5)
    the_map = sheet.map("map", (MARGIN_MM, top, inner - COLUMN_MM - GAP_MM, low - top), layers=layers, fixed=False)
    fill(the_map, "AtlasMap", atlasDriven=1)
    sheet.scale_bar("scale bar", (MARGIN_MM - 1, low + 3, BAR_MM, 8), of=the_map)
    sheet.label("scale", scale_line(sheet, of=the_map), (MARGIN_MM + BAR_MM, low + 4.5, inner - BAR_MM, 7), points=6.5)

    # Its route stands below the title.
    told = [(label, text) for label, text in figures(layer, sourced=True) if text != quoted(f"route_{lang}")]
    rows = " || ".join(f"coalesce({literal(f'{label}: ')} || {text} || {LINE}, '')" for label, text in told)
    if "sources" in layer.columns:
        head = literal(f"{say('labels.sources', lang=lang)}:")
        rows += f" || {LINE} || {head} || {LINE} || {titled('sources', source_titles(layer), between=LINE)}"
    sheet.label("figures", in_template(rows), (beside, top, COLUMN_MM, TEXT_MM), points=7)
    where_top = top + TEXT_MM + 2
    where = sheet.map("where", (beside, where_top, COLUMN_MM, low - where_top), layers=key, grid=False)
    sheet.frame_on(where, of=the_map)
    licence = say("gis.licence", lang=lang, licence=layer.record.licence)
    credit = f"{bundle.atlas.text(bundle.atlas.record.attribution, lang)}. {licence}."
    sheet.label("credit", no_expressions(credit), (MARGIN_MM, height - MARGIN_MM - 4, inner, 4), points=6)
    fill(
        sheet.root,
        "Atlas",
        enabled=1,
        coverageLayer=contents.layer_id(layer.id),
        coverageLayerName=layer.title(),
        coverageLayerProvider="ogr",
        coverageLayerSource=contents.places[layer.id],
        pageNameExpression=display_expression(layer),
        filenamePattern=f"replace({quoted('id')}, ':', '-')",
        sortFeatures=int("number" in layer.columns),
        sortKey=quoted("number") if "number" in layer.columns else "",
        sortAscending=1,
    )
    return sheet.root
