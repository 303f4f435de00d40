"""The nodes of a corridor with their kilometres, measured and published."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.atlas import Atlas
from corridormap.errors import UsageError
from corridormap.measure.alignments import Alignment, alignment
from corridormap.measure.inputs import LONLAT, described, texts
from corridormap.measure.referencing import method_of

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def stationing(target: str | Alignment, *, atlas: Atlas | None = None, way: int = 0) -> GeoDataFrame:
    """Table the nodes of a corridor with their kilometres.

    Parameters
    ----------
    target : str or Alignment
        A corridor's id or number; or its alignment, for instance calibrated on posts.
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
        If there is no such corridor or way, or the alignment is of no corridor.
    """
    import geopandas as gpd

    atlas = atlas or Atlas.open()
    line = alignment(target if isinstance(target, Alignment) else str(target), atlas=atlas, way=way)
    if line.nodes.empty:
        raise UsageError(f"{line.name} has no nodes", hint="Name a corridor.")
    posts = [_official(atlas, line, place) for place in range(len(line.nodes))]
    table = line.nodes.assign(km=line.said(line.nodes["km"].to_numpy()))
    for column in ("official_from", "official_source", "official_reason"):
        table[column] = texts(post.get(column) for post in posts)
    for place, column in enumerate(("official_km", "measured_km"), start=len(line.nodes.columns) + 1):
        table.insert(place, column, [post.get(column, np.nan) for post in posts])
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
