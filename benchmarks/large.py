"""Time measuring as it grows with the vertices, with its memory, beside other tools, and print Markdown tables.

    python benchmarks/large.py [--quick] [--postgis "psql -d NAME"] [--duckdb PYTHON EXTENSION] [--linref PYTHON]

Each figure is of a process of its own, so that its memory is its own: the processor time of the best of several runs, which other
work on the machine lengthens less than the time on the clock. The other tools are asked with the same data. ``--postgis`` names psql
and a local database that has PostGIS and may be written to; ``--duckdb`` a Python that has DuckDB, and the file of its spatial
extension; ``--linref`` a Python that has linref, geopandas and pyarrow. Of PostGIS, a process of its own, it is the time on the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable

W = "EPSG:4326"
PLANE = "EPSG:32642"
VERTICES = 100
"""Vertices of each of many lines."""
WIDTHS = (0.01, 1.0, 20.0, 200.0, 1000.0)
POSTGIS = """
\\set QUIET on
DROP TABLE IF EXISTS way; DROP TABLE IF EXISTS region;
CREATE TABLE way (geom geometry(LineString, 4326)); CREATE TABLE region (name text, geom geometry(Polygon, 4326));
\\copy way FROM '{folder}/way.csv' CSV
\\copy region FROM '{folder}/region.csv' CSV
CREATE INDEX ON way USING gist (geom); CREATE INDEX ON region USING gist (geom); ANALYZE;
\\timing on
SELECT sum(ST_Length(geom::geography)) / 1000 FROM way;
SELECT sum((SELECT sum(ST_Length(CASE WHEN ST_Covers(region.geom, way.geom) THEN way.geom
ELSE ST_Intersection(way.geom, region.geom) END::geography)) / 1000 FROM way WHERE ST_Intersects(region.geom, way.geom))) FROM region;
"""
DUCKDB = """
import sys, time, duckdb
c = duckdb.connect()
c.execute(f"LOAD '{sys.argv[1]}'; SET threads = 1")
for name, column in (("way", 0), ("region", 1)):
    file = f"read_csv('{sys.argv[2]}/{name}.csv', header=false)"
    c.execute(f"CREATE TABLE {name} AS SELECT ST_GeomFromHEXWKB(column{column}) AS geom FROM {file}")
for sql in (
    "SELECT sum(ST_Length_Spheroid(ST_FlipCoordinates(geom))) / 1000 FROM way",
    "SELECT sum(ST_Length_Spheroid(ST_FlipCoordinates(CASE WHEN ST_Covers(region.geom, way.geom) THEN way.geom "
    "ELSE ST_Intersection(way.geom, region.geom) END))) / 1000 FROM way JOIN region ON ST_Intersects(way.geom, region.geom)",
):
    start = time.process_time()
    km = c.execute(sql).fetchone()[0]
    print(time.process_time() - start, km)
