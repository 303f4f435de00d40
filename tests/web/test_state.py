"""The address: view, layers, chosen feature and language live in the hash; options come as a query; nonsense does nothing."""

from __future__ import annotations

from urllib.parse import quote

import pytest

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
STATE = "corridormap.state()"


@pytest.fixture
def at(pages, visit):
    """Open the English page with a query or a hash behind its address."""

    class Address:
        def __init__(self, path, rest):
            self.text = path.as_uri() + rest

        def as_uri(self):
            return self.text

    return lambda rest, lang="en", **options: visit(Address(pages[lang], rest), reduced_motion="reduce", **options)


def view(page):
    return [float(part) for part in page.evaluate(STATE)["map"].split("/")]


def test_an_untouched_address_stays(at):
    with at("") as seen:
        seen.page.wait_for_function(READY)
        seen.page.wait_for_timeout(600)
        assert "#" not in seen.page.url
        seen.clean()


def test_what_a_reader_does_is_in_the_address_and_comes_back(at, until):
    with at("") as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.locator("#cm-layer-venues").uncheck()
        page.locator("#cm-layer-north_south").check()
        page.locator("#cm-language").select_option("kk")
        page.evaluate("corridormap.goTo('mointy')")
        until(page, "location.hash.includes('feature=mointy') && location.hash.includes('lang=kk')")
        page.wait_for_timeout(600)
        address, state = page.url, page.evaluate(STATE)
        seen.clean()
    with at(address[address.index("#") :]) as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.evaluate(STATE) == state
        assert page.evaluate("document.documentElement.lang") == "kk"
        assert page.locator(".cm-card h2").inner_text() == "Мойынты"
        assert not page.locator("#cm-layer-venues").is_checked()
        assert page.locator("#cm-layer-north_south").is_checked()
        # Nobody asked for the focus to be at the language switch.
        assert page.evaluate("document.activeElement.id") != "cm-language"
        seen.clean()


def test_a_corridor_opens_within_the_view_that_was_asked_for(at):
    with at("#map=7.5/50.3/57.2&feature=rail-3-central") as seen:
        seen.page.wait_for_function(READY)
        assert seen.page.locator(".cm-card h2").is_visible()
        zoom, lat, lon = view(seen.page)
        assert zoom == 7.5
        assert abs(lat - 50.3) < 2
        assert abs(lon - 57.2) < 2
        seen.clean()


def test_a_place_by_chainage_comes_back(at):
    with at("#km=KAZ01:400") as seen:
        seen.page.wait_for_function(READY)
        assert "KAZ01" in seen.page.locator(".cm-card h2").inner_text()
        assert seen.page.evaluate(STATE)["km"] == "KAZ01:400"
        seen.clean()


def test_following_a_link_within_the_page(at, until):
    with at("") as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.locator("#cm-search").focus()
        page.evaluate("location.hash = '#map=6/50/70&layers=border&lang=ru'")
        until(page, "document.documentElement.lang === 'ru'")
        assert view(page) == [6, 50, 70]
        assert page.evaluate(STATE)["layers"] == "border"
        page.evaluate("location.hash = '#layers=none'")
        until(page, "corridormap.state().layers === 'none'")
        assert view(page) == [6, 50, 70]
        seen.clean()


def test_options_in_the_query(at):
    with at("?embed=1&lang=kk&layers=corridors,border&panel=0&map=5.5/48/66&legend=1&scroll=0") as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.evaluate("document.documentElement.lang") == "kk"
        assert view(page) == [5.5, 48, 66]
        assert page.locator(".cm-toggle").first.get_attribute("aria-expanded") == "false"
        assert page.locator(".cm-strip .cm-key-item").count() == 12
        assert not page.evaluate("corridormap.map.scrollWheelZoom.enabled()")
        seen.clean()


HOSTILE = '"><img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script>'


@pytest.mark.parametrize(
    "rest",
    [
        "#" + HOSTILE,
        "#%E0%A4%A&map=%",
        "#map=99/48/67",
        "#map=NaN/Infinity/0x10",
        "#map=5/-48/-67",
        "#map=5/48",
        f"#feature={quote(HOSTILE)}&layers={quote(HOSTILE)}&lang={quote(HOSTILE)}&km={quote(HOSTILE)}",
        "#feature=__proto__&layers=__proto__,constructor,toString&lang=__proto__&km=__proto__:5",
        "#km=KAZ01:99999&lang=xx&layers=nothing",
        "#km=" + "9" * 5000,
        "?embed=2&panel=yes&scroll=javascript:alert(1)&legend=" + "x" * 3000,
        "?layers=,,,&map=//&__proto__[x]=1",
    ],
)
def test_nonsense_does_nothing(at, rest):
    with at("") as seen:
        seen.page.wait_for_function(READY)
        usual = seen.page.evaluate(STATE)
    with at(rest) as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.evaluate(STATE) == usual
        page.evaluate("(rest) => { location.hash = rest.replace(/^[?]/, '#'); }", rest)
        page.wait_for_timeout(50)
        assert page.evaluate(STATE) == usual
        assert page.evaluate("window.__pwned") is None
        assert page.locator(".cm-side").count() == 0
        seen.clean()
