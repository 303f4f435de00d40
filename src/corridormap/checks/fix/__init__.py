"""Mend GeoJSON files where that is safe and loses nothing.

Whatever is not mended stays byte for byte: indentation, the spelling of numbers, the order of keys, escapes, line ends. Each repair is
proven before it counts; a document whose repair cannot be proven is left alone.
"""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.checks.fix.document import Run
from corridormap.checks.fix.result import Edit, Fixed, Repair, Unfixable, apply
from corridormap.checks.reading.document import MOST
from corridormap.checks.reading.text import MARK
from corridormap.checks.rule import RULES
from corridormap.errors import DataError, UsageError
from corridormap.files import write_atomic

if TYPE_CHECKING:
    import os
    from collections.abc import Collection

__all__ = ["DECIMALS", "KINDS", "Fixed", "Repair", "fix_file", "fix_text", "kinds_of"]

DECIMALS = 7
"""Decimals of a degree to which coordinates are rounded: about one centimetre, and what RFC 7946 writers use."""

KINDS = frozenset(rule.repair for rule in RULES if rule.repair is not None)
"""The kinds of repair, which the rules name whose findings they mend."""


def kinds_of(codes: Collection[str] | None) -> frozenset[str]:
    """The kinds of repair that rule codes or the kinds' own names stand for.

    Parameters
    ----------
    codes : collection of str, optional
        Codes of rules ("CM213"; a rule that no repair mends stands for none) or names of kinds; by default all kinds.

    Raises
    ------
    UsageError
        If a name is neither.
    """
    if codes is None:
        return KINDS
    codes = {codes} if isinstance(codes, str) else set(codes)
    for code in sorted(codes - KINDS):
        if not (code.startswith("CM") and code[2:].isdigit()):
            raise UsageError(f"there is no repair {code!r}", hint=f"Choose among {', '.join(sorted(KINDS))}, or give the code of a rule.")
    return KINDS & (codes | {rule.repair for rule in RULES if rule.code in codes})


def fix_text(text: bytes, *, codes: Collection[str] | None = None, decimals: int = DECIMALS, name: str = "<text>") -> Fixed:
    """Mend a GeoJSON text.

    Parameters
    ----------
    text : bytes
        The document.
    codes : collection of str, optional
        What to mend; see `kinds_of`. A bbox that another repair would make wrong is adjusted whatever is chosen.
    decimals : int
        To how many decimals coordinates are rounded; those with fewer keep what they have.
    name : str
        What to call the document.

    Returns
    -------
    Fixed
        The new text and what was done. A text that is not JSON, is not GeoJSON, gives a key twice, holds NaN or is nested too deeply
        comes back as it is, and `refused` says why.

    Raises
    ------
    UsageError
        If `codes` or `decimals` make no sense.
    """
    kinds = kinds_of(codes)
    if isinstance(decimals, bool) or not isinstance(decimals, int) or not 0 <= decimals <= 15:
        raise UsageError("decimals must be a whole number from 0 to 15", hint="7 decimals of a degree are about one centimetre.")
    body = text.removeprefix(MARK)
    shift = len(text) - len(body)
    try:
        changes = Run(body, kinds=kinds, decimals=decimals).run()
    except Unfixable as error:
        return Fixed(text, text, refused=str(error), name=name)
    except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:
        # shapely's errors are among these. Whatever it is, the text stays as it was.
        return Fixed(text, text, refused=f"cannot be mended: {type(error).__name__}: {error}", name=name)
    edits = [Edit(edit.start + shift, edit.end + shift, edit.text) for edit in changes.edits]
    if shift and "bom" in kinds:
        edits.insert(0, Edit(0, shift, b""))
        changes.mended("bom", "Removed the byte order mark.", "")
    return Fixed(text, apply(text, edits) if edits else text, tuple(changes.done), tuple(changes.left), name=name, edits=tuple(edits))


def fix_file(path: str | Path, *, codes: Collection[str] | None = None, diff: bool = False, decimals: int = DECIMALS) -> Fixed:
    """Mend a GeoJSON file, writing beside it and renaming; it is written only if something changed.

    Parameters
    ----------
    path : str or Path
        The file. A symbolic link stays one; what it points to is mended.
    codes, decimals
        As for `fix_text`.
    diff : bool
        Write nothing; `Fixed.diff` shows what would change.

    Returns
    -------
    Fixed
        What was done; `written` says whether the file was.

    Raises
    ------
    DataError
        If the file is missing, is no regular file, is too large, cannot be read, or changed meanwhile.
    WriteError
        If it cannot be written; it is as it was then.
    UsageError
        If `codes` or `decimals` make no sense.
    """
    path = Path(path)
    seen = _regular(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=path) from None
    fixed = fix_text(text, codes=codes, decimals=decimals, name=str(path))
    if diff or not fixed.changed:
        return fixed
    now = _regular(path)
    if (now.st_ino, now.st_size, now.st_mtime_ns) != (seen.st_ino, seen.st_size, seen.st_mtime_ns):
        raise DataError("changed while it was being mended", where=path, hint="Nothing was written; run it again.")
    write_atomic(path, fixed.new)
    return replace(fixed, written=True)


def _regular(path: Path) -> os.stat_result:
    """A file's state, if it is one that can be mended."""
    try:
        state = path.stat()
    except FileNotFoundError:
        what = "is a symbolic link to nowhere" if path.is_symlink() else "no such file"
        raise DataError(what, where=path, hint="Check the path.") from None
    except (OSError, ValueError) as error:  # A loop of links; a name with a NUL.
        raise DataError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=path) from None
    if stat.S_ISDIR(state.st_mode):
        raise DataError("is a folder, not a file", where=path, hint="Give the files in it.")
    if not stat.S_ISREG(state.st_mode):
        raise DataError("is not a regular file", where=path)
    if state.st_size > MOST:
        raise DataError(f"is larger than {MOST >> 20} MiB, too large to mend", where=path, hint="Split it, or mend it in a GIS.")
    return state
