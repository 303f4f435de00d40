"""The page of a report in the browser: map and table in step, and nothing in a finding ever runs."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from corridormap.checks.report import Checked, Report, write
from corridormap.checks.rule import Finding, Severity

READY = "window.corridormap && window.corridormap.map"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
HARM = "</script><script>window.__pwned=1</script><img src=x onerror=window.__pwned=1>\x1b[31m\n\x00\u202e\ud800 javascript:window.__pwned=1 ${window.__pwned=1}"
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.failureSummary}`))"""
CURRENT = "[...document.querySelectorAll('tr[aria-current]')].map((row) => Number(row.dataset.number))"
NUMBERS = "[...document.querySelectorAll('tbody tr')].map((row) => Number(row.dataset.number))"
# Longitude and latitude on the unit square of Web Mercator, and a place's pixel on the map.
PIXEL = """const pixel = ([lon, lat]) =>
    corridormap.map.pixel([lon / 360 + 0.5, 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)]);"""
# The card stands whole in the map, its foot above the place that it names.
IN_SIGHT = f"""() => {{ {PIXEL} const {{ element, width, height }} = corridormap.map; const card = document.querySelector(".cm-popup");
  if (card.hidden) return false;
  const [left, top] = pixel(card.querySelector(".cm-kicker").textContent.split(" ").map(Number));
  const [inner, outer] = [card, element].map((one) => one.getBoundingClientRect());
  const tip = [(inner.left + inner.right) / 2 - outer.left - left, inner.bottom - outer.top - top];
  return left > 0 && left < width && top > 0 && top < height && inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top
    && Math.abs(tip[0]) < 2 && tip[1] < 0 && tip[1] > -30; }}"""
AT = f"""(place) => {{ {PIXEL} const box = corridormap.map.element.getBoundingClientRect(); const [left, top] = pixel(place);
  return [box.left + left, box.top + top]; }}"""
# What the map shows of the Earth's width gives its zoom.
ZOOM = """() => { const { map } = corridormap; const [[west], [east]] = [map.lonlat(0, 0), map.lonlat(map.width, 0)];
  return Math.log2((map.width * 360) / 256 / (east - west)); }"""

browser = pytest.mark.browser


def found(code="CM204", severity=Severity.ERROR, message="repeats a vertex", lon=None, lat=None, **more):
    return Finding(code, severity, message, more.pop("file", "a/lines.geojson"), lon=lon, lat=lat, **more)


FINDINGS = [
    found(
        lon=66.9, lat=48.0, feature="b", hint="Remove one of the two.", pointer="/features/2/geometry/coordinates/0/118", line=9, column=2
    ),
    found("CM302", Severity.WARNING, "lies outside", 66.9, 48.0, feature="b"),
    found("CM405", Severity.NOTE, "names no source", 76.9, 43.2, feature="a10", file="places.geojson"),
    found("CM405", Severity.NOTE, "names no source", 54.1, 50.6, feature="a9", file="places.geojson"),
    found("CM301", Severity.ERROR, "is not in degrees", 500000.0, 5300000.0, index=7, pointer="/features/7"),
    found("CM101", Severity.ERROR, "is not JSON", file="broken.geojson", line=3, column=15),
]


@pytest.fixture
def page_of(tmp_path):
    def make(findings, **report):
        path = tmp_path / "report.html"
        path.write_text(write(Report(findings, [Checked("a/lines.geojson", features=3)], **report), format="html"), encoding="utf-8")
        return path

    return make


