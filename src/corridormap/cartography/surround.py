"""The paper of the map: where the backdrop reaches, and what goes on outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import shapely

from corridormap.antimeridian import carried, continuous
from corridormap.atlas import kept

if TYPE_CHECKING:
    from corridormap.atlas import Atlas


@kept
def surround(atlas: Atlas) -> tuple[Any, Any, Literal["land", "sea", "none"]]:
    """Give the backdrop's land, the paper that it stands on, and whether land or sea goes on outside: whichever meets most of the edge.

    Without land in the backdrop the paper is the atlas's extent, and ``none`` is said. Across the 180th meridian both go on beyond it.
    """
    extent = shapely.box(*continuous(atlas.record.extent))
    parts = [atlas.facts(record.path).geometry for record in atlas.record.backdrop if record.kind == "land"]
    whole = carried([geometry for part in parts for geometry in part if geometry is not None], box=atlas.record.extent)
    land = shapely.union_all(whole)
    if land.is_empty:
        return land, extent, "none"
    paper = extent & shapely.box(*land.bounds)
    # The land is cut at the paper's edge, so that its own may lie a hair inside; a hair of the paper, which may be an island's.
    edge, hair = paper.exterior, min(0.05, paper.length / 1000)
    inland = edge.intersection((land & edge.buffer(2 * hair)).buffer(hair)).length > edge.length / 2
    return land, paper, "land" if inland else "sea"
