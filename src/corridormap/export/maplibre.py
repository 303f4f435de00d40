"""The layers' styles for vector tiles, as MapLibre's style specification (version 8) has them.

A rule for each category and stroke, as in the SLD, and dashes for features in doubt; no lanes, and no labels: fonts would be fetched.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from corridormap.antimeridian import continuous, wrapped
from corridormap.cartography.symbols import TABLE, dash_lengths, strokes, symbol_of
from corridormap.derive.datapackage import told_apart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridormap.export.bundle import Bundle, ExportLayer

Json = dict[str, Any]


def style_json(bundle: Bundle, *, tiles: str) -> str:
    """Give the style of a PMTiles file, whose name is a path from the style.

    The address begins with ``pmtiles://``, which the library of that name teaches MapLibre.
    """
    atlas, lang = bundle.atlas, bundle.lang
    west, south, east, north = continuous(atlas.record.extent)
    # The first layers lie on top, and points on all lines.
    lines = [layer for layer in reversed(bundle.layers) if layer.record.geometry != "Point"]
    points = [layer for layer in reversed(bundle.layers) if layer.record.geometry == "Point"]
    ground = {"id": "background", "type": "background", "paint": {"background-color": TABLE.grounds["country"]}}
    rules = [ground, *chain.from_iterable(map(_lines, lines)), *chain.from_iterable(map(_points, points))]
    document = {
        "version": 8,
        "name": atlas.text(atlas.record.title, lang),
        "center": [round(wrapped((west + east) / 2), 3), round((south + north) / 2, 3)],
        "zoom": 3,
        "sources": {"atlas": {"type": "vector", "url": f"pmtiles://{tiles}", "attribution": atlas.text(atlas.record.attribution, lang)}},
        "layers": [{**rule, "id": name} for rule, name in zip(rules, told_apart(rule["id"] for rule in rules), strict=True)],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _rule(layer: ExportLayer, kind: str, name: str, tests: list[Any], paint: Json, **layout: str) -> Json:
    shown = layout if layer.record.visible else {**layout, "visibility": "none"}
    rule = {"id": name, "type": kind, "source": "atlas", "source-layer": layer.id}
    return {**rule, **({"filter": ["all", *tests]} if tests else {}), **({"layout": shown} if shown else {}), "paint": paint}


def _categories(layer: ExportLayer) -> list[tuple[str | None, list[Any]]]:
    """Give each category with the test for it; one without for a layer that has none."""
    by = layer.record.style.by
    return [(value, [["==", ["get", by], value]]) for value in layer.categories()] or [(None, [])]


def _lines(layer: ExportLayer) -> Iterator[Json]:
    style = layer.record.style
    # Casings lie below all lines of the layer.
    for parts in (("casing",), ("line", "core")):
        for value, tests in _categories(layer):
            symbol, mode = symbol_of(style, value), layer.mode_of(value)
            plain, dashed = (strokes(symbol, mode=mode, casing=style.casing, doubt=either) for either in (False, True))
            doubt = _doubt(layer) if plain != dashed else None
            cases = [("", plain, [doubt[0]]), ("-doubt", dashed, [doubt[1]])] if doubt else [("", plain, [])]
            for ending, drawn, more in cases:
                for stroke in drawn:
                    if stroke.part in parts:
                        name = "-".join(filter(None, (layer.id, value, stroke.part))) + ending
                        paint: Json = {"line-color": stroke.colour, "line-width": stroke.width}
                        dashes = [round(length / stroke.width, 3) for length in dash_lengths(stroke.dash)]
                        if dashes:
                            paint["line-dasharray"] = dashes
                        cap = "butt" if dashes else "round"
                        yield _rule(layer, "line", name, [*tests, *more], paint, **{"line-cap": cap, "line-join": "round"})


def _doubt(layer: ExportLayer) -> tuple[list[Any], list[Any]] | None:
    """Tell what is in no doubt, and what is, as `doubtful` does; an itinerary is so in parts, which its one line does not show.

    Both in full, since not every reader can turn a test round.
    """
    limit = layer.record.style.dash_over_m
    status, accuracy = ["get", "status"], ["get", "accuracy_m"]
    sure: list[Any] = []
    doubt: list[Any] = []
    if "status" in layer.columns:
        sure.append(["!=", status, "planned"])
        doubt.append(["==", status, "planned"])
    if limit is not None and "accuracy_m" in layer.columns:
        sure.append(["any", ["!", ["has", "accuracy_m"]], ["<=", accuracy, limit]])
        doubt.append(["all", ["has", "accuracy_m"], [">", accuracy, limit]])
    return (["all", *sure], ["any", *doubt]) if doubt and layer.record.build != "itineraries" else None


def _points(layer: ExportLayer) -> Iterator[Json]:
    for value, tests in _categories(layer):
        symbol = symbol_of(layer.record.style, value)
        paint = {
            "circle-color": symbol.colour,
            "circle-radius": (symbol.size or 8.0) / 2,
            "circle-stroke-color": TABLE.pale,
            "circle-stroke-width": 1,
        }
        yield _rule(layer, "circle", "-".join(filter(None, (layer.id, value))), tests, paint)
