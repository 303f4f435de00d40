"""The project for editing: where it looks for the facts, what its forms ask for, and when there is none. What QGIS makes of it: tests/qgis."""

import re
import sqlite3
import zipfile
from contextlib import closing
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import msgspec
import pytest

from corridormap.atlas import Atlas
from corridormap.derive import write_layers
from corridormap.errors import UsageError
from corridormap.export import export
from corridormap.export.qgis import editing
from corridormap.model import CrossingProperties, LineProperties, LinkProperties, NodeProperties
from corridormap.words import say

pytestmark = pytest.mark.slow


def opened(path):
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return ET.fromstring(archive.read(name).decode().partition("\n")[2])


def layers(root):
    return {layer.findtext("id"): layer for layer in root.iter("maplayer")}


def by_field(layer, path):
    return {element.get("field"): element for element in layer.findall(path)}


@pytest.fixture
def made(tiny):
    """The project beside the tiny atlas."""
    target = tiny.parent / "edit.qgz"
    export(Atlas.open(tiny), target, format="qgis", edit=True)
    return opened(target)


@pytest.mark.parametrize(
    ("where", "there"),
    [("edit.qgz", "./tiny/"), ("tiny/edit.qgz", "./"), ("tiny/network/edit.qgz", "./links"), ("work/edit.qgz", "../tiny/")],
)
def test_beside_the_atlas_it_names_the_files_from_where_it_stands(tiny, where, there):
    target = tiny.parent / where
    target.parent.mkdir(exist_ok=True)
    result = export(Atlas.open(tiny), target, format="qgis", edit=True)
    root = opened(target)
    found = layers(root)["tiny_edit_links"].findtext("datasource").partition("|")[0]
    assert found.startswith(there)
    assert (target.parent / found).resolve() == tiny / "network/links.geojson"
    assert root.findtext("properties/Paths/Absolute") == "false"
    assert not any("paths" in note for note in result.notes)
    assert result.features == {"nodes": 5, "links": 4, "crossings": 2, "sights": 1, "border": 1}


def test_elsewhere_it_names_them_in_full_and_says_so(tiny, tmp_path_factory):
    target = tmp_path_factory.mktemp("elsewhere") / "edit.qgz"
    result = export(Atlas.open(tiny), target, format="qgis", edit=True)
    assert any("full paths" in note for note in result.notes)
    root = opened(target)
    assert layers(root)["tiny_edit_nodes"].findtext("datasource").startswith(f"{tiny}/network/nodes.geojson|")
    assert root.findtext("properties/Paths/Absolute") == "true"


