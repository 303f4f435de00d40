"""``corridormap network``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.results import place, read_file
from corridormap.cli.shared import json_option, pass_atlas, print_json, say
from corridormap.phrases import counted

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.atlas import Atlas
    from corridormap.network.lines import Made
    from corridormap.network.split import Split

MODES = ("rail", "road", "sea", "transfer")
KINDS = {
    "left out": "What the file holds that is no line, or none of any length, and lines that run twice in one place.",
    "bridge": "A line passes over itself, and was left whole because crossings are not joined.",
    "near": "An end lies near another place, but farther than the tolerance: join them, or raise --snap.",
    "on a link": "A node lies on a link that was there before: split that with `corridormap network split`.",
    "loop": "A line comes back to where it began: two nodes were set on it, so that an itinerary can name its way.",
    "parallel": "Two links would join the same nodes: a node was set on each, so that an itinerary can name its way.",
    "border": "A line crosses a country's outline: split it there, at a node of the kind crossing.",
    "meridian": "A line crosses the 180th meridian: cut it there in the file, so that both parts end at 180 and -180 degrees.",
    "outside": "A line lies outside the `extent` of atlas.toml: it is not shown there, and may be in another CRS.",
    "country": "No outline tells in which country it lies: say it with --abroad, or in the file.",
    "names": "A node has no name in a language of the atlas: `corridormap validate` asks for it.",
    "id": "A place has an id that is none, or is taken: it was given one by its position.",
    "place": "A named place lies on no line, or where a node is already: it was left out.",
    "text": "A name held control characters, which were left out.",
}
"""The kinds of doubts, and what they mean."""
SHOWN = 5
"""So many doubts of a kind are printed; JSON has all."""


@click.group()
def network() -> None:
    """Bring lines of your own into the network, split its links, and tidy its files.

    \b
    Examples:
      corridormap network from roads.gpkg --mode road --source osm-2026-11 --accuracy 50
      corridormap network split rail:baku-alat --at 49.42,39.98 --node sangachal --name en=Sangachal --name ru=Сангачал
      corridormap network tidy
    """


@network.command(name="from")
@click.argument("file")
@click.option("--layer", metavar="LAYER", help="Layer of a file of several.")
@click.option("--crs", metavar="CRS", help="CRS of a file that names none, for instance EPSG:4326.")
@click.option("--mode", type=click.Choice(MODES), help="Mode of the lines, or of those whose column of modes is empty.")
@click.option("--mode-column", metavar="COLUMN", help="Column that tells the mode.")
@click.option("--source", metavar="ID", required=True, help="Source of the lines, from sources.toml.")
@click.option("--accuracy", "accuracy_m", required=True, type=float, metavar="METRES", help="Their accuracy.")
@click.option("--snap", "snap_m", default=10.0, show_default=True, metavar="METRES", help="Join what ends so close.")
@click.option("--places", metavar="FILE", help="Points that name nodes, of another file or layer: stations.shp, lines.gpkg:towns.")
@click.option("--no-crossings", "crossings", is_flag=True, flag_value=False, default=True, help="Lines that cross pass over each other.")
@click.option("--abroad", metavar="XX", help="Country of what lies in no outline of the atlas; XZ is the high seas.")
@click.option("--name", "name_column", default="name", show_default=True, metavar="COLUMN", help="Column of names.")
@click.option("--name-lang", metavar="LANG", help="Language of that column, for the nodes that points name.")
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@json_option
@pass_atlas
def from_file(
    atlas: Atlas,
    *,
    file: str,
    layer: str | None,
    crs: str | None,
    places: str | None,
    abroad: str | None,
    dry_run: bool,
    as_json: bool,
    **told: Any,
) -> None:
    """Make nodes and links of the lines of FILE, to be reviewed.

    Any file that GDAL reads, in any CRS. Nodes lie where lines end, meet and cross, and where points of the file lie on them, which name
    them. What is in the network stays as it is; what to look at is listed.

    \b
    Examples:
      corridormap network from roads.gpkg --layer main --mode road --source osm-2026-11 --accuracy 50 --dry-run
      corridormap network from lines.shp --mode-column kind --source survey-2025 --accuracy 10 --snap 25
    """
    from corridormap.network.lines import Told, make_network

    if abroad is not None and not (len(abroad) == 2 and abroad.isascii() and abroad.isalpha() and abroad.isupper()):
        raise click.BadParameter("is two capital letters (ISO 3166-1)", param_hint="--abroad")
    frame = read_file(file if layer is None else f"{file}:{layer}", "line", crs)
    points = None if places is None else read_file(places, "point", crs)
    made = make_network(atlas, frame, Told(abroad=abroad, **told), points=points)
    written = [] if dry_run else made.write()
    if as_json:
        about = {"nodes": made.new_nodes, "links": made.new_links, "length_km": round(made.length_km, 3), "dry_run": dry_run}
        print_json({**about, "review": [doubt.as_dict() for doubt in made.review], "written": [str(path) for path in written]})
        return
    _print(made)
    for path in written:
        say(f"wrote {path}")
    if dry_run:
        say("nothing was written")
    else:
        say("now look at what is listed, name the nodes, and run `corridormap validate`")


def _print(made: Made) -> None:
    say(f"{counted(len(made.new_nodes), 'node')}, {counted(len(made.new_links), 'link')}, {made.length_km:.1f} km")
    for kind in dict.fromkeys(doubt.kind for doubt in made.review):
        doubts = [doubt for doubt in made.review if doubt.kind == kind]
        say(f"{kind}: {len(doubts)}. {KINDS[kind]}")
        for doubt in doubts[:SHOWN]:
            place = "" if doubt.lon is None else f" at {doubt.lon:.5f}, {doubt.lat:.5f}"
            say(f"  {doubt.feature + ': ' if doubt.feature else ''}{doubt.message}{place}")
        if len(doubts) > SHOWN:
            say(f"  and {len(doubts) - SHOWN} more; --json lists all")


def _names(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in value]
    for lang, _, name in pairs:
        if not lang or not name.strip():
            raise click.BadParameter("is LANG=NAME, for instance en=Sangachal")
    return {lang: name.strip() for lang, _, name in pairs}


@network.command()
@click.argument("link")
@click.option("--at", required=True, metavar="LON,LAT", type=place, help="Place of the node; it is put on the link.")
@click.option("--node", required=True, metavar="ID", help="Id of the node.")
@click.option("--name", "names", multiple=True, metavar="LANG=NAME", callback=_names, help="Its name, once for each language of the atlas.")
@click.option("--kind", default="junction", show_default=True, metavar="KIND", help="What it is: station, town, junction, port, crossing.")
@click.option("--source", metavar="ID", help="Source of its position, from sources.toml.  [default: the link's]")
@click.option(
    "--within", "within_m", default=500.0, show_default=True, type=click.FloatRange(min=0), metavar="METRES", help="Farthest from the link."
)
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@json_option
@pass_atlas
def split(atlas: Atlas, *, link: str, dry_run: bool, as_json: bool, **told: Any) -> None:
    """Split LINK at a new node, and carry itineraries, statements and traces along.

    \b
    Examples:
      corridormap network split rail:baku-alat --at 49.42,39.98 --node sangachal --name en=Sangachal --name ru=Сангачал --kind station
    """
    from corridormap.network.split import split_link

    done: Split = split_link(atlas, link, **told)
    written = [] if dry_run else done.write()
    if as_json:
        print_json({**done.as_dict(), "dry_run": dry_run, "written": [str(path) for path in written]})
        return
    say(f"{link} → {done.links[0]} ({done.km[0]:.3f} km), {done.links[1]} ({done.km[1]:.3f} km)")
    say(f"{done.node} lies at {done.lon:.5f}, {done.lat:.5f}, {done.off_m:.1f} m from the place that was given")
    for line in done.carried:
        say(f"carried: {line}")
    for line in done.to_do:
        say(f"to do: {line}")
    for path in written:
        say(f"wrote {path}")
    say("nothing was written" if dry_run else "now run `corridormap build` and `corridormap validate`")


@network.command()
@pass_atlas
def tidy(atlas: Atlas) -> None:
    """Write the files that are edited in QGIS in this project's layout, after QGIS or another program saved them in its own.

    These are nodes.geojson and links.geojson, and the file of each layer that has one as its `input` in atlas.toml: crossings, a border.

    One feature a line, in order of ids, keys sorted: so that a comparison of versions shows what was edited, and nothing else. What the
    files say stays; positions of more than seven decimals, as drawn on a screen, are rounded to five.

    \b
    Examples:
      corridormap network tidy
    """
    from corridormap.files import read_text, write_all
    from corridormap.network.facts import FactsFile, network_files

    changed: dict[Path, str | bytes] = {}
    for file in (*network_files(atlas.folder / "network"), *(FactsFile(atlas.folder / path) for path in atlas.inputs)):
        file.tidy()
        if file.features and file.text() != read_text(file.path):
            changed[file.path] = file.text()
    write_all(changed)
    for path in changed:
        say(f"wrote {path}")
    if not changed:
        say("nothing to tidy")
