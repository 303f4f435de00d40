"""Every command line that a reader meets is taken: those of the pages are run, those of `--help` and of long work are parsed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import click
import geopandas as gpd
import pytest
from click.testing import CliRunner
from shapely import LineString, Point

from corridormap.cli import main

ROOT = Path(__file__).parents[2]
# own-region.md is followed by a test of its own.
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if page.name != "own-region.md"),
    *sorted((ROOT / "examples").glob("*/README.md")),
]
LINE = re.compile(r"^(?: {4,}|)(?:\$ )?(corridormap .*)$|`(corridormap [^`]+)`", re.MULTILINE)
# These need an extract of OpenStreetMap, or write the atlas that is tested: they are parsed.
PARSED = {"trace", "build", "network"}


def commands(text):
    """The command lines of a page, without remarks; mere names of commands, and those with blanks to fill in, are none."""
    for block, inline in LINE.findall(text):
        line = re.sub(r"\s+#.*|\s{3,}.*", "", block or inline)
        for part in re.split(r" (?:&&|\||>) ", line):
            if inline and not re.search(r"[A-Z\d.-]", part):
                continue
            if part.startswith("corridormap") and not re.search(r"…|\[|[A-Z]{3,}\b(?!:)|\.\.\.", part.replace("EPSG", "")):
                yield shlex.split(part)[1:]


def helps(command):
    """The examples in the help of a command and of those under it."""
    yield from commands(command.help or "")
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from helps(command.get_command(context, name))


def parse(arguments):
    """Parse a command line to its end; click raises if it is none."""
    command, context = main, main.make_context("corridormap", list(arguments))
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)


def of_pages():
    """The command lines by page, each on the first that has it."""
    seen = set()
    for page in PAGES:
        lines = [line for line in commands(page.read_text(encoding="utf-8")) if tuple(line) not in seen]
        seen.update(map(tuple, lines))
        yield page, lines


OF_PAGES = dict(of_pages())


def test_commands_are_found():
    assert sum(map(len, OF_PAGES.values())) > 60


@pytest.mark.parametrize("arguments", list(helps(main)), ids=" ".join)
def test_examples_of_help_are_command_lines(arguments):
    parse(arguments)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with files such as the pages speak of."""
    line = gpd.GeoDataFrame({"name": ["track"]}, geometry=[LineString([(55.2, 50.3), (55.4, 50.4)])], crs="EPSG:4326")
    points = gpd.GeoDataFrame({"name": ["bridge"]}, geometry=[Point(73.1, 49.8)], crs="EPSG:4326")
    line.to_file(tmp_path / "track.gpx", layer="tracks", driver="GPX")
    for name in ("my/roads.geojson", "roads.geojson", "exports/roads.geojson", "my_border.geojson"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        line.to_file(tmp_path / name)
    points.to_file(tmp_path / "works.gpkg")
    (tmp_path / "freight.csv").write_text("origin,destination,tonnes\nDostyk,Petropavl,100\n", encoding="utf-8")
    (tmp_path / "works.csv").write_text("what,from_km,to_km\nrepair,600,630\n", encoding="utf-8")
    (tmp_path / "site").mkdir()
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page, lines in OF_PAGES.items() if lines], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_command_lines_of_pages_run(page, folder):
    for arguments in OF_PAGES[page]:
        if not arguments or PARSED.intersection(arguments[:3]):
            parse(arguments)
            continue
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code in {0, 1}, f"corridormap {shlex.join(arguments)}: {result.output}"
        assert "unexpected" not in result.output
