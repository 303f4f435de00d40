"""The page as a file: self-contained, the same every time, small, and open to folium's own layers."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re

import folium
import pytest

import corridormap as cm
from corridormap.errors import WriteError
from corridormap.web.inline import inert_json


def policy(text):
    content = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    return {rule.split()[0]: rule.split()[1:] for rule in html.unescape(content).split("; ")}


def test_two_renders_give_the_same_bytes(tiny):
    first, second = (cm.render(cm.Atlas.open(tiny)).html() for _ in range(2))
    assert first == second
    view = cm.render(cm.Atlas.open(tiny))
    assert view.html() == view.html() == first


def test_the_whole_page_is_small(pages):
    for path in pages.values():
        assert len(gzip.compress(path.read_bytes(), 9)) <= 180_000


def test_nothing_is_fetched(pages):
    text = pages["en"].read_text(encoding="utf-8")
    assert not re.search(r'<(?:script|img|iframe)[^>]*\ssrc=|<link[^>]*href="(?!data:)', text)
    assert set(policy(text)["img-src"]) == {"data:"}
    for name in ("jquery", "bootstrap", "awesome"):
        assert f"{name}.min" not in text


def test_the_policy_names_the_hash_of_every_script_and_style(pages):
    text = pages["ru"].read_text(encoding="utf-8")
    rules = policy(text)
    assert rules["default-src"] == ["'none'"]
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'" for block in blocks}
        assert set(rules[rule]) == hashes
    assert "unsafe" not in str(rules)


def test_head(pages):
    text = pages["kk"].read_text(encoding="utf-8")
    assert text.startswith('<!DOCTYPE html>\n<html lang="kk">')
    assert "<title>Қазақстанның көлік дәліздері</title>" in text
    assert 'content="width=device-width, initial-scale=1"' in text


def test_inert_json_cannot_end_its_element():
    value = {"a": "</script><!-- & \u2028\u2029 \ud800"}
    text = inert_json(value)
    assert not set("<>&\u2028\u2029\ud800") & set(text)
    assert json.loads(text) == value


def test_a_language_without_its_own_words_falls_back_to_english(tiny, edit):
    with edit(tiny / "network" / "nodes.geojson") as document:
        for feature in document["features"]:
            feature["properties"]["name_xx"] = feature["properties"]["name_en"]
    path = tiny / "atlas.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('["en", "ru"]', '["en", "ru", "xx"]'), encoding="utf-8")
    text = cm.render(cm.Atlas.open(tiny), lang="xx").html()
    assert '<html lang="xx">' in text


def test_save_is_atomic(tiny, tmp_path):
    view = cm.render(cm.Atlas.open(tiny))
    view.save(tmp_path / "map.html")
    assert (tmp_path / "map.html").read_text(encoding="utf-8") == view.html()
    with pytest.raises(WriteError):
        view.save(tmp_path)


def test_a_notebook_shows_the_page(tiny):
    view = cm.render(cm.Atlas.open(tiny), lang="ru")
    shown = view._repr_html_()
    assert shown.startswith("<iframe srcdoc=")
    assert html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1]) == view.html()


def test_the_root_renders_the_same_page(tiny):
    view = cm.render(cm.Atlas.open(tiny))
    assert view.get_root().render() == view.html()


def test_a_folium_layer_is_added_with_steady_ids(tiny):
    def made():
        view = cm.render(cm.Atlas.open(tiny))
        folium.Marker((64, -20), popup="mine").add_to(view)
        return view.html()

    assert made() == made()
    assert "L.marker(" in made()


def test_hosts_of_added_tiles_and_plugins_enter_the_policy(tiny):
    from folium.plugins import MarkerCluster

    view = cm.render(cm.Atlas.open(tiny))
    folium.TileLayer("https://{s}.tiles.example.org/{z}/{x}/{y}.png", attr="mine").add_to(view)
    MarkerCluster().add_to(view)
    rules = policy(view.html())
    assert "https://*.tiles.example.org" in rules["img-src"]
    assert any(host.startswith("https://") for host in rules["script-src"])
    assert "'unsafe-inline'" not in rules["script-src"] + rules["style-src"]


def test_two_maps_do_not_share_their_libraries(tiny):
    atlas = cm.Atlas.open(tiny)
    first, second = cm.render(atlas), cm.render(atlas)
    first.add_js_link("mine", "https://example.org/mine.js")
    assert "https://example.org" not in policy(second.html())["script-src"]