@browser
def test_rows_lead_to_the_map(page_of, visit):
    with visit(page_of(FINDINGS), reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.evaluate(NUMBERS) == [0, 1, 2, 3, 4, 5]
        assert page.locator(".cm-marker").count() == 3
        assert page.locator("#cm-shown").text_content() == "Shown: 6 of 6. On the map: 4."
        assert page.locator("tbody tr").nth(0).locator(".cm-col-file").text_content() == "a/lines.geojson9:2"
        # With the pointer anywhere in the row, and with the keyboard on its button.
        page.locator("tbody tr").nth(2).locator(".cm-col-code").click()
        assert page.evaluate(CURRENT) == [2]
        assert page.evaluate(IN_SIGHT)
        assert "CM405 names no source" in page.locator(".cm-card").text_content()
        page.locator("tbody tr").nth(0).locator("button").focus()
        page.keyboard.press("Enter")
        assert page.evaluate(CURRENT) == [0]
        assert page.locator(".cm-card .cm-kicker").text_content() == "66.90000 48.00000"
        assert page.locator(".cm-card li").count() == 2
        # A finding without a place closes what stands open.
        page.locator("tbody tr").nth(4).locator("button").click()
        assert page.evaluate(CURRENT) == [4]
        assert "not on the map" in page.locator("tbody tr").nth(4).text_content()
        assert page.locator(".cm-popup").is_hidden()
        seen.clean()


@browser
def test_the_way_to_a_place_ends_there(page_of, visit):
    with visit(page_of(FINDINGS)) as seen:
        page = seen.page
        page.wait_for_function(READY)
        # With the movement that most readers see, one way cut short by the next.
        for row in (2, 3, 0):
            page.locator("tbody tr").nth(row).locator("button").click()
            page.wait_for_timeout(60)
        page.wait_for_timeout(600)
        assert page.locator(".cm-card .cm-kicker").text_content() == "66.90000 48.00000"
        assert page.evaluate(IN_SIGHT)
        assert page.locator(".cm-popup").count() == 1
        seen.clean()


@browser
def test_marks_lead_to_the_table(page_of, visit):
    with visit(page_of(FINDINGS), reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        mark = page.get_by_role("button", name=re.compile(r"Error CM204: repeats a vertex \(Findings at this place: 2\)"))
        mark.click()
        assert page.evaluate(CURRENT) == [0]
        page.locator(".cm-card button").nth(1).click()
        assert page.evaluate(CURRENT) == [1]
        assert page.evaluate("document.activeElement.closest('tr').dataset.number") == "1"
        page.keyboard.press("Escape")
        other = page.get_by_role("button", name=re.compile("Note CM405")).first
        other.focus()
        page.keyboard.press("Enter")
        assert page.evaluate(CURRENT) in ([2], [3])
        assert page.evaluate(IN_SIGHT)
        seen.clean()


@browser
def test_filters_hold_for_rows_and_marks(page_of, visit):
    with visit(page_of(FINDINGS), reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.get_by_role("checkbox", name="Error").uncheck()
        assert page.evaluate(NUMBERS) == [1, 2, 3]
        assert page.locator(".cm-marker").count() == 3
        # The place of two findings is now that of a warning.
        assert page.get_by_role("button", name=re.compile("Warning CM302: lies outside$")).count() == 1
        page.get_by_label("Code").select_option("CM405")
        assert page.evaluate(NUMBERS) == [2, 3]
        assert page.locator(".cm-marker").count() == 2
        page.get_by_label("Text in any column").fill("A10")
        assert page.evaluate(NUMBERS) == [2]
        assert page.locator("#cm-shown").text_content() == "Shown: 1 of 6. On the map: 1."
        page.get_by_label("Text in any column").fill("nothing like it")
        assert page.locator(".cm-marker").count() == 0
        assert "No finding passes this filter." in page.locator(".cm-table").text_content()
        seen.clean()


@browser
def test_columns_sort_both_ways_and_the_unknown_stands_last(page_of, visit):
    with visit(page_of(FINDINGS), reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        orders = {}
        for name in ("Severity", "Code", "Feature", "Place"):
            for way in ("up", "down"):
                page.get_by_role("button", name=name, exact=True).click()
                orders[name, way] = page.evaluate(NUMBERS)
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        assert page.evaluate("document.activeElement.textContent") == "Place"
        assert orders["Severity", "up"] == [0, 4, 5, 1, 2, 3]
        assert orders["Severity", "down"] == [2, 3, 1, 0, 4, 5]
        assert orders["Code", "up"] == [5, 0, 4, 1, 2, 3]
        assert orders["Feature", "up"][-1] == orders["Feature", "down"][-1] == 5
        # a9 stands before a10.
        assert [n for n in orders["Feature", "up"] if n in {2, 3}] == [3, 2]
        assert orders["Place", "up"][-1] == orders["Place", "down"][-1] == 5
        seen.clean()


@browser
@pytest.mark.parametrize("size", SIZES)
def test_hostile_texts_never_run(page_of, visit, size):
    width, height = SIZES[size]
    findings = [
        found(HARM, severity, HARM, lon, 50.0, feature=HARM, file=HARM, pointer=HARM, hint=HARM, line=1, column=1)
        for severity, lon in zip(Severity, (60.0, 60.0, float("nan")), strict=True)
    ]
    with visit(page_of(findings), width=width, height=height, reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        for row in range(3):
            page.locator("tbody tr").nth(row).locator("button").click()
        page.locator(".cm-marker").hover()
        page.locator(".cm-marker").click()
        page.locator(".cm-card button").nth(1).click()
        assert "<img src=x onerror=window.__pwned=1>" in page.locator("tbody tr").nth(0).text_content()
        assert page.locator("img").count() == 0
        assert page.evaluate("window.__pwned") is None
        seen.clean()


@browser
def test_a_crowd_is_painted_and_paged(page_of, visit):
    # A grid over the whole Earth, one of them on each side of the date line.
    places = [(-180 + 360 * x / 39, -80 + 8 * y) for x in range(40) for y in range(21)]
    findings = [
        found(f"CM2{i % 7:02}", list(Severity)[i % 3], f"number {i}", lon, lat, feature=str(i)) for i, (lon, lat) in enumerate(places)
    ]
    with visit(page_of(findings), reduced_motion="reduce") as seen:
        page = seen.page
        page.wait_for_function(READY)
        assert page.locator(".cm-marker").count() == 0
        assert page.locator("tbody tr").count() == 200
        assert page.locator(".cm-pager span").text_content() == "Rows 1–200 of 840"
        page.get_by_role("button", name="Next rows").click()
        assert page.evaluate(NUMBERS)[0] == 200
        # A click on the mark of another page turns to its row.
        at = page.evaluate(AT, list(places[600]))
        page.mouse.click(*at)
        assert page.evaluate(CURRENT) == [600]
        # And a row leads to its mark.
        page.locator("tbody tr button").first.click()
        assert page.evaluate(IN_SIGHT)
        seen.clean()


@browser
def test_the_map_is_moved_by_mouse_keys_and_buttons(page_of, visit):
    with visit(page_of(FINDINGS)) as seen:
        page = seen.page
        page.wait_for_function(READY)
        spot = [60.0, 45.0]
        before = page.evaluate(AT, spot)
        # What was grasped stays under the pointer, and what it is let go over is not pressed.
        mark = page.locator(".cm-marker").first.bounding_box()
        start = (mark["x"] + 13, mark["y"] + 13)
        page.mouse.move(*start)
        page.mouse.down()
        page.mouse.move(start[0] + 40, start[1] + 25, steps=4)
        page.mouse.up()
        after = page.evaluate(AT, spot)
        assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((40, 25), abs=1)
        assert page.locator(".cm-popup").is_hidden()
        # What lies under the wheel stays there.
        page.mouse.move(*after)
        zoom = page.evaluate(ZOOM)
        page.mouse.wheel(0, -120)
        page.wait_for_function(f"(zoom) => ({ZOOM})() > zoom + 0.1", arg=zoom)
        assert page.evaluate(AT, spot) == pytest.approx(after, abs=1)
        page.get_by_role("region", name="Map", exact=True).focus()
        zoom = page.evaluate(ZOOM)
        left = page.evaluate(AT, spot)[0]
        page.keyboard.press("ArrowRight")
        assert page.evaluate(AT, spot)[0] == pytest.approx(left - 80, abs=1)
        page.keyboard.press("+")
        page.get_by_role("button", name="Zoom in").click()
        page.keyboard.press("Enter")
        assert page.evaluate(ZOOM) == pytest.approx(zoom + 3)
        page.get_by_role("button", name="Show all").click()
        assert page.evaluate(AT, spot) == pytest.approx(before, abs=1)
        seen.clean()


@browser
def test_two_fingers_zoom(page_of, visit):
    with visit(page_of(FINDINGS), width=390, height=844, has_touch=True) as seen:
        page = seen.page
        page.wait_for_function(READY)
        box = page.locator(".cm-map").bounding_box()
        zoom = page.evaluate(ZOOM)
        middle = (box["x"] + 150, box["y"] + 100)
        touch = page.context.new_cdp_session(page)
        for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 80), ("touchEnd", None)):
            points = [] if apart is None else [{"x": middle[0] + way * apart / 2, "y": middle[1], "id": way + 1} for way in (-1, 1)]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_function(f"(zoom) => Math.abs(({ZOOM})() - zoom) < 0.01", arg=zoom + 2)
        seen.clean()


LINES = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "id": HARM.replace("\ud800", ""), "properties": {"name": HARM.replace("\ud800", "")}, "geometry": geometry} for geometry in (
        {"type": "LineString", "coordinates": [[-46.6, -23.5], [-46.6, -22.5], [-46.6, -22.5], [-45.0, -22.5]]},
        {"type": "Polygon", "coordinates": [[[-44.0, -22.0], [-43.0, -22.0], [-43.0, -21.0], [-44.0, -21.0], [-44.0, -22.0]]]},
        {"type": "MultiPoint", "coordinates": [[-47.0, -20.0], [-42.5, -24.0]]},
    )
]}  # fmt: skip


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_was_checked_is_drawn(tmp_path, run, visit, scheme):
    (tmp_path / "<b>&lines.geojson").write_text(json.dumps(LINES), encoding="utf-8")
    run("validate", tmp_path / "<b>&lines.geojson", "--format", "html", "-o", tmp_path / "page.html")
    with visit(tmp_path / "page.html", color_scheme=scheme) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.wait_for_timeout(200)
        ink = (
            f"(places) => {{ {PIXEL} "
            """const { element } = corridormap.map;
          const canvas = element.querySelector("canvas"); const ratio = canvas.width / element.clientWidth;
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return places.map((place) => { const [left, top] = pixel(place).map((at) => Math.round(at * ratio));
            const near = [-2, -1, 0, 1, 2].flatMap((down) => [-2, -1, 0, 1, 2].map((right) => data[4 * ((top + down) * canvas.width + left + right) + 3]));
            return Math.max(...near) > 150; }); }"""
        )
        on = [(-46.6, -23.2), (-45.5, -22.5), (-43.5, -22.0), (-43.0, -21.3), (-47.0, -20.0), (-42.5, -24.0)]
        assert page.evaluate(ink, [*on, (-43.5, -21.5)]) == [True] * 6 + [False]
        # The view begins on all of it.
        box = page.locator(".cm-map").bounding_box()
        for place in ((-47.0, -20.0), (-42.5, -24.0)):
            left, top = page.evaluate(AT, place)
            assert 20 < left - box["x"] < box["width"] - 20
            assert 20 < top - box["y"] < box["height"] - 20
        assert page.locator(".cm-foot").inner_text().endswith("Checked features")
        assert page.locator("b, img").count() == 0
        assert page.evaluate("window.__pwned") is None
        seen.clean()


