"""JUnit XML, which most CI servers read: a suite a file, a case a rule that found something there; errors are failures."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from corridormap.checks.report.text import lines
from corridormap.checks.report.wording import TERSE, relative, summary
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
        root.append(_suite(visible(relative(file)), rules))
    _total(root, list(root))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(name: str, rules: dict[str, list[Finding]]) -> ET.Element:
    suite = ET.Element("testsuite", name=name)
    for code, findings in rules.items():
        case = ET.SubElement(suite, "testcase", name=code, classname=name, time="0")
        errors = [finding for finding in findings if finding.severity is Severity.ERROR]
        rest = [finding for finding in findings if finding.severity is not Severity.ERROR]
        if errors:
            message = visible(errors[0].message, limit=TERSE)
            if len(errors) > 1:
                message += f" (and {len(errors) - 1:,} more)"
            ET.SubElement(case, "failure", message=message, type=code).text = "\n".join(lines((error, "") for error in errors))
        if rest:
            ET.SubElement(case, "system-out").text = "\n".join(lines((finding, "") for finding in rest))
    if not rules:
        ET.SubElement(suite, "testcase", name="no findings", classname=name, time="0")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", "0")
    suite.set("time", "0")
    return suite


def _total(root: ET.Element, suites: list[ET.Element]) -> None:
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.set("time", "0")
