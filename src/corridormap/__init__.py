"""corridormap: an open, proven atlas of transport corridors.

>>> import corridormap as cm
>>> atlas = cm.Atlas.open()
>>> len(atlas.layer("corridors"))
11
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridormap.atlas import Atlas
    from corridormap.web import CorridorMap, render

__all__ = ["Atlas", "CorridorMap", "__version__", "render"]
__version__ = "0.1.0"

_HOMES = {"Atlas": "corridormap.atlas", "CorridorMap": "corridormap.web", "render": "corridormap.web"}


def __getattr__(name: str) -> Any:
    # The command line imports this package for --help; the heavy parts load when they are first named.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