@browser
def test_an_atlas_is_drawn_on_its_own_backdrop(tmp_path, run, visit, tiny):
    record = tiny / "atlas.toml"
    backdrop = '[[backdrop]]\nid = "land"\npath = "land.geojson"\nkind = "land"\nlicence = "CC0-1.0"\nsource = "made-up"\n'
    record.write_text(f"{record.read_text(encoding='utf-8')}\n{backdrop}", encoding="utf-8")
    shutil.copy(tiny / "border" / "outline.geojson", tiny / "land.geojson")
    run("validate", "--format", "html", "-o", tmp_path / "page.html", geodata=tiny)
    with visit(tmp_path / "page.html") as seen:
        seen.page.wait_for_function(READY)
        assert "Made up" in seen.page.locator(".cm-foot").inner_text()
        seen.clean()
    # One whose backdrop is what is broken has none.
    (tiny / "land.geojson").write_text("{", encoding="utf-8")
    run("validate", "--format", "html", "-o", tmp_path / "page.html", geodata=tiny)
    with visit(tmp_path / "page.html") as seen:
        seen.page.wait_for_function(READY)
        assert "Made up" not in seen.page.locator(".cm-foot").inner_text()
        seen.clean()


@browser
def test_a_strict_frame_shows_all_of_it(page_of, visit, framed):
    with visit(framed(page_of(FINDINGS), sandbox="allow-scripts")) as seen:
        inside = seen.page.frame_locator("iframe")
        inside.locator("tbody tr button").first.click()
        assert "CM204" in inside.locator(".cm-popup").inner_text()
        seen.clean()


