"""Prove layers and atlases: rules with stable codes, each finding with its place and a hint.

A rule is a class in one of the modules imported here; defining it registers it.
"""

from __future__ import annotations

from corridormap.checks import coordinates, facts, ground, layers, publishing, shapes, structure, tables, topology  # noqa: F401
from corridormap.checks.engine import check_atlas, check_files, check_folder
from corridormap.checks.rule import RULES, Finding, Severity

__all__ = ["RULES", "Finding", "Severity", "check_atlas", "check_files", "check_folder"]
