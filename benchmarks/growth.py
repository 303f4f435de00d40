"""Time building, validating and exporting an atlas as it grows, beside geopandas writing the same layers; print Markdown.

    python benchmarks/growth.py [--times 1,10,100] [--steps build,gpkg,csv] [--runs 3] [--keep FOLDER]

Each step is a process of its own, from files to files: its processor time, the best of several runs, and its peak memory. Geopandas
reads the layers and writes each, with all columns, to the same format; "layers" is the same work of ours, and the export is that with
styles, metadata, tables of sources and statements, and a map, of which geopandas gives none.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from corridormap.atlas import Atlas, default_folder
from corridormap.export import FORMATS
from corridormap.geojson import feature_text

APART = 0.02
"""Degrees of longitude by which each copy of the atlas lies east of the one before: lengths stay what they are."""
COPIED = ("network/nodes", "network/links", "points/crossings", "points/venues", "points/checkpoints", "border/border", "border/points")
ABROAD = ["CM504", "CM507", "CM511", "CM512", "CM513"]
"""What is wrong with copies alone: that they lie beyond the countries they name, or by other towns, and their ships on land."""


def multiplied(folder: Path, times: int) -> Path:
    """Make an atlas of so many copies of the default one, each farther east and, from the second on, with ids of its own."""
    shutil.copytree(default_folder(), folder)
    atlas = Atlas.open(folder)
    facts = {name: json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))["features"] for name in COPIED}
    named = {feature["properties"]["id"] for features in facts.values() for feature in features}
    named |= {*atlas.itineraries, *atlas.statements}
    quoted = re.compile('"(' + "|".join(map(re.escape, sorted(named))) + ')"')

    def copied(feature: dict[str, Any], copy: int) -> str:
        shape = feature["geometry"] and shapely.from_geojson(json.dumps(feature["geometry"]))
        moved = shape and json.loads(shapely.to_geojson(shapely.transform(shape, lambda xy: np.round(xy + np.array([APART * copy, 0]), 6))))
        return of_copy(feature_text(feature["properties"], moved), copy)

    def of_copy(text: str, copy: int) -> str:
        return quoted.sub(rf'"\1-{copy}"', text) if copy else text

    for name, features in facts.items():
        lines = ",\n".join(copied(feature, copy) for copy in range(times) for feature in features)
        (folder / f"{name}.geojson").write_text(f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n', encoding="utf-8")
    for name in ("corridors.toml", "statements.toml"):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text("".join(of_copy(text, copy) for copy in range(times)), encoding="utf-8")
    text = (folder / "atlas.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^expect = .*$", lambda line: re.sub(r"\d+", lambda count: str(int(count[0]) * times), line[0]), text)
    west, south, east, north = atlas.record.extent
    text = re.sub(r"(?m)^extent = .*$", f"extent = [{west}, {south}, {east + APART * times}, {north}]", text)
    # Copies of itineraries have no colours of their own.
    text = re.sub(r'(?m)^by = "id"$', 'by = "mode"', re.sub(rf"(?m)^{quoted.pattern.replace(chr(34), '')} = {{.*}}\n", "", text))
    (folder / "atlas.toml").write_text(f"{text}\n[validate]\nignore = {json.dumps(ABROAD)}\n", encoding="utf-8")
    return folder


EXPORT = """
import sys
from corridormap.atlas import Atlas
from corridormap.export import export
export(Atlas.open(sys.argv[1]), sys.argv[2], format=sys.argv[3])
"""
LAYERS = """
import sys
from pathlib import Path
from corridormap.atlas import Atlas
from corridormap.export import FORMATS, Bundle, gpkg
from corridormap.files import uncollected
with uncollected():
    bundle, target = Bundle.of(Atlas.open(sys.argv[1])), Path(sys.argv[2])
    if sys.argv[3] == "gpkg":
        for layer in bundle.layers:
            gpkg.write_table(layer.typed(), target=target, name=layer.id, geometry_type=layer.record.geometry)
    else:
        FORMATS[sys.argv[3]].write(bundle, target if FORMATS[sys.argv[3]].kind == "file" else target.parent)
