"""What lines have in common: track that several corridors share, and the places where they cross."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridormap.measure.frames import LONLAT, described
from corridormap.measure.geodesic import densified, geod, lengths_km
from corridormap.measure.referencing import SPLIT_KM, Alignment, alignment

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.atlas import Atlas

SHARED_METHOD = "geodesic length on WGS 84 of links of the network, each counted once however often a corridor passes it"
CROSSINGS_METHOD = "intersection of lines whose vertices stand at most 5 km apart on geodesics; angle between the lines 50 m either side"
TOUCH_M = 1.0


def shared_track(corridors: Iterable[str] | None = None, *, atlas: Atlas | None = None) -> GeoDataFrame:
    """Tell for each link of the network which corridors use it.

    Parameters
    ----------
    corridors : iterable of str, optional
        Ids of corridors and routes; by default the numbered corridors.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        One row a link of the whole network: ``link, mode, country, length_km, corridors`` (a list property, None for none) ``, count``,
        EPSG:4326. The lengths add up to the network's; ``table[table["count"] > 1]`` is what is shared.

    Raises
    ------
    UsageError
        If there is no such corridor.

    Examples
    --------
    >>> table = shared_track(["rail-1-northern", "rail-2-southern"])
    >>> round(table.loc[table["count"] == 2, "length_km"].sum())
    321
    """
    from corridormap.atlas import Atlas

    atlas = atlas or Atlas.open()
    riders = users(atlas, corridors)
    links = atlas.links
    table = links[["mode", "country", "geometry"]].copy()
    table.insert(0, "link", links.index)
    table.insert(3, "length_km", lengths_km(links.geometry.to_numpy()))
    table.insert(4, "corridors", ["; ".join(riders.get(link, [])) or None for link in links.index])
    table.insert(5, "count", [len(riders.get(link, [])) for link in links.index])
    return described(table.reset_index(drop=True), method=SHARED_METHOD)


def shared_matrix(corridors: Iterable[str] | None = None, *, atlas: Atlas | None = None) -> pd.DataFrame:
    """Table the kilometres that each pair of corridors shares; on the diagonal, a corridor's own.

    Parameters
    ----------
    corridors : iterable of str, optional
        Ids of corridors and routes; by default the numbered corridors.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    DataFrame, n × n
        Kilometres, corridor by corridor. The diagonal counts each link once.
    """
    import numpy as np
    import pandas as pd

    from corridormap.atlas import Atlas

    atlas = atlas or Atlas.open()
    riders = users(atlas, corridors)
    names = list(dict.fromkeys(chosen(atlas, corridors)))
    uses = np.array([[name in riders.get(link, ()) for name in names] for link in atlas.links.index], dtype=float)
    km = lengths_km(atlas.links.geometry.to_numpy())
    return described(pd.DataFrame(uses.T @ (uses * km[:, None]), index=names, columns=names), method=SHARED_METHOD, unit="km")


def chosen(atlas: Atlas, corridors: Iterable[str] | None) -> list[str]:
    """The itineraries named, by default the numbered corridors."""
    return list(corridors) if corridors is not None else [one.id for one in atlas.itineraries.values() if one.number is not None]


def users(atlas: Atlas, corridors: Iterable[str] | None) -> dict[str, list[str]]:
    """Tell for each link which of the chosen itineraries use it."""
    riders: dict[str, list[str]] = {}
    for name in dict.fromkeys(chosen(atlas, corridors)):
        for link in dict.fromkeys(step.id for way in atlas.route(name) for step in way):
            riders.setdefault(link, []).append(name)
    return riders


def crossings(first: object, *, second: object, atlas: Atlas | None = None) -> GeoDataFrame:
    """Find where two lines cross, and where they run on the same track.

    Parameters
    ----------
    first, second : str or line
        Ids or numbers of corridors, of which all ways count, or lines; see `corridormap.measure.alignment`.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        In order along the first: ``kind`` (``crossing`` or ``overlap``) ``, way_a, km_a, to_km_a, way_b, km_b, to_km_b, angle_deg,
        length_km``, EPSG:4326. A crossing is a point with its chainage on both lines and the angle between them, 0 to 90°; an overlap is a
        line with the kilometres of its ends on both, counted as the first line runs. The ends of overlaps are no crossings.

    Raises
    ------
    UsageError, DataError
        As `corridormap.measure.alignment`.
    """
    import geopandas as gpd

    rows: list[dict[str, Any]] = []
    for way_a, a in enumerate(ways_of(first, atlas)):
        for way_b, b in enumerate(ways_of(second, atlas)):
            rows += [{"way_a": way_a, "way_b": way_b, **row} for row in _meetings(a, b)]
    columns = ["kind", "way_a", "km_a", "to_km_a", "way_b", "km_b", "to_km_b", "angle_deg", "length_km", "geometry"]
    table = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=LONLAT)
    return described(table.sort_values(["way_a", "km_a", "way_b"], kind="stable").reset_index(drop=True), method=CROSSINGS_METHOD)


def ways_of(target: object, atlas: Atlas | None) -> list[Alignment]:
    """All ways of a corridor, the main one first; a line is one way."""
    if not isinstance(target, str | int):
        return [alignment(target, atlas=atlas)]
    from corridormap.atlas import Atlas

    atlas = atlas or Atlas.open()
    main = alignment(target, atlas=atlas)
    return [main, *(alignment(main.name, atlas=atlas, way=way) for way in range(1, len(atlas.route(main.name))))]


def _meetings(a: Alignment, b: Alignment) -> list[dict[str, Any]]:
    import numpy as np
    import shapely

    parts = shapely.get_parts(shapely.intersection(_drawn(a), _drawn(b)))
    parts = parts[~shapely.is_empty(parts)]
    kinds = shapely.get_type_id(parts)
    rows = [_overlap(a, b, line) for line in shapely.get_parts(shapely.line_merge(shapely.union_all(parts[kinds == 1])))]
    points = parts[kinds == 0]
    if len(points):
        places = shapely.get_coordinates(points)
        on_a, on_b = a.feet.of(places), b.feet.of(places)
        angles = np.abs((_direction(a, on_a.km) - _direction(b, on_b.km) + 180.0) % 360.0 - 180.0)
        inside = np.zeros(len(points), dtype=bool)
        for row in rows:
            low, high = sorted((row["km_a"], row["to_km_a"]))
            inside |= (on_a.km > low - TOUCH_M / 1000.0) & (on_a.km < high + TOUCH_M / 1000.0)
        rows += [
            {
                "kind": "crossing",
                "km_a": float(on_a.km[i]),
                "km_b": float(on_b.km[i]),
                "angle_deg": float(min(angles[i], 180.0 - angles[i])),
                "geometry": points[i],
            }
            for i in (~inside).nonzero()[0]
        ]
    return rows


def _overlap(a: Alignment, b: Alignment, line: Any) -> dict[str, Any]:
    import shapely

    ends = shapely.get_coordinates(line)[[0, -1]]
    on_a, on_b = a.feet.of(ends).km, b.feet.of(ends).km
    if on_a[0] > on_a[1]:
        on_a, on_b, line = on_a[::-1], on_b[::-1], shapely.reverse(line)
    return {
        "kind": "overlap",
        "km_a": float(on_a[0]),
        "to_km_a": float(on_a[1]),
        "km_b": float(on_b[0]),
        "to_km_b": float(on_b[1]),
        "length_km": float(lengths_km([line])[0]),
        "geometry": line,
    }


def _drawn(line: Alignment) -> Any:
    """The line's segments, each once and in a direction of its own, so that lines which share track share every vertex set between."""
    import numpy as np
    import shapely

    same = line.piece[1:] == line.piece[:-1]
    ends = np.stack([line.coordinates[:-1][same], line.coordinates[1:][same]], axis=1)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[turned] = ends[turned][:, ::-1]
    segments = shapely.linestrings(np.unique(ends.reshape(-1, 4), axis=0).reshape(-1, 2, 2))
    return shapely.union_all(densified(segments, step_km=SPLIT_KM))


def _direction(line: Alignment, km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Azimuth of a line at chainages, from 50 m before to 50 m after."""
    import numpy as np

    here = line.places(np.clip(km - 0.05, 0.0, line.length_km))
    there = line.places(np.clip(km + 0.05, 0.0, line.length_km))
    azimuth: NDArray[np.float64] = geod().inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])[0]
    return azimuth
