"""``corridormap build``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a built file differs from what the facts give.")
@json_option
@click.pass_obj
def build(geodata: Path | None, *, check: bool, as_json: bool) -> None:
    """Make the layers and tables from the facts.

    \b
    Examples:
      corridormap build
      corridormap build --check
    """
    from corridormap.atlas import Atlas
    from corridormap.build import stale_layers, write_layers

    atlas = Atlas.open(geodata)
    changed = stale_layers(atlas) if check else write_layers(atlas)
    if as_json:
        click.echo(json.dumps({"stale" if check else "written": [str(path) for path in changed]}, indent=2))
    else:
        for path in changed:
            click.echo(f"{path}: differs from what the facts give" if check else f"wrote {path}")
        verb = "differ" if check else "changed"
        click.echo(f"{len(changed)} files {verb}" + ("; run `corridormap build`" if check and changed else ""))
    if check and changed:
        raise SystemExit(1)
