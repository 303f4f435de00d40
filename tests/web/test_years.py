"""The years: which works the map shows as of which year, how their lines are drawn, and that the map is its old self afterwards."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

LAYER = "we_wc_segment"
LATE = "Announced for an earlier year, no opening known"
PROMISED_BY_2026 = [
    "altynkol-zhetygen",
    "zhezkazgan-sekseul",
    "almaty-bypass",
    "mointy-kyzylzhar",
    "darbaza-maktaaral",
    "kyzylorda-zhezkazgan-north",
]
PROMISED_BY_2027 = [*PROMISED_BY_2026[:-1], "bakhty-ayagoz", PROMISED_BY_2026[-1]]
DASHES = """() => Object.fromEntries([...document.querySelectorAll('.cm-line[data-layer="we_wc_segment"]')].map((path) => {
  const { opacity, strokeDasharray } = getComputedStyle(path);
  return [path.dataset.feature.split("-")[1], Number(opacity) < 0.5 ? "faint" : strokeDasharray === "none" ? "solid" : "dashed"];
}))"""
LOOKS = """() => [...document.querySelectorAll("path[data-part]")].map((path) => {
  const { opacity, strokeDasharray, display } = getComputedStyle(path);
  return [path.dataset.feature, path.dataset.part, opacity, strokeDasharray, display].join(" ");
}).sort()"""
HIDDEN = """() => [...document.querySelectorAll(".cm-years *")].filter((element) => {
  const box = element.getBoundingClientRect();
  const frame = document.querySelector(".cm-years").getBoundingClientRect();
  return box.left < frame.left || box.right > frame.right;
}).map((element) => element.outerHTML)"""


@pytest.fixture(params=[(1280, 800), (390, 844)], ids=["desktop", "phone"])
def screen(request):
    width, height = request.param
    # Lines fade by degrees unless the reader wants no motion.
    return {"width": width, "height": height, "reduced_motion": "reduce"}


def move(page, year):
    page.locator("#cm-year").fill(str(year))


def listed(page):
    return {
        block.locator("p").inner_text(): block.locator("button").all_inner_texts()
        for block in page.locator(".cm-years .cm-card > div").all()
        if block.locator("p").count()
    }


def sections(atlas, *numbers):
    names = atlas.layer(LAYER)["name_en"].tolist()
    return [names[number - 1] for number in numbers]


def works(atlas, *names):
    """The names of works as they are listed; most of them are not on the map."""
    rows = atlas.layer("works").set_index("id")
    return [rows.loc[f"works-{name}", "name_en"] + ("" if rows.loc[f"works-{name}"].geometry else " (not on the map)") for name in names]


def test_the_years_show_what_is_under_works(pages, visit, screen, atlas):
    with visit(pages["en"], **screen) as seen:
        page = seen.page
        before = page.evaluate(LOOKS)
        page.locator("#cm-tool-years").click()
        assert page.evaluate("document.activeElement.id") == "cm-year"
        assert page.evaluate("corridormap.state()")["layers"].split(",").count(LAYER) == 1
        move(page, 2024)
        begun = works(atlas, "dostyk-mointy", "almaty-bypass", "darbaza-maktaaral")
        assert listed(page) == {"Under works": [*sections(atlas, 3), *begun]}
        assert page.evaluate(DASHES) == {"1": "faint", "2": "faint", "3": "dashed", "4": "faint"}
        move(page, 2027)
        begun = works(atlas, "centre-west", "beineu-sekseul", "karaganda-zhezkazgan")
        assert listed(page) == {
            "Under works": [*sections(atlas, 1, 2, 3), *begun],
            "To be completed this year": works(atlas, "bakhty-ayagoz"),
            LATE: works(atlas, *PROMISED_BY_2026),
        }
        assert page.evaluate(DASHES) == {"1": "dashed", "2": "dashed", "3": "dashed", "4": "faint"}
        page.keyboard.press("ArrowRight")
        assert listed(page) == {
            "Under works": [*sections(atlas, 1, 2), *begun],
            "To be completed this year": sections(atlas, 3),
            LATE: works(atlas, *PROMISED_BY_2027),
        }
        move(page, 2025)
        assert listed(page)["Opened this year"] == works(atlas, "dostyk-mointy", "kyzylorda-zhezkazgan-south")
        move(page, 2028)
        page.keyboard.press("ArrowRight")
        assert page.evaluate(DASHES) == {"1": "dashed", "2": "dashed", "3": "dashed", "4": "faint"}
        assert sections(atlas, 3)[0] in listed(page)[LATE]
        assert not set(sections(atlas, 3)) & set(listed(page)["Under works"])
        box, frame = (page.locator(where).bounding_box() for where in (".cm-years", ".cm-map"))
        assert box["height"] <= frame["height"] / 2
        assert page.evaluate(HIDDEN) == []
        zoom = page.locator(".leaflet-control-zoom").bounding_box()
        assert box["x"] + box["width"] <= zoom["x"] or box["y"] + box["height"] <= zoom["y"]
        page.keyboard.press("Escape")
        assert page.locator(".cm-years").count() == 0
        # On a phone the panel was folded to make room.
        assert page.evaluate("document.activeElement.id") == ("cm-tool-years" if screen["width"] > 640 else "")
        assert page.evaluate(LOOKS) == before
        seen.clean()


def test_a_chip_opens_the_card(pages, visit, screen, atlas):
    with visit(pages["en"], **screen) as seen:
        page = seen.page
        page.locator("#cm-tool-years").click()
        move(page, 2024)
        page.locator(".cm-years .cm-chip").first.click()
        assert page.locator(".cm-side h2").inner_text() == sections(atlas, 3)[0]
        ends = page.evaluate("""() => [...document.querySelectorAll('.cm-line[data-feature^="wewc-3"]')].flatMap((path) =>
          [0, path.getTotalLength()].map((at) => { const { x, y } = path.getPointAtLength(at).matrixTransform(path.getScreenCTM());
            return corridormap.map.getContainer().contains(document.elementFromPoint(x, y)) && !document.elementFromPoint(x, y).closest(".cm-years"); }))""")
        assert all(ends)
        # The others that are under works do not fade meanwhile.
        move(page, 2027)
        assert page.evaluate(DASHES) == {"1": "dashed", "2": "dashed", "3": "dashed", "4": "faint"}
        seen.clean()


@pytest.mark.parametrize("query", ["", "?embed=1"])
def test_an_address_opens_the_year(pages, visit, until, query):
    with visit(pages["ru"], width=680, height=480, reduced_motion="reduce") as seen:
        page = seen.page
        page.goto(f"{pages['ru'].as_uri()}{query}#year=2028")
        page.reload()
        page.evaluate("corridormap.ready.then(() => true)")
        assert page.locator("#cm-year").input_value() == "2028"
        assert page.evaluate("corridormap.state().year") == "2028"
        assert "Ведутся работы" in listed(page)
        assert page.evaluate(DASHES)["3"] == "dashed"
        move(page, 2025)
        until(page, "location.hash.includes('year=2025')")
        page.locator(".cm-years").get_by_role("button", name="Закрыть").click()
        until(page, "!location.hash.includes('year')")
        seen.clean()


def test_paper_shows_the_usual_map(pages, visit):
    with visit(pages["en"], reduced_motion="reduce") as seen:
        page = seen.page
        printed = """() => { dispatchEvent(new Event("beforeprint"));
          const dashes = [...document.querySelectorAll(".cm-print-map path")].map((path) => path.getAttribute("stroke-dasharray")).sort();
          dispatchEvent(new Event("afterprint")); return dashes; }"""
        for layer in (LAYER, "works"):
            page.evaluate(f"corridormap.show('{layer}', true)")
        usual = page.evaluate(printed)
        page.locator("#cm-tool-years").click()
        assert page.evaluate(printed) == usual
        assert page.evaluate("corridormap.map.getContainer().classList.contains('cm-by-year')")
        seen.clean()
