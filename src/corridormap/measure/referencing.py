"""Linear referencing: from kilometres along a corridor, or along any line, to places and back."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import UsageError
from corridormap.measure.alignments import ROUNDING_KM, alignment
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.alignments import Alignment

METHOD = (
    "chainage is cumulative geodesic length on WGS 84 from the start of the way; distances to the nearest point are good to a centimetre "
    "within 100 km of the line and to 10 m within 1,000 km"
)


def locate(
    target: object, *, km: object, errors: Literal["raise", "coerce"] = "raise", atlas: Atlas | None = None, way: int = 0
) -> GeoDataFrame:
    """Find the places at chainages.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`.
    km : float or sequence of float, shape (n,)
        Kilometres from the start of the way. At a gap the place after it is given.
    errors : {"raise", "coerce"}
        What becomes of a chainage that is no number or lies beyond the ends: it is refused, with its row, or its row is left empty.
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
        If a chainage is no number or lies beyond the ends and is not to be left empty, or there is no such corridor.

    Examples
    --------
    >>> place = locate("rail-1-northern", km=400)
    >>> place.after.item()
    'sayak'
    """
    import geopandas as gpd
    import pandas as pd

    line = alignment(target, atlas=atlas, way=way)
    try:
        wanted = np.atleast_1d(np.asarray(km, dtype=float))
    except (TypeError, ValueError):
        raise UsageError("chainages must be numbers", hint="For instance 400, or [0, 12.5, 400].") from None
    if wanted.ndim != 1:
        raise UsageError(f"chainages must be one number or a list of them, not an array of {wanted.ndim} dimensions")
    index = km.index if isinstance(km, pd.Series) else None
    on = _on(line, wanted, errors, rows=None if len(wanted) == 1 else list(range(len(wanted)) if index is None else index))
    there = np.where(on, wanted, np.nan)
    table: dict[str, Any] = {"km": wanted}
    if not line.stretches.empty:
        stretch = np.clip(np.searchsorted(line.stretches["to_km"].to_numpy(), there), 0, len(line.stretches) - 1)
        for column in ("link", "country"):
            found = line.stretches[column].to_numpy()[stretch]
            table[column] = texts((value if ok else None for value, ok in zip(found, on, strict=True)), index)
        table["accuracy_m"] = np.where(on, line.stretches["accuracy_m"].to_numpy(dtype=float)[stretch], np.nan)
    table |= line.neighbours(there, index=index)
    places = np.full(len(wanted), None, dtype=object)
    places[on] = shapely.points(line.places(wanted[on]))
    frame = gpd.GeoDataFrame(table, index=index, geometry=places, crs=LONLAT)
    return described(frame, line.note, method=METHOD)


def _on(line: Alignment, km: NDArray[np.float64], errors: str, *, rows: Sequence[object] | None) -> NDArray[np.bool_]:
    """Tell which chainages lie on the line, or refuse one that does not."""
    if errors not in {"raise", "coerce"}:
        raise UsageError(f"errors must be 'raise' or 'coerce', not {errors!r}")
    if errors == "raise":
        line.check(km, rows=rows)
    return line.holds(km)


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
    Earth; the nearest point and its distance are geodesic.

    Examples
    --------
    >>> found = chainage("rail-1-northern", points=(73.1, 49.8))
    >>> round(found.km.item()), round(found.offset_m.item(), -2), found.side.item(), found.after.item()
    (1175, 200.0, 'left', 'sorokovaya')
    """
    import geopandas as gpd

    line = alignment(target, atlas=atlas, way=way)
    read, found = line.nearest.of_points(points)
    table: dict[str, Any] = {"km": found.km, "offset_m": found.offset_m, "side": texts(found.side, read.index)}
    table |= line.neighbours(found.km, index=read.index)
    frame = gpd.GeoDataFrame(table, index=read.index, geometry=found.geometries(), crs=LONLAT)
    return described(frame, line.note, read.note, method=METHOD)


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
    return described(frame, line.note, method=METHOD)


def _stretch(line: Alignment, from_km: float, to_km: float) -> tuple[float, float]:
    """Check that the ends of a stretch are on the line, and give the lower first."""
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
    """Find the longest official figure from an earlier node to the one at a place in the table; of several, the first given."""
    nodes, km = line.nodes["node"].tolist(), line.nodes["km"].tolist()
    best: dict[str, Any] = {}
    for figure in atlas.itineraries[line.name].lengths:
        if figure.kind != "official" or nodes[place] not in {figure.start, figure.end}:
            continue
        other = figure.start if nodes[place] == figure.end else figure.end
        # Of a node that is passed twice, the passages nearest to each other are meant.
        pairs = combinations(enumerate(nodes), 2)
        spans = [(b - a, a, b) for (a, one), (b, two) in pairs if {one, two} == {other, nodes[place]}]
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
    target: object,
    *,
    table: pd.DataFrame,
    from_km: str = "from_km",
    to_km: str = "to_km",
    errors: Literal["raise", "coerce"] = "raise",
    atlas: Atlas | None = None,
    way: int = 0,
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
    errors : {"raise", "coerce"}
        What becomes of a row whose kilometres are no numbers or not on the line: it is refused, or it has no length and no geometry.
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
        If a column is missing or holds something else than numbers, or a stretch is not on the line and is not to be left empty.
    """
    import geopandas as gpd
    import pandas as pd

    missing = [column for column in (from_km, to_km) if column not in table.columns]
    if missing:
        raise UsageError(
            f"the table has no column {missing[0]!r}",
            hint=meant(missing[0], table.columns, f"Columns are: {', '.join(map(str, table.columns))}."),
        )
    line = alignment(target, atlas=atlas, way=way)
    try:
        ends = table[[from_km, to_km]].to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"{from_km!r} and {to_km!r} must hold numbers", hint="pandas.to_numeric finds what is none.") from None
    shapes = np.full(len(table), None, dtype=object)
    rows = [label for label in table.index for _ in range(2)]
    on = _on(line, ends.ravel(), errors, rows=rows).reshape(-1, 2).all(axis=1)
    for row in np.flatnonzero(on):
        start, end = ends[row]
        low, high = _stretch(line, start, end)
        if low == high:
            shapes[row] = shapely.Point(line.places(np.array([low]))[0])
            continue
        parts = [places for _, _, places in line.between(low, high)]
        if start > end:
            parts = [places[::-1] for places in reversed(parts)]
        shapes[row] = shapely.LineString(parts[0]) if len(parts) == 1 else shapely.MultiLineString(parts)
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore")).assign(
        length_km=np.where(on, np.abs(ends[:, 1] - ends[:, 0]), np.nan)
    )
    return described(gpd.GeoDataFrame(plain, geometry=shapes, crs=LONLAT), line.note, method=METHOD)
