"""The formats of a report for programs and browsers, but for SARIF: JSON, GitHub's commands, JUnit XML and HTML.

The shape of the JSON, version 1::

    {
      "version": 1,
      "counts": {"error": 2, "warning": 0, "note": 1},     findings listed, by severity
      "files": [{"file": …, "format": …, "features": …, "vertices": …}],   what was looked at, in order
      "dropped": 0,                                        findings left out because of --max-findings
      "findings": [{"code", "severity", "message", "file", "feature", "index", "pointer",
                    "line", "column", "lon", "lat", "hint"}]   null where unknown; `index` from 0, `line` and `column` from 1
    }

Members may be added; none goes or changes its meaning without a new version.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from corridormap.checks.reading.sources import STDIN
from corridormap.checks.report.catalogue import first_sentence, records
from corridormap.checks.report.text import TERSE, identifier, lines, message, relative, summary, told
from corridormap.checks.rule import Severity
from corridormap.escape import safe_json, visible

if TYPE_CHECKING:
    from corridormap.checks.report.report import Report
    from corridormap.checks.rule import Finding

VERSION = 1
COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
NOWHERE = "(atlas)"
"""The suite of findings that belong to no file."""


def json(report: Report) -> str:
    """Write the report as JSON; texts stand in it as they were found, escaped."""
    return safe_json(
        {
            "version": VERSION,
            "counts": report.counts(),
            "files": [asdict(checked) for checked in report.checked],
            "dropped": report.dropped,
            "findings": report.records(),
        }
    )


def github(report: Report, *, every: bool) -> str:
    """Write workflow commands of GitHub Actions: an annotation at the line of each finding in `told`; and the summary as a plain line."""
    return "\n".join([*(_command(finding, others) for finding, others in told(report, every=every)), summary(report)]) + "\n"


def _command(finding: Finding, others: str) -> str:
    properties: dict[str, object] = {}
    if finding.file is not None and finding.file != STDIN:
        properties = {"file": visible(relative(finding.file)), "line": finding.line, "col": finding.column}
    name = identifier(finding)
    properties["title"] = finding.code if name is None else f"{finding.code}, feature {name}"
    text = "\n".join(filter(None, (message(finding, limit=2 * TERSE), others, visible(finding.hint or "", limit=TERSE))))
    given = ",".join(
        f"{name}={_escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}" for name, value in properties.items() if value is not None
    )
    return f"::{COMMANDS[finding.severity]} {given}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def junit(report: Report) -> str:
    """Write the report as JUnit XML: a suite for each file, a case for each rule that found something there; errors are failures.

    Warnings and notes do not fail a case; they stand in its output. A file with nothing found is one case that passed, for the
    report does not know which rules were run and found nothing.
    """
    suites: dict[str, dict[str, list[Finding]]] = {checked.file: {} for checked in report.checked}
    for finding in report.findings:
        suites.setdefault(finding.file or NOWHERE, {}).setdefault(finding.code, []).append(finding)
    root = ET.Element("testsuites", name=f"corridormap validate: {summary(report)}")
    for file, rules in suites.items():
        suite = ET.SubElement(root, "testsuite", name=visible(relative(file)))
        for code, findings in (rules or {"no findings": []}).items():
            _case(suite, code, findings)
    for element in (root, *root):
        counts = {"tests": len(list(element.iter("testcase"))), "failures": len(list(element.iter("failure")))}
        for name, count in (counts | {"errors": 0, "skipped": 0, "time": 0}).items():
            element.set(name, str(count))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(suite: ET.Element, code: str, findings: list[Finding]) -> None:
    case = ET.SubElement(suite, "testcase", name=code, classname=suite.get("name", ""), time="0")
    errors = [(finding, "") for finding in findings if finding.severity is Severity.ERROR]
    rest = [(finding, "") for finding in findings if finding.severity is not Severity.ERROR]
    if errors:
        first = visible(errors[0][0].message, limit=TERSE) + (f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else "")
        ET.SubElement(case, "failure", message=first, type=code).text = "\n".join(lines(errors))
    if rest:
        ET.SubElement(case, "system-out").text = "\n".join(lines(rest))


def html(report: Report) -> str:
    """Write one HTML document that needs no network: a map with every finding on it, and a table beside it."""
    from corridormap.web import findings

    rules = {record["code"]: first_sentence(record["description"]) for record in records()}
    found = [_visible(record) for record in report.records()]
    drawing = None if report.drawing is None else report.drawing.encoded()
    return findings.page(found, summary=summary(report), rules=rules, drawing=drawing, atlas=report.atlas)


def _visible(record: dict[str, Any]) -> dict[str, Any]:
    """Write out what a reader would not see in a text, such as a change of the direction of writing."""
    file = None if record["file"] is None else relative(record["file"])
    texts = {name: record[name] for name in ("message", "feature", "pointer", "hint")} | {"file": file}
    return record | {name: None if text is None else visible(text) for name, text in texts.items()}
