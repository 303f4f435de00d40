"""``corridormap validate``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from corridormap.cli.options import json_option, layers_option

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@layers_option("Check these layers only, and not the facts behind them.")
@json_option
@click.pass_obj
def validate(geodata: Path | None, *, names: list[str] | None, as_json: bool) -> None:
    """Prove facts and layers; exit 1 if anything is found.

    \b
    Examples:
      corridormap validate
      corridormap validate --layers corridors,border
      corridormap validate --json
    """
    from corridormap.atlas import Atlas
    from corridormap.checks import Severity
    from corridormap.checks import validate as run

    atlas = Atlas.open(geodata)
    findings = run(atlas, layers=names)
    counts = {severity.value: sum(finding.severity is severity for finding in findings) for severity in Severity}
    checked = len(atlas.layers) if names is None else len(names)
    if as_json:
        click.echo(
            json.dumps({"layers": checked, "counts": counts, "findings": [f.as_dict() for f in findings]}, ensure_ascii=False, indent=2)
        )
    else:
        for finding in findings:
            click.echo(str(finding))
        click.echo(f"{checked} layers: " + ", ".join(f"{count} {name}s" for name, count in counts.items()))
    if findings:
        raise SystemExit(1)
