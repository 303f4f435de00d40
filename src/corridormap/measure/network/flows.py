"""Tonnes between places, put on the links that they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.errors import DataError, UsageError
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.measure.network.parts import label, off
from corridormap.measure.network.weights import shown
from corridormap.measure.tables import READ, as_table, column
from corridormap.phrases import some

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.network.graph import Graph
    from corridormap.measure.network.parts import Parts

OD = ("origin", "destination", "tonnes")


def load(parts: Parts, od: pd.DataFrame | str | Path) -> GeoDataFrame:
    """Put tonnes on links; see `corridormap.measure.Network.load`."""
    import geopandas as gpd

    given = as_table(od)
    table = read_od(given)
    both = [[tuple(place) if isinstance(place, list) else place for place in table[name]] for name in OD[:2]]
    each = list(dict.fromkeys(place for places in both for place in places))
    found = dict(zip(each, parts.places.find_each(each), strict=True))
    here, there = (np.array([parts.code[found[place][0]] for place in places], dtype=np.int64) for places in both)
    tonnes = table["tonnes"].to_numpy()
    flow, served = loaded(parts.graph, here, there, tonnes)
    forward, backward = by_link(parts.graph, flow)
    unserved = [(label(one), label(other), float(amount)) for one, other, amount in table[~served].itertuples(index=False) if amount > 0]
    every = forward + backward
    columns = {"link": parts.ids, **parts.told}
    data = {
        **{name: texts(values) for name, values in columns.items()},
        "length_km": parts.lines.km,
        "tonnes_forward": forward,
        "tonnes_backward": backward,
        "tonnes": every,
        "tonne_km": every * parts.lines.km,
    }
    frame = gpd.GeoDataFrame(data, geometry=parts.shapes, crs=LONLAT)
    still = float(tonnes[here == there].sum())
    notes = [
        given.attrs.get(READ, ""),
        off(*(km for _, km in found.values())),
        f"no way serves {some(f'{one} – {other} ({amount:.12g} t)' for one, other, amount in unserved)}" if unserved else "",
        f"{still:.12g} t stay at one node and load no link" if still else "",
        "all of a pair go one way, and no link is ever full",
    ]
    more = {"tonnes": float(tonnes.sum()), "served": float(tonnes[served].sum()), "tonne_km": float((every * parts.lines.km).sum())}
    return described(frame, parts.note(*notes), method=f"all or nothing: {parts.method}", **more, unserved=[list(one) for one in unserved])


def read_od(od: pd.DataFrame) -> pd.DataFrame:
    """Read tonnes between places, of a table or of a matrix, as ``origin, destination, tonnes``.

    Raises
    ------
    UsageError
        If it is neither, or has a column twice.
    DataError
        If an amount is no figure, or below nought.
    """
    import pandas as pd

    if not isinstance(od, pd.DataFrame):
        raise UsageError(f"the tonnes must be a DataFrame, not {type(od).__name__}")
    named = [name in od.columns for name in OD]
    if any(named) and not all(named):
        lacking = ", ".join(name for name, there in zip(OD, named, strict=True) if not there)
        raise DataError(f"have no column {lacking}", where="the tonnes", hint=f"Columns are {', '.join(OD)}; or give a matrix.")
    if all(named):
        table = pd.concat([column(od, name, what="the tonnes") for name in OD], axis=1).reset_index(drop=True)
    else:
        origins, destinations = (np.asarray(labels, dtype=object) for labels in (od.index, od.columns))
        cells = od.to_numpy().ravel()
        table = pd.DataFrame(
            {"origin": np.repeat(origins, len(destinations)), "destination": np.tile(destinations, len(origins)), "tonnes": cells}
        )
        # An empty cell of a matrix is no tonnes; in a table it is a slip.
        table = table[table["tonnes"].notna()].reset_index(drop=True)
    tonnes = pd.to_numeric(table["tonnes"], errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(tonnes) | (tonnes < 0)
    if bad.any():
        row = int(bad.argmax())
        pair = f"{table['origin'].iloc[row]} – {table['destination'].iloc[row]}"
        hint = "Give figures from 0 up." if all(named) else f"Of a matrix all cells are figures; a table has the columns {', '.join(OD)}."
        raise DataError(f"{shown(table['tonnes'].iloc[row])} are no tonnes ({pair})", where="the tonnes", hint=hint)
    return table.assign(tonnes=tonnes)


def loaded(
    graph: Graph, origins: NDArray[np.int64], destinations: NDArray[np.int64], tonnes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Send tonnes between nodes (k,) all by the shortest way; give them by arc, and which of the k no way serves."""
    flow = np.zeros(len(graph.link))
    served = np.zeros(len(tonnes), dtype=bool)
    for origin in np.unique(origins):
        rows = np.flatnonzero(origins == origin)
        trees = graph.trees([graph.source[origin]])
        into = graph.arcs_into(trees)
        served[rows] = np.isfinite(trees.weight[0, graph.sink[destinations[rows]]]) | (destinations[rows] == origin)
        # All go back to the origin side by side, an arc at a time.
        rows = rows[served[rows] & (destinations[rows] != origin)]
        vertices, amounts = graph.sink[destinations[rows]], tonnes[rows]
        while len(vertices):
            arcs = into[vertices]
            on = arcs >= 0
            arcs, amounts = arcs[on], amounts[on]
            np.add.at(flow, arcs, amounts)
            vertices = graph.tail[arcs]
    return flow, served


def by_link(graph: Graph, flow: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Add up what goes over each link as its line runs, and against it."""
    real = graph.link >= 0
    count = len(graph.start)
    one, other = (real & way for way in (graph.forward, ~graph.forward))
    forward: NDArray[Any] = np.bincount(graph.link[one], weights=flow[one], minlength=count)
    backward: NDArray[Any] = np.bincount(graph.link[other], weights=flow[other], minlength=count)
    return forward, backward