@browser
def test_nothing_found_says_so(page_of, visit):
    with visit(page_of([]), reduced_motion="reduce") as seen:
        seen.page.wait_for_function(READY)
        assert "Nothing was found." in seen.page.locator(".cm-table").text_content()
        assert seen.page.locator(".cm-report-head").text_content().count("1 file, 3 features: 0 errors, 0 warnings, 0 notes") == 1
        seen.clean()


@browser
def test_nothing_is_wider_than_a_phone(page_of, visit):
    with visit(page_of(FINDINGS), width=390, height=844, has_touch=True, reduced_motion="reduce") as seen:
        seen.page.wait_for_function(READY)
        wide = (
            """() => [...document.querySelectorAll("header *, tbody *")].filter((one) => one.getBoundingClientRect().right > 391).length"""
        )
        assert seen.page.evaluate(wide) == 0
        assert seen.page.evaluate("document.querySelector('.cm-table-scroll').clientHeight") > 300
        seen.clean()


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(page_of, visit, size, scheme):
    package = pytest.importorskip("axe_playwright_python", reason="needs axe: pip install -e .[test]")
    width, height = SIZES[size]
    # The checker is no part of the page, so that its policy may not apply.
    options = {"color_scheme": scheme, "bypass_csp": True, "has_touch": size == "phone", "reduced_motion": "reduce"}
    with visit(page_of(FINDINGS), width=width, height=height, **options) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.evaluate((Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
        wrong = {"at first": page.evaluate(RUN)}
        page.locator("tbody tr").first.locator("button").click()
        wrong["popup"] = page.evaluate(RUN)
        page.get_by_label("Text in any column").fill("nothing like it")
        wrong["empty"] = page.evaluate(RUN)
        assert {state: list(dict.fromkeys(what)) for state, what in wrong.items() if what} == {}
        seen.clean()
