"""QGIS takes a column to be of the same type in every layer that has it, so that layers can be joined by it."""

import pytest

pytestmark = pytest.mark.qgis


def test_columns_join_across_layers(atlas, run_script):
    found = {}
    for fields in run_script("read_layers.py", *(atlas.layer_path(layer.id) for layer in atlas.layers)):
        for name, kind in fields.items():
            found.setdefault(name, set()).add(kind)
    assert "accuracy_m" in found
    assert {name: kinds for name, kinds in found.items() if len(kinds) > 1} == {}
