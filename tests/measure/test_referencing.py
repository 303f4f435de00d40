import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from corridormap import measure
from corridormap.atlas import Atlas, default_folder
from corridormap.errors import DataError, UsageError
from corridormap.geodesic import distances_m, lengths_km

W = "EPSG:4326"
ATLAS = Atlas.open(default_folder())
WAYS = {f"{name}/{way}": (name, way) for name, itinerary in ATLAS.itineraries.items() for way in range(len(itinerary.ways))}
LINES = {key: measure.alignment(name, atlas=ATLAS, way=way) for key, (name, way) in WAYS.items()}
DEGREE = 111.31949079327357
"""Kilometres of a degree along the equator."""
TWO = MultiLineString([[(0, 0), (1, 0)], [(2, 0), (3, 0)]])


def inverse(line, km):
    """Go from chainages to places and back; how far the places are apart, and the chainages, in metres."""
    there = measure.locate(line, km=km)
    back = measure.chainage(line, points=there)
    apart = distances_m(shapely.get_coordinates(there.geometry), shapely.get_coordinates(back.geometry))
    return apart, np.abs(back["km"].to_numpy() - km) * 1000.0, there


def passed_before(line, place):
    """Whether a way went over the link of a place before."""
    first = line.stretches.drop_duplicates("link").set_index("link")
    return first.loc[place.link, "to_km"] < place.km - 1e-9


@pytest.mark.slow
@settings(max_examples=60)
@given(key=st.sampled_from(list(WAYS)), shares=st.lists(st.floats(0, 1), min_size=20, max_size=60))
def test_chainage_and_locate_are_inverse_anywhere(key, shares):
    line = LINES[key]
    apart, along, there = inverse(line, np.array(shares) * line.length_km)
    assert apart.max() < 1.0
    for gap, place in zip(along, there.itertuples(), strict=True):
        assert gap < 1.0 or passed_before(line, place)


@pytest.mark.parametrize("key", WAYS)
def test_chainage_and_locate_are_inverse_at_every_vertex(key):
    line = LINES[key]
    apart, along, there = inverse(line, line.km)
    assert apart.max() < 0.001
    for place in there[along >= 1.0].itertuples():
        assert passed_before(line, place)


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-85, 85)), min_size=2, max_size=5, unique=True), st.floats(0, 1))
@example([(0.0, 0.0), (0.0, 1e-163)], 0.0)
def test_chainage_and_locate_are_inverse_on_any_line(coordinates, share):
    line = measure.alignment(LineString(coordinates))
    if line.length_km > 15_000:
        return  # of lines around the world the two ways between two vertices may be equally long
    apart, _, _ = inverse(line, np.array([share * line.length_km]))
    assert apart.item() < 1.0


def test_a_way_that_reverses_counts_its_approach_twice():
    line = LINES["rail-1-northern/0"]
    twice = line.stretches[line.stretches["link"].duplicated(keep=False)]
    assert len(set(twice["link"])) == 1
    second = (twice["from_km"].iloc[1] + twice["to_km"].iloc[1]) / 2
    place = measure.locate(line, km=second)
    found = measure.chainage(line, points=place)
    assert found["offset_m"].item() < 0.001
    assert found["km"].item() == pytest.approx(twice["to_km"].iloc[0] - (second - twice["from_km"].iloc[1]), abs=0.001)
    whole = lengths_km(ATLAS.links.loc[line.stretches["link"]].geometry.to_numpy()).sum()
    assert line.length_km == pytest.approx(whole, abs=1e-9)


def test_locate_names_the_neighbours():
    place = measure.locate("1", km=400).iloc[0]
    assert place[["before", "after", "country"]].tolist() == ["preduzlovaya", "sayak", "KZ"]
    nodes = LINES["rail-1-northern/0"].nodes.set_index("node")["km"]
    assert place["after_km"] == pytest.approx(nodes["sayak"] - 400)
    assert place["before_km"] == pytest.approx(400 - nodes["preduzlovaya"].max())
    start = measure.locate("1", km=0).iloc[0]
    assert (start["before"], start["before_km"], start["after_km"]) == (start["after"], 0.0, 0.0)


