"""What lies near: ``corridormap measure catchment`` and ``nearest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.options import pass_atlas
from corridormap.cli.results import crs_option, naming, places_option, points_of, read_file, result_options, show, with_own

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@click.argument("target")
@click.option("--km", type=click.FloatRange(min=0, min_open=True, max=1000), required=True, help="How far from the line, up to 1000.")
@click.option("--places", metavar="FILE", help="File of points to look for.  [default: the atlas's places]")
@click.option("--list", "listed", is_flag=True, help="List the places, the nearest first, not the ground.")
@crs_option
@result_options(geometry=True)
@pass_atlas
def catchment(atlas: Atlas, /, *, target: str, km: float, places: str | None, listed: bool, crs: str | None, **how: Any) -> None:
    """Measure the ground near a corridor, line or place, and the places on it.

    TARGET may be a place of the atlas too, by a node's id or its name in any language, or a file of points.

    \b
    Examples:
      corridormap measure catchment 1 --km 50
      corridormap measure catchment Karaganda --km 50 --list
      corridormap measure catchment 1 --km 50 -o ground.geojson
      corridormap measure catchment pipeline.kml --km 10 --places towns.gpkg --list --csv
    """
    from corridormap.measure import catchment as ground
    from corridormap.measure import places_within
    from corridormap.measure.inputs import is_file

    line = read_file(target, "line", crs) if is_file(target) or Path(target).exists() else target
    points = None if places is None else read_file(places, "point", crs)
    if listed:
        near = places_within(line, km=km, places=points, atlas=atlas)
        show(near, columns=[*naming(atlas, near), "way", "km", "offset_m", "side"], **how)
        return
    drawn = ground(line, km=km, places=points, atlas=atlas)
    drawn["target"] = target
    show(drawn, columns=["target", "distance_km", "area_km2", "places"], **how)


@click.command()
@click.argument("file", required=False)
@places_option("A place; repeat for more.")
@click.option("--corridor", "corridors", multiple=True, metavar="CORRIDOR", help="Look at these only; repeat for more.")
@crs_option
@result_options(geometry=True)
@pass_atlas
def nearest(
    atlas: Atlas, /, *, file: str | None, places: list[tuple[float, float]], corridors: tuple[str, ...], crs: str | None, **how: Any
) -> None:
    """Find the corridor nearest to each point of FILE, or to a place.

    Without --corridor, of the numbered corridors, or of all if none has a number. Points keep their properties; with -o the nearest points
    of the corridors are written.

    \b
    Examples:
      corridormap measure nearest --at 73.1,49.8
      corridormap measure nearest towns.gpkg --csv
      corridormap measure nearest towns.gpkg --corridor 1 --corridor 2 -o feet.geojson
    """
    from corridormap.measure import nearest as found_for

    if (file is None) == (not places):
        raise click.UsageError("give either FILE or --at.")
    given = points_of(file, places, crs)
    table = with_own(found_for(given, corridors=corridors or None, atlas=atlas), given)
    show(table, columns=[*naming(atlas, given), "corridor", "way", "km", "offset_m", "side", "lon", "lat"], **how)
