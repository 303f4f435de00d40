"""Print layouts, A4 and A3: title, map, legend, scale bar, sources."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from pyproj import Transformer

from corridormap.cartography.offsets import lanes
from corridormap.cartography.symbols import TABLE
from corridormap.export.qxml import add, identifier, options
from corridormap.export.symbols import fill_symbol, plain_line
from corridormap.words import distance, say

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from pyproj import CRS

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.tree import Tree

__all__ = ["layouts"]

PAGES = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}
PAGE, MAP, LABEL, LEGEND, SCALE_BAR = 65638, 65639, 65641, 65642, 65646
"""QGIS's numbers for the kinds of items."""
FONT = "Sans Serif"
INK = "#1d2327"
WRAP = "|"
COLUMN_MM = 74.0
"""Width of the legend's column on A4."""


def layouts(parent: Element, tree: Tree, crs: CRS) -> None:
    """Append a print layout for each size of paper."""
    for size, (width, height) in PAGES.items():
        _Sheet(tree, crs, size, width, height).write(parent)


class _Sheet:
    """One page; lengths grow with it from those of A4."""

    def __init__(self, tree: Tree, crs: CRS, size: str, width: float, height: float) -> None:
        self.tree, self.crs, self.size, self.width, self.height = tree, crs, size, width, height
        self.grow = width / PAGES["A4"][0]
        self.text = self.grow**0.5
        """Type grows less than the page."""

    def write(self, parent: Element) -> None:
        bundle, margin = self.tree.bundle, 10.0
        lang, record = bundle.lang, bundle.atlas.record
        layout = add(parent, "Layout", name=self.size, units="mm", printResolution=300, worldFileMap="")
        add(layout, "Snapper", snapToItems=1, snapToGuides=1, snapToGrid=0, tolerance=5)
        add(layout, "Grid", resolution=10, offsetX=0, offsetY=0, resUnits="mm", offsetUnits="mm")
        pages = add(layout, "PageCollection")
        fill_symbol(pages, "", "#ffffff", None)
        self._item(pages, PAGE, "page", (0, 0, self.width, self.height))
        add(pages, "GuideCollection", visible=1)
        column = COLUMN_MM * self.grow
        head, foot = 14.0 * self.text, 13.0 * self.text
        inner = self.width - 2 * margin
        top = margin + head
        box = (margin, top, inner - column - 4, self.height - top - margin - foot)
        self._map(layout, box)
        self._label(layout, "title", bundle.atlas.text(record.title, lang), (margin, margin, inner, head - 2), points=20, bold=True)
        self._legend(layout, (margin + box[2] + 4, top, column, box[3]))
        self._scale_bar(layout, (margin + box[2] + 3, top + box[3] - 8 * self.text, 60, 8 * self.text))
        self._label(layout, "sources", _sources(bundle), (margin, top + box[3] + 2, inner, foot - 2), points=6.5)
        options(add(layout, "customproperties"), {})
        add(layout, "Atlas", enabled=0, coverageLayer="", filenamePattern="", hideCoverage=0, filterFeatures=0, sortFeatures=0)

    def _uuid(self, name: str) -> str:
        return identifier([self.tree.bundle.atlas.record.id, self.size, name])

    def _item(self, parent: Element, kind: int, name: str, box: tuple[float, ...], **attributes: Any) -> Element:
        x, y, width, height = (f"{value:g}" for value in box)
        item = add(
            parent,
            "LayoutItem",
            type=kind,
            id=name,
            uuid=self._uuid(name),
            templateUuid=self._uuid(name),
            position=f"{x},{y},mm",
            positionOnPage=f"{x},{y},mm",
            size=f"{width},{height},mm",
            **{
                "background": "false",
                "blendMode": 0,
                "excludeFromExports": 0,
                "frame": "false",
                "frameJoinStyle": "miter",
                "groupUuid": "",
                "itemRotation": 0,
                "opacity": 1,
                "outlineWidthM": "0.2,mm",
                "positionLock": "false",
                "referencePoint": 0,
                "visibility": 1,
                "zValue": 0,
            }
            | attributes,
        )
        add(item, "FrameColor", red=0x9A, green=0x95, blue=0x8A, alpha=255)
        add(item, "BackgroundColor", red=255, green=255, blue=255, alpha=255)
        options(add(add(item, "LayoutObject"), "customproperties"), {})
        if kind == PAGE:
            fill_symbol(item, "", "#ffffff", None)
        return item

    def _map(self, layout: Element, box: tuple[float, ...]) -> None:
        item = self._item(
            layout,
            MAP,
            "map",
            box,
            frame="true",
            background="true",
            drawCanvasItems="true",
            followPreset="false",
            followPresetName="",
            keepLayerSet="false",
            mapRotation=0,
            mapFlags=0,
            labelMargin="0,mm",
            zValue=1,
        )
        # The sea.
        ground = item.find("BackgroundColor")
        if ground is not None:
            red, green, blue = bytes.fromhex(TABLE.grounds["sea"][1:])
            ground.attrib.update(red=str(red), green=str(green), blue=str(blue))
        add(item, "Extent", **_fitted(self.tree.bundle, self.crs, box[2] / box[3]))
        add(item, "LayerSet")
        add(item, "AtlasMap", atlasDriven=0, scalingMode=2, margin=0.1)

    def _label(self, layout: Element, name: str, text: str, box: tuple[float, ...], *, points: float, bold: bool = False) -> None:
        item = self._item(layout, LABEL, name, box, labelText=text, htmlState=0, halign=1, valign=32, marginX=0, marginY=0, zValue=3)
        # A label may hold expressions between [% and %]; a text has none.
        item.set("labelText", item.attrib["labelText"].replace("[%", "[ %"))
        add(item, "LabelFont", description=self._font(points, bold=bold), style="")
        add(item, "FontColor", red=0x1D, green=0x23, blue=0x27, alpha=255)

    def _font(self, points: float, *, bold: bool = False) -> str:
        return f"{FONT},{points * self.text:.1f},-1,5,{75 if bold else 50},0,0,0,0,0"

    def _scale_bar(self, layout: Element, box: tuple[float, ...]) -> None:
        item = self._item(
            layout,
            SCALE_BAR,
            "scale bar",
            box,
            mapUuid=self._uuid("map"),
            style="Single Box",
            unitType="km",
            unitLabel=say("kilometres", lang=self.tree.bundle.lang),
            numMapUnitsPerScaleBarUnit=1,
            numUnitsPerSegment=250,
            numSegments=2,
            numSegmentsLeft=0,
            numSubdivisions=1,
            subdivisionsHeight=1.5,
            segmentSizeMode=0,
            segmentMillimeters=16,
            minBarWidth=40,
            maxBarWidth=120,
            height=f"{1.8 * self.text:.2f}",
            labelBarSpace=1,
            boxContentSpace=1,
            alignment=0,
            labelHorizontalPlacement=0,
            labelVerticalPlacement=0,
            outlineWidth=0.15,
            lineJoinStyle="miter",
            lineCapStyle="square",
            zValue=4,
        )
        add(
            item,
            "text-style",
            fontFamily=FONT,
            fontSize=f"{7 * self.text:.1f}",
            fontSizeUnit="Point",
            fontWeight=50,
            textColor="29,35,39,255",
        )
        number = add(item, "numericFormat", id="basic")
        options(
            number, {"decimals": 0, "rounding_type": 0, "show_plus": False, "show_thousand_separator": True, "show_trailing_zeros": False}
        )
        add(item, "fillColor", red=0x1D, green=0x23, blue=0x27, alpha=255)
        add(item, "fillColor2", red=255, green=255, blue=255, alpha=255)
        add(item, "strokeColor", red=0x1D, green=0x23, blue=0x27, alpha=255)
        for tag in ("lineSymbol", "divisionLineSymbol", "subdivisionLineSymbol"):
            plain_line(add(item, tag), "", INK, 0.6)
        fill_symbol(add(item, "fillSymbol1"), "", INK, None)
        fill_symbol(add(item, "fillSymbol2"), "", "#ffffff", None)

    def _legend(self, layout: Element, box: tuple[float, ...]) -> None:
        lang = self.tree.bundle.lang
        item = self._item(
            layout,
            LEGEND,
            "legend",
            box,
            map_uuid=self._uuid("map"),
            title=say("legend", lang=lang),
            titleAlignment=1,
            columnCount=1,
            splitLayer=0,
            equalColumnWidth=0,
            columnSpace=2,
            boxSpace=0,
            lineSpacing=0.4,
            symbolWidth=f"{6.5 * self.text:.2f}",
            symbolHeight=f"{2.4 * self.text:.2f}",
            symbolAlignment=1,
            minSymbolSize=0,
            maxSymbolSize=0,
            wrapChar=WRAP,
            fontColor=INK,
            resizeToContents=0,
            legendFilterByAtlas=0,
            zValue=2,
        )
        styles = add(item, "styles")
        sizes = {"title": (10.0, True), "group": (8.0, True), "subgroup": (7.5, True), "symbol": (7.0, False), "symbolLabel": (6.6, False)}
        margins: dict[str, dict[str, float]] = {
            "title": {"marginBottom": 1.5},
            "group": {"marginTop": 2},
            "subgroup": {"marginTop": 2.2, "marginBottom": 0.4},
            "symbol": {"marginTop": 1.0},
            "symbolLabel": {"marginTop": 1.0, "marginLeft": 1.5},
        }
        for name, (points, bold) in sizes.items():
            style = add(styles, "style", name=name, alignment=1, indent=0, **margins[name])
            add(style, "styleFont", description=self._font(points, bold=bold), style="")
        top = add(item, "layer-tree-group")
        shown = [layer for layer in self.tree.bundle.layers if layer.record.visible]
        for layer in shown:
            self._legend_layer(top, layer)
        add(top, "custom-order", enabled=0)

    def _legend_layer(self, parent: Element, layer: ExportLayer) -> None:
        leaf = add(
            parent,
            "layer-tree-layer",
            id=self.tree.layer_id(layer.id),
            name=layer.title(),
            providerKey="ogr",
            source=self.tree.places[layer.id].source,
            checked="Qt::Checked",
            expanded=1,
        )
        labels: dict[str, object] = {"legend/title-label": _wrapped(layer.title(), 46)}
        for index, label in enumerate(layer.categories().values()):
            labels[f"legend/label-{index}"] = _wrapped(label, 50)
        options(add(leaf, "customproperties"), labels)


