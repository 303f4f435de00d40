"""Lines, areas and points from a file, in any format that GDAL reads."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.errors import CorridorMapError, DataError, UsageError
from corridormap.measure.table_files import TABLES, points_of, read_table
from corridormap.phrases import meant

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

KINDS = {"line": "Line", "area": "Polygon", "point": "Point"}
"""What GDAL calls geometry that a layer may hold."""
M_LOST = "m_lost"
"""What ``attrs`` of a frame hold if the file has M values that could not be read."""


def is_file(name: str) -> bool:
    """Tell whether a text is meant as a file, or a layer of one: it ends with a suffix, which no id and no number of a corridor does."""
    return re.search(r"\.[A-Za-z]\w*(:[^:/\\]+)?$", name) is not None


def read_frame(name: str | Path, *, kind: str) -> GeoDataFrame:
    """Read a file, or one layer of it (``FILE:LAYER``), with GDAL; M values are kept where pyarrow is installed.

    Of a table, such as CSV, the columns ``lon`` and ``lat`` are points. Of several layers the one is read that holds what is wanted:
    ``line``, ``area`` or ``point``.

    Raises
    ------
    DataError
        If it is not there, cannot be read or has no geometry.
    UsageError
        If it has no such layer, or several might be meant.
    """
    import warnings

    import pyogrio

    path, layer = Path(name), None
    if not path.exists() and ":" in str(name):
        path, layer = Path(str(name).rpartition(":")[0]), str(name).rpartition(":")[2]
    if not path.exists():
        raise DataError("no such file", where=path, hint="Check the path.")
    if path.suffix.lower() in TABLES and layer is None and (points := points_of(read_table(path), what=str(path))) is not None:
        return points
    try:
        with warnings.catch_warnings(record=True) as odd:
            # What GDAL finds odd about a file it reads is no reason to stop.
            warnings.simplefilter("always")
            chosen = _layer(path, layer, kind)
            frame = pyogrio.read_dataframe(path, layer=chosen, fid_as_index=False)
            if any("Measured (M)" in str(one.message) for one in odd):
                # The plain reader knows no M; Arrow's does.
                if find_spec("pyarrow"):
                    frame = pyogrio.read_dataframe(path, layer=chosen, fid_as_index=False, use_arrow=True)
                else:
                    frame.attrs[M_LOST] = True
    except CorridorMapError:
        raise
    except Exception as error:  # noqa: BLE001  GDAL raises what it likes
        what = (str(error).splitlines() or [type(error).__name__])[0]
        hint = "GeoJSON, GeoPackage, Shapefile, KML, GPX and others will do."
        raise DataError(f"cannot be read: {what[:200]}", where=path, hint=hint) from None
    if "geometry" not in frame:
        raise DataError("has no geometry", where=path, hint="Points of a table stand in its columns lon and lat, in degrees.")
    return frame


def _layer(path: Path, layer: str | None, kind: str) -> str:
    """Choose the layer to read."""
    import pyogrio

    layers = {str(name): str(geometry) for name, geometry in pyogrio.list_layers(path)}
    if layer is not None:
        if layer not in layers:
            raise UsageError(f"{path} has no layer {layer!r}", hint=meant(layer, layers, f"Layers are: {', '.join(layers)}."))
        return layer
    if len(layers) == 1:
        return next(iter(layers))
    fit = [
        name
        for name, geometry in layers.items()
        if KINDS[kind] in geometry and pyogrio.read_info(path, layer=name, force_feature_count=True)["features"] != 0
    ]
    if not fit:
        raise DataError(f"no layer holds {kind}s", where=path, hint=f"Layers are: {', '.join(layers) or 'none'}.")
    if len(fit) > 1:
        raise UsageError(f"{path} has several layers of {kind}s", hint=f"Name one: {path}:{fit[0]}; also {', '.join(fit[1:])}.")
    return fit[0]
