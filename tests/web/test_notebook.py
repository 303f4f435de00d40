"""The map as a notebook shows it: framed, untrusted, and with a table's own lines above it."""

from __future__ import annotations

import base64
import re

import geopandas as gpd
import pytest
import shapely

import corridormap as cm
from corridormap.web.embed import SANDBOX, snippet

HOSTILE = "</div><img src=x onerror=alert(1)>"


@pytest.fixture
def output(tmp_path):
    """Write a notebook's output into a page of its own."""

    def write(view):
        path = tmp_path / "output.html"
        text = f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">{view._repr_html_()}</html>'
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def lines():
    """Lines across the atlas, with a number and a category."""
    spots = [shapely.LineString([(60 + i, 44), (60 + i, 52)]) for i in range(12)]
    kinds = ["rail" if i % 2 else "road" for i in range(12)]
    return gpd.GeoDataFrame({"tonnes": [1234.5 * i * i for i in range(12)], "kind": kinds}, geometry=spots, crs=4326)


def test_one_sandbox_for_notebook_and_article(tiny):
    atlas = cm.Atlas.open(tiny)
    assert f'sandbox="{SANDBOX}"' in cm.render(atlas)._repr_html_()
    assert f'sandbox="{SANDBOX}"' in snippet(atlas)


def test_where_frames_are_dropped_the_picture_is_left_and_says_why(atlas):
    shown = cm.render(atlas, lang="kk")._repr_html_()
    left = re.fullmatch(r"<iframe [^>]*>(.*)</iframe>", shown, re.DOTALL)[1]
    picture, alt = re.match(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)">', left).groups()
    assert base64.b64decode(picture).decode().startswith("<svg ")
    assert alt == atlas.record.title["kk"]
    assert "сенімді" in left


@pytest.mark.browser
def test_download_and_print_work_in_a_notebook(atlas, output, visit):
    with visit(output(cm.render(atlas))) as seen:
        frame = seen.page.frames[1]
        frame.evaluate("corridormap.ready.then(() => true)")
        frame.locator("#cm-tool-print").click()
        assert frame.locator("#cm-print-status").count() == 0
        frame.locator("#cm-tool-take").click()
        with seen.page.expect_download() as given:
            frame.locator(".cm-take li button, .cm-take .cm-tool").first.click()
        assert given.value.suggested_filename
        seen.clean()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("column", "options"),
    [("tonnes", {}), ("tonnes", {"scheme": "quantiles", "k": 4}), ("kind", {})],
    ids=["scale", "classes", "categories"],
)
def test_a_table_is_explored_on_the_map_without_a_request(atlas, lines, output, visit, column, options):
    view = cm.render(atlas)
    lines.explore(m=view, column=column, style_kwds={"weight": 9}, **options)
    with visit(output(view), width=1280, height=700) as seen:
        frame = seen.page.frames[1]
        frame.evaluate("corridormap.ready.then(() => true)")
        key = frame.locator(".maplegend")
        assert key.is_visible()
        said = key.inner_text()
        assert column in said
        assert ("149374" in said) == (column == "tonnes")
        # What was added lies above the atlas: at places on its lines it is what the pointer meets.
        met = frame.evaluate(
            """() => [...document.querySelectorAll('.leaflet-overlay-pane path')].flatMap((path) => {
              const at = path.getScreenCTM(); const places = [0.2, 0.5, 0.8].map((share) => path.getPointAtLength(path.getTotalLength() * share).matrixTransform(at));
              return places.map(({ x, y }) => document.elementFromPoint(x, y)?.closest(".leaflet-overlay-pane") !== null);
            })"""
        )
        assert len(met) == 36
        assert sum(met) > 30
        seen.clean()


def test_a_scale_of_ones_own_is_text(tiny):
    from branca.colormap import LinearColormap

    view = cm.render(cm.Atlas.open(tiny))
    LinearColormap(["#ffffff", "#ff0000"], vmin=2, vmax=3, caption=HOSTILE).add_to(view)
    page = view.html()
    assert HOSTILE not in page
    assert "d3.min.js" not in page
    assert page == view.html()
