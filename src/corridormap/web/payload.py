"""What travels in the page: each link once, corridors as ordered signed link numbers, every text in every language.

The same atlas always gives the same payload: sorted, without a clock.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
import shapely

from corridormap import geojson, words
from corridormap.antimeridian import carried_frame, continuous
from corridormap.cartography import labels, legend
from corridormap.cartography.offsets import displacements, lanes
from corridormap.cartography.surround import surround
from corridormap.cartography.symbols import TABLE, doubtful, strokes, symbol_of
from corridormap.geodesic import METRES_PER_DEGREE, lengths_km
from corridormap.web import encode, tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.model import Backdrop, Layer, Symbol

FORMAT = 1
FRAME = ("format", "lang", "id", "languages", "title", "country", "country_name", "extent", "view", "max_zoom", "surround", "embed")
"""What the page needs to show its frame, before the rest is read."""
OUTLINE_SCALE = 500
"""Steps to a degree of other lines, at least: about 200 metres. More where they are accurate to less than that."""
POINT_SCALE = 100_000
"""Steps to a degree of points, some of them buildings: about a metre."""
TOLD_OF_LAYERS = ("id", "build", "geometry", "group", "name", "summary", "visible", "licence", "sources")
NODES = {"places", "crossings"}
"""What layers of points are made of where links end."""
BACKDROP_SCALE = 50
"""Steps to a degree of the backdrop, which is never measured and most of it true to some three kilometres: about two. More where a
smaller view lets it be thinned less."""
TOWN_SCALE = 100
"""Steps to a degree of the backdrop's towns: about a kilometre."""
BACKDROP_THINNED_M = 7000.0
"""The most by which the backdrop is thinned."""
BACKDROP_VIEW_PARTS = 430
"""Across the first view there are at least so many of the distances by which it is thinned: two pixels of a page."""
VIEW_PIXELS = 1000
MERCATOR_DEGREES = 85.06
"""The page's projection shows no latitude beyond."""

Payload = dict[str, Any]


def build(atlas: Atlas, *, lang: str, layers: Sequence[str] | None = None, tiles_from: str | None = None) -> Payload:
    """Gather all that the page needs of an atlas.

    Parameters
    ----------
    atlas : Atlas
        An atlas whose layers are built.
    lang : str
        The language the page opens in; the others travel along.
    layers : sequence of str, optional
        Ids of the layers to show, by default all.
    tiles_from : str, optional
        Where the page reads the detail of its lines, which then travel thinned.

    Returns
    -------
    dict
        JSON values only.

    Raises
    ------
    UsageError
        If the atlas has no such layer or language, or a page may not read tiles from there.
    DataError
        If a layer is not built, or a route has a gap.
    """
    atlas.check_language(lang)
    chosen = {atlas.layer_record(layer).id for layer in layers} if layers is not None else {record.id for record in atlas.layers}
    address = None if tiles_from is None else tiles.check_file(tiles_from)
    return _Gathering(atlas, lang, [record for record in atlas.layers if record.id in chosen], address).payload()


def max_zoom(atlas: Atlas) -> int:
    """Give the closest zoom of the page: half of the links are true to 12 pixels there, and would look truer closer up.

    The first view of a small region may be closer.
    """
    typical = atlas.links["accuracy_m"].median()
    if not typical > 0:
        return 14
    west, _, east, _ = continuous(atlas.record.view)
    least = max(math.ceil(math.log2(360 / (east - west) * VIEW_PIXELS / 256)), 8)
    middle = math.radians((atlas.record.view[1] + atlas.record.view[3]) / 2)
    metres = 2 * math.pi * 6378137 * math.cos(middle) / 256
    return min(max(math.floor(math.log2(metres * 12 / typical)), least), 14)


def backdrop_thinned_m(atlas: Atlas) -> float:
    """Give the distance in metres by which the backdrop is thinned: less in the view of a small region, in steps of 10 m."""
    west, south, east, north = continuous(atlas.record.view)
    across = (east - west) * math.cos(math.radians((south + north) / 2)) * METRES_PER_DEGREE
    return min(max(round(across / BACKDROP_VIEW_PARTS, -1), 50.0), BACKDROP_THINNED_M)


