"""Bytes in bounded chunks, and where in the text one is."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CHUNK = 4 << 20
"""So many bytes are read at once."""
MOST = 3 << 29
"""No single object of more bytes than this is held in memory: 1.5 GB."""

_SPACE = re.compile(rb"[ \t\n\r]*+")


class TooLargeError(Exception):
    """One object of the file is larger than may be held in memory."""


class Chunks:
    """A file's bytes, of which only a window is held.

    Attributes
    ----------
    buffer : bytes
        The window.
    line, column : int
        Where the window begins in the text, from 1.
    """

    def __init__(self, source: BinaryIO, progress: Callable[[int], None] | None = None, *, chunk: int = CHUNK) -> None:
        self.source = source
        self.progress = progress
        self.chunk = chunk
        self.buffer = b""
        self.line = 1
        self.column = 1
        self.read = 0
        self.ended = False

    def more(self) -> bool:
        """Widen the window: by a chunk, or to twice its size if nothing in it could be let go. False at the end of the file."""
        if self.ended:
            return False
        if len(self.buffer) > MOST:
            raise TooLargeError
        wanted = max(self.chunk, len(self.buffer))
        parts, size = [self.buffer], 0
        while size < wanted:
            part = self.source.read(min(wanted - size, 64 << 20))
            if not part:
                self.ended = True
                break
            parts.append(part)
            size += len(part)
        self.buffer = b"".join(parts) if len(parts) > 2 or parts[0] else parts[-1]
        self.read += size
        if self.progress is not None:
            self.progress(size)
        return size > 0

    def skip(self, count: int) -> None:
        """Let go of the window's first bytes."""
        self.line, self.column = self.place(count)
        self.buffer = self.buffer[count:]

    def take(self, count: int) -> bytes:
        """Let go of the window's first bytes, and return them."""
        self.line, self.column = self.place(count)
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column, in characters, of a byte in the window."""
        lines = self.buffer.count(b"\n", 0, offset)
        if not lines:
            return self.line, self.column + _characters(self.buffer[:offset])
        return self.line + lines, 1 + _characters(self.buffer[self.buffer.rfind(b"\n", 0, offset) + 1 : offset])

    def blank(self, offset: int) -> int:
        """The first byte from here on that is no white space, reading on as needed; the window's end if there is none."""
        while True:
            offset = space(self.buffer, offset)
            if offset < len(self.buffer) or not self.more():
                return offset


class Lines:
    """Line and column of many bytes of one text."""

    def __init__(self, text: bytes, line: int, column: int) -> None:
        self.line, self.column = line, column
        codes = np.frombuffer(text, dtype=np.uint8)
        self.breaks: NDArray[np.int64] = np.flatnonzero(codes == 10)
        self.characters: NDArray[np.int64] | None = None if text.isascii() else np.cumsum((codes & 0xC0) != 0x80)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column, in characters, of a byte."""
        number = int(np.searchsorted(self.breaks, offset))
        begin = int(self.breaks[number - 1]) + 1 if number else 0
        column = self._count(offset) - self._count(begin) + (1 if number else self.column)
        return self.line + number, column

    def _count(self, offset: int) -> int:
        if self.characters is None or not offset:
            return offset
        return int(self.characters[offset - 1])


def space(text: bytes, offset: int) -> int:
    """The first byte from here on that is no white space."""
    return _SPACE.match(text, offset).end()  # type: ignore[union-attr]  # it always matches


def _characters(text: bytes) -> int:
    return len(text) if text.isascii() else len(text.decode("utf-8", "replace"))


def mask(text: bytes) -> tuple[bytes, int | None]:
    """A text with every byte that is not UTF-8 replaced by a question mark, and where the first of them was."""
    if text.isascii():
        return text, None
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return text.decode("utf-8", "corridormap.mask").encode("utf-8"), error.start
    return text, None


def _mask(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "?" * (error.end - error.start), error.end


codecs.register_error("corridormap.mask", _mask)
