"""The page in a real browser, with the cable out."""

from __future__ import annotations

import json

import folium
import pytest

import corridormap as cm
from corridormap import words

pytestmark = pytest.mark.browser


READY = "window.corridormap && window.corridormap.map"
HOSTILE = '</script><script>window.__pwned=1</script>${window.__pwned=1}<img src=x onerror="window.__pwned=1">\'`"\u2028;window.__pwned=1//'
DRAWN = """() => {
  const found = {};
  for (const element of document.querySelectorAll(".leaflet-pane path[data-part=line], .leaflet-pane .cm-marker")) {
    if (element.matches("path") && element.getAttribute("d").length <= 4) continue;
    (found[element.dataset.layer] ??= new Set()).add(element.dataset.feature);
  }
  return Object.fromEntries(Object.entries(found).map(([layer, features]) => [layer, features.size]));
}"""


def show_everything(page):
    page.evaluate("""() => {
      for (const box of document.querySelectorAll("[id^=cm-layer-]")) corridormap.show(box.id.replace("cm-layer-", ""), true);
      // Leaflet does not draw lines far outside the window.
      corridormap.map.setView(corridormap.map.getCenter(), 3, {animate: false});
    }""")


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_layer_is_drawn(pages, visit, atlas, lang):
    with visit(pages[lang]) as seen:
        seen.page.wait_for_function(READY)
        show_everything(seen.page)
        frames = {record.id: atlas.layer(record.id) for record in atlas.layers}
        assert seen.page.evaluate(DRAWN) == {name: int((~frame.geometry.isna()).sum()) for name, frame in frames.items()}
        seen.clean()


def test_every_path_says_what_it_is(pages, visit, atlas):
    numbers = dict(zip(atlas.layer("corridors")["id"], atlas.layer("corridors")["number"], strict=True))
    with visit(pages["en"]) as seen:
        show_everything(seen.page)
        said = seen.page.evaluate("[...document.querySelectorAll('.leaflet-cm-line-pane path')].map((path) => ({...path.dataset}))")
        assert {one["part"] for one in said} == {"casing", "line", "core"}
        for one in said:
            assert one["feature"] in set(atlas.layer(one["layer"])["id"])
            assert one.get("number") == (str(numbers[one["feature"]]) if one["layer"] == "corridors" else None)
        shields = seen.page.evaluate(
            "[...document.querySelectorAll('.leaflet-cm-label-pane .cm-shield')].map((one) => [one.dataset.feature, one.dataset.number])"
        )
        assert shields
        assert all(number == str(numbers[feature]) for feature, number in shields)


def test_each_checkbox_toggles_its_layer(pages, visit, atlas):
    with visit(pages["en"]) as seen:
        seen.page.wait_for_function(READY)
        seen.page.evaluate("() => { corridormap.map.setZoom(3, {animate: false}); }")
        boxes = seen.page.locator(".cm-check input")
        names = [record.id for record in atlas.layers]
        assert boxes.count() == len(names)
        for name in names:
            box = seen.page.locator(f"#cm-layer-{name}")
            for _ in range(2):
                box.click()
                assert (name in seen.page.evaluate(DRAWN)) == box.is_checked(), name
        seen.clean()


# Samples of a feature's line over the screen, in pixels.
SAMPLES = """const samples = (id) => [...document.querySelectorAll(`path[data-feature="${id}"][data-part=line]`)].flatMap((path) =>
  Array.from({length: Math.floor(path.getTotalLength() / 2)}, (_, i) => path.getPointAtLength(2 * i)));
const gaps = (from, to) => from.map((a) => Math.min(...to.map((b) => Math.hypot(a.x - b.x, a.y - b.y))));"""


