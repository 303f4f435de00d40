"""The page in a real browser, with the cable out."""

from __future__ import annotations

import json
from pathlib import Path

import folium
import pytest

import corridormap as cm
from corridormap import web

pytestmark = pytest.mark.browser

LOCALES = Path(web.__file__).parent / "locales"

READY = "window.corridormap && window.corridormap.map"
HOSTILE = '</script><script>window.__pwned=1</script>${window.__pwned=1}<img src=x onerror="window.__pwned=1">\'`"\u2028;window.__pwned=1//'
COUNT = """() => Object.fromEntries(Object.values(corridormap.layers).map((layer) => [layer.id, {
  features: layer.features.length,
  located: layer.features.filter((feature) => feature.shape).length,
  drawn: layer.features.filter((feature) => (feature.parts.length
    ? feature.parts.some((line) => line.getElement() && line.getElement().isConnected && line.getElement().getAttribute("d").length > 4)
    : feature.marker && feature.marker.getElement() && feature.marker.getElement().isConnected)).length,
  elements: document.querySelectorAll(`.leaflet-pane .cm-in-${layer.id}`).length,
}]))"""


def show_everything(page):
    page.evaluate("() => { Object.values(corridormap.layers).forEach((layer) => corridormap.show(layer, true)); }")
    # Leaflet does not draw lines far outside the window.
    page.evaluate("() => { corridormap.map.setView(corridormap.map.getCenter(), 3, {animate: false}); }")


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_layer_is_drawn(pages, visit, atlas, lang):
    with visit(pages[lang]) as seen:
        seen.page.wait_for_function(READY)
        show_everything(seen.page)
        counts = seen.page.evaluate(COUNT)
        assert list(counts) == [record.id for record in atlas.layers]
        for name, count in counts.items():
            frame = atlas.layer(name)
            located = int((~frame.geometry.isna()).sum())
            assert count["features"] == len(frame), name
            assert count["located"] == count["drawn"] == located, name
        seen.clean()


def test_each_checkbox_toggles_its_layer(pages, visit):
    with visit(pages["en"]) as seen:
        seen.page.wait_for_function(READY)
        seen.page.evaluate("() => { corridormap.map.setZoom(3, {animate: false}); }")
        boxes = seen.page.locator(".cm-check input")
        names = seen.page.evaluate("Object.keys(corridormap.layers)")
        assert boxes.count() == len(names)
        for name in names:
            box = seen.page.locator(f"#cm-layer-{name}")
            for _ in range(2):
                box.click()
                elements = seen.page.evaluate(COUNT)[name]["elements"]
                assert (elements > 0) == box.is_checked(), name
        seen.clean()


def test_shared_links_run_side_by_side(pages, visit):
    with visit(pages["en"]) as seen:
        seen.page.wait_for_function(READY)
        # Both corridors ride the same links, so that without berths their drawn paths would coincide.
        paths = seen.page.evaluate("""() => ["rail-2-southern", "rail-5-traceca"].map((id) => corridormap.byId.get(id).parts
            .filter((line) => line.stroke_.part === "line").map((line) => line.getElement().getAttribute("d")).join())""")
        assert paths[0] != paths[1]
        berths = seen.page.evaluate("""() => corridormap.byId.get("rail-2-southern").parts.flatMap((line) => line.steps || [])
            .map((step) => step.berth)""")
        assert any(berths)
        seen.clean()


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_corridor_opens_from_the_list_with_name_and_length(pages, visit, atlas, lang):
    frame = atlas.layer("corridors").sort_values("number")
    with visit(pages[lang]) as seen:
        seen.page.wait_for_function(READY)
        for row, name in enumerate(frame[f"name_{lang}"]):
            seen.page.locator("#cm-legend-corridors .cm-row").nth(row).click()
            card = seen.page.locator(".leaflet-popup .cm-card").last
            text = card.inner_text().replace("\u00a0", " ").replace("\u202f", " ")
            length = f"{frame['length_km'].iloc[row]:,.1f}".removesuffix(".0")
            if lang != "en":
                length = length.replace(",", " ").replace(".", ",")
            assert name in text
            assert length in text.replace("\n", " ")
        seen.clean()


def test_every_popup_opens(pages, visit):
    with visit(pages["ru"]) as seen:
        seen.page.wait_for_function(READY)
        empty = seen.page.evaluate("""() => [...corridormap.byId.values()].filter((feature) =>
            !corridormap.describe(feature).textContent.includes(corridormap.name(feature))).map((feature) => feature.id)""")
        assert empty == []
        seen.clean()


