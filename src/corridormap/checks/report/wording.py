"""What the formats share: names of files, places, and the summary line."""

from __future__ import annotations

import math
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from corridormap.escape import visible

if TYPE_CHECKING:
    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding

STDIN = "<stdin>"
TERSE = 300
"""Longest a text of the data may be where people read it."""
NEXT = 3
"""So many places are named besides the first."""


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


def grouped(report: Report) -> list[tuple[Finding, str]]:
    """Take the first finding of each rule in each file, and say of the others how many there are in all and where the next ones are."""
    groups: dict[tuple[str | None, str], list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault((finding.file, finding.code), []).append(finding)
    told = []
    for key, (first, *others) in groups.items():
        count = 1 + len(others) + report.more[key]
        places = list(dict.fromkeys(filter(None, map(_short_place, others))))[:NEXT]
        also = f", also at {', '.join(places)}{' …' if count > 1 + len(places) else ''}" if places else ""
        told.append((first, f"{count:,} times{also}" if count > 1 else ""))
    return told


def _short_place(finding: Finding) -> str:
    """Line and column, or else the feature."""
    if finding.line is not None:
        return f"{finding.line}" if finding.column is None else f"{finding.line}:{finding.column}"
    feature = feature_of(finding)
    return "" if feature is None else feature if feature.startswith("feature ") else f"feature {feature}"


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
