"""How lines meet themselves and each other: lengths on the ellipsoid, bounded work, no coordinates that break it."""

import json
import re
import time

import numpy as np
import pytest
from pyproj import Geod

from corridormap.checks import check_files, segments

GEOD = Geod(ellps="WGS84")


def feature(geometry, n):
    return {"type": "Feature", "geometry": geometry, "properties": {"n": n}}


def line(positions):
    return {"type": "LineString", "coordinates": [list(position) for position in positions]}


def ring(positions):
    return {"type": "Polygon", "coordinates": [[*map(list, positions), list(positions[0])]]}


@pytest.fixture
def check(tmp_path):
    def run(*geometries, **options):
        path = tmp_path / "a.geojson"
        features = [feature(geometry, number) for number, geometry in enumerate(geometries)]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        found = {}
        for finding in check_files([path], **options).findings:
            found.setdefault(finding.code, []).append(finding)
        return found

    return run


def metres(finding):
    return float(re.search(r"([\d.e+]+) m\b", finding.message)[1])


def gps_hour():
    """3,600 fixes of a receiver that stands still, within a few metres of each other."""
    return line(np.random.default_rng(1).normal((71.4, 51.1), 2e-5, (3600, 2)).round(6).tolist())


def scribble(seed=2):
    return line(np.random.default_rng(seed).uniform((71, 51), (72, 52), (3600, 2)).round(6).tolist())


@pytest.mark.parametrize("lat", [0, 60, -75])
class TestMetres:
    def test_shared_stretches(self, check, lat):
        found = check(line([(70, lat), (70.01, lat), (70.02, lat)]), line([(70.005, lat), (70.02, lat), (70.02, lat + 1)]))
        expected = GEOD.line_length([70.005, 70.01, 70.02], [lat] * 3)
        assert metres(found["CM605"][0]) == round(expected)

    def test_lines_that_run_back(self, check, lat):
        found = check(line([(70, lat), (70.02, lat), (70.01, lat), (70.01, lat + 0.01)]))
        assert metres(found["CM216"][0]) == round(GEOD.line_length([70.01, 70.02], [lat] * 2))

    def test_gaps_along_a_parallel_and_a_meridian(self, check, lat):
        # Both gaps are 4 m in truth, the third is 6 m and none to tell.
        degree = GEOD.inv(70, lat, 71, lat)[2]
        east, north = 4 / degree, 4 / GEOD.inv(70, lat - 0.5, 70, lat + 0.5)[2]
        trunk = line([(70, lat - 0.01), (70, lat + 0.01)])
        found = check(trunk, line([(70 + east, lat), (70.01, lat)]), line([(70, lat + 0.01 + north), (70, lat + 0.02)]))
        assert [finding.index for finding in found["CM601"]] == [0, 1, 2]
        assert {metres(finding) for finding in found["CM601"]} == {4.0}
        assert "CM601" not in check(trunk, line([(70 + 1.5 * east, lat), (70.01, lat)]))

    def test_ends_beyond_a_line(self, check, lat):
        east = 3 / GEOD.inv(70, lat, 71, lat)[2]
        found = check(line([(70, lat - 0.01), (70, lat + 0.01)]), line([(70 - east, lat), (70.01, lat)]))
        assert [metres(finding) for finding in found["CM602"]] == [3.0]

    @pytest.mark.parametrize(("width", "thin"), [(0.98, True), (1.02, False)])
    def test_slivers(self, check, lat, width, thin):
        east = width / (GEOD.inv(69.99, lat + 0.025, 70.01, lat + 0.025)[2] / 0.02)
        north = width / (GEOD.inv(70, lat - 0.01, 70, lat + 0.01)[2] / 0.02)
        for high, wide in ((0.05, east), (north, 0.05)):
            found = check(ring([(70, lat), (70 + wide, lat), (70 + wide, lat + high), (70, lat + high)]))
            assert ("CM218" in found) is thin


