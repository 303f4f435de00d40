"""Kilometres along a line, and what lies near it: ``corridormap locate``, ``measure cut``, ``events``, ``catchment``, ``nearest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.results import (
    crs_option,
    is_given_as_file,
    named_or_file,
    naming,
    places_option,
    points_of,
    read_file,
    result_options,
    show,
    with_own,
)
from corridormap.cli.shared import pass_atlas

if TYPE_CHECKING:
    from pathlib import Path

    from corridormap.atlas import Atlas

way_option = click.option(
    "--way", type=click.IntRange(min=0), default=0, show_default=True, help="Which way of the corridor: 0 is the main one."
)


@click.command()
@click.argument("corridor")
@click.option("--km", "kilometres", type=float, multiple=True, metavar="K", help="Kilometre from the start; repeat for more.")
@places_option("A place near the corridor; repeat for more.")
@click.option("--points", metavar="FILE", help="File of points near the corridor, in any format that GDAL reads.")
@way_option
@crs_option
@result_options(geometry=True)
@pass_atlas
def locate(
    atlas: Atlas,
    /,
    *,
    corridor: str,
    kilometres: list[float],
    places: list[tuple[float, float]],
    points: str | None,
    way: int,
    crs: str | None,
    **how: Any,
) -> None:
    """Find the place at a kilometre of CORRIDOR, or the kilometre nearest to a place.

    CORRIDOR is an id or a number, or a file with one line. Points of a file keep their properties.

    \b
    Examples:
      corridormap locate rail-1-northern --km 400
      corridormap locate 1 --km 0 --km 100 -o posts.geojson
      corridormap locate 1 --at 73.1,49.8 --json
      corridormap locate 1 --points works.gpkg --csv
    """
    from corridormap.measure import chainage
    from corridormap.measure import locate as placed

    if sum(map(bool, (kilometres, places, points))) != 1:
        raise click.UsageError("give one of --km, --at or --points.")
    line = named_or_file(atlas, corridor, crs)
    if kilometres:
        table = placed(line, km=list(kilometres), atlas=atlas, way=way)
        columns = ["km", "lon", "lat", "country"]
    else:
        given = points_of(points, places, crs)
        table = with_own(chainage(line, points=given, atlas=atlas, way=way), given)
        columns = [*naming(atlas, given), "km", "offset_m", "side", "lon", "lat"]
    columns += ["before", "before_km", "after", "after_km"]
    show(table, columns=[name for name in columns if name in {*table.columns, "lon", "lat"}], **how)


@click.command()
@click.argument("target")
@click.option("--from", "from_km", type=float, required=True, metavar="K", help="Kilometre where the stretch begins.")
@click.option("--to", "to_km", type=float, required=True, metavar="K", help="Kilometre where it ends; a lesser one makes it run backwards.")
@way_option
@crs_option
@result_options(geometry=True)
@pass_atlas
def cut(atlas: Atlas, /, *, target: str, crs: str | None, from_km: float, to_km: float, way: int, **how: Any) -> None:
    """Cut a stretch out of a corridor or line.

    One row a country that it runs through, and a piece between gaps.

    \b
    Examples:
      corridormap measure cut 7 --from 600 --to 700 -o works.geojson
      corridormap measure cut track.gpx --from 12 --to 4.5 --json
    """
    from corridormap.measure import cut as cut_out

    table = cut_out(named_or_file(atlas, target, crs), from_km=from_km, to_km=to_km, atlas=atlas, way=way)
    show(table, columns=[name for name in ("from_km", "to_km", "length_km", "country") if name in table], total="length_km", **how)


@click.command()
@click.argument("arguments", nargs=-1, required=True, metavar="[TARGET] FILE")
@click.option("--route", metavar="COLUMN", help="Column with the corridor that each row speaks of, in place of TARGET.")
@click.option("--from", "from_km", default="from_km", show_default=True, metavar="COLUMN", help="Column with the kilometre of the start.")
@click.option("--to", "to_km", default="to_km", show_default=True, metavar="COLUMN", help="Column with that of the end.")
@click.option("--lenient", is_flag=True, help="Leave rows that are not on the line without a length, instead of refusing them.")
@way_option
@crs_option
@result_options(geometry=True)
@pass_atlas
def events(
    atlas: Atlas, /, *, arguments: tuple[str, ...], route: str | None, crs: str | None, lenient: bool, as_json: bool, as_csv: bool,
    output: Path | None, **where: Any,
) -> None:  # fmt: skip
    """Lay the stretches of a table on a corridor or line: works, speed limits, budgets.

    FILE is a table, CSV or a sheet (.xlsx, .ods), with a row each; semicolons and decimal commas will do. Where both kilometres are the
    same the event is a point.

    \b
    Examples:
      corridormap measure events 7 works.csv -o works.geojson
      corridormap measure events works.csv --route corridor --csv
      corridormap measure events 1 limits.csv --from start --to end --json
    """
    from corridormap.measure import events as laid

    if len(arguments) != (2 if route is None else 1):
        raise click.UsageError("give TARGET and FILE, or FILE and --route.")
    line = named_or_file(atlas, arguments[0], crs) if route is None else None
    found = laid(line, table=arguments[-1], route=route, errors="coerce" if lenient else "raise", atlas=atlas, **where)
    columns = [name for name in found.columns if name != "geometry"]
    show(found, columns=columns, total="length_km", as_json=as_json, as_csv=as_csv, output=output)


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

    line = read_file(target, "line", crs) if is_given_as_file(target) else target
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
