"""What is to be traced, and traced links beside the present ones: proposals and a report."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from corridormap import geojson, words
from corridormap.atlas import kept
from corridormap.errors import UsageError
from corridormap.geodesic import centre_of, lengths_km
from corridormap.geojson import LINE_DECIMALS, join_list, split_list
from corridormap.measure.accuracy import compare
from corridormap.phrases import counted
from corridormap.projection import from_degrees
from corridormap.trace import Wanted
from corridormap.trace.lock import read_lock
from corridormap.trace.paths import Doubt

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from geopandas import GeoDataFrame

    from corridormap.atlas import Atlas
    from corridormap.trace import Extract, Traced

COLUMNS = (
    *("id", "link", "from", "to", "mode", "country", "accuracy_m", "as_of", "length_km", "was_km", "change_km", "off_p95_m", "off_max_m"),
    *("main", "building", "gap_m", "doubts", "geometry"),
)
MARGIN_DEG = 0.1
"""So far beyond the outermost ways a place may lie and still be in an extract."""
SHORT_M = 1_000.0
"""A line that crosses the outline and is back sooner follows it: the outline is no finer than some 100 metres."""
DOUBTS = {
    "no way": "The extract has no way from one place to the other.",
    "gap": "A way is missing in the extract, and the line goes straight over the gap.",
    "cut": "The extract ends in the midst of a way.",
    "suspect gap": "Were a way here, the line would be much shorter: it seems to be missing, and the line to go a long way round.",
    "detour": "The line is much longer than the geodesic.",
    "reversal": "A train must reverse on the way.",
    "ambiguous": "Another way is about as long, and lies far away.",
    "class": "Much of the line is on sidings, yards or spurs.",
    "under construction": "A part of the line is under construction.",
    "place": "A place lies off the track, or off the station of its name.",
    "name": "Several stations bear a place's name.",
    "outside": "A place lies outside the extract.",
    "country": "The line crosses an outline of the atlas: it is split there.",
}


@kept
def present(atlas: Atlas) -> GeoDataFrame:
    """Read the network's links; none if the atlas has no such file yet."""
    path = atlas.folder / "network" / "links.geojson"
    if path.exists() and geojson.read(path)["features"]:
        return atlas.links
    import geopandas as gpd

    return gpd.GeoDataFrame({name: [] for name in ("id", "from", "to", "mode", "country", "status")}, geometry=[], crs="EPSG:4326")


def wanted(atlas: Atlas, *, mode: str, names: Collection[str] | None = None) -> list[Wanted]:
    """List the links of a mode to be traced: those of the network that are not pinned, and one for each two nodes that an itinerary joins.

    A name may also be that of a new link between any two nodes, ``mode:from-to``.

    Raises
    ------
    UsageError
        If a name is that of none of them.
    """
    lock, links = read_lock(atlas), present(atlas)
    links = links[links["mode"] == mode]
    refs = [tuple(split_list(value)) for value in links["refs"]] if "refs" in links else [()] * len(links)
    pinned = set(links.index[[value is True for value in links["pinned"]]]) if "pinned" in links else set()
    found = {
        link: Wanted(link, start, end, ref, tuple(lock[link].ways) if link in lock else ())
        for link, start, end, ref in zip(links.index, links["from"], links["to"], refs, strict=True)
        if link not in pinned
    }
    nodes = set(atlas.nodes.index)
    joined = {frozenset(pair) for pair in zip(links["from"], links["to"], strict=True)}
    for itinerary in atlas.itineraries.values():
        for way in itinerary.ways if itinerary.mode == mode else ():
            # A way of termini runs on links that are there.
            for start, end in pairwise(way.nodes or ()):
                if frozenset((start, end)) not in joined:
                    joined.add(frozenset((start, end)))
                    found[f"{mode}:{start}-{end}"] = Wanted(f"{mode}:{start}-{end}", start, end)
    for name in names or ():
        ends = name.removeprefix(f"{mode}:")
        for cut in [place for place, letter in enumerate(ends) if letter == "-"] if name.startswith(f"{mode}:") else ():
            if {ends[:cut], ends[cut + 1 :]} <= nodes and frozenset((ends[:cut], ends[cut + 1 :])) not in joined:
                found.setdefault(name, Wanted(name, ends[:cut], ends[cut + 1 :]))
        if name not in found or name in pinned:
            what = "is pinned" if name in pinned else f"is no {mode} link, nor a new one between two nodes that none joins"
            hint = f"The layer network_links lists links; a new one is called {mode}:FROM-TO, of the ids of nodes."
            raise UsageError(f"{name!r} {what}", hint=hint)
    return list(found.values()) if names is None else [found[name] for name in dict.fromkeys(names)]