def test_a_click_on_a_line_and_on_a_marker(pages, visit):
    with visit(pages["en"]) as seen:
        seen.page.wait_for_function(READY)
        seen.page.evaluate("""() => { corridormap.byId.get("road-10-omsk-maikapchagai").parts
            .find((line) => line.stroke_.part === "line").fire("click", {latlng: corridormap.map.getCenter()}); }""")
        assert "Omsk" in seen.page.locator(".cm-card h2").inner_text()
        seen.page.keyboard.press("Escape")
        seen.page.locator(".cm-marker.cm-in-venues").last.focus()
        seen.page.keyboard.press("Enter")
        assert seen.page.locator(".cm-card h2").last.inner_text()
        seen.clean()


def visible_text(page):
    page.evaluate("() => { document.querySelectorAll('details').forEach((details) => { details.open = true; }); }")
    return page.evaluate("""() => {
      const skip = ".cm-sources, .cm-remark, a, option, script, style, noscript";
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(skip)) texts.push(walker.currentNode.data.trim());
      document.querySelectorAll("[aria-label], [title]").forEach((element) => {
        if (!element.closest(skip)) texts.push(element.getAttribute("aria-label") || "", element.getAttribute("title") || "");
      });
      return texts.filter(Boolean);
    }""")


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_no_english_is_left(pages, visit, atlas, lang):
    ours, theirs = (json.loads((LOCALES / f"{code}.json").read_text(encoding="utf-8")) for code in (lang, "en"))
    wrong = {theirs[key] for key in theirs if theirs[key] != ours[key] and "{" not in theirs[key] and len(theirs[key]) > 1}
    for record in atlas.layers:
        frame = atlas.layer(record.id)
        wrong |= {a for a, b in zip(frame["name_en"], frame[f"name_{lang}"], strict=True) if a != b}
    with visit(pages[lang]) as seen:
        seen.page.wait_for_function(READY)
        show_everything(seen.page)
        seen.page.evaluate("() => { corridormap.map.setView(corridormap.map.getCenter(), 7, {animate: false}); }")
        texts = visible_text(seen.page)
        cards = seen.page.evaluate("""() => [...corridormap.byId.values()].flatMap((feature) => {
          const card = corridormap.describe(feature);
          card.querySelectorAll(".cm-sources, .cm-remark, a").forEach((element) => element.remove());
          const walker = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
          const texts = [];
          while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
          return texts;
        })""")
        assert sorted(set(texts + cards) & wrong) == []
        # A label in Latin letters that no translation accounts for: a raw field name, say.
        assert [text for text in cards if text and text.islower() and text.isascii() and text.isalpha() and len(text) > 2] == []
        assert seen.page.evaluate("document.documentElement.lang") == lang
        seen.clean()


def test_the_language_changes_in_place(pages, visit, atlas):
    with visit(pages["en"]) as seen:
        seen.page.wait_for_function(READY)
        seen.page.locator("#cm-language").select_option("kk")
        title = atlas.record.title["kk"]
        assert seen.page.title() == title
        assert seen.page.locator("h1").inner_text().replace("\n", " ") == title
        assert seen.page.evaluate("document.documentElement.lang") == "kk"
        assert seen.page.locator(".leaflet-control-zoom-in").get_attribute("aria-label") == "Жақындату"
        switched = set(visible_text(seen.page))
        seen.clean()
    with visit(pages["kk"]) as seen:
        seen.page.wait_for_function(READY)
        assert set(visible_text(seen.page)) == switched


