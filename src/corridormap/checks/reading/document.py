"""Read a GeoJSON text as a whole, or a sequence of texts some megabytes at a time, and hand its features to the check."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any, BinaryIO

from corridormap.checks.reading.text import Lines, offset, plain, space, split, split_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

    from corridormap.checks.filecheck import FileCheck, Stretch

MOST = 512 << 20
"""A text of more bytes than this, 512 MiB, is not read: the whole of it is held, three times over at worst."""
PART, AT_ONCE = 4 << 20, 4 << 20
"""So many bytes of a sequence are read, and of features checked, at once; what is found does not depend on it."""
SEPARATOR = b"\x1e"
MARK = codecs.BOM_UTF8
"""The byte order mark."""

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


def read(stream: BinaryIO, check: FileCheck, *, sequence: bool | None = False) -> str:
    """Read a text, check it, and return what it is: "GeoJSON" or "GeoJSON text sequence".

    `sequence` says whether it is one, with a text a line; None if its first lines tell. One with record separators is known by itself.
    """
    head = stream.read(PART)
    if sequence or head.lstrip(b" \t\r\n")[:1] == SEPARATOR or (sequence is None and _looks_like_lines(head)):
        _read_sequence(head, stream, check)
        return "GeoJSON text sequence"
    parts, size = [head], len(head)
    while size <= MOST and (part := stream.read(64 << 20)):
        parts.append(part)
        size += len(part)
    if size > MOST:
        hint = "Write it as a text sequence, which is read line by line: ogr2ogr -f GeoJSONSeq out.geojsonl in.geojson"
        check.fault("CM013", f"is larger than {MOST >> 20} MiB, more than is read as one text", (1, 1), hint=hint)
        return "GeoJSON"
    text = b"".join(parts)
    parts.clear()
    start = find_start(text[:512], check)
    if start is not None:
        _read_document(clean(text[start:] if start else text, check), check)
    return "GeoJSON"


def _read_document(text: bytes, check: FileCheck) -> None:
    """Check one text: the object around its features and each feature, or the object itself if it has none."""
    begin = space(text, 0)
    if begin == len(text):
        check.fault("CM010", "is empty", (1, 1))
        return
    members, body = split_object(text), text
    if members is None:
        # It is no object, no JSON, or has what msgspec does not take, such as NaN; a scan says which.
        check.scanned = check.scan(text, Lines(text).place)
        if not check.scanned:
            return
        if text[begin : begin + 1] != b"{":
            kind = {b"[": "an array", b'"': "a text"}.get(text[begin : begin + 1], "a single value")
            check.fault("CM103", f"is {kind}, not an object", Lines(text).place(begin), path=())
            return
        body = plain(text)
        members = split_object(body)
        assert members is not None
    features = members.get("features")
    if features is not None and bytes(memoryview(features)[:1]) == b"[":
        _read_collection(text, body, features, check)
    else:
        body = text[begin:].rstrip(b" \t\r\n")
        check.document(body, Lines(body, *Lines(text).place(begin)).place)
        check.progress(len(text))


def _read_collection(text: bytes, body: bytes, features: msgspec.Raw, check: FileCheck) -> None:
    """Check the object around features, then the features, some megabytes of them at once."""
    first = offset(features, body) + 1
    last = first + len(memoryview(features)) - 2
    lines = Lines(text)
    raws = split(features) or []

    def feature(index: int) -> Stretch:
        begin = offset(raws[index], body)
        return text[begin : begin + len(memoryview(raws[index]))], lambda at: lines.place(begin + at)

    if not check.collection(text[:first] + text[last:], lambda at: lines.place(at if at < first else at + last - first), feature):
        return
    rest = len(text)
    for low, high in _batches(raws, AT_ONCE if check.layer is None else MOST):
        pieces: list[Any] = raws[low:high] if body is text else [feature(index)[0] for index in range(low, high)]
        start = offset(raws[low], body)
        end = offset(raws[high - 1], body) + len(memoryview(raws[high - 1]))
        check.elements(text[start:end], pieces)
        check.progress(end - start)
        rest -= end - start
        if check.full:
            break
    check.progress(rest)


def _batches(raws: list[msgspec.Raw], most: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of runs of features of about so many bytes each."""
    low = size = 0
    for number, raw in enumerate(raws):
        size += len(memoryview(raw))
        if size >= most:
            yield low, number + 1
            low, size = number + 1, 0
    if low < len(raws):
        yield low, len(raws)


