"""The page as strict parsers read it: no parse error, no id twice, and what previews of it say."""

from __future__ import annotations

import json
import re

import pytest

import corridormap as cm
from corridormap.web.payload import texts_together


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_strict_parser_finds_no_error(pages, lang):
    html5lib = pytest.importorskip("html5lib", reason="needs html5lib: pip install -e .[test]")
    parser = html5lib.HTMLParser(strict=True)
    document = parser.parse(pages[lang].read_text(encoding="utf-8"))
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert parser.errors == []


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_previews(pages, atlas, lang):
    text = pages[lang].read_text(encoding="utf-8")
    said = dict(re.findall(r'<meta (?:property|name)="([\w:-]+)" content="([^"]*)">', text))
    assert said["og:title"] == atlas.record.title[lang]
    assert said["og:description"] == said["description"] == atlas.record.description[lang]
    assert said["og:type"] == "website"
    assert said["og:locale"] == f"{lang}_KZ"
    assert said["twitter:card"] == "summary"
    assert said["color-scheme"] == "light dark"
    assert said["theme-color"] == "#ffffff"


def data(path):
    """What a page holds, frame and all."""
    text = path.read_text(encoding="utf-8")
    frame, rest = (
        json.loads(re.search(f'<script type="application/json" id="corridormap-{part}">(.*?)</script>', text, re.DOTALL)[1])
        for part in ("frame", "data")
    )
    assert not frame.keys() & rest.keys()
    return frame | rest


@pytest.mark.slow
def test_the_page_holds_what_it_was_given(pages, atlas):
    assert data(pages["en"]) == texts_together(cm.render(atlas, lang="en").payload)


@pytest.mark.browser
@pytest.mark.parametrize("layers", [None, ["sights"], ["corridors"], ["border", "corridors"]])
def test_a_part_and_another_region(tiny, visit, tmp_path, layers):
    view = cm.render(cm.Atlas.open(tiny), layers=layers)
    path = tmp_path / "part.html"
    view.save(path)
    assert data(path) == texts_together(view.payload)
    with visit(path) as seen:
        for record in view.payload["layers"]:
            assert seen.page.locator(f"#cm-layer-{record['id']}").count() == 1
        seen.clean()


@pytest.mark.browser
@pytest.mark.parametrize("text", ['`^\\"\n\t\u2028</script>\x7f\x80\xff', "<!--<script>", "😀ы🇰🇿 ǅ ]]>"])
def test_any_letters(tiny, visit, tmp_path, text):
    view = cm.render(cm.Atlas.open(tiny))
    view.payload["attribution"] = {"en": text}
    path = tmp_path / "letters.html"
    view.save(path)
    assert data(path)["attribution"]["en"] == text
    with visit(path) as seen:
        assert text in seen.page.locator(".leaflet-control-attribution").evaluate("(element) => element.textContent")
        seen.clean()


@pytest.mark.browser
def test_the_frame_comes_first(pages, atlas, chromium):
    page = chromium.new_page()
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => { window.first = {
             busy: document.querySelector(".cm-app").getAttribute("aria-busy"), title: document.querySelector("h1").textContent,
             lang: document.documentElement.lang, lines: document.querySelectorAll("path[data-feature]").length }; })"""
    )
    page.goto(f"{pages['en'].as_uri()}?lang=ru")
    page.evaluate("corridormap.ready.then(() => true)")
    assert page.evaluate("first") == {"busy": "true", "title": atlas.record.title["ru"], "lang": "ru", "lines": 0}
    assert page.evaluate("document.querySelector('.cm-app').hasAttribute('aria-busy')") is False
    assert page.evaluate("document.querySelectorAll('path[data-feature]').length") > 50
    page.close()
