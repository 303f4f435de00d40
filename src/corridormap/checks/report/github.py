"""Workflow commands of GitHub Actions: a rule's findings in a file become an annotation at the line of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.report.wording import STDIN, TERSE, feature_of, grouped, place_in_file, relative, summary
from corridormap.checks.rule import Severity
from corridormap.escape import visible

if TYPE_CHECKING:
    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write(report: Report, *, every: bool = False) -> str:
    """Write the commands, and the summary as a plain line."""
    found = [(finding, "") for finding in report.findings] if every else grouped(report)
    return "\n".join([*(_command(finding, others) for finding, others in found), summary(report)]) + "\n"


def _command(finding: Finding, others: str) -> str:
    properties = {}
    if finding.file is not None and finding.file != STDIN:
        properties["file"] = visible(relative(finding.file))
        if finding.line is not None:
            properties["line"] = str(finding.line)
            if finding.column is not None:
                properties["col"] = str(finding.column)
    feature = feature_of(finding)
    properties["title"] = finding.code if feature is None else f"{finding.code}, feature {feature}"
    place = place_in_file(finding)
    message = visible(finding.message, limit=2 * TERSE) + (f" [{place}]" if place else "")
    if others:
        message += f"\n{others}"
    if finding.hint:
        message += f"\n{visible(finding.hint, limit=TERSE)}"
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
