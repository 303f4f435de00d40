"""``corridormap compare``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridormap.cli.results import is_given_as_file, read_file
from corridormap.cli.shared import cell, json_option, output_option, pass_atlas, print_json, say
from corridormap.phrases import counted

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas

ABOVE_0 = click.FloatRange(min=0, min_open=True)


@click.command()
@click.argument("layer")
@click.argument("reference", nargs=-1, required=True)
@click.option("--tolerance", "tolerance_m", default=300.0, show_default=True, type=ABOVE_0, help="Metres for the share within.")
@click.option("--step", "step_m", default=100.0, show_default=True, type=click.FloatRange(min=1), help="Metres between samples.")
@click.option(
    "--where",
    multiple=True,
    metavar="PROPERTY=VALUE",
    help="Of the atlas's layers take only features with this value (of LAYER, if both are files); repeat to narrow.",
)
@click.option("--crs", metavar="CRS", help="The CRS of files that name none, such as EPSG:4326.")
@output_option("Write the stretches beyond the tolerance as GeoJSON.")
@json_option
@pass_atlas
def compare(
    atlas: Atlas,
    *,
    layer: str,
    reference: tuple[str, ...],
    where: tuple[str, ...],
    crs: str | None,
    output: Path | None,
    as_json: bool,
    **how: float,
) -> None:
    """Measure how far the lines of LAYER lie from those of REFERENCE.

    Each is a corridor's id or number, a layer of the atlas, or a file: GeoJSON, GeoPackage, Shapefile, KML, GPX and others, FILE:LAYER for
    one layer of it. Several references count as one. To measure a track of yours against a corridor, name the track first.

    \b
    Examples:
      corridormap compare track.gpx 7
      corridormap compare border my_border.geojson
      corridormap compare network_links tracks.geojson --where mode=rail --where accuracy_m=300
      corridormap compare network_links roads.geojson --tolerance 150 -o worst.geojson --json
    """
    import pandas as pd

    from corridormap import geojson
    from corridormap.measure.accuracy import STEPS
    from corridormap.measure.accuracy import compare as measure

    ours = {name for name in (layer, *reference) if _is_layer(atlas, name)}
    lines = {name: _lines(atlas, name, crs) for name in dict.fromkeys((layer, *reference))}
    lines |= {name: _filtered(lines[name], where, name) for name in ours or {layer}}
    chosen, other = lines[layer], pd.concat([lines[name].to_crs(lines[layer].crs) for name in dict.fromkeys(reference)])
    with click.progressbar(length=STEPS, label="comparing", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        result = measure(chosen, reference=other, planar_crs=atlas.planar_crs, progress=bar.update, **how)
    if output is not None and not result.worst.empty:
        geojson.write(output, result.worst)
    records = result.features.to_dict("records")
    if as_json:
        print_json({"features": records[:-1], "all": records[-1], "reference_against_layer": result.reverse, "method": result.method})
        return
    from tabulate import tabulate

    rows = [{key: cell(value) for key, value in record.items()} for record in records]
    click.echo(tabulate(rows, headers="keys", disable_numparse=False))
    if records[-1]["share_within"] < 0.5 < result.reverse["share_within"]:
        say(f"{layer} goes on where there is no reference; to measure the reference against it, name that first", err=True)
    back = ", ".join(f"{key} {value:g}" for key, value in result.reverse.items())
    click.echo(f"\nreference against layer: {back}\nmethod: {result.method}")
    if output is not None:
        click.echo(
            f"{counted(len(result.worst), 'stretch', 'stretches')} beyond {how['tolerance_m']:g} m"
            + (f" → {output}" if len(result.worst) else ", nothing written")
        )


def _is_layer(atlas: Atlas, name: str) -> bool:
    return name in {record.id for record in atlas.layers} or not ("/" in name or is_given_as_file(name))


def _lines(atlas: Atlas, name: str, crs: str | None) -> GeoDataFrame:
    """Read a corridor, a layer of the atlas, or the features of a file; what has no id gets its number."""
    from corridormap.measure.alignments import itinerary_of

    corridor = atlas.itineraries.get(itinerary_of(atlas, name))
    if corridor is not None and name not in {record.id for record in atlas.layers}:
        layer = atlas.layer(corridor.layer)
        return layer[layer["id"] == corridor.id]
    if _is_layer(atlas, name):
        return atlas.layer(name)  # which says what layers there are
    frame = read_file(name, "line", crs)
    if "id" not in frame.columns or not frame["id"].is_unique or frame["id"].isna().any():
        frame["id"] = [f"{Path(name).stem}#{number}" for number in range(len(frame))]
    return frame


def _filtered(frame: GeoDataFrame, conditions: tuple[str, ...], name: str) -> GeoDataFrame:
    from corridormap.errors import UsageError

    for condition in conditions:
        column, equals, value = condition.partition("=")
        if not equals or column not in frame.columns:
            hint = f"Properties are: {', '.join(frame.columns.drop('geometry'))}."
            raise UsageError(f"--where {condition}: {name} has no property {column!r}", hint=hint)
        texts = frame[column].map(lambda item: f"{item:g}" if isinstance(item, float) else str(item))
        frame = frame[texts == value]
        if frame.empty:
            raise UsageError(f"--where {condition}: no feature of {name} is left")
    return frame
