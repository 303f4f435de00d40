"""What commands print: lines, JSON, and records as a table or as JSON; texts in them are harmless to a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from corridormap.escape import safe_json, visible

if TYPE_CHECKING:
    from collections.abc import Sequence


def say(line: str, *, err: bool = False) -> None:
    """Print a line that names files or features: on standard output, or on standard error."""
    click.echo(visible(line), err=err)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(safe_json(value), nl=False)


def cell(value: Any) -> Any:
    """Make a value harmless to show in a table."""
    return visible(value) if isinstance(value, str) else value


def print_records(records: Sequence[dict[str, Any]], *, columns: Sequence[str], as_json: bool, wrap: dict[str, int] | None = None) -> None:
    """Print records: whole as JSON, or these columns of them as a table."""
    if as_json:
        print_json(list(records))
        return
    from tabulate import tabulate

    rows = [[cell(record[column]) for column in columns] for record in records]
    widths = [(wrap or {}).get(column) for column in columns] if rows else None
    click.echo(tabulate(rows, headers=list(columns), disable_numparse=True, missingval="–", maxcolwidths=widths))