def inside(links: Sequence[Wanted], *, nodes: GeoDataFrame, extract: Extract) -> list[Wanted]:
    """Keep the links both of whose nodes lie in the box around the extract's ways."""
    within = nodes.index[shapely.intersects(nodes.geometry.to_numpy(), shapely.box(*extract.bounds).buffer(MARGIN_DEG))]
    return [link for link in links if link.start in within and link.end in within]


def proposals(atlas: Atlas, extract: Extract, links: Sequence[Wanted], traced: Sequence[Traced], *, tolerance_m: float) -> GeoDataFrame:
    """Lay traced links beside the present ones.

    Returns
    -------
    GeoDataFrame
        One row a link, or a part of one where it crosses an outline of the atlas: ``id, link, from, to, mode, country, accuracy_m, as_of,
        length_km, was_km, change_km, off_p95_m, off_max_m`` (of the present line from the traced one) ``, main, building, gap_m, doubts``,
        EPSG:4326, thinned; no geometry where there is no way.
    """
    import geopandas as gpd

    now, rows = present(atlas), []
    for want, one in zip(links, traced, strict=True):
        old = now.loc[want.id] if want.id in now.index else None
        parts = (
            [(one.line, None)] if one.line is None else _parts(atlas, one, want, None if old is None else old["country"], atlas.outlines)
        )
        borders = [f"x-{extract.mode}-{want.start}-{want.end}" + (f"-{part}" if part > 1 else "") for part in range(1, len(parts))]
        accuracy = math.ceil(max(extract.accuracy_m + tolerance_m, one.gap_m * atlas.record.tolerance.detour_percent / 100.0))
        beside = _beside(atlas, old, one)
        doubts = join_list(f"{doubt.kind}: {doubt.message.replace(';', ',')}" for doubt in one.doubts)
        for (start, end), (line, country) in zip(pairwise([want.start, *borders, want.end]), parts, strict=True):
            name = want.id if not borders else f"{extract.mode}:{start}-{end}"
            row: dict[str, Any] = {"id": name, "link": want.id, "from": start, "to": end, "mode": extract.mode, "country": country}
            row |= {"accuracy_m": accuracy, "as_of": extract.date, "length_km": None if line is None else float(lengths_km([line])[0])}
            row |= beside | {"main": one.main, "building": one.building, "gap_m": one.gap_m, "doubts": doubts}
            rows.append(row | {"geometry": None if line is None else _thinned(line, tolerance_m)})
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=COLUMNS), geometry="geometry", crs="EPSG:4326")


def _thinned(line: shapely.LineString, tolerance_m: float) -> shapely.LineString:
    from corridormap.measure.generalise import thinned

    lon, lat = centre_of(shapely.get_coordinates(line))
    plane = from_degrees(f"+proj=aeqd +lon_0={lon} +lat_0={lat} +ellps=WGS84")
    simple, _ = thinned(np.array([line], dtype=object), metres=tolerance_m, to_plane=plane)
    return shapely.transform(simple[0], lambda xy: np.round(xy, LINE_DECIMALS))


