"""One record for both the table and the JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


def print_records(records: Sequence[dict[str, Any]], *, columns: Sequence[str], as_json: bool, wrap: dict[str, int] | None = None) -> None:
    """Print records on standard output: whole as JSON, or these columns of them as a table."""
    if as_json:
        click.echo(json.dumps(list(records), ensure_ascii=False, indent=2))
        return
    from tabulate import tabulate

    rows = [[record[column] for column in columns] for record in records]
    widths = [(wrap or {}).get(column) for column in columns] if rows else None
    click.echo(tabulate(rows, headers=list(columns), disable_numparse=True, missingval="–", maxcolwidths=widths))
