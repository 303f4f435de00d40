"""Finding on the page: names old and new in three languages, numbers, chainage; by keyboard alone."""

from __future__ import annotations

import json
import random
import re

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import Geod

from corridormap import words as catalogues
from corridormap.geodesic import lengths_km
from corridormap.search import fold

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
KEYS = """(text) => find.find(text).map((hit) => (hit.kind === "feature" ? hit.feature.id
  : hit.kind === "position" ? `${hit.position.lat} ${hit.position.lng}`
  : hit.kind === "road" ? hit.road.ref : `${hit.itinerary.key} ${hit.kind === "place" ? "@" : ">"} ${hit.km}`))"""


@pytest.fixture
def opened(pages, visit):
    with visit(pages["ru"], reduced_motion="reduce") as seen:
        seen.page.wait_for_function(READY)
        yield seen
        seen.clean()


FIRST = [
    ("Uralsk", "oral"),
    ("уральск", "oral"),
    ("ОРАЛ", "oral"),
    ("Целиноград", "astana-1"),
    ("Гурьев", "atyrau"),
    ("Қызылорда", "kyzylorda"),
    ("almaty 1", "almaty-1"),
    ("11", "road-11-astana-yekaterinburg"),
    ("rail 1", "rail-1-northern"),
    ("жд 1", "rail-1-northern"),
    ("ж/д 2", "rail-2-southern"),
    ("Теміржол 3", "rail-3-central"),
    ("road 7", "road-7-shymkent-samara"),
    ("трасса № 8", "road-8-almaty-petropavl"),
    ("коридор 5", "rail-5-traceca"),
    ("KAZ01", "KAZ01"),
    ("M-36", "M-36"),
    ("м36", "M-36"),
    ("e 40", "E40"),
    ("KAZ01 400", "KAZ01 @ 400"),
    ("каз01 км 400", "KAZ01 @ 400"),
    ("rail 1 km 836", "rail-1-northern @ 836"),
    ("1 км 836", "rail-1-northern @ 836"),
    ("836,5 км жд 1", "rail-1-northern @ 836.5"),
    ("1 дәліз 836 шақырым", "rail-1-northern @ 836"),
    ("traceca km 10", "rail-5-traceca @ 10"),
    ("rail 1 km 99999", "rail-1-northern > 99999"),
]

FORGIVEN = [
    ("Almty", "almaty-town"),
    ("Алмта", "almaty-1"),
    ("Kzylorda", "kyzylorda"),
    ("Kyzyl-Orda", "kyzylorda-town"),
    ("Кзылорда", "kyzylorda"),
    ("Кызылорда", "kyzylorda"),
    ("Қызыл Орда", "kyzylorda"),
    ("Караганды", "karaganda"),
    ("Khorgas", "khorgos-town"),
    ("Хоргас", "khorgos-town"),
    ("Middle Corridor", "middle-corridor-rail"),
    ("middle coridor", "middle-corridor-sea"),
    ("ТМТМ", "middle-corridor-rail"),
    ("titr", "middle-corridor-rail"),
    ("Орта дәліз", "middle-corridor-rail"),
    ("dushanbe 2025", "cis-council-2025"),
    ("саммит душанбе", "central-asia-russia-2025"),
    ("душанбе саммиті", "central-asia-russia-2025"),
    ("48.1, 67.2", "48.1 67.2"),
    ("48,1° с. ш., 67,2° в. д.", "48.1 67.2"),
    ("48,1° с. е., 67,2° ш. б.", "48.1 67.2"),
    ("67.2 48.1", "48.1 67.2"),
    ("Е 40", "E40"),
    ("KAZ 03", "KAZ03"),
    ("каз-03", "KAZ03"),
]
"""What a reader means by it."""


@pytest.mark.node
@pytest.mark.parametrize("wanted", [FIRST, FORGIVEN], ids=["to the letter", "forgiven"])
def test_first_hit(pages, peek, wanted):
    hits = peek(pages["ru"], f"return {json.dumps([text for text, _ in wanted])}.map({KEYS});")
    assert [(text, found[:1]) for (text, _), found in zip(wanted, hits, strict=True)] == [(text, [first]) for text, first in wanted]