def test_hostile_text_stays_text(tiny, visit, tmp_path):
    for path in (tiny / "layers").glob("*.geojson"):
        document = json.loads(path.read_text(encoding="utf-8"))
        for feature in document["features"]:
            for field in feature["properties"]:
                if field not in {"id", "mode", "number", "corridors", "from", "to"} and isinstance(feature["properties"][field], str):
                    feature["properties"][field] = f"{field} {HOSTILE}"
            feature["properties"]["sources"] = "made-up"
            feature["properties"][f"field {HOSTILE}"] = HOSTILE
        path.write_text(json.dumps(document), encoding="utf-8")
    # A TOML string is written as a JSON string is.
    for name, old, new in (
        ("sources.toml", '"Made up for tests"', json.dumps(HOSTILE)),
        ("sources.toml", "https://example.org/made-up", "javascript:window.__pwned=1"),
        ("atlas.toml", '"Tiny atlas"', json.dumps(HOSTILE)),
    ):
        text = (tiny / name).read_text(encoding="utf-8")
        assert old in text
        (tiny / name).write_text(text.replace(old, new), encoding="utf-8")
    atlas = cm.Atlas.open(tiny)
    cm.render(atlas).save(tmp_path / "hostile.html")
    with visit(tmp_path / "hostile.html") as seen:
        seen.page.wait_for_function(READY)
        show_everything(seen.page)
        for feature in seen.page.evaluate("[...corridormap.byId.keys()]"):
            seen.page.evaluate("(id) => { corridormap.goTo(corridormap.byId.get(id)); }", feature)
            card = seen.page.locator(".cm-card").last
            assert HOSTILE in card.evaluate("(element) => element.textContent")
            assert card.locator("img, script, a").count() == 0
        assert HOSTILE in seen.page.evaluate("document.querySelector('h1').textContent")
        visible_text(seen.page)
        seen.page.wait_for_timeout(100)
        assert seen.page.evaluate("window.__pwned") is None
        seen.clean()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568)])
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_phone(pages, visit, width, height, lang):
    with visit(pages[lang], width=width, height=height, has_touch=True) as seen:
        page = seen.page
        page.wait_for_function(READY)
        toggle = page.locator(".cm-toggle")
        assert toggle.get_attribute("aria-expanded") == "false"
        fits = "document.scrollingElement.scrollWidth <= innerWidth && document.querySelector('.cm-body').scrollWidth <= innerWidth"
        assert page.evaluate(fits)
        bar = page.locator(".cm-panel").bounding_box()
        for part in (".leaflet-control-attribution", ".leaflet-control-scale", ".leaflet-control-zoom"):
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] <= bar["y"] + 1, part
            assert box["x"] >= 0, part
            assert box["x"] + box["width"] <= width, part
        toggle.click()
        assert toggle.get_attribute("aria-expanded") == "true"
        assert page.evaluate(fits)
        assert page.locator("#cm-language").is_visible()
        small = page.evaluate("""() => [...document.querySelectorAll(".cm-panel button, .cm-check, .cm-panel summary, .cm-panel select")]
            .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 44).map((element) => element.className)""")
        assert small == []
        page.locator("#cm-legend-corridors .cm-row").nth(2).click()
        assert toggle.get_attribute("aria-expanded") == "false"
        assert page.locator(".cm-card").is_visible()
        close = page.locator(".leaflet-popup-close-button").bounding_box()
        assert close["width"] >= 44
        page.locator(".leaflet-popup-close-button").click()
        seen.clean()


def test_labels_do_not_collide(pages, visit):
    with visit(pages["ru"]) as seen:
        seen.page.wait_for_function(READY)
        for zoom in (3, 4, 4.5, 5, 6, 7, 8, 9):
            boxes = seen.page.evaluate(
                """(zoom) => { corridormap.map.setView([48, 68], zoom, {animate: false});
                return [...document.querySelectorAll(".leaflet-cm-label-pane > *")].map((element) => {
                  const box = element.getBoundingClientRect();
                  return [box.left + 1.5, box.top + 1, box.right - 1.5, box.bottom - 1, element.textContent]; }); }""",
                zoom,
            )
            assert boxes, zoom
            for i, a in enumerate(boxes):
                for b in boxes[i + 1 :]:
                    assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]), (zoom, a, b)


def test_a_sandboxed_frame(pages, visit, tmp_path):
    frame = tmp_path / "frame.html"
    frame.write_text(
        f'<!DOCTYPE html><html lang="en"><title>x</title><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" '
        f'src="{pages["ru"].as_uri()}" width="700" height="500"></iframe></html>',
        encoding="utf-8",
    )
    with visit(frame) as seen:
        inner = seen.page.frame_locator("iframe")
        inner.locator(".cm-in-corridors").first.wait_for(state="attached")
        # In a small frame the panel starts folded.
        inner.locator(".cm-toggle").click()
        inner.locator("#cm-layer-network_links").check()
        assert inner.locator(".cm-in-network_links").count() > 100
        # A frame nobody set up for embedding leaves the wheel to the article all the same, until the reader clicks the map.
        enabled = "corridormap.map.scrollWheelZoom.enabled()"
        content = seen.page.frames[1]
        assert content.evaluate(enabled) is False
        inner.locator(".cm-map").click(position={"x": 60, "y": 60})
        assert content.evaluate(enabled) is True
        seen.clean()


def test_a_folium_marker_with_a_popup(tiny, visit, tmp_path):
    view = cm.render(cm.Atlas.open(tiny))
    folium.Marker((64, -20), popup=folium.Popup("<b>mine</b>", show=True)).add_to(view)
    folium.LayerControl().add_to(view)
    view.save(tmp_path / "mine.html")
    with visit(tmp_path / "mine.html") as seen:
        seen.page.wait_for_function(READY)
        assert seen.page.locator("img.leaflet-marker-icon").count() == 1
        assert seen.page.locator(".leaflet-popup-content b").inner_text() == "mine"
        assert seen.page.locator(".leaflet-control-layers").count() == 1
        seen.clean()


