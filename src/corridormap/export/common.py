"""What several formats share."""

from __future__ import annotations

import io
import zipfile
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corridormap.errors import CorridorMapError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from corridormap.export.bundle import Bundle, ExportLayer

__all__ = ["each_layer", "located", "require", "without_position", "zipped"]

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest date a zip file can hold: the same bytes on every day."""


def require(module: str, *, extra: str, needed_for: str) -> Any:
    """Import a library that is not installed with the package itself.

    Raises
    ------
    CorridorMapError
        Saying how to install it.
    """
    try:
        return import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise CorridorMapError(f"{needed_for} needs {name}, which is not installed", hint=f"pip install 'corridormap[{extra}]'") from None


def each_layer(bundle: Bundle, target: Path, suffix: str) -> Iterator[tuple[ExportLayer, Path]]:
    """Each layer with the file it goes to: the target itself, or one in the folder named after the layer."""
    for layer in bundle.layers:
        yield layer, target / f"{layer.id}{suffix}" if target.is_dir() else target


def without_position(layer: ExportLayer, what: str = "left out, since the format holds no feature without a geometry") -> list[str]:
    """Say what becomes of the features whose position nobody published; nothing if there are none."""
    names = layer.unlocated
    return [f"{layer.id}: {len(names)} features without a published position {what}: {', '.join(names)}"] if names else []


def located(layer: ExportLayer) -> tuple[list[dict[str, Any]], list[Any]]:
    """Give properties and geometries of the features that have a geometry."""
    pairs = [(row, shape) for row, shape in zip(layer.rows(), layer.frame.geometry, strict=True) if shape is not None]
    return [row for row, _ in pairs], [shape for _, shape in pairs]


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
