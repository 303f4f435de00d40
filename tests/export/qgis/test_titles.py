"""Titles for ids: listed by the form while they are few, else in a table of the project."""

import csv
import sqlite3
import xml.etree.ElementTree as ET
import zipfile
from contextlib import closing

import pytest

from corridormap.atlas import Atlas
from corridormap.export import Bundle, export
from corridormap.export.qgis import titles


def widgets_of(root):
    """Column → widget and settings, of a layer or style."""
    found = {}
    for field in root.find("fieldConfiguration"):
        settings = {item.get("name"): item.get("value") for item in field.iter("Option") if item.get("name")}
        found[field.get("name")] = (field.find("editWidget").get("type"), settings)
    return found


def layers_of(folder):
    with zipfile.ZipFile(folder / "tiny.qgz") as archive:
        root = ET.fromstring(archive.read("tiny.qgs").decode())
    return {layer.findtext("id"): layer for layer in root.iter("maplayer")}


@pytest.mark.slow
def test_few_titles_stand_in_the_form(tiny):
    folder = tiny.parent / "out"
    export(Atlas.open(tiny), folder, format="qgis")
    assert widgets_of(layers_of(folder)["tiny_source_links"])["feature"][0] == "ValueMap"
    assert "tiny_titles" not in layers_of(folder)
    assert not (folder / "tables/titles.csv").exists()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["qgis", "gpkg"])
def test_many_titles_have_a_table(tiny, monkeypatch, form):
    monkeypatch.setattr(titles, "MANY", 2)
    atlas = Atlas.open(tiny)
    out = tiny.parent / ("out" if form == "qgis" else "out.gpkg")
    export(atlas, out, format=form)
    if form == "gpkg":
        with closing(sqlite3.connect(out)) as connection:
            rows = connection.execute("SELECT kind, id, title FROM titles").fetchall()
            (style,) = connection.execute("SELECT styleQML FROM layer_styles WHERE f_table_name = 'source_links'").fetchone()
    else:
        with (out / "tables/titles.csv").open(encoding="utf-8", newline="") as stream:
            rows = [tuple(row.values()) for row in csv.DictReader(stream)]
        style = (out / "tables/source_links.qml").read_text(encoding="utf-8")
        layers = layers_of(out)
        kind, settings = widgets_of(layers["tiny_source_links"])["feature"]
        assert (kind, settings["Layer"], settings["Key"], settings["Value"]) == ("ValueRelation", "tiny_titles", "id", "title")
        assert settings["FilterExpression"] == "\"kind\" = 'feature'"
        # It is for forms, not for readers.
        assert [name for name, layer in layers.items() if layer.findtext("flags/Private") == "1"] == ["tiny_titles"]
    # Without the project there is no table to ask: ids stand as they are.
    assert widgets_of(ET.fromstring(style.split("\n", 1)[1]))["feature"] == ("", {})
    known = titles.table_titles(Bundle.of(atlas))["feature"]
    assert set(rows) >= {("feature", name, title) for name, title in known.items()}
    assert len({row[:2] for row in rows}) == len(rows)


def test_a_node_may_be_called_as_a_feature_is():
    many = {str(number): "feature" for number in range(titles.MANY + 1)}
    nodes = dict.fromkeys(many, "node")
    apart = titles.titles_apart([{"feature": many, "mode": {"rail": "Railway"}}, {"from": nodes, "corridors": many}])
    expected = [("feature", name, "feature") for name in many] + [("node", name, "node") for name in nodes]
    assert [tuple(row.values()) for row in apart] == expected
