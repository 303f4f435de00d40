"""What a format is to the registry, what a writer hands back, and what several of them share."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from corridormap.export.sentence import Sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer

UNLOCATED = "_unlocated.csv"
"""What is added to a layer's id for the table of its features without a position."""
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip file can hold: the same bytes on every day."""


@dataclass(frozen=True)
class Written:
    """What a writer made."""

    features: dict[str, int]
    """Layer id → number of features in the result."""
    losses: list[str] = field(default_factory=list)
    """What the format could not keep, one sentence each, beginning with the layer where it is about one."""
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    """Layer id → property → what it is called in the file, where that may differ."""
    types: dict[str, str] = field(default_factory=dict)
    """Type of a property → its type in the file, where that differs."""


@dataclass(frozen=True)
class Format:
    """A format of the registry."""

    name: str
    """What it is called on the command line."""
    suffix: str
    """The ending of its files, such as ``.gpkg``; of a folder's files where ``kind`` is "layers", empty where it is "folder"."""
    kind: Literal["file", "folder", "layers", "either"]
    """One file for all layers; a folder of its own making; a folder with one file a layer, or a single layer's file; or one file for all
    layers or a folder, as the target is named."""
    summary: str
    """What it is good for, in a few words."""
    write: Callable[[Bundle, Path], Written]
    """``write(bundle, target)`` writes to a path that does not exist yet; `corridormap.export.export` moves it to its place.

    For "layers", a target that ends in ``suffix`` is one layer's file, any other a folder that exists; for "either" it is always such a
    folder, which `export` zips.
    """
    any_crs: bool = True
    """Whether its coordinates may be in any CRS."""
    coordinates: str = "longitude and latitude"
    """If not: what they always are, in words."""
    styled: bool = False
    """Whether QGIS reads a style (``.qml``) that stands beside a layer's file."""
    layer_file: str = ""
    """Path of a layer's file in a folder, with ``{layer}`` for its id; by default that and ``suffix``."""

    def file_of(self, layer: str) -> str:
        """Give the path of a layer's file within a folder."""
        return (self.layer_file or f"{{layer}}{self.suffix}").format(layer=layer)


def file_a_layer(
    name: str,
    suffix: str,
    summary: str,
    content: Callable[[ExportLayer, list[str]], bytes],
    *,
    any_crs: bool = True,
    losses: Sequence[str] = (),
    apart: Callable[[ExportLayer], bytes] | None = None,
    beside: Callable[[ExportLayer], Mapping[str, str]] | None = None,
) -> Format:
    """Make a format of a function that gives a layer's file, and adds to the losses what it cannot keep; `losses` begins them.

    Where the format holds no feature without a geometry, `apart` gives the CSV of those; a file alone goes without them. `beside` gives
    the texts of files that stand beside a layer's, by their endings.
    """

    def write(bundle: Bundle, target: Path) -> Written:
        found, counts = list(losses), bundle.counts
        for layer in bundle.layers:
            path, kept = target / f"{layer.id}{suffix}" if target.is_dir() else target, layer
            if apart is not None and layer.unlocated:
                kept = layer.located()
                if path == target:
                    found += without_position(layer, "export.left_out")
                    counts[layer.id] = len(kept.frame)
                else:
                    table = f"{layer.id}{UNLOCATED}"
                    (target / table).write_bytes(apart(layer))
                    found += without_position(layer, "export.apart", file=table)
            path.write_bytes(content(kept, found))
            for ending, text in beside(kept).items() if beside is not None else ():
                path.with_suffix(ending).write_bytes(text.encode())
        return Written(counts, found)

    return Format(name, suffix, "layers", summary, write, any_crs, styled=True)


def without_position(layer: ExportLayer, key: str, **values: str) -> list[str]:
    """Say by a text of the catalogues what becomes of the features whose position nobody published; nothing if there are none."""
    names = layer.unlocated
    return [Sentence(key, layer=layer.id, n=str(len(names)), names=", ".join(names), **values)] if names else []


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Pack files into a zip that comes out the same on every day."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return stream.getvalue()
