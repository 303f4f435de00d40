"""Measuring on the ellipsoid: lengths and areas, kilometres along a corridor, what lines share, what lies near them, ways over the network.

Every function takes frames, series, arrays or single geometries where it says so, gives a DataFrame or GeoDataFrame with units in the
column names, and says in ``attrs["method"]`` how it measured and in ``attrs["note"]`` what it did to the data.

What gives a row for each row it gets (`lengths`, `areas`, `lengths_by` with ``each``, `chainage`, `nearest`) runs on the partitions of a
dask_geopandas frame too: ``parts.map_partitions(function, …, meta=function(empty, …))``, where ``empty`` is a frame of no rows.

>>> from corridormap import measure
>>> measure.locate("rail-1-northern", km=400).after.item()
'sayak'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corridormap.measure.accuracy import compare
    from corridormap.measure.buffers import catchment, nearest, places_within
    from corridormap.measure.ellipsoid import areas, lengths, lengths_by
    from corridormap.measure.generalise import length_by_tolerance
    from corridormap.measure.overlap import crossings, shared_matrix, shared_track
    from corridormap.measure.referencing import Alignment, alignment, chainage, cut, events, locate, stationing
    from corridormap.measure.routing import closure, detour, route

_HOMES = {
    "Alignment": "referencing",
    "alignment": "referencing",
    "areas": "ellipsoid",
    "catchment": "buffers",
    "chainage": "referencing",
    "closure": "routing",
    "compare": "accuracy",
    "crossings": "overlap",
    "cut": "referencing",
    "detour": "routing",
    "events": "referencing",
    "length_by_tolerance": "generalise",
    "lengths": "ellipsoid",
    "lengths_by": "ellipsoid",
    "locate": "referencing",
    "nearest": "buffers",
    "places_within": "buffers",
    "route": "routing",
    "shared_matrix": "overlap",
    "shared_track": "overlap",
    "stationing": "referencing",
}

__all__ = [
    "Alignment",
    "alignment",
    "areas",
    "catchment",
    "chainage",
    "closure",
    "compare",
    "crossings",
    "cut",
    "detour",
    "events",
    "length_by_tolerance",
    "lengths",
    "lengths_by",
    "locate",
    "nearest",
    "places_within",
    "route",
    "shared_matrix",
    "shared_track",
    "stationing",
]


def __getattr__(name: str) -> Any:
    # The heavy parts load when they are first named.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"corridormap.measure.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
