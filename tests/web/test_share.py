"""The share dialogue and embed mode: what the dialogue gives works, and is what `corridormap embed` prints."""

from __future__ import annotations

import re

import pytest

import corridormap as cm
from corridormap.web.embed import SANDBOX

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"


def article(folder, frame, name="article.html"):
    path = folder / name
    path.write_text(
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,"><p>Above</p>{frame}<p>Below</p></html>',
        encoding="utf-8",
    )
    return path


def printed(run, *arguments):
    result = run("embed", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


@pytest.fixture
def dialogue(pages, visit):
    with visit(pages["en"], reduced_motion="reduce") as seen:
        seen.page.wait_for_function(READY)
        seen.page.locator("#cm-tool-share").click()
        yield seen
        seen.clean()


def code(page):
    return page.locator("#cm-share-code").input_value()


def test_the_dialogue_gives_what_the_command_prints(dialogue, run):
    page = dialogue.page
    assert code(page) == printed(run, "--src", "en.html", "--lang", "en")
    page.locator("#cm-share-lang").select_option("kk")
    page.locator("#cm-share-height").fill("480")
    for option in ("panel", "legend", "scroll"):
        page.locator(f"#cm-share-{option}").check()
    page.locator("#cm-share-theme").select_option("auto")
    page.locator("#cm-share-name").fill("Своя <карта>")
    page.locator("#cm-share summary").click()
    boxes = page.locator('#cm-share input[id^="cm-share-layer-"]')
    for number in range(boxes.count()):
        box = boxes.nth(number)
        box.set_checked(box.get_attribute("id").removeprefix("cm-share-layer-") in {"corridors", "border"})
    wanted = ["--src", "en.html", "--lang", "kk", "--height", "480", "--panel", "--legend", "--scroll", "--layers", "border,corridors"]
    wanted += ["--theme", "auto", "--title", "Своя <карта>"]
    assert code(page) == printed(run, *wanted)
    page.locator("#cm-share-map").check()
    view = page.evaluate("corridormap.state().map")
    assert code(page) == printed(run, *wanted, "--view", view)


def test_with_what_is_chosen(pages, visit, run):
    with visit(pages["ru"], reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.evaluate("corridormap.goTo('rail-1-northern')")
        page.locator("#cm-tool-share").click()
        assert code(page) == printed(run, "--src", "ru.html", "--lang", "ru", "--feature", "rail-1-northern")
        page.locator("#cm-share-chosen").uncheck()
        assert code(page) == printed(run, "--src", "ru.html", "--lang", "ru")
        seen.clean()


def test_focus_stays_in_the_dialogue_and_comes_back(dialogue):
    page = dialogue.page
    for _ in range(25):
        page.keyboard.press("Tab")
        # Between its last and first element the browser's own bar has the focus, never the page behind.
        assert page.evaluate(
            "!document.activeElement || document.activeElement === document.body || Boolean(document.activeElement.closest('#cm-share'))"
        )
    page.keyboard.press("Escape")
    # A dialogue tells of its closing in a task of its own.
    page.locator("#cm-share").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "cm-tool-share"


def test_copying(dialogue):
    page = dialogue.page
    page.locator("#cm-share .cm-tool").last.click()
    page.locator(".cm-share-status", has_text="Copied").wait_for()
    page.locator("#cm-share-link").focus()
    text = page.evaluate("""() => { const area = document.createElement("textarea"); document.querySelector("#cm-share").append(area);
        area.focus(); document.execCommand("paste"); return area.value; }""")
    # Reading the clipboard is only allowed to some; where it is, it holds the code.
    assert text in {"", code(page)}


def test_copying_falls_back(dialogue):
    page = dialogue.page
    page.evaluate("""() => { document.execCommand = () => false;
        Object.defineProperty(navigator, "clipboard", {value: {writeText: () => Promise.reject(new Error("no"))}}); }""")
    page.locator("#cm-share .cm-tool").first.click()
    page.locator(".cm-share-status", has_text="by hand").wait_for()
    assert page.evaluate("""() => { const link = document.getElementById("cm-share-link");
        return document.activeElement === link && link.selectionEnd === link.value.length && link.selectionStart === 0; }""")


def test_the_code_makes_a_frame_that_works(pages, visit, run):
    frame = printed(run, "--src", "ru.html", "--lang", "kk", "--layers", "corridors,border", "--legend", "--view", "5/48/67")
    path = article(pages["ru"].parent, frame)
    with visit(path) as seen:
        inner = seen.page.frame_locator("iframe")
        inner.locator("path[data-layer=corridors]").first.wait_for(state="attached")
        assert inner.locator(".cm-toggle").first.get_attribute("aria-expanded") == "false"
        assert inner.locator("html").get_attribute("lang") == "kk"
        assert inner.locator("[data-layer=venues]").count() == 0
        assert inner.locator(".cm-strip button").count() == 11
        assert inner.locator(".cm-strip.cm-named .cm-key-item").count() == 12
        assert inner.locator("iframe").count() == 0
        inner.locator(".cm-toggle").first.click()
        inner.locator("#cm-tool-share").click()
        inner.locator("#cm-share .cm-tool").last.click()
        inner.locator(".cm-share-status").filter(has_text=re.compile(".")).wait_for()
        seen.clean()


def test_the_full_map_opens_whole(pages, chromium, run):
    site = "https://maps.test/"
    frame = printed(run, "--src", f"{site}ru.html", "--lang", "kk", "--layers", "corridors,border", "--view", "5/48/67")
    article(pages["ru"].parent, frame)
    context = chromium.new_context()
    errors = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    context.route(site + "**", lambda route: route.fulfill(path=pages["ru"].parent / route.request.url.split("?")[0].split("/")[-1]))
    page = context.new_page()
    page.goto(site + "article.html")
    link = page.frame_locator("iframe").locator(".cm-full")
    assert link.get_attribute("href").startswith(f"{site}ru.html#map=5/48.0000/67.0000&layers=corridors,border&lang=kk")
    assert link.get_attribute("rel") == "noopener noreferrer"
    with context.expect_page() as opened:
        link.click()
    whole = opened.value
    whole.wait_for_load_state()
    whole.evaluate("corridormap.ready.then(() => true)")
    assert whole.locator(".cm-embed").count() == 0
    assert whole.evaluate("document.documentElement.lang") == "kk"
    assert whole.evaluate("corridormap.state().layers") == "corridors,border"
    # On the web the code holds the page's own address, and the address follows the reader.
    whole.evaluate("corridormap.goTo('rail-1-northern')")
    whole.wait_for_function("() => location.hash.includes('feature=rail-1-northern')", timeout=10_000)
    whole.locator("#cm-tool-share").click()
    assert f'src="{site}ru.html?embed=1' in code(whole)
    assert errors == []
    context.close()


@pytest.fixture(scope="module")
def embed_page(atlas, tmp_path_factory):
    path = tmp_path_factory.mktemp("embed") / "embed.html"
    cm.render(atlas, lang="ru", embed=True).save(path)
    return path


def test_the_wheel_is_the_articles_until_a_click(embed_page, visit):
    with visit(embed_page, width=800, height=500, reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        zoom = page.evaluate("corridormap.map.getZoom()")
        page.mouse.move(500, 250)
        page.mouse.wheel(0, -300)
        page.locator(".cm-hint.cm-said").wait_for()
        assert page.locator(".cm-hint").inner_text() == "Щёлкните по карте или держите Ctrl, чтобы менять масштаб колесом"
        page.wait_for_timeout(200)
        assert page.evaluate("corridormap.map.getZoom()") == zoom
        # With the key held, and after a click.
        for take in (lambda: page.keyboard.down("Control"), lambda: page.mouse.click(430, 220)):
            take()
            page.mouse.wheel(0, -300)
            page.wait_for_timeout(400)
            assert page.evaluate("corridormap.map.getZoom()") > zoom
            page.keyboard.up("Control")
            zoom = page.evaluate("corridormap.map.getZoom()")
        assert page.locator(".cm-said").count() == 0
        # Once the pointer has left the map the wheel is the article's again.
        page.mouse.move(500, 10)
        page.mouse.move(500, 250)
        page.mouse.wheel(0, -300)
        page.locator(".cm-hint.cm-said").wait_for()
        page.wait_for_timeout(200)
        assert page.evaluate("corridormap.map.getZoom()") == zoom
        seen.clean()


def test_a_page_in_embed_mode(embed_page, visit):
    for width, height in ((800, 500), (390, 480), (320, 400)):
        with visit(embed_page, width=width, height=height, has_touch=width < 500) as seen:
            page = seen.page
            page.wait_for_function(READY)
            toggle = page.locator(".cm-toggle").first
            assert toggle.get_attribute("aria-expanded") == "false"
            assert page.evaluate("document.querySelector('.cm-map').offsetWidth") == width
            boxes = [
                page.locator(part).first.bounding_box()
                for part in (".cm-panel", ".cm-full", ".leaflet-control-scale", ".leaflet-control-zoom", ".leaflet-control-attribution")
            ]
            for number, a in enumerate(boxes):
                assert a["x"] >= 0
                assert a["x"] + a["width"] <= width
                for b in boxes[number + 1 :]:
                    apart = (
                        a["x"] + a["width"] <= b["x"] + 1
                        or b["x"] + b["width"] <= a["x"] + 1
                        or a["y"] + a["height"] <= b["y"] + 1
                        or b["y"] + b["height"] <= a["y"] + 1
                    )
                    assert apart, (width, a, b)
            assert "?embed=0#" in page.locator(".cm-full").get_attribute("href")
            toggle.click()
            assert page.locator("#cm-search").is_visible()
            seen.clean()


@pytest.mark.parametrize("sandbox", ["allow-scripts allow-popups", SANDBOX])
def test_in_srcdoc(embed_page, visit, framed, sandbox):
    with visit(framed(embed_page, sandbox=sandbox, width=800, height=500), reduced_motion="reduce") as seen:
        inner = seen.page.frame_locator("iframe")
        inner.locator("path[data-layer=corridors]").first.wait_for(state="attached")
        assert inner.locator(".cm-full").count() == 0
        inner.locator(".cm-toggle").first.click()
        inner.locator("#cm-layer-venues").uncheck()
        inner.locator("#cm-search").fill("KAZ01 400")
        inner.locator("#cm-search").press("Enter")
        assert inner.locator(".cm-pin").count() == 1
        seen.page.wait_for_timeout(600)
        inner.locator("#cm-tool-share").click()
        assert inner.locator("#cm-share-link").count() == 0
        assert 'src="index.html?embed=1' in inner.locator("#cm-share-code").input_value()
        seen.clean()
