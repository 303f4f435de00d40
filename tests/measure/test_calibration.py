"""Official kilometres: from posts, and from M values."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point

from corridormap import measure
from corridormap.errors import DataError, UsageError
from corridormap.measure import inputs

W = "EPSG:4326"
LINE = LineString([(66, 50), (67, 50)])
GEODESIC = Geodesic.WGS84.InverseLine(50, 66, 50, 67)
LENGTH_KM = GEODESIC.s13 / 1000


def at(km):
    """The place so far along the line, by GeographicLib."""
    there = GEODESIC.Position(km * 1000)
    return Point(there["lon2"], there["lat2"])


def posts(*rows, crs=W):
    """Posts of kilometres, standing so far along the line."""
    return gpd.GeoDataFrame(
        {"km": [row[0] for row in rows]}, geometry=[at(row[1]) for row in rows], crs=W, index=list("abcdefg"[: len(rows)])
    ).to_crs(crs)


def test_places_between_posts_are_those_of_geographiclib():
    line = measure.calibrate(LINE, posts=posts((100, 5), (120, 25.5), (160, 66)))
    assert line.ends_km == (100, 160)
    assert line.length_km == pytest.approx(LENGTH_KM, abs=1e-9)
    for km, along in ((100, 5), (110, 15.25), (120, 25.5), (140, 45.75), (160, 66)):
        place = measure.locate(line, km=km)
        assert (place.geometry.item().x, place.geometry.item().y) == pytest.approx(at(along).coords[0], abs=1e-9)
        found = measure.chainage(line, points=at(along))
        assert found["km"].item() == pytest.approx(km, abs=1e-6)
        assert found["offset_m"].item() < 1e-3
    assert "official kilometres" in place.attrs["method"]
    assert "calibrated on 3 posts, at most 0 m from the line" in place.attrs["note"]
    assert "5.000 km before the first post have no kilometre; 5.6" in place.attrs["note"]


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.floats(0.2, 5), st.floats(0.2, 3)), min_size=1, max_size=8),
    st.lists(st.floats(0, 1), min_size=1, max_size=9),
    st.floats(-5, 5000),
)
def test_locate_and_chainage_are_inverse_in_kilometres_of_posts(steps, shares, first):
    table = pd.DataFrame(np.cumsum([(first, 0.5), *steps], axis=0), columns=["km", "at"])
    line = measure.calibrate(LINE, posts=table, chainage="at")
    low, high = line.ends_km
    km = low + np.array(shares) * (high - low)
    back = measure.chainage(line, points=measure.locate(line, km=km))
    assert back["km"].to_numpy() == pytest.approx(km, abs=1e-4)


def test_cut_and_events_speak_of_posts_and_measure_on_the_ground():
    line = measure.calibrate(LINE, posts=posts((100, 0), (110, 11), (150, 50)))
    piece = measure.cut(line, from_km=100, to_km=110)
    assert piece[["from_km", "to_km"]].to_numpy().ravel().tolist() == pytest.approx([100, 110])
    assert piece["length_km"].item() == pytest.approx(11)
    back = measure.cut(line, from_km=110, to_km=105)
    assert back[["from_km", "to_km", "length_km"]].to_numpy().ravel().tolist() == pytest.approx([110, 105, 5.5])
    laid = measure.events(line, table=pd.DataFrame({"from_km": [105, 107], "to_km": [110, 107]}))
    assert laid["length_km"].tolist() == pytest.approx([5.5, 0])
    assert measure.lengths(laid)["length_km"].iloc[0] == pytest.approx(5.5, abs=1e-6)
    assert laid.geom_type.tolist() == ["LineString", "Point"]


def test_beyond_the_posts_only_if_asked():
    table = posts((100, 5), (160, 65))
    line = measure.calibrate(LINE, posts=table)
    with pytest.raises(UsageError, match=r"km 99 is not on the line\n  It runs from km 100 to km 160\.000 of its posts"):
        measure.locate(line, km=99)
    assert measure.locate(line, km=[99, 101], errors="coerce").geometry.isna().tolist() == [True, False]
    beyond = measure.chainage(line, points=[at(2), at(10)])
    assert beyond["km"].isna().tolist() == [True, False]
    assert beyond["offset_m"].max() < 0.01
    assert "1 points lie beyond the posts" in beyond.attrs["note"]
    more = measure.calibrate(LINE, posts=table, extrapolate=True)
    assert more.ends_km == pytest.approx((95, 95 + LENGTH_KM))
    assert measure.chainage(more, points=at(2))["km"].item() == pytest.approx(97, abs=1e-6)
    assert "go on at 1.0000 of the measured" in more.note
    one = measure.calibrate(LINE, posts=table[:1], extrapolate=True)
    assert one.ends_km == pytest.approx((95, 95 + LENGTH_KM))
    with pytest.raises(UsageError, match="1 posts calibrate nothing"):
        measure.calibrate(LINE, posts=table[:1])


def test_residuals_are_told():
    line = measure.calibrate(LINE, posts=posts((20, 20), (0, 0), (10, 10.2), (30, 30)))
    assert line.posts["row"].tolist() == ["b", "c", "a", "d"]
    assert line.posts["residual_m"].tolist() == pytest.approx([np.nan, -200, 101.01, np.nan], nan_ok=True, abs=0.1)
    assert "a post is 151 m off (median), at most 200 m: row c" in line.note
    off = posts((0, 0), (10, 10))
    off.geometry = off.translate(yoff=0.001)
    assert measure.calibrate(LINE, posts=off).posts["offset_m"].tolist() == pytest.approx([111.2, 111.2], abs=0.5)


def test_posts_that_do_not_increase_are_named_with_row_and_place():
    with pytest.raises(DataError) as caught:
        measure.calibrate(LINE, posts=posts((0, 0), (10, 10), (9, 20), (30, 30), (30, 40), (50, 50)))
    first, second = caught.value.faults
    lon, lat = at(20).coords[0]
    assert first.message.startswith(
        f"the posts, row c: km 9 at {lon:.5f}, {lat:.5f} comes after km 10 (row b) and does not increase\n  Mend or leave out"
    )
    assert second.feature == "row e"


def test_posts_against_the_line_turn_it():
    line = measure.calibrate(LINE, posts=posts((170, 0), (150, 20), (100, 70)))
    assert line.ends_km == (100, 170)
    assert "the posts run against the line, which is turned" in line.note
    found = measure.chainage(line, points=Point(66.5, 50.1))
    assert found["side"].item() == "right"
    assert measure.locate(line, km=160).geometry.item().distance(at(10)) < 1e-8


def test_a_corridor_turned_keeps_its_stations(atlas):
    table = measure.stationing("3", atlas=atlas)
    turned = measure.calibrate("3", posts=table.assign(km=5000 - table["km"]), atlas=atlas, within_m=10)
    place, there = measure.locate(turned, km=4900, atlas=atlas), measure.locate("3", km=100, atlas=atlas)
    assert place[["link", "country"]].equals(there[["link", "country"]])
    assert place[["before", "after"]].iloc[0].tolist() == there[["after", "before"]].iloc[0].tolist()
    assert place["before_km"].item() == pytest.approx(there["after_km"].item())
    assert measure.stationing(turned, atlas=atlas)["km"].tolist() == pytest.approx((5000 - table["km"]).tolist()[::-1])
    with pytest.raises(UsageError, match="the line has no nodes"):
        measure.stationing(measure.alignment(LINE), atlas=atlas)


def test_equations_and_broken_chainage_are_told_with_their_places():
    line = measure.calibrate(LINE, posts=posts((0, 0), (10, 10), (12, 10), (22, 20), (25, 30), (35, 40)))
    lon, lat = at(10).coords[0]
    assert f"chainage equations: km 10 to km 12 (row c, at {lon:.5f}, {lat:.5f}) measures 0.000 km" in line.note
    assert "broken chainage: km 22 to km 25 (row e, at 66.41" in line.note
    assert measure.locate(line, km=11).geometry.item().distance(at(10)) < 1e-8
    assert measure.chainage(line, points=at(15))["km"].item() == pytest.approx(17, abs=1e-6)
    same = measure.calibrate(LINE, posts=posts((0, 0), (10, 10), (10, 10)))
    assert len(same.posts) == 2


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({}, UsageError, "give either posts or m"),
        ({"posts": posts((0, 0), (1, 1)), "m": "km"}, UsageError, "give either posts or m"),
        ({"posts": posts((0, 0), (1, 1)), "km": "kilometre"}, UsageError, "the posts has no column 'kilometre'"),
        (
            {"posts": pd.DataFrame({"km": ["one", "two"], "at": [0, 1]}), "chainage": "at"},
            UsageError,
            "'km' of the posts must hold numbers",
        ),
        ({"posts": pd.DataFrame({"km": [1, None], "at": [0, 1]}), "chainage": "at"}, UsageError, "has no number in row 1"),
        ({"posts": pd.DataFrame({"km": [1, 2], "at": [0, 100]}), "chainage": "at"}, UsageError, r"km 100 is not on the line \(row 1\)"),
        ({"posts": pd.DataFrame({"km": [1, np.inf], "at": [0, 1]}), "chainage": "at"}, UsageError, "has no number in row 1"),
        ({"posts": pd.DataFrame({"km": [], "at": []}), "chainage": "at"}, UsageError, "0 posts calibrate nothing"),
        ({"posts": pd.DataFrame({"km": [5, 5], "at": [3, 3]}), "chainage": "at"}, UsageError, "1 posts calibrate nothing"),
        ({"posts": pd.DataFrame({"km": [5, 6], "at": [3, 3]}), "chainage": "at"}, UsageError, "2 posts at one place calibrate nothing"),
        ({"posts": pd.DataFrame({"km": [1, 2]})}, UsageError, "the posts have neither points nor a chainage"),
        ({"posts": [Point(66, 50), Point(67, 50)]}, UsageError, "the posts must be a table, not list"),
        (
            {"posts": gpd.GeoDataFrame({"km": [1, 2]}, geometry=[Point(66, 50), Point(67, 51)], crs=W)},
            DataError,
            r"row 1: 67\.00000, 51\.00000 lies 1112\d\d m from the line",
        ),
        ({"posts": gpd.GeoDataFrame({"km": [1, 2]}, geometry=[Point(66, 50), None], crs=W)}, DataError, "row 1: has no point"),
        ({"m": "miles"}, UsageError, "m must be 'km' or 'm', not 'miles'"),
        ({"m": "km"}, DataError, "the line: has no M values"),
    ],
)
def test_what_calibrates_nothing(how, error, message):
    with pytest.raises(error, match=message):
        measure.calibrate(LINE, **how)


def test_what_speaks_of_posts_already():
    line = measure.calibrate(LINE, posts=posts((0, 0), (10, 10)))
    with pytest.raises(UsageError, match="speaks in kilometres of posts or of M already"):
        measure.calibrate(line, posts=posts((0, 0), (10, 10)))
    with pytest.raises(UsageError, match="speaks in kilometres of posts, and this measures along the line"):
        measure.crossings(line, second=LineString([(66.5, 49), (66.5, 51)]))
    with pytest.raises(UsageError, match="only a line of yours has M values"):
        measure.calibrate("1", m="km")


def with_m(*values, z=None):
    """The line with M values at its ends and, evenly, between."""
    places = [at(LENGTH_KM * share) for share in np.linspace(0, 1, len(values))]
    rows = [f"{p.x!r} {p.y!r} {'' if z is None else z} {m}" for p, m in zip(places, values, strict=True)]
    return shapely.from_wkt(f"LINESTRING {'M' if z is None else 'ZM'} ({', '.join(rows)})")


@pytest.mark.parametrize("crs", [W, "EPSG:32642"])
@pytest.mark.parametrize(("factor", "unit", "z"), [(1, "km", None), (1000, "m", None), (1000, "m", 350)])
def test_m_is_used_and_said(crs, factor, unit, z):
    given_ = with_m(100 * factor, 135 * factor, 172 * factor, z=z)
    # to_crs knows no M.
    places = shapely.get_coordinates(gpd.GeoSeries([shapely.force_2d(given_)], crs=W).to_crs(crs))
    rest = shapely.get_coordinates(given_, include_z=True, include_m=True)[:, 2 if z is not None else 3 :]
    rows = ", ".join(" ".join(map(repr, row)) for row in np.hstack([places, rest]).tolist())
    frame = gpd.GeoSeries([shapely.from_wkt(f"LINESTRING {'M' if z is None else 'ZM'} ({rows})")], crs=crs)
    line = measure.alignment(frame)
    assert line.ends_km == (100, 172)
    assert f"kilometres are its M values, in {unit}" in line.note
    assert ("heights (Z) are left out" in line.note) == (z is not None)
    assert measure.locate(line, km=135).geometry.item().distance(at(LENGTH_KM / 2)) < 1e-7
    assert measure.chainage(frame, points=at(LENGTH_KM / 2))["km"].item() == pytest.approx(135, abs=1e-5)
    assert measure.calibrate(frame, m=unit).ends_km == line.ends_km
    assert "M values are left out" in measure.lengths(frame).attrs["note"]


def test_m_that_is_no_kilometre_is_left_aside_and_said():
    times = with_m(1.7e9, 1.7e9 + 9e5)
    line = measure.alignment(times)
    assert line.ends_km == (0, line.length_km)
    assert "neither kilometres nor metres" in line.note
    falls = with_m(0, 40, 30, 71)
    line = measure.alignment(falls)
    assert line.marks is None
    assert "its M values are left aside: km 30 at 66.66" in line.note
    with pytest.raises(DataError, match=r"vertex 2: km 30 at .* comes after km 40 \(vertex 1\)"):
        measure.calibrate(falls, m="km")
    assert measure.calibrate(with_m(0, 140), m="km").ends_km == (0, 140)  # said to be kilometres, it is taken so
    assert measure.alignment(with_m(0, "NaN", 71)).ends_km == (0, 71)
    crossed = measure.crossings(with_m(100, 171), second=LineString([(66.5, 49), (66.5, 51)]))
    assert crossed["km_a"].item() == pytest.approx(LENGTH_KM / 2, abs=0.001)
    assert "M values are left out" in crossed.attrs["note"]


@pytest.fixture
def measured_file(tmp_path):
    """A GeoPackage of one line with M, in metres; pyogrio writes it from Arrow's well-known binary, as it writes no M itself."""
    pa = pytest.importorskip("pyarrow")
    path = tmp_path / "m.gpkg"
    wkb = shapely.to_wkb(with_m(100_000, 172_000), output_dimension=4, flavor="iso")
    table = pa.table({"id": [1], "geom": pa.array([wkb], pa.binary())})
    pyogrio.write_arrow(table, path, driver="GPKG", geometry_name="geom", geometry_type="Measured LineString", crs=W)
    return path


