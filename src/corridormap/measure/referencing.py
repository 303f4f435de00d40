"""Linear referencing: from kilometres along a corridor, or along any line, to places and back; the nodes of a corridor with theirs."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import UsageError
from corridormap.measure.alignments import Alignment, alignment
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.measure.nearest_points import as_points
from corridormap.measure.routes import along_routes
from corridormap.measure.tables import column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.inputs import Inputs
    from corridormap.measure.routes import Errors

METHOD = (
    "chainage is cumulative geodesic length on WGS 84 from the start of the way; distances to the nearest point are good to a centimetre "
    "within 100 km of the line and to 10 m within 1,000 km"
)


def method_of(line: Alignment) -> str:
    """Say how the kilometres of a line are measured."""
    return METHOD if line.marks is None else f"{METHOD}; turned into official kilometres, evenly between the posts"


def locate(
    target: object = None,
    *,
    km: object,
    route: object = None,
    errors: Errors = "raise",
    atlas: Atlas | None = None,
    way: int = 0,
) -> GeoDataFrame:
    """Find the places at chainages.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`. With `route` none, or a dict of lines by route.
    km : float or sequence of float, shape (n,), or table
        Kilometres from the start of the way, or of posts if the line is calibrated. At a gap the place after it is given. Of a table the
        column ``km`` counts.
    route : str or sequence of str, shape (n,), optional
        The corridor that each row speaks of: a column of the table, or its names; each row is measured along its own.
    errors : {"raise", "coerce"}
        What becomes of a chainage that is no number or lies beyond the ends, or whose corridor is not known: it is refused, with its row,
        or its row is left empty.
    atlas, way : Atlas and int, optional
        The atlas, by default the packaged one; which of the corridor's ways, by default the main one.

    Returns
    -------
    GeoDataFrame, n rows
        ``km, geometry`` in EPSG:4326, and on a corridor ``link, country, accuracy_m, before, before_km, after, after_km``: the nodes before
        and after, and how far they are along the line; with `route` that column first. On the index of `km` if that is a series or table.

    Raises
    ------
    UsageError
        If a chainage is no number or lies beyond the ends and is not to be left empty, or there is no such corridor.

    Examples
    --------
    >>> place = locate("rail-1-northern", km=400)
    >>> place.after.item()
    'sayak'
    >>> import pandas as pd
    >>> locate(km=pd.DataFrame({"km": [400, 400], "corridor": [1, 10]}), route="corridor").after.tolist()
    ['sayak', 'pavlodar-town']
    """
    import pandas as pd

    table = km if isinstance(km, pd.DataFrame) else None
    wanted = kilometres(km if table is None else column(table, "km"))
    index = km.index if isinstance(km, pd.Series | pd.DataFrame) else pd.RangeIndex(len(wanted))
    alone = route is None and len(wanted) == 1

    def measured(line: Alignment, rows: NDArray[np.int64]) -> GeoDataFrame:
        return _locate(line, wanted[rows], errors, rows=None if alone else index[rows])

    return along_routes(measured, route=route, table=table, index=index, target=target, errors=errors, atlas=atlas, way=way)


def kilometres(km: object) -> NDArray[np.float64]:
    """Read one kilometre, or a list of them.

    Raises
    ------
    UsageError
        If they are no numbers.
    """
    try:
        wanted = np.atleast_1d(np.asarray(km, dtype=float))
    except (TypeError, ValueError):
        raise UsageError("chainages must be numbers", hint="For instance 400, or [0, 12.5, 400].") from None
    if wanted.ndim != 1:
        raise UsageError(f"chainages must be one number or a list of them, not an array of {wanted.ndim} dimensions")
    return wanted


def _locate(line: Alignment, wanted: NDArray[np.float64], errors: Errors, *, rows: Iterable[object] | None) -> GeoDataFrame:
    import geopandas as gpd

    on = on_line(line, wanted, errors, rows=rows)
    there = np.where(on, line.measured(wanted), np.nan)
    table: dict[str, Any] = {"km": wanted}
    if not line.stretches.empty:
        stretch = np.clip(np.searchsorted(line.stretches["to_km"].to_numpy(), there), 0, len(line.stretches) - 1)
        for name in ("link", "country"):
            found = line.stretches[name].to_numpy()[stretch]
            table[name] = texts(value if ok else None for value, ok in zip(found, on, strict=True))
        table["accuracy_m"] = np.where(on, line.stretches["accuracy_m"].to_numpy(dtype=float)[stretch], np.nan)
    table |= line.neighbours(there)
    places = np.full(len(wanted), None, dtype=object)
    places[on] = shapely.points(line.places(there[on]))
    return described(gpd.GeoDataFrame(table, geometry=places, crs=LONLAT), line.note, method=method_of(line))


def on_line(line: Alignment, km: NDArray[np.float64], errors: Errors, *, rows: Iterable[object] | None) -> NDArray[np.bool_]:
    """Tell which kilometres lie on the line, or refuse one that does not.

    Raises
    ------
    UsageError
        Naming its row, unless errors are coerced.
    """
    if errors == "raise":
        line.check(km, rows=rows)
    return line.holds(km)


def chainage(
    target: object = None,
    *,
    points: object,
    route: object = None,
    errors: Errors = "raise",
    atlas: Atlas | None = None,
    way: int = 0,
) -> GeoDataFrame:
    """Find the chainage of points: where on the line is nearest to them.

    Parameters
    ----------
    target : str or line
        A corridor's id or number, or a line; see `alignment`. With `route` none, or a dict of lines by route.
    points : GeoDataFrame, GeoSeries, shapely points, a file, or (lon, lat)
        n points.
    route : str or sequence of str, shape (n,), optional
        The corridor of each point: a column of the frame, or its names.
    errors : {"raise", "coerce"}
        What becomes of a row whose corridor is not known: it is refused, or left empty.
    atlas, way : Atlas and int, optional
        The atlas, by default the packaged one; which of the corridor's ways, by default the main one.

    Returns
    -------
    GeoDataFrame, n rows
        On the points' index: ``km, offset_m`` (geodesic distance to the line), ``side`` as one goes with the kilometres (``left, right``,
        ``on`` within a centimetre), on a corridor the nodes before and after as in `locate`, and as geometry the nearest point of the line,
        EPSG:4326; with `route` that column first. Where the line passes the place twice the first passage counts. Rows without a point are
        NaN and None. On a calibrated line ``km`` are those of its posts, NaN beyond them.

    Raises
    ------
    DataError
        If a frame has no CRS, or there is something else than points in it.
    UsageError
        If there is no such corridor.

    Examples
    --------
    >>> found = chainage("rail-1-northern", points=(73.1, 49.8))
    >>> round(found.km.item()), round(found.offset_m.item(), -2), found.side.item(), found.after.item()
    (1175, 200.0, 'left', 'sorokovaya')
    """
    if route is None:
        frame, read = _chainage(alignment(target, atlas=atlas, way=way), points)
        frame.index = read.index
        return frame
    read = as_points(points)

    def measured(line: Alignment, rows: NDArray[np.int64]) -> GeoDataFrame:
        return _chainage(line, read.geometries[rows])[0]

    frame = along_routes(measured, route=route, table=read.frame, index=read.index, target=target, errors=errors, atlas=atlas, way=way)
    return described(frame, read.note, frame.attrs.get("note", ""), method=frame.attrs["method"])


def _chainage(line: Alignment, points: object) -> tuple[GeoDataFrame, Inputs]:
    import geopandas as gpd

    read, found = line.nearest.of_points(points)
    km = line.said(found.km)
    table: dict[str, Any] = {"km": km, "offset_m": found.offset_m, "side": texts(found.side)}
    table |= line.neighbours(found.km)
    beyond = int((np.isnan(km) & np.isfinite(found.km)).sum())
    note = f"{beyond} points lie beyond the posts" if beyond else ""
    return described(
        gpd.GeoDataFrame(table, geometry=found.geometries(), crs=LONLAT), line.note, read.note, note, method=method_of(line)
    ), read


def stationing(target: str | Alignment, *, atlas: Atlas | None = None, way: int = 0) -> GeoDataFrame:
    """Table the nodes of a corridor with their kilometres.

    Parameters
    ----------
    target : str or Alignment
        A corridor's id or number; or its alignment, for instance calibrated on posts.
    atlas, way : Atlas and int, optional
        The atlas, by default the packaged one; which of the corridor's ways, by default the main one.

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
        If there is no such corridor or way, or the alignment is of no corridor.
    """
    import geopandas as gpd

    atlas = atlas or Atlas.open()
    line = alignment(target if isinstance(target, Alignment) else str(target), atlas=atlas, way=way)
    if line.nodes.empty:
        raise UsageError(f"{line.name} has no nodes", hint="Name a corridor.")
    posts = [_official(atlas, line, place) for place in range(len(line.nodes))]
    table = line.nodes.assign(km=line.said(line.nodes["km"].to_numpy()))
    for name in ("official_from", "official_source", "official_reason"):
        table[name] = texts(post.get(name) for post in posts)
    for place, name in enumerate(("official_km", "measured_km"), start=len(line.nodes.columns) + 1):
        table.insert(place, name, [post.get(name, np.nan) for post in posts])
    places = shapely.points(line.places(line.nodes["km"].to_numpy()))
    return described(gpd.GeoDataFrame(table, geometry=places, crs=LONLAT), line.note, method=method_of(line))


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
