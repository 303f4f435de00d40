"""Cases from the field: each is a network of a few ways, and what must be said of it."""

from __future__ import annotations

import pytest
import shapely
from tests.trace.conftest import MAIN, lonlat, places

AB = {"a": (0, 0), "b": (20, 0)}


def road(kind="trunk", **tags):
    return {"highway": kind, **tags}


def at(doubt):
    return pytest.approx((doubt.lon, doubt.lat), abs=1e-4)


def test_a_line_of_one_way_is_sound(traced):
    one, doubts, km = traced({1: (0, 0), 2: (10, 1), 3: (20, 0)}, {1: ([1, 2, 3], MAIN)}, AB)
    assert not doubts
    assert km == pytest.approx(2 * (10**2 + 1) ** 0.5, rel=1e-3)
    assert one.ways == ["1"]
    assert one.main == pytest.approx(1.0)


def test_two_islands_of_network_are_named_where_they_are_nearest(traced):
    one, doubts, _ = traced(
        {1: (0, 0), 2: (2, 0), 3: (60, 3), 4: (62, 3)}, {1: ([1, 2], MAIN), 2: ([3, 4], MAIN)}, {"a": (0, 0), "b": (62, 3)}
    )
    assert one.line is None
    assert list(doubts) == ["no way"]
    assert "58.1 km" in doubts["no way"].message
    assert lonlat(2, 0) == at(doubts["no way"])


def test_a_missing_stretch_is_bridged_and_named(traced):
    one, doubts, km = traced({1: (0, 0), 2: (9, 0), 3: (10, 0), 4: (20, 0)}, {1: ([1, 2], MAIN), 2: ([3, 4], MAIN)}, AB)
    assert list(doubts) == ["gap"]
    assert "1.0 km" in doubts["gap"].message
    assert lonlat(9, 0) == at(doubts["gap"])
    assert km == pytest.approx(20, rel=1e-3)
    assert one.gap_m == pytest.approx(1000, rel=1e-3)


def test_tracks_that_touch_without_a_shared_node_are_joined_and_the_gap_named(traced):
    points = {1: (0, 0), 2: (10, 0.012), 3: (8, 0), 4: (20, 0)}
    _, doubts, km = traced(points, {1: ([1, 2], MAIN), 2: ([3, 4], MAIN)}, AB)
    assert list(doubts) == ["gap"]
    assert km == pytest.approx(20, rel=1e-2)
    # On one place they are joined, as in any picture of them.
    points = {1: (0, 0), 2: (10, 0), 3: (10, 0), 4: (20, 0)}
    _, doubts, km = traced(points, {1: ([1, 2], MAIN), 2: ([3, 4], MAIN)}, AB)
    assert not doubts


def test_nodes_that_the_extract_lacks_are_said_to_be_cut_off(traced):
    _, doubts, km = traced({1: (0, 0), 2: (9, 0), 5: (11, 0), 6: (20, 0)}, {1: ([1, 2, 3, 4, 5, 6], MAIN)}, AB)
    assert list(doubts) == ["cut"]
    assert "2.0 km" in doubts["cut"].message
    assert km == pytest.approx(20, rel=1e-3)


def test_a_train_cannot_turn_back_at_a_switch(traced):
    # b hangs on a branch that leaves the line towards a's side; a loop beyond leads round to it.
    points = {1: (0, 0), 2: (10, 0), 3: (11, 0), 4: (11.7, 0.4), 5: (11.5, 1), 6: (8, 1), 7: (2, 1)}
    ways = {1: ([1, 2], MAIN), 2: ([2, 3, 4, 5, 6], MAIN), 3: ([2, 6], MAIN), 4: ([6, 7], MAIN)}
    one, doubts, _ = traced(points, ways, {"a": (0, 0), "b": (2, 1)})
    assert "reversal" not in doubts
    assert one.ways == ["1", "2", "4"]
    # Without it the train runs past the switch and comes back.
    del ways[2]
    one, doubts, _ = traced(points, {**ways, 2: ([2, 3], MAIN)}, {"a": (0, 0), "b": (2, 1)})
    assert "reversal" in doubts
    assert one.ways == ["1", "3", "4"]


