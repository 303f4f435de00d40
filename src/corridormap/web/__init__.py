"""The map as one self-contained page: a folium map of the atlas, its data, and the viewer that draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridormap.web.mapview import CorridorMap, render

__all__ = ["CorridorMap", "render"]


def __getattr__(name: str) -> Any:
    # folium takes its time to import; whoever only looks at the package should not wait for it.
    if name in __all__:
        from corridormap.web import mapview

        return getattr(mapview, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
