"""The region of some countries, from Natural Earth: outline, land, boundaries and lakes, how far the map reaches, and its projection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from corridormap.antimeridian import carried, continuous, narrowest, one_world, wrapped, wrapped_box
from corridormap.errors import UsageError
from corridormap.words import country_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from corridormap.model import Box

__all__ = ["Region", "find_code", "region"]

MAIN_SHARE = 0.8
"""The map shows the parts of a country that lie near its largest one, if they are so much of its area; otherwise all."""
NEAR_DEGREES = 3.0
NEAR_SHARE = 0.3
"""A part lies near others within this distance, or within this share of the diagonal of their box where that is more."""
MARGIN_SHARE, MARGIN_DEGREES = 0.35, (1.0, 8.0)
"""The extent reaches beyond the countries by this share of their longer side, but by no less and no more degrees of latitude."""
MERCATOR_DEGREES = 85.0
"""The page's projection ends here."""


@dataclass(frozen=True)
class Region:
    """What a map of some countries stands on; geometries in EPSG:4326, cut at 180° as RFC 7946 has it.

    ``extent`` and ``view`` are west, south, east, north in degrees; across 180° west is greater than east.
    """

    outlines: dict[str, Any]
    land: Any
    boundaries: dict[str, Any]
    lakes: list[Any]
    extent: Box
    view: Box
    planar_crs: str


@cache
def _read(name: str) -> GeoDataFrame:
    import geopandas

    with resources.as_file(resources.files(__package__) / f"{name}.fgb.gz") as path:
        frame = geopandas.read_file(f"/vsigzip/{path.resolve().as_posix()}")
    return frame.fillna({"code": ""}) if "code" in frame else frame


def find_code(country: str) -> str:
    """Find the ISO 3166-1 code of a country by that code or by its name in any language.

    Raises
    ------
    UsageError
        If there is no such country; names near to it are told.
    """
    from difflib import get_close_matches

    codes = country_names()["en"]
    if country.strip().upper() in codes:
        return country.strip().upper()
    known: dict[str, str] = {
        name.casefold(): code for code, name in zip(_read("countries")["code"], _read("countries")["name"], strict=True) if code
    }
    known |= {name.casefold(): code for table in country_names().values() for code, name in table.items()}
    wanted = country.strip().casefold()
    if wanted in known:
        return known[wanted]
    near = dict.fromkeys(known[name] for name in get_close_matches(wanted, known, n=5, cutoff=0.7))
    hint = f"Did you mean {', '.join(f'{code} ({codes[code]})' for code in near)}?" if near else "Give its ISO 3166-1 code, such as AZ."
    raise UsageError(f"no country {country!r} in Natural Earth", hint=hint)


def region(codes: Sequence[str]) -> Region:
    """Gather the region of some countries.

    Parameters
    ----------
    codes : sequence of str
        ISO 3166-1 alpha-2 codes that `find_code` gave.
    """
    import shapely

    countries = _read("countries")
    outlines = dict(zip(countries["code"], countries.geometry, strict=True))
    outlines = {code: outlines[code] for code in codes}
    box = _bounds([part for code in codes for part in _main_parts(outlines[code])])
    extent, view = _extent(box), _view(box)
    window = one_world(shapely.box(*continuous(extent)))
    near = countries[countries.intersects(window)]
    shapes = shapely.intersection(near.geometry.to_numpy(), window)
    lakes = shapely.get_parts(shapely.intersection(_read("lakes").geometry.to_numpy(), window))
    return Region(
        outlines=outlines,
        land=_areas(shapely.union_all(shapes)),
        boundaries=_boundaries([code or name for code, name in zip(near["code"], near["name"], strict=True)], near.geometry, window),
        lakes=[lake for lake in lakes if lake.geom_type == "Polygon" and not lake.is_empty],
        extent=extent,
        view=view,
        planar_crs=_planar_crs(box),
    )


