"""``corridormap locate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.measure import crs_option, named_or_file
from corridormap.cli.results import Result, result_options, show

if TYPE_CHECKING:
    from pathlib import Path


def _places(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> list[tuple[float, float]]:
    del ctx
    places = []
    for text in value:
        try:
            lon, lat = (float(part) for part in text.split(","))
        except ValueError:
            raise click.BadParameter(f"{text!r} is no LON,LAT; for instance 73.1,49.8", param=param) from None
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise click.BadParameter(f"{text} is no place: longitude comes first, in degrees", param=param)
        places.append((lon, lat))
    return places


@click.command()
@click.argument("corridor")
@click.option("--km", "kilometres", type=float, multiple=True, metavar="K", help="Kilometre from the start; repeat for more.")
@click.option("--at", "places", multiple=True, metavar="LON,LAT", callback=_places, help="A place near the corridor; repeat for more.")
@click.option("--way", type=click.IntRange(min=0), default=0, show_default=True, help="Which way of the corridor: 0 is the main one.")
@crs_option
@result_options(geometry=True)
@click.pass_obj
def locate(
    geodata: Path | None,
    /,
    *,
    corridor: str,
    kilometres: tuple[float, ...],
    places: list[tuple[float, float]],
    way: int,
    crs: str | None,
    **how: Any,
) -> None:
    """Find the place at a kilometre of CORRIDOR, or the kilometre nearest to a place.

    CORRIDOR is an id or a number, or a file with one line.

    \b
    Examples:
      corridormap locate rail-1-northern --km 400
      corridormap locate 1 --km 0 --km 100 -o posts.geojson
      corridormap locate 1 --at 73.1,49.8 --json
    """
    import shapely

    from corridormap.atlas import Atlas
    from corridormap.measure import chainage
    from corridormap.measure import locate as placed

    if bool(kilometres) == bool(places):
        raise click.UsageError("give either --km or --at.")
    atlas = Atlas.open(geodata)
    line = named_or_file(atlas, corridor, crs)
    around = ["before", "before_km", "after", "after_km"]
    if kilometres:
        table = placed(line, km=list(kilometres), atlas=atlas, way=way)
        columns = ["km", "lon", "lat", "country", *around]
    else:
        table = chainage(line, points=shapely.points(places), atlas=atlas, way=way)
        columns = ["km", "offset_m", "side", "lon", "lat", *around]
    show(Result(table, columns=[name for name in columns if name in {*table.columns, "lon", "lat"}]), **how)
