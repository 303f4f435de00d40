"""Workflow commands of GitHub Actions: a rule's findings in a file become an annotation at the line of the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.reading.sources import STDIN
from corridormap.checks.report.text import TERSE, identifier, message, relative, summary, told
from corridormap.checks.rule import Severity
from corridormap.escape import visible

if TYPE_CHECKING:
    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def write(report: Report, *, every: bool = False) -> str:
    """Write the commands, and the summary as a plain line."""
    return "\n".join([*(_command(finding, others) for finding, others in told(report, every=every)), summary(report)]) + "\n"


def _command(finding: Finding, others: str) -> str:
    properties: dict[str, object] = {}
    if finding.file is not None and finding.file != STDIN:
        properties = {"file": visible(relative(finding.file)), "line": finding.line, "col": finding.column}
    name = identifier(finding)
    properties["title"] = finding.code if name is None else f"{finding.code}, feature {name}"
    text = "\n".join(filter(None, (message(finding, limit=2 * TERSE), others, visible(finding.hint or "", limit=TERSE))))
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::{COMMANDS[finding.severity]} {given}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
