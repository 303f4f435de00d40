"""Frames as geopandas.read_postgis gives them: the geometry has a name of its own, a CRS of the database's, heights and measures."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal

from corridormap import measure

CRS = "EPSG:32642"


def as_read(frame, monkeypatch):
    """What read_postgis makes of rows of EWKB in hexadecimal digits, which is how a driver hands over a column of PostGIS."""
    made = []  # measures that go to and fro are no kilometres
    for shape in frame.to_crs(CRS).geometry:
        vertices = ", ".join(
            f"{x!r} {y!r} {number}.5 {number % 2}" for number, (x, y) in enumerate(shapely.get_coordinates(shape).tolist())
        )
        made.append(shapely.from_wkt(f"{shape.geom_type} ZM ({vertices})"))
    ewkb = shapely.to_wkb(shapely.set_srid(made, 32642), hex=True, include_srid=True, output_dimension=4)
    table = pd.DataFrame({"id": frame["id"].to_numpy(), "geom": ewkb})
    monkeypatch.setattr(pd, "read_sql", lambda *_, **__: table.copy())
    return gpd.read_postgis("SELECT id, geom FROM way", con=None, geom_col="geom", crs=CRS)


@pytest.fixture
def links(atlas, monkeypatch):
    return as_read(atlas.links.reset_index(drop=True)[["id", "geometry"]].iloc[:6], monkeypatch)


@pytest.fixture
def towns(atlas, monkeypatch):
    return as_read(atlas.layer("places")[["id", "geometry"]].iloc[:40], monkeypatch)


def plain(frame):
    """The same in two dimensions, longitude and latitude, and the usual column."""
    return gpd.GeoDataFrame({"id": frame["id"]}, geometry=shapely.force_2d(frame.geometry.to_numpy()), crs=CRS).to_crs("EPSG:4326")


def same(found, expected):
    assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected), check_exact=False, rtol=1e-9, atol=1e-9)


def test_the_frame_is_of_that_shape(links, towns):
    for frame in (links, towns):
        assert (frame.geometry.name, frame.crs.to_epsg()) == ("geom", 32642)
        assert shapely.has_z(frame.geometry).all()
        assert shapely.has_m(frame.geometry).all()


AREAS = gpd.GeoDataFrame({"side": ["west", "east"]}, geometry=[shapely.box(40, 40, 66, 60), shapely.box(66, 40, 90, 60)], crs="EPSG:4326")


@pytest.mark.parametrize(
    "function",
    [
        lambda links, towns, atlas: measure.lengths(links),
        lambda links, towns, atlas: measure.lengths_by(links, by="id"),
        lambda links, towns, atlas: measure.lengths_by(links, by="side", areas=AREAS.to_crs(links.crs).rename_geometry("geom"), each=True),
        lambda links, towns, atlas: measure.length_by_tolerance(links, tolerances_m=[0, 1000]),
        lambda links, towns, atlas: measure.catchment(links, km=20, places=towns),
        lambda links, towns, atlas: measure.places_within(links, km=20, places=towns)[["id", "way", "km", "offset_m", "side"]],
        lambda links, towns, atlas: measure.nearest(towns, atlas=atlas),
        lambda links, towns, atlas: measure.chainage(links.iloc[:1], points=towns),
        lambda links, towns, atlas: measure.locate(links.iloc[:1], km=[1.0, 2.0]),
        lambda links, towns, atlas: measure.cut(links.iloc[:1], from_km=1.0, to_km=2.0),
        lambda links, towns, atlas: measure.crossings(links, second=links.iloc[2:4]),
        lambda links, towns, atlas: measure.compare(links, reference=links, planar_crs=CRS).features,
        lambda links, towns, atlas: measure.events(links.iloc[:1], table=pd.DataFrame({"from_km": [1.0], "to_km": [2.0]})),
        lambda links, towns, atlas: measure.areas(AREAS.to_crs(links.crs).rename_geometry("geom")),
    ],
)
def test_whatever_takes_lines_or_points_takes_it(function, links, towns, atlas):
    # What was read stays as it was.
    before = links.copy(), towns.copy()
    same(function(links, towns, atlas), function(plain(links), plain(towns), atlas))
    assert links.geom_equals(before[0]).all()
    assert towns.geom_equals(before[1]).all()