def _parts(atlas: Atlas, one: Traced, want: Wanted, country: str | None, outlines: Mapping[str, Any]) -> list[tuple[Any, str | None]]:
    """Split a line where it crosses an outline of the atlas's countries, and say in which country each part lies."""
    members = atlas.record.members
    ends = atlas.nodes.loc[[want.start, want.end], "country"].tolist()
    abroad = next((name for name in (country, *ends) if name is not None and name not in members), None)
    if not outlines:
        return [(one.line, country or ends[0])]
    whole = one.line.length
    borders = [outline.boundary for outline in outlines.values()]
    met = shapely.get_coordinates(shapely.intersection(one.line, borders))
    cuts = sorted({0.0, whole, *shapely.line_locate_point(one.line, shapely.points(met)).tolist()})
    spans: list[tuple[float, float, str | None]] = []
    for low, high in pairwise(cuts):
        middle = shapely.line_interpolate_point(one.line, (low + high) / 2.0)
        inside = next((code for code, outline in outlines.items() if outline.contains(middle)), None)
        short = (high - low) / whole * one.metres <= SHORT_M
        if spans and (short or inside == spans[-1][2]):
            spans[-1] = (spans[-1][0], high, spans[-1][2])
        else:
            spans.append((low, high, inside))
    if len(spans) > 1 and (spans[0][1] - spans[0][0]) / whole * one.metres <= SHORT_M:
        spans[:2] = [(0.0, *spans[1][1:])]
    if len(spans) == 1:
        return [(one.line, country or spans[0][2] or abroad)]
    at, times = shapely.line_interpolate_point(one.line, spans[1][0]), counted(len(spans) - 1, "time")
    one.doubts.append(Doubt("country", f"crosses {'the outline' if len(members) == 1 else 'outlines'} {times}", at.x, at.y))
    return [(substring(one.line, low, high), inside or abroad) for low, high, inside in spans]


def _beside(atlas: Atlas, old: Any, one: Traced) -> dict[str, float | None]:
    """Compare the present line of a link with the traced one."""
    if old is None or one.line is None:
        return dict.fromkeys(("was_km", "change_km", "off_p95_m", "off_max_m"))
    import geopandas as gpd

    lines = [gpd.GeoDataFrame({"id": [one.id]}, geometry=[line], crs="EPSG:4326") for line in (old.geometry, one.line)]
    figures = compare(lines[0], reference=lines[1], planar_crs=atlas.planar_crs).features.iloc[0]
    was = float(lengths_km([old.geometry])[0])
    change = float(lengths_km([one.line])[0]) - was
    return {"was_km": was, "change_km": change, "off_p95_m": float(figures["p95_m"]), "off_max_m": float(figures["max_m"])}


def report(atlas: Atlas, extract: Extract, table: GeoDataFrame, traced: Sequence[Traced]) -> str:
    """Make the page that shows traced and present lines on a map, and the doubts there and in a table."""
    from corridormap.web.encode import line as encode
    from corridormap.web.findings import page

    now, scale = present(atlas), 1e4
    records: list[dict[str, Any]] = []
    for one in traced:
        mine = table[table["link"] == one.id]
        middle = None if one.line is None else shapely.line_interpolate_point(one.line, 0.5, normalized=True)
        for doubt in one.doubts:
            record = {"code": doubt.kind, "severity": "error" if one.line is None else "warning", "message": doubt.message}
            records.append(record | {"feature": one.id, "lon": doubt.lon, "lat": doubt.lat, "hint": DOUBTS[doubt.kind]})
        if middle is not None:
            was = mine["was_km"].iloc[0]
            beside = "" if pd.isna(was) else f"; now {was:.1f} km, 95 % of it within {mine['off_p95_m'].iloc[0]:.0f} m"
            record = {"code": "traced", "severity": "note", "message": f"{mine['length_km'].sum():.1f} km{beside}"}
            records.append(record | {"feature": one.id, "lon": middle.x, "lat": middle.y})
    old = now.geometry[now.index.isin(table["link"])]
    drawn: dict[str, Any] = {"scale": scale, "thinned_m": None}
    for name, lines in (("runs", table.geometry.dropna()), ("beside", old)):
        drawn[name] = [encode(shapely.get_coordinates(line), scale=scale) for line in lines]
    doubtful = sum(bool(one.doubts) for one in traced)
    summary = f"{counted(len(traced), 'link')} traced on {extract.name} ({extract.date or 'of an unknown day'}); {doubtful} with doubts"
    said = words.report()
    texts = {f"report.{name}": said[f"report.{other}"] for name, other in (("title", "title_traced"), ("checked", "traced"))}
    return page(records, summary=summary, rules=DOUBTS, drawing=drawn, atlas=atlas, texts=texts)
