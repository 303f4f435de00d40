"""The rules as records, and the page that describes them."""

from __future__ import annotations

import difflib
import inspect
from typing import Any

from corridormap.checks.rule import FAMILIES, RETIRED, RULES
from corridormap.errors import UsageError

_MISREAD = str.maketrans("OQIL", "0011")


def records() -> list[dict[str, Any]]:
    """Describe every rule, by code: its severity, its family, its docstring as a whole, its hint, and whether `--fix` mends."""
    return [
        {
            "code": rule.code,
            "severity": rule.severity.value,
            "family": FAMILIES[rule.code[2]][0],
            "description": inspect.cleandoc(type(rule).__doc__ or ""),
            "hint": rule.hint,
            "fixable": rule.repair is not None,
        }
        for rule in RULES
    ]


def first_sentence(description: str) -> str:
    """Give the first paragraph of a description on one line."""
    return " ".join(description.split("\n\n", maxsplit=1)[0].split())


def find(code: str) -> dict[str, Any]:
    """Describe the rule of a code, in any case; raise `UsageError`, naming those that come near, if there is none."""
    known = {found["code"]: found for found in records()}
    wanted = code.strip().upper()
    wanted = RETIRED.get(wanted, wanted)
    if wanted in known:
        return known[wanted]
    # Letters in place of digits, or the digits alone.
    digits = wanted.removeprefix("CM").translate(_MISREAD)
    near = difflib.get_close_matches(f"CM{digits}", known, n=4, cutoff=0.6)
    raise UsageError(f"no rule {code!r}", hint=f"Did you mean {', '.join(near)}?" if near else "`corridormap rules` lists them all.")


def mended(record: dict[str, Any]) -> str:
    """Write what a rule says, and how to mend what it finds."""
    mend = f"\n\nTo mend it: {record['hint']}" if record["hint"] else ""
    return f"{record['description']}{mend}"


def explained(record: dict[str, Any]) -> str:
    """Write all there is to say about a rule, for people."""
    head = f"{record['code']} · {record['severity']} · {record['family']}{' · fixable' * record['fixable']}"
    return f"{head}\n\n{mended(record)}"


def markdown() -> str:
    """Write docs/rules.md: every rule of every family."""
    every = records()
    lines = [
        "# The rules of `corridormap validate`",
        "",
        "<!-- Made by `corridormap rules --markdown > docs/rules.md`; a test compares. -->",
        "",
        f"{len(every)} rules. A code never changes its meaning. An error fails the run; a warning fails it with `--strict`;",
        "a note never does.",
        "`--select` and `--ignore` choose rules by code or by the beginning of a code (`CM2`).",
        "`corridormap rules --explain CM311` explains one. What is fixable `--fix` mends where that is safe.",
    ]
    for family, about in FAMILIES.values():
        members = [found for found in every if found["family"] == family]
        lines += ["", f"## {family.capitalize()}", "", about, "", "| code | severity | what must hold |", "|---|---|---|"]
        lines += [f"| [{m['code']}](#{m['code'].lower()}) | {m['severity']} | {first_sentence(m['description'])} |" for m in members]
        for member in members:
            weight = member["severity"].capitalize() + ", fixable" * member["fixable"]
            lines += ["", f"### {member['code']}", "", f"*{weight}.* {mended(member)}"]
    return "\n".join(lines) + "\n"
