"""JSON for programs.

The shape, version 1::

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
from typing import TYPE_CHECKING

from corridormap.escape import safe_json

if TYPE_CHECKING:
    from corridormap.checks.report import Report

VERSION = 1


def write(report: Report) -> str:
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
