"""The towns under the map: what their file claims, and how page, print and QGIS name them."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely

from corridormap.cartography.labels import LARGE, TOWNS, town_name, town_names, town_rank
from corridormap.export import Bundle
from corridormap.export.qgis.contents import Contents
from corridormap.export.qgis.told import towns_told
from corridormap.plot import plot, save
from corridormap.web import payload

CYRILLIC = re.compile("[а-яёәғқңөұүһі]", re.IGNORECASE)
CENTRES = {
    "Aktau",
    "Aktobe",
    "Almaty",
    "Astana",
    "Atyrau",
    "Karaganda",
    "Kokshetau",
    "Konayev",
    "Kostanay",
    "Kyzylorda",
    "Oral",
    "Pavlodar",
    "Petropavl",
    "Semey",
    "Shymkent",
    "Taldykorgan",
    "Taraz",
    "Turkistan",
    "Ust-Kamenogorsk",
    "Zhezkazgan",
}


@pytest.fixture(scope="module")
def towns(atlas):
    return atlas.facts("context/towns.geojson")


def test_towns_are_where_the_atlas_is_and_most_people_first(atlas, towns):
    west, south, east, north = atlas.record.extent
    assert ((towns.geometry.x > west) & (towns.geometry.x < east) & (towns.geometry.y > south) & (towns.geometry.y < north)).all()
    people = towns["population"].fillna(0).to_numpy()
    assert (np.diff(people) <= 0).all()
    assert people[people > 0].min() > 5_000
    assert list(towns[towns["population"].isna()]["name_en"]) == ["Sarkand"]
    assert towns["id"].is_unique
    assert 200 <= len(towns) <= 230


def test_every_centre_of_a_region_is_a_town(towns):
    assert set(towns[towns["country"] == "KZ"]["name_en"]) >= CENTRES


def test_towns_are_named_in_each_script_and_only_kazakh_names_may_be_unknown(atlas, towns):
    for row in towns.to_dict("records"):
        assert row["name_en"], row["id"]
        assert not CYRILLIC.search(row["name_en"]), row["id"]
        assert CYRILLIC.search(row["name_ru"]), row["id"]
        assert row["name_kk"] is None or CYRILLIC.search(row["name_kk"]), row["id"]
        assert town_name(row, atlas.languages, "kk") == (row["name_kk"] or row["name_ru"])
        assert set(row["names_source"].split("; ")) <= atlas.sources.keys()
    readme = (atlas.folder / "README.md").read_text(encoding="utf-8")
    assert f"{towns['name_kk'].isna().sum()} Kazakh names are null" in readme
    assert f"has {len(towns)} towns" in readme


def test_rivers_lie_in_the_paper(atlas):
    rivers = atlas.facts("context/rivers.geojson")
    assert {"river:irtysh", "river:ishim", "river:tobol", "river:ural", "river:syr-darya", "river:ili", "river:volga", "river:chu"} <= set(
        rivers["id"]
    )
    assert rivers.geometry.is_valid.all()
    assert set(rivers["source"]) == {"natural-earth", "gshhg"}


def test_the_more_people_the_sooner_and_abroad_later():
    found = [town_rank(people, abroad=False) for people, _ in TOWNS]
    assert found == sorted(found)
    assert all(town_rank(people, abroad=True) > rank for (people, _), rank in zip(TOWNS, found, strict=True))
    assert town_rank(None, abroad=False) == found[-1]
    assert found[0].zoom < LARGE.zoom


def test_the_page_has_every_town_with_its_rank(atlas, towns):
    layers = [layer for layer in payload.build(atlas, lang="en", layers=["corridors"])["backdrop"] if layer["kind"] == "town"]
    assert [layer["rank"] for layer in layers] == sorted(layer["rank"] for layer in layers)
    found = {town["name"]["en"]: tuple(layer["rank"]) for layer in layers for town in layer["features"]}
    assert sum(len(layer["features"]) for layer in layers) == len(towns)
    for row in towns.drop_duplicates("name_en").itertuples():
        if (towns["name_en"] == row.name_en).sum() == 1:
            assert found[row.name_en] == town_rank(row.population, abroad=row.country != "KZ"), row.name_en


def test_towns_stand_finer_than_the_backdrop_about_them_which_is_no_coarser_than_it_is_true(atlas):
    backdrop = payload.build(atlas, lang="en", layers=["corridors"])["backdrop"]
    steps = {layer["kind"]: 111_320 / layer["scale"] for layer in backdrop}
    assert steps["town"] < 1200 < steps["land"] == steps["boundary"] < atlas.facts("context/land.geojson")["accuracy_m"].min()
    assert steps["boundary"] < atlas.facts("context/boundaries.geojson")["accuracy_m"].median()


@pytest.mark.slow
def test_print_names_towns_beside_the_layers_own_places(atlas, tmp_path):
    count = {}
    for layers in ("corridors", "corridors places"):
        save(plot(atlas, lang="en", layers=layers.split()), tmp_path / "map.svg", dpi=60)
        count[layers] = (tmp_path / "map.svg").read_text(encoding="utf-8").count('id="town-')
    assert count["corridors"] > count["corridors places"] > 10


def test_qgis_names_towns_by_the_same_steps(atlas):
    ground = next(item for item in Contents.of(Bundle.of(atlas, lang="kk")).grounds if item.kind == "town")
    for people, _ in TOWNS[:-1]:
        assert f'"population" >= {people} ' in ground.seen
    spelt = """CASE WHEN "id" = 'town:162183' THEN 'Ашғабат' ELSE coalesce("name_kk", "name_ru", "name_en") END"""
    assert ground.labels == spelt, "as the atlas's own point, though its layer be switched off"
    english = next(item for item in Contents.of(Bundle.of(atlas, lang="en", layers=["corridors"])).grounds if item.kind == "town")
    assert english.labels == 'coalesce("name_en")'


def test_a_town_that_a_layer_spells_otherwise_in_one_language_is_told_once(atlas, towns):
    """Ashgabat's Kazakh name is Ашхабад to GeoNames, Ашғабат to the atlas's own point three metres away."""
    (row,) = [row for row in towns.to_dict("records") if row["id"] == "town:162183"]
    assert town_name(row, atlas.languages, "kk") == "Ашхабад"
    (found,) = town_names(atlas, [row])
    assert found == {"en": "Ashgabat", "ru": "Ашхабад", "kk": "Ашғабат"}
    named = [town["name"] for layer in payload.build(atlas, lang="kk")["backdrop"] if layer["kind"] == "town" for town in layer["features"]]
    assert found in named
    assert "town:162183" in towns_told(atlas, towns, "kk")[1].partition("and not")[2]


def test_a_town_keeps_its_name_where_what_lies_near_is_alike_by_chance(atlas, towns):
    # The station Аральское море lies a kilometre from the town Аральск; both are Aral in English.
    rows = towns.to_dict("records")
    differ = [row["id"] for row, found in zip(rows, town_names(atlas, rows), strict=True) if found["ru"] != row["name_ru"]]
    assert differ == []
    aral = next(row for row in rows if row["name_en"] == "Aral")
    assert town_names(atlas, [aral | {"name_ru": "Арал", "name_kk": "Сексеуіл"}])[0]["ru"] == "Арал"
    assert (
        town_names(atlas, [row | {"geometry": shapely.Point(60, 50)} for row in rows if row["id"] == "town:162183"])[0]["kk"] == "Ашхабад"
    )


def test_print_tells_it_once_too(atlas):
    text = pytest.importorskip("matplotlib.text")
    figure = plot(atlas, lang="kk", layers=["venues"], view=(55, 36, 62, 42))
    told = [item.get_text() for item in figure.findobj(text.Text)]
    assert (told.count("Ашғабат"), told.count("Ашхабад")) == (1, 0)
