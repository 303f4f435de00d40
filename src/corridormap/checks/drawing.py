"""The lines of all that was checked, thinned to what a screen shows; so many and no more, however much is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.geodesic import METRES_PER_DEGREE
from corridormap.web import encode

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridormap.checks.reading.batch import Shapes

MOST = 20_000
"""So many vertices are drawn."""
FINEST = 100_000
"""Steps to a degree, of about a metre, where nothing needs thinning."""
_NORTH = 85.0
"""The map of the page ends there, as Mercator's must."""


class Drawing:
    """Takes shapes and keeps their lines, rings and points; where there are too many, the thinner the more there are.

    A run is what is drawn in one go; one of a single vertex is a point. Vertices that lie nowhere on Earth are left out, and break a run.
    """

    def __init__(self) -> None:
        self.xy: NDArray[np.float64] = np.empty((0, 2))
        self.begins: NDArray[np.bool_] = np.empty(0, dtype=bool)
        """Whether a run begins at a vertex."""
        self.scale: float = FINEST
        """Steps to a degree, to which they are rounded."""
        self.thinned = False

    def add(self, shapes: Shapes) -> None:
        """Take what was read."""
        with np.errstate(invalid="ignore"):
            good = (np.abs(shapes.xy[:, 0]) <= 180.0) & (np.abs(shapes.xy[:, 1]) <= 90.0)
        begins = np.ones(len(good), dtype=bool)
        begins[1:] = ~good[:-1] | np.isnan(shapes.steps[:-1]).any(axis=1)
        self.xy = np.concatenate([self.xy, np.clip(shapes.xy[good], (-180.0, -_NORTH), (180.0, _NORTH))])
        self.begins = np.concatenate([self.begins, begins[good]])
        if len(self.xy) > 8 * MOST:
            self._thin(4 * MOST)

    def encoded(self) -> dict[str, Any]:
        """Thin what was taken to `MOST` vertices, and give it as values for the page."""
        self._thin(MOST)
        runs = np.split(self.xy, self.begins.nonzero()[0][1:]) if len(self.xy) else []
        return {
            "scale": self.scale,
            "thinned_m": self._tolerance if self.thinned else None,
            "runs": [encode.line(run, scale=self.scale) for run in runs],
        }

    @property
    def _tolerance(self) -> float:
        return 4 * METRES_PER_DEGREE / self.scale

    def _thin(self, most: int) -> None:
        while len(self.xy) > most:
            self.thinned = True
            self._merge()
            self._straighten()
            if len(self.xy) > most:
                self.scale /= 2

    def _merge(self) -> None:
        """Leave out vertices in the same step of the scale as the one before, and points in the same as another."""
        steps = np.rint(self.xy * self.scale)
        stay = self.begins.copy()
        stay[1:] |= (steps[1:] != steps[:-1]).any(axis=1)
        self.xy, self.begins, steps = self.xy[stay], self.begins[stay], steps[stay]
        points = (self.begins & np.append(self.begins[1:], True)).nonzero()[0]
        _, first = np.unique(steps[points] @ (1, 1j), return_index=True)
        again = np.delete(points, first)
        self.xy, self.begins = np.delete(self.xy, again, axis=0), np.delete(self.begins, again)

    def _straighten(self) -> None:
        """Leave out vertices of lines as `thinned` does."""
        import shapely

        from corridormap.measure.generalise import thinned
        from corridormap.projection import from_degrees

        run = np.cumsum(self.begins) - 1
        is_line = np.bincount(run)[run] > 2
        lines = shapely.linestrings(self.xy[is_line], indices=np.cumsum(self.begins[is_line]) - 1)
        # On the plane of the map, on which a metre is as wide everywhere as a screen shows it.
        _, kept = thinned(lines, metres=self._tolerance, to_plane=from_degrees("EPSG:3857"), topology=False)
        stay = ~is_line
        stay[is_line.nonzero()[0][kept]] = True
        self.xy, self.begins = self.xy[stay], self.begins[stay]
