"""What every sheet for print is put together from: items of ``templates/layout.qpt`` in their places, sized with the paper."""

from __future__ import annotations

import copy
import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyproj import CRS, Transformer

from corridormap.cartography.symbols import TABLE
from corridormap.export.qgis.captions import in_template
from corridormap.export.qgis.planes import plane, plane_name, view
from corridormap.export.qgis.qxml import add, collection, figure, fill, identifier, literal, option, spatial_ref, template
from corridormap.export.qgis.symbols import fill_symbol, plain_line
from corridormap.geodesic import METRES_PER_DEGREE
from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import ExportLayer
    from corridormap.export.qgis.contents import Contents

PAGES = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
LINE = r"'\n'"
"""The end of a line, in a QGIS expression."""
INK, GRID = "#1d2327", "#7d8a92"
WRAP = "|"
MARGIN_MM = 8.0
BAR_MM = 62.0
"""Room for the scale bar on A4."""
LEGEND_POINTS = {"title": 10.0, "group": 8.0, "subgroup": 7.2, "symbol": 6.6, "symbolLabel": 6.3}
"""The legend's kinds of text → size on A4."""
TITLE_LETTERS, LABEL_LETTERS = 26, 60
"""How many letters of a layer's title, and of a row, stand on one line of a legend."""
HALF_NAME_MM = 5.5
"""Half the width of a meridian's name, with some room."""
STEPS = (30, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Distances between the lines of a grid, in degrees."""
TITLE_POINTS, LETTER_EM = (16.0, 8.0), 0.7
"""Largest and smallest size of a title, and how wide a letter of it is: bold, and Cyrillic."""
POINT_MM = 25.4 / 72

Box = tuple[float, float, float, float]
"""Left, top, width, height, in millimetres."""


def no_expressions(text: str) -> str:
    """Give a text that QGIS takes for a text: a label may hold expressions between [% and %]."""
    return text.replace("[%", "[ %")


@dataclass(frozen=True)
class Sheet:
    """A layout under construction, on one of the `PAGES`."""

    contents: Contents
    name: str
    size: str
    parts: Element
    """The items of the template, to be copied."""
    root: Element
    """The layout itself."""

    @classmethod
    def of(cls, contents: Contents, name: str, *, size: str) -> Sheet:
        """Begin a sheet: an empty page."""
        parts, root = template("layout.qpt"), template("layout.qpt")
        for item in root.findall("LayoutItem"):
            root.remove(item)
        root.set("name", name)
        made = cls(contents, name, size, parts, root)
        made._stand(fill(root, "PageCollection/LayoutItem"), "page", (0, 0, *PAGES[size]))
        return made

    @property
    def grow(self) -> float:
        """How much larger than on A4 type and what goes with it is: less than the paper."""
        return float((PAGES[self.size][0] / PAGES["A4"][0]) ** 0.5)

    def font(self, points: float, *, bold: bool = False) -> str:
        """Describe a font of a size on A4, as Qt does."""
        return f"Sans Serif,{points * self.grow:.1f},-1,5,{75 if bold else 50},0,0,0,0,0"

    def _stand(self, item: Element, name: str, box: Box) -> str:
        x, y, wide, high = (f"{length:g}" for length in box)
        uuid = identifier([self.contents.bundle.atlas.record.id, self.name, name])
        fill(item, id=name, uuid=uuid, templateUuid=uuid, position=f"{x},{y},mm", positionOnPage=f"{x},{y},mm", size=f"{wide},{high},mm")
        return uuid

    def _item(self, kind: str, name: str, box: Box) -> Element:
        found = next(item for item in self.parts.findall("LayoutItem") if item.get("id") == kind)
        item = copy.deepcopy(found)
        self._stand(item, name, box)
        # Before the layout's own properties and its atlas, which come last.
        self.root.insert(len(self.root) - 2, item)
        return item

    def label(self, name: str, text: str, box: Box, *, points: float, bold: bool = False) -> None:
        """Add a text, which may hold expressions; see `no_expressions`."""
        item = self._item("label", name, box)
        item.set("labelText", text)
        fill(item, "LabelFont", description=self.font(points, bold=bold))

    def title(self, text: str, box: Box, *, longest: int | None = None) -> None:
        """Add a title in the largest type in which it has room, if need be on two lines; what is too long even so ends in dots.

        With the letters that it has at most, it is a QGIS expression.
        """
        largest, smallest = TITLE_POINTS
        letters = box[2] / (LETTER_EM * POINT_MM * self.grow)
        points = min(largest, max(smallest, letters / max(longest or len(text), 1)))
        # Lines end between words.
        most = int(2 * 0.9 * letters / smallest)
        if longest is None:
            shown = no_expressions(textwrap.shorten(text, most, placeholder="…"))
        else:
            line = f"replace({text}, {LINE}, ' ')"
            shown = in_template(f"if(length({line}) > {most}, left({line}, {most - 1}) || '…', {line})" if longest > most else line)
        self.label("title", shown, box, points=points, bold=True)

    def map(self, name: str, box: Box, *, layers: Sequence[str], grid: bool = True, fixed: bool = True) -> Element:
        """Add a map of layers, by their ids within the project, topmost first, in the atlas's own plane; a grid is named at its edges.

        What it shows is fixed, its grid named within, or else another from page to page, its grid named outside. The layers are named here,
        and not by a map theme, since QGIS 3.22 loses the relations of forms where a sheet follows one.
        """
        atlas, item = self.contents.bundle.atlas, self._item("map", name, box)
        red, green, blue = bytes.fromhex(TABLE.grounds["sea"][1:])
        fill(item, "BackgroundColor", red=red, green=green, blue=blue)
        for layer in layers:
            add(fill(item, "LayerSet"), "Layer", layer)
        crs = plane(atlas)
        seen = view(atlas, crs, aspect=box[2] / box[3])
        fill(item, "Extent", **seen)
        spatial_ref(fill(item, "crs"), crs, description=plane_name(crs, lang=self.contents.bundle.lang))
        lines = fill(item, "ComposerMapGrid", uuid=identifier([atlas.record.id, self.name, name, "degrees"]))
        if not grid:
            item.remove(lines)
            return item
        plain_line(fill(lines, "lineStyle"), "", GRID, 0.4, opacity=0.6)
        spatial_ref(lines, CRS.from_epsg(4326))
        fill(lines, "text-style", fontSize=f"{5.5 * self.grow:.1f}")
        degrees = _degrees(self.contents.bundle.lang)
        lines.set("annotationExpression", _within(crs, seen, box[2], degrees) if fixed else degrees)
        if not fixed:
            # No expression tells where lines meet in a corner: QGIS transforms only between CRS that have a code.
            fill(lines, leftAnnotationPosition=1, bottomAnnotationPosition=1, leftAnnotationDirection=1)
        # Names of the map itself keep off those of the grid.
        fill(item, labelMargin=f"{3 * self.grow:g},mm")
        # About five parallels, and as many meridians, which draw together towards the poles.
        south, north = atlas.record.view[1::2]
        cosine = max(0.1, math.cos(math.radians((south + north) / 2)))
        intervals = {
            f"dataDefinedMapGridInterval{axis}": f"coalesce(array_first(array_filter(array({', '.join(map(str, STEPS))}), "
            f"@element <= @map_extent_width / {METRES_PER_DEGREE * 5 * per:.0f})), {STEPS[-1]})"
            for axis, per in (("X", cosine), ("Y", 1.0))
        }
        collection(fill(lines, "LayoutObject"), "dataDefinedProperties", intervals)
        return item

    def frame_on(self, item: Element, *, of: Element) -> None:
        """Draw on a map what another one shows."""
        name = f"{item.get('id')}: {of.get('id')}"
        uuid = identifier([self.contents.bundle.atlas.record.id, self.name, name])
        drawn = {"show": 1, "position": 3, "blendMode": 0, "inverted": 0, "centered": 0}
        made = add(item, "ComposerMapOverview", name=name, uuid=uuid, frameMap=of.get("uuid"), **drawn)
        fill_symbol(made, "", "#c0392b", "#c0392b", opacity=0.15)

    def scale_bar(self, name: str, box: Box, *, of: Element, metres_per_mm: float | None = None, right: bool = False) -> None:
        """Add a scale bar of a round length: as QGIS finds it, or of 1, 2 or 5 with noughts where the map's scale is known.

        QGIS makes the box as wide as the bar: towards its left edge, or its right one.
        """
        item = self._item("scale bar", name, box)
        fill(item, mapUuid=of.get("uuid"), unitLabel=say("kilometres", lang=self.contents.bundle.lang), height=f"{1.8 * self.grow:.2f}")
        # Two segments; between these lies a number of one digit and noughts, whatever the scale.
        fill(item, minBarWidth=f"{box[2] * 0.33:g}", maxBarWidth=f"{box[2] * 0.75:g}")
        if metres_per_mm is not None:
            room = box[2] * 0.375 * metres_per_mm / 1000
            sizes = [digit * 10.0**power for power in range(-3, 5) for digit in (1, 2, 5)]
            fill(item, segmentSizeMode=0, numUnitsPerSegment=f"{max(size for size in sizes if size <= room or size == sizes[0]):g}")
        if right:
            edge = f"{box[0] + box[2]:g},{box[1]:g},mm"
            fill(item, referencePoint=2, position=edge, positionOnPage=edge)
        fill(item, "text-style", fontSize=f"{7 * self.grow:.1f}")
        for tag in ("lineSymbol", "divisionLineSymbol", "subdivisionLineSymbol"):
            plain_line(fill(item, tag), "", INK, 0.6)
        fill_symbol(fill(item, "fillSymbol1"), "", INK, None)
        fill_symbol(fill(item, "fillSymbol2"), "", "#ffffff", None)

    def legend(
        self,
        name: str,
        box: Box,
        layers: Sequence[ExportLayer],
        *,
        of: Element,
        columns: Sequence[tuple[str, int]] = (),
        title: bool = True,
    ) -> None:
        """Add a legend of layers; each column but the first begins with such a layer and row."""
        item = self._item("legend", name, box)
        lang = self.contents.bundle.lang
        fill(item, map_uuid=of.get("uuid"), title=no_expressions(say("legend", lang=lang)) if title else "")
        fill(item, symbolWidth=f"{6.5 * self.grow:.2f}", symbolHeight=f"{2.4 * self.grow:.2f}")
        # Left to itself QGIS parts rows that belong together, each version others.
        fill(item, columnCount=len(columns) + 1, splitLayer=0)
        for kind, points in LEGEND_POINTS.items():
            fill(item, f"styles/style[@name='{kind}']/styleFont", description=self.font(points, bold=not kind.startswith("symbol")))
        for layer in layers:
            leaf = add(
                fill(item, "layer-tree-group"),
                "layer-tree-layer",
                id=self.contents.layer_id(layer.id),
                name=layer.title(),
                providerKey="ogr",
                source=self.contents.places[layer.id],
                checked="Qt::Checked",
                expanded=1,
            )
            head, rows = legend_lines(layer)
            labels = {f"legend/label-{index}": WRAP.join(lines) for index, lines in enumerate(rows)}
            breaks = {f"legend/column-break-{row}" if row else "legend/column-break": "1" for name, row in columns if name == layer.id}
            option(add(leaf, "customproperties"), {"legend/title-label": WRAP.join(head), **labels, **breaks})


def _degrees(lang: str) -> str:
    """Name a line of a grid, as a QGIS expression."""
    west, east, south, north = (literal(say(f"gis.{side}", lang=lang)) for side in ("west", "east", "south", "north"))
    sides = f"if(@grid_axis = 'x', if(@grid_number < 0, {west}, {east}), if(@grid_number < 0, {south}, {north}))"
    return f"{figure('round(abs(@grid_number), 4)', lang=lang)} || {sides}"


def _within(crs: CRS, seen: Mapping[str, float], width: float, name: str) -> str:
    """Give a grid's names but for a meridian that meets the map's lower edge so near a corner that its name runs over."""
    to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    room = HALF_NAME_MM * (seen["xmax"] - seen["xmin"]) / width
    tests = []
    for x in (seen["xmin"], seen["xmax"]):
        west, east = (to_degrees.transform(x + aside, seen["ymin"])[0] for aside in (-room, room))
        tests.append(f"(@grid_number - {west:.4f} + 720) % 360 < {(east - west) % 360:.4f}")
    return f"if(@grid_axis = 'x' and ({' or '.join(tests)}), '', {name})"


def legend_lines(layer: ExportLayer) -> tuple[list[str], list[list[str]]]:
    """Give the lines of a layer's title in a legend, and of each of its rows; QGIS breaks none itself."""

    def lines(text: str, letters: int) -> list[str]:
        return textwrap.wrap(no_expressions(text.replace(WRAP, "/")), letters) or [""]

    return lines(layer.title(), TITLE_LETTERS), [lines(text, LABEL_LETTERS) for text in layer.categories().values()]


def scale_line(sheet: Sheet, *, of: Element) -> str:
    """Tell a map's scale, projection and grid and how fresh the data are, as a label's text with an expression."""
    bundle = sheet.contents.bundle
    lang, atlas = bundle.lang, bundle.atlas
    # Three digits are as many as are true.
    digits = "10 ^ (floor(log10(@scale)) - 2)"
    figures = f"format_number(round(@scale / {digits}) * {digits}, 0, {literal(lang)})"
    scale = f"[% with_variable('scale', map_get(item_variables({literal(of.get('id'))}), 'map_scale'), '1 : ' || {figures}) %]"
    texts = [
        say("gis.scale", lang=lang, scale=scale),
        no_expressions(plane_name(plane(atlas), lang=lang)),
        say("gis.grid", lang=lang),
    ]
    # Not the day of printing, which says nothing of the data; it may be a month.
    dates = [source.date for layer in bundle.layers for source in layer.sources if source.date]
    if dates:
        texts.append(no_expressions(say("gis.as_of", lang=lang, date=max(dates))))
    return " · ".join(texts)
