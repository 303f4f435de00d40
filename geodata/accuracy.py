"""Measure the network, every class of it, and write the accuracy statement.

    python geodata/accuracy.py --rail rail_routes.geojson --rail rail_legs.geojson --track rail_track.geojson --road road_legs.geojson \
        --stations stations_kazakhstan.json --stations stations_iran.json

The reference files are not part of the project. What they gave is kept in accuracy.json, and the tables in README.md are written from it:
without reference files, `python geodata/accuracy.py` writes the tables alone.

A link that a reference line follows is measured against that. One that is straight from station to station is as good as straight lines of
those lengths are elsewhere: they are drawn along the reference, and how far the way strays from them is what the link is taken to stray.
"""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from corridormap import geojson
from corridormap.atlas import Atlas
from corridormap.checks.ground import REFERENCE
from corridormap.files import read_text, write_atomic
from corridormap.geodesic import distances_m, lengths_km
from corridormap.measure.accuracy import compare, fingerprint
from corridormap.trace.lock import read_lock

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent
BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
MODES = ("rail", "road")
# Links of the finest class were digitised from a reference line.
REFERENCED_M = 300.0
# How far from a station a vertex may lie that was put there.
STATION_M = 500.0
SPACINGS_KM = (4, 8, 12, 16, 20, 30, 45, 60, 100)
STEP_M = 250.0


def measure(atlas: Atlas, references: dict[str, list[Path]], tracks: list[Path], stations: gpd.GeoDataFrame) -> dict[str, Any]:
    """Measure every link: against its reference line, or by its gaps from station to station; say why where neither can be."""
    links, traced = atlas.layer("network_links"), read_lock(atlas)
    result: dict[str, Any] = {"classes": {}, "links": {}, "straight": {}, "detours": {}, "track": []}
    for mode in MODES:
        ours = links[links["mode"] == mode]
        reference = _read(references[mode] + (tracks if mode == "rail" else []))
        followed = ours[
            [
                (accuracy <= REFERENCED_M and name not in traced) or _follows(atlas, line, reference)
                for name, accuracy, line in zip(ours["id"], ours["accuracy_m"], ours.geometry, strict=True)
            ]
        ]
        compared = compare(followed, reference=reference, planar_crs=atlas.record.planar_crs, tolerance_m=REFERENCED_M)
        rows = {row.pop("id"): {"against": REFERENCE, **row} for row in compared.features.to_dict("records")}
        result["method"] = compared.method
        del rows["all"]
        result["links"] |= rows
        finest = followed[followed["accuracy_m"] <= REFERENCED_M]
        compared = compare(finest, reference=reference, planar_crs=atlas.record.planar_crs, tolerance_m=REFERENCED_M)
        result["classes"][mode] = {"links": len(finest), **compared.features.iloc[-1].drop("id").to_dict()}
        strays = straying(_planar(atlas, reference))
        result["straight"][mode] = {str(km): round(float(np.quantile(gaps, 0.95)) * km * 10) * 100 for km, gaps in strays.items()}
        result["detours"][mode] = round(detour(_planar(atlas, finest)), 3)
        for row in ours[~ours["id"].isin(rows) & ours["id"].isin(traced)].itertuples():
            result["links"][row.id] = {
                "length_km": row.length_km,
                "why": "traced on OpenStreetMap's own track: nothing else to measure against",
            }
        for row in ours[~ours["id"].isin([*rows, *traced])].itertuples():
            result["links"][row.id] = gaps_of(row.geometry, strays, stations if mode == "rail" else stations.iloc[:0])
    for row in links[~links["mode"].isin(MODES)].itertuples():
        result["links"][row.id] = {"length_km": row.length_km, "why": "a ship's way is no line on the ground: nothing to measure against"}
    for name, line in zip(links["id"], links.geometry, strict=True):
        result["links"][name]["shape"] = fingerprint(line)
    for path in tracks:
        result["track"] += on_track(atlas, links, _read([path]))
    return result


def _read(paths: list[Path]) -> gpd.GeoDataFrame:
    """Read reference lines, without those that say to be something else than track."""
    frame = pd.concat([geojson.read_frame(path) for path in paths], ignore_index=True)
    return frame[frame["kind"].fillna("track") == "track"] if "kind" in frame.columns else frame


def _planar(atlas: Atlas, frame: gpd.GeoDataFrame) -> list[shapely.Geometry]:
    return list(frame.geometry.to_crs(atlas.record.planar_crs).explode())


