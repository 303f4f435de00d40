"""Documents that are left alone, and the scanner against the json module."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridormap.checks.fix import fix_text
from corridormap.checks.fix import scan as scanner
from corridormap.checks.fix.scan import MAX_DEPTH, Unfixable, scan

REFUSED = {
    b"": "is not JSON: it ends too early",
    b"   \n": "is not JSON: it ends too early (line 2",
    b"{": "is not JSON",
    b'{"type":"Point","coordinates":[1.123456789,2]': "ends too early",
    b'{"type":"Point","coordinates":[1.123456789,2]} x': "something follows the document (line 1, column 48)",
    b'{"type":"Point","coordinates":[1.123456789,2]}{}': "something follows",
    b'\x1e{"type":"Point","coordinates":[1,2]}\n': "is not JSON",
    b'{"type":"Point","coordinates":[1.123456789,]}': "is not JSON",
    b'{"type":"Point","coordinates":[01,2]}': "is not JSON",
    b'{"type":"Point","coordinates":[1.123456789,NaN]}': "holds NaN",
    b'{"type":"Point","x":-Infinity}': "holds -Infinity",
    b'{"type":"Point","type":"Point"}': "gives a key twice",
    b'{"type":"Point","p":{"a":1,"\\u0061":2}}': "gives a key twice",
    b'{"type":"Point","x":"\n"}': "is not JSON",
    b'{"type":"Point","x":"\xff"}': "is not UTF-8",
    b"[1]": "is not a GeoJSON object",
    b"7": "is not a GeoJSON object",
    b"{}": "known type",
    b'{"type":"Topology"}': "known type",
    b'{"type":["Point"]}': "known type",
    b"\xff\xfe{\x00}\x00": "is not UTF-8",
    b"PK\x03\x04": "is not JSON",
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
    assert fixed.diff() == ""


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


def test_many_open_brackets_take_linear_time():
    assert "nested" in fix_text(b'{"coordinates":' * 100 + b"[" * 1_000_000).refused
    assert fix_text(b'{"type":"LineString","coordinates":[' + b"[1,2]," * 100_000 + b"{}]}").refused is None


def test_a_geometry_too_large_to_hold_is_refused(monkeypatch):
    monkeypatch.setattr(scanner, "MAX_NUMBERS", 16)
    assert fix_text(b'{"type":"LineString","coordinates":[[1,2],[1,2],[3,4]]}').refused.startswith("holds coordinates of more than")
    assert fix_text(b'{"type":"Point","coordinates":[1.123456789,2]}').changed


def strict(text):
    """Whether the json module takes a text without constants and keys given twice."""

    def once(pairs):
        if len(dict(pairs)) != len(pairs):
            raise ValueError
        return dict(pairs)

    def refuse(constant):
        raise ValueError

    try:
        json.loads(text, object_pairs_hook=once, parse_constant=refuse, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


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


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=12).map("".join))
def test_the_scanner_takes_what_the_json_module_takes(text):
    try:
        scan(text.encode())
        taken = True
    except Unfixable:
        taken = False
    assert taken == strict(text)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["coordinates", "bbox", "features"]) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(values, st.sampled_from([None, 1]), st.booleans())
def test_the_scanner_finds_every_value_at_its_place(value, indent, ascii_):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_).encode("utf-8", "surrogatepass")

    def compare(node, expected):
        assert json.loads(text[node.start : node.end].decode("utf-8", "surrogatepass")) == expected
        if node.members is not None:
            assert list(node.members) == list(expected)
            for key, member in node.members.items():
                compare(member.value, expected[key])
        elif node.items is not None:
            for item, one in zip(node.items, expected, strict=True):
                compare(item, one)
        elif node.numbers is not None:
            assert node.numbers == expected

    compare(scan(text), value)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.lists(st.sampled_from(SCRAPS), max_size=10).map(lambda parts: "".join(parts).encode()))
def test_no_bytes_end_in_a_traceback(scrap):
    for text in (
        scrap,
        b'{"type":"Polygon","bbox":' + scrap + b',"coordinates":' + scrap + b"}",
        b'{"type":"FeatureCollection","features":[' + scrap + b"]}",
    ):
        fixed = fix_text(text)
        assert fixed.refused or not fixed.changed or json.loads(fixed.new)