def test_a_diamond_crossing_is_no_switch(traced):
    points = {1: (0, 0), 2: (10, 0), 3: (20, 0), 4: (0, 2), 5: (20, -2)}
    ways = {1: ([1, 2, 3], MAIN), 2: ([4, 2, 5], MAIN)}
    ends = {"a": (0, 0), "b": (20, -2)}
    assert "no way" not in traced(points, ways, ends)[1]
    one, doubts, _ = traced(points, ways, ends, named={2: {"railway": "railway_crossing"}})
    assert one.line is None
    assert "turns" in doubts["no way"].message


def test_a_siding_that_is_shorter_does_not_tempt(traced):
    points = {1: (0, 0), 2: (5, 0), 3: (10, 1), 4: (15, 0), 5: (20, 0)}
    ways = {1: ([1, 2], MAIN), 2: ([2, 3, 4], MAIN), 3: ([2, 4], {"railway": "rail", "service": "siding"}), 4: ([4, 5], MAIN)}
    one, doubts, _ = traced(points, ways, AB)
    assert one.ways == ["1", "2", "4"]
    assert not doubts


def test_a_way_that_is_mostly_sidings_is_of_the_wrong_class(traced):
    points = {1: (0, 0), 2: (5, 0), 3: (15, 0), 4: (20, 0)}
    one, doubts, _ = traced(points, {1: ([1, 2], MAIN), 2: ([2, 3], {"railway": "rail", "service": "yard"}), 3: ([3, 4], MAIN)}, AB)
    assert list(doubts) == ["class"]
    assert "10.0 km" in doubts["class"].message
    assert one.main == pytest.approx(0.5, abs=1e-3)


HOLE = {1: (0, 0), 2: (20, 0), 3: (24, 0), 4: (44, 0), 5: (14, 0), 6: (18, 25), 7: (26, 25), 8: (30, 0)}


@pytest.mark.parametrize("stubs", [True, False], ids=["stubs", "no stubs"])
def test_the_hole_is_named_that_sends_a_line_a_long_way_round(traced, stubs):
    detour = [5, 6, 7, 8] if stubs else [2, 6, 7, 3]
    ways = {1: ([1, 5, 2], MAIN), 2: ([3, 8, 4], MAIN), 3: (detour, MAIN)}
    whole = {**ways, 4: ([2, 3], MAIN)}
    ends = {"a": (0, 0), "b": (44, 0)}
    assert traced(HOLE, whole, ends)[2] == pytest.approx(44, rel=1e-3)
    assert not traced(HOLE, whole, ends)[1]
    _, doubts, _ = traced(HOLE, ways, ends)
    hole = doubts["gap" if "gap" in doubts else "suspect gap"]
    assert "4.0 km" in hole.message
    assert lonlat(20, 0) == at(hole)


def test_a_disused_line_is_not_taken(traced):
    points = {1: (0, 0), 2: (10, 8), 3: (20, 0)}
    for old in ({"railway": "disused"}, {"railway": "rail", "disused": "yes"}, {"railway": "abandoned"}):
        one, doubts, _ = traced(points, {1: ([1, 2, 3], MAIN), 2: ([1, 3], old)}, AB)
        assert one.ways == ["1"]
        assert not doubts


def test_a_dual_carriageway_counts_once_and_is_driven_the_right_way(traced):
    points = {1: (0, 0), 2: (20, 0), 3: (20, 0.03), 4: (0, 0.03)}
    ways = {1: ([1, 2], road(oneway="yes")), 2: ([3, 4], road(oneway="yes"))}
    one, doubts, km = traced(points, ways, AB, mode="road")
    assert one.ways == ["1"]
    assert km == pytest.approx(20, rel=1e-3)
    assert not doubts
    assert traced(points, ways, {"b": (20, 0), "a": (0, 0)}, mode="road")[0].ways == ["2"]


