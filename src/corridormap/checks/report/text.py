"""Write terse text for people: a line for each rule and file, the hint beneath, a summary at the end; other formats share its parts."""

from __future__ import annotations

import math
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from corridormap.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corridormap.checks.report.report import Report
    from corridormap.checks.rule import Finding

    Told = tuple[Finding, str]

TERSE = 300
"""Longest a text of the data may be where people read it."""
NEXT = 3
"""How many findings are located besides the first of their rule and file."""


def write(report: Report, *, every: bool = False) -> str:
    """Write the report as lines that editors and terminals can jump from.

    Returns
    -------
    str
        ``file:line:column: severity CODE message [feature id, pointer, lon lat]`` and, where it stands for several, how many they are
        and where the next ones are; hints indented.
    """
    return "\n".join([*lines(told(report, every=every)), summary(report)]) + "\n"


def told(report: Report, *, every: bool) -> list[Told]:
    """Take every finding; or the first of each rule in each file, and say how many there are in all and where the next ones are."""
    if every:
        return [(finding, "") for finding in report.findings]
    groups: dict[tuple[str | None, str], list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault((finding.file, finding.code), []).append(finding)
    found = []
    for key, (first, *others) in groups.items():
        count = 1 + len(others) + report.more[key]
        located = list(dict.fromkeys(filter(None, (position(other) or feature(other) for other in others))))[:NEXT]
        also = f", also at {', '.join(located)}{' …' if count > 1 + len(located) else ''}" if located else ""
        found.append((first, f"{count:,} times{also}" if count > 1 else ""))
    return found


def lines(findings: Iterable[Told]) -> Iterator[str]:
    """Write findings, each on a line with what is to be added, and its hint on the next."""
    for finding, others in findings:
        file = visible(relative(finding.file or ""))
        where = ":".join(filter(None, (file, position(finding)))) + ": " if file else ""
        added = f" ({others})" if others else ""
        yield f"{where}{finding.severity.value} {finding.code} {message(finding, limit=2 * TERSE)}{added}"
        if finding.hint:
            yield f"  hint: {visible(finding.hint, limit=TERSE)}"


def summary(report: Report) -> str:
    """Sum a report up in a line: "3 files, 1,204 features: 2 errors, 1 warning, 0 notes".

    Findings beyond the number asked for are counted at its end, so that a short list never looks like all.
    """

    def counted(number: int, noun: str) -> str:
        return f"{number:,} {noun}{'' if number == 1 else 's'}"

    files = len({checked.file for checked in report.checked})
    features = sum(checked.features for checked in report.checked)
    found = ", ".join(counted(number, severity) for severity, number in report.counts().items())
    cut = f" (list cut at {len(report.findings):,}: {counted(report.dropped, 'more finding')} not shown)" if report.dropped else ""
    return f"{counted(files, 'file')}, {counted(features, 'feature')}: {found}{cut}"


def relative(file: str) -> str:
    """Name a file from the current folder if it is named from the root and lies below it; other names stay as they are."""
    path = PurePath(file)
    return path.relative_to(here).as_posix() if path.is_absolute() and path.is_relative_to(here := Path.cwd()) else file


def message(finding: Finding, *, limit: int | None = None) -> str:
    """Say what is wrong and where in the file: feature, pointer, coordinate, as far as they are known."""
    where = [feature(finding), visible(finding.pointer or "", limit=TERSE)]
    if (at := spot(finding)) is not None:
        # No coordinate on Earth is so large a number.
        where.append(" ".join(f"{value:.5f}" if abs(value) < 1e8 else f"{value:g}" for value in at))
    known = ", ".join(filter(None, where))
    return visible(finding.message, limit=limit) + (f" [{known}]" if known else "")


def position(finding: Finding) -> str:
    """Line and column, as far as they are known."""
    return ":".join(str(number) for number in (finding.line, finding.column) if number is not None)


def identifier(finding: Finding) -> str | None:
    """Name the feature: by its id, else by its position, counted from 0."""
    if finding.feature is not None and str(finding.feature):
        return visible(finding.feature, limit=TERSE)
    return None if finding.index is None else str(finding.index)


def feature(finding: Finding) -> str:
    """Name the feature as one; empty if it is not known."""
    name = identifier(finding) or ""
    return name if not name or name.startswith("feature ") else f"feature {name}"


def spot(finding: Finding) -> tuple[float, float] | None:
    """Longitude and latitude, if both are numbers."""
    if finding.lon is None or finding.lat is None or not (math.isfinite(finding.lon) and math.isfinite(finding.lat)):
        return None
    return finding.lon, finding.lat
