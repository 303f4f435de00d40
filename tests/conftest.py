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


@pytest.fixture
def run():
    """Run the command line in this process: ``run("layers", "--json")``."""

    def call(*arguments, geodata=None):
        options = [] if geodata is None else ["--geodata", str(geodata)]
        return CliRunner().invoke(main, [*options, *map(str, arguments)])

    return call


@pytest.fixture
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
    """In CI a browser, QGIS or GDAL test that skips itself has failed: nothing may be left unproven there."""
    outcome = yield
    report = outcome.get_result()
    required = os.environ.get("CORRIDORMAP_REQUIRE_PROGRAMS") and any(item.get_closest_marker(mark) for mark in ("browser", "qgis", "gdal"))
    if required and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where it must run: {report.longrepr}"
