"""Time measuring against the number of vertices and points, lengths beside the raw pyproj call, and print Markdown tables.

python benchmarks/measure.py [--quick]
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from corridormap import Atlas, measure

if TYPE_CHECKING:
    from collections.abc import Callable

VERTICES = 100
"""Vertices of each line."""


def seconds(call: Callable[[], object], *, budget: float = 3.0) -> float:
    """The best of several runs, three at least or as many as the budget allows: what else the machine does only adds."""
    times: list[float] = []
    while len(times) < 3 or (sum(times) < budget and len(times) < 30):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def growth(rows: list[tuple[int, float]]) -> str:
    """How the time grows with the number: the exponent between the largest two."""
    (few, before), (many, after) = rows[-2:]
    return f"{np.log(after / before) / np.log(many / few):.2f}"


def lengths(sizes: list[int]) -> None:
    geod = Geod(ellps="WGS84")
    random = np.random.default_rng(1)
    print("| vertices | raw `Geod.inv` on arrays, s | `measure.lengths`, s | speed of the raw call | `Geod.geometry_length` by line, s |")
    print("|---|---|---|---|---|")
    found = []
    for size in sizes:
        xy = random.uniform([50, 42], [85, 55], (size // VERTICES, 1, 2)) + random.normal(0, 0.01, (size // VERTICES, VERTICES, 2)).cumsum(
            axis=1
        )
        lines = shapely.linestrings(xy)
        frame = gpd.GeoSeries(lines, crs="EPSG:4326")
        start, end = np.ascontiguousarray(xy[:, :-1].reshape(-1, 2).T), np.ascontiguousarray(xy[:, 1:].reshape(-1, 2).T)
        raw = seconds(lambda start=start, end=end: geod.inv(*start, *end))
        ours = seconds(lambda frame=frame: measure.lengths(frame))
        single = f"{seconds(lambda lines=lines: [geod.geometry_length(line) for line in lines]):.4f}" if size <= 1_000_000 else "–"
        found.append((size, ours))
        print(f"| {size:,} | {raw:.4f} | {ours:.4f} | {raw / ours:.0%} | {single} |")
    print(f"\nGrowth of lengths with the vertices: exponent {growth(found)}.\n")


def referencing(sizes: list[int]) -> None:
    atlas = Atlas.open()
    longest = max((measure.alignment(name, atlas=atlas) for name in atlas.itineraries), key=lambda line: line.length_km)
    random = np.random.default_rng(2)
    geod = Geod(ellps="WGS84")
    print(f"On {longest.name}, {longest.length_km:,.0f} km and {len(longest.km):,} vertices; points within 50 km of it.\n")
    print("| points | `measure.locate`, s | `measure.chainage`, s | `measure.nearest` of all corridors, s |")
    print("|---|---|---|---|")
    found: list[list[tuple[int, float]]] = [[], [], []]
    for size in sizes:
        km = random.uniform(0, longest.length_km, size)
        lon, lat, _ = geod.fwd(*longest.places(km).T, random.uniform(0, 360, size), random.uniform(0, 50_000, size))
        points = shapely.points(lon, lat)
        calls = (
            lambda km=km: measure.locate(longest, km=km),
            lambda points=points: measure.chainage(longest, points=points),
            lambda points=points: measure.nearest(points, atlas=atlas),
        )
        times = [seconds(call) for call in calls]
        for rows, took in zip(found, times, strict=True):
            rows.append((size, took))
        print(f"| {size:,} | " + " | ".join(f"{took:.3f}" for took in times) + " |")
    print("\nGrowth with the points: exponents " + ", ".join(growth(rows) for rows in found) + ".\n")


def event_tables(sizes: list[int]) -> None:
    random = np.random.default_rng(3)
    print("Two tables of as many stretches on 11 routes of 2,000 km, each laid half over another.\n")
    print("| stretches in each | `measure.overlay` of all, s | pieces | `measure.dissolve`, s |")
    print("|---|---|---|---|")
    found: list[list[tuple[int, float]]] = [[], []]
    for size in sizes:
        tables = []
        for _ in range(2):
            start = random.uniform(0, 2000, size)
            end = start + random.exponential(11 * 2000 / size, size)
            tables.append(pd.DataFrame({"route": random.integers(1, 12, size), "from_km": start, "to_km": end, "money": end}))
        calls = (
            lambda tables=tables: measure.overlay(*tables, route="route", how="union", amounts="money"),
            lambda tables=tables: measure.dissolve(tables[0], route="route", amounts="money"),
        )
        times = [seconds(call) for call in calls]
        for rows, took in zip(found, times, strict=True):
            rows.append((size, took))
        print(f"| {size:,} | {times[0]:.3f} | {len(calls[0]()):,} | {times[1]:.3f} |")
    print("\nGrowth with the stretches: exponents " + ", ".join(growth(rows) for rows in found) + ".\n")


def main() -> None:
    largest = 5 if "--quick" in sys.argv else 7
    print("Best of several runs.\n")
    lengths([10**power for power in range(3, largest + 1)])
    referencing([10**power for power in range(3, largest)])
    event_tables([10**power for power in range(3, min(largest, 5) + 1)])


if __name__ == "__main__":
    main()