"""
LINREF = """
import sys, time, geopandas, linref
line, points = (geopandas.read_parquet(f"{sys.argv[1]}/{name}.parquet") for name in ("line", "points"))
lrs = linref.LRS(key_col="key", loc_col="loc", beg_col="beg", end_col="end", geom_col="geometry", geom_m_col="geometry_m")
start = time.process_time()
line = line.assign(key="a", beg=0.0, end=line.length / 1000).lr.set_lrs(lrs).lr.add_geom_m()
ready = time.process_time()
found = line.lr.project(points, buffer=1_000_000)
print(ready - start, time.process_time() - ready, found["loc"].iloc[0])
"""


def lines(size: int) -> gpd.GeoSeries:
    """Many lines that wander, a kilometre from vertex to vertex."""
    random = np.random.default_rng(1)
    steps = random.normal(0, 0.01, (size // VERTICES, VERTICES, 2)).cumsum(axis=1)
    return gpd.GeoSeries(shapely.linestrings(random.uniform([50, 42], [85, 55], (size // VERTICES, 1, 2)) + steps), crs=W)


def track(size: int) -> shapely.LineString:
    """One line of 4,900 km with wide and narrow bends, its vertices off by a metre."""
    lon = np.linspace(55, 83, size)
    lat = 48 + 0.5 * np.sin(lon * 2) + 0.05 * np.sin(lon * 40) + np.random.default_rng(1).normal(0, 1e-5, size)
    return shapely.LineString(np.column_stack([lon, lat]))


def regions() -> gpd.GeoDataFrame:
    """Make 190 regions with winding borders."""
    random = np.random.default_rng(3)
    west, south = np.arange(49, 87, 2.5), np.arange(41, 57, 2.5)

    def border(start: tuple[float, float], end: tuple[float, float]) -> shapely.LineString:
        share = np.linspace(0, 1, 200)[:, None]
        wind = random.normal(0, 0.006, (200, 2)).cumsum(axis=0)
        wind -= wind[0] + share * (wind[-1] - wind[0])
        return shapely.LineString(np.array(start) + share * (np.array(end) - np.array(start)) + wind)

    borders = [border((x, y), (x + 2.5, y)) for x in west[:-1] for y in south]
    borders += [border((x, y), (x, y + 2.5)) for x in west for y in south[:-1]]
    cells = shapely.get_parts(shapely.polygonize([shapely.union_all(borders)]))
    return gpd.GeoDataFrame({"region": [f"r{row}" for row in range(len(cells))]}, geometry=cells, crs=W)


def cases() -> dict[str, tuple[Callable[[int], Any], Callable[[Any], object]]]:
    """What is timed: what makes the data of so many vertices, and the call."""
    from corridormap import measure

    nowhere = gpd.GeoDataFrame({"id": []}, geometry=[], crs=W)
    found: dict[str, tuple[Callable[[int], Any], Callable[[Any], object]]] = {
        "`lengths`": (lines, measure.lengths),
        "`lengths_by(areas=…)`": (
            lambda size: (lines(size), regions()),
            lambda data: measure.lengths_by(data[0], by="region", areas=data[1]),
        ),
        "a line's kilometres and index": (track, lambda line: measure.alignment(line).nearest),
        "`chainage`, 10,000 points": (track, lambda line: measure.chainage(line, points=points())),
        "`nearest`, a point to ten vertices": (lambda size: shapely.points(shapely.get_coordinates(track(size // 10))), measure.nearest),
    }
    for km in WIDTHS:
        found[f"`catchment`, {km:g} km"] = track, lambda line, km=km: measure.catchment(line, km=km, places=nowhere)
        found[f"`catchment` again, {km:g} km"] = asked, lambda line, km=km: measure.catchment(line, km=km, places=nowhere)
        found[f"planar buffer, {km:g} km"] = planar, lambda line, km=km: line.buffer(km * 1000, resolution=48)
        found[f"planar buffer in degrees, {km:g} km"] = (
            lambda size: gpd.GeoSeries([track(size)], crs=W),
            lambda line, km=km: line.to_crs(PLANE).buffer(km * 1000, resolution=48).to_crs(W),
        )
    return found


def points() -> Any:
    return shapely.points(np.random.default_rng(2).uniform([55, 46], [83, 50], (10_000, 2)))


def planar(size: int) -> gpd.GeoSeries:
    return gpd.GeoSeries([track(size)], crs=W).to_crs(PLANE)


def asked(size: int) -> Any:
    """A line that was asked before, so that its kilometres and its index are there."""
    from corridormap import measure

    line = measure.alignment(track(size))
    measure.catchment(line, km=1)
    return line


def timed(name: str, size: int) -> dict[str, float]:
    """The best of three runs, of one that takes long."""
    make, call = cases()[name]
    data = make(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times: list[float] = []
    while len(times) < 3 and sum(times) < 10.0:
        start = time.process_time()
        call(data)
        times.append(time.process_time() - start)
    return {"seconds": min(times), "before": before / 1024, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def apart(name: str, size: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--one", name, "--size", str(size)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def table(names: list[str], sizes: list[int]) -> None:
    print("| vertices | " + " | ".join(names) + " |\n|---:|" + "---:|" * len(names))
    rows = []
    for size in sizes:
        found = [apart(name, size) for name in names]
        rows.append([one["seconds"] for one in found])
        print(f"| {size:,} | " + " | ".join(f"{one['seconds']:.2f} s, {one['peak']:,.0f} MB" for one in found) + " |", flush=True)
    print("| exponent | " + " | ".join(f"{np.log10(many / few):.2f}" for few, many in zip(*rows[-2:], strict=True)) + " |\n")


def buffers(size: int) -> None:
    kinds = ("`catchment`", "`catchment` again", "planar buffer", "planar buffer in degrees")
    print(f"A line of {size:,} vertices, seconds:\n\n| width, km | {' | '.join(kinds)} |\n|---:|---:|---:|---:|---:|")
    for km in WIDTHS:
        print(f"| {km:g} | {' | '.join(format(apart(f'{kind}, {km:g} km', size)['seconds'], '.2f') for kind in kinds)} |", flush=True)
    print()


def others(options: argparse.Namespace, sizes: list[int]) -> None:
    def said(command: list[str], text: str | None = None) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True, input=text).stdout

    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            ground = regions()
            with (Path(folder) / "way.csv").open("w") as file:
                file.writelines(f"{shapely.to_wkb(line, hex=True)}\n" for line in shapely.set_srid(lines(size).to_numpy(), 0))
            hexes = shapely.to_wkb(ground.geometry.to_numpy(), hex=True)
            (Path(folder) / "region.csv").write_text(
                "".join(f"{name},{text}\n" for name, text in zip(ground["region"], hexes, strict=True))
            )
            gpd.GeoDataFrame(geometry=planar(size)).to_parquet(f"{folder}/line.parquet")
            gpd.GeoDataFrame(geometry=points(), crs=W).to_crs(PLANE).to_parquet(f"{folder}/points.parquet")
            print(f"{size:,} vertices:")
            if options.postgis:
                print("PostGIS, lengths and by regions:\n", said([*shlex.split(options.postgis), "-At"], POSTGIS.format(folder=folder)))
            if options.duckdb:
                print("DuckDB on one core, the same, seconds and km:\n", said([options.duckdb[0], "-c", DUCKDB, options.duckdb[1], folder]))
            if options.linref:
                print(
                    "linref, measures and 10,000 points on the line, seconds:\n", said([options.linref, "-c", LINREF, folder]), flush=True
                )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--postgis")
    parser.add_argument("--duckdb", nargs=2)
    parser.add_argument("--linref")
    parser.add_argument("--one")
    parser.add_argument("--size", type=int)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(timed(options.one, options.size)))
        return
    sizes = [10**4, 10**5] if options.quick else [10**5, 10**6, 10**7]
    table(["`lengths`", "`lengths_by(areas=…)`"], sizes)
    table(["a line's kilometres and index", "`chainage`, 10,000 points", "`nearest`, a point to ten vertices", "`catchment`, 20 km"], sizes)
    buffers(sizes[-1] if options.quick else 10**5)
    others(options, sizes)


if __name__ == "__main__":
    main()
