"""Linear referencing: kilometres along a corridor, or along any line, to places and back.

Chainage is cumulative geodesic length from the start of a way. Where a line has a gap, its kilometres stop at one end of it and go on at
the other: nothing is bridged, and ``attrs["note"]`` says where. A way that reverses in a station passes its approach twice and counts it
twice, as a train's odometer does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

from corridormap.errors import DataError, UsageError
from corridormap.measure.frames import LONLAT, described, given, labels, texts
from corridormap.measure.geodesic import distances_m, geod, subdivided

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.measure.feet import Feet
    from corridormap.measure.frames import Given

METHOD = (
    "chainage is cumulative geodesic length on WGS 84 from the start of the way; distances to the nearest point are good to a centimetre "
    "within 100 km of the line and to 10 m within 1,000 km"
)
ROUNDING_KM = 1e-9
"""A chainage may be so much beyond the end: a millionth of a metre."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """A line with its kilometres.

    Attributes
    ----------
    name : str
        What it is called in messages and tables.
    coordinates : ndarray of float, shape (n, 2)
        Its vertices, lon/lat.
    km : ndarray of float, shape (n,)
        The chainage of each.
    piece : ndarray of int, shape (n,)
        The piece of the line each belongs to; between pieces lies a gap.
    nodes : DataFrame
        The places it passes: ``km, node`` and names, in order; empty for a line that is not the atlas's.
    stretches : DataFrame
        ``from_km, to_km, link, country, accuracy_m``, one row a link; empty likewise.
    note : str
        What was done to the caller's data.
    """

    name: str
    coordinates: NDArray[np.float64]
    km: NDArray[np.float64]
    piece: NDArray[np.int64]
    nodes: pd.DataFrame
    stretches: pd.DataFrame
    note: str = ""

    @property
    def length_km(self) -> float:
        """Its whole length, gaps left out."""
        return float(self.km[-1])

    @cached_property
    def feet(self) -> Feet:
        """What nearest points on it are looked for with."""
        from corridormap.measure.feet import Feet

        return Feet([self])

    def places(self, km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lon/lat (n, 2) at chainages (n,) that lie on the line."""
        import numpy as np

        before = np.clip(np.searchsorted(self.km, km, side="right") - 1, 0, len(self.km) - 2)
        here, there = self.coordinates[before], self.coordinates[before + 1]
        azimuth, _, metres = geod().inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
        along = np.clip((km - self.km[before]) * 1000.0, 0.0, metres)
        lon, lat, _ = geod().fwd(here[:, 0], here[:, 1], azimuth, along)
        return np.column_stack([lon, lat])

    def between(self, low: float, high: float) -> list[tuple[float, float, NDArray[np.float64]]]:
        """The pieces of a stretch, cut at gaps: from and to which kilometre, and lon/lat (n, 2)."""
        import numpy as np

        found = []
        first = np.append(0, np.flatnonzero(np.diff(self.piece)) + 1)
        for start, stop in zip(first, np.append(first[1:], len(self.km)), strict=True):
            km, coordinates = self.km[start:stop], self.coordinates[start:stop]
            begin, end = max(low, float(km[0])), min(high, float(km[-1]))
            if end - begin <= ROUNDING_KM:
                continue
            inner = (km > begin) & (km < end)
            # At a gap the place belongs to this piece, not to the next.
            head = coordinates[:1] if begin == km[0] else self.places(np.array([begin]))
            tail = coordinates[-1:] if end == km[-1] else self.places(np.array([end]))
            found.append((begin, end, np.vstack([head, coordinates[inner], tail])))
        return found

    def neighbours(self, km: NDArray[np.float64]) -> dict[str, list[Any]]:
        """The nodes before and after each chainage, and how far they are along the line; None and NaN where the chainage is NaN."""
        import numpy as np

        if self.nodes.empty:
            return {}
        at, names = self.nodes["km"].to_numpy(), self.nodes["node"].tolist()
        columns: dict[str, list[Any]] = {}
        for kind, found in (("before", np.searchsorted(at, km, side="right") - 1), ("after", np.searchsorted(at, km, side="left"))):
            known = (found >= 0) & (found < len(at)) & np.isfinite(km)
            columns[kind] = [names[place] if ok else None for place, ok in zip(found, known, strict=True)]
            columns[f"{kind}_km"] = np.where(known, np.abs(km - at[np.clip(found, 0, len(at) - 1)]), np.nan).tolist()
        return columns

    def check(self, km: NDArray[np.float64]) -> None:
        """Make sure that chainages lie on the line.

        Raises
        ------
        UsageError
            Naming the first that does not.
        """
        off = ~((km >= 0) & (km <= self.length_km + ROUNDING_KM))
        if off.any():
            raise UsageError(f"km {km[off][0]:g} is not on {self.name}", hint=f"It runs from km 0 to km {self.length_km:.3f}.")


