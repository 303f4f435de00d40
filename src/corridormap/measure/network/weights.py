"""What it costs to travel a link: its length, the time at speeds that the caller gives, a cost, a column, or whatever a function says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.errors import DataError, UsageError
from corridormap.phrases import counted

if TYPE_CHECKING:
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

Rates = float | str | Mapping[str, Any]
"""One figure for all links, a column of figures, or figures by the values of columns, which may nest and have a ``default``."""
Extra = float | Mapping[str, float]
"""One figure for all nodes, or figures by node, which may have a ``default``; nought where there is none."""
Weight = str | Mapping[str, float] | Callable[..., Any]
"""``length``, ``time`` or ``cost``; a column of the links; figures by link; a function of the frame of links."""
DEFAULT = "default"
TRANSFER = "transfer"
"""The mode of links that join a station and its town."""
UNITS = {"length": "km", "time": "hours", "cost": "cost"}
RATES = {"time": "speeds", "cost": "costs"}


@dataclass(frozen=True)
class Weighting:
    """How links, and changes between them, are weighed; see `corridormap.measure.Network`."""

    weight: Any = "length"
    speeds: Rates | None = None
    costs: Rates | None = None
    by: tuple[str, ...] = ("mode",)
    transfer: Extra = 0.0
    border: Extra = 0.0

    def __post_init__(self) -> None:
        kind = self.weight if isinstance(self.weight, str) else None
        wanted = RATES.get(kind or "")
        if wanted and getattr(self, wanted) is None:
            hint = f'For instance {wanted}={{"rail": 40, "road": 60}}; no figure is taken for granted.'
            raise UsageError(f"the weight is {kind}, and no {wanted} are given", hint=hint)
        for kind, rates in RATES.items():
            if rates != wanted and getattr(self, rates) is not None:
                raise UsageError(f"{rates} are given, and the weight is not {kind}", hint=f'Say weight="{kind}".')
        for name in ("transfer", "border"):
            extra = getattr(self, name)
            for value in extra.values() if isinstance(extra, Mapping) else [extra]:
                if not _is_figure(value) or not 0 <= value < np.inf:
                    raise UsageError(f"{name} must be a figure from 0 up, not {shown(value)}")

    @property
    def unit(self) -> str:
        """What the weight is called in columns: ``km``, ``hours``, ``cost``, the column's own name, or ``weight``."""
        if isinstance(self.weight, str):
            return UNITS.get(self.weight, self.weight)
        return str(getattr(self.weight, "name", None) or "weight")

    @property
    def is_length(self) -> bool:
        """Whether it is length alone that a link weighs."""
        return isinstance(self.weight, str) and self.weight == "length"

    @property
    def has_extras(self) -> bool:
        """Whether changes of mode or country weigh anything."""
        return any(bool(extra) for extra in (self.transfer, self.border))

    def of_links(self, links: GeoDataFrame, km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Weigh links, each by itself.

        Raises
        ------
        UsageError
            If a figure is lacking for some of them.
        DataError
            If there is no such column, or a weight is no figure, or below nought.
        """
        values = np.asarray(self._raw(links, km))
        if values.shape != (len(links),):
            raise UsageError(f"the weight has the shape {values.shape}", hint=f"Give one figure for each link, {len(links)} in all.")
        values = _figures(values, links, f"weight {self.unit!r}")
        if "cut_share" in links and not (callable(self.weight) or (isinstance(self.weight, str) and self.weight in UNITS)):
            # What was given is that of the whole link.
            values = values * links["cut_share"].fillna(1.0).to_numpy(dtype=float)
        if (values < 0).any():
            row = int((values < 0).argmax())
            raise DataError(
                f"the weight {self.unit!r} is {values[row]:g}, below nought", where="the network", feature=str(links.index[row])
            )
        moved = (links["mode"] == TRANSFER).to_numpy()
        if self.transfer and moved.any():
            pairs = zip(links["from"][moved], links["to"][moved], strict=True)
            values = values.copy()
            values[moved] += [max(extra_at(self.transfer, one), extra_at(self.transfer, other)) for one, other in pairs]
        return values

    def _raw(self, links: GeoDataFrame, km: NDArray[np.float64]) -> Any:
        if not isinstance(self.weight, str):
            if callable(self.weight):
                return self.weight(links.assign(length_km=km))
            return _by_link(self.weight, links)
        if self.is_length:
            return km
        if self.weight not in RATES:
            return _column(links, self.weight)
        name = RATES[self.weight]
        rates = _rates(getattr(self, name), links, self.by, name)
        if self.weight == "cost":
            return km * rates
        if (rates <= 0).any():
            row = int((rates <= 0).argmax())
            raise UsageError(f"the speed of {links.index[row]} is {rates[row]:g} km/h", hint="Speeds are above 0; leave out closed links.")
        return km / rates

    def between(self, node: str, one: tuple[Any, Any], other: tuple[Any, Any]) -> float:
        """Weigh the change at a node from a link of one mode and country to another's."""
        changes = one[0] != other[0] and TRANSFER not in {one[0], other[0]}
        # Who leaves the high sea comes ashore; who enters it has left no country yet.
        crosses = one[1] != other[1] and other[1] != "XZ"
        return float(changes) * extra_at(self.transfer, node) + float(crosses) * extra_at(self.border, node)


def extra_at(extra: Extra, node: str) -> float:
    """Give the figure of one node."""
    return float(extra.get(node, extra.get(DEFAULT, 0.0)) if isinstance(extra, Mapping) else extra)


def shown(value: object) -> str:
    """Write a value for a message, texts in quotes."""
    return repr(value) if isinstance(value, str) else str(value)


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _column(links: GeoDataFrame, name: str) -> pd.Series[Any]:
    if name not in links or name == "geometry":
        shown = ", ".join(str(column) for column in links.columns if column != "geometry")
        raise DataError(f"the links have no column {name!r}", where="the network", hint=f"Columns are: {shown}.")
    column: pd.Series[Any] = links[name]
    return column


def _by_link(values: Any, links: GeoDataFrame) -> Any:
    """Look figures of links up by their ids."""
    import pandas as pd

    if not isinstance(values, pd.Series | Mapping):
        hint = "Name a column, or give a Series or a mapping by the ids of links, or a function."
        raise UsageError(f"the weight is {type(values).__name__}", hint=hint)
    series = values if isinstance(values, pd.Series) else pd.Series(dict(values), dtype=object)
    series = series.set_axis(series.index.map(str))
    if not series.index.is_unique:
        raise UsageError("the weights name a link twice", hint="Their index is the links' ids, each once.")
    names = links["cut_from"].fillna(links["id"]) if "cut_from" in links else links["id"]
    lacking = names[~names.isin(series.index)]
    if len(lacking):
        hint = "The index of the weights is the links' ids."
        raise UsageError(f"no weight for {counted(len(lacking), 'link')}, for instance {lacking.iloc[0]!r}", hint=hint)
    return series.loc[names].to_numpy()


def _figures(values: Any, links: GeoDataFrame, what: str) -> NDArray[np.float64]:
    import pandas as pd

    figures = pd.to_numeric(pd.Series(np.asarray(values, dtype=object)), errors="coerce").to_numpy(dtype=float)
    bad = ~np.isfinite(figures)
    if bad.any():
        row = int(bad.argmax())
        hint = f"Fill in the column, or leave the link out; {int(bad.sum())} links are so."
        raise DataError(f"the {what} is no figure: {shown(values[row])}", where="the network", feature=str(links.index[row]), hint=hint)
    return figures


def _rates(rates: Rates, links: GeoDataFrame, by: Sequence[str], what: str) -> NDArray[np.float64]:
    """Look up the rate of each link: a figure for all, a column, or by the values of columns."""
    if isinstance(rates, str):
        return _figures(_column(links, rates).to_numpy(), links, rates)
    if not isinstance(rates, Mapping):
        return np.full(len(links), _rate(rates, (), by, what))
    columns = links[[_column(links, name).name for name in by]].astype(object)
    # No two NaN are the same key.
    columns = columns.where(columns.notna(), None)
    found = {values: _rate(rates, values, by, what) for values in columns.drop_duplicates().itertuples(index=False, name=None)}
    return np.array([found[values] for values in columns.itertuples(index=False, name=None)], dtype=float)


def _rate(rates: Any, values: tuple[Any, ...], by: Sequence[str], what: str) -> float:
    found = rates
    for value in (*values, DEFAULT):
        if isinstance(found, Mapping):
            found = found.get(value, found.get(DEFAULT))
    if not _is_figure(found) or not 0 <= found < np.inf:
        named = ", ".join(f"{name} {value!r}" for name, value in zip(by, values, strict=False)) or "the links"
        said = "is lacking" if found is None else f"is {shown(found)}"
        raise UsageError(f"the figure for {named} {said} in `{what}`", hint=f'Give one, or a "{DEFAULT}"; or choose modes with `mode`.')
    return float(found)