def test_a_stretch_under_construction_is_taken_and_said(traced):
    points = {1: (0, 0), 2: (5, 0), 3: (10, 0), 4: (20, 0)}
    building = {"railway": "construction", "construction": "rail"}
    one, doubts, _ = traced(points, {1: ([1, 2], MAIN), 2: ([2, 3], building), 3: ([3, 4], MAIN)}, AB)
    assert list(doubts) == ["under construction"]
    assert one.building == pytest.approx(0.25, abs=1e-3)
    assert lonlat(5, 0) == at(doubts["under construction"])


def test_a_way_of_nine_centimetres_between_two_others_changes_nothing(traced):
    points = {1: (0, 0), 2: (10, 0), 3: (10, 0.00009), 4: (20, 0.5), 5: (20, -0.5)}
    ways = {1: ([1, 2], MAIN), 2: ([2, 3], MAIN), 3: ([3, 4], MAIN), 4: ([2, 5], MAIN)}
    for end, there in (("b", (20, 0.5)), ("c", (20, -0.5))):
        _, doubts, km = traced(points, ways, {"a": (0, 0), end: there})
        assert not doubts
        assert km == pytest.approx(20.01, rel=1e-3)


def test_forty_ways_in_any_order_and_direction_make_one_line(traced):
    points = {number: (number / 2, (number % 3) / 10) for number in range(41)}
    order = [n * 17 % 40 for n in range(40)]
    ways = {100 + place: ([n, n + 1][:: -1 if n % 3 else 1], MAIN) for place, n in enumerate(order)}
    one, doubts, _ = traced(points, ways, {"a": points[0], "b": points[40]})
    assert not doubts
    assert len(one.ways) == 40
    assert shapely.get_num_coordinates(one.line) >= 41


def test_a_train_reverses_where_it_must_and_it_is_said(traced):
    # Both lines leave the terminus at c side by side: who goes from a to b runs in and comes back.
    points = {1: (0, 0), 2: (10, 0), 3: (10.6, 0), 4: (0, -6)}
    ways = {1: ([1, 2], MAIN), 2: ([2, 3], MAIN), 3: ([4, 2], MAIN)}
    _, doubts, km = traced(points, ways, {"a": (0, 0), "b": (0, -6)})
    assert "reversal" in doubts
    assert lonlat(10, 0) == at(doubts["reversal"])
    assert km == pytest.approx(10 + (10**2 + 6**2) ** 0.5, rel=1e-3)


def test_another_way_as_long_that_lies_far_away_makes_it_ambiguous(traced):
    points = {1: (0, 0), 2: (20, 12), 3: (20, -12.5), 4: (40, 0)}
    ends = {"a": (0, 0), "b": (40, 0)}
    one, doubts, _ = traced(points, {1: ([1, 2, 4], MAIN), 2: ([1, 3, 4], MAIN)}, ends)
    assert one.ways == ["1"]
    assert list(doubts) == ["ambiguous"]
    assert "name a place between" in doubts["ambiguous"].message
    # A second track beside the first is no other way.
    points[3] = (20, 12.02)
    assert not traced(points, {1: ([1, 2, 4], MAIN), 2: ([1, 3, 4], MAIN)}, ends)[1]


def test_a_detour_is_said(traced):
    _, doubts, _ = traced({1: (0, 0), 2: (0, 20), 3: (5, 20), 4: (5, 0)}, {1: ([1, 2, 3, 4], MAIN)}, {"a": (0, 0), "b": (5, 0)})
    assert list(doubts) == ["detour"]
    assert "9.0 times" in doubts["detour"].message


def test_a_roundabout_is_driven_round_the_right_way(traced):
    ring = {10: (9.95, 0), 11: (10, -0.05), 12: (10.05, 0), 13: (10, 0.05)}
    points = {1: (0, 0), 2: (20, 0), **ring}
    ways = {1: ([1, 10], road()), 2: ([10, 11, 12, 13, 10], road(junction="roundabout")), 3: ([12, 2], road())}
    one, doubts, km = traced(points, ways, AB, mode="road")
    assert not doubts
    assert km == pytest.approx(20.04, rel=1e-3)
    assert shapely.get_coordinates(one.line)[:, 1].min() < 50.0
    assert shapely.get_coordinates(one.line)[:, 1].max() == pytest.approx(50.0, abs=1e-6)


