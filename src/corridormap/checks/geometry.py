"""CM2xx: geometries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.rule import LayerRule
from corridormap.measure.geodesic import geod

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from corridormap.checks.rule import Finding, LayerSubject


class Present(LayerRule):
    """Every feature has a geometry that is not empty; null is allowed only where the layer says that features may be unlocated."""

    code = "CM201"
    hint = "Draw the feature, or set `unlocated = true` for the layer if its features may have no known position."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        geometry = subject.frame.geometry
        bad = geometry.is_empty & ~geometry.isna()
        if not subject.record.unlocated:
            bad |= geometry.isna()
        for position in bad.to_numpy().nonzero()[0]:
            yield self.finding("has no geometry", file=subject.path, feature=subject.feature(position))


class Type(LayerRule):
    """Every geometry is of the type that the layer declares."""

    code = "CM202"

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        types = subject.frame.geom_type
        wrong = (types != subject.record.geometry) & ~subject.frame.geometry.isna()
        for position in wrong.to_numpy().nonzero()[0]:
            yield self.finding(
                f"is a {types.iloc[position]}, not a {subject.record.geometry}", file=subject.path, feature=subject.feature(position)
            )


class Valid(LayerRule):
    """Every geometry is valid in the sense of the OGC Simple Features: finite coordinates, no line of one point, no bow-tie."""

    code = "CM203"

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        import shapely

        geometries = subject.frame.geometry.to_numpy()
        wrong = ~(shapely.is_valid(geometries) | shapely.is_missing(geometries))
        for position in wrong.nonzero()[0]:
            reason = shapely.is_valid_reason(geometries[position])
            yield self.finding(f"is not valid: {reason}", file=subject.path, feature=subject.feature(position))


class Doubled(LayerRule):
    """No line repeats a vertex."""

    code = "CM204"
    hint = "Delete one of the two vertices."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        coordinates, owner = _line_coordinates(subject)
        doubled = (coordinates[1:] == coordinates[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
        for index in doubled.nonzero()[0]:
            yield self.finding("repeats a vertex", file=subject.path, feature=subject.feature(owner[index]), at=tuple(coordinates[index]))


class Spike(LayerRule):
    """No link turns back on itself: a track or a road does not bend by more than 120° at a vertex."""

    code = "CM205"
    hint = "Delete the spike; where the way really goes in and out of a place, that place is a node and the way to it a link."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        if subject.record.build != "links":
            return
        turns = _Turns(subject)
        for index in (abs(turns.degrees) > 120.0).nonzero()[0]:
            yield turns.finding(self, index, f"turns back by {abs(turns.degrees[index]):.0f}°")


class Jog(LayerRule):
    """No link jumps sideways: two sharp bends (over 45°) one way and back within 300 m, as when a line changes carriageways."""

    code = "CM207"
    hint = "Keep to one carriageway or track: delete the vertices of the jump."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        if subject.record.build != "links":
            return
        turns = _Turns(subject)
        first, second = turns.degrees[:-1], turns.degrees[1:]
        sharp = (first * second < 0) & (abs(first) > 45.0) & (abs(second) > 45.0)
        for index in (sharp & turns.consecutive & (turns.ahead_m[:-1] < 300.0)).nonzero()[0]:
            yield turns.finding(self, index, f"jumps sideways within {turns.ahead_m[index]:.0f} m")


class SelfCrossing(LayerRule):
    """No link crosses or retraces itself."""

    code = "CM206"
    hint = "Cut off the loop, or make two links of it."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        import shapely

        if subject.record.build != "links":
            return
        geometries = subject.frame.geometry.to_numpy()
        for position in (~shapely.is_simple(geometries)).nonzero()[0]:
            yield self.finding("crosses itself", file=subject.path, feature=subject.feature(position))


def _line_coordinates(subject: LayerSubject) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """All vertices of the layer's LineStrings, and for each the position of its feature.

    Layers of multilines are joined from links, so that what is wrong with their vertices is found on the links.
    """
    import numpy as np
    import shapely

    geometries = subject.frame.geometry.to_numpy()
    lines = shapely.get_type_id(geometries) == shapely.GeometryType.LINESTRING
    coordinates, owner = shapely.get_coordinates(np.where(lines, geometries, None), return_index=True)
    return coordinates, owner


class _Turns:
    """How much each line of a layer turns at each inner vertex, in degrees, left or right."""

    def __init__(self, subject: LayerSubject) -> None:
        self.subject = subject
        coordinates, owner = _line_coordinates(subject)
        azimuth, _, length = geod().inv(*coordinates[:-1].T, *coordinates[1:].T)
        inner = (owner[2:] == owner[1:-1]) & (owner[1:-1] == owner[:-2])
        self.degrees = ((azimuth[1:] - azimuth[:-1] + 180.0) % 360.0 - 180.0)[inner]
        self.ahead_m = length[1:][inner]
        self.at = coordinates[1:-1][inner]
        self.owner = owner[1:-1][inner]
        self.consecutive = self.owner[1:] == self.owner[:-1]

    def finding(self, rule: LayerRule, index: int, message: str) -> Finding:
        return rule.finding(message, file=self.subject.path, feature=self.subject.feature(self.owner[index]), at=tuple(self.at[index]))