def _follows(atlas: Atlas, line: shapely.LineString, reference: gpd.GeoDataFrame) -> bool:
    """Tell whether one reference line passes both ends of a line and is about as long between them."""
    flat = gpd.GeoSeries([line], crs="EPSG:4326").to_crs(atlas.record.planar_crs).iloc[0]
    ends = [shapely.Point(flat.coords[0]), shapely.Point(flat.coords[-1])]
    return any(
        max(other.distance(end) for end in ends) <= REFERENCED_M
        and abs(abs(other.project(ends[0]) - other.project(ends[1])) / flat.length - 1.0) <= 0.1
        for other in _planar(atlas, reference)
    )


def straying(lines: list[shapely.LineString]) -> dict[int, NDArray[np.float64]]:
    """Draw straight lines of some lengths along known ones, and return how far the way strays from them, as shares of their length.

    They begin at every second kilometre. A way more than twice as long as the straight line turns back, and is left out.
    """
    found: dict[int, list[NDArray[np.float64]]] = {km: [] for km in SPACINGS_KM}
    for line in lines:
        xy = shapely.get_coordinates(shapely.line_interpolate_point(line, np.arange(0.0, line.length, STEP_M)))
        for first in range(0, len(xy), 8):
            away = np.hypot(*(xy[first:] - xy[first]).T)
            for km in SPACINGS_KM:
                last = int(np.argmax(away >= 1000.0 * km))
                if 0 < last * STEP_M <= 2000.0 * km:
                    chord = shapely.linestrings([xy[first], xy[first + last]])
                    found[km].append(shapely.distance(shapely.points(xy[first : first + last]), chord) / chord.length)
    return {km: np.concatenate(shares) for km, shares in found.items() if shares}


def detour(lines: list[shapely.LineString]) -> float:
    """Return the share of a straight line of 20 to 320 km that the way, 95 % of it, keeps within on 95 of 100 such lines."""
    found = []
    for line in lines:
        xy = shapely.get_coordinates(shapely.line_interpolate_point(line, np.arange(0.0, line.length, 5000.0)))
        for first in range(len(xy)):
            for last in range(first + 2, len(xy)):
                chord = shapely.linestrings([xy[first], xy[last]])
                if 20_000.0 <= chord.length < 320_000.0:
                    found.append(np.quantile(shapely.distance(shapely.points(xy[first : last + 1]), chord), 0.95) / chord.length)
    return float(np.quantile(found, 0.95))


def gaps_of(line: shapely.LineString, strays: dict[int, NDArray[np.float64]], stations: gpd.GeoDataFrame) -> dict[str, Any]:
    """Tell of a line drawn straight from place to place how many are stations, and within what 95 % of the way is thought to lie."""
    xy = shapely.get_coordinates(line)
    lengths = lengths_km([shapely.LineString(pair) for pair in itertools.pairwise(xy)])
    sizes = np.array(list(strays))
    spread, weight = [], []
    for length in lengths:
        shares = np.quantile(strays[int(sizes[np.abs(sizes - length).argmin()])], np.arange(0.005, 1.0, 0.01))
        spread.append(shares * length * 1000.0)
        weight.append(np.full(len(shares), length / len(shares)))
    every, weights = np.concatenate(spread), np.concatenate(weight)
    order = every.argsort()
    share = weights[order].cumsum() / weights.sum()
    known = shapely.get_coordinates(stations.geometry)
    near = [distances_m(np.broadcast_to(at, known.shape), known).min() for at in xy] if len(known) else []
    hits = [gap for gap in near if gap <= STATION_M]
    longest = int(lengths.argmax())
    middle = (xy[longest] + xy[longest + 1]) / 2.0
    return {
        "against": "straight lines as long, elsewhere",
        "length_km": round(float(lengths.sum()), 3),
        "places": len(xy),
        "stations": len(hits),
        "station_m": round(float(max(hits)), 1) if hits else None,
        "gap_km": round(float(lengths.max()), 1),
        "median_m": round(float(every[order[share.searchsorted(0.5)]])),
        "p95_m": round(float(every[order[share.searchsorted(0.95)]])),
        "max_lon": round(float(middle[0]), 5),
        "max_lat": round(float(middle[1]), 5),
    }


