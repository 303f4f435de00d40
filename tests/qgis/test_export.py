"""QGIS itself opens the exports: styled, named, documented, and measured as the atlas measures."""

import re
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing

import geopandas
import pytest
from PIL import Image

from corridormap.atlas import Atlas
from corridormap.derive import write_layers
from corridormap.export import Bundle, export
from corridormap.geodesic import lengths_km
from corridormap.words import number, say

pytestmark = pytest.mark.qgis

REACH = 6
"""Pixels around a place on a line within which its colour must be: a line may stand aside of its track by one step."""
CLEAR_M = 30_000
"""No other corridor is so near: twelve pixels of the picture."""


@pytest.fixture(scope="module")
def places_alone(atlas):
    """Corridor → middles of links that it alone uses, and that no other line comes near."""
    found = {}
    corridors = atlas.layer("corridors").set_index("id", drop=False)
    planar = corridors.to_crs(atlas.record.planar_crs).geometry
    for feature in corridors.itertuples():
        others = planar.drop(feature.id).union_all()
        links = {step.id for way in atlas.route(feature.id) for step in way}
        found[feature.id] = []
        for link in sorted(links):
            row = atlas.layer("network_links").set_index("id").loc[link]
            if row["corridors"] == feature.id and row["length_km"] > 60 and row["accuracy_m"] <= 2000:
                point = row.geometry.interpolate(0.5, normalized=True)
                if others.distance(geopandas.GeoSeries([point], crs=4326).to_crs(planar.crs).iloc[0]) < CLEAR_M:
                    continue
                found[feature.id].append([point.x, point.y, REACH])
    return found


@pytest.fixture(scope="module")
def places_on_links(atlas):
    """Link → its middle, for every link that no other comes near."""
    links = atlas.layer("network_links").set_index("id", drop=False)
    planar = links.to_crs(atlas.record.planar_crs).geometry
    middles = planar.interpolate(0.5, normalized=True)
    alone = [name for name, point in middles.items() if planar.drop(name).distance(point).min() > CLEAR_M]
    lonlat = middles[alone].to_crs(4326)
    return {name: [[point.x, point.y, 3]] for name, point in lonlat.items()}


@pytest.fixture(scope="module")
def report(folder, package, places_alone, places_on_links, run_script, tmp_path_factory, atlas):
    pictures = tmp_path_factory.mktemp("pictures")
    layers = {f"file:{layer.id}": str(folder / "layers" / f"{layer.id}.geojson") for layer in atlas.layers}
    layers |= {f"table:{path.stem}": str(path) for path in (folder / "tables").glob("*.csv")}
    tables = ["sources", "source_links", "statements", "statement_links", "crossings_unlocated", "works_unlocated"]
    layers |= {f"gpkg:{name}": f"{package}|layername={name}" for name in [*(layer.id for layer in atlas.layers), *tables]}
    hide = ["_places", "_crossings", "_venues", "_border", "_border_points", "_backdrop_labels"]
    probes = {"probes": places_alone, "hide": hide, "image": str(pictures / "map.png")}
    projects = {
        "folder": {"path": str(folder / "kazakhstan.qgz"), "pdf": str(pictures / "ru"), **probes},
        "gpkg": {"path": f"geopackage:{package}?projectName=kazakhstan", "pdf": str(pictures / "kk"), **probes},
    }
    slds = {}
    with closing(sqlite3.connect(package)) as connection:
        for name, text in connection.execute("SELECT f_table_name, styleSLD FROM layer_styles WHERE styleSLD IS NOT NULL").fetchall():
            (pictures / f"{name}.sld").write_text(text, encoding="utf-8")
            slds[name] = [layers[f"file:{name}"], str(pictures / f"{name}.sld")]
    projects["links"] = {
        "path": str(folder / "kazakhstan.qgz"),
        "only": ["_network_links"],
        "probes": places_on_links,
        "image": str(pictures / "links.png"),
    }
    return {**run_script("describe.py", job={"layers": layers, "projects": projects, "slds": slds}), "pictures": pictures}


