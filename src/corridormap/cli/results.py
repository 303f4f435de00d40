"""What the measuring commands share: targets that are corridors or files, and results as table, JSON, CSV and GeoJSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.shared import json_option, output_option, print_json, print_records, say
from corridormap.phrases import counted, meant

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas

UNITS = {"_km": 3, "_m": 1, "_km2": 1, "_deg": 1}
"""Decimals of figures, by the unit at the end of a column's name."""
DECIMALS = {
    "hours": 2,
    "share": 4,
    "of_full": 4,
    "main": 4,
    "building": 4,
    "km": 3,
    "km_a": 3,
    "km_b": 3,
    "to_km_a": 3,
    "to_km_b": 3,
    "lon": 6,
    "lat": 6,
}
"""Decimals of figures whose column names no unit at its end."""


crs_option = click.option("--crs", metavar="CRS", help="CRS of files that name none, such as EPSG:4326 for longitude and latitude.")


def place(text: str) -> tuple[float, float]:
    """Read the type of an option: LON,LAT in degrees."""
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is no LON,LAT; for instance 73.1,49.8") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise click.BadParameter(f"{text} is no place: longitude comes first, in degrees")
    return lon, lat


def places_option(text: str) -> Callable[[Any], Any]:
    """``--at LON,LAT``, as often as one likes."""
    return click.option("--at", "places", multiple=True, metavar="LON,LAT", type=place, help=text)


def result_options(*, geometry: bool) -> Callable[[Any], Any]:
    """``--json``, ``--csv``, and where there is geometry ``-o FILE``."""

    def decorate(command: Any) -> Any:
        if geometry:
            command = output_option("Also write the result as GeoJSON.", metavar="FILE")(command)
        return json_option(click.option("--csv", "as_csv", is_flag=True, help="Print the result as CSV.")(command))

    return decorate


def show(
    frame: pd.DataFrame,
    *,
    columns: Sequence[str],
    words: str = "",
    total: str | None = None,
    as_json: bool,
    as_csv: bool,
    output: Path | None = None,
) -> None:
    """Print a result, and write its geometry if asked.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame
        One row a result; ``attrs`` say how it was measured.
    columns : sequence of str
        Those that the table shows; JSON and CSV have all.
    words : str
        What to say below the table.
    total : str, optional
        A column to add up below the table.
    as_json, as_csv, output
        As the user wants it: see `result_options`.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv contradict each other.")
    rows = records_of(frame)
    if output is not None and rows:
        _write(frame, rows, output)
    attrs = {name: value for name, value in frame.attrs.items() if value == value}  # noqa: PLR0124  NaN
    if as_json:
        print_json({"rows": rows, **attrs})
        return
    if as_csv:
        from corridormap.derive.tables import to_csv

        click.echo(to_csv(rows, columns=[name for name in frame.columns if name != "geometry"]), nl=False)
        if "note" in attrs:
            say(f"note: {attrs['note']}", err=True)
        return
    print_records(texts_of(rows), columns=columns, as_json=False, wrap={"corridors": 40})
    if total is not None:
        say(f"{counted(len(rows), 'row')}, {sum(row[total] or 0.0 for row in rows):.1f} km in all")
    for line in (words, *(f"{name}: {attrs[name]}" for name in ("method", "note") if name in attrs)):
        if line:
            click.echo(line)
    if output is not None:
        say(f"{counted(len(rows), 'feature')} → {output}" if rows else "nothing to write")


def is_given_as_file(target: str) -> bool:
    """Tell whether a target is the path of a file, or is meant as one."""
    from corridormap.measure.inputs import is_file

    return is_file(target) or Path(target).exists()


def is_corridor(atlas: Atlas, target: str) -> bool:
    """Tell whether a target is the id or number of a corridor; if it cannot be a file either, say so.

    Raises
    ------
    UsageError
        If it is neither.
    """
    from corridormap.errors import UsageError
    from corridormap.measure.alignments import itinerary_of

    if itinerary_of(atlas, target) in atlas.itineraries:
        return True
    if not is_given_as_file(target):
        hint = meant(target, atlas.itineraries, f"Corridors and routes are: {', '.join(atlas.itineraries)}.")
        raise UsageError(f"{target!r} is neither a corridor nor a file", hint=hint)
    return False


def lines_of(atlas: Atlas, target: str, crs: str | None, *, links: bool = False) -> GeoDataFrame:
    """Read a corridor's ways, or its links each once, or the lines of a file; each row with the ``target`` and an ``id``."""
    import geopandas as gpd
    import shapely

    from corridormap.measure.alignments import alignments, itinerary_of
    from corridormap.measure.itineraries import links_once

    if not is_corridor(atlas, target):
        frame = read_file(target, "line", crs)
        frame["target"] = target
        if "id" not in frame:
            frame["id"] = [str(number) for number in range(len(frame))]
        return frame
    name = itinerary_of(atlas, target)
    if links:
        return atlas.links.loc[[link.id for link in links_once(atlas, atlas.route(name))]].assign(target=name)
    lines = alignments(name, atlas=atlas)
    ends = [line.nodes["node"].iloc[[0, -1]] for line in lines]
    ways = [{"target": name, "id": f"{name}/{way}", "from": start, "to": end} for way, (start, end) in enumerate(ends)]
    return gpd.GeoDataFrame(ways, geometry=[shapely.LineString(line.coordinates) for line in lines], crs="EPSG:4326")


