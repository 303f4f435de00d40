"""Light and dark, and the standard views as pictures for whoever reads the build's artefacts."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
PICTURES = Path(__file__).parents[2] / "output" / "screenshots"
DARK = "document.documentElement.classList.contains('cm-dark')"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
# The least contrast of every line's colour with the ground by night.
LINES = """() => {
  const channel = (part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (colour) => colour.match(/\\d+/g).slice(0, 3).map(Number);
  const ground = luminance(parts(getComputedStyle(document.querySelector(".cm-country")).fill));
  return Math.min(...[...document.querySelectorAll("path[data-layer=corridors][data-part=line]")].map((line) => {
    const own = luminance(parts(getComputedStyle(line).stroke));
    return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05); }));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_device(pages, visit, scheme):
    with visit(pages["en"], color_scheme=scheme) as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.evaluate(DARK) is (scheme == "dark")
        assert page.evaluate("getComputedStyle(document.querySelector('.cm-panel')).backgroundColor") == (
            "rgb(22, 27, 31)" if scheme == "dark" else "rgb(255, 255, 255)"
        )
        assert page.evaluate(LINES) >= 3
        page.emulate_media(color_scheme="light" if scheme == "dark" else "dark")
        page.locator("html.cm-dark").wait_for(state="attached" if scheme == "light" else "detached")
        seen.clean()


def test_the_switch_holds_and_keeps_the_focus(pages, visit):
    with visit(pages["ru"], color_scheme="light") as seen:
        page = seen.page
        page.wait_for_function(READY)
        light = page.locator("path[data-layer=corridors][data-part=line]").first.get_attribute("stroke")
        page.locator("#cm-theme").focus()
        page.locator("#cm-theme").select_option("dark")
        assert page.evaluate(DARK)
        assert page.evaluate("document.activeElement.id") == "cm-theme"
        assert page.locator("path[data-layer=corridors][data-part=line]").first.get_attribute("stroke") != light
        page.reload()
        page.wait_for_function(READY)
        assert page.evaluate(DARK)
        assert page.locator("#cm-theme").input_value() == "dark"
        page.locator("#cm-theme").select_option("light")
        assert not page.evaluate(DARK)
        assert page.locator("path[data-layer=corridors][data-part=line]").first.get_attribute("stroke") == light
        seen.clean()


def test_a_sandboxed_frame_may_be_dark(pages, visit, tmp_path):
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<!DOCTYPE html><html lang="en"><title>x</title><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" '
        f'src="{pages["en"].as_uri()}" width="1000" height="500"></iframe></html>',
        encoding="utf-8",
    )
    with visit(frame) as seen:
        inner = seen.page.frame_locator("iframe")
        inner.locator("#cm-theme").select_option("dark")
        assert inner.locator("html.cm-dark").count() == 1
        seen.clean()


def test_paper_and_pictures_are_by_day(pages, visit):
    with visit(pages["en"], color_scheme="dark") as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.evaluate(DARK)
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert page.locator(".cm-print-map svg svg > rect").first.get_attribute("fill") == "rgb(236, 233, 226)"
        assert not page.evaluate(DARK)
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(DARK)
        seen.clean()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_standard_views(pages, visit, lang, size, scheme):
    width, height = SIZES[size]
    PICTURES.mkdir(parents=True, exist_ok=True)
    with visit(pages[lang], width=width, height=height, color_scheme=scheme, has_touch=size == "phone") as seen:
        page = seen.page
        page.wait_for_function(READY)
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
        assert len(ids) == len(set(ids))
        page.screenshot(path=PICTURES / f"{lang}-{size}-{scheme}.png")
        page.evaluate("corridormap.goTo('rail-3-central')")
        page.screenshot(path=PICTURES / f"{lang}-{size}-{scheme}-popup.png")
        seen.clean()
