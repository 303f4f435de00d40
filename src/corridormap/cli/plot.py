"""``corridormap plot``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.options import built_first, json_option, lang_option, layers_option, output_option, pass_atlas
from corridormap.cli.printing import print_json, say

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


def _view(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[float, float, float, float] | None:
    if value is None:
        return None
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
@click.option("--view", callback=_view, metavar="W,S,E,N", help="What must be seen, in degrees.  [default: the atlas's view]")
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
