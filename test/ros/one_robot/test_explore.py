"""Exploring fills the memory of a running robot until enough is covered, and ends as all motions do."""

from __future__ import annotations

import pytest
from action_msgs.msg import GoalStatus
from harness.goals import CODES, assert_failed, assert_left_safe, assert_reached, see
from harness.robot import CAMERA, JOINTS
from harness.stack import values

from jepa_ros.ros.goals.remedies import ASK_FOR_LESS, BRING_BACK

THERE = (0.9, -0.1)
LITTLE = 0.1  # of what is foreseen: a few seconds of exploring


def test_a_robot_explores_until_enough_is_covered(stack, robot):
    ending = stack.operator.explore(coverage=LITTLE).ending()
    assert ending.result.error_code == CODES.NONE, ending.result.error_msg
    assert ending.result.coverage >= LITTLE
    assert ending.result.places > 5
    assert ending.result.steps > 5
    assert_left_safe(robot)
    stack.health("planner", lambda status: int(values(status)["memory"]) >= ending.result.places)


def test_what_is_not_covered_in_time_is_said(stack, robot):
    sent = stack.operator.explore(timeout=2.0, coverage=1.0)
    feedback = sent.wait_feedback(5)
    assert feedback.phase in ("venturing", "returning", "looking about")
    assert_failed(sent.ending(), CODES.TIMED_OUT, "after 2 s", "of the 1.00 wanted was covered", remedy=ASK_FOR_LESS)
    assert_left_safe(robot)


def test_an_exploration_can_be_cancelled(stack, robot):
    sent = stack.operator.explore(coverage=1.0)
    sent.wait_feedback(3)
    sent.cancel()
    ending = sent.ending()
    assert (ending.status, ending.result.error_code) == (GoalStatus.STATUS_CANCELED, CODES.CANCELED)
    assert_left_safe(robot)


def test_goals_and_explorations_take_over_from_each_other(stack, robot):
    exploring = stack.operator.explore(coverage=1.0)
    exploring.wait_feedback(3)
    moving = stack.operator.move(see(*THERE))
    assert_failed(exploring.ending(), CODES.PREEMPTED, "a newer goal took over")
    assert_reached(moving.ending(), robot, THERE)
    moving = stack.operator.move(see(-1.6, 1.6))
    moving.wait_feedback(3)
    exploring = stack.operator.explore(timeout=1.0, coverage=1.0)
    assert_failed(moving.ending(), CODES.PREEMPTED, "a newer goal took over")
    assert_failed(exploring.ending(), CODES.TIMED_OUT, remedy=ASK_FOR_LESS)
    assert_left_safe(robot)


def test_an_exploration_that_sees_nothing_any_more_ends_at_rest(stack, robot):
    sent = stack.operator.explore(coverage=1.0)
    sent.wait_feedback(3)
    with robot.silent(CAMERA):
        assert_failed(sent.ending(), CODES.NO_OBSERVATION, "no fresh observation: world_model/latent is")
        assert_left_safe(robot)


def test_an_exploration_of_a_robot_that_is_found_outside_its_limits_ends_at_rest(stack, robot):
    def beyond(state):
        state.position[1] = 3.0
        return state

    sent = stack.operator.explore(coverage=1.0)
    sent.wait_feedback(3)
    with robot.changing(JOINTS, beyond):
        assert_failed(sent.ending(), CODES.OUTSIDE_LIMITS, "the robot: position.elbow is 3.000", remedy=BRING_BACK)
        assert_left_safe(robot)
    robot.commands.clear()  # the stop names the place where the robot said to be, beyond what a judge lets pass


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"coverage": 1.5}, "coverage 1.5; allowed: above 0, up to 1, or 0 for 0.95"),
        ({"coverage": -0.1}, "coverage -0.1"),
        ({"coverage": float("nan")}, "coverage nan"),
        ({"speed_scale": 2.0}, "speed_scale 2; allowed"),
        ({"timeout": -1.0}, "timeout of -1 s"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(stack, robot, wrong, words):
    begin = len(robot.commands)
    assert_failed(stack.operator.explore(**wrong).ending(), CODES.INVALID_GOAL, words)
    assert len(robot.commands) == begin


def test_there_is_nothing_to_explore_for_where_nothing_is_remembered(stack, robot):
    with stack.setting("planner", learn=False):
        assert_failed(stack.operator.explore().ending(), CODES.INVALID_GOAL, "parameter learn is false")