def test_shared_links_run_side_by_side(pages, visit):
    with visit(pages["en"]) as seen:
        seen.page.wait_for_function(READY)
        # Both corridors ride the same links, so that without offsets their drawn lines would coincide.
        gaps = seen.page.evaluate(f"() => {{ {SAMPLES} return gaps(samples('rail-3-central'), samples('rail-5-traceca')); }}")
        beside = [gap for gap in gaps if 2 < gap < 8]
        assert len(beside) > 100
        # They cross where one leaves the other.
        assert sum(gap < 1.5 for gap in gaps) < len(beside) / 10
        seen.clean()


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_corridor_opens_from_the_list_with_name_and_length(pages, visit, atlas, lang):
    frame = atlas.layer("corridors").sort_values("number")
    with visit(pages[lang]) as seen:
        seen.page.wait_for_function(READY)
        for row, name in enumerate(frame[f"name_{lang}"]):
            seen.page.locator("#cm-legend-corridors .cm-row").nth(row).click()
            card = seen.page.locator(".cm-side .cm-card").last
            text = card.inner_text().replace("\u00a0", " ").replace("\u202f", " ")
            length = f"{frame['length_km'].iloc[row]:,.1f}".removesuffix(".0")
            if lang != "en":
                length = length.replace(",", " ").replace(".", ",")
            assert name in text
            assert length in text.replace("\n", " ")
        seen.clean()


@pytest.mark.node
def test_every_card_tells_its_feature(pages, peek):
    told = "return [...atlas.byId.values()].map((feature) => [feature.id, card.describe(feature, {lat: 0, lng: 0}).textContent.includes(atlas.name(feature))]);"
    cards = dict(peek(pages["ru"], told))
    assert len(cards) > 300
    assert [name for name, tells in cards.items() if not tells] == []


