"""``corridormap layers``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option, lang_option
from corridormap.cli.printing import print_records

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@lang_option("Language of the names.")
@json_option
@click.pass_obj
def layers(geodata: Path | None, *, lang: str | None, as_json: bool) -> None:
    """List the layers of the atlas.

    \b
    Examples:
      corridormap layers
      corridormap layers --lang kk --json
    """
    from corridormap.atlas import Atlas

    atlas = Atlas.open(geodata)
    language = atlas.check_language(lang) if lang else atlas.languages[0]
    records = [
        {
            "id": layer.id,
            "name": atlas.text(layer.name, language),
            "features": len(atlas.layer(layer.id)),
            "geometry": layer.geometry,
            "licence": layer.licence,
            "file": str(atlas.layer_path(layer.id)),
        }
        for layer in atlas.layers
    ]
    print_records(records, columns=["id", "name", "features", "geometry", "licence"], as_json=as_json)
