"""The cartography's strokes and points as QGIS's symbols; itineraries in their lanes, dashes where a line is in doubt."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from corridormap.cartography.offsets import lanes, travelled
from corridormap.cartography.symbols import TABLE, Stroke, dash_lengths, doubtful, strokes, symbol_of
from corridormap.export.qgis.qxml import add, case, collection, colour, constants, literal, mm, option, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from xml.etree.ElementTree import Element

    from geopandas import GeoDataFrame

    from corridormap.export.bundle import ExportLayer
    from corridormap.model import Symbol

SHAPES = {"circle": "circle", "square": "square", "diamond": "diamond", "triangle": "equilateral_triangle", "star": "star"}
OUTLINE = "#6b5f52"
"""Colour of the boundary of the atlas's own country."""
HALO, HALO_WIDER = "#ffd54d", 8.0
"""Colour of what surrounds an itinerary on its own page, and how much wider than its line it is."""
OWN_PAGE = "coalesce($id = @atlas_featureid, false)"
REVERSAL_DEGREES = 140.0
"""A line that turns by more than this goes back where it came from."""


def _symbol(parent: Element, name: str, kind: str) -> Element:
    # QGIS cuts areas along the box of the map in degrees, whose long edges are arcs in the plane: the cut would run through the picture.
    symbol = add(parent, "symbol", name=name, type=kind, alpha=1, clip_to_extent=int(kind != "fill"), force_rhr=0)
    collection(symbol, "data_defined_properties", {})
    return symbol


def _part(symbol: Element, kind: str, values: Mapping[str, object], *, level: int = 0, defined: Mapping[str, str] | None = None) -> Element:
    part = add(symbol, "layer", class_=kind, enabled=1, locked=0, pass_=level)
    option(part, dict(values))
    collection(part, "data_defined_properties", defined or {})
    return part


def _line(stroke: Stroke, *, opacity: float = 1.0) -> dict[str, object]:
    lengths = dash_lengths(stroke.dash)
    return {
        "capstyle": "flat" if lengths else "round",
        "customdash": ";".join(mm(length) for length in lengths) or "5;2",
        "customdash_unit": "MM",
        "joinstyle": "round",
        "line_color": colour(stroke.colour, opacity=opacity),
        "line_style": "solid",
        "line_width": mm(stroke.width),
        "line_width_unit": "MM",
        "offset": "0",
        "offset_unit": "MM",
        "use_custom_dash": "1" if lengths else "0",
    }


def plain_line(parent: Element, name: str, colour_of: str, width: float, *, opacity: float = 1.0) -> None:
    """Append a line of one colour."""
    _part(_symbol(parent, name, "line"), "SimpleLine", _line(Stroke("line", colour_of, width), opacity=opacity))


def fill_symbol(parent: Element, name: str, fill: str, outline: str | None, *, opacity: float = 1.0) -> None:
    """Append an area of one colour."""
    values = {
        "color": colour(fill, opacity=opacity),
        "style": "solid",
        "joinstyle": "round",
        "outline_color": colour(outline or fill),
        "outline_style": "solid" if outline else "no",
        "outline_width": mm(0.7),
        "outline_width_unit": "MM",
    }
    _part(_symbol(parent, name, "fill"), "SimpleFill", values)


def outline_symbol(parent: Element, name: str, *, cut: bool) -> None:
    """Append the outline of the atlas's own country: a fine dark line in a pale band, unlike any other boundary.

    Where areas are cut at the 180th meridian, the cut is no boundary.
    """
    symbol = _symbol(parent, name, "fill")
    for stroke, opacity in ((Stroke("line", OUTLINE, 5.0), 0.25), (Stroke("line", OUTLINE, 1.2), 1.0)):
        if not cut:
            _part(symbol, "SimpleLine", _line(stroke, opacity=opacity))
            continue
        meridians = ", ".join(f"make_line(make_point({lon}, -90), make_point({lon}, 90))" for lon in (-180, 180))
        shore = f"difference(boundary($geometry), collect_geometries({meridians}))"
        part = _part(symbol, "GeometryGenerator", {"SymbolType": "Line", "geometryModifier": shore, "units": "MapUnit"})
        _part(_symbol(part, f"@{name}@{len(symbol.findall('layer')) - 1}", "line"), "SimpleLine", _line(stroke, opacity=opacity))


