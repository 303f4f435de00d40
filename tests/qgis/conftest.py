"""The real QGIS, asked through a script that its own Python runs."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from corridormap.export import export

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": "", "XDG_RUNTIME_DIR": "/tmp"}  # noqa: S108


@pytest.fixture(scope="session")
def run_script():
    """Run one of the scripts beside this file: ``run_script("describe.py", job={...})`` gives the JSON it prints; `within` is for another QGIS."""

    def call(script, *arguments, job=None, within=None):
        done = subprocess.run(
            ["/usr/bin/python3", HERE / script, *map(str, arguments)],
            check=False,
            capture_output=True,
            text=True,
            env=ENVIRONMENT | (within or {}),
            input=None if job is None else json.dumps(job),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return call


@pytest.fixture(scope="session")
def folder(atlas, tmp_path_factory):
    """The export for QGIS in Russian, moved after it was made."""
    made = tmp_path_factory.mktemp("made") / "atlas"
    export(atlas, made, format="qgis", lang="ru")
    moved = tmp_path_factory.mktemp("elsewhere") / "Атлас 2"
    return made.rename(moved)


@pytest.fixture(scope="session")
def package(atlas, tmp_path_factory):
    """The GeoPackage in Kazakh, moved after it was made."""
    made = tmp_path_factory.mktemp("made") / "atlas.gpkg"
    export(atlas, made, format="gpkg", lang="kk")
    return made.rename(tmp_path_factory.mktemp("elsewhere") / "atlas.gpkg")
