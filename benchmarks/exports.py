"""Time every export: the whole atlas, and one layer of a million vertices. Prints Markdown.

    python benchmarks/exports.py > exports.md

Each export is a process of its own, as a reader would start it; memory is that process's peak, its children included.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from corridormap.atlas import default_folder
from corridormap.export import FORMATS

COMMAND = [str(Path(sys.executable).parent / "corridormap")]
LINES = 100
LAYER = "network_links"


def synthetic(folder: Path, vertices: int) -> Path:
    """Copy the atlas, with wandering lines in place of the network's links."""
    shutil.copytree(default_folder(), folder)
    path = folder / "layers" / f"{LAYER}.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    properties = document["features"][0]["properties"]
    chance = np.random.default_rng(20261122)
    features = []
    for number in range(LINES):
        steps = chance.normal(scale=0.002, size=(vertices // LINES, 2)).cumsum(axis=0)
        line = np.round(chance.uniform((50, 42), (85, 54)) + steps, 5)
        geometry = {"type": "LineString", "coordinates": line.tolist()}
        named = {**properties, "id": f"line-{number}"}
        features.append({"type": "Feature", "geometry": geometry, "properties": named})
    path.write_text(json.dumps({"type": "FeatureCollection", "name": LAYER, "features": features}), encoding="utf-8")
    return folder


def measure(form: str, folder: Path, *options: str) -> tuple[float, float, float, int]:
    """Seconds, peak memory in MB, size in KB, and the code of one export."""
    with tempfile.TemporaryDirectory() as beside:
        known = FORMATS[form]
        target = Path(beside) / (f"atlas{known.suffix}" if known.kind == "file" else "atlas")
        command = [*COMMAND, "--geodata", str(folder), "export", form, "-o", str(target), *options]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.stderr.write(errors.decode())
        size = sum(file.stat().st_size for file in ([target] if target.is_file() else target.rglob("*")) if file.is_file())
        return seconds, usage.ru_maxrss / 1024, size / 1024, process.returncode


TOGETHER = """
import sys
from pathlib import Path
from corridormap.atlas import Atlas
from corridormap.export import FORMATS, export
atlas, folder = Atlas.open(), Path(sys.argv[1])
for form in sys.argv[2:]:
    known = FORMATS[form]
    export(atlas, folder / form / f"atlas{known.suffix}" if known.kind == "file" else folder / form, format=form)
"""


def together(forms: list[str]) -> float:
    """Seconds that all formats of the atlas take in one process, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        for form in forms:
            (Path(folder) / form).mkdir()
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", TOGETHER, folder, *forms], check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def table(title: str, folder: Path, forms: list[str], *options: str) -> None:
    print(f"\n## {title}\n\n| format | seconds | peak MB | KB |\n|---|---:|---:|---:|")
    total = 0.0
    for form in forms:
        seconds, memory, size, code = measure(form, folder, *options)
        total += seconds
        print(f"| {form} | {seconds:.1f} | {memory:.0f} | {size:.0f} |{'' if code == 0 else ' failed'}", flush=True)
    print(f"| **all, a process each** | **{total:.1f}** | | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vertices", type=int, default=1_000_000)
    parser.add_argument("--formats", default=",".join(FORMATS), help="comma-separated")
    options = parser.parse_args()
    forms = options.formats.split(",")
    print("# Exports, timed")
    table("The atlas: 9 layers, 367 features", default_folder(), forms)
    print(f"\nAll of them in one process: {together(forms):.1f} seconds.")
    with tempfile.TemporaryDirectory() as folder:
        made = synthetic(Path(folder) / "atlas", options.vertices)
        table(f"One layer of {LINES} lines, {options.vertices:,} vertices", made, forms, "--layers", LAYER)


if __name__ == "__main__":
    main()
