"""Figures for analysts, drawn by matplotlib: a base map in the atlas's own projection, kilometres along lines, and a corridor as a strip.

Every function takes matplotlib axes, or makes some, and gives them back: what else is wanted is drawn on them with matplotlib itself. Names
are placed when the figure is drawn, for only then the size of the axes is known: they stand clear of each other, of what `draw` drew and
of the caller's own texts and legend. ``matplotlib.pyplot.style.use("corridormap.figures.house")`` sets charts in the same plain style.
"""

from corridormap.figures.kilometres import kilometre_axis, kilometre_ticks
from corridormap.figures.maps import base_map, draw, lonlat
from corridormap.figures.strip import strip_map

__all__ = ["base_map", "draw", "kilometre_axis", "kilometre_ticks", "lonlat", "strip_map"]
