"""The links and nodes of a network, of the atlas or of any lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, lengths_km
from corridormap.measure.inputs import LONLAT, check_numbers, read_frame, read_input, texts
from corridormap.measure.network.ends import cut_at, missing, nodes_of, nodes_onto, tree_of
from corridormap.measure.network.weights import TRANSFER
from corridormap.phrases import some

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas

SNAP_M = 1.0
LEAST_SNAP_M = 0.1
OWN = ("from", "to", "mode", "country")
"""What every link tells, None where the caller does not."""


@dataclass(frozen=True)
class Lines:
    """Links and nodes.

    Attributes
    ----------
    links : GeoDataFrame, shape (n,)
        By id: ``from, to, mode, country``, what else the caller's have, and the line, EPSG:4326.
    nodes : GeoDataFrame
        By id: ``kind``, ``crossing`` where countries meet, names if there are any, and the point, EPSG:4326.
    km : ndarray of float, shape (n,)
        The length of each link.
    notes : tuple of str
        What it does not hold, and what was done to make it.
    """

    links: GeoDataFrame
    nodes: GeoDataFrame
    km: NDArray[np.float64]
    notes: tuple[str, ...] = ()

    def only(self, kept: NDArray[np.bool_], *notes: str) -> Lines:
        """Leave out the other links."""
        return Lines(self.links[kept], self.nodes, self.km[kept], (*self.notes, *filter(None, notes)))

    def also(self, other: Lines, *notes: str) -> Lines:
        """Add the links of another network, and those of its nodes that are not here."""
        import pandas as pd

        twice = self.links.index.intersection(other.links.index)
        if len(twice):
            raise UsageError(f"there is a link {twice[0]!r} already", hint="Give the new one another id.")
        nodes = pd.concat([self.nodes, other.nodes[~other.nodes.index.isin(self.nodes.index)]])
        links = pd.concat([self.links, other.links])
        for column in OWN:
            links[column] = texts((None if missing(value) else value for value in links[column]), links.index)
        return Lines(links, nodes, np.append(self.km, other.km), (*self.notes, *other.notes, *filter(None, notes)))


def of_atlas(atlas: Atlas, *, modes: Collection[str] | None, planned: bool) -> Lines:
    """Take the atlas's links, of some modes, without those that are only planned unless they are wanted."""
    links = atlas.links
    lines = Lines(
        links, atlas.nodes, lengths_km(links.geometry.to_numpy()), ("the atlas holds corridors, not every line, and ends at its edges",)
    )
    lines = of_modes(lines, modes)
    unbuilt = (lines.links["status"] == "planned").to_numpy()
    return lines if planned else lines.only(~unbuilt, f"links that are only planned are left out: {unbuilt.sum()}" if unbuilt.any() else "")


def of_file(frame: GeoDataFrame | str | Path) -> GeoDataFrame:
    """Read the lines of a file; what is no path stays as it is."""
    import geopandas as gpd

    if isinstance(frame, str | Path):
        return read_frame(frame, kind="line")
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UsageError(f"the lines must be a GeoDataFrame, not {type(frame).__name__}")
    return frame


def of_modes(lines: Lines, modes: Collection[str] | None) -> Lines:
    """Keep the links of some modes.

    Raises
    ------
    UsageError
        If there are none of one of them.
    """
    if modes is None:
        return lines
    if not modes:
        raise UsageError("no mode to use", hint="Name one or more, or leave `mode` out.")
    there = set(lines.links["mode"].dropna())
    for mode in modes:
        if mode not in there:
            raise UsageError(
                f"no links of mode {mode!r}", hint="Modes are: " + (", ".join(sorted(there)) or "none; the lines have no column mode") + "."
            )
    return lines.only(lines.links["mode"].isin(modes).to_numpy(), f"only links of {' and '.join(modes)}")


def of_frame(frame: GeoDataFrame | str | Path, *, snap_m: float = SNAP_M) -> Lines:
    """Make links of lines, with nodes where their ends meet or where they say so.

    Parameters
    ----------
    frame : GeoDataFrame or file
        Lines in any CRS; the columns ``id``, ``from``, ``to``, ``mode`` and ``country`` are used if there are such.
    snap_m : float
        Ends within this distance of each other, in a chain, are one node.

    Raises
    ------
    DataError
        If there is no line, or a row is none, or an id stands twice.
    UsageError
        If it is no frame, or the distance is too small.
    """
    links, ends, names, note = _read(of_file(frame), snap_m)
    found, nodes, gap = nodes_of(ends, names, snap_m=snap_m)
    links["from"], links["to"] = found[::2], found[1::2]
    nodes["kind"] = np.where(nodes.index.isin(_borders(links)), "crossing", "node")
    notes = [note, "lines that cross without a common end do not meet", _gap(gap, snap_m)]
    return Lines(links, nodes, lengths_km(links.geometry.to_numpy()), tuple(filter(None, notes)))


