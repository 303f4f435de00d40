"""Taking away: the layers as files, the view as a picture, the print sheet."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import zlib

import numpy as np
import pytest
import shapely

import corridormap as cm
from corridormap import geojson
from corridormap.web.payload import NODES, line_scale
from corridormap.words import say

pytestmark = pytest.mark.browser

READY = "window.corridormap && window.corridormap.map"
HOSTILE = ['=HYPERLINK("http://x")', "+cmd", "-2+3", "@SUM(A1)", "\t=1", 'a "quoted", text\r\nin two lines', "</script><img src=x>"]


def download(page, click):
    # Chromium drops the eleventh download within a moment, as from a page that floods its reader.
    page.wait_for_timeout(400)
    with page.expect_download() as waiting:
        click()
    return waiting.value


def open_dialogue(page):
    page.wait_for_function(READY)
    page.locator("#cm-tool-take").click()


def test_every_layer_downloads_as_geojson_and_csv(pages, visit, atlas, tmp_path):
    with visit(pages["ru"], accept_downloads=True) as seen:
        page = seen.page
        open_dialogue(page)
        rows = page.locator(".cm-take li")
        assert rows.count() == len(atlas.layers)
        for position, record in enumerate(atlas.layers):
            frame = atlas.layer(record.id)
            file = download(page, rows.nth(position).get_by_text("GeoJSON").click)
            assert file.suggested_filename == f"{atlas.record.id}-{record.id}.geojson"
            file.save_as(tmp_path / file.suggested_filename)
            document = geojson.parse((tmp_path / file.suggested_filename).read_text(encoding="utf-8"), where=file.suggested_filename)
            assert "corridormap" in document["note"]
            # A step of the page's coordinates, in metres.
            scale = {"border": 111320 / 150}.get(record.id, line_scale(atlas))
            rounded = record.geometry != "Point" or record.build in NODES
            assert (f" {111320 / scale:.0f} м" in document["note"].replace("\u00a0", " ")) == rounded
            assert "crs" not in document
            got = geojson.to_frame(document, where=record.id)
            assert list(got["id"]) == list(frame["id"])
            assert list(got["name_kk"]) == list(frame["name_kk"])
            for ours, theirs in zip(got.geometry, frame.geometry, strict=True):
                if theirs is None:
                    assert ours is None
                else:
                    assert ours.geom_type == theirs.geom_type, record.id
                    # To half a step of the page's coordinates, each way.
                    assert shapely.hausdorff_distance(ours, theirs) < 0.8 / scale

            file = download(page, rows.nth(position).get_by_text("CSV").click)
            file.save_as(tmp_path / "layer.csv")
            data = (tmp_path / "layer.csv").read_bytes()
            assert data.startswith(b"\xef\xbb\xbf")
            assert data.endswith(b"\r\n")
            table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
            assert [row["id"] for row in table] == list(frame["id"])
            assert [row["name_ru"] for row in table] == list(frame["name_ru"])
            if record.geometry == "Point":
                located = [row for row, geometry in zip(table, frame.geometry, strict=True) if geometry is not None]
                lon = [geometry.x for geometry in frame.geometry if geometry is not None]
                assert [float(row["lon"]) for row in located] == pytest.approx(lon, abs=0.5 / scale if rounded else 1e-5)
        assert page.locator(".cm-take-status").inner_text()
        page.keyboard.press("Escape")
        # A dialogue tells of its closing in a task of its own.
        page.locator("dialog").wait_for(state="detached")
        assert page.evaluate("document.activeElement.id") == "cm-tool-take"
        seen.clean()


@pytest.mark.node
def test_hostile_cells_are_guarded_and_numbers_are_not(pages, peek):
    text = peek(
        pages["en"],
        f"""const cells = {json.dumps(HOSTILE)};
        return download.layerCsv({{ record: {{ geometry: "LineString" }}, fields: ["id", "n"],
          features: [...cells.map((id) => ({{ properties: {{ id, n: -1.5 }} }})), {{ properties: {{ id: "-7", n: null }} }}] }});""",
    )
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[0] == ["id", "n"]
    assert [row[0] for row in rows[1:]] == [f"'{cell}" for cell in HOSTILE[:5]] + HOSTILE[5:] + ["-7"]
    assert [row[1] for row in rows[1:]] == ["-1.5"] * len(HOSTILE) + [""]


def pixels(data):
    """Red, green and blue of a PNG as canvases write it: eight bits, four channels, not interlaced."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    depth, kind, interlaced = data[24], data[25], data[28]
    assert (depth, interlaced) == (8, 0)
    channels = {2: 3, 6: 4}[kind]
    at, packed = 8, b""
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + size]
        at += size + 12
    raw = np.frombuffer(zlib.decompress(packed), dtype=np.uint8).reshape(height, 1 + width * channels)
    image = np.zeros((height + 1, width + 1, channels), dtype=np.int32)
    for y in range(height):
        line = raw[y, 1:].reshape(width, channels).astype(np.int32)
        above = image[y, 1:]
        kind = raw[y, 0]
        if kind == 0:
            image[y + 1, 1:] = line
        elif kind == 1:
            image[y + 1, 1:] = np.cumsum(line, axis=0) % 256
        elif kind == 2:
            image[y + 1, 1:] = (line + above) % 256
        else:
            for x in range(width):
                left, up, corner = image[y + 1, x], image[y, x + 1], image[y, x]
                if kind == 3:
                    guess = (left + up) // 2
                else:
                    estimate = left + up - corner
                    a, b, c = abs(estimate - left), abs(estimate - up), abs(estimate - corner)
                    guess = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
                image[y + 1, x + 1] = (line[x] + guess) % 256
    return image[1:, 1:, :3]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_view_downloads_as_a_png(pages, visit, atlas, tmp_path, scheme):
    with visit(pages["ru"], accept_downloads=True, color_scheme=scheme, width=640, height=480) as seen:
        page = seen.page
        page.wait_for_function(READY)
        if not page.locator("#cm-tool-take").is_visible():
            page.locator(".cm-toggle").click()
        open_dialogue(page)
        file = download(page, page.locator(".cm-take p .cm-tool").click)
        file.save_as(tmp_path / "map.png")
        image = pixels((tmp_path / "map.png").read_bytes())
        assert len(np.unique(image.reshape(-1, 3), axis=0)) > 50
        # The title is ink on the paper above the map: neither blank nor a block.
        top = image[: int(image.shape[0] * 0.06)].sum(axis=2)
        assert 0.005 < (top < 250).mean() < 0.4 or 0.005 < (top > 515).mean() < 0.4
        seen.clean()


