"""Texts that strangers wrote (names of files, properties, messages of other libraries), made harmless to print."""

from __future__ import annotations

import json
import math
import re
from typing import Any

# Control characters, what turns the direction of writing, separators of lines and paragraphs, halves of pairs, no characters, tags; and
# "##[", which some CI servers take for a command wherever it stands.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
    r"|(?<=#)#(?=\[)"
)
_UNSEEN_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|(?<=#)#(?=\\[)")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def visible(value: object, *, limit: int | None = None) -> str:
    r"""Write out, on one line, what a terminal would obey or a reader could not see: ``\n``, ``\x1b``, ``\u202e``.

    What is longer than the limit is cut and ends with "…".
    """
    text = str(value)
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    text = _UNSEEN.sub(_written, text)
    # A line that begins so is a command to GitHub's runner.
    return text.replace(":", "\\x3a", 1) if text.lstrip().startswith("::") else text


def _written(match: re.Match[str]) -> str:
    number = ord(match[0])
    if match[0] in _SHORT:
        return _SHORT[match[0]]
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def safe_json(value: Any, *, indent: int | None = 2) -> str:
    """Write JSON that any terminal may show and any encoding hold; what is no number becomes null."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, indent=indent, default=_plain)
    return _UNSEEN_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def _plain(value: Any) -> Any:
    """Turn numpy's numbers into Python's."""
    return value.item() if hasattr(value, "item") else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
