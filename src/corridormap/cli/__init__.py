"""The command line: parsing and printing only.

The module of a command is read when it is asked for, and imports nothing heavy at its top: so ``--help`` is quick.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from corridormap import __version__
from corridormap.errors import CorridorMapError, InternalError
from corridormap.escape import visible

COMMANDS = {
    "build": "Make the layers and tables from the facts.",
    "compare": "Measure how far lines lie from a reference.",
    "embed": "Print the iframe for an article.",
    "export": "Write layers in a format that other programs read.",
    "fields": "List every field of the files of an atlas.",
    "find": "Find features by any of their names.",
    "layers": "List the layers of the atlas.",
    "lengths": "List measured lengths beside published ones.",
    "locate": "Find a kilometre's place, or a place's kilometre.",
    "measure": "Measure corridors, or lines of your own.",
    "network": "Bring lines of your own, and split links.",
    "new": "Lay out a new atlas of a country.",
    "plot": "Draw the map on one page for print.",
    "render": "Write the map: one HTML file that works offline.",
    "rules": "List the rules that `validate` checks.",
    "stale": "List what was true long ago, or has no date.",
    "statements": "List the claims the atlas keeps.",
    "trace": "Trace links on an OpenStreetMap extract.",
    "validate": "Check files, or prove the atlas.",
}
"""The commands, and what the list of them says of each; a new command is a module and a line here."""

MODULES = {
    **dict.fromkeys(["fields", "find", "layers", "lengths", "rules", "stale", "statements"], "lists"),
    **dict.fromkeys(["embed", "plot", "render"], "maps"),
    "locate": "measure",
    "new": "build",
}
"""The modules of those commands that have none of their own name."""


class Failure(click.ClickException):
    """A library error as click shows it, with the exit code the error asks for."""

    def __init__(self, error: CorridorMapError) -> None:
        super().__init__(error.message)
        self.exit_code = error.exit_code  # type: ignore[misc]  # click has it as a class variable


class Commands(click.Group):
    """A group that reads a command's module when it is asked for, and turns the library's errors into a message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Read a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"corridormap.cli.{MODULES.get(cmd_name, cmd_name)}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without reading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except CorridorMapError as error:
            if isinstance(error, InternalError) and os.environ.get("CORRIDORMAP_DEBUG"):
                raise
            raise Failure(error) from None
        except click.ClickException as error:
            error.message = visible(error.message)  # type: ignore[misc]  # it may quote a file's name
            raise
        except (click.Abort, click.exceptions.Exit, SystemExit, BrokenPipeError):
            raise  # where whoever reads wants no more, as `head` does, Click ends quietly
        except Exception as error:
            # Data nobody thought of must not end in a traceback; whoever wants to see one asks for it.
            if os.environ.get("CORRIDORMAP_DEBUG"):
                raise
            hint = "Run `corridormap validate`; with CORRIDORMAP_DEBUG=1 you see where it happened."
            raise Failure(CorridorMapError(f"unexpected {type(error).__name__}: {error}", hint=hint)) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="corridormap")
@click.option(
    "--geodata",
    type=click.Path(path_type=Path),
    metavar="DIR",
    envvar="CORRIDORMAP_GEODATA",
    help="Folder of the atlas, with an atlas.toml in it.  [default: the folder you are in if it holds one, else the packaged atlas]",
)
@click.pass_context
def main(ctx: click.Context, geodata: Path | None) -> None:
    """Transport corridors as proven layers and embeddable maps.

    \b
    Examples:
      corridormap build                        make the layers from the facts
      corridormap validate                     prove facts and layers
      corridormap render --lang ru             write output/index.html in Russian
      corridormap --geodata my/atlas layers    list another atlas's layers
    """
    here = Path()
    ctx.obj = here if geodata is None and (here / "atlas.toml").is_file() else geodata
