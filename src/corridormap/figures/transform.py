"""From degrees to a planar CRS, as a transform of matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.transforms import Transform

from corridormap.projection import from_degrees

if TYPE_CHECKING:
    from corridormap.plot.canvas import Points


class Planar(Transform):
    """Longitude and latitude on WGS 84 to metres in a CRS."""

    input_dims = output_dims = 2
    has_inverse = False

    def __init__(self, crs: str) -> None:
        super().__init__()
        self._transformer = from_degrees(crs)

    def transform_non_affine(self, values: Any) -> Points:
        """Transform positions, shape (n, 2)."""
        return np.column_stack(self._transformer.transform(*np.asarray(values, dtype=float).T))
