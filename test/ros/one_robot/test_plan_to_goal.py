from __future__ import annotations

import time

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from harness.goals import CODES, assert_failed, assert_reached, be, see
from harness.places import HOME
from harness.robot import COMMANDS
from trajectory_msgs.msg import JointTrajectory

from jepa_ros.evaluation.legality import path
from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.wire.messages import seconds

THERE = (0.7, -0.3)
FAR = (-1.6, 1.6)
SLACK = 0.5  # s that one more iteration, and telling about it, may take on a busy machine


@pytest.fixture
def controller(stack):
    """The topic of the robot's joint_trajectory_controller."""
    publisher = stack.node.create_publisher(JointTrajectory, COMMANDS, 1)
    wait_for(publisher.get_subscription_count, 10.0, "the robot's controller")
    yield publisher
    stack.node.destroy_publisher(publisher)


def test_a_plan_tells_commands_and_what_they_will_bring(robot, operator, contract, model):
    ending = operator.plan(see(*THERE), 0.2).ending()
    result, prediction = ending.result, ending.result.prediction
    assert ending.status == GoalStatus.STATUS_SUCCEEDED
    assert (result.error_code, result.error_msg) == (CODES.NONE, "")
    assert prediction.model == model.name
    assert prediction.horizon == 8
    assert (prediction.tokens, prediction.dim) == (model.architecture.tokens, model.architecture.latent_size)
    assert len(prediction.data) == prediction.horizon * prediction.tokens * prediction.dim
    assert np.isfinite(prediction.data).all()
    assert tuple(prediction.action_names) == contract.action_names
    assert len(prediction.actions) == prediction.horizon * len(contract.action_names)
    assert seconds(prediction.step) == pytest.approx(contract.period)
    assert prediction.header.frame_id == "camera"
    assert 0 <= result.final_distance < 0.3 * result.start_distance


def test_nothing_moves_while_a_plan_is_made(robot, operator):
    operator.plan(see(*FAR), 0.2).ending()
    robot.wait_images(5)
    assert robot.commands == []
    np.testing.assert_allclose(robot.position, HOME, atol=1e-6)


def test_a_plan_is_legal(robot, operator, contract):
    result = operator.plan(see(*FAR), 0.2).ending().result
    actions = np.array(result.prediction.actions).reshape(-1, len(contract.action_names))
    steps = np.diff(actions, axis=0, prepend=np.zeros((1, actions.shape[1])))
    limits = contract.limits
    assert (actions >= limits.low - 1e-6).all()
    assert (actions <= limits.high + 1e-6).all()
    assert (np.abs(steps) <= limits.rate * contract.period + 1e-6).all()


def test_a_plan_s_trajectory_says_the_same_as_its_commands(robot, operator, contract):
    result = operator.plan(see(*THERE), 0.2).ending().result
    horizon = result.prediction.horizon
    times, _, velocities = path(result.trajectory)
    np.testing.assert_allclose(velocities[:horizon].flatten(), result.prediction.actions, atol=1e-6)
    np.testing.assert_allclose(times[:horizon], contract.period * np.arange(1, horizon + 1), atol=1e-9)
    assert list(result.trajectory.joint_names) == ["shoulder", "elbow"]
    assert not velocities[-1].any()


def test_a_plan_s_trajectory_can_be_given_to_the_controller_and_leads_to_the_goal(robot, operator, controller):
    """The judge of commands looks at it, too."""
    result = operator.plan(be(*THERE), 0.5).ending().result
    controller.publish(result.trajectory)
    wait_for(lambda: len(robot.commands) == 1, 10.0, "the trajectory at the robot")
    robot.wait_images(45)
    robot.wait_at_rest()
    assert robot.refused == []
    np.testing.assert_allclose(robot.position, path(result.trajectory).positions[-1], atol=0.01)
    assert np.abs(robot.position - THERE).max() < 0.15


def test_planning_tells_how_it_gets_better(robot, operator):
    sent = operator.plan(see(*THERE), 0.5)
    result = sent.ending().result
    told = sent.feedback
    assert [f.iteration for f in told] == sorted({f.iteration for f in told})
    assert told[-1].iteration > 5
    assert all(np.isfinite(f.best_distance) and f.best_distance >= 0 for f in told)
    assert told[-1].best_distance < 0.5 * result.start_distance


@pytest.mark.parametrize("budget", [0.1, 1.0])
def test_planning_takes_the_time_it_is_given(robot, operator, budget):
    result = operator.plan(see(*THERE), budget).ending().result
    assert 0.5 * budget < seconds(result.planning_time) < budget + SLACK


def test_without_a_budget_of_its_own_a_goal_has_the_node_s(stack, robot, operator):
    with stack.setting("planner", time_budget=0.3):
        result = operator.plan(see(*THERE)).ending().result
    assert 0.15 < seconds(result.planning_time) < 0.3 + SLACK


def test_a_robot_that_is_there_already_plans_to_stay(robot, operator, contract):
    result = operator.plan(be(*HOME), 0.5).ending().result
    assert result.start_distance < 0.1
    positions = path(result.trajectory).positions
    assert np.abs(positions - HOME).max() < 0.1


def test_planning_can_be_cancelled(robot, operator):
    sent = operator.plan(see(*THERE), 30.0)
    sent.wait_feedback(3)
    cancelled = time.monotonic()
    sent.cancel()
    ending = sent.ending()
    assert time.monotonic() - cancelled < 5.0
    assert ending.status == GoalStatus.STATUS_CANCELED
    assert ending.result.error_code == CODES.CANCELED


def test_a_new_wish_for_a_plan_takes_over(robot, operator):
    old = operator.plan(see(*FAR), 30.0)
    old.wait_feedback(3)
    new = operator.plan(see(*THERE), 0.1)
    assert_failed(old.ending(), CODES.PREEMPTED, "newer goal")
    assert new.ending().result.error_code == CODES.NONE


def test_planning_does_not_disturb_a_motion(robot, operator):
    motion = operator.move(see(*FAR))
    motion.wait_feedback(3)
    plan = operator.plan(see(*THERE), 0.3).ending().result
    assert plan.error_code == CODES.NONE
    assert_reached(motion.ending(), robot, FAR)
