"""What stands on drawn axes, and where."""

from __future__ import annotations

from itertools import combinations

from matplotlib.text import Text


def drawn_texts(ax):
    """What stands on the axes once they are drawn, with its box in pixels."""
    if ax.figure.stale:
        ax.figure.canvas.draw()
    found = [text for text in ax.findobj(Text) if text.get_text() and text.get_visible()]
    return [(text, text.get_window_extent()) for text in found]


def laid(ax, *kinds):
    """The texts that the package set itself, by what they are."""
    return [(text.get_text(), box) for text, box in drawn_texts(ax) if str(text.get_gid()).rpartition("-")[0] in kinds]


def overlapping(boxes):
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        # A capital's accent reaches a point above its line.
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1.5 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1.5
    ]
