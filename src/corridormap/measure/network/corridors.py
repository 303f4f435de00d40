"""What the atlas's corridors may be asked over its network: the shortest way, the one around a closed link, and detours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.atlas import Atlas, kept
from corridormap.errors import UsageError
from corridormap.geodesic import distances_m, lengths_km
from corridormap.measure.alignments import alignment, chosen
from corridormap.measure.inputs import described, listed
from corridormap.measure.network.graph import connected
from corridormap.measure.network.network import Network
from corridormap.measure.network.parts import ROUTE_METHOD
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from geopandas import GeoDataFrame

    from corridormap.measure.network.parts import Place

DETOUR_METHOD = "length over the geodesic between the ends, both on WGS 84; sinuosity as in Mueller (1968)"


@kept
def _networks(_: Atlas) -> dict[tuple[str | None, bool], Network]:
    """Keep networks by length, by mode and whether what is planned is in them."""
    return {}


def network_of(atlas: Atlas, *, mode: str | None = None, planned: bool = False) -> Network:
    """Give the atlas's network by length, made once and kept on it."""
    made = _networks(atlas)
    if (mode, planned) not in made:
        made[mode, planned] = Network(atlas=atlas, mode=mode, planned=planned)
    return made[mode, planned]


def route(
    start: Place,
    *,
    end: Place,
    via: Place | Sequence[Place] = (),
    mode: str | None = None,
    without: str | Iterable[str] = (),
    planned: bool = False,
    atlas: Atlas | None = None,
) -> GeoDataFrame:
    """Find the shortest way between two places over the atlas's network.

    Parameters
    ----------
    start, end : str, (lon, lat) or Point
        Nodes, by id or by name in any language; for a point the nearest is taken.
    via : the same, or a sequence of them
        Places to pass, in this order.
    mode : str, optional
        ``rail``, ``road`` or ``sea`` alone; by default all, changed where a node has both or a transfer joins station and town.
    without : str or iterable of str
        Links that are closed.
    planned : bool
        Whether links that are only planned may be used.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        One row a link, in order: ``from_km, to_km, link, from, to, mode, country, corridors, border`` (the crossing reached at its end, if
        it is one), ``only_way`` (whether the atlas holds no other way round this link: there may be one on the ground), the line as it is
        travelled, EPSG:4326. ``attrs``: ``length_km``, ``borders``, the crossings in order, and ``start_km, end_km``, how far a point is
        from its node. By time or cost, and for many ways: `Network`.

    Raises
    ------
    UsageError
        If a place or a link is not known.
    DataError
        If no way joins them.

    Examples
    --------
    >>> way = route("Almaty-1", end="Mangystau", mode="rail")
    >>> way.attrs["borders"]  # by Maimak, in Kyrgyzstan
    ['x-rail-sholdala-zhoon-dobo', 'x-rail-kurkireusu-maimak']
    """
    network = network_of(atlas or Atlas.open(), mode=mode, planned=planned)
    closed = listed(without)
    return (network.without(links=closed) if closed else network).route(start, end=end, via=via)


def closure(link: str, *, planned: bool = False, atlas: Atlas | None = None) -> pd.DataFrame:
    """Tell what it costs each corridor if a link closes.

    Parameters
    ----------
    link : str
        The link's id.
    planned : bool
        Whether the way around may use links that are only planned.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    DataFrame
        One row a way of a corridor that uses the link: ``corridor, way, passes`` (how often it goes over the link) ``, link_km, around_km,
        added_km`` over all passes; NaN where the atlas holds no way around by the same mode. ``ends_at`` then names the nodes, on the
        lesser side of the link, where the atlas's network of that mode ends.

    Raises
    ------
    UsageError
        If there is no such link.
    """
    import pandas as pd

    atlas = atlas or Atlas.open()
    links = atlas.links
    if link not in links.index:
        raise UsageError(f"no link {link!r}", hint=meant(link, links.index, "The layer network_links lists them."))
    here, there, mode = links.loc[link, ["from", "to", "mode"]]
    km = float(lengths_km([links.geometry[link]])[0])
    network = network_of(atlas, mode=mode, planned=planned).without(links=link)
    around, ends_at = np.nan, None
    if {here, there} <= set(network.nodes.index):
        around = network.matrix([here], [there]).to_numpy().item()
    if np.isnan(around):
        ends_at = "; ".join(_ends(links[links["mode"] == mode], link))
    names = ["corridor", "way", "passes", "link_km", "around_km", "added_km", "ends_at"]
    rows = [
        (name, way, passes, km, around, passes * (around - km), ends_at)
        for name in atlas.itineraries_of_links(chosen(atlas, None)).get(link, [])
        for way, steps in enumerate(atlas.route(name))
        if (passes := sum(step.id == link for step in steps))
    ]
    table = pd.DataFrame(rows, columns=names, dtype=object)
    kinds: Any = {"way": "int64", "passes": "int64", **dict.fromkeys(names[3:-1], float)}
    return described(table.astype(kinds), method=ROUTE_METHOD)


def _ends(links: GeoDataFrame, closed: str) -> list[str]:
    """Find the nodes where a network ends, on the lesser side of a link that is closed."""
    used, at = np.unique(links[["from", "to"]].to_numpy(dtype=object).ravel(), return_inverse=True)
    start, end = at.reshape(-1, 2).T
    open_ = links.index != closed
    part = connected(start[open_], end[open_], nodes=len(used))
    ends = np.bincount(at, minlength=len(used)) == 1
    here, there = (part == part[node[~open_][0]] for node in (start, end))
    lesser = min((here, there), key=lambda side: (int(side.sum()), used[side].min()))
    return sorted(used[ends & lesser])


def detour(corridors: Iterable[str | int] | None = None, *, atlas: Atlas | None = None) -> pd.DataFrame:
    """Compare each corridor's main way with the geodesic between its ends.

    Parameters
    ----------
    corridors : iterable of str or int, optional
        Ids or numbers of corridors and routes; by default the numbered ones, or all if none has a number.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    DataFrame
        ``corridor, length_km, geodesic_km, sinuosity``, the length over the geodesic.
    """
    import pandas as pd

    atlas = atlas or Atlas.open()
    lines = [alignment(name, atlas=atlas) for name in chosen(atlas, corridors)]
    straight = [float(distances_m(line.coordinates[:1], line.coordinates[-1:])[0]) / 1000.0 for line in lines]
    table = pd.DataFrame({"corridor": [line.name for line in lines], "length_km": [line.length_km for line in lines]})
    table["geodesic_km"] = straight
    table["sinuosity"] = table["length_km"] / table["geodesic_km"]
    return described(table, method=DETOUR_METHOD)
