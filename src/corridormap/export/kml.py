"""KML and KMZ: folders, colours and descriptions for Google Earth and phones.

A description's text is HTML to Google Earth, so that every property is escaped twice: once as HTML, once as XML.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.export.format import Format, Written, zipped
from corridormap.export.qxml import NOT_XML
from corridormap.extras import require
from corridormap.phrases import counted
from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.model import Symbol

__all__ = ["FORMAT", "KMZ", "document"]

ICON_PX = 32.0
"""Size of an icon at scale 1."""
ICONS = "http://maps.google.com/mapfiles/kml/shapes"
SHAPES = {"circle": "placemark_circle", "square": "placemark_square", "diamond": "open-diamond", "triangle": "triangle", "star": "star"}
"""Shape → Google Earth's own icon, white, to which the style gives its colour. A style without an icon is a yellow pin."""
OTHER = "other"
INT_MAX, EXACT_MAX = 2**31 - 1, 2**53
"""The greatest integer of the type ``int``, and the greatest up to which every one is exact as a ``double``."""


def document(bundle: Bundle, *, typed: bool) -> tuple[str, list[str]]:
    """Give the KML document and what it does not keep.

    Folders are the atlas's groups, in them the layers; each class of a layer's style is a shared style; properties travel in
    ``ExtendedData`` and as text in the description. ``typed`` gives them a schema.
    """
    require("lxml.etree", extra="export", needed_for="KML")
    fastkml = require("fastkml", extra="export", needed_for="KML")
    losses: list[str] = ["dashes and casings are not kept; points have Google Earth's icons, which it fetches from its maker"]
    record = bundle.atlas.record
    styles = [style for layer in bundle.layers for style in _styles(fastkml, layer)]
    schemata = [_schema(fastkml, layer) for layer in bundle.layers] if typed else []
    folders = []
    if typed:
        losses += [loss for layer in bundle.layers for loss in _retyped(layer)]
    for group in record.groups:
        members = [layer for layer in bundle.layers if layer.record.group == group.id]
        if members:
            inner = [_folder(fastkml, layer, losses, typed=typed) for layer in members]
            folders.append(fastkml.Folder(name=_xml(bundle.atlas.text(group.name, bundle.lang)), isopen=True, features=inner))
    whole = fastkml.Document(
        name=_xml(bundle.atlas.text(record.title, bundle.lang)),
        isopen=True,
        description=_described([bundle.atlas.text(record.description, bundle.lang), bundle.atlas.text(record.attribution, bundle.lang)]),
        styles=styles,
        schemata=schemata,
        features=folders,
    )
    text = fastkml.KML(features=[whole]).to_string(prettyprint=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text.strip()}\n', losses


def _folder(fastkml: Any, layer: ExportLayer, losses: list[str], *, typed: bool) -> Any:
    aliases = {name: alias for name, alias in layer.aliases().items() if name not in layer.foreign}
    by = layer.record.style.by
    read = _reader(layer)
    placemarks = []
    for row, shape in zip(layer.rows(), layer.frame.geometry, strict=True):
        symbol = row.get(by) if by else None
        name = symbol if symbol in layer.record.style.values else OTHER
        placemarks.append(
            fastkml.Placemark(
                name=_xml(str(row.get(f"name_{layer.lang}") or row["id"])),
                # A folder that is hidden does not hide what it holds.
                visibility=layer.record.visible,
                description=_described([f"{alias}: {read(key, row[key])}" for key, alias in aliases.items() if row[key] is not None]),
                style_url=fastkml.StyleUrl(url=f"#{_identifier(layer.id, name)}"),
                extended_data=_extended(fastkml, layer, row, typed=typed),
                # Without tessellate a line dives under the ground between distant vertices.
                kml_geometry=None if shape is None else fastkml.geometry.create_kml_geometry(shape, tessellate=True),
            )
        )
    if layer.unlocated:
        losses.append(f"{layer.id}: {counted(len(layer.unlocated), 'feature')} without a published position listed, but not drawn")
    texts = [value for row in layer.rows() for value in row.values() if isinstance(value, str)]
    empty = texts.count("")
    if empty:
        losses.append(f"{layer.id}: {counted(empty, 'empty text')} no longer told from null")
    cleaned = sum(NOT_XML.search(text) is not None for text in texts)
    if cleaned:
        losses.append(f"{layer.id}: {counted(cleaned, 'text')} with characters that XML cannot hold; each became \N{REPLACEMENT CHARACTER}")
    sources = [f"{source.title}, {source.publisher}" + (f", {source.url}" if source.url else "") for source in layer.sources]
    return fastkml.Folder(
        name=_xml(layer.title()),
        visibility=layer.record.visible,
        isopen=False,
        description=_described([layer.summary(), layer.record.licence, *sources]),
        features=placemarks,
    )


def _styles(fastkml: Any, layer: ExportLayer) -> Iterator[Any]:
    style = layer.record.style
    for name, symbol in {OTHER: style.symbol, **style.values}.items():
        # The balloon shows the description alone: without this, a name in the data may be taken for markup.
        parts = [_drawn(fastkml, symbol, point=layer.record.geometry == "Point"), fastkml.BalloonStyle(text="$[description]")]
        yield fastkml.Style(id=_identifier(layer.id, name), styles=parts)


