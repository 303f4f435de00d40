"""Files: real layers, files of other programs, and what happens when writing fails."""

import json
import os
import re
import stat
import time
from pathlib import Path

import geopandas
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from corridormap import files
from corridormap.checks.fix import fix_file, fix_text
from corridormap.errors import DataError, WriteError

LAYERS = sorted((Path(__file__).parents[3] / "geodata" / "layers").glob("*.geojson"))
BAD = b'{"type":"LineString","coordinates":[[1,2],[1,2],[3,4]]}\n'
GOOD = b'{"type":"LineString","coordinates":[[1,2],[3,4]]}\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_bytes(BAD)
    return path


@pytest.mark.parametrize("path", LAYERS, ids=lambda path: path.stem)
def test_the_projects_own_layers_need_no_mending(path):
    fixed = fix_file(path, diff=True)
    assert (fixed.changed, fixed.refused) == (False, None)


def test_there_are_layers():
    assert LAYERS


@settings(max_examples=15)
@given(st.sampled_from(LAYERS), st.randoms(use_true_random=False), st.booleans())
def test_a_layer_damaged_in_small_ways_is_mended_to_the_byte(path, random, marked):
    text = path.read_bytes()
    positions = [match for match in re.finditer(rb"\[([0-9.]+),([0-9.]+)\]", text) if b"." in match[1] and b"." in match[2]]
    parts, at = [], 0
    for match in sorted(random.sample(positions, min(len(positions), 30)), key=re.Match.start):
        position, single = match[0], text[match.start() - 1 : match.start()] == b":"
        new = random.choice([position.replace(b",", b"00000001,"), position.replace(b"]", b"00000001]"), position + b"," + position])
        parts += [text[at : match.start()], position if single and new.count(b"[") == 2 else new]
        at = match.end()
    damaged = b"".join([*parts, text[at:]])
    if marked:
        crs = b'"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},\n"features":'
        damaged = b"\xef\xbb\xbf" + damaged.replace(b'"features":', crs, 1)
    fixed = fix_text(damaged)
    assert fixed.new == text


@pytest.fixture
def frame():
    shapes = [
        shapely.Polygon([(10.123456789012, 50), (10, 51.98765432109), (11, 51), (11, 50)], [[(10.5, 50.5), (10.6, 50.5), (10.6, 50.6)]]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1, ccw=False), shapely.box(3, 3, 4, 4.00000000012, ccw=True)]),
        shapely.LineString([(1, 2, 3.3), (1, 2, 3.3), (4, 5, 6)]),
        shapely.Point(1 / 3, 2 / 3),
        shapely.GeometryCollection([shapely.Point(1 / 7, 1), shapely.box(5, 5, 6, 6, ccw=False)]),
        None,
    ]
    return geopandas.GeoDataFrame(
        {"name": ["Ә", 'q"\\', "c", "d", "e", "f"], "n": [1.5, 2.0, 3.25, 1e300, -0.0, 7.0]}, geometry=shapes, crs="EPSG:4326"
    )


@pytest.mark.parametrize("options", [{}, {"RFC7946": "YES"}, {"WRITE_BBOX": "YES", "COORDINATE_PRECISION": "15"}], ids=str)
def test_what_gdal_writes_is_mended(tmp_path, frame, options):
    path = tmp_path / "gdal.geojson"
    frame.to_file(path, driver="GeoJSON", engine="pyogrio", **options)
    old = json.loads(path.read_bytes())
    fixed = fix_file(path)
    assert fixed.refused is None
    assert fixed.changed == (path.read_bytes() != fixed.old)
    assert ("crs" in fixed.repairs) == ("crs" in old)
    new = json.loads(path.read_bytes())
    assert "crs" not in new
    assert [feature["properties"] for feature in new["features"]] == [feature["properties"] for feature in old["features"]]
    made = geopandas.read_file(path)
    for before, after in zip(frame.geometry, made.geometry, strict=True):
        if before is not None:
            assert shapely.hausdorff_distance(before, after) < 1e-7
            for part in shapely.get_parts([after]):
                if part.geom_type == "Polygon":
                    assert shapely.is_ccw(part.exterior)
                    assert not any(shapely.is_ccw(hole) for hole in part.interiors)
    assert not fix_file(path).changed


def test_what_geopandas_writes_is_mended(frame):
    text = frame.to_json(show_bbox=True, drop_id=True).encode()
    fixed = fix_text(text)
    assert fixed.refused is None
    assert {"winding", "precision", "repeated"} <= set(fixed.repairs)
    assert len(fix_text(fixed.new).repairs) == 0


def test_a_file_is_written_only_if_something_changed(file):
    assert fix_file(file).changed
    assert file.read_bytes() == GOOD
    before = file.stat()
    time.sleep(0.01)
    assert not fix_file(file).changed
    assert file.stat() == before
    assert sorted(os.listdir(file.parent)) == ["a.geojson"]


def test_a_diff_writes_nothing(file):
    fixed = fix_file(file, diff=True)
    assert file.read_bytes() == BAD
    assert "".join(fixed.diff_lines()) == (
        f"--- {file}\n+++ {file}\n@@ -1 +1 @@\n"
        '-{"type":"LineString","coordinates":[[1,2],[1,2],[3,4]]}\n+{"type":"LineString","coordinates":[[1,2],[3,4]]}\n'
    )


def test_a_diff_obeys_no_control_character():
    text = '{"type":"Point","coordinates":[1.123456789,2],\r\n\t"a":"\x9b31m\u202e\x7f"}\r\n'.encode()
    diff = "".join(fix_text(text, name="a\x1b[2J\n.geojson").diff_lines())
    assert diff == (
        "--- a\\x1b[2J\\n.geojson\n+++ a\\x1b[2J\\n.geojson\n@@ -1,2 +1,2 @@\n"
        '-{"type":"Point","coordinates":[1.123456789,2],\r\n+{"type":"Point","coordinates":[1.1234568,2],\r\n'
        ' \t"a":"\\x9b31m\\u202e\\x7f"}\r\n'
    )


def test_mode_and_links_stay(file, tmp_path):
    file.chmod(0o640)
    link = tmp_path / "link.geojson"
    link.symlink_to(file)
    fix_file(link)
    assert link.is_symlink()
    assert file.read_bytes() == GOOD
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_what_cannot_be_read_is_said(tmp_path):
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            fix_file(path)


def test_a_file_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "large.geojson"
    with path.open("wb") as stream:
        stream.truncate((1 << 30) + 1)
    with pytest.raises(DataError, match="too large"):
        fix_file(path)


def test_a_file_that_is_not_geojson_stays(tmp_path):
    path = tmp_path / "a.geojson"
    for content in (b"", b"PK\x03\x04", b"{"):
        path.write_bytes(content)
        assert fix_file(path).refused
        assert path.read_bytes() == content


@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file(file, monkeypatch, where):
    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((files.os, "fsync") if where == "fsync" else (Path, "replace")), fail)
    with pytest.raises(WriteError, match="No space"):
        fix_file(file)
    assert file.read_bytes() == BAD
    assert os.listdir(file.parent) == ["a.geojson"]


def test_a_file_that_changes_meanwhile_stays(file, monkeypatch):
    from corridormap.checks import fix

    def slow(text, **options):
        file.write_bytes(b'{"type":"Point","coordinates":[5,6]}')
        return fix_text(text, **options)

    monkeypatch.setattr(fix, "fix_text", slow)
    with pytest.raises(DataError, match="changed while"):
        fix_file(file)
    assert json.loads(file.read_bytes())["coordinates"] == [5, 6]
