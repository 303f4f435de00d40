import itertools
import os
import re
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import shapely
from pyproj import Geod

from corridormap import words
from corridormap.atlas import Atlas
from corridormap.errors import CorridorMapError, UsageError
from corridormap.plot import lines as plot_lines
from corridormap.plot import plot, save
from corridormap.plot.canvas import house_style

pytestmark = pytest.mark.slow

FigureCanvasAgg = pytest.importorskip("matplotlib.backends.backend_agg").FigureCanvasAgg
SVG = "{http://www.w3.org/2000/svg}"


def parsed(path):
    return ET.parse(path).getroot()


def texts_of(figure):
    return [text for axes in figure.axes for text in axes.texts]


def said(figure):
    return " ".join(text.get_text() for text in texts_of(figure))


def svg_texts(path):
    return [element.text for element in parsed(path).iter(f"{SVG}text")]


@pytest.fixture(scope="module", params=["en", "ru", "kk"])
def figure(request, atlas):
    made = plot(atlas, lang=request.param)
    made.lang = request.param
    return made


@pytest.mark.parametrize(("dpi", "pixels"), [(100, (1181, 787)), (40, (472, 314))])
def test_a_png_has_the_size_asked_for(atlas, tmp_path, dpi, pixels):
    path = tmp_path / "map.png"
    size = save(plot(atlas, lang="en"), path, dpi=dpi)
    content = path.read_bytes()
    assert len(content) == size
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == pytest.approx(pixels, abs=1)


def test_an_svg_is_xml_whose_text_is_text(atlas, figure, tmp_path):
    path = tmp_path / "map.svg"
    save(figure, path)
    found = " ".join(svg_texts(path))
    assert atlas.record.title[figure.lang] in found
    for name in atlas.layer("corridors")[f"name_{figure.lang}"]:
        assert all(word in found for word in name.split()), name
    root = parsed(path)
    assert root.get("width") == "850.393701pt" or float(root.get("width").removesuffix("pt")) == pytest.approx(300 / 25.4 * 72, abs=0.1)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_a_pdf_has_one_page_of_the_size_asked_for(figure, tmp_path):
    path = tmp_path / "map.pdf"
    save(figure, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF-1.4")
    assert content.rstrip().endswith(b"%%EOF")
    assert re.findall(rb"/Count (\d+)", content) == [b"1"]
    box = re.search(rb"/MediaBox \[ *0 0 ([\d.]+) ([\d.]+) *\]", content)
    assert [float(side) for side in box.groups()] == pytest.approx([300 / 25.4 * 72, 200 / 25.4 * 72], abs=0.1)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_two_processes_write_the_same_bytes(tiny, tmp_path, ending):
    written = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.{ending}"
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": f"UTC+{seed}", "SOURCE_DATE_EPOCH": seed}
        start = [sys.executable, "-W", "error", "-c", "from corridormap.cli import main; main()"]
        command = [*start, "--geodata", str(tiny), "plot", "--lang", "ru", "-o", str(path), "--dpi", "60"]
        subprocess.run(command, check=True, env=environment, capture_output=True)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_saving_twice_gives_the_same_bytes(atlas, tmp_path):
    made = plot(atlas, lang="kk")
    for ending in ("png", "svg", "pdf"):
        save(made, tmp_path / f"a.{ending}", dpi=60)
        save(plot(atlas, lang="kk"), tmp_path / f"b.{ending}", dpi=60)
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_every_corridor_is_drawn_in_its_colour_and_numbered(atlas, figure, tmp_path):
    path = tmp_path / "map.svg"
    save(figure, path)
    root = parsed(path)
    groups = {element.get("id"): ET.tostring(element, encoding="unicode") for element in root.iter(f"{SVG}g") if element.get("id")}
    style = atlas.layer_record("corridors").style
    for corridor, number in zip(atlas.layer("corridors")["id"], atlas.layer("corridors")["number"], strict=True):
        assert f"stroke: {style.values[corridor].colour}" in groups[f"corridors:{corridor}"]
        shields = [text for text in texts_of(figure) if text.get_text() == str(number)]
        assert {text.get_gid().split("-")[0] for text in shields} == {"shield", "legend"}
    dashed = groups["corridors:rail-1-northern-dashed"]
    assert "stroke-dasharray" in dashed


def test_the_legend_gives_every_length(atlas, figure):
    legend = [text.get_text() for text in texts_of(figure) if text.get_gid().startswith("legend")]
    for home, abroad in zip(atlas.layer("corridors")["length_km"], atlas.layer("corridors")["length_abroad_km"], strict=True):
        assert (
            f"{words.number(home, lang=figure.lang)} + {words.number(abroad, lang=figure.lang)}"
            if abroad
            else words.number(home, lang=figure.lang)
        ) in legend


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"size": (120, 90)},
        {"size": (210, 297)},
        {"size": (841, 594)},
        {"view": (60, 42, 80, 48), "graticule": True},
        {"layers": ["north_south", "we_wc_segment", "border", "crossings", "places"], "size": (297, 210)},
    ],
)
@pytest.mark.parametrize("lang", ["en", "kk"])
def test_no_texts_overlap_and_none_leaves_the_page(atlas, lang, options):
    made = plot(atlas, lang=lang, **options)
    with house_style():
        renderer = FigureCanvasAgg(made).get_renderer()
        extents = [(text.get_text(), text.get_window_extent(renderer).extents) for text in texts_of(made)]
    assert len(extents) > 10
    width, height = made.get_size_inches() * made.dpi
    for text, (west, south, east, north) in extents:
        assert west >= 0, text
        assert south >= 0, text
        assert east <= width, text
        assert north <= height, text
    for (one, a), (other, b) in itertools.combinations(extents, 2):
        wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert wide < 0.5 or high < 1.5, f"{one} meets {other}"


