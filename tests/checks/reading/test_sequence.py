"""GeoJSON text sequences: one a line, or with record separators."""

import io
import json

import pytest

from corridormap.checks import check_files
from corridormap.checks.filecheck import FileCheck
from corridormap.checks.reading import document
from corridormap.checks.reading.document import read

ONE = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [71.4, 51.1]}, "properties": {"a": "x\n"}}
BAD = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [71.4]}, "properties": {"a": "y"}}


def check(tmp_path, text, name="a.geojsonl"):
    path = tmp_path / name
    path.write_bytes(text)
    return check_files([path])


@pytest.mark.parametrize("name", ["a.geojsonl", "a.geojsons", "a.ndjson", "a.geojson-seq", "a.jsonl"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n \n"])
def test_lines(tmp_path, name, end):
    lines = [
        json.dumps(ONE).encode(),
        b'  {"type":"Point","coordinates":[1,2]}',
        json.dumps({"type": "FeatureCollection", "features": []}).encode(),
    ]
    report = check(tmp_path, end.join(lines), name)
    assert report.findings == []
    assert (report.checked[0].format, report.checked[0].features) == ("GeoJSON text sequence", 3)


def test_record_separators_are_known_by_themselves_and_texts_may_have_lines(tmp_path):
    text = b"".join(b"\x1e" + json.dumps(one, indent=1).encode() + b"\n" for one in (ONE, BAD))
    report = check(tmp_path, text, "a.geojson")
    (finding,) = report.findings
    assert (finding.code, finding.index, finding.pointer, finding.line) == (
        "CM114",
        1,
        "/geometry/coordinates",
        text[: text.index(b"71.4", 200)].count(b"\n"),
    )
    assert report.checked[0].format == "GeoJSON text sequence"


def test_a_text_without_its_line_feed(tmp_path):
    text = b"".join(b"\x1e" + json.dumps(ONE).encode() for _ in range(2))
    assert {finding.code for finding in check(tmp_path, text, "a.geojson").findings} >= {"CM012"}
    assert "CM012" not in {finding.code for finding in check(tmp_path, text.replace(b"\x1e", b"\n\x1e") + b"\n", "a.geojson").findings}


def test_places_are_those_of_the_file(tmp_path):
    report = check(tmp_path, b"\n" + json.dumps(ONE).encode() + b"\n\n  " + json.dumps(BAD).encode() + b"\n{\n")
    assert [(finding.code, finding.index, finding.line) for finding in report.findings] == [("CM114", 1, 4), ("CM004", 2, 5)]
    assert report.findings[0].column == 3 + json.dumps(BAD).index('"coordinates"')


def test_what_is_no_object(tmp_path):
    report = check(tmp_path, b'[]\n1\n{"type":"FeatureCollection","features":[1]}\n')
    assert [finding.code for finding in report.findings] == ["CM103", "CM103", "CM107"]


def test_two_texts_on_one_line(tmp_path):
    line = json.dumps(ONE).encode()
    assert {finding.code for finding in check(tmp_path, line + b"," + line + b"\n").findings} == {"CM004"}


def test_one_text_after_another_under_the_wrong_name_gets_a_hint(tmp_path):
    finding = check(tmp_path, (json.dumps(ONE).encode() + b"\n") * 2, "a.geojson").findings[0]
    assert finding.code == "CM004"
    assert ".geojsonl" in finding.hint


def test_an_empty_sequence(tmp_path):
    assert [finding.code for finding in check(tmp_path, b"\n \n").findings] == ["CM010"]


GOOD = '{"type":"Feature","geometry":{"type":"Point","coordinates":[71.4,51.1]},"properties":{}}'


@pytest.mark.parametrize("number", ["nan", "+NaN", "-inf", "Infinity"])
def test_what_is_no_number_is_found_and_the_rest_is_read(tmp_path, number):
    path = tmp_path / "a.geojsonl"
    path.write_text("\n".join([GOOD, GOOD.replace("{}", f'{{"a":{number}}}'), number, GOOD]), encoding="utf-8")
    report = check_files([path], select=["CM0", "CM1"])
    assert report.checked[0].features == 4
    assert [(finding.code, finding.line) for finding in report.findings] == [("CM005", 2), ("CM005", 3), ("CM103", 3)]


def test_lines_that_make_up_for_each_other_are_not_json(tmp_path):
    path = tmp_path / "a.geojsonl"
    one = GOOD.replace('"properties":{}', '"properties":{"a":1}')
    path.write_text(f'{{"type":"Feature","properties":null\n"geometry":null}}\n{GOOD},{one}\n', encoding="utf-8")
    found = check_files([path]).findings
    assert [(finding.code, finding.line) for finding in found] == [("CM004", 1), ("CM004", 2), ("CM004", 3)]


def test_lines_of_a_megabyte_are_known_on_standard_input(monkeypatch):
    long = GOOD.replace("{}", f'{{"a":"{"x" * 1_500_000}"}}')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join([long] * 3).encode())))
    report = check_files(["-"], ignore=["CM604"])
    assert (report.checked[0].format, report.checked[0].features, report.findings) == ("GeoJSON text sequence", 3, [])


def test_what_is_told_in_the_end_is_shown_where_its_text_begins(monkeypatch):
    lines = [GOOD, GOOD.replace("71.4", "71.123456789"), GOOD.replace("71.4", "71.123456789")]
    for text in ("\n".join(lines), "".join(f"\x1e{line}\n" for line in lines)):
        found = []
        for at_once in (1, 1 << 20):
            monkeypatch.setattr(document, "AT_ONCE", at_once)
            check = FileCheck("a", frozenset({"CM136"}), 100)
            read(io.BytesIO(text.encode()), check, sequence=True)
            check.conclude()
            found += check.findings()
        assert found[0] == found[1]
        assert (found[0].line, found[0].column) == (2, 1 + text.startswith("\x1e"))
