"""What a QGIS project holds beside the layers: tables of sources and statements, what each is for or about, and the background."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridormap import geojson
from corridormap.errors import UsageError
from corridormap.export.qgis.grounds import ORDER, Ground, grounds_of, outline
from corridormap.export.qgis.qxml import layer_id
from corridormap.export.qgis.titles import Titles, layer_titles, table_titles, titles_apart
from corridormap.words import label, meanings, say, unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from xml.etree.ElementTree import Element

    from pandas import DataFrame

    from corridormap.atlas import Atlas
    from corridormap.export.bundle import Bundle, ExportLayer

SOURCE = ("id", "title", "publisher", "url", "date", "licence", "words", "confidence")
STATEMENT = ("id", "about", "kind", "standing", "text", "figure", "unit", "date", "period", "words", "sources", "note")

TITLES = "titles"
"""The table of what ids stand for, where a column stands for so many that its form cannot list them."""


@dataclass(frozen=True)
class Table:
    """A table without geometry, called by its name in files and by its title to readers."""

    name: str
    title: str
    frame: DataFrame
    """Its rows, sorted; texts as pandas strings, all else as numbers."""
    shown: str
    """The column that names a row to readers."""
    lang: str
    layer: ExportLayer | None = None
    """The layer that it belongs to."""
    known: Titles = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Its columns."""
        return [str(column) for column in self.frame]

    @property
    def foreign(self) -> set[str]:
        """Columns in other languages: none, since a table is made for one."""
        return set()

    def aliases(self) -> dict[str, str]:
        """Column → label."""
        return self.layer.aliases() if self.layer else {column: label(column, lang=self.lang) for column in self.columns}

    def meanings(self) -> dict[str, dict[str, str]]:
        """Column → value → what it means to readers."""
        found = {column: meanings(column, lang=self.lang) for column in self.columns}
        if self.name == "statements":
            found["kind"] = {kind: say(f"gis.kind_{kind}", lang=self.lang) for kind in sorted(set(self.frame["kind"]))}
            found["unit"] = {name: unit(name, lang=self.lang) for name in sorted(set(self.frame["unit"].dropna()))}
        return found


@dataclass(frozen=True)
class Relation:
    """A row of the parent, a layer or table, has many rows of the child, a column of which holds the parent's id."""

    name: str
    """To readers."""
    parent: str
    child: str
    column: str


@dataclass
class Contents:
    """What a project holds, and where it finds it."""

    bundle: Bundle
    tables: list[Table]
    relations: list[Relation]
    grounds: list[Ground]
    """The background, topmost first."""
    places: dict[str, str] = field(default_factory=dict)
    """Layer, table or background → where it stands, as QGIS's OGR provider wants it, relative to the project."""
    first_columns: Sequence[str] = ()
    """Columns that the format puts before a layer's own, such as GeoPackage's ``fid``."""
    titles: dict[str, Titles] = field(default_factory=dict)
    """Layer or table → what its ids stand for."""
    drawings: dict[str, list[Element]] = field(default_factory=dict)
    """Layer → how it is drawn, made once for all styles of it."""

    @classmethod
    def of(cls, bundle: Bundle, *, apart: Sequence[Table] = ()) -> Contents:
        """Gather what belongs to the chosen layers, with tables of what the format holds apart from them.

        Raises
        ------
        UsageError
            If a layer is called as a table, a part of the background or, but for a mark, another layer is.
        """
        tables, grounds = [*_tables(bundle), *apart], grounds_of(bundle)
        titles = {layer.id: layer_titles(layer) for layer in bundle.layers}
        titles |= {table.name: {name: known for name, known in table.known.items() if name in table.columns} for table in tables}
        if rows := titles_apart(titles.values()):
            tables.append(_table(TITLES, ("kind", "id", "title"), rows, shown="title", lang=bundle.lang))
        own = ["tiles", *(table.name for table in tables), *(ground.name for ground in grounds)]
        own += [outline(ground, lang=bundle.lang).name for ground in grounds if ground.kind == "country"]
        refuse_alike(bundle.atlas, [*own, *bundle.counts], hint="Give the layer another id in atlas.toml, or leave it out with --layers.")
        return cls(bundle, tables, _relations(bundle, tables), grounds, titles=titles)

    def layer_id(self, name: str) -> str:
        """Give the id of a layer or table within the project."""
        return layer_id(self.bundle.atlas, name)

    def relation_id(self, link: Relation) -> str:
        """Give the id of a relation within the project."""
        return self.layer_id(f"{link.parent}_{link.child}_{link.column}")

    def drawn(self) -> list[Ground]:
        """Give the background as a project has it: a country a second time as its outline, over what else is drawn; call it once placed."""
        lines = {ground.name: outline(ground, lang=self.bundle.lang) for ground in self.grounds if ground.kind == "country"}
        self.places |= {line.name: self.places[name] for name, line in lines.items()}
        return sorted([*self.grounds, *lines.values()], key=lambda ground: ORDER.index(ground.kind))


