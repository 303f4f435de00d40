"""``corridormap measure`` and ``corridormap locate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.options import pass_atlas
from corridormap.cli.results import lines_of, named_or_file, read_file, result_options, show

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas

crs_option = click.option("--crs", metavar="CRS", help="CRS of files that name none, such as EPSG:4326 for longitude and latitude.")


def _places(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> list[tuple[float, float]]:
    places = []
    for text in value:
        try:
            lon, lat = (float(part) for part in text.split(","))
        except ValueError:
            raise click.BadParameter(f"{text!r} is no LON,LAT; for instance 73.1,49.8") from None
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise click.BadParameter(f"{text} is no place: longitude comes first, in degrees")
        places.append((lon, lat))
    return places


@click.command()
@click.argument("corridor")
@click.option("--km", "kilometres", type=float, multiple=True, metavar="K", help="Kilometre from the start; repeat for more.")
@click.option("--at", "places", multiple=True, metavar="LON,LAT", callback=_places, help="A place near the corridor; repeat for more.")
@click.option("--way", type=click.IntRange(min=0), default=0, show_default=True, help="Which way of the corridor: 0 is the main one.")
@crs_option
@result_options(geometry=True)
@pass_atlas
def locate(
    atlas: Atlas, /, *, corridor: str, kilometres: list[float], places: list[tuple[float, float]], way: int, crs: str | None, **how: Any
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

    from corridormap.measure import chainage
    from corridormap.measure import locate as placed

    if bool(kilometres) == bool(places):
        raise click.UsageError("give either --km or --at.")
    line = named_or_file(atlas, corridor, crs)
    if kilometres:
        table = placed(line, km=list(kilometres), atlas=atlas, way=way)
        columns = ["km", "lon", "lat", "country"]
    else:
        table = chainage(line, points=shapely.points(places), atlas=atlas, way=way)
        columns = ["km", "offset_m", "side", "lon", "lat"]
    columns += ["before", "before_km", "after", "after_km"]
    show(table, columns=[name for name in columns if name in {*table.columns, "lon", "lat"}], **how)


@click.group()
def measure() -> None:
    """Measure corridors, or lines of your own, on the ellipsoid.

    Where it says TARGET, give a corridor's id or number, or a file of lines in any format that GDAL reads; FILE:LAYER names one of its
    layers.

    \b
    Examples:
      corridormap measure lengths tracks.gpx
      corridormap measure by 3 --by country
      corridormap measure shared 1 2
      corridormap measure crossings 4 7 -o crossings.geojson
      corridormap measure catchment 1 --km 50 --list --csv
      corridormap measure border
      corridormap measure route Almaty-1 Mangystau --json
    """


@measure.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--ellipsoid", default="WGS84", show_default=True, metavar="NAME", help="One that PROJ knows.")
@crs_option
@result_options(geometry=True)
@pass_atlas
def lengths(atlas: Atlas, /, *, targets: tuple[str, ...], ellipsoid: str, crs: str | None, **how: Any) -> None:
    """List the length of each way of corridors, or of each line of files.

    Without TARGET, the numbered corridors. A way that reverses counts its approach twice, as a train's odometer does.

    \b
    Examples:
      corridormap measure lengths
      corridormap measure lengths 1 2 --csv
      corridormap measure lengths roads.gpkg --ellipsoid krass --json
      corridormap measure lengths roads.gpkg -o measured.geojson
    """
    import pandas as pd

    from corridormap.measure import lengths as measured
    from corridormap.measure.alignments import chosen

    frames = [lines_of(atlas, target, crs) for target in targets or chosen(atlas, None)]
    tables = [measured(frame, ellipsoid=ellipsoid) for frame in frames]
    rows = [
        frame.drop(columns="length_km", errors="ignore").to_crs("EPSG:4326").assign(length_km=table["length_km"].to_numpy())
        for frame, table in zip(frames, tables, strict=True)
    ]
    frame = pd.concat(rows, ignore_index=True)
    frame.attrs = tables[0].attrs
    columns = [name for name in ("target", "id", "from", "to", "length_km") if name in frame]
    show(frame, columns=columns, total="length_km", **how)


@measure.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--by", "column", required=True, metavar="PROPERTY", help="Property of the lines, or with --areas of the areas.")
@click.option("--areas", metavar="FILE", help="File of polygons to split the lines at.")
@crs_option
@result_options(geometry=False)
@pass_atlas
def by(atlas: Atlas, /, *, targets: tuple[str, ...], column: str, areas: str | None, crs: str | None, **how: Any) -> None:
    """Split lengths by a property, or by the areas the lines run through.

    A corridor's links have the properties country, mode, status and accuracy_m. Each counts once, however many of the corridors use it.

    \b
    Examples:
      corridormap measure by 3 --by country
      corridormap measure by roads.gpkg --by surface --csv
      corridormap measure by 1 2 roads.gpkg --areas regions.geojson --by name --json
    """
    import pandas as pd

    from corridormap.measure import lengths_by

    frames = [lines_of(atlas, target, crs, links=True).to_crs("EPSG:4326") for target in targets]
    # A link that several of the corridors use is there once.
    lines = pd.concat(frames)
    lines = lines[~(lines.index.duplicated() & lines.index.isin(atlas.links.index))]
    table = lengths_by(lines, by=column, areas=None if areas is None else read_file(areas, "area", crs))
    show(table, columns=[column, "length_km", "share"], **how)


@measure.command()
@click.argument("corridors", nargs=-1, metavar="[CORRIDOR]...")
@click.option("--matrix", is_flag=True, help="Kilometres that each pair shares; on the diagonal a corridor's own.")
@result_options(geometry=True)
@pass_atlas
def shared(atlas: Atlas, /, *, corridors: tuple[str, ...], matrix: bool, **how: Any) -> None:
    """List the track that several corridors use.

    Without CORRIDOR, of all numbered corridors.

    \b
    Examples:
      corridormap measure shared
      corridormap measure shared 1 2 5 -o shared.geojson
      corridormap measure shared --matrix --csv
    """
    from corridormap.measure import shared_matrix, shared_track

    if matrix:
        if how["output"] is not None:
            raise click.UsageError("a matrix has no geometry: leave out -o, or --matrix.")
        table = shared_matrix(corridors or None, atlas=atlas).add_suffix("_km")
        table.insert(0, "corridor", table.index)
        show(table, columns=list(table.columns), **how)
        return
    track = shared_track(corridors or None, atlas=atlas)
    columns = ["link", "mode", "country", "length_km", "count", "corridors"]
    show(track[track["count"] > 1], columns=columns, total="length_km", **how)


@measure.command()
@click.argument("first", metavar="TARGET")
@click.argument("second", metavar="TARGET")
@crs_option
@result_options(geometry=True)
@pass_atlas
def crossings(atlas: Atlas, /, *, first: str, second: str, crs: str | None, **how: Any) -> None:
    """List where two corridors or lines cross, and where they overlap.

    \b
    Examples:
      corridormap measure crossings 4 7
      corridormap measure crossings 1 pipelines.shp --csv
      corridormap measure crossings roads.gpkg:main rails.geojson -o crossings.geojson
    """
    from corridormap.measure import crossings as met

    table = met(named_or_file(atlas, first, crs), second=named_or_file(atlas, second, crs), atlas=atlas)
    columns = ["kind", "way_a", "km_a", "to_km_a", "way_b", "km_b", "to_km_b", "angle_deg", "length_km"]
    show(table, columns=columns, **how)


@measure.command()
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
    from corridormap.measure.reading import is_file

    line = read_file(target, "line", crs) if is_file(target) or Path(target).exists() else target
    points = None if places is None else read_file(places, "point", crs)
    if listed:
        near = places_within(line, km=km, places=points, atlas=atlas)
        shown = [name for name in ("id", "name", *(f"name_{lang}" for lang in atlas.languages)) if name in near]
        show(near, columns=[*shown, "way", "km", "offset_m", "side"], **how)
        return
    drawn = ground(line, km=km, places=points, atlas=atlas)
    drawn["target"] = target
    show(drawn, columns=["target", "distance_km", "area_km2", "places"], **how)


@measure.command()
@click.argument("file", required=False)
@click.option("--feature", metavar="ID", help="Which feature.  [default: the longest]")
@click.option(
    "--tolerance", "tolerances", type=click.FloatRange(min=0), multiple=True, metavar="METRES", help="Detail to leave out; repeat for more."
)
@crs_option
@result_options(geometry=False)
@pass_atlas
def border(atlas: Atlas, /, *, file: str | None, feature: str | None, tolerances: tuple[float, ...], crs: str | None, **how: Any) -> None:
    """Show how the length of a border depends on its detail.

    Measures the atlas's layer “border”, or the lines of FILE.

    \b
    Examples:
      corridormap measure border
      corridormap measure border coast.geojson --tolerance 0 --tolerance 10000
      corridormap measure border --csv
    """
    from corridormap.measure import length_by_tolerance
    from corridormap.measure.generalise import TOLERANCES_M

    frame = atlas.layer("border") if file is None else lines_of(atlas, file, crs)
    line = _feature(frame, feature)
    table = length_by_tolerance(line, tolerances_m=tolerances or TOLERANCES_M)
    name = str(line["id"].iloc[0])
    table.attrs["feature"] = name
    words = _explained(table, name, line.get("length_official_km"))
    show(table, columns=["tolerance_m", "vertices", "length_km", "of_full"], words=words, **how)


@measure.command()
@click.argument("start")
@click.argument("end")
@click.option("--mode", metavar="MODE", help="rail, road or sea alone.  [default: all, with transfers]")
@click.option("--without", multiple=True, metavar="LINK", help="A link that is closed; repeat for more.")
@click.option("--planned", is_flag=True, help="Use links that are only planned, too.")
@result_options(geometry=True)
@pass_atlas
def route(atlas: Atlas, /, *, start: str, end: str, mode: str | None, without: tuple[str, ...], planned: bool, **how: Any) -> None:
    """Find the shortest way from START to END over the atlas's network.

    Both are nodes, by id or by name in any language; exit 1 if no way joins them.

    \b
    Examples:
      corridormap measure route Almaty-1 Mangystau
      corridormap measure route saryagash oral --without rail:shalkar-kandyagash
      corridormap measure route dostyk petropavl --mode rail -o way.geojson
    """
    from corridormap.measure import route as found

    way = found(start, end=end, mode=mode, without=without, planned=planned, atlas=atlas)
    words = f"{way.attrs['length_km']:.1f} km; borders crossed: {', '.join(way.attrs['borders']) or 'none'}"
    show(way, columns=["from_km", "to_km", "link", "from", "to", "mode", "country", "corridors", "border", "only_way"], words=words, **how)


def _feature(frame: GeoDataFrame, feature: str | None) -> GeoDataFrame:
    from corridormap.errors import DataError, UsageError
    from corridormap.measure import lengths as measured

    if feature is not None:
        chosen = frame[frame["id"].astype(str) == feature]
        if chosen.empty:
            raise UsageError(f"no feature {feature!r}", hint="Features are: " + ", ".join(map(str, frame["id"].iloc[:20])) + ".")
        return chosen
    km = measured(frame)["length_km"].reset_index(drop=True)
    if km.isna().all():
        raise DataError("holds no line", where="the border", hint="For areas, measure their boundary.")
    return frame.iloc[[int(km.argmax())]]


def _explained(table: Any, name: str, official: pd.Series[Any] | None) -> str:
    first, last = table.iloc[0], table.iloc[-1]
    words = [f"{name}: {first.length_km:.1f} km " + (f"to {first.tolerance_m:g} m" if first.tolerance_m else "as drawn")]
    if len(table) > 1:
        words.append(f"{last.length_km:.1f} km without detail below {last.tolerance_m / 1000:g} km")
    if official is not None and official.notna().iloc[0]:
        words.append(f"{float(official.iloc[0]):g} km officially")
    text = "; ".join(words) + ".\nThe more detail a map keeps, the longer its border: "
    text += "figures from maps of different detail need not contradict each other."
    dimension = table.attrs["dimension"]
    if dimension == dimension:  # noqa: PLR0124  NaN
        text += f"\nEach halving of the tolerance adds about {100 * (2 ** (dimension - 1) - 1):.1f} % (dimension {dimension:.3f})."
    return text
