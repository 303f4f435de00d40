"""Where on the page there is room for names."""

from __future__ import annotations

import numpy as np
import pytest

from corridormap.plot.labels import Room

FRAME = (0.0, 0.0, 100.0, 60.0)


@pytest.fixture
def room():
    return Room(FRAME, [np.array([[0.0, 30.0], [100.0, 30.0]])])


@pytest.mark.parametrize(
    ("box", "free"),
    [
        ((2, 2, 98, 58), True),
        ((1.9, 2, 50, 20), False),
        ((2, 1.9, 50, 20), False),
        ((50, 20, 98.1, 40), False),
        ((50, 20, 90, 58.1), False),
    ],
)
def test_two_points_to_the_frame_stay_free(room, box, free):
    assert room.free(box) is free


def test_touching_is_not_covering(room):
    room.take((40, 10, 60, 30))
    assert room.free((20, 10, 40, 30))
    assert room.free((60, 10, 80, 30))
    assert room.free((40, 30, 60, 50))
    assert not room.free((20, 10, 40.01, 30))
    assert not room.free((40, 29.99, 60, 50))


def test_a_symbol_costs_in_the_box_and_two_points_around_it(room):
    room.mark([(50.0, 40.0)])
    assert room.symbols_under((45, 35, 55, 45)) == 8
    assert room.symbols_under((51.9, 35, 60, 45)) == 8
    assert room.symbols_under((52.1, 35, 60, 45)) == 0
    assert room.symbols_under((45, 42.1, 55, 50)) == 0
    room.mark([(50.0, 41.0)])
    assert room.symbols_under((45, 35, 55, 45)) == 16


def test_lines_cost_as_much_as_is_covered(room):
    assert room.lines_under((20, 25, 60, 35)) == pytest.approx(40, abs=4)
    assert room.lines_under((20, 31, 60, 50)) == 0
