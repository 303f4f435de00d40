"""Page, QGIS and print agree on colour, width, dash, offset, order and words of every layer, itinerary and link.

What is compared is read back from what each of them draws: the page's paths, QGIS's symbols, the print's artists. QGIS offsets a line as
one: it draws every itinerary in its lane, and displaces no road.
"""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import geopandas
import numpy as np
import pytest
import shapely
from colorspacious import cspace_convert

import corridormap as cm
from corridormap import web
from corridormap.atlas import Atlas, SignedLink
from corridormap.cartography import legend
from corridormap.cartography.labels import ranks
from corridormap.cartography.offsets import displacements, lanes, share_at, travelled
from corridormap.cartography.symbols import TABLE, doubtful, strokes, symbol_of
from corridormap.export import Bundle
from corridormap.export.qgis.qml import qml
from corridormap.export.qgis.symbols import uncertain_stretches
from corridormap.export.sld import sld
from corridormap.web import payload

FRONT = Path(web.__file__).parent / "front"
MM = 25.4 / 96
ZOOMS = (6, 9.5)
PAGE = """
const told = {};
for (const layer of atlas.layers.filter(({ record }) => record.strokes)) layer.features.forEach(lines.drawLines);
for (const layer of atlas.layers) stage.map.addLayer(layer.group);
for (const zoom of %s) {
  stage.map.setView([48, 67], zoom, { animate: false });
  // Not rounded to whole pixels, as Leaflet rounds: that alone bends a line by a tenth of a lane, and another step is its longest.
  const at = (places) => places.map((place) => stage.map.project(place).subtract(stage.map.getPixelOrigin())).map(({ x, y }) => [x, y]);
  told[zoom] = { links: atlas.links.map(at), features: atlas.layers.flatMap(({ features }) => features.map(({ id, lines }) => ({ id, drawn: lines.map((line) => ({
    part: line.part, colour: line.options.color, width: line.options.weight, dash: line.options.dashArray ?? null, cap: line.options.lineCap,
    level: line.options.level, run: line._rings[0].map(({ x, y }) => [x, y]) })) }))) };
}
told.order = Object.fromEntries(["under", "line"].map((level, i) => [level, [...document.querySelectorAll("svg > g > g")].filter((g) => g.querySelector("[data-part=line]"))
  [i].querySelectorAll("[data-part=line]")].map((group) => group)).map(([level, paths]) => [level, [...new Set([...paths].map((path) => path.dataset.feature))]]));
told.parts = [...document.querySelectorAll("svg > g > g")].filter((g) => g.querySelector("path")).map((g) =>
  [...new Set([...g.querySelectorAll("[data-layer=corridors]")].map((path) => path.dataset.part))].sort().join(" ")).filter(Boolean);
told.legend = Object.fromEntries(atlas.layers.map((layer) => [layer.id, legend.printLegend(layer).map((item) => item.textContent)]));
told.drawing = Object.fromEntries(atlas.layers.map(({ id, record }) => [id, record.drawing.map(({ text }) => text[%s])]));
told.points = Object.fromEntries(atlas.layers.filter(({ record }) => record.ranks).map(({ id, record }) => [id, record.legend.map(({ symbol }) => symbol)]));
told.ranks = Object.fromEntries(atlas.layers.filter(({ record }) => record.ranks).map(({ id, record }) => [id, record.ranks]));
return told;
"""
needs_node = pytest.mark.node


@pytest.fixture(scope="module", params=["en", "kk"])
def page(atlas, tmp_path_factory, request):
    """What the page draws, by zoom, and what its legends say."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    cm.render(atlas, lang=request.param).save(path)
    command = ["node", "--import", "tsx", "--import", "./test/setup.ts", "test/peek.ts", str(path)]
    code = PAGE % (json.dumps(ZOOMS), json.dumps(request.param))
    done = subprocess.run(command, cwd=FRONT, input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {**json.loads(done.stdout), "lang": request.param}


@pytest.fixture(scope="module")
def printed(atlas):
    """The print's figure with all layers, and the scene it was drawn from."""
    pytest.importorskip("matplotlib")
    from corridormap.plot import lines, plot

    seen = []
    tracks = lines.tracks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "tracks", lambda scene: seen.append(scene) or tracks(scene))
        figure = plot(atlas, lang="en", layers=[layer.id for layer in atlas.layers], size=(600, 400))
    return figure, seen[0]


