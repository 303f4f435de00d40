"""KML and KMZ: folders, colours and descriptions for Google Earth and phones.

A description's text is HTML to Google Earth, so that every property is escaped twice: once as HTML, once as XML.
"""

from __future__ import annotations

import html
import io
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.export.format import Format, Written, zipped
from corridormap.export.qgis.qxml import NOT_XML
from corridormap.extras import require
from corridormap.phrases import counted
from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.model import Symbol

__all__ = ["FORMAT", "KMZ", "document"]

NAMESPACE = "http://www.opengis.net/kml/2.2"
ICON_PX = 32.0
"""Size of an icon at scale 1."""
ICONS = "http://maps.google.com/mapfiles/kml/shapes"
SHAPES = {"circle": "placemark_circle", "square": "placemark_square", "diamond": "open-diamond", "triangle": "triangle", "star": "star"}
"""Shape → Google Earth's own icon, white, to which the style gives its colour. A style without an icon is a yellow pin."""
OTHER = "other"
INT_MAX, EXACT_MAX = 2**31 - 1, 2**53
"""The greatest integer of the type ``int``, and the greatest up to which every one is exact as a ``double``."""


def document(bundle: Bundle, *, typed: bool) -> tuple[bytes, list[str]]:
    """Give the KML document and what it does not keep.

    Folders are the atlas's groups, in them the layers; each class of a layer's style is a shared style; properties travel in
    ``ExtendedData`` and as text in the description. ``typed`` gives them a schema.
    """
    etree = require("lxml.etree", extra="export", needed_for="KML")
    losses: list[str] = ["dashes and casings are not kept; points have Google Earth's icons, which it fetches from its maker"]
    atlas, record = bundle.atlas, bundle.atlas.record
    if typed:
        losses += [loss for layer in bundle.layers for loss in _retyped(layer)]
    stream = io.BytesIO(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    stream.seek(0, io.SEEK_END)
    # Element by element: as one tree a large atlas would take ten times the room of its text.
    with etree.xmlfile(stream, encoding="UTF-8") as file, file.element("kml", nsmap={None: NAMESPACE}):
        with _nested(file, "Document", level=1):
            about = [atlas.text(record.description, bundle.lang), atlas.text(record.attribution, bundle.lang)]
            _head(file, 2, name=atlas.text(record.title, bundle.lang), open="1", description=_described(about))
            for layer in bundle.layers:
                for style in _styles(etree, layer):
                    _write(file, style, level=2)
            for group in record.groups:
                members = [layer for layer in bundle.layers if layer.record.group == group.id]
                if members:
                    with _nested(file, "Folder", level=2):
                        _head(file, 3, name=atlas.text(group.name, bundle.lang), open="1")
                        for layer in members:
                            _folder(file, layer, losses, typed=typed)
            for layer in bundle.layers if typed else ():
                _write(file, _schema(etree, layer), level=2)
        file.write("\n")
    stream.write(b"\n")
    return stream.getvalue(), losses


@contextmanager
def _nested(file: Any, tag: str, *, level: int) -> Iterator[None]:
    """Write an element around what is written within."""
    file.write("\n" + "  " * level)
    with file.element(tag):
        yield
        file.write("\n" + "  " * level)


def _write(file: Any, element: Any, *, level: int) -> None:
    from lxml.etree import indent

    indent(element, level=level)
    file.write("\n" + "  " * level, element)


def _head(file: Any, level: int, **texts: str) -> None:
    """Write what a folder or the document begins with."""
    for tag, text in texts.items():
        file.write("\n" + "  " * level)
        with file.element(tag):
            file.write(_xml(text))


def _add(parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
    """Append an element; an empty text is none."""
    child = parent.makeelement(tag, {name: _xml(value) for name, value in attributes.items()})
    if text:
        child.text = _xml(text)
    parent.append(child)
    return child


def _folder(file: Any, layer: ExportLayer, losses: list[str], *, typed: bool) -> None:
    rows, visible = layer.rows(), str(int(layer.record.visible))
    sources = [f"{source.title}, {source.publisher}" + (f", {source.url}" if source.url else "") for source in layer.sources]
    with _nested(file, "Folder", level=3):
        about = _described([layer.summary(), layer.record.licence, *sources])
        _head(file, 4, name=layer.title(), visibility=visible, open="0", description=about)
        for place in _placemarks(layer, rows, visible, typed=typed):
            _write(file, place, level=4)
    if layer.unlocated:
        losses.append(f"{layer.id}: {counted(len(layer.unlocated), 'feature')} without a published position listed, but not drawn")
    texts = [value for row in rows for value in row.values() if isinstance(value, str)]
    empty = texts.count("")
    if empty:
        losses.append(f"{layer.id}: {counted(empty, 'empty text')} no longer told from null")
    cleaned = sum(NOT_XML.search(text) is not None for text in texts)
    if cleaned:
        losses.append(f"{layer.id}: {counted(cleaned, 'text')} with characters that XML cannot hold; each became \N{REPLACEMENT CHARACTER}")


def _placemarks(layer: ExportLayer, rows: list[dict[str, Any]], visible: str, *, typed: bool) -> Iterator[Any]:
    from lxml.etree import Element

    aliases, read, by = layer.aliases(), _reader(layer), layer.record.style.by
    described = {name: alias for name, alias in aliases.items() if name not in layer.foreign}
    for row, shape in zip(rows, layer.frame.geometry, strict=True):
        symbol = row.get(by) if by else None
        name = symbol if symbol in layer.record.style.values else OTHER
        place = Element("Placemark")
        _add(place, "name", str(row.get(f"name_{layer.lang}") or row["id"]))
        # A folder that is hidden does not hide what it holds.
        _add(place, "visibility", visible)
        values = {key: value for key, value in row.items() if value is not None}
        _add(place, "description", _described([f"{alias}: {read(key, values[key])}" for key, alias in described.items() if key in values]))
        _add(place, "styleUrl", f"#{_identifier(layer.id, name)}")
        data = _add(place, "ExtendedData")
        # Readers do not agree what an empty element is: an empty text is left out, as null is.
        values = {key: value for key, value in values.items() if value != ""}
        if typed:
            data = _add(data, "SchemaData", schemaUrl=f"#{_identifier('schema', layer.id)}")
            for key, value in values.items():
                _add(data, "SimpleData", str(int(value) if isinstance(value, bool) else value), name=key)
        else:
            for key, value in values.items():
                entry = _add(data, "Data", name=key)
                _add(entry, "displayName", aliases[key])
                _add(entry, "value", _written(value))
        if shape is not None:
            _geometry(place, shape)
        yield place


def _geometry(parent: Any, shape: Any) -> None:
    import shapely

    if shape.geom_type.startswith("Multi"):
        parent = _add(parent, "MultiGeometry")
    for part in shapely.get_parts(shape):
        element = _add(parent, part.geom_type)
        if part.geom_type == "LineString":
            # Without tessellate a line dives under the ground between distant vertices.
            _add(element, "tessellate", "1")
        _add(element, "coordinates", " ".join(f"{x},{y}" for x, y in shapely.get_coordinates(part).tolist()))


def _styles(etree: Any, layer: ExportLayer) -> Iterator[Any]:
    style = layer.record.style
    for name, symbol in {OTHER: style.symbol, **style.values}.items():
        made = etree.Element("Style", id=_identifier(layer.id, name))
        _drawn(made, symbol, point=layer.record.geometry == "Point")
        # The balloon shows the description alone: without this, a name in the data may be taken for markup.
        _add(_add(made, "BalloonStyle"), "text", "$[description]")
        yield made


def _drawn(style: Any, symbol: Symbol, *, point: bool) -> None:
    red, green, blue = (symbol.colour[place : place + 2] for place in (1, 3, 5))
    made = _add(style, "IconStyle" if point else "LineStyle")
    _add(made, "color", f"ff{blue}{green}{red}")
    if point:
        _add(made, "scale", str(round(2 * (symbol.size or 8.0) / ICON_PX, 2)))
        _add(_add(made, "Icon"), "href", f"{ICONS}/{SHAPES[symbol.shape or 'circle']}.png")
    else:
        _add(made, "width", str(symbol.width or 2.0))


def _schema(etree: Any, layer: ExportLayer) -> Any:
    types = {"text": "string", "integer": "int", "number": "double"}
    aliases = layer.aliases()
    made = etree.Element("Schema", id=_identifier("schema", layer.id), name=layer.id)
    for name, kind in _types(layer).items():
        _add(_add(made, "SimpleField", name=name, type=types[kind]), "displayName", aliases[name])
    return made


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
    return "<br>\n".join(html.escape(line, quote=False).replace("$[", "$&#91;") for line in lines)


def _xml(text: str) -> str:
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def write(bundle: Bundle, target: Path) -> Written:
    """Write one KML document."""
    content, losses = document(bundle, typed=True)
    target.write_bytes(content)
    return Written(bundle.counts, losses)


def write_zipped(bundle: Bundle, target: Path) -> Written:
    """Write the same document zipped, without a schema: GDAL, and so QGIS, finds none inside a KMZ and would show no property."""
    content, losses = document(bundle, typed=False)
    losses.append("types of properties are not kept: all is text")
    foreign = sorted({name for layer in bundle.layers for name in layer.columns if not name.isascii()})
    if foreign:
        losses.append(f"GDAL and QGIS show underscores for names of properties in other letters than Latin: {', '.join(foreign)}")
    target.write_bytes(zipped({"doc.kml": content}))
    return Written(bundle.counts, losses)


FORMAT = Format("kml", ".kml", "file", "KML, all layers in folders: Google Earth, phones", write, any_crs=False)
KMZ = Format("kmz", ".kmz", "file", "KML, zipped", write_zipped, any_crs=False)
