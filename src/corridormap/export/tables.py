"""The tables beside the layers: sources, statements, and what each of them is for or about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corridormap import geojson
from corridormap.words import label, say

if TYPE_CHECKING:
    from pandas import DataFrame

    from corridormap.export.bundle import Bundle

__all__ = ["Link", "Table", "links", "tables"]


@dataclass(frozen=True)
class Table:
    """A table without geometry.

    Parameters
    ----------
    name : str
        What it is called in files.
    title : str
        What it is called to readers.
    columns : dict of str to str
        Column → "text" or "number".
    rows : list of dict
        Its rows, sorted.
    shown : str
        The column that names a row to readers.
    lang : str
        The language of titles.
    labels : dict of str to str
        Column → label, where it is not the usual one.
    """

    name: str
    title: str
    columns: dict[str, str]
    rows: list[dict[str, Any]]
    shown: str
    lang: str
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def aliases(self) -> dict[str, str]:
        """Column → label."""
        return {column: self.labels.get(column) or label(column, lang=self.lang) for column in self.columns}

    @property
    def frame(self) -> DataFrame:
        """The table for pandas; a column without any value keeps its type."""
        import pandas as pd

        kinds = {"text": "string", "number": "Float64"}
        return pd.DataFrame({name: pd.Series([row[name] for row in self.rows], dtype=kinds[kind]) for name, kind in self.columns.items()})


@dataclass(frozen=True)
class Link:
    """A relation: a row of the parent has many rows of the child.

    Parameters
    ----------
    name : str
        Name to readers.
    parent, parent_column, child, child_column : str
        Layers or tables, and the columns that meet.
    """

    name: str
    parent: str
    parent_column: str
    child: str
    child_column: str


def tables(bundle: Bundle) -> list[Table]:
    """Give the tables that belong to the chosen layers."""
    uses = _source_uses(bundle)
    known = {use["source"] for use in uses}
    atlas, lang = bundle.atlas, bundle.lang
    texts = dict.fromkeys(["id", "title", "publisher", "url", "date", "licence", "words", "confidence"], "text")
    sources = [{column: getattr(source, column) for column in texts} for source in atlas.sources.values() if source.id in known]
    made = [Table("sources", say("labels.sources", lang=lang), texts, sources, "title", lang)]
    made.append(
        Table(
            "source_links", say("gis.source_links", lang=lang), dict.fromkeys(["source", "layer", "feature"], "text"), uses, "source", lang
        )
    )
    abouts = _statement_uses(bundle)
    about = {use["statement"] for use in abouts}
    rows = [_statement(bundle, name) for name in atlas.statements if name in about]
    if rows:
        columns = {column: "number" if column == "figure" else "text" for column in rows[0]}
        made.append(Table("statements", say("gis.statements", lang=lang), columns, rows, "text", lang))
        links_of = dict.fromkeys(["statement", "layer", "feature"], "text")
        made.append(Table("statement_links", say("gis.statement_links", lang=lang), links_of, abouts, "statement", lang))
    return made


def links(bundle: Bundle, made: list[Table]) -> list[Link]:
    """Give the relations between layers and tables."""
    names = {table.name: table.title for table in made}
    found = [Link(names["source_links"], "sources", "id", "source_links", "source")]
    found += [Link(names["source_links"], layer.id, "id", "source_links", "feature") for layer in bundle.layers]
    if "statements" in names:
        found.append(Link(names["source_links"], "statements", "id", "source_links", "feature"))
        found.append(Link(names["statement_links"], "statements", "id", "statement_links", "statement"))
        found += [Link(names["statement_links"], layer.id, "id", "statement_links", "feature") for layer in bundle.layers]
    return found


def _statement(bundle: Bundle, name: str) -> dict[str, Any]:
    statement, lang = bundle.atlas.statements[name], bundle.lang
    return {
        "id": statement.id,
        "about": statement.about,
        "kind": statement.kind,
        "standing": statement.standing,
        "text": bundle.atlas.text(statement.text, lang),
        "figure": statement.figure,
        "unit": statement.unit,
        "date": statement.date,
        "period": statement.period,
        "words": statement.words,
        "sources": geojson.join_list(statement.sources),
        "note": bundle.atlas.text(statement.note, lang) if statement.note else None,
    }


def _statement_uses(bundle: Bundle) -> list[dict[str, Any]]:
    """Statement by statement the layer and the features it is about; of a whole layer no feature is named."""
    layer_of = {str(feature): layer.id for layer in bundle.layers for feature in layer.frame["id"]}
    chosen = {layer.id for layer in bundle.layers}
    uses = []
    for statement in bundle.atlas.statements.values():
        named = statement.features or ([statement.about] if statement.about in layer_of else [])
        found = [(layer_of[feature], feature) for feature in named if feature in layer_of]
        if not found and statement.about in chosen:
            found = [(statement.about, "")]
        uses += [{"statement": statement.id, "layer": layer, "feature": feature or None} for layer, feature in found]
    return uses


def _source_uses(bundle: Bundle) -> list[dict[str, Any]]:
    uses: dict[tuple[str, str, str], None] = {}
    for layer in bundle.layers:
        for source in layer.record.sources:
            uses[source, layer.id, ""] = None
        for row in layer.rows():
            for column in layer.source_columns:
                for source in geojson.split_list(row[column]):
                    uses[source, layer.id, str(row["id"])] = None
    for use in _statement_uses(bundle):
        for source in bundle.atlas.statements[use["statement"]].sources:
            uses[source, "statements", use["statement"]] = None
    known = bundle.atlas.sources
    return [{"source": source, "layer": layer, "feature": feature or None} for source, layer, feature in sorted(uses) if source in known]