def test_locate_takes_numbers_of_any_kind():
    assert measure.locate(np.int64(1), km=[1, 2])["km"].tolist() == [1.0, 2.0]
    assert measure.locate("1", km=pd.Series([5, 6], index=["a", "a"])).index.tolist() == ["a", "a"]
    empty = measure.locate("1", km=[])
    assert len(empty) == 0
    assert empty.crs == W
    assert empty.dtypes.astype(str).drop("geometry").tolist() == [
        "float64",
        "object",
        "object",
        "float64",
        "object",
        "float64",
        "object",
        "float64",
    ]


@pytest.mark.parametrize("km", [-0.001, 1e9, float("nan"), None, "four", [[1, 2]]])
def test_locate_refuses_what_is_no_chainage(km):
    with pytest.raises(UsageError, match=r"is not on rail-1-northern\n  It runs from km 0 to km 1904|must be"):
        measure.locate("1", km=km)


def test_chainage_of_points_of_all_kinds():
    points = gpd.GeoSeries([Point(73.1, 49.8), None, Point(), Point(73.1, 49.8, 300)], crs=W, index=[7, 7, 8, 8])
    found = measure.chainage("1", points=points)
    assert found.index.tolist() == [7, 7, 8, 8]
    assert found["km"].isna().tolist() == found.geometry.isna().tolist() == [False, True, True, False]
    assert found["side"].tolist()[1:3] == found["after"].tolist()[1:3] == [None, None]
    assert found["km"].iloc[0] == found["km"].iloc[3]
    projected = measure.chainage("1", points=points.to_crs("EPSG:32643"))
    assert projected["km"].iloc[0] == pytest.approx(found["km"].iloc[0], abs=1e-6)
    assert "EPSG:32643" in projected.attrs["note"]
    assert measure.chainage("1", points=(73.1, 49.8))["km"].item() == found["km"].iloc[0]
    assert measure.chainage("1", points=points.iloc[:0]).dtypes.equals(found.dtypes)
    with pytest.raises(DataError, match="something else than points"):
        measure.chainage("1", points=gpd.GeoSeries([LineString([(0, 0), (1, 1)])], crs=W))
    with pytest.raises(DataError, match="the points: has no CRS"):
        measure.chainage("1", points=gpd.GeoSeries([Point(0, 0)]))


def test_the_sides():
    line = LineString([(60, 50), (61, 50), (60.9, 50.5)])  # east, then sharply back to the left
    points = [Point(60.5, 50.1), Point(60.5, 49.9), Point(61.3, 50.1), Point(61.2, 49.9), Point(60.5, 50.0005)]
    found = measure.chainage(line, points=points)
    # Off the outside of a left bend is right, wherever the two stretches would point if they went on.
    assert found["side"].tolist()[:4] == ["left", "right", "right", "right"]
    backward = measure.chainage(shapely.reverse(line), points=points)
    assert backward["side"].tolist()[:4] == ["right", "left", "left", "left"]
    vertex = measure.chainage(line, points=Point(61, 50))
    assert (vertex["side"].item(), vertex["offset_m"].item()) == ("on", 0.0)


def test_cut_gives_the_stretch_and_its_countries():
    line = LINES["rail-3-central/0"]
    pieces = measure.cut("3", from_km=100, to_km=2100)
    assert pieces["length_km"].sum() == pytest.approx(2000)
    assert pieces["country"].tolist() == ["KZ", "RU", "KZ", "RU"]
    assert lengths_km(pieces.geometry.to_numpy()) == pytest.approx(pieces["length_km"].to_numpy(), abs=1e-6)
    assert (pieces["from_km"].iloc[1:].to_numpy() == pieces["to_km"].iloc[:-1].to_numpy()).all()
    back = measure.cut("3", from_km=2100, to_km=100)
    assert back["country"].tolist() == pieces["country"].tolist()[::-1]
    assert back[["from_km", "to_km"]].to_numpy().tolist() == pieces[["to_km", "from_km"]].to_numpy()[::-1].tolist()
    assert shapely.equals(back.geometry.iloc[0], shapely.reverse(pieces.geometry.iloc[-1]))
    assert measure.cut("3", from_km=0, to_km=line.length_km)["length_km"].sum() == pytest.approx(line.length_km)


