"""One corridor at a time: chosen by click, tap or key, on a card that leaves the map where it is."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

VIEW = "JSON.stringify([corridormap.map.getCenter(), corridormap.map.getZoom(), corridormap.map.getContainer().getBoundingClientRect()])"
NAMED = """() => { const side = document.querySelector(".cm-side"); if (!side) return [];
  return [...side.querySelectorAll("h2 .cm-shield, .cm-card > .cm-chips .cm-shield")].map(({ dataset }) => dataset.feature); }"""
MOST = 16


def test_a_corridor_is_reached_along_its_way(pages, visit, size, ways_of):
    """At four of five places on its visible way a click or tap chooses the corridor or names it among those that run there."""
    touch = size["width"] < 640
    with visit(pages["en"], **size, has_touch=touch) as seen:
        page = seen.page
        # Taps of a machine follow each other so fast that two are one to zoom.
        page.evaluate("corridormap.map.doubleClickZoom.disable()")
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
