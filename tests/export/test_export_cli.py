import json
import re

import pytest

from corridormap.cli.export import export as command
from corridormap.export import FORMATS
from corridormap.extras import install

pytestmark = pytest.mark.slow


def test_json_tells_files_features_and_losses(run, tiny, tmp_path):
    result = run("export", "shapefile", "-o", tmp_path / "a.zip", "--crs", "EPSG:5325", "--simplify", "100", "--json", geodata=tiny)
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made["format"] == "shapefile"
    assert made["files"] == [{"path": str(tmp_path / "a.zip"), "bytes": (tmp_path / "a.zip").stat().st_size}]
    assert made["features"]["crossings"] == 2
    assert made["losses"]
    assert all(f"loss: {loss}\n" in result.stderr for loss in made["losses"])
    assert all(f"{note}\n" in result.stderr for note in made["notes"])
    assert "EPSG:5325" in made["notes"][0]


def test_the_plain_answer(run, tiny, tmp_path):
    result = run("export", "geojson", "-o", tmp_path / "out", "--layers", "sights,crossings", "--lang", "ru", geodata=tiny)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"wrote .*out: 3 features of 2 layers, \d+ KB in 11 files\n", result.stdout)
    assert result.stderr == ""
    beside = {"LICENCE.txt", "README.txt", "datapackage.json", "fields.csv", "sources.csv"}
    styled = {f"{layer}.{ending}" for layer in ("crossings", "sights") for ending in ("geojson", "qml", "qmd")}
    assert {path.name for path in (tmp_path / "out").iterdir()} == beside | styled


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["gpx", "-o", "a.gpx"], 2, "no format 'gpx'"),
        (["gpx", "-o", "a.gpx"], 2, "Formats are: " + ", ".join(FORMATS)),
        (["geojson"], 2, "Missing option '-o'"),
        (["geojson", "-o", "a.geojson"], 2, "a .geojson file holds one layer"),
        (["geojson", "-o", "a.json"], 2, "a.json: geojson writes a folder, or a file whose name ends in .geojson"),
        (["qgis", "-o", "a.qgz"], 2, "a.qgz: qgis writes a folder\n"),
        (["kml", "-o", "tiny.kml"], 1, "is a folder, not a file"),
        (["kml", "-o", "a.kmz"], 2, "End its name in .kml."),
        (["kml", "-o", "a.kml", "--crs", "EPSG:3857"], 2, "kml is always in longitude and latitude, not in EPSG:3857"),
        (["svg", "-o", "a.svg", "--crs", "EPSG:3857"], 2, "svg is always in the atlas's own projection"),
        (["svg", "-o", "a.svg", "--simplify", "10"], 2, "Leave out --simplify."),
        (["csv", "-o", "out", "--layers", "rails"], 2, "no layer 'rails'"),
        (["csv", "-o", "out", "--layers", ","], 2, "names no layer"),
        (["csv", "-o", "out", "--lang", "kk"], 2, "no language 'kk'"),
        (["csv", "-o", "out", "--crs", "nonsense"], 2, "no CRS 'nonsense'"),
        (["csv", "-o", "out", "--simplify", "0"], 2, "--simplify"),
        (["csv", "-o", "n" * 300], 1, "cannot be written: File name too long"),
        (["csv", "-o", "old", "--force"], 1, "is a file, not a folder"),
        (["csv", "-o", "deep/er"], 1, "there is no such folder to write into"),
        (["geojson", "-o", "tiny"], 1, "holds files of the atlas itself"),
        (["geojson", "-o", "full"], 1, "the folder is not empty"),
    ],
)
def test_failures_write_nothing(run, tiny, tmp_path, monkeypatch, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").write_text("old", encoding="utf-8")
    (tmp_path / "tiny.kml").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old").write_text("old", encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = run("export", *arguments, geodata=tiny)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert result.stdout == ""
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_existing_file_needs_force(run, tiny, tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("old", encoding="utf-8")
    arguments = ["export", "csv", "-o", target, "--layers", "sights"]
    refused = run(*arguments, geodata=tiny)
    assert refused.exit_code == 1
    assert "exists already\n  Give another name, or --force to replace it." in refused.stderr
    assert target.read_text(encoding="utf-8") == "old"
    assert run(*arguments, "--force", geodata=tiny).exit_code == 0
    assert target.read_text(encoding="utf-8").startswith("id,")


@pytest.mark.parametrize("form", ["geoparquet", "mvt"])
def test_a_missing_library_is_named(run, tiny, tmp_path, monkeypatch, form):
    def missing(module):
        raise ImportError(module)

    monkeypatch.setattr("corridormap.extras.import_module", missing)
    known = FORMATS[form]
    result = run("export", form, "-o", tmp_path / (f"a{known.suffix}" if known.kind == "file" else "out"), geodata=tiny)
    assert result.exit_code == 1
    extra = "pmtiles" if form == "mvt" else "export"
    assert f"which is not installed\n  {install(extra)}" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_help_names_every_format():
    for name, known in FORMATS.items():
        assert re.search(rf"\b{name}\b", command.help), name
        assert known.suffix in command.help


def test_help_is_quick():
    import subprocess
    import sys

    script = "import sys\nfrom corridormap.cli import main\nassert not {'pandas', 'geopandas', 'corridormap.export'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize("crs", ["EPSG:4326", "epsg:4326", "OGC:CRS84"])
def test_longitude_and_latitude_have_several_names(run, tiny, tmp_path, crs):
    result = run("export", "geojson", "-o", tmp_path / "out", "--crs", crs, geodata=tiny)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
