"""Sheets of the whole atlas, A4 and A3: title with a scale bar, map with a grid, legend beside or below it, scale, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from corridormap.cartography.offsets import lanes
from corridormap.export.qgis.contents import checked_at_first
from corridormap.export.qgis.planes import plane, view
from corridormap.export.qgis.sheet import BAR_MM, MARGIN_MM, PAGES, Box, Sheet, legend_lines, no_expressions, scale_line
from corridormap.words import distance, say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.qgis.contents import Contents

GAP_MM = 3.0
HEAD_MM, SOURCES_MM = 7.8, 10.4
"""Heights of the title, and of scale and sources, on A4."""
ROW_MM, LAYER_MM, TITLE_MM = 3.15, 5.9, 7.0
"""Heights of a legend's row, of a layer's title and of its own, on A4."""
SYMBOL_MM, LETTER_MM, TITLE_LETTER_MM = 8.5, 1.3, 1.75
"""Widths in a legend on A4: of a symbol with the room about it, and of a letter of a row and of a title, those of Cyrillic."""
TOGETHER = 6
"""So many rows of a layer stand in one column of a legend."""


def overview(contents: Contents, size: str, *, layers: Sequence[str]) -> Element:
    """Give a print layout for a size of paper; lengths grow with it from those of A4, and type less.

    The layers of its map, topmost first, are named by their ids within the project.
    """
    bundle, sheet = contents.bundle, Sheet.of(contents, size, size=size)
    told = list(filter(checked_at_first, bundle.layers))
    width, height = PAGES[size]
    grow, inner = sheet.grow, width - 2 * MARGIN_MM
    top = MARGIN_MM + HEAD_MM * grow
    low = height - MARGIN_MM - SOURCES_MM * grow
    blocks = [block for layer in told for block in _blocks(layer)]
    column = max((block.width for block in blocks), default=0.0) * grow
    deepest, columns = columns_of(blocks, inner / grow)
    beside: Box = (MARGIN_MM, top, inner - column - GAP_MM, low - top)
    below: Box = (MARGIN_MM, top, inner, low - top - deepest * grow)
    tall = (TITLE_MM + sum(block.height for block in blocks)) * grow > beside[3]
    seen = view(bundle.atlas, plane(bundle.atlas))
    wide, deep = seen["xmax"] - seen["xmin"], seen["ymax"] - seen["ymin"]

    def metres_per_mm(box: Box) -> float:
        return max(wide / box[2], deep / box[3])

    # Whichever leaves the map larger; a legend too tall to stand beside it lies below.
    frame = below if tall or metres_per_mm(below) < metres_per_mm(beside) else beside
    bar = (MARGIN_MM + inner - BAR_MM * grow, MARGIN_MM, BAR_MM * grow, HEAD_MM * grow - 1)

    title = bundle.atlas.text(bundle.atlas.record.title, bundle.lang)
    sheet.title(title, (MARGIN_MM, MARGIN_MM, inner - bar[2], bar[3]))
    the_map = sheet.map("map", frame, layers=layers)
    sheet.scale_bar("scale bar", bar, of=the_map, metres_per_mm=metres_per_mm(frame), right=True)
    if frame is beside:
        sheet.legend("legend", (MARGIN_MM + frame[2] + GAP_MM, top, column, low - top), told, of=the_map)
    else:
        sheet.legend("legend", (MARGIN_MM, top + frame[3], inner, deepest * grow), told, of=the_map, columns=columns, title=False)
    texts = f"{scale_line(sheet, of=the_map)}.\n{no_expressions(sources(bundle))}"
    sheet.label("sources", texts, (MARGIN_MM, low + 1, inner, SOURCES_MM * grow - 1), points=6)
    return sheet.root


class Block(NamedTuple):
    """Rows of a legend that stand together: from which on, of which layer, and how high and wide, in millimetres on A4, by estimate."""

    layer: str
    row: int
    height: float
    width: float


def _blocks(layer: ExportLayer) -> list[Block]:
    """Part a layer's rows in a legend where a column may end: a short one nowhere, a long one between all but the first two."""
    title, rows = legend_lines(layer)
    heights = [ROW_MM * len(lines) for lines in rows]
    widths = [SYMBOL_MM + LETTER_MM * max(map(len, lines)) for lines in rows]
    together = 2 if len(rows) > TOGETHER else len(rows)
    high = LAYER_MM + ROW_MM * (len(title) - 1) + sum(heights[:together])
    wide = max([TITLE_LETTER_MM * max(map(len, title)), *widths[:together]])
    return [Block(layer.id, 0, high, wide), *(Block(layer.id, row, heights[row], widths[row]) for row in range(together, len(rows)))]


def columns_of(blocks: Sequence[Block], room: float) -> tuple[float, list[tuple[str, int]]]:
    """Lay a legend out in columns that fit a width, as low as can be: how high the highest is, and what each but the first begins with.

    One that fits in no way stands in one column.
    """
    limits = sorted({sum(block.height for block in blocks[start:end]) for end in range(len(blocks) + 1) for start in range(end)})
    for limit in limits:
        columns = list[list[Block]]()
        for block in blocks:
            if not columns or sum(other.height for other in columns[-1]) + block.height > limit:
                columns.append([])
            columns[-1].append(block)
        fits = sum(max(block.width for block in column) for column in columns) + GAP_MM * (len(columns) - 1) <= room
        if limit == limits[-1] or (fits and limit >= max(block.height for block in blocks)):
            return limit, [(column[0].layer, column[0].row) for column in columns[1:]]
    return 0.0, []


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