def test_cut_over_a_reversal_goes_there_and_back():
    line = LINES["rail-1-northern/0"]
    at = line.nodes.set_index("node").loc["aktogay", "km"]
    piece = measure.cut("1", from_km=at - 3, to_km=at + 3).iloc[0]
    coordinates = shapely.get_coordinates(piece.geometry)
    assert lengths_km([piece.geometry])[0] == pytest.approx(6, abs=1e-6)
    assert distances_m(coordinates[:1], coordinates[-1:]).item() < 0.01


def test_cut_and_events_never_bridge_a_gap():
    pieces = measure.cut(TWO, from_km=50, to_km=150)
    assert pieces["to_km"].tolist() == pytest.approx([DEGREE, 150])
    assert shapely.get_coordinates(pieces.geometry)[:, 0].tolist() == pytest.approx([50 / DEGREE, 1, 2, 1 + 150 / DEGREE])
    assert pieces.attrs["note"] == "gaps, which no kilometre counts: at km 111.319 (111.319 km across)"
    table = pd.DataFrame({"from_km": [50, 150, 7, 0, DEGREE], "to_km": [150, 50, 7, DEGREE, 200]}, index=[1, 1, 1, 2, 2])
    events = measure.events(TWO, table=table)
    assert events.index.tolist() == [1, 1, 1, 2, 2]
    assert events.geom_type.tolist() == ["MultiLineString", "MultiLineString", "Point", "LineString", "LineString"]
    assert events["length_km"].tolist() == pytest.approx([100, 100, 0, DEGREE, 200 - DEGREE])
    assert lengths_km(events.geometry.to_numpy()) == pytest.approx(events["length_km"].to_numpy(), abs=1e-6)
    assert shapely.get_coordinates(events.geometry.iloc[1]).tolist() == shapely.get_coordinates(events.geometry.iloc[0])[::-1].tolist()
    # At the gap the place after it is given, and both of its sides have the same chainage.
    assert measure.locate(TWO, km=DEGREE).geometry.item().x == pytest.approx(2)
    assert measure.chainage(TWO, points=[Point(1.2, 0), Point(1.8, 0)])["km"].tolist() == pytest.approx([DEGREE, DEGREE])


def test_events_over_a_border_are_one_line():
    events = measure.events("3", table=pd.DataFrame({"from_km": [100], "to_km": [2100], "works": ["track"]}))
    assert events.geom_type.tolist() == ["LineString"]
    assert events["works"].tolist() == ["track"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"from_km": [0.0]}, "no column 'to_km'"),
        ({"from_km": ["a"], "to_km": [1.0]}, "must hold numbers"),
        ({"from_km": [0.0], "to_km": [1e6]}, "km 1e\\+06 is not on"),
        ({"from_km": [float("nan")], "to_km": [1.0]}, "km nan is not on"),
    ],
)
def test_events_refuse_wrong_tables(table, message):
    with pytest.raises(UsageError, match=message):
        measure.events(TWO, table=pd.DataFrame(table))


def test_events_take_the_place_of_a_geometry_of_any_name():
    table = gpd.GeoDataFrame({"from_km": [0], "to_km": [1], "geom": [Point(0, 0)]}, geometry="geom", crs="EPSG:3857")
    laid = measure.events(TWO, table=table)
    assert laid.columns.tolist() == ["from_km", "to_km", "length_km", "geometry"]
    assert (laid.crs, table.geometry.name) == (W, "geom")


def test_no_events_and_no_stretch():
    empty = measure.events(TWO, table=pd.DataFrame({"from_km": [], "to_km": []}))
    assert (len(empty), empty.crs) == (0, W)
    with pytest.raises(UsageError, match="has no length"):
        measure.cut(TWO, from_km=5, to_km=5)
    table = pd.DataFrame({"from_km": [0, 5], "to_km": [3, 5]}, index=["a", "b"])
    with pytest.raises(UsageError, match=r"has no length \(row b\)"):
        measure.cut(TWO, table=table)
    assert measure.cut(TWO, table=table, errors="coerce").index.tolist() == ["a"]
    with pytest.raises(UsageError, match="is not on the line"):
        measure.cut(TWO, from_km=-5, to_km=5)