@pytest.fixture(scope="module")
def styles(atlas):
    """Layer → its QML, parsed."""
    return {layer.id: ET.fromstring(qml(layer).split("\n", 1)[1]) for layer in Bundle.of(atlas, lang="en").layers}


def line_layers(atlas):
    return [layer for layer in atlas.layers if layer.geometry != "Point"]


def rows_of(atlas, layer):
    frame = atlas.layer(layer.id)
    return frame[frame.geometry.notna()].to_dict("records")


def wanted(layer, row, *, doubt):
    """Part → colour, width in pixels, lengths of dashes."""
    made = strokes(symbol_of(layer.style, row.get(layer.style.by)), mode=row.get("mode"), casing=layer.style.casing, doubt=doubt)
    return {stroke.part: (stroke.colour, round(stroke.width, 2), lengths(stroke.dash)) for stroke in made}


def lengths(dash):
    return [round(float(item), 1) for item in re.split("[ ,;]", dash)] if dash else []


def doubts(atlas, layer, row):
    """Whether a feature is drawn all along, in doubt, or both."""
    if layer.build != "itineraries":
        return {doubtful(row, layer.style)}
    return {doubtful(atlas.links.loc[link].to_dict(), layer.style) for link in travelled(atlas, row["id"])}


# Colour, width, dash ---------------------------------------------------------------------------------------------------------------------


@needs_node
def test_the_page_draws_the_strokes(page, atlas):
    drawn = {feature["id"]: feature["drawn"] for feature in page[str(ZOOMS[0])]["features"]}
    for layer in line_layers(atlas):
        for row in rows_of(atlas, layer):
            seen = drawn[row["id"]]
            cases = [wanted(layer, row, doubt=doubt) for doubt in doubts(atlas, layer, row)]
            assert {piece["part"] for piece in seen} == {part for case in cases for part in case}, row["id"]
            for piece in seen:
                look = (piece["colour"], round(piece["width"], 2), lengths(piece["dash"]))
                assert look in [case.get(piece["part"]) for case in cases], (row["id"], piece["part"])
                assert piece["cap"] == ("butt" if piece["dash"] else "round")


@pytest.mark.slow
def test_the_print_draws_the_strokes(printed, atlas):
    from matplotlib.colors import to_hex

    figure, scene = printed
    share = scene.canvas.line_share
    patches = {patch.get_gid(): patch for patch in figure.axes[0].patches if patch.get_gid()}
    for layer in line_layers(atlas):
        for row in rows_of(atlas, layer):
            for doubt in doubts(atlas, layer, row):
                name = f"{layer.id}:{row['id']}" + ("-dashed" if doubt else "")
                for part, look in wanted(layer, row, doubt=doubt).items():
                    patch = patches.get(name if part == "line" else f"{name}-{part}")
                    if patch is None:
                        # Outside of the print's frame.
                        assert layer.build != "itineraries", name
                        continue
                    dash = (
                        [round(length / share, 1) for length in patch.get_linestyle()[1] or []] if patch.get_linestyle() != "solid" else []
                    )
                    dash = dash or [round(length / share, 1) for length in (patch._dash_pattern[1] or [])]
                    assert (to_hex(patch.get_edgecolor()), round(patch.get_linewidth() / share, 2), dash) == look, (name, part)
                    assert patch.get_capstyle() == ("butt" if dash else "round")


def options_of(part):
    return {option.get("name"): option.get("value") for option in part.find("Option").iter("Option") if option.get("name")}


def defined_of(part):
    """Data-defined property → its expression."""
    found = part.find("data_defined_properties").iterfind(".//Option[@type='Map']")
    return {
        node.get("name"): node.find("Option[@name='expression']").get("value")
        for node in found
        if node.find("Option[@name='expression']") is not None
    }


