"""Measuring on the map and chainage along a corridor, against pyproj and the atlas's own links."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely
from pyproj import Geod

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
WGS84 = Geod(ellps="WGS84")
POINTS = """() => { const points = []; corridormap.map.eachLayer((layer) => {
    if (layer instanceof L.CircleMarker && layer.options.pane === "cm-measure") points.push([layer.getLatLng().lng, layer.getLatLng().lat]);
}); return points; }"""


def shown_km(page):
    text = page.locator(".cm-measure-result").inner_text()
    number, unit = re.search(r"([\d.,\u00a0\u202f ]*\d)\s*(km|m)\b", text).groups()
    return float(number.replace(",", "")) / (1 if unit == "km" else 1000)


def geodesic_km(points):
    lon, lat = np.array(points).T
    return WGS84.line_length(lon, lat) / 1000


def start(page):
    page.wait_for_function(READY)
    page.locator("#cm-tool-measure").click()
    return page.locator(".cm-map").bounding_box()


def test_clicks_measure_the_geodesic_and_hit_nothing_else(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        box = start(page)
        assert page.locator("#cm-tool-measure").get_attribute("aria-pressed") == "true"
        # A corridor's own line lies under the last of these.
        on_line = page.evaluate("""() => { const path = document.querySelector("path[data-feature=road-7-shymkent-samara][data-part=line]");
            const at = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
            const box = document.querySelector(".cm-map").getBoundingClientRect(); return [at.x - box.left, at.y - box.top]; }""")
        for x, y in ((box["width"] * 0.3, box["height"] * 0.75), (box["width"] * 0.7, box["height"] * 0.5), on_line):
            page.mouse.click(box["x"] + x, box["y"] + y)
            page.wait_for_timeout(50)
        points = page.evaluate(POINTS)
        assert len(points) == 3
        assert shown_km(page) == pytest.approx(geodesic_km(points), abs=0.06)
        assert page.locator(".cm-side").count() == 0
        assert page.locator(".cm-measure-result").get_attribute("aria-live") == "polite"
        page.get_by_role("button", name="Undo").click()
        assert shown_km(page) == pytest.approx(geodesic_km(points[:2]), abs=0.06)
        page.get_by_role("button", name="Clear").click()
        assert page.evaluate(POINTS) == []
        page.keyboard.press("Escape")
        assert page.locator(".cm-measure").count() == 0
        assert page.locator("#cm-tool-measure").get_attribute("aria-pressed") == "false"
        # The map is its old self again.
        page.mouse.click(box["x"] + on_line[0], box["y"] + on_line[1])
        page.wait_for_selector(".cm-side")
        seen.clean()


def test_the_keyboard_measures(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.locator("#cm-tool-measure").focus()
        page.keyboard.press("Enter")
        for _ in range(3):
            page.keyboard.press("Enter")
            page.keyboard.press("ArrowRight")
            page.wait_for_timeout(400)
        points = page.evaluate(POINTS)
        assert len(points) == 3
        assert shown_km(page) == pytest.approx(geodesic_km(points), abs=0.06)
        page.keyboard.press("Backspace")
        assert len(page.evaluate(POINTS)) == 2
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "cm-tool-measure"
        seen.clean()


def test_the_language_changes_while_measuring(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        start(page)
        for _ in range(2):
            page.keyboard.press("Enter")
        page.evaluate("corridormap.setLanguage('ru')")
        assert "Расстояние" in page.locator(".cm-measure-result").inner_text()
        assert page.evaluate("corridormap.map.getContainer().classList.contains('cm-measuring')")
        seen.clean()


def test_a_tap_on_a_phone_measures(pages, visit):
    with visit(pages["en"], width=390, height=844, has_touch=True) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.locator("#cm-tool-measure").tap()
        for x, y in ((100, 500), (300, 420)):
            page.touchscreen.tap(x, y)
            page.wait_for_timeout(100)
        points = page.evaluate(POINTS)
        assert len(points) == 2
        assert shown_km(page) == pytest.approx(geodesic_km(points), abs=0.06)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        seen.clean()


def atlas_ways(atlas, itinerary):
    """Kilometres from a way's start at each of its nodes, out of the atlas's links themselves."""
    ways = []
    for way in atlas.route(itinerary):
        lengths = [WGS84.geometry_length(shapely.force_2d(atlas.links.geometry[step.id])) / 1000 for step in way]
        ways.append(np.concatenate([[0], np.cumsum(lengths)]))
    return ways


@pytest.mark.node
def test_chainage_is_the_links_length(pages, peek, atlas):
    told = peek(
        pages["en"],
        """return Object.fromEntries(atlas.itineraries().map(({id, shape}) => [id,
          chainage.waysOf(shape).map((way) => ({km: way.km, nodes: way.nodes.map((node) => [node.feature.id, node.km])}))]));""",
    )
    for itinerary in atlas.itineraries:
        expected = atlas_ways(atlas, itinerary)
        assert len(told[itinerary]) == len(expected)
        for way, cumulative, record in zip(told[itinerary], expected, atlas.itineraries[itinerary].ways, strict=True):
            # Vertices are rounded to a step of the page's coordinates, which a winding line adds up.
            assert way["km"] == pytest.approx(cumulative[-1], rel=2e-4, abs=0.02)
            known = dict(way["nodes"])
            assert len(known) >= len(record.nodes) * 0.7
            for node, km in zip(record.nodes, cumulative, strict=True):
                if node in known and record.nodes.count(node) == 1:
                    assert known[node] == pytest.approx(km, rel=2e-4, abs=0.02), (itinerary, node)


@pytest.mark.node
def test_chainage_and_its_inverse_agree(pages, peek):
    worst = peek(
        pages["en"],
        """let metres = 0, same = 0, count = 0;
        for (const feature of atlas.byId.values()) {
          chainage.waysOf(feature.shape).forEach((way) => {
            for (let part = 0; part <= 20; part += 1) {
              const km = (way.km * part) / 20;
              const there = chainage.along(way.places, km * 1000, way.metres);
              const back = chainage.chainage(feature, there);
              metres = Math.max(metres, back.offset_m, chainage.inverse(there, chainage.along(back.way.places, back.km * 1000, back.way.metres)));
              count += 1;
              if (back.way === way && Math.abs(back.km - km) < 0.001) same += 1;
            }
          });
        }
        return {metres, share: same / count, count};""",
    )
    assert worst["count"] > 1000
    assert worst["metres"] < 1
    # The rest stand where a branch shares its way with the main one, or a train turns back.
    assert worst["share"] > 0.95
    beyond = """const {shape} = atlas.byId.get("rail-2-southern"); return [-1, 1e6, NaN].map((km) => chainage.alongKm(shape, km));"""
    assert peek(pages["en"], beyond) == [None, None, None]
    border = "return chainage.chainage(atlas.layerById('border').features[0], {lat: 50, lng: 60});"
    assert peek(pages["en"], border) is None


@pytest.mark.node
@pytest.mark.parametrize(
    ("lang", "note"), [("en", "not the official kilometre posts"), ("ru", "не официальные"), ("kk", "ресми километр бағандары емес")]
)
def test_a_click_on_a_corridor_tells_its_chainage(pages, visit, peek, atlas, lang, note):
    with visit(pages[lang]) as seen:
        page = seen.page
        page.wait_for_function(READY)
        place = peek(pages[lang], "return chainage.alongKm(atlas.byId.get('road-10-omsk-maikapchagai').shape, 500).latlng;")
        at = page.evaluate(
            """(place) => { const {map} = corridormap; map.setView(place, 9, {animate: false}); const {x, y} = map.latLngToContainerPoint(place);
            const box = map.getContainer().getBoundingClientRect(); return [box.left + x, box.top + y]; }""",
            place,
        )
        page.mouse.click(*at)
        text = page.locator(".cm-chainage").inner_text().replace("\u00a0", " ")
        km = float(re.search(r"(\d+(?:[.,]\d)?) (?:km|км)", text)[1].replace(",", "."))
        assert km == pytest.approx(500, abs=1.5)
        assert note in text
        ways = dict(
            zip(
                atlas.itineraries["road-10-omsk-maikapchagai"].ways[0].nodes, atlas_ways(atlas, "road-10-omsk-maikapchagai")[0], strict=True
            )
        )
        before = max((node for node in ways if ways[node] <= 500), key=ways.get)
        after = min((node for node in ways if ways[node] >= 500), key=ways.get)
        places = atlas.layer("places").set_index("id")
        for node in (before, after):
            assert places.loc[node, f"name_{lang}"] in text
        seen.clean()
