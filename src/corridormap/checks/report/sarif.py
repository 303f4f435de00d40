"""SARIF 2.1.0, which code scanning services read (GitHub, GitLab, Azure, editors).

GitHub refuses results without a file, so that a finding about the atlas as a whole is set to the folder. A region is given only where
the line is known.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from corridormap import __version__
from corridormap.checks.reading.sources import STDIN
from corridormap.checks.report.catalogue import first_sentence, mended, records
from corridormap.checks.report.text import identifier, message, relative, spot
from corridormap.escape import safe_json, visible

if TYPE_CHECKING:
    from corridormap.checks.report.report import Report
    from corridormap.checks.rule import Finding

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"

Object = dict[str, Any]


def write(report: Report) -> str:
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
