"""What MapLibre holds of the tiles that the style beside them opens, drawn in Chromium, by the jobs on standard input; the picture is put beside them."""

import json
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

MODULES = Path(__file__).parent / "node_modules"
SCRIPTS = {"maplibre": MODULES / "maplibre-gl/dist", "pmtiles": MODULES / "pmtiles/dist"}
TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
HOST = "http://reader.test/"
PAGE = """<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><link rel="stylesheet" href="maplibre/maplibre-gl.css">
<div id="map" style="position:fixed;inset:0"></div><script src="pmtiles/pmtiles.js"></script>
<script type="module">
import * as maplibregl from "./maplibre/maplibre-gl.mjs";
maplibregl.addProtocol("pmtiles", new pmtiles.Protocol().tile);
window.faults = [];
window.map = new maplibregl.Map({ container: "map", style: STYLE, fadeDuration: 0, canvasContextAttributes: { preserveDrawingBuffer: true } });
map.on("error", ({ error }) => faults.push(String(error)));
map.once("idle", () => { window.done = true; });
</script>"""
SEEN = "layer => map.querySourceFeatures('atlas', { sourceLayer: layer }).map(({ properties, geometry }) => ({ properties, geometry }))"


def served(route, folder):
    """Give a file, or a range of one, as any static host does."""
    name = route.request.url.removeprefix(HOST).partition("?")[0]
    if name == "page.html":
        style = next(folder.glob("*.style.json")).name
        return route.fulfill(body=PAGE.replace("STYLE", json.dumps(style)), content_type="text/html")
    start, _, rest = name.partition("/")
    path = SCRIPTS[start] / rest if start in SCRIPTS else folder / name
    content, asked = path.read_bytes(), re.fullmatch(r"bytes=(\d+)-(\d+)", route.request.headers.get("range", ""))
    part = content[int(asked[1]) : int(asked[2]) + 1] if asked else content
    return route.fulfill(status=206 if asked else 200, body=part, content_type=TYPES.get(path.suffix, "application/octet-stream"))


jobs = json.load(sys.stdin)
folder = Path(jobs[0]["path"]).parent
with sync_playwright() as playwright:
    arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.on("pageerror", lambda error: sys.exit(str(error)))
    page.route("**/*", lambda route: served(route, folder))
    page.goto(f"{HOST}page.html")
    page.wait_for_function("window.done", timeout=60_000)
    faults = page.evaluate("faults")
    assert not faults, faults
    page.screenshot(path=folder / "drawn.png")
    version = json.loads((MODULES / "maplibre-gl/package.json").read_text(encoding="utf-8"))["version"]
    print(json.dumps({"version": version, "layers": [{"features": page.evaluate(SEEN, job["inner"])} for job in jobs]}))
    browser.close()