def alignment(target: object, *, atlas: Atlas | None = None, way: int = 0) -> Alignment:
    """Give a corridor, or any line, its kilometres.

    Parameters
    ----------
    target : str, LineString, MultiLineString, GeoDataFrame or GeoSeries
        The id or the number of a corridor of the atlas; or one line of the caller's, in lon/lat unless its frame says otherwise. A
        multiline's parts are taken in their order, with gaps between where they do not meet.
    atlas : Atlas, optional
        By default the one that comes with the package.
    way : int
        Which of the corridor's ways, from 0: the main one first, then its branches.

    Returns
    -------
    Alignment

    Raises
    ------
    UsageError
        If there is no such corridor or way, or the target is nothing of the kind.
    DataError
        If a frame has no CRS, or holds no line or several.
    """
    if isinstance(target, Alignment):
        return target
    if is_name(target):
        return _corridor(str(target), atlas, way)
    lines = _lines(target)
    if len(lines) != 1:
        hint = "Choose one row, or join lines that meet with shapely.line_merge(frame.union_all())."
        raise DataError(f"{len(lines)} lines where one is wanted", where="the line", hint=hint)
    return lines[0]


def alignments(target: object, *, atlas: Atlas | None = None) -> list[Alignment]:
    """Give all ways of a corridor, the main one first, or all of the caller's lines, their kilometres; see `alignment`.

    Raises
    ------
    UsageError, DataError
        As `alignment`, but several lines are fine.
    """
    if isinstance(target, Alignment):
        return [target]
    if is_name(target):
        from corridormap.atlas import Atlas

        atlas = atlas or Atlas.open()
        main = _corridor(str(target), atlas, 0)
        return [main, *(_corridor(main.name, atlas, way) for way in range(1, len(atlas.itineraries[main.name].ways)))]
    lines = _lines(target)
    if not lines:
        raise DataError("holds no line", where="the line", hint="For areas, measure their boundary.")
    return lines


def is_name(target: object) -> bool:
    """Whether a target is the id or number of a corridor."""
    return isinstance(target, str | Integral) and not isinstance(target, bool)


def itinerary_of(atlas: Atlas, name: object) -> str:
    """The id that a name or number means; an id comes before a number that looks like it."""
    by_number = {str(one.number): one.id for one in atlas.itineraries.values() if one.number is not None}
    return str(name) if name in atlas.itineraries else by_number.get(str(name), str(name))