@pytest.mark.node
def test_nothing_to_find(pages, peek):
    texts = ["", "   ", "zzzz", "№", "km 5", "<img src=x onerror=alert(1)>", "[", "(.*)+$", "\\", "__proto__", "a" * 5000]
    assert peek(pages["ru"], f"return {json.dumps(texts)}.map({KEYS});") == [[]] * len(texts)


@pytest.mark.node
def test_folding_is_the_librarys(pages, peek, atlas):
    names = set()
    for record in atlas.layers:
        frame = atlas.layer(record.id)
        for column in [column for column in frame.columns if column.startswith("name")]:
            names |= set(frame[column].dropna())
    names |= {"Семей – Ақтөбе’s  Ёлка", "Īstanbūl", "  x - y  "}
    assert peek(pages["ru"], f"return {json.dumps(sorted(names))}.map(find.fold);") == [fold(name) for name in sorted(names)]


@pytest.mark.node
def test_every_feature_is_found_by_each_of_its_names(pages, peek):
    lost = peek(
        pages["ru"],
        """return [...atlas.byId.values()].flatMap((feature) =>
          [...atlas.data.languages.map((code) => feature.properties[`name_${code}`]), feature.id].filter(Boolean)
            .filter((name) => !find.find(name).some((hit) => hit.feature === feature)).map((name) => `${feature.id}: ${name}`));""",
    )
    assert lost == []


@pytest.mark.node
def test_geodesics_are_projs(pages, peek):
    geod, chance = Geod(ellps="WGS84"), random.Random(1)  # noqa: S311  no secret
    pairs = [
        [[chance.uniform(-80, 80), chance.uniform(-180, 180)], [chance.uniform(-80, 80), chance.uniform(-180, 180)]] for _ in range(2000)
    ]
    pairs += [[[lat, lon], [lat + chance.gauss(0, 0.01), lon + chance.gauss(0, 0.01)]] for (lat, lon), _ in pairs]
    pairs += [[[0, 10], [0, 50]], [[10, 179.9], [10, -179.9]], [[48, 68], [48, 68]], [[48, 68], [49, 68]]]
    pairs.append([[0, 0], [0.1, 179.9]])
    found = peek(
        pages["ru"],
        f"return {json.dumps(pairs)}.map(([from, to]) => chainage.inverse({{lat: from[0], lng: from[1]}}, {{lat: to[0], lng: to[1]}}));",
    )
    for (start, end), hit in zip(pairs, found, strict=True):
        metres = geod.inv(start[1], start[0], end[1], end[0])[2]
        # At nearly opposite ends of the earth Vincenty's series does not settle.
        assert hit == (pytest.approx(metres, rel=0.006) if metres > 19_800_000 else pytest.approx(metres, rel=1e-9, abs=1e-5))


@pytest.mark.node
def test_the_length_of_a_way_is_that_of_its_links(pages, peek, atlas):
    drawn = peek(
        pages["ru"],
        "return Object.fromEntries(atlas.itineraries().filter(({ shape }) => shape).map((feature) => [feature.id, chainage.waysOf(feature.shape)[0].km]));",
    )
    assert set(drawn) == {name for name, itinerary in atlas.itineraries.items() if itinerary.ways}
    for name, km in drawn.items():
        measured = sum(lengths_km(atlas.links.loc[[step.id for step in atlas.route(name)[0]]].geometry.to_numpy()))
        # Each link's length is told to a metre.
        assert km == pytest.approx(measured, abs=0.0005 * len(atlas.route(name)[0]) + 1e-6), name


def test_chainage_leads_to_the_place(opened, atlas):
    page = opened.page
    links = atlas.links
    route = atlas.route("rail-1-northern")[0]
    ends = {"dostyk": None, "mointy": None}
    run = 0.0
    for step in route:
        run += float(lengths_km([links.geometry[step.id]])[0])
        node = links["to" if step.forward else "from"][step.id]
        if node in ends:
            ends[node] = run
    page.locator("#cm-search").fill(f"rail 1 km {ends['mointy']:.3f}")
    page.keyboard.press("Enter")
    lat, lon = map(float, re.search(r"(\d\d\.\d{5}), (\d\d\.\d{5})", page.locator(".cm-card").inner_text()).groups())
    node = atlas.nodes.geometry["mointy"]
    assert Geod(ellps="WGS84").inv(lon, lat, node.x, node.y)[2] < 300
    assert "Мойынты" in page.locator(".cm-card").inner_text()


