"""Coordinates for the page: encoded polylines, a fraction of the degrees.

See https://developers.google.com/maps/documentation/utilities/polylinealgorithm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polyline

from corridormap.projection import from_degrees

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry

Shape = dict[str, Any]


def line(coordinates: Any, *, scale: float) -> str:
    """Encode a run of positions, longitude first, in whole steps of 1/`scale` of a degree; the ends stay exact to a step."""
    steps = np.rint(np.asarray(coordinates, dtype=float)[:, :2] * scale)
    kept = np.ones(len(steps), dtype=bool)
    kept[1:] = (steps[1:] != steps[:-1]).any(axis=1)
    return polyline.encode(steps[kept].tolist(), precision=0, geojson=True)


def shape(geometry: BaseGeometry | None, *, scale: int) -> Shape | None:
    """Encode a geometry: ``p`` a point, ``l`` lines, ``a`` areas (polygons of rings); None where there is no position."""
    if geometry is None or geometry.is_empty:
        return None
    if geometry.geom_type == "Point":
        return {"p": line(geometry.coords, scale=scale)}
    parts = [part for part in getattr(geometry, "geoms", [geometry]) if not part.is_empty]
    if geometry.geom_type.endswith("Polygon"):
        return {"a": [[line(ring.coords, scale=scale) for ring in (part.exterior, *part.interiors)] for part in parts]}
    return {"l": [line(part.coords, scale=scale) for part in parts]}


def thinner(planar_crs: str, metres: float) -> Callable[[BaseGeometry | None], BaseGeometry | None]:
    """Make a function that leaves out vertices nearer than `metres` to the line without them; for display only.

    Parameters
    ----------
    planar_crs : str
        The atlas's planar coordinate system, in metres.
    metres : float
        The tolerance.

    Returns
    -------
    Callable
        From geometry to geometry, in longitude and latitude; ends of lines are kept as they are.
    """
    from corridormap.measure.generalise import thinned

    to_plane = from_degrees(planar_crs)

    def thin(geometry: BaseGeometry | None) -> BaseGeometry | None:
        if geometry is None or geometry.geom_type == "Point":
            return geometry
        simple: BaseGeometry = thinned(np.array([geometry], dtype=object), metres=metres, to_plane=to_plane)[0][0]
        return simple

    return thin
