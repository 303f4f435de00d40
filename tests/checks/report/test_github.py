from __future__ import annotations

import re

from corridormap.checks.report import Report, write
from corridormap.checks.rule import Finding, Severity

COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^,:\r\n]*,?)+)::(.*)")


def parse(line):
    """Read a workflow command as GitHub's runner does."""
    kind, properties, message = COMMAND.fullmatch(line).groups()

    def data(text):
        return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    given = dict(part.split("=", 1) for part in properties.split(","))
    return kind, {name: data(value.replace("%3A", ":").replace("%2C", ",")) for name, value in given.items()}, data(message)


def test_each_finding_is_an_annotation(plain_report):
    *lines, last = write(plain_report, format="github").splitlines()
    commands = [parse(line) for line in lines]
    assert [kind for kind, _, _ in commands] == ["error", "warning", "error", "notice", "warning"]
    _, properties, message = commands[0]
    assert properties == {"file": "a/lines.geojson", "line": "4123", "col": "17", "title": "CM215, feature rail-3"}
    assert message == "crosses itself [feature rail-3, /features/2/geometry/coordinates/0/118, 66.91000 48.02000]\nCut it there."
    assert commands[1][1] == {"file": "a/lines.geojson", "line": "4123", "title": "CM302, feature rail-3"}
    assert commands[4][1] == {"title": "CM501"}
    assert last.startswith("3 files, 1,204 features: 2 errors")


def test_signs_are_escaped():
    finding = Finding("CM311", Severity.ERROR, "100 % a,b:c", "a,b:c%.geojson", "f,1:2", hint="50 %")
    line, _ = write(Report([finding]), format="github").splitlines()
    assert line == "::error file=a%2Cb%3Ac%25.geojson,title=CM311%2C feature f%2C1%3A2::100 %25 a,b:c [feature f,1:2]%0A50 %25"
    assert parse(line)[2] == "100 % a,b:c [feature f,1:2]\n50 %"


def test_a_rule_is_one_annotation_a_file():
    found = [Finding("CM120", Severity.WARNING, "ring", "a.geojson", line=line, hint="Turn it.") for line in (3, 5, 9)]
    line, _ = write(Report(found), format="github").splitlines()
    assert parse(line)[1:] == ({"file": "a.geojson", "line": "3", "title": "CM120"}, "ring\n3 times, also at 5, 9\nTurn it.")
    assert len(write(Report(found), format="github", every=True).splitlines()) == 4


def test_standard_input_is_no_file():
    line, _ = write(Report([Finding("CM311", Severity.NOTE, "x", "<stdin>", line=3)]), format="github").splitlines()
    assert line == "::notice title=CM311::x"


def test_hostile_texts_make_no_commands(make_hostile, harm):
    for text in harm:
        assert len(write(make_hostile(text), format="github").splitlines()) == 2
        lines = write(make_hostile(text), format="github", every=True).splitlines()
        assert len(lines) == 4
        for line in lines[:3]:
            _, properties, message = parse(line)
            assert set(properties) == {"file", "line", "col", "title"}
            assert message.count("\n") == 1
