"""Put a finished file or folder in its place: written beside it, then renamed; a failure leaves what stood there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.errors import WriteError
from corridormap.export.sidefiles import refuse_open, side_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

HINT = "Choose another place, or mend the folder's permissions. Nothing was changed."


@dataclass
class Draft:
    """Where a writer writes; all but the path is known once it is in place."""

    path: Path
    """A path of the target's name in a private folder beside it; an empty folder if the target is one, else nothing stands there."""
    files: list[Path] = field(default_factory=list)
    """The files written: those of a folder, or the file itself and what was written beside it."""
    removed: list[Path] = field(default_factory=list)
    """Side files of the old file that went with it."""


@contextmanager
def place(path: Path, *, folder: bool, force: bool) -> Iterator[Draft]:
    """Give a draft to write to, and move it to its place when the block ends without an error.

    A symbolic link stays one. Files in a folder that are not written anew are left as they are. `force` replaces an existing file with its
    side files, or writes into a folder that is not empty.

    Raises
    ------
    WriteError
        If the target or a side file exists and ``force`` is not given, it is of the wrong kind, open in another program, or cannot be
        written.
    """
    try:
        target = path.resolve()
        _check(path, target, folder=folder, force=force)
        with tempfile.TemporaryDirectory(prefix=f".{target.name[:100]}.", dir=target.parent, ignore_cleanup_errors=True) as beside:
            draft = Draft(Path(beside) / target.name)
            if folder:
                draft.path.mkdir()
            yield draft
            if folder:
                names = sorted(file.relative_to(draft.path) for file in draft.path.rglob("*") if file.is_file())
                draft.files = [path / name for name in names]
                moves = {draft.path / name: target / name for name in names}
            else:
                # A file may have others beside it, which the writer has put beside the draft.
                extras = sorted(file for file in Path(beside).iterdir() if file.is_file() and file != draft.path)
                draft.files = [path, *(target.with_name(file.name) for file in extras)]
                moves = {file: target.with_name(file.name) for file in [*extras, draft.path]}
                if target.exists():
                    draft.path.chmod(target.stat().st_mode & 0o777)
            for file, there in moves.items():
                # A disk that is full may say so only now.
                with file.open("rb") as stream:
                    os.fsync(stream.fileno())
                refuse_open(there)
            places = set(moves.values())
            draft.removed = sorted({side for there in places for side in side_files(there)} - places)
            if folder and not target.exists():
                draft.path.rename(target)
            else:
                _move(moves, away=[*draft.removed, *filter(Path.is_file, places - {target})], keep=Path(beside) / "aside")
    except WriteError as error:
        # A writer knows the draft alone.
        raise WriteError(error.what, where=path, hint=error.hint) from None
    except Exception as error:
        if not isinstance(error, (OSError, sqlite3.Error, *_gdal_errors())):
            raise
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise WriteError(f"cannot be written: {reason}", where=path, hint=HINT) from None


def _check(path: Path, target: Path, *, folder: bool, force: bool) -> None:
    if not target.parent.is_dir():
        raise WriteError("there is no such folder to write into", where=path.parent, hint="Make it first, or mend the path.")
    if not target.exists():
        left = [] if folder or force else side_files(target)
        if left:
            what = f"{', '.join(file.name for file in left)} of an older file stands there and would be taken for the new one's"
            raise WriteError(what, where=path, hint="Give another name, or --force to remove it.")
        return
    if folder != target.is_dir():
        what = "is a file, not a folder" if folder else "is a folder, not a file"
        raise WriteError(what, where=path, hint="Give another name.")
    if not folder and not target.is_file():
        raise WriteError("is not a regular file", where=path, hint="Give the name of a file.")
    if force or (folder and not any(target.iterdir())):
        refuse_open(target)
        return
    if folder:
        raise WriteError("the folder is not empty", where=path, hint="Give another name, or --force to replace files of the same names.")
    raise WriteError("exists already", where=path, hint="Give another name, or --force to replace it.")


def _move(moves: Mapping[Path, Path], *, away: Iterable[Path], keep: Path) -> None:
    """Put files away and move others to their places; should one fail, those moved go and those put away come back."""
    kept: list[tuple[Path, Path]] = []
    moved: list[Path] = []
    keep.mkdir()
    try:
        for file in away:
            kept.append((file.rename(keep / str(len(kept))), file))
        for file, there in moves.items():
            there.parent.mkdir(parents=True, exist_ok=True)
            moved.append(file.replace(there))
    except OSError:
        for there in moved:
            there.unlink()
        for file, there in kept:
            shutil.move(file, there)
        raise


def _gdal_errors() -> tuple[type[Exception], ...]:
    """Give what pyogrio raises when GDAL cannot write; nothing if no writer has loaded it."""
    names = ("DataSourceError", "FieldError", "FeatureError", "GeometryError", "DataLayerError")
    module = sys.modules.get("pyogrio.errors")
    return tuple(getattr(module, name) for name in names) if module else ()