def _lines(target: object) -> list[Alignment]:
    """The caller's lines, one for each row that has any."""
    import numpy as np
    import pandas as pd
    import shapely

    read = given(target, what="the line")
    found = []
    for geometry in read.geometries[np.isin(shapely.get_type_id(read.geometries), (1, 2, 5)) & ~shapely.is_empty(read.geometries)]:
        coordinates, part = shapely.get_coordinates(shapely.get_parts(geometry), return_index=True)
        if not np.isfinite(coordinates).all():
            raise DataError("has coordinates that are no numbers", where="the line")
        # Parts that meet are one piece.
        piece = np.append(0, np.cumsum((coordinates[1:] != coordinates[:-1]).any(axis=1) & (part[1:] != part[:-1])))
        km = _cumulative_km(coordinates, piece)
        notes = "; ".join(note for note in (read.note, _gaps(coordinates, km, piece)) if note)
        found.append(Alignment("the line", coordinates, km, piece, pd.DataFrame(), pd.DataFrame(), notes))
    return found


def _gaps(coordinates: NDArray[np.float64], km: NDArray[np.float64], piece: NDArray[np.int64]) -> str:
    import numpy as np

    after = np.flatnonzero(np.diff(piece))
    wide = distances_m(coordinates[after], coordinates[after + 1]) / 1000.0
    shown = ", ".join(f"at km {at:.3f} ({across:.3f} km across)" for at, across in zip(km[after[:5]], wide, strict=False))
    more = f" and {len(after) - 5} more" if len(after) > 5 else ""
    return f"gaps, which no kilometre counts: {shown}{more}" if len(after) else ""


def _corridor(name: str, atlas: Atlas | None, way: int) -> Alignment:
    import numpy as np
    import pandas as pd
    import shapely

    from corridormap.atlas import Atlas

    atlas = atlas or Atlas.open()
    itinerary = itinerary_of(atlas, name)
    ways = atlas.route(itinerary)
    if not 0 <= way < len(ways):
        raise UsageError(f"{itinerary} has no way {way}", hint=f"Its ways are 0 to {len(ways) - 1}; 0 is the main one.")
    steps = ways[way]
    links = atlas.links.loc[[step.id for step in steps]]
    geometries = links.geometry.to_numpy().copy()
    backward = np.array([not step.forward for step in steps])
    geometries[backward] = shapely.reverse(geometries[backward])
    coordinates, link = shapely.get_coordinates(geometries, return_index=True)
    # Where two links meet the vertex is kept once.
    kept = np.append(True, ~((coordinates[1:] == coordinates[:-1]).all(axis=1)))
    km = _cumulative_km(coordinates, np.zeros(len(coordinates), dtype=np.int64))
    first = np.searchsorted(link, np.arange(len(steps)))
    bounds = np.append(km[first], km[-1])
    stretches = pd.DataFrame(
        {
            "from_km": bounds[:-1],
            "to_km": bounds[1:],
            **{column: links[column].to_numpy() for column in ("country", "accuracy_m", "status")},
        }
    )
    stretches.insert(2, "link", [step.id for step in steps])
    nodes = atlas.itineraries[itinerary].ways[way].nodes
    table = pd.DataFrame({"km": bounds, "node": nodes})
    known = atlas.nodes.loc[nodes]
    for column in ("kind", "country", *(f"name_{lang}" for lang in atlas.languages)):
        table[column] = known[column].to_numpy()
    where = np.zeros(int(kept.sum()), dtype=np.int64)
    return Alignment(itinerary, coordinates[kept], km[kept], where, table, stretches)


def _cumulative_km(coordinates: NDArray[np.float64], piece: NDArray[np.int64]) -> NDArray[np.float64]:
    import numpy as np

    _, _, steps = subdivided(coordinates, piece, step_km=np.inf)
    return np.cumsum(steps) / 1000.0


