from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from corridormap.checks.report import write


def test_a_suite_a_file_and_a_case_a_rule(plain_report):
    root = ET.fromstring(write(plain_report, format="junit"))
    assert root.tag == "testsuites"
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "2",
        "errors": "0",
        "skipped": "0",
    }
    assert "3 more findings not shown" in root.get("name")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["a/lines.geojson", "b/clean.gpkg", "-", "(atlas)"]
    cases = {case.get("name"): case for case in suites["a/lines.geojson"]}
    assert list(cases) == ["CM215", "CM302", "CM311"]
    failure = cases["CM215"].find("failure")
    assert failure.get("message") == "crosses itself"
    assert failure.text.splitlines()[1] == "  hint: Cut it there."
    # A warning is told and fails nothing.
    assert cases["CM302"].find("failure") is None
    assert "lies outside" in cases["CM302"].find("system-out").text
    assert [case.get("name") for case in suites["b/clean.gpkg"]] == ["no findings"]


def test_another_reader_understands_it(plain_report):
    junitparser = pytest.importorskip("junitparser", reason="needs junitparser: pip install -e .[test]")
    suites = junitparser.JUnitXml.fromstring(write(plain_report, format="junit").encode())
    assert (suites.tests, suites.failures, suites.errors) == (6, 2, 0)
    results = {case.name: [type(result).__name__ for result in case.result] for suite in suites for case in suite}
    assert results == {"CM215": ["Failure"], "CM302": [], "CM311": ["Failure"], "no findings": [], "CM405": [], "CM501": []}


def test_hostile_texts_are_text(make_hostile, harm):
    for text in harm:
        root = ET.fromstring(write(make_hostile(text), format="junit"))
        assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure", "system-out"}
        assert len(root) == 2
        (failure,) = root.iter("failure")
        assert len(failure.text.splitlines()) == 2
