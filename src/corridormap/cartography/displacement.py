"""Displacement: a road that keeps so close to a railway that on a small map one would hide the other is drawn past the railway's lanes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from corridormap.atlas import kept
from corridormap.cartography.offsets import lanes, shown_at_first, travelled
from corridormap.cartography.symbols import TABLE

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas

__all__ = ["beside", "displacements", "share_at"]

NEAR_M = 6000.0
"""Lines nearer than this cannot be told apart on a map of the country: about a pixel at zoom 4, four at zoom 6."""
STEP_M = 1000.0
"""Distance between the places on a road at which the railway is looked for."""
CLEARANCE = 1.5
"""Lanes between the two, since the road may cross the railway and come back."""


def share_at(zoom: float) -> float:
    """Tell how much of a displacement is drawn at a zoom of a web map: all of it on small maps, none where both lines have room."""
    whole, none = TABLE.displaced
    return min(max((none - zoom) / (none - whole), 0.0), 1.0)


@kept
def displacements(atlas: Atlas) -> dict[str, float]:
    """Give for each road link beside a railway how many lanes to the right of its own direction, left if negative, it is drawn.

    It is the least number that brings the itineraries on the road past those on the railway, if both lay on one track; only those that are
    shown at first count.
    """
    chosen = lanes(atlas)
    shown = shown_at_first(atlas)
    taken: dict[str, set[int]] = {}
    for name, lane in chosen.items():
        if name not in shown:
            continue
        for link, direction in travelled(atlas, name).items():
            taken.setdefault(link, set()).add(lane * direction)
    found = {}
    for road, (rail, side, along) in beside(atlas.links, atlas.planar_crs).items():
        if road in taken and rail in taken:
            # Seen from the middle of the road towards its own side of the railway.
            own, others = {side * lane for lane in taken[road]}, {side * along * lane for lane in taken[rail]}
            found[road] = side * max(max(others) + CLEARANCE - min(own), 0.0)
    return found


def beside(links: GeoDataFrame, planar_crs: str) -> dict[str, tuple[str, int, int]]:
    """Find for each road the railway that it runs along.

    Parameters
    ----------
    links : GeoDataFrame
        Links in longitude and latitude, with a column ``mode``, indexed by their ids.
    planar_crs : str
        A coordinate system in metres.

    Returns
    -------
    dict
        For a road at least half of which has railways within 6 km: the link that it keeps to longest; 1 if the road lies right of it as the
        road's line runs, -1 if left; 1 if both lines run the same way, else -1.
    """
    flat = links.geometry.to_crs(planar_crs).to_numpy()
    railways = (links["mode"] == "rail").to_numpy().nonzero()[0]
    tree = shapely.STRtree(flat[railways])
    found = {}
    for road in (links["mode"] == "road").to_numpy().nonzero()[0]:
        length = flat[road].length
        along = np.arange(STEP_M / 2, max(length, STEP_M), STEP_M)
        places = shapely.line_interpolate_point(flat[road], along)
        place, rail = tree.query(places, predicate="dwithin", distance=NEAR_M)
        if not len(place) or len(np.unique(place)) * 2 < len(places):
            continue
        best = int(np.bincount(rail).argmax())
        close, line = place[rail == best], flat[railways[best]]
        at = shapely.line_locate_point(line, places[close])
        here, towards = shapely.get_coordinates(places[close]), shapely.get_coordinates(shapely.line_interpolate_point(line, at))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(flat[road], np.minimum(along[close] + 1.0, length)))
        # Left of the road is where the cross product of its direction and the way to the railway is positive.
        (dx, dy), (tx, ty) = (ahead - here).T, (towards - here).T
        side = 1 if np.sign(dx * ty - dy * tx).sum() > 0 else -1
        # Whether one comes forward on the railway as one does on the road.
        alike = 1 if np.sum((at - at.mean()) * (along[close] - along[close].mean())) >= 0 else -1
        found[str(links.index[road])] = (str(links.index[railways[best]]), side, alike)
    return found
