"""Metadata: a layer's as QGIS keeps it (QMD), with its sources as links, and the whole's in Dublin Core's terms."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from corridormap.export.qxml import VERSION, add, document, spatial_ref

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyproj import CRS

    from corridormap.atlas import Atlas
    from corridormap.export.bundle import Bundle, ExportLayer
    from corridormap.model import Source

__all__ = ["DUBLIN_CORE", "dublin_core", "metadata_elements", "qmd", "table_metadata", "web_address"]

DUBLIN_CORE = "http://purl.org/dc/terms/"
LANGUAGES = {"en": "ENG", "ru": "RUS", "kk": "KAZ"}
"""ISO 639-2, as QGIS's metadata editor lists them."""


def qmd(layer: ExportLayer) -> str:
    """Give the text of a layer's QMD."""
    root = Element("qgis", {"version": VERSION})
    metadata_elements(root, layer)
    return document(root)


def table_metadata(parent: Element, atlas: Atlas, *, name: str, title: str, lang: str) -> None:
    """Append a table's metadata."""
    _head(
        parent, atlas, name=name, kind="nonGeographicDataset", title=title, abstract=atlas.text(atlas.record.description, lang), lang=lang
    )
    add(parent, "rights", atlas.text(atlas.record.attribution, lang))


def web_address(source: Source) -> str | None:
    """Give the source's address if it is one of the web."""
    return source.url if source.url and source.url.startswith(("https://", "http://")) else None


def metadata_elements(parent: Element, layer: ExportLayer) -> None:
    """Append title, summary, licence, sources, CRS and extent."""
    atlas, lang = layer.atlas, layer.lang
    _head(parent, atlas, name=layer.id, kind="dataset", title=layer.title(), abstract=layer.summary(), lang=lang)
    topic = add(parent, "keywords", vocabulary="gmd:topicCategory")
    add(topic, "keyword", "Transportation")
    _links(parent, layer.sources)
    for source in layer.sources:
        add(parent, "history", ", ".join(item for item in (source.title, source.publisher, source.date, source.licence) if item))
    add(parent, "rights", atlas.text(atlas.record.attribution, lang))
    add(parent, "license", layer.record.licence)
    add(parent, "encoding", "UTF-8")
    crs: CRS = layer.frame.crs
    spatial_ref(add(parent, "crs"), crs)
    west, south, east, north = layer.frame.total_bounds
    code = ":".join(crs.to_authority() or ("", ""))
    add(
        add(parent, "extent"),
        "spatial",
        minx=float(west),
        miny=float(south),
        maxx=float(east),
        maxy=float(north),
        minz=0,
        maxz=0,
        dimensions=2,
        crs=code,
    )


def _head(parent: Element, atlas: Atlas, *, name: str, kind: str, title: str, abstract: str, lang: str) -> None:
    add(parent, "identifier", f"{atlas.record.id}.{name}")
    add(parent, "parentidentifier", atlas.record.id)
    add(parent, "language", LANGUAGES.get(lang, lang.upper()))
    add(parent, "type", kind)
    add(parent, "title", title)
    add(parent, "abstract", abstract)


def _links(parent: Element, sources: Sequence[Source]) -> None:
    links = add(parent, "links")
    for source in sources:
        if address := web_address(source):
            add(
                links,
                "link",
                name=source.title,
                description=source.publisher,
                url=address,
                type="WWW:LINK",
                format="",
                mimeType="",
                size="",
            )


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
        add(root, "source", ", ".join(item for item in (source.title, source.publisher, source.url, source.date, source.licence) if item))
    return tostring(root, encoding="unicode")
