"""Fixtures: the real atlas, and a tiny one of another region that shows the code knows nothing of the first."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import hypothesis
import pytest
from click.testing import CliRunner

from corridormap.atlas import Atlas
from corridormap.cli import main
from corridormap.derive import write_layers

ROOT = Path(__file__).parent.parent
TINY = Path(__file__).parent / "tiny_atlas"

# The same examples every time in CI, so that a change is judged by what it changes; fresh ones on a developer's machine. An example that
# takes long on a busy machine is no fault.
hypothesis.settings.register_profile("ci", derandomize=True, print_blob=True, deadline=None)
hypothesis.settings.register_profile("here", print_blob=True, deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def atlas():
    """The atlas of the checkout; read only."""
    return Atlas.open(ROOT / "geodata")


@pytest.fixture(scope="session")
def _built(tmp_path_factory):
    """The tiny atlas, built once."""
    folder = shutil.copytree(TINY, tmp_path_factory.mktemp("built") / "tiny")
    write_layers(Atlas.open(folder))
    return folder


@pytest.fixture
def tiny(tmp_path, _built):
    """A folder with a built copy of the tiny atlas; change it freely."""
    return shutil.copytree(_built, tmp_path / "tiny")


ACROSS = [(178.9, -19.9), (180.0, -19.8), (-178.9, -19.7)]
"""From Fiji's west to its east; the link beyond the 180th meridian begins at -180."""


@pytest.fixture(scope="session")
def _pacific(tmp_path_factory):
    """A new atlas of Fiji with a sea lane across the 180th meridian in place of the example, built once."""
    folder = tmp_path_factory.mktemp("pacific") / "fj"
    assert CliRunner().invoke(main, ["new", str(folder), "--country", "FJ"]).exit_code == 0
    said = {"country": "FJ", "source": "example", "accuracy_m": 20_000}
    nodes = [
        {
            "type": "Feature",
            "properties": {"id": name, "kind": "port", "name_en": name.title(), **said},
            "geometry": {"type": "Point", "coordinates": at},
        }
        for name, at in zip(("west", "date-line", "east"), ACROSS, strict=True)
    ]
    lines = {("west", "date-line"): ACROSS[:2], ("date-line", "east"): [(-180.0, -19.8), ACROSS[2]]}
    links = [
        {
            "type": "Feature",
            "properties": {"id": f"sea:{start}-{end}", "from": start, "to": end, "mode": "sea", "status": "planned", **said},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for (start, end), line in lines.items()
    ]
    for name, features in (("nodes", nodes), ("links", links)):
        text = json.dumps({"type": "FeatureCollection", "features": features})
        (folder / "network" / f"{name}.geojson").write_text(text, encoding="utf-8")
    for name, old, new in (
        ("corridors.toml", '"example-start", "example-end"', '"west", "date-line", "east"'),
        ("corridors.toml", 'mode = "road"', 'mode = "sea"'),
        ("atlas.toml", "{ road = 1 }", "{ sea = 1 }"),
        ("atlas.toml", "Not filled in yet: the one line on this map is an example to replace.", "A sea lane across the 180th meridian."),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    write_layers(Atlas.open(folder))
    return folder


@pytest.fixture
def pacific(tmp_path, _pacific):
    """A folder with a built atlas across the 180th meridian; change it freely."""
    return shutil.copytree(_pacific, tmp_path / "pacific")


@pytest.fixture(scope="session")
def run():
    """Run the command line in this process: ``run("layers", "--json")``."""

    def call(*arguments, geodata=None):
        options = [] if geodata is None else ["--geodata", str(geodata)]
        return CliRunner().invoke(main, [*options, *map(str, arguments)])

    return call


@pytest.fixture(scope="session")
def edit():
    """Change a JSON file in place: ``with edit(path) as document: ...``."""

    class Edit:
        def __init__(self, path):
            self.path = path

        def __enter__(self):
            self.document = json.loads(self.path.read_text(encoding="utf-8"))
            return self.document

        def __exit__(self, *error):
            self.path.write_text(json.dumps(self.document, ensure_ascii=False), encoding="utf-8")

    return Edit


def pytest_collection_modifyitems(config, items):
    """Skip what needs a program that is not here, and say so; in CI a missing program is a failure."""
    if os.environ.get("CORRIDORMAP_REQUIRE_PROGRAMS"):
        return
    reasons = {}
    if shutil.which("chromium") is None:
        reasons["browser"] = "needs Debian's chromium: apt-get install chromium"
    if shutil.which("firefox-esr") is None:
        reasons["firefox"] = "needs Debian's Firefox: apt-get install firefox-esr"
    if shutil.which("node") is None or not (ROOT / "src/corridormap/web/front/node_modules").exists():
        reasons["node"] = "needs Node 20: `make front` installs what it wants"
    if not Path("/usr/lib/python3/dist-packages/qgis").exists():
        reasons["qgis"] = "needs Debian's QGIS: apt-get install python3-qgis"
    if shutil.which("ogrinfo") is None or not Path("/usr/lib/python3/dist-packages/osgeo").exists():
        reasons["gdal"] = "needs Debian's GDAL: apt-get install gdal-bin python3-gdal"
    for item in items:
        for mark, reason in reasons.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a test of a browser, QGIS, GDAL or other readers that skips itself has failed: nothing may be left unproven there."""
    outcome = yield
    report = outcome.get_result()
    required = os.environ.get("CORRIDORMAP_REQUIRE_PROGRAMS") and any(
        item.get_closest_marker(mark) for mark in ("browser", "qgis", "gdal", "readers")
    )
    if required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where it must run: {report.longrepr}"
