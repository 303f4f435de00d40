"""What a check found, as a whole, and as terse text for people; other formats share its parts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, fields, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from corridormap.checks.rule import RULES, AtlasRule, Finding, Severity
from corridormap.escape import visible
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pandas import DataFrame

    from corridormap.atlas import Atlas
    from corridormap.checks.drawing import Drawing
    from corridormap.checks.filecheck import FileCheck

    Told = tuple[Finding, str]


@dataclass(frozen=True)
class Checked:
    """A file, or a layer of one, that was looked at."""

    file: str
    """The file as it was named to us; "<stdin>" for standard input."""
    format: str = "GeoJSON"
    """What it was read as: "GeoJSON", "GeoJSON text sequence", "GPKG", …"""
    features: int = 0
    vertices: int = 0
    """How many were looked at."""


@dataclass
class Report:
    """All that a run looked at and found."""

    findings: list[Finding] = field(default_factory=list)
    """In the order of files, then of places in them."""
    checked: list[Checked] = field(default_factory=list)
    """The files, in the order given."""
    more: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    """How many findings more there were than was asked for."""
    drawing: Drawing | None = None
    """The shapes of what was checked, if they were asked for."""
    atlas: Atlas | None = None
    """The first atlas of which anything was checked."""

    def add(self, check: FileCheck, kind: str, name: str | None = None) -> None:
        """Add what was found in a file of this format, or in a layer under the name that it has in the end."""
        name = name or check.file
        told = [replace(finding, file=name) for finding in check.findings()]
        self.findings += told
        self.more += Counter({(name, code): count for code, count in check.counts.items()})
        self.more -= Counter((name, finding.code) for finding in told)
        self.checked.append(Checked(name, kind, check.features, check.vertices))

    @property
    def dropped(self) -> int:
        """How many findings more there were in all."""
        return self.more.total()

    def counts(self) -> dict[str, int]:
        """Tell how many findings there are of each severity."""
        return {severity.value: sum(finding.severity is severity for finding in self.findings) for severity in Severity}

    def failed(self, *, strict: bool = False) -> bool:
        """Tell whether the run fails: on an error, and with `strict` on a warning too."""
        return any(finding.severity is Severity.ERROR or (strict and finding.severity is Severity.WARNING) for finding in self.findings)

    def records(self) -> list[dict[str, Any]]:
        """Give the findings as plain values."""
        return [finding.as_dict() for finding in self.findings]

    def frame(self) -> DataFrame:
        """Give the findings as a table, one a row; its columns are there even if nothing was found."""
        import pandas as pd

        return pd.DataFrame(self.records(), columns=[column.name for column in fields(Finding)])


TERSE = 300
"""Longest a text of the data may be where people read it."""
NEXT = 3
"""How many findings are located besides the first of their rule and file."""


def text(report: Report, *, every: bool) -> str:
    """Write the report as lines that editors and terminals can jump from, the hint of each indented below it.

    They are ``file:line:column: severity CODE message [feature id, pointer, lon lat]`` and, for several, their number and next places.
    """
    return "\n".join([*lines(told(report, every=every)), summary(report)]) + "\n"


def told(report: Report, *, every: bool) -> list[Told]:
    """Take every finding; or the first of each rule in each file, and say how many there are in all and where the next ones are.

    What is wrong with the facts of an atlas is told each for itself: there it is a list of what to mend.
    """
    if every:
        return [(finding, "") for finding in report.findings]
    of_facts = {rule.code for rule in RULES if isinstance(rule, AtlasRule)}
    groups: dict[tuple[str | None, str, int], list[Finding]] = {}
    for number, finding in enumerate(report.findings):
        groups.setdefault((finding.file, finding.code, number if finding.code in of_facts else 0), []).append(finding)
    found = []
    for (file, code, _), (first, *others) in groups.items():
        count = 1 + len(others) + (0 if code in of_facts else report.more[file, code])
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
