"""Side by side: where features of a layer share a link, each is drawn a little aside, so that none hides another."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridormap.export.bundle import ExportLayer

__all__ = ["berths", "cut_at_reversals"]

FARTHEST = 3
"""A line is never drawn farther aside than so many steps."""
REVERSAL_DEGREES = 140.0
"""A line that turns by more than this goes back where it came from."""
MANY = 24
"""Above so many features a search for the best sides may take long: then all stay on their line."""


def berths(layer: ExportLayer) -> dict[str, int]:
    """Feature id → how many steps to the side of its travel it is drawn; features that share nothing stay on their line.

    Notes
    -----
    A feature keeps its side along its whole length, since QGIS offsets a line as one. Of all ways to keep apart those that share a link the
    one is taken whose farthest line is nearest. Where two travel a link in opposite directions the same step means opposite sides.
    """
    features = [str(feature) for feature in layer.frame["id"]]
    if layer.record.build != "itineraries" or layer.record.style.by != "id" or len(features) > MANY:
        return {}
    ways = {feature: {step.id: 1 if step.forward else -1 for way in layer.atlas.route(feature) for step in way} for feature in features}
    apart = {
        (one, other): {ways[one][link] * ways[other][link] for link in ways[one].keys() & ways[other].keys()}
        for index, other in enumerate(features)
        for one in features[:index]
    }
    for farthest in range(FARTHEST + 1):
        found = _search(features, apart, {}, farthest)
        if found is not None:
            return found
    return {}


def _search(features: list[str], apart: dict[tuple[str, str], set[int]], chosen: dict[str, int], farthest: int) -> dict[str, int] | None:
    """Choose a side for each feature, in order, or None if there is no way."""
    if len(chosen) == len(features):
        return chosen
    feature = features[len(chosen)]
    for side in sorted(range(-farthest, farthest + 1), key=lambda step: (abs(step), -step)):
        if all(side != direction * chosen[other] for other in chosen for direction in apart[other, feature]):
            found = _search(features, apart, {**chosen, feature: side}, farthest)
            if found is not None:
                return found
    return None


def cut_at_reversals(geometry: Any) -> str | None:
    """A QGIS expression that gives a feature's line cut where it goes back over itself; None where it never does.

    GEOS, which moves lines aside for QGIS, drops all that comes after such a turn.
    """
    import numpy as np
    import shapely

    pieces, cut = [], False
    for index, part in enumerate(shapely.get_parts(geometry), start=1):
        steps = np.diff(shapely.get_coordinates(part), axis=0)
        along = np.cumsum(np.hypot(*steps.T))
        heading = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
        turn = np.abs((np.diff(heading) + 180) % 360 - 180)
        stops = [0.0, *along[:-1][turn > REVERSAL_DEGREES], along[-1]]
        cut = cut or len(stops) > 2
        whole = f"geometry_n($geometry, {index})"
        pieces += [f"line_substring({whole}, {start:.9g}, {end:.9g})" for start, end in pairwise(stops)] if len(stops) > 2 else [whole]
    count = len(shapely.get_parts(geometry))
    # A line that somebody has given other parts since is drawn as it is.
    return f"if(num_geometries($geometry) = {count}, collect_geometries({', '.join(pieces)}), $geometry)" if cut else None
