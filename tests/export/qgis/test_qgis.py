"""The folder for QGIS as files: whole, relative, the same on every run, and with data that never becomes markup."""

import xml.etree.ElementTree as ET
import zipfile

import pytest
from pyproj import CRS

from corridormap.atlas import Atlas
from corridormap.derive import write_layers
from corridormap.errors import DataError, UsageError, WriteError
from corridormap.export import Bundle, export
from corridormap.export.qgis import layout
from corridormap.export.qgis.captions import map_tip
from corridormap.export.qgis.qxml import authority, clean, literal, quoted
from corridormap.export.qgis.symbols import cut_at_reversals, uncertain_stretches

pytestmark = pytest.mark.slow

HOSTILE = """<b onmouseover='x()'>"&amp;[% 1+1 %] '' \\ %]"""


@pytest.fixture(scope="module")
def made(atlas, tmp_path_factory):
    path = tmp_path_factory.mktemp("qgis") / "atlas"
    return path, export(atlas, path, format="qgis", lang="ru")


def project_of(folder, name="kazakhstan"):
    with zipfile.ZipFile(folder / f"{name}.qgz") as archive:
        assert archive.namelist() == [f"{name}.qgs"]
        return archive.read(f"{name}.qgs").decode()


def titles_of(root):
    """The titles of sheets of the whole atlas; a page's own is an expression."""
    sheets = [sheet for sheet in root.iter("Layout") if sheet.find("Atlas").get("enabled") == "0"]
    return {item.get("labelText") for sheet in sheets for item in sheet.iter("LayoutItem") if item.get("id") == "title"}


def test_the_folder_is_whole(made, atlas):
    path, written = made
    for layer in atlas.layers:
        assert (path / f"layers/{layer.id}.geojson").read_bytes() == atlas.layer_path(layer.id).read_bytes()
        for suffix in ("qml", "qmd"):
            text = (path / f"layers/{layer.id}.{suffix}").read_text(encoding="utf-8")
            assert ET.fromstring(text).tag == "qgis"
    assert written.features == {layer.id: len(atlas.layer(layer.id)) for layer in atlas.layers}
    assert written.losses == []


def test_the_same_bytes_on_every_run(made, atlas, tmp_path):
    again = tmp_path / "atlas"
    export(atlas, again, format="qgis", lang="ru")
    names = sorted(file.relative_to(again) for file in again.rglob("*") if file.is_file())
    assert names == sorted(file.relative_to(made[0]) for file in made[0].rglob("*") if file.is_file())
    for name in names:
        assert (again / name).read_bytes() == (made[0] / name).read_bytes(), name


def test_the_project_names_no_place_outside_its_folder(made):
    path, _ = made
    root = ET.fromstring(project_of(path))
    sources = [element.text for element in root.iter("datasource")]
    files = [source for source in sources if not source.startswith("type=xyz")]
    assert all(source.startswith("./") and (path / source).exists() for source in files)
    assert root.findtext("./properties/Paths/Absolute") == "false"
    assert str(path) not in project_of(path)
    assert "saveDateTime" not in root.attrib


def test_a_legend_parts_long_lists_only_and_fills_its_columns(made, atlas):
    root = ET.fromstring(project_of(made[0]))
    legends = [item for item in root.iter("LayoutItem") if item.get("id") == "legend"]
    assert len(legends) == 2
    for legend in legends:
        begins = {
            (leaf.get("name"), option.get("name").removeprefix("legend/column-break"))
            for leaf in legend.iter("layer-tree-layer")
            for option in leaf.iter("Option")
            if (option.get("name") or "").startswith("legend/column-break")
        }
        assert len(begins) == int(legend.get("columnCount")) - 1 >= 4
        assert legend.get("splitLayer") == "0"
        assert {title for title, row in begins if row} == {atlas.text(atlas.layer_record("corridors").name, "ru")}


