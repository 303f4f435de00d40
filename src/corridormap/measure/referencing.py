"""Linear referencing: kilometres along a corridor, or along any line, to places and back.

Chainage is cumulative geodesic length from the start of a way. Where a line has a gap, its kilometres stop at one end of it and go on at
the other: nothing is bridged. A way that reverses in a station passes its approach twice and counts it twice, as a train's odometer does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from corridormap.errors import DataError, UsageError
from corridormap.measure.frames import LONLAT, described, given
from corridormap.measure.geodesic import geod, subdivided

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas
    from corridormap.measure.feet import Feet

METHOD = "chainage is cumulative geodesic length on WGS 84 from the start of the way; nearest points are exact to a centimetre"
SPLIT_KM = 5.0
"""Segments are split as geodesics so that within one of them the Earth is flat to a centimetre."""


@dataclass(frozen=True)
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

        return Feet(self.coordinates, self.km, self.piece, step_km=SPLIT_KM)

    def places(self, km: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lon/lat (n, 2) at chainages (n,) that lie on the line."""
        import numpy as np

        before = np.clip(np.searchsorted(self.km, km, side="right") - 1, 0, len(self.km) - 2)
        here, there = self.coordinates[before], self.coordinates[before + 1]
        azimuth, _, metres = geod().inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
        along = np.clip((km - self.km[before]) * 1000.0, 0.0, metres)
        lon, lat, _ = geod().fwd(here[:, 0], here[:, 1], azimuth, along)
        return np.column_stack([lon, lat])

    def neighbours(self, km: NDArray[np.float64]) -> dict[str, list[Any]]:
        """The nodes before and after each chainage, and how far they are along the line."""
        import numpy as np

        if self.nodes.empty:
            return {}
        at, names = self.nodes["km"].to_numpy(), self.nodes["node"].tolist()
        after = np.searchsorted(at, km, side="left")
        before = np.searchsorted(at, km, side="right") - 1
        columns: dict[str, list[Any]] = {"before": [], "before_km": [], "after": [], "after_km": []}
        for kind, found in (("before", before), ("after", after)):
            known = (found >= 0) & (found < len(at))
            columns[kind] = [names[place] if ok else None for place, ok in zip(found, known, strict=True)]
            columns[f"{kind}_km"] = np.where(known, np.abs(km - at[np.clip(found, 0, len(at) - 1)]), np.nan).tolist()
        return columns


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
    import numpy as np
    import pandas as pd
    import shapely

    if isinstance(target, Alignment):
        return target
    if isinstance(target, str | int) and not isinstance(target, bool):
        return _corridor(str(target), atlas, way)
    read = given(target, what="the line")
    lines = read.geometries[np.isin(shapely.get_type_id(read.geometries), (1, 2, 5))]
    lines = lines[~shapely.is_empty(lines)]
    if len(lines) != 1:
        raise DataError(f"{len(lines)} lines where one is wanted", where="the line", hint="Choose one row, or merge them with union_all().")
    parts = shapely.get_parts(lines[0])
    coordinates, piece = shapely.get_coordinates(parts, return_index=True)
    # Parts that meet are one piece.
    meets = np.append(0, np.cumsum((coordinates[1:] != coordinates[:-1]).any(axis=1) & (piece[1:] != piece[:-1])))
    empty = pd.DataFrame()
    return Alignment("the line", coordinates, _cumulative_km(coordinates, meets), meets, empty, empty, read.note)