def layers_of(report, atlas, kind):
    """Layer id → how QGIS sees it: as a file with sidecars, alone from the GeoPackage, or within a project."""
    if kind in {"file", "gpkg"}:
        return {layer.id: report["layers"][f"{kind}:{layer.id}"] for layer in atlas.layers}
    return {layer.id: report["projects"][kind.removeprefix("project ")]["layers"][f"kazakhstan_{layer.id}"] for layer in atlas.layers}


KINDS = ["file", "gpkg", "project folder", "project gpkg"]


def language(kind):
    return "kk" if "gpkg" in kind else "ru"


def test_qgis_has_nothing_to_complain_about(report):
    assert report["messages"] == []
    for project in report["projects"].values():
        assert project["read"]
        assert project["error"] == ""
        assert project["picture"]["errors"] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_opens_whole_and_in_its_place(report, atlas, kind):
    for name, seen in layers_of(report, atlas, kind).items():
        frame = atlas.layer(name)
        assert seen["valid"]
        assert seen["features"] == (frame.geometry.notna().sum() if "gpkg" in kind else len(frame))
        assert seen["crs"] == "EPSG:4326"
        assert seen["box"] == pytest.approx(frame.total_bounds.tolist())


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_is_drawn_in_the_atlas_s_colours(report, atlas, kind):
    for layer in atlas.layers:
        seen = layers_of(report, atlas, kind)[layer.id]["renderer"]
        assert seen["type"] == "categorizedSymbol"
        assert seen["by"] == layer.style.by
        assert list(seen["categories"]) == list(layer.style.values)
        for value, symbol in layer.style.values.items():
            # Of an itinerary the first is what surrounds it on its own page.
            strokes = seen["categories"][value]["strokes"][int(layer.build == "itineraries") :]
            assert symbol.colour in {stroke["colour"] for stroke in strokes}
            if layer.geometry != "Point" and layer.style.casing:
                assert strokes[0]["colour"] == layer.style.casing
                assert strokes[0]["width"] > strokes[1]["width"] == pytest.approx(symbol.width * 25.4 / 96, abs=1e-3)
            if symbol.label:
                assert seen["categories"][value]["label"] == symbol.label[language(kind)]
        if layer.geometry == "Point":
            shapes = {
                value: (symbol.shape, seen["categories"][value]["strokes"][0]["shape"]) for value, symbol in layer.style.values.items()
            }
            assert len(set(shapes.values())) == len({ours for ours, _ in shapes.values()}) == len({theirs for _, theirs in shapes.values()})


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_a_name_for_readers_and_words_for_codes(report, atlas, kind):
    lang = language(kind)
    for layer in Bundle.of(atlas, lang=lang).layers:
        seen = layers_of(report, atlas, kind)[layer.id]
        lists = {"sources", "corridors", "routes"} & set(layer.columns)
        aliases = {column: label for column, label in seen["aliases"].items() if column != "fid"}
        # What a list of ids is called, the one of titles that stands for it is.
        assert aliases == layer.aliases() | {f"{column}_titles": layer.aliases()[column] for column in lists}
        others = {column for column in layer.columns if column.endswith(("_en", "_ru", "_kk")) and not column.endswith(f"_{lang}")}
        unseen = lists | ({"fid"} & set(seen["fields"]))
        assert (set(seen["hidden"]), set(seen["hidden_in_form"])) == (others | unseen, unseen)
        if "mode" in layer.columns:
            assert set(seen["value_maps"]["mode"].values()) >= {"rail", "road", "sea"}
            assert "rail" not in seen["value_maps"]["mode"]


