"""The command line: parsing and printing only.

Each command lives in a module of its own that imports nothing heavy at its top, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from corridormap import __version__
from corridormap.cli.build import build
from corridormap.cli.compare import compare
from corridormap.cli.embed import embed
from corridormap.cli.export import export
from corridormap.cli.find import find
from corridormap.cli.layers import layers
from corridormap.cli.lengths import lengths
from corridormap.cli.locate import locate
from corridormap.cli.measure import measure
from corridormap.cli.plot import plot
from corridormap.cli.render import render
from corridormap.cli.rules import rules
from corridormap.cli.statements import statements
from corridormap.cli.validate import validate
from corridormap.errors import CorridorMapError


class Failure(click.ClickException):
    """A library error as click shows it, with the exit code the error asks for."""

    def __init__(self, error: CorridorMapError) -> None:
        super().__init__(error.message)
        self.code = error.exit_code

    @property
    def exit_code(self) -> int:  # type: ignore[override]  # click has it as a class variable
        """1 for findings and failures, 2 for wrong usage."""
        return self.code


class Commands(click.Group):
    """A group that turns the library's errors into a message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CorridorMapError as error:
            raise Failure(error) from None
        except (click.ClickException, click.Abort, click.exceptions.Exit, SystemExit):
            raise
        except Exception as error:
            # Data nobody thought of must not end in a traceback; whoever wants to see one asks for it.
            if os.environ.get("CORRIDORMAP_DEBUG"):
                raise
            what = f"unexpected {type(error).__name__}: {error}"
            raise Failure(
                CorridorMapError(what, hint="Run `corridormap validate`; with CORRIDORMAP_DEBUG=1 you see where it happened.")
            ) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="corridormap")
@click.option(
    "--geodata",
    type=click.Path(path_type=Path),
    metavar="DIR",
    envvar="CORRIDORMAP_GEODATA",
    help="Folder of the atlas, with an atlas.toml in it.  [default: the one that comes with the package]",
)
@click.pass_context
def main(ctx: click.Context, geodata: Path | None) -> None:
    """Transport corridors as proven layers and embeddable maps.

    \b
    Examples:
      corridormap build                     make the layers from the facts
      corridormap validate                  prove facts and layers
      corridormap render --lang ru          write output/index.html in Russian
      corridormap --geodata my/atlas layers list another atlas's layers
    """
    ctx.obj = geodata


for command in (build, compare, embed, export, find, layers, lengths, locate, measure, plot, render, rules, statements, validate):
    main.add_command(command)