def qgis_looks(symbol):
    """Of each line that a symbol draws: its colour, width in pixels and dashes, its expressions, and its order."""
    for part in symbol.findall("layer"):
        for line in (part.findall("symbol/layer") or [part]) if part.get("class") in {"GeometryGenerator", "SimpleLine"} else ():
            given = options_of(line)
            colour = "#" + bytes(int(item) for item in given["line_color"].split(",")[:3]).hex()
            dash = [round(float(item) / MM, 1) for item in given["customdash"].split(";")] if given["use_custom_dash"] == "1" else []
            assert given["capstyle"] == ("flat" if dash else "round")
            yield (colour, round(float(given["line_width"]) / MM, 2), dash), {**defined_of(part), **defined_of(line)}, int(part.get("pass"))


def symbols_of(style):
    """Category → its symbol, in the order they are drawn; None → the one of a layer without categories."""
    renderer = style.find("renderer-v2")
    symbols = {symbol.get("name"): symbol for symbol in renderer.find("symbols")}
    categories = renderer.find("categories")
    return {item.get("value"): symbols[item.get("symbol")] for item in categories} if categories is not None else {None: symbols["0"]}


def close(one, other):
    return one[0] == other[0] and abs(one[1] - other[1]) < 0.03 and one[2] == other[2]


def test_qgis_draws_the_strokes(styles, atlas):
    for layer in line_layers(atlas):
        symbols = symbols_of(styles[layer.id])
        for row in rows_of(atlas, layer):
            symbol = symbols[row[layer.style.by]]
            looks = [look for look, _, _ in qgis_looks(symbol)]
            for doubt in doubts(atlas, layer, row):
                for part, look in wanted(layer, row, doubt=doubt).items():
                    assert any(close(look, seen) for seen in looks), (row["id"], part)
            # Casings below all lines, so that none cuts a line.
            if layer.style.casing:
                assert (
                    next(level for look, _, level in qgis_looks(symbol) if look[1] > symbol_of(layer.style, row[layer.style.by]).width + 1)
                    == 0
                )
                assert styles[layer.id].find("renderer-v2").get("symbollevels") == "1"


def test_the_sld_draws_the_strokes(atlas):
    for layer in Bundle.of(atlas, lang="en").layers:
        if layer.record.geometry == "Point":
            continue
        root = ET.fromstring(sld(layer).split("\n", 1)[1])
        seen = set()
        for stroke in root.iter("{http://www.opengis.net/sld}Stroke"):
            given = {item.get("name"): item.text for item in stroke}
            seen.add((given["stroke"], round(float(given["stroke-width"]), 2), tuple(lengths(given.get("stroke-dasharray")))))
        for row in rows_of(atlas, layer.record):
            looks = wanted(layer.record, row, doubt=False)
            assert {(colour, width, tuple(dash)) for part, (colour, width, dash) in looks.items() if part != "core"} <= seen


def test_doubt_in_qgis_follows_the_rule(styles, atlas):
    with closing(sqlite3.connect(":memory:")) as connection:
        for layer in line_layers(atlas):
            for symbol in symbols_of(styles[layer.id]).values() if layer.build == "links" else ():
                (when,) = {defined["enabled"] for (_, _, dash), defined, _ in qgis_looks(symbol) if dash == lengths(TABLE.doubt_dash)} or {
                    "0"
                }
                for row in rows_of(atlas, layer):
                    query = f"SELECT {when} FROM (SELECT ? AS accuracy_m, ? AS status)"  # noqa: S608
                    assert (
                        bool(connection.execute(query, (row["accuracy_m"], row["status"])).fetchone()[0]) == doubtful(row, layer.style)
                        or when == "0"
                    )
    planned = {"accuracy_m": None, "status": "planned"}
    style = atlas.layer_record("corridors").style
    assert doubtful(planned, style)
    assert not doubtful({"accuracy_m": style.dash_over_m, "status": "works"}, style)
    assert doubtful({"accuracy_m": style.dash_over_m + 1, "status": "open"}, style)


# Offsets ---------------------------------------------------------------------------------------------------------------------------------


def probe(run):
    """The middle of a run's longest step that is neither its first nor its last, and the step's direction."""
    steps = np.diff(run, axis=0)
    size = np.hypot(*steps.T)
    inner = size[1:-1].argmax() + 1 if len(size) > 2 else size.argmax()
    return (run[inner] + run[inner + 1]) / 2, steps[inner] / size[inner]


