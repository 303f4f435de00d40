"""Check formats other than GeoJSON: GeoPackage, FlatGeobuf and Shapefile are read with GDAL, some thousands of features at a time."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from corridormap.checks.filecheck import FileCheck
from corridormap.checks.ledger import rule
from corridormap.checks.reading.batch import Batch, Place
from corridormap.checks.reading.kml import Reader, RefusedError, opened
from corridormap.checks.reading.shapes import lay_out
from corridormap.checks.report import Checked, Report
from corridormap.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pyproj import Transformer

    from corridormap.checks.reading.sources import Source
    from corridormap.web.drawing import Drawing

AT_ONCE = 20_000
"""So many features are read at once."""

_BEGIN = {"GPKG": b"SQLite format 3\x00", "FlatGeobuf": b"fgb", "ESRI Shapefile": b"\x00\x00\x27\x0a"}
"""How a file of each format begins: GDAL goes by what is in a file, which may be XML or a list of other files."""


def check_foreign(
    source: Source, codes: frozenset[str], most: int, progress: Callable[[int], None] | None, drawing: Drawing | None
) -> Report:
    """Check every layer of a file."""
    assert source.path is not None
    # RFC 7946 is about GeoJSON; features of other formats share their columns.
    codes = frozenset(code for code in codes if not code.startswith("CM1") and code != "CM412")
    progress = progress or (lambda _: None)
    if source.kind == "KML":
        return _check_kml(source, source.path, lambda: FileCheck(source.name, codes, most, drawing=drawing), progress)
    report = Report()
    try:
        with source.path.open("rb") as stream:
            if not stream.read(16).startswith(_BEGIN[source.kind]):
                raise ValueError(f"it does not begin as a {source.kind} file does")  # noqa: TRY301  told as what GDAL raises is
        names = _layers(source.path)
        if not names:
            raise ValueError("it has no layers")  # noqa: TRY301  as above
    except Exception as error:  # noqa: BLE001  GDAL raises what it likes; the file is named and the check goes on
        check = FileCheck(source.name, codes, most)
        check.fault("CM014", f"cannot be read: {_words(error)}")
        _add(report, check, source)
        return report
    size = source.path.stat().st_size
    for name in names:
        label = source.name if len(names) == 1 else f"{source.name}:{name}"
        check = FileCheck(label, codes, most, drawing=drawing)
        try:
            _check_layer(source.path, name, check)
        except InternalError:
            raise
        except Exception as error:  # noqa: BLE001  as above
            check.fault("CM014", f"cannot be read: {_words(error)}")
        check.conclude()
        _add(report, check, source)
        progress(size // len(names))
    return report


def _check_kml(source: Source, path: Path, make: Callable[[], FileCheck], progress: Callable[[int], None]) -> Report:
    """Check every document and folder of a KML or KMZ that has placemarks."""
    reader, size = Reader(make), path.stat().st_size
    trouble: RefusedError | None = None
    try:
        with opened(path) as (stream, total):
            while part := stream.read(1 << 20):
                reader.feed(part)
                progress(len(part) * size // max(total, 1))
            reader.feed(b"", last=True)
    except RefusedError as error:
        trouble = error
    except (OSError, BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, LookupError) as error:  # what zipfile and expat raise
        trouble = RefusedError(_words(error), "Unpack a KMZ and check the .kml in it.")
    layers = [layer for layer in reader.layers if layer.count]
    whole = layers[0].check if len(layers) == 1 else make()
    if trouble is not None:
        whole.fault("CM014", f"cannot be read: {trouble}", trouble.place, hint=trouble.hint)
    report = Report()
    for layer in layers:
        layer.flush()
        layer.check.conclude()
        _add(report, layer.check, source, None if len(layers) == 1 else f"{source.name}:{layer.name}")
    if trouble is not None and len(layers) != 1:
        _add(report, whole, source)
    return report


def _add(report: Report, check: FileCheck, source: Source, label: str | None = None) -> None:
    """Add what was found in a layer, under the name given if that was not known before."""
    report.findings += check.findings() if label is None else [replace(finding, file=label) for finding in check.findings()]
    report.more += check.more()
    report.checked.append(Checked(file=label or check.file, format=source.kind, features=check.features, vertices=check.vertices))


def _words(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _layers(path: Path) -> list[str]:
    import pyogrio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [str(name) for name, _ in pyogrio.list_layers(path)]


def _check_layer(path: Path, name: str, check: FileCheck) -> None:
    import pyogrio

    first = 0
    transformer: Transformer | None = None
    while not check.full:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pyogrio.read_dataframe(path, layer=name, skip_features=first, max_features=AT_ONCE, fid_as_index=True)
        if not hasattr(frame, "geometry") or "geometry" not in frame.columns:
            check.features += len(frame)
            if len(frame) < AT_ONCE:
                return
            first += len(frame)
            continue
        found = []
        if not first:
            if frame.crs is None:
                found.append((rule("CM316"), Place("names no coordinate reference system")))
            else:
                transformer = _transformer(frame)
        check.batch(_batch(frame, first, transformer), found)
        first += len(frame)
        if len(frame) < AT_ONCE:
            return


def _transformer(frame: GeoDataFrame) -> Transformer | None:
    from pyproj import CRS, Transformer

    if frame.crs.equals(CRS.from_epsg(4326), ignore_axis_order=True):
        return None
    return Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True)


def _batch(frame: GeoDataFrame, first: int, transformer: Transformer | None) -> Batch:
    geometries = np.asarray(frame.geometry.to_numpy(), dtype=object)
    shapes = lay_out(geometries)
    if transformer is not None and len(shapes.xy):
        x, y = transformer.transform(shapes.xy[:, 0], shapes.xy[:, 1])
        shapes.xy = np.column_stack([x, y])
    columns = [column for column in frame.columns if column != "geometry"]
    values = [frame[column].astype(object).where(frame[column].notna(), None).tolist() for column in columns]
    properties: list[dict[str, Any] | None] = (
        [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)] if columns else [{}] * len(frame)
    )
    return Batch(
        first=first,
        ids=[str(fid) for fid in frame.index],
        properties=properties,
        boxes=[],
        shapes=shapes,
        root=lambda _: None,
    )
