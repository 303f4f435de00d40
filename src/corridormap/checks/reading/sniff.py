"""Tell from its first bytes what a file is that is not JSON in UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridormap.checks.reading.chunks import Chunks
    from corridormap.checks.reading.document import Sink

_MAGIC = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and check what is in it."),
    (b"PK\x05\x06", "a zip archive", "Unpack it and check what is in it."),
    (b"\x1f\x8b", "packed with gzip", "Unpack it first: gunzip -c FILE | corridormap validate -"),
    (b"BZh", "packed with bzip2", "Unpack it first: bunzip2 -c FILE | corridormap validate -"),
    (b"\xfd7zXZ", "packed with xz", "Unpack it first: xz -dc FILE | corridormap validate -"),
    (b"(\xb5/\xfd", "packed with zstd", "Unpack it first: zstd -dc FILE | corridormap validate -"),
    (b"SQLite format 3\x00", "a GeoPackage or other SQLite database", "Name it .gpkg."),
    (b"fgb", "FlatGeobuf", "Name it .fgb."),
    (b"\x00\x00\x27\x0a", "a Shapefile", "Name it .shp."),
    (b"%PDF", "a PDF", None),
    (b"\x89PNG", "a PNG image", None),
    (b"\xff\xd8\xff", "a JPEG image", None),
    (b"PAR1", "Parquet", "Write it as GeoJSON or GeoPackage first."),
    (b"\x7fELF", "a program", None),
)
_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def sniff(chunks: Chunks, sink: Sink) -> int | None:
    """Look at the first bytes of a text.

    Returns
    -------
    int or None
        Where the JSON text begins, after a byte order mark; None if it is none, which the sink has been told.
    """
    head = chunks.buffer[:512]
    encoding = next((name for mark, name in _ENCODINGS if head.startswith(mark)), None) or _without_mark(head)
    if encoding is not None:
        sink.fault("CM002", f"is {encoding}, not UTF-8", (1, 1))
        return None
    for magic, name, hint in _MAGIC:
        if head.startswith(magic):
            sink.fault("CM011", f"is {name}, not GeoJSON", hint=hint)
            return None
    if head.lstrip()[:1] == b"<":
        kml = b"<kml" in head.lower() or b"opengis.net/kml" in head
        html = b"<html" in head.lower() or b"<!doctype html" in head.lower()
        name = "KML" if kml else "a web page" if html else "XML"
        hint = "Name it .kml." if kml else "Look at what the server sent: perhaps an error message." if html else None
        sink.fault("CM011", f"is {name}, not GeoJSON", (1, 1), hint=hint)
        return None
    if head.startswith(b"\xef\xbb\xbf"):
        sink.fault("CM003", "begins with a byte order mark", (1, 1))
        return 3
    return 0


def _without_mark(head: bytes) -> str | None:
    """UTF-16 or UTF-32 that says nothing of itself shows in its zeros, since JSON begins with two ASCII characters."""
    zeros = [byte == 0 for byte in head[:4]]
    if len(head) < 2 or all(zeros):
        return None
    if zeros in ([True, True, True, False], [False, True, True, True]):
        return "UTF-32"
    if zeros[:4] in ([True, False, True, False], [False, True, False, True]) or (
        len(head) == 2 and zeros in ([True, False], [False, True])
    ):
        return "UTF-16"
    return None
