from __future__ import annotations

import json
import re

import pytest

from corridormap.checks import RULES
from corridormap.checks.report import catalogue

CODES = sorted(rule.code for rule in RULES)


def test_the_list(run):
    result = run("rules")
    assert result.exit_code == 0
    assert re.findall(r"^(CM\d{3}) ", result.stdout, re.MULTILINE) == CODES
    assert re.search(r"^CM311 +error +coordinates +Positions are in degrees", result.stdout, re.MULTILINE)


def test_the_list_as_json(run):
    records = json.loads(run("rules", "--json").stdout)
    assert [record["code"] for record in records] == CODES
    assert set(records[0]) == {"code", "severity", "family", "description", "hint", "fixable"}


@pytest.mark.parametrize("code", ["CM311", "cm301", " CM311 "])
def test_one_explained(run, code):
    result = run("rules", "--explain", code)
    assert result.exit_code == 0
    assert result.stdout.startswith("CM311 · error · coordinates\n\nPositions are in degrees")
    assert "To mend it: Coordinates are longitude" in result.stdout
    assert json.loads(run("rules", "--explain", code, "--json").stdout)["code"] == "CM311"


def test_every_rule_can_be_explained(run):
    for code in CODES:
        result = run("rules", "--explain", code)
        assert result.exit_code == 0, code
        assert result.stdout.startswith(f"{code} · ")


def test_what_is_fixable_is_said():
    record = {"code": "CM999", "severity": "error", "family": "text", "description": "Must hold.", "hint": None, "fixable": True}
    assert catalogue.explained(record) == "CM999 · error · text · fixable\n\nMust hold."


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("CM3I1", "mean CM311"),
        ("311", "mean CM311"),
        ("cml1O", "mean CM110"),
        ("CM20", "CM20"),
        ("nonsense", "lists them all"),
        ("", "lists them all"),
    ],
)
def test_an_unknown_code_names_those_near(run, code, message):
    result = run("rules", "--explain", code)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert f"no rule {code!r}" in result.stderr
    assert message in result.stderr


def test_the_page(run):
    result = run("rules", "--markdown")
    assert result.exit_code == 0
    assert result.stdout == catalogue.markdown()


@pytest.mark.parametrize("other", [["--json"], ["--explain", "CM311"]])
def test_the_page_alone(run, other):
    assert run("rules", "--markdown", *other).exit_code == 2


def test_rules_need_no_atlas(run, tmp_path):
    assert run("rules", geodata=tmp_path / "nowhere").exit_code == 0