def test_the_number_of_a_road_leads_the_way(traced):
    points = {1: (0, 0), 2: (10, 3), 3: (20, 0)}
    ways = {1: ([1, 3], road("primary")), 2: ([1, 2, 3], road("primary", ref="M-36;E 123"))}
    assert traced(points, ways, AB, mode="road")[0].ways == ["1"]
    assert traced(points, ways, AB, mode="road", refs=("M36",))[0].ways == ["2"]


def test_a_line_may_cross_the_antimeridian(traced):
    points = {1: (-10, 0), 2: (0, 0.5), 3: (10, 0)}
    ends = {"a": (-10, 0), "b": (10, 0)}
    split = {1: ([1, 2], MAIN), 2: ([2, 3], MAIN)}
    for ways in ({1: ([1, 2, 3], MAIN)}, split):
        one, doubts, km = traced(points, ways, ends, lon=180.0)
        assert not doubts
        assert km == pytest.approx(20.02, rel=1e-3)
        assert shapely.get_coordinates(one.line)[:, 0].max() - shapely.get_coordinates(one.line)[:, 0].min() < 1.0


def test_ways_of_the_last_time_are_kept_to(traced):
    points = {1: (0, 0), 2: (10, 0.02), 3: (20, 0), 4: (10, 0.1)}
    ways = {1: ([1, 2, 3], MAIN), 2: ([1, 4, 3], MAIN)}
    assert traced(points, ways, AB)[0].ways == ["1"]
    assert traced(points, ways, AB, locked=("2",))[0].ways == ["2"]


def test_a_place_on_a_long_straight_is_put_on_it(traced):
    one, doubts, km = traced({1: (-30, 0), 2: (50, 0)}, {1: ([1, 2], MAIN)}, {"a": (0, 0.05), "b": (20, -0.08)})
    assert not doubts
    assert km == pytest.approx(20, rel=1e-3)
    assert one.snaps["a"] == pytest.approx(lonlat(0, 0), abs=2e-4)


def test_one_name_at_two_places_is_said_and_the_nearer_taken(traced):
    station = {"railway": "station", "name": "Ақтоғай стансасы", "name:en": "Aktogay"}
    points = {1: (0, 0), 2: (20, 0), 8: (0.1, 0.02), 9: (3.5, 0)}
    nodes = places({"aktogay": (1.2, 0), "b": (20, 0)})
    _, doubts, km = traced(points, {1: ([1, 2], MAIN)}, {"aktogay": (0, 0), "b": (20, 0)}, named={8: station, 9: station}, nodes=nodes)
    assert set(doubts) == {"place", "name"}
    assert km == pytest.approx(19.9, rel=1e-2)


def test_a_place_is_found_by_its_name_in_another_script_and_with_station_words(traced):
    points = {1: (0, 0), 2: (20, 0), 8: (0.9, 0.01)}
    nodes = places({"a": (0, 0), "b": (20, 0)}).assign(accuracy_m=3000.0)
    nodes.loc["a", "names_alt"] = "Қазыбек-би; Gəncə"
    for name in ("станция Казыбек би", "GƏNCƏ STANSİYASI".lower(), "Gəncə Dəmiryolu Vağzalı"):
        one, doubts, _ = traced(points, {1: ([1, 2], MAIN)}, {"a": 0, "b": 0}, named={8: {"railway": "station", "name": name}}, nodes=nodes)
        assert not doubts
        assert one.snaps["a"] == pytest.approx(lonlat(0.9, 0), abs=1e-4)