@pytest.mark.parametrize("kind", KINDS)
def test_labels_speak_the_language_and_come_with_the_scale(report, atlas, kind):
    for name, seen in layers_of(report, atlas, kind).items():
        for rule in seen["labels"]:
            assert rule["good"]
            assert rule["scaled"]
            assert rule["smallest"] > 0
        assert f'coalesce("name_{language(kind)}"' in seen["labels"][-1]["text"]
        # A corridor's number stands in a shield.
        assert [rule["shield"] for rule in seen["labels"]] == ([True, False] if name == "corridors" else [False])


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_is_documented(report, atlas, kind):
    lang = language(kind)
    for layer in Bundle.of(atlas, lang=lang).layers:
        seen = layers_of(report, atlas, kind)[layer.id]
        assert seen["title"] == layer.title()
        assert seen["abstract"] == layer.summary()
        assert seen["licences"] == [layer.record.licence]
        assert seen["rights"] == [atlas.record.attribution[lang]]
        assert len(seen["history"]) == len(layer.sources)
        assert {url for _, url in seen["links"]} == {source.url for source in layer.sources if source.url}


@pytest.mark.parametrize("kind", KINDS)
def test_map_tips_name_the_feature_and_its_sources(report, atlas, kind):
    lang = language(kind)
    for layer in Bundle.of(atlas, lang=lang).layers:
        rows = layer.rows()
        for row, tip in zip(rows, layers_of(report, atlas, kind)[layer.id]["tips"], strict=False):
            assert "[%" not in tip
            assert row[f"name_{lang}"].replace("&", "&amp;") in tip
            if row.get("sources"):
                title = atlas.sources[row["sources"].split("; ")[0]].title
                assert title.replace("&", "&amp;").replace("'", "&#x27;").replace('"', "&quot;") in tip


def test_a_project_has_the_atlas_s_groups_and_what_is_shown(report, atlas):
    for name, project in report["projects"].items():
        lang = language(name)
        groups = {node["name"]: node for node in project["tree"] if "children" in node}
        wanted = {
            group.name[lang]: [layer.name[lang] for layer in atlas.layers if layer.group == group.id] for group in atlas.record.groups
        }
        assert list(groups)[: len(wanted)] == [groups_name for groups_name in groups if groups_name in wanted]
        for group, members in wanted.items():
            assert {child["name"] for child in groups[group]["children"]} >= set(members)
        # As it is listed, so it is drawn: points above the corridors, whatever a reader adds above everything.
        listed = [child["name"] for node in groups.values() for child in node["children"]]
        corridors = listed.index(atlas.layer_record("corridors").name[lang])
        assert all(listed.index(layer.name[lang]) < corridors for layer in atlas.layers if layer.geometry == "Point")
        assert not project["custom_order"]
        shown = {child["name"]: child["shown"] for node in groups.values() for child in node["children"]}
        for layer in atlas.layers:
            assert shown[layer.name[lang]] is (layer.visible or layer.build == "points")
        assert project["title"] == atlas.record.title[lang]
        assert project["abstract"] == atlas.record.description[lang]


def test_tiles_are_there_and_off(report):
    for project in report["projects"].values():
        assert project["rasters"]["kazakhstan_tiles"][0]
        assert project["tree"][-1]["shown"] is False


def test_qgis_measures_what_the_atlas_measures(report, atlas):
    for name, project in report["projects"].items():
        assert project["ellipsoid"] == "EPSG:7030"
        assert project["crs"]["valid"]
        for layer in ("corridors", "north_south", "we_wc_segment"):
            frame = atlas.layer(layer)
            for feature, stated, exact in zip(frame["id"], frame["length_total_km"], lengths_km(frame.geometry), strict=True):
                seen = project["measured"][feature]
                assert seen == pytest.approx(exact, rel=1e-6), name
                # The layer states tenths of a kilometre.
                assert abs(seen - stated) <= max(1e-4 * stated, 0.0501), feature