def refuse_alike(atlas: Atlas, names: Iterable[str], *, hint: str) -> None:
    """Refuse names of which a project can hold one alone; those of its own come first, layers' ids after them.

    Raises
    ------
    UsageError
        If two are the same, or differ in their marks alone.
    """
    known: dict[str, str] = {}
    for name in names:
        made = layer_id(atlas, name)
        if made in known:
            what = f"has something else called {name!r}" if known[made] == name else f"cannot tell {name!r} from {known[made]!r}"
            raise UsageError(f"the project {what}", hint=hint)
        known[made] = name


def checked_at_first(layer: ExportLayer) -> bool:
    """Tell whether a project shows a layer when it is opened: what the atlas shows at first, and points, since there is room for names."""
    return layer.record.visible or layer.record.build == "points"


def unlocated(layer: ExportLayer) -> Table:
    """Give the features without a position as a table, for formats whose layers hold none."""
    frame = layer.typed()[layer.frame.geometry.isna()].drop(columns=layer.frame.geometry.name)
    frame = frame.astype({column: "Float64" for column, kind in layer.types.items() if kind != "text"})
    return Table(f"{layer.id}_unlocated", say("gis.unlocated", lang=layer.lang, title=layer.title()), frame, "id", layer.lang, layer)


def sources_table(bundle: Bundle, abouts: list[dict[str, Any]]) -> Table:
    """Give the sources that the layers, their features and the statements about them name; `abouts` as `statement_uses` gives them."""
    named = {source.id for layer in bundle.layers for source in layer.sources}
    for statement in {use["statement"] for use in abouts}:
        named.update(bundle.atlas.statements[statement].sources)
    rows = [{column: getattr(source, column) for column in SOURCE} for source in bundle.atlas.sources.values() if source.id in named]
    return _table("sources", SOURCE, rows, shown="title", lang=bundle.lang)


def _tables(bundle: Bundle) -> list[Table]:
    atlas, lang = bundle.atlas, bundle.lang
    abouts, known = statement_uses(bundle), table_titles(bundle)
    uses = _source_uses(bundle, abouts)
    about = {use["statement"] for use in abouts}
    statements = [
        {column: getattr(statement, column) for column in STATEMENT}
        | {
            "text": atlas.text(statement.text, lang),
            "sources": geojson.join_list(statement.sources),
            "note": atlas.text(statement.note, lang) if statement.note else None,
        }
        for statement in atlas.statements.values()
        if statement.id in about
    ]
    made = [
        sources_table(bundle, abouts),
        _table("source_links", ("source", "layer", "feature"), uses, shown="source", lang=lang, known=known),
    ]
    if statements:
        made.append(_table("statements", STATEMENT, statements, shown="text", lang=lang, known=known))
        made.append(_table("statement_links", ("statement", "layer", "feature"), abouts, shown="statement", lang=lang, known=known))
    return made


def _table(name: str, columns: Sequence[str], rows: list[dict[str, Any]], *, shown: str, lang: str, known: Titles | None = None) -> Table:
    # A column without any value keeps its type.
    types = {column: "Float64" if column == "figure" else "string" for column in columns}
    title = say("labels.sources" if name == "sources" else f"gis.{name}", lang=lang)
    return Table(name, title, pd.DataFrame(rows, columns=list(columns)).astype(types), shown, lang, known=known or {})


def _relations(bundle: Bundle, tables: list[Table]) -> list[Relation]:
    titles = {table.name: table.title for table in tables}
    layers = [layer.id for layer in bundle.layers]
    found = [("sources", "source_links", "source"), *((name, "source_links", "feature") for name in [*layers, "statements"])]
    found += [("statements", "statement_links", "statement"), *((name, "statement_links", "feature") for name in layers)]
    return [
        Relation(titles[child], parent, child, column)
        for parent, child, column in found
        if child in titles and (parent in titles or parent in layers)
    ]


def statement_uses(bundle: Bundle) -> list[dict[str, Any]]:
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


def _source_uses(bundle: Bundle, abouts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Source by source the layers, features and statements that name it."""
    atlas = bundle.atlas
    uses = {(source, layer.id, "") for layer in bundle.layers for source in layer.record.sources}
    for layer in bundle.layers:
        for column in layer.source_columns:
            named = layer.frame[["id", column]].dropna()
            # Thousands of features name the same few.
            split = {text: geojson.split_list(text) for text in named[column].unique()}
            uses.update(
                (source, layer.id, str(feature)) for feature, text in zip(named["id"], named[column], strict=True) for source in split[text]
            )
    told = {use["statement"] for use in abouts}
    uses |= {(source, "statements", statement) for statement in told for source in atlas.statements[statement].sources}
    return [
        {"source": source, "layer": layer, "feature": feature or None} for source, layer, feature in sorted(uses) if source in atlas.sources
    ]
