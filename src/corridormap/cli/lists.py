"""``corridormap fields``, ``find``, ``layers``, ``lengths``, ``rules``, ``stale``, ``statements``: what there is, as a table or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from corridormap.cli.shared import json_option, lang_option, pass_atlas, print_json, print_records
from corridormap.phrases import meant

if TYPE_CHECKING:
    from datetime import datetime

    from corridormap.atlas import Atlas


@click.command()
@click.option("--markdown", is_flag=True, help="Print the page docs/reference/facts.md.")
@json_option
def fields(*, markdown: bool, as_json: bool) -> None:
    """List the files of an atlas and every field in them; as JSON, the JSON Schema of each.

    \b
    Examples:
      corridormap fields
      corridormap fields --json
      corridormap fields --markdown > docs/reference/facts.md
    """
    from corridormap import fields as facts

    if markdown and as_json:
        raise click.UsageError("--markdown does not go with --json")
    if markdown:
        click.echo(facts.markdown(), nl=False)
    elif as_json:
        print_json(facts.schemas())
    else:
        print_records(facts.records(), columns=["file", "record", "field", "is", "without it", "means"], as_json=False)


@click.command()
@click.argument("text")
@json_option
@pass_atlas
def find(atlas: Atlas, *, text: str, as_json: bool) -> None:
    """Find features by any of their names, old and new, in any language; exit 1 if there is none.

    \b
    Examples:
      corridormap find Uralsk
      corridormap find "Қызылорда" --json
    """
    from corridormap.search import find as search
    from corridormap.search import like

    records = search(atlas, text=text)
    if records or as_json:
        names = [f"name_{lang}" for lang in atlas.languages]
        print_records(records, columns=["layer", "id", *names, "match", "lon", "lat"], as_json=as_json)
    if not records:
        click.echo(f"no feature is called {text!r}; part of a name will do", err=True)
        if near := like(atlas, text):
            click.echo(f"  Did you mean {near}?", err=True)
        raise SystemExit(1)


@click.command()
@lang_option("Language of the names.")
@json_option
@pass_atlas
def layers(atlas: Atlas, *, lang: str | None, as_json: bool) -> None:
    """List the layers of the atlas.

    \b
    Examples:
      corridormap layers
      corridormap layers --lang kk --json
    """
    language = atlas.check_language(lang) if lang else atlas.languages[0]
    records = [
        {
            "id": layer.id,
            "name": atlas.text(layer.name, language),
            "features": len(atlas.layer(layer.id)),
            "geometry": layer.geometry,
            "licence": layer.licence,
            "file": str(atlas.layer_path(layer.id)),
        }
        for layer in atlas.layers
    ]
    print_records(records, columns=["id", "name", "features", "geometry", "licence"], as_json=as_json)


@click.command()
@click.option("--itinerary", metavar="ID", help="Only this corridor or route.")
@click.option("--sections", is_flag=True, help="Also every section, link by link.")
@json_option
@pass_atlas
def lengths(atlas: Atlas, *, itinerary: str | None, sections: bool, as_json: bool) -> None:
    """List measured lengths beside published ones, with source and reason.

    \b
    Examples:
      corridormap lengths
      corridormap lengths --itinerary rail-1-northern --sections
      corridormap lengths --json
    """
    from corridormap.derive.tables import lengths_table

    if itinerary is not None:
        atlas.route(itinerary)  # which says what itineraries there are
    rows = [row for row in lengths_table(atlas) if itinerary in {None, row["itinerary"]} and (sections or row["kind"] != "section")]
    columns = ["itinerary", "kind", "from", "to", "country", "measured_km", "published_km", "difference_percent", "source", "date"]
    print_records(rows, columns=columns, as_json=as_json)


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


@click.command()
@click.option("--months", type=click.IntRange(min=0), default=12, show_default=True, metavar="N", help="List what is older than N months.")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Count from this day.  [default: today]")
@json_option
@pass_atlas
def stale(atlas: Atlas, *, months: int, day: datetime | None, as_json: bool) -> None:
    """List links, statements and figures that were true longer ago, with source and date; those without any date first.

    The date is the fact's own, or else that of its latest source. A year or month counts from its first day.

    \b
    Examples:
      corridormap stale --months 24
      corridormap stale --months 6 --on 2026-07-01 --json
    """
    from datetime import datetime

    from corridormap.derive.dates import stale as older

    rows = older(atlas, months=months, on=(day or datetime.now()).date())  # noqa: DTZ005  the reader's own day
    print_records(rows, columns=["date", "kind", "id", "what", "sources"], as_json=as_json, wrap={"what": 50, "sources": 50})


@click.command()
@click.option("--about", metavar="ID", help="Only statements about this layer, corridor or feature.")
@lang_option("Language of the texts in the table.")
@json_option
@pass_atlas
def statements(atlas: Atlas, *, about: str | None, lang: str | None, as_json: bool) -> None:
    """List the claims the atlas keeps: who said what, and how it stands.

    \b
    Examples:
      corridormap statements
      corridormap statements --about north_south --lang ru
      corridormap statements --json
    """
    from corridormap.derive.tables import statements_table
    from corridormap.errors import UsageError
    from corridormap.geojson import split_list

    text = f"text_{atlas.check_language(lang) if lang else atlas.languages[0]}"
    every = statements_table(atlas)
    rows = [row for row in every if about in {None, row["about"], *split_list(row["features"])}]
    if about is not None and not rows:
        known = {name for row in every for name in (row["about"], *split_list(row["features"]))}
        raise UsageError(f"no statement is about {about!r}", hint=meant(about, known, "`corridormap statements` lists all of them."))
    print_records(rows, columns=["id", "standing", "figure", "unit", "period", text], as_json=as_json, wrap={text: 70})
