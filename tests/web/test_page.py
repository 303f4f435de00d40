"""The page as a file: self-contained, the same every time, small, and open to folium's own layers."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re

import brotli
import folium
import pytest

import corridormap as cm
from corridormap.errors import WriteError
from corridormap.web.inline import bundle, inert_json
from corridormap.web.payload import texts_together


def policy(text):
    content = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    return {rule.split()[0]: rule.split()[1:] for rule in html.unescape(content).split("; ")}


def test_two_renders_give_the_same_bytes(tiny):
    first, second = (cm.render(cm.Atlas.open(tiny)).html() for _ in range(2))
    assert first == second
    view = cm.render(cm.Atlas.open(tiny))
    assert view.html() == view.html() == first


def elements(text):
    """The page's JSON by the id of its element, and where each begins."""
    found = re.finditer(r'<script type="application/json" id="([^"]*)">(.*?)</script>', text, re.DOTALL)
    return {match[1]: (json.loads(match[2]), match.start()) for match in found}


@pytest.mark.slow
def test_the_whole_page_is_small(pages):
    for path in pages.values():
        assert len(gzip.compress(path.read_bytes(), 9)) <= 225_000
        assert len(brotli.compress(path.read_bytes(), quality=11)) <= 185_000


def test_the_data_stand_at_the_very_end_and_what_the_frame_needs_before_the_scripts(tiny):
    for options in ({}, {"embed": True}, {"layers": ["sights"]}, {"tiles_from": "atlas.pmtiles"}):
        view = cm.render(cm.Atlas.open(tiny), **options)
        text = view.html()
        found = elements(text)
        (frame, first), (rest, last) = found["corridormap-frame"], found["corridormap-data"]
        assert {**frame, **rest} == texts_together(view.payload)
        assert not frame.keys() & rest.keys()
        assert {"layers", "links", "locales", "statements", "backdrop"} <= rest.keys()
        assert len(json.dumps(frame)) < 1000
        scripts = [match.start() for match in re.finditer("<script>", text)]
        assert text.index('<main class="cm-stage">') < first < min(scripts) <= max(scripts) < last
        assert re.search(r"</script>\n</body>\n</html>\n$", text)


def test_only_what_a_page_needs_is_in_it(tiny):
    atlas = cm.Atlas.open(tiny)
    plain, detailed = cm.render(atlas), cm.render(atlas, tiles_from="atlas.pmtiles")
    added = cm.render(atlas)
    folium.Marker((64, -20)).add_to(added)
    every = ("leaflet.js", "atlas.js", "atlas-detail.js", "folium.js", "findings.js")
    for view, names in ((plain, ["atlas.js"]), (detailed, ["atlas-detail.js"]), (added, ["atlas.js", "folium.js"])):
        text = view.html()
        assert [name for name in every if f"<script>{bundle(name)}</script>" in text] == ["leaflet.js", *names]
        assert f"<style>{bundle('atlas.css')}</style>" in text


@pytest.mark.parametrize("name", ["leaflet.js", "atlas.js", "atlas-detail.js", "atlas.css", "folium.js", "findings.js", "findings.css"])
def test_a_bundle_ends_no_element_and_asks_for_no_file(name):
    text = bundle(name)
    assert not re.search(r"</(script|style)|<!--", text, re.IGNORECASE)
    assert "sourceMappingURL" not in text
    if name.endswith(".css"):
        # Leaflet's own #default#VML is a name of old browsers, no address.
        assert not re.search(r"""url\((?!["']?data:|#)|@import""", text)


@pytest.mark.parametrize("text", ['`^\\"\n\t\u2028</script>\x7f\x80\xff', "😀ы🇰🇿 \ud800 ǅ", "<!--<script>", "\x00"])
def test_any_letters_travel(tiny, text):
    view = cm.render(cm.Atlas.open(tiny))
    view.payload["attribution"] = {"en": text}
    assert elements(view.html())["corridormap-data"][0]["attribution"]["en"] == text


@pytest.fixture(scope="module")
def real(atlas):
    """The real atlas's page."""
    return cm.render(atlas, lang="ru").html()


def test_nothing_is_fetched(real):
    # What scripts say is no element: the share dialogue writes frames.
    markup = re.sub(r"(<script[^>]*>).*?</script>", r"\1", real, flags=re.DOTALL)
    assert not re.search(r'<(?:script|img|iframe)[^>]*\ssrc=|<link[^>]*href="(?!data:)', markup)
    assert set(policy(real)["img-src"]) == {"data:"}
    for name in ("jquery", "bootstrap", "awesome"):
        assert f"{name}.min" not in real


def test_the_policy_names_the_hash_of_every_script_and_style(real):
    rules = policy(real)
    assert rules["default-src"] == ["'none'"]
    for tag, rule in (("script", "script-src"), ("style", "style-src")):
        blocks = re.findall(rf"<{tag}>(.*?)</{tag}>", real, re.DOTALL)
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'" for block in blocks}
        assert set(rules[rule]) == hashes
    assert "unsafe" not in str(rules)


def test_head(atlas):
    text = cm.render(atlas, lang="kk").html()
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
    assert "style-src-attr" in policy(made())


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
