import numpy as np
import pytest
from shapely import GeometryCollection, LineString, Point, box

from corridormap import measure
from corridormap.errors import DataError, UsageError


def koch(depth, start=(60.0, 0.0), end=(61.0, 0.0)):
    """Von Koch's curve, whose dimension is log 4 / log 3."""
    points = np.array([start[0] + 1j * start[1], end[0] + 1j * end[1]])
    for _ in range(depth):
        a, step = points[:-1, None], np.diff(points)[:, None] / 3
        corners = np.array([0, 1, 1 + np.exp(1j * np.pi / 3), 2])
        points = np.append((a + step * corners).ravel(), points[-1])
    return LineString(np.column_stack([points.real, points.imag]))


def test_the_dimension_of_a_known_fractal():
    table = measure.length_by_tolerance(koch(7), tolerances_m=np.geomspace(100, 10_000, 12))
    assert table.attrs["dimension"] == pytest.approx(np.log(4) / np.log(3), abs=0.06)
    assert table["length_km"].is_monotonic_decreasing
    assert table["vertices"].is_monotonic_decreasing


def test_a_straight_line_is_as_long_however_one_looks():
    table = measure.length_by_tolerance(LineString(np.column_stack([np.full(500, 60), np.linspace(50, 55, 500)])))
    assert table["of_full"].tolist() == pytest.approx([1.0] * len(table), abs=1e-6)
    assert np.isnan(table.attrs["dimension"])


def test_the_border_grows_with_its_detail(atlas):
    border = atlas.layer("border")
    land = border[border["id"] == "border:land"]
    table = measure.length_by_tolerance(land).set_index("tolerance_m")
    assert table.loc[0, "length_km"] == pytest.approx(land["length_km"].item(), abs=0.1)
    assert table.loc[0, "of_full"] == 1.0
    assert table.loc[50_000, "length_km"] < 0.85 * table.loc[0, "length_km"]
    assert 1.0 < table.attrs["dimension"] < 1.3


def test_over_the_180th_meridian_as_anywhere():
    here = koch(4, (10.0, 0.0), (12.0, 0.0))
    there = LineString([((x - 11 + 180 + 180) % 360 - 180, y) for x, y in here.coords])
    one, other = (measure.length_by_tolerance(line)["length_km"].to_numpy() for line in (here, there))
    assert one == pytest.approx(other, rel=1e-6)


def test_tolerances_are_sorted_and_each_once():
    table = measure.length_by_tolerance(koch(3), tolerances_m=[500, 0, 500])
    assert table["tolerance_m"].tolist() == [0.0, 500.0]


@pytest.mark.parametrize("tolerances", [[], [-1.0], [float("nan")], [float("inf")]])
def test_wrong_tolerances(tolerances):
    with pytest.raises(UsageError, match="tolerances must be metres"):
        measure.length_by_tolerance(koch(1), tolerances_m=tolerances)


def test_no_line_and_lines_in_collections():
    with pytest.raises(DataError, match=r"holds no line\n  For areas, measure their boundary"):
        measure.length_by_tolerance(box(0, 0, 1, 1))
    line = koch(2)
    nested = GeometryCollection([Point(0, 0), GeometryCollection([line])])
    assert measure.length_by_tolerance(nested)["length_km"].tolist() == measure.length_by_tolerance(line)["length_km"].tolist()