def test_keyboard_and_focus(pages, visit):
    with visit(pages["en"], reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.locator("#cm-legend-corridors .cm-row").first.focus()
        assert page.locator(".cm-faded").count() > 0
        page.keyboard.press("Enter")
        assert page.locator(".cm-card").is_visible()
        page.keyboard.press("Escape")
        page.locator("#cm-layer-corridors").focus()
        page.keyboard.press("Space")
        assert page.locator(".cm-in-corridors").count() == 0
        seen.clean()


def test_the_panel_folds_away(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        page.wait_for_function(READY)
        before = page.locator(".cm-map").bounding_box()["width"]
        page.locator(".cm-toggle").click()
        assert page.locator(".cm-map").bounding_box()["width"] > before + 200
        seen.clean()


@pytest.mark.parametrize(("width", "height"), [(700, 420), (900, 500), (1280, 800), (390, 844)])
def test_controls_do_not_cover_each_other(pages, visit, width, height):
    with visit(pages["ru"], width=width, height=height) as seen:
        page = seen.page
        page.wait_for_function(READY)
        parts = (".cm-head", ".leaflet-control-attribution", ".leaflet-control-scale", ".leaflet-control-zoom")
        boxes = [page.locator(part).bounding_box() for part in parts]
        for i, a in enumerate(boxes):
            for b in boxes[i + 1 :]:
                apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
                assert apart or a["y"] + a["height"] <= b["y"] + 1 or b["y"] + b["height"] <= a["y"] + 1, (a, b)
        seen.clean()


@pytest.mark.browser
def test_a_road_steps_aside_for_the_railway_beside_it(pages, visit):
    """Corridors 4 (rail) and 9 (road) run side by side from Beineu to Shetpe: apart on the map of the country, in place on that of a town."""
    gap = """(zoom) => {
      corridormap.map.setView([44.8, 53.8], zoom, {animate: false});
      const line = (id, link) => {
        const feature = corridormap.byId.get(id);
        const part = feature.parts.find((one) => one.stroke_.part === "line" && one.steps.some((step) => step.link === link));
        return part._rings.flat();
      };
      const road = corridormap.data.links.beside.findIndex((other, link) => other && corridormap.byId.get("road-9-astrakhan-turkmenistan").parts.some(
        (part) => part.steps && part.steps.some((step) => step.link === link)) && corridormap.links[link].some((place) => Math.abs(place.lat - 44.8) < 0.2));
      const size = corridormap.map.getSize();
      const inside = (point) => { const at = corridormap.map.layerPointToContainerPoint(point); return at.x > 0 && at.y > 0 && at.x < size.x && at.y < size.y; };
      const rail = line("rail-4-north-south", Math.abs(corridormap.data.links.beside[road]) - 1);
      const segments = rail.slice(1).map((point, i) => [rail[i], point]);
      const gaps = line("road-9-astrakhan-turkmenistan", road).filter(inside).map((point) =>
        Math.min(...segments.map(([a, b]) => L.LineUtil.pointToSegmentDistance(point, a, b))));
      gaps.sort((a, b) => a - b);
      return gaps[Math.floor(gaps.length / 4)];
    }"""
    with visit(pages["en"]) as seen:
        assert seen.page.evaluate(gap, 5.5) > 3
        assert seen.page.evaluate(gap, 6.5) > 3
        seen.page.evaluate("corridormap.map.setView([44.8, 53.8], 9, {animate: false})")
        steps = "corridormap.byId.get('road-9-astrakhan-turkmenistan').parts.flatMap((part) => part.steps || []).some((step) => step.aside)"
        assert seen.page.evaluate(steps)
        seen.clean()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_no_name_lies_under_a_control(pages, visit, width, height):
    boxes = """(selector) => [...document.querySelectorAll(selector)].map((element) => {
      const box = element.getBoundingClientRect();
      return [box.left, box.top, box.right, box.bottom, element.textContent];
    })"""
    with visit(pages["ru"], width=width, height=height) as seen:
        labels = 0
        for zoom, lng in [(4, 67), (5, 60), (6, 72), (7, 53), (8, 60.2)]:
            seen.page.evaluate("([zoom, lng]) => corridormap.map.setView([46, lng], zoom, {animate: false})", [zoom, lng])
            controls = seen.page.evaluate(boxes, ".leaflet-control")
            for left, top, right, bottom, text in seen.page.evaluate(boxes, ".cm-label, .leaflet-cm-label-pane .cm-shield"):
                labels += 1
                for control in controls:
                    # A pixel of the box is air.
                    apart = right <= control[0] + 1 or control[2] <= left + 1 or bottom <= control[1] + 1 or control[3] <= top + 1
                    assert apart, (zoom, text, control[4])
        assert labels > 40
        seen.clean()
