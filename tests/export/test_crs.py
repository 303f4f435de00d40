"""How coordinates were transformed is told as PROJ has it."""

import re
import warnings

import pytest
from pyproj.transformer import TransformerGroup

from corridormap.export import Bundle

pytestmark = pytest.mark.slow


def told(atlas, crs, layer="places"):
    return Bundle.of(atlas, layers=[layer], crs=crs).notes[0]


@pytest.mark.parametrize("crs", ["EPSG:4284", "EPSG:28412", "EPSG:28413", "EPSG:4740"])
def test_operations_and_their_accuracy_are_proj_s(atlas, crs):
    note = told(atlas, crs)
    assert "unavailable" not in note
    assert "unknown" not in note
    known = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for transformer in TransformerGroup("EPSG:4326", crs, always_xy=True).transformers:
            known |= {step.name: transformer.accuracy for step in transformer.operations if step.name.startswith("Inverse of")}
    named = re.findall(r"(Inverse of [^+,]*?)(?: \+ [^,]*)?, within ([\d.]+) m", note)
    assert named
    assert all(known[name] == float(accuracy) for name, accuracy in named)


def test_the_operation_is_that_which_moved_the_points(atlas):
    """The published shift of "Pulkovo 1942 to WGS 84 (20)", applied by itself."""
    from pyproj import Transformer

    frame = atlas.layer("places")
    astana = frame[frame["name_en"].str.startswith("Astana")]
    moved = Bundle.of(atlas, layers=["places"], crs="EPSG:28412").layers[0].frame.loc[astana.index]
    group = TransformerGroup("EPSG:4326", "EPSG:28412", always_xy=True)
    by_name = {transformer.description: transformer for transformer in group.transformers}
    alone = next(found for name, found in by_name.items() if "Pulkovo 1942 to WGS 84 (20)" in name)
    assert isinstance(alone, Transformer)
    for before, after in zip(astana.geometry, moved.geometry, strict=True):
        assert alone.transform(before.x, before.y) == pytest.approx((after.x, after.y), abs=1e-3)
    assert "Pulkovo 1942 to WGS 84 (20) + 6-degree Gauss-Kruger zone 12, within 3 m" in told(atlas, "EPSG:28412")


def test_a_guess_is_called_one(atlas):
    assert "Ballpark geographic offset from WGS 84 to OSGB36 + British National Grid, of unknown accuracy" in told(atlas, "EPSG:27700")


def test_a_plain_projection_is_exact(atlas):
    assert told(atlas, "EPSG:32642").endswith("by PROJ: UTM zone 42N, within 0 m")
