"""What lines have in common: track that several corridors share, and the places where they cross."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.antimeridian import unwrapped
from corridormap.atlas import Atlas
from corridormap.geodesic import SPLIT_KM, centre_of, geod, lengths_km, subdivided
from corridormap.measure.alignments import alignments, chosen
from corridormap.measure.inputs import LONLAT, described, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.measure.alignments import Alignment

SHARED_METHOD = "geodesic length on WGS 84 of links of the network, each counted once however often a corridor passes it"
CROSSINGS_METHOD = "intersection of lines whose vertices stand at most 5 km apart on geodesics; angle between the lines 50 m either side"
TOUCH_M = 1.0


def shared_track(corridors: Iterable[str | int] | None = None, *, atlas: Atlas | None = None) -> GeoDataFrame:
    """Tell for each link of the network which corridors use it.

    Parameters
    ----------
    corridors : iterable of str or int, optional
        Ids or numbers of corridors and routes; by default the numbered ones, or all if none has a number.
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
    1084
    """
    atlas = atlas or Atlas.open()
    itineraries = atlas.itineraries_of_links(chosen(atlas, corridors))
    links = atlas.links
    using = [itineraries.get(link, []) for link in links.index]
    table = links[["mode", "country", "geometry"]].reset_index(drop=True)
    table.insert(0, "link", links.index)
    table.insert(3, "length_km", lengths_km(links.geometry.to_numpy()))
    table.insert(4, "corridors", texts("; ".join(names) or None for names in using))
    table.insert(5, "count", [len(names) for names in using])
    return described(table, method=SHARED_METHOD)


def shared_matrix(corridors: Iterable[str | int] | None = None, *, atlas: Atlas | None = None) -> pd.DataFrame:
    """Table the kilometres that each pair of corridors shares; on the diagonal, a corridor's own.

    Parameters
    ----------
    corridors : iterable of str or int, optional
        Ids or numbers of corridors and routes; by default the numbered ones, or all if none has a number.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    DataFrame, n × n
        Kilometres, corridor by corridor. The diagonal counts each link once.

    Raises
    ------
    UsageError
        If there is no such corridor.
    """
    import pandas as pd

    atlas = atlas or Atlas.open()
    names = list(dict.fromkeys(chosen(atlas, corridors)))
    itineraries = atlas.itineraries_of_links(names)
    uses = np.array([[name in itineraries.get(link, ()) for name in names] for link in atlas.links.index], dtype=float)
    km = lengths_km(atlas.links.geometry.to_numpy())
    return described(pd.DataFrame(uses.T @ (uses * km[:, None]), index=names, columns=names), method=SHARED_METHOD, unit="km")


def crossings(first: object, *, second: object, atlas: Atlas | None = None) -> GeoDataFrame:
    """Find where lines cross, and where they run on the same track.

    Parameters
    ----------
    first, second : str, line or frame of lines
        Ids or numbers of corridors, of which all ways count, or lines; see `corridormap.measure.alignment`. Of several lines in a frame
        each is a way, counted from 0.
    atlas : Atlas, optional
        By default the one that comes with the package.

    Returns
    -------
    GeoDataFrame
        In order along the first: ``kind`` (``crossing`` or ``overlap``) ``, way_a, km_a, to_km_a, way_b, km_b, to_km_b, angle_deg,
        length_km``, EPSG:4326. A crossing is a point with its chainage on both lines and the angle between them, 0 to 90°; an overlap is a
        line with the kilometres of its ends on both, counted as the first line runs. The ends of overlaps are no crossings. Where a line
        passes a place twice the first passage counts.

    Raises
    ------
    UsageError, DataError
        As `corridormap.measure.alignment`.

    Notes
    -----
    Lines overlap where they have vertices or segments in common, as those of one network do. Lines of different sources that only run close
    to each other cross again and again: compare those with `corridormap.measure.compare`.

    Examples
    --------
    >>> from shapely import LineString
    >>> found = crossings(LineString([(60, 50), (62, 50)]), second=LineString([(61, 49), (61, 51)]))
    >>> found.kind.item(), round(found.km_a.item()), round(found.angle_deg.item())
    ('crossing', 72, 90)
    """
    import geopandas as gpd
    import pandas as pd

    ours, theirs = alignments(first, atlas=atlas), alignments(second, atlas=atlas)
    about, _ = centre_of(ours[0].coordinates)
    drawn, others = [_drawn(line, about) for line in ours], [_drawn(line, about) for line in theirs]
    rows: list[dict[str, Any]] = []
    for way_a, (a, drawn_a) in enumerate(zip(ours, drawn, strict=True)):
        for way_b, (b, drawn_b) in enumerate(zip(theirs, others, strict=True)):
            rows += [{"way_a": way_a, "way_b": way_b, **row} for row in _meetings(a, b, drawn_a, drawn_b)]
    rows.sort(key=lambda row: (row["way_a"], row["km_a"], row["way_b"]))
    columns = ["kind", "way_a", "km_a", "to_km_a", "way_b", "km_b", "to_km_b", "angle_deg", "length_km"]
    table = pd.DataFrame({name: texts(row.get(name) for row in rows) for name in columns})
    table = table.astype({name: "int64" if name.startswith("way") else float for name in columns[1:]})
    frame = gpd.GeoDataFrame(table, geometry=[row["geometry"] for row in rows], crs=LONLAT)
    return described(frame, *dict.fromkeys(line.note for line in (*ours, *theirs)), method=CROSSINGS_METHOD)


def _meetings(a: Alignment, b: Alignment, drawn_a: NDArray[np.float64], drawn_b: NDArray[np.float64]) -> list[dict[str, Any]]:
    # Common track has the very same segments. Nothing is united or noded: that would move near lines by a hair and lose some.
    _, index, times = np.unique(np.concatenate([drawn_a, drawn_b]).reshape(-1, 4), axis=0, return_index=True, return_counts=True)
    common = drawn_a[index[times == 2]]
    rest = shapely.linestrings(np.delete(drawn_a, index[times == 2], axis=0))
    others = shapely.linestrings(drawn_b)
    ours, theirs = shapely.STRtree(others).query(rest, predicate="intersects")
    met = shapely.get_parts(shapely.intersection(rest[ours], others[theirs]))
    kinds = shapely.get_type_id(met)
    stretches = np.concatenate([shapely.linestrings(common), met[(kinds == 1) & (shapely.length(met) > 0)]])
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings([stretches]))) if len(stretches) else []
    rows = [row for line in merged for row in _overlaps(a, b, shapely.get_coordinates(line))]
    places = unwrapped(np.unique(shapely.get_coordinates(met[kinds == 0]), axis=0))
    on_a, on_b = a.nearest.of(places), b.nearest.of(places)
    angles = np.abs((_direction(a, on_a.km) - _direction(b, on_b.km) + 180.0) % 360.0 - 180.0)
    near = TOUCH_M / 1000.0
    taken = [(row["km_a"], row["to_km_a"]) for row in rows]
    for i in np.argsort(on_a.km, kind="stable"):
        km = float(on_a.km[i])
        # What meets in a vertex meets there with up to four segments.
        if any(low - near < km < high + near for low, high in taken):
            continue
        taken.append((km, km))
        angle = float(min(angles[i], 180.0 - angles[i]))
        place = shapely.Point(places[i])
        rows.append({"kind": "crossing", "km_a": km, "km_b": float(on_b.km[i]), "angle_deg": angle, "geometry": place})
    return rows


def _overlaps(a: Alignment, b: Alignment, coordinates: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Turn common track into rows, cut where one of the lines does not go on along it, as where it makes a loop between."""
    here, there = coordinates[:-1], coordinates[1:]
    # Within a segment it is clear which passage is meant; at its ends, which may be junctions, it is not.
    early, late = unwrapped(here + (there - here) / 3.0), unwrapped(here + (there - here) * 2.0 / 3.0)
    spans = []
    for line in (a, b):
        first, second = line.nearest.of(early).km, line.nearest.of(late).km
        spans.append(np.column_stack([2.0 * first - second, 2.0 * second - first]))
    if spans[0][0, 0] > spans[0][0, 1]:
        return _overlaps(a, b, coordinates[::-1])
    jumps = [np.abs(span[1:, 0] - span[:-1, 1]) > TOUCH_M / 1000.0 for span in spans]
    breaks = np.flatnonzero(jumps[0] | jumps[1]) + 1
    rows = []
    for run in np.split(np.arange(len(here)), breaks):
        line = shapely.LineString(unwrapped(coordinates[run[0] : run[-1] + 2]))
        row = {"kind": "overlap", "length_km": float(lengths_km([line])[0]), "geometry": line}
        for name, span, whole in (("a", spans[0], a), ("b", spans[1], b)):
            # A third of a segment, twice, and rounding: no end lies beyond the line's.
            low, high = np.clip([span[run[0], 0], span[run[-1], 1]], 0.0, whole.length_km).tolist()
            row |= {f"km_{name}": low, f"to_km_{name}": high}
        if row["km_a"] > row["to_km_a"]:
            turned = {"km_a": row["to_km_a"], "to_km_a": row["km_a"], "km_b": row["to_km_b"], "to_km_b": row["km_b"]}
            row |= {**turned, "geometry": shapely.reverse(line)}
        rows.append(row)
    return rows


