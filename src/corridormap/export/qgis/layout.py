"""Sheets of the whole atlas, A4 and A3: title, map with a grid, legend beside or below it, scale, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from corridormap.cartography.offsets import lanes
from corridormap.export.qgis.contents import checked_at_first
from corridormap.export.qgis.planes import plane, view
from corridormap.export.qgis.sheet import LABEL_LETTERS, MARGIN_MM, PAGES, TITLE_LETTERS, WRAP, Box, Sheet, foot, no_expressions, wrapped
from corridormap.words import distance, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.qgis.contents import Contents

__all__ = ["Block", "columns_of", "overviews", "sources"]

GAP_MM = 3.0
HEAD_MM, FOOT_MM, SOURCES_MM = 8.5, 8.0, 8.0
"""Heights of title, scale and sources on A4."""
COLUMN_MM = 67.0
"""Width of a legend's column on A4."""
ROW_MM, LAYER_MM, TITLE_MM = 3.55, 6.2, 7.0
"""Heights of a legend's row, of a layer's title and of its own, on A4."""
TOGETHER = 6
"""So many rows of a layer stand in one column of a legend."""


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
    blocks = [block for layer in told for block in _blocks(layer)]
    deepest, columns = columns_of(blocks, int((inner + GAP_MM) // (column + GAP_MM)))
    beside: Box = (MARGIN_MM, top, inner - column - GAP_MM, low - top - FOOT_MM * grow)
    high = deepest * grow
    below: Box = (MARGIN_MM, top, inner, low - top - FOOT_MM * grow - high)
    tall = (TITLE_MM + sum(block.height for block in blocks)) * grow > beside[3] + FOOT_MM * grow
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


class Block(NamedTuple):
    """Rows of a legend that stand together: from which on, of which layer, and how high they are, in millimetres on A4, by estimate."""

    layer: str
    row: int
    height: float


def _blocks(layer: ExportLayer) -> list[Block]:
    """Part a layer's rows in a legend where a column may end: a short one nowhere, a long one between all but the first two."""
    rows = [ROW_MM * (wrapped(text, LABEL_LETTERS).count(WRAP) + 1) for text in layer.categories().values()]
    together = 2 if len(rows) > TOGETHER else len(rows)
    title = LAYER_MM * (wrapped(layer.title(), TITLE_LETTERS).count(WRAP) + 1)
    first = Block(layer.id, 0, title + sum(rows[:together]))
    return [first, *(Block(layer.id, row, high) for row, high in enumerate(rows[together:], start=together))]


def columns_of(blocks: Sequence[Block], most: int) -> tuple[float, list[tuple[str, int]]]:
    """Lay a legend out in at most so many columns, as even as can be: how high the highest is, and what each but the first begins with."""
    limits = sorted({sum(block.height for block in blocks[start:end]) for end in range(len(blocks) + 1) for start in range(end)})
    for limit in limits:
        begins, height = list[tuple[str, int]](), 0.0
        for block in blocks:
            if height and height + block.height > limit:
                begins.append((block.layer, block.row))
                height = 0.0
            height += block.height
        if len(begins) < most and limit >= max(block.height for block in blocks):
            return limit, begins
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
