"""Files, folders, patterns, standard input, and what is no file at all."""

import io
import json
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from corridormap.checks import check_files
from corridormap.checks.reading.inputs import expand
from corridormap.errors import UsageError

TEXT = '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[71.4,51.1]},"properties":{}}]}'


def codes(*sources, **options):
    return {finding.code for finding in check_files(sources, **options).findings}


def test_folders_are_searched_for_known_kinds(tmp_path):
    for name in ("b.geojson", "a/c.geojsonl", "a/.hidden/d.geojson", "e.json", "f.txt", "a/G.GEOJSON"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT, encoding="utf-8")
    names = [os.path.relpath(source.name, tmp_path) for source in expand([tmp_path])]
    assert names == ["b.geojson", "a/G.GEOJSON", "a/c.geojsonl"]
    assert [source.kind for source in expand([tmp_path / "e.json", tmp_path / "a" / "c.geojsonl"])] == ["GeoJSON", "GeoJSON text sequence"]
    assert codes(tmp_path) == set()


def test_patterns_are_expanded_and_files_come_once(tmp_path):
    for name in ("a.geojson", "b.geojson", "[c].geojson"):
        (tmp_path / name).write_text(TEXT, encoding="utf-8")
    assert len(expand([str(tmp_path / "*.geojson"), tmp_path / "a.geojson"])) == 3
    assert [source.name for source in expand([str(tmp_path / "[c].geojson")])] == [str(tmp_path / "[c].geojson")]
    assert len(expand([str(tmp_path / "**" / "?.geojson")])) == 2


@pytest.mark.parametrize("name", ["nowhere.geojson", "*.gpkg", "a\x00b"])
def test_what_does_not_exist_is_wrong_usage(tmp_path, name):
    with pytest.raises(UsageError):
        check_files([str(tmp_path / name)])


def test_an_empty_folder_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="nothing to check"):
        check_files([tmp_path])


def test_a_named_pipe_a_socket_and_a_device_are_refused_at_once(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.geojson")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.geojson")
        start = time.perf_counter()
        report = check_files([tmp_path, "/dev/null"])
        assert time.perf_counter() - start < 5
    assert [finding.code for finding in report.findings] == ["CM001"] * 3
    assert [finding.message for finding in report.findings] == [
        "is a named pipe, not a file",
        "is a socket, not a file",
        "is a device, not a file",
    ]


def test_links_that_lead_in_circles(tmp_path):
    (tmp_path / "loop.geojson").symlink_to(tmp_path / "loop.geojson")
    (tmp_path / "good.geojson").write_text(TEXT, encoding="utf-8")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "dangling.geojson").symlink_to(tmp_path / "nothing")
    report = check_files([tmp_path])
    assert [(finding.code, Path(finding.file).name) for finding in report.findings] == [
        ("CM001", "dangling.geojson"),
        ("CM001", "loop.geojson"),
    ]
    assert "leads to itself" in report.findings[1].message
    assert codes(tmp_path / "loop.geojson") == {"CM001"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path):
    path = tmp_path / "secret.geojson"
    path.write_text(TEXT, encoding="utf-8")
    path.chmod(0)
    assert codes(path) == {"CM001"}


def test_a_folder_named_like_a_file_is_searched(tmp_path):
    (tmp_path / "dir.geojson").mkdir()
    (tmp_path / "dir.geojson" / "a.geojson").write_text("{", encoding="utf-8")
    assert codes(tmp_path / "dir.geojson") == {"CM004"}
    assert codes(str(tmp_path / "*.geojson" / "*")) == {"CM004"}


def test_standard_input(monkeypatch):
    for text, expected in ((TEXT, set()), ("{", {"CM004"}), ('{"type":"Point","coordinates":[1,2]}\n' * 3, set()), ("", {"CM010"})):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        report = check_files(["-"])
        assert {finding.code for finding in report.findings} == expected
        assert report.checked[0].file == "<stdin>"


def test_names_that_are_hostile(tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff\n\x1b[31m.geojson"
    with Path(os.fsdecode(path)).open("wb") as stream:
        stream.write(b"{")
    (finding,) = check_files([tmp_path]).findings
    json.dumps(finding.as_dict()).encode()
    finding.file.encode("utf-8")


def test_an_atlas_folder_and_a_layer_of_it_are_checked_by_the_atlas_rules(tiny, edit):
    assert codes(tiny) == set()
    with edit(tiny / "layers" / "sights.geojson") as document:
        document["features"][0]["properties"]["sources"] = None
    assert codes(tiny) == {"CM405", "CM517"}
    assert codes(tiny / "layers" / "sights.geojson") == {"CM405"}
    assert codes(tiny / "layers" / "border.geojson") == set()


def test_the_real_layers_are_clean_one_by_one(request):
    report = check_files([request.config.rootpath / "geodata" / "layers"], severity="warning")
    assert [str(finding) for finding in report.findings] == []
    assert len(report.checked) == 11
