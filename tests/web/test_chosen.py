"""One corridor at a time: chosen by click, tap or key, on a card that leaves the map where it is."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

VIEW = "JSON.stringify([corridormap.map.getCenter(), corridormap.map.getZoom(), corridormap.map.getContainer().getBoundingClientRect()])"
NAMED = """() => { const side = document.querySelector(".cm-side"); if (!side) return [];
  return [...side.querySelectorAll("h2 .cm-shield, .cm-card > .cm-chips .cm-shield")].map(({ dataset }) => dataset.feature); }"""
MOST = 16
TIMED = """() => {
  window.took = new Promise((done) => document.addEventListener("pointerdown", ({ timeStamp }) => new MutationObserver((_, observer) => {
    if (!document.querySelector(".cm-side")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - timeStamp)));
  }).observe(document.body, { childList: true, subtree: true }), { once: true, capture: true }));
}"""
"""How long it takes from the press of the pointer to the painted card, in milliseconds."""


def test_a_corridor_is_reached_along_its_way(pages, visit, size, ways_of):
    """At four of five places on its visible way a click or tap chooses the corridor or names it among those that run there."""
    touch = size["width"] < 640
    with visit(pages["en"], **size, has_touch=touch) as seen:
        page = seen.page
        # Taps of a machine follow each other so fast that two are one to zoom.
        page.evaluate("void corridormap.map.doubleClickZoom.disable()")
        before = page.evaluate(VIEW)
        shares = {}
        for corridor, places in ways_of(page).items():
            some = places[:: max(1, len(places) // MOST)]
            hits = 0
            for x, y in some:
                (page.touchscreen.tap if touch else page.mouse.click)(x, y)
                hits += corridor in page.evaluate(NAMED)
                page.keyboard.press("Escape")
                assert page.locator(".cm-side").count() == 0
            shares[corridor] = hits / len(some)
        assert page.evaluate(VIEW) == before
        seen.clean()
    assert len(shares) == 11
    assert {corridor: share for corridor, share in shares.items() if share < 0.8} == {}


@pytest.mark.parametrize("query", ["", "?embed=1"])
def test_the_keyboard_passes_the_map_in_one_step(pages, visit, query):
    with visit(pages["ru"], width=680, height=480) as seen:
        page = seen.page
        page.goto(pages["ru"].as_uri() + query)
        page.evaluate("corridormap.ready.then(() => true)")
        stops = []
        for _ in range(300):
            page.keyboard.press("Tab")
            stops.append(
                page.evaluate(
                    "(() => { const at = document.activeElement; return at === document.body ? '' : at.className || at.id || at.tagName; })()"
                )
            )
        seen.clean()
        around = stops[: stops.index("", 1)] if "" in stops[1:] else stops
        assert sum("cm-map" in stop for stop in around) == 1
        assert not [stop for stop in stops if "cm-marker" in stop or "cm-shield" in stop]
        assert page.locator("path[tabindex]").count() == 0
        if query:
            assert len(around) <= 8, around


def test_the_keyboard_goes_from_corridor_to_corridor_and_back(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        number = "Number(document.activeElement.dataset.number)"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "cm-skip"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement === corridormap.map.getContainer()")
        view = page.evaluate(VIEW)
        page.keyboard.press("Enter")
        assert page.evaluate(number) == 1
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowLeft")
        # Some have more than one number on the map.
        assert page.evaluate(number) in {1, 2}
        while page.evaluate(number) != 4:
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.className") == "cm-side"
        assert page.evaluate("corridormap.state().feature") == "rail-4-north-south"
        page.keyboard.press("Escape")
        assert page.locator(".cm-side").count() == 0
        assert page.evaluate(number) == 4
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement === corridormap.map.getContainer()")
        assert page.evaluate(VIEW) == view
        seen.clean()


def test_a_chosen_corridor_stays_until_it_is_left(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        faded = "[...new Set([...document.querySelectorAll('.cm-line.cm-faded')].map((path) => path.dataset.number))].length"
        page.locator("#cm-legend-corridors .cm-row").first.click()
        page.mouse.move(700, 700)
        assert page.evaluate(faded) == 10
        page.locator("#cm-legend-corridors .cm-row").nth(4).click()
        page.mouse.move(700, 700)
        assert page.locator(".cm-line.cm-faded[data-number='5']").count() == 0
        assert page.locator(".cm-side .cm-shared .cm-shield").count() >= 4
        page.locator(".cm-side-close").click()
        assert page.evaluate(faded) == 0
        seen.clean()


def test_a_number_opens_its_own_corridor(pages, visit):
    """And nothing but its card, once: a number says which corridor is meant, whatever runs beside it."""
    with visit(pages["en"]) as seen:
        page = seen.page
        page.evaluate(
            "() => { window.cards = 0; new MutationObserver((records) => { for (const { addedNodes } of records)"
            " cards += [...addedNodes].filter((node) => node.className === 'cm-side').length; })"
            ".observe(document.body, { childList: true, subtree: true }); }"
        )
        numbers = page.evaluate(
            "[...document.querySelectorAll('.leaflet-cm-label-pane .cm-shield')].map((shield) => {"
            " const { left, top, width, height } = shield.getBoundingClientRect();"
            " return [shield.dataset.feature, left + width / 2, top + height / 2]; })"
        )
        assert len({corridor for corridor, *_ in numbers}) == 11
        for place, (corridor, x, y) in enumerate(numbers):
            page.mouse.click(x, y)
            assert (corridor, page.evaluate("corridormap.state().feature")) == (corridor, corridor)
            assert page.evaluate("cards") == place + 1
            page.keyboard.press("Escape")
        seen.clean()


@pytest.mark.timed
def test_a_card_is_there_at_once(pages, visit):
    """Painted within 100 ms of the press, and 250 ms on a processor a quarter as fast: the median of five."""
    with visit(pages["en"]) as seen:
        page = seen.page
        place = page.evaluate(
            "(() => { const { left, top, width, height } = document.querySelector('.leaflet-cm-label-pane .cm-shield').getBoundingClientRect();"
            " return [left + width / 2, top + height / 2]; })()"
        )
        session = page.context.new_cdp_session(page)
        for rate, most in [(1, 100), (4, 250)]:
            session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
            times = []
            for _ in range(5):
                page.evaluate(TIMED)
                page.mouse.click(*place)
                times.append(page.evaluate("window.took"))
                page.keyboard.press("Escape")
            assert sorted(times)[2] < most
