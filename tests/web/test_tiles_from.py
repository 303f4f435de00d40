"""Lines thinned in the page, their detail out of a PMTiles file: only from there, only near by, and never needed."""

from __future__ import annotations

import gzip
import html
import re
from contextlib import contextmanager

import pytest

import corridormap as cm
from corridormap.errors import UsageError
from corridormap.web.inline import bundle, inert_json

NAME = "atlas.pmtiles"
STEPPE = "map=9/50.5/72.7"
CORRIDORS = 'path[data-layer="corridors"][data-part="line"]'
NEAR = (
    """(places) => {
  const map = corridormap.map;
  const lines = Array.from(document.querySelectorAll(`"""
    + CORRIDORS
    + """`), (path) => path.getAttribute("d")).flatMap((way) => way.split("M").slice(1))
    .map((part) => part.split("L").map((pair) => L.point(pair.trim().split(/[ ,]+/).map(Number))));
  const isNear = (place) => lines.some((line) => line.some((point, i) => i > 0 && L.LineUtil.pointToSegmentDistance(place, line[i - 1], point) < 4));
  const inView = places.map(([lng, lat]) => L.latLng(lat, lng)).filter((place) => map.getBounds().contains(place));
  return inView.filter((place) => isNear(map.latLngToLayerPoint(place))).length / inView.length;
}"""
)
"""Which share of the places in view have a corridor drawn over them, but for half the distance between two side by side."""


@pytest.fixture
def site(detailed, served, chromium):
    """Open the page from a host: ``with site(tiles=…, ranges=True) as (page, server, errors): ...``."""

    @contextmanager
    def serve(*, tiles="real", ranges=True, at=STEPPE):
        with served((detailed / NAME).read_bytes() if tiles == "real" else tiles, ranges=ranges) as server:
            context = chromium.new_context(viewport={"width": 900, "height": 600})
            page = context.new_page()
            errors = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda message: errors.append(message.text))
            page.on("request", lambda request: None if request.url.startswith((server.address, "data:")) else errors.append(request.url))
            page.goto(f"{server.address}map.html#{at}")
            page.evaluate("corridormap.ready.then(() => true)")
            try:
                yield page, server, errors
            finally:
                context.close()

    return serve


def rule(text):
    content = html.unescape(re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1])
    return [part for part in content.split("; ") if part.startswith("connect-src")]


def test_the_page_may_connect_to_the_file_s_host_and_no_other(tiny):
    atlas = cm.Atlas.open(tiny)
    assert rule(cm.render(atlas, tiles_from=NAME).html()) == ["connect-src 'self'"]
    assert rule(cm.render(atlas, tiles_from="https://tiles.example.org:8443/kz/atlas.pmtiles?v=1").html()) == [
        "connect-src https://tiles.example.org:8443"
    ]
    assert rule(cm.render(atlas).html()) == []


def test_the_usual_page_carries_nothing_of_it(tiny):
    usual = cm.render(cm.Atlas.open(tiny)).html()
    assert "PMTiles" not in usual
    assert "tiles_from" not in usual
    assert "tiles_from" in bundle("atlas-detail.js")


@pytest.mark.parametrize(
    "url",
    ["", "/", "tiles/", "ftp://example.org/a.pmtiles", "javascript:alert(1)", "data:,x", "file:///a.pmtiles", "//example.org/a.pmtiles", "C:\\a.pmtiles",
     "https://example.org", "https://u:p@example.org/a", "https://example.org;script-src/a", "https://example.org:x/a", "a b.pmtiles", "a.pmtiles#x"],
)  # fmt: skip
def test_other_addresses_are_refused(tiny, run, url):
    with pytest.raises(UsageError, match="cannot read tiles"):
        cm.render(cm.Atlas.open(tiny), tiles_from=url)
    result = run("render", "--tiles-from", url, "-o", tiny / "map.html", geodata=tiny)
    assert result.exit_code == 2
    assert not (tiny / "map.html").exists()


def test_the_command_writes_the_same_page(tiny, run):
    result = run("render", "--tiles-from", NAME, "-o", tiny / "map.html", "--json", geodata=tiny)
    assert result.exit_code == 0, result.output
    assert (tiny / "map.html").read_text(encoding="utf-8") == cm.render(cm.Atlas.open(tiny), tiles_from=NAME).html()


@pytest.fixture(scope="module")
def thin(atlas):
    """What travels in the thinned page."""
    return cm.render(atlas, tiles_from=NAME).payload


@pytest.mark.slow
def test_lines_travel_at_less_than_half_their_size_and_figures_stay(atlas, thin):
    whole = cm.render(atlas).payload
    vertices = [sum(map(len, payload["links"]["lines"])) for payload in (whole, thin)]
    assert vertices[1] < vertices[0] / 2
    sizes = [len(gzip.compress(inert_json(payload["links"]["lines"]).encode())) for payload in (whole, thin)]
    assert sizes[1] < sizes[0] / 2
    assert [layer["columns"] for layer in thin["layers"]] == [layer["columns"] for layer in whole["layers"]]
    for line, thinned in zip(whole["links"]["lines"], thin["links"]["lines"], strict=True):
        assert line[:2] == thinned[:2]


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_the_page_says_how_much_is_thinned(thin, lang):
    words = thin["locales"]
    kilometre = words["km"][lang].replace("{n}", "1")
    for key in ("thinned", "take.rounded", "tiles_from.missing"):
        assert kilometre in words[key][lang], key
        assert "{lines}" not in words[key][lang]


