"""What a property may hold, and properties that are lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Scalar = str | int | float | bool | None


def split_list(value: str | None) -> list[str]:
    """Split a list property (``"a; b"``) into its items."""
    return [item.strip() for item in value.split(";") if item.strip()] if value else []


def source_columns(columns: Iterable[str]) -> list[str]:
    """Give those of the properties that name sources."""
    return [column for column in columns if column in {"source", "sources"} or column.endswith("_source")]


def join_list(items: Iterable[str]) -> str | None:
    """Join items into a list property, in the given order, each once; None if there are none."""
    return "; ".join(dict.fromkeys(items)) or None
