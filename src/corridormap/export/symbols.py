"""QGIS's symbols from the atlas's style: casing, line, a railway's pale dashes, dashes of doubt, point shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from corridormap.export.berths import cut_at_reversals
from corridormap.export.qxml import add, collection, colour, literal, mm, options, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element

    from corridormap.export.bundle import ExportLayer
    from corridormap.model import Style, Symbol

_Stroke = tuple[dict[str, object], dict[str, str]]

__all__ = ["dash_of", "drawn_as", "fill_symbol", "layer_symbol", "plain_line", "uncertain_stretches"]

CASING = 2.2
"""How much wider than its line the pale edge is, in pixels, as on the web map."""
CORE = 0.42
"""Share of a railway's width that its pale dashes take."""
DOUBT = "7 6"
SEA = "1 6"
RAIL = "5 5"
STEP = 3.6
"""From one line to the next where features share a link, in pixels."""
SHAPES = {"circle": "circle", "square": "square", "diamond": "diamond", "triangle": "equilateral_triangle", "star": "star"}


def drawn_as(style: Style, value: str | None) -> Symbol:
    """The symbol of a value of the property a layer is styled by; what its own leaves open comes from the layer's."""
    own = style.values.get(value) if value is not None else None
    if own is None:
        return style.symbol
    given = {field: item for field in own.__struct_fields__ if (item := getattr(own, field)) is not None}
    return msgspec.structs.replace(style.symbol, **given)


def dash_of(symbol: Symbol, mode: str | None) -> str | None:
    """The dashes a line has by its own nature."""
    return symbol.dash or (SEA if mode == "sea" else None)


def _symbol(parent: Element, name: str, kind: str) -> Element:
    symbol = add(parent, "symbol", name=name, type=kind, alpha=1, clip_to_extent=1, force_rhr=0)
    collection(symbol, "data_defined_properties", {})
    return symbol


def _part(symbol: Element, kind: str, values: Mapping[str, object], *, level: int = 0, defined: Mapping[str, str] | None = None) -> Element:
    part = add(symbol, "layer", **{"class": kind}, enabled=1, locked=0, **{"pass": level})
    options(part, values)
    # The legend draws a symbol without a feature: there no line is aside.
    still = {"offset": f"if($id is null, 0, {values['offset']})"} if kind == "SimpleLine" and values["offset"] != "0" else {}
    collection(part, "data_defined_properties", {**still, **(defined or {})})
    return part


def _line(colour_of: str, width: float, dash: str | None = None, *, cap: str = "round", aside: float = 0.0) -> dict[str, object]:
    lengths = [float(item) for item in dash.replace(",", " ").split()] if dash else []
    # An odd list is said twice, as in SVG.
    lengths = lengths * 2 if len(lengths) % 2 else lengths
    return {
        "capstyle": "flat" if lengths else cap,
        "customdash": ";".join(mm(length) for length in lengths) or "5;2",
        "customdash_unit": "MM",
        "joinstyle": "round",
        "line_color": colour(colour_of),
        "line_style": "solid",
        "line_width": mm(width),
        "line_width_unit": "MM",
        "offset": mm(aside),
        "offset_unit": "MM",
        "use_custom_dash": "1" if lengths else "0",
    }


def plain_line(parent: Element, name: str, colour_of: str, width: float, dash: str | None = None) -> None:
    """Append a line of one colour."""
    _part(_symbol(parent, name, "line"), "SimpleLine", _line(colour_of, width, dash))


def fill_symbol(parent: Element, name: str, fill: str, outline: str | None) -> None:
    """Append an area of one colour."""
    values = {
        "color": colour(fill),
        "style": "solid",
        "joinstyle": "round",
        "outline_color": colour(outline or fill),
        "outline_style": "solid" if outline else "no",
        "outline_width": mm(0.7),
        "outline_width_unit": "MM",
    }
    _part(_symbol(parent, name, "fill"), "SimpleFill", values)


def layer_symbol(
    parent: Element, name: str, layer: ExportLayer, value: str | None, *, stretches: Mapping[str, str], berth: int = 0
) -> None:
    """Append the symbol of one category of a layer.

    Parameters
    ----------
    parent : Element
        QGIS's ``symbols``.
    name : str
        The symbol's name among them.
    layer : ExportLayer
        The layer.
    value : str or None
        The category's value; None for a layer drawn in one symbol.
    stretches : mapping of str to str
        Feature id → its uncertain stretches as WKT, of the features in this category.
    berth : int
        How many steps to the side a line is drawn.
    """
    symbol = drawn_as(layer.record.style, value)
    if layer.record.geometry == "Point":
        _marker(parent, name, symbol)
        return
    style, width, aside = layer.record.style, symbol.width or 2.0, berth * STEP
    mode = value if style.by == "mode" else _only_mode(layer, value)
    own = dash_of(symbol, mode)
    doubtful = _doubt(layer) if own is None and layer.record.build != "itineraries" else None
    made = _symbol(parent, name, "line")
    levels: list[list[_Stroke]] = [[(_line(style.casing, width + CASING, aside=aside), {})]] if style.casing else []
    dashed = {"outlineStyle": f"if({doubtful},'dash','solid')"} if doubtful else {}
    drawn: list[_Stroke] = [(_line(symbol.colour, width, own, aside=aside), dashed)]
    if mode == "rail" and own is None:
        drawn.append((_line("#ffffff", width * CORE, RAIL, aside=aside), {"enabled": f"not ({doubtful})"} if doubtful else {}))
    levels.append(drawn)
    cut = _cut(layer, value) if berth else None
    for level, strokes in enumerate(levels):
        for values, defined in strokes:
            # Lines that an expression makes are drawn too thin in QGIS's panel of layers: the legend has the plain ones.
            _part(made, "SimpleLine", values, level=level, defined={"enabled": "$id is null"} if cut else defined)
    for level, strokes in enumerate(levels) if cut else ():
        inner = _generator(made, name, str(cut), level=level)
        for values, defined in strokes:
            _part(inner, "SimpleLine", values, level=level, defined={**_on_map_only(str(values["line_color"])), **defined})
    if stretches and own is None:
        layers = [(style.casing or "#ffffff", None), (symbol.colour, DOUBT)]
        _uncertain(made, name, layers, width=width, aside=aside, level=len(levels) - 1, stretches=stretches)


