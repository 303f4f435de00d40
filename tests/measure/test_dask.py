"""The same functions on partitions of a frame, on a cluster of two processes."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, box

from corridormap import measure

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client():
    import distributed

    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def split():
    """A frame in partitions."""
    import dask_geopandas

    return dask_geopandas.from_geopandas


@pytest.fixture(scope="module")
def frame():
    random = np.random.default_rng(4)
    start = random.uniform([60, 46], [80, 54], (200, 2))
    steps = random.uniform(-0.2, 0.2, (200, 5, 2)).cumsum(axis=1)
    lines = [LineString(np.vstack([place, place + walk])) for place, walk in zip(start, steps, strict=True)]
    return gpd.GeoDataFrame({"kind": random.choice(["a", "b"], 200)}, geometry=lines, crs="EPSG:4326")


def test_lengths_and_areas(client, split, frame):
    parts = split(frame, npartitions=4)
    pd.testing.assert_frame_equal(parts.map_partitions(measure.lengths).compute(), measure.lengths(frame))
    ground = gpd.GeoDataFrame(geometry=shapely.envelope(frame.geometry.to_numpy()), crs=frame.crs)
    parts = split(ground, npartitions=3)
    pd.testing.assert_frame_equal(parts.map_partitions(measure.areas).compute(), measure.areas(ground))


def test_lengths_by_areas_and_attributes(client, split, frame):
    parts = split(frame, npartitions=4)
    ground = gpd.GeoDataFrame({"side": ["west", "east"]}, geometry=[box(50, 40, 70, 60), box(70, 40, 90, 60)], crs="EPSG:4326")
    each = parts.map_partitions(measure.lengths_by, by="side", areas=ground, each=True).compute()
    pd.testing.assert_frame_equal(each, measure.lengths_by(frame, by="side", areas=ground, each=True))
    sums = parts.map_partitions(measure.lengths_by, by="kind").groupby("kind")["length_km"].sum().compute()
    whole = measure.lengths_by(frame, by="kind").set_index("kind")["length_km"]
    assert sums.to_dict() == pytest.approx(whole.to_dict())


def test_chainage_and_nearest_with_a_line_sent_to_the_workers(client, split, frame, atlas):
    points = gpd.GeoDataFrame(geometry=shapely.points(shapely.get_coordinates(frame.geometry)[::6]), crs=frame.crs)
    parts = split(points, npartitions=4)
    line = measure.alignment("rail-1-northern", atlas=atlas)
    for way in (lambda part: measure.chainage(line, points=part), lambda part: measure.nearest(part, corridors=[1, 2])):
        # dask tries a function on lines of its own making, unless it is told what comes out.
        there = parts.map_partitions(way, meta=way(points.iloc[:0])).compute()
        pd.testing.assert_frame_equal(pd.DataFrame(there.drop(columns="geometry")), pd.DataFrame(way(points).drop(columns="geometry")))
        assert shapely.equals_exact(there.geometry.to_numpy(), way(points).geometry.to_numpy(), tolerance=1e-9).all()


def test_an_indexed_line_can_be_sent_too(client, split, atlas):
    line = measure.alignment("rail-1-northern", atlas=atlas)
    assert line.nearest.of(np.array([[73.0, 49.0]])).km.shape == (1,)  # its index is made, and goes along
    assert client.submit(lambda line: measure.locate(line, km=400)["after"].item(), line).result() == "sayak"
    assert client.submit(lambda line: measure.chainage(line, points=(73.1, 49.8))["side"].item(), line).result() in {"left", "right"}
