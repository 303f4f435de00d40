"""A page for the browser: a map with every finding at its place, and a table beside it; one file that needs no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridormap.checks.report import catalogue
from corridormap.checks.report.text import relative, summary
from corridormap.escape import visible

if TYPE_CHECKING:
    from corridormap.checks.report import Report


def write(report: Report) -> str:
    """Write the report as one HTML document."""
    from corridormap.web import findings

    records = [_visible(record) for record in report.records()]
    rules = {record["code"]: catalogue.first_sentence(record["description"]) for record in catalogue.records()}
    return findings.page(records, summary=summary(report), rules=rules, drawing=report.drawing, atlas=report.atlas)


def _visible(record: dict[str, Any]) -> dict[str, Any]:
    """Show a reader what texts hold that would not show itself, such as a change of the direction of writing."""
    file = None if record["file"] is None else relative(record["file"])
    texts = {name: record[name] for name in ("message", "feature", "pointer", "hint")} | {"file": file}
    return record | {name: None if text is None else visible(text) for name, text in texts.items()}