class TestBounds:
    @pytest.mark.parametrize("knot", [gps_hour(), scribble()], ids=["gps", "scribble"])
    def test_a_knot_is_said_not_to_be_looked_at(self, check, knot):
        start = time.process_time()
        found = check(knot)
        assert time.process_time() - start < 5
        (note,) = found.pop("CM219")
        assert note.message == "was not looked at by CM215 and CM216: more than 2000000 pairs of its segments may cross"
        assert (note.index, note.pointer) == (0, "/features/0/geometry/coordinates")
        # Each vertex is looked at by itself nevertheless; there is no other line to meet.
        assert found.keys() <= {"CM213", "CM214", "CM217"}
        assert "as at" in found["CM217"][0].message

    def test_a_smaller_knot_is_looked_at(self, check):
        found = check(line(scribble()["coordinates"][:1500]))
        assert found.keys() == {"CM214", "CM215", "CM217"}

    def test_a_line_beside_knots_is_looked_at(self, check):
        found = check(scribble(2), scribble(3), line([(10, 10), (12, 10), (12, 11), (11, 9)]))
        assert [finding.index for finding in found["CM219"]] == [0, 1]
        assert [finding.index for finding in found["CM215"]] == [2]
        (note,) = found["CM606"]
        assert note.message.startswith("how the lines meet was not looked at by CM601, CM602, CM603 and CM605: more than")

    @pytest.mark.slow
    def test_a_knot_of_many_lines(self, check):
        ends = np.random.default_rng(4).uniform((71, 51), (72, 52), (4000, 2, 2)).round(6)
        assert check(*(line(pair.tolist()) for pair in ends)).keys() == {"CM606"}

    def test_ends_that_crowd_together(self, check):
        # Parallel lines side by side: no two of them meet, but all their ends lie within a metre.
        found = check(*(line([(70 + n * 1e-9, 50), (70 + n * 1e-9, 50.00001)]) for n in range(3000)))
        assert "CM606" in found

    def test_a_scribbled_polygon_is_invalid(self, check):
        (finding,) = check(ring(scribble()["coordinates"]))["CM211"]
        assert finding.message == "is not a valid polygon: Self-intersection"
        assert 71 <= finding.lon <= 72

    def test_many_scattered_holes_are_no_crowd(self, check):
        spots = np.random.default_rng(5).permutation(1600)[:800]
        holes = [
            [[x, y], [x, y + 0.5], [x + 0.5, y + 0.5], [x + 0.5, y], [x, y]] for x, y in np.column_stack(np.divmod(spots, 40)).tolist()
        ]
        shell = [[-1, -1], [41, -1], [41, 41], [-1, 41], [-1, -1]]
        assert check({"type": "Polygon", "coordinates": [shell, *holes]}, ignore=["CM315"]) == {}
        holes[700] = [[9, 9.7], [9, 9.9], [9.2, 9.7], [9.2, 9.9], [9, 9.7]]
        assert "CM211" in check({"type": "Polygon", "coordinates": [shell, *holes]})

    def test_a_comb_is_said_not_to_be_looked_at(self, check):
        # Thousands of long slanting teeth, no two of which cross.
        x = np.arange(1500) * 1e-5
        teeth = np.column_stack([x, np.zeros(1500), x + 1.0, np.ones(1500)]).reshape(-1, 2) + 10
        comb = [*teeth.tolist(), [13, 11], [13, 9], [9, 9]]
        assert "was not looked at by CM215 and CM216" in check(line(comb), ignore=["CM214"])["CM219"][0].message
        found = check(ring(comb), ignore=["CM214"])
        assert "was not looked at by CM211" in found["CM219"][0].message
        assert "CM211" not in found

    def test_all_pairs_are_counted_before_any_is_looked_at(self, monkeypatch):
        monkeypatch.setattr(segments, "MOST_PAIRS", 1000)
        monkeypatch.setattr(segments, "_FOUND", 1)
        places = np.random.default_rng(3).uniform(0, 1, (400, 2))
        crowd = segments.Segments(places[:-1], places[1:], np.arange(399) // 200)
        assert crowd.most < 399 * 398 // 2
        assert crowd.crowded
        with pytest.raises(segments.TooManyError):
            next(crowd.near(crowd, apart=False))
        few = segments.Segments(places[:40], places[1:41], np.arange(40) // 20)
        assert not few.crowded
        assert sum(len(first) for first, _ in few.near(few, apart=False)) > 0

    def test_each_line_is_searched_once(self, check, monkeypatch):
        searched = []
        search = segments.Segments.meetings
        monkeypatch.setattr(segments.Segments, "meetings", lambda self, **how: searched.append(len(self.start)) or search(self, **how))
        loop, back = [(0, 1), (2, 1), (2, 2), (1, 0)], [(5, 5), (7, 5), (6, 5)]
        found = check(line(loop), line(back), {"type": "MultiLineString", "coordinates": [loop, back]})
        assert [finding.index for finding in found["CM215"]] == [0, 2]
        assert [finding.index for finding in found["CM216"]] == [1, 2]
        # The four lines one by one, then all of them together.
        assert sorted(searched) == [2, 2, 3, 3, 10]


def test_the_place_is_where_a_line_first_comes_back(check):
    (cross,) = check(line([(0, 1), (4, 1), (4, 3), (3, 3), (3, 0), (1, 0), (1, 2)]))["CM215"]
    assert (cross.lon, cross.lat) == (3, 1)
    (back,) = check(line([(0, 1), (4, 1), (4, 2), (2, 1), (1, 1)]))["CM216"]
    assert (back.lon, back.lat) == (2, 1)
    assert metres(back) == round(GEOD.line_length([1, 2], [1, 1]))


def test_what_lies_on_several_stretches_counts_once(check):
    (back,) = check(line([(1, 1), (4, 1), (1, 1), (4, 1)]))["CM216"]
    assert metres(back) == pytest.approx(2 * GEOD.line_length([1, 4], [1, 1]), abs=1)
    once, twice = check(line([(1, 1), (4, 1)]), line([(2, 1), (3, 1), (2, 1)]), line([(5, 1), (3, 1)]))["CM605"]
    assert metres(once) == pytest.approx(2 * GEOD.line_length([2, 3], [1, 1]), abs=1)
    assert metres(twice) == pytest.approx(GEOD.line_length([3, 4], [1, 1]), abs=1)


def test_a_vertex_between_as_near_as_doubles_get_is_on_the_line(check):
    assert "CM605" in check(line([(70.1, 50.1), (70.7, 50.7)]), line([(70.2, 50.2), (70.3, 50.3), (70.3, 51)]))


def test_a_closed_line_of_two_runs_does_not_cross_itself(check):
    assert not check(line([(1, 1), (2, 1), (2, 2), (1, 2), (1, 1)])).keys() & {"CM215", "CM216"}


@pytest.mark.slow
@pytest.mark.filterwarnings("error")
def test_extreme_coordinates_break_nothing(check):
    values = [1e308, -1.7e308, 1e200, 1e155, 1e-308, 5e-324, -0.0, 0.0, 1.0, 71.5, 1e7]
    rng = np.random.default_rng(6)
    for count in (2, 3, 5, 9, 40):
        shapes = [rng.choice(values, (count, 2)).tolist() for _ in range(60)]
        check(*map(line, shapes), {"type": "MultiLineString", "coordinates": shapes})
        if count > 2:
            check(*map(ring, shapes), {"type": "MultiPolygon", "coordinates": [[[*shape, shape[0]]] for shape in shapes]})


def test_projected_metres_have_no_length_in_metres(check):
    found = check(line([(500000, 7e6), (500200, 7e6), (500100, 7e6)]), line([(500000, 7e6), (500200, 7e6), (500200, 7e6 + 5)]))
    assert found["CM216"][0].message == "the line runs back over itself"
    assert found["CM605"][0].message == "shares a stretch with feature 0"
