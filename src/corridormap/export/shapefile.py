"""Shapefile: for programs that read nothing newer; what it cannot hold is listed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from corridormap.errors import WriteError
from corridormap.export.format import Format, Written, zipped
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from corridormap.export.bundle import Bundle, ExportLayer

__all__ = ["FORMAT", "short_names"]

NAME_LENGTH = 10
TEXT_BYTES = 254


def short_names(columns: Sequence[str], *, languages: Sequence[str]) -> dict[str, str]:
    """Map properties to names of at most ten characters, each of its own.

    A long name keeps its ending, which says its language or unit, and the beginning of each word before: ``length_published_km`` becomes
    ``lenpub_km``.
    """
    endings = {*languages, "km", "m"}
    taken = {column for column in columns if len(column) <= NAME_LENGTH}
    names = {}
    for column in columns:
        short = column
        if len(column) > NAME_LENGTH:
            words = column.split("_")
            tail = f"_{words.pop()}" if len(words) > 1 and words[-1] in endings else ""
            each = max(1, (NAME_LENGTH - len(tail)) // len(words))
            stem = "".join(word[:each] for word in words)[: NAME_LENGTH - len(tail)]
            short, number = stem + tail, 1
            while short in taken:
                number += 1
                short = f"{stem[: NAME_LENGTH - len(tail) - len(str(number))]}{number}{tail}"
            taken.add(short)
        names[column] = short
    return names


def write(bundle: Bundle, target: Path) -> Written:
    """Write each layer with GDAL: five files a layer in a folder, or all of them in one zip."""
    losses: list[str] = []
    folder = target if target.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="shapefile.", dir=target.parent) as beside:
        for layer in bundle.layers:
            _write_layer(layer, folder or Path(beside), losses)
        if folder is None:
            target.write_bytes(zipped({file.name: file.read_bytes() for file in sorted(Path(beside).iterdir())}))
    return Written(bundle.counts, losses)


def _write_layer(layer: ExportLayer, folder: Path, losses: list[str]) -> None:
    import pyogrio

    names = short_names(layer.columns, languages=layer.atlas.languages)
    frame = _cut(layer, losses).rename(columns=names)
    path = folder / f"{layer.id}.shp"
    pyogrio.write_dataframe(
        frame,
        path,
        driver="ESRI Shapefile",
        encoding="UTF-8",
        geometry_type="Point" if layer.record.geometry == "Point" else "LineString",
        # Without this the table bears the day it was written on.
        layer_options={"DBF_DATE_LAST_UPDATE": "1980-01-01"},
    )
    # GDAL may pass over a full disk when it closes the file.
    found = pyogrio.read_info(path)["features"] if path.exists() else 0
    if found != len(frame) or pyogrio.read_dataframe(path, columns=["id"])["id"].astype(str).to_list() != frame["id"].astype(str).to_list():
        raise WriteError(
            f"{layer.id}: only {found} of {counted(len(frame), 'feature')} could be written", hint="Is the disk full? Nothing was changed."
        )
    renamed = [f"{name} → {short}" for name, short in names.items() if name != short]
    if renamed:
        losses.append(f"{layer.id}: names of at most {NAME_LENGTH} characters: {', '.join(renamed)}")
    if layer.record.geometry == "MultiLineString":
        losses.append(f"{layer.id}: a line of one part is no longer told from a line of several")


def _cut(layer: ExportLayer, losses: list[str]) -> GeoDataFrame:
    """Texts cut to what a field holds, at the end of a character; truth values as t and f have no null in old programs, so as 0 and 1."""
    frame = layer.typed()
    cut = []
    for column, kind in layer.types.items():
        if kind == "boolean":
            frame[column] = frame[column].astype("Int32")
            losses.append(f"{layer.id}: {column} is 1 for true and 0 for false")
        if kind != "text":
            continue
        long = frame[column].dropna().map(lambda value: len(value.encode()) > TEXT_BYTES).astype(bool)
        if long.any():
            frame[column] = frame[column].map(_shortened, na_action="ignore").astype("string")
            cut.append(f"{column} ({long.sum()})")
        if (frame[column] == "").any():
            losses.append(f"{layer.id}: an empty text in {column} is no longer told from null")
    if cut:
        losses.append(f"{layer.id}: texts cut to {TEXT_BYTES} bytes, in so many features: {', '.join(cut)}")
    return frame


def _shortened(value: str) -> str:
    # A field is filled up with spaces, so that those at the end of a text are lost.
    return value.encode()[:TEXT_BYTES].decode("utf-8", "ignore").rstrip(" ")


FORMAT = Format("shapefile", ".zip", "either", "Shapefile, zipped or a folder: programs that read nothing newer", write)
