"""``corridormap export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.options import json_option, lang_option, layers_option, pass_atlas
from corridormap.cli.printing import print_json, say

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


def _format(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from corridormap.errors import UsageError
    from corridormap.export import find_format

    del ctx
    try:
        return find_format(value).name
    except UsageError as error:
        raise click.BadParameter(error.message, param=param) from None


@click.command(no_args_is_help=True)
@click.argument("form", metavar="FORMAT", callback=_format)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="TARGET",
    help="File or folder to write. Its parent folder must exist.",
)
@layers_option("Layers to export.  [default: all]")
@lang_option("Language of titles, labels and descriptions; names in every language are kept.")
@click.option("--crs", default="EPSG:4326", show_default=True, metavar="CRS", help="CRS of the coordinates, where the format has a choice.")
@click.option(
    "--simplify",
    type=click.FloatRange(min=0, min_open=True),
    metavar="METRES",
    help="Simplify lines by so many metres; lengths stay as measured before. Says what it cost.",
)
@click.option("--force", is_flag=True, help="Replace what stands at TARGET.")
@json_option
@pass_atlas
def export(atlas: Atlas, /, *, form: str, target: Path, names: list[str] | None, as_json: bool, **options: Any) -> None:
    """Write layers in a format that other programs read.

    \b
    One file:    gpkg .gpkg, kml .kml, kmz .kmz, topojson .topojson,
                 svg .svg, mvt .pmtiles, shapefile .zip
    A folder:    qgis
    A folder with a file a layer, or one layer's file:
                 geojson .geojson, geojsonl .geojsonl, flatgeobuf .fgb,
                 geoparquet .parquet, csv .csv

    What a format cannot keep is reported on standard error, as a loss, and with --json.

    \b
    Examples:
      corridormap export gpkg -o atlas.gpkg
      corridormap export qgis -o atlas-qgis --lang ru
      corridormap export geojson -o layers --simplify 500
      corridormap export geoparquet -o corridors.parquet --layers corridors
      corridormap export shapefile -o atlas.zip --crs EPSG:32642
      corridormap export mvt -o atlas.pmtiles --force --json
    """
    from corridormap.export import export as write

    made = write(atlas, target, format=form, layers=names, **options)
    for note in made.notes:
        say(note, err=True)
    for loss in made.losses:
        say(f"loss: {loss}", err=True)
    if as_json:
        result = {
            "format": made.format,
            "target": str(made.target),
            "files": [{"path": str(file), "bytes": size} for file, size in made.files.items()],
            "features": made.features,
            "losses": made.losses,
            "notes": made.notes,
        }
        print_json(result)
    else:
        size = sum(made.files.values())
        files = "" if len(made.files) == 1 else f" in {len(made.files)} files"
        say(f"wrote {made.target}: {sum(made.features.values())} features of {len(made.features)} layers, {size / 1024:.0f} KB{files}")
