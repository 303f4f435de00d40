"""What a check found, as a whole, and the ways to print it: one format a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corridormap.checks.rule import Severity

if TYPE_CHECKING:
    from pandas import DataFrame

    from corridormap.checks.rule import Finding


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
    dropped : int
        How many findings more there were than was asked for.
    """

    findings: list[Finding] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    dropped: int = 0

    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        return {severity.value: sum(finding.severity is severity for finding in self.findings) for severity in Severity}

    def failed(self, *, strict: bool = False) -> bool:
        """Whether the run fails: on an error, and with `strict` on a warning too."""
        heavy = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
        return any(finding.severity in heavy for finding in self.findings)

    def records(self) -> list[dict[str, Any]]:
        """The findings as plain values."""
        return [finding.as_dict() for finding in self.findings]

    def frame(self) -> DataFrame:
        """The findings as a table, one a row; its columns are there even if nothing was found."""
        from dataclasses import fields

        import pandas as pd

        from corridormap.checks.rule import Finding

        return pd.DataFrame(self.records(), columns=[column.name for column in fields(Finding)])
