"""Measure the page as a reader's browser does: size, first paint, all layers drawn, zooming; beside plain folium of the same layers.

Prints a Markdown table; `make bench` puts it below the commands' figures.
"""

from __future__ import annotations

import gzip
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import corridormap as cm

RUNS = 3
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
FRAME = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"
# Every zoom is timed from the call until the frame after it is drawn.
ZOOMS = """async (map) => {
  const times = [];
  for (const zoom of [5, 6, 7, 8, 7, 6, 5, 4, 5, 6, 7, 6, 5]) {
    const start = performance.now();
    map.setZoom(zoom, {animate: false});
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    times.push(performance.now() - start);
  }
  return times;
}"""


def plain_folium(atlas: cm.Atlas) -> str:
    """The same layers as folium draws them by itself, Leaflet inlined by nobody."""
    import folium

    view = folium.Map(location=(48, 68), zoom_start=5, tiles=None)
    for record in atlas.layers:
        frame = atlas.layer(record.id)
        folium.GeoJson(frame[~frame.geometry.isna()].to_json(), name=record.id).add_to(view)
    page: str = view.get_root().render()
    return page


def densified(view: cm.CorridorMap, times: int) -> None:
    """Put so many vertices where one was, along every line; the shapes stay."""

    def finer(moves: list[int]) -> list[int]:
        out = moves[:2]
        for i in range(2, len(moves), 2):
            for part in range(times):
                out += [
                    moves[i + axis] * (part + 1) // times - moves[i + axis] * part // times + (part % 2 * 2 - 1) * (axis == 0)
                    for axis in (0, 1)
                ]
        return out

    view.payload["links"]["lines"] = [finer(moves) for moves in view.payload["links"]["lines"]]
    for layer in view.payload["layers"]:
        for shape in layer["shapes"]:
            if shape and "l" in shape:
                shape["l"] = [finer(moves) for moves in shape["l"]]


def measured(browser: Any, path: Path, find_map: str) -> dict[str, float]:
    paints, drawn, zooms = [], [], []
    for _ in range(RUNS):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(path.as_uri(), wait_until="load")
        page.evaluate("window.corridormap?.ready?.then(() => true)")
        drawn.append(page.evaluate(FRAME))
        page.wait_for_timeout(100)
        paints.append(page.evaluate(PAINT))
        if page.evaluate(f"typeof ({find_map})") == "object":
            zooms += page.evaluate_handle(find_map).evaluate(ZOOMS)
        page.close()
    return {
        "size": len(gzip.compress(path.read_bytes(), 9)) / 1000,
        "paint": statistics.median(paints),
        "drawn": statistics.median(drawn),
        "zoom": statistics.median(zooms) if zooms else float("nan"),
    }


def main() -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("needs playwright: pip install corridormap[test]")
    from xstatic.pkg import leaflet

    atlas = cm.Atlas.open()
    folder = Path(tempfile.mkdtemp())
    (folder / "page.html").write_text(cm.render(atlas).html(), encoding="utf-8")
    dense = cm.render(atlas)
    densified(dense, 10)
    (folder / "dense.html").write_text(dense.html(), encoding="utf-8")
    # folium's Leaflet comes from the web, which is not measured here: it is laid beside the page.
    shutil.copytree(leaflet.BASE_DIR, folder / "leaflet")
    text = plain_folium(atlas)
    import re

    text = re.sub(r'<(?:script|link)[^>]*(?:src|href)="https?://[^>]*>(?:</script>)?', "", text)
    text = text.replace("<head>", '<head><script src="leaflet/leaflet.js"></script><link rel="stylesheet" href="leaflet/leaflet.css">', 1)
    (folder / "folium.html").write_text(text, encoding="utf-8")
    name = re.search(r"var (map_[0-9a-f]+) = L\.map", text)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        rows = [
            ("the page", measured(browser, folder / "page.html", "corridormap.map"), "180 kB; 500, 1500, 60 ms"),
            ("the page, ten times the vertices", measured(browser, folder / "dense.html", "corridormap.map"), "drawn in 3000 ms"),
            ("plain folium, Leaflet apart", measured(browser, folder / "folium.html", name[1] if name else "null"), ""),
        ]
        browser.close()
    shutil.rmtree(folder)
    print("\n| page | kB gzipped | first paint, ms | all drawn, ms | zoom step, ms | limits |\n|---|---|---|---|---|---|")
    for label, figures, limit in rows:
        print(f"| {label} | {figures['size']:.0f} | {figures['paint']:.0f} | {figures['drawn']:.0f} | {figures['zoom']:.0f} | {limit} |")


if __name__ == "__main__":
    main()
