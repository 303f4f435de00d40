"""Terse text for people: a line for a rule's findings in a file, their hint beneath, a summary at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.report.wording import TERSE, grouped, place_in_file, relative, summary
from corridormap.escape import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding


def write(report: Report, *, every: bool = False) -> str:
    """Write the report as lines that editors and terminals can jump from.

    Returns
    -------
    str
        ``file:line:column: severity CODE message [feature id, pointer, lon lat]`` and, where it stands for several, how many they are
        and where the next ones are; hints indented.
    """
    found = [(finding, "") for finding in report.findings] if every else grouped(report)
    return "\n".join([*lines(found), summary(report)]) + "\n"


def lines(findings: Iterable[tuple[Finding, str]]) -> Iterator[str]:
    """Write findings, each on a line with what is to be added, and its hint on the next."""
    for finding, others in findings:
        yield _line(finding) + (f" ({others})" if others else "")
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