def test_the_scale_bar_is_true(atlas, monkeypatch):
    from corridormap.plot import marginalia

    seen = []
    measure = marginalia.scale_bar

    def spy(canvas, projection):
        seen.append((canvas, projection, *measure(canvas, projection)))
        return seen[-1][2:]

    monkeypatch.setattr(marginalia, "scale_bar", spy)
    assert "500 km" in said(plot(atlas, lang="en"))
    ((canvas, projection, metres, points),) = seen
    west, south, east, north = canvas.frame
    x, y = (west + east) / 2, (south + north) / 2
    ends = projection.to_degrees(np.array([(x - points / 2, y), (x + points / 2, y)]))
    assert Geod(ellps="WGS84").inv(*ends[0], *ends[1])[2] == pytest.approx(metres, rel=0.002)


def test_the_projection_is_the_atlas_s(atlas, tiny):
    for book in (atlas, Atlas.open(tiny)):
        assert book.record.planar_crs in said(plot(book, lang="en"))


def test_neighbours_keep_their_distance():
    path = np.array([(0.0, 0.0), (40.0, 0.0), (60.0, 30.0), (61.0, 30.0), (100.0, 30.0)])
    for offset in (-4.0, 4.0):
        moved = plot_lines.sideways(path, np.full(4, offset))
        assert np.hypot(*(moved[0] - (0, offset))) < 1e-6
        assert np.hypot(*(moved[-1] - (100, 30 + offset))) < 1e-6
        line = shapely.LineString(moved)
        assert line.is_simple
        assert shapely.LineString(path).distance(line) == pytest.approx(4, abs=1)
        assert line.hausdorff_distance(shapely.LineString(path)) < 9


def test_a_tight_spiral_still_gives_one_line():
    turns = np.linspace(0, 6 * np.pi, 200)
    path = np.column_stack([np.cos(turns), np.sin(turns)]) * np.linspace(0.5, 6, 200)[:, None]
    for offset in (-3.0, 3.0):
        moved = plot_lines.sideways(path, np.full(199, offset))
        assert moved.shape == path.shape
        assert np.isfinite(moved).all()
        # At a sharp turn nothing shoots away.
        assert np.hypot(*(moved - path).T).max() <= 6 + 1e-9


def test_a_line_slants_from_one_offset_to_another():
    path = np.column_stack([np.linspace(0, 100, 11), np.zeros(11)])
    moved = plot_lines.sideways(path, np.repeat([0.0, 5.0], 5))
    assert np.allclose(moved[:, 1], [0, 0, 0, 0, 0, 2.5, 5, 5, 5, 5, 5])


