"""Where in a file of facts a record stands."""

from __future__ import annotations

import json
from pathlib import Path

from corridormap.checks.reading.text import Lines


def line_of(file: str | None, record: str | None) -> tuple[int | None, int | None]:
    """Find the line and column at which a record of a TOML or GeoJSON file of facts names itself.

    Parameters
    ----------
    file : str or None
        The file.
    record : str or None
        The record's id; of a dotted name such as ``roads.name`` the first part.

    Returns
    -------
    tuple of int or None
        Those of the id; the first line if the file does not hold it; None without a file that can be read.
    """
    text = None if file is None else _text(file)
    if text is None:
        return None, None
    for name in (record, (record or "").partition(".")[0]):
        quoted = json.dumps(name, ensure_ascii=False).encode()
        for spelled in (b"id = " + quoted, b'"id":' + quoted, b'"id": ' + quoted):
            at = text.find(spelled) if name else -1
            if at >= 0:
                return Lines(text).place(at)
    return 1, 1


def _text(file: str) -> bytes | None:
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError):
        return None
