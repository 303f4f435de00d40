from __future__ import annotations

import json
from pathlib import Path

import pytest

from corridormap.checks import RULES
from corridormap.checks.report import Checked, Report, write
from corridormap.checks.rule import Finding, Severity

SCHEMA = json.loads((Path(__file__).parent / "sarif_excerpt.json").read_text(encoding="utf-8"))


@pytest.fixture
def check():
    """Write a report and hold it against the standard's schema."""
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema: pip install -e .[test]")

    def run(report):
        log = json.loads(write(report, format="sarif"))
        jsonschema.Draft7Validator(SCHEMA).validate(log)
        return log["runs"][0]

    return run


def test_rules_and_results(check, plain_report):
    run = check(plain_report)
    driver = run["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == sorted(rule.code for rule in RULES)
    rule = next(rule for rule in driver["rules"] if rule["id"] == "CM311")
    assert rule["shortDescription"]["text"].startswith("Positions are in degrees")
    assert "To mend it:" in rule["help"]["text"]
    assert rule["defaultConfiguration"] == {"level": "error"}
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    first, second, third, fourth, last = run["results"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error", "note", "warning"]
    assert first["message"]["text"].startswith("crosses itself [feature rail-3")
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "a/lines.geojson", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 4123, "startColumn": 17},
            },
            "logicalLocations": [{"name": "rail-3", "fullyQualifiedName": "/features/2/geometry/coordinates/0/118", "kind": "value"}],
            "properties": {"lon": 66.91, "lat": 48.02},
        }
    ]
    assert second["locations"][0]["physicalLocation"]["region"] == {"startLine": 4123}
    assert "region" not in third["locations"][0]["physicalLocation"]
    assert "logicalLocations" not in fourth["locations"][0]
    # Code scanning refuses a result without a file.
    assert last["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "."
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == ["a/lines.geojson", "b/clean.gpkg", "-"]
    assert run["properties"] == {"dropped": 3}


def test_another_reader_understands_it(plain_report):
    sarif = pytest.importorskip("sarif_pydantic", reason="needs sarif-pydantic: pip install -e .[test]")
    log = sarif.Sarif.model_validate_json(write(plain_report, format="sarif"))
    assert [result.rule_id for result in log.runs[0].results] == ["CM215", "CM302", "CM311", "CM405", "CM501"]


def test_files_are_named_from_the_folder(check, tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    names = [str(Path.cwd() / "sub" / "Ақтөбе 1#.geojson"), "sub/Ақтөбе 1#.geojson", "../out.geojson", "/elsewhere/x.geojson", "<stdin>"]
    run = check(Report([Finding("CM311", Severity.ERROR, "x", name) for name in names], [Checked(name) for name in names]))
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    below = "sub/%D0%90%D2%9B%D1%82%D3%A9%D0%B1%D0%B5%201%23.geojson"
    assert uris[:2] == [below, below]
    assert uris[2] == f"file://{tmp_path}/out.geojson"
    assert uris[3:] == ["file:///elsewhere/x.geojson", "%3Cstdin%3E"]


def test_fingerprints_outlive_moved_lines_and_differ(check):
    def prints(line):
        twice = [Finding("CM213", Severity.ERROR, "repeats a vertex", "a.geojson", "f", line=line)] * 2
        other = Finding("CM213", Severity.ERROR, "repeats a vertex", "a.geojson", "g", line=line)
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in check(Report([*twice, other]))["results"]]

    assert prints(1) == prints(90)
    assert len(set(prints(1))) == 3


def test_a_code_without_a_rule_is_named_too(check):
    run = check(Report([Finding("XX999", Severity.NOTE, "x", line=0, column=0)]))
    assert run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]] == {"id": "XX999"}


def test_hostile_texts(check, make_hostile, harm):
    for text in harm:
        run = check(make_hostile(text))
        assert "](" not in run["results"][0]["message"]["text"]
