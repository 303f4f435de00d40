"""Measure the network against reference lines and write the accuracy statement.

    python geodata/accuracy.py --rail rail_routes.geojson --rail rail_legs.geojson --road road_legs.geojson

The reference files are not part of the project. What they gave is kept in accuracy.json, and the table in README.md is written from it:
without reference files, `python geodata/accuracy.py` writes the table alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import pandas as pd
import shapely

from corridormap import geojson
from corridormap.atlas import Atlas
from corridormap.files import read_text, write_atomic
from corridormap.measure.accuracy import compare

FOLDER = Path(__file__).parent
BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
# Links of a coarser class have no reference line to be compared with: that is why they are coarser.
REFERENCED_M = 300.0


def fingerprint(line: shapely.LineString) -> str:
    """A short name for exactly this line, so that a figure measured on another one is noticed."""
    return hashlib.sha256(shapely.to_wkb(line)).hexdigest()[:12]


def measure(atlas: Atlas, references: dict[str, list[Path]]) -> dict[str, object]:
    """Compare the links of the finest class, mode by mode."""
    links = atlas.layer("network_links")
    result: dict[str, object] = {}
    for mode, paths in references.items():
        chosen = links[(links["mode"] == mode) & (links["accuracy_m"] <= REFERENCED_M)]
        reference = pd.concat([geojson.read_frame(path) for path in paths])
        compared = compare(chosen, reference=reference, planar_crs=atlas.record.planar_crs, tolerance_m=REFERENCED_M)
        rows = {row.pop("id"): row for row in compared.features.to_dict("records")}
        for link, line in zip(chosen["id"], chosen.geometry, strict=True):
            rows[link]["shape"] = fingerprint(line)
        result[mode] = {"method": compared.method, "all": rows.pop("all"), "links": rows}
    return result


def table(atlas: Atlas, measured: dict[str, dict]) -> str:
    """The accuracy statement as Markdown: what was measured, then by name every link that is coarser and why."""
    lines = [
        "| lines | km | median | 95 % | maximum | within 300 m |",
        "|---|---|---|---|---|---|",
    ]
    for mode, part in measured.items():
        row = part["all"]
        lines.append(
            f"| {mode}, class 300 m, {len(part['links'])} links | {row['length_km']:,.0f} | {row['median_m']:.0f} m | {row['p95_m']:.0f} m "
            f"| {row['max_m']:.0f} m at {row['max_lon']}, {row['max_lat']} | {row['share_within']:.1%} |"
        )
    methods = sorted({part["method"] for part in measured.values()})
    lines += ["", *(f"Method: {method}." for method in methods), ""]
    lines += ["Coarser than 300 m, link by link:", "", "| link | class | km | why |", "|---|---|---|---|"]
    coarse = atlas.layer("network_links")
    coarse = coarse[coarse["accuracy_m"] > REFERENCED_M].sort_values(["accuracy_m", "id"])
    lines += [
        f"| {row.name_en} ({row.mode}) | {row.accuracy_m:,.0f} m | {row.length_km:,.0f} | {row.remark_en or ''} |"
        for row in coarse.itertuples()
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for mode in ("rail", "road"):
        parser.add_argument(f"--{mode}", type=Path, action="append", help=f"reference lines, {mode}")
    options = parser.parse_args()
    atlas = Atlas.open(FOLDER)
    references = {mode: paths for mode in ("rail", "road") if (paths := getattr(options, mode))}
    store = FOLDER / "accuracy.json"
    if references:
        write_atomic(store, json.dumps(measure(atlas, references), indent=1, sort_keys=True) + "\n")
    readme = read_text(FOLDER / "README.md")
    head, _, rest = readme.partition(BEGIN)
    tail = rest.partition(END)[2]
    text = table(atlas, json.loads(read_text(store)))
    write_atomic(FOLDER / "README.md", f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


if __name__ == "__main__":
    main()
