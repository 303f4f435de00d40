"""``corridormap trace``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.shared import json_option, pass_atlas, print_json, print_records, say
from corridormap.phrases import counted

if TYPE_CHECKING:
    from corridormap.atlas import Atlas

ROUNDING_M = 2.0
SHOWN = ("id", "length_km", "was_km", "off_p95_m", "main", "doubts")


def _ids(value: str) -> list[str]:
    return [name.strip() for name in value.split(",") if name.strip()]


@click.command()
@click.argument("extract", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--mode", type=click.Choice(["rail", "road"]), default="rail", show_default=True, help="What to trace.")
@click.option("--links", "names", metavar="A,B", type=_ids, help="Trace only these links.  [default: all in the extract]")
@click.option("--tolerance", "tolerance_m", default=10, show_default=True, type=click.IntRange(0, 10_000), help="Metres to thin lines by.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Write proposals and a report there.")
@click.option("--accept", metavar="A,B", type=_ids, help="Put these links into the network; without --links, trace these alone.")
@click.option("--accept-sound", is_flag=True, help="Put all links without a doubt into the network.")
@click.option("--source", metavar="ID", help="Source of links that are accepted, from sources.toml.  [default: that they have]")
@click.option("--check", is_flag=True, help="Trace what was accepted before; exit 1 if it would change by more than the tolerance.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(min=1), help="Processes that share the work; needs dask.")
@json_option
@pass_atlas
def trace(
    atlas: Atlas,
    *,
    extract: tuple[Path, ...],
    mode: Any,
    names: list[str] | None,
    tolerance_m: int,
    output: Path | None,
    accept: list[str] | None,
    accept_sound: bool,
    source: str | None,
    check: bool,
    workers: int,
    as_json: bool,
) -> None:
    """Trace links on the ways of an OpenStreetMap EXTRACT.

    Links are those of the network, and those that two nodes of an itinerary lack. Without --accept nothing of the atlas is changed.

    \b
    Examples:
      corridormap trace kazakhstan.osm.pbf -o traced
      corridormap trace iran.osm.pbf --accept rail:yazd-bafq --source osm-iran-2026-11
      corridormap trace kazakhstan.osm.pbf --mode road --accept-sound --tolerance 25 --source osm-kz-2026-11
      corridormap trace newer.osm.pbf --check
    """
    from corridormap import geojson
    from corridormap.cli.results import records_of, texts_of
    from corridormap.derive.tables import to_csv
    from corridormap.files import write_all
    from corridormap.trace import read_extract
    from corridormap.trace import trace as find
    from corridormap.trace.lock import accept as put
    from corridormap.trace.lock import read_lock
    from corridormap.trace.review import inside, proposals, report, wanted

    links = [link for link in wanted(atlas, mode=mode, names=accept if names is None else names) if link.locked or not check]
    hidden = not sys.stderr.isatty()
    size = sum(path.stat().st_size for path in extract if path.is_file())
    with click.progressbar(length=size, label="reading", file=sys.stderr, hidden=hidden) as bar:
        ways = read_extract(extract, mode=mode, progress=bar.update)
    asked = links
    if names is None and accept is None:
        links = inside(links, nodes=atlas.nodes, extract=ways)
    with click.progressbar(length=len(links), label="tracing", file=sys.stderr, hidden=hidden) as bar:
        traced = find(ways, links=links, nodes=atlas.nodes, workers=workers, progress=bar.update) if links else []
    table = proposals(atlas, ways, links, traced, tolerance_m=tolerance_m)
    records = records_of(table)
    written: list[Path] = []
    if output is not None and records:
        files = {
            output / "proposals.geojson": geojson.dumps(table, name="proposals"),
            output / "report.html": report(atlas, ways, table, traced),
        }
        files[output / "report.csv"] = to_csv(records, columns=list(records[0]))
        write_all(files)
        written += files
    accepted = list(dict.fromkeys([*(accept or ()), *(one.id for one in traced if accept_sound and not one.doubts)]))
    if accepted:
        written += put(atlas, ways, table, traced, names=accepted, source=source, tolerance_m=tolerance_m)
    lock = read_lock(atlas) if check else {}
    changed = [row["id"] for row in records if check and _moved(row, lock[row["link"]].tolerance_m)]
    if as_json:
        about = {"extract": ways.name, "sha256": ways.sha256, "date": ways.date}
        print_json({**about, "links": records, "accepted": accepted, "would_change": changed, "written": [str(path) for path in written]})
    else:
        print_records(texts_of(records), columns=SHOWN, as_json=False, wrap={"doubts": 60})
        for path in written:
            say(f"wrote {path}")
        if check and len(links) < len(asked):
            say(f"not in this extract: {', '.join(link.id for link in asked if link not in links)}")
        say(f"{counted(len(traced), 'link')} traced on {ways.name}, {sum(bool(one.doubts) for one in traced)} with doubts")
        if accepted:
            say(f"{len(accepted)} accepted; now run `corridormap build` and `corridormap validate`")
        if changed:
            say(f"would change: {', '.join(changed)}")
    if changed:
        raise SystemExit(1)


def _moved(row: dict[str, Any], tolerance_m: float) -> bool:
    """Tell whether a line lies farther from the one that was accepted than thinning and rounding explain."""
    return row["off_max_m"] is None or row["off_max_m"] > tolerance_m + ROUNDING_M
