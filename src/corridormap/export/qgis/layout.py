"""Sheets of the whole atlas, A4 and A3: title, map with a grid, legend beside or below it, scale, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.cartography.offsets import lanes
from corridormap.export.qgis.contents import checked_at_first
from corridormap.export.qgis.planes import plane, view
from corridormap.export.qgis.sheet import LABEL_LETTERS, MARGIN_MM, PAGES, TITLE_LETTERS, Box, Sheet, foot, no_expressions, wrapped
from corridormap.words import distance, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.qgis.contents import Contents

__all__ = ["overviews", "sources"]

GAP_MM = 3.0
HEAD_MM, FOOT_MM, SOURCES_MM = 8.5, 8.0, 8.0
"""Heights of title, scale and sources on A4."""
COLUMN_MM = 67.0
"""Width of a legend's column on A4."""
ROW_MM, LAYER_MM, TITLE_MM = 3.55, 6.2, 7.0
"""Heights of a legend's row, of a layer's title and of its own, on A4."""
UNEVEN = 1.15
"""How much higher the highest column of a legend is than all would be if they were even."""


def overviews(contents: Contents, *, layers: Sequence[str]) -> Iterator[Element]:
    """Give a print layout for each size of paper; lengths grow with it from those of A4, and type less.

    The layers of its map, topmost first, are named by their ids within the project.
    """
    for size in PAGES:
        yield _overview(contents, size, layers=layers)


def _overview(contents: Contents, size: str, *, layers: Sequence[str]) -> Element:
    bundle, sheet = contents.bundle, Sheet.of(contents, size, size=size)
    told = list(filter(checked_at_first, bundle.layers))
    width, height = PAGES[size]
    grow, inner = sheet.grow, width - 2 * MARGIN_MM
    top = MARGIN_MM + HEAD_MM * grow
    low = height - MARGIN_MM - SOURCES_MM * grow
    column = COLUMN_MM * grow
    columns = int((inner + GAP_MM) // (column + GAP_MM))
    lines = [_lines(layer) for layer in told]
    beside: Box = (MARGIN_MM, top, inner - column - GAP_MM, low - top - FOOT_MM * grow)
    high = sum(lines) / columns * UNEVEN * grow
    below: Box = (MARGIN_MM, top, inner, low - top - FOOT_MM * grow - high)
    tall = (TITLE_MM + sum(lines)) * grow > beside[3] + FOOT_MM * grow
    seen = view(bundle.atlas, plane(bundle.atlas))
    wide, deep = seen["xmax"] - seen["xmin"], seen["ymax"] - seen["ymin"]

    def metres_per_mm(box: Box) -> float:
        return max(wide / box[2], deep / box[3])

    # Whichever leaves the map larger; a legend too tall to stand beside it lies below.
    frame = below if tall or metres_per_mm(below) < metres_per_mm(beside) else beside
    under = frame[1] + frame[3]

    title = no_expressions(bundle.atlas.text(bundle.atlas.record.title, bundle.lang))
    sheet.label("title", title, (MARGIN_MM, MARGIN_MM, inner, HEAD_MM * grow - 1), points=16, bold=True)
    the_map = sheet.map("map", frame, layers=layers)
    foot(sheet, of=the_map, top=under + 1, metres_per_mm=metres_per_mm(frame))
    if frame is beside:
        sheet.legend("legend", (MARGIN_MM + frame[2] + GAP_MM, top, column, low - top), told, of=the_map)
    else:
        sheet.legend("legend", (MARGIN_MM, under + FOOT_MM * grow, inner, high), told, of=the_map, columns=columns, title=False)
    sheet.label("sources", no_expressions(sources(bundle)), (MARGIN_MM, low + 1, inner, SOURCES_MM * grow - 1), points=6)
    return sheet.root


def _lines(layer: ExportLayer) -> float:
    """Estimate the height of a layer in a legend, in millimetres on A4."""
    rows = [wrapped(text, LABEL_LETTERS).count("|") + 1 for text in layer.categories().values()]
    return LAYER_MM * (wrapped(layer.title(), TITLE_LETTERS).count("|") + 1) + ROW_MM * sum(rows)


def sources(bundle: Bundle) -> str:
    """Say how lines are drawn, how they were measured, whose the data are and how they may be used."""
    record, lang = bundle.atlas.record, bundle.lang
    limits = [layer.record.style.dash_over_m for layer in bundle.layers if layer.record.style.dash_over_m is not None]
    parts = [say("dashed", lang=lang, distance=distance(min(limits), lang=lang)) + "."] if limits else []
    if any(lanes(bundle.atlas).get(name) for layer in bundle.layers for name in layer.frame["id"]):
        parts.append(say("gis.beside", lang=lang))
    parts.append(say("measured", lang=lang) + ".")
    parts.append(f"{say('labels.sources', lang=lang)}: {bundle.atlas.text(record.attribution, lang)}.")
    named = dict.fromkeys(source.publisher for layer in bundle.layers for source in layer.sources if source.id in layer.record.sources)
    others = "; ".join(name for name in named if not name.startswith("©"))
    parts += [f"{others}."] if others else []
    parts.append(say("gis.licence", lang=lang, licence=", ".join(sorted({layer.record.licence for layer in bundle.layers}))) + ".")
    return " ".join(parts)
