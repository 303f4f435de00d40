"""``corridormap statements``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option, lang_option, pass_atlas
from corridormap.cli.printing import print_records

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@click.option("--about", metavar="ID", help="Only statements about this layer, corridor or feature.")
@lang_option("Language of the texts in the table.")
@json_option
@pass_atlas
def statements(atlas: Atlas, *, about: str | None, lang: str | None, as_json: bool) -> None:
    """List the claims the atlas keeps: who said what, and how it stands.

    \b
    Examples:
      corridormap statements
      corridormap statements --about north_south --lang ru
      corridormap statements --json
    """
    from corridormap.derive.tables import statements_table
    from corridormap.errors import UsageError
    from corridormap.geojson import split_list

    language = atlas.check_language(lang) if lang else atlas.languages[0]
    rows = [row for row in statements_table(atlas) if about is None or about in {row["about"], *split_list(row["features"])}]
    if about is not None and not rows:
        raise UsageError(f"no statement is about {about!r}", hint="`corridormap statements` lists all of them.")
    print_records(
        rows, columns=["id", "standing", "figure", "unit", "period", f"text_{language}"], as_json=as_json, wrap={f"text_{language}": 70}
    )
