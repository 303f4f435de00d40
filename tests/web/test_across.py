"""An atlas across the 180th meridian: in the page all of it is one continuous piece, and what readers are told lies within ±180."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from pyproj import Geod

import corridormap as cm
from corridormap.atlas import Atlas
from corridormap.web import payload

ACROSS = [(178.9, -19.9), (180.0, -19.8), (181.1, -19.7)]
DRAWN = """() => [...document.querySelectorAll('.cm-line[data-feature=example][data-part=line]')].map((path) => {
  const at = path.getScreenCTM(), length = path.getTotalLength();
  return [...Array(101).keys()].map((i) => { const { x, y } = path.getPointAtLength(length * i / 100).matrixTransform(at); return [x, y]; }); })"""
AT = "(lng, lat) => { const { x, y } = corridormap.map.latLngToContainerPoint([lat, lng]); return [x, y]; }"


@pytest.fixture
def page_of(pacific, tmp_path):
    path = tmp_path / "fj.html"
    cm.render(Atlas.open(pacific)).save(path)
    return path


def whole_km():
    return Geod(ellps="WGS84").line_length(*zip(*ACROSS, strict=True)) / 1000


def test_the_layer_is_cut_there(pacific):
    (line,) = Atlas.open(pacific).layer("corridors").geometry
    assert [[lng for lng, _ in part.coords] for part in line.geoms] == [[178.9, 180], [-180, -178.9]]


def test_the_payload_goes_on_beyond_the_meridian(pacific):
    made = payload.build(Atlas.open(pacific), lang="en")
    assert made["extent"] == [175, -23, 184, -14]
    west, _, east, _ = made["view"]
    assert west < 177
    assert 181.9 < east < 184
    assert made["paper"][2] > 181
    assert sum(made["links"]["metres"]) / 1000 == pytest.approx(whole_km(), abs=0.01)
    # Thinned as for a small region, not for the whole world.
    assert {layer["thinned_m"] for layer in made["backdrop"]} < {n * 10.0 for n in range(200)}
    assert made["max_zoom"] >= 8


def test_the_still_is_one_piece(pacific):
    picture = cm.render(Atlas.open(pacific)).still
    # The lane's two links lie end to end: the drawing runs from west to east without a way back.
    runs = re.findall(r'd="M(-?\d+)[ ](-?\d+)l([^"z]*)" fill="none" stroke="#b01237"', picture)
    assert runs
    moves = [list(map(int, re.findall(r"-?\d+", steps)))[::2] for _, _, steps in runs]
    assert all(0 <= step < 800 for run in moves for step in run)
    assert sum(map(sum, moves)) > 100


@pytest.mark.browser
def test_a_corridor_across_the_meridian_is_one_line(page_of, visit):
    with visit(page_of) as seen:
        page = seen.page
        (line,) = page.evaluate(DRAWN)
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line)]
        assert all(0 < x < 10 and abs(y) < 3 for x, y in steps)
        box = page.locator(".cm-map").bounding_box()
        for (x, y), (lng, lat) in ((line[0], ACROSS[0]), (line[-1], ACROSS[-1])):
            assert page.evaluate(f"({AT})({lng}, {lat})") == pytest.approx([x - box["x"], y - box["y"]], abs=1)
        assert f"{whole_km():.0f} km" in page.locator(".cm-panel").inner_text()
        bounds = page.evaluate("(() => { const b = corridormap.map.getBounds(); return [b.getWest(), b.getEast()]; })()")
        assert bounds[0] < 177
        assert bounds[1] > 181.9
        seen.clean()


@pytest.mark.browser
def test_longitudes_told_and_read_lie_within_180(page_of, visit, until):
    with visit(page_of) as seen:
        page = seen.page
        for typed in ("-19.7, -178.9", "19.7S 178.9W"):
            page.locator("#cm-search").fill(typed)
            assert "-19.70000, -178.90000" in page.locator("#cm-hits").inner_text()
        page.keyboard.press("Enter")
        card = page.locator(".cm-card").inner_text()
        assert "-19.70000, -178.90000" in card
        assert "EXAMPLE" in card
        # The pin stands on the lane's end, and the map went there.
        until(page, "Math.abs(corridormap.map.getCenter().lng - 181.5) < 1")
        assert page.evaluate("corridormap.state().map").split("/")[2].startswith("-17")
        until(page, "decodeURIComponent(location.hash).includes('/-17')")
        page.evaluate("location.hash = '#map=9/-19.8/-179.5'")
        until(page, "Math.abs(corridormap.map.getCenter().lng - 180.5) < 0.001")
        seen.clean()
    with visit(page_of) as seen:
        page = seen.page
        page.goto(f"{page_of.as_uri()}#map=9/-19.8/-179.5")
        page.reload()
        page.evaluate("window.corridormap.ready.then(() => true)")
        assert page.evaluate("corridormap.map.getCenter().lng") == pytest.approx(180.5, abs=1e-6)
        assert page.evaluate("corridormap.state().map") == "9/-19.8000/-179.5000"


@pytest.mark.browser
def test_measuring_across_the_meridian(page_of, visit):
    with visit(page_of) as seen:
        page = seen.page
        page.locator("#cm-tool-measure").click()
        box = page.locator(".cm-map").bounding_box()
        for lng, lat in (ACROSS[0], ACROSS[-1]):
            x, y = page.evaluate(f"({AT})({lng}, {lat})")
            page.mouse.click(box["x"] + x, box["y"] + y)
            page.wait_for_timeout(50)
        told = float(re.search(r"([\d.]+)\s*km", page.locator(".cm-measure-result").inner_text())[1])
        (west, south), (east, north) = ACROSS[0], ACROSS[-1]
        assert told == pytest.approx(Geod(ellps="WGS84").line_length([west, east], [south, north]) / 1000, abs=0.5)
        drawn = page.evaluate("""() => { const all = []; corridormap.map.eachLayer((one) => {
            if (one instanceof L.Polyline && one.options.pane === "cm-measure") all.push(...one.getLatLngs().map(({ lng }) => lng)); }); return all; }""")
        assert min(drawn) > 178
        assert max(drawn) < 182


@pytest.mark.node
def test_downloads_lie_within_180(page_of, peek):
    code = "return ['places', 'network_links', 'corridors'].map((id) => download.layerGeoJson(atlas.layerById(id)));"
    places, links, corridors = (json.loads(text)["features"] for text in peek(page_of, code))
    assert sorted(place["geometry"]["coordinates"][0] for place in places) == [-178.9, 178.9, 180]
    assert [link["geometry"]["coordinates"] for link in links] == [[[180 - 360, -19.8], [-178.9, -19.7]], [[178.9, -19.9], [180, -19.8]]]
    # A line across the meridian goes on beyond it, as in the atlas's own files.
    ((way,),) = (feature["geometry"]["coordinates"] for feature in corridors)
    assert [lng for lng, _ in way] in ([178.9, 180, 181.1], [-181.1, -180, -178.9])
