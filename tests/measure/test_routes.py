"""Tables that speak of many corridors at once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point

from corridormap import measure
from corridormap.atlas import Atlas
from corridormap.errors import DataError, UsageError

W = "EPSG:4326"
OWN = {"west": LineString([(60, 50), (61, 50)]), "east": LineString([(70, 50), (71, 50)])}
TABLE = pd.DataFrame(
    {
        "corridor": ["3", 7, "road-7-shymkent-samara", 3.0],
        "km": [10.0, 20.0, 30.0, 0.0],
        "from_km": [1, 5, 9, 300],
        "to_km": [2, 9, 5, 200.0],
    },
    index=["a", "b", "b", "c"],
)


def test_locate_measures_each_row_along_its_own_corridor(atlas):
    found = measure.locate(km=TABLE, route="corridor", atlas=atlas)
    assert found.index.tolist() == ["a", "b", "b", "c"]
    assert found["corridor"].tolist() == ["3", "7", "road-7-shymkent-samara", "3"]
    for place, name in zip(found.itertuples(), ["3", "7", "7", "3"], strict=True):
        single = measure.locate(name, km=place.km, atlas=atlas)
        assert shapely.equals(place.geometry, single.geometry.item())
        assert (place.link, place.after, place.after_km) == (single["link"].item(), single["after"].item(), single["after_km"].item())
    same = measure.locate(km=TABLE["km"], route=TABLE["corridor"], atlas=atlas)
    pd.testing.assert_frame_equal(pd.DataFrame(same.rename(columns={"route": "corridor"})), pd.DataFrame(found))
    assert found.attrs["method"] == measure.locate("3", km=1, atlas=atlas).attrs["method"]
    assert "rail-1-northern: rail:aktogay-preduzlovaya is passed again" in measure.locate(km=[1.0], route=["1"], atlas=atlas).attrs["note"]


def test_chainage_of_points_each_on_its_own_corridor(atlas):
    there = measure.locate(km=TABLE, route="corridor", atlas=atlas)
    back = measure.chainage(points=there[["corridor", "geometry"]].to_crs("EPSG:3857"), route="corridor", atlas=atlas)
    assert back["km"].tolist() == pytest.approx(TABLE["km"].tolist(), abs=1e-5)
    assert back.index.tolist() == TABLE.index.tolist()
    assert "reprojected from EPSG:3857" in back.attrs["note"]
    names = list(there["corridor"])
    pd.testing.assert_series_equal(measure.chainage(points=there.geometry, route=names, atlas=atlas)["km"], back["km"], rtol=1e-9)


def test_cut_and_events_each_on_its_own_corridor(atlas):
    laid = measure.events(table=TABLE, route="corridor", atlas=atlas)
    assert laid["length_km"].tolist() == pytest.approx([1, 4, 4, 100])
    assert laid["corridor"].equals(TABLE["corridor"])
    pieces = measure.cut(table=TABLE, route="corridor", atlas=atlas)
    assert pieces.index.tolist() == ["a", "b", "b", "c"]
    for event, piece in zip(laid.geometry, pieces.geometry, strict=True):
        assert shapely.equals(event, piece)
    assert pieces["to_km"].tolist() == TABLE["to_km"].tolist()
    assert pieces.columns.tolist() == ["corridor", "from_km", "to_km", "length_km", "country", "geometry"]
    # Over borders a stretch has a row a country, each on the index of its row.
    over = measure.cut(table=TABLE.assign(to_km=[2100, 6, 7, 8]), route="corridor", atlas=atlas)
    assert over.index.tolist() == ["a"] * 4 + ["b", "b", "c"]
    whole = measure.cut("7", table=TABLE.iloc[:2], atlas=atlas)
    assert whole[["from_km", "to_km"]].to_numpy().tolist() == [[1, 2], [5, 9]]
    assert measure.cut("7", from_km=[1, 5], to_km=[2, 9], atlas=atlas)["length_km"].tolist() == pytest.approx([1, 4])


def test_routes_of_ones_own():
    found = measure.locate(OWN, km=[0.0, 10.0, 0.0], route=["east", "west", "west"])
    assert found.geometry.x.tolist() == pytest.approx([70, 60.1395, 60], abs=1e-4)
    posts = pd.DataFrame({"km": [100.0, 171.0], "at": [0, 71.0]})
    official = OWN | {"east": measure.calibrate(OWN["east"], posts=posts, chainage="at")}
    found = measure.locate(official, km=[110.0, 10.0], route=["east", "west"])
    assert found.geometry.x.tolist() == pytest.approx([70.1395, 60.1395], abs=1e-4)
    assert "official kilometres" in found.attrs["method"]
    assert "calibrated on 2 posts" in found.attrs["note"]


def test_routes_in_columns_of_any_kind():
    for routes in (pd.Categorical(["west", "east"]), pd.array(["west", "east"], dtype="string"), ("west", "east")):
        assert measure.locate(OWN, km=[1, 2], route=routes)["route"].tolist() == ["west", "east"]


def test_rows_of_no_known_corridor_are_named_or_left_empty(atlas):
    table = TABLE.assign(corridor=["3", None, "road-99", "7"])
    points = gpd.GeoDataFrame(table, geometry=[Point(70, 50)] * 4, crs=W)
    calls = {
        "locate": lambda **how: measure.locate(km=table, route="corridor", atlas=atlas, **how),
        "chainage": lambda **how: measure.chainage(points=points, route="corridor", atlas=atlas, **how),
        "events": lambda **how: measure.events(table=table, route="corridor", atlas=atlas, **how),
        "cut": lambda **how: measure.cut(table=table, route="corridor", atlas=atlas, **how),
    }
    for name, call in calls.items():
        with pytest.raises(UsageError, match=r"no route None \(row b\)\n  Routes are: rail-1-northern, "):
            call()
        found = call(errors="coerce")
        assert "rows of no known route are left empty: 2" in found.attrs["note"]
        if name == "cut":
            assert found.index.tolist() == ["a", "c"]
        else:
            assert found.index.tolist() == ["a", "b", "b", "c"]
            assert found.geometry.isna().tolist() == [False, True, True, False]
    found = calls["chainage"](errors="coerce")
    assert found["side"].tolist()[1:3] == found["after"].tolist()[1:3] == [None, None]
    assert found["km"].isna().tolist() == [False, True, True, False]
    assert calls["events"](errors="coerce")["corridor"].equals(table["corridor"])


def test_a_kilometre_off_its_own_corridor_is_named_with_its_row(atlas):
    table = TABLE.assign(km=[10.0, 20.0, 5000.0, 0.0])
    with pytest.raises(UsageError, match=r"km 5000 is not on road-7-shymkent-samara \(row b\)"):
        measure.locate(km=table, route="corridor", atlas=atlas)
    assert measure.locate(km=table, route="corridor", errors="coerce", atlas=atlas).geometry.isna().tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: measure.locate(km=TABLE, route="road"), "the table has no column 'road'"),
        (lambda: measure.locate(km=[1.0], route="corridor"), "there is no table with a column 'corridor'"),
        (lambda: measure.locate(km=[1.0], route=["1", "2"]), "2 routes for 1 row"),
        (
            lambda: measure.locate(km=TABLE["km"], route=TABLE["corridor"].reset_index(drop=True)),
            "the routes stand on another index than the rows",
        ),
        (lambda: measure.events("1", table=[1]), "the table must be a DataFrame, not list"),
        (lambda: measure.events("1", table=TABLE[["from_km", "to_km", "to_km"]]), "the table has several columns 'to_km'"),
        (lambda: measure.locate("1", km=[1.0], route=["1"]), "there is no one target"),
        (lambda: measure.locate(OWN, km=[1.0], route=["north"]), r"no route 'north' \(row 0\)\n  Routes are: west, east"),
        (lambda: measure.locate(km=[1.0], route=["1"], errors="ignore"), "errors must be 'raise' or 'coerce'"),
        (lambda: measure.cut("1"), "a stretch needs from_km and to_km"),
        (lambda: measure.events("1", table=TABLE, from_km="start"), "the table has no column 'start'"),
        (lambda: measure.locate(km=1), "the line must be"),
        (
            lambda: measure.locate(OWN, km=pd.DataFrame({"km": [1], "geometry": ["west"]}), route="geometry"),
            "'geometry', the column of the routes, is the name of a column that is found\n  Rename it",
        ),
        (lambda: measure.cut(OWN["west"], from_km=[0, 1], to_km=5), "do not stand on the same rows"),
        (lambda: measure.cut(OWN["west"], from_km=0, to_km=5, table=TABLE), "do not stand on the same rows"),
        (
            lambda: measure.cut(OWN["west"], from_km=pd.Series([0, 1]), to_km=pd.Series([5, 6], index=[1, 0])),
            "do not stand on the same rows\n  Give as many of both",
        ),
    ],
)
def test_tables_that_cannot_be_measured(call, message):
    with pytest.raises(UsageError, match=message):
        call()


def test_no_rows_give_the_same_columns(atlas):
    empty = TABLE[:0]
    for call in (
        lambda table: measure.locate(km=table, route="corridor", atlas=atlas),
        lambda table: measure.events(table=table, route="corridor", atlas=atlas),
        lambda table: measure.cut(table=table, route="corridor", atlas=atlas),
        lambda table: measure.chainage(
            points=gpd.GeoDataFrame(table, geometry=[Point(70, 50)] * len(table), crs=W), route="corridor", atlas=atlas
        ),
    ):
        assert call(empty).dtypes.equals(call(TABLE).dtypes)
        assert len(call(empty)) == 0
    assert len(measure.locate(OWN, km=np.array([]), route=[])) == 0
    with pytest.raises(DataError, match="0 lines"):
        measure.locate({"none": LineString()}, km=[1.0], route=["none"])


def test_no_row_of_a_known_corridor(tiny):
    atlas = Atlas.open(tiny)
    found = measure.locate(km=[1.0, 2.0], route=["nowhere", None], errors="coerce", atlas=atlas)
    assert found.geometry.isna().all()
    assert found["route"].tolist() == ["nowhere", None]
    assert found["link"].tolist() == [None, None]
    own = measure.locate({"A": LineString([(0, 0), (1, 1)])}, km=[1.0], route=["B"], errors="coerce")
    assert own.columns.tolist() == ["route", "km", "geometry"]
