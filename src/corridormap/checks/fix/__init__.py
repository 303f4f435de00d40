"""Mend GeoJSON files where that is safe and loses nothing.

Whatever is not mended stays byte for byte: indentation, the spelling of numbers, the order of keys, escapes, line ends. Each repair is
proven before it counts; a document whose repair cannot be proven is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from corridormap.checks.fix.document import Run
from corridormap.checks.fix.edits import Edit, Unfixable, apply, diff_lines
from corridormap.checks.reading.document import MOST
from corridormap.checks.rule import RULES
from corridormap.errors import DataError
from corridormap.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

__all__ = ["Fixed", "fix_file", "fix_text"]


@dataclass(frozen=True, repr=False)
class Fixed:
    """A document after repair.

    Attributes
    ----------
    name : str
        What it is called in the diff.
    old, new : bytes
        The text before and after; the same object if nothing was mended.
    repairs : list of str
        The kinds of repair, as the rules name them, each as often as it was done.
    edits : list of Edit
        How `new` came of `old`.
    refused : str or None
        Why the document as a whole was left alone.
    """

    name: str
    old: bytes
    new: bytes
    repairs: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    refused: str | None = None

    @property
    def changed(self) -> bool:
        """Whether anything was mended."""
        return self.new is not self.old

    def diff_lines(self) -> Iterator[str]:
        """Yield the lines of the change as a unified diff, each with its line end; none if nothing was mended."""
        return diff_lines(self.name, self.old, self.edits)


def fix_text(text: bytes, *, codes: Collection[str] | None = None, name: str = "<text>") -> Fixed:
    """Mend a GeoJSON text.

    Parameters
    ----------
    text : bytes
        The document.
    codes : collection of str, optional
        The rules whose findings are mended; by default all. A bbox that a repair would make wrong is adjusted whatever is chosen.
    name : str
        What to call the document.

    Returns
    -------
    Fixed
        The new text and what was done. A text that is not JSON, is not GeoJSON, gives a key twice, holds NaN or is nested too deeply
        comes back as it is, and `refused` says why.
    """
    kinds = frozenset(rule.repair for rule in RULES if rule.repair is not None and (codes is None or rule.code in codes))
    try:
        changes = Run(text, kinds).run()
    except Unfixable as error:
        return Fixed(name, text, text, refused=str(error))
    except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:  # Whatever it is, the text stays as it was.
        return Fixed(name, text, text, refused=f"cannot be mended: {type(error).__name__}: {error}")
    return Fixed(name, text, apply(text, changes.edits) if changes.edits else text, changes.repairs, changes.edits)


def fix_file(path: Path, *, codes: Collection[str] | None = None, diff: bool = False) -> Fixed:
    """Mend a GeoJSON file, writing beside it and renaming; it is written only if something changed.

    Parameters
    ----------
    path : Path
        The file. A symbolic link stays one; what it points to is mended.
    codes : collection of str, optional
        As for `fix_text`.
    diff : bool
        Write nothing; `Fixed.diff_lines` shows what would change.

    Raises
    ------
    DataError
        If the file is too large, cannot be read, or changed meanwhile.
    WriteError
        If it cannot be written; it is as it was then.
    """
    try:
        seen = path.stat()
        if seen.st_size > MOST:
            raise DataError(f"is larger than {MOST >> 20} MiB, too large to mend", where=path, hint="Split it, or mend it in a GIS.")
        fixed = fix_text(path.read_bytes(), codes=codes, name=str(path))
        now = path.stat()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=path) from None
    if fixed.changed and not diff:
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (seen.st_ino, seen.st_size, seen.st_mtime_ns):
            raise DataError("changed while it was being mended", where=path, hint="Nothing was written; run it again.")
        write_atomic(path, fixed.new)
    return fixed
