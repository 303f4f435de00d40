import csv
import hashlib
import json
import re

import pytest

from corridormap.atlas import Atlas
from corridormap.derive import stale_layers, write_layers
from corridormap.derive.datapackage import told_apart

TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool}


@pytest.fixture(scope="module")
def package(atlas):
    return json.loads((atlas.folder / "datapackage.json").read_text(encoding="utf-8"))


def test_every_layer_and_table_is_described(atlas, package):
    built = {
        path.relative_to(atlas.folder).as_posix() for pattern in ("layers/*.geojson", "tables/*.csv") for path in atlas.folder.glob(pattern)
    }
    assert {resource["path"] for resource in package["resources"]} == built
    assert package["name"] == atlas.record.id
    assert {licence["name"] for licence in package["licenses"]} == {layer.licence for layer in atlas.layers}


def test_sizes_and_hashes_are_the_files_own(atlas, package):
    for resource in package["resources"]:
        content = (atlas.folder / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_fields_are_the_files_own(atlas, package):
    for resource in package["resources"]:
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        path = atlas.folder / resource["path"]
        if resource["format"] == "geojson":
            for feature in json.loads(path.read_text(encoding="utf-8"))["features"]:
                assert set(feature["properties"]) == set(fields)
                for name, value in feature["properties"].items():
                    assert value is None or isinstance(value, TYPES[fields[name]["type"]]), name
                    assert not isinstance(value, bool) or fields[name]["type"] == "boolean"
        else:
            with path.open(encoding="utf-8", newline="") as stream:
                assert next(csv.reader(stream)) == list(fields)
        for field in fields.values():
            assert field["title"] != field["name"]
            assert field["description"].endswith(".")


def test_sources_and_licences_of_a_layer(atlas, package):
    border = next(resource for resource in package["resources"] if resource["name"] == "border")
    record = atlas.layer_record("border")
    titles = {source["title"] for source in border["sources"]}
    assert {f"{atlas.sources[name].title}, {atlas.sources[name].publisher}" for name in record.sources} <= titles
    # Named by a feature alone.
    assert any("wiki" in source.get("path", "") for source in border["sources"])
    assert border["licenses"] == [{"name": "ODbL-1.0", "path": "https://spdx.org/licenses/ODbL-1.0.html"}]


def test_frictionless_finds_it_valid(atlas, package, tmp_path):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(atlas.folder / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "message"])
    assert [task.name for task in report.tasks] == [resource["name"] for resource in package["resources"]]
    assert all(task.valid for task in report.tasks)


def test_frictionless_finds_a_changed_table(tiny):
    frictionless = pytest.importorskip("frictionless")
    assert frictionless.validate(str(tiny / "datapackage.json")).valid
    table = tiny / "tables" / "lengths.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("south", "sauth"), encoding="utf-8")
    report = frictionless.validate(str(tiny / "datapackage.json"))
    assert not report.valid
    assert {kind for (kind,) in report.flatten(["type"])} == {"hash-count"}


def test_it_is_checked_and_mended_as_the_layers_are(tiny):
    path = tiny / "datapackage.json"
    before = path.read_bytes()
    path.write_bytes(before.replace(b"sha256:", b"sha256:0"))
    assert stale_layers(Atlas.open(tiny)) == [path]
    assert write_layers(Atlas.open(tiny)) == [path]
    assert path.read_bytes() == before


def test_a_changed_fact_changes_the_hash(tiny):
    before = json.loads((tiny / "datapackage.json").read_text(encoding="utf-8"))
    sights = tiny / "points" / "sights.geojson"
    sights.write_text(sights.read_text(encoding="utf-8").replace('"Geyser"', '"Great Geyser"'), encoding="utf-8")
    assert {path.name for path in write_layers(Atlas.open(tiny))} == {"sights.geojson", "datapackage.json"}
    after = json.loads((tiny / "datapackage.json").read_text(encoding="utf-8"))
    differ = [old["name"] for old, new in zip(before["resources"], after["resources"], strict=True) if old != new]
    assert differ == ["sights"]


@pytest.mark.parametrize(("licence", "wanted"), [("Public domain; LGPL", {"name": "Public-domain-LGPL", "title": "Public domain; LGPL"})])
def test_a_licence_without_an_spdx_name(tiny, licence, wanted):
    atlas = tiny / "atlas.toml"
    atlas.write_text(atlas.read_text(encoding="utf-8").replace("CC0-1.0", licence), encoding="utf-8")
    write_layers(Atlas.open(tiny))
    assert json.loads((tiny / "datapackage.json").read_text(encoding="utf-8"))["licenses"] == [wanted]


def test_an_address_that_is_not_of_the_web_is_left_out(tiny):
    sources = tiny / "sources.toml"
    text = re.sub(r"(?m)^url = .*\n", "", sources.read_text(encoding="utf-8"))
    sources.write_text(text.replace("[[source]]\n", "[[source]]\nurl = 'file:///etc/hostname'\n"), encoding="utf-8")
    write_layers(Atlas.open(tiny))
    assert "hostname" not in (tiny / "datapackage.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("names", "options", "wanted"),
    [
        (["a", "b"], {}, ["a", "b"]),
        (["a", "A", "a-2", "a"], {}, ["a", "A-3", "a-2", "a-4"]),
        (["fid", "name"], {"taken": ["FID"], "mark": "_"}, ["fid_2", "name"]),
        (["мост", "МОСТ"], {"room": 8}, ["мост", "МОС-2"]),
    ],
)
def test_names_that_clash_are_told_apart(names, options, wanted):
    assert told_apart(names, **options) == wanted
