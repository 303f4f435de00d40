"""What an atlas of many has in another way QGIS shows as that of few: titles for ids, and what features differ in."""

import pytest
from PIL import Image, ImageChops

from corridormap.export import export
from corridormap.export.qgis import qxml, titles, told

pytestmark = pytest.mark.qgis

FEW = 100
"""Fewer than the atlas has nodes and features."""


def test_a_table_of_titles_is_asked_as_a_list_is(atlas, folder, package, monkeypatch, tmp_path, run_script):
    monkeypatch.setattr(titles, "MANY", FEW)
    export(atlas, tmp_path / "asked", format="qgis", lang="ru")
    export(atlas, tmp_path / "asked.gpkg", format="gpkg", lang="kk")
    paths = {
        "listed": folder / "kazakhstan.qgz",
        "asked": tmp_path / "asked/kazakhstan.qgz",
        "listed in gpkg": f"geopackage:{package}?projectName=kazakhstan",
        "asked in gpkg": f"geopackage:{tmp_path}/asked.gpkg?projectName=kazakhstan",
    }
    report = run_script("describe.py", job={"projects": {name: {"path": str(path)} for name, path in paths.items()}})
    assert report["messages"] == []
    for form in ("", " in gpkg"):
        listed, asked = (report["projects"][f"{kind}{form}"]["layers"] for kind in ("listed", "asked"))
        assert asked.keys() - listed.keys() == {"kazakhstan_titles"}
        for name, layer in listed.items():
            assert asked[name]["shown"] == layer["shown"], name
        assert asked["kazakhstan_network_links"]["asks"] == ["from", "to"]
        assert listed["kazakhstan_network_links"]["asks"] == []
        assert {"feature", "statement"} <= set(asked["kazakhstan_statement_links"]["asks"])
        first = asked["kazakhstan_network_links"]["shown"][0]
        assert first["from"] != "agadyr"


def test_what_is_looked_up_is_drawn_as_what_is_told_by_cases(atlas, folder, monkeypatch, tmp_path, run_script):
    for module in (qxml, told):
        monkeypatch.setattr(module, "LONG_CASE", 0)
    export(atlas, tmp_path / "looked_up", format="qgis", lang="ru")
    paths = {"cases": folder / "kazakhstan.qgz", "looked_up": tmp_path / "looked_up/kazakhstan.qgz"}
    # Where QGIS places labels differs from run to run.
    jobs = {name: {"path": str(path), "image": str(tmp_path / f"{name}.png"), "labels": False} for name, path in paths.items()}
    report = run_script("describe.py", job={"projects": jobs})
    assert report["messages"] == []
    assert [project["picture"]["errors"] for project in report["projects"].values()] == [[], []]
    one, other = (Image.open(tmp_path / f"{name}.png").convert("RGB") for name in paths)
    assert one.getextrema() != ((255, 255),) * 3
    cases, looked_up = (project["layers"] for project in report["projects"].values())
    for name, layer in cases.items():
        assert [rule["says"] for rule in looked_up[name]["labels"]] == [rule["says"] for rule in layer["labels"]], name
    (places,) = looked_up["kazakhstan_places"]["labels"]
    assert places["text"] != cases["kazakhstan_places"]["labels"][0]["text"]
    assert {"Астана", ""} <= set(places["says"])
    assert ImageChops.difference(one, other).getbbox() is None
