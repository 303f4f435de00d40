"""The iframe's code, without a browser."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

import corridormap as cm
from corridormap.errors import UsageError
from corridormap.web.embed import snippet


class Frame(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = [], {}

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes[tag] = dict(attrs)


def frame(text):
    parser = Frame()
    parser.feed(text)
    assert parser.tags == ["figure", "iframe", "figcaption", "a"]
    return parser.attributes["iframe"]


def query(text):
    return parse_qs(urlsplit(frame(text)["src"]).query)


def test_usual(atlas):
    text = snippet(atlas, src="https://example.org/map.html", lang="ru")
    assert frame(text)["src"] == "https://example.org/map.html?embed=1&lang=ru"
    assert frame(text)["title"] == atlas.record.title["ru"]
    assert "\n" not in text
    assert "allow-same-origin" not in text


def test_every_option(atlas):
    text = snippet(
        atlas,
        lang="kk",
        layers=["border", "corridors"],
        panel=True,
        legend=True,
        scroll=True,
        view="6/48.5/-68",
        feature="rail-1-northern",
        theme="dark",
        title="<b>Own</b> & only",
        height=300,
    )
    assert {name: value[0] for name, value in query(text).items()} == {
        "embed": "1",
        "lang": "kk",
        "layers": "corridors,border",
        "map": "6/48.5/-68",
        "feature": "rail-1-northern",
        "panel": "1",
        "legend": "1",
        "scroll": "1",
        "theme": "dark",
        "title": "<b>Own</b> & only",
    }
    assert frame(text)["title"] == "<b>Own</b> & only"
    assert frame(text)["height"] == "300"


def test_the_caption_leads_to_the_whole_map_and_names_the_sources(atlas):
    parser = Frame()
    parser.feed(text := snippet(atlas, src="https://example.org/map.html", lang="ru", layers=["border"], panel=True, theme="dark"))
    assert parser.attributes["a"]["href"] == "https://example.org/map.html?embed=0&lang=ru&layers=border"
    caption = text.partition("<figcaption>")[2]
    assert f">{atlas.record.title['ru']}</a>. {atlas.record.attribution['ru']}</figcaption>" in caption


def test_the_layers_shown_anyway_need_no_option(atlas):
    usual = [record.id for record in atlas.layers if record.visible]
    assert "layers" not in query(snippet(atlas, layers=usual))
    assert query(snippet(atlas, layers=[]))["layers"] == ["none"]


def test_an_address_that_has_a_query(atlas):
    src = frame(snippet(atlas, src="/a?b=1&c='\"<>#x"))["src"]
    assert src == "/a?b=1&c='\"<>&embed=1#x"


@pytest.mark.parametrize("src", ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "java\tscript:x", " javascript:x", "", "a b"])
def test_an_address_that_is_none(atlas, src):
    with pytest.raises(UsageError, match="address"):
        snippet(atlas, src=src)


@pytest.mark.parametrize(
    "options",
    [
        {"lang": "xx"},
        {"layers": ["nothing"]},
        {"view": "5/48"},
        {"view": "5/48/67\n"},
        {"feature": "nothing"},
        {"height": 10},
        {"theme": "pink"},
        {"title": " "},
        {"title": "x" * 121},
    ],
)
def test_what_cannot_be(atlas, options):
    with pytest.raises(UsageError):
        snippet(atlas, **options)


def test_a_page_in_embed_mode_differs_in_nothing_else(tiny):
    atlas = cm.Atlas.open(tiny)
    plain, embedded = cm.render(atlas).html(), cm.render(atlas, embed=True).html()
    assert plain != embedded
    assert embedded.replace(',"embed":true', "") == plain
