"""What a repair does to a text, and how that is shown."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from corridormap.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONTEXT = 3
_MATCHED_LINES = 2_000
"""Lines of one change up to which the diff looks for lines that stayed the same within it."""
_HUNK = re.compile(r"@@ -(\d+)([\d,]* \+)(\d+)([\d,]* @@\n)")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


class Unfixable(Exception):  # noqa: N818  it is what the document is
    """Why a document is left alone."""


class Edit(NamedTuple):
    """Bytes that take the place of others."""

    start: int
    end: int
    text: bytes


@dataclass
class Changes:
    """What becomes of a document or of a part of it: the edits, and the kinds of repair that they are, each as often as it was done."""

    edits: list[Edit] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    def add(self, kind: str, edits: Sequence[Edit]) -> None:
        """Note what was done."""
        self.repairs.append(kind)
        self.edits += edits


def apply(text: bytes, edits: Sequence[Edit], *, start: int = 0, end: int | None = None) -> bytes:
    """A stretch of the text with its edits made; they are in order and do not overlap."""
    parts = []
    at = start
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    parts.append(text[at:end])
    return b"".join(parts)


def diff_lines(name: str, text: bytes, edits: Sequence[Edit]) -> Iterator[str]:
    """The lines of the unified diff, each with its line end; what a terminal would obey is escaped."""
    if not edits:
        return
    yield f"--- {visible(name)}\n+++ {visible(name)}\n"
    line = at = shift = 0
    for start, end, group in _stretches(text, edits):
        line += text.count(b"\n", at, start)
        at = start
        old = list(map(_shown, _LINE.findall(text, start, end)))
        new = list(map(_shown, _LINE.findall(apply(text, group, start=start, end=end))))
        if max(len(old), len(new)) > _MATCHED_LINES:
            rows = [f"@@ -1,{len(old)} +1,{len(new)} @@\n", *(f"-{row}" for row in old), *(f"+{row}" for row in new)]
        else:
            rows = list(difflib.unified_diff(old, new, n=_CONTEXT))[2:]
        for row in rows:
            found = _HUNK.match(row)
            yield f"@@ -{int(found[1]) + line}{found[2]}{int(found[3]) + line + shift}{found[4]}" if found else row
        shift += len(new) - len(old)


def _stretches(text: bytes, edits: Sequence[Edit]) -> Iterator[tuple[int, int, list[Edit]]]:
    """Stretches of whole lines that hold edits and their context."""
    start = end = 0
    group: list[Edit] = []
    for edit in edits:
        low = edit.start + 1
        for _ in range(_CONTEXT + 1):
            low = text.rfind(b"\n", 0, max(low - 1, 0)) + 1
        if group and low >= end:
            yield start, end, group
            group = []
        start = start if group else low
        group.append(edit)
        end = edit.end
        for _ in range(_CONTEXT + 1):
            end = (text.find(b"\n", end) + 1) or len(text)
    yield start, end, group


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    body = text.rstrip("\r\n")
    end = text[len(body) :] if text.endswith("\n") else f"{text[len(body) :]}\n\\ No newline at end of file\n"
    bare = 2 if body[1:2] == "\ufeff" else 0  # patch needs a byte order mark
    return body[:bare] + "\t".join(map(visible, body[bare:].split("\t"))) + end
