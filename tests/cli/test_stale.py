import json
import re

import pytest


def test_what_is_old_is_listed_with_source_and_date(run):
    result = run("stale", "--months", "24", "--on", "2026-11-26")
    assert result.exit_code == 0
    assert re.search(r"^2011-08-22 +statement +corridors-rail-4-2011 +4 corridors +tengrinews-2011", result.stdout, re.MULTILINE)
    assert "trend-2026-03-03" not in result.stdout


def test_those_without_a_date_come_first(run):
    rows = json.loads(run("stale", "--months", "24", "--on", "2026-11-26", "--json").stdout)
    dates = [row["date"] for row in rows]
    undated = dates.count(None)
    assert undated > 0
    assert dates[:undated] == [None] * undated
    assert dates[undated:] == sorted(dates[undated:])
    assert set(rows[0]) == {"kind", "id", "what", "date", "own", "sources", "titles"}
    assert {row["kind"] for row in rows} == {"link", "statement", "figure"}


def test_fewer_months_list_more(run):
    few, many = (json.loads(run("stale", "--months", months, "--on", "2026-11-26", "--json").stdout) for months in (60, 6))
    names = [{(row["kind"], row["id"], row["what"]) for row in rows} for rows in (few, many)]
    assert names[0] < names[1]


def test_today_is_the_day_unless_another_is_given(run, tiny):
    assert run("stale", geodata=tiny).exit_code == 0


def test_nothing_old_is_no_failure(run, tiny):
    for name, old in (("sources.toml", 'publisher = "corridormap"'), ("statements.toml", 'kind = "freight"')):
        text = (tiny / name).read_text(encoding="utf-8")
        (tiny / name).write_text(text.replace(old, f'{old}\ndate = "2026-01-01"'), encoding="utf-8")
    result = run("stale", "--on", "2026-02-01", "--json", geodata=tiny)
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


@pytest.mark.parametrize(
    "options", [["--months", "-1"], ["--months", "many"], ["--on", "26.11.2026"], ["--on", "2026-02-30"], ["--on", "2026"], ["here"]]
)
def test_bad_values_are_wrong_usage(run, options):
    result = run("stale", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error" in result.stderr