def layer_symbol(parent: Element, name: str, layer: ExportLayer, value: str | None) -> None:
    """Append the symbol of the category of a value; of None that of a layer drawn in one symbol."""
    style = layer.record.style
    # What is not drawn does not say how the rest is.
    symbol, mode = symbol_of(style, value), layer.located().mode_of(value)
    if layer.record.geometry == "Point":
        marker(parent, name, symbol)
        return
    made = _symbol(parent, name, "line")
    plain, dashed = (strokes(symbol, mode=mode, casing=style.casing, doubt=doubt) for doubt in (False, True))
    if layer.record.build == "itineraries":
        _itineraries(made, name, layer, layer.of_value(value), drawn=(plain, dashed))
        return
    doubt = _doubt(layer)
    # What looks the same in doubt needs no rule.
    for drawn, when in ((plain, f"not {doubt}"), (dashed, doubt)) if plain != dashed else ((plain, None),):
        for stroke in drawn:
            _part(made, "SimpleLine", _line(stroke), level=_level(drawn, stroke), defined={"enabled": when} if when else None)


def _level(drawn: list[Stroke], stroke: Stroke) -> int:
    """Casings lie below all lines."""
    return int(stroke.part != "casing" and drawn[0].part == "casing")


def _itineraries(made: Element, name: str, layer: ExportLayer, frame: GeoDataFrame, *, drawn: tuple[list[Stroke], list[Stroke]]) -> None:
    """Draw itineraries in their lanes, and the stretches in doubt once more, dashed: a feature is one line, its doubt is not."""
    plain, dashed = drawn
    # On its own page of an atlas an itinerary stands out; elsewhere, and in legends, what surrounds it has no colour.
    halo = Stroke("casing", HALO, plain[-1].width + HALO_WIDER)
    chosen = lanes(layer.atlas)
    aside = constants("id", {feature: mm(chosen[feature] * TABLE.spacing) for feature in frame["id"] if chosen.get(feature)}, otherwise="0")
    cuts = {
        feature: cut
        for feature, geometry in zip(frame["id"], frame.geometry, strict=True)
        if chosen.get(feature) and (cut := cut_at_reversals(geometry))
    }
    for stroke in [halo, *plain]:
        # The legend draws a symbol without a feature: there no line is aside. Lines that an expression makes are drawn too thin in QGIS's
        # panel of layers: the legend has the plain ones.
        tests = [f"$id is null or {quoted('id')} not in ({', '.join(map(literal, cuts))})"] if cuts else []
        tests += [OWN_PAGE] if stroke is halo else []
        defined = {"enabled": " and ".join(f"({test})" for test in tests)} if tests else {}
        defined |= {"offset": f"if($id is null, 0, {aside})"} if aside != "0" else {}
        values = _line(stroke, opacity=0 if stroke is halo else 1)
        if stroke is halo:
            defined["outlineColor"] = f"if({OWN_PAGE}, {literal(HALO)}, '0,0,0,0')"
        _part(made, "SimpleLine", values, level=_level(plain, stroke), defined=defined)
    stretches = uncertain_stretches(layer, features=frame["id"]) if plain != dashed else {}
    doubt = {feature: f"geom_from_wkt({literal(wkt)})" for feature, wkt in stretches.items()}
    # What is plain beneath the dashes is hidden by the colour of the casing.
    ground = [Stroke("line", next((stroke.colour for stroke in dashed if stroke.part == "casing"), TABLE.pale), dashed[-1].width)]
    pieces, dashes = case("id", cuts, otherwise="NULL"), constants("id", doubt, otherwise="NULL")
    for geometry, above in ((pieces, [halo, *plain] if cuts else []), (dashes, [*ground, dashed[-1]] if doubt else [])):
        for stroke in above:
            level = _level(plain, stroke)
            values = {"SymbolType": "Line", "geometryModifier": geometry, "units": "MapUnit"}
            count = len(made.findall("layer"))
            part = _part(made, "GeometryGenerator", values, level=level, defined={"enabled": OWN_PAGE} if stroke is halo else None)
            # No colour where a symbol is drawn without a feature, as in a legend.
            defined = {"offset": aside, "outlineColor": f"if($id is null, '0,0,0,0', {literal(colour(stroke.colour))})"}
            _part(_symbol(part, f"@{name}@{count}", "line"), "SimpleLine", _line(stroke), level=level, defined=defined)


