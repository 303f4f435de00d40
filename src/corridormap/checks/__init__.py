"""Prove an atlas: rules with stable codes, each finding with its place and a hint.

A rule is a class in one of the modules imported here; defining it registers it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks import attributes, coordinates, facts, geometry, structure  # noqa: F401  defining a rule registers it
from corridormap.checks.rule import RULES, AtlasRule, Finding, LayerRule, LayerSubject, Severity
from corridormap.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corridormap.atlas import Atlas

__all__ = ["RULES", "Finding", "Severity", "validate"]


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
                found = list(rule.check(subject))
                findings += found
                # A layer that cannot be read or holds nothing has nothing for the other rules to look at.
                if found and rule.stops:
                    break
    if layers is None:
        for rule in RULES:
            if isinstance(rule, AtlasRule):
                findings += _guarded(rule, atlas)
    return findings


def _guarded(rule: AtlasRule, atlas: Atlas) -> Iterator[Finding]:
    """Facts that cannot be read at all are a finding of the rule that needed them, not an end to the check."""
    try:
        yield from rule.check(atlas)
    except DataError as error:
        yield rule.finding(error.what, where=error.where, hint=error.hint)