def _corridor(name: str, atlas: Atlas | None, way: int) -> Alignment:
    import numpy as np
    import pandas as pd
    import shapely

    from corridormap.atlas import Atlas

    atlas = atlas or Atlas.open()
    by_number = {str(one.number): one.id for one in atlas.itineraries.values() if one.number is not None}
    itinerary = by_number.get(name, name)
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
        Kilometres from the start of the way.
    atlas : Atlas, optional
        By default the packaged one.
    way : int
        Which of the corridor's ways.

    Returns
    -------
    GeoDataFrame, n rows
        ``km, geometry`` in EPSG:4326, and on a corridor ``link, country, accuracy_m, before, before_km, after, after_km``: the nodes before
        and after, and how far they are along the line.

    Raises
    ------
    UsageError
        If a chainage lies beyond the ends, or there is no such corridor.

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
    wanted = np.atleast_1d(np.asarray(km, dtype=float))
    off = ~((wanted >= 0) & (wanted <= line.length_km + 1e-9))
    if off.any():
        raise UsageError(f"km {wanted[off][0]:g} is not on {line.name}", hint=f"It runs from km 0 to km {line.length_km:.3f}.")
    table: dict[str, Any] = {"km": wanted}
    if not line.stretches.empty:
        stretch = np.clip(np.searchsorted(line.stretches["to_km"].to_numpy(), wanted), 0, len(line.stretches) - 1)
        table |= {column: line.stretches[column].to_numpy()[stretch] for column in ("link", "country", "accuracy_m")}
    table |= line.neighbours(wanted)
    frame = gpd.GeoDataFrame(table, geometry=shapely.points(line.places(wanted)), crs=LONLAT)
    return described(frame, method=METHOD, note=line.note)


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
        EPSG:4326. Where the line passes the place twice the first passage counts. Rows without a point are NaN.

    Raises
    ------
    DataError
        If a frame has no CRS, or holds something else than points.

    Notes
    -----
    The nearest segment is found on a plane about the line; distances to it and its like are then measured near the point, on a plane that
    touches the ellipsoid there, and the last on the ellipsoid itself.
    """
    import geopandas as gpd
    import numpy as np
    import shapely

    line = alignment(target, atlas=atlas, way=way)
    if isinstance(points, tuple) and len(points) == 2 and not isinstance(points[0], shapely.Geometry):
        points = shapely.Point(*points)
    read = given(points, what="the points")
    kinds = shapely.get_type_id(read.geometries)
    if not np.isin(kinds, (-1, 0)).all():
        raise DataError("holds something else than points", where="the points", hint="Take their representative_point() or centroid.")
    there = (kinds == 0) & ~shapely.is_empty(read.geometries)
    count = len(read.geometries)
    km, offset = np.full(count, np.nan), np.full(count, np.nan)
    side = np.full(count, None, dtype=object)
    feet = np.full(count, None, dtype=object)
    found = line.feet.of(shapely.get_coordinates(read.geometries[there]))
    km[there], offset[there], side[there] = found.km, found.offset_m, found.side
    feet[there] = shapely.points(found.places)
    table: dict[str, Any] = {"km": km, "offset_m": offset, "side": side}
    around = line.neighbours(np.where(there, km, 0.0))
    table |= {name: [value if ok else None for value, ok in zip(values, there, strict=True)] for name, values in around.items()}
    notes = "; ".join(note for note in (line.note, read.note) if note)
    return described(gpd.GeoDataFrame(table, index=read.index, geometry=feet, crs=LONLAT), method=METHOD, note=notes)


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
    low, high = sorted((float(from_km), float(to_km)))
    if not (low >= 0 and high <= line.length_km + 1e-9 and low < high):
        raise UsageError(f"km {low:g} to {high:g} is no stretch of {line.name}", hint=f"It runs from km 0 to km {line.length_km:.3f}.")
    breaks = line.km[1:][line.piece[1:] != line.piece[:-1]].tolist()
    country: list[Any] = []
    if not line.stretches.empty:
        change = line.stretches["country"].ne(line.stretches["country"].shift())
        breaks += line.stretches.loc[change, "from_km"].tolist()
    ends = np.unique([low, high, *(km for km in breaks if low < km < high)])
    rows, shapes = [], []
    for start, end in pairwise(ends):
        # Of the vertices at a gap's kilometre only those of the same piece belong here.
        middle = int(np.searchsorted(line.km, (start + end) / 2)) - 1
        inner = (line.km > start) & (line.km < end) & (line.piece == line.piece[middle])
        edge = line.km == start
        first = line.coordinates[edge & (line.piece == line.piece[middle])]
        first = first[:1] if len(first) else line.places(np.array([start]))
        last = line.coordinates[(line.km == end) & (line.piece == line.piece[middle])]
        last = last[-1:] if len(last) else line.places(np.array([end]))
        shapes.append(shapely.LineString(np.vstack([first, line.coordinates[inner], last])))
        rows.append({"from_km": start, "to_km": end, "length_km": end - start})
        if not line.stretches.empty:
            country.append(line.stretches["country"].iloc[int(np.searchsorted(line.stretches["to_km"], (start + end) / 2))])
    frame = gpd.GeoDataFrame(rows, geometry=shapes, crs=LONLAT)
    if country:
        frame.insert(3, "country", country)
    if from_km > to_km:
        frame = frame.iloc[::-1].reset_index(drop=True)
        frame[["from_km", "to_km"]] = frame[["to_km", "from_km"]].to_numpy()
        frame.geometry = shapely.reverse(frame.geometry.to_numpy())
    return described(frame, method=METHOD, note=line.note)


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
        ``km, node, kind, country, name_…, official_km, official_source, geometry`` in EPSG:4326, in order. The official kilometre is that
        of a published official length from the start of the way to the node, NaN where there is none.

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
    table = line.nodes.copy()
    posts = _official_posts(atlas, line)
    table["official_km"] = [posts[node][0] if node in posts else np.nan for node in table["node"]]
    table["official_source"] = [posts[node][1] if node in posts else None for node in table["node"]]
    places = shapely.points(np.asarray(line.places(line.nodes["km"].to_numpy())))
    return described(gpd.GeoDataFrame(table, geometry=places, crs=LONLAT), method=METHOD)


def _official_posts(atlas: Atlas, line: Alignment) -> dict[str, tuple[float, str]]:
    start = line.nodes["node"].iloc[0]
    # Crossings at the border stand in for the station beside them in no published table: only the very start counts.
    return {
        figure.end: (figure.km, figure.source)
        for figure in atlas.itineraries[line.name].lengths
        if figure.kind == "official" and figure.start == start and figure.end is not None
    }


def events(
    target: object, *, table: pd.DataFrame, from_km: str = "from_km", to_km: str = "to_km", atlas: Atlas | None = None, way: int = 0
) -> GeoDataFrame:
    """Lay a table of stretches on a line: works, freight, lanes.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`.
    table : DataFrame, n rows
        One row an event, with its kilometres.
    from_km, to_km : str
        The columns that hold them. Where both are the same the event is a point.
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
        If a column is missing, or a stretch is not on the line.
    """
    import geopandas as gpd
    import shapely

    missing = [column for column in (from_km, to_km) if column not in table.columns]
    if missing:
        raise UsageError(f"the table has no column {missing[0]!r}", hint="Columns are: " + ", ".join(map(str, table.columns)) + ".")
    line = alignment(target, atlas=atlas, way=way)
    shapes, km = [], []
    for start, end in zip(table[from_km].astype(float), table[to_km].astype(float), strict=True):
        if start == end:
            shapes.append(locate(line, km=start).geometry.iloc[0])
            km.append(0.0)
            continue
        pieces = cut(line, from_km=start, to_km=end)
        merged = shapely.line_merge(shapely.MultiLineString(list(pieces.geometry)), directed=True)
        shapes.append(merged)
        km.append(float(pieces["length_km"].sum()))
    frame = gpd.GeoDataFrame(table.assign(length_km=km), geometry=shapes, crs=LONLAT)
    return described(frame, method=METHOD, note=line.note)
