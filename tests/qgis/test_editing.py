"""The facts are edited through the project that is made for it, saved, built and validated: the corridors follow, and nothing else is touched."""

import json
import shutil

import pytest
import shapely

from corridormap.atlas import Atlas
from corridormap.export import export
from corridormap.export.qgis.defaults import plain
from corridormap.export.qgis.qxml import literal

pytestmark = pytest.mark.qgis

STATION, MOVED, THROUGH = [73.4005601062, 48.0510352394], [72.8558, 48.2635], [73.1278917553, 48.1129383245]
NAMES = {"name_en": "New station", "name_ru": "Новая станция", "name_kk": "Жаңа станса"}
SOURCE = {"accuracy_m": 100, "source": "osm-rail-2026-10"}
JOB = {
    "prefix": "kazakhstan",
    "node": {"at": STATION, "values": {**NAMES, "kind": "station", **SOURCE}},
    "link": {"from": "agadyr", "through": [THROUGH], "values": {"mode": "rail", "status": "planned", **SOURCE}},
    "move": {"node": "agadyr", "to": MOVED},
    "write": {"layer": "venues", "feature": "central-asia-russia-2022", "column": "date", "text": "2022-10-15"},
    "change": {"link": "rail:mointy-agadyr", "column": "status", "label": "Ведутся работы"},
}
FOLLOWED = ["rail:agadyr-new-station", "rail:agadyr-seifullin", "rail:mointy-agadyr"]
VENUES = "points/venues.geojson"
NETWORK = ("network/nodes.geojson", "network/links.geojson")


@pytest.fixture(scope="module")
def edited(atlas, run_script, tmp_path_factory):
    """A copy of the atlas with its project beside it, both moved; and what QGIS found and did."""
    made = tmp_path_factory.mktemp("made")
    shutil.copytree(atlas.folder, made / "geodata")
    export(Atlas.open(made / "geodata"), made / "edit.qgz", format="qgis", edit=True, lang="ru")
    home = made.rename(tmp_path_factory.mktemp("elsewhere") / "Атлас 2")
    return home / "geodata", run_script("edit_network.py", job={**JOB, "project": str(home / "edit.qgz")})


def features(folder, name):
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    return {feature["id"] if "id" in feature else feature["properties"]["id"]: feature for feature in document["features"]}


def test_the_project_opens_ready_to_edit(edited):
    _, seen = edited
    assert seen["read"]
    assert seen["messages"] == []
    assert all(layer["valid"] for layer in seen["layers"].values())
    editable = {name for name, layer in seen["layers"].items() if not layer["read_only"]}
    facts = ("nodes", "links", "border", "border_points", "crossings", "venues")
    assert editable == {f"kazakhstan_edit_{name}" for name in facts}
    assert seen["layers"]["kazakhstan_sources"]["features"] > 100
    assert seen["topological"]
    assert seen["same_crs"], "else QGIS finds that nothing meets exactly"
    assert seen["snapped"][1] == [72.8557, 48.2634]
    assert all(seen["relations"].values())
    widgets = seen["layers"]["kazakhstan_edit_links"]["widgets"]
    assert {widgets[name] for name in ("from", "to", "source")} == {"RelationReference"}
    assert {widgets[name] for name in ("mode", "status", "country")} == {"ValueMap"}
    assert seen["values"] == {"Действует": "open", "Планируется": "planned", "Ведутся работы": "works"}


def test_forms_propose_what_is_known_and_refuse_what_lacks(edited):
    _, seen = edited
    # No form would refuse what is in the files.
    assert seen["faults"] == []
    assert seen["node"]["tabs"][:2] == ["Обязательное", "Дополнительно"]
    assert seen["node"]["proposed"] == {"country": "KZ"}
    assert set(seen["node"]["refused"]) == {"id", "kind", *NAMES, *SOURCE}
    assert seen["link"]["proposed"] == {"country": "KZ", "from": "agadyr", "to": "new-station"}
    assert set(seen["link"]["refused"]) == {"id", "mode", "status", *SOURCE}
    assert seen["node"]["feature"]["id"] == "new-station"
    assert seen["link"]["feature"]["id"] == "rail:agadyr-new-station"


