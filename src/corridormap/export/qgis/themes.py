"""What a reader of a project turns to with one click: map themes by what is shown, bookmarks by where."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from corridormap.cartography.legend import MODES, numbered_in
from corridormap.export.qgis.contents import checked_at_first
from corridormap.export.qgis.planes import view
from corridormap.export.qgis.qxml import add, identifier, spatial_ref
from corridormap.words import meanings, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyproj import CRS

    from corridormap.export.bundle import ExportLayer
    from corridormap.export.qgis.contents import Contents

Theme = dict[str, list[str]]
"""Layer that is shown → the values of its style's property that are drawn."""
AROUND_M = 40_000
"""How much is shown around a place at least."""


def themes_of(contents: Contents) -> dict[str, Theme]:
    """Give name → theme: the first view, each mode of transport, each group with the places it passes, everything."""
    bundle = contents.bundle
    atlas, lang = bundle.atlas, bundle.lang
    first = [layer for layer in bundle.layers if checked_at_first(layer)]
    found = {say("gis.overview", lang=lang): {layer.id: list(layer.categories()) for layer in first}}
    modes = {
        mode for layer in first if layer.record.build == "itineraries" and "mode" in layer.columns for mode in set(layer.frame["mode"])
    }
    for mode in [mode for mode in MODES if mode in modes and len(modes) > 1]:
        drawn = {layer.id: _of_mode(layer, mode) for layer in first}
        found[meanings("mode", lang=lang)[mode]] = {name: values for name, values in drawn.items() if values is not None}
    for group in atlas.record.groups:
        members = [layer for layer in bundle.layers if layer.record.group == group.id]
        passed = [layer for layer in bundle.layers if layer.record.build == "places" and layer not in members]
        if members:
            found.setdefault(atlas.text(group.name, lang), {layer.id: list(layer.categories()) for layer in [*members, *passed]})
    everything = {layer.id: list(layer.categories()) for layer in bundle.layers}
    return found | {say("gis.everything", lang=lang): everything, say("gis.backdrop", lang=lang): {}}


def _of_mode(layer: ExportLayer, mode: str) -> list[str] | None:
    """Give the values of a layer's style that are drawn for a mode of transport; None if nothing of the layer is of it."""
    values = list(layer.categories())
    if "mode" not in layer.columns:
        return values
    frame = layer.frame[layer.frame["mode"] == mode]
    if frame.empty:
        return None
    seen = set(map(str, frame[layer.record.style.by])) if layer.record.style.by in frame else set(values)
    return [value for value in values if value in seen]


def theme_elements(parent: Element, contents: Contents, themes: Mapping[str, Theme]) -> None:
    """Append map themes; the background is shown in each, tables are not drawn, and tiles are left to the reader."""
    grounds = [ground.name for ground in contents.drawn()]
    for title, theme in themes.items():
        made = add(parent, "visibility-preset", name=title)
        for name in [*(layer.id for layer in contents.bundle.layers), *grounds]:
            # A layer that is named is shown, whatever is said of it.
            if name in theme or name in grounds:
                add(made, "layer", id=contents.layer_id(name), visible=1, style="default", expanded=1)
        for layer in contents.bundle.layers:
            values = list(layer.categories())
            if layer.id in theme and theme[layer.id] != values:
                checked = add(made, "checked-legend-nodes", id=contents.layer_id(layer.id))
                for value in theme[layer.id]:
                    add(checked, "checked-legend-node", id=values.index(value))


def bookmarks(parent: Element, contents: Contents, crs: CRS) -> None:
    """Append spatial bookmarks: the whole map, every itinerary and every place that a reader looks for, in groups by layer."""
    bundle = contents.bundle
    whole: tuple[float, ...] = tuple(view(bundle.atlas, crs).values())
    found = [(bundle.atlas.record.id, say("gis.whole", lang=bundle.lang), "", whole)]
    for layer in filter(checked_at_first, bundle.layers):
        if layer.record.build not in {"itineraries", "points"}:
            continue
        located = layer.located().frame
        boxes = located.geometry.to_crs(crs).bounds.to_numpy().tolist()
        named = numbered_in(bundle.atlas, located, layer.lang)
        for feature, (west, south, east, north) in zip(map(str, located["id"]), boxes, strict=True):
            wide = max(AROUND_M, 0.05 * max(east - west, north - south))
            box: tuple[float, ...] = (west - wide, south - wide, east + wide, north + wide)
            found.append((feature, named[feature], layer.title(), box))
    # Whatever it is in, the same element.
    reference = spatial_ref(Element("crs"), crs)
    for feature, title, group, box in found:
        west, south, east, north = map(round, box)
        corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
        extent = f"POLYGON(({', '.join(f'{x} {y}' for x, y in corners)}))"
        add(parent, "Bookmark", id=identifier(["bookmark", group, feature]), name=title, group=group, extent=extent).append(reference)
