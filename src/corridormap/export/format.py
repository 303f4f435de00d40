"""What a format is to the registry, what a writer hands back, and what several of them share."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from corridormap.phrases import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer

__all__ = ["Format", "Written", "file_a_layer", "without_position", "zipped"]

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip file can hold: the same bytes on every day."""


@dataclass(frozen=True)
class Written:
    """What a writer made.

    Parameters
    ----------
    features : dict of str to int
        Layer id → number of features in the result.
    losses : list of str
        What the format could not keep, one sentence each, beginning with the layer where it is about one.
    """

    features: dict[str, int]
    losses: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Format:
    """A format of the registry.

    Parameters
    ----------
    name : str
        What it is called on the command line.
    suffix : str
        The ending of its files, such as ``.gpkg``; of a folder's files where ``kind`` is "layers", empty where it is "folder".
    kind : {"file", "folder", "layers", "either"}
        One file for all layers; a folder of its own making; a folder with one file a layer, or a single layer's file; or one file for all
        layers or a folder, as the target is named.
    summary : str
        What it is good for, in a few words.
    write : callable
        ``write(bundle, target)`` writes to a path that does not exist yet; `corridormap.export.export` moves it to its place. For
        "layers", a target that ends in ``suffix`` is one layer's file, any other a folder that exists.
    any_crs : bool
        Whether its coordinates may be in any CRS.
    coordinates : str
        If not: what they always are, in words.
    """

    name: str
    suffix: str
    kind: Literal["file", "folder", "layers", "either"]
    summary: str
    write: Callable[[Bundle, Path], Written]
    any_crs: bool = True
    coordinates: str = "longitude and latitude"


def file_a_layer(
    name: str,
    suffix: str,
    summary: str,
    content: Callable[[ExportLayer, list[str]], bytes],
    *,
    any_crs: bool = True,
    losses: Sequence[str] = (),
) -> Format:
    """Make a format of a function that gives a layer's file, and adds to the losses what it cannot keep; `losses` begins them."""

    def write(bundle: Bundle, target: Path) -> Written:
        found = list(losses)
        for layer in bundle.layers:
            path = target / f"{layer.id}{suffix}" if target.is_dir() else target
            path.write_bytes(content(layer, found))
        return Written(bundle.counts, found)

    return Format(name, suffix, "layers", summary, write, any_crs)


def without_position(layer: ExportLayer, what: str = "left out, since the format holds no feature without a geometry") -> list[str]:
    """Say what becomes of the features whose position nobody published; nothing if there are none."""
    names = layer.unlocated
    return [f"{layer.id}: {counted(len(names), 'feature')} without a published position {what}: {', '.join(names)}"] if names else []


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