def test_names_in_other_letters_give_ids_too(run_script):
    names = {
        "Қызылорда-2": "kyzylorda-2",
        "Щучинск (южный)": "shchuchinsk-yuzhnyy",
        "Объезд Ақ-Сай": "obezd-ak-say",
        "Ələt": "alat",
        "Şəki 1": "saki-1",
        "Ağdam": "agdam",
        "Gent–Łódź": "gent-lodz",
        "O'Brien": "o-brien",
        "თბილისი": "",
    }
    assert dict(zip(names, run_script("evaluate.py", job=[plain(literal(name)) for name in names]), strict=True)) == names


def test_what_was_edited_is_saved_and_all_else_stays(edited, atlas):
    folder, seen = edited
    assert seen["started"] == seen["saved"] == [True, True]
    assert seen["left"] == [False, False]
    assert seen["followed"] == FOLLOWED
    for name, new in zip(NETWORK, ("new-station", "rail:agadyr-new-station"), strict=True):
        before, after = features(atlas.folder, name), features(folder, name)
        assert after.keys() - before.keys() == {new}
        for key, old in before.items():
            changed = {"status": "works"} if key == "rail:mointy-agadyr" else {}
            assert {"id": key, **after[key]["properties"]} == old["properties"] | changed
            assert (after[key]["geometry"] == old["geometry"]) is (key not in {"agadyr", *FOLLOWED})
    assert seen["written"]
    before, after = features(atlas.folder, VENUES), features(folder, VENUES)
    before["central-asia-russia-2022"]["properties"]["date"] = "2022-10-15"
    for key, old in before.items():
        # Dates, too.
        assert {"id": key, **after[key]["properties"]} == old["properties"]
        assert after[key]["geometry"] == old["geometry"]
    for path in atlas.folder.rglob("*"):
        if path.is_file() and str(path.relative_to(atlas.folder)) not in {*NETWORK, VENUES}:
            assert (folder / path.relative_to(atlas.folder)).read_bytes() == path.read_bytes()


def test_it_builds_without_an_error_and_the_corridors_follow(edited, run):
    folder, _ = edited
    built = run("build", geodata=folder)
    assert built.exit_code == 0, built.output
    checked = run("validate", geodata=folder)
    assert checked.exit_code == 0, checked.output
    assert " 0 errors" in checked.output
    again = Atlas.open(folder)
    for corridor in again.itineraries_of_nodes["agadyr"]:
        geometry = again.layer(again.itineraries[corridor].layer).set_index("id").geometry[corridor]
        assert MOVED in shapely.get_coordinates(geometry).tolist()
    assert again.layer("network_links").set_index("id").loc["rail:mointy-agadyr", "status"] == "works"
    assert "rail:agadyr-new-station" in set(again.layer("network_links")["id"])


def test_tidied_the_files_differ_in_what_was_edited_alone(edited, atlas, run):
    folder, _ = edited
    assert run("network", "tidy", geodata=folder).exit_code == 0
    for name, count, more in zip((*NETWORK, VENUES), (2, 3, 1), (1, 1, 0), strict=True):
        before, after = ((which / name).read_text(encoding="utf-8").splitlines() for which in (atlas.folder, folder))
        assert len(set(after) - set(before)) == count
        assert len(after) == len(before) + more
    assert features(folder, NETWORK[0])["new-station"]["geometry"]["coordinates"] == [73.40056, 48.05104]
    ends = features(folder, NETWORK[1])["rail:agadyr-new-station"]["geometry"]["coordinates"]
    assert (ends[0], ends[-1]) == (MOVED, [73.40056, 48.05104])
    assert "nothing to tidy" in run("network", "tidy", geodata=folder).output
    assert run("build", geodata=folder).exit_code == 0
    assert run("validate", geodata=folder).exit_code == 0