@pytest.mark.parametrize(("lang", "size"), [("en", (1280, 800)), ("ru", (1280, 800)), ("kk", (390, 844))])
def test_the_print_sheet_is_one_page(pages, visit, atlas, tmp_path, lang, size):
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext of poppler-utils")
    with visit(pages[lang], width=size[0], height=size[1]) as seen:
        page = seen.page
        page.wait_for_function(READY)
        page.pdf(path=str(tmp_path / "map.pdf"), prefer_css_page_size=True)
        info = subprocess.run(["pdfinfo", tmp_path / "map.pdf"], capture_output=True, text=True, check=True).stdout
        assert re.search(r"Pages:\s+1\b", info)
        text = " ".join(subprocess.run(["pdftotext", tmp_path / "map.pdf", "-"], capture_output=True, text=True, check=True).stdout.split())
        assert atlas.record.title[lang] in text
        assert "OpenStreetMap" in text
        assert say("labels.sources", lang=lang) in text
        assert say("page.measure", lang=lang) not in text
        for layer in atlas.layers:
            assert (layer.name[lang] in text) == layer.visible, layer.id
        # Afterwards the page is as it was.
        assert page.locator(".cm-print").count() == 0
        seen.clean()


def test_a_sandboxed_frame_is_told_quietly(pages, visit, framed):
    with visit(framed(pages["en"], sandbox="allow-scripts allow-same-origin")) as seen:
        inner = seen.page.frame_locator("iframe")
        inner.locator("#cm-tool-take").click()
        inner.locator(".cm-take li button").first.click()
        assert "does not allow downloads" in inner.locator(".cm-take-status").inner_text()
        seen.errors[:] = [error for error in seen.errors if "allow-scripts and allow-same-origin" not in error]
        seen.clean()


def test_the_policy_is_as_strict_as_before(pages):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', pages["en"].read_text(encoding="utf-8"))[1]
    assert "img-src data:;" in policy
    assert "blob:" not in policy
    assert "unsafe" not in policy
    assert cm.__version__