def measured(link, drawn, *, reach, up):
    """How far right of a link, as it is given, drawn lines that run along it pass its probe within reach."""
    middle, direction = probe(np.asarray(link, dtype=float))
    right = np.array([direction[1], -direction[0]]) * (1 if up else -1)
    across = shapely.LineString([middle - right * reach, middle + right * reach])
    return [
        float((point - middle) @ right)
        for run in drawn
        if len(run) > 1
        for point in shapely.get_coordinates(across.intersection(shapely.LineString(run)))
        if along(run, point, direction) > 0.7
    ]


def along(run, point, direction):
    """How much a line goes along a direction where it passes a point, from 0 to 1."""
    run = np.asarray(run, dtype=float)
    run = run[np.r_[True, np.hypot(*np.diff(run, axis=0).T) > 0]]
    middles, steps = (run[1:] + run[:-1]) / 2, np.diff(run, axis=0)
    size = np.hypot(*steps.T)
    distance = np.abs((point - middles)[:, 0] * steps[:, 1] - (point - middles)[:, 1] * steps[:, 0]) / size + np.maximum(
        np.abs(np.sum((point - middles) * steps, axis=1)) / size - size / 2, 0
    )
    nearest = distance.argmin()
    return abs(float(steps[nearest] @ direction)) / size[nearest]


def test_itineraries_that_share_no_link_are_chosen_apart():
    """The work grows with those that lie beside each other, not with all of the atlas."""
    from corridormap.cartography.offsets import _groups

    ways = {"old": {"x": 1, "z": 1}, "far": {"q": 1}, "a": {"x": 1, "y": 1}, "b": {"v": -1}, "c": {"y": -1}, "d": {"z": 1}}
    groups = _groups({"old": 0, "far": 1}, ["a", "b", "c", "d"], ways)
    assert groups == [({"old": 0}, ["a", "c"]), ({}, ["b"]), ({"old": 0}, ["d"])]


def check_offsets(links, drawn_of, atlas, *, unit, share, up):
    """Hold what is drawn against every link of every itinerary: right lane, right side, rightly dashed."""
    chosen, aside = lanes(atlas), displacements(atlas)
    checked = 0
    for layer in line_layers(atlas):
        for row in rows_of(atlas, layer) if layer.build == "itineraries" else ():
            for link, direction in travelled(atlas, row["id"]).items():
                # Freed of bends that are too small to draw.
                run = shapely.get_coordinates(shapely.simplify(shapely.LineString(links[link]), 0.2 * unit))[::direction]
                # What is shorter than a few lanes has no room to lie beside itself.
                if len(run) < 2 or np.hypot(*(run[-1] - run[0])) < 8 * unit:
                    continue
                expected = chosen[row["id"]] + direction * aside.get(link, 0) * share
                doubt = doubtful(atlas.links.loc[link].to_dict(), layer.style)
                found = measured(run, drawn_of(layer, row, doubt), reach=6 * unit, up=up)
                assert any(abs(at / unit - expected) < 0.4 for at in found), (row["id"], link, expected, [at / unit for at in found])
                checked += 1
    return checked


@needs_node
@pytest.mark.parametrize("zoom", ZOOMS)
def test_the_page_draws_every_link_in_its_lane(page, atlas, zoom):
    told = page[str(zoom)]
    drawn = {feature["id"]: feature["drawn"] for feature in told["features"]}
    used = sorted({link for layer in line_layers(atlas) for link in _links_of(atlas, layer)})
    slim = max(0.62, min(1.15, 0.62 + (zoom - 3.75) * 0.26))

    def drawn_of(_, row, doubt):
        return [
            piece["run"]
            for piece in drawn[row["id"]]
            if piece["part"] == "line" and (piece["dash"] == TABLE.doubt_dash) == (doubt and piece["dash"] != TABLE.sea_dash)
        ]

    links = dict(zip(used, told["links"], strict=True))
    assert check_offsets(links, drawn_of, atlas, unit=TABLE.spacing * slim, share=share_at(zoom), up=False) > 60


