"""What a repair did, and how it is shown."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTEXT = 3
_MATCHED_LINES = 2_000
"""Lines of one change up to which the diff looks for lines that stayed the same within it."""


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

    def as_dict(self) -> dict[str, Any]:
        """The repair as plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Edit:
    """Bytes that take the place of others."""

    start: int
    end: int
    text: bytes


def apply(text: bytes, edits: list[Edit], *, start: int = 0, end: int | None = None) -> bytes:
    """A stretch of the text with its edits made; they are in order and do not overlap."""
    parts = []
    at = start
    for edit in edits:
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    parts.append(text[at : len(text) if end is None else end])
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

    def records(self) -> list[dict[str, Any]]:
        """What was mended, as plain values."""
        return [repair.as_dict() for repair in self.repairs]

    def diff(self) -> str:
        """The change as a unified diff; empty if there is none."""
        return "".join(self.diff_lines())

    def diff_lines(self) -> Iterator[str]:
        """The lines of the unified diff, each with its line end."""
        if not self.changed:
            return
        yield f"--- {self.name}\n+++ {self.name}\n"
        shift = 0
        for first, old, new in _changes(self.old, self.edits):
            for group in _groups(old, new):
                a, b = group[0][1], group[-1][2]
                c, d = group[0][3], group[-1][4]
                yield f"@@ -{_range(first + a, b - a)} +{_range(first + shift + c, d - c)} @@\n"
                for tag, i, j, k, m in group:
                    if tag == "equal":
                        yield from (_line(" ", line) for line in old[i:j])
                        continue
                    yield from (_line("-", line) for line in old[i:j])
                    yield from (_line("+", line) for line in new[k:m])
            shift += len(new) - len(old)


def _changes(old: bytes, edits: tuple[Edit, ...]) -> Iterator[tuple[int, list[bytes], list[bytes]]]:
    """Stretches of whole lines that hold the edits and their context: the first line's number from 0, the old lines, the new ones."""
    line = counted = 0
    group: list[Edit] = []
    start = end = 0
    for edit in [*edits, None]:
        if group and (edit is None or _lines_back(old, edit.start) >= end):
            line += old.count(b"\n", counted, start)
            counted = start
            yield line, _split(old[start:end]), _split(apply(old, group, start=start, end=end))
            group = []
        if edit is not None:
            start = start if group else _lines_back(old, edit.start)
            group.append(edit)
            end = _lines_on(old, edit.end)


def _lines_back(text: bytes, at: int) -> int:
    """Where the context before a place begins."""
    at = text.rfind(b"\n", 0, at) + 1
    for _ in range(_CONTEXT):
        at = text.rfind(b"\n", 0, max(at - 1, 0)) + 1
    return at


def _lines_on(text: bytes, at: int) -> int:
    """Where the context after a place ends."""
    for _ in range(_CONTEXT + 1):
        at = text.find(b"\n", at) + 1
        if at == 0:
            return len(text)
    return at


def _groups(old: list[bytes], new: list[bytes]) -> list[list[tuple[str, int, int, int, int]]]:
    if max(len(old), len(new)) <= _MATCHED_LINES:
        # Long lines are compared by their hash, so that this is about their number alone.
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        return [list(group) for group in matcher.get_grouped_opcodes(_CONTEXT)]
    return [[("replace", 0, len(old), 0, len(new))]]


def _range(first: int, count: int) -> str:
    """A hunk's range as diff writes it."""
    if count == 1:
        return str(first + 1)
    return f"{first + 1 if count else first},{count}"


def _split(text: bytes) -> list[bytes]:
    lines = text.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _line(mark: str, line: bytes) -> str:
    text = mark + line.decode("utf-8", "replace")
    return text if line.endswith(b"\n") else text + "\n\\ No newline at end of file\n"