def on_track(atlas: Atlas, links: gpd.GeoDataFrame, tracks: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Compare the rail links that track itself follows with it, track by track."""
    rows = []
    for name, track in zip(tracks["name"], tracks.geometry, strict=True):
        one = gpd.GeoDataFrame({"id": [name]}, geometry=[track], crs=tracks.crs)
        flat = one.to_crs(atlas.record.planar_crs).geometry.iloc[0].buffer(2000.0)
        rail = links[links["mode"] == "rail"].to_crs(atlas.record.planar_crs)
        share = rail.intersection(flat).length / rail.length
        beside = links.loc[share.index[share > 0.99]]
        if len(beside):
            row = compare(beside, reference=one, planar_crs=atlas.record.planar_crs).features.iloc[-1].to_dict()
            rows.append(
                {
                    "stretch": name.replace(" - ", " – "),
                    "links": beside["id"].tolist(),
                    **{key: row[key] for key in ("length_km", "median_m", "p95_m", "max_m")},
                }
            )
    return rows


def table(atlas: Atlas, measured: dict[str, Any]) -> str:
    """The accuracy statement as Markdown: what was measured, then by name every link that is coarser, and why."""
    lines = [
        "| lines | km | median | 95 % | maximum | within 300 m |",
        "|---|---|---|---|---|---|",
    ]
    for mode, row in measured["classes"].items():
        lines.append(
            f"| {mode}, class 300 m, {row['links']} links | {row['length_km']:,.0f} | {row['median_m']:.0f} m | {row['p95_m']:.0f} m "
            f"| {row['max_m']:.0f} m at {row['max_lon']}, {row['max_lat']} | {row['share_within']:.1%} |"
        )
    lines += ["", f"Method: {measured['method']}.", ""]
    lines += ["Against OpenStreetMap's track itself, vertex by vertex, where that was to be had:", ""]
    lines += ["| stretch | km | median | 95 % | maximum |", "|---|---|---|---|---|"]
    lines += [
        f"| {row['stretch']} | {row['length_km']:,.0f} | {row['median_m']:.0f} m | {row['p95_m']:.0f} m | {row['max_m']:,.0f} m |"
        for row in measured["track"]
    ]
    spacings = [str(km) for km in SPACINGS_KM]
    lines += ["", "How far a way strays from a straight line between two places, measured along the reference: 95 % of it lies within", ""]
    lines += [f"| length of the line | {' | '.join(f'{km} km' for km in spacings)} |", "|---|" + "---|" * len(spacings)]
    lines += [
        f"| {mode} | {' | '.join(f'{row[km]:,} m' if km in row else '' for km in spacings)} |" for mode, row in measured["straight"].items()
    ]
    lines += ["", "Coarser than 300 m, link by link; in italics what is not measured but to be expected of straight lines so long:", ""]
    lines += ["| link | class | 95 % | km | longest gap | stations | why |", "|---|---|---|---|---|---|---|"]
    coarse = atlas.layer("network_links")
    coarse = coarse[coarse["accuracy_m"] > REFERENCED_M].sort_values(["accuracy_m", "id"])
    for link in coarse.itertuples():
        row = measured["links"][link.id]
        found_m = f"{row['p95_m']:,.0f} m" if "p95_m" in row else "–"
        found = f"*{found_m}*" if "gap_km" in row else found_m
        gap = f"{row['gap_km']:.0f} km | {row['stations']} of {row['places']} places" if "gap_km" in row else "– | –"
        lines.append(
            f"| {link.name_en} ({link.mode}) | {link.accuracy_m:,.0f} m | {found} | {link.length_km:,.0f} | {gap} "
            f"| {link.remark_en or row.get('why', '')} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for mode in MODES:
        parser.add_argument(f"--{mode}", type=Path, action="append", default=[], help=f"reference lines, {mode}")
    parser.add_argument("--track", type=Path, action="append", default=[], help="railways as they are mapped, every vertex")
    parser.add_argument("--stations", type=Path, action="append", default=[], help="stations: JSON records with lon and lat")
    options = parser.parse_args()
    atlas = Atlas.open(FOLDER)
    references = {mode: getattr(options, mode) for mode in MODES}
    store = FOLDER / "accuracy.json"
    if any(references.values()):
        if not (all(references.values()) and options.stations):
            parser.error("give lines of rail and of road, and stations")
        records = [record for path in options.stations for record in json.loads(read_text(path))]
        points = gpd.points_from_xy([record["lon"] for record in records], [record["lat"] for record in records])
        stations = gpd.GeoDataFrame({"id": [record["id"] for record in records]}, geometry=points, crs="EPSG:4326").drop_duplicates("id")
        write_atomic(store, json.dumps(measure(atlas, references, options.track, stations), indent=1, sort_keys=True) + "\n")
    readme = read_text(FOLDER / "README.md")
    head, _, rest = readme.partition(BEGIN)
    tail = rest.partition(END)[2]
    text = table(atlas, json.loads(read_text(store)))
    write_atomic(FOLDER / "README.md", f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


if __name__ == "__main__":
    main()
