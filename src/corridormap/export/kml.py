"""KML and KMZ: folders, colours and descriptions for Google Earth and phones.

A description's text is HTML to Google Earth, so that every property is escaped twice: once as HTML, once as XML.
"""

from __future__ import annotations

import html
import io
import re
from collections import Counter
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.sax.saxutils import escape

from corridormap import geojson
from corridormap.derive.datapackage import told_apart
from corridormap.export.format import Format, Written, zipped
from corridormap.export.qgis.qxml import NOT_XML
from corridormap.export.sentence import Sentence
from corridormap.phrases import counted
from corridormap.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.model import Symbol

NAMESPACE = "http://www.opengis.net/kml/2.2"
ICON_PX = 32.0
"""Size of an icon at scale 1."""
ICONS = "http://maps.google.com/mapfiles/kml/shapes"
SHAPES = {"circle": "placemark_circle", "square": "placemark_square", "diamond": "open-diamond", "triangle": "triangle", "star": "star"}
"""Shape → Google Earth's own icon, white, to which the style gives its colour. A style without an icon is a yellow pin."""
OTHER = None
"""In place of a value: what no value's symbol is for."""
Ids = dict[tuple[str, str, str | None], str]
"""What it is, the layer and the value → its id in the document."""
MULTI = frozenset({4, 5, 6})
"""Shapely's numbers of the types of several parts."""
PLACE = "  " * 4
"""The indent of a placemark."""
TEXT = {"\r": "&#13;"}
QUOTED = TEXT | {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
"""What else is escaped in a text, and in an attribute."""
INT_MAX, EXACT_MAX = 2**31 - 1, 2**53
"""The greatest integer of the type ``int``, and the greatest up to which every one is exact as a ``double``."""


def document(bundle: Bundle, stream: BinaryIO, *, typed: bool) -> list[str]:
    """Write the KML document, and give what it does not keep.

    Folders are the atlas's groups, in them the layers; each class of a layer's style is a shared style; properties travel in
    ``ExtendedData`` and as text in the description. ``typed`` gives them a schema.
    """
    losses: list[str] = ["dashes and casings are not kept; points have Google Earth's icons, which it fetches from its maker"]
    if typed:
        losses += [loss for layer in bundle.layers for loss in _retyped(layer)]
    lines = _around("kml", _around("Document", _contents(bundle, losses, typed=typed)), xmlns=NAMESPACE)
    # Line by line: as one text a large atlas takes several times the room.
    stream.writelines(f"{line}\n".encode() for line in chain(['<?xml version="1.0" encoding="UTF-8"?>'], lines))
    return losses


def _contents(bundle: Bundle, losses: list[str], *, typed: bool) -> Iterator[str]:
    atlas, record = bundle.atlas, bundle.atlas.record
    yield _leaf("name", atlas.text(record.title, bundle.lang))
    yield _leaf("open", "1")
    yield _leaf("description", _described([atlas.text(record.description, bundle.lang), atlas.text(record.attribution, bundle.lang)]))
    ids = _identifiers(bundle)
    for layer in bundle.layers:
        yield from _styles(layer, ids)
    for group in record.groups:
        members = [layer for layer in bundle.layers if layer.record.group == group.id]
        if members:
            head = [_leaf("name", atlas.text(group.name, bundle.lang)), _leaf("open", "1")]
            yield from _around("Folder", chain(head, *(_folder(layer, losses, ids, typed=typed) for layer in members)))
    for layer in bundle.layers if typed else ():
        yield from _schema(layer, ids)


def _leaf(tag: str, text: str, **attributes: str) -> str:
    """Give an element that holds a text, or nothing."""
    return _whole(tag, _escaped(text), **attributes)


def _whole(tag: str, content: str, **attributes: str) -> str:
    """Give an element that holds what is escaped already, or nothing."""
    head = _head(tag, attributes)
    return f"<{head}>{content}</{tag}>" if content else f"<{head}/>"


def _around(tag: str, lines: Iterable[str], **attributes: str) -> Iterator[str]:
    """Give an element around others, line by line."""
    yield f"<{_head(tag, attributes)}>"
    for line in lines:
        yield f"  {line}"
    yield f"</{tag}>"


def _head(tag: str, attributes: Mapping[str, str]) -> str:
    return tag + "".join(f' {name}="{_escaped(value, QUOTED)}"' for name, value in attributes.items())


def _escaped(text: str, others: dict[str, str] = TEXT) -> str:
    return escape(NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text), others)


