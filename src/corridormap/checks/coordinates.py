"""CM3xx: coordinates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.checks.rule import LayerRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridormap.checks.rule import Finding, LayerSubject
    from corridormap.model import Box


def outside(subject: LayerSubject, box: Box) -> Iterator[tuple[str, tuple[float, float]]]:
    """For each feature with coordinates outside a box, its id and the first of them."""
    import numpy as np
    import shapely

    coordinates, owner = shapely.get_coordinates(subject.frame.geometry.to_numpy(), return_index=True)
    west, south, east, north = box
    inside = (coordinates >= (west, south)).all(axis=1) & (coordinates <= (east, north)).all(axis=1)
    features, first = np.unique(owner[~inside], return_index=True)
    for position, index in zip(features, first, strict=True):
        lon, lat = coordinates[~inside][index]
        yield subject.feature(position), (float(lon), float(lat))


class LonLat(LayerRule):
    """Coordinates are longitude and latitude in degrees: −180 to 180, −90 to 90."""

    code = "CM301"
    hint = "GeoJSON is in lon/lat on WGS 84; reproject the layer, or swap the axes."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        for feature, at in outside(subject, (-180.0, -90.0, 180.0, 90.0)):
            yield self.finding("lies outside the range of longitude and latitude", file=subject.path, feature=feature, at=at)


class Extent(LayerRule):
    """Features lie within the extent that atlas.toml gives."""

    code = "CM302"
    hint = "Look for swapped axes or a lost digit; if the feature is right, widen `extent` in atlas.toml."

    def check(self, subject: LayerSubject) -> Iterator[Finding]:
        for feature, at in outside(subject, subject.atlas.record.extent):
            yield self.finding("lies outside the atlas's extent", file=subject.path, feature=feature, at=at)
