"""Ways over the network: ``corridormap measure route`` and ``closure``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.options import pass_atlas
from corridormap.cli.results import result_options, show

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@click.command()
@click.argument("start")
@click.argument("end")
@click.option("--mode", metavar="MODE", help="rail, road or sea alone.  [default: all, with transfers]")
@click.option("--without", multiple=True, metavar="LINK", help="A link that is closed; repeat for more.")
@click.option("--planned", is_flag=True, help="Use links that are only planned, too.")
@result_options(geometry=True)
@pass_atlas
def route(atlas: Atlas, /, *, start: str, end: str, mode: str | None, without: tuple[str, ...], planned: bool, **how: Any) -> None:
    """Find the shortest way from START to END over the atlas's network.

    Both are nodes, by id or by name in any language; exit 1 if no way joins them.

    \b
    Examples:
      corridormap measure route Almaty-1 Mangystau
      corridormap measure route saryagash oral --without rail:shalkar-kandyagash
      corridormap measure route dostyk petropavl --mode rail -o way.geojson
    """
    from corridormap.measure import route as found

    way = found(start, end=end, mode=mode, without=without, planned=planned, atlas=atlas)
    words = f"{way.attrs['length_km']:.1f} km; borders crossed: {', '.join(way.attrs['borders']) or 'none'}"
    show(way, columns=["from_km", "to_km", "link", "from", "to", "mode", "country", "corridors", "border", "only_way"], words=words, **how)


@click.command()
@click.argument("link")
@click.option("--planned", is_flag=True, help="Go around on links that are only planned, too.")
@result_options(geometry=False)
@pass_atlas
def closure(atlas: Atlas, /, *, link: str, planned: bool, **how: Any) -> None:
    """Tell what it costs each corridor if LINK closes: the way around by the same mode.

    Where the atlas holds no way around, the table names the nodes where its network ends.

    \b
    Examples:
      corridormap measure closure rail:shalkar-kandyagash
      corridormap measure closure rail:shalkar-kandyagash --planned --json
    """
    from corridormap.measure import closure as closed

    table = closed(link, planned=planned, atlas=atlas)
    words = "" if len(table) else "no numbered corridor uses it"
    show(table, columns=list(table.columns), words=words, **how)