def locate(target: object, *, km: object, atlas: Atlas | None = None, way: int = 0) -> GeoDataFrame:
    """Find the places at chainages.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`.
    km : float or sequence of float, shape (n,)
        Kilometres from the start of the way. At a gap the place after it is given.
    atlas : Atlas, optional
        By default the packaged one.
    way : int
        Which of the corridor's ways.

    Returns
    -------
    GeoDataFrame, n rows
        ``km, geometry`` in EPSG:4326, and on a corridor ``link, country, accuracy_m, before, before_km, after, after_km``: the nodes before
        and after, and how far they are along the line. On the index of `km` if that is a series.

    Raises
    ------
    UsageError
        If a chainage is no number or lies beyond the ends, or there is no such corridor.

    Examples
    --------
    >>> place = locate("rail-1-northern", km=400)
    >>> place.after.item()
    'sayak'
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    line = alignment(target, atlas=atlas, way=way)
    try:
        wanted = np.atleast_1d(np.asarray(km, dtype=float))
    except (TypeError, ValueError):
        raise UsageError("chainages must be numbers", hint="For instance 400, or [0, 12.5, 400].") from None
    if wanted.ndim != 1:
        raise UsageError(f"chainages must be one number or a list of them, not an array of {wanted.ndim} dimensions")
    line.check(wanted)
    index = labels(km)
    table: dict[str, Any] = {"km": wanted}
    if not line.stretches.empty:
        stretch = np.clip(np.searchsorted(line.stretches["to_km"].to_numpy(), wanted), 0, len(line.stretches) - 1)
        table |= {column: texts(line.stretches[column].to_numpy()[stretch], index) for column in ("link", "country")}
        table["accuracy_m"] = line.stretches["accuracy_m"].to_numpy(dtype=float)[stretch]
    table |= _columns(line.neighbours(wanted), index)
    frame = gpd.GeoDataFrame(table, index=index, geometry=shapely.points(line.places(wanted)), crs=LONLAT)
    return described(frame, method=METHOD, note=line.note)


def _columns(neighbours: dict[str, list[Any]], index: pd.Index[Any] | None) -> dict[str, Any]:
    import numpy as np

    return {name: np.asarray(values, dtype=float) if name.endswith("_km") else texts(values, index) for name, values in neighbours.items()}


def chainage(target: object, *, points: object, atlas: Atlas | None = None, way: int = 0) -> GeoDataFrame:
    """Find the chainage of points: where on the line is nearest to them.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`.
    points : GeoDataFrame, GeoSeries, shapely points, or (lon, lat)
        n points.
    atlas : Atlas, optional
        By default the packaged one.
    way : int
        Which of the corridor's ways.

    Returns
    -------
    GeoDataFrame, n rows
        On the points' index: ``km, offset_m`` (geodesic distance to the line), ``side`` as one goes with the kilometres (``left, right``,
        ``on`` within a centimetre), on a corridor the nodes before and after as in `locate`, and as geometry the nearest point of the line,
        EPSG:4326. Where the line passes the place twice the first passage counts. Rows without a point are NaN and None.

    Raises
    ------
    DataError
        If a frame has no CRS, or holds something else than points.

    Notes
    -----
    Segments that may be the nearest are found on an azimuthal equidistant plane about the line, then compared by the distance through the
    Earth; the foot and its distance are geodesic.

    Examples
    --------
    >>> found = chainage("rail-1-northern", points=(73.1, 49.8))
    >>> round(found.km.item()), round(found.offset_m.item(), -2), found.side.item(), found.after.item()
    (1175, 200.0, 'left', 'astana-1')
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    line = alignment(target, atlas=atlas, way=way)
    read, there = points_given(points)
    count = len(read.geometries)
    km, offset = np.full(count, np.nan), np.full(count, np.nan)
    side, feet = np.full(count, None, dtype=object), np.full(count, None, dtype=object)
    found = line.feet.of(shapely.get_coordinates(read.geometries[there]))
    km[there], offset[there], side[there] = found.km, found.offset_m, found.side
    feet[there] = shapely.points(found.places)
    table: dict[str, Any] = {"km": km, "offset_m": offset, "side": texts(side, read.index)}
    table |= _columns(line.neighbours(km), read.index)
    notes = "; ".join(note for note in (line.note, read.note) if note)
    return described(gpd.GeoDataFrame(table, index=read.index, geometry=feet, crs=LONLAT), method=METHOD, note=notes)


def points_given(points: object) -> tuple[Given, NDArray[np.bool_]]:
    """The caller's points, and which of them are there.

    Raises
    ------
    DataError
        If there is something else than points among them.
    """
    import numpy as np
    import shapely

    if isinstance(points, tuple) and len(points) == 2 and all(isinstance(value, Real) for value in points):
        points = shapely.Point(*points)
    read = given(points, what="the points")
    kinds = shapely.get_type_id(read.geometries)
    if not np.isin(kinds, (-1, 0)).all():
        raise DataError("holds something else than points", where="the points", hint="Take their representative_point() or centroid.")
    return read, (kinds == 0) & ~shapely.is_empty(read.geometries)


def cut(target: object, *, from_km: float, to_km: float, atlas: Atlas | None = None, way: int = 0) -> GeoDataFrame:
    """Cut a stretch out of a line.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`.
    from_km, to_km : float
        Its ends; given the other way round, the stretch runs backwards.
    atlas : Atlas, optional
        By default the packaged one.
    way : int
        Which of the corridor's ways.

    Returns
    -------
    GeoDataFrame
        ``from_km, to_km, length_km, geometry`` in EPSG:4326; one row for each piece between gaps and, on a corridor, for each country it
        runs through (``country``).

    Raises
    ------
    UsageError
        If the ends are not on the line, or are the same.
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    line = alignment(target, atlas=atlas, way=way)
    low, high = _stretch(line, from_km, to_km)
    if low == high:
        raise UsageError(f"a stretch from km {low:g} to km {high:g} has no length", hint="For a place, use locate.")
    ends = [low, high]
    table = line.stretches
    if not table.empty:
        change = table.loc[table["country"].ne(table["country"].shift()), "from_km"]
        ends = [low, *change[(change > low) & (change < high)], high]
    pieces = [piece for start, end in pairwise(ends) for piece in line.between(start, end)]
    froms, tos = np.array([piece[0] for piece in pieces]), np.array([piece[1] for piece in pieces])
    columns: dict[str, Any] = {"from_km": froms, "to_km": tos, "length_km": tos - froms}
    if not table.empty:
        inside = np.searchsorted(table["to_km"].to_numpy(), (froms + tos) / 2.0)
        columns["country"] = texts(table["country"].to_numpy()[inside])
    frame = gpd.GeoDataFrame(columns, geometry=[shapely.LineString(piece[2]) for piece in pieces], crs=LONLAT)
    if from_km > to_km:
        frame = frame.iloc[::-1].reset_index(drop=True)
        frame[["from_km", "to_km"]] = frame[["to_km", "from_km"]].to_numpy()
        frame.geometry = shapely.reverse(frame.geometry.to_numpy())
    return described(frame, method=METHOD, note=line.note)


