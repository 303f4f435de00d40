"""``corridormap measure``: ``lengths``, ``by``, ``border``, and what lines share: ``shared``, ``crossings``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.results import crs_option, lines_of, named_or_file, read_file, result_options, show
from corridormap.cli.shared import pass_atlas
from corridormap.phrases import meant

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--ellipsoid", default="WGS84", show_default=True, metavar="NAME", help="One that PROJ knows.")
@crs_option
@result_options(geometry=True)
@pass_atlas
def lengths(atlas: Atlas, /, *, targets: tuple[str, ...], ellipsoid: str, crs: str | None, **how: Any) -> None:
    """List the length of each way of corridors, or of each line of files.

    Without TARGET, the numbered corridors, or all if none has a number. A way that reverses counts its approach twice, as a train's
    odometer does.

    \b
    Examples:
      corridormap measure lengths
      corridormap measure lengths 1 2 --csv
      corridormap measure lengths roads.gpkg --ellipsoid krass --json
      corridormap measure lengths roads.gpkg -o measured.geojson
    """
    import pandas as pd

    from corridormap.errors import UsageError
    from corridormap.measure import lengths as measured
    from corridormap.measure.alignments import chosen

    frames = [lines_of(atlas, target, crs) for target in targets or chosen(atlas, None)]
    if not frames:
        raise UsageError("the atlas has no corridor yet", hint="Name a file of lines, or add a corridor to corridors.toml.")
    tables = [measured(frame, ellipsoid=ellipsoid) for frame in frames]
    rows = [
        frame.drop(columns="length_km", errors="ignore").to_crs("EPSG:4326").assign(length_km=table["length_km"].to_numpy())
        for frame, table in zip(frames, tables, strict=True)
    ]
    frame = pd.concat(rows, ignore_index=True)
    frame.attrs = tables[0].attrs
    columns = [name for name in ("target", "id", "from", "to", "length_km") if name in frame]
    show(frame, columns=columns, total="length_km", **how)


@click.command()
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


@click.command()
@click.argument("corridors", nargs=-1, metavar="[CORRIDOR]...")
@click.option("--matrix", is_flag=True, help="Kilometres that each pair shares; on the diagonal a corridor's own.")
@result_options(geometry=True)
@pass_atlas
def shared(atlas: Atlas, /, *, corridors: tuple[str, ...], matrix: bool, **how: Any) -> None:
    """List the track that several corridors use.

    Without CORRIDOR, of the numbered corridors, or of all if none has a number.

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


@click.command()
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


@click.command()
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


def _feature(frame: GeoDataFrame, feature: str | None) -> GeoDataFrame:
    from corridormap.errors import DataError, UsageError
    from corridormap.measure import lengths as measured

    if feature is not None:
        chosen = frame[frame["id"].astype(str) == feature]
        if chosen.empty:
            hint = meant(feature, frame["id"], f"Features are: {', '.join(map(str, frame['id'].iloc[:20]))}.")
            raise UsageError(f"no feature {feature!r}", hint=hint)
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
