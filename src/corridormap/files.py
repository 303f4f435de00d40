"""Reading and writing files so that nothing is lost and every failure is named."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from corridormap.errors import DataError, WriteError


def read_text(path: Path) -> str:
    """Read a UTF-8 text file.

    Raises
    ------
    DataError
        If the file is missing, is no regular file, cannot be read or is not UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise DataError("is not a regular file", where=path)
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError("no such file", where=path, hint="Check the path, or the folder given with --geodata.") from None
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 (byte {error.start})", where=path, hint="Save the file as UTF-8.") from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=path) from None


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write beside the target, flush to disk, then rename over it.

    A failure at any step leaves the old file as it was.

    Raises
    ------
    WriteError
        If the folder or the file cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary: str | None = None
    try:
        if path.is_dir():
            raise WriteError("is a folder, not a file", where=path, hint="Give the name of a file.")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes private files; a published page must keep the reader's usual permissions.
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise WriteError(
            f"cannot be written: {error.strerror or error}",
            where=path,
            hint="Choose another place with -o, or mend the folder's permissions. Nothing was changed.",
        ) from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
