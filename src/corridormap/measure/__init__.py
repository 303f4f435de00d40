"""Measuring on the ellipsoid: lengths and areas, kilometres along a corridor, what lines share, what lies near them, ways over the network.

Every function takes frames, series, arrays or single geometries where it says so, gives a DataFrame or GeoDataFrame with units in the
column names, and says in ``attrs["method"]`` how it measured and in ``attrs["note"]`` what it did to the data.

What gives a row for each row it gets (`lengths`, `areas`, `lengths_by` with ``each``, `chainage`, `nearest`) runs on the partitions of a
dask_geopandas frame too: ``parts.map_partitions(function, …, meta=function(empty, …))``, where ``empty`` is a frame of no rows.

>>> from corridormap import measure
>>> measure.locate("rail-1-northern", km=400).after.item()
'sayak'
"""

from corridormap.measure.accuracy import compare
from corridormap.measure.alignments import Alignment, alignment
from corridormap.measure.buffers import catchment, nearest, places_within
from corridormap.measure.calibration import calibrate
from corridormap.measure.ellipsoid import areas, lengths, lengths_by
from corridormap.measure.event_tables import dissolve, overlay
from corridormap.measure.generalise import length_by_tolerance
from corridormap.measure.network import Network, closure, detour, route
from corridormap.measure.overlap import crossings, shared_matrix, shared_track
from corridormap.measure.referencing import chainage, locate, stationing
from corridormap.measure.spans import spans
from corridormap.measure.stretches import cut, events

__all__ = [
    "Alignment",
    "Network",
    "alignment",
    "areas",
    "calibrate",
    "catchment",
    "chainage",
    "closure",
    "compare",
    "crossings",
    "cut",
    "detour",
    "dissolve",
    "events",
    "length_by_tolerance",
    "lengths",
    "lengths_by",
    "locate",
    "nearest",
    "overlay",
    "places_within",
    "route",
    "shared_matrix",
    "shared_track",
    "spans",
    "stationing",
]
