"""Libraries that are not installed with the package itself, and how to have them."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import requires
from typing import Any

from corridormap.errors import CorridorMapError


def require(module: str, *, extra: str, needed_for: str) -> Any:
    """Import a library that an extra of the package brings.

    Raises
    ------
    CorridorMapError
        If it is not installed; saying how to install it.
    """
    try:
        return import_module(module)
    except ImportError:
        name = module.partition(".")[0]
        raise CorridorMapError(f"{needed_for} needs {name}, which is not installed", hint=install(extra)) from None


def install(extra: str) -> str:
    """Give the command that installs what an extra brings: the libraries by name, wherever the package itself came from."""
    wanted = [line.partition(";")[0].strip() for line in requires("corridormap") or () if line.endswith(f"extra == '{extra}'")]
    return "pip install " + " ".join(f"'{line}'" for line in wanted)
