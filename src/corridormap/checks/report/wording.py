"""What the formats share: text made harmless to look at, places, and the summary line."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding

STDIN = "<stdin>"
TERSE = 300
"""Longest a text of the data may be where people read it."""

# Control characters, what turns the direction of writing, line and paragraph separators, halves of pairs, no characters, tags.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_UNSEEN_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


def visible(value: object, *, limit: int | None = None) -> str:
    r"""Write out what a terminal would obey or a reader could not see: ``\n``, ``\x1b``, ``\u202e``.

    Parameters
    ----------
    value : object
        The text, whoever wrote it.
    limit : int, optional
        Cut it to so many characters, and say so with "…".

    Returns
    -------
    str
        One line.
    """
    text = str(value)
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return _UNSEEN.sub(_written, text)


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


def relative(file: str) -> str:
    """Name a file from the current folder if it is named from the root and lies below it; other names stay as they are."""
    path = PurePath(file)
    return path.relative_to(here).as_posix() if path.is_absolute() and path.is_relative_to(here := Path.cwd()) else file


def spot(finding: Finding) -> tuple[float, float] | None:
    """Longitude and latitude, if both are numbers."""
    if finding.lon is None or finding.lat is None or not (math.isfinite(finding.lon) and math.isfinite(finding.lat)):
        return None
    return finding.lon, finding.lat


def degrees(value: float) -> str:
    """Write a coordinate with five decimals; one that no place on Earth has, as short as it goes."""
    return f"{value:.5f}" if abs(value) < 1e8 else f"{value:g}"


def feature_of(finding: Finding) -> str | None:
    """Name the feature: by its id, else by its position, counted from 0."""
    if finding.feature is not None and str(finding.feature):
        return visible(finding.feature, limit=TERSE)
    return None if finding.index is None else str(finding.index)


def place_in_file(finding: Finding) -> str:
    """Say where in the file a finding is: feature, pointer, coordinate; empty if nothing is known."""
    parts = []
    if (feature := feature_of(finding)) is not None:
        parts.append(feature if feature.startswith("feature ") else f"feature {feature}")
    if finding.pointer:
        parts.append(visible(finding.pointer, limit=TERSE))
    if (at := spot(finding)) is not None:
        parts.append(" ".join(map(degrees, at)))
    return ", ".join(parts)


def counted(number: int, noun: str) -> str:
    """Write "1 file", "1,204 features"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def summary(report: Report) -> str:
    """Sum a report up in a line: "3 files, 1,204 features: 2 errors, 1 warning, 0 notes".

    Findings beyond the number asked for are counted at its end, so that a short list never looks like all.
    """
    files = len({checked.file for checked in report.checked})
    features = sum(checked.features for checked in report.checked)
    found = ", ".join(counted(number, severity) for severity, number in report.counts().items())
    line = f"{counted(files, 'file')}, {counted(features, 'feature')}: {found}"
    if report.dropped:
        line += f" (list cut at {len(report.findings):,}: {counted(report.dropped, 'more finding')} not shown)"
    return line
