"""The map inside an article: its size, its looks, what it tells the page around, and how it is printed there."""

from __future__ import annotations

import pytest

from corridormap.web.embed import snippet

pytestmark = pytest.mark.browser

HOST = """<script>addEventListener("message", ({ data, source }) => {
  const frame = document.querySelector("iframe");
  if (data?.type === "corridormap:height" && source === frame.contentWindow) { frame.height = data.height; (window.told ??= []).push(data.height); }
});</script>"""
BOX = "(part) => { const { left, top, right, bottom } = document.querySelector(part).getBoundingClientRect(); return [left, top, right, bottom]; }"


@pytest.fixture
def article(atlas, pages):
    """Write an article with a frame: ``article(lang="ru", before="<p>…")``."""

    def write(*, lang="ru", before="", after="", **options):
        path = pages[lang].parent / "article.html"
        code = snippet(atlas, src=f"{lang}.html", lang=lang, **options)
        head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">'
        path.write_text(f'{head}<body style="margin:0">{before}{code}{after}', encoding="utf-8")
        return path

    return write


def inner(page):
    frame = page.frames[1]
    frame.evaluate("corridormap.ready.then(() => true)")
    return frame


@pytest.mark.parametrize(("width", "height"), [(1280, 560), (680, 480), (390, 560), (320, 480)])
def test_title_key_and_sources_stand_beside_the_map(article, visit, width, height):
    with visit(article(height=height), width=width, height=900) as seen:
        frame = inner(seen.page)
        head, stage, below = (frame.evaluate(BOX, part) for part in (".cm-panel", ".cm-map", ".cm-below"))
        assert (head[0], head[1], head[2]) == (0, 0, width)
        assert head[3] <= stage[1]
        assert stage[3] <= below[1]
        assert below[3] <= height
        assert frame.evaluate("document.scrollingElement.scrollWidth") <= width
        assert frame.locator(".cm-panel h1").inner_text() == "Транспортные коридоры Казахстана"
        assert [int(text) for text in frame.locator(".cm-strip .cm-shield").all_inner_texts()] == list(range(1, 12))
        assert "OpenStreetMap" in frame.locator(".cm-foot").inner_text()
        # Nothing but the map's own scale and buttons stands on it.
        assert frame.locator(".cm-map .leaflet-control:visible").count() == 2
        frame.locator(".cm-strip button").nth(7).click()
        assert frame.evaluate("corridormap.state().feature").startswith("road-8")
        seen.clean()


def test_in_a_tab_that_opens_later_the_map_fits_as_ever(article, visit):
    with visit(article(), width=680, height=700) as seen:
        wanted = inner(seen.page).evaluate("corridormap.state().map")
    opened = "<button onclick=\"document.querySelector('div').hidden = false\">open</button><div hidden>"
    with visit(article(before=opened, after="</div>"), width=680, height=700) as seen:
        page = seen.page
        page.wait_for_timeout(1500)
        frame = page.frames[1]
        frame.wait_for_load_state()
        assert frame.locator(".cm-map path").count() == 0
        page.get_by_role("button").click()
        assert inner(page).evaluate("corridormap.state().map") == wanted
        assert frame.locator(".cm-map path.cm-line").count() > 11
        seen.clean()


def test_the_height_is_told_to_the_page_around(article, visit):
    for width, least, most in ((900, 560, 800), (390, 360, 560)):
        with visit(article(before=HOST, height=300), width=width, height=900) as seen:
            page = seen.page
            frame = inner(page)
            page.wait_for_timeout(500)
            told = page.evaluate("window.told")
            assert len(told) == 1
            assert least < told[0] < most
            # At that height the map has the shape of the country.
            west, _, east, _ = frame.evaluate(
                "(() => { const b = corridormap.map.getBounds(); return [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()]; })()"
            )
            assert west < 46.5
            assert east > 87.3
            page.set_viewport_size({"width": width - 60, "height": 900})
            page.wait_for_timeout(500)
            assert page.evaluate("window.told").pop() < told[0] or width < 600
            seen.clean()


@pytest.mark.parametrize(("theme", "dark"), [(None, False), ("light", False), ("auto", True), ("dark", True)])
def test_a_dark_device_makes_a_dark_map_only_if_asked(article, visit, theme, dark):
    with visit(article(theme=theme), color_scheme="dark") as seen:
        frame = inner(seen.page)
        assert frame.locator("html.cm-dark").count() == dark
        light = frame.evaluate("getComputedStyle(document.querySelector('.cm-below')).backgroundColor") == "rgb(255, 255, 255)"
        assert light != dark
        seen.clean()


def test_a_title_of_ones_own_is_text(article, visit):
    hostile = "<img src=x onerror=alert(1)> & 'own'"
    with visit(article(title=hostile)) as seen:
        frame = inner(seen.page)
        assert frame.locator(".cm-panel h1").inner_text() == hostile
        assert frame.evaluate("document.title") == hostile
        assert frame.locator(".cm-panel h1 img").count() == 0
        seen.clean()


def test_full_screen(article, visit):
    with visit(article()) as seen:
        frame = inner(seen.page)
        button = frame.locator(".cm-foot button")
        assert button.inner_text() == "Во весь экран"
        button.click()
        frame.locator(".cm-foot button", has_text="Выйти").wait_for()
        assert frame.evaluate("document.fullscreenElement === document.documentElement")
        button.click()
        frame.locator(".cm-foot button", has_text="Во весь экран").wait_for()
        seen.clean()


@pytest.mark.parametrize(("width", "height"), [(1280, 560), (680, 480), (390, 560)])
def test_printed_inside_an_article_the_sheet_is_whole(article, visit, width, height):
    with visit(article(height=height), width=width, height=900) as seen:
        frame = inner(seen.page)
        frame.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        seen.page.emulate_media(media="print")
        for part in (".cm-print", ".cm-print-map", ".cm-print-legend li:last-child", ".cm-print-foot"):
            left, top, right, bottom = frame.evaluate(BOX, part)
            assert left >= 0
            assert top >= 0
            assert right <= width
            assert bottom <= height, part
        assert frame.locator(".cm-print-legend").inner_text().count("–") > 6
        assert frame.locator(".cm-app").is_hidden()
        seen.clean()
