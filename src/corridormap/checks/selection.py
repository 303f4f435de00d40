"""Select the rules that run on a file and how much they report, by options and by pyproject.toml or atlas.toml."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli

from corridormap.checks.rule import RETIRED, RULES, Severity
from corridormap.errors import DataError, UsageError
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_FINDINGS = 1000
"""How many findings of a file are kept, unless another number is asked for."""

_KEYS = {"select", "ignore", "severity", "max-findings", "per-file-ignores"}
_CODE = re.compile(r"CM\d{0,3}\Z")
_WEIGHT = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True)
class Selection:
    """Which rules run, and how much of what they find is reported."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    """Codes, or beginnings of codes such as "CM2". Nothing selected means every rule; ignored rules do not run."""
    severity: Severity = Severity.NOTE
    """The least severity to report."""
    max_findings: int = MAX_FINDINGS
    """How many findings of a file to keep; the others are counted."""
    per_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Patterns of file names, and what is ignored in such files besides."""
    base: Path | None = None
    """The folder that patterns are relative to."""

    def codes(self, file: str | None = None, *, layer: bool = False) -> frozenset[str]:
        """Return the codes of the rules that run on a file, or on a layer of an atlas; without a file, of those that run on any."""
        fitting = [] if file is None else [codes for pattern, codes in self.per_file.items() if self._fits(file, pattern)]
        ignore = [*self.ignore, *chain.from_iterable(fitting)]
        return frozenset(
            rule.code
            for rule in RULES
            if (not self.select or rule.code.startswith(self.select))
            and not rule.code.startswith(tuple(ignore))
            and _WEIGHT[rule.weight(layer=layer)] >= _WEIGHT[self.severity]
        )

    def _fits(self, file: str, pattern: str) -> bool:
        path = Path(file)
        names = {file, path.name, path.as_posix()}
        if self.base is not None:
            with suppress(ValueError, OSError, RuntimeError):
                names.add(path.resolve().relative_to(self.base.resolve()).as_posix())
        return any(fnmatch(name, pattern) for name in names)


def make_selection(
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    severity: str | None = None,
    max_findings: int | None = None,
    config: Selection | None = None,
) -> Selection:
    """Put options over a configuration: what is selected replaces it, what is ignored adds to it.

    Raises
    ------
    UsageError
        If a code begins no rule's, a severity is none, or a number is below one.
    """
    base = config or Selection()
    if max_findings is not None and max_findings < 1:
        raise UsageError(f"at least one finding must be kept, not {max_findings}")
    return replace(
        base,
        select=_codes(select) or base.select,
        ignore=base.ignore + _codes(ignore),
        severity=base.severity if severity is None else _severity(severity),
        max_findings=base.max_findings if max_findings is None else max_findings,
    )


def nearest(folder: Path) -> Selection:
    """Read the configuration that applies to a folder: the first ``[tool.corridormap.validate]`` or ``[validate]`` found there or above."""
    folder = folder.resolve()
    for above in (folder, *folder.parents):
        for name in ("atlas.toml", "pyproject.toml"):
            path = above / name
            if path.is_file():
                table = _table(path)
                if table is not None:
                    return read(table, where=path)
    return Selection()


def read(table: Mapping[str, Any], *, where: Path) -> Selection:
    """Read the table of a configuration file.

    Raises
    ------
    DataError
        If a key is unknown or its value not understood.
    """
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise DataError(
            f"validate: unknown key {unknown[0]!r}", where=where, hint=meant(unknown[0], _KEYS, f"Keys are: {', '.join(sorted(_KEYS))}.")
        )
    per_file = table.get("per-file-ignores", {})
    most = table.get("max-findings", MAX_FINDINGS)
    if not isinstance(per_file, dict) or isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise DataError("validate: per-file-ignores is a table of patterns, max-findings a number above 0", where=where)
    try:
        chosen = make_selection(**{key.replace("-", "_"): value for key, value in table.items() if key != "per-file-ignores"})
        return replace(chosen, per_file={pattern: _codes(codes) for pattern, codes in per_file.items()}, base=where.parent)
    except UsageError as error:
        raise DataError(f"validate: {error.what}", where=where, hint=error.hint) from None


def _table(path: Path) -> Mapping[str, Any] | None:
    try:
        document: Any = tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None  # whoever needs the file will say so
    for key in ("validate",) if path.name == "atlas.toml" else ("tool", "corridormap", "validate"):
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else None


def _codes(codes: Sequence[str]) -> tuple[str, ...]:
    if isinstance(codes, str) or not all(isinstance(code, str) for code in codes):
        raise UsageError("codes are a list of texts")
    for code in codes:
        if code in RETIRED:
            raise UsageError(f"{code} is {RETIRED[code]} now", hint="It says of any file what it said of an atlas's layers.")
        if not _CODE.match(code) or not any(rule.code.startswith(code) for rule in RULES):
            raise UsageError(f"no rule {code!r}", hint="`corridormap rules` lists them; CM2 means all that begin so.")
    return tuple(codes)


def _severity(value: str) -> Severity:
    try:
        return Severity(value)
    except ValueError:
        raise UsageError(f"no severity {value!r}", hint=f"Severities are: {', '.join(Severity)}.") from None
