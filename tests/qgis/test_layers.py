"""QGIS itself opens every layer."""

import json
import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.qgis


@pytest.fixture(scope="module")
def report(atlas):
    script = Path(__file__).parent / "read_layers.py"
    paths = [str(atlas.layer_path(layer.id)) for layer in atlas.layers]
    done = subprocess.run(
        ["/usr/bin/python3", script, *paths],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""},
    )
    return json.loads(done.stdout.splitlines()[-1])


def test_every_layer_opens_in_the_right_place(atlas, report):
    for layer in atlas.layers:
        seen = report[str(atlas.layer_path(layer.id))]
        frame = atlas.layer(layer.id)
        assert seen["valid"]
        assert seen["features"] == len(frame)
        assert seen["crs"] == "EPSG:4326"
        assert seen["box"] == pytest.approx(frame.total_bounds.tolist())


def test_columns_join_across_layers(atlas, report):
    types = {}
    for layer in atlas.layers:
        for name, kind in report[str(atlas.layer_path(layer.id))]["fields"].items():
            types.setdefault(name, set()).add(kind)
    assert {name: kinds for name, kinds in types.items() if len(kinds) > 1} == {}
