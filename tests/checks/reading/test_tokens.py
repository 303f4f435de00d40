"""JSON to the letter, as the known collections of good and bad texts have it."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridormap.checks.reading.text import MAX_DEPTH, pointer, scan, shown

YES = [
    b"[[]   ]",
    b'[""]',
    b"[]",
    b'["a"]',
    b"[false]",
    b'[null, 1, "1", {}]',
    b"[null]",
    b"[1\n]",
    b" [1]",
    b"[1,null,null,null,2]",
    b"[2] ",
    b"[123e65]",
    b"[0e+1]",
    b"[0e1]",
    b"[ 4]",
    b"[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
    b"[20e1]",
    b"[-0]",
    b"[-123]",
    b"[-1]",
    b"[1E22]",
    b"[1E-2]",
    b"[1E+2]",
    b"[123e45]",
    b"[123.456e78]",
    b"[1e-2]",
    b"[1e+2]",
    b"[123]",
    b"[123.456789]",
    b'{"asd":"sdf", "dfg":"fgh"}',
    b'{"asd":"sdf"}',
    b"{}",
    b'{"":0}',
    b'{"foo\\u0000bar": 42}',
    b'{ "min": -1.0e+28, "max": 1.0e+28 }',
    b'{"a":[]}',
    b'{"title":"\\u041f\\u043e"}',
    b'{\n"a": "b"\n}',
    b'["\\u0060\\u012a\\u12AB"]',
    b'["\\ud801\\udc37"]',
    b'["\\"\\\\\\/\\b\\f\\n\\r\\t"]',
    b'["\\\\u0000"]',
    b'["\\""]',
    b'["a/*b*/c/*d//e"]',
    b'["\\\\a"]',
    b'["\\\\n"]',
    b'["\\u0012"]',
    b'["\\uFFFF"]',
    b'["\xf4\x8f\xbf\xbf"]',
    b'["\xef\xbf\xbf"]',
    b'["\\u0000"]',
    b'["\\u002c"]',
    b'["\xcf\x80"]',
    b'["\xf0\x9b\xbf\xbf"]',
    b'[" "]',
    b'["\\uDBFF\\uDFFF"]',
    b'["new\\u00A0line"]',
    b'["\xe2\x80\xa8"]',
    b'["\xe2\x80\xa9"]',
    b'["\x7f"]',
    b'["\\uA66D"]',
    b'" "',
    b"false",
    b"42",
    b"-0.1",
    b"null",
    b'"asd"',
    b"true",
    b'""',
    b'["a"]\n',
    b"[true]",
    b" [] ",
    b"\t\r\n1",
]
NO = [
    b"[1 true]",
    b"[a\xe5]",
    b'["": 1]',
    b'[""],',
    b"[,1]",
    b"[1,,2]",
    b'["x",,]',
    b'["x"]]',
    b'["",]',
    b'["x"',
    b"[x",
    b"[3[4]]",
    b"[\xff]",
    b"[1:2]",
    b"[,]",
    b"[-]",
    b'[   , ""]',
    b'["a",\n4\n,1,',
    b"[1,]",
    b"[1,,]",
    b'["\x0ba"\\f]',
    b"[*]",
    b'[""',
    b"[1,",
    b"[1,\n1\n,1",
    b"[{}",
    b"[fals]",
    b"[nul]",
    b"[tru]",
    b"123\x00",
    b"[++1234]",
    b"[+1]",
    b"[+Inf]",
    b"[-01]",
    b"[-1.0.]",
    b"[-2.]",
    b"[-NaN]",
    b"[.-1]",
    b"[.2e-3]",
    b"[0.1.2]",
    b"[0.3e+]",
    b"[0.3e]",
    b"[0.e1]",
    b"[0E+]",
    b"[0E]",
    b"[0e+]",
    b"[0e]",
    b"[1.0e+]",
    b"[1.0e-]",
    b"[1.0e]",
    b"[1 000.0]",
    b"[1eE2]",
    b"[2.e+3]",
    b"[2.e-3]",
    b"[2.e3]",
    b"[9.e+]",
    b"[Inf]",
    b"[NaN]",
    b"[\xef\xbc\x91]",
    b"[1+2]",
    b"[0x1]",
    b"[0x42]",
    b"[Infinity]",
    b"[0e+-1]",
    b"[-123.123foo]",
    b"[123\xe5]",
    b"[1e1\xe5]",
    b"[0\xe5]\n",
    b"[-Infinity]",
    b"[-foo]",
    b"[- 1]",
    b"[-012]",
    b"[-.123]",
    b"[-1x]",
    b"[1ea]",
    b"[1e\xe5]",
    b"[1.]",
    b"[.123]",
    b"[1.2a-3]",
    b"[1.8011670033376514H-308]",
    b"[012]",
    b'["x", truth]',
    b'{[: "x"}\n',
    b'{"x", null}',
    b'{"x"::"b"}',
    b"{\xf0\x9f\x87\xa8}",
    b'{"a":"a" 123}',
    b"{key: 'value'}",
    b'{"\xb9":"0",}',
    b'{"a" b}',
    b'{:"b"}',
    b'{"a" "b"}',
    b'{"a":',
    b'{"a"',
    b"{1:1}",
    b"{9999E9999:1}",
    b"{null:null,null:null}",
    b'{"id":0,,,,,}',
    b"{'a':0}",
    b'{"id":0,}',
    b'{"a":"b"}/**/',
    b'{"a":"b"}/**//',
    b'{"a":"b"}//',
    b'{"a":"b"}/',
    b'{"a":"b",,"c":"d"}',
    b'{a: "b"}',
    b'{"a":"a',
    b'{ "foo" : "bar", "a" }',
    b'{"a":"b"}#',
    b" ",
    b'["\\uD800\\"]',
    b'["\\uD800\\u"]',
    b'["\\uD800\\u1"]',
    b'["\\uD800\\u1x"]',
    b"[\xc3\xa9]",
    b'["\\\x00"]',
    b'["\\\\\\"]',
    b'["\\x00"]',
    b'["\\\xf0\x9f\x8c\x80"]',
    b'["\\\t"]',
    b'["\\"]',
    b'["\\uD834\\uDd"]',
    b'["\\u00A"]',
    b'["\\a"]',
    b'["\\uqqqq"]',
    b'["\\\xe5"]',
    b'[\\u0020"asd"]',
    b"[\\n]",
    b'"',
    b"['single quote']",
    b"abc",
    b'["\\',
    b'["a\x00a"]',
    b'["new\nline"]',
    b'["\t"]',
    b'"\\UA66D"',
    b'""x',
    b"<null>",
    b"[\xe2\x81\xa0]",
    b"<.>",
    b"[<null>]",
    b"[1]x",
    b"[1]]",
    b'["asd]',
    b"a\xc3\xa5",
    b"[True]",
    b"1]",
    b'{"x": true,',
    b"[][]",
    b"]",
    b"\xef\xbb{}",
    b"\xc3\xa5",
    b"[",
    b'{"":',
    b"2@",
    b"{}}",
    b'{"a":/*comment*/"b"}',
    b'{"a": true} "x"',
    b"['",
    b'["a',
    b"[,",
    b'[{"":[{"":',
    b"{",
    b"{]",
    b"{,",
    b"{[",
    b'{"a',
    b"{'a'",
    b'["\\{["\\{["\\{["\\{',
    b"\xe9",
    b"*",
    b"\xef\xbb\xbf",
    b'{"a":"b"}#{}',
    b'[\\u000A""]',
    b"[1",
    b"[ false, nul",
    b"[ true, fals",
    b"[ false, tru",
    b'{"asd":"asd"',
    b"\xc3\xa5",
    b"[\xe2\x81\xa0]",
    b"[\x0c]",
    b"",
    b"\x0c1",
    b"\xa01",
    b"nullx",
    b"truefalse",
    b"1 2",
    b"[1}",
    b'{"a":1]',
]


@pytest.mark.parametrize("text", YES, ids=lambda text: text[:30])
def test_json_is_taken(text):
    assert scan(text) == []


@pytest.mark.parametrize("text", NO, ids=lambda text: text[:30])
def test_what_is_no_json_is_refused(text):
    found = scan(text)
    assert {"syntax", "nan"} & {trouble.kind for trouble in found}
    for trouble in found:
        assert 0 <= trouble.offset <= len(text)


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        (b'{"a": 1, "b": tru}', 14, "unexpected character"),
        (b'{"a": 1,}', 8, "a name in double quotes is expected"),
        (b'{"a": [1, 2}', 11, "a comma or ] is expected here"),
        (b'{"a": "x\ty"}', 8, "U+0009"),
        (b'{"a": "x\\qy"}', 8, "no such escape"),
        (b'{"a": // c\n1}', 6, "comments"),
        (b"{'a': 1}", 1, "double quotes"),
        (b'{"a": 01}', 6, "no number"),
        (b'{"a": 1', 7, "ends too early"),
        (b'{"a": "1', 8, "ends too early, within a string"),
        (b"{} {}", 3, "nothing more is expected"),
    ],
)
def test_the_place_and_the_reason_are_told(text, offset, words):
    fatal = scan(text)[-1]
    assert fatal.fatal
    assert fatal.offset == offset
    assert words in fatal.message


def test_depth_is_bounded_without_recursion():
    assert scan(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) == []
    start = time.process_time()
    (fatal,) = scan(b"[" * 20_000_000)
    assert time.process_time() - start < 1
    assert fatal.kind == "depth"


def test_names_given_twice():
    found = scan(b'{"a": {"b": 1, "b": 2}, "\\u0061": 3}')
    assert [(trouble.kind, trouble.path) for trouble in found] == [("duplicate", ("a", "b")), ("duplicate", ("a",))]


def test_pointers_and_quotations():
    assert pointer(("a/b", "c~d", 3)) == "/a~1b/c~0d/3"
    assert len(shown("x" * 1000)) < 70
    assert shown(5) == "5"


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    ),
    st.booleans(),
)
def test_whatever_python_writes_is_taken(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")
    assert not any(trouble.fatal for trouble in scan(text))


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:\\ue0123456789tfn.-+ \n', max_size=60).map(str.encode))
def test_it_agrees_with_python_and_never_fails(text):
    kinds = {trouble.kind for trouble in scan(text)}
    try:
        json.loads(text.decode("utf-8"), parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name)))
        valid = True
    except (ValueError, RecursionError):
        valid = False
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return  # the reader masks such bytes first
    if text.startswith(b"\xef\xbb\xbf"):
        return
    assert bool(kinds & {"syntax", "nan"}) != valid
