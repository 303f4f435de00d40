"""What commands share: options, the atlas, and what they print: lines, JSON, and records as a table or as JSON.

Texts in what is printed are harmless to a terminal.
"""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridormap.escape import safe_json, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corridormap.atlas import Atlas


def _names(value: str) -> list[str]:
    names = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not names:
        raise click.BadParameter("names no layer; `corridormap layers` lists them")
    return names


def layers_option(text: str) -> Callable[[Any], Any]:
    """``--layers a,b``: layer ids, each once."""
    return click.option("--layers", "names", metavar="A,B", type=_names, help=text)


def lang_option(text: str) -> Callable[[Any], Any]:
    """``--lang LANG``: a language of the atlas, its first by default."""
    return click.option("--lang", metavar="LANG", help=f"{text}  [default: the atlas's first]")


def output_option(text: str, **how: Any) -> Callable[[Any], Any]:
    """``-o FILE``."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), help=text, **how)


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def pass_atlas(command: Callable[..., None]) -> Callable[..., None]:
    """Open the atlas and hand it to a command as its first argument; none writes over the atlas's own files."""

    @click.pass_obj
    @wraps(command)
    def opened(geodata: Path | None, /, **options: Any) -> None:
        from corridormap.atlas import Atlas

        atlas = Atlas.open(geodata)
        for name in ("output", "assets", "preview"):
            if (target := options.get(name)) is not None:
                atlas.spare(target)
        command(atlas, **options)

    return opened


def built_first(command: Callable[..., None]) -> Callable[..., None]:
    """Build what is out of step with the facts before a command uses the layers, and say so; ``--no-build`` refuses instead."""

    @click.option("--no-build", is_flag=True, help="Refuse layers that are out of step with the facts, instead of building them.")
    @wraps(command)
    def built(atlas: Atlas, /, *, no_build: bool, **options: Any) -> None:
        from corridormap.derive import stale_layers, write_layers
        from corridormap.errors import DataError

        for path in stale_layers(atlas) if no_build else write_layers(atlas):
            if no_build:
                raise DataError("differs from what the facts give", where=path, hint="Run `corridormap build`.")
            say(f"built {path}", err=True)
        command(atlas, **options)

    return built


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
