"""Options that several commands share."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from corridormap.atlas import Atlas


def _names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    if value is None:
        return None
    names = list(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not names:
        raise click.BadParameter("names no layer; `corridormap layers` lists them")
    return names


def layers_option(text: str) -> Callable[[Any], Any]:
    """``--layers a,b``: layer ids, each once."""
    return click.option("--layers", "names", metavar="A,B", callback=_names, help=text)


def lang_option(text: str) -> Callable[[Any], Any]:
    """``--lang LANG``: a language of the atlas, its first by default."""
    return click.option("--lang", metavar="LANG", help=f"{text}  [default: the atlas's first]")


def output_option(text: str, **how: Any) -> Callable[[Any], Any]:
    """``-o FILE``."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), help=text, **how)


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def pass_atlas(command: Callable[..., None]) -> Callable[..., None]:
    """Open the atlas and hand it to a command as its first argument."""

    @click.pass_obj
    @wraps(command)
    def opened(geodata: Path | None, /, **options: Any) -> None:
        from corridormap.atlas import Atlas

        command(Atlas.open(geodata), **options)

    return opened


def built_first(command: Callable[..., None]) -> Callable[..., None]:
    """Build what is out of step with the facts before a command uses the layers, and say so; ``--no-build`` refuses instead."""

    @click.option("--no-build", is_flag=True, help="Refuse layers that are out of step with the facts, instead of building them.")
    @wraps(command)
    def built(atlas: Atlas, /, *, no_build: bool, **options: Any) -> None:
        from corridormap.cli.printing import say
        from corridormap.derive import stale_layers, write_layers
        from corridormap.errors import DataError

        for path in stale_layers(atlas) if no_build else write_layers(atlas):
            if no_build:
                raise DataError("differs from what the facts give", where=path, hint="Run `corridormap build`.")
            say(f"built {path}", err=True)
        command(atlas, **options)

    return built