def grown(lines: Lines, frame: GeoDataFrame, *, named: Callable[[object], str], snap_m: float) -> Lines:
    """Add links made of lines; where they end on a link of their mode, that is cut.

    Parameters
    ----------
    lines : Lines
        What is there.
    frame : GeoDataFrame
        As in `of_frame`.
    named : callable
        What finds the node that ``from`` or ``to`` names.
    snap_m : float
        Ends that name nothing come to lie on the nearest node or link within this distance.

    Raises
    ------
    DataError, UsageError
        As `of_frame`; if an id is taken.
    """
    links, ends, names, note = _read(frame, snap_m, taken=lines.links.index)
    known = [None if name is None else named(name) for name in names]
    free = np.array([name is None for name in known])
    modes = np.repeat(links["mode"].to_numpy(dtype=object), 2)
    parted, nodes = cut_at(lines.links, lines.nodes, ends[free], modes=modes[free], snap_m=snap_m)
    found, nodes, gap = nodes_onto(ends, known, modes=modes, links=parted, nodes=nodes, snap_m=snap_m)
    links["from"], links["to"] = found[::2], found[1::2]
    kept = lines.links.index.isin(parted.index)
    parts = parted[~parted.index.isin(lines.links.index)]
    cut = f"cut where added lines end: {some(lines.links.index[~kept])}" if not kept.all() else ""
    base = Lines(parted, nodes, np.append(lines.km[kept], lengths_km(parts.geometry.to_numpy())), lines.notes)
    new = Lines(links, nodes, lengths_km(links.geometry.to_numpy()))
    there = set(np.ravel(parted[["from", "to"]]))
    loose = [node for node in dict.fromkeys(found) if node not in there and found.count(node) == 1]
    ends_at = f"added lines meet nothing within {snap_m:g} m at {some(loose)}" if loose else ""
    return base.also(new, f"added: {some(links.index)}", cut, ends_at, note, _gap(gap, SNAP_M))


def _gap(metres: float, least: float) -> str:
    return f"ends lie up to {metres / 1000:.3f} km from their node, which no length counts" if metres > least else ""


def _read(
    frame: GeoDataFrame, snap_m: float, *, taken: Collection[str] | None = None
) -> tuple[GeoDataFrame, NDArray[np.float64], list[str | None], str]:
    """Read lines: links by id, whose nodes are still to be found, their ends (2n, 2), what these name, and what was done."""
    import geopandas as gpd

    check_numbers(snap_m=snap_m)
    if not LEAST_SNAP_M <= snap_m < np.inf:
        raise UsageError(f"snap_m is {snap_m:g}", hint=f"Give metres, {LEAST_SNAP_M:g} or more.")
    read = read_input(frame, what="the lines")
    if not len(frame):
        raise DataError("hold no line", where="the lines", hint="Give a frame with at least one row.")
    geometries = _single(read.geometries)
    ends = shapely.get_coordinates(np.column_stack([shapely.get_point(geometries, 0), shapely.get_point(geometries, -1)]))
    given = [frame[column].tolist() if column in frame else [None] * len(frame) for column in ("from", "to")]
    names = [_name(value) for pair in zip(*given, strict=True) for value in pair]
    told = {column: frame[column] if column in frame else [None] * len(frame) for column in OWN[2:]}
    own = {column: texts(None if missing(value) else str(value) for value in values) for column, values in told.items()}
    rest = frame.drop(columns=[*OWN, "id", frame.geometry.name], errors="ignore").reset_index(drop=True)
    links = gpd.GeoDataFrame(rest, geometry=geometries, crs=LONLAT)
    ids = _ids(frame, taken)
    for place, (column, values) in enumerate({"id": ids, "from": "", "to": "", **own}.items()):
        links.insert(place, column, values)
    return links.set_axis(ids, axis=0), ends, names, read.note


