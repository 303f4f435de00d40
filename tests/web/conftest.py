"""Fixtures: rendered pages, and a Chromium without network that reports whatever goes wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pytest

import corridormap as cm
from corridormap import web

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
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install corridormap[test]")
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


@pytest.fixture(scope="session")
def peek():
    """Run code on the modules of the page, in Node, with a page's data: ``peek(path, "return find.fold('Ә');")``."""

    def run(path, code):
        command = ["node", "--import", "tsx", "--import", "./test/setup.ts", "test/peek.ts", str(path)]
        done = subprocess.run(command, cwd=FRONT, input=code, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
