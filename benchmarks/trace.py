"""How long it takes, and how much memory, to trace on a large extract.

    python benchmarks/trace.py EXTRACT.osm.pbf [--megabytes 150] [--beside OTHER.osm.pbf] [--mode road] LON,LAT LON,LAT

The extract is repeated with shifted ids, each copy half a degree aside of the last, until the file is so large; ``--beside`` puts another
one into it unchanged, such as railways. Then the way between the two places is traced, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import osmium

SHIFT = 10_000_000_000
TRACE = """
import json, resource, sys, time
from pathlib import Path
import geopandas as gpd, shapely
from corridormap.trace import Wanted, read_extract, trace
path, mode, *places = sys.argv[1:]
begin = time.perf_counter()
extract = read_extract([Path(path)], mode=mode)
read = time.perf_counter() - begin
points = [shapely.Point(*map(float, place.split(","))) for place in places]
rows = [{"id": name, "kind": "junction", "accuracy_m": 100.0, "name_en": name} for name in ("a", "b")]
nodes = gpd.GeoDataFrame(rows, geometry=points, crs="EPSG:4326").set_index("id", drop=False)
(one,) = trace(extract, links=[Wanted("link", "a", "b")], nodes=nodes)
print(json.dumps({"read_s": round(read, 1), "all_s": round(time.perf_counter() - begin, 1), "ways": len(extract.ways),
    "km": round(one.metres / 1000, 1), "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    "doubts": [doubt.message for doubt in one.doubts]}))
"""


def repeat(path: Path, *, megabytes: float, beside: Path | None, target: Path) -> int:
    """Write a file that holds an extract so often; give the number of copies."""
    copies = max(1, round(megabytes * 1e6 / path.stat().st_size))
    with osmium.SimpleWriter(str(target)) as writer:
        for kind in (osmium.osm.NODE, osmium.osm.WAY):
            if beside is not None:
                for thing in osmium.FileProcessor(str(beside), kind):
                    writer.add(thing)
            for copy in range(1, copies + 1):
                for thing in osmium.FileProcessor(str(path), kind):
                    ident = thing.id + copy * SHIFT
                    if kind == osmium.osm.NODE:
                        place = (thing.location.lon + 0.5 * (copy % 20), thing.location.lat + 0.5 * (copy // 20))
                        writer.add(thing.replace(id=ident, location=place))
                    else:
                        writer.add(thing.replace(id=ident, nodes=[node.ref + copy * SHIFT for node in thing.nodes]))
    return copies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extract", type=Path)
    parser.add_argument("places", nargs=2, metavar="LON,LAT")
    parser.add_argument("--megabytes", type=float, default=150.0)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--mode", choices=["rail", "road"], default="road")
    parser.add_argument("--keep", type=Path, help="Keep the file there, and use it if it is there already.")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = args.keep or Path(folder) / "large.osm.pbf"
        if not target.exists():
            print(f"{repeat(args.extract, megabytes=args.megabytes, beside=args.beside, target=target)} copies", file=sys.stderr)
        done = subprocess.run([sys.executable, "-c", TRACE, target, args.mode, *args.places], check=True, capture_output=True, text=True)
        print(json.dumps({"megabytes": round(target.stat().st_size / 1e6, 1), **json.loads(done.stdout)}))


if __name__ == "__main__":
    main()