def test_ways_that_no_corridor_uses_are_drawn_below_the_corridors(atlas):
    artists = plot(atlas, lang="en", view=(46.0, 40.0, 88.0, 56.0)).figure.axes[0].get_children()
    (ways,) = [artist for artist in artists if artist.get_gid() == "backdrop-ways"]
    uses = {link: {atlas.itineraries[name].layer for name in names} for link, names in atlas.itineraries_of_links().items()}
    unused = [link for link, mode in atlas.links["mode"].items() if "corridors" not in uses.get(link, ()) and mode in {"rail", "road"}]
    assert {"rail:mointy-berlik-2", "rail:zhezkazgan-terbenbes"} <= set(unused)
    # Those abroad may lie outside the frame.
    at_home = (atlas.links.loc[unused, "country"] == "KZ").sum()
    assert at_home <= (ways.get_path().codes == ways.get_path().MOVETO).sum() <= len(unused)
    assert ways.get_zorder() < min(artist.get_zorder() for artist in artists if str(artist.get_gid()).startswith("corridors:"))


def test_another_atlas_without_a_backdrop(tiny, tmp_path):
    made = plot(Atlas.open(tiny), lang="ru")
    assert "Крошечный атлас" in said(made)
    assert "Южная дорога" in said(made)
    for ending in ("png", "svg", "pdf"):
        assert save(made, tmp_path / f"map.{ending}", dpi=50) > 1000