def _wrapped(text: str, width: int) -> str:
    return WRAP.join(textwrap.wrap(text.replace(WRAP, "/").replace("[%", "[ %"), width))


def _sources(bundle: Bundle) -> str:
    record, lang = bundle.atlas.record, bundle.lang
    limits = [layer.record.style.dash_over_m for layer in bundle.layers if layer.record.style.dash_over_m is not None]
    parts = [say("dashed", lang=lang, distance=distance(min(limits), lang=lang)) + "."] if limits else []
    parts += (
        [say("gis.beside", lang=lang)]
        if any(lanes(bundle.atlas).get(name) for layer in bundle.layers for name in layer.frame["id"])
        else []
    )
    parts.append(say("measured", lang=lang) + ".")
    parts.append(f"{say('labels.sources', lang=lang)}: {bundle.atlas.text(record.attribution, lang)}.")
    named = list(
        dict.fromkeys(source.publisher for layer in bundle.layers for source in layer.sources if source.id in layer.record.sources)
    )
    parts.append("; ".join(name for name in named if not name.startswith("©")) + ".")
    parts.append(say("gis.licence", lang=lang, licence=", ".join(sorted({layer.record.licence for layer in bundle.layers}))) + ".")
    return " ".join(parts)


def _fitted(bundle: Bundle, crs: CRS, aspect: float) -> dict[str, int]:
    """Give the atlas's view in the project's CRS, grown to the shape of the map's frame."""
    west, south, east, north = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform_bounds(*bundle.atlas.record.view)
    width, height = max(east - west, (north - south) * aspect), max(north - south, (east - west) / aspect)
    x, y = (west + east) / 2, (south + north) / 2
    return {"xmin": round(x - width / 2), "ymin": round(y - height / 2), "xmax": round(x + width / 2), "ymax": round(y + height / 2)}
