"""The table: every layer's rows, sorted as asked, in step with the map."""

from __future__ import annotations

import pytest

import corridormap as cm

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
NAMES = "() => [...document.querySelectorAll('.cm-table tbody .cm-cell')].map((cell) => cell.firstChild.textContent)"
IDS = "() => [...document.querySelectorAll('.cm-table tbody tr')].map((row) => row.dataset.feature)"
CURRENT = "() => [...document.querySelectorAll('.cm-table tr[aria-current]')].map((row) => row.dataset.feature)"


def open_table(page, layer=None):
    page.wait_for_function(READY)
    page.locator("#cm-tool-table").click()
    if layer:
        page.locator(".cm-table select").select_option(layer)


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_every_feature_of_every_layer_is_a_row(pages, visit, atlas, lang):
    with visit(pages[lang]) as seen:
        open_table(seen.page)
        for record in atlas.layers:
            seen.page.locator(".cm-table select").select_option(record.id)
            frame = atlas.layer(record.id)
            names = seen.page.evaluate(NAMES)
            assert sorted(names) == sorted(frame[f"name_{lang}"]), record.id
            assert record.name[lang] in seen.page.locator(".cm-table caption").inner_text()
            # A table without a single word of a header would be of no use.
            headers = seen.page.locator(".cm-table thead th").all_inner_texts()
            assert all(headers)
            assert not any("_" in header for header in headers), headers
        seen.clean()


def test_columns_sort_both_ways_and_say_so(pages, visit, atlas):
    frame = atlas.layer("corridors")
    with visit(pages["en"]) as seen:
        page = seen.page
        open_table(page, "corridors")
        header = page.locator(".cm-table th[data-column=length_km]")
        header.locator("button").click()
        assert header.get_attribute("aria-sort") == "ascending"
        assert page.evaluate(IDS) == list(frame.sort_values("length_km")["id"])
        page.keyboard.press("Enter")  # the focus stayed on the button
        assert header.get_attribute("aria-sort") == "descending"
        assert page.evaluate(IDS) == list(frame.sort_values("length_km", ascending=False)["id"])
        assert page.locator(".cm-table th[aria-sort]").count() == 1
        page.locator(".cm-table th[data-column=name] button").click()
        names = page.evaluate(NAMES)
        assert names == page.evaluate("(names) => names.slice().sort(new Intl.Collator('en', {numeric: true}).compare)", names)
        # What is not known stands last both ways.
        official = page.locator(".cm-table th[data-column=length_published_km] button")
        missing = set(frame["id"][frame["length_published_km"].isna()])
        assert missing
        for _ in range(2):
            official.click()
            assert set(page.evaluate(IDS)[len(frame) - len(missing) :]) == missing
        seen.clean()


def test_a_row_goes_to_its_feature_and_back(pages, visit, atlas):
    with visit(pages["en"]) as seen:
        page = seen.page
        open_table(page, "corridors")
        button = page.locator("tr[data-feature=rail-5-traceca] .cm-cell")
        button.focus()
        page.keyboard.press("Enter")
        assert page.evaluate("corridormap.state().feature") == "rail-5-traceca"
        assert page.evaluate(CURRENT) == ["rail-5-traceca"]
        # A feature opened on the map shows itself in the table, of whatever layer it is.
        last = atlas.layer("places")["id"].iloc[-1]
        page.evaluate("(id) => corridormap.goTo(id)", last)
        assert page.evaluate(CURRENT) == [last]
        assert page.locator(".cm-table select").input_value() == "places"
        inside = page.evaluate("""() => { const row = document.querySelector("tr[aria-current]").getBoundingClientRect();
            const box = document.querySelector(".cm-table-scroll").getBoundingClientRect(); return row.top >= box.top && row.bottom <= box.bottom + 1; }""")
        assert inside
        page.locator(".cm-side-close").click()
        assert page.evaluate(CURRENT) == []
        page.locator(f"tr[data-feature={last}] td").nth(1).click()
        assert page.evaluate("corridormap.state().feature") == last
        seen.clean()


def test_unlocated_features_and_hidden_layers_say_so(pages, visit, atlas):
    with visit(pages["en"]) as seen:
        page = seen.page
        open_table(page, "crossings")
        lost = int(atlas.layer("crossings").geometry.isna().sum())
        assert lost == page.get_by_text("(not on the map)").count() > 0
        page.evaluate("corridormap.show('crossings', false)")
        assert "hidden" in page.locator(".cm-table-note").inner_text()
        page.locator(".cm-table-note button").click()
        assert page.locator(".cm-table-note").count() == 0
        assert page.locator("#cm-layer-crossings").is_checked()
        seen.clean()


def test_escape_closes_and_gives_the_focus_back(pages, visit):
    with visit(pages["en"]) as seen:
        page = seen.page
        height = "document.querySelector('.cm-map').clientHeight"
        page.wait_for_function(READY)
        whole = page.evaluate(height)
        open_table(page)
        assert page.evaluate(height) < whole
        page.keyboard.press("Escape")
        assert page.locator(".cm-table").count() == 0
        assert page.evaluate(height) == whole
        assert page.evaluate("document.activeElement.id") == "cm-tool-table"
        seen.clean()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 568)])
def test_on_a_phone_only_the_table_scrolls_sideways(pages, visit, width, height):
    with visit(pages["ru"], width=width, height=height, has_touch=True) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.locator("#cm-tool-table").tap()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        scroller = page.evaluate(
            "() => { const s = document.querySelector('.cm-table-scroll'); return [s.scrollWidth, s.clientWidth, s.clientHeight]; }"
        )
        assert scroller[0] > scroller[1]
        assert scroller[1] <= width
        assert scroller[2] >= 120
        page.locator(".cm-cell").first.tap()
        assert page.locator(".cm-side").count() == 1
        assert page.evaluate("document.documentElement.scrollLeft + document.body.scrollTop") == 0
        seen.clean()


def test_many_rows_come_in_pages(atlas, visit, tmp_path):
    view = cm.render(atlas)
    places = next(layer for layer in view.payload["layers"] if layer["id"] == "places")
    first = places["columns"]["id"][0]
    known = len(places["shapes"])
    for field, values in places["columns"].items():
        values += [f"more-{i}" if field == "id" else f"More {i}" if field == "name_en" else values[0] for i in range(700)]
    places["shapes"] += [places["shapes"][0]] * 700
    places["ranks"] += [places["ranks"][0]] * 700
    path = tmp_path / "many.html"
    view.save(path)
    with visit(path) as seen:
        page = seen.page
        open_table(page, "places")
        assert page.locator(".cm-table tbody tr").count() == 300
        page.locator("#cm-table-next").click()
        page.locator("#cm-table-next").click()
        assert page.locator("#cm-table-next").is_disabled()
        assert page.locator(".cm-pager [role=status]").inner_text() == f"Rows 601–{known + 700} of {known + 700}"
        page.evaluate("(id) => corridormap.goTo(id)", first)
        assert page.locator("tr[aria-current]").count() == 1
        seen.clean()