def _looks_like_lines(head: bytes) -> bool:
    """Tell whether each of the first lines is an object by itself."""
    lines = [line for line in head.split(b"\n") if line.strip()]
    whole = lines[:-1] if len(head) >= PART else lines  # the last one may be cut
    return len(lines) > 1 and len(whole) > 0 and all(split_object(line) is not None for line in whole[:2])


def _read_sequence(head: bytes, stream: BinaryIO, check: FileCheck) -> None:
    """Check the texts of a sequence: one a line, or RFC 8142 with its record separators."""
    start = find_start(head[:512], check)
    if start is None:
        return
    head = head[start:]
    separator = SEPARATOR if head.lstrip(b" \t\r\n")[:1] == SEPARATOR else b"\n"
    line = 1
    for window in _windows(head, stream, separator):
        if len(window) > MOST:
            check.fault("CM013", f"one text is larger than {MOST >> 20} MiB, which is more than can be checked", (line, 1))
            return
        _read_records(window, separator, check, line)
        line += window.count(b"\n")
        check.progress(len(window))
        if check.full:
            return
    if not check.features:
        check.fault("CM010", "is empty", (1, 1))


def _windows(head: bytes, stream: BinaryIO, separator: bytes) -> Iterator[bytes]:
    """Yield whole texts of a sequence, so many bytes of them at once or, if one is longer, that."""
    held = head
    while True:
        while len(held) > AT_ONCE and (end := held.find(separator, AT_ONCE)) >= 0:
            end += separator == b"\n"
            yield held[:end]
            held = held[end:]
        more = stream.read(max(PART, len(held)))
        if not more or len(held) > MOST:
            yield held
            return
        held += more


def _read_records(window: bytes, separator: bytes, check: FileCheck, line: int) -> None:
    texts: list[bytes] = []
    places: list[tuple[int, int]] = []
    for number, piece in enumerate(clean(window, check, line=line).split(separator)):
        at = space(piece, 0)
        text = piece.strip(b" \t\r\n")
        breaks = piece.count(b"\n", 0, at)
        if text:
            texts.append(text)
            # Before each text but the first of a window stands its separator, which counts as a character of the line.
            column = at - piece.rfind(b"\n", 0, at) if breaks else at + 1 + (separator == SEPARATOR and number > 0)
            places.append((line + breaks, column))
            if separator == SEPARATOR and not piece.endswith(b"\n"):
                check.fault("CM012", "a text of the sequence does not end with a line feed", places[-1])
        line += piece.count(b"\n") if separator == SEPARATOR else 1
    if texts:
        check.records(texts, places)


def find_start(head: bytes, check: FileCheck) -> int | None:
    """Find where JSON begins in the first bytes of a text, after a byte order mark; None, with a finding, if they are something else."""
    for magic, name, hint in _MAGIC:
        if head.startswith(magic):
            check.fault("CM011", f"is {name}, not GeoJSON", (1, 1), hint=hint)
            return None
    # Without a mark an encoding shows in its zeros, since JSON begins with two ASCII characters.
    encoding, zeros, size = json.detect_encoding(head), head[:4].count(0), len(head[:4])
    if encoding in {"utf-16", "utf-32"} or (encoding[:6] in {"utf-16", "utf-32"} and 2 * zeros >= size > zeros):
        check.fault("CM002", f"is {encoding[:6].upper()}, not UTF-8", (1, 1))
        return None
    if head.lstrip()[:1] == b"<":
        kml = b"<kml" in head.lower() or b"opengis.net/kml" in head
        html = b"<html" in head.lower() or b"<!doctype html" in head.lower()
        name = "KML" if kml else "a web page" if html else "XML"
        hint = "Name it .kml." if kml else "Look at what the server sent: perhaps an error message." if html else None
        check.fault("CM011", f"is {name}, not GeoJSON", (1, 1), hint=hint)
        return None
    if head.startswith(MARK):
        check.fault("CM003", "begins with a byte order mark", (1, 1))
        return len(MARK)
    return 0


def clean(text: bytes, check: FileCheck, *, line: int = 1) -> bytes:
    """Replace every byte that is not UTF-8 with a question mark, and tell of the first; the text begins on a line of its file."""
    if text.isascii():
        return text
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        masked = text.decode("utf-8", "surrogateescape").encode("utf-8", "replace")
        check.fault("CM002", f"byte 0x{text[error.start]:02X} is not UTF-8", Lines(masked, line).place(error.start))
        return masked
    return text