def test_a_place_off_the_track_or_outside_is_said(traced):
    points, ways = {1: (0, 0), 2: (20, 0), 3: (20, 20)}, {1: ([1, 2, 3], MAIN)}
    assert "2.0 km" in traced(points, ways, {"a": (5, 2), "b": (20, 0)})[1]["place"].message
    one, doubts, _ = traced(points, ways, {"a": (5, 9), "b": (20, 0)})
    assert one.line is None
    assert "no rail within 5.0 km" in doubts["place"].message
    one, doubts, _ = traced(points, ways, {"a": (-50, 9), "b": (20, 0)})
    assert one.line is None
    assert list(doubts) == ["outside"]


def test_a_one_way_road_is_no_loose_end(traced):
    # The branch leaves the far carriageway: who comes on the near one turns where the carriageways join, not across the middle.
    points = {1: (0, 0), 2: (5, 0), 3: (20, 0), 4: (20, 0.02), 5: (5, 0.02), 6: (0, 0.02), 7: (5, 3), 8: (20.3, 0.01)}
    ways = {
        1: ([1, 2, 3], road(oneway="yes")),
        2: ([4, 5, 6], road(oneway="yes")),
        3: ([3, 8, 4], road()),
        4: ([5, 7], road()),
    }
    one, doubts, km = traced(points, ways, {"a": (0, 0), "b": (5, 3)}, mode="road")
    assert one.ways == ["1", "3", "2", "4"]
    assert "gap" not in doubts
    assert "suspect gap" not in doubts
    assert km == pytest.approx(20 + 0.6 + 15 + 3, rel=1e-2)


def test_a_place_that_is_only_roughly_known_is_doubted_where_the_way_leaves_it_aside(traced):
    points = {1: (-5, 0), 2: (25, 0), 3: (0, 2), 4: (0.4, 2)}
    nodes = places({"a": (0, 2.5), "b": (20, 0)}).assign(accuracy_m=5000.0)
    _, doubts, _ = traced(points, {1: ([1, 2], MAIN), 2: ([3, 4], MAIN)}, {"a": 0, "b": 0}, nodes=nodes)
    assert "2.0 km" in doubts["place"].message


def test_both_ends_at_one_place_are_said_to_be(traced):
    one, doubts, _ = traced({1: (0, 0), 2: (20, 0)}, {1: ([1, 2], MAIN)}, {"a": (5, 0), "b": (5, 0.01)})
    assert one.line is None
    assert doubts["no way"].message == "both ends are at the same place"


def test_a_place_in_the_midst_of_a_segment_across_the_antimeridian_is_put_on_it(traced):
    one, doubts, km = traced({1: (-10, 0), 2: (10, 0)}, {1: ([1, 2], MAIN)}, {"a": (-4, 0.02), "b": (4, 0.02)}, lon=180.0)
    assert not doubts
    assert km == pytest.approx(8, rel=1e-3)
    assert one.snaps["b"] == pytest.approx(lonlat(4, 0, 180.0), abs=1e-4)


def test_names_that_are_no_texts_are_passed_over(traced):
    nodes = places({"a": (0, 0), "b": (20, 0)}).assign(name_kk=float("nan"), names_alt=float("nan"))
    assert not traced({1: (0, 0), 2: (20, 0)}, {1: ([1, 2], MAIN)}, {"a": 0, "b": 0}, nodes=nodes)[1]


def test_a_junction_in_a_loop_is_reached_on_its_own_track(traced):
    loop = {
        1: (0, 0),
        2: (10, 0),
        3: (10.2, 0.1),
        4: (10.2, 0.3),
        5: (10, 0.4),
        6: (9.8, 0.3),
        7: (9.8, 0.1),
        8: (10, -0.05),
        9: (20, -0.3),
    }
    nodes = places({"a": (0, 0), "b": (10, 0.4)}, kind="junction").assign(accuracy_m=35.0)
    _, doubts, km = traced(loop, {1: ([*loop], MAIN)}, {"a": 0, "b": 0}, nodes=nodes)
    assert not doubts
    assert km == pytest.approx(10 + 0.224 + 0.2 + 0.224, rel=1e-2)