def cut_at_reversals(geometry: Any) -> str | None:
    """Give a QGIS expression that gives a feature's line cut where it goes back over itself; None where it never does.

    GEOS, which moves lines aside for QGIS, drops all that comes after such a turn.
    """
    pieces, cut = [], False
    for index, part in enumerate(shapely.get_parts(geometry), start=1):
        steps = np.diff(shapely.get_coordinates(part), axis=0)
        along = np.cumsum(np.hypot(*steps.T))
        heading = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
        turn = np.abs((np.diff(heading) + 180) % 360 - 180)
        stops = [0.0, *along[:-1][turn > REVERSAL_DEGREES], along[-1]]
        cut = cut or len(stops) > 2
        whole = f"geometry_n($geometry, {index})"
        pieces += [f"line_substring({whole}, {start:.9g}, {end:.9g})" for start, end in pairwise(stops)] if len(stops) > 2 else [whole]
    count = len(shapely.get_parts(geometry))
    # A line that somebody has given other parts since is drawn as it is.
    return f"if(num_geometries($geometry) = {count}, collect_geometries({', '.join(pieces)}), $geometry)" if cut else None


def marker(parent: Element, name: str, symbol: Symbol, *, seen: str | None = None) -> None:
    """Append a point's symbol, at all times or where a QGIS expression holds."""
    values = {
        "color": colour(symbol.colour),
        "joinstyle": "miter",
        "name": SHAPES[symbol.shape or "circle"],
        "outline_color": colour(TABLE.pale),
        "outline_style": "solid",
        "outline_width": mm(0.9),
        "outline_width_unit": "MM",
        "scale_method": "diameter",
        "size": mm(symbol.size or 8.0),
        "size_unit": "MM",
    }
    _part(_symbol(parent, name, "marker"), "SimpleMarker", values, defined={"enabled": seen} if seen else None)


def _doubt(layer: ExportLayer) -> str:
    """Tell whether a feature is drawn dashed, as a QGIS expression: `doubtful`, so that it follows what a reader edits."""
    columns, limit = layer.columns, layer.record.style.dash_over_m
    tests = [f"coalesce({quoted('accuracy_m')}, 0) > {limit:g}"] if limit is not None and "accuracy_m" in columns else []
    tests += [f"coalesce({quoted('status')}, '') = 'planned'"] if "status" in columns else []
    return f"({' or '.join(tests) or 'false'})"


def uncertain_stretches(layer: ExportLayer, *, features: Iterable[str]) -> dict[str, str]:
    """Give feature id → WKT of its links in doubt, in the layer's CRS; features in no doubt are left out."""
    ways = {str(feature): travelled(layer.atlas, feature) for feature in features}
    links = layer.atlas.links.loc[list(dict.fromkeys(link for way in ways.values() for link in way))]
    known = zip(links.index, links[["accuracy_m", "status"]].to_dict("records"), strict=True)
    doubt = {link: place for place, link in enumerate(link for link, row in known if doubtful(row, layer.record.style))}
    if not doubt:
        return {}
    shapes = links.geometry.loc[list(doubt)].to_crs(layer.frame.crs).to_numpy()
    # As travelled, since a line that is drawn aside has sides.
    steps = [(owner, doubt[link], way[link]) for owner, way in enumerate(ways.values()) for link in way if link in doubt]
    owners, places, directions = np.array(steps).T
    lines = np.where(directions > 0, shapes[places], shapely.reverse(shapes[places]))
    drawn, whose = np.unique(owners, return_inverse=True)
    texts = shapely.to_wkt(shapely.multilinestrings(lines, indices=whose), rounding_precision=5 if layer.frame.crs.is_geographic else 1)
    names = list(ways)
    return {names[owner]: str(text) for owner, text in zip(drawn, texts, strict=True)}