def _main_parts(outline: Any) -> list[Any]:
    """Leave out what lies far from the largest part and is little: France's Réunion, Norway's Bouvet Island."""
    import numpy as np
    import shapely

    parts = np.array(shapely.get_parts(outline))
    together = carried(parts, box=wrapped_box(_bounds(parts)))
    squeeze = np.cos(np.radians(shapely.get_coordinates(shapely.centroid(parts))[:, 1]).mean())
    flat = shapely.transform(together, lambda xy: xy * [squeeze, 1.0])
    areas = shapely.area(flat)
    chosen = np.zeros(len(parts), dtype=bool)
    chosen[areas.argmax()] = True
    while True:
        cluster = shapely.union_all(shapely.box(*shapely.bounds(flat[chosen]).T))
        west, south, east, north = cluster.bounds
        near = shapely.distance(flat, cluster) <= max(NEAR_DEGREES, NEAR_SHARE * float(np.hypot(east - west, north - south)))
        if (near <= chosen).all():
            break
        chosen |= near
    enough = areas[chosen].sum() >= MAIN_SHARE * areas.sum()
    return list(parts[chosen] if enough else parts)


def _bounds(parts: Sequence[Any] | NDArray[np.object_]) -> Box:
    """Give the narrowest box about some parts; it may end beyond 180°."""
    import shapely

    west, south, east, north = shapely.bounds(parts).T
    west, east = narrowest(west, east)
    return west, float(south.min()), east, float(north.max())


def _extent(box: Box) -> Box:
    """Widen a box for corridors that go on abroad."""
    west, south, east, north = box
    squeeze = _squeeze(box)
    low, high = MARGIN_DEGREES
    margin = min(max(MARGIN_SHARE * max((east - west) * squeeze, north - south), low), high)
    return _outwards(west - margin / squeeze, south - margin, east + margin / squeeze, north + margin, digits=0 if margin > low else 1)


def _view(box: Box) -> Box:
    """Widen a box by a little, so that nothing touches the frame, and leave out what the page's projection cannot show."""
    west, south, east, north = box
    margin = min(0.03 * max((east - west) * _squeeze(box), north - south, 0.5), MARGIN_DEGREES[0])
    view = _outwards(west - margin, south - margin, east + margin, north + margin, digits=2)
    return view[0], max(view[1], -MERCATOR_DEGREES), view[2], min(view[3], MERCATOR_DEGREES)


def _squeeze(box: Box) -> float:
    """How much shorter a degree of longitude is than one of latitude in the middle of a box."""
    from math import cos, radians

    return max(cos(radians((box[1] + box[3]) / 2)), 0.2)


def _outwards(west: float, south: float, east: float, north: float, *, digits: int) -> Box:
    from math import ceil, floor

    steps = 10**digits
    low = floor(west * steps) / steps, max(floor(south * steps) / steps, -90.0)
    return wrapped_box((*low, ceil(east * steps) / steps, min(ceil(north * steps) / steps, 90.0)))


def _planar_crs(box: Box) -> str:
    """Choose an equal-area projection about the middle: conic where the region is wide and clear of equator and poles, else azimuthal."""
    west, south, east, north = box
    lon, lat = wrapped((west + east) / 2), (south + north) / 2
    if abs(lat) > 65 and east - west > 180:
        lon, lat = 0.0, 90.0 if lat > 0 else -90.0
    datum = "+datum=WGS84 +units=m +no_defs"
    wide = (east - west) * _squeeze(box) > 1.5 * (north - south) and east - west > 10
    if wide and 15 < abs(lat) < 70:
        sixth = (north - south) / 6
        return f"+proj=aea +lat_1={south + sixth:.2f} +lat_2={north - sixth:.2f} +lat_0={lat:.2f} +lon_0={lon:.2f} {datum}"
    return f"+proj=laea +lat_0={lat:.2f} +lon_0={lon:.2f} {datum}"


def _areas(shape: Any) -> Any:
    """Leave of a shape its areas; cutting may leave points and lines where it touches."""
    import shapely

    return shapely.multipolygons([part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"])


def _boundaries(labels: Sequence[str], shapes: Any, window: Any) -> dict[str, Any]:
    """Find the lines that two countries share, by the codes or names of both."""
    import shapely

    lines = shapely.boundary(shapes.to_numpy())
    tree = shapely.STRtree(lines)
    found = {}
    for one, other in sorted({tuple(sorted(pair)) for pair in tree.query(lines, predicate="intersects").T.tolist()}):
        shared = shapely.intersection(lines[one], lines[other]) if one != other else shapely.Point()
        runs = [part for part in shapely.get_parts(shared) if part.geom_type == "LineString"]
        drawn = shapely.line_merge(shapely.intersection(shapely.multilinestrings(runs), window)) if runs else shared
        if drawn.length:
            found["-".join(sorted((labels[one], labels[other])))] = drawn
    return dict(sorted(found.items()))
