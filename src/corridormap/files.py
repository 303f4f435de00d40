"""Reading and writing files so that nothing is lost and every failure is named."""

from __future__ import annotations

import gc
import os
import secrets
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.errors import DataError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@contextmanager
def uncollected() -> Iterator[None]:
    """Let Python look for no circles among values that are made by the million while files are read or written, few of them in circles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def read_text(path: Path) -> str:
    """Read a UTF-8 text file.

    Raises
    ------
    DataError
        If the file is missing, is no regular file, cannot be read, is not UTF-8 or begins with a byte order mark.
    """
    try:
        if path.exists() and not path.is_file():
            raise DataError("is not a regular file", where=path)
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError("no such file", where=path, hint="Check the path, or the folder given with --geodata.") from None
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 (byte {error.start})", where=path, hint="Save the file as UTF-8.") from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=path) from None
    except ValueError as error:  # a path that can be none
        raise DataError(f"cannot be read: {error}", where=path) from None
    if text.startswith("\ufeff"):
        raise DataError("begins with a byte order mark", where=path, hint="Save the file as UTF-8 without one (BOM).")
    return text


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write beside the target, flush to disk, then rename over it.

    A failure at any step leaves the old file as it was. A symbolic link stays one: what it points to is replaced.

    Raises
    ------
    WriteError
        If the folder or the file cannot be written, or the target is no regular file.
    """
    write_all({path: content})


def write_all(contents: Mapping[Path, str | bytes]) -> None:
    """Write several files: all of them beside their targets first, and only when that went well are they renamed.

    Where a later one cannot be renamed, those before it are put back.

    Raises
    ------
    WriteError
        Naming the first file that cannot be written, and what has changed then: nothing, unless the file system keeps no second name of a
        file (hard links).
    """
    ready: list[tuple[Path, Path]] = []
    done: list[tuple[Path, bool, Path | None]] = []
    seconds: list[Path | None] = []
    hint = "Choose another place, or mend the folder's permissions."
    try:
        for path, content in contents.items():
            ready.append(_write_beside(path, content))
        for path, (temporary, target) in zip(contents, ready, strict=True):  # noqa: B007  named if it fails
            there = target.exists()
            seconds.append(_second_name(target) if there and len(ready) > 1 else None)
            temporary.replace(target)
            done.append((target, there, seconds[-1]))
    except OSError as error:
        left = _put_back(done)
        changed = f"Written already, and not put back: {', '.join(map(str, left))}." if left else "Nothing was changed."
        raise WriteError(f"cannot be written: {error.strerror or error}", where=path, hint=f"{hint} {changed}") from None
    except BaseException:
        _put_back(done)
        raise
    finally:
        for temporary in (*(one for one, _ in ready), *filter(None, seconds)):
            temporary.unlink(missing_ok=True)


def _second_name(target: Path) -> Path | None:
    """Give a file another name beside it; None if the file system has no second names."""
    name = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.old")
    try:
        name.hardlink_to(target)
    except OSError:
        return None
    return name


def _put_back(done: Sequence[tuple[Path, bool, Path | None]]) -> list[Path]:
    """Undo what was written, as far as it can be: each target, whether it was there before, and its second name; give what stays."""
    left = []
    for target, there, second in done:
        try:
            if second is not None:
                second.replace(target)
            elif there:
                left.append(target)
            else:
                target.unlink()
        except OSError:
            left.append(target)
    return left


def _write_beside(path: Path, content: str | bytes) -> tuple[Path, Path]:
    if path.is_dir():
        raise WriteError("is a folder, not a file", where=path, hint="Give the name of a file.")
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise WriteError("is not a regular file", where=path, hint="Give the name of a file, or - for standard output.")
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.encode("utf-8", "replace") if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes private files; a published page must keep the reader's usual permissions.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~mask)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary, target
