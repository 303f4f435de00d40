"""A network that may be asked for ways, made once."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError
from corridormap.measure.inputs import listed
from corridormap.measure.network.flows import load
from corridormap.measure.network.lines import (
    SNAP_M,
    grown,
    near_of_other_modes,
    of_atlas,
    of_file,
    of_frame,
    of_modes,
    transfers_between,
)
from corridormap.measure.network.parts import Parts, Places
from corridormap.measure.network.ways import isochrone, matrix, nearest, route
from corridormap.measure.network.weights import Weighting
from corridormap.phrases import counted, meant, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    from geopandas import GeoDataFrame

    from corridormap.measure.network.lines import Lines
    from corridormap.measure.network.parts import Place
    from corridormap.measure.network.weights import Extra, Rates, Weight


class Network:
    """Links between nodes, made once and asked as often as one likes: for ways, distances, loads and what lies within reach.

    Links go both ways. Of several ways as short it is always the same that is given: the one whose last link comes first by id, and so on
    back to its start. Every answer says in ``attrs["note"]`` what the network does not hold.

    Parameters
    ----------
    source : GeoDataFrame or file, optional
        Lines in any CRS, a row a link. Ends that lie within `snap_m` are one node, named by its longitude and latitude; columns ``from``
        and ``to`` name nodes, ``id, mode, country`` are used if they are there. Lines that cross without a common end do not meet:
        ``corridormap network from`` cuts them. By default the links of the atlas.
    atlas : Atlas, optional
        By default, and where no lines are given, the one that comes with the package.
    mode : str or iterable of str, optional
        The modes to use, such as ``rail``; by default all, changed where a node has both or a transfer joins station and town.
    planned : bool
        Whether links of the atlas that are only planned may be used.
    weight : str, Series, mapping or callable
        What a way is to have least of: ``length``, in km; ``time``, in hours, by `speeds`; ``cost``, by `costs`; a column of the links;
        figures by the ids of links; or a function that is given the frame of links with ``length_km`` and gives a figure for each. None may
        be NaN or below nought.
    speeds : float, str or mapping
        Km/h: one for all, a column, or by the values of the columns `by`, with ``default`` for others: ``{"rail": 40, "road": 60}``. There
        are no figures but the caller's.
    costs : float, str or mapping
        What a km costs, given like the speeds, in whatever currency and for whatever load.
    by : str or sequence of str
        The columns by whose values `speeds` and `costs` are told apart: of two the second within the first, as
        ``by=["mode", "status"]`` with ``{"rail": 40, "road": {"works": 30, "default": 60}}``.
    transfer, border : float or mapping
        What a change of mode, and the passing of a border, weigh besides, in the weight's own unit: one figure, or by the id of the node,
        with ``default``. A link of mode ``transfer`` weighs one change. A border is where the country of the links changes; who enters the
        high sea (``XZ``) passes it on coming ashore.
    transfers : float, DataFrame or iterable of pairs, optional
        Further transfers, straight: between nodes that no mode is common to and that lie within so many km, or between pairs of nodes,
        of a frame ``from, to``. The atlas draws some itself, as links of mode ``transfer``; that is how it tells that a station and a
        street are in one town.
    snap_m : float
        Ends of given lines within so many metres of each other, in a chain, are one node.

    Raises
    ------
    UsageError
        If a figure is lacking, or there is no such mode, column of rates or node.
    DataError
        If there is no line, a row holds none, an id stands twice, or a weight is no figure or below nought.

    Examples
    --------
    >>> rail = Network(mode="rail")
    >>> round(rail.route("Almaty-1", end="Dostyk").attrs["length_km"])
    820
    >>> rail.matrix(["Dostyk", "Altynkol"], ["Aktau port"]).round()["Aktau port"].tolist()
    [3072.0, 3082.0]
    """

    def __init__(
        self,
        source: GeoDataFrame | str | Path | None = None,
        *,
        atlas: Atlas | None = None,
        mode: str | Iterable[str] | None = None,
        planned: bool = False,
        weight: Weight = "length",
        speeds: Rates | None = None,
        costs: Rates | None = None,
        by: str | Sequence[str] = "mode",
        transfer: Extra = 0.0,
        border: Extra = 0.0,
        transfers: float | pd.DataFrame | Iterable[Sequence[str]] | None = None,
        snap_m: float = SNAP_M,
    ) -> None:
        weighting = Weighting(weight, speeds, costs, (by,) if isinstance(by, str) else tuple(by), transfer, border)
        modes = None if mode is None else _listed(mode)
        if source is None:
            atlas = atlas or Atlas.open()
            lines = of_atlas(atlas, modes=modes, planned=planned)
        else:
            lines = of_modes(of_frame(source, snap_m=snap_m), modes)
        by_mode = "" if modes is None else f" by {' or '.join(modes)}"
        if transfers is not None:
            lines = _with_transfers(lines, transfers, by_mode)
        self._parts = Parts(lines, weighting, atlas if source is None else None, by_mode)

    def _of(self, lines: Lines) -> Network:
        other = object.__new__(Network)
        other._parts = Parts(lines, self._parts.weighting, self._parts.atlas, self._parts.by_mode)
        return other

    @property
    def unit(self) -> str:
        """What the weight is called in columns: ``km``, ``hours``, ``cost``, the column's own name, or ``weight``."""
        return self._parts.unit

    @property
    def links(self) -> GeoDataFrame:
        """Its links by id, with ``length_km`` and the weight."""
        weight = {} if self._parts.weighting.is_length else {self.unit: self._parts.graph.weight}
        return self._parts.lines.links.assign(length_km=self._parts.lines.km, **weight)

    @property
    def nodes(self) -> GeoDataFrame:
        """The nodes that links end at, by id."""
        return self._parts.lines.nodes.loc[self._parts.places.used].copy()

    def __repr__(self) -> str:
        return f"Network of {counted(len(self._parts.ids), 'link')} and {counted(len(self._parts.places.used), 'node')}, by {self.unit}"

    def route(self, start: Place, *, end: Place, via: Place | Sequence[Place] = ()) -> GeoDataFrame:
        """Find the way between two places that has least of the weight.

        Parameters
        ----------
        start, end : str, (lon, lat) or Point
            A node, by id or by name in any language; or a point, for which the nearest node is taken.
        via : the same, or a sequence of them
            Places to pass, in this order.

        Returns
        -------
        GeoDataFrame
            One row a link, in order: ``from_km, to_km, link, from, to, mode, country, corridors, border`` (the crossing reached at its
            end, if it is one), ``only_way`` (whether the network holds no other way round this link: there may be one on the ground), the
            line as it is travelled, EPSG:4326. If not length is weighed, the weight of the link (``hours``, ``cost`` …); if changes are,
            ``added_hours`` and so on, what is added before it. ``attrs``: ``length_km``, the whole weight (``hours`` …; with changes
            ``weight_km`` if it is length), ``borders``, the crossings in order, and ``start_km, end_km``, how far a point is from its
            node, which nothing counts.

        Raises
        ------
        UsageError
            If a place is not known.
        DataError
            If no way joins them.
        """
        return route(self._parts, start, end=end, via=via)

    def matrix(self, origins: object, destinations: object = None) -> pd.DataFrame:
        """Table the weight of the shortest ways between places.

        Parameters
        ----------
        origins, destinations : sequence of places, GeoDataFrame or GeoSeries of points
            Places as in `route`; of a frame the rows are named by its index. By default all go to the origins.

        Returns
        -------
        DataFrame, n × m
            In the weight's unit (``attrs["unit"]``); NaN where no way leads.

        Raises
        ------
        UsageError
            If a place is not known.
        """
        return matrix(self._parts, origins, destinations)

    def load(self, od: pd.DataFrame | str | Path) -> GeoDataFrame:
        """Put tonnes on the links that they take, each pair's all on its shortest way, whatever else is on the link.

        Parameters
        ----------
        od : DataFrame or file
            ``origin, destination, tonnes``, places as in `route`; or a matrix, origins in its index and destinations in its columns, with
            empty cells for none.

        Returns
        -------
        GeoDataFrame
            One row a link of the whole network: ``link, from, to, mode, country, length_km, tonnes_forward`` (as its line runs, from
            ``from``), ``tonnes_backward, tonnes, tonne_km`` and the line, EPSG:4326. ``attrs``: ``tonnes``, all that was given; ``served``
            and ``tonne_km``; ``unserved``, a list of origin, destination and tonnes that no way joins.

        Raises
        ------
        UsageError
            If a place is not known, or it is no DataFrame.
        DataError
            If a column is missing, or an amount is no figure, or below nought.

        Notes
        -----
        All-or-nothing assignment, as in Sheffi, *Urban Transportation Networks* (1985), chapter 5: no link is ever full.
        """
        return load(self._parts, od)

    def isochrone(self, start: Place | Sequence[Place], *, limits: float | Sequence[float]) -> GeoDataFrame:
        """Find what of the network lies within reach of a place, links cut where the limit is reached.

        Parameters
        ----------
        start : place, or sequence of them
            As in `route`; of several the one nearest to each link counts.
        limits : float or sequence of float
            How far, in the weight's unit.

        Returns
        -------
        GeoDataFrame
            One row a limit and a stretch of a link: ``limit, link, from, to, mode, country, from_km, to_km`` (on the link, from its start),
            ``length_km`` and the line, EPSG:4326, limits in rising order. A wider limit holds what a narrower one does. A link may be
            reached from both ends, and has two rows then.

        Raises
        ------
        UsageError
            If a place is not known, or a limit is not above 0.

        Notes
        -----
        The weight of a link is spread evenly over its length, and cut by geodesic length on WGS 84.
        """
        return isochrone(self._parts, start, limits=limits)

    def nearest(self, points: object, *, to: object) -> pd.DataFrame:
        """Find for each point the nearest of several places by the network.

        Parameters
        ----------
        points : GeoDataFrame, GeoSeries, shapely points, a file, or (lon, lat)
            n points; each goes from the node nearest to it as the crow flies.
        to : sequence of places, GeoDataFrame or GeoSeries of points
            As in `matrix`.

        Returns
        -------
        DataFrame, n rows
            On the points' index: ``node``, how far it is from the point (``node_km``, which no weight counts), ``nearest`` and the weight
            of the way there. None and NaN where there is no point or no way leads; of several as near the first.

        Raises
        ------
        UsageError
            If a place is not known.
        DataError
            If a frame has no CRS, or holds something else than points.
        """
        return nearest(self._parts, points, to=to)

    def without(
        self,
        *,
        links: str | Iterable[str] = (),
        nodes: str | Iterable[str] = (),
        borders: str | Iterable[str] = (),
        countries: str | Iterable[str] = (),
    ) -> Network:
        """Give a network without some links; this one stays as it is.

        Parameters
        ----------
        links : str or iterable of str
            Links that are closed, by id.
        nodes : str or iterable of str
            Nodes whose links are closed, by id or name.
        borders : str or iterable of str
            The same of crossings alone.
        countries : str or iterable of str
            Countries whose links are closed.

        Raises
        ------
        UsageError
            If one of them is not there, or a border is none.
        """
        parts, table = self._parts, self._parts.lines.links
        closed, left = _listed(links), _listed(countries)
        known = {*table.index, *parts.wholes, *(() if parts.atlas is None else parts.atlas.links.index)}
        unknown = sorted(set(closed) - known)
        if unknown:
            hint = meant(unknown[0], known, "`corridormap find` and the layer network_links list them.")
            raise UsageError(f"no link {unknown[0]!r}", hint=hint)
        shut, passed = ([parts.places.named(node) for node in _listed(names)] for names in (nodes, borders))
        for node in passed:
            if node not in parts.crossings:
                raise UsageError(f"{node} is no border", hint="Close it as one of the `nodes`.")
        there = sorted(set(table["country"].dropna()))
        for country in left:
            if country not in there:
                raise UsageError(f"no links in {country!r}", hint=f"Countries are: {', '.join(there) or 'none'}.")
        ends = table["from"].isin([*shut, *passed]) | table["to"].isin([*shut, *passed])
        kept = ~(table.index.isin(closed) | np.isin(parts.wholes, closed) | ends | table["country"].isin(left)).to_numpy()
        named = [*closed, *shut, *passed, *left]
        return self._of(parts.lines.only(kept, f"closed: {some(named)}" if named else ""))

    def with_links(self, frame: GeoDataFrame | str | Path, *, mode: str | None = None, snap_m: float = 1000.0) -> Network:
        """Give a network with more links, to see what they would change; this one stays as it is.

        Parameters
        ----------
        frame : GeoDataFrame or file
            Lines in any CRS. Where ``from`` and ``to`` name nodes, by id or name, they end there, however the line is drawn; other ends
            come to lie on the nearest node of a link of their mode within `snap_m`; if there is none, such a link is cut, into ``id#1`` and
            ``id#2``; if there is none either, they make new nodes. The length is that of the line as it is drawn.
        mode : str, optional
            The mode of lines that have no column ``mode``.
        snap_m : float
            In metres.

        Raises
        ------
        UsageError
            If a node is not there, an id is taken, or the mode is not said.
        DataError
            As `Network`.
        """
        lines, frame = self._parts.lines, of_file(frame)
        if "mode" not in frame and lines.links["mode"].notna().any():
            if mode is None:
                raise UsageError("the new lines have no mode", hint='Add a column "mode", or say mode="rail".')
            frame = frame.assign(mode=mode)
        return self._of(grown(lines, frame, named=self._parts.node_of_any, snap_m=snap_m))


def _listed(names: Any) -> list[str]:
    """Give one id or several as a list, each once; those of the network are texts."""
    return [str(name) for name in listed(names)]


def _with_transfers(lines: Lines, transfers: Any, by_mode: str) -> Lines:
    import pandas as pd

    if isinstance(transfers, Real):
        km = float(transfers)
        if not 0 < km < np.inf:
            raise UsageError(f"transfers within {km:g} km", hint="Give km above 0, or pairs of nodes.")
        return transfers_between(lines, near_of_other_modes(lines, km))
    places = Places(lines.nodes, used=lines.nodes.index.tolist(), by=by_mode)
    if isinstance(transfers, pd.DataFrame):
        if not {"from", "to"} <= set(transfers.columns):
            raise DataError("have no columns from and to", where="the transfers")
        transfers = zip(transfers["from"], transfers["to"], strict=True)
    is_list = pd.api.types.is_list_like
    pairs = [tuple(pair) if is_list(pair) else () for pair in transfers] if is_list(transfers) else [()]
    if any(len(pair) != 2 for pair in pairs):
        raise UsageError("the transfers are no pairs of nodes", hint='For instance [("station", "street")]; or give km.')
    return transfers_between(lines, [(places.named(one), places.named(other)) for one, other in pairs])