def test_the_sld_draws_the_same_colours(report, atlas):
    for layer in atlas.layers:
        seen = report["slds"][layer.id]
        assert seen["loaded"], seen
        assert set(seen["colours"]) - {"#ffffff"} >= {symbol.colour for symbol in layer.style.values.values()}
        assert len(seen["filters"]) == len(layer.style.values) * (2 if layer.style.casing else 1)


def test_tables_and_layers_are_joined(report):
    for project in report["projects"].values():
        relations = project["relations"]
        assert relations
        assert all(relation["valid"] for relation in relations.values())
        for name in ("corridors_source_links_feature", "corridors_statement_links_feature", "sources_source_links_source"):
            assert relations[f"kazakhstan_{name}"]["children"] > 0


def test_tables_have_names_for_readers(report, atlas):
    known = {f"{kind}:{name}" for kind in ("table", "gpkg") for name in ("sources", "source_links", "statements", "statement_links")}
    for name in known:
        seen = report["layers"][name]
        assert seen["valid"]
        assert seen["features"] > 0
        assert all(label for column, label in seen["aliases"].items() if column != "fid"), name
    assert report["layers"]["table:statements"]["fields"]["figure"] == "Real"
    assert report["layers"]["gpkg:crossings_unlocated"]["features"] == atlas.layer("crossings").geometry.isna().sum()


def test_the_picture_has_each_corridor_s_colour_in_its_place(report, atlas, places_alone):
    colours = {value: symbol.colour for value, symbol in atlas.layer_record("corridors").style.values.items()}
    for name in ("folder", "gpkg"):
        seen = report["projects"][name]["picture"]["probes"]
        for corridor, places in places_alone.items():
            for place, pixels in zip(places, seen[corridor], strict=True):
                assert colours[corridor] in pixels, (corridor, place)
    assert sum(map(len, places_alone.values())) > 30
    # Rail corridors that share all their track with others still show somewhere.
    pixels = colours_of(Image.open(report["pictures"] / "map.png"))
    for corridor, colour in colours.items():
        assert pixels[tuple(bytes.fromhex(colour[1:]))] > 150, corridor


def test_the_picture_has_each_link_in_its_mode_s_colour(report, atlas, places_on_links):
    assert len(places_on_links) > 40
    links = atlas.layer("network_links").set_index("id")
    colours = {value: symbol.colour for value, symbol in atlas.layer_record("network_links").style.values.items()}
    # What lies beyond the picture's edge has no pixels.
    seen = {name: pixels for name, (pixels,) in report["projects"]["links"]["picture"]["probes"].items() if pixels}
    assert len(seen) > 40
    for name, pixels in seen.items():
        # At its middle a dashed line may have a gap.
        if links.loc[name, "accuracy_m"] <= 2000 and links.loc[name, "mode"] != "sea":
            assert min(far(colours[links.loc[name, "mode"]], pixel) for pixel in pixels) < 40, name


def colours_of(picture):
    """Colour → how many pixels have it."""
    return Counter({colour: count for count, colour in picture.convert("RGB").getcolors(1 << 24)})


