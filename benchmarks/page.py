"""Measure the page as a reader's browser does: size, first paint, all layers drawn, zooming; beside plain folium of the same layers.

Prints a Markdown table; `make bench` puts it below the commands' figures. Given HTML files, such as the page that another commit wrote, it
measures them in turn with the page of this one, so that whatever else the machine does slows all of them alike:

    python benchmarks/page.py before.html
"""

from __future__ import annotations

import gzip
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polyline

import corridormap as cm
from corridormap.web.inline import bundle

RUNS = 3
RUNS_BESIDE = 9
SLOWER = (1, 4)
"""So many times slower than this machine is the processor."""
LIMITS = "225 kB gzipped, 185 with brotli; 500, 1500, 60 ms"
# All is drawn when the frame after the last line is; a page that is not ours, when the frame after its load event is.
WATCH = """
  let longest = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
  }).observe({ type: "longtask", buffered: true });
  window.figures = new Promise((done) => {
    const after = () => requestAnimationFrame(() => requestAnimationFrame(() => {
      const drawn = performance.now();
      // Paints and long tasks are told a little later.
      setTimeout(() => {
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        done({ drawn, paint: paint?.startTime ?? 0, longest });
      }, 300);
    }));
    addEventListener("DOMContentLoaded", () => {
      if (window.corridormap?.ready) corridormap.ready.then(after);
      else addEventListener("load", after);
    });
  });
"""
UNITS = {
    "kB gzipped": "gzip",
    "kB brotli": "brotli",
    "first paint, ms": "paint",
    "all drawn, ms": "drawn",
    "longest task, ms": "longest",
    "zoom step, ms": "zoom",
}
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

    def finer(line: str) -> str:
        steps = np.array(polyline.decode(line, 0))
        at = np.linspace(0, len(steps) - 1, (len(steps) - 1) * times + 1)
        dense = np.column_stack([np.interp(at, range(len(steps)), column) for column in steps.T]).round()
        # A zigzag of one step, lest equal steps compress to nothing.
        dense[1:-1:2, 0] += 1
        return polyline.encode(dense.tolist(), 0)

    view.payload["links"]["lines"] = [finer(line) for line in view.payload["links"]["lines"]]
    for layer in view.payload["layers"]:
        for shape in layer["shapes"]:
            if shape and "l" in shape:
                shape["l"] = [finer(line) for line in shape["l"]]


def opened(browser: Any, path: Path, slower: int = 1) -> tuple[Any, dict[str, float]]:
    """Open a page and give it with its figures once all is drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(WATCH)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.goto(path.as_uri())
    return page, page.evaluate("figures")


def sizes(path: Path) -> dict[str, float]:
    """Give the kilobytes that travel."""
    import brotli

    content = path.read_bytes()
    return {"gzip": len(gzip.compress(content, 9)) / 1000, "brotli": len(brotli.compress(content, quality=11)) / 1000}


def medians(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(one[name] for one in figures) for name in figures[0]}


def measured(browser: Any, path: Path, find_map: str) -> dict[str, float]:
    runs, zooms = [], []
    for _ in range(RUNS):
        page, figures = opened(browser, path)
        runs.append(figures)
        if page.evaluate(f"typeof ({find_map})") == "object":
            zooms += page.evaluate_handle(find_map).evaluate(ZOOMS)
        page.close()
    return {**sizes(path), **medians(runs), "zoom": statistics.median(zooms) if zooms else float("nan")}


def beside(browser: Any, paths: list[Path]) -> list[tuple[Path, int, dict[str, float]]]:
    """Measure pages in turn, again and again."""
    runs: dict[tuple[Path, int], list[dict[str, float]]] = {}
    for _ in range(RUNS_BESIDE):
        for slower in SLOWER:
            for path in paths:
                page, figures = opened(browser, path, slower)
                runs.setdefault((path, slower), []).append(figures)
                page.close()
    return [(path, slower, {**sizes(path), **medians(runs[path, slower])}) for path in paths for slower in SLOWER]


def said(figures: dict[str, float]) -> list[str]:
    return [f"{figures[name]:.0f}" for name in UNITS.values() if name in figures]


def print_table(heads: list[str], rows: list[list[str]]) -> None:
    print()
    for cells in (heads, ["---"] * len(heads), *rows):
        print(f"| {' | '.join(cells)} |")


def write_pages(folder: Path) -> str:
    """Write the pages to measure, and say how the script of folium's finds its map."""
    atlas = cm.Atlas.open()
    cm.render(atlas).save(folder / "page.html")
    dense = cm.render(atlas)
    densified(dense, 10)
    dense.save(folder / "dense.html")
    # folium's Leaflet comes from the web, which is not measured here: that of our own page is laid beside.
    for name in ("leaflet.js", "atlas.css"):
        (folder / name).write_text(bundle(name), encoding="utf-8")
    text = re.sub(r'<(?:script|link)[^>]*(?:src|href)="https?://[^>]*>(?:</script>)?', "", plain_folium(atlas))
    text = text.replace("<head>", '<head><script src="leaflet.js"></script><link rel="stylesheet" href="atlas.css">', 1)
    (folder / "folium.html").write_text(text, encoding="utf-8")
    name = re.search(r"var (map_[0-9a-f]+) = L\.map", text)
    return name[1] if name else "null"


def main(others: list[Path]) -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit("needs playwright: pip install -e .[test]")

    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        folder = Path(temporary)
        foliums_map = write_pages(folder)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        rows = [
            ("the page", measured(browser, folder / "page.html", "corridormap.map"), LIMITS),
            ("the page, ten times the vertices", measured(browser, folder / "dense.html", "corridormap.map"), "drawn in 3000 ms"),
            ("plain folium, Leaflet apart", measured(browser, folder / "folium.html", foliums_map), ""),
        ]
        compared = beside(browser, [folder / "page.html", *(path.resolve() for path in others)]) if others else []
        browser.close()
    print_table(["page", *UNITS, "limits"], [[label, *said(figures), limit] for label, figures, limit in rows])
    if compared:
        names = ["the page" if path.parent == folder else path.name for path, _, _ in compared]
        figures = [[name, f"{slower} ×", *said(figures)] for name, (_, slower, figures) in zip(names, compared, strict=True)]
        print_table(["page", "processor slower by", *(unit for unit, name in UNITS.items() if name != "zoom")], figures)


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
