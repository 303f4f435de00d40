"""GeoJSON texts that are odd as a whole."""

import pytest

from corridormap.checks import check_files
from corridormap.checks.reading import document

FEATURE = b'{"type":"Feature","geometry":{"type":"Point","coordinates":[71.4,51.1]},"properties":{}}'


def found(tmp_path, text):
    path = tmp_path / "case.geojson"
    path.write_bytes(text)
    report = check_files([path])
    return report.checked[0].features, [(finding.code, finding.line, finding.column) for finding in report.findings]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (b'{"type":"FeatureCollection","type":"Feature","features":[]}', 29),
        (b'{"type":"Feature","type":"FeatureCollection","features":[]}', 19),
        (b'{"type":"FeatureCollection","features":[],"type":"FeatureCollection"}', 43),
        (b'{"type":"FeatureCollection","a":1,"features":[' + FEATURE + b'],"\\u0061":2}', 49 + len(FEATURE)),
    ],
)
def test_a_name_given_twice_beside_the_features(tmp_path, text, column):
    assert ("CM006", 1, column) in found(tmp_path, text)[1]


@pytest.mark.parametrize("number", ["nan", "NaN", "inf", "Infinity", "+NaN", "-NaN", "-inf", "+Infinity", "+inf"])
@pytest.mark.parametrize(
    "pattern", ['{"type":"FeatureCollection","features":[\n%s,\n%s]}', '{"features":[\n%s,\n%s],"type":"FeatureCollection"}']
)
def test_what_is_no_number_is_found_where_it_stands_and_the_rest_is_read(tmp_path, number, pattern):
    bad = FEATURE.replace(b"71.4", number.encode())
    features, findings = found(tmp_path, (pattern % (bad.decode(), FEATURE.decode())).encode())
    assert features == 2
    assert ("CM005", 2, bad.index(number.encode()) + 1) in findings
    # In a property, in a foreign member, on a line of a sequence.
    assert "CM005" in {code for code, *_ in found(tmp_path, FEATURE.replace(b"{}", b'{"a":%s}' % number.encode()))[1]}
    assert "CM005" in {code for code, *_ in found(tmp_path, FEATURE[:-1] + b',"a":[%s]}' % number.encode())[1]}


def test_a_text_too_large_is_refused_with_a_way_out(tmp_path, monkeypatch):
    monkeypatch.setattr(document, "MOST", 1 << 20)
    path = tmp_path / "large.geojson"
    path.write_bytes(b'{"type":"FeatureCollection","features":[' + b" " * (1 << 20) + b"]}")
    (finding,) = check_files([path]).findings
    assert (finding.code, finding.severity) == ("CM013", "error")
    assert "1 MiB" in finding.message
    assert "GeoJSONSeq" in finding.hint


@pytest.mark.parametrize("number", ["NaN", "nan", "Infinity", "-inf", "+NaN"])
def test_no_number_in_the_place_of_a_feature(tmp_path, number):
    features, findings = found(tmp_path, b'{"type":"FeatureCollection","features":[%s,\n%s]}' % (number.encode(), FEATURE))
    assert features == 2
    assert {code for code, line, _ in findings if line == 1} == {"CM005", "CM107"}


@pytest.mark.parametrize("other", ["{}", '{"a":"\\ud800"}'])
@pytest.mark.parametrize(("brackets", "told"), [(196, False), (197, True)])
def test_depth_counts_from_the_beginning_of_the_file(tmp_path, brackets, told, other):
    deep = FEATURE.replace(b"{}", b'{"a":%s}' % (b"[" * brackets + b"]" * brackets))
    text = b'{"type":"FeatureCollection","features":[%s,%s]}' % (deep, FEATURE.replace(b"{}", other.encode()))
    assert ("CM007" in {code for code, *_ in found(tmp_path, text)[1]}) is told


def test_what_the_whole_text_shows_is_told_of_its_feature(tmp_path):
    path = tmp_path / "case.geojson"
    path.write_bytes(b'{"type":"FeatureCollection","features":[%s,%s]}' % (FEATURE, FEATURE.replace(b"{}", b'{"a":NaN}')))
    (finding,) = check_files([path], select=["CM0"]).findings
    assert (finding.code, finding.index, finding.pointer) == ("CM005", 1, "/features/1/properties/a")


def test_what_the_whole_text_shows_is_told_of_each_feature(tmp_path):
    path = tmp_path / "case.geojson"
    bad = FEATURE.replace(b"{}", b'{"a":NaN}')
    path.write_bytes(b'{"type":"FeatureCollection","features":[%s,%s,%s],"b":NaN}' % (FEATURE, bad, bad))
    found = [(finding.index, finding.pointer) for finding in check_files([path], select=["CM0"]).findings]
    assert found == [(None, "/b"), (1, "/features/1/properties/a"), (2, "/features/2/properties/a")]


@pytest.mark.parametrize("name", ["x\\\\ud800", " ,NaN, ", "\\ud83d\\ude00 nan", "inf"])
def test_names_like_what_is_no_json(tmp_path, name):
    texts = [FEATURE.replace(b"{}", b'{"%s":%s}' % (name.encode(), value)) for value in (b"1", b"2", b'"t"')]
    features, findings = found(tmp_path, b'{"type":"FeatureCollection","features":[\n' + b",\n".join(texts) + b"]}")
    assert features == 3
    assert ("CM411", 4, texts[2].index(b'"%s":' % name.encode()) + 1) in findings
