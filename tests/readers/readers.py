"""The readers of the matrix: programs that are not ours, each asked by a small script that prints what it sees of the exports."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
VENV = HERE.parents[1] / ".venv"
QGIS = VENV / "qgis340/usr"
QGIS_340 = {
    "LD_LIBRARY_PATH": f"{QGIS}/lib:{QGIS}/lib/{os.uname().machine}-linux-gnu",
    "PYTHONPATH": f"{QGIS}/lib/python3/dist-packages:{QGIS}/share/qgis/python",
    "QGIS_PREFIX_PATH": str(QGIS),
}
PYTHON = "/usr/bin/python3"
DISTRIBUTION = Path("/usr/lib/python3/dist-packages")
VECTOR = ("gpkg", "geojson", "geojsonl", "kml", "kmz", "flatgeobuf", "shapefile", "csv", "topojson")


@dataclass(frozen=True)
class Reader:
    """A reader.

    ``title`` has the version where Debian or a lock file holds it. ``formats`` is what it claims to read; ``whole`` those of which it cannot tell the
    layers. It is here if all of ``needs`` are, which `tests/install_programs.sh` brings.
    """

    title: str
    command: tuple[str | Path, ...]
    formats: tuple[str, ...]
    needs: tuple[str | Path, ...] = ()
    whole: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    tiles_within_m: float = 14.0

    @property
    def lacking(self) -> list[str]:
        return [str(need) for need in self.needs if not (Path(need).exists() or shutil.which(str(need)))]

    def read(self, jobs: list[dict]) -> dict:
        """Give its version, and what it saw of each job's layer."""
        where = {**os.environ, "PYTHONPATH": "", "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": "/tmp", **self.environment}  # noqa: S108
        command = [*map(str, self.command)]
        done = subprocess.run(command, cwd=HERE, input=json.dumps(jobs), env=where, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{self.title}: {done.stderr[-3000:]}"
        return json.loads(done.stdout.splitlines()[-1])


def in_node(title: str, script: str, formats: tuple[str, ...], **more: tuple[str, ...]) -> Reader:
    return Reader(title, ("node", script), formats, ("node", HERE / "node_modules/stamp"), **more)


READERS = (
    Reader("GDAL 3.6", (PYTHON, "read_gdal.py"), VECTOR, (DISTRIBUTION / "osgeo",)),
    Reader("GDAL (pyogrio)", (sys.executable, "read_pyogrio.py"), (*VECTOR, "mvt")),
    Reader("QGIS 3.22", (PYTHON, "read_qgis.py"), (*VECTOR, "qgis"), (DISTRIBUTION / "qgis",)),
    Reader("QGIS 3.40", (PYTHON, "read_qgis.py"), (*VECTOR, "qgis"), (QGIS,), environment=QGIS_340),
    Reader(
        "PostGIS 3.3",
        (PYTHON, "read_postgis.py", VENV / "postgis"),
        ("gpkg", "geojson", "flatgeobuf", "shapefile"),
        (VENV / "postgis/usr", "ogr2ogr"),
    ),
    Reader(
        "sf 1.0",
        ("Rscript", "--vanilla", "read_sf.R"),
        VECTOR,
        ("Rscript", "/usr/lib/R/site-library/sf", "/usr/lib/R/site-library/jsonlite"),
    ),
    Reader(
        "DuckDB 1.4",
        (VENV / "duckdb/bin/python", "read_duckdb.py"),
        tuple(name for name in (*VECTOR, "geoparquet") if name not in {"kml", "kmz"}),
        (VENV / "duckdb/bin/python",),
    ),
    in_node(
        "mapshaper 0.7", "read_mapshaper.js", ("gpkg", "geojson", "geojsonl", "flatgeobuf", "geoparquet", "shapefile", "csv", "topojson")
    ),
    in_node("togeojson 7.1", "read_togeojson.js", ("kml",), whole=("kml",)),
    in_node("flatgeobuf 4.5", "read_flatgeobuf.js", ("flatgeobuf",)),
    in_node("pmtiles 4.5", "read_pmtiles.js", ("mvt",)),
    Reader(
        "MapLibre 6.17", (sys.executable, "read_maplibre.py"), ("mvt",), (HERE / "node_modules/stamp", "chromium"), tiles_within_m=150.0
    ),
)
