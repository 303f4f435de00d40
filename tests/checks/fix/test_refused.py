"""Documents that are left alone."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridormap.checks import fix
from corridormap.checks.fix import fix_text
from corridormap.checks.reading.text import MAX_DEPTH

REFUSED = {
    b"": "is empty",
    b"   \n": "is empty",
    b"{": "the text ends too early (line 1, column 2)",
    b'{"type":"Point","coordinates":[1.123456789,2]': "ends too early",
    b'{"type":"Point","coordinates":[1.123456789,2]} x': 'unexpected character "x" (line 1, column 48)',
    b'{"type":"Point","coordinates":[1.123456789,2]}{}': "something follows",
    b'\x1e{"type":"Point","coordinates":[1,2]}\n': "is a sequence of GeoJSON texts",
    b'{"type":"Point","coordinates":[1.123456789,]}': 'a value is expected here, not "]" (line 1, column 44)',
    b'{"type":"Point","coordinates":[01,2]}': "this is no number as JSON writes it (line 1, column 32)",
    b'{"type":"Point","coordinates":[1.123456789,NaN]}': "NaN is not JSON (line 1, column 44)",
    b'{"type":"Point","x":-Infinity}': "-Infinity is not JSON (line 1, column 21)",
    b'{"type":"Point","type":"Point"}': 'the name "type" is given twice in one object (line 1, column 17)',
    b'{"type":"Point","p":{"a":1,"\\u0061":2}}': 'the name "a" is given twice in one object (line 1, column 28)',
    b'{"type":"Point","x":"\n"}': "the control character U+000A must be escaped in a string (line 1, column 22)",
    b'{"type":"Point","x":"\xff"}': "is not UTF-8",
    b"[1]": "is an array, not an object",
    b"7": "is a single value, not an object",
    b"{}": "known type",
    b'{"type":"Topology"}': "known type",
    b'{"type":["Point"]}': "known type",
    b"\xff\xfe{\x00}\x00": "is UTF-16, not UTF-8",
    b"PK\x03\x04": "is a zip archive, not GeoJSON",
    b"[" * 10_000: "nested",
    b"[" * 10_000 + b"]" * 10_000: "nested",
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000: "nested",
    b'{"type":"Polygon","coordinates":' + b"[" * 10_000 + b"]" * 10_000 + b"}": "nested",
}


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_it_is_left_alone_and_said_why(text):
    fixed = fix_text(text)
    assert fixed.new is text
    assert not fixed.changed
    assert REFUSED[text] in fixed.refused
    assert not list(fixed.diff_lines())


def test_a_deep_document_within_the_limit_is_mended():
    deep = b"[" * (MAX_DEPTH - 2) + b"]" * (MAX_DEPTH - 2)
    assert fix_text(b'{"type":"Point","coordinates":[1.123456789,2],"x":' + deep + b"}").changed
    inner = b'{"type":"Point","coordinates":[1.123456789,2]}'
    levels = MAX_DEPTH // 2 - 2
    nested = b'{"type":"GeometryCollection","geometries":[' * levels + inner + b"]}" * levels
    assert fix_text(nested).new == nested.replace(b"3456789", b"34568")


def test_numbers_of_any_length_pass():
    long = b"9" * 10_000
    text = (
        b'{"type":"Feature","properties":{"a":'
        + long
        + b',"b":1e99999999999999999999},"geometry":{"type":"Point","coordinates":[1.123456789,2]}}'
    )
    assert fix_text(text).new == text.replace(b"3456789", b"34568")
    assert not fix_text(b'{"type":"Point","coordinates":[1.123456789,' + long + b"]}").changed
    assert b'"bbox":[1, 2, 1, 2]' in fix_text(b'{"type":"Point","coordinates":[1,2],"bbox":[' + long + b", 1, 2, 3]}").new


@pytest.mark.slow
def test_many_open_brackets_take_linear_time():
    assert "nested" in fix_text(b'{"coordinates":' * 100 + b"[" * 1_000_000).refused
    assert fix_text(b'{"type":"LineString","coordinates":[' + b"[1,2]," * 100_000 + b"{}]}").refused is None


def test_a_geometry_too_large_to_hold_is_refused(monkeypatch):
    monkeypatch.setattr(fix, "MAX_NUMBERS", 16)
    assert fix_text(b'{"type":"LineString","coordinates":[[1,2],[1,2],[3,4]]}').refused.startswith("holds coordinates of more than")
    assert fix_text(b'{"type":"Point","coordinates":[1.123456789,2]}').changed


SCRAPS = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"coordinates"',
    '"a"',
    '"\\u00e9"',
    '"\\x"',
    "1",
    "-0",
    "01",
    "1.",
    "1e5",
    ".5",
    "true",
    "null",
    "NaN",
    " ",
    "\n",
    '"',
    "é",
]


@pytest.mark.slow
@settings(max_examples=300)
@given(st.binary(max_size=60) | st.lists(st.sampled_from(SCRAPS), max_size=10).map(lambda parts: "".join(parts).encode()))
def test_no_bytes_end_in_a_traceback(scrap):
    for text in (
        scrap,
        b'{"type":"Polygon","bbox":' + scrap + b',"coordinates":' + scrap + b"}",
        b'{"type":"FeatureCollection","features":[' + scrap + b"]}",
    ):
        fixed = fix_text(text)
        assert fixed.refused or not fixed.changed or json.loads(fixed.new)
