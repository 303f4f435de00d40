"""``corridormap rules``."""

from __future__ import annotations

import click

from corridormap.cli.options import json_option
from corridormap.cli.printing import print_json, print_records


@click.command()
@click.option("--explain", metavar="CODE", help="Explain this rule: what must hold, how to mend it.")
@click.option("--markdown", is_flag=True, help="Print the page docs/rules.md.")
@json_option
def rules(*, explain: str | None, markdown: bool, as_json: bool) -> None:
    """List the rules that `validate` checks, or explain one.

    \b
    Examples:
      corridormap rules
      corridormap rules --explain CM311
      corridormap rules --json
      corridormap rules --markdown > docs/rules.md
    """
    from corridormap.checks.report import catalogue

    if markdown and (explain is not None or as_json):
        raise click.UsageError("--markdown goes with neither --explain nor --json")
    if markdown:
        click.echo(catalogue.markdown(), nl=False)
    elif explain is not None:
        record = catalogue.find(explain)
        print_json(record) if as_json else click.echo(catalogue.explained(record))
    else:
        records = catalogue.records()
        for record in records if not as_json else ():
            record["description"] = catalogue.first_sentence(record["description"])
        print_records(records, columns=["code", "severity", "family", "description"], as_json=as_json, wrap={"description": 90})
