"""Metadata: a layer's as QGIS keeps it (QMD), with its sources as links, and the whole's in Dublin Core's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from corridormap.export.qgis.qxml import VERSION, add, authority, document, spatial_ref

if TYPE_CHECKING:
    from corridormap.atlas import Atlas
    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.export.qgis.contents import Table

DUBLIN_CORE = "http://purl.org/dc/terms/"
LANGUAGES = {"az": "AZE", "en": "ENG", "kk": "KAZ", "ru": "RUS"}
"""ISO 639-2, as QGIS's metadata editor lists them; of others their own code stands."""


def qmd(layer: ExportLayer) -> str:
    """Give the text of a layer's QMD."""
    root = Element("qgis", {"version": VERSION})
    metadata_elements(root, layer)
    return document(root)


def table_metadata(parent: Element, atlas: Atlas, table: Table) -> None:
    """Append a table's metadata."""
    abstract = atlas.text(atlas.record.description, table.lang)
    _head(parent, atlas, table.name, kind="nonGeographicDataset", title=table.title, abstract=abstract, language=table.lang)
    add(parent, "rights", atlas.text(atlas.record.attribution, table.lang))


def metadata_elements(parent: Element, layer: ExportLayer) -> None:
    """Append title, summary, licence, sources, CRS and extent."""
    atlas, crs = layer.atlas, layer.frame.crs
    _head(parent, atlas, layer.id, kind="dataset", title=layer.title(), abstract=layer.summary(), language=layer.lang)
    add(add(parent, "keywords", vocabulary="gmd:topicCategory"), "keyword", "Transportation")
    links = add(parent, "links")
    for source in layer.sources:
        if source.url and source.url.startswith(("https://", "http://")):
            named = {"name": source.title, "description": source.publisher, "url": source.url, "type": "WWW:LINK"}
            add(links, "link", **named, format="", mimeType="", size="")
    for source in layer.sources:
        add(parent, "history", _listed(source.title, source.publisher, source.date, source.licence))
    add(parent, "rights", atlas.text(atlas.record.attribution, layer.lang))
    add(parent, "license", layer.record.licence)
    add(parent, "encoding", "UTF-8")
    spatial_ref(add(parent, "crs"), crs)
    box = dict(zip(("minx", "miny", "maxx", "maxy"), map(float, layer.frame.total_bounds), strict=True))
    add(add(parent, "extent"), "spatial", **box, minz=0, maxz=0, dimensions=2, crs=":".join(authority(crs) or ("", "")))


def _head(parent: Element, atlas: Atlas, name: str, *, kind: str, title: str, abstract: str, language: str) -> None:
    add(parent, "identifier", f"{atlas.record.id}.{name}")
    add(parent, "parentidentifier", atlas.record.id)
    add(parent, "language", LANGUAGES.get(language, language.upper()))
    add(parent, "type", kind)
    add(parent, "title", title)
    add(parent, "abstract", abstract)


def _listed(*facts: str | None) -> str:
    return ", ".join(fact for fact in facts if fact)


def dublin_core(bundle: Bundle) -> str:
    """Give title, description, rights, licences and sources of the whole, in Dublin Core's terms."""
    atlas, lang = bundle.atlas, bundle.lang
    root = Element("metadata", {"xmlns": DUBLIN_CORE})
    add(root, "identifier", atlas.record.id)
    add(root, "title", atlas.text(atlas.record.title, lang))
    add(root, "description", atlas.text(atlas.record.description, lang))
    add(root, "language", lang)
    add(root, "rights", atlas.text(atlas.record.attribution, lang))
    for licence in sorted({layer.record.licence for layer in bundle.layers}):
        add(root, "license", licence)
    for source in {source.id: source for layer in bundle.layers for source in layer.sources}.values():
        add(root, "source", _listed(source.title, source.publisher, source.url, source.date, source.licence))
    return tostring(root, encoding="unicode")