"""
GEOPANDAS = """
import sys
from pathlib import Path
import geopandas
folder, form, target = Path(sys.argv[1]), sys.argv[3], Path(sys.argv[2])
for file in sorted((folder / "layers").glob("*.geojson")):
    frame = geopandas.read_file(file)
    beside = target.with_name(f"{file.stem}{target.suffix}")
    if form == "gpkg":
        frame.to_file(target, layer=file.stem, driver="GPKG")
    elif form == "geoparquet":
        frame.to_parquet(beside, compression="zstd", write_covering_bbox=True)
    elif form == "csv":
        frame.assign(geometry=frame.geometry.to_wkt()).to_csv(beside, index=False)
    else:
        # FlatGeobuf's index holds no feature without a geometry.
        frame[frame.geometry.notna() | (form != "flatgeobuf")].to_file(beside, driver=sys.argv[4])
"""
DRIVERS = {
    "gpkg": "GPKG",
    "geoparquet": "Parquet",
    "csv": "CSV",
    "geojson": "GeoJSON",
    "geojsonl": "GeoJSONSeq",
    "flatgeobuf": "FlatGeobuf",
    "shapefile": "ESRI Shapefile",
    "kml": "LIBKML",
    "kmz": "LIBKML",
}
"""Format → what GDAL calls it."""


def spent(command: list[str]) -> tuple[float, float]:
    """Give the processor time of a process, in seconds, and its peak memory, in MB."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.stderr.write(errors.decode())
        return float("nan"), float("nan")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(make: Any, runs: int) -> tuple[float, float]:
    """Run a command, made for a folder that is new each time, several times; give the least time, and its memory."""
    found = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as beside:
            found.append(spent(make(Path(beside))))
    return min(found)


def step(name: str, folder: Path, runs: int) -> list[tuple[float, float]]:
    """Measure a step; of a format that geopandas writes also its layers alone, and geopandas at the same."""
    if name not in FORMATS:
        return [best(lambda _: [sys.executable, "-m", "corridormap", "--geodata", str(folder), *name.split()], runs)]
    suffix = FORMATS[name].suffix if FORMATS[name].kind == "file" else ""

    def ours(script: str, beside: Path) -> list[str]:
        return [sys.executable, "-c", script, str(folder), str(beside / f"atlas{suffix}"), name]

    def theirs(beside: Path) -> list[str]:
        ending = ".shp" if name == "shapefile" else FORMATS[name].suffix
        return [sys.executable, "-c", GEOPANDAS, str(folder), str(beside / f"atlas{ending}"), name, DRIVERS[name]]

    exported = best(partial(ours, EXPORT), runs)
    return [exported, best(partial(ours, LAYERS), runs), best(theirs, runs)] if name in DRIVERS else [exported]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", default="1,10,100")
    parser.add_argument("--steps", default=",".join(["build", "validate", *FORMATS]))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="where atlases stay, or are, so that they need not be made again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as beside:
        folder = options.keep or Path(beside)
        atlases = {times: folder / f"a{times}" for times in map(int, options.times.split(","))}
        for times, atlas in atlases.items():
            if not atlas.exists():
                multiplied(atlas, times)
                subprocess.run(
                    [sys.executable, "-m", "corridormap", "--geodata", str(atlas), "build"], check=True, stdout=subprocess.DEVNULL
                )
        print(
            f"| step | {' | '.join(f'{times} ×; layers; geopandas' for times in atlases)} | growth |\n|---|{'---:|' * (len(atlases) + 1)}"
        )
        for name in options.steps.split(","):
            rows = [step(name, atlas, options.runs) for atlas in atlases.values()]
            cells = ["; ".join(f"{one[0]:.1f} s, {one[1]:,.0f} MB" for one in row) for row in rows]
            # Starting Python and reading the libraries is no growth.
            first, last = rows[0][0][0], rows[-1][0][0]
            print(f"| {name} | {' | '.join(cells)} | {last / first:.1f} |", flush=True)


if __name__ == "__main__":
    main()
