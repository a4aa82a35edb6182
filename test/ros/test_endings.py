from __future__ import annotations

import signal
import time

import numpy as np
import pytest
from harness.goals import CODES, assert_failed, assert_left_safe, assert_reached, assert_stopped_in_time, see
from harness.places import REST
from lifecycle_msgs.srv import ChangeState

from jepa_ros.evaluation.legality import path
from jepa_ros.ros.goals.remedies import ACTIVATE

THERE = (0.9, -0.1)
FAR = (-1.6, 1.6)
HOME = (0.4, -0.6)


@pytest.fixture(scope="module")
def pair(start):
    return start("/mortal")


@pytest.fixture
def stack(pair):
    """A stack in which what the test before has ended lives again."""
    stack, robot = pair
    robot.place(*HOME)
    for node in ("world_model", "planner"):
        if not stack.lives(node):
            stack.start(node)
    if stack.state("planner") == "finalized":
        stack.end("planner", signal.SIGINT)
        stack.start("planner")
    for node in ("world_model", "planner"):
        if stack.state(node) == "inactive":
            stack.change(node, "activate")
    stack.wait_ready()
    for node in ("world_model", "planner"):
        stack.operator.find(ChangeState, f"{node}/change_state")
    return stack


@pytest.fixture
def robot(pair):
    return pair[1]


@pytest.fixture
def motion(stack, robot):
    """A goal that is being pursued at full speed."""
    robot.commands.clear()
    sent = stack.operator.move(see(*FAR))
    sent.wait_feedback(4)
    return sent


def test_a_planner_that_is_deactivated_leaves_the_robot_at_rest(stack, robot, motion):
    now = time.time_ns()
    assert stack.change("planner", "deactivate")
    assert_stopped_in_time(robot, now)
    assert_failed(motion.ending(), CODES.PREEMPTED, "deactivated", remedy=ACTIVATE)
    assert_left_safe(robot)


def test_an_inactive_planner_rejects_goals_and_stays_so(stack, robot):
    assert stack.change("planner", "deactivate")
    for send in (stack.operator.move, stack.operator.plan):
        assert not send(see(*THERE)).accepted
    assert "not active" in stack.log("planner")
    robot.wait_images(10)
    assert robot.commands == []
    assert stack.change("planner", "activate")
    assert_reached(stack.operator.move(see(*THERE)).ending(), robot, THERE)


def test_a_planner_that_is_shut_down_leaves_the_robot_at_rest(stack, robot, motion):
    now = time.time_ns()
    assert stack.change("planner", "active_shutdown")
    assert_stopped_in_time(robot, now)
    assert_left_safe(robot)
    assert stack.end("planner", signal.SIGINT) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nodes_that_are_told_to_end_leave_the_robot_at_rest(stack, robot, motion, number):
    now = time.time_ns()
    assert stack.end("planner", number) == 0
    assert_stopped_in_time(robot, now)
    assert_left_safe(robot)
    assert_failed(motion.ending(), CODES.PREEMPTED, "deactivated", remedy=ACTIVATE)
    assert stack.end("world_model", number) == 0
    for node in ("planner", "world_model"):
        assert "Traceback" not in stack.log(node)


def test_the_robot_comes_to_rest_by_itself_when_the_planner_is_killed(stack, robot, motion):
    contract = robot.contract
    stack.end("planner", signal.SIGKILL)
    last = robot.commands[-1]
    times, _, velocities = path(last.message)
    brake = contract.limits.high.max() / contract.limits.rate.min()
    assert times[-1] <= 2 * contract.period + brake
    assert not velocities[-1].any()
    images = round((times[-1] + 2 * contract.period) * 30)
    robot.wait_images(images)
    assert np.abs(robot.arm.velocity).max() < REST
    assert robot.commands[-1] is last


def test_a_world_model_that_is_killed_stops_the_robot(stack, robot, motion):
    now = time.time_ns()
    stack.end("world_model", signal.SIGKILL)
    assert_stopped_in_time(robot, now)
    assert_failed(motion.ending(), CODES.NO_OBSERVATION, "world_model/latent")
    assert_left_safe(robot)


def test_a_world_model_that_is_deactivated_stops_the_robot(stack, robot, motion):
    assert stack.change("world_model", "deactivate")
    assert_stopped_in_time(robot, time.time_ns())  # until then latents may come
    assert_failed(motion.ending(), CODES.NO_OBSERVATION, "world_model/latent")
    assert_left_safe(robot)


def test_after_a_crash_of_both_goals_are_reached_again(stack, robot):
    for node in ("planner", "world_model"):
        stack.end(node, signal.SIGKILL)
    for node in ("world_model", "planner"):
        stack.start(node)
    stack.wait_ready()
    assert_reached(stack.operator.move(see(*THERE)).ending(), robot, THERE)


def test_a_planner_that_is_told_to_end_at_rest_sends_nothing(stack, robot):
    robot.commands.clear()
    assert stack.end("planner", signal.SIGTERM) == 0
    robot.wait_images(5)
    assert robot.commands == []