def test_stationing_shows_official_kilometres_from_where_they_count():
    table = measure.stationing("rail-1-northern")
    assert table["km"].is_monotonic_increasing
    assert table["node"].tolist() == ATLAS.itineraries["rail-1-northern"].ways[0].nodes
    row = table.set_index("node").loc["mointy"]
    assert (row["official_from"], row["official_km"], row["official_source"]) == ("dostyk", 836.0, "kazpravda-2025-09-12")
    km = table.set_index("node")["km"]
    assert row["measured_km"] == pytest.approx(km["mointy"] - km["dostyk"])
    assert table["official_km"].notna().sum() == 1
    assert table["official_source"].isna().sum() == len(table) - 1
    road = measure.stationing("8").set_index("node")
    assert road.loc["astana-town", ["official_from", "official_km"]].tolist() == ["almaty-town", 1276.0]
    assert "Kapshagay" in road.loc["astana-town", "official_reason"]
    assert distances_m(shapely.get_coordinates(table.geometry), shapely.get_coordinates(ATLAS.nodes.geometry.loc[table["node"]])).max() < 2


def test_stationing_of_a_way_travelled_against_a_figure(tiny):
    atlas = Atlas.open(tiny)
    table = measure.stationing("south", atlas=atlas).set_index("node")
    assert table.loc["middle", ["official_from", "official_km"]].tolist() == ["west", 98.0]
    assert np.isnan(table.loc["west", "official_km"])
    text = (tiny / "corridors.toml").read_text(encoding="utf-8").replace('from = "west"\nto = "middle"', 'from = "middle"\nto = "west"')
    (tiny / "corridors.toml").write_text(text, encoding="utf-8")
    turned = measure.stationing("south", atlas=Atlas.open(tiny)).set_index("node")
    assert turned.loc["middle", ["official_from", "official_km"]].tolist() == ["west", 98.0]


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ("rail-99", UsageError, "no itinerary 'rail-99'"),
        (1.5, UsageError, "not float"),
        (True, UsageError, "not bool"),
        (LineString(), DataError, "0 lines where one is wanted"),
        (Point(1, 1), DataError, "0 lines where one is wanted"),
        ([LineString([(0, 0), (1, 1)])] * 2, DataError, "2 lines where one is wanted"),
        (gpd.GeoSeries([TWO]), DataError, "no CRS"),
    ],
)
def test_targets_that_are_none(target, error, message):
    with pytest.raises(error, match=message):
        measure.alignment(target)


def test_a_way_that_is_not():
    with pytest.raises(UsageError, match="has no way 5"):
        measure.locate("1", km=1, way=5)


def test_parts_that_meet_are_one_piece_and_height_is_left_out():
    line = measure.alignment(MultiLineString([[(0, 0, 9), (1, 0, 9)], [(1, 0, 9), (2, 0, 9)]]))
    assert line.note == "heights (Z) are left out"
    assert line.piece.max() == 0
    assert line.length_km == pytest.approx(2 * DEGREE)


def test_a_row_without_a_point_is_a_row_without_a_chainage(tiny):
    points = gpd.GeoSeries(gpd.points_from_xy([-21.0, np.nan, -20.5], [64.1, 64.0, np.nan]), index=list("abc"), crs="EPSG:4326")
    atlas = Atlas.open(tiny)
    for found in (measure.chainage("south", points=points, atlas=atlas), measure.nearest(points=points, atlas=atlas)):
        assert found.index.tolist() == list("abc")
        assert found["km"].isna().tolist() == found.geometry.isna().tolist() == [False, True, True]


def test_a_chainage_that_is_not_on_the_line_is_refused_with_its_row_or_left_empty(tiny):
    atlas, km = Atlas.open(tiny), pd.Series([1.0, None, 900.0], index=["a", "b", "c"])
    with pytest.raises(UsageError, match=r"km nan is not on south \(row b\)"):
        measure.locate("south", km=km, atlas=atlas)
    found = measure.locate("south", km=km, errors="coerce", atlas=atlas)
    assert found["km"].equals(km)
    for column in ("link", "country", "accuracy_m", "before", "after_km", "geometry"):
        assert found[column].isna().tolist() == [False, True, True]
    table = pd.DataFrame({"from_km": [0.0, 1.0, None], "to_km": [2.0, 900.0, 3.0], "what": ["one", "two", "three"]}, index=["a", "b", "c"])
    with pytest.raises(UsageError, match=r"km 900 is not on south \(row b\)"):
        measure.events("south", table=table, atlas=atlas)
    laid = measure.events("south", table=table, errors="coerce", atlas=atlas)
    assert laid["what"].tolist() == ["one", "two", "three"]
    assert laid["length_km"].isna().tolist() == laid.geometry.isna().tolist() == [False, True, True]
    with pytest.raises(UsageError, match="errors must be 'raise' or 'coerce'"):
        measure.locate("south", km=1, errors="ignore", atlas=atlas)


