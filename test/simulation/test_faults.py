"""Faults begin, show, and end again."""

import numpy as np
import pytest

from jepa_ros.simulation.faults import FAULTS
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.simulators import simulator_of

CAMERA = "observation.images.top"
FAST = np.array([0.8, 0.8])


def drive(robot, periods=5, action=FAST):
    """Positions after, and the last observation of, some periods of motion."""
    observation = robot.advance()[-1]
    for _ in range(periods):
        robot.act(action, observation.state)
        observation = robot.advance()[-1]
    return robot.body.position, observation


@pytest.fixture
def faulty(contract):
    def make(fault):
        robot = simulator_of(contract).faulty(fault, seed=4)
        robot.body.reset((-1.0, -1.0))
        drive(robot)
        return robot

    return make


def test_a_teleported_arm_is_elsewhere_at_once_and_obeys_from_there(faulty):
    robot = faulty("teleport")
    before = robot.body.position
    robot.fail()
    assert np.abs(robot.body.position - before).max() > 0.3
    moved = drive(robot)[0] - robot.body.position
    assert np.abs(moved).max() < 1.0


def test_a_blocked_joint_stays_while_the_other_moves_and_goes_on_when_it_is_mended(faulty):
    robot = faulty("blocked_joint")
    before = robot.body.position
    robot.fail()
    still = drive(robot)[0] == before
    assert sorted(still) == [False, True]
    assert robot.fault.shows(np.where(still, 0.5, 0.0))
    assert not robot.fault.shows(np.where(still, 0.0, 0.5))
    robot.mend()
    assert np.all(drive(robot)[0] > before)


def test_a_frozen_camera_shows_the_same_picture_while_joints_move_on(faulty):
    robot = faulty("frozen_camera")
    robot.fail()
    (_, first), (_, second) = drive(robot), drive(robot)
    assert np.array_equal(first.images[CAMERA], second.images[CAMERA])
    assert np.all(second.state > first.state)
    robot.mend()
    assert not np.array_equal(drive(robot)[1].images[CAMERA], first.images[CAMERA])


def test_a_blank_camera_is_black_and_sees_again_when_it_is_mended(faulty):
    robot = faulty("blank_camera")
    robot.fail()
    assert not drive(robot)[1].images[CAMERA].any()
    robot.mend()
    assert drive(robot)[1].images[CAMERA].mean() > 100


@pytest.mark.parametrize("name", FAULTS)
def test_before_a_fault_begins_and_after_it_ended_everything_is_as_with_a_sound_arm(contract, name):
    sound, faulty = simulator_of(contract).anywhere(4), simulator_of(contract).faulty(name, 4)
    for robot in (sound, faulty):
        drive(robot)
        robot.fail()
        robot.mend()
        robot.body.reset((0.3, 0.4))
    (one, seen), (other, seen_too) = drive(sound), drive(faulty)
    assert np.array_equal(one, other)
    assert np.array_equal(seen.images[CAMERA], seen_too.images[CAMERA])


def test_resetting_frees_a_blocked_joint():
    arm = PlanarArm()
    arm.block("shoulder")
    arm.reset((0.0, 0.0))
    assert not any(joint.blocked for joint in arm._joints)
