"""A new atlas: a folder that builds, validates and renders at once, with an example to replace."""

from __future__ import annotations

from corridormap.start.geography import find_code
from corridormap.start.layout import Untranslated, check_languages, lay_out

__all__ = ["Untranslated", "check_languages", "find_code", "lay_out"]