def line_scale(atlas: Atlas) -> int:
    """Give the steps to a degree of links, which keep every vertex: each 11 % of what half of them are true to."""
    typical = atlas.links["accuracy_m"].median()
    return min(max(round(METRES_PER_DEGREE / (0.11 * typical)), OUTLINE_SCALE), POINT_SCALE) if typical > 0 else POINT_SCALE


def cartography() -> Payload:
    """Give what of the cartography holds for all layers; the rest travels with them."""
    shapes = {name: [list(corner) for corner in corners] for name, corners in TABLE.shapes.items()}
    return {
        "spacing": TABLE.spacing,
        "displaced": list(TABLE.displaced),
        "pale": TABLE.pale,
        "shapes": shapes,
        "labels_ahead": labels.AHEAD,
        "same_town_m": labels.SAME_TOWN_M,
        "first_labels": labels.FIRST,
    }


def texts_together(payload: Payload) -> Payload:
    """Move the texts of features and statements beside their like, language by language, as a page carries them.

    A web server's compression looks back no farther than 32 kB.
    """
    texts: dict[str, Payload] = {}
    layers = [layer | {"columns": dict(layer["columns"])} for layer in payload["layers"]]
    for code in payload["languages"]:
        moved = {
            layer["id"]: {field: layer["columns"].pop(field) for field in list(layer["columns"]) if field.endswith(f"_{code}")}
            for layer in layers
        }
        spoken = {key: [(statement[key] or {}).get(code) for statement in payload["statements"]] for key in ("text", "note")}
        texts[code] = {"layers": moved, **spoken}
    statements = [{key: value for key, value in statement.items() if key not in {"text", "note"}} for statement in payload["statements"]]
    return payload | {"layers": layers, "statements": statements, "texts": texts}


