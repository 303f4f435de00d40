"""``corridormap export``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.shared import built_first, json_option, lang_option, layers_option, output_option, pass_atlas, print_json, say
from corridormap.phrases import counted

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.atlas import Atlas


def _format(value: str) -> str:
    from corridormap.errors import UsageError
    from corridormap.export import find_format

    try:
        return find_format(value).name
    except UsageError as error:
        raise click.BadParameter(f"{error.what}. {error.hint}") from None


@click.command(no_args_is_help=True)
@click.argument("form", metavar="FORMAT", type=_format)
@output_option("File or folder to write. Its parent folder must exist.", required=True, metavar="TARGET")
@layers_option("Layers to export.  [default: all]")
@lang_option("Language of titles, labels and descriptions; names in every language are kept.")
@click.option("--crs", default="EPSG:4326", show_default=True, metavar="CRS", help="CRS of the coordinates, where the format has a choice.")
@click.option(
    "--simplify",
    type=click.FloatRange(min=0, min_open=True),
    metavar="METRES",
    help="Simplify lines by so many metres; lengths stay as measured before. Says what it cost.",
)
@click.option("--edit", is_flag=True, help="With qgis: a project alone, TARGET.qgz, to edit the atlas's own nodes and links with.")
@click.option("--force", is_flag=True, help="Replace what stands at TARGET.")
@json_option
@pass_atlas
@built_first
def export(atlas: Atlas, /, *, form: str, output: Path, names: list[str] | None, as_json: bool, **options: Any) -> None:
    """Write layers in a format that other programs read.

    \b
    One file:    gpkg .gpkg, kml .kml, kmz .kmz, topojson .topojson,
                 svg .svg, mvt .pmtiles, shapefile .zip, qgis --edit .qgz
    A folder:    qgis
    A folder with a file a layer, or one layer's file:
                 geojson .geojson, geojsonl .geojsonl, flatgeobuf .fgb,
                 geoparquet .parquet, csv .csv

    What a format cannot keep is reported on standard error, as a loss, and with --json.

    \b
    Examples:
      corridormap export gpkg -o atlas.gpkg
      corridormap export qgis -o atlas-qgis --lang ru
      corridormap export qgis --edit -o edit.qgz
      corridormap export geojson -o layers --simplify 500
      corridormap export geoparquet -o corridors.parquet --layers corridors
      corridormap export shapefile -o atlas.zip --crs EPSG:32642
      corridormap export mvt -o atlas.pmtiles --force --json
    """
    from corridormap.export import export as write

    made = write(atlas, output, format=form, layers=names, **options)
    for note in made.notes:
        say(note, err=True)
    for loss in made.losses:
        say(f"loss: {loss}", err=True)
    if as_json:
        files = [{"path": str(file), "bytes": size} for file, size in made.files.items()]
        told = {"features": made.features, "losses": made.losses, "notes": made.notes}
        print_json({"format": made.format, "target": str(made.target), "files": files, **told})
    else:
        what = f"{counted(sum(made.features.values()), 'feature')} of {counted(len(made.features), 'layer')}"
        several = f" in {counted(len(made.files), 'file')}" if len(made.files) != 1 else ""
        say(f"wrote {made.target}: {what}, {sum(made.files.values()) / 1024:.0f} KB{several}")
