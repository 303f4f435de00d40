import os
import stat
from pathlib import Path

import pytest

from corridormap.errors import DataError, WriteError
from corridormap.files import read_text, write_all, write_atomic


def test_reads_utf8(tmp_path):
    (tmp_path / "a.txt").write_bytes("Қазақстан".encode())
    assert read_text(tmp_path / "a.txt") == "Қазақстан"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such file"),
        (lambda path: path.mkdir(), "not a regular file"),
        (lambda path: path.write_bytes(b"abc\xff"), "not UTF-8 (byte 3)"),
        (os.mkfifo, "not a regular file"),
    ],
)
def test_bad_input_is_named(tmp_path, make, message):
    path = tmp_path / "input"
    make(path)
    with pytest.raises(DataError, match="input: ") as caught:
        read_text(path)
    assert message in str(caught.value)


def test_write_replaces_and_keeps_mode(tmp_path):
    path = tmp_path / "deep" / "page.html"
    write_atomic(path, "one")
    path.chmod(0o640)
    write_atomic(path, b"two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(path.parent) == ["page.html"]


def test_new_file_is_readable_by_others(tmp_path):
    old = os.umask(0o022)
    try:
        write_atomic(tmp_path / "page.html", "x")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o644


def test_failure_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write_atomic(path, "old")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("corridormap.files.os.fsync", full)
    with pytest.raises(WriteError, match="No space left"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"]


def test_a_folder_is_no_target(tmp_path):
    with pytest.raises(WriteError, match="is a folder"):
        write_atomic(tmp_path, "x")


def test_a_file_is_no_parent(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(WriteError, match="cannot be written"):
        write_atomic(tmp_path / "file" / "page.html", "x")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    write_atomic(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_what_is_no_regular_file_is_left_alone(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WriteError, match="not a regular file"):
        write_atomic(tmp_path / "pipe", "x")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.fixture
def three(tmp_path, monkeypatch):
    """Three files to write, one of them new, the last of which cannot be renamed; and what fails instead of renaming it."""
    for name in ("one", "three"):
        (tmp_path / name).write_text("old")
    rename = Path.replace

    def fails(error):
        def replace(path, target):
            if target.name == "three":
                raise error
            return rename(path, target)

        monkeypatch.setattr(Path, "replace", replace)

    return {tmp_path / name: "new" for name in ("one", "two", "three")}, fails


@pytest.mark.parametrize(("error", "raised"), [(PermissionError(1, "Not permitted"), WriteError), (KeyboardInterrupt(), KeyboardInterrupt)])
def test_what_was_renamed_is_put_back_when_a_later_file_cannot_be(tmp_path, three, error, raised):
    contents, fails = three
    fails(error)
    with pytest.raises(raised) as caught:
        write_all(contents)
    if raised is WriteError:
        assert str(caught.value).startswith(f"{tmp_path / 'three'}: cannot be written: Not permitted\n")
        assert str(caught.value).endswith("Nothing was changed.")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "old", "three": "old"}


def test_where_files_have_no_second_names_it_is_said_what_was_written(tmp_path, three, monkeypatch):
    contents, fails = three
    fails(PermissionError(1, "Not permitted"))

    def none(path, target):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", none)
    with pytest.raises(WriteError) as caught:
        write_all(contents)
    assert str(caught.value).endswith(f"Written already, and not put back: {tmp_path / 'one'}.")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "new", "three": "old"}


def test_several_files_are_written_and_nothing_else_is_left(tmp_path, three):
    contents, _ = three
    write_all(contents)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"one": "new", "two": "new", "three": "new"}
