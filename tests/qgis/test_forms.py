"""What the forms of the project for editing make of a feature, and what they refuse."""

import json
import shutil

import pytest
from tests.readers.readers import QGIS, QGIS_340

from corridormap.atlas import Atlas
from corridormap.export import export

pytestmark = pytest.mark.qgis

CROSSINGS = "points/crossings.geojson"


@pytest.fixture
def changed(atlas, run_script, tmp_path):
    """Change features by their forms, and give the folder of the atlas and what was done."""
    folder = tmp_path / "geodata"
    shutil.copytree(atlas.folder, folder)
    export(Atlas.open(folder), folder / "edit.qgz", format="qgis", edit=True)

    def call(*changes):
        listed = [dict(zip(("layer", "feature", "values"), change, strict=True)) for change in changes]
        found = run_script("change_by_form.py", job={"project": str(folder / "edit.qgz"), "prefix": "kazakhstan", "changes": listed})
        assert found["saved"]
        return folder, found["done"]

    return call


def properties(folder, name):
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    return {feature.get("id") or feature["properties"]["id"]: feature["properties"] for feature in document["features"]}


def test_what_is_not_known_does_not_become_no(changed, atlas):
    unknown, told, asked = "x-rail-aul-lokot", "x-road-korday-ak-zhol", "x-road-auyl-veseloyarsk"
    before = properties(atlas.folder, CROSSINGS)
    assert [before[name]["multilateral"] for name in (unknown, told, asked)] == [None, None, True]
    folder, done = changed(
        ("crossings", unknown, {"name_en": "Aul"}),
        ("crossings", told, {"multilateral": True}),
        ("crossings", asked, {"multilateral": False}),
    )
    assert all(form["ok"] for form in done)
    after = properties(folder, CROSSINGS)
    assert after[unknown]["name_en"] == "Aul"
    assert [after[name]["multilateral"] for name in (unknown, told, asked)] == [None, True, False]
    same = before.keys() - {told, asked}
    assert {name: after[name]["multilateral"] for name in same} == {name: before[name]["multilateral"] for name in same}


NEWER = pytest.mark.skipif(not QGIS.exists(), reason="needs QGIS 3.40 unpacked: tests/install_programs.sh")


@pytest.mark.parametrize(
    ("form", "opened", "column", "within"),
    [
        ("shapefile", "out/crossings.shp", "multilater", None),
        pytest.param("shapefile", "out/crossings.shp", "multilater", QGIS_340, marks=NEWER),
        pytest.param("geojson", "out/crossings.geojson", "multilateral", QGIS_340, marks=NEWER),
        pytest.param("csv", "out/crossings.csv", "multilateral", QGIS_340, marks=NEWER),
        pytest.param("gpkg", "out.gpkg|layername=crossings", "multilateral", QGIS_340, marks=NEWER),
    ],
)
def test_a_style_alone_does_not_make_no_of_what_is_not_known(atlas, run_script, tmp_path, form, opened, column, within):
    """To columns of truth values QGIS 3.22 has no form that does: its box has two states, and from a list it writes the text "true" as false."""
    target = tmp_path / opened.partition("|")[0] if form == "gpkg" else tmp_path / "out"
    export(atlas, target, format=form, layers=["crossings"])
    found = run_script("name_by_form.py", tmp_path / opened, column, within=within)
    assert sorted(found, key=str) == [[0, 0], [1, 1], [None, None]]


def test_a_form_refuses_what_the_build_would_refuse(changed, atlas):
    link = "rail:akbulak-iletsk-1"
    document = json.loads((atlas.folder / CROSSINGS).read_text(encoding="utf-8"))
    lost = next(feature["properties"]["id"] for feature in document["features"] if feature["geometry"] is None)
    folder, done = changed(
        ("nodes", "agadyr", {"name_en": ""}),
        ("nodes", "agadyr", {"name_en": "  "}),
        ("links", link, {"as_of": "вчера"}),
        ("links", link, {"as_of": "2026-11"}),
        ("links", link, {"to": "akbulak"}),
        ("crossings", "x-rail-aul-lokot", {"mode": None}),
        ("crossings", "x-rail-aul-lokot", {"name_en": " "}),
        ("crossings", "x-rail-aul-lokot", {"accuracy_m": None}),
        ("crossings", lost, {"home_en": "Here"}),
        ("venues", "capital-astana", {"kind": ""}),
        ("border_points", "border:shore", {"sources": " "}),
        ("border", "border:land", {"name_kk": ""}),
    )
    assert [form["ok"] for form in done] == [False, False, False, True, False, False, False, False, True, False, False, False]
    fields = ["name_en", "name_en", "as_of", None, "to", "mode", "name_en", "accuracy_m", None, "kind", "sources", "name_kk"]
    assert [form["told"] for form in done] == [[field] if field else [] for field in fields]
    assert properties(folder, "network/links.geojson")[link]["as_of"] == "2026-11"
