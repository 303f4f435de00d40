"""A layer of an atlas, as its rules see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridormap.atlas import Atlas
    from corridormap.model import Layer


@dataclass(frozen=True)
class LayerSubject:
    """A layer of an atlas under check: what its file is held against."""

    atlas: Atlas
    record: Layer
