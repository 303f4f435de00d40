"""Terse text for people: a finding a line, its hint beneath, a summary at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.report.wording import TERSE, place_in_file, relative, summary, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding


def write(report: Report) -> str:
    """Write the report as lines that editors and terminals can jump from.

    Returns
    -------
    str
        ``file:line:column: severity CODE message [feature id, pointer, lon lat]``, and hints indented.
    """
    return "\n".join([*map(_tame, lines(report.findings)), summary(report)]) + "\n"


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Write findings, each on a line, with its hint on the next."""
    for finding in findings:
        yield _line(finding)
        if finding.hint:
            yield f"  hint: {visible(finding.hint, limit=TERSE)}"


def _line(finding: Finding) -> str:
    head = "" if finding.file is None else visible(relative(finding.file))
    if head and finding.line is not None:
        head += f":{finding.line}" if finding.column is None else f":{finding.line}:{finding.column}"
    text = f"{head}: " if head else ""
    text += f"{finding.severity.value} {finding.code} {visible(finding.message, limit=2 * TERSE)}"
    place = place_in_file(finding)
    return f"{text} [{place}]" if place else text


def _tame(line: str) -> str:
    """Keep a CI that reads our lines from taking a file's name or text for one of its commands."""
    line = line.replace("##[", "#\\x23[")
    return f"./{line}" if line.lstrip().startswith("::") else line
