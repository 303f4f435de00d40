"""Read GeoPackage, FlatGeobuf, Shapefile and KML with GDAL, some thousands of features at a time, as longitude and latitude."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from corridormap.checks.filecheck import FileCheck
from corridormap.checks.ledger import rule
from corridormap.checks.reading.batch import Batch, Place
from corridormap.checks.reading.shapes import lay_out
from corridormap.checks.report import Checked, Report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pyproj import Transformer

    from corridormap.checks.reading.sources import Source
    from corridormap.web.drawing import Drawing

AT_ONCE = 20_000
"""So many features are read at once."""


def check_foreign(
    source: Source, codes: frozenset[str], most: int, progress: Callable[[int], None] | None, drawing: Drawing | None
) -> Report:
    """Check every layer of a file."""
    assert source.path is not None
    codes = frozenset(code for code in codes if not code.startswith("CM1"))  # RFC 7946 is about GeoJSON
    report = Report()
    try:
        names = _layers(source.path)
    except Exception as error:  # noqa: BLE001  GDAL raises what it likes; the file is named and the check goes on
        return _unreadable(report, source, codes, most, error)
    if not names:
        return _unreadable(report, source, codes, most, ValueError("it has no layers"))
    size = source.path.stat().st_size
    for name in names:
        label = source.name if len(names) == 1 else f"{source.name}:{name}"
        check = FileCheck(label, codes, most, drawing=drawing)
        try:
            _check_layer(source.path, name, check)
        except Exception as error:  # noqa: BLE001  as above
            check.fault("CM014", f"cannot be read: {_words(error)}")
        check.conclude()
        report.findings += check.findings()
        report.more += check.more()
        report.checked.append(Checked(file=label, format=source.kind, features=check.features, vertices=check.vertices))
        if progress is not None:
            progress(size // len(names))
    return report


def _unreadable(report: Report, source: Source, codes: frozenset[str], most: int, error: Exception) -> Report:
    check = FileCheck(source.name, codes, most)
    check.fault("CM014", f"cannot be read: {_words(error)}")
    report.findings += check.findings()
    report.checked.append(Checked(file=source.name, format=source.kind))
    return report


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