def _uncertain(
    made: Element,
    name: str,
    layers: list[tuple[str, str | None]],
    *,
    width: float,
    aside: float,
    level: int,
    stretches: Mapping[str, str],
) -> None:
    """Draw the stretches in doubt once more, dashed: a feature is one line, its doubt is not."""
    cases = " ".join(f"WHEN {quoted('id')} = {literal(feature)} THEN {literal(wkt)}" for feature, wkt in stretches.items())
    inner = _generator(made, name, f"geom_from_wkt(CASE {cases} END)", level=level)
    for colour_of, dash in layers:
        # In the legend the line shows as it is where nothing is in doubt.
        _part(inner, "SimpleLine", _line(colour_of, width, dash, cap="flat", aside=aside), defined=_on_map_only(colour(colour_of)))


def _on_map_only(ink: str) -> dict[str, str]:
    """No colour where a symbol is drawn without a feature, as in a legend."""
    return {"outlineColor": f"if($id is null, '0,0,0,0', {literal(ink)})"}


def _generator(made: Element, name: str, expression: str, *, level: int) -> Element:
    """Append lines that an expression makes, and give the symbol they are drawn with."""
    count = len(made.findall("layer"))
    part = _part(made, "GeometryGenerator", {"SymbolType": "Line", "geometryModifier": expression, "units": "MapUnit"}, level=level)
    return _symbol(part, f"@{name}@{count}", "line")


def _cut(layer: ExportLayer, value: str | None) -> str | None:
    """How the line of a category's one feature is cut before it is drawn aside."""
    rows = layer.frame[layer.frame["id"] == value]
    return cut_at_reversals(rows.geometry.iloc[0]) if len(rows) == 1 else None


def _marker(parent: Element, name: str, symbol: Symbol) -> None:
    values = {
        "color": colour(symbol.colour),
        "joinstyle": "miter",
        "name": SHAPES[symbol.shape or "circle"],
        "outline_color": colour("#ffffff"),
        "outline_style": "solid",
        "outline_width": mm(0.9),
        "outline_width_unit": "MM",
        "scale_method": "diameter",
        "size": mm(symbol.size or 8.0),
        "size_unit": "MM",
    }
    _part(_symbol(parent, name, "marker"), "SimpleMarker", values)


def _only_mode(layer: ExportLayer, value: str | None) -> str | None:
    """The mode that all features of a category have in common."""
    frame = layer.frame
    if "mode" not in frame.columns:
        return None
    by = layer.record.style.by
    rows = frame[frame[by].astype(str) == value] if by in frame.columns and value is not None else frame
    modes = set(rows["mode"].dropna())
    return str(modes.pop()) if len(modes) == 1 else None


def _doubt(layer: ExportLayer) -> str | None:
    """When a feature is drawn dashed, as a QGIS expression; None if no feature of the layer ever is."""
    columns, limit = layer.columns, layer.record.style.dash_over_m
    tests = []
    if limit is not None and "accuracy_m" in columns:
        tests.append(f"coalesce({quoted('accuracy_m')},0) > {limit:g}")
    if limit is not None and "status" in columns:
        tests.append(f"{quoted('status')} = 'planned'")
    return " or ".join(tests) or None


def uncertain_stretches(layer: ExportLayer) -> dict[str, str]:
    """Feature id → WKT of its links that are accurate to no better than the style's limit or only planned.

    Parameters
    ----------
    layer : ExportLayer
        A layer built from itineraries; others have none.

    Returns
    -------
    dict of str to str
        In the layer's CRS; features in no doubt are left out.
    """
    import geopandas
    import shapely

    limit = layer.record.style.dash_over_m
    if layer.record.build != "itineraries" or limit is None:
        return {}
    links = layer.atlas.links
    doubtful = {str(row.id): row.geometry for row in links.itertuples() if _in_doubt(row, limit)}
    found = {}
    for feature in layer.frame["id"]:
        # As travelled, since a line that is drawn aside has sides; a link driven twice is drawn once.
        steps = {step.id: step.forward for way in layer.atlas.route(feature) for step in way if step.id in doubtful}
        lines = [doubtful[link] if forward else shapely.reverse(doubtful[link]) for link, forward in steps.items()]
        if lines:
            moved = geopandas.GeoSeries(lines, crs=links.crs).to_crs(layer.frame.crs)
            decimals = 5 if layer.frame.crs.is_geographic else 1
            found[str(feature)] = shapely.to_wkt(shapely.multilinestrings(list(moved)), rounding_precision=decimals)
    return found


def _in_doubt(link: Any, limit: float) -> bool:
    return bool(link.accuracy_m > limit or link.status == "planned")
