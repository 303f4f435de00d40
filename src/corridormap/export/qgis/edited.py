"""The files of facts that are edited in QGIS: what is in each, how it is drawn, and what its form knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from corridormap.atlas import LINKS, NODES
from corridormap.export.bundle import ExportLayer
from corridormap.export.qgis.contents import Relation
from corridormap.export.qgis.defaults import country_of, fits, link_id, nearest_node, node_id
from corridormap.export.qgis.forms import Form, countries
from corridormap.export.qgis.qxml import quoted
from corridormap.faults import fields_of
from corridormap.model import Layer, Style, Symbol
from corridormap.words import meanings, say

if TYPE_CHECKING:
    from corridormap.atlas import Atlas
    from corridormap.export.qgis.contents import Contents
    from corridormap.facts import Features

OURS = ("crossing", "transfer")
"""Values that the records know, and no style needs to name."""
NODES_LAYER, LINKS_LAYER = "edit_nodes", "edit_links"
TRUTHS = "truths"
"""The table of what true and false are called, which no one needs to see."""


class Edited(NamedTuple):
    """A file of facts as a layer: its features, its path in the atlas, and what they are to be."""

    layer: ExportLayer
    path: str

    @property
    def expected(self) -> Features:
        """What the features are to be."""
        return self.layer.atlas.expected[self.path]

    @property
    def name(self) -> str:
        """What the layer is called in the project."""
        return f"edit_{self.layer.id}"

    @property
    def truths(self) -> list[str]:
        """The columns of truth values."""
        frame = self.layer.frame
        return [column for column in self.layer.columns if set(map(type, frame[column].dropna())) == {bool}]


def edited_files(atlas: Atlas, lang: str) -> list[Edited]:
    """Give the files of facts that are edited, in the order they are drawn, topmost first."""
    found = [Edited(ExportLayer(atlas, layer, atlas.facts(path), lang), path) for path, layer in atlas.inputs.items()]
    network = [
        Edited(ExportLayer(atlas, _record(atlas, "nodes", build="places"), atlas.facts(NODES), lang), NODES),
        Edited(ExportLayer(atlas, _record(atlas, "links", build="links"), atlas.facts(LINKS), lang), LINKS),
    ]
    return [*network, *sorted(found, key=lambda item: item.layer.record.geometry != "Point")]


def _record(atlas: Atlas, name: str, *, build: str) -> Layer:
    """Give the record by which nodes or links are drawn: that of the layer which is built of them, if there is one."""
    title = {lang: say(f"gis.{name}", lang=lang) for lang in atlas.languages}
    drawn = next((layer for layer in atlas.layers if layer.build == build), None)
    style = Style(symbol=Symbol(colour="#444444")) if drawn is None else drawn.style
    geometry = "Point" if name == "nodes" else "LineString"
    drawn_as = {"build": build, "geometry": geometry, "style": style, "visible": True, "input": None}
    return msgspec.structs.replace(atlas.layers[0], id=name, name=title, summary=title, **drawn_as)


def relations(edited: list[Edited], *, lang: str) -> list[Relation]:
    """Join links to the nodes where they begin and end, and all to their sources."""
    ends = [Relation(say(f"gis.links_{column}", lang=lang), NODES_LAYER, LINKS_LAYER, column) for column in ("from", "to")]
    citing = [Relation(item.layer.title(), "sources", item.name, "source") for item in edited if "source" in item.layer.columns]
    return ends + citing


def form_of(contents: Contents, item: Edited) -> Form:
    """Give the form of a layer that is edited."""
    atlas, layer, lang = item.layer.atlas, item.layer, item.layer.lang
    named = {link.column: contents.relation_id(link) for link in contents.relations if link.child == item.name}
    truths = dict.fromkeys(item.truths, contents.layer_id(TRUTHS))
    form = Form(layer, item.expected, choices=_choices(item), truths=truths, referenced=named)
    nodes, outline = contents.layer_id(NODES_LAYER), contents.layer_id("outline")
    codes = atlas.record.members if atlas.record.outline is not None else []
    if item.path == NODES:
        children = {contents.relation_id(link): link.name for link in contents.relations if link.parent == item.name}
        defaults = {"id": node_id(nodes, names=form.names), "country": country_of(outline, codes=codes)}
        return replace(form, children=children, defaults=defaults)
    if item.path == LINKS:
        ends = {column: nearest_node(nodes, end) for column, end in (("from", "start_point"), ("to", "end_point"))}
        defaults = {**ends, "id": link_id(contents.layer_id(LINKS_LAYER)), "country": country_of(outline, codes=codes, line=True)}
        metres = atlas.record.tolerance.junction_m
        # A column has one test: the first end tells where either lies, the second which nodes they are.
        both = " AND ".join(fits(nodes, column, metres=metres) for column in ends)
        musts = {"to": (f"{quoted('from')} <> {quoted('to')}", say("gis.hint_to", lang=lang))}
        return replace(form, defaults=defaults, musts=musts, doubts={"from": (both, say("gis.ends", lang=lang))})
    return form


def _choices(item: Edited) -> dict[str, dict[str, str]]:
    """Give property → value → what it means: what the record, the style and the features know."""
    layer, lang = item.layer, item.layer.lang
    found = {}
    for column, said in layer.meanings().items():
        values = [str(value) for value in layer.frame[column].dropna().unique()]
        if column in {"country", "neighbour"}:
            found[column] = countries(values, lang=lang)
        elif column in {"mode", "status", "kind", layer.record.style.by} and column != "id":
            # Of what the style tells apart in a file of its own, it knows all that there may be.
            styled = column == layer.record.style.by and layer.record.style.values and item.path in layer.atlas.inputs
            known = [] if styled else fields_of(item.expected.record).get(column, {}).get("enum", [])
            also = ["crossing"] if item.path == NODES and column == "kind" else []
            named = {value: say(f"gis.{value}", lang=lang) for value in OURS} | meanings(column, lang=lang) | said
            wanted = dict.fromkeys(known or [*said, *also, *sorted(values)])
            found[column] = {value: named.get(value, value) for value in wanted}
    return found
