"""``corridormap validate``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from corridormap.cli.shared import layers_option, say
from corridormap.phrases import counted

if TYPE_CHECKING:
    from corridormap.checks.report import Report


def _codes(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    codes = tuple(code.strip() for item in value for code in item.split(",") if code.strip())
    if value and not codes:
        raise click.BadParameter("names no code; `corridormap rules` lists them")
    return codes


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCES]...")
@layers_option("Check these layers of the atlas only, and not the facts behind them.")
@click.option(
    "--select", multiple=True, metavar="CODES", callback=_codes, help="Run only these rules: CM103, or CM1 for all that begin so."
)
@click.option("--ignore", multiple=True, metavar="CODES", callback=_codes, help="Do not run these rules.")
@click.option("--severity", type=click.Choice(["error", "warning", "note"]), help="The least severity to tell.  [default: note]")
@click.option("--max-findings", type=click.IntRange(min=1), metavar="N", help="Keep so many findings of a file.  [default: 1000]")
@click.option("--strict", is_flag=True, help="Exit 1 on warnings too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github", "junit", "html"]),
    help="How to print the findings.  [default: text]",
)
@click.option(
    "--all", "every", is_flag=True, help="Tell every finding; text and github tell a rule's findings in a file at once, but of facts each."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON; the same as --format json.")
@click.option("-o", "--output", metavar="FILE", help="Write the findings to a file; - for standard output.")
@click.option("--fix", is_flag=True, help="Mend what is safe to mend, then check; GeoJSON files only.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@click.pass_obj
def validate(
    geodata: Path | None,
    /,
    *,
    sources: tuple[str, ...],
    names: list[str] | None,
    form: str | None,
    as_json: bool,
    every: bool,
    strict: bool,
    output: str | None,
    fix: bool,
    diff: bool,
    **options: Any,
) -> None:
    """Check files, or prove the atlas; exit 1 on an error.

    SOURCES are GeoJSON, GeoJSON text sequences, GeoPackage, FlatGeobuf, GeoParquet, Shapefile (also zipped) or KML: files, folders,
    patterns, or - for standard input. A folder with an atlas.toml is checked as an atlas; without SOURCES it is the one that comes with
    the package, or --geodata's.

    \b
    Examples:
      corridormap validate
      corridormap validate --layers corridors,border
      corridormap validate roads.geojson stations.gpkg
      corridormap validate --select CM0,CM1 --strict data/
      corridormap validate --all --severity warning roads.geojson
      corridormap validate --format html -o findings.html data/*.geojson
      curl -s https://example.org/roads.geojson | corridormap validate -
    """
    if as_json and form not in {None, "json"}:
        raise click.UsageError(f"--json and --format {form} contradict each other.")
    if names is not None and sources:
        raise click.UsageError("--layers is about the atlas; leave out SOURCES, or name the layers' files.")
    if (fix or diff) and not sources:
        raise click.UsageError("--fix and --diff need SOURCES; the atlas's layers are mended by `corridormap build`.")
    if fix or diff:
        changed = _mend(sources, options, dry=diff)
        if diff:
            raise SystemExit(1 if changed else 0)
    form = "json" if as_json else form or "text"
    if form == "html":
        from corridormap.checks.drawing import Drawing

        options["drawing"] = Drawing()
    from corridormap.checks.report import write

    report = _check(geodata, sources, names, options)
    text = write(report, format=form, every=every)
    if output is None or output == "-":
        click.echo(text, nl=not text.endswith("\n"))
    else:
        _write(report, text, Path(output))
        if form != "text":
            click.echo(write(report, format="text").rstrip("\n").rpartition("\n")[2], err=True)
    if report.failed(strict=strict):
        raise SystemExit(1)


def _check(geodata: Path | None, sources: tuple[str, ...], names: list[str] | None, options: dict[str, Any]) -> Report:
    from corridormap.checks import check_files, check_folder

    if not sources:
        return check_folder(geodata, layers=names, **options)
    with Bar() as bar:
        return check_files(sources, progress=bar.moved, total=bar.of, **options)


def _write(report: Report, text: str, target: Path) -> None:
    from corridormap.errors import WriteError
    from corridormap.files import write_atomic

    if report.atlas is not None:
        report.atlas.spare(target)
    if target.resolve() in {Path(checked.file).resolve() for checked in report.checked}:
        raise WriteError("is a file that was checked", where=target, hint="Choose another place. Nothing was changed.")
    write_atomic(target, text)


class Bar:
    """A progress bar on standard error, once two seconds have passed, where that is a terminal."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.total = self.done = 0
        self.bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.render_finish()

    def of(self, total: int) -> None:
        """Say how many bytes there are in all."""
        self.total = total

    def moved(self, count: int) -> None:
        """Say that so many more bytes were read."""
        self.done += count
        if self.bar is None and sys.stderr.isatty() and time.monotonic() - self.start > 2.0:
            self.bar, count = click.progressbar(length=max(self.total, self.done), label="Checking", file=sys.stderr), self.done
        if self.bar is not None:
            self.bar.update(count)


def _mend(sources: tuple[str, ...], options: dict[str, Any], *, dry: bool) -> bool:
    """Mend the GeoJSON among the sources, or show what that would change; whether anything changed or would."""
    from corridormap.checks.engine import selection_for
    from corridormap.checks.fix import fix_file
    from corridormap.checks.reading.inputs import expand

    changed = False
    for file in expand(sources):
        if file.path is None or file.kind != "GeoJSON":
            what = "standard input" if file.path is None else f"a {file.kind}" if file.kind != "atlas" else "an atlas"
            say(f"{file.name}: {what} is not mended, only GeoJSON files are", err=True)
            continue
        if file.trouble is not None:
            continue  # the check that follows tells
        codes = selection_for(file, {**options, "severity": None}).codes(file.name)
        fixed = fix_file(file.path, codes=sorted(codes), diff=dry)
        changed |= fixed.changed
        if fixed.refused is not None:
            say(f"{file.name}: left as it is: {fixed.refused}", err=True)
        elif fixed.changed and dry:
            for line in fixed.diff_lines():
                click.echo(line, nl=False)
        elif fixed.changed:
            say(f"{file.name}: mended in {counted(len(fixed.repairs), 'place')}", err=True)
    return changed
