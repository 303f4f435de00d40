"""``corridormap render``."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from corridormap.cli.options import built_first, json_option, lang_option, layers_option, output_option, pass_atlas
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
@click.option(
    "--assets",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Put scripts and styles into this folder, for servers whose policy is script-src 'self'.",
)
@click.option("--preview", type=click.Path(path_type=Path), metavar="FILE.png", help="Write a picture for links to the page, 1200 × 630.")
@click.option("--base-url", metavar="URL", help="The folder's address on the web, from which links find that picture.")
@json_option
@pass_atlas
@built_first
def render(
    atlas: Atlas,
    /,
    *,
    output: Path,
    lang: str | None,
    names: list[str] | None,
    assets: Path | None,
    preview: Path | None,
    base_url: str | None,
    as_json: bool,
    **how: Any,
) -> None:
    """Write the map: one HTML file that works offline and in an iframe.

    \b
    Examples:
      corridormap render
      corridormap render --lang ru -o karta.html
      corridormap render --embed -o frame.html
      corridormap render --tiles OpenStreetMap.Mapnik -o tiles.html
      corridormap render --tiles-from atlas.pmtiles -o small.html
      corridormap render --layers corridors,border -o corridors.html
      corridormap render --preview site/map.png --base-url https://example.org/maps -o site/index.html
      corridormap render --assets site/assets -o site/index.html
    """
    from corridormap import words
    from corridormap.files import write_all
    from corridormap.web.mapview import render as make

    if str(output) == "-" and (assets or preview):
        raise click.UsageError("--assets and --preview stand beside a file: give one with -o.")
    if preview and not base_url:
        raise click.UsageError("--preview needs --base-url: links find a picture by its whole address only.")
    language = atlas.languages[0] if lang is None else lang
    for path, message in words.shortcomings(atlas.folder, atlas.languages):
        say(f"{path}: {message}", err=True)
    view = make(atlas, lang=language, layers=names, **how)
    beside = {name: _from_page(path, output) for name, path in (("assets", assets), ("preview", preview)) if path}
    site = base_url.rstrip("/") if base_url else None
    where = {
        "url": f"{site}/{quote(output.name)}" if site else None,
        "preview": f"{site}/{beside['preview']}" if site and preview else None,
    }
    text, files = view.html_and_assets(beside["assets"], **where) if assets else (view.html(**where), {})
    page = text.encode("utf-8")
    if str(output) == "-":
        sys.stdout.buffer.write(page)
        return
    if preview:
        view.save_preview(preview)
    write_all({**{assets / name: content for name, content in files.items() if assets}, output: page})
    packed = len(gzip.compress(page, mtime=0))
    if as_json:
        print_json({"file": str(output), "lang": language, "bytes": len(page), "bytes_gzipped": packed})
    else:
        say(f"wrote {output} ({len(page) / 1000:.0f} kB, {packed / 1000:.0f} kB gzipped)")


def _from_page(path: Path, output: Path) -> str:
    """Give the address of a file or folder, as seen from the page."""
    return quote(Path(os.path.relpath(path.absolute(), output.absolute().parent)).as_posix())
