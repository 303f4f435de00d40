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

import hashlib
import os
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from corridormap import __version__
from corridormap.checks.reading.inputs import STDIN
from corridormap.checks.report.catalogue import first_sentence, mended, records
from corridormap.checks.report.report import TERSE, Report, identifier, lines, message, relative, spot, summary, told
from corridormap.checks.rule import Finding, Severity
from corridormap.escape import safe_json, visible

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


SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"

Object = dict[str, Any]


def sarif(report: Report) -> str:
    """Write the report as a SARIF log of one run, with every rule described."""
    rules = [_rule(record) for record in records()]
    known = {rule["id"] for rule in rules}
    rules += [{"id": code} for code in sorted({finding.code for finding in report.findings} - known)]
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    seen: dict[str, int] = {}
    run = {
        "tool": {"driver": {"name": "corridormap", "semanticVersion": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which the check was run."}}},
        "artifacts": [{"location": _artifact(file)} for file in dict.fromkeys(relative(checked.file) for checked in report.checked)],
        "results": [_result(finding, numbers[finding.code], seen) for finding in report.findings],
        "properties": {"dropped": report.dropped},
    }
    return safe_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=None)


def _rule(record: Object) -> Object:
    return {
        "id": record["code"],
        "shortDescription": {"text": first_sentence(record["description"])},
        "fullDescription": {"text": record["description"]},
        "help": {"text": mended(record)},
        "defaultConfiguration": {"level": record["severity"]},
        "properties": {"tags": [record["family"]]},
    }


def _result(finding: Finding, number: int, seen: dict[str, int]) -> Object:
    text = message(finding) + (f"\n{visible(finding.hint)}" if finding.hint else "")
    location: Object = {"physicalLocation": {"artifactLocation": _artifact(finding.file or ".")}}
    if finding.line:
        location["physicalLocation"]["region"] = _given(startLine=finding.line, startColumn=finding.column or None)
    pointer = {"fullyQualifiedName": visible(finding.pointer), "kind": "value"} if finding.pointer else {}
    if logical := _given(name=identifier(finding)) | pointer:
        location["logicalLocations"] = [logical]
    if (at := spot(finding)) is not None:
        location["properties"] = {"lon": at[0], "lat": at[1]}
    return {
        "ruleId": finding.code,
        "ruleIndex": number,
        "level": finding.severity.value,
        # What stands so in a message is a link, and no link is wanted that data names.
        "message": {"text": text.replace("](", "] (")},
        "locations": [location],
        "partialFingerprints": {"primaryLocationLineHash": _fingerprint(finding, seen)},
    }


def _given(**members: object) -> Object:
    return {name: value for name, value in members.items() if value is not None}


def _artifact(file: str) -> Object:
    """Name a file from the folder of the run; one that lies elsewhere in full."""
    file = relative(file)
    path = PurePath(file)
    elsewhere = file != STDIN and (path.is_absolute() or ".." in path.parts)
    uri = quote(os.path.normpath(Path.cwd() / path) if elsewhere else file, errors="surrogatepass")
    return {"uri": f"file://{uri}"} if elsewhere else {"uri": uri, "uriBaseId": ROOT}


def _fingerprint(finding: Finding, seen: dict[str, int]) -> str:
    """Say what stays the same when lines move, so that a finding of yesterday is known again; equal ones are numbered."""
    parts = (finding.code, relative(finding.file or ""), finding.feature or finding.pointer or finding.index, finding.message)
    key = hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    seen[key] = seen.get(key, 0) + 1
    return f"{key}:{seen[key]}"