def _drawn(line: Alignment, about: float) -> NDArray[np.float64]:
    """Cut a line into short segments (n, 2, 2), each once and always in one direction: shared track has the same ones on both lines."""
    same = (line.piece[1:] == line.piece[:-1]) & (line.coordinates[1:] != line.coordinates[:-1]).any(axis=1)
    ends = np.stack([line.coordinates[:-1][same], line.coordinates[1:][same]], axis=1)
    turned = (ends[:, 0, 0] > ends[:, 1, 0]) | ((ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1]))
    ends[turned] = ends[turned][:, ::-1]
    segments = np.unique(ends.reshape(-1, 4), axis=0).reshape(-1, 2)
    if not len(segments):
        return np.empty((0, 2, 2))
    places, owner, _ = subdivided(segments, np.repeat(np.arange(len(segments) // 2), 2), step_km=SPLIT_KM)
    places, same = unwrapped(places, about=about), owner[1:] == owner[:-1]
    return np.stack([places[:-1][same], places[1:][same]], axis=1)


def _direction(line: Alignment, km: NDArray[np.float64]) -> NDArray[np.float64]:
    """Measure the azimuth of a line at chainages, from 50 m before to 50 m after."""
    here = line.places(np.clip(km - 0.05, 0.0, line.length_km))
    there = line.places(np.clip(km + 0.05, 0.0, line.length_km))
    azimuth: NDArray[np.float64] = geod().inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])[0]
    return azimuth
