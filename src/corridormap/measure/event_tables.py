"""Tables of stretches by kilometre, laid over each other and dissolved: works by budget, surface by lanes.

All is done in one sweep over whole numbers: each kilometre is replaced by its rank, and each route has ranks of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from corridormap.errors import UsageError
from corridormap.measure.inputs import described, listed
from corridormap.measure.routes import routes_of
from corridormap.measure.tables import READ, as_table, coded, column, numbers, plain_columns
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

OVERLAY_METHOD = (
    "stretches cut at every end of the other table on the same route, each from its lower end up to but without its upper; {amounts}"
)
DISSOLVE_METHOD = "stretches of a route with the same values joined where they touch or overlap"
DECIMALS = 9
"""Of kilometres: what differs by less than a millionth of a metre, as sums of the same lengths do, is the same."""
HOWS = ("intersection", "identity", "union")


def overlay(
    first: pd.DataFrame | str | Path,
    second: pd.DataFrame | str | Path,
    *,
    how: Literal["intersection", "identity", "union"] = "intersection",
    route: str | None = None,
    from_km: str = "from_km",
    to_km: str = "to_km",
    amounts: str | Iterable[str] = (),
    suffixes: tuple[str, str] = ("_1", "_2"),
) -> pd.DataFrame:
    """Lay two tables of stretches over each other, and give each piece what both say of it.

    Parameters
    ----------
    first, second : DataFrame or file
        One row a stretch, with its kilometres and whatever else is known of it; given the other way round it is turned. Where both
        kilometres are the same the row is a point, and belongs to the stretch that it lies in or at the start of.
    how : {"intersection", "identity", "union"}
        Which pieces to give: what both tables speak of; all of the first; or all of both. What is missing in one is NaN.
    route : str, optional
        The column of both tables that names the corridor; without it all is on one line.
    from_km, to_km : str
        The columns with the kilometres, the same in both.
    amounts : str or iterable of str
        Columns with amounts that grow with length, such as money: each piece gets its share by length. All other columns, such as
        densities, speeds and names, stay as they are.
    suffixes : tuple of str
        What to add to names of columns that both tables have.

    Returns
    -------
    DataFrame
        Along each route in order: the route, ``from_km, to_km, length_km``, the columns of the first and of the second. ``attrs["note"]``
        tells what only one of the tables speaks of, and what overlaps within one of them, where amounts count in each. A geometry, and a
        ``length_km`` from before, are left out; `events` draws the pieces.

    Raises
    ------
    UsageError
        If a column is missing, holds no numbers, or a row has no kilometres or no route.

    Notes
    -----
    What ArcGIS calls Overlay Route Events; here for whole tables at once, without loops. Kilometres are told apart to a millionth of a
    metre: what sums of them have rounded makes no piece.

    Examples
    --------
    >>> import pandas as pd
    >>> works = pd.DataFrame({"from_km": [0, 30], "to_km": [20, 40], "works": ["track", "bridge"]})
    >>> budget = pd.DataFrame({"from_km": [10], "to_km": [40], "cost": [300.0]})
    >>> overlay(works, budget, amounts="cost")[["from_km", "to_km", "works", "cost"]].to_numpy().tolist()
    [[10.0, 20.0, 'track', 100.0], [30.0, 40.0, 'bridge', 100.0]]
    """
    import pandas as pd

    if how not in HOWS:
        raise UsageError(f"how must be one of {', '.join(HOWS)}, not {how!r}")
    first, second = as_table(first), as_table(second)
    split = listed(amounts)
    for name in split:
        if not any(name in getattr(table, "columns", ()) for table in (first, second)):
            raise UsageError(f"no table has a column {name!r} with amounts", hint="Columns are named as they are before they get a suffix.")
    ours, theirs = _Events.of([(first, "the first"), (second, "the second")], route, from_km, to_km)
    one, other, start, end = ours.meeting(theirs)
    pieces = [(one, other, start, end)]
    if how != "intersection":
        row, start, end = ours.outside(theirs)
        pieces.append((row, np.full(len(row), -1), start, end))
    if how == "union":
        row, start, end = theirs.outside(ours)
        pieces.append((np.full(len(row), -1), row, start, end))
    one, other, start, end = (np.concatenate(part) for part in zip(*pieces, strict=True))
    order = np.lexsort((other, one, end, start))
    one, other, start, end = one[order], other[order], start[order], end[order]
    length = ours.km(end) - ours.km(start)
    table = _spans(ours, start, end, (route, from_km, to_km))
    own = {route, from_km, to_km, "length_km"}
    columns = [[name for name in plain_columns(frame) if name not in own] for frame in (first, second)]
    both = set(columns[0]) & set(columns[1])
    if both and len(set(suffixes[:2])) < 2:
        raise UsageError(f"both tables have a column {min(map(str, both))!r}", hint="Give two different suffixes.")
    for frame, names, events, rows, suffix in zip((first, second), columns, (ours, theirs), (one, other), suffixes, strict=False):
        # Where there is no row the last is taken.
        whole = np.append(events.km(events.end) - events.km(events.start), 0.0)
        share = np.divide(length, whole[rows], out=np.ones(len(rows)), where=whole[rows] > 0)
        kept = frame.reset_index(drop=True)[names]
        kept = (kept if (rows >= 0).all() else kept.reindex(range(-1, len(kept)))).take(rows if (rows >= 0).all() else rows + 1)
        for name in kept.columns.intersection(split):
            kept[name] = numbers(kept, name, missing=True) * share
        kept = kept.rename(columns={name: f"{name}{suffix}" for name in both}).reset_index(drop=True)
        table = pd.concat([table, kept], axis=1)
    method = OVERLAY_METHOD.format(amounts=f"amounts ({', '.join(split)}) by length" if split else "no amounts")
    said = [given.attrs.get(READ, "") for given in (first, second)]
    return described(table, *said, *ours.notes(theirs), *theirs.notes(ours), method=method)


def dissolve(
    table: pd.DataFrame | str | Path,
    *,
    by: str | Iterable[str] = (),
    route: str | None = None,
    from_km: str = "from_km",
    to_km: str = "to_km",
    amounts: str | Iterable[str] = (),
    densities: str | Iterable[str] = (),
) -> pd.DataFrame:
    """Join the stretches of a table that touch or overlap and say the same.

    Parameters
    ----------
    table : DataFrame or file
        One row a stretch, with its kilometres; given the other way round it is turned.
    by : str or iterable of str
        The columns that must be the same; rows without a value are alike. Without any, all that touches is joined.
    route : str, optional
        The column that names the corridor.
    from_km, to_km : str
        The columns with the kilometres.
    amounts : str or iterable of str
        Columns to add up, such as money.
    densities : str or iterable of str
        Columns to average by length, such as traffic or speed.

    Returns
    -------
    DataFrame
        Along each route in order: the route, ``from_km, to_km, length_km``, the columns of `by`, amounts and densities, and ``rows``, how
        many were joined. Other columns are left out. ``attrs["note"]`` tells of gaps, and of overlaps, which count once in the length and
        with both amounts.

    Raises
    ------
    UsageError
        If a column is missing, holds no numbers or would be there twice, or a row has no kilometres or no route.

    Examples
    --------
    >>> import pandas as pd
    >>> lanes = pd.DataFrame({"from_km": [0, 10, 25], "to_km": [10, 25, 30], "lanes": [2, 2, 4]})
    >>> dissolve(lanes, by="lanes")[["from_km", "to_km", "lanes", "rows"]].to_numpy().tolist()
    [[0.0, 25.0, 2.0, 2.0], [25.0, 30.0, 4.0, 1.0]]
    """
    table = as_table(table)
    names = [name for name in listed(by) if name != route]
    summed, averaged = listed(amounts), listed(densities)
    result_has = [route, from_km, to_km, "length_km", "rows", *names, *summed, *averaged]
    if twice_named := next((name for name in result_has if result_has.count(name) > 1), None):
        raise UsageError(f"the result would have two columns {twice_named!r}", hint="Rename one, or name it once.")
    (events,) = _Events.of([(table, "the table")], route, from_km, to_km)
    same = np.zeros(len(table), dtype=np.int64)
    for name in names:
        codes, values = coded(table, name)
        same = same * (len(values) + 1) + codes + 1
        same = np.unique(same, return_inverse=True)[1]
    # Each set of values has ranks of its own, as if it were a route.
    wide = (int(events.end.max(initial=0)) + 2) * same
    order = np.lexsort((events.end, events.start + wide))
    block = _blocks(events.start[order] + wide[order], events.end[order] + wide[order])
    count = int(block[-1]) + 1 if len(block) else 0
    first = np.searchsorted(block, np.arange(count))
    start = events.start[order][first]
    end = np.maximum.reduceat(events.end[order], first) if count else start
    result = _spans(events, start, end, (route, from_km, to_km))
    for name in names:
        result[name] = table[name].iloc[order[first]].to_numpy()
    length = events.km(events.end) - events.km(events.start)
    for name in summed:
        result[name] = np.bincount(block, weights=numbers(table, name)[order], minlength=count)
    for name in averaged:
        # Of points alone the plain mean is taken.
        weights = np.where((end == start)[block], 1.0, length[order])
        total = np.bincount(block, weights=weights, minlength=count)
        result[name] = np.bincount(block, weights=weights * numbers(table, name)[order], minlength=count) / total
    result["rows"] = np.bincount(block, minlength=count)
    along = np.lexsort((end, start))
    twice = float(length.sum() - result["length_km"].sum())
    notes = [
        table.attrs.get(READ, ""),
        f"rows that say the same overlap by {twice:.3f} km, counted once" if twice > 0 else "",
        events.gaps(),
        events.note,
    ]
    return described(result.iloc[along].reset_index(drop=True), *notes, method=DISSOLVE_METHOD)


@dataclass(frozen=True, eq=False)
class _Events:
    """Stretches from `start` to `end`, each the rank of its kilometre, on routes whose ranks do not mix."""

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    values: NDArray[np.float64]
    routes: Sequence[object]
    rows: pd.Index[Any]
    what: str
    note: str

    @classmethod
    def of(cls, tables: Sequence[tuple[pd.DataFrame, str]], route: str | None, from_km: str, to_km: str) -> list[_Events]:
        """Read tables together, so that the same kilometre on the same route has the same rank in all."""
        import pandas as pd

        ends = [np.column_stack([numbers(table, name, what=what) for name in (from_km, to_km)]) for table, what in tables]
        values, ranks = np.unique(np.concatenate(ends).round(DECIMALS), return_inverse=True)
        names: list[str | None] = []
        said: dict[str | None, object] = {}
        for table, what in tables:
            column(table, route, what=what) if route is not None else None
            found: list[str | None] = [""] * len(table) if route is None else routes_of(route, table=table, rows=table.index)
            if None in found:
                raise UsageError(
                    f"{what} has no route in row {table.index[found.index(None)]}", hint=f"Fill in {route!r}, or leave the row out."
                )
            said = dict(zip(found, [""] * len(table) if route is None else table[route], strict=True)) | said
            names += found
        codes, routes = pd.factorize(np.array(names, dtype=object))
        keys = np.sort(ranks.reshape(-1, 2), axis=1) + (codes * (len(values) + 1))[:, None]
        bounds = np.cumsum([0, *(len(table) for table, _ in tables)])
        return [
            cls(
                keys[low:high, 0],
                keys[low:high, 1],
                values,
                [said[name] for name in routes],
                table.index,
                what,
                f"rows of {what} that run backwards are turned: {int(turned)}" if (turned := (end[:, 0] > end[:, 1]).sum()) else "",
            )
            for low, high, (table, what), end in zip(bounds[:-1], bounds[1:], tables, ends, strict=True)
        ]

    def km(self, key: NDArray[np.int64]) -> NDArray[np.float64]:
        """Give the kilometres of ranks."""
        return self.values[key % (len(self.values) + 1)]

    def route(self, key: NDArray[np.int64]) -> list[object]:
        """Give the routes of ranks."""
        return [self.routes[code] for code in key // (len(self.values) + 1)]

    def meeting(self, other: _Events) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Find all pairs of rows that have a stretch or a point in common, and its ends.

        Of two that meet one starts within the other: those that start within, or at, one of ours, and ours that start within theirs.
        """
        ours, theirs = _starting(other.start, self.start, np.maximum(self.end, self.start + 1))
        more, again = _starting(self.start, other.start + 1, other.end)
        one, two = np.concatenate([ours, again]), np.concatenate([theirs, more])
        return one, two, np.maximum(self.start[one], other.start[two]), np.minimum(self.end[one], other.end[two])

    def covered(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Join all stretches, points left out: the ends of what they cover, in order."""
        long = self.end > self.start
        order = np.argsort(self.start[long], kind="stable")
        start, end = self.start[long][order], self.end[long][order]
        block = _blocks(start, end)
        first = np.searchsorted(block, np.arange(int(block[-1]) + 1 if len(block) else 0))
        return start[first], np.maximum.reduceat(end, first) if len(first) else end

    def outside(self, other: _Events) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Find what of the rows no stretch of the other covers, points of it left out: row, and ends."""
        start, end = other.covered()
        far = max(int(self.end.max(initial=0)), int(end.max(initial=0))) + 2
        between = _Events(np.append(-1, end), np.append(start, far), self.values, self.routes, self.rows, "", "")
        row, _, low, high = self.meeting(between)
        # A point that meets one of the other is not outside it.
        alone = (low < high) | ~np.isin(low, other.start[other.start == other.end])
        return row[alone], low[alone], high[alone]

    def notes(self, other: _Events) -> list[str]:
        """Tell what of these stretches the other has not, and what of them overlaps."""
        start, end = self.covered()
        _, low, high = _Events(start, end, self.values, self.routes, self.rows, "", "").outside(other)
        length = self.km(self.end) - self.km(self.start)
        twice = float(length.sum() - (self.km(end) - self.km(start)).sum())
        notes = [self.note]
        if len(low):
            notes.append(f"{other.what} says nothing of {self._told(low, high)} of {self.what}")
        if twice > 0:
            notes.append(f"stretches of {self.what} overlap by {twice:.3f} km, where amounts count in each")
        return notes

    def gaps(self) -> str:
        """Tell of the gaps between the stretches of each route."""
        start, end = self.covered()
        low, high = end[:-1], start[1:]
        inside = low // (len(self.values) + 1) == high // (len(self.values) + 1)
        return f"gaps: {self._told(low[inside], high[inside])}" if inside.any() else ""

    def _told(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> str:
        km = float((self.km(high) - self.km(low)).sum())
        (name,) = self.route(low[:1])
        first = f"from km {self.km(low[:1])[0]:g} to km {self.km(high[:1])[0]:g}" + (f" of {name}" if name != "" else "")
        return f"{km:.3f} km in {counted(len(low), 'stretch', 'stretches')}, the first {first},"


def _starting(starts: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find all pairs of a range, from low up to but without high, and a start within it: which range, which start."""
    order = np.argsort(starts, kind="stable")
    begin, stop = np.searchsorted(starts[order], low), np.searchsorted(starts[order], high)
    count = np.maximum(stop - begin, 0)
    which = np.repeat(np.arange(len(low)), count)
    within = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    return which, order[np.repeat(begin, count) + within]


def _blocks(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the runs of stretches, in order of their starts, that touch or overlap."""
    if not len(start):
        return np.empty(0, dtype=np.int64)
    reached = np.maximum.accumulate(end)
    return np.append(0, np.cumsum(start[1:] > reached[:-1]))


def _spans(events: _Events, start: NDArray[np.int64], end: NDArray[np.int64], names: tuple[str | None, str, str]) -> pd.DataFrame:
    import pandas as pd

    route, from_km, to_km = names
    columns: dict[str, Any] = {} if route is None else {route: events.route(start)}
    low, high = events.km(start), events.km(end)
    return pd.DataFrame(columns | {from_km: low, to_km: high, "length_km": high - low})
