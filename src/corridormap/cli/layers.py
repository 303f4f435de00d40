"""``corridormap layers``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option, lang_option, pass_atlas
from corridormap.cli.printing import print_records

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@lang_option("Language of the names.")
@json_option
@pass_atlas
def layers(atlas: Atlas, *, lang: str | None, as_json: bool) -> None:
    """List the layers of the atlas.

    \b
    Examples:
      corridormap layers
      corridormap layers --lang kk --json
    """
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
