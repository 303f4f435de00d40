"""What a check found, as a whole, and the formats to write it in."""

from __future__ import annotations

from corridormap.checks.report import formats
from corridormap.checks.report.report import Checked, Report, text
from corridormap.errors import UsageError

__all__ = ["FORMATS", "Checked", "Report", "write"]

FORMATS = ("text", "json", "sarif", "github", "junit", "html")


def write(report: Report, *, format: str, every: bool = False) -> str:  # noqa: A002  as the option is called
    """Write a report in one of `FORMATS`, the same every time; whatever stands in it came from data, and is harmless.

    Parameters
    ----------
    report : Report
        What was found.
    format : str
        "text", "json", "sarif", "github", "junit" or "html".
    every : bool
        Whether "text" and "github" tell every finding by itself, as the other formats do, and not one a rule and file with a count.

    Raises
    ------
    UsageError
        If there is no such format.
    """
    if format not in FORMATS:
        raise UsageError(f"no format {format!r}", hint=f"Formats are: {', '.join(FORMATS)}.")
    grouped = {"text": text, "github": formats.github}
    if format in grouped:
        return grouped[format](report, every=every)
    return {"json": formats.json, "sarif": formats.sarif, "junit": formats.junit, "html": formats.html}[format](report)