def _links_of(atlas, layer):
    if layer.build == "links":
        return set(atlas.layer(layer.id)["id"])
    return {link for name in atlas.layer(layer.id)["id"] for link in travelled(atlas, name)} if layer.build == "itineraries" else set()


def test_the_print_draws_every_link_in_its_lane(printed, atlas):
    figure, scene = printed
    patches = {patch.get_gid(): patch for patch in figure.axes[0].patches if patch.get_gid()}

    def drawn_of(layer, row, doubt):
        patch = patches.get(f"{layer.id}:{row['id']}" + ("-dashed" if doubt else ""))
        if patch is None:
            return []
        path = patch.get_path()
        return np.split(path.vertices, np.flatnonzero(path.codes == 1)[1:])

    links = {name: scene.projection.to_page(shapely.get_coordinates(line)) for name, line in atlas.links.geometry.items()}
    unit = TABLE.spacing * scene.canvas.line_share
    assert check_offsets(links, drawn_of, atlas, unit=unit, share=share_at(scene.zoom), up=True) > 60


def test_qgis_draws_every_itinerary_in_its_lane_and_displaces_none(styles, atlas):
    for layer in Bundle.of(atlas, lang="en").layers:
        if layer.record.build != "itineraries":
            continue
        symbols = symbols_of(styles[layer.id])
        stretches = uncertain_stretches(layer, features=layer.frame["id"])
        for row in rows_of(atlas, layer.record):
            for _, defined, _ in qgis_looks(symbols[row[layer.record.style.by]]):
                expression = defined.get("offset", "0")
                assert "@map_scale" not in expression, "QGIS draws no road aside of a railway"
                given = re.search(rf"WHEN \"id\" = '{row['id']}' THEN (-?[\d.]+)", expression)
                assert round(float(given[1]) / MM / TABLE.spacing if given else 0.0, 2) == lanes(atlas)[row["id"]], row["id"]
            # QGIS counts to the right of a line as it runs: it runs as it is travelled.
            steps = (
                {tuple(map(tuple, step)) for part in row["geometry"].geoms for step in pairs(part)}
                if hasattr(row["geometry"], "geoms")
                else {tuple(map(tuple, step)) for step in pairs(row["geometry"])}
            )
            for link, direction in travelled(atlas, row["id"]).items():
                first, second = (tuple(place) for place in shapely.get_coordinates(atlas.links.geometry[link])[:2])
                assert ((first, second) if direction > 0 else (second, first)) in steps, (row["id"], link)
            doubt = {link for link in travelled(atlas, row["id"]) if doubtful(atlas.links.loc[link].to_dict(), layer.record.style)}
            assert bool(doubt) == (row["id"] in stretches)
            if doubt:
                drawn = [shapely.get_coordinates(line)[[0, -1]] for line in shapely.from_wkt(stretches[row["id"]]).geoms]
                ends = [
                    shapely.get_coordinates(atlas.links.geometry[link])[[0, -1]] for link in travelled(atlas, row["id"]) if link in doubt
                ]
                turns = [direction for link, direction in travelled(atlas, row["id"]).items() if link in doubt]
                assert np.allclose(drawn, [pair[::turn] for pair, turn in zip(ends, turns, strict=True)], atol=1e-5), row["id"]


def pairs(line):
    places = shapely.get_coordinates(line)
    return np.stack([places[:-1], places[1:]], axis=1)


def test_no_two_itineraries_lie_on_each_other(atlas):
    chosen = lanes(atlas)
    taken = {}
    for name, lane in chosen.items():
        for link, direction in travelled(atlas, name).items():
            assert taken.setdefault((link, lane * direction), name) == name, (link, name)
    # Dostyk - Beskol: neighbours without a gap.
    assert {chosen[name] for name in ("rail-1-northern", "rail-2-southern", "rail-5-traceca")} == {-1, 0, 1}
    assert lanes(Atlas.open(atlas.folder)) == chosen