def _drawn(fastkml: Any, symbol: Symbol, *, point: bool) -> Any:
    red, green, blue = (symbol.colour[place : place + 2] for place in (1, 3, 5))
    colour = f"ff{blue}{green}{red}"
    if point:
        scale = round(2 * (symbol.size or 8.0) / ICON_PX, 2)
        return fastkml.IconStyle(color=colour, scale=scale, icon_href=f"{ICONS}/{SHAPES[symbol.shape or 'circle']}.png")
    return fastkml.LineStyle(color=colour, width=symbol.width or 2.0)


def _schema(fastkml: Any, layer: ExportLayer) -> Any:
    from fastkml.enums import DataType

    types = {"text": DataType.string, "integer": DataType.int_, "number": DataType.double}
    aliases = layer.aliases()
    fields = [
        fastkml.SimpleField(name=_xml(name), type_=types[kind], display_name=_xml(aliases[name])) for name, kind in _types(layer).items()
    ]
    return fastkml.Schema(id=_identifier("schema", layer.id), name=layer.id, fields=fields)


def _types(layer: ExportLayer) -> dict[str, str]:
    """Property → its type in the schema, such as readers take rightly.

    No two read a ``bool`` alike (GDAL before 3.7 takes "true" for 0, togeojson any text for true), so that 1 and 0 stand for truth values.
    An ``int`` has 32 bits, so that greater ones are a ``double``, or a text where that is not exact.
    """
    types: dict[str, str] = {}
    for name, kind in layer.types.items():
        types[name] = "integer" if kind == "boolean" else kind
        if kind == "integer":
            values = layer.frame[name].dropna()
            greatest = max(abs(int(values.max())), abs(int(values.min()))) if len(values) else 0
            types[name] = "integer" if greatest <= INT_MAX else "number" if greatest <= EXACT_MAX else "text"
    return types


def _retyped(layer: ExportLayer) -> list[str]:
    """Say which types the schema changes."""
    losses = [f"{layer.id}: {name} is 1 for true and 0 for false" for name, kind in layer.types.items() if kind == "boolean"]
    changed = {name: kind for name, kind in _types(layer).items() if layer.types[name] == "integer" != kind}
    words = {"number": "decimals", "text": "texts"}
    return losses + [f"{layer.id}: whole numbers of {name}, beyond 2^31, are {words[kind]}" for name, kind in changed.items()]


def _extended(fastkml: Any, layer: ExportLayer, row: dict[str, Any], *, typed: bool) -> Any:
    from fastkml.data import SimpleData

    if typed:
        values = {key: _xml(str(int(value) if isinstance(value, bool) else value)) for key, value in row.items() if value is not None}
        data = [SimpleData(name=_xml(key), value=text) for key, text in values.items()]
        elements = [fastkml.SchemaData(schema_url=f"#{_identifier('schema', layer.id)}", data=data)]
    else:
        aliases = layer.aliases()
        values = {key: _xml(_written(value)) for key, value in row.items() if value is not None}
        elements = [fastkml.Data(name=_xml(key), value=text, display_name=_xml(aliases[key])) for key, text in values.items()]
    return fastkml.ExtendedData(elements=elements)


def _identifier(*parts: str) -> str:
    """Make an XML name of ids, in which a colon may not stand."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", "-".join(parts))


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reader(layer: ExportLayer) -> Callable[[str, Any], str]:
    """How a property's value is put to readers: agreed words in their language, sources by their titles, whole numbers without a point."""
    words, cited = layer.meanings(), layer.source_columns
    titles = {source.id: f"{source.title}, {source.publisher}" for source in layer.sources}

    def read(column: str, value: Any) -> str:
        if isinstance(value, bool):
            return say("yes" if value else "no", lang=layer.lang)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if column in cited:
            return "; ".join(titles.get(name, name) for name in geojson.split_list(value))
        return words[column].get(value) or _written(value)

    return read


def _described(lines: list[str]) -> str:
    """Give lines of plain text as Google Earth must be given them: no markup, and no ``$[name]``, which it would replace by a property."""
    return "<br>\n".join(_xml(html.escape(line, quote=False).replace("$[", "$&#91;")) for line in lines)


def _xml(text: str) -> str:
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def write(bundle: Bundle, target: Path) -> Written:
    """Write one KML document."""
    text, losses = document(bundle, typed=True)
    target.write_bytes(text.encode())
    return Written(bundle.counts, losses)


def write_zipped(bundle: Bundle, target: Path) -> Written:
    """Write the same document zipped, without a schema: GDAL, and so QGIS, finds none inside a KMZ and would show no property."""
    text, losses = document(bundle, typed=False)
    losses.append("types of properties are not kept: all is text")
    foreign = sorted({name for layer in bundle.layers for name in layer.columns if not name.isascii()})
    if foreign:
        losses.append(f"GDAL and QGIS show underscores for names of properties in other letters than Latin: {', '.join(foreign)}")
    target.write_bytes(zipped({"doc.kml": text.encode()}))
    return Written(bundle.counts, losses)


FORMAT = Format("kml", ".kml", "file", "KML, all layers in folders: Google Earth, phones", write, any_crs=False)
KMZ = Format("kmz", ".kmz", "file", "KML, zipped", write_zipped, any_crs=False)
