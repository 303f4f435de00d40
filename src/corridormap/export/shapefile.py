"""Shapefile: for programs that read nothing newer; what it cannot hold is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridormap.derive.datapackage import told_apart
from corridormap.errors import WriteError
from corridormap.export.format import Format, Written
from corridormap.export.sentence import Sentence
from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from geopandas import GeoDataFrame
    from pandas import Series

    from corridormap.export.bundle import Bundle, ExportLayer

NAME_BYTES = 10
TEXT_BYTES = 254
NUMBER_WIDTH = 20
"""The greatest width of a number in dBase."""


def short_names(columns: Sequence[str], *, languages: Sequence[str]) -> dict[str, str]:
    """Map properties to names of at most ten bytes in UTF-8, each of its own whatever its case.

    A long name keeps its ending, which says its language or unit, and the beginning of each word before: ``length_published_km`` becomes
    ``lenpub_km``.
    """
    endings = {*languages, "km", "m"}

    def short(column: str) -> str:
        words = column.split("_")
        tail = f"_{words.pop()}" if len(words) > 1 and words[-1] in endings else ""
        room = NAME_BYTES - _size(tail)
        return _cut("".join(_cut(word, max(1, room // len(words))) for word in words) or column, room) + tail

    # What fits keeps its name.
    shorts = {column: column for column in columns if _size(column) <= NAME_BYTES}
    shorts |= {column: short(column) for column in columns if column not in shorts}
    names = dict(zip(shorts, told_apart(shorts.values(), mark="_", room=NAME_BYTES), strict=True))
    return {column: names[column] for column in columns}


def _size(text: str) -> int:
    return len(text.encode())


def _cut(text: str, size: int) -> str:
    """Cut a text to so many bytes, at the end of a character."""
    return text.encode()[:size].decode("utf-8", "ignore")


def write(bundle: Bundle, target: Path) -> Written:
    """Write each layer into a folder with GDAL, five files a layer; the table's numbers then get the widths that they need."""
    losses: list[str] = []
    names = {layer.id: short_names(layer.columns, languages=layer.atlas.languages) for layer in bundle.layers}
    for layer in bundle.layers:
        _write_layer(layer, target, names[layer.id], losses)
    return Written(bundle.counts, losses, names, {"boolean": "integer"})


def _write_layer(layer: ExportLayer, folder: Path, names: Mapping[str, str], losses: list[str]) -> None:
    import pyogrio

    frame = _fitting(layer, losses).rename(columns=names)
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
    if path.exists():
        rounded = _fit_numbers(path.with_suffix(".dbf"), frame)
        losses += [Sentence("export.rounded", layer=layer.id, column=name, n=str(decimals)) for name, decimals in rounded.items()]
    # GDAL may pass over a full disk when it closes the file.
    found = pyogrio.read_info(path)["features"] if path.exists() else 0
    if found != len(frame) or pyogrio.read_dataframe(path, columns=["id"])["id"].astype(str).to_list() != frame["id"].astype(str).to_list():
        raise WriteError(
            f"{layer.id}: only {found} of {counted(len(frame), 'feature')} could be written", hint="Is the disk full? Nothing was changed."
        )
    renamed = [f"{name} → {short}" for name, short in names.items() if name != short]
    if renamed:
        losses.append(Sentence("export.short_names", layer=layer.id, n=str(NAME_BYTES), names=", ".join(renamed)))
    if layer.record.geometry == "MultiLineString":
        losses.append(Sentence("export.parts", layer=layer.id))


def _fitting(layer: ExportLayer, losses: list[str]) -> GeoDataFrame:
    """Texts cut to what a field holds, at the end of a character; truth values as t and f have no null in old programs, so as 0 and 1."""
    frame = layer.typed()
    cut = []
    for column, kind in layer.types.items():
        if kind == "boolean":
            frame[column] = frame[column].astype("Int32")
            losses.append(Sentence("export.truths", layer=layer.id, column=column))
        if kind != "text":
            continue
        texts = layer.frame[column].dropna()
        known = set(texts)
        # A field is filled up with spaces, so that those at the end of a text are lost.
        shortened = {text: _cut(text, TEXT_BYTES).rstrip(" ") for text in known if _size(text) > TEXT_BYTES}
        if shortened:
            frame[column] = frame[column].map(lambda value, short=shortened: short.get(value, value), na_action="ignore").astype("string")
            cut.append(f"{column} ({sum(map(shortened.__contains__, texts))})")
        if "" in known or "" in shortened.values():
            losses.append(Sentence("export.empty", layer=layer.id, column=column))
    if cut:
        losses.append(Sentence("export.cut", layer=layer.id, n=str(TEXT_BYTES), columns=", ".join(cut)))
    return frame


def _fit_numbers(path: Path, frame: GeoDataFrame) -> dict[str, int]:
    """Give each column of reals the decimals that its values have, in place; tell which had to be rounded, and to how many.

    GDAL gives all of them 15 decimals, so that 2246.4 is written, and read by others, as 2246.400000000000091. The table is dBase III's:
    a head of 32 bytes, 32 bytes a field, then the records.
    """
    import numpy as np

    content, rounded = path.read_bytes(), dict[str, int]()
    head, size = (int.from_bytes(content[place : place + 2], "little") for place in (8, 10))
    if len(content) < head + size * len(frame):
        return {}  # cut short by a full disk: `_write_layer` finds out
    fields = [content[place : place + 32] for place in range(32, head - 1, 32)]
    records = np.frombuffer(content, dtype="S1", count=size * len(frame), offset=head).reshape(len(frame), size)
    columns, start = [records[:, :1]], 1
    for number, (field, name) in enumerate(zip(fields, frame.columns.drop(frame.geometry.name), strict=True)):
        cells = records[:, start : start + field[16]]
        start += field[16]
        width, decimals = _widths(frame[name]) if field[17] else (0, 0)
        if width:
            texts = frame[name].map(f"{{:.{decimals}f}}".format, na_action="ignore").fillna("")
            if (texts[texts != ""].astype(float) != frame[name].dropna()).any():
                rounded[name] = decimals
            cells = np.array([text.rjust(width) for text in texts], dtype=f"S{width}").view("S1").reshape(len(frame), width)
            fields[number] = field[:16] + bytes([width, decimals]) + field[18:]
        columns.append(cells)
    rows = np.hstack(columns).tobytes()
    length = 1 + sum(field[16] for field in fields)
    path.write_bytes(
        content[:10] + length.to_bytes(2, "little") + content[12:32] + b"".join(fields) + content[head - 1 : head] + rows + b"\x1a"
    )
    return rounded


def _widths(values: Series[float]) -> tuple[int, int]:
    """Give the width of a column of reals and its decimals, at least one; 0 and 0 where they are too great, or there are none."""
    import numpy as np

    texts = [np.format_float_positional(value, unique=True, trim="0") for value in values.dropna()]
    whole = max((text.index(".") for text in texts), default=NUMBER_WIDTH)
    decimals = min(max((len(text) - text.index(".") - 1 for text in texts), default=0), NUMBER_WIDTH - 1 - whole)
    return (whole + 1 + decimals, decimals) if decimals > 0 else (0, 0)


FORMAT = Format(
    "shapefile",
    ".zip",
    "either",
    "Shapefile, zipped or a folder: programs that read nothing newer",
    write,
    styled=True,
    layer_file="{layer}.shp",
)