def _folder(layer: ExportLayer, losses: list[str], ids: Ids, *, typed: bool) -> Iterator[str]:
    visible = _leaf("visibility", str(int(layer.record.visible)))
    sources = [f"{source.title}, {source.publisher}" + (f", {source.url}" if source.url else "") for source in layer.sources]
    about = _leaf("description", _described([layer.summary(), layer.record.licence, *sources]))
    values = layer.values()
    # As one line each, so that it is indented at once.
    places = (f"\n{PLACE}".join(_around("Placemark", lines)) for lines in _placemarks(layer, values, visible, ids, typed=typed))
    yield from _around("Folder", chain([_leaf("name", layer.title()), visible, _leaf("open", "0"), about], places))
    if layer.unlocated:
        losses.append(f"{layer.id}: {counted(len(layer.unlocated), 'feature')} without a published position listed, but not drawn")
    texts = Counter(text for name, kind in layer.types.items() if kind == "text" for text in values[name] if text is not None)
    if texts[""]:
        losses.append(f"{layer.id}: {counted(texts[''], 'empty text')} no longer told from null")
    cleaned = sum(count for text, count in texts.items() if NOT_XML.search(text))
    if cleaned:
        losses.append(f"{layer.id}: {counted(cleaned, 'text')} with characters that XML cannot hold; each became \N{REPLACEMENT CHARACTER}")


def _placemarks(layer: ExportLayer, values: dict[str, list[Any]], visible: str, ids: Ids, *, typed: bool) -> Iterator[list[str]]:
    """Give what each placemark holds; what many features say alike is written once."""
    style = layer.record.style
    urls = {value: _leaf("styleUrl", f"#{ids['style', layer.id, value]}") for value in (OTHER, *style.values)}
    symbols: Iterable[Any] = values[style.by] if style.by and style.by in values else repeat(None, len(layer.frame))
    names = (name or number for name, number in zip(values.get(f"name_{layer.lang}", values["id"]), values["id"], strict=True))
    schema = ids["schema", layer.id, OTHER]
    for name, symbol, told, data, shape in zip(
        names, symbols, _told(layer, values), _data(layer, values, typed=typed), _shapes(layer), strict=True
    ):
        held: Iterable[str] = chain.from_iterable(data)
        yield [
            _leaf("name", str(name)),
            # A folder that is hidden does not hide what it holds.
            visible,
            _whole("description", "&lt;br&gt;\n".join(filter(None, told))),
            urls.get(symbol, urls[OTHER]),
            *_around("ExtendedData", _around("SchemaData", held, schemaUrl=f"#{schema}") if typed else held),
            *shape,
        ]


def _told(layer: ExportLayer, values: dict[str, list[Any]]) -> Iterator[tuple[str | None, ...]]:
    """Give the lines of each feature's description, None where there is none.

    Agreed words are in the readers' language, sources by their titles, whole numbers without decimals.
    """
    words, cited, columns = layer.meanings(), layer.source_columns, []
    titles = {source.id: f"{source.title}, {source.publisher}" for source in layer.sources}

    def read(column: str, value: Any) -> str:
        if isinstance(value, bool):
            return say("yes" if value else "no", lang=layer.lang)
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() else str(value).replace(".", say("decimal", lang=layer.lang))
        if column in cited:
            return "; ".join(titles.get(name, name) for name in geojson.split_list(value))
        return words[column].get(value) or str(value)

    for name, alias in layer.aliases().items():
        if name not in layer.foreign:
            known = {value: _escaped(_described([f"{alias}: {read(name, value)}"])) for value in set(values[name]) - {None}}
            columns.append(map(known.get, values[name]))
    return zip(*columns, strict=True)


def _data(layer: ExportLayer, values: dict[str, list[Any]], *, typed: bool) -> Iterator[tuple[list[str], ...]]:
    """Give the properties of each feature, each as lines."""
    columns, truths = [], {True: "1", False: "0"} if typed else {True: "true", False: "false"}
    for name, alias in layer.aliases().items():
        # Readers do not agree what an empty element is: an empty text is left out, as null is.
        told = (truths[value] if isinstance(value, bool) else value for value in values[name])
        texts = ["" if value is None else str(value) for value in told]
        known: dict[str, list[str]] = {}
        for text in set(texts) - {""}:
            if typed:
                known[text] = [_leaf("SimpleData", text, name=name)]
            else:
                known[text] = list(_around("Data", [_leaf("displayName", alias), _leaf("value", text)], name=name))
        columns.append([known.get(text, []) for text in texts])
    return zip(*columns, strict=True)