def named_or_file(atlas: Atlas, target: str, crs: str | None) -> object:
    """Give the id of a corridor, or read the lines of a file."""
    return target if is_corridor(atlas, target) else read_file(target, "line", crs)


def points_of(file: str | None, places: Sequence[tuple[float, float]], crs: str | None) -> GeoDataFrame:
    """Read the points of a file, or make some of places in degrees."""
    import geopandas as gpd
    import shapely

    return gpd.GeoDataFrame(geometry=shapely.points(places), crs="EPSG:4326") if file is None else read_file(file, "point", crs)


def with_own(found: GeoDataFrame, given: GeoDataFrame) -> GeoDataFrame:
    """Put the properties of what was asked about before what was found for each row; figures found take the place of columns so called."""
    own = given.drop(columns=["geometry", *found.columns], errors="ignore")
    table = found.join(own)[[*own.columns, *found.columns]]
    table.attrs = found.attrs
    return table


def naming(atlas: Atlas, frame: pd.DataFrame) -> list[str]:
    """Give the columns by which a reader tells rows apart."""
    return [name for name in ("id", "name", f"name_{atlas.languages[0]}") if name in frame]


def read_file(name: str, kind: str, crs: str | None) -> GeoDataFrame:
    """Read a file, or one layer of it; see `corridormap.measure.inputs.read_frame`. `crs` is that of files that name none.

    Raises
    ------
    DataError
        If it cannot be read or names no CRS.
    UsageError
        If it has no such layer, or several might be meant, or there is no such CRS.
    """
    from pyproj.exceptions import CRSError

    from corridormap.errors import DataError, UsageError
    from corridormap.measure.inputs import read_frame

    frame = read_frame(name, kind=kind)
    if frame.crs is None:
        if crs is None:
            raise DataError("names no CRS", where=name, hint="Say it, for longitude and latitude: --crs EPSG:4326.")
        try:
            frame = frame.set_crs(crs)
        except CRSError:
            raise UsageError(f"no CRS {crs!r}", hint="For instance EPSG:4326.") from None
        if not (frame.crs.is_geographic or frame.crs.is_projected):
            raise UsageError(f"{crs} says nothing of where a place lies", hint="For instance EPSG:4326.")
    return frame


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Turn rows into plain values, figures rounded to what they are worth, points with their coordinates."""
    import shapely

    columns = {name: [_plain(name, value) for value in frame[name]] for name in frame.columns if name != "geometry"}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if "geometry" in frame and len(frame) and (shapely.get_type_id(frame.geometry.to_numpy()) == 0).any():
        for row, place in zip(rows, frame.geometry, strict=True):
            there = place is not None and place.geom_type == "Point" and not place.is_empty
            row.update({"lon": round(place.x, 6), "lat": round(place.y, 6)} if there else {"lon": None, "lat": None})
    return rows


def _plain(name: str, value: Any) -> Any:
    import math

    import numpy as np
    import pandas as pd

    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        decimals = _decimals(name)
        return None if not math.isfinite(value) else value if decimals is None else round(value, decimals)
    return value if isinstance(value, str | int | bool) else str(value)


def _decimals(name: str) -> int | None:
    """Give the decimals of a column of figures; None for one that is not ours."""
    return DECIMALS.get(name, next((decimals for unit, decimals in UNITS.items() if name.endswith(unit)), None))


def texts_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Write rows for the table: figures all with their decimals, so that they stand under each other."""

    def text(name: str, value: Any) -> Any:
        decimals = _decimals(name)
        return value if not isinstance(value, float) else f"{value:g}" if decimals is None else f"{value:.{decimals}f}"

    return [{name: text(name, value) for name, value in row.items()} for row in rows]


def _write(frame: pd.DataFrame, rows: list[dict[str, Any]], output: Path) -> None:
    import geopandas as gpd
    import pandas as pd

    from corridormap import geojson

    plain = pd.DataFrame(rows, dtype=object)[[name for name in rows[0] if name in frame.columns]]
    if "id" not in plain or plain["id"].isna().any() or plain["id"].duplicated().any():
        plain["id"] = [f"{output.stem}#{number}" for number in range(1, len(plain) + 1)]
    shapes = frame.geometry.to_crs("EPSG:4326").to_numpy()
    geojson.write(output, gpd.GeoDataFrame(plain, geometry=shapes, crs="EPSG:4326"))
