"""``corridormap measure`` and ``corridormap locate``."""

from __future__ import annotations

import click

from corridormap.cli.measure.lengths import border, by, crossings, lengths, shared
from corridormap.cli.measure.network import closure, isochrone, load, route
from corridormap.cli.measure.referencing import catchment, cut, events, locate, nearest

__all__ = ["locate", "measure"]


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
      corridormap measure events 7 works.csv -o works.geojson
      corridormap measure border
      corridormap measure route Almaty-1 Mangystau --json
    """


for command in (lengths, by, border, shared, crossings, cut, events, nearest, catchment, route, closure, isochrone, load):
    measure.add_command(command)
