"""Real extracts of OpenStreetMap, which are not part of the project: what is sound is found to be, and a hole made in it is named."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pytest
import shapely

from corridormap.geodesic import distances_m
from corridormap.trace import Wanted, read_extract, trace

FOLDER = Path(__file__).parents[3] / "shared" / "reference" / "osm"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the reference extracts are not at {FOLDER}")]

AZERBAIJAN = [
    ["Yalama", "Xudat", "Xaçmaz stansiyası", "Siyəzən", "Sumqayıt", "Biləcəri Qəsəbə Stansiyası", "Bakı Dəmiryol Stansiyası"],
    ["Biləcəri Qəsəbə Stansiyası", "Baş Ələt Stansiyası", "Hacıqabul Dəmiryol Stansiyası", "Kürdǝmir Stansiyası", "Yevlax Stansiyası"],
    ["Yevlax Stansiyası", "Gəncə", "Ağstafa Stansiyası", "Böyük Kəsik Stansiyası"],
    ["Baş Ələt Stansiyası", "Salyan Stansiyası", "Masallı", "Lənkəran", "Astara"],
    ["Yevlax Stansiyası", "Şəki stansiyası", "Balakən stansiyası"],
    ["Hacıqabul Dəmiryol Stansiyası", "Horadiz"],
    ["Ağstafa Stansiyası", "Qazax Stansiyası"],
    ["Culfa", "Şahtaxtı"],
]
TURKMENISTAN = [
    ["Türkmenbaşy", "Balkanabat", "Bereket", "Ashgabat", "Tejen", "Türkmenabat", "Daşoguz"],
    ["Tejen", "Sarahs"],
    ["Ashgabat", "Daşoguz"],
    ["Serhetabat", "Tejen"],
    ["Türkmenabat", "Kerki (Atamyrat)"],
]


def country(name, chains):
    """Read the extract of a country, and make links between its stations of these names."""
    at = {}
    for station in json.loads((FOLDER / f"stations_{name}.json").read_text(encoding="utf-8")):
        for key in ("nameLocal", "name"):
            if station.get(key):
                at[station[key]] = (station["lon"], station["lat"])
    names = list(dict.fromkeys(one for chain in chains for one in chain))
    rows = [{"id": one, "kind": "station", "accuracy_m": 100.0, "name_en": one} for one in names]
    nodes = gpd.GeoDataFrame(rows, geometry=[shapely.Point(at[one]) for one in names], crs="EPSG:4326").set_index("id", drop=False)
    links = [Wanted(f"{one} – {other}", one, other) for chain in chains for one, other in pairwise(chain)]
    return read_extract([FOLDER / f"{name}-rail.osm.pbf"], mode="rail"), links, nodes


def test_erfurt_to_halle_is_as_long_as_it_is_and_on_main_tracks():
    extract = read_extract([FOLDER / "vde8.2-rail.osm.pbf"], mode="rail")
    rows = [{"id": name, "kind": "station", "accuracy_m": 300.0, "name_en": name} for name in ("Erfurt", "Halle")]
    nodes = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([11.0386, 11.9872], [50.9725, 51.4775]), crs="EPSG:4326")
    (one,) = trace(extract, links=[Wanted("link", "Erfurt", "Halle")], nodes=nodes.set_index("id", drop=False))
    assert one.metres / 1000 == pytest.approx(92.2, rel=2e-3)
    assert one.main >= 0.98
    assert not one.doubts


@pytest.mark.parametrize(("name", "chains"), [("azerbaijan", AZERBAIJAN), ("turkmenistan", TURKMENISTAN)])
def test_links_of_a_country_are_all_traced_and_sound(name, chains):
    extract, links, nodes = country(name, chains)
    found = trace(extract, links=links, nodes=nodes)
    assert {one.id: one.doubts for one in found if one.doubts} == {}
    assert all(one.line is not None and one.gap_m == 0.0 for one in found)
    assert len(found) == {"azerbaijan": 22, "turkmenistan": 10}[name]


def test_links_of_the_atlas_are_traced_on_the_track_and_sound(atlas):
    extract = read_extract([FOLDER / "turkmenistan-rail.osm.pbf"], mode="rail")
    box = shapely.box(52.5, 35.15, 66.7, 42.8)
    inside = atlas.nodes.index[shapely.intersects(atlas.nodes.geometry.to_numpy(), box)]
    ours = atlas.links[(atlas.links["mode"] == "rail") & atlas.links["from"].isin(inside) & atlas.links["to"].isin(inside)]
    links = [
        Wanted(link, start, end) for link, start, end in zip(ours.index, ours["from"], ours["to"], strict=True) if "garmsar" not in link
    ]
    links.append(Wanted("amirabad", "amirabad", "sari"))
    found = {one.id: one for one in trace(extract, links=links, nodes=atlas.nodes)}
    assert len(found) >= 12
    assert {one.id: one.doubts for one in found.values() if one.doubts} == {}
    assert found["rail:x-rail-bolashak-serhetyaka-bereket"].metres / 1000 == pytest.approx(439.7, abs=0.3)


@pytest.mark.parametrize(("name", "chains", "step"), [("azerbaijan", AZERBAIJAN, 7), ("turkmenistan", TURKMENISTAN, 5)])
def test_a_hole_in_a_sound_line_never_goes_unsaid(name, chains, step):
    extract, links, nodes = country(name, chains)
    sound = {one.id: one for one in trace(extract, links=links, nodes=nodes)}
    named = 0
    for link in links[::step]:
        metres = dict.fromkeys(sound[link.id].ways, 0.0)
        for way, line in zip(extract.ways, extract.lines, strict=True):
            if way in metres:
                xy = shapely.get_coordinates(line)
                metres[way] += float(distances_m(xy[:-1], xy[1:]).sum())
        longest = max(metres, key=lambda way: metres[way])
        keep = np.array([way != longest for way in extract.ways])
        ways, tags = ([one for one, stays in zip(column, keep, strict=True) if stays] for column in (extract.ways, extract.tags))
        (holed,) = trace(replace(extract, lines=extract.lines[keep], ways=ways, tags=tags), links=[link], nodes=nodes)
        # Beside a second track nothing is missed; else it is said.
        if abs(holed.metres - sound[link.id].metres) > 0.01 * sound[link.id].metres or holed.gap_m:
            assert holed.doubts, link.id
            named += 1
    assert named


def test_roads_of_a_small_country():
    extract = read_extract([FOLDER / "andorra.osm.pbf"], mode="road")
    places = {
        "Andorra la Vella": (1.5218, 42.5075),
        "Encamp": (1.5801, 42.5347),
        "La Massana": (1.5148, 42.5450),
        "Pas de la Casa": (1.7335, 42.5425),
    }
    rows = [{"id": name, "kind": "town", "accuracy_m": 500.0, "name_en": name} for name in places]
    nodes = gpd.GeoDataFrame(rows, geometry=[shapely.Point(at) for at in places.values()], crs="EPSG:4326").set_index("id", drop=False)
    links = [Wanted(f"{one} – {other}", one, other) for one in places for other in places if one != other]
    found = {one.id: one for one in trace(extract, links=links, nodes=nodes)}
    assert all(one.line is not None and one.gap_m == 0.0 for one in found.values())
    # There and back is much the same, on the other carriageway; in the town of 2013 one way round lacks a street.
    for one in places:
        for other in places:
            if one < other:
                there, back = (found[f"{a} – {b}"] for a, b in ((one, other), (other, one)))
                assert there.doubts or back.doubts or there.metres == pytest.approx(back.metres, rel=0.1)
    assert [one.id for one in found.values() if one.doubts] == ["Andorra la Vella – La Massana"]


def test_the_same_lines_from_every_format(tmp_path):
    path = FOLDER / "azerbaijan-rail.osm.pbf"
    for name in ("a.osm", "a.opl", "a.osm.bz2"):
        with osmium.SimpleWriter(str(tmp_path / name)) as writer:
            for thing in osmium.FileProcessor(str(path)):
                writer.add(thing)
    _, links, nodes = country("azerbaijan", AZERBAIJAN[3:5])
    elements = []
    for thing in osmium.FileProcessor(str(path)):
        tags = {"tags": dict(thing.tags)}
        if thing.is_node():
            elements.append({"type": "node", "id": thing.id, "lon": thing.location.lon, "lat": thing.location.lat, **tags})
        elif thing.is_way():
            elements.append({"type": "way", "id": thing.id, "nodes": [node.ref for node in thing.nodes], **tags})
    (tmp_path / "a.json").write_text(json.dumps({"elements": elements}))
    results = {
        name: [(one.line.wkb, one.ways, one.doubts) for one in trace(read_extract([name], mode="rail"), links=links, nodes=nodes)]
        for name in (path, *sorted(tmp_path.iterdir()))
    }
    assert len(results) == 5
    assert all(result == results[path] for result in results.values())