def test_by_keyboard_alone(opened):
    page = opened.page
    page.locator("#cm-search").focus()
    page.keyboard.type("уральск")
    field = page.locator("#cm-search")
    assert field.get_attribute("aria-expanded") == "true"
    assert page.locator(".cm-search-status").inner_text().startswith("Найдено")
    assert field.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "cm-hit-1"
    assert page.locator("#cm-hit-1").get_attribute("aria-selected") == "true"
    assert page.locator('[role="option"][aria-selected="true"]').count() == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") == f"cm-hit-{page.locator('#cm-hits li').count() - 1}"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator(".cm-card h2").inner_text() == "Уральск"
    assert page.evaluate("document.activeElement.classList.contains('cm-side')")
    page.keyboard.press("Escape")
    page.locator(".cm-side").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "cm-search"
    # First the list folds, then the words go.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "уральск"
    page.keyboard.press("Escape")
    assert field.input_value() == ""


def test_a_place_by_chainage_is_said_to_be_the_atlass_own(opened, atlas):
    page = opened.page
    page.locator("#cm-search").fill("1 км 836")
    page.keyboard.press("Enter")
    text = page.locator(".cm-card").inner_text()
    assert "км 836" in text
    assert "это не официальный пикетаж" in text
    assert "Балхаш" in text
    assert "Мойынты" in text
    assert page.locator(".cm-pin").count() == 1
    page.locator("#cm-language").select_option("kk")
    assert "ресми километр бағандары емес" in page.locator(".cm-card").last.inner_text()
    page.locator(".cm-search-clear").click()
    assert page.locator(".cm-pin").count() == 0


@pytest.mark.parametrize(("lang", "typed"), [("en", "48.1, 67.2"), ("ru", "48,1° с. ш., 67,2° в. д."), ("kk", "48,1° с. е., 67,2° ш. б.")])
def test_a_position_is_pinned_where_nothing_covers_it(pages, visit, atlas, size, lang, typed):
    with visit(pages[lang], **size) as seen:
        page = seen.page
        page.evaluate("(async () => document.querySelector('#cm-search').offsetParent ?? document.querySelector('.cm-toggle').click())()")
        page.locator("#cm-search").fill(typed)
        page.keyboard.press("Enter")
        card = page.locator(".cm-card")
        assert card.locator("h2").inner_text() == "48.10000, 67.20000"
        assert card.locator(".cm-chip").count() == 3
        # The atlas's own measure of the nearest itinerary, of whichever layer.
        layers = [atlas.layer(layer.id).geometry.dropna() for layer in atlas.layers if layer.build == "itineraries"]
        lines = gpd.GeoSeries(pd.concat(layers), crs=4326).to_crs(atlas.record.planar_crs)
        metres = lines.distance(gpd.GeoSeries.from_xy([67.2], [48.1], crs=4326).to_crs(atlas.record.planar_crs)[0]).min()
        told = float(re.search(r"([\d.,]+)\s(?:km away|км)$", card.locator(".cm-chip").first.inner_text())[1].replace(",", "."))
        assert told == pytest.approx(metres / 1000, rel=0.01)
        on_top = "(pin) => { const { left, top } = pin.getBoundingClientRect(); return pin.contains(document.elementFromPoint(left + 22, top + 20)); }"
        assert page.locator(".cm-pin").evaluate(on_top)
        seen.clean()


def test_a_road_by_its_number(opened):
    page = opened.page
    page.locator("#cm-search").fill("КАЗ01")
    page.keyboard.press("Enter")
    card = page.locator(".cm-card")
    assert "KAZ01" in card.inner_text()
    assert page.locator(".cm-raised").count() == 1
    card.locator(".cm-chip").first.click()
    assert page.locator(".cm-card h2").last.inner_text().startswith("8")


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_what_is_announced(pages, visit, atlas, lang):
    words = catalogues.page([lang], columns=[])
    with visit(pages[lang]) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.locator("#cm-search").fill("zzzz")
        assert page.locator(".cm-search-status").inner_text() == words["search_none"][lang]
        page.locator("#cm-search").fill("Kyzylorda")
        assert page.locator("#cm-hits li").count() > 1
        assert page.locator(".cm-search-status").inner_text()
        seen.clean()
