"""The arm moves like a robot with limited joints and shows where it stands."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from jepa_ros.simulation.planar_arm import (
    ACCELERATION_LIMIT,
    PHYSICS_RATE,
    POSITION_LIMIT,
    VELOCITY_LIMIT,
    PlanarArm,
)


def to(positions, seconds, velocities=(0.0, 0.0), stamp_ns=0):
    time = SimpleNamespace(sec=int(seconds), nanosec=round(seconds % 1 * 1e9))
    goal = SimpleNamespace(
        positions=list(positions),
        velocities=list(velocities),
        accelerations=[],
        effort=[],
        time_from_start=time,
    )
    stamp = SimpleNamespace(sec=stamp_ns // 10**9, nanosec=stamp_ns % 10**9)
    header = SimpleNamespace(stamp=stamp)
    return SimpleNamespace(header=header, joint_names=["shoulder", "elbow"], points=[goal])


def run(arm, seconds, dt=1 / PHYSICS_RATE):
    """Positions and velocities at every step."""
    states = []
    for _ in range(round(seconds / dt)):
        arm.step(dt)
        states.append((arm.position, arm.velocity))
    return np.array(states)


def test_the_same_seed_gives_the_same_poses_and_another_seed_others():
    assert np.array_equal(PlanarArm(seed=4).position, PlanarArm(seed=4).position)
    assert not np.array_equal(PlanarArm(seed=4).position, PlanarArm(seed=5).position)


def test_random_poses_are_within_the_limits_and_at_rest():
    arm = PlanarArm(seed=0)
    for _ in range(200):
        arm.reset()
        assert np.all(np.abs(arm.position) < POSITION_LIMIT)
        assert np.all(arm.velocity == 0)


def test_it_stands_still_without_a_command():
    arm = PlanarArm(seed=1)
    start = arm.position
    run(arm, 1.0)
    assert arm.position == pytest.approx(start)


def test_it_follows_a_gentle_trajectory_exactly():
    arm = PlanarArm()
    arm.reset((0.0, 0.0))
    arm.follow(to((0.4, -0.3), 1.0))
    arm.step(0.5)
    assert arm.position == pytest.approx([0.2, -0.15], abs=2e-3)
    arm.step(0.6)
    assert arm.position == pytest.approx([0.4, -0.3], abs=1e-4)
    assert arm.velocity == pytest.approx([0.0, 0.0], abs=1e-3)


def test_it_never_moves_faster_than_its_joints_can_however_far_the_goal_jumps():
    arm = PlanarArm()
    arm.reset((-2.0, 2.0))
    arm.follow(to((2.0, -2.0), 0.01))
    states = run(arm, 5.0)
    velocities = states[:, 1]
    assert np.abs(velocities).max() <= VELOCITY_LIMIT + 1e-12
    assert np.abs(np.diff(velocities, axis=0)).max() <= ACCELERATION_LIMIT / PHYSICS_RATE + 1e-9
    assert arm.position == pytest.approx([2.0, -2.0], abs=1e-3)


def test_it_does_not_swing_beyond_a_goal_that_it_had_to_rush_to():
    arm = PlanarArm()
    arm.reset((0.0, 0.0))
    arm.follow(to((1.0, 1.0), 0.01))
    assert run(arm, 4.0)[:, 0].max() < 1.01


def test_the_joints_stop_at_their_ends():
    arm = PlanarArm()
    arm.reset((2.5, -2.5))
    arm.follow(to((4.0, -4.0), 1.0))
    states = run(arm, 3.0)
    assert np.abs(states[:, 0]).max() <= POSITION_LIMIT
    assert arm.position == pytest.approx([POSITION_LIMIT, -POSITION_LIMIT])
    assert arm.velocity == pytest.approx([0.0, 0.0])


def test_the_way_in_which_time_passes_does_not_matter_much():
    coarse, fine = PlanarArm(), PlanarArm()
    for arm in (coarse, fine):
        arm.reset((0.0, 0.0))
        arm.follow(to((0.5, -0.5), 0.8))
    coarse.step(0.5)
    for _ in range(100):
        fine.step(0.005)
    assert coarse.position == pytest.approx(fine.position, abs=1e-3)


def test_a_stamp_is_read_in_the_clock_of_now():
    now = 1_800_000_000 * 10**9
    arm = PlanarArm()
    arm.reset((0.0, 0.0))
    arm.follow(to((0.5, 0.0), 1.0, stamp_ns=now + 10**9), now)
    arm.step(1.0)
    assert arm.position == pytest.approx([0.0, 0.0])
    arm.step(1.1)
    assert arm.position == pytest.approx([0.5, 0.0], abs=1e-3)


def test_the_picture_is_rgb_of_the_asked_size_and_free_to_be_changed():
    arm = PlanarArm()
    image = arm.image()
    assert image.shape == (480, 640, 3)
    assert image.dtype == np.uint8
    before = arm.image().copy()
    image[:] = 0
    assert np.array_equal(arm.image(), before)
    assert arm.image((96, 128)).shape == (96, 128, 3)


def test_angle_zero_points_up_and_positive_angles_turn_left():
    arm = PlanarArm()
    for angle, (row, column) in {0.0: (120, 320), np.pi / 2: (240, 200), -np.pi / 2: (240, 440)}.items():
        arm.reset((angle, 0.0))
        red, _, blue = arm.image()[row, column].astype(int)
        assert abs(red - blue) > 60, "the arm is coloured, the table is not"


def test_even_small_pictures_tell_poses_apart():
    arm = PlanarArm(seed=7)
    for _ in range(50):
        arm.reset()
        pose = np.clip(arm.position, -2.5, 2.5)
        pictures = []
        for change in ((0, 0), (0.08, 0), (0, 0.08)):
            arm.reset(pose + change)
            small = cv2.resize(arm.image(), (64, 64), interpolation=cv2.INTER_AREA).astype(int)
            pictures.append(small)
        for other in pictures[1:]:
            assert np.abs(other - pictures[0]).max() > 20