def test_the_same_atlas_gives_the_same_bytes(tiny):
    written = []
    for _ in range(2):
        export(Atlas.open(tiny), tiny / "edit.qgz", format="qgis", edit=True, force=True)
        written.append((tiny / "edit.qgz").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(("name", "record"), [("nodes", NodeProperties), ("links", LinkProperties)])
def test_forms_ask_for_what_the_records_ask_for(made, name, record):
    layer = layers(made)[f"tiny_edit_{name}"]
    flags, told = by_field(layer, "constraints/constraint"), by_field(layer, "constraintExpressions/constraint")
    for field in msgspec.structs.fields(record):
        if field.encode_name in flags:
            assert bool(int(flags[field.encode_name].get("constraints")) & 1) is field.required
    assert flags["id"].get("unique_strength") == "1"
    assert told["accuracy_m"].get("exp") == '"accuracy_m" > 0'
    assert told["accuracy_m"].get("desc").startswith("a number of metres above 0: ")
    assert "regexp_match" in told["id"].get("exp")
    proposed = by_field(layer, "defaults/default")
    # What only a source can tell is nobody's guess.
    assert {field for field, default in proposed.items() if default.get("expression")} <= {"id", "from", "to", "country"}


def test_forms_of_points_and_lines_ask_for_what_the_build_asks_for(tiny):
    path = tiny / "atlas.toml"
    by_kind = 'style = { by = "kind", symbol = { colour = "#a8790a"'
    path.write_text(path.read_text(encoding="utf-8").replace('style = { symbol = { colour = "#a8790a"', by_kind), encoding="utf-8")
    export(Atlas.open(tiny), tiny / "edit.qgz", format="qgis", edit=True)
    found = layers(opened(tiny / "edit.qgz"))
    needed, tests = {}, {}
    for name in ("crossings", "sights", "border"):
        flags = by_field(found[f"tiny_edit_{name}"], "constraints/constraint")
        told = by_field(found[f"tiny_edit_{name}"], "constraintExpressions/constraint")
        needed[name] = {field for field, flag in flags.items() if int(flag.get("constraints")) & 1}
        tests[name] = {field: constraint.get("exp") for field, constraint in told.items()}
        assert {flags[field].get("notnull_strength") for field in needed[name]} == {"1"}
        assert tests[name]["name_en"] == "trim(\"name_en\") <> ''"
    common = {"id", "name_en", "name_ru"}
    # Of two crossings one has no position, and no accuracy.
    assert needed["crossings"] == common | {"mode", "sources", "neighbour"}
    assert tests["crossings"]["accuracy_m"].startswith("is_empty_or_null($geometry) OR ")
    assert needed["sights"] == common | {"sources", "kind", "accuracy_m"}
    assert needed["border"] == common | {"source", "accuracy_m"}


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("record", [NodeProperties, LinkProperties, CrossingProperties, LineProperties])
def test_every_field_that_a_form_asks_for_has_a_hint_in_each_language(lang, record):
    asked = {field.encode_name for field in msgspec.structs.fields(record)} - {"from", "to"}
    assert all(say(f"gis.hint_{name}", lang=lang) for name in asked)


def test_hints_are_in_the_language_of_the_project(tiny):
    export(Atlas.open(tiny), tiny / "edit.qgz", format="qgis", edit=True, lang="ru")
    found = layers(opened(tiny / "edit.qgz"))
    for name in ("nodes", "links"):
        told = by_field(found[f"tiny_edit_{name}"], "constraintExpressions/constraint")
        said = {field: constraint.get("desc") for field, constraint in told.items() if constraint.get("desc")}
        assert {"id", "accuracy_m", "country", "source"} <= said.keys()
        assert all(re.search("[а-я]", text) for text in said.values()), said


def test_lists_hold_what_the_model_and_the_style_know(made):
    def values(layer, field):
        listed = layers(made)[layer].findall(f"fieldConfiguration/field[@name='{field}']/editWidget/config/Option/Option/Option/Option")
        return [option.get("value") for option in listed]

    assert values("tiny_edit_links", "mode") == ["rail", "road", "sea", "transfer"]
    assert set(values("tiny_edit_links", "status")) == {"open", "works", "planned"}
    assert "crossing" in values("tiny_edit_nodes", "kind")
    # Those in use come first.
    assert values("tiny_edit_nodes", "country")[:2] == ["FO", "IS"]
    assert len(values("tiny_edit_nodes", "country")) > 200


def widget(layer, field):
    return layer.find(f"fieldConfiguration/field[@name='{field}']/editWidget")


def test_null_is_told_from_no(tiny):
    path = tiny / "points/crossings.geojson"
    path.write_text(
        path.read_text(encoding="utf-8")
        .replace('"mode": "road"', '"mode": "road", "multilateral": null', 1)
        .replace('"mode": "road", "neigh', '"mode": "road", "multilateral": true, "neigh'),
        encoding="utf-8",
    )
    write_layers(Atlas.open(tiny))
    export(Atlas.open(tiny), tiny / "edit.qgz", format="qgis", edit=True, lang="ru")
    found = layers(opened(tiny / "edit.qgz"))
    listed = widget(found["tiny_edit_crossings"], "multilateral")
    assert listed.get("type") == "ValueRelation", "a box to tick has no null"
    assert listed.find("config/Option/Option[@name='Layer']").get("value") == "tiny_truths"
    query = parse_qs(found["tiny_truths"].findtext("datasource").removeprefix("?"))["query"]
    with closing(sqlite3.connect(":memory:")) as connection:
        assert connection.execute(*query).fetchall() == [(1, "да"), (0, "нет")]
    # Those who only read see it as well.
    export(Atlas.open(tiny), tiny.parent / "read", format="qgis", lang="ru")
    (project,) = (tiny.parent / "read").glob("*.qgz")
    listed = widget(layers(opened(project))["tiny_crossings"], "multilateral")
    assert [option.get("name") for option in listed.findall("config/Option/Option/Option/Option")] == ["не указано", "да", "нет"]
    # Beside a file that may be edited the box has a third state; in a shapefile truth values are numbers.
    export(Atlas.open(tiny), tiny.parent / "geojson", format="geojson", lang="ru")
    box = widget(ET.parse(tiny.parent / "geojson/crossings.qml").getroot(), "multilateral")
    assert (box.get("type"), box.find("config/Option/Option[@name='AllowNullState']").get("value")) == ("CheckBox", "true")
    export(Atlas.open(tiny), tiny.parent / "shp", format="shapefile", lang="ru")
    listed = widget(ET.parse(tiny.parent / "shp/crossings.qml").getroot(), "multilater")
    told = {option.get("name"): option.get("value") for option in listed.findall("config/Option/Option/Option/Option")}
    assert (listed.get("type"), told["да"], told["нет"]) == ("ValueMap", "1", "0")


def test_only_the_facts_may_be_edited_and_none_is_unseen(made):
    for name, layer in layers(made).items():
        if layer.get("type") == "vector":
            assert (layer.get("readOnly") == "0") is ("_edit_" in name), name
            # QGIS replaces shorter ids by its own, and relations lose their layers.
            assert len(name) > 10
        if "_edit_" in name and (drawn := layer.find("renderer-v2")).get("type") == "categorizedSymbol":
            assert drawn.find("categories/category[@value='']") is not None


def test_titles_of_sources_stay_texts(tiny):
    text = (tiny / "sources.toml").read_text(encoding="utf-8")
    title = "O'Brien's &amp; | ; -- ?query=<b>"
    changed = text.replace("Made up for tests", title)
    assert changed != text
    (tiny / "sources.toml").write_text(changed, encoding="utf-8")
    export(Atlas.open(tiny), tiny / "edit.qgz", format="qgis", edit=True)
    query = layers(opened(tiny / "edit.qgz"))["tiny_sources"].findtext("datasource")
    assert "O%27%27Brien%27%27s%20%26amp%3B%20%7C%20%3B%20--%20%3Fquery%3D%3Cb%3E" in query


@pytest.mark.parametrize("empty", [False, True])
def test_the_list_of_sources_is_one_that_sqlite_reads(tiny, empty):
    if empty:
        (tiny / "sources.toml").write_text("", encoding="utf-8")
    export(Atlas.open(tiny), tiny / "edit.qgz", format="qgis", edit=True)
    query = parse_qs(layers(opened(tiny / "edit.qgz"))["tiny_sources"].findtext("datasource").removeprefix("?"))["query"]
    assert query[0].count("/*:") == 4, "else QGIS knows no columns of a list without a row"
    with closing(sqlite3.connect(":memory:")) as connection:
        found = connection.execute(*query)
        assert [column[0] for column in found.description] == ["number", "id", "title", "url"]
        assert [row[:2] for row in found] == ([] if empty else [(1, "made-up")])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "gpkg"}, "--edit goes with qgis alone"),
        ({"layers": ["sights"]}, "--layers does not go with --edit"),
        ({"simplify": 100.0}, "--simplify does not go with --edit"),
        ({"crs": "EPSG:32642"}, "always in longitude and latitude"),
    ],
)
def test_what_would_make_other_facts_of_them_is_refused(tiny, options, said):
    with pytest.raises(UsageError, match=said):
        export(Atlas.open(tiny), tiny / "edit.qgz", **{"format": "qgis", "edit": True, **options})
    assert not (tiny / "edit.qgz").exists()


def test_it_is_one_file_of_its_ending(tiny, run):
    result = run("export", "qgis", "--edit", "-o", tiny / "edit", geodata=tiny)
    assert result.exit_code == 2
    assert ".qgz" in result.output


def test_the_package_s_own_atlas_is_not_edited(tiny, monkeypatch):
    monkeypatch.setattr(editing, "__file__", str(tiny / "export/qgis/editing.py"))
    with pytest.raises(UsageError, match="not yours to edit") as caught:
        export(Atlas.open(tiny), tiny / "edit.qgz", format="qgis", edit=True)
    assert "corridormap new" in caught.value.hint
    assert not (tiny / "edit.qgz").exists()
