"""The page in Firefox, driven by Marionette, the protocol that Firefox itself speaks."""

from __future__ import annotations

import base64
import gc
import io
import shutil
import warnings

import pytest

pytestmark = pytest.mark.firefox

COMPLAINTS = """
  return Services.console.getMessageArray()
    .filter((message) => message instanceof Ci.nsIScriptError && !(message.flags & Ci.nsIScriptError.warningFlag) && /^(file|http):/.test(message.sourceName))
    .map((message) => message.errorMessage);
"""


@pytest.fixture(scope="module")
def firefox():
    driver = pytest.importorskip("marionette_driver.marionette", reason="needs Marionette: pip install -e .[test]")
    with warnings.catch_warnings():
        # While it waits for Firefox, Marionette drops one socket after another.
        warnings.simplefilter("ignore", ResourceWarning)
        browser = driver.Marionette(bin=shutil.which("firefox-esr"), headless=True, gecko_log="-")
        browser.start_session()
        gc.collect()
    browser.timeout.script = 60
    yield browser
    browser.quit()
    browser.cleanup()


@pytest.fixture
def visit(firefox):
    """Open an address in a window of a size, wait until all is drawn, and in the end see that Firefox complained of nothing."""

    def complaints():
        with firefox.using_context("chrome"):
            return firefox.execute_script(COMPLAINTS)

    def open_page(address, *, width=1280, height=900):
        with firefox.using_context("chrome"):
            firefox.execute_script("Services.console.reset();")
        firefox.set_window_rect(width=width, height=height)
        firefox.navigate(address)
        firefox.execute_async_script("const [done] = arguments; window.wrappedJSObject.corridormap?.ready?.then(() => done()) ?? done();")
        return firefox

    yield open_page
    assert complaints() == []


def texts(firefox, selector):
    return firefox.execute_script("return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent);", [selector])


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (450, 844)])
def test_every_corridor_is_drawn_and_opens(pages, visit, atlas, width, height):
    firefox = visit(pages["en"].as_uri(), width=width, height=height)
    drawn = firefox.execute_script("""
      return [...document.querySelectorAll('path[data-layer="corridors"][data-part="line"]')]
        .filter((path) => path.getAttribute("d").length > 4).map((path) => path.dataset.feature);
    """)
    frame = atlas.layer("corridors")
    assert set(drawn) == set(frame["id"])
    for name, title in zip(frame["id"], frame["name_en"], strict=True):
        assert firefox.execute_script("return window.wrappedJSObject.corridormap.goTo(arguments[0]);", [name])
        assert any(title in text for text in texts(firefox, ".cm-side .cm-card h2"))


def test_the_map_is_painted(pages, visit):
    from PIL import Image

    firefox = visit(pages["en"].as_uri())
    colours = Image.open(io.BytesIO(base64.b64decode(firefox.screenshot(full=False)))).convert("RGB").getcolors(1 << 24)
    # Land, water, corridors, labels: a page that stayed white has a handful.
    assert len(colours) > 500


def test_language_and_search(pages, visit, atlas):
    firefox = visit(pages["en"].as_uri())
    firefox.execute_script("window.wrappedJSObject.corridormap.setLanguage('kk');")
    assert firefox.title == atlas.record.title["kk"]
    field = firefox.find_element("id", "cm-search")
    field.send_keys("11")
    assert texts(firefox, "#cm-hits [role=option]")


def test_a_click_on_a_line_opens_it(pages, visit):
    firefox = visit(pages["en"].as_uri())
    firefox.execute_script("""
      const path = document.querySelector('path[data-feature="road-10-omsk-maikapchagai"][data-part="line"]');
      const middle = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
      path.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: middle.x, clientY: middle.y }));
    """)
    assert any("Omsk" in text for text in texts(firefox, ".cm-side h2"))


def test_in_a_sandboxed_frame(pages, visit, framed):
    firefox = visit(framed(pages["ru"], sandbox="allow-scripts").as_uri())
    firefox.switch_to_frame(firefox.find_element("tag name", "iframe"))
    firefox.execute_async_script("const [done] = arguments; window.wrappedJSObject.corridormap.ready.then(() => done());")
    assert texts(firefox, "path[data-part=line]")
    firefox.switch_to_frame()


def test_a_report(visit, run, tmp_path):
    path = tmp_path / "bad.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": 1, "properties": {}, "geometry": {"type": "Point", "coordinates": [200, 95]}}]}'
    )
    page = tmp_path / "report.html"
    run("validate", path, "--format", "html", "-o", page)
    firefox = visit(page.as_uri())
    assert texts(firefox, ".cm-table tbody tr")


def test_detail_from_tiles(visit, detailed, served):
    with served((detailed / "atlas.pmtiles").read_bytes()) as server:
        firefox = visit(f"{server.address}map.html#map=8/43.3/77")
        long = "return Math.max(...[...document.querySelectorAll('path[data-part=line]')].map((path) => path.getAttribute('d').length));"
        before = firefox.execute_script(long)
        for _ in range(100):
            if firefox.execute_script(long) > before:
                break
            firefox.execute_async_script("window.setTimeout(arguments[0], 100);")
        assert firefox.execute_script(long) > before
        assert server.asked
