"""Legends of layers that a map's maker adds, as geopandas' `explore` draws them, without the scripts they would fetch from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from branca.colormap import ColorMap
from branca.element import MacroElement
from folium.template import Template

if TYPE_CHECKING:
    from branca.element import Element

SAMPLES = 60
APART = 25
"""Least distance of two figures below the scale, of 100."""

_DRAGGING = re.compile(r'<script src="https://code\.jquery\.com/ui/[^"]*"></script>\s*<script>\$\(.*?</script>', re.DOTALL)


class ColourKey(MacroElement):
    """A scale of colours as plain HTML; branca's own needs d3.

    Parameters
    ----------
    scale : branca.colormap.ColorMap
        The scale.
    """

    _template = Template(
        """
        {% macro html(this, kwargs) %}
            <div class="maplegend">
                <div class="legend-title">{{ this.caption|e }}</div>
                <div class="cm-colours" style="background:linear-gradient(90deg,{{ this.colours|join(",")|e }})"></div>
                <div class="cm-ticks">{% for at, text in this.ticks %}<span style="left:{{ at }}%">{{ text|e }}</span>{% endfor %}</div>
            </div>
        {% endmacro %}
        """
    )

    def __init__(self, scale: ColorMap) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "ColourKey"
        low, high = float(scale.vmin), float(scale.vmax)
        span = (high - low) or 1.0
        self.caption = scale.caption
        self.colours = [scale(low + span * step / (SAMPLES - 1)) for step in range(SAMPLES)]
        self.ticks: list[tuple[float, str]] = []
        for value in sorted({low, high, *(float(value) for value in scale.index)}):
            at = round((value - low) / span * 100, 1)
            # The ends are told in any case.
            if value in {low, high} or (at - self.ticks[-1][0] >= APART and 100 - at >= APART):
                self.ticks.append((at, f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"))


def without_scripts(element: Element) -> None:
    """Put plain keys into the places of an element's scales, and of its children's."""
    children: dict[str, Any] = element._children  # noqa: SLF001  branca has no other door
    for name, child in children.items():
        if isinstance(child, ColorMap):
            children[name] = key = ColourKey(child)
            key._parent = element  # noqa: SLF001
        else:
            without_scripts(child)


def undraggable(markup: str) -> str:
    """Drop what lets a reader drag geopandas' list of categories about, with a library from the web."""
    return _DRAGGING.sub("", markup)
