"""The map: ``corridormap render``, a page; ``plot``, a sheet for print; ``embed``, the code for an article."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from corridormap import words
from corridormap.cli.shared import built_first, json_option, lang_option, layers_option, output_option, pass_atlas, print_json, say

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
    if str(output) != "-" and not output.is_dir() and output.suffix.lower() not in {".html", ".htm"}:
        raise click.UsageError(f"{output} is no name of a page: end it in .html.")
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


def _view(value: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(item) for item in value.split(","))
    except ValueError:
        raise click.BadParameter("give west,south,east,north in degrees, such as 46,40,88,56") from None
    return west, south, east, north


@click.command()
@output_option("File to write; its ending, .png, .svg or .pdf, is the format.", default=Path("output/map.pdf"), show_default=True)
@lang_option("Language of the map.")
@layers_option("Layers to draw.  [default: those the web map shows at first]")
@click.option("--width", default=300.0, show_default=True, metavar="MM", help="Width of the page in millimetres.")
@click.option("--height", default=200.0, show_default=True, metavar="MM", help="Height of the page in millimetres.")
@click.option("--dpi", default=300, show_default=True, type=click.IntRange(36, 2400), help="Dots to the inch of a PNG.")
@click.option("--view", type=_view, metavar="W,S,E,N", help="What must be seen, in degrees.  [default: the atlas's view]")
@click.option("--graticule", is_flag=True, help="Draw meridians and parallels.")
@json_option
@pass_atlas
@built_first
def plot(
    atlas: Atlas,
    /,
    *,
    output: Path,
    lang: str | None,
    names: list[str] | None,
    width: float,
    height: float,
    dpi: int,
    as_json: bool,
    **how: Any,
) -> None:
    """Draw the map on one page for print: legend, scale, sources; PNG, SVG or PDF.

    Needs matplotlib: pip install matplotlib

    \b
    Examples:
      corridormap plot -o map.pdf
      corridormap plot --lang ru --width 420 --height 297 -o karta.svg
      corridormap plot --layers corridors,border,places --view 60,42,80,48 --dpi 600 -o south.png
    """
    from corridormap.plot import check_format, save
    from corridormap.plot import plot as draw

    check_format(output)
    language = atlas.languages[0] if lang is None else lang
    figure = draw(atlas, lang=language, layers=names, size=(width, height), **how)
    size = save(figure, output, dpi=dpi)
    if as_json:
        print_json({"file": str(output), "lang": language, "bytes": size, "width_mm": width, "height_mm": height})
    else:
        say(f"wrote {output}: {width:g} × {height:g} mm, {size / 1024:.0f} KB")


@click.command()
@click.option("--src", metavar="URL", default="index.html", show_default=True, help="Where the article finds the page.")
@click.option("--height", type=click.IntRange(200, 2000), default=560, show_default=True, help="Height of the frame in pixels.")
@lang_option("Language to open in.")
@layers_option("Layers to show at first.  [default: as the atlas has it]")
@click.option("--panel/--no-panel", default=False, show_default=True, help="Whether the panel is open at first.")
@click.option("--legend", is_flag=True, help="Name the corridors in the key below the map.")
@click.option("--scroll", is_flag=True, help="Let the mouse wheel zoom before the reader has clicked the map.")
@click.option("--view", metavar="Z/LAT/LON", help="View to start with, as in the page's address after #map=.")
@click.option("--feature", metavar="ID", help="Feature that is chosen at first.")
@click.option("--theme", type=click.Choice(["light", "dark", "auto"]), help="Colours; auto follows the reader's device.  [default: light]")
@click.option("--title", metavar="TEXT", help="A title of your own.")
@json_option
@pass_atlas
def embed(atlas: Atlas, /, *, names: list[str] | None, as_json: bool, **options: Any) -> None:
    """Print the code that puts a rendered map into an article; the page's share dialogue gives the same.

    \b
    Examples:
      corridormap embed --src https://example.org/karta.html --lang ru
      corridormap embed --layers corridors,border --height 480 --legend
      corridormap embed --view 6/48.5/68 --feature rail-1-northern
    """
    from corridormap.web.embed import snippet

    code = snippet(atlas, layers=names, **options)
    if options["src"].lower().startswith("http:"):
        say(words.say("page.share_http", lang="en"), err=True)
    if as_json:
        print_json({"html": code, **{name: options[name] for name in ("src", "height", "lang")}})
    else:
        click.echo(code)