class _Gathering:
    """One payload in the making; collects the links and sources its layers use.

    Across the 180th meridian all that is drawn goes on beyond it, as Leaflet has it; the page brings back what it tells.
    """

    def __init__(self, atlas: Atlas, lang: str, records: list[Layer], tiles_from: str | None = None) -> None:
        self.atlas = atlas
        self.lang = lang
        self.records = records
        self.frames = {record.id: self._carried(atlas.features(record.id)) for record in records}
        self.used_sources: set[str] = set()
        self.tiles_from = tiles_from
        self.thin = (lambda geometry: geometry) if tiles_from is None else encode.thinner(atlas.planar_crs, tiles.THINNED_M)

    def _carried(self, frame: GeoDataFrame) -> GeoDataFrame:
        return carried_frame(frame, box=self.atlas.record.extent)

    def payload(self) -> Payload:
        atlas = self.atlas
        record = atlas.record
        layers = [self._layer(layer) for layer in self.records]
        statements = self._statements()
        backdrop = self._backdrop()
        # Claims say why figures differ.
        columns = {column for frame in self.frames.values() for column in frame} | {"reason"}
        _, paper, outside = surround(atlas)
        groups = [group for group in record.groups if any(layer.group == group.id for layer in self.records)]
        return {
            "format": FORMAT,
            "lang": self.lang,
            "id": record.id,
            "languages": record.languages,
            "title": record.title,
            "country": record.country if isinstance(record.country, str) else None,
            "country_name": record.country_name,
            "extent": list(continuous(record.extent)),
            "view": self._view(),
            "max_zoom": max_zoom(atlas),
            "paper": list(paper.bounds),
            "surround": outside,
            "cartography": cartography(),
            # Texts beside texts and numbers beside numbers: a web server's compression looks back no farther than 32 kB.
            "attribution": record.attribution,
            "description": record.description,
            "groups": [_plain(group) for group in groups],
            "locales": words.page(record.languages, columns=columns, thinned_m=None if self.tiles_from is None else tiles.THINNED_M),
            "statements": statements,
            "sources": self._sources(),
            "layers": layers,
            "links": self._links(),
            "backdrop": backdrop,
            **self._detail(),
        }

    def _view(self) -> list[float]:
        """Give the bounds of the first view: the atlas's own, wide enough for the itineraries shown at first."""
        shown = [self.frames[record.id].total_bounds for record in self.records if record.build == "itineraries" and record.visible]
        boxes = [continuous(self.atlas.record.view), *(map(float, bounds) for bounds in shown if not math.isnan(bounds[0]))]
        west, south, east, north = zip(*boxes, strict=True)
        return [round(value, 2) for value in (min(west), min(south), max(east), max(north))]

    def _detail(self) -> Payload:
        """Say where the detail of thinned lines is; and the links' names, where no layer in the page tells them."""
        if self.tiles_from is None:
            return {}
        named = any(record.id == self._layer_of_links for record in self.records)
        return {
            "tiles_from": {
                "url": self.tiles_from,
                "thinned_m": tiles.THINNED_M,
                "layer": self._layer_of_links,
                **({} if named else {"names": list(self._link_numbers)}),
            }
        }

    @cached_property
    def _layer_of_links(self) -> str | None:
        return next((record.id for record in self.atlas.layers if record.build == "links"), None)

    @cached_property
    def _link_numbers(self) -> dict[str, int]:
        """Number, from 1, of every link that a layer shown here uses; a minus sign will say that it is travelled backwards."""
        used: set[str] = set()
        for record in self.records:
            if record.build == "itineraries":
                for feature in self.frames[record.id]["id"]:
                    used.update(step.id for way in self._ways(feature) for step in way)
            elif record.build == "links":
                used.update(name for name in self.frames[record.id]["id"] if name in self.atlas.links.index)
        return {name: number for number, name in enumerate(sorted(used), start=1)}

    @cached_property
    def _link_rows(self) -> dict[str, dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = self.atlas.links.to_dict("index")
        return rows

    def _ways(self, itinerary: str) -> list[Any]:
        return self.atlas.route(itinerary) if itinerary in self.atlas.itineraries else []

    def _links(self) -> Payload:
        names = list(self._link_numbers)
        scale = line_scale(self.atlas)
        if not names:
            return {"scale": scale, "lines": [], "metres": [], "displaced": []}
        table = self._carried(self.atlas.links.loc[names])
        # No tiles would hold the detail of links that are no layer.
        lines: Any = [self.thin(geometry) if self._layer_of_links else geometry for geometry in table.geometry]
        return {
            "scale": scale,
            "lines": [encode.line(geometry.coords, scale=scale) for geometry in lines],
            "metres": [round(1000 * length) for length in lengths_km(table.geometry.to_numpy())],
            "displaced": [_scalar(displacements(self.atlas).get(name, 0)) for name in names],
        }

    def _layer(self, record: Layer) -> Payload:
        frame = self.frames[record.id]
        # Remarks are for those who keep the data.
        told = [column for column in frame.columns if column != frame.geometry.name and not column.startswith("remark_")]
        fields = sorted(column for column in told if frame[column].notna().any())
        # The page makes ids and names of links of their ends, and knows their lengths.
        if record.build == "links" and (frame["id"] == frame["mode"] + ":" + frame["from"] + "-" + frame["to"]).all():
            fields.remove("id")
        if record.build == "links" and "length_km" in fields and set(frame["id"]) <= self._link_numbers.keys():
            fields.remove("length_km")
        fields = [field for field in fields if not field.startswith(self._composed(record, frame))]
        named = [value for column in geojson.source_columns(frame.columns) for value in frame[column].dropna() if isinstance(value, str)]
        self.used_sources.update(record.sources, *map(geojson.split_list, named))
        return {
            **{name: getattr(record, name) for name in TOLD_OF_LAYERS},
            "style": _plain(record.style),
            "scale": _scale(self.atlas, record, frame),
            **self._drawn(record, frame),
            "legend": [self._row(record, row) for row in legend.rows(self.atlas, record, frame)],
            "drawing": [self._row(record, row) for row in legend.drawing_rows(self.atlas, record, frame)],
            "columns": {field: [_scalar(value) for value in frame[field]] for field in fields},
            "shapes": self._shapes(record, frame),
        }

    def _drawn(self, record: Layer, frame: GeoDataFrame) -> Payload:
        """Say the ways in which lines are drawn, plain and in doubt, and which is each feature's; of points, which names come first."""
        if record.geometry == "Point":
            return {"ranks": [list(rank) for rank in labels.ranks(self.atlas, record, frame)]}
        modes = frame.get("mode", [None] * len(frame))
        looks = [(symbol_of(record.style, value), mode) for value, mode in zip(frame.get(record.style.by, modes), modes, strict=True)]
        drawn = [[_strokes(record, symbol, mode, doubt=doubt) for doubt in (False, True)] for symbol, mode in looks]
        different = [one for place, one in enumerate(drawn) if one not in drawn[:place]]
        return {"strokes": different, "drawn": [different.index(one) for one in drawn]}

    def _composed(self, record: Layer, frame: GeoDataFrame) -> tuple[str, ...]:
        """Tell the texts that the page makes of names it holds: of links, of the routes over them, and of crossings, "here – there"."""
        if record.build in {"links", "itineraries"} and self._has_ends_of_links and any(layer.build == "links" for layer in self.records):
            return ("name_",) if record.build == "links" else ("route_",)
        if record.build != "crossings":
            return ()
        sides = [[frame.get(f"{side}_{code}") for side in ("name", "home", "abroad")] for code in self.atlas.languages]
        here_there = all(abroad is not None and (name == home + " – " + abroad).all() for name, home, abroad in sides)
        return ("name_",) if here_there else ()

    @cached_property
    def _has_ends_of_links(self) -> bool:
        ends = {*self.atlas.links["from"], *self.atlas.links["to"]}
        return not ends.difference(*(frame["id"] for frame in self.frames.values()))

    def _row(self, record: Layer, row: legend.Row) -> Payload:
        """Give a row of the legend: what it says, or the feature that says it, and how that is drawn."""
        said = {"text": row.text if row.feature is None else None, "feature": row.feature, "count": row.count}
        points = record.geometry == "Point"
        drawn = None if points else _strokes(record, row.symbol, row.mode, doubt=row.doubt)
        return dict(_without_none({**said, "symbol": _plain(row.symbol) if points else None, "strokes": drawn}))

    def _shapes(self, record: Layer, frame: GeoDataFrame) -> list[Any]:
        """Each feature's shape; of lines also its lane, where it has one, and what of it is in doubt: links by number, or all."""
        numbers, style, scale = self._link_numbers, record.style, _scale(self.atlas, record, frame)
        doubt = {number for link, number in numbers.items() if doubtful(self._link_rows[link], style)}
        shapes: list[Any] = []
        for feature in frame.to_dict("records"):
            name, geometry = feature["id"], feature[frame.geometry.name]
            ways: list[list[int]] = []
            if record.build == "itineraries":
                ways = [[numbers[step.id] if step.forward else -numbers[step.id] for step in way] for way in self._ways(name)]
            elif record.build == "links" and name in numbers:
                ways = [[numbers[name]]]
            if ways:
                lane = lanes(self.atlas).get(name) if record.build == "itineraries" else 0
                dashed = sorted(doubt & {abs(link) for way in ways for link in way})
                shapes.append({"w": ways} | ({"o": lane} if lane else {}) | ({"d": dashed} if dashed else {}))
                continue
            lines = record.geometry.endswith("LineString")
            shape: Any = encode.shape(self.thin(geometry) if lines else geometry, scale=scale)
            shapes.append(shape | {"d": []} if shape and lines and doubtful(feature, style) else shape)
        return shapes

    def _statements(self) -> list[Payload]:
        shown = {record.id for record in self.records}.union(*(frame["id"] for frame in self.frames.values()))
        every = len(self.records) == len(self.atlas.layers)
        chosen = [statement for statement in self.atlas.statements.values() if every or statement.about in shown]
        for statement in chosen:
            self.used_sources.update(statement.sources)
        told = ("about", "standing", "text", "date", "features", "note", "sources")
        return [{name: getattr(statement, name) for name in told} | {"note": statement.note or None} for statement in chosen]

    def _backdrop(self) -> list[Payload]:
        metres = backdrop_thinned_m(self.atlas)
        thin, scale = encode.thinner(self.atlas.planar_crs, metres), round(BACKDROP_SCALE * BACKDROP_THINNED_M / metres)
        paper = _on_page(surround(self.atlas)[1])
        layers = []
        for record in self.atlas.record.backdrop:
            self.used_sources.add(record.source)
            if record.kind == "town":
                layers += self._towns(record)
                continue
            features = []
            for feature in self._carried(self.atlas.facts(record.path)).to_dict("records"):
                said = {code: feature.get(f"name_{code}") for code in self.atlas.languages}
                name = {code: text for code, text in said.items() if isinstance(text, str) and text}
                # Boundaries and rivers go on beyond the paper.
                seen = shapely.intersection(feature["geometry"], paper)
                shape = encode.shape(thin(seen), scale=scale)
                named = {"id": feature["id"], "kind": feature["kind"]} if record.kind == "label" else {}
                features.append({**named, **({"name": name} if name else {}), "shape": shape})
            rank = {"label": labels.BACKDROP, "water": labels.WATER}.get(record.kind)
            ranked = {} if rank is None else {"rank": list(rank)}
            layers.append({"kind": record.kind, **ranked, "scale": scale, "thinned_m": metres, "features": features})
        return layers

    def _towns(self, record: Backdrop) -> list[Payload]:
        """Give the towns of the backdrop as a layer a rank, the largest towns first."""
        atlas, by_rank = self.atlas, dict[labels.Rank, list[Payload]]()
        listed = self._carried(atlas.facts(record.path)).to_dict("records")
        for town, name in zip(listed, labels.town_names(atlas, listed), strict=True):
            rank = labels.town_rank(town.get("population"), abroad=town.get("country") not in atlas.record.members)
            by_rank.setdefault(rank, []).append({"name": name, "shape": encode.shape(town["geometry"], scale=TOWN_SCALE)})
        return [
            {"kind": record.kind, "rank": list(rank), "scale": TOWN_SCALE, "thinned_m": 0, "features": towns}
            for rank, towns in sorted(by_rank.items())
        ]

    def _sources(self) -> Payload:
        used = [self.atlas.sources[name] for name in sorted(self.used_sources & self.atlas.sources.keys())]
        told = {name: [getattr(source, name) for source in used] for name in ("id", "title", "publisher", "url", "date", "licence")}
        return told | {"url": [_web_address(source.url) for source in used]}


def _on_page(paper: Any) -> Any:
    """Leave of the paper what the page can show: all of a pole's longitudes are one point on the plane where the backdrop is thinned."""
    west, south, east, north = paper.bounds
    if max(-south, north) <= MERCATOR_DEGREES:
        return paper
    return shapely.segmentize(paper & shapely.box(west, -MERCATOR_DEGREES, east, MERCATOR_DEGREES), 1.0)


def _scale(atlas: Atlas, record: Layer, frame: GeoDataFrame) -> int:
    """Give the steps to a degree of coordinates; of lines along which no kilometres are counted, as fine as the best is accurate.

    Nodes have the steps of the links that end there, so that both are at the same place.
    """
    if record.geometry == "Point":
        return line_scale(atlas) if record.build in NODES else POINT_SCALE
    accuracies: list[float] = [value for value in frame.get("accuracy_m", []) if value and value > 0]
    if record.build != "lines" or not accuracies:
        return line_scale(atlas)
    return min(max(round(METRES_PER_DEGREE / min(accuracies)), OUTLINE_SCALE), POINT_SCALE)


def _strokes(record: Layer, symbol: Symbol, mode: object, *, doubt: bool) -> list[Any]:
    return [_plain(stroke) for stroke in strokes(symbol, mode=mode, casing=record.style.casing, doubt=doubt)]


def _web_address(url: str | None) -> str | None:
    """Return the address if a reader's browser may follow it; anything but the web is dropped here and again in the page."""
    return url if url and urlsplit(url).scheme.lower() in {"http", "https"} else None


def _scalar(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    # NaN is what pandas makes of a missing figure.
    return None if value is None or value != value else value  # noqa: PLR0124


def _plain(record: msgspec.Struct) -> Any:
    """Turn a record into JSON values, leaving out what is not set."""
    return _without_none(msgspec.to_builtins(record, order="deterministic"))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return value
