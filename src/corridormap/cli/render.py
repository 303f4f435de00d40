"""``corridormap render``."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.options import json_option, lang_option, layers_option, output_option, pass_atlas
from corridormap.cli.printing import print_json, say

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@output_option("File to write; - for standard output.", default=Path("output/index.html"), show_default=True)
@lang_option("Language the page opens in.")
@layers_option("Layers to put into the page.  [default: all]")
@click.option("--embed", is_flag=True, help="Write a page that opens as in an article: panel folded, the wheel left to the article.")
@click.option(
    "--tiles", metavar="NAME", help="Background tiles from the web, such as OpenStreetMap.Mapnik; an unknown name lists them all."
)
@click.option(
    "--tiles-from",
    metavar="FILE.pmtiles",
    help="Keep the page small: lines thinned to 1 km, their detail read from this file (`export mvt`) by address or path from the page.",
)
@json_option
@pass_atlas
def render(atlas: Atlas, /, *, output: Path, lang: str | None, names: list[str] | None, as_json: bool, **how: Any) -> None:
    """Write the map: one HTML file that works offline and in an iframe.

    \b
    Examples:
      corridormap render
      corridormap render --lang ru -o karta.html
      corridormap render --embed -o frame.html
      corridormap render --tiles OpenStreetMap.Mapnik -o tiles.html
      corridormap render --tiles-from atlas.pmtiles -o small.html
      corridormap render --layers corridors,border -o corridors.html
    """
    from corridormap.files import write_atomic
    from corridormap.web.mapview import render as make

    language = atlas.languages[0] if lang is None else lang
    page = make(atlas, lang=language, layers=names, **how).html().encode("utf-8")
    if str(output) == "-":
        sys.stdout.buffer.write(page)
        return
    write_atomic(output, page)
    packed = len(gzip.compress(page, mtime=0))
    if as_json:
        print_json({"file": str(output), "lang": language, "bytes": len(page), "bytes_gzipped": packed})
    else:
        say(f"wrote {output} ({len(page) / 1000:.0f} kB, {packed / 1000:.0f} kB gzipped)")
