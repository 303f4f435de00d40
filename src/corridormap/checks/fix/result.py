"""What a repair did, and how it is shown."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corridormap.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONTEXT = 3
_MATCHED_LINES = 2_000
"""Lines of one change up to which the diff looks for lines that stayed the same within it."""
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


class Unfixable(Exception):  # noqa: N818  it is what the document is
    """Why a document is left alone."""


@dataclass(frozen=True)
class Repair:
    """One thing that was mended, or that was left although it looks as if it wants mending.

    Attributes
    ----------
    kind : str
        What kind of repair; see `corridormap.checks.fix.KINDS`.
    message : str
        A sentence for people.
    pointer : str
        Where in the document, as a JSON pointer (RFC 6901).
    index : int or None
        The feature's position in its collection, from 0.
    feature : str or None
        The feature's id.
    count : int
        How many vertices, numbers or members it is about.
    """

    kind: str
    message: str
    pointer: str = ""
    index: int | None = None
    feature: str | None = None
    count: int = 1


@dataclass(frozen=True, order=True)
class Edit:
    """Bytes that take the place of others."""

    start: int
    end: int
    text: bytes


@dataclass
class Changes:
    """What becomes of a feature, or of what is around the features."""

    index: int | None = None
    feature: str | None = None
    edits: list[Edit] = field(default_factory=list)
    done: list[Repair] = field(default_factory=list)
    left: list[Repair] = field(default_factory=list)

    def mended(self, kind: str, message: str, pointer: str, *, count: int = 1) -> None:
        """Note what was done."""
        self.done.append(Repair(kind, message, pointer, self.index, self.feature, count))

    def leave(self, kind: str, message: str, pointer: str) -> None:
        """Note what was not done, and why."""
        self.left.append(Repair(kind, message, pointer, self.index, self.feature))


def apply(text: bytes, edits: Sequence[Edit], *, start: int = 0, end: int | None = None) -> bytes:
    """A stretch of the text with its edits made; they are in order and do not overlap."""
    parts = []
    at = start
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    parts.append(text[at:end])
    return b"".join(parts)


@dataclass(frozen=True)
class Fixed:
    """A document after repair.

    Attributes
    ----------
    old, new : bytes
        The document before and after; the same object if nothing was mended.
    repairs : tuple of Repair
        What was mended, in the order of the document's features, what concerns the whole document last.
    left : tuple of Repair
        What looks as if it wants mending but is not proven harmless to mend, and why.
    refused : str or None
        Why the document as a whole was left alone.
    name : str
        What the document is called in the diff.
    written : bool
        Whether the file now holds `new`.
    edits : tuple of Edit
        How `new` came of `old`.
    """

    old: bytes = field(repr=False)
    new: bytes = field(repr=False)
    repairs: tuple[Repair, ...] = ()
    left: tuple[Repair, ...] = ()
    refused: str | None = None
    name: str = "<text>"
    written: bool = False
    edits: tuple[Edit, ...] = field(default=(), repr=False)

    @property
    def changed(self) -> bool:
        """Whether anything was mended."""
        return self.new is not self.old

    def diff(self) -> str:
        """The change as a unified diff; empty if there is none."""
        return "".join(self.diff_lines())

    def diff_lines(self) -> Iterator[str]:
        """The lines of the unified diff, each with its line end; what a terminal would obey is escaped."""
        if not self.changed:
            return
        yield f"--- {visible(self.name)}\n+++ {visible(self.name)}\n"
        line = at = shift = 0
        for start, end, edits in _stretches(self.old, self.edits):
            line += self.old.count(b"\n", at, start)
            at = start
            old, new = _LINE.findall(self.old, start, end), _LINE.findall(apply(self.old, edits, start=start, end=end))
            for group in _groups(old, new):
                (_, a, _, c, _), (_, _, b, _, d) = group[0], group[-1]
                yield f"@@ -{_range(line + a, b - a)} +{_range(line + shift + c, d - c)} @@\n"
                for tag, i, j, k, m in group:
                    yield from (_shown(" " if tag == "equal" else "-", text) for text in old[i:j])
                    if tag != "equal":
                        yield from (_shown("+", text) for text in new[k:m])
            shift += len(new) - len(old)


def _stretches(text: bytes, edits: Sequence[Edit]) -> Iterator[tuple[int, int, list[Edit]]]:
    """Stretches of whole lines that hold edits and their context."""
    start = end = 0
    group: list[Edit] = []
    for edit in edits:
        low = text.rfind(b"\n", 0, edit.start) + 1
        for _ in range(_CONTEXT):
            low = text.rfind(b"\n", 0, max(low - 1, 0)) + 1
        if group and low >= end:
            yield start, end, group
            group = []
        start = start if group else low
        group.append(edit)
        end = edit.end
        for _ in range(_CONTEXT + 1):
            end = (text.find(b"\n", end) + 1) or len(text)
    if group:
        yield start, end, group


def _groups(old: list[bytes], new: list[bytes]) -> list[list[tuple[str, int, int, int, int]]]:
    if max(len(old), len(new)) > _MATCHED_LINES:
        return [[("replace", 0, len(old), 0, len(new))]]
    # Long lines are compared by their hash, so that this is about their number alone.
    return [list(group) for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_CONTEXT)]


def _range(first: int, count: int) -> str:
    """A hunk's range as diff writes it."""
    return str(first + 1) if count == 1 else f"{first + 1 if count else first},{count}"


def _shown(mark: str, line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    body = text.rstrip("\r\n")
    end = text[len(body) :] if text.endswith("\n") else f"{text[len(body) :]}\n\\ No newline at end of file\n"
    return mark + "\t".join(map(visible, body.split("\t"))) + end