@pytest.mark.parametrize("many", [1, 2, 5, 9])
def test_however_many_share_a_link_each_has_a_lane(many):
    """The second half travels the other way."""
    names = [f"itinerary-{number}" for number in range(many)]
    links = geopandas.GeoDataFrame({"id": ["link"]}, geometry=[shapely.LineString([(70, 48), (71, 48)])], index=["link"], crs=4326)
    crowd = SimpleNamespace(
        found={},
        layers=[SimpleNamespace(id="all", build="itineraries", visible=True)],
        layer=lambda _: {"id": names},
        itineraries=names,
        route=lambda name: [[SignedLink("link", forward=names.index(name) * 2 < many)]],
        links=links,
        planar_crs="EPSG:32642",
    )
    sides = [lane * travelled(crowd, name)["link"] for name, lane in lanes(crowd).items()]
    assert sorted(sides) == list(range(min(sides), max(sides) + 1))
    assert max(map(abs, sides)) == many // 2


def test_roads_pass_the_railways_beside_them(atlas):
    found = displacements(atlas)
    assert found
    assert all(atlas.links.loc[link, "mode"] == "road" for link in found)
    assert [share_at(zoom) for zoom in (4, 7, 8, 9, 12)] == [1, 1, 0.5, 0, 0]


# Order and words -------------------------------------------------------------------------------------------------------------------------


@needs_node
def test_all_draw_in_one_order(page, printed, styles, atlas):
    figure, _ = printed
    height = {patch.get_gid(): patch.get_zorder() for patch in figure.axes[0].patches if patch.get_gid()}
    for layer in line_layers(atlas):
        ids = [row["id"] for row in rows_of(atlas, layer)]
        seen = [name for name in page["order"]["line" if layer.build == "itineraries" else "under"] if name in ids]
        over = {name: max(height.get(f"{layer.id}:{name}", 0), height.get(f"{layer.id}:{name}-dashed", 0)) for name in ids}
        # Of the network some links lie outside of the print's frame.
        shown = [name for name in sorted(ids, key=over.get) if over[name]]
        assert [name for name in seen if over[name]] == shown, layer.id
        assert len(seen) == len(ids)
        if layer.style.by == "id":
            assert list(symbols_of(styles[layer.id])) == ids
    # No casing cuts the line of an itinerary: in print, and on the page, where what comes later is drawn above.
    ours = {name: z for name, z in height.items() if name.split(":")[0] in {"corridors", "north_south", "we_wc_segment"}}
    assert max(z for name, z in ours.items() if name.endswith("-casing")) < min(
        z for name, z in ours.items() if not name.endswith("-casing")
    )
    assert page["parts"] == ["casing", "core line"]


@needs_node
def test_all_say_the_same_words_in_the_same_order(page, atlas):
    lang = page["lang"]
    for layer in Bundle.of(atlas, lang=lang).layers:
        rows = [row.text[lang] for row in legend.rows(atlas, layer.record, layer.frame)]
        assert [bare(text) for text in page["legend"][layer.id]] == rows
        assert page["drawing"][layer.id] == [row.text[lang] for row in legend.drawing_rows(atlas, layer.record, layer.frame)]
        style = ET.fromstring(qml(layer).split("\n", 1)[1])
        labels = [bare(item.get("label")) for item in style.iter("category")]
        # Of itineraries styled by their mode QGIS has the modes, the others their names.
        if layer.record.build != "itineraries" or layer.record.style.by == "id":
            assert [label for label in labels if label in rows] == rows, layer.id


def bare(text):
    """A name without its number."""
    return re.sub(r"^\d+( ·|\.) ", "", text)


def test_the_print_says_the_legend_s_words(printed, atlas):
    figure, _ = printed
    said = " ".join(text.get_text() for text in figure.axes[0].texts if text.get_gid().startswith("legend"))
    for layer in atlas.layers:
        frame = atlas.layer(layer.id)
        for row in [*legend.rows(atlas, layer, frame), *(legend.drawing_rows(atlas, layer, frame) if layer.build == "itineraries" else ())]:
            assert all(word in said for word in row.text["en"].split()), row.text["en"]


def test_modes_have_rows_only_where_there_is_more_than_one(atlas):
    record = atlas.layer_record("corridors")
    frame = atlas.layer("corridors")
    assert len(legend.drawing_rows(atlas, record, frame)) == 3
    assert len(legend.drawing_rows(atlas, record, frame[frame["mode"] == "rail"])) == 1
    numbered = legend.rows(atlas, record, frame.iloc[::-1])
    assert [row.feature for row in numbered] == list(frame["id"])