def test_names_of_links_travel_where_no_layer_tells_them(atlas, thin):
    assert "names" not in thin["tiles_from"]
    payload = cm.render(atlas, layers=["corridors"], tiles_from=NAME).payload
    assert len(payload["tiles_from"]["names"]) == len(payload["links"]["lines"])


@pytest.mark.browser
def test_near_by_the_true_line_is_drawn(atlas, site):
    true = [[lng, lat] for line in atlas.links.geometry for lng, lat in line.coords]
    close = "void corridormap.map.setView([50.5, 72.7], 11, { animate: false })"
    with site(tiles=None, at="map=6/50.5/72.7") as (page, server, _):
        page.evaluate(close)
        page.wait_for_selector(".cm-quiet:not([hidden])")
        assert page.evaluate(NEAR, true) < 0.7
    with site(at="map=6/50.5/72.7") as (page, server, errors):
        page.wait_for_timeout(300)
        assert server.asked == []
        page.evaluate(close)
        for _ in range(100):
            if page.evaluate(NEAR, true) > 0.98:
                break
            page.wait_for_timeout(100)
        page.wait_for_timeout(300)
        assert page.evaluate(NEAR, true) > 0.98
        assert all(path == f"/{NAME}" and "Referer" not in headers and "Cookie" not in headers for path, headers in server.asked)
        asked = len(server.asked)
        # Switching layers gives offsets anew; the detail stays, and nothing is asked for twice.
        page.evaluate("for (const on of [false, true]) corridormap.show('corridors', on)")
        assert page.evaluate(NEAR, true) > 0.98
        assert len(server.asked) == asked
        # A click on the drawn path opens the feature's popup.
        page.evaluate("void corridormap.map.setView([50.5, 72.7], 9, { animate: false })")
        spot = page.evaluate("""() => {
          const path = document.querySelector('path[data-feature="road-8-almaty-petropavl"][data-part="line"]');
          const matrix = path.getScreenCTM();
          for (let share = 0; share < 1; share += 0.002) {
            const { x, y } = path.getPointAtLength(path.getTotalLength() * share).matrixTransform(matrix);
            const there = document.elementFromPoint(x, y);
            if (there && there.dataset.feature === path.dataset.feature && x > 400 && y > 100) return [x, y];
          }
          return null;
        }""")
        assert spot
        page.mouse.click(*spot)
        assert page.locator(".cm-side h2").inner_text()
        assert page.locator(".cm-quiet").is_hidden()
        assert errors == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "kind"),
    [("en", "missing"), ("ru", "no ranges"), ("kk", "nonsense"), ("en", "cut"), ("ru", "header only"), ("en", "other tiles")],
)
def test_without_the_file_the_map_is_whole_and_says_so_once(atlas, detailed, site, lang, kind):
    real = (detailed / NAME).read_bytes()
    tiles = {
        "missing": None,
        "nonsense": b"x" * 20_000,
        "cut": real[:30_000],
        "header only": real[:127],
        "other tiles": real[:16384] + bytes(len(real)),
    }
    with site(tiles=tiles.get(kind, real), ranges=kind != "no ranges", at=f"{STEPPE}&lang={lang}") as (page, server, errors):
        page.wait_for_selector(".cm-quiet:not([hidden])")
        words = cm.render(atlas, lang=lang, tiles_from=NAME).payload["locales"]["tiles_from.missing"][lang]
        assert page.locator(".cm-quiet").all_inner_texts() == [words]
        asked = len(server.asked)
        assert asked <= 10
        page.evaluate("void corridormap.map.panBy([120, 0], { animate: false })")
        page.wait_for_timeout(200)
        assert len(server.asked) == asked
        assert page.locator(CORRIDORS).count() > 10
        # A browser tells of a 404 by itself.
        assert [error for error in errors if "404" not in error] == []


@pytest.mark.browser
def test_a_page_on_disk_asks_for_nothing(detailed, visit):
    with visit(detailed / "map.html") as seen:
        seen.page.evaluate("void corridormap.map.setView([50.5, 72.7], 9, { animate: false })")
        seen.page.wait_for_selector(".cm-quiet:not([hidden])")
        assert "1 km" in seen.page.locator(".cm-quiet").inner_text()
        seen.page.evaluate("corridormap.setLanguage('ru')")
        assert "1 км" in seen.page.locator(".cm-quiet").inner_text()
        seen.clean()


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_file_never_shows_in_the_console(detailed, site, seed):
    damaged = bytearray((detailed / NAME).read_bytes())
    for step in range(4000):
        damaged[(step * 2_654_435_761 + seed * 97) % (len(damaged) - 600) + 600 * (seed % 2)] ^= 1 << (step + seed) % 8
    with site(tiles=bytes(damaged)) as (page, _, errors):
        page.wait_for_timeout(600)
        assert page.locator(CORRIDORS).count() > 10
        assert errors == []
