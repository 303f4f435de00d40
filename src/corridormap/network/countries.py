"""In which country places and lines lie, as far as the atlas's own outlines tell."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import shapely

from corridormap.geodesic import distances_m, lengths_km
from corridormap.geojson import LINE_DECIMALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridormap.atlas import Atlas

NEAR_DEGREES = 2.0 * 10.0**-LINE_DECIMALS
"""So near to each other places are one."""
CODE = re.compile(r"(?:^|:)([A-Z]{2})$")


class Countries:
    """The outlines of an atlas: those of its countries, and those of its backdrop that bear the code of another.

    Parameters
    ----------
    atlas : Atlas
        Features of its backdrops of the kind ``country`` name their country by ``country`` or at the end of their ``id``.
    """

    def __init__(self, atlas: Atlas) -> None:
        found: dict[str, list[Any]] = defaultdict(list)
        for backdrop in atlas.record.backdrop:
            for code, shape in _shapes(atlas, backdrop.path) if backdrop.kind == "country" else ():
                if code is not None and code not in atlas.outlines:
                    found[code].append(shape)
        self.shapes = atlas.outlines | {code: shapely.union_all(shapes) for code, shapes in found.items()}
        for shape in self.shapes.values():
            shapely.prepare(shape)
        lands = [atlas.facts(backdrop.path).union_all() for backdrop in atlas.record.backdrop if backdrop.kind == "land"]
        self.land = shapely.union_all(lands)
        shapely.prepare(self.land)
        self.home, self.containment_m = atlas.outlines, atlas.record.tolerance.containment_m

    def of_point(self, at: tuple[float, float]) -> str | None:
        """Tell the country of a place in lon/lat; None if no outline holds it, nor is it a port that lies off the coast as it is drawn."""
        place = shapely.Point(at)
        within = next((code for code, shape in self.shapes.items() if shape.intersects(place)), None)
        if within is not None or self.land.is_empty or self.land.intersects(place):
            return within
        for code, shape in self.home.items():
            gap = shapely.get_coordinates(shapely.shortest_line(place, shape))
            if len(gap) and distances_m(gap[:1], gap[1:])[0] <= self.containment_m:
                return code
        return None

    def of_line(self, line: shapely.LineString, abroad: str | None) -> tuple[str | None, list[tuple[float, float]]]:
        """Tell the country that most of a line lies in, what no outline holds being `abroad`, and where it crosses borders.

        What lies at sea, but hardly off the coast as it is drawn, is in the country of that coast.
        """
        shares: dict[str | None, float] = {}
        borders: list[tuple[float, float]] = []
        met: list[Any] = []
        for code, shape in self.shapes.items():
            if shape.covers(line):
                return code, []
            if shape.intersects(line):
                met.append(shape)
                shares[code] = float(lengths_km([shape.intersection(line)])[0])
                crossed = shapely.intersection(shape.boundary, line)
                # Two countries have one border, and either line gives the place, but for the last digits.
                borders += [(round(point.x, LINE_DECIMALS), round(point.y, LINE_DECIMALS)) for point in _points(crossed)]
        if not borders:
            return abroad, []
        coast = []
        outside = line.difference(shapely.union_all(met))
        for piece in () if outside.is_empty else shapely.get_parts(outside):
            middle = piece.interpolate(0.5, normalized=True)
            at_sea = not self.land.is_empty and not self.land.intersects(middle)
            of = (self.of_point((middle.x, middle.y)) if at_sea else None) or abroad
            shares[of] = shares.get(of, 0.0) + float(lengths_km([piece])[0])
            coast += [piece.boundary] if at_sea else []
        # Where a line leaves the coast as it is drawn, it comes into no other country; one that ends on the outline crosses none.
        shore = shapely.union_all(coast)
        borders = [place for place in borders if not shapely.dwithin(shore, shapely.Point(place), NEAR_DEGREES)]
        inside = [share for share in shares.values() if share > 1e-3]
        return max(shares, key=lambda code: shares[code]), sorted(set(borders)) if len(inside) > 1 else []


def _shapes(atlas: Atlas, path: str) -> Iterator[tuple[str | None, Any]]:
    frame = atlas.facts(path)
    for row in frame.to_dict("records"):
        shape = row["geometry"]
        if shape is not None and shape.geom_type in {"Polygon", "MultiPolygon"}:
            said = [row.get("country"), row.get("id")]
            code = next((match[1] for text in said if isinstance(text, str) and (match := CODE.search(text))), None)
            yield code, shape


def _points(geometry: Any) -> Iterator[shapely.Point]:
    for part in shapely.get_parts(geometry):
        if not part.is_empty:
            yield shapely.Point(part.coords[0])
