"""What a report draws of the features that were checked: from the one reading, and never more than a page can bear."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import polyline
import pytest
import shapely

from corridormap.checks import check_files
from corridormap.checks.drawing import FINEST, MOST, Drawing
from corridormap.checks.reading.batch import LINE, Shapes

pytestmark = pytest.mark.slow


def feature(kind, coordinates):
    return {"type": "Feature", "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}}


def runs(path):
    drawing = Drawing()
    assert check_files([path], drawing=drawing).drawing is drawing
    data = drawing.encoded()
    return [(np.array(polyline.decode(run, 0, geojson=True)) / data["scale"]).round(5).tolist() for run in data["runs"]], data


def drawn(tmp_path, *features):
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return runs(path)


RING = [[0, 0], [1, 0], [1, 1], [0, 0]]
FEATURES = [
    feature("LineString", [[10.123456, 50], [11, 51]]),
    feature("MultiPolygon", [[RING, RING[::-1]], [RING]]),
    feature("MultiPoint", [[5, 5], [6, 6]]),
    feature("Point", [7, 7]),
    feature("LineString", []),
    {"type": "Feature", "properties": None, "geometry": None},
]
EXPECTED = [[[10.12346, 50], [11, 51]], RING, RING[::-1], RING, [[5, 5]], [[6, 6]], [[7, 7]]]


def test_every_kind_is_drawn(tmp_path):
    found, data = drawn(tmp_path, *FEATURES)
    assert found == EXPECTED
    assert (data["scale"], data["thinned_m"]) == (FINEST, None)


def test_so_are_features_that_only_the_slow_reader_takes(tmp_path):
    odd = [{**one, "geometry": {"coordinates": [], "type": "Point"}} if one["geometry"] is None else {**one, "id": []} for one in FEATURES]
    collection = {"type": "GeometryCollection", "geometries": [FEATURES[0]["geometry"], FEATURES[3]["geometry"]]}
    found, _ = drawn(tmp_path, *odd, {"type": "Feature", "properties": None, "geometry": collection})
    assert sorted(found) == sorted([*EXPECTED, EXPECTED[0], EXPECTED[-1]])


def test_every_format_is_drawn(tmp_path):
    lines = [json.dumps(one) for one in FEATURES[:4]]
    (tmp_path / "a.geojsonl").write_text("\n".join(lines), encoding="utf-8")
    assert runs(tmp_path / "a.geojsonl")[0] == EXPECTED
    (tmp_path / "one.geojson").write_text(json.dumps(FEATURES[0]["geometry"]), encoding="utf-8")
    assert runs(tmp_path / "one.geojson")[0] == EXPECTED[:1]
    gpd.GeoDataFrame(geometry=[shapely.LineString([[10, 50], [11, 51]])], crs=4326).to_crs(3857).to_file(tmp_path / "a.gpkg")
    assert runs(tmp_path / "a.gpkg")[0] == [[[10, 50], [11, 51]]]


def test_what_lies_nowhere_on_earth_breaks_a_line(tmp_path):
    line = [[1, 1], [2, 2], [500000, 5300000], [3, 3], [4, 1e308], [1, 200], [5, 5], [6, 89.9]]
    assert drawn(tmp_path, feature("LineString", line))[0] == [[[1, 1], [2, 2]], [[3, 3]], [[5, 5], [6, 85]]]
    assert drawn(tmp_path, feature("Point", [-200, 0]))[0] == []


def walk(rng, count, step):
    turn = np.cumsum(rng.normal(0, 0.2, count))
    return np.cumsum(np.column_stack([np.cos(turn), np.sin(turn)]) * step, axis=0)


@pytest.mark.parametrize("most", [1, 7])
def test_a_large_file_is_thinned_and_keeps_its_shape(tmp_path, most):
    rng = np.random.default_rng(1)
    lines = [walk(rng, 30_000, 0.0005) for _ in range(most)]
    _, data = drawn(tmp_path, *(feature("LineString", line.tolist()) for line in lines))
    assert sum(len(polyline.decode(run, 0)) for run in data["runs"]) <= MOST
    assert len(data["runs"]) == most
    for run, line in zip(data["runs"], lines, strict=True):
        kept = shapely.LineString(np.array(polyline.decode(run, 0, geojson=True)) / data["scale"])
        # The tolerance is that of the map, which is widest at the equator.
        assert shapely.distance(kept, shapely.points(line[::20])).max() * 111_320 < 1.5 * data["thinned_m"]
    assert data["thinned_m"] < 1000


def test_many_small_things_become_points_and_points_in_one_spot_one():
    rng = np.random.default_rng(2)
    drawing = Drawing()
    places = rng.uniform(-80, 80, (120_000, 1, 2))
    for part in np.split(places + np.array([[0, 0], [0.001, 0.001]]), 6):
        drawing.add(shapes_of(part))
        assert len(drawing.xy) <= 8 * MOST
    data = drawing.encoded()
    assert MOST / 4 < sum(len(polyline.decode(run, 0)) for run in data["runs"]) <= MOST
    # A few lie across the edge of two steps.
    assert sum(len(polyline.decode(run, 0)) == 1 for run in data["runs"]) > 0.9 * len(data["runs"])


def test_no_crowd_is_too_large():
    drawing = Drawing()
    grid = np.stack(np.meshgrid(np.linspace(-180, 180, 800), np.linspace(-85, 85, 400)), axis=-1).reshape(-1, 1, 2)
    drawing.add(shapes_of(np.repeat(grid, 2, axis=1)))
    assert 0 < len(drawing.encoded()["runs"]) <= MOST


def shapes_of(lines):
    count, length, _ = lines.shape
    number, zero = np.arange(count), np.zeros(count, dtype=int)
    return Shapes(lines.reshape(-1, 2), None, np.arange(count + 1) * length, number, zero, zero, np.full(count, LINE), number)