@needs_node
def test_points_have_one_colour_shape_and_rank(page, styles, atlas):
    for layer in atlas.layers:
        if layer.geometry != "Point":
            continue
        frame = atlas.layer(layer.id)
        assert page["ranks"][layer.id] == [list(rank) for rank in ranks(atlas, layer, frame)]
        symbols = symbols_of(styles[layer.id])
        for row, symbol in zip(legend.rows(atlas, layer, frame), page["points"][layer.id], strict=True):
            assert (symbol["colour"], symbol["shape"], symbol["size"]) == (row.symbol.colour, row.symbol.shape, row.symbol.size)
        for value, symbol in symbols.items():
            given, ours = options_of(symbol.find("layer")), symbol_of(layer.style, value)
            assert "#" + bytes(int(item) for item in given["color"].split(",")[:3]).hex() == ours.colour
            assert given["name"].removeprefix("equilateral_") == ours.shape
            assert float(given["size"]) / MM == pytest.approx(ours.size, abs=0.01)


def test_the_page_s_day_is_the_table_s():
    """The style sheet has the backdrop's colours of day and night; those of day are everybody's."""
    sheet = (FRONT / "styles" / "base.css").read_text(encoding="utf-8")
    assert {name: re.search(rf"--cm-{name}: (#[0-9a-f]+);", sheet)[1] for name in TABLE.grounds} == TABLE.grounds


def test_the_page_keeps_no_copy_of_the_table():
    sources = "".join(
        (FRONT / "src" / f"{name}.ts").read_text(encoding="utf-8") for name in ("lines", "symbols", "legend", "badges", "labels")
    )
    for value in (TABLE.rail_dash, TABLE.sea_dash, TABLE.doubt_dash, f"{TABLE.core}", f" {TABLE.casing:g};", f"{TABLE.spacing:g} *"):
        assert value not in sources, value


COLOURS = [None, "deuteranomaly", "protanomaly"]


def _seen(colours, blindness):
    """Colours in CIELAB as seen; the simulation is Machado, Oliveira and Fernandes' of 2009, doi:10.1109/TVCG.2009.113, at full severity."""
    rgb = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in colours])
    if blindness:
        rgb = cspace_convert(rgb, {"name": "sRGB1+CVD", "cvd_type": blindness, "severity": 100}, "sRGB1").clip(0, 1)
    return cspace_convert(rgb, "sRGB1", "CIELab")


@pytest.mark.parametrize("blindness", COLOURS)
def test_colours_that_meet_are_told_apart(atlas, blindness):
    """Itineraries that share track or cross differ by a CIE dE (1976) of 10 or more, for readers who see no red or no green, too."""
    drawn = [
        (row.geometry, symbol_of(layer.style, getattr(row, layer.style.by)).colour, row.id)
        for layer in atlas.layers
        if layer.build == "itineraries"
        for row in atlas.layer(layer.id).itertuples()
        if row.geometry is not None
    ]
    seen = _seen([colour for _, colour, _ in drawn], blindness)
    tree = shapely.STRtree([line for line, _, _ in drawn])
    meeting = [
        (i, j) for i, j in tree.query([line for line, _, _ in drawn], predicate="intersects").T if i < j and drawn[i][1] != drawn[j][1]
    ]
    assert len(meeting) > 30
    assert {(drawn[i][2], drawn[j][2]): far for i, j in meeting if (far := np.linalg.norm(seen[i] - seen[j])) < 10} == {}


def test_two_colours_alike_without_red_are_noticed():
    first, second = _seen(["#6a3d9a", "#0b5fa5"], "protanomaly")
    assert np.linalg.norm(first - second) < 10


def test_the_closest_zoom_follows_from_the_accuracy(atlas):
    assert payload.max_zoom(atlas) == 12
    links = atlas.links.assign(accuracy_m=atlas.links["accuracy_m"] * 4)
    assert payload.max_zoom(SimpleNamespace(links=links, record=atlas.record)) == 10
    nothing = SimpleNamespace(links=links.iloc[:0], record=atlas.record)
    assert payload.max_zoom(nothing) == 14
