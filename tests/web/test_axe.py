"""axe-core, the accessibility checker, finds nothing to say."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap((rule) =>
  rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")} ${node.failureSummary}`))"""


@pytest.fixture(scope="session")
def axe():
    package = pytest.importorskip("axe_playwright_python", reason="needs axe: pip install -e .[test]")
    return (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_axe_finds_nothing(pages, visit, axe, lang, size, scheme):
    width, height = SIZES[size]
    # The checker is no part of the page, so that its policy may not apply.
    options = {"color_scheme": scheme, "bypass_csp": True, "has_touch": size == "phone", "reduced_motion": "reduce"}
    with visit(pages[lang], width=width, height=height, **options) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.evaluate(axe)
        found = {}
        for opened in (True, False):
            if (page.locator(".cm-toggle").get_attribute("aria-expanded") == "true") != opened:
                page.locator(".cm-toggle").click()
            if opened:
                page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
            found[f"panel {opened}"] = page.evaluate(RUN)
        page.evaluate("corridormap.goTo('rail-3-central')")
        found["card"] = page.evaluate(RUN)
        page.keyboard.press("Escape")
        page.evaluate("document.querySelector('#cm-tool-table').click()")
        found["table"] = page.evaluate(RUN)
        page.evaluate("document.querySelector('#cm-tool-table').click()")
        page.evaluate("document.querySelector('#cm-tool-years').click()")
        found["years"] = page.evaluate(RUN)
        page.keyboard.press("Escape")
        page.evaluate("document.querySelector('#cm-tool-share').click()")
        found["dialogue"] = page.evaluate(RUN)
        page.goto(f"{pages[lang].as_uri()}?embed=1")
        page.evaluate("corridormap.ready.then(() => true)")
        page.evaluate(axe)
        found["embed"] = page.evaluate(RUN)
        assert {state: list(dict.fromkeys(what)) for state, what in found.items() if what} == {}
        seen.clean()
