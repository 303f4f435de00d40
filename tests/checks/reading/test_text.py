"""Where values stand in a JSON text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridormap.checks.reading.text import places


def at(text, *wanted):
    return {path: text[offset : offset + 4] for path, offset in places(text, wanted).items()}


def test_values_and_members():
    text = b'{"a": [1, {"b/c": [[2, 3], [4, 5]]}], "d" : null}'
    assert at(text, ("a",), ("a", 0), ("a", 1, "b/c"), ("a", 1, "b/c", 1), ("d",), (), ("nowhere",), ("a", 7), ("d", "x")) == {
        ("a",): b'"a":',
        ("a", 0): b"1, {",
        ("a", 1, "b/c"): b'"b/c',
        ("a", 1, "b/c", 1): b"[4, ",
        ("d",): b'"d" ',
        (): b'{"a"',
    }


@pytest.mark.parametrize("name", ["", " ", ":", '"', '\\"', "a\\", '","x":"', "ж", "\u2028", "x" * 300])
def test_names_of_all_kinds(name):
    for ascii_only in (True, False):
        text = json.dumps({"before": '":"', name: 1, "after": [name]}, ensure_ascii=ascii_only).encode()
        assert places(text, [(name,)]) == {(name,): text.index(json.dumps(name, ensure_ascii=ascii_only).encode() + b":")}


def test_what_is_not_quite_json():
    text = b'{"NaN": "\\ud800", "b": [NaN, NaN], "c": -1}'
    assert at(text, ("NaN",), ("b", 1), ("c",)) == {("NaN",): b'"NaN', ("b", 1): b"NaN]", ("c",): b'"c":'}
    assert at(b'{"a": 1, "a": 2', ("a",)) == {}
    assert at(b'{"a": 1, "a": 2}', ("a",)) == {("a",): b'"a":'}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_every_value_is_found(value, ascii_only, indent):
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "replace")
    paths = []

    def walk(item, path):
        paths.append(path)
        for key, inner in item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ():
            walk(inner, (*path, key))

    walk(json.loads(text), ())
    found = places(text, paths)
    assert found.keys() == set(paths)
    for path, offset in found.items():
        rest = text[offset:]
        if path and isinstance(path[-1], str):
            name, end = json.JSONDecoder().raw_decode(rest.decode())
            assert name == path[-1]
            rest = rest.decode()[end:].lstrip().removeprefix(":").lstrip().encode()
        inner = json.loads(text)
        for token in path:
            inner = inner[token]
        assert json.JSONDecoder().raw_decode(rest.decode())[0] == inner
