"""Collect the findings of a file."""

from __future__ import annotations

from collections import Counter
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

from corridormap.checks.reading.tokens import pointer
from corridormap.checks.rule import RULES, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corridormap.checks.reading.tokens import Path
    from corridormap.checks.rule import Finding, Rule

_GIVE_UP = 20
_ALWAYS = "CM013"
"""That a file was not read to its end is always reported."""


@cache
def rule(code: str) -> Rule:
    """Find the rule of a code."""
    return next(known for known in RULES if known.code == code)


def gravest(findings: Iterable[Finding], most: int) -> list[Finding]:
    """Choose at most this many findings, errors before warnings before notes, and leave them in their order."""
    order = list(Severity)
    ranked = sorted(enumerate(findings), key=lambda item: (item[1].code != _ALWAYS, order.index(item[1].severity), item[0]))
    return [finding for _, finding in sorted(ranked[:most], key=itemgetter(0))]


class Collector:
    """Keep the findings of a file, at most so many of each severity, and count the others.

    Parameters
    ----------
    file : str
        The file as it was named.
    codes : frozenset of str
        The rules whose findings are kept.
    most : int
        How many are reported in the end.
    """

    def __init__(self, file: str, codes: frozenset[str], most: int) -> None:
        self.file = file
        self.codes = codes
        self.most = most
        self.counts: Counter[tuple[str, Severity]] = Counter()
        self.errors = 0
        self._kept: dict[Severity, list[Finding]] = {severity: [] for severity in Severity}
        self._once: set[tuple[str, str]] = set()

    @property
    def full(self) -> bool:
        """Whether there are so many errors that reading on is of no use."""
        return self.errors > (_GIVE_UP + 1) * self.most

    def room(self, severity: Severity) -> int:
        """Return how many more findings of a severity can be kept."""
        return max(0, self.most - len(self._kept[severity]))

    def count(self, code: str, severity: Severity) -> None:
        """Count a finding, kept or not."""
        self.counts[code, severity] += 1
        self.errors += severity is Severity.ERROR

    def keep(self, finding: Finding) -> None:
        """Keep a finding, or count it if there are too many."""
        if finding.code in self.codes:
            self.count(finding.code, finding.severity)
            if self.room(finding.severity) or finding.code == _ALWAYS:
                self._kept[finding.severity].append(finding)

    def told(self, code: str, message: str) -> bool:
        """Return whether this message of a rule was reported before, and remember that it is reported now."""
        before = (code, message) in self._once
        self._once.add((code, message))
        return before

    def fault(
        self,
        code: str,
        message: str,
        where: tuple[int, int] | None = None,
        *,
        path: Path | None = None,
        index: int | None = None,
        hint: str | None = None,
    ) -> None:
        """Keep what the reader found in the text, at a line and column; text that is not UTF-8 is reported once."""
        if code == "CM002" and self.told(code, ""):
            return
        line, column = where or (None, None)
        within = None if path is None else pointer(path)
        self.keep(rule(code).finding(message, file=self.file, index=index, pointer=within, line=line, column=column, hint=hint))

    def findings(self) -> list[Finding]:
        """Return the gravest findings in the order of the file, those of the file as a whole first."""
        return gravest(sorted((finding for kept in self._kept.values() for finding in kept), key=_order), self.most)

    def more(self) -> Counter[tuple[str | None, str]]:
        """Count the findings that are not kept, by file and rule."""
        found: Counter[tuple[str | None, str]] = Counter({(self.file, code): count for (code, _), count in self.counts.items()})
        return found - Counter((finding.file, finding.code) for finding in self.findings())


def _order(finding: Finding) -> tuple[int, int, int, str, str, str]:
    index = -1 if finding.index is None else finding.index
    return index, finding.line or 0, finding.column or 0, finding.code, finding.pointer or "", finding.message
