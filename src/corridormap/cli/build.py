"""``corridormap build``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option, pass_atlas
from corridormap.cli.printing import print_json, say
from corridormap.phrases import counted

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a built file differs from what the facts give.")
@json_option
@pass_atlas
def build(atlas: Atlas, *, check: bool, as_json: bool) -> None:
    """Make the layers and tables from the facts.

    \b
    Examples:
      corridormap build
      corridormap build --check
    """
    from corridormap.derive import stale_layers, write_layers

    changed = stale_layers(atlas) if check else write_layers(atlas)
    if as_json:
        print_json({"stale" if check else "written": [str(path) for path in changed]})
    else:
        for path in changed:
            say(f"{path}: differs from what the facts give" if check else f"wrote {path}")
        say(
            f"{counted(len(changed), 'file')} {'out of step' if check else 'changed'}"
            + ("; run `corridormap build`" if check and changed else "")
        )
    if check and changed:
        raise SystemExit(1)
