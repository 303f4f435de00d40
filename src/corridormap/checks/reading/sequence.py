"""Read GeoJSON text sequences: one text a line, or RFC 8142 with its record separators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.reading.chunks import TooLargeError, mask, space
from corridormap.checks.reading.sniff import sniff

if TYPE_CHECKING:
    from corridormap.checks.reading.chunks import Chunks
    from corridormap.checks.reading.document import Sink

SEPARATOR = b"\x1e"


class SequenceReader:
    """Reads a sequence of GeoJSON texts."""

    def __init__(self, chunks: Chunks, sink: Sink) -> None:
        self.chunks = chunks
        self.sink = sink
        self.separator = b"\n"
        self.found = False

    def run(self) -> None:
        """Read all texts."""
        try:
            self._run()
        except TooLargeError:
            self.sink.fault("CM013", "one text is larger than 1.5 GB, which is more than can be checked")

    def _run(self) -> None:
        chunks, sink = self.chunks, self.sink
        if not chunks.buffer:
            chunks.more()
        start = sniff(chunks, sink)
        if start is None:
            return
        chunks.skip(start)
        chunks.column = 1
        if chunks.buffer[chunks.blank(0) :][:1] == SEPARATOR:
            self.separator = SEPARATOR
        while chunks.buffer or chunks.more():
            end = chunks.buffer.rfind(self.separator, 1)
            if end < 0 and not chunks.ended:
                chunks.more()
                continue
            if (chunks.ended and end < 0) or not chunks.more():
                end = len(chunks.buffer)
            self._records(end)
            if sink.full:
                return
            chunks.skip(end)
        if not self.found:
            sink.fault("CM010", "is empty")

    def _records(self, end: int) -> None:
        chunks = self.chunks
        window, wrong = mask(chunks.buffer[:end])
        if wrong is not None:
            self.sink.fault("CM002", f"byte 0x{chunks.buffer[wrong]:02X} is not UTF-8", chunks.place(wrong))
        texts: list[bytes] = []
        places: list[tuple[int, int]] = []
        line, column = chunks.line, chunks.column
        for number, piece in enumerate(window.split(self.separator)):
            if number and self.separator == b"\n":
                line, column = line + 1, 1
            at = space(piece, 0)
            text = piece.strip(b" \t\r\n")
            if text:
                texts.append(text)
                breaks = piece.count(b"\n", 0, at)
                places.append((line + breaks, at - piece.rfind(b"\n", 0, at) if breaks else column + at + (self.separator == SEPARATOR)))
                if self.separator == SEPARATOR and not piece.endswith(b"\n"):
                    self.sink.fault("CM012", "a text of the sequence does not end with a line feed", places[-1])
            if self.separator == SEPARATOR:
                line, column = line + piece.count(b"\n"), 1
        if texts:
            self.found = True
            self.sink.records(texts, places)
