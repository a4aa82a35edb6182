"""Distractors move by themselves, the same way for the same seed, and leave the robot in sight."""

from __future__ import annotations

import numpy as np
import pytest

from jepa_ros.simulation.distractors import Distractors
from jepa_ros.simulation.furnished_room import FurnishedRoom
from jepa_ros.simulation.planar_arm import PlanarArm

GREY = np.full((480, 640, 3), 200, np.uint8)


def behind(level, time, seed=0):
    image = GREY.copy()
    Distractors(level, seed).behind(image, time)
    return image


def before(level, time, seed=0):
    image = GREY.copy()
    Distractors(level, seed).before(image, time)
    return image.astype(float)


@pytest.mark.parametrize("level", [0.1, 0.3, 0.5])
def test_foliage_covers_the_share_of_the_pixels_that_it_is_told(level):
    assert (behind(level, 0.0) != GREY).any(-1).mean() == pytest.approx(level, abs=0.02)


def test_leaves_are_elsewhere_from_one_moment_to_the_next():
    first, second = behind(0.3, 0.0).astype(int), behind(0.3, 0.1).astype(int)
    covered = (first != 200).any(-1)
    assert np.abs(first - second).max(-1)[covered].mean() > 30
    assert np.array_equal(first[~covered], second[~covered])


def test_the_seed_moves_the_leaves_but_not_the_bushes():
    first, second = behind(0.3, 0.0, seed=4).astype(int), behind(0.3, 0.0, seed=5).astype(int)
    covered = (first != 200).any(-1)
    assert np.abs(first - second).max(-1)[covered].mean() > 30
    assert np.array_equal(covered, (second != 200).any(-1))


def test_clouds_drift_and_noise_is_new_every_time():
    first, soon, later = (before(0.3, time) for time in (0.0, 0.034, 20.0))
    assert (first - soon).std() == pytest.approx(25 * 0.3 * np.sqrt(2), rel=0.25)
    coarse = [image[:480, :640].reshape(12, 40, 16, 40, 3).mean((1, 3, 4)) for image in (first, soon, later)]
    assert np.abs(coarse[0] - coarse[1]).max() < 4
    assert np.abs(coarse[0] - coarse[2]).max() > 15


def test_the_same_seed_and_time_distract_the_same_way():
    assert np.array_equal(behind(0.3, 1.5, seed=4), behind(0.3, 1.5, seed=4))
    assert np.array_equal(before(0.3, 1.5, seed=4), before(0.3, 1.5, seed=4))
    assert not np.array_equal(behind(0.3, 1.5, seed=4), behind(0.3, 1.5, seed=5))


def test_none_leaves_the_picture_as_it_is():
    assert np.array_equal(behind(0.0, 1.0), GREY)
    assert np.array_equal(before(0.0, 1.0), GREY)


def test_a_level_that_is_no_share_is_refused():
    with pytest.raises(ValueError, match=r"distractors are 1\.5, not a share"):
        Distractors(1.5)


@pytest.mark.parametrize("robot", [PlanarArm, FurnishedRoom])
def test_the_robot_stays_in_front_of_the_foliage(robot):
    plain, busy = robot(seed=1), robot(seed=1, distractors=Distractors(0.9, seed=1))
    difference = np.abs(plain.image().astype(int) - busy.image()).max(-1)
    blue_or_red = np.abs(np.diff(plain.image()[..., [0, 2]].astype(int))).squeeze(-1) > 120
    assert blue_or_red.sum() > 300
    assert np.median(difference[blue_or_red]) < 100
    assert busy.image((96, 128)).shape == (96, 128, 3)


def test_the_picture_changes_though_the_robot_rests():
    arm = PlanarArm(seed=1, distractors=Distractors(0.3))
    before = arm.image().astype(int)
    arm.step(0.2)
    assert np.abs(arm.image() - before).mean() > 5
