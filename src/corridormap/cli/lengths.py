"""``corridormap lengths``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option, pass_atlas
from corridormap.cli.printing import print_records

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@click.option("--itinerary", metavar="ID", help="Only this corridor or route.")
@click.option("--sections", is_flag=True, help="Also every section, link by link.")
@json_option
@pass_atlas
def lengths(atlas: Atlas, *, itinerary: str | None, sections: bool, as_json: bool) -> None:
    """List measured lengths beside published ones, with source and reason.

    \b
    Examples:
      corridormap lengths
      corridormap lengths --itinerary rail-1-northern --sections
      corridormap lengths --json
    """
    from corridormap.derive.tables import lengths_table

    if itinerary is not None:
        atlas.route(itinerary)  # which says what itineraries there are
    rows = [
        row
        for row in lengths_table(atlas)
        if (itinerary is None or row["itinerary"] == itinerary) and (sections or row["kind"] != "section")
    ]
    columns = ["itinerary", "kind", "from", "to", "country", "measured_km", "published_km", "difference_percent", "source", "date"]
    print_records(rows, columns=columns, as_json=as_json)
