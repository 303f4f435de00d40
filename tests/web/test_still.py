"""The picture of the first view: where no script runs, where one fails, where a server forbids them, and as a preview of links."""

from __future__ import annotations

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

import corridormap as cm

NOTE = "Самой карте нужен JavaScript"


def picture(page):
    return re.search(r'<figure class="cm-picture">\s*(<svg .*?</svg>)', page)[1]


@pytest.mark.slow
def test_the_picture_shows_what_the_page_shows_at_first(atlas):
    drawn = picture(cm.render(atlas, lang="kk").html())
    numbers = {int(number) for number in re.findall(r">(\d+)</text>", drawn)}
    assert numbers == set(range(1, 12))
    assert ">ҚАЗАҚСТАН</text>" in drawn
    assert " style=" not in drawn
    colours = {symbol.colour for symbol in atlas.layer_record("corridors").style.values.values()}
    assert all(f'stroke="{colour}"' in drawn for colour in colours)
    border = picture(cm.render(atlas, lang="kk", layers=["border"]).html())
    assert not re.search(r">\d+</text>", border)


def test_a_hostile_name_stays_text(tiny):
    atlas = cm.Atlas.open(tiny)
    atlas.record.title["en"] = "</figure><script>alert(1)</script>"
    page = cm.render(atlas).html()
    assert "<script>alert" not in page
    assert 'aria-label="&lt;/figure&gt;&lt;script&gt;' in page


@pytest.mark.browser
def test_without_scripts_the_picture_stands_and_says_why(pages, visit):
    for width, height in ((1280, 800), (390, 844)):
        with visit(pages["ru"], width=width, height=height, java_script_enabled=False) as seen:
            still = seen.page.locator(".cm-picture svg")
            assert still.bounding_box()["width"] == width
            caption = seen.page.locator(".cm-picture figcaption")
            caption.wait_for(state="visible", timeout=1000)
            assert NOTE in caption.inner_text()
            assert "Транспортные коридоры Казахстана" in caption.inner_text()
            seen.clean()


@pytest.mark.browser
def test_the_picture_goes_when_the_map_is_drawn_and_stays_when_it_cannot_be(pages, visit, tmp_path):
    with visit(pages["ru"]) as seen:
        assert seen.page.locator(".cm-picture").count() == 0
        seen.clean()
    broken = tmp_path / "broken.html"
    text = pages["ru"].read_text(encoding="utf-8")
    broken.write_text(text.replace('id="corridormap-data">{', 'id="corridormap-data">{oops'), encoding="utf-8")
    with visit(pages["ru"]) as seen:
        seen.page.goto(broken.as_uri())
        assert seen.page.locator(".cm-picture svg").is_visible()
        seen.page.locator(".cm-picture figcaption").wait_for(state="visible", timeout=10_000)
        assert seen.errors


class Strict(SimpleHTTPRequestHandler):
    """A server that lets pages run nothing but its own files."""

    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' data:")
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def strict(tmp_path):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Strict, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_where_a_server_allows_its_own_files_only(run, chromium, strict, tmp_path):
    assert run("render", "--lang", "ru", "-o", tmp_path / "one.html").exit_code == 0
    assert run("render", "--lang", "ru", "--assets", tmp_path / "a b", "-o", tmp_path / "map.html").exit_code == 0
    page = chromium.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(f"{strict}/map.html")
    assert page.evaluate("corridormap.ready.then(() => true)")
    assert page.locator(".cm-picture").count() == 0
    assert page.locator(".cm-map path[data-layer=corridors]").count() > 0
    assert errors == []
    page.goto(f"{strict}/one.html")
    assert page.locator(".cm-picture svg").is_visible()
    assert NOTE in page.locator(".cm-picture figcaption").inner_text()
    page.close()


@pytest.mark.slow
def test_files_beside_a_page(run, tiny, tmp_path):
    one, many = tmp_path / "one.html", tmp_path / "site" / "map.html"
    run("render", "-o", one, geodata=tiny)
    assert run("render", "--assets", tmp_path / "site" / "assets", "-o", many, geodata=tiny).exit_code == 0
    page = many.read_text(encoding="utf-8")
    assert sorted(path.name for path in (tmp_path / "site" / "assets").iterdir()) == ["atlas.css", "atlas.js", "leaflet.js", "start.js"]
    for name in ("atlas.js", "atlas.css"):
        assert re.search(rf'"assets/{name}\?[0-9a-f]{{8}}"', page)
        assert (tmp_path / "site" / "assets" / name).read_text(encoding="utf-8") in one.read_text(encoding="utf-8")
    assert not re.search(r"<style|<script>", page)
    assert run("render", "--assets", tmp_path / "x", "-o", "-", geodata=tiny).exit_code == 2


@pytest.mark.slow
def test_a_preview_for_links(run, tiny, tmp_path):
    page, image = tmp_path / "map.html", tmp_path / "pictures" / "map.png"
    image.parent.mkdir()
    wanted = ["render", "--lang", "ru", "--preview", image, "-o", page]
    assert run(*wanted, geodata=tiny).exit_code == 2
    assert not page.exists()
    assert run(*wanted, "--base-url", "https://example.org/a/", geodata=tiny).exit_code == 0
    with Image.open(image) as opened:
        assert opened.size == (1200, 630)
        assert len(opened.convert("RGB").getcolors(1 << 20)) > 100
    text = page.read_text(encoding="utf-8")
    assert '<meta property="og:image" content="https://example.org/a/pictures/map.png">' in text
    assert '<meta property="og:url" content="https://example.org/a/map.html">' in text
    before = image.read_bytes()
    assert run(*wanted, "--base-url", "https://example.org/a/", geodata=tiny).exit_code == 0
    assert image.read_bytes() == before
    other = ["--preview", tmp_path / "map.jpg", "--base-url", "https://example.org", "-o", tmp_path / "other.html"]
    assert run("render", *other, geodata=tiny).exit_code == 2
    assert not (tmp_path / "other.html").exists()