HOSTILE = [
    "<script>alert(1)</script>",
    r"$\alpha$ & $x",
    "abc\x00b\x1b\u2028c\ufffe",
    "\\frac{1}{2}$$",
    "]]>" + "&amp;" * 5,
    "漢字 🚂 " + "x" * 3000,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_they_are(tiny, tmp_path, edit, name):
    for layer in ("corridors", "places", "sights"):
        with edit(tiny / "layers" / f"{layer}.geojson") as document:
            for feature in document["features"]:
                feature["properties"]["name_en"] = name
    made = plot(Atlas.open(tiny), lang="en")
    shown = said(made)
    start = "".join(char if char.isprintable() else " " for char in name)[:3].split(" ")[0]
    assert start in shown
    for ending in ("png", "svg", "pdf"):
        save(made, tmp_path / f"map.{ending}", dpi=50)
    assert not list(parsed(tmp_path / "map.svg").iter(f"{SVG}script"))
    assert any(start in text for text in svg_texts(tmp_path / "map.svg") if text)


def test_features_without_names_or_lengths(tiny, edit):
    with edit(tiny / "layers" / "corridors.geojson") as document:
        for feature in document["features"]:
            feature["properties"].update(name_en=None, name_ru=None, length_km=None, number=None)
    plot(Atlas.open(tiny), lang="en")


def test_the_reader_s_own_settings_are_left_alone_and_do_not_matter(tiny, tmp_path):
    import matplotlib as mpl

    book = Atlas.open(tiny)
    save(plot(book, lang="en"), tmp_path / "a.svg")
    with mpl.rc_context({"font.family": "serif", "svg.fonttype": "path", "lines.linewidth": 9, "savefig.bbox": "tight"}):
        before = dict(mpl.rcParams)
        save(plot(book, lang="en"), tmp_path / "b.svg")
        assert dict(mpl.rcParams) == before
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def strokes_of(figure, name):
    return [patch.get_path().vertices for axes in figure.axes for patch in axes.patches if str(patch.get_gid()).startswith(name)]


def test_an_atlas_across_the_180th_meridian_is_one_piece(pacific):
    figure = plot(Atlas.open(pacific), lang="en", graticule=True)
    lane = np.vstack(strokes_of(figure, "corridors:example"))
    assert len(lane) >= 3
    assert np.hypot(*np.diff(lane[:3], axis=0).T).max() < 200
    assert (np.diff(lane[:3, 0]) > 0).all()
    told = [text.get_text() for text in texts_of(figure)]
    assert {"17°S", "20°S"} <= set(told)
    assert [degrees for degrees in told if re.fullmatch(r"\d+°[EW]?", degrees)] == ["178°E", "179°E", "180°", "179°W", "178°W"]
    for line in strokes_of(figure, "graticule"):
        assert np.hypot(*np.diff(line, axis=0).T).max() < 50


@pytest.mark.parametrize("view", [(176.0, -20.0, -178.0, -15.0), (-179.0, -20.0, -178.0, -18.0)])
def test_a_view_across_the_180th_meridian_may_be_asked_for(pacific, view):
    figure = plot(Atlas.open(pacific), lang="en", view=view)
    assert strokes_of(figure, "corridors:example")


def test_round_a_pole_meridians_meet_and_parallels_are_circles(run, tmp_path):
    assert run("new", tmp_path / "aq", "--country", "AQ").exit_code == 0
    assert run("build", geodata=tmp_path / "aq").exit_code == 0
    figure = plot(Atlas.open(tmp_path / "aq"), lang="en", graticule=True)
    meridians = strokes_of(figure, "graticule-0-")
    assert len(meridians) >= 36
    ends = np.vstack([line[[0, -1]] for line in meridians])
    centre = np.median(ends, axis=0)
    assert sum(np.hypot(*(line - centre).T).min() < 2 for line in meridians) >= 36
    (circle,) = strokes_of(figure, "graticule-1--80")
    radii = np.hypot(*(circle - centre).T)
    assert radii.min() == pytest.approx(radii.max(), rel=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lang": "xx"}, "no language"),
        ({"lang": "en", "layers": ["rails"]}, "no layer"),
        ({"lang": "en", "size": (50, 50)}, "a page of 50 × 50 mm"),
        ({"lang": "en", "size": (float("nan"), 200)}, "a page of nan"),
        ({"lang": "en", "view": (10, 0, 10, 5)}, "no such view"),
        ({"lang": "en", "view": (5, 5, 10, 0)}, "no such view"),
        ({"lang": "en", "view": (10, 0, 5, 5)}, "no such view: its middle is no place"),
        ({"lang": "en", "view": (170, 0, 190, 5)}, "no such view: 170,0,190,5"),
        ({"lang": "en", "view": (5, -90, 10, 0)}, "no such view"),
        ({"lang": "en", "view": (70, 48, 70.000001, 48.1)}, "a view of 1e-06 × 0.1 degrees"),
    ],
)
def test_what_makes_no_sense_is_refused(tiny, options, message):
    with pytest.raises(UsageError, match=message):
        plot(Atlas.open(tiny), **options)


def test_without_matplotlib_it_says_how_to_get_it(tiny, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CorridorMapError, match=r"pip install 'matplotlib>="):
        plot(Atlas.open(tiny), lang="en")


def test_matplotlib_is_imported_only_when_it_is_needed():
    code = "import sys, corridormap.cli, corridormap.plot; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_is_fast(atlas, tmp_path):
    start = time.process_time()
    save(plot(atlas, lang="en"), tmp_path / "map.png")
    assert time.process_time() - start < 5


@pytest.mark.parametrize(("lang", "degrees"), [("en", "50°N"), ("ru", "50° с. ш."), ("kk", "70° ш. б.")])
def test_degrees_are_named_in_the_language_of_the_map(atlas, lang, degrees):
    assert degrees in [text.get_text() for text in texts_of(plot(atlas, lang=lang, graticule=True))]


@pytest.mark.parametrize(("words", "lines"), [(12, 2), (60, 2)])
def test_a_title_that_is_cut_ends_in_dots(tiny, words, lines):
    settings = tiny / "atlas.toml"
    title = " ".join(["Corridors"] * words)
    settings.write_text(settings.read_text(encoding="utf-8").replace('en = "Tiny atlas"', f'en = "{title}"'), encoding="utf-8")
    figure = plot(Atlas.open(tiny), lang="en")
    shown = [text.get_text() for text in texts_of(figure) if text.get_fontsize() > 12]
    assert len(shown) == lines
    assert (" ".join(shown) == title) == (words == 12)
    assert shown[-1].endswith("…") == (words == 60)