def _stretch(line: Alignment, from_km: float, to_km: float) -> tuple[float, float]:
    """The ends of a stretch, the lower first, if they are on the line."""
    import numpy as np

    ends = np.array([from_km, to_km], dtype=float)
    line.check(ends)
    low, high = np.clip(np.sort(ends), 0.0, line.length_km).tolist()
    return low, low if high - low <= ROUNDING_KM else high


def stationing(target: str, *, atlas: Atlas | None = None, way: int = 0) -> GeoDataFrame:
    """Table the nodes of a corridor with their kilometres.

    Parameters
    ----------
    target : str
        A corridor's id or number.
    atlas : Atlas, optional
        By default the packaged one.
    way : int
        Which of the corridor's ways.

    Returns
    -------
    GeoDataFrame
        ``km, node, kind, country, name_…, geometry`` in EPSG:4326, in order; and where an authority published how far the node is from one
        before it, ``official_from`` (that node), ``official_km``, ``measured_km`` (the same stretch as measured here), ``official_source``
        and ``official_reason``, why the two differ, in the atlas's first language. Official kilometres are those of single stretches: they
        are nowhere added up.

    Raises
    ------
    UsageError
        If there is no such corridor or way.
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    from corridormap.atlas import Atlas

    atlas = atlas or Atlas.open()
    line = alignment(str(target), atlas=atlas, way=way)
    posts = [_official(atlas, line, place) for place in range(len(line.nodes))]
    table = line.nodes.copy()
    for column in ("official_from", "official_source", "official_reason"):
        table[column] = texts(post.get(column) for post in posts)
    for place, column in enumerate(("official_km", "measured_km"), start=len(line.nodes.columns) + 1):
        table.insert(place, column, [post.get(column, np.nan) for post in posts])
    places = shapely.points(line.places(line.nodes["km"].to_numpy()))
    return described(gpd.GeoDataFrame(table, geometry=places, crs=LONLAT), method=METHOD)


def _official(atlas: Atlas, line: Alignment, place: int) -> dict[str, Any]:
    """The longest official figure from an earlier node to the one at a place in the table; of several, the first given."""
    nodes, km = line.nodes["node"].tolist(), line.nodes["km"].tolist()
    best: dict[str, Any] = {}
    for figure in atlas.itineraries[line.name].lengths:
        if figure.kind != "official" or nodes[place] not in {figure.start, figure.end}:
            continue
        other = figure.start if nodes[place] == figure.end else figure.end
        # Of a node that is passed twice, the passages nearest to each other are meant.
        spans = [
            (b - a, a, b) for a, one in enumerate(nodes) for b, two in enumerate(nodes) if a < b and {one, two} == {other, nodes[place]}
        ]
        if not spans or min(spans)[2] != place or figure.km <= best.get("official_km", 0.0):
            continue
        best = {
            "official_from": other,
            "official_km": figure.km,
            "measured_km": km[place] - km[min(spans)[1]],
            "official_source": figure.source,
            "official_reason": atlas.text(figure.reason, atlas.languages[0]) if figure.reason else None,
        }
    return best


def events(
    target: object, *, table: pd.DataFrame, from_km: str = "from_km", to_km: str = "to_km", atlas: Atlas | None = None, way: int = 0
) -> GeoDataFrame:
    """Lay a table of stretches on a line: works, freight, lanes.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`.
    table : DataFrame, n rows
        One row an event, with its kilometres. A geometry it has is replaced.
    from_km, to_km : str
        The columns that hold them. Where both are the same the event is a point; given the other way round, it runs backwards.
    atlas : Atlas, optional
        By default the packaged one.
    way : int
        Which of the corridor's ways.

    Returns
    -------
    GeoDataFrame, n rows
        The table with ``length_km`` and its geometry, EPSG:4326; a stretch over a gap is a MultiLineString.

    Raises
    ------
    UsageError
        If a column is missing or holds no numbers, or a stretch is not on the line.
    """
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import shapely

    missing = [column for column in (from_km, to_km) if column not in table.columns]
    if missing:
        raise UsageError(f"the table has no column {missing[0]!r}", hint="Columns are: " + ", ".join(map(str, table.columns)) + ".")
    line = alignment(target, atlas=atlas, way=way)
    try:
        ends = table[[from_km, to_km]].to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"{from_km!r} and {to_km!r} must hold numbers", hint="pandas.to_numeric finds what is none.") from None
    shapes = np.full(len(table), None, dtype=object)
    for row, (start, end) in enumerate(ends):
        low, high = _stretch(line, start, end)
        if low == high:
            shapes[row] = shapely.Point(line.places(np.array([low]))[0])
            continue
        parts = [places for _, _, places in line.between(low, high)]
        if start > end:
            parts = [places[::-1] for places in reversed(parts)]
        shapes[row] = shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(parts)
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    plain = plain.assign(length_km=np.abs(ends[:, 1] - ends[:, 0]))
    return described(gpd.GeoDataFrame(plain, geometry=shapes, crs=LONLAT), method=METHOD, note=line.note)
