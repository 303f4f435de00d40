"""Measure the validator on files of 10⁴ to 10⁷ vertices, beside `shapely.is_valid` alone on the same files, and print a Markdown table.

Half the vertices are in lines, half in polygons, 250 each; there is a file of points too, each a feature. Every run is a fresh process.
"structure and geometry" are the rules CM0 to CM2, "all" is what `corridormap validate` does by default. shapely reads with
`pyogrio.read_dataframe` and asks `is_valid`, nothing else.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SIZES = [10_000, 100_000, 1_000_000, 10_000_000]
POINTS = 1_000_000
EACH = 250
RUNS = 3
HEAD = "import json, resource, sys, time\nstart = time.perf_counter()\n"
TAIL = "\nprint(json.dumps([time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))"
CHECK = (
    "from corridormap.checks import check_files\nimport pyproj, shapely\nstart = time.perf_counter()\n"
    "report = check_files([sys.argv[1]], select={select!r})\nassert report.checked[0].vertices == int(sys.argv[2])"
)
WAYS = {
    "structure and geometry": CHECK.format(select=["CM0", "CM1", "CM2"]),
    "all": CHECK.format(select=[]),
    "`shapely.is_valid`": "import geopandas\nstart = time.perf_counter()\ngeopandas.read_file(sys.argv[1]).geometry.is_valid.all()",
}


def write(path: Path, vertices: int) -> None:
    """Write a FeatureCollection of lines and polygons with so many vertices."""
    random = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, EACH)
    radius = 0.02 * (1 + 0.05 * np.sin(7 * angle) + 0.01 * np.cos(31 * angle))
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None]
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type":"FeatureCollection","features":[\n')
        for number in range(vertices // EACH):
            centre = random.uniform((-170, -60), (170, 60))
            if number % 2:
                xy = np.round(ring + centre, 6)
                xy[-1] = xy[0]
                geometry = {"type": "Polygon", "coordinates": [xy.tolist()]}
            else:
                heading = np.cumsum(random.normal(0, 0.05, EACH))
                steps = np.column_stack([np.cos(heading), np.sin(heading)]) * 0.001
                geometry = {"type": "LineString", "coordinates": np.round(np.cumsum(steps, axis=0) + centre, 6).tolist()}
            feature = {"type": "Feature", "id": number, "properties": {"name": f"n{number}", "kind": "x"}, "geometry": geometry}
            stream.write((",\n" if number else "") + json.dumps(feature))
        stream.write("\n]}\n")


def write_points(path: Path, count: int) -> None:
    """Write a FeatureCollection of so many points."""
    places = np.round(np.random.default_rng(1).uniform((50, 40), (80, 55), (count, 2)), 6).tolist()
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"type":"FeatureCollection","features":[\n')
        for number, place in enumerate(places):
            properties = {"name": f"p{number}", "kind": "abc"[number % 3], "value": number / 4}
            feature = {"type": "Feature", "id": number, "properties": properties, "geometry": {"type": "Point", "coordinates": place}}
            stream.write((",\n" if number else "") + json.dumps(feature))
        stream.write("\n]}\n")


def measure(code: str, path: Path, vertices: int) -> tuple[float, float]:
    """Median seconds without the imports, and peak memory in MB, of some runs."""
    command = [sys.executable, "-c", HEAD + code + TAIL, str(path), str(vertices)]
    results = [json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(RUNS)]
    return statistics.median(seconds for seconds, _ in results), max(memory for _, memory in results)


def main() -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}; median of {RUNS} runs, imports not counted.\n")
    print("| vertices | file, MB | what | seconds | vertices a second | peak memory, MB |\n|---:|---:|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.geojson"
        for vertices, writer in [*((size, write) for size in SIZES), (POINTS, write_points)]:
            writer(path, vertices)
            for name, code in WAYS.items():
                seconds, memory = measure(code, path, vertices)
                size, rate = path.stat().st_size / 1e6, vertices / seconds / 1e6
                kind = f"{vertices:,}{' points' if writer is write_points else ''}"
                print(f"| {kind} | {size:.1f} | {name} | {seconds:.3f} | {rate:.2f} million | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
