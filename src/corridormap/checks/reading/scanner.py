"""Where the values of an array end, without decoding them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from corridormap.checks.reading.decode import split
from corridormap.checks.reading.survey import MAX_DEPTH

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_INNER = re.compile(_STRING + rb'|[\[\]{}"]', re.DOTALL)
_OUTER = re.compile(_STRING + rb'|[\[\]{}",]', re.DOTALL)
_SEPARATOR = re.compile(rb"\}[ \t\n\r]*+,[ \t\n\r]*+\Z")
_STRETCH = 1 << 20
_GUESSES, _TRIES = 200, 6
_NEAR = 256


@dataclass
class Scan:
    """A walk over the inside of an array or object that can be taken up again when there is more of it.

    Attributes
    ----------
    position : int
        How far the walk has come.
    depth : int
        How many arrays and objects are open there.
    ends : list of int
        The commas between values that were passed.
    closed : int or None
        The bracket that ends the whole.
    too_deep : int or None
        The bracket that opens one level too many.
    """

    position: int = 0
    depth: int = 0
    ends: list[int] = field(default_factory=list)
    closed: int | None = None
    too_deep: int | None = None

    def run(self, text: bytes, *, most: int = 1 << 62, levels: int = MAX_DEPTH) -> None:  # noqa: C901  one loop over one token after another
        """Walk on to the end of the text, of the array, or until so many commas were passed."""
        position, depth = self.position, self.depth
        pattern = _INNER if depth else _OUTER
        looked = position
        while True:
            if depth and position >= looked:
                position, depth = _leap(text, position, depth, levels)
                looked = position + _STRETCH
            match = pattern.search(text, position)
            if match is None:
                position = len(text)
                break
            token = text[match.start() : match.start() + 1]
            if token == b'"':
                if match.end() - match.start() == 1:  # the string goes on beyond the text
                    position = match.start()
                    break
            elif token in b"[{":
                depth += 1
                if depth > levels:
                    self.too_deep = match.start()
                    break
                pattern = _INNER
            elif token == b",":
                self.ends.append(match.start())
                if len(self.ends) >= most:
                    position = match.end()
                    break
            else:
                if not depth:
                    self.closed = match.start()
                    break
                depth -= 1
                if not depth:
                    pattern = _OUTER
            position = match.end()
        self.position, self.depth = position, depth


def _leap(text: bytes, position: int, depth: int, levels: int) -> tuple[int, int]:
    """Go on over long stretches without texts, such as coordinates, as long as neither the outermost level nor the deepest is reached."""
    while True:
        end = min(position + _STRETCH, len(text))
        if end - position < _STRETCH // 16 or text.find(b'"', position, end) >= 0:
            return position, depth
        codes = np.frombuffer(text, dtype=np.uint8, count=end - position, offset=position)
        # [ and ] differ from { and } by one bit.
        plain = codes & 0xDF
        change = (plain == 0x5B).view(np.int8) - (plain == 0x5D).view(np.int8)
        course = np.cumsum(change, dtype=np.int32)
        if depth + int(course.min()) <= 0 or depth + int(course.max()) > levels:
            return position, depth
        position, depth = end, depth + int(course[-1])


def cut(text: bytes) -> int | None:
    """The last comma between two objects of an array whose inside begins with this text; None if it is not easily found.

    A comma is guessed and proved: the text before it is a list of values if and only if the comma stands between two of them.
    """
    position, tries = len(text), 0
    for _ in range(_GUESSES):
        position = text.rfind(b"{", 0, position)
        if position <= 0:
            return None
        before = _SEPARATOR.search(text, max(0, position - _NEAR), position)
        if before is None or not _plausible(text, position):
            continue
        comma = text.index(b",", before.start())
        if split(text[:comma]) is not None:
            return comma
        tries += 1
        if tries == _TRIES:
            break
    return None


def _plausible(text: bytes, position: int) -> bool:
    """Whether what begins here begins as the first object of the text does."""
    first = text.find(b"{")
    colon = text.find(b":", first, first + 100)
    return colon < 0 or text[first:colon] == text[position : position + colon - first]
