"""What a check found, as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from corridormap.checks.rule import Finding, Severity

if TYPE_CHECKING:
    from pandas import DataFrame

    from corridormap.atlas import Atlas
    from corridormap.checks.drawing import Drawing
    from corridormap.checks.filecheck import FileCheck


@dataclass(frozen=True)
class Checked:
    """A file, or a layer of one, that was looked at.

    Attributes
    ----------
    file : str
        The file as it was named to us; "<stdin>" for standard input.
    format : str
        What it was read as: "GeoJSON", "GeoJSON text sequence", "GPKG", …
    features, vertices : int
        How many were looked at.
    """

    file: str
    format: str = "GeoJSON"
    features: int = 0
    vertices: int = 0


@dataclass
class Report:
    """All that a run looked at and found.

    Attributes
    ----------
    findings : list of Finding
        In the order of files, then of places in them.
    checked : list of Checked
        The files, in the order given.
    more : Counter of (file, code)
        How many findings more there were than was asked for.
    drawing : Drawing or None
        The shapes of what was checked, if they were asked for.
    atlas : Atlas or None
        The first atlas of which anything was checked.
    """

    findings: list[Finding] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    more: Counter[tuple[str | None, str]] = field(default_factory=Counter)
    drawing: Drawing | None = None
    atlas: Atlas | None = None

    def add(self, check: FileCheck, kind: str, name: str | None = None) -> None:
        """Add what was found in a file of this format, or in a layer under the name that it has in the end."""
        name = name or check.file
        self.findings += [replace(finding, file=name) for finding in check.findings()]
        self.more += Counter({(name, code): count for (_, code), count in check.more().items()})
        self.checked.append(Checked(name, kind, check.features, check.vertices))

    @property
    def dropped(self) -> int:
        """How many findings more there were in all."""
        return self.more.total()

    def counts(self) -> dict[str, int]:
        """Tell how many findings there are of each severity."""
        return {severity.value: sum(finding.severity is severity for finding in self.findings) for severity in Severity}

    def failed(self, *, strict: bool = False) -> bool:
        """Tell whether the run fails: on an error, and with `strict` on a warning too."""
        return any(finding.severity is Severity.ERROR or (strict and finding.severity is Severity.WARNING) for finding in self.findings)

    def records(self) -> list[dict[str, Any]]:
        """Give the findings as plain values."""
        return [finding.as_dict() for finding in self.findings]

    def frame(self) -> DataFrame:
        """Give the findings as a table, one a row; its columns are there even if nothing was found."""
        import pandas as pd

        return pd.DataFrame(self.records(), columns=[column.name for column in fields(Finding)])
