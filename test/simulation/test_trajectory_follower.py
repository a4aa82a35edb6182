"""The follower obeys trajectories as ros2_control's joint_trajectory_controller does."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from jepa_ros.simulation.trajectory_follower import TrajectoryError, TrajectoryFollower

JOINTS = ("shoulder", "elbow")


def point(seconds, positions, velocities=(), accelerations=(), effort=()):
    nanoseconds = round(seconds * 1e9)
    time = SimpleNamespace(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)
    return SimpleNamespace(
        positions=list(positions),
        velocities=list(velocities),
        accelerations=list(accelerations),
        effort=list(effort),
        time_from_start=time,
    )


def trajectory(*points, names=JOINTS):
    return SimpleNamespace(joint_names=list(names), points=list(points))


def follower_at(*positions):
    return TrajectoryFollower(JOINTS, positions)


def test_it_holds_the_first_position_before_any_trajectory():
    positions, velocities = follower_at(0.3, -0.2).sample(5.0)
    assert positions == [0.3, -0.2]
    assert velocities == [0.0, 0.0]


def test_positions_alone_are_joined_by_straight_lines():
    follower = follower_at(0.0, 1.0)
    follower.accept(trajectory(point(1.0, [1.0, 1.0]), point(3.0, [1.0, 2.0])), 0.0, time=0.0)
    assert follower.sample(0.25)[0] == pytest.approx([0.25, 1.0])
    assert follower.sample(2.0) == (pytest.approx([1.0, 1.5]), pytest.approx([0.0, 0.5]))


def test_positions_and_velocities_are_met_by_a_cubic():
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [1.0, 0.0], [2.0, 0.0]), point(2.0, [2.0, 0.0], [0.0, 0.0])), 0.0, time=0.0)
    positions, velocities = follower.sample(1.0)
    assert positions == pytest.approx([1.0, 0.0])
    assert velocities == pytest.approx([2.0, 0.0])
    # From rest at 0 to speed 2 at 1 the cubic is t², so half way it stands at a quarter
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [1.0, 0.0], [2.0, 0.0]), point(2.0, [2.0, 0.0], [0.0, 0.0])), 0.0, time=0.0)
    assert follower.sample(0.5)[0] == pytest.approx([0.25, 0.0])


def test_accelerations_are_met_by_a_quintic():
    follower = follower_at(0.0, 0.0)
    goal = point(2.0, [1.0, -1.0], [0.0, 0.0], [0.0, 0.0])
    follower.accept(trajectory(goal), 0.0, time=0.0)
    times = np.linspace(0, 2, 201)
    path = np.array([follower.sample(time)[0] for time in times])
    # The minimum-jerk curve
    s = times / 2
    assert path[:, 0] == pytest.approx(10 * s**3 - 15 * s**4 + 6 * s**5)
    assert path[:, 1] == pytest.approx(-path[:, 0])


def test_after_the_last_point_it_holds():
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [1.0, 2.0], [0.0, 0.0])), 0.0, time=0.0)
    assert follower.sample(9.0) == ([1.0, 2.0], [0.0, 0.0])


def test_joints_may_come_in_any_order():
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [1.0, 2.0]), names=("elbow", "shoulder")), 0.0, time=0.0)
    assert follower.sample(2.0)[0] == [2.0, 1.0]


def test_a_new_trajectory_goes_on_smoothly_from_the_desired_state():
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [1.0, 1.0], [0.0, 0.0])), 0.0, time=0.0)
    before = follower.sample(0.5)
    follower.accept(trajectory(point(1.0, [-1.0, 0.0], [0.0, 0.0])), 0.0, time=0.5)
    assert follower.sample(0.5)[0] == pytest.approx(before[0])
    assert follower.sample(0.5)[1] == pytest.approx(before[1])
    assert follower.sample(1.5)[0] == pytest.approx([-1.0, 0.0])


def test_a_stamp_in_the_future_leaves_the_running_trajectory_in_force_until_then():
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(2.0, [2.0, 0.0])), 0.0, time=0.0)
    follower.accept(trajectory(point(1.0, [0.0, 0.0])), 1.0, time=0.0)
    assert follower.sample(0.5)[0] == pytest.approx([0.5, 0.0])
    assert follower.sample(1.0)[0] == pytest.approx([1.0, 0.0])
    assert follower.sample(1.5)[0] == pytest.approx([0.5, 0.0])
    assert follower.sample(2.5)[0] == pytest.approx([0.0, 0.0])


def test_it_holds_between_the_end_of_one_and_the_future_start_of_the_next():
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [1.0, 0.0])), 0.0, time=0.0)
    follower.accept(trajectory(point(1.0, [0.0, 0.0])), 3.0, time=0.0)
    assert follower.sample(2.0) == ([1.0, 0.0], [0.0, 0.0])
    assert follower.sample(3.5)[0] == pytest.approx([0.5, 0.0])


def test_of_a_trajectory_that_began_in_the_past_only_the_points_ahead_count():
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [9.0, 9.0]), point(3.0, [1.0, 1.0])), -2.0, time=5.0)
    assert follower.sample(5.5)[0] == pytest.approx([0.5, 0.5])
    assert follower.sample(6.0)[0] == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (trajectory(), "no points"),
        (trajectory(point(1, [0, 0]), names=("shoulder", "wrist")), "joint names"),
        (trajectory(point(1, [0]), names=("shoulder",)), "joint names"),
        (trajectory(point(1, [0, 0]), names=("shoulder", "shoulder")), "joint names"),
        (trajectory(point(1, [0])), "1 positions for 2 joints"),
        (trajectory(point(1, [])), "0 positions for 2 joints"),
        (trajectory(point(1, [0, 0], [0])), "1 velocities for 2 joints"),
        (trajectory(point(1, [0, 0], [0, 0], [0, 0, 0])), "3 accelerations for 2 joints"),
        (trajectory(point(1, [0, float("nan")])), "not finite"),
        (trajectory(point(1, [0, 0], [0, float("inf")])), "not finite"),
        (trajectory(point(1, [0, 0], effort=[1, 1])), "effort"),
        (trajectory(point(1, [0, 0]), point(1, [1, 1])), "times must increase"),
        (trajectory(point(-1, [0, 0])), "before the trajectory's start"),
        (trajectory(point(1, [0, 0], [0, 0.1])), "last velocity of joint elbow"),
    ],
)
def test_what_the_controller_refuses_is_refused_with_the_reason_and_changes_nothing(wrong, reason):
    follower = follower_at(0.0, 0.0)
    follower.accept(trajectory(point(1.0, [1.0, 1.0])), 0.0, time=0.0)
    with pytest.raises(TrajectoryError, match=reason):
        follower.accept(wrong, 0.0, time=0.0)
    assert follower.sample(0.5)[0] == pytest.approx([0.5, 0.5])


def test_a_trajectory_that_ended_in_the_past_is_refused():
    with pytest.raises(TrajectoryError, match=r"ends 1\.000 s in the past"):
        follower_at(0.0, 0.0).accept(trajectory(point(1.0, [1.0, 1.0])), -2.0, time=5.0)
