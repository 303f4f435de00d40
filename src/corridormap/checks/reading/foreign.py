"""Check formats other than GeoJSON: GeoPackage, FlatGeobuf and Shapefile are read with GDAL, some thousands of features at a time."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.collector import rule
from corridormap.checks.filecheck import FileCheck
from corridormap.checks.reading.batch import Batch, Place
from corridormap.checks.reading.kml import Layer, RefusedError, read_kml
from corridormap.checks.reading.shapes import lay_out
from corridormap.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from geopandas import GeoDataFrame

    from corridormap.checks.reading.sources import Source
    from corridormap.checks.report import Report

AT_ONCE = 20_000
"""So many features are read at once."""

_BEGIN = {"GPKG": b"SQLite format 3\x00", "FlatGeobuf": b"fgb", "ESRI Shapefile": b"\x00\x00\x27\x0a"}
"""How a file of each format begins: GDAL goes by what is in a file, which may be XML or a list of other files."""


def check_foreign(report: Report, source: Source, whole: FileCheck, progress: Callable[[int], None]) -> None:
    """Check every layer of a file by itself; `whole` takes what is wrong with the file as a whole."""
    assert source.path is not None
    # RFC 7946 is about GeoJSON; features of other formats share their columns.
    codes = frozenset(code for code in whole.codes if not code.startswith("CM1") and code != "CM412")
    layers: list[Layer] = []

    def make() -> FileCheck:
        return FileCheck(whole.file, codes, whole.most, drawing=whole.drawing)

    kml = source.kind == "KML"
    with _caught(whole, hint="Unpack a KMZ and check the .kml in it." if kml else None), warnings.catch_warnings(action="ignore"):
        if kml:
            read_kml(source.path, layers, make, progress)
        else:
            _read_with_gdal(source.path, source.kind, layers, make, progress)
    alone = len(layers) == 1
    for layer in layers:
        for finding in whole.findings() if alone else ():
            layer.check.keep(finding)
        layer.check.conclude()
        report.add(layer.check, source.kind, None if alone else f"{whole.file}:{layer.name}")
    if not layers or (whole.errors and not alone):
        report.add(whole, source.kind)


@contextmanager
def _caught(check: FileCheck, *, hint: str | None = None) -> Iterator[None]:
    """Make a finding of why a file or layer cannot be read."""
    try:
        yield
    except InternalError:
        raise
    except RefusedError as error:
        check.fault("CM014", f"cannot be read: {error}", error.place, hint=error.hint)
    except Exception as error:  # noqa: BLE001  GDAL, zipfile and expat raise what they like; the file is named and the check goes on
        what = (str(error).splitlines() or [type(error).__name__])[0][:200]
        check.fault("CM014", f"cannot be read: {what}", hint=hint)


def _read_with_gdal(path: Path, kind: str, layers: list[Layer], make: Callable[[], FileCheck], progress: Callable[[int], None]) -> None:
    """Check every layer of a file, one that cannot be read too."""
    import pyogrio

    with path.open("rb") as stream:
        if not stream.read(16).startswith(_BEGIN[kind]):
            raise ValueError(f"it does not begin as a {kind} file does")
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if not names:
        raise ValueError("it has no layers")
    for name in names:
        layers.append(Layer(make(), name))
        with _caught(layers[-1].check):
            _read_layer(path, name, layers[-1].check)
        progress(path.stat().st_size // len(names))


def _read_layer(path: Path, name: str, check: FileCheck) -> None:
    """Check the features of a layer, some thousands at a time."""
    import pyogrio
    from geopandas import GeoDataFrame

    first, count = 0, AT_ONCE
    while count == AT_ONCE and not check.full:
        frame = pyogrio.read_dataframe(path, layer=name, skip_features=first, max_features=AT_ONCE, fid_as_index=True)
        count = len(frame)
        if isinstance(frame, GeoDataFrame):
            nowhere = frame.crs is None and not first
            check.batch(_batch(frame, first), [(rule("CM316"), Place("names no coordinate reference system"))] if nowhere else None)
        else:
            check.features += count
        first += count


def _batch(frame: GeoDataFrame, first: int) -> Batch:
    """Turn a frame into a batch: shapes in longitude and latitude, and properties."""
    from pyproj import CRS, Transformer

    shapes = lay_out(np.asarray(frame.geometry.to_numpy(), dtype=object))
    if frame.crs is not None and len(shapes.xy) and not frame.crs.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        shapes.xy = np.column_stack(Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True).transform(*shapes.xy.T))
    table = frame.drop(columns="geometry")
    properties: list[Any] = table.astype(object).where(table.notna(), None).to_dict("records") if len(table.columns) else [{}] * len(frame)
    return Batch(first, [str(fid) for fid in frame.index], properties, [], shapes, root=lambda _: None)
