"""Ways over the network: ``corridormap measure route``, ``closure``, ``isochrone`` and ``load``."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from corridormap.cli.results import result_options, show
from corridormap.cli.shared import pass_atlas

if TYPE_CHECKING:
    from collections.abc import Callable

    from corridormap.atlas import Atlas
    from corridormap.measure import Network


def _speeds(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, float]:
    speeds = {}
    for text in value:
        mode, _, speed = text.partition("=")
        try:
            speeds[mode] = float(speed)
        except ValueError:
            raise click.BadParameter(f"{text!r} is no MODE=KMH; for instance rail=45") from None
    return speeds


def network_options(command: Callable[..., None]) -> Callable[..., None]:
    """Say which network is asked, and whether kilometres or hours are counted."""
    for option in (
        click.option("--planned", is_flag=True, help="Use links that are only planned, too."),
        click.option("--without", multiple=True, metavar="LINK", help="A link that is closed; repeat for more."),
        click.option(
            "--speed",
            "speeds",
            multiple=True,
            metavar="MODE=KMH",
            callback=_speeds,
            help="Count hours, at this speed; repeat by mode.",
        ),
        click.option("--mode", metavar="MODE", help="rail, road or sea alone.  [default: all, with transfers]"),
    ):
        command = option(command)
    return command


def pass_network(command: Callable[..., None]) -> Callable[..., None]:
    """Make the network that the options ask for, and hand it to a command as its first argument."""

    @pass_atlas
    @wraps(command)
    def asked(atlas: Atlas, /, *, mode: str | None, speeds: dict[str, float], without: tuple[str, ...], planned: bool, **how: Any) -> None:
        from corridormap.measure import Network

        weight: dict[str, Any] = {"weight": "time", "speeds": speeds} if speeds else {}
        network = Network(atlas=atlas, mode=mode, planned=planned, **weight)
        command(network.without(links=without) if without else network, **how)

    return asked


@click.command()
@click.argument("start")
@click.argument("end")
@click.option("--via", multiple=True, metavar="PLACE", help="A place to pass; repeat for more, in order.")
@network_options
@result_options(geometry=True)
@pass_network
def route(network: Network, /, *, start: str, end: str, via: tuple[str, ...], **how: Any) -> None:
    """Find the shortest way from START to END over the atlas's network, or with --speed the quickest.

    Both are nodes, by id or by name in any language; exit 1 if no way joins them.

    \b
    Examples:
      corridormap measure route Almaty-1 Mangystau
      corridormap measure route saryagash oral --without rail:shalkar-kandyagash
      corridormap measure route dostyk petropavl --mode rail -o way.geojson
      corridormap measure route dostyk petropavl --mode rail --via Astana-1 --speed rail=45
    """
    way = network.route(start, end=end, via=list(via))
    hours = [name for name in ("hours",) if name in way]
    words = f"{way.attrs['length_km']:.1f} km; " + (f"{way.attrs['hours']:.1f} hours; " if hours else "")
    words += f"borders crossed: {', '.join(way.attrs['borders']) or 'none'}"
    columns = ["from_km", "to_km", *hours, "link", "from", "to", "mode", "country", "corridors", "border", "only_way"]
    show(way, columns=columns, words=words, **how)


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
    words = "" if len(table) else "no corridor uses it"
    show(table, columns=list(table.columns), words=words, **how)


@click.command()
@click.argument("start", nargs=-1, required=True)
@click.option(
    "--limit",
    "limits",
    type=float,
    multiple=True,
    required=True,
    metavar="N",
    help="How far, in km or, with --speed, hours; repeat for more.",
)
@network_options
@result_options(geometry=True)
@pass_network
def isochrone(network: Network, /, *, start: tuple[str, ...], limits: tuple[float, ...], **how: Any) -> None:
    """Find what of the network lies within reach of START, links cut where the limit is reached.

    Of several places the nearest counts.

    \b
    Examples:
      corridormap measure isochrone Almaty-1 --mode rail --limit 250 --limit 500 -o reach.geojson
      corridormap measure isochrone Dostyk Altynkol --mode rail --limit 24 --speed rail=45 --csv
    """
    reach = network.isochrone(list(start), limits=list(limits))
    km = reach.groupby("limit")["length_km"].sum()
    words = "; ".join(f"{each:.1f} km of links within {limit:g} {network.unit}" for limit, each in km.items())
    show(reach, columns=["limit", "link", "from_km", "to_km", "length_km"], words=words, **how)


@click.command()
@click.argument("file")
@network_options
@result_options(geometry=True)
@pass_network
def load(network: Network, /, *, file: str, **how: Any) -> None:
    """Put the tonnes of FILE on the links that they take: each pair's all on its shortest way.

    FILE is a table, CSV or a sheet (.xlsx, .ods), with the columns origin, destination and tonnes; places are nodes, by id or name. Links
    that nothing takes are left out. Pairs that no way joins are named.

    \b
    Examples:
      corridormap measure load freight.csv --mode rail
      corridormap measure load freight.csv --mode rail --without rail:shalkar-kandyagash -o load.geojson
    """
    loaded = network.load(file)
    attrs = loaded.attrs
    words = f"{attrs['served']:.12g} of {attrs['tonnes']:.12g} t, {attrs['tonne_km']:.0f} tonne-kilometres"
    taken = loaded[loaded["tonnes"] > 0]
    show(taken, columns=["link", "length_km", "tonnes_forward", "tonnes_backward", "tonnes", "tonne_km"], words=words, **how)