def test_a_file_with_m(measured_file, monkeypatch):
    line = measure.alignment(measured_file)
    assert line.ends_km == (100, 172)
    assert measure.locate(str(measured_file), km=136).geometry.item().distance(at(LENGTH_KM / 2)) < 1e-7
    monkeypatch.setattr(inputs, "find_spec", lambda name: None)
    lost = measure.alignment(measured_file)
    assert lost.marks is None
    assert lost.note == "the file's M values could not be read: install pyarrow, and they are"


def test_posts_from_a_file(tmp_path):
    posts((100, 5), (160, 65), crs="EPSG:32642").to_file(tmp_path / "posts.gpkg")
    assert measure.calibrate(LINE, posts=tmp_path / "posts.gpkg").ends_km == (100, 160)
    with pytest.raises(DataError, match=r"posts\.csv: no such file"):
        measure.calibrate(LINE, posts=str(tmp_path / "posts.csv"))


def test_an_alignment_says_what_it_is_in_a_line():
    assert repr(measure.alignment(LINE)) == "<Alignment of the line, km 0 to km 71.695>"
    assert repr(measure.calibrate(LINE, posts=posts((100, 0), (150, 50)))) == "<Alignment of the line, km 100 to km 150.000 of its posts>"


def test_rounded_m_at_close_vertices_is_no_fault():
    km = np.sort(np.append(np.random.default_rng(0).uniform(0, LENGTH_KM, 30_000), [0, LENGTH_KM]))
    rows = ", ".join(f"{66 + at / LENGTH_KM!r} 50 {round(at, 3)}" for at in km.tolist())
    line = measure.alignment(shapely.from_wkt(f"LINESTRING M ({rows})"))
    assert line.note == "kilometres are its M values, in km"
    assert line.ends_km == (0, round(LENGTH_KM, 3))
    found = measure.chainage(line, points=[Point(66.25, 50), Point(67, 50)])["km"]
    assert found.tolist() == pytest.approx([LENGTH_KM / 4, LENGTH_KM], abs=0.001)
    flat = measure.alignment(with_m(100, 100, 110, 171))
    assert "broken chainage: km 100 to km 110 (vertex 2, at 66.66667, 50" in flat.note
    with pytest.raises(UsageError, match="1 posts calibrate nothing"):
        measure.calibrate(with_m(5, 5, 5), m="km")
    assert "neither kilometres nor metres" in measure.alignment(with_m(5, 5, 5)).note
