"""What is kept of a file's findings."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from corridormap.checks.reading.survey import pointer
from corridormap.checks.rule import RULES, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corridormap.checks.reading.survey import Path
    from corridormap.checks.rule import Finding, Rule

_GIVE_UP = 20
_ALWAYS = "CM013"
"""That a file was not read to its end is told in any case."""
_BY_CODE: dict[str, Rule] = {}


def rule(code: str) -> Rule:
    """The rule of a code."""
    if not _BY_CODE:
        _BY_CODE.update({known.code: known for known in RULES})
    return _BY_CODE[code]


def gravest(findings: Iterable[Finding], most: int) -> list[Finding]:
    """So many findings, errors before warnings before notes, otherwise in their order."""
    order = list(Severity)
    ranked = sorted(enumerate(findings), key=lambda item: (item[1].code != _ALWAYS, order.index(item[1].severity), item[0]))
    return [finding for _, finding in sorted(ranked[:most])] if len(ranked) > most else [finding for _, finding in sorted(ranked)]


class Collector:
    """Keeps the findings of a file, so many of each severity, and counts the others.

    Parameters
    ----------
    file : str
        The file as it was named.
    codes : frozenset of str
        The rules whose findings are kept.
    most : int
        So many are told in the end.
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
        """Whether so many errors were found that reading on is of no use."""
        return self.errors > (_GIVE_UP + 1) * self.most

    def room(self, severity: Severity) -> int:
        """How many more findings of a severity are kept."""
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
        """Whether this was told before; it counts as told from now on."""
        before = (code, message) in self._once
        self._once.add((code, message))
        return before

    def fault(
        self,
        code: str,
        message: str,
        place: tuple[int, int] | None = None,
        *,
        path: Path | None = None,
        index: int | None = None,
        hint: str | None = None,
    ) -> None:
        """Keep what the reader found in the text; what is not UTF-8 is told once."""
        if code == "CM002" and self.told(code, ""):
            return
        line, column = place or (None, None)
        where = None if path is None else pointer(path)
        self.keep(rule(code).finding(message, file=self.file, index=index, pointer=where, line=line, column=column, hint=hint))

    def findings(self) -> list[Finding]:
        """The gravest findings, in the order of their places: first those of the file as a whole."""
        return gravest(sorted((finding for kept in self._kept.values() for finding in kept), key=_place), self.most)

    def more(self) -> Counter[tuple[str | None, str]]:
        """How many findings are not kept, by file and rule."""
        found: Counter[tuple[str | None, str]] = Counter({(self.file, code): count for (code, _), count in self.counts.items()})
        return found - Counter((finding.file, finding.code) for finding in self.findings())


def _place(finding: Finding) -> tuple[int, int, int, str, str, str]:
    index = -1 if finding.index is None else finding.index
    return index, finding.line or 0, finding.column or 0, finding.code, finding.pointer or "", finding.message
