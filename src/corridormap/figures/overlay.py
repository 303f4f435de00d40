"""Axes as a page on which print's cartography draws, laid out when the figure is drawn: only then the size of the axes is known.

And from degrees to their planar CRS, as a transform of matplotlib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox, Transform

from corridormap.plot.canvas import Canvas, house_style
from corridormap.plot.scene import Projection
from corridormap.projection import from_degrees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.axes import Axes

    from corridormap.plot.canvas import Box, Points


class Overlay(Canvas):
    """The box of some axes, in points from its lower left corner."""

    def __init__(self, axes: Axes) -> None:
        box, point = axes.get_window_extent(), axes.figure.dpi / 72
        self.axes = axes
        self.width, self.height = box.width / point, box.height / point
        # As large as on the web map where there is room.
        self.grow = float(np.clip(1.3 * (self.width / 450) ** 0.5, 0.8, 1.4))
        self.frame = (0, 0, self.width, self.height)
        self.transform = Affine2D().scale(point).translate(box.x0, box.y0)
        self.drawn: list[Artist] = []
        self._texts = 0

    def put(self, artist: Artist) -> None:
        """Keep an artist, to be drawn when the axes are."""
        artist.set_figure(self.axes.figure)
        artist.axes = self.axes
        artist.set_transform(self.transform)
        self.drawn.append(artist)

    def across(self, x: Points) -> Points:
        """Turn numbers of the horizontal axis into points."""
        west, east = self.axes.get_xlim()
        return (np.asarray(x, dtype=float) - west) / (east - west) * self.width

    def upwards(self, y: float) -> float:
        """Turn a number of the vertical axis into points."""
        bottom, top = self.axes.get_ylim()
        return (y - bottom) / (top - bottom) * self.height

    def own_boxes(self) -> Iterator[Box]:
        """Tell where the caller's own texts and legend stand."""
        back = self.transform.inverted()
        for artist in (*self.axes.texts, *filter(None, [self.axes.get_legend()])):
            if artist.get_visible() and (box := artist.get_window_extent()).width > 0:
                west, south, east, north = map(float, back.transform_bbox(box).extents)
                yield west, south, east, north


class Layout(Artist):
    """What is laid out, by a function, on the `Overlay` of its axes each time that these are drawn in another size."""

    def __init__(self, lay: Callable[[Any], None], *, zorder: float, outside: bool = False, about: object = None) -> None:
        super().__init__()
        self.about = about
        self._lay = lay
        self._drawn: list[Artist] = []
        self._state: object = None
        self.set_zorder(zorder)
        # What stands outside the axes is given room by the figure's layout.
        self.set_in_layout(outside)
        self.set_clip_on(not outside)

    def forget(self) -> None:
        """Lay out anew when drawn next."""
        self._state = None
        self.stale = True

    def arrange(self) -> list[Artist]:
        """Lay out, unless it is done for axes as they are now, and give what is to be drawn, lowest first."""
        axes: Any = self.axes
        told = (len(axes.texts), id(axes.get_legend()))
        state = (axes.get_window_extent().bounds, axes.figure.dpi, axes.get_xlim(), axes.get_ylim(), told)
        if state != self._state:
            canvas = Overlay(axes)
            with house_style():
                self._lay(canvas)
            self._drawn, self._state = sorted(canvas.drawn, key=lambda artist: artist.get_zorder()), state
        return self._drawn

    def get_children(self) -> list[Artist]:
        """Give what was drawn last."""
        return self._drawn

    def draw(self, renderer: Any) -> None:
        """Draw it."""
        if self.get_visible():
            with house_style():
                for artist in self.arrange():
                    artist.draw(renderer)
        self.stale = False

    def get_tightbbox(self, renderer: Any = None) -> Bbox | None:
        """Tell how much room its texts take, for layouts of figures."""
        boxes = [artist.get_window_extent(renderer) for artist in self.arrange() if isinstance(artist, Text)]
        return Bbox.union(boxes) if boxes and self.get_in_layout() else None


class InAxes(Projection):
    """From lon/lat to points on the overlay of axes in a planar CRS."""

    def __init__(self, crs: str, view: Box, canvas: Overlay) -> None:
        super().__init__(crs, view)
        (west, east), (south, north) = canvas.axes.get_xlim(), canvas.axes.get_ylim()
        self._metres = np.array([west, south, east, north])
        self.fit(canvas.frame)

    def in_points(self, metres: Points) -> Points:
        """Turn positions in metres, shape (n, 2), into points."""
        return metres * self.points_per_metre + self._shift


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
