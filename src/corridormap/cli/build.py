"""``corridormap new``, which lays out an atlas, and ``build``, which makes the layers of one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridormap.cli.shared import json_option, pass_atlas, print_json, say
from corridormap.phrases import counted

if TYPE_CHECKING:
    from corridormap.atlas import Atlas
    from corridormap.start import Untranslated


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--country",
    "countries",
    multiple=True,
    required=True,
    metavar="CODE",
    help="A country by its ISO code or name; more than once for several.",
)
@click.option("--lang", default="en", show_default=True, metavar="A,B", help="The languages of the atlas, its default one first.")
@json_option
def new(folder: Path, *, countries: tuple[str, ...], lang: str, as_json: bool) -> None:
    """Lay out a new atlas of a country, or of several together.

    The folder builds, validates and renders at once, and needs no network: outline, land, lakes and boundaries are Natural Earth's. Its one
    line is an example to replace; comments in the files say what to fill in.

    \b
    Examples:
      corridormap new my-atlas --country AZ --lang az,en,ru
      corridormap new my-atlas --country "New Zealand"
      corridormap new my-atlas --country RS --lang sr-Latn,sr
      corridormap new my-atlas --country AZ --country GE
    """
    from corridormap.start import check_languages, find_code, lay_out

    languages = check_languages([code.strip() for code in lang.split(",") if code.strip()])
    codes = [find_code(country) for country in countries]
    written, untranslated = lay_out(folder, countries=codes, languages=languages)
    here = ["corridormap", "--geodata", str(folder)]
    following = [shlex.join([*here, "build"]), shlex.join([*here, "render", "-o", f"{folder}.html"])]
    if as_json:
        left = {"texts": untranslated.texts, "country_name": untranslated.names}
        print_json({"written": [str(path) for path in written], "countries": codes, "to_translate": left, "next": following})
        return
    for path in written:
        say(f"wrote {path}")
    for line in _left(untranslated):
        say(line)
    say("Next:")
    for command in following:
        say(f"  {command}")


def _left(untranslated: Untranslated) -> list[str]:
    """Say which texts are English for want of words."""
    said = []
    if untranslated.texts:
        said.append(
            f'The texts in {", ".join(untranslated.texts)} are English: corridormap has no words in it. They are marked "to translate".'
        )
    if untranslated.names:
        said.append(f"The country's name in {', '.join(untranslated.names)} is English, too.")
    return said


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a built file differs from what the facts give.")
@json_option
@pass_atlas
def build(atlas: Atlas, *, check: bool, as_json: bool) -> None:
    """Make the layers and tables from the facts.

    \b
    Examples:
      corridormap build
      corridormap build --check
    """
    from corridormap.derive import stale_layers, write_layers

    changed = stale_layers(atlas) if check else write_layers(atlas)
    if as_json:
        print_json({"stale" if check else "written": [str(path) for path in changed]})
    else:
        for path in changed:
            say(f"{path}: differs from what the facts give" if check else f"wrote {path}")
        say(
            f"{counted(len(changed), 'file')} {'out of step' if check else 'changed'}"
            + ("; run `corridormap build`" if check and changed else "")
        )
    if check and changed:
        raise SystemExit(1)
