"""What a format is to the registry, and what a writer hands back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from corridormap.export.bundle import Bundle

__all__ = ["Format", "Written"]


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
