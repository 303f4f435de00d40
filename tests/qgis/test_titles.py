"""QGIS shows the same titles for ids, whether a form lists them or a table of the project has them."""

import pytest

from corridormap.export import export
from corridormap.export.qgis import titles

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
