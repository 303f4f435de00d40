"""``corridormap embed``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridormap import words
from corridormap.cli.options import json_option, lang_option, layers_option, pass_atlas
from corridormap.cli.printing import print_json, say

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


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
