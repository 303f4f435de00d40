"""The page as strict parsers read it: no parse error, no id twice, and what previews of it say."""

from __future__ import annotations

import re

import pytest

import corridormap as cm
from corridormap.web import pack


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


@pytest.mark.parametrize("text", ["", "Алматы", "Ақтөбе – Oral", "`", "^", "а`б^В``Г", "ABCабвABC", "а^b`", "İstanbul ǅ ß ы", "``а", "😀ы"])
def test_letters_come_back(text):
    letters = pack._Letters(["абвгАлмтыөқ", text])
    packed = letters.write(text)
    read = re.sub(
        r"`(?:`|([^`]*)(?:`|$))",
        lambda match: "`" if match[1] is None else re.sub(r"(\^?)([A-Za-z])", lambda code: plain(code, letters.alphabet), match[1]),
        packed,
    )
    assert read == text


def plain(code, alphabet):
    letter = alphabet[ord(code[2]) - (97 if code[2] >= "a" else 39)]
    return letter.upper() if code[1] else letter


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
