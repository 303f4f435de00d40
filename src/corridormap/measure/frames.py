"""What callers may hand over: frames, series, arrays and single geometries, in any coordinate system that they name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from corridormap.errors import DataError, UsageError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    FrameT = TypeVar("FrameT", bound=pd.DataFrame)
    GeometryLike = Any
    """A GeoDataFrame, a GeoSeries, an array or sequence of shapely geometries in lon/lat, or one of them."""

LONLAT = "EPSG:4326"


@dataclass(frozen=True)
class Given:
    """Geometries in longitude and latitude on WGS 84, in two dimensions, and what was done to them.

    Attributes
    ----------
    geometries : ndarray of shapely geometry, shape (n,)
        None where there is none.
    index : Index
        The caller's, as it is: duplicates and all.
    frame : GeoDataFrame or None
        The caller's frame, if it was one.
    note : str
        What was done, for ``attrs``; empty if nothing.
    """

    geometries: NDArray[np.object_]
    index: pd.Index[Any]
    frame: GeoDataFrame | None
    note: str = ""


def given(data: GeometryLike, *, what: str = "the data") -> Given:
    """Read what a caller handed over.

    Parameters
    ----------
    data : GeoDataFrame, GeoSeries, array of shapely geometry, or shapely geometry
        Frames and series must have a CRS and are reprojected if it is not WGS 84; bare geometries are taken as lon/lat. Z and M are left
        out.
    what : str
        What to call it in messages.

    Raises
    ------
    DataError
        If a frame has no CRS or no geometry.
    UsageError
        If it is none of these.
    """
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import shapely

    if isinstance(data, gpd.GeoDataFrame | gpd.GeoSeries):
        frame = data if isinstance(data, gpd.GeoDataFrame) else None
        try:
            series = data.geometry
        except AttributeError:
            raise DataError("has no geometry column", where=what, hint="Name it with frame.set_geometry(…).") from None
        if series.crs is None:
            raise DataError("has no CRS", where=what, hint='Say what it is in, for lon/lat frame.set_crs("EPSG:4326").')
        note = ""
        if not series.crs.equals(LONLAT, ignore_axis_order=True):
            note = f"reprojected from {series.crs.to_string()} to {LONLAT}"
            series = series.to_crs(LONLAT)
        return Given(shapely.force_2d(np.asarray(series.to_numpy(), dtype=object)), series.index, frame, note)
    if isinstance(data, shapely.Geometry):
        data = [data]
    if not isinstance(data, np.ndarray | list | tuple) or not all(one is None or isinstance(one, shapely.Geometry) for one in data):
        raise UsageError(f"{what} must be a GeoDataFrame, a GeoSeries or shapely geometries, not {type(data).__name__}")
    array = np.empty(len(data), dtype=object)
    array[:] = data
    return Given(shapely.force_2d(array), pd.RangeIndex(len(array)), None)


def described(frame: FrameT, *, method: str, note: str = "", **more: object) -> FrameT:
    """Put the method, and what was done to the data, into a frame's ``attrs``."""
    frame.attrs = {"method": method}
    frame.attrs.update(more)
    if note:
        frame.attrs["note"] = note
    return frame
