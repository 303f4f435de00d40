"""The page as strict parsers read it: no parse error, no id twice, and what previews of it say."""

from __future__ import annotations

import re

import pytest


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_a_strict_parser_finds_no_error(pages, lang):
    html5lib = pytest.importorskip("html5lib", reason="needs html5lib: pip install corridormap[test]")
    parser = html5lib.HTMLParser(strict=True)
    document = parser.parse(pages[lang].read_text(encoding="utf-8"))
    ids = [element.get("id") for element in document.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert parser.errors == []


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


@pytest.mark.browser
def test_the_frame_comes_first(pages, chromium, atlas):
    page = chromium.new_page()
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => { window.first = {
             busy: document.querySelector(".cm-app").getAttribute("aria-busy"), title: document.querySelector("h1").textContent,
             lang: document.documentElement.lang, lines: document.querySelectorAll("path").length }; })"""
    )
    page.goto(f"{pages['en'].as_uri()}?lang=ru")
    page.evaluate("corridormap.ready.then(() => true)")
    assert page.evaluate("first") == {"busy": "true", "title": atlas.record.title["ru"], "lang": "ru", "lines": 0}
    assert page.evaluate("document.querySelector('.cm-app').hasAttribute('aria-busy')") is False
    assert page.evaluate("document.querySelectorAll('path').length") > 100
    page.close()
