import math

import pytest

from jepa_ros.memory.poses import PoseTrack, yaw_of

SECOND = 1_000_000_000


@pytest.fixture
def track():
    """A robot that drives a metre a second along x and turns left, seen at 10 Hz for a second."""
    track = PoseTrack()
    for tick in range(11):
        track.add(SECOND + tick * SECOND // 10, (0.1 * tick, 0.0, 0.2 * tick), "odom")
    return track


def test_a_pose_lies_between_those_before_and_after(track):
    assert track.at(SECOND + SECOND // 4) == pytest.approx((0.25, 0.0, 0.5))


def test_the_pose_of_a_stamp_that_came_in_is_that_pose(track):
    assert track.at(SECOND + SECOND // 2) == pytest.approx((0.5, 0.0, 1.0))


def test_turning_past_the_back_goes_the_short_way():
    track = PoseTrack()
    track.add(SECOND, (0.0, 0.0, math.pi - 0.1), "odom")
    track.add(2 * SECOND, (0.0, 0.0, -math.pi + 0.1), "odom")
    assert abs(track.at(SECOND + SECOND // 2)[2]) == pytest.approx(math.pi)


def test_a_little_beyond_the_ends_the_end_still_counts_and_further_out_nothing_does(track):
    assert track.at(2 * SECOND + SECOND // 10) == pytest.approx((1.0, 0.0, 2.0))
    assert track.at(2 * SECOND + SECOND // 2) is None
    assert track.at(SECOND // 2) is None
    assert PoseTrack().at(SECOND) is None


def test_only_the_last_seconds_are_kept(track):
    track.add(10 * SECOND, (5.0, 5.0, 0.0), "odom")
    assert track.at(2 * SECOND) is None
    assert track.at(10 * SECOND) == (5.0, 5.0, 0.0)


def test_late_poses_and_those_that_are_no_numbers_are_passed_over(track):
    track.add(2 * SECOND - 1, (9.0, 9.0, 9.0), "odom")
    track.add(2 * SECOND + 1, (math.nan, 0.0, 0.0), "odom")
    assert track.at(2 * SECOND) == pytest.approx((1.0, 0.0, 2.0))


def test_another_frame_and_a_clock_that_is_set_back_begin_anew(track):
    track.add(2 * SECOND + 1, (7.0, 0.0, 0.0), "map")
    assert track.frame == "map"
    assert track.at(2 * SECOND) == (7.0, 0.0, 0.0)
    track.add(SECOND // 10, (8.0, 0.0, 0.0), "map")
    assert track.at(SECOND // 10) == (8.0, 0.0, 0.0)
    assert track.at(2 * SECOND) is None


@pytest.mark.parametrize("yaw", [0.0, 0.5, -2.0, 3.1])
def test_a_quaternion_about_the_vertical_axis_says_its_yaw(yaw):
    assert yaw_of(0.0, 0.0, math.sin(yaw / 2), math.cos(yaw / 2)) == pytest.approx(yaw)
