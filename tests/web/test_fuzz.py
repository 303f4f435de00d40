"""Whatever stands in a property stays text: it never runs and never breaks the page."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import corridormap as cm
from corridormap.web.payload import texts_together

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
SHARP = [
    "</script><script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=1>",
    "${window.__pwned=1}",
    "javascript:window.__pwned=1",
    "<!--",
    "]]>",
    "\u2028\u2029",
    "`",
    "^",
    "\\u003c/script>",
    "\"'",
    "__proto__",
    "\u202e",
    "😀",
    "Ақтөбе",
    "\x00",
]
TEXT = st.lists(st.sampled_from(SHARP) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=4).map("".join)
VALUE = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6, width=32) | TEXT
FIELDS = ["name_en", "name_ru", "note_en", "kind", "status", "position_en", "names_alt", "date", "corridors", "accuracy_m", "country"]
OPEN = """(ids) => ids.map((id) => corridormap.goTo(id) && document.querySelectorAll(".cm-side .cm-card h2").length > 0)"""


@pytest.fixture(scope="module")
def tab(chromium):
    page = chromium.new_page()
    yield page
    page.close()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(values=st.lists(VALUE, min_size=len(FIELDS), max_size=len(FIELDS)), extra=st.dictionaries(TEXT.filter(bool), VALUE, max_size=2))
def test_property_values_never_run_and_never_break_the_page(tiny, tmp_path, tab, values, extra):
    view = cm.render(cm.Atlas.open(tiny))
    ids = []
    for layer in view.payload["layers"]:
        columns = layer["columns"]
        ids += columns.get("id", [])
        columns |= {
            field: [value] * len(layer["shapes"])
            for field, value in (dict(zip(FIELDS, values, strict=True)) | extra).items()
            if field not in {"id", "number"}
        }
    path = tmp_path / "fuzz.html"
    view.save(path)
    wrong = []

    def complain(error):
        wrong.append(str(error))

    tab.on("pageerror", complain)
    try:
        tab.goto(path.as_uri())
        tab.wait_for_function(READY)
        tab.evaluate("corridormap.ready.then(() => true)")
        assert tab.evaluate("JSON.parse(document.getElementById('corridormap-data').textContent).layers") == json.loads(
            json.dumps(texts_together(view.payload)["layers"])
        )
        assert all(tab.evaluate(OPEN, ids))
        assert tab.evaluate("window.__pwned") is None
        assert tab.locator(".cm-side img, .cm-panel img, .cm-map script").count() == 0
        assert wrong == []
    finally:
        tab.remove_listener("pageerror", complain)
