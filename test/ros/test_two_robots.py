from __future__ import annotations

import signal

import numpy as np
import pytest
from harness.goals import CODES, assert_failed, assert_reached, see
from harness.places import HOME

from jepa_ros.ros.client.client import named_goal
from jepa_ros_interfaces.srv import ListGoals, SaveGoal

THERE, ELSEWHERE = (0.9, -0.1), (-0.2, -1.1)


@pytest.fixture(scope="module")
def pair(start, shared):
    """A second robot beside the shared one, whose planner remembers in the same directory."""
    stack, robot = start("/other")
    stack.memory = shared[0].memory
    stack.start_all()
    return stack, robot


@pytest.fixture
def other(pair):
    pair[1].place(*HOME)
    return pair


def test_two_robots_move_at_once_each_to_its_own_goal(stack, robot, other):
    other_stack, other_robot = other
    first = stack.operator.move(see(*THERE))
    second = other_stack.operator.move(see(*ELSEWHERE))
    assert_reached(first.ending(), robot, THERE)
    assert_reached(second.ending(), other_robot, ELSEWHERE)


def test_what_one_robot_does_does_not_reach_the_other(stack, robot, other):
    _, other_robot = other
    assert_reached(stack.operator.move(see(*THERE)).ending(), robot, THERE)
    assert other_robot.commands == []
    np.testing.assert_allclose(other_robot.position, HOME, atol=1e-6)


def test_a_robot_that_falls_silent_does_not_stop_the_other(stack, robot, other):
    _, other_robot = other
    with other_robot.silent("camera/image_raw"), other_robot.silent("joint_states"):
        assert_reached(stack.operator.move(see(*THERE)).ending(), robot, THERE)


def save(stack, name: str) -> None:
    answer = stack.operator.call(SaveGoal, "planner/save_goal", name=name)
    assert answer.success, answer.message


def names(stack) -> list[str]:
    return stack.operator.call(ListGoals, "planner/list_goals").names


def test_each_robot_has_goals_of_its_own(stack, robot, other):
    other_stack, other_robot = other
    robot.place(*THERE)
    other_robot.place(*ELSEWHERE)
    stack.wait_seen()
    other_stack.wait_seen()
    save(stack, "place")
    save(other_stack, "place")
    save(other_stack, "mine")
    assert "mine" not in names(stack)
    robot.place(*HOME)
    stack.wait_seen()
    assert_reached(stack.operator.move(named_goal("place")).ending(), robot, THERE)
    assert_failed(stack.operator.move(named_goal("mine")).ending(), CODES.INVALID_GOAL, "place")


def test_goals_survive_the_planner(other):
    stack, robot = other
    robot.place(*THERE)
    stack.wait_seen()
    save(stack, "kept")
    before = names(stack)
    assert before == sorted(before)
    stack.end("planner", signal.SIGKILL)
    stack.start("planner")
    stack.wait_ready()
    assert names(stack) == before
    robot.place(*HOME)
    stack.wait_seen()
    assert_reached(stack.operator.move(named_goal("kept")).ending(), robot, THERE)


def test_a_goal_saved_again_is_replaced(other):
    stack, robot = other
    for place in (HOME, THERE):
        robot.place(*place)
        stack.wait_seen()
        save(stack, "again")
    assert names(stack).count("again") == 1
    robot.place(*HOME)
    stack.wait_seen()
    assert_reached(stack.operator.move(named_goal("again")).ending(), robot, THERE)


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../up", "with space", "Äpfel", "x" * 65, "line\nbreak"])
def test_a_name_that_is_none_is_refused_with_what_is_allowed(stack, robot, name):
    before = names(stack)
    answer = stack.operator.call(SaveGoal, "planner/save_goal", name=name)
    assert not answer.success
    assert "allowed" in answer.message
    assert names(stack) == before
