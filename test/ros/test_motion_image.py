"""The planner's debug image, drawn of motions that never were. No node is needed to draw it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jepa_ros.ros.wire.distance_chart import AHEAD, AXIS, BELOW, NEAR, NEAR_GROUND, PAST, RIGHT, Course, draw_chart
from jepa_ros.ros.wire.motion_image import FIELD, GOAL, HEIGHT, NEUTRAL, SEEN, TOP, WIDTH, View, fit, motion_image

SIZE = (430, 276)  # px
PERIOD = 0.1
PICTURE = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
OTHER = np.random.default_rng(1).integers(0, 255, (48, 64, 3), np.uint8)


def course(count: int, tolerance: float = 0.02, horizon: int = 8) -> Course:
    """A distance that has shrunk for so many periods by a tenth each, and is predicted to do so for some more."""
    points = [(PERIOD * number, 0.9**number) for number in range(count + horizon)]
    return Course(points[:count], points[count - 1 :] if horizon else [], tolerance)


def view(goal=PICTURE, seen=OTHER, **fields) -> View:
    return View(goal, seen, course(20), "moving", "distance 0.135", **fields)


def where(picture: np.ndarray, color: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The rows and columns of all pixels of this colour."""
    return np.nonzero((picture == color).all(axis=-1))


def field(picture: np.ndarray, left: int) -> np.ndarray:
    return picture[TOP : TOP + FIELD, left : left + FIELD]


def test_goal_and_camera_are_shown_pixel_by_pixel():
    picture = motion_image(view())
    assert picture.shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(field(picture, GOAL)[2::4, 2::4], PICTURE)
    wide = field(picture, SEEN)[32:-32]
    np.testing.assert_array_equal(wide[2::4, 2::4], OTHER)


@pytest.mark.parametrize("shape", [(64, 64), (30, 70), (224, 224), (1, 300)])
def test_a_picture_of_any_size_fits_its_field_and_is_as_large_as_there_is_room(shape):
    found = fit(np.zeros((*shape, 3), np.uint8))
    assert found.shape == (FIELD, FIELD, 3)
    rows, columns = where(found, (0, 0, 0))
    assert max(np.ptp(rows), np.ptp(columns)) == FIELD - 1


def test_what_is_no_picture_is_told_on_a_neutral_ground():
    picture = motion_image(view(goal=["the saved goal", "home"], seen=None))
    for left in (GOAL, SEEN):
        shown = field(picture, left)
        assert (shown[:20] == NEUTRAL).all()
        assert (shown < 100).any()


def test_a_goal_with_a_long_name_stays_in_its_field():
    picture = motion_image(view(goal=["x" * 200], seen=None))
    assert (field(picture, GOAL)[:, [0, -1]] == NEUTRAL).all()


@pytest.mark.parametrize("on_the_way", [True, False])
def test_what_is_predicted_is_named_for_what_it_is(on_the_way):
    usual, other = motion_image(view()), motion_image(view(on_the_way=on_the_way))
    assert (usual == other).all() != on_the_way


def test_the_curve_grows_with_time_and_what_is_predicted_goes_on_from_it():
    ends = []
    for count in (5, 20, 35):
        picture = draw_chart(course(count), *SIZE)
        past, ahead = where(picture, PAST)[1], where(picture, AHEAD)[1]
        assert past.min() == pytest.approx(AXIS, abs=5)
        assert ahead.max() - past.max() > 10
        ends.append(past.max())
    assert ends[0] + 30 < ends[1] < ends[2] - 30


def test_the_curve_is_as_high_as_the_logarithm_of_the_distance():
    width, height = SIZE
    picture = draw_chart(Course([(0.0, 1.0), (4.0, 0.1)], [], 0.02), *SIZE)
    rows, columns = where(picture, PAST)
    low, high = 0.006, 1.5
    bottom = height - BELOW
    for column in (AXIS + 10, width - RIGHT - 10):
        seconds = 4.0 * (column - AXIS) / (width - RIGHT - AXIS)
        distance = 10.0 ** (-seconds / 4.0)
        expected = bottom * (1 - math.log(distance / low) / math.log(high / low))
        assert rows[columns == column].mean() == pytest.approx(expected, abs=2)


def test_the_tolerance_is_a_line_above_the_ground_of_arrival():
    picture = draw_chart(course(20), *SIZE)
    line = np.bincount(where(picture, NEAR)[0]).argmax()
    assert where(picture, NEAR_GROUND)[0].min() == line + 1
    assert where(picture, NEAR_GROUND)[0].max() < SIZE[1] - BELOW


def test_who_is_as_far_as_the_tolerance_is_on_its_line():
    on_it = draw_chart(Course([(0.0, 0.3), (4.0, 0.3)], [], 0.3), *SIZE)
    assert np.median(where(on_it, PAST)[0]) == pytest.approx(where(on_it, NEAR_GROUND)[0].min(), abs=3)


def test_only_the_last_twenty_seconds_are_shown():
    steps = [(PERIOD * number, 1.0 if number < 600 else 0.5) for number in range(900)]
    rows, columns = where(draw_chart(Course(steps, [], 0.02), *SIZE), PAST)
    assert np.ptp(rows) < 12
    assert columns.min() <= AXIS + 3


@pytest.mark.parametrize("distance", [0.0, 1e-9, 1e12, math.inf, math.nan])
def test_whatever_the_distance_there_is_a_chart(distance):
    points = [(0.0, distance), (0.1, 1.0), (0.2, distance)]
    picture = draw_chart(Course(points, points, 0.02), *SIZE)
    assert picture.shape == (*SIZE[::-1], 3)
    assert len(where(picture, PAST)[0])
