"""Fixtures: reports with a bit of everything, and one that means harm."""

from __future__ import annotations

from collections import Counter

import pytest

from corridormap.checks.report import Checked, Report
from corridormap.checks.rule import Finding, Severity

HARM = (
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "]]>&lt;<!--",
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b31m",
    "a\n::error file=x::faked",
    "::set-output name=x::y\r\n",
    "##[error]faked",
    "nul\x00nul",
    "\u202eesrever\u2028\u2029\ufeff",
    "\ud800 half a pair",
    "\ufffe\uffff",
    "%0A%25, a:b",
    "[link](javascript:alert(1)) {0}",
)


@pytest.fixture
def plain_report():
    """Two files, one clean; findings with much and with little of a place; three more were left out."""
    findings = [
        Finding(
            "CM215",
            Severity.ERROR,
            "crosses itself",
            "a/lines.geojson",
            "rail-3",
            2,
            "/features/2/geometry/coordinates/0/118",
            4123,
            17,
            66.91,
            48.02,
            "Cut it there.",
        ),
        Finding(
            "CM302", Severity.WARNING, "lies outside the atlas's extent", "a/lines.geojson", "rail-3", 2, None, 4123, None, 66.91, 48.02
        ),
        Finding("CM311", Severity.ERROR, "is not in degrees", "a/lines.geojson", None, 7, "/features/7", None, None, 500000.0, 5300000.0),
        Finding("CM405", Severity.NOTE, "names no source", "-", None, None, None),
        Finding("CM501", Severity.WARNING, "counts 10 corridors, not 11"),
    ]
    checked = [Checked("a/lines.geojson", features=1203, vertices=91_000), Checked("b/clean.gpkg", "GPKG", 1, 4), Checked("-")]
    return Report(findings, checked, more=Counter({("a/lines.geojson", "CM501"): 3}))


@pytest.fixture
def harm():
    return HARM


@pytest.fixture
def make_hostile():
    """A report every text of which is the one given."""

    def make(text):
        findings = [
            Finding("CM411", severity, text, text, text, 3, text, 1, 1, lon, 51.0, text)
            for severity, lon in zip(Severity, (float("nan"), float("inf"), 71.0), strict=True)
        ]
        return Report(findings, [Checked(text, text, 1, 1), Checked("fine.geojson")], more=Counter({(text, "CM999"): 1}))

    return make


@pytest.fixture
def hostile(make_hostile):
    return make_hostile(" ".join(HARM))