def test_latitude_before_longitude_is_hinted_at(atlas):
    found = measure.chainage("1", points=gpd.GeoSeries.from_xy([73.1, 49.8, 10.0], [49.8, 73.1, 10.0], crs="EPSG:4326"), atlas=atlas)
    passed = measure.alignment("1", atlas=atlas).note
    assert found.attrs["note"] == f"{passed}; 49.8, 73.1 lies 2,219 km off; longitude comes first: is 73.1, 49.8 meant?"
    assert measure.chainage("1", points=Point(73.1, 49.8), atlas=atlas).attrs["note"] == passed


def test_a_corridor_by_name_and_by_its_row_differ_and_both_say_so(atlas):
    line = measure.alignment("1", atlas=atlas)
    assert (
        "rail:aktogay-preduzlovaya is passed again and counts each time: 6.074 km more than with measure.alignment(…, once=True)"
        in line.note
    )
    assert measure.locate("1", km=1, atlas=atlas).attrs["note"] == line.note
    once = measure.alignment("1", once=True, atlas=atlas)
    assert line.length_km - once.length_km == pytest.approx(6.074, abs=0.001)
    assert "is counted once as in the layer corridors: 6.074 km less than travelled" in once.note
    # Up to the reversal both are the same; after it the kilometres are shifted, and places are the same.
    at = line.nodes.set_index("node").loc["sayak", "km"]
    assert once.nodes.set_index("node").loc["sayak", "km"] == pytest.approx(at - 6.074, abs=0.001)
    assert measure.locate(once, km=400).geometry.item().distance(measure.locate(line, km=406.0737).geometry.item()) < 1e-5
    assert measure.locate(once, km=100).geometry.equals(measure.locate(line, km=100).geometry)
    assert not once.stretches["link"].duplicated().any()
    assert once.nodes["node"].tolist() == line.nodes["node"].tolist()
    row = atlas.layer("corridors").query("number == 1")
    by_row = measure.alignment(row, atlas=atlas)
    assert "the row of rail-1-northern has each link once, branches after the main way, 3008.8" in by_row.note
    assert "by its name kilometres follow the main way as it is travelled, 1904.9" in by_row.note
    for same in ("3", "8"):
        assert measure.alignment(same, atlas=atlas).note == measure.alignment(same, once=True, atlas=atlas).note == ""
        assert measure.alignment(atlas.layer("corridors").query(f"number == {same}"), atlas=atlas).note == ""


def test_a_link_passed_back_at_once_leaves_no_piece_behind(atlas):
    once = measure.alignment("5", once=True, atlas=atlas)
    assert np.bincount(once.piece).min() > 1
    assert lengths_km(atlas.links.loc[once.stretches["link"]].geometry.to_numpy()).sum() == pytest.approx(once.length_km, abs=1e-9)


def test_a_text_that_is_no_kilometre_is_named_or_its_row_left_empty(atlas):
    table = pd.DataFrame({"from_km": ["10", "72,5", None], "to_km": [20, 85, 90]})
    with pytest.raises(UsageError, match=r"must hold numbers, not '72,5' \(row 1\)\n  With decimal commas"):
        measure.events("1", table=table, atlas=atlas)
    laid = measure.events("1", table=table, errors="coerce", atlas=atlas)
    assert laid["length_km"].fillna(-1).round(6).tolist() == [10, -1, -1]
    with pytest.raises(UsageError, match=r'row 2.*\n.*stays empty: errors="coerce", --lenient'):
        measure.events("1", table=table.drop(index=1).assign(from_km=lambda frame: frame["from_km"].astype(float)), atlas=atlas)
