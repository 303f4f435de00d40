"""Prove an atlas: rules with stable codes, each finding with its place and a hint.

A rule is a class in one of the modules imported here; defining it registers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks import (  # noqa: F401  defining a rule registers it
    attributes,
    bounds,
    coordinates,
    facts,
    geometry,
    members,
    places,
    positions,
    rings,
    shapes,
    structure,
    tables,
    text,
    topology,
)
from corridormap.checks.engine import check_atlas, check_files
from corridormap.checks.rule import RULES, AtlasRule, Finding, LayerRule, LayerSubject, Rule, Severity
from corridormap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from corridormap.atlas import Atlas

__all__ = ["RULES", "Finding", "Severity", "check_atlas", "check_files", "validate"]


def validate(atlas: Atlas, *, layers: Sequence[str] | None = None) -> list[Finding]:
    """Run every rule on an atlas.

    Parameters
    ----------
    atlas : Atlas
        The atlas.
    layers : sequence of str, optional
        Check these layers only, and leave the facts alone; by default everything.

    Returns
    -------
    list of Finding
        In the order of layers and rules; empty if nothing was found.

    Raises
    ------
    UsageError
        If the atlas has no such layer.
    """
    findings: list[Finding] = []
    for record in [atlas.layer_record(layer) for layer in layers] if layers is not None else atlas.layers:
        subject = LayerSubject(atlas, record)
        for rule in RULES:
            if isinstance(rule, LayerRule):
                found = list(_guarded(rule, rule.check(subject), subject.path))
                findings += found
                # A layer that cannot be read or holds nothing has nothing for the other rules to look at.
                if found and rule.stops:
                    break
    if layers is None:
        for rule in RULES:
            if isinstance(rule, AtlasRule):
                findings += _guarded(rule, rule.check(atlas), atlas.folder)
    return findings


def _guarded(rule: Rule, found: Iterable[Finding], where: Path) -> Iterator[Finding]:
    """Data that a rule cannot even look at is a finding of that rule, not an end to the check."""
    try:
        yield from found
    except DataError as error:
        yield rule.finding(error.what, file=error.where, hint=error.hint)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        # shapely's and pyproj's errors are among these.
        yield rule.finding(f"cannot be checked: {type(error).__name__}: {error}", file=where, hint="Mend the other findings first.")