@pytest.mark.parametrize(
    ("heights", "widths", "room", "highest", "begins"),
    [
        ([], [], 40, 0, []),
        ([5], [10], 40, 5, []),
        ([5, 5, 5], [10, 10, 10], 10, 15, []),
        ([5, 1, 1, 5], [10, 10, 10, 10], 36, 5, [1, 3]),
        ([1, 1, 1, 9, 1, 1], [10] * 6, 23, 11, [3]),
        ([2, 2, 2, 2], [10] * 4, 200, 2, [1, 2, 3]),
        # A wide row takes the room of two columns.
        ([2, 2, 2, 2], [30, 10, 10, 10], 43, 4, [2]),
        # What is too wide even for one column stands in one all the same.
        ([2, 2], [50, 50], 40, 4, []),
    ],
)
def test_columns_of_a_legend_fit_and_are_as_low_as_can_be(heights, widths, room, highest, begins):
    blocks = [layout.Block("layer", row, height, width) for row, (height, width) in enumerate(zip(heights, widths, strict=True))]
    assert layout.columns_of(blocks, room) == (highest, [("layer", row) for row in begins])


def test_nothing_of_another_language_is_shown(atlas, tmp_path):
    for lang in atlas.languages:
        folder = tmp_path / lang
        export(atlas, folder, format="qgis", lang=lang)
        root = ET.fromstring(project_of(folder))
        shown = [node.get("name") for node in root.iter("layer-tree-group") if node.get("name")]
        shown += [node.get("name") for node in root.iter("layer-tree-layer")]
        shown += [category.get("label") for category in root.iter("category")]
        shown += [root.findtext("title"), *titles_of(root)]
        words = " ".join(filter(None, shown)).replace("OpenStreetMap", "")
        cyrillic = any("а" <= char <= "я" for char in words.lower())
        latin = [char for char in words if "a" <= char.lower() <= "z"]
        assert cyrillic is (lang != "en"), words
        assert not latin or lang == "en", words


def test_units_of_statements_are_told_in_the_language_of_the_project(made, atlas):
    (table,) = [layer for layer in ET.fromstring(project_of(made[0])).iter("maplayer") if layer.findtext("id") == "kazakhstan_statements"]
    listed = table.findall("fieldConfiguration/field[@name='unit']/editWidget/config/Option/Option/Option/Option")
    told = {option.get("value"): option.get("name") for option in listed}
    assert told["trains a day"] == "поезда в сутки"
    assert told["km"] == "км"
    # What the list lacks QGIS shows in brackets.
    assert told.keys() == {statement.unit for statement in atlas.statements.values()} - {None}
    assert "trains a day" in (made[0] / "tables/statements.csv").read_text(encoding="utf-8")


def test_sheets_write_figures_and_degrees_as_their_language_does(made):
    text = project_of(made[0])
    names = {grid.get("annotationExpression") for grid in ET.fromstring(text).iter("ComposerMapGrid")}
    assert names
    assert all("'° с. ш.'" in name and "'° в. д.'" in name and "'ru'" in name and "'N'" not in name for name in names)
    assert """format_number("length_km", length(""" in " ".join(
        item.get("labelText") or "" for item in ET.fromstring(text).iter("LayoutItem")
    )


def test_data_never_becomes_markup_or_expression(tiny, edit):
    with edit(tiny / "points/sights.geojson") as document:
        document["features"][0]["properties"]["name_en"] = HOSTILE
    sources = tiny / "sources.toml"
    sources.write_text(sources.read_text(encoding="utf-8").replace("Made up for tests", "<script>1</script> [% 2 %]"), encoding="utf-8")
    atlas_toml = tiny / "atlas.toml"
    atlas_toml.write_text(
        atlas_toml.read_text(encoding="utf-8").replace('en = "Tiny atlas"', 'en = "Tiny <atlas> [% 3 %] & co"'), encoding="utf-8"
    )
    atlas = Atlas.open(tiny)
    write_layers(atlas)
    folder = tiny.parent / "out"
    export(atlas, folder, format="qgis")
    root = ET.fromstring(project_of(folder, "tiny"))
    assert root.findtext("title") == "Tiny <atlas> [% 3 %] & co"
    (title,) = titles_of(root)
    assert "[%" not in title
    tips = [element.text for element in root.iter("mapTip")]
    assert not any("<script>" in tip for tip in tips)


