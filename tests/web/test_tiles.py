"""Tiles: only on demand, only from who asks for no key, and never needed."""

from __future__ import annotations

import base64
import html
import json
import re
import shutil

import pytest

import corridormap as cm
from corridormap.errors import UsageError
from corridormap.web import tiles

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")
NAME = "OpenTopoMap"


@pytest.fixture
def page_with_tiles(tiny, tmp_path):
    path = tmp_path / "tiles.html"
    cm.render(cm.Atlas.open(tiny), tiles=NAME).save(path)
    return path


def policy(text):
    content = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    return {rule.split()[0]: rule.split()[1:] for rule in html.unescape(content).split("; ")}


def test_only_the_pictures_rule_names_the_host(tiny, page_with_tiles):
    with_tiles = policy(page_with_tiles.read_text(encoding="utf-8"))
    without = policy(cm.render(cm.Atlas.open(tiny)).html())
    assert with_tiles["img-src"] == ["data:", *(f"https://{part}.tile.opentopomap.org" for part in "abc")]
    assert without["img-src"] == ["data:"]
    assert {rule for rule in without if rule != "script-src" and with_tiles[rule] != without[rule]} == {"img-src"}


@pytest.mark.parametrize("name", ["Nowhere", "MapBox", "Thunderforest.Outdoors", "CartoDB.Positron", "Stadia.Outdoors", "openstreetmap"])
def test_unknown_and_keyed_providers_are_refused_with_a_list(tiny, run, name):
    """Before a layer is read."""
    shutil.rmtree(tiny / "layers")
    with pytest.raises(UsageError, match=r"OpenStreetMap\.Mapnik"):
        cm.render(cm.Atlas.open(tiny), tiles=name)
    result = run("render", "--tiles", name, "-o", tiny / "map.html", geodata=tiny)
    assert result.exit_code == 2
    assert "OpenTopoMap" in result.output
    assert not (tiny / "map.html").exists()


def test_every_usable_provider_can_be_drawn():
    for name in tiles.usable():
        found = tiles.find(name)
        assert set(re.findall(r"\{(\w+)\}", found["url"])) <= {"s", "x", "y", "z"}, name
        assert found["attribution"], name
        assert all(re.fullmatch(r"https://[\w.-]+(:\d+)?", host) for host in tiles.hosts(found)), name


def test_the_command_takes_tiles(tiny, run):
    result = run("render", "--tiles", NAME, "-o", tiny / "map.html", "--json", geodata=tiny)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["file"].endswith("map.html")


@pytest.mark.browser
@pytest.mark.parametrize("reached", [True, False])
def test_tiles_and_their_failure(page_with_tiles, chromium, reached):
    context = chromium.new_context(viewport={"width": 900, "height": 600})
    page = context.new_page()
    asked, errors = [], []

    def answer(route):
        asked.append(route.request.url)
        if reached:
            route.fulfill(status=200, content_type="image/png", body=PIXEL)
        else:
            route.abort()

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route("http*://**/*", answer)
    page.goto(page_with_tiles.as_uri())
    page.evaluate("corridormap.ready.then(() => true)")
    page.wait_for_timeout(500)
    assert asked
    assert all(re.match(r"https://[abc]\.tile\.opentopomap\.org/\d+/\d+/\d+\.png$", url) for url in asked)
    notice = page.locator(".cm-quiet")
    assert notice.is_visible() is not reached
    assert page.locator(".leaflet-tile-loaded").count() > 0 if reached else page.locator(".leaflet-tile-loaded").count() == 0
    assert page.locator("img.leaflet-tile").first.evaluate("(image) => image.referrerPolicy") == tiles.REFERRER_POLICY
    assert "OpenTopoMap (CC-BY-SA)" in page.locator(".leaflet-control-attribution").inner_text()
    # The map itself is whole either way.
    assert page.locator('path[data-layer="corridors"][data-part="line"]').count() > 0
    assert errors == []
    context.close()
