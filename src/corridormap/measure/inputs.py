"""What callers may hand over: frames, series, arrays, single geometries and files of any format, in any CRS that they name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely

from corridormap.errors import CorridorMapError, DataError, UsageError
from corridormap.measure.tables import READ, TABLES, points_of, read_table
from corridormap.phrases import meant

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    FrameT = TypeVar("FrameT", bound=pd.DataFrame)
    GeometryLike = Any
    """A GeoDataFrame, a GeoSeries, shapely geometries in lon/lat, or one of them, the path of a file, or a table with lon and lat."""

KINDS = {"line": "Line", "area": "Polygon", "point": "Point"}
"""What GDAL calls geometry that a layer may hold."""
M_LOST = "m_lost"
"""What ``attrs`` of a frame hold if the file has M values that could not be read."""
LONLAT = "EPSG:4326"
M_NOTE = "the file's M values could not be read: install pyarrow, and they are"


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


@dataclass(frozen=True)
class Inputs:
    """Geometries in longitude and latitude on WGS 84, in two dimensions, and what was done to them.

    Attributes
    ----------
    geometries : ndarray of shapely geometry, shape (n,)
        None where there is none.
    index : Index
        The caller's, as it is: duplicates and all.
    frame : GeoDataFrame or None
        The caller's frame, if it was one, or that of the file.
    note : str
        What was done, for ``attrs``; empty if nothing.
    given : ndarray of shapely geometry, shape (n,)
        The geometries as they came: in the caller's CRS, with Z and M.
    """

    geometries: NDArray[np.object_]
    index: pd.Index[Any]
    frame: GeoDataFrame | None
    note: str
    given: NDArray[np.object_]


def read_input(data: GeometryLike, *, what: str = "the data", kind: str = "line", uses_m: bool = False) -> Inputs:
    """Read what a caller handed over; `what` is what to call it in messages, and `kind` what is wanted of a file of several layers.

    Frames and series, such as ``geopandas.read_postgis`` gives, must have a CRS and are reprojected if it is not WGS 84; so are files, by
    their path. Bare geometries, and all that has a ``__geo_interface__``, are taken as lon/lat. Z and M are left out, and the note says so,
    of M unless the caller `uses_m`.

    Raises
    ------
    DataError
        If a frame has no CRS or no geometry, coordinates cannot be degrees, or a file cannot be read.
    UsageError
        If it is none of these.
    """
    import geopandas as gpd
    import pandas as pd

    if isinstance(data, Path) or (isinstance(data, str) and is_file(data)):
        data = read_frame(data, kind=kind)
    elif isinstance(data, pd.DataFrame) and not isinstance(data, gpd.GeoDataFrame):
        data = _points(data, what)
    if isinstance(data, gpd.array.GeometryArray):
        data = gpd.GeoSeries(data)
    if isinstance(data, gpd.GeoDataFrame | gpd.GeoSeries):
        frame = data if isinstance(data, gpd.GeoDataFrame) else None
        try:
            series = data.geometry
        except AttributeError:
            raise DataError("has no geometry column", where=what, hint="Name it with frame.set_geometry(…).") from None
        if series.crs is None:
            raise DataError("has no CRS", where=what, hint='Say what it is in, for lon/lat frame.set_crs("EPSG:4326").')
        given = np.asarray(series.to_numpy(), dtype=object)
        notes = [M_NOTE] if data.attrs.get(M_LOST) else []
        notes += [data.attrs[READ]] if READ in data.attrs else []
        if series.crs.srs != LONLAT and not series.crs.equals(LONLAT, ignore_axis_order=True):
            notes.append(f"reprojected from {series.crs.to_string()} to {LONLAT}")
            series = series.to_crs(LONLAT)
        index, array = series.index, np.asarray(series.to_numpy(), dtype=object)
    else:
        frame, notes = None, []
        given = array = _bare(data, what)
        index = pd.RangeIndex(len(array))
    if shapely.has_z(given).any():
        notes.append("heights (Z) are left out")
    if not uses_m and shapely.has_m(given).any():
        notes.append("M values are left out")
    return Inputs(_flat(array, what), index, frame, "; ".join(notes), given)


def _points(table: pd.DataFrame, what: str) -> GeoDataFrame:
    frame = points_of(table, what=what)
    if frame is None:
        hint = "Columns lon and lat, in degrees, will do; of others make geometry: geopandas.GeoDataFrame(table, geometry=…, crs=…)."
        raise UsageError(f"{what} are a table without geometry", hint=hint)
    return frame


def _bare(data: GeometryLike, what: str) -> NDArray[np.object_]:
    """Make an array of geometries that came without a frame."""
    if not isinstance(data, shapely.Geometry) and (isinstance(data, dict) or hasattr(data, "__geo_interface__")):
        try:
            data = shapely.geometry.shape(data)
        except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
            hint = "Of features make a frame: geopandas.GeoDataFrame.from_features(…, crs=…)."
            raise DataError("is no geometry in GeoJSON's form", where=what, hint=hint) from None
    if isinstance(data, shapely.Geometry):
        data = [data]
    if not isinstance(data, np.ndarray | list | tuple) or not all(one is None or isinstance(one, shapely.Geometry) for one in data):
        if type(data).__module__.startswith("dask"):
            hint = "Measure it part by part: frame.map_partitions(measure.lengths, meta=…), or frame.compute() if it fits into memory."
            raise UsageError(f"{what} are a frame of dask", hint=hint)
        raise UsageError(
            f"{what} must be a GeoDataFrame, a GeoSeries, shapely geometries or a file, not {type(data).__name__}",
            hint="A file is named with its suffix; of a corridor take its row of a layer, or measure.cut."
            if isinstance(data, str)
            else None,
        )
    array = np.empty(len(data), dtype=object)
    array[:] = data
    return array


def _flat(geometries: NDArray[np.object_], what: str) -> NDArray[np.object_]:
    """Drop Z, M and points that are nowhere, and make sure of degrees: metres taken for them would give figures that look like lengths."""
    flat = shapely.force_2d(geometries) if shapely.has_z(geometries).any() or shapely.has_m(geometries).any() else geometries
    west, south, east, north = shapely.bounds(flat).T
    # A table's row without coordinates makes a point of NaN: it is a row without a point.
    nowhere = (shapely.get_type_id(flat) == shapely.GeometryType.POINT) & np.isnan(west + south)
    if nowhere.any():
        flat = flat.copy()
        flat[nowhere] = None
    with np.errstate(invalid="ignore"):
        fine = (west >= -360.0) & (east <= 360.0) & (south >= -90.0) & (north <= 90.0)
    bad = ~fine & ~shapely.is_missing(flat) & ~shapely.is_empty(flat)
    if bad.any():
        row = int(bad.argmax())
        x, y = shapely.get_coordinates(flat[row])[0]
        hint = (
            "Coordinates are longitude first, then latitude. If they are in another CRS, say so with frame.set_crs(…, allow_override=True)."
        )
        raise DataError(f"{x:g}, {y:g} is no longitude and latitude", where=f"{what}, row {row}", hint=hint)
    return flat


def check_numbers(**values: object) -> None:
    """Make sure that arguments are numbers; which numbers will do, their function says.

    Raises
    ------
    UsageError
        Naming the first that is none.
    """
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise UsageError(f"{name} must be a number, not {value!r}")


def listed(names: Any) -> list[Any]:
    """Give one name, or several, as a list, each once."""
    import pandas as pd

    return list(dict.fromkeys(names if pd.api.types.is_list_like(names) else [names]))


def texts(values: Iterable[object], index: pd.Index[Any] | None = None) -> pd.Series[Any]:
    """Make a column of texts: of objects, with None where there is none, in every pandas and also when it is empty."""
    import pandas as pd

    return pd.Series(list(values), index=index, dtype=object)


def described(frame: FrameT, *notes: str, method: str, **more: object) -> FrameT:
    """Put the method, and what was done to the data, into a frame's ``attrs``: plain values only, or pandas could not join frames."""
    frame.attrs = {"method": method}
    frame.attrs.update(more)
    if any(notes):
        frame.attrs["note"] = "; ".join(filter(None, notes))
    return frame
