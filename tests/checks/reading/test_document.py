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
