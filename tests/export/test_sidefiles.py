"""What programs keep beside a file goes with it, and a database that one of them has open is left alone."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pyogrio
import pytest

from corridormap.atlas import Atlas
from corridormap.errors import WriteError
from corridormap.export import export
from corridormap.export.sidefiles import side_files
from corridormap.export.target import place

pytestmark = pytest.mark.slow

WRITER = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("CREATE TABLE notes (text TEXT)")
connection.execute("INSERT INTO notes VALUES ('old')")
print("ready", flush=True)
if sys.argv[2] == "crash":
    os._exit(0)
sys.stdin.read()
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


@pytest.fixture
def geopackage(tiny, tmp_path):
    path = tmp_path / "a.gpkg"
    export(Atlas.open(tiny), path, format="gpkg")
    return path


def sound(path):
    connection = sqlite3.connect(path)
    state = connection.execute("PRAGMA integrity_check").fetchone()[0]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    return state == "ok" and "notes" not in tables


def test_a_log_that_a_crash_left_is_not_replayed_over_the_new_file(tiny, geopackage):
    fresh = geopackage.read_bytes()
    subprocess.run([sys.executable, "-c", WRITER, geopackage, "crash"], check=True, capture_output=True)
    assert "a.gpkg-wal" in names(geopackage.parent)
    export(Atlas.open(tiny), geopackage, format="gpkg", force=True)
    assert names(geopackage.parent) == ["a.gpkg"]
    assert geopackage.read_bytes() == fresh
    assert sound(geopackage)
    assert len(pyogrio.read_dataframe(geopackage, layer="crossings")) == 1


def test_a_log_without_its_file_is_not_replayed_either(tiny, geopackage):
    fresh = geopackage.read_bytes()
    subprocess.run([sys.executable, "-c", WRITER, geopackage, "crash"], check=True, capture_output=True)
    geopackage.unlink()
    with pytest.raises(WriteError, match=r"a\.gpkg-shm, a\.gpkg-wal of an older file stands there|a\.gpkg-wal"):
        export(Atlas.open(tiny), geopackage, format="gpkg")
    assert "a.gpkg" not in names(geopackage.parent)
    made = export(Atlas.open(tiny), geopackage, format="gpkg", force=True)
    assert any("a.gpkg-wal" in note for note in made.notes)
    assert geopackage.read_bytes() == fresh
    assert sound(geopackage)


def test_a_database_that_is_open_is_refused_and_nothing_is_lost(tiny, geopackage):
    with subprocess.Popen([sys.executable, "-c", WRITER, geopackage, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"ready\n"
        before = geopackage.read_bytes()
        with pytest.raises(WriteError, match=r"a\.gpkg: is open in another program.*\n  Close it there.*Nothing was changed"):
            export(Atlas.open(tiny), geopackage, format="gpkg", force=True)
        assert geopackage.read_bytes() == before
        holder.communicate()
    connection = sqlite3.connect(geopackage)
    assert connection.execute("SELECT text FROM notes").fetchall() == [("old",)]
    connection.close()


def test_one_opened_while_the_new_file_is_made_is_refused_too(geopackage):
    def open_and_write(draft):
        connection = sqlite3.connect(geopackage, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        draft.path.write_text("new", encoding="utf-8")
        return connection

    before = geopackage.read_bytes()
    held = []
    with pytest.raises(WriteError, match="is open in another program"), place(geopackage, folder=False, force=True) as draft:
        held.append(open_and_write(draft))
    held[0].close()
    assert geopackage.read_bytes() == before


def test_a_file_that_is_no_database_is_simply_replaced(tiny, tmp_path):
    (tmp_path / "a.gpkg").write_text("not a database at all", encoding="utf-8")
    export(Atlas.open(tiny), tmp_path / "a.gpkg", format="gpkg", force=True)
    assert sound(tmp_path / "a.gpkg")


@pytest.mark.gdal
@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="needs Debian's gdal-bin: apt-get install gdal-bin")
def test_a_shapefile_s_old_index_goes_with_it(atlas, tmp_path):
    """GDAL makes the index of a small layer, and asks the new one by it."""
    folder = tmp_path / "out"
    export(atlas, folder, format="shapefile", layers=["places"])
    path = folder / "places.shp"
    whole = "SELECT * FROM places"
    subprocess.run(["ogrinfo", "-q", path, "-sql", "CREATE SPATIAL INDEX ON places"], check=True, capture_output=True)
    index = (folder / "places.qix").read_bytes()
    # An index of another place: one point far away.
    far = tmp_path / "far.geojson"
    far.write_text(json.dumps({"type": "Point", "coordinates": [-170, -80]}), encoding="utf-8")
    subprocess.run(["ogr2ogr", "-f", "ESRI Shapefile", tmp_path / "far.shp", far], check=True, capture_output=True)
    subprocess.run(["ogrinfo", "-q", tmp_path / "far.shp", "-sql", "CREATE SPATIAL INDEX ON far"], check=True, capture_output=True)
    shutil.copy(tmp_path / "far.qix", folder / "places.qix")
    assert (folder / "places.qix").read_bytes() != index

    def hits():
        box = ["-spat", "60", "40", "90", "60"]
        told = subprocess.run(["ogrinfo", "-ro", "-so", *box, "-sql", whole, path], check=True, capture_output=True, text=True).stdout
        return int(told.split("Feature Count: ")[1].split()[0])

    assert hits() == 0
    made = export(atlas, folder, format="shapefile", layers=["places"], force=True)
    assert "removed with the old file: places.qix" in made.notes
    assert "places.qix" not in names(folder)
    assert hits() > 0


def test_what_belongs_to_another_file_stays(tmp_path):
    for name in ("a.shp", "a.prj", "a.qml", "a.csv", "a.csvt", "b.csv", "b.prj", "a.gpkg-wal"):
        (tmp_path / name).touch()
    assert side_files(tmp_path / "a.csv") == [tmp_path / "a.csvt"]
    assert side_files(tmp_path / "b.csv") == [tmp_path / "b.prj"]
    assert side_files(tmp_path / "a.gpkg") == [tmp_path / "a.gpkg-wal"]


def test_side_files_go_back_when_the_move_fails(tmp_path, monkeypatch):
    for name in ("a.gpkg", "a.qml"):
        (tmp_path / name).write_text(name, encoding="utf-8")

    def refuse(self, target):
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(WriteError, match="cannot be written"), place(tmp_path / "a.gpkg", folder=False, force=True) as draft:
        draft.path.write_text("new", encoding="utf-8")
    assert (tmp_path / "a.qml").read_text(encoding="utf-8") == "a.qml"
    assert (tmp_path / "a.gpkg").read_text(encoding="utf-8") == "a.gpkg"