def _name(value: Any) -> str | None:
    """Read the name of a node; whole numbers stay so beside a gap in their column."""
    if missing(value):
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _single(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Take the line out of multilines of one."""
    several = shapely.get_type_id(geometries) == shapely.GeometryType.MULTILINESTRING
    geometries = geometries.copy()
    geometries[several] = shapely.line_merge(geometries[several])
    bad = (shapely.get_type_id(geometries) != shapely.GeometryType.LINESTRING) | shapely.is_empty(geometries)
    if bad.any():
        row = int(bad.argmax())
        kind = "nothing" if geometries[row] is None or geometries[row].is_empty else geometries[row].geom_type
        hint = "Leave rows without a line out; take several lines in one row apart with frame.explode()."
        raise DataError(f"is {kind}, not a line", where=f"the lines, row {row}", hint=hint)
    known = np.isfinite(shapely.length(geometries))
    if not known.all():
        raise DataError("has coordinates that are no numbers", where=f"the lines, row {int(known.argmin())}")
    return geometries


def _ids(frame: GeoDataFrame, taken: Collection[str] | None) -> list[str]:
    if "id" not in frame:
        prefix, used = ("", set()) if taken is None else ("added:", set(taken))
        width = len(str(len(frame)))
        # Filled with noughts, so that their order is that of the rows.
        free = (name for number in range(1, len(frame) + len(used) + 1) if (name := f"{prefix}{number:0{width}}") not in used)
        return [next(free) for _ in range(len(frame))]
    ids = [str(value) for value in frame["id"]]
    if len(set(ids)) < len(ids):
        twice = next(name for name in ids if ids.count(name) > 1)
        hint = "Give each link an id of its own, or leave the column out."
        raise DataError(f"the id {twice!r} stands twice", where="the lines", hint=hint)
    if frame["id"].isna().any():
        raise DataError("has no id", where=f"the lines, row {int(frame['id'].isna().argmax())}", hint="Give all links an id, or none.")
    return ids


def _borders(links: GeoDataFrame) -> set[str]:
    """Find the nodes whose links lie in several countries."""
    count = _told_at_nodes(links, "country").nunique()
    return set(count.index[count > 1])


def _told_at_nodes(links: GeoDataFrame, column: str) -> Any:
    """Group what links tell by the nodes that they end at."""
    import pandas as pd

    told = [links[[end, column]].set_axis(["node", column], axis=1) for end in ("from", "to")]
    return pd.concat(told).groupby("node")[column]


def transfers_between(lines: Lines, pairs: Iterable[Sequence[str]]) -> Lines:
    """Join nodes by straight links of mode transfer, where none joins them yet."""
    import geopandas as gpd

    joined = {frozenset(ends) for ends in lines.links.loc[lines.links["mode"] == TRANSFER, ["from", "to"]].itertuples(index=False)}
    new = [
        (one, other) for one, other in dict.fromkeys(tuple(sorted(pair)) for pair in pairs) if {one, other} not in joined and one != other
    ]
    if not new:
        return Lines(lines.links, lines.nodes, lines.km, (*lines.notes, "no transfers were added"))
    places = lines.nodes.geometry
    shapes = shapely.linestrings([[(places[node].x, places[node].y) for node in pair] for pair in new])
    country = lines.nodes.get("country")
    table = {
        "id": [f"{TRANSFER}:{one}-{other}" for one, other in new],
        "from": [one for one, _ in new],
        "to": [other for _, other in new],
        "mode": TRANSFER,
        "country": texts(None if country is None else country[one] for one, _ in new),
    }
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs=LONLAT).set_index("id", drop=False).rename_axis(None)
    note = f"transfers added, straight between nodes: {len(new)}"
    return lines.also(Lines(frame, lines.nodes, lengths_km(shapes), (note,)))


def near_of_other_modes(lines: Lines, km: float) -> list[tuple[str, str]]:
    """Find nodes within a distance of each other that no mode of their links is common to."""
    told = lines.links[lines.links["mode"].notna() & (lines.links["mode"] != TRANSFER)]
    modes = _told_at_nodes(told, "mode").agg(frozenset)
    lonlat = shapely.get_coordinates(lines.nodes.geometry.loc[modes.index].to_numpy())
    pairs = tree_of(lonlat).query_pairs(km * 1000.0, output_type="ndarray")
    pairs = pairs[distances_m(lonlat[pairs[:, 0]], lonlat[pairs[:, 1]]) <= km * 1000.0]
    names, kinds = modes.index.tolist(), modes.tolist()
    return sorted((names[one], names[other]) for one, other in pairs.tolist() if kinds[one].isdisjoint(kinds[other]))
