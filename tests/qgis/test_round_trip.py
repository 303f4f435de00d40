"""The network is edited in QGIS, saved, and built again: the corridor follows."""

import json
import shutil

import pytest
import shapely

from corridormap.atlas import Atlas
from corridormap.geodesic import lengths_km

pytestmark = pytest.mark.qgis

LINK, VERTEX = "rail:kandyagash-makat", 60
MOVED = (56.44, 49.13)


@pytest.fixture(scope="module")
def edited(atlas, run_script, tmp_path_factory):
    """A copy of the atlas whose link has one vertex moved by about 6 km in QGIS."""
    folder = tmp_path_factory.mktemp("edited") / "geodata"
    shutil.copytree(atlas.folder, folder)
    done = run_script("edit_links.py", folder / "network/links.geojson", LINK, VERTEX, *MOVED)
    assert done["started"]
    assert done["changed"]
    assert done["saved"], done["errors"]
    return folder


def test_what_qgis_does_to_the_file(edited, atlas):
    before = json.loads((atlas.folder / "network/links.geojson").read_text(encoding="utf-8"))
    after = json.loads((edited / "network/links.geojson").read_text(encoding="utf-8"))
    assert "crs" not in after
    assert len(after["features"]) == len(before["features"])
    # The property that repeats the feature's id is left out; everything else stays.
    for old, new in zip(before["features"], after["features"], strict=True):
        assert new["id"] == old["id"]
        assert {"id": new["id"], **new["properties"]} == old["properties"]
        if old["id"] != LINK:
            assert new["geometry"] == old["geometry"]
        else:
            assert new["geometry"]["coordinates"][VERTEX] == list(MOVED)
            del old["geometry"]["coordinates"][VERTEX], new["geometry"]["coordinates"][VERTEX]
            assert new["geometry"] == old["geometry"]


def test_the_corridor_follows(edited, atlas, run):
    built = run("build", geodata=edited)
    assert built.exit_code == 0, built.output
    again = Atlas.open(edited)
    corridor = "rail-4-north-south"
    old, new = (which.layer("corridors").set_index("id").geometry[corridor] for which in (atlas, again))
    assert shapely.get_coordinates(new).tolist().count(list(MOVED)) == 1
    assert lengths_km([new])[0] > lengths_km([old])[0] + 0.5
    stated = again.layer("corridors").set_index("id").loc[corridor, "length_total_km"]
    assert stated == pytest.approx(lengths_km([new])[0], abs=0.051)
    # What nobody touched is as it was.
    for name in ("border", "crossings", "venues", "we_wc_segment"):
        assert again.layer_path(name).read_bytes() == atlas.layer_path(name).read_bytes()
    checked = run("validate", geodata=edited)
    assert checked.exit_code == 0, checked.output


def test_saving_once_more_changes_that_line_alone(edited, run_script):
    path = edited / "network/links.geojson"
    before = path.read_text(encoding="utf-8").splitlines()
    done = run_script("edit_links.py", path, LINK, VERTEX, 56.43, 49.085)
    assert done["saved"], done["errors"]
    after = path.read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before)
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_moved_ends_are_found(atlas, tmp_path, run_script, run):
    """A link whose end leaves its node is not built into a corridor with a gap; the checks name it."""
    folder = tmp_path / "geodata"
    shutil.copytree(atlas.folder, folder)
    assert run_script("edit_links.py", folder / "network/links.geojson", LINK, 0, 57.5, 49.4)["saved"]
    built = run("build", geodata=folder)
    checked = run("validate", geodata=folder)
    assert built.exit_code == 1 or checked.exit_code == 1
    assert LINK in built.output + checked.output
    assert "Traceback" not in built.output + checked.output
