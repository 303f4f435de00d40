"""Which road keeps so close to which railway that on a small map one would hide the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

NEAR_M = 6000.0
"""Lines nearer than this cannot be told apart on a map of the country: about a pixel at zoom 4, four at zoom 6."""
STEP_M = 1000.0
"""Distance between the places on a road at which the railway is looked for."""


def beside(links: GeoDataFrame, planar_crs: str) -> list[int]:
    """Find for each road the railway that it runs along.

    Parameters
    ----------
    links : GeoDataFrame
        Links in longitude and latitude, with a column ``mode``.
    planar_crs : str
        A coordinate system in metres.

    Returns
    -------
    list of int
        For a road at least half of which has railways within 6 km, the number, from 1, of the link it keeps to longest; positive if the
        road lies right of it as the road's line runs, negative if left. Nought for the others.
    """
    found = [0] * len(links)
    flat = links.geometry.to_crs(planar_crs).to_numpy()
    railways = (links["mode"] == "rail").to_numpy().nonzero()[0]
    if not len(railways):
        return found
    tree = shapely.STRtree(flat[railways])
    for road in (links["mode"] == "road").to_numpy().nonzero()[0]:
        length = flat[road].length
        along = np.arange(STEP_M / 2, max(length, STEP_M), STEP_M)
        places = shapely.line_interpolate_point(flat[road], along)
        place, rail = tree.query(places, predicate="dwithin", distance=NEAR_M)
        if len(np.unique(place)) * 2 < len(places):
            continue
        best = int(np.bincount(rail).argmax())
        close = places[place[rail == best]]
        line = flat[railways[best]]
        towards = shapely.get_coordinates(shapely.line_interpolate_point(line, shapely.line_locate_point(line, close)))
        here = shapely.get_coordinates(close)
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(flat[road], np.minimum(along[place[rail == best]] + 1.0, length)))
        # Left of the road is where the cross product of its direction and the way to the railway is positive.
        (dx, dy), (tx, ty) = (ahead - here).T, (towards - here).T
        rail_is_left = np.sign(dx * ty - dy * tx).sum() > 0
        found[road] = int(railways[best] + 1) * (1 if rail_is_left else -1)
    return found
