"""Mend GeoJSON files where that is safe and loses nothing.

Whatever is not mended stays byte for byte: indentation, the spelling of numbers, the order of keys, escapes, line ends. Each repair is
proven before it counts; a document whose repair cannot be proven is left alone.
"""

from __future__ import annotations

import codecs
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.checks.fix.document import mend, where_text
from corridormap.checks.fix.result import Edit, Fixed, Repair, apply
from corridormap.checks.fix.scan import Unfixable
from corridormap.errors import DataError, UsageError
from corridormap.files import write_atomic

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping

__all__ = ["DECIMALS", "KINDS", "MAX_BYTES", "Fixed", "Repair", "fix_file", "fix_text", "kinds_of"]

DECIMALS = 7
"""Decimals of a degree to which coordinates are rounded: about one centimetre, and what RFC 7946 writers use."""
MAX_BYTES = 1 << 30
"""Files larger than this, 1 GiB, are left alone: the text is held in memory twice."""

KINDS: Mapping[str, str] = {
    "bom": "remove a byte order mark",
    "bbox": "recompute a bbox that does not fit the coordinates",
    "closing": "close a ring by repeating its first position",
    "crs": "remove a crs member that names WGS 84 in longitude and latitude",
    "precision": "round coordinates that have too many decimals",
    "repeated": "drop vertices of lines and rings that repeat the one before",
    "winding": "wind exterior rings counterclockwise and holes clockwise",
}
"""The kinds of repair and what they do."""

RULE_KINDS: Mapping[str, str] = {
    "CM003": "bom",
    "CM119": "closing",
    "CM120": "winding",
    "CM125": "bbox",
    "CM126": "bbox",
    "CM127": "bbox",
    "CM128": "bbox",
    "CM130": "crs",
    "CM136": "precision",
    "CM213": "repeated",
}
"""The rules whose findings a kind of repair mends."""

_BOM = codecs.BOM_UTF8
_CHUNK = 1 << 24


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
    if isinstance(codes, str):
        codes = [codes]
    kinds = set(KINDS) if codes is None else set()
    for code in codes or ():
        if code in KINDS:
            kinds.add(code)
        elif code in RULE_KINDS:
            kinds.add(RULE_KINDS[code])
        elif not (code.startswith("CM") and code[2:].isdigit()):
            raise UsageError(f"there is no repair {code!r}", hint=f"Choose among {', '.join(KINDS)}, or give the code of a rule.")
    return frozenset(kinds)


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
    try:
        return _fixed(text, kinds, decimals, name)
    except Unfixable as error:
        body = text.removeprefix(_BOM) if error.at is not None else text
        return Fixed(text, text, refused=where_text(body, error), name=name)
    except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:
        # shapely's errors are among these. Whatever it is, the text stays as it was.
        return Fixed(text, text, refused=f"cannot be mended: {type(error).__name__}: {error}", name=name)


def fix_file(
    path: str | Path,
    *,
    codes: Collection[str] | None = None,
    diff: bool = False,
    decimals: int = DECIMALS,
) -> Fixed:
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
    if state.st_size > MAX_BYTES:
        raise DataError(f"is larger than {MAX_BYTES >> 20} MiB, too large to mend", where=path, hint="Split it, or mend it in a GIS.")
    return state


def _fixed(text: bytes, kinds: frozenset[str], decimals: int, name: str) -> Fixed:
    marked = text.startswith(_BOM)
    body = text[len(_BOM) :] if marked else text
    _check_utf8(body)
    run = mend(body, kinds=kinds, decimals=decimals)
    done, edits = run.done, run.edits
    new = _applied(body, edits)
    shift = 0
    if marked:
        shift = len(_BOM)
        if "bom" in kinds:
            done.append(Repair("bom", "Removed the byte order mark."))
        else:
            new = _BOM + new
    if not done:
        return Fixed(text, text, left=tuple(run.left), name=name)
    moved = [Edit(0, shift, b"")] if marked and "bom" in kinds else []
    moved += [Edit(edit.start + shift, edit.end + shift, edit.text) for edit in edits]
    return Fixed(text, new, tuple(done), tuple(run.left), name=name, edits=tuple(moved))


def _applied(text: bytes, edits: list[Edit]) -> bytes:
    return apply(text, edits) if edits else text


def _check_utf8(text: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, max(len(text), 1), _CHUNK):
        try:
            decoder.decode(text[start : start + _CHUNK], final=start + _CHUNK >= len(text))
        except UnicodeDecodeError as error:
            raise Unfixable(f"is not UTF-8 (near byte {start + error.start})") from None
