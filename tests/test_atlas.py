import gc
import shutil
import subprocess
import sys
import weakref

import pytest

import corridormap as cm
from corridormap.atlas import kept
from corridormap.cartography.offsets import lanes
from corridormap.errors import DataError, UsageError


def test_the_default_atlas_opens():
    atlas = cm.Atlas.open()
    assert len(atlas.layer("corridors")) == 11
    assert atlas.layer("corridors").crs == "EPSG:4326"


def test_a_layer_is_a_copy(tiny):
    atlas = cm.Atlas.open(tiny)
    atlas.layer("sights")["name_en"] = "changed"
    assert atlas.layer("sights")["name_en"].tolist() == ["Geyser"]


def test_numbers_are_numbers():
    corridors = cm.Atlas.open().layer("corridors")
    assert corridors["length_km"].dtype == "float64"
    assert corridors["number"].dtype == "int64"
    assert corridors["length_published_km"].describe()["min"] > 0
    assert cm.Atlas.open().layer("places")["population"].dtype == "Int64"
    assert cm.Atlas.open().layer("crossings")["multilateral"].dtype == "boolean"


def test_what_is_kept_about_an_atlas_is_found_once_and_goes_with_it(tiny, tmp_path):
    asked = []
    first, second = cm.Atlas.open(tiny), cm.Atlas.open(shutil.copytree(tiny, tmp_path / "second"))
    folder = kept(lambda atlas: asked.append(atlas.folder) or atlas.folder)
    for atlas in (first, second, first, second):
        assert folder(atlas) == atlas.folder
    assert asked == [first.folder, second.folder]
    first.forget_layers()
    assert folder(first) == first.folder
    assert len(asked) == 3
    assert lanes(second) is lanes(second)
    gone = weakref.ref(second)
    del second, atlas
    gc.collect()
    assert gone() is None


def test_what_does_not_exist_is_named(tiny):
    atlas = cm.Atlas.open(tiny)
    with pytest.raises(UsageError, match="no layer 'rails'\n  Layers are: corridors, border"):
        atlas.layer("rails")
    with pytest.raises(UsageError, match="no itinerary 'x'"):
        atlas.route("x")
    with pytest.raises(UsageError, match="Languages are: en, ru"):
        atlas.check_language("kk")


@pytest.mark.parametrize(
    ("code", "good"), [("de", True), ("sr-Latn", True), ("pt-BR", True), ("../../etc/x", False), ("english", False), ("de_DE", False)]
)
def test_a_language_is_a_code_that_browsers_know(tiny, code, good):
    path = tiny / "atlas.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('["en", "ru"]', f'["en", "ru", "{code}"]'), encoding="utf-8")
    if good:
        assert code in cm.Atlas.open(tiny).languages
    else:
        with pytest.raises(DataError, match=r"languages\[2\]"):
            cm.Atlas.open(tiny)


def test_a_layer_that_is_not_built_says_so(tiny):
    (tiny / "layers" / "sights.geojson").unlink()
    with pytest.raises(DataError, match="corridormap build"):
        cm.Atlas.open(tiny).layer("sights")


def test_a_folder_without_an_atlas(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        cm.Atlas.open(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is a file"):
        cm.Atlas.open(__file__)
    with pytest.raises(DataError, match="too long"):
        cm.Atlas.open("x" * 3000)
    with pytest.raises(DataError, match=r"atlas\.toml: no such file"):
        cm.Atlas.open(tmp_path)


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, corridormap.cli; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert not {"geopandas", "shapely", "folium", "pandas", "numpy", "pyproj", "msgspec"} & set(loaded)


def test_unknown_attribute():
    with pytest.raises(AttributeError, match="nothing"):
        _ = cm.nothing