def test_an_atlas_s_own_word_does_not_end_an_expression(tiny, monkeypatch):
    layer = next(layer for layer in Bundle.of(Atlas.open(tiny)).layers if layer.id == "corridors")
    labels = {column: f"half %] done: {label}" for column, label in layer.aliases().items()}
    usual = map_tip(layer).count("%]")
    monkeypatch.setattr(type(layer), "aliases", lambda _: labels)
    assert map_tip(layer).count("%]") == usual
    assert "half %' || '] done" in map_tip(layer)


def test_a_single_symbol_and_no_background(tiny):
    folder = tiny.parent / "out"
    export(Atlas.open(tiny), folder, format="qgis")
    root = ET.fromstring(project_of(folder, "tiny"))
    kinds = {layer.findtext("id"): layer.find("renderer-v2") for layer in root.iter("maplayer")}
    assert kinds["tiny_border"].get("type") == "singleSymbol"
    assert kinds["tiny_corridors"].get("type") == "categorizedSymbol"
    assert not (folder / "backdrop").exists()


def test_geojson_is_always_in_degrees(atlas, tmp_path):
    with pytest.raises(UsageError, match="longitude and latitude"):
        export(atlas, tmp_path / "out", format="qgis", crs="EPSG:3857")


def test_a_folder_with_files_in_it_is_left_alone(atlas, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(WriteError, match="not empty"):
        export(atlas, folder, format="qgis", layers=["venues"])
    assert [file.name for file in folder.iterdir()] == ["mine.txt"]
    export(atlas, folder, format="qgis", layers=["venues"], force=True)
    assert (folder / "mine.txt").read_text() == "mine"


def test_a_line_that_turns_back_is_cut_there():
    import shapely

    assert cut_at_reversals(shapely.from_wkt("LINESTRING(0 0, 1 0, 2 1)")) is None
    text = cut_at_reversals(shapely.from_wkt("MULTILINESTRING((0 0, 1 0, 0 0.1), (5 5, 6 6))"))
    assert "line_substring(geometry_n($geometry, 1), 0, 1)" in text
    assert "geometry_n($geometry, 2))" in text


def test_only_what_is_in_doubt_is_dashed(atlas):
    layers = {layer.id: layer for layer in Bundle.of(atlas).layers}
    corridors = layers["corridors"]
    stretches = uncertain_stretches(corridors, features=corridors.frame["id"])
    assert set(stretches) == {
        "rail-1-northern",
        "rail-2-southern",
        "rail-3-central",
        "rail-4-north-south",
        "rail-5-traceca",
        "road-11-astana-yekaterinburg",
    }
    assert uncertain_stretches(layers["venues"], features=layers["venues"].frame["id"]) == {}


def test_texts_are_made_fit_for_xml_and_expressions():
    assert clean("a\x00b\x0bc\ud800") == "abc"
    assert literal("it's \\ so") == "'it''s \\\\ so'"
    assert quoted('a"b') == '"a""b"'


def test_facts_that_qgis_has_saved_are_read(tiny, edit):
    """GDAL leaves out a property ``id`` that repeats the feature's own id."""
    with edit(tiny / "network/links.geojson") as document:
        for feature in document["features"]:
            feature["id"] = feature["properties"].pop("id")
    assert list(Atlas.open(tiny).links["id"]) == list(Atlas.open(tiny).links.index)
    with edit(tiny / "network/links.geojson") as document:
        del document["features"][0]["id"]
    with pytest.raises(DataError, match="id"):
        _ = Atlas.open(tiny).links


def test_the_code_of_a_crs_is_looked_for_once(tiny, tmp_path, monkeypatch):
    asked = []
    look = CRS.to_authority
    monkeypatch.setattr(CRS, "to_authority", lambda crs: asked.append(crs.to_wkt()) or look(crs))
    authority.cache_clear()
    export(Atlas.open(tiny), tmp_path / "project", format="qgis")
    assert asked
    assert len(asked) == len(set(asked))
