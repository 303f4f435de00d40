"""The page as strict parsers read it: no parse error, no id twice, and what previews of it say."""

from __future__ import annotations

import re

import pytest

import corridormap as cm


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
def test_the_page_unpacks_what_was_packed(pages, visit, atlas):
    with visit(pages["en"]) as seen:
        given = seen.page.evaluate("corridormap.unpack(JSON.parse(document.getElementById('corridormap-data').textContent))")
        wanted = cm.render(atlas, lang="en").payload
        assert given.keys() == wanted.keys()
        for key, value in wanted.items():
            assert given[key] == value, key
        seen.clean()


@pytest.mark.browser
def test_a_part_and_another_region_unpack_too(tiny, visit, tmp_path):
    for number, layers in enumerate([None, ["sights"], ["corridors"], ["border", "corridors"]]):
        view = cm.render(cm.Atlas.open(tiny), layers=layers)
        path = tmp_path / f"{number}.html"
        view.save(path)
        with visit(path) as seen:
            given = seen.page.evaluate("corridormap.unpack(JSON.parse(document.getElementById('corridormap-data').textContent))")
            for key, value in view.payload.items():
                assert given[key] == value, (layers, key)
            seen.clean()


@pytest.mark.browser
@pytest.mark.parametrize(
    "text",
    [
        '`^\\"\n\t\u2028</script>\x7f\x80\xff',
        "".join(map(chr, range(0x400, 0x4F0))) + "".join(map(chr, range(0x80, 0x180))),
        "😀ы🇰🇿 \ud800 ǅ",
        "а" * 5000 + "абв" * 3000 + "".join(chr(0x430 + number * number % 32) for number in range(4000)),
    ],
)
def test_any_letters_unpack(tiny, visit, tmp_path, text):
    view = cm.render(cm.Atlas.open(tiny))
    view.payload["attribution"] = {"en": text}
    path = tmp_path / "letters.html"
    view.save(path)
    with visit(path) as seen:
        assert seen.page.evaluate("corridormap.data.attribution.en") == text
        seen.clean()


@pytest.mark.browser
def test_the_frame_comes_first(pages, chromium):
    page = chromium.new_page()
    page.add_init_script(
        """addEventListener("DOMContentLoaded", () => { window.first = {
             busy: document.querySelector(".cm-app").getAttribute("aria-busy"), title: document.querySelector("h1").textContent,
             lang: document.documentElement.lang, lines: document.querySelectorAll("path").length }; })"""
    )
    page.goto(f"{pages['en'].as_uri()}?lang=ru")
    page.evaluate("corridormap.ready.then(() => true)")
    title = page.evaluate("corridormap.data.title.ru")
    assert page.evaluate("first") == {"busy": "true", "title": title, "lang": "ru", "lines": 0}
    assert page.evaluate("document.querySelector('.cm-app').hasAttribute('aria-busy')") is False
    assert page.evaluate("document.querySelectorAll('path').length") > 100
    page.close()
