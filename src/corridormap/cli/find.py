"""``corridormap find``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option, pass_atlas
from corridormap.cli.printing import print_records

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@click.argument("text")
@json_option
@pass_atlas
def find(atlas: Atlas, *, text: str, as_json: bool) -> None:
    """Find features by any of their names, old and new, in any language; exit 1 if there is none.

    \b
    Examples:
      corridormap find Uralsk
      corridormap find "Қызылорда" --json
    """
    from corridormap.search import find as search

    records = search(atlas, text=text)
    columns = ["layer", "id", *(f"name_{lang}" for lang in atlas.languages), "match", "lon", "lat"]
    if records or as_json:
        print_records(records, columns=columns, as_json=as_json)
    if not records:
        click.echo(f"no feature is called {text!r}; part of a name will do", err=True)
        raise SystemExit(1)