def _shapes(layer: ExportLayer) -> Iterator[list[str]]:
    """Give the geometry of each feature as lines, none of one without."""
    import shapely

    shapes = layer.frame.geometry.to_numpy()
    parts = iter(shapely.get_parts(shapes))
    for kind, texts in zip(shapely.get_type_id(shapes).tolist(), geojson.part_texts(shapes), strict=True):
        lines: list[str] = []
        # The texts first: where they end, no part is taken.
        for text, part in zip(texts, parts, strict=False):
            # Without tessellate a line dives under the ground between distant vertices.
            inner = [_leaf("tessellate", "1")] if part.geom_type == "LineString" else []
            lines += _around(part.geom_type, [*inner, _whole("coordinates", text[2:-2].replace("],[", " "))])
        yield list(_around("MultiGeometry", lines)) if kind in MULTI else lines


def _styles(layer: ExportLayer, ids: Ids) -> Iterator[str]:
    style = layer.record.style
    for value, symbol in ((OTHER, style.symbol), *style.values.items()):
        # The balloon shows the description alone: without this, a name in the data may be taken for markup.
        balloon = _around("BalloonStyle", [_leaf("text", "$[description]")])
        yield from _around(
            "Style", chain(_drawn(symbol, point=layer.record.geometry == "Point"), balloon), id=ids["style", layer.id, value]
        )


def _drawn(symbol: Symbol, *, point: bool) -> Iterator[str]:
    red, green, blue = (symbol.colour[place : place + 2] for place in (1, 3, 5))
    colour = _leaf("color", f"ff{blue}{green}{red}")
    if point:
        scale = _leaf("scale", str(round(2 * (symbol.size or 8.0) / ICON_PX, 2)))
        icon = _around("Icon", [_leaf("href", f"{ICONS}/{SHAPES[symbol.shape or 'circle']}.png")])
        return _around("IconStyle", [colour, scale, *icon])
    return _around("LineStyle", [colour, _leaf("width", str(symbol.width or 2.0))])


def _schema(layer: ExportLayer, ids: Ids) -> Iterator[str]:
    types = {"text": "string", "integer": "int", "number": "double"}
    aliases = layer.aliases()
    fields = (
        _around("SimpleField", [_leaf("displayName", aliases[name])], name=name, type=types[kind]) for name, kind in _types(layer).items()
    )
    return _around("Schema", chain.from_iterable(fields), id=ids["schema", layer.id, OTHER], name=layer.id)


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
    losses: list[str] = [Sentence("export.truths", layer=layer.id, column=name) for name, kind in layer.types.items() if kind == "boolean"]
    changed = {name: kind for name, kind in _types(layer).items() if layer.types[name] == "integer" != kind}
    words = {"number": "decimals", "text": "texts"}
    return losses + [f"{layer.id}: whole numbers of {name}, beyond 2^31, are {words[kind]}" for name, kind in changed.items()]


def _identifiers(bundle: Bundle) -> Ids:
    """Name each style and each schema in the document as XML has names, no two alike whatever layers and values are called."""
    wanted: dict[tuple[str, str, str | None], str] = {}
    for layer in bundle.layers:
        wanted |= {("style", layer.id, value): f"{layer.id}-{value}" for value in layer.record.style.values}
        wanted["style", layer.id, OTHER] = f"{layer.id}-other"
    wanted |= {("schema", layer.id, OTHER): f"schema-{layer.id}" for layer in bundle.layers}
    # A colon may not stand there, nor a digit begin it.
    names = [re.sub(r"[^A-Za-z0-9_.-]|^(?=[^A-Za-z_])", "_", text) for text in wanted.values()]
    return dict(zip(wanted, told_apart(names), strict=True))


def _described(lines: list[str]) -> str:
    """Give lines of plain text as Google Earth must be given them: no markup, and no ``$[name]``, which it would replace by a property."""
    return "<br>\n".join(html.escape(line, quote=False).replace("$[", "$&#91;") for line in lines)


def write(bundle: Bundle, target: Path) -> Written:
    """Write one KML document."""
    with target.open("wb") as stream:
        return Written(bundle.counts, document(bundle, stream, typed=True))


def write_zipped(bundle: Bundle, target: Path) -> Written:
    """Write the same document zipped, without a schema: GDAL, and so QGIS, finds none inside a KMZ and would show no property."""
    content = io.BytesIO()
    losses = document(bundle, content, typed=False)
    losses.append("types of properties are not kept: all is text")
    foreign = sorted({name for layer in bundle.layers for name in layer.columns if not name.isascii()})
    if foreign:
        losses.append(f"GDAL and QGIS show underscores for names of properties in other letters than Latin: {', '.join(foreign)}")
    target.write_bytes(zipped({"doc.kml": content.getvalue()}))
    return Written(bundle.counts, losses)


FORMAT = Format("kml", ".kml", "file", "KML, all layers in folders: Google Earth, phones", write, any_crs=False)
KMZ = Format("kmz", ".kmz", "file", "KML, zipped", write_zipped, any_crs=False)