def far(one, other):
    """How far two colours are apart: a thin line's pixels are not quite its own colour."""
    return max(abs(a - b) for a, b in zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_says_first_what_it_is_and_has_titles_for_ids(report, atlas, kind):
    lang = language(kind)
    for layer in Bundle.of(atlas, lang=lang).layers:
        seen = layers_of(report, atlas, kind)[layer.id]
        tabs = seen["tabs"]
        assert tabs[0]["fields"][0] == f"name_{lang}"
        assert tabs[0]["fields"][-1] == "id"
        told = {field for tab in tabs for field in tab["fields"]}
        wanted = {f"{column}_titles" if column in {"sources", "corridors", "routes"} else column for column in layer.columns}
        within = kind.startswith("project")
        assert told == wanted - ({"sources_titles"} if within else set())
        # In a project sources and statements are lists of their own, to be opened.
        assert [tab["relations"] for tab in tabs] == [*[[]] * (len(tabs) - 1), [True, True] if within else []]
        located = layer.located() if "gpkg" in kind else layer
        for row in located.rows():
            titles = seen["titles"][row["id"]]
            if row.get("sources"):
                first = atlas.sources[row["sources"].split("; ")[0]].title
                assert titles["sources_titles"].startswith(first)
            if row.get("corridors"):
                assert "-" not in titles["corridors_titles"].split(". ")[0]
    links = layers_of(report, atlas, kind)["network_links"]
    node = atlas.nodes.loc["agadyr"]
    assert links["value_maps"]["from"][node[f"name_{lang}"]] == "agadyr"


def test_what_is_built_is_not_edited(report):
    for project in report["projects"].values():
        assert all(layer["read_only"] for layer in project["layers"].values())


def test_the_status_bar_knows_the_plane(report):
    for project in report["projects"].values():
        assert project["crs"]["name"] == "EPSG:32642 - WGS 84 / UTM zone 42N"


@pytest.mark.parametrize("name", ["folder", "gpkg"])
def test_themes_show_what_they_say(report, atlas, name):
    lang = language(name)
    themes = report["projects"][name]["themes"]
    groups = [group.name[lang] for group in atlas.record.groups]
    rail, road = (say(f"mode.{mode}", lang=lang) for mode in ("rail", "road"))
    ours = [say(f"gis.{theme}", lang=lang) for theme in ("overview", "everything", "backdrop")]
    assert set(themes) == {*groups, rail, road, *ours}
    background = set(themes[ours[2]])
    assert background == {layer for layer in report["projects"][name]["layers"] if "_backdrop_" in layer}
    assert set(themes[ours[1]]) - background == {f"kazakhstan_{layer.id}" for layer in atlas.layers}
    shown = {f"kazakhstan_{layer.id}" for layer in atlas.layers if layer.visible or layer.build == "points"}
    assert set(themes[ours[0]]) - background == shown
    # One mode's corridors alone are drawn, and their crossings.
    numbers = [[int(label.split(".")[0]) for label in themes[theme]["kazakhstan_corridors"]] for theme in (rail, road)]
    assert numbers == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert [len(themes[theme]["kazakhstan_crossings"]) for theme in (rail, road)] == [1, 1]


def test_bookmarks_lead_to_every_corridor_and_meeting(report, atlas):
    marks = report["projects"]["folder"]["bookmarks"]
    names = {(group, title): box for group, title, box in marks}
    west, south, east, north = atlas.layer("corridors").set_index("id").geometry["road-10-omsk-maikapchagai"].bounds
    title = next(title for group, title in names if title.startswith("10. "))
    box = names[atlas.layer_record("corridors").name["ru"], title]
    assert box[0] < west < east < box[2]
    assert box[1] < south < north < box[3]
    assert box[2] - box[0] < 1.5 * (east - west)
    assert len(names) == len(marks)
    located = sum(len(atlas.layer(layer.id)) for layer in atlas.layers if layer.id in {"corridors", "venues", "border_points"})
    assert len(marks) == 1 + located


@pytest.mark.parametrize(("project", "lang"), [("folder", "ru"), ("gpkg", "kk")])
@pytest.mark.parametrize("size", ["A4", "A3"])
def test_layouts_print(report, atlas, project, lang, size):
    layout = report["projects"][project]["layouts"][size]
    assert layout["pdf"] == 0
    assert {"title", "map", "legend", "scale bar", "sources"} <= set(layout["items"])
    assert layout["grids"] == {"map": 1}
    # The map takes what the legend leaves: on A4 it was 1 : 17.3 million.
    assert layout["scales"]["map"] < {"A4": 12.55e6, "A3": 8.6e6}[size]
    boxes = layout["boxes"]
    assert boxes["map"][3] <= boxes["legend"][1] + 0.01 < boxes["legend"][3] < boxes["sources"][1]
    assert boxes["map"][0] <= boxes["legend"][0] < boxes["legend"][2] < boxes["map"][2]
    pdf = report["pictures"] / f"{lang}_{size}.pdf"
    width, height = {"A4": (841.9, 595.3), "A3": (1190.6, 841.9)}[size]
    info = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    assert "Pages:           1\n" in info
    page = next(line for line in info.splitlines() if line.startswith("Page size")).split()
    assert (float(page[2]), float(page[4])) == pytest.approx((width, height), abs=1.5)
    picture = report["pictures"] / f"{lang}_{size}"
    subprocess.run(["pdftoppm", "-r", "90", "-png", "-singlefile", pdf, picture], check=True, capture_output=True)
    page = Image.open(f"{picture}.png").convert("RGB")
    pixels = colours_of(page)
    for symbol in atlas.layer_record("corridors").style.values.values():
        assert pixels[tuple(bytes.fromhex(symbol.colour[1:]))] > 10
    # Nothing runs off the page: its margin is white all round.
    edge = round(page.width * 7 / 297) if size == "A4" else round(page.width * 7 / 420)
    for box in (
        (0, 0, page.width, edge),
        (0, page.height - edge, page.width, page.height),
        (0, 0, edge, page.height),
        (page.width - edge, 0, page.width, page.height),
    ):
        assert set(colours_of(page.crop(box))) == {(255, 255, 255)}, box


@pytest.mark.parametrize(("project", "lang"), [("folder", "ru"), ("gpkg", "kk")])
def test_each_corridor_has_a_page(report, atlas, project, lang):
    (layout,) = [layout for layout in report["projects"][project]["layouts"].values() if layout["pages"]]
    corridors = atlas.layer("corridors").sort_values("number")
    assert (layout["pages"], layout["pdf"]) == (len(corridors), 0), layout
    pages = subprocess.run(
        ["pdftotext", "-layout", report["pictures"] / f"{lang}_pages.pdf", "-"], check=True, capture_output=True, text=True
    )
    for page, row in zip(pages.stdout.split("\f"), corridors.to_dict("records"), strict=False):
        text = " ".join(page.split())
        assert f"{row['number']}. {row[f'name_{lang}']}"[:40] in text
        # As the language writes it: 3 008,8.
        assert " ".join(number(row["length_km"], lang=lang, digits=1).split()) in text
        assert atlas.sources[row["sources"].split("; ")[0]].title[:20] in text
        if row["length_published_km"] == row["length_published_km"]:
            source, kind = atlas.sources[row["length_published_source"]], row["length_published_kind"]
            assert f"({say(f'length_published_kind.{kind}', lang=lang)}: {source.title[:15]}" in text
        if isinstance(row[f"length_published_reason_{lang}"], str):
            assert row[f"length_published_reason_{lang}"][:20] in text
        # Scale, projection, and how fresh the data are.
        assert "1 : " in text
        assert "φ 43° / 53°, λ 68°" in text
        assert atlas.sources["osm-rail-2026-10"].date in text


def boxes_of_words(pdf):
    """Give each page's words with their boxes, in millimetres from its upper left corner."""
    page = subprocess.run(["pdftotext", "-bbox", pdf, "-"], check=True, capture_output=True, text=True).stdout
    found = []
    for text in page.split("<page ")[1:]:
        words = re.findall(r'xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)<', text)
        found.append([(word, [float(side) * 25.4 / 72 for side in sides]) for *sides, word in words])
    return found


@pytest.mark.parametrize(("name", "west", "north"), [("folder", "° в. д.", "° с. ш."), ("gpkg", "° ш. б.", "° с. е.")])
def test_names_of_a_grid_keep_clear_of_corners(report, name, west, north):
    for layout in report["projects"][name]["layouts"].values():
        left, right, below, beside = layout["degrees"]
        # What a page shows nobody knows before: there they stand outside the frame.
        assert (left, right) == ("", "") or layout["pages"]
        assert below.endswith(west)
        assert beside.endswith(north)


def test_long_titles_have_room(tiny, tmp_path, run_script):
    settings, corridors = tiny / "atlas.toml", tiny / "corridors.toml"
    title = " ".join(["Title"] * 25)
    settings.write_text(settings.read_text(encoding="utf-8").replace('en = "Tiny atlas"', f'en = "{title}"'), encoding="utf-8")
    text = corridors.read_text(encoding="utf-8")
    corridors.write_text(
        re.sub(r'en = "[^"]+"', f'en = "{" ".join(["Name"] * 40)}\\\\n{" ".join(["End"] * 5)}"', text, count=1), encoding="utf-8"
    )
    atlas = Atlas.open(tiny)
    write_layers(atlas)
    export(atlas, tmp_path / "out", format="qgis")
    run_script("describe.py", job={"projects": {"folder": {"path": str(tmp_path / "out/tiny.qgz"), "pdf": str(tmp_path / "page")}}})
    ((*sheet,),) = boxes_of_words(tmp_path / "page_A4.pdf")
    placed = [box for word, box in sheet if word == "Title"]
    assert len(placed) == 25
    assert max(box[2] for box in placed) < 297 - 8 - 62
    assert max(box[3] for box in placed) < 8 + 7.8
    page = next(words for words in boxes_of_words(tmp_path / "page_pages.pdf") if any(word == "End" for word, _ in words))
    placed = [box for word, box in page if word in {"Name", "End"} and box[1] < 25]
    assert len(placed) == 45
    assert max(box[3] for box in placed) < 8 + 9


HOSTILE = """<b onmouseover='x()'>"&amp; [% 1+1 %] '' \\ """


@pytest.fixture
def hostile(tiny, edit):
    """An atlas whose names, titles and sources are full of markup and of QGIS's own expressions."""
    with edit(tiny / "points/sights.geojson") as document:
        document["features"][0]["properties"]["name_en"] = HOSTILE
    sources = tiny / "sources.toml"
    sources.write_text(sources.read_text(encoding="utf-8").replace("Made up for tests", "<script>1</script> [% 2+2 %]"), encoding="utf-8")
    settings = tiny / "atlas.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('en = "Sights"', 'en = "<i>Sights [% 3+3 %]"'), encoding="utf-8")
    atlas = Atlas.open(tiny)
    write_layers(atlas)
    return atlas


def test_in_qgis_data_stays_text(hostile, tmp_path, run_script):
    export(hostile, tmp_path / "out", format="qgis")
    export(hostile, tmp_path / "out.gpkg", format="gpkg")
    projects = {
        "folder": {"path": str(tmp_path / "out/tiny.qgz"), "pdf": str(tmp_path / "page")},
        "gpkg": {"path": f"geopackage:{tmp_path}/out.gpkg?projectName=tiny"},
    }
    report = run_script("describe.py", job={"projects": projects})
    assert report["messages"] == []
    for project in report["projects"].values():
        seen = project["layers"]["tiny_sights"]
        assert seen["name"] == "<i>Sights [% 3+3 %]"
        (tip,) = seen["tips"]
        assert "&lt;b onmouseover=" in tip
        assert "[% 1+1 %]" in tip
        assert "<script>" not in tip
        assert "&lt;script&gt;1&lt;/script&gt; [% 2+2 %]" in tip
        assert "&lt;i&gt;Sights [&#37; 3+3 &#37;]" in tip
        assert all(relation["valid"] for relation in project["relations"].values())
        assert seen["renderer"]["type"] == "singleSymbol"
    text = subprocess.run(["pdftotext", tmp_path / "page_A4.pdf", "-"], check=True, capture_output=True, text=True).stdout
    assert "Tiny atlas" in text
