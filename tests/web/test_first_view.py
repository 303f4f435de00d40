"""What a reader sees before touching anything, measured on the picture: colours, numbers, the room used."""

from __future__ import annotations

import io

import numpy as np
import pytest

pytestmark = pytest.mark.browser


def picture(page):
    image = pytest.importorskip("PIL.Image")
    return np.asarray(image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(float)


def colours_of(atlas):
    values = atlas.layer_record("corridors").style.values
    return {name: np.array([int(symbol.colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float) for name, symbol in values.items()}


def test_corridors_show_their_own_colour(pages, visit, atlas, size, ways_of):
    """At three of four places, a pixel of the line's own three is nearer to its colour than to any other's, and near to it."""
    colours = colours_of(atlas)
    with visit(pages["ru"], **size) as seen:
        ways, drawn = ways_of(seen.page), picture(seen.page)
        seen.clean()
    own = {}
    for name, places in ways.items():
        x, y = np.round(np.array(places) - 0.5).astype(int).T
        around = np.stack([drawn[y + dy, x + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
        away = {other: np.linalg.norm(around - colour, axis=2) for other, colour in colours.items()}
        least = np.min([far for other, far in away.items() if other != name], axis=0)
        own[name] = float(np.mean(((away[name] < least) & (away[name] < 60)).any(axis=0)))
    assert len(own) == 11
    assert {name: share for name, share in own.items() if share < 0.75} == {}


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (680, 480), (390, 844), (844, 390), (320, 568), (320, 480)])
@pytest.mark.parametrize("query", ["", "?embed=1"])
def test_every_corridor_has_its_number(pages, visit, width, height, query):
    with visit(pages["ru"], width=width, height=height) as seen:
        seen.page.goto(pages["ru"].as_uri() + query)
        seen.page.evaluate("corridormap.ready.then(() => true)")
        shields = seen.page.evaluate(
            """() => [...document.querySelectorAll(".leaflet-cm-label-pane .cm-shield")].filter((shield) => {
              const { left, top, width, height } = shield.getBoundingClientRect();
              return document.elementFromPoint(left + width / 2, top + height / 2) === shield;
            }).map(({ dataset }) => Number(dataset.number))"""
        )
        assert set(shields) == set(range(1, 12))


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_the_phone_map_is_used(pages, visit, lang):
    """The country and its corridors take at least 45 % of the height of the map."""
    with visit(pages[lang], width=390, height=844) as seen:
        drawn, room = seen.page.evaluate(
            """() => {
              const boxes = [...document.querySelectorAll('.cm-country, .cm-line[data-layer="corridors"]')].map((path) => path.getBoundingClientRect());
              const map = corridormap.map.getContainer().getBoundingClientRect();
              const [top, bottom] = [Math.max(map.top, Math.min(...boxes.map((box) => box.top))), Math.min(map.bottom, Math.max(...boxes.map((box) => box.bottom)))];
              return [bottom - top, map.height];
            }"""
        )
        assert drawn / room >= 0.45


ENDS = """() => {
  const covered = [];
  for (const path of document.querySelectorAll('.cm-line[data-layer="corridors"]')) {
    const at = path.getScreenCTM();
    for (const run of [0, path.getTotalLength()]) {
      const { x, y } = path.getPointAtLength(run).matrixTransform(at);
      const top = document.elementFromPoint(x, y);
      if (!top || !corridormap.map.getContainer().contains(top) || top.closest(".leaflet-control")) covered.push([path.dataset.feature, x, y]);
    }
  }
  return covered;
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (680, 480), (390, 844), (320, 568)])
@pytest.mark.parametrize("query", ["", "?embed=1"])
def test_nothing_covers_the_end_of_a_corridor(pages, visit, width, height, query):
    with visit(pages["kk"], width=width, height=height) as seen:
        seen.page.goto(pages["kk"].as_uri() + query)
        seen.page.evaluate("corridormap.ready.then(() => true)")
        assert seen.page.evaluate(ENDS) == []


@pytest.mark.parametrize("layer", ["north_south", "we_wc_segment", "corridors"])
def test_the_view_fits_the_layers_asked_for(pages, visit, layer, size):
    with visit(pages["en"], **size) as seen:
        seen.page.goto(f"{pages['en'].as_uri()}?layers={layer}")
        seen.page.evaluate("corridormap.ready.then(() => true)")
        inside, share = seen.page.evaluate(
            """(layer) => {
              const map = corridormap.map.getContainer().getBoundingClientRect();
              const boxes = [...document.querySelectorAll(`.cm-line[data-layer="${layer}"]`)].map((path) => path.getBoundingClientRect());
              const box = { left: Math.min(...boxes.map((one) => one.left)), right: Math.max(...boxes.map((one) => one.right)),
                top: Math.min(...boxes.map((one) => one.top)), bottom: Math.max(...boxes.map((one) => one.bottom)) };
              return [box.left >= map.left && box.right <= map.right && box.top >= map.top && box.bottom <= map.bottom,
                Math.max((box.right - box.left) / map.width, (box.bottom - box.top) / map.height)];
            }""",
            layer,
        )
        assert inside
        assert share > 0.75


LARGEST = {"en": ["Almaty", "Astana", "Shymkent", "Aktobe", "Karaganda"], "ru": ["Алматы", "Астана", "Шымкент", "Актобе", "Караганда"]}
NAMES = '() => [...document.querySelectorAll(".cm-label-town")].map((name) => name.textContent)'


@pytest.mark.parametrize(("lang", "query"), [("en", "?layers=corridors"), ("ru", "")])
def test_the_first_view_names_the_largest_towns(pages, visit, size, lang, query):
    with visit(pages[lang], **size) as seen:
        seen.page.goto(pages[lang].as_uri() + query)
        seen.page.evaluate("corridormap.ready.then(() => true)")
        names = seen.page.evaluate(NAMES)
        assert names[:5] == LARGEST[lang]
        assert len(names) >= (5 if size["width"] < 500 else 20)
        assert len(set(names)) == len(names)


def test_close_up_most_towns_are_named_and_none_twice(pages, visit):
    with visit(pages["en"]) as seen:
        for query in ("?layers=corridors", "?layers=corridors,places"):
            seen.page.goto(f"{pages['en'].as_uri()}{query}")
            seen.page.evaluate("corridormap.ready.then(() => true)")
            seen.page.evaluate("void corridormap.map.setView([49.8, 73.1], 8, { animate: false })")
            seen.page.locator(".cm-label", has_text="Temirtau").wait_for()
            labels = seen.page.evaluate('() => [...document.querySelectorAll(".cm-label")].map((name) => name.textContent)')
            assert labels.count("Karaganda") == 1
            assert {"Shakhtinsk", "Abay"} <= set(labels)
        assert seen.page.evaluate('() => document.querySelectorAll(".cm-town[tabindex], .cm-label-town[tabindex]").length') == 0


def test_what_no_corridor_uses_is_a_quiet_line_close_up_only(pages, visit, atlas):
    """Nor any other itinerary that is shown at first: a railway of a route that is not shown stays in sight."""
    used = {
        link for link, names in atlas.itineraries_of_links().items() if any(atlas.itineraries[name].layer == "corridors" for name in names)
    }
    assert "rail:zhezkazgan-terbenbes" not in used
    quiet = [mode for link, mode in atlas.links["mode"].items() if link not in used and mode in {"rail", "road"}]
    shown = "[...document.querySelectorAll('path.cm-way')].map((path) => getComputedStyle(path).display)"
    with visit(pages["en"]) as seen:
        assert seen.page.evaluate(shown) == ["none"] * len(quiet)
        seen.page.evaluate("void corridormap.map.setView([49, 72], 7, {animate: false})")
        assert seen.page.evaluate(shown) == ["inline"] * len(quiet)
        seen.clean()