def test_a_marker_is_chosen_with_the_mouse(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.locator(".cm-marker[data-feature='dostyk']").is_hidden(), "stops have no symbols on the map of the country"
        page.evaluate("void corridormap.map.setView([45.25, 82.4], 8, {animate: false})")
        page.locator(".cm-marker[data-feature='dostyk']").click()
        assert "Dostyk" in page.locator(".cm-side h2").inner_text()
        assert page.evaluate("corridormap.state().feature") == "dostyk"
        seen.clean()


@pytest.mark.parametrize("feature", ["road-11-astana-yekaterinburg", "road-10-omsk-maikapchagai"])
def test_a_pointer_names_and_chooses_a_line(pages, visit, feature):
    with visit(pages["en"]) as seen:
        at = seen.page.evaluate(
            """(id) => {
              const path = [...document.querySelectorAll(`path[data-feature="${id}"][data-part=line]`)].sort((a, b) => b.getTotalLength() - a.getTotalLength())[0];
              const places = [0.3, 0.4, 0.5].map((share) => path.getPointAtLength(path.getTotalLength() * share).matrixTransform(path.getScreenCTM()));
              const {x, y} = places.find(({x, y}) => !document.elementFromPoint(x, y).closest(".cm-shield"));
              return [x, y];
            }""",
            feature,
        )
        seen.page.mouse.move(at[0] - 3, at[1])
        seen.page.mouse.move(*at, steps=3)
        seen.page.wait_for_selector(".cm-tooltip")
        seen.page.mouse.click(*at, delay=50)
        assert seen.page.evaluate("corridormap.state().feature") == feature
        seen.page.mouse.move(600, 600)
        seen.page.locator(".cm-tooltip").wait_for(state="detached")
        assert seen.page.locator(f".cm-line.cm-faded:not([data-feature='{feature}'])").count() > 10, "it stays chosen"
        assert seen.page.locator(f".cm-line.cm-faded[data-feature='{feature}']").count() == 0
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
@pytest.mark.node
def test_no_english_is_left(pages, visit, peek, atlas, lang):
    said = [texts for texts in words.page([lang], columns=atlas.layer("crossings")).values() if len({*texts.values()}) > 1]
    wrong = {texts["en"] for texts in said if "{" not in texts["en"] and len(texts["en"]) > 1}
    for record in atlas.layers:
        frame = atlas.layer(record.id)
        wrong |= {a for a, b in zip(frame["name_en"], frame[f"name_{lang}"], strict=True) if a != b}
    with visit(pages[lang]) as seen:
        seen.page.wait_for_function(READY)
        show_everything(seen.page)
        seen.page.evaluate("() => { corridormap.map.setView(corridormap.map.getCenter(), 7, {animate: false}); }")
        texts = visible_text(seen.page)
        cards = peek(
            pages[lang],
            """return [...atlas.byId.values()].flatMap((feature) => {
              const told = card.describe(feature, {lat: 0, lng: 0});
              told.querySelectorAll(".cm-sources, .cm-remark, a").forEach((element) => element.remove());
              const walker = document.createTreeWalker(told, NodeFilter.SHOW_TEXT);
              const texts = [];
              while (walker.nextNode()) texts.push(walker.currentNode.data.trim());
              return texts;
            });""",
        )
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
        for feature in [name for record in atlas.layers for name in atlas.layer(record.id)["id"]]:
            assert seen.page.evaluate("(id) => corridormap.goTo(id)", feature)
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
        assert toggle.get_attribute("aria-expanded") == "true"
        fits = "document.scrollingElement.scrollWidth <= innerWidth && document.querySelector('.cm-body').scrollWidth <= innerWidth"
        assert page.evaluate(fits)
        bar = page.locator(".cm-panel").bounding_box()
        for part in (".leaflet-control-attribution", ".leaflet-control-scale", ".leaflet-control-zoom"):
            box = page.locator(part).bounding_box()
            assert box["y"] + box["height"] <= bar["y"] + 1, part
            assert box["x"] >= 0, part
            assert box["x"] + box["width"] <= width, part
        toggle.click()
        assert toggle.get_attribute("aria-expanded") == "false"
        toggle.click()
        assert page.evaluate(fits)
        assert page.locator("#cm-language").is_visible()
        small = page.evaluate("""() => [...document.querySelectorAll(".cm-panel button, .cm-check, .cm-panel summary, .cm-panel select")]
            .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 44).map((element) => element.className)""")
        assert small == []
        page.locator("#cm-legend-corridors .cm-row").nth(2).click()
        assert page.locator(".cm-card").is_visible()
        assert page.evaluate("document.querySelector('.cm-panel').inert")
        close = page.locator(".cm-side-close").bounding_box()
        assert close["width"] >= 44
        page.locator(".cm-side-close").click()
        assert page.locator("#cm-legend-corridors .cm-row").nth(2).is_visible(), "the list is where it was"
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
        inner.locator("path[data-layer=corridors]").first.wait_for(state="attached")
        # In a small frame the panel starts folded.
        inner.locator(".cm-toggle").click()
        inner.locator("#cm-layer-network_links").check()
        assert inner.locator("path[data-layer=network_links]").count() > 100
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
        assert page.locator(".leaflet-pane [data-layer=corridors]").count() == 0
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
    gap = f"""(zoom) => {{
      corridormap.map.setView([44.8, 53.8], zoom, {{animate: false}});
      {SAMPLES}
      const box = document.querySelector(".cm-map").getBoundingClientRect();
      const frame = document.querySelector(".leaflet-cm-line-pane svg").getScreenCTM();
      const inside = (point) => {{ const at = point.matrixTransform(frame); return at.x > box.left && at.y > box.top && at.x < box.right && at.y < box.bottom; }};
      const found = gaps(samples("road-9-astrakhan-turkmenistan").filter(inside), samples("rail-4-north-south")).sort((a, b) => a - b);
      return found[Math.floor(found.length / 4)];
    }}"""
    with visit(pages["en"]) as seen:
        assert seen.page.evaluate(gap, 5.5) > 3
        assert seen.page.evaluate(gap, 6.5) > 3
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
            seen.page.evaluate("([zoom, lng]) => { corridormap.map.setView([46, lng], zoom, {animate: false}); }", [zoom, lng])
            controls = seen.page.evaluate(boxes, ".leaflet-control")
            for left, top, right, bottom, text in seen.page.evaluate(boxes, ".cm-label, .leaflet-cm-label-pane .cm-shield"):
                labels += 1
                for control in controls:
                    # A pixel of the box is air.
                    apart = right <= control[0] + 1 or control[2] <= left + 1 or bottom <= control[1] + 1 or control[3] <= top + 1
                    assert apart, (zoom, text, control[4])
        assert labels > 40
        seen.clean()
