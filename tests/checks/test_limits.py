"""Large and hostile files: bounded memory, bounded time."""

import json
import subprocess
import sys
import time

import pytest

from corridormap.checks import check_files, shapes, topology
from corridormap.checks.reading import objects

pytestmark = pytest.mark.slow

MEASURE = """
import resource, sys, time
from corridormap.checks import check_files
import shapely, numpy, msgspec
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
report = check_files([sys.argv[1]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time() - start, len(report.findings), report.checked[0].features)
"""


def measured(path):
    out = subprocess.run([sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True).stdout.split()
    return int(out[0]) / 1024, float(out[1]), int(out[2]), int(out[3])


def test_memory_is_a_few_times_the_file_and_does_not_grow_with_a_sequence(tmp_path):
    line = json.dumps({"type": "LineString", "coordinates": [[71 + n / 1000, 51 + (n % 7) / 1000] for n in range(300)]})
    features = [f'{{"type":"Feature","geometry":{line},"properties":{{"n":{n}}}}}' for n in range(12_000)]
    whole, lines = tmp_path / "large.geojson", tmp_path / "large.geojsonl"
    whole.write_text(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}', encoding="utf-8")
    lines.write_text("\n".join(features), encoding="utf-8")
    size = whole.stat().st_size / 2**20
    assert size > 50
    for path, most in ((whole, 100 + 2 * size), (lines, 100)):
        grown, seconds, _, count = measured(path)
        assert count == 12_000
        assert grown < most  # MB
        assert seconds < 30


@pytest.mark.parametrize(
    ("head", "body", "tail"),
    [
        (b"", b"[", b""),
        (b'{"type":"FeatureCollection","features":', b"[", b""),
        (b'{"type":"FeatureCollection","features":[', b"[],", b"[]]}"),
        (b'{"type":"FeatureCollection","features":[', b"{", b""),
        (b'{"type":"FeatureCollection","bbox":[', b"1,", b'1],"features":[]}'),
        (b'{"type":"Point","coordinates":[', b"1,", b"1]}"),
        (b'{"a":"', b"\\", b""),
        (b'{"a":"', b'\\"', b'"}'),
        (b'"', b"x", b'"'),
        (b"", b" ", b""),
        (b"", b"\x00", b""),
        (b'{"type":"FeatureCollection","features":[]}', b"\n", b"x"),
        (b"", b'{"type":"Point"}', b""),
        (b"", b"\n{}", b""),
    ],
)
def test_megabytes_of_nonsense(tmp_path, head, body, tail):
    path = tmp_path / "hostile.geojson"
    path.write_bytes(head + body * (3_000_000 // len(body)) + tail)
    start = time.process_time()
    report = check_files([path])
    assert time.process_time() - start < 20
    assert report.findings


def test_a_geometry_too_large_for_geos_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(shapes, "HUGE", 10)
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "LineString", "coordinates": [[n, n % 2] for n in range(20)]}), encoding="utf-8")
    assert {finding.code for finding in check_files([path]).findings} == {"CM219"}


def test_too_many_lines_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(topology, "MOST_LINES", 3)
    lines = [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[n, 1], [n + 1, 1]]}, "properties": {}} for n in range(5)
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": lines}), encoding="utf-8")
    assert {finding.code for finding in check_files([path]).findings} == {"CM606"}


@pytest.mark.parametrize(("name", "limit"), [("LARGEST", 1 << 20), ("ARRAYS", 100_000)])
@pytest.mark.parametrize("suffix", ["geojson", "geojsonl"])
def test_a_feature_too_large_is_told_and_the_others_are_looked_at(tmp_path, monkeypatch, suffix, name, limit):
    monkeypatch.setattr(objects, name, limit)
    far = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
    large = {"type": "Feature", "properties": {}, "geometry": {"type": "MultiPoint", "coordinates": [[1.5, 2.5]] * 120_000}}
    path = tmp_path / f"a.{suffix}"
    lines = [json.dumps(one) for one in (far, large, far)]
    text = "\n".join(lines) if suffix == "geojsonl" else f'{{"type":"FeatureCollection","features":[{",".join(lines)}]}}'
    path.write_text(text, encoding="utf-8")
    found = [(finding.code, finding.index) for finding in check_files([path]).findings if finding.code in {"CM013", "CM315"}]
    assert found == [("CM315", 0), ("CM013", 1), ("CM315", 2)]


def test_millions_of_findings_are_counted_and_not_held(tmp_path):
    path = tmp_path / "a.geojson"
    text = json.dumps(
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": [[70, 50]] * 2_000_000 + [[71, 50]]}}
    )
    path.write_text(text.replace(" ", ""), encoding="utf-8")
    report = check_files([path])
    assert report.more[str(path), "CM213"] == 2_000_000 - 1 - 1000
    grown, seconds, kept, _ = measured(path)
    assert kept == 1000
    assert grown < 1000  # MB, and not 3000
    assert seconds < 30
