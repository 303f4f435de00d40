"""JUnit XML, which most CI servers read: a suite a file, a case a rule that found something there; errors are failures."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from corridormap.checks.report.text import TERSE, lines, relative, summary
from corridormap.checks.rule import Severity
from corridormap.escape import visible

if TYPE_CHECKING:
    from corridormap.checks.report import Report
    from corridormap.checks.rule import Finding

NOWHERE = "(atlas)"
"""The suite of findings that belong to no file."""


def write(report: Report) -> str:
    """Write the report as XML.

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
        message = visible(errors[0][0].message, limit=TERSE) + (f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else "")
        ET.SubElement(case, "failure", message=message, type=code).text = "\n".join(lines(errors))
    if rest:
        ET.SubElement(case, "system-out").text = "\n".join(lines(rest))
