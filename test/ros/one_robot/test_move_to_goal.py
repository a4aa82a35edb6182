from __future__ import annotations

import time

import numpy as np
import pytest
from action_msgs.msg import GoalStatus
from harness.goals import (
    CODES,
    NEAR,
    assert_failed,
    assert_left_safe,
    assert_reached,
    assert_stopped_in_time,
    be,
    feel,
    image_at,
    see,
)
from harness.places import HOME
from harness.stack import values
from std_srvs.srv import Trigger

from jepa_ros.evaluation.legality import path, stops
from jepa_ros.ros.client.client import named_goal, wait_for
from jepa_ros.ros.wire.messages import seconds
from jepa_ros_interfaces.srv import EncodeImage, SaveGoal

THERE = (0.9, -0.1)
FAR = (-1.6, 1.6)


def test_a_goal_image_is_reached(robot, operator):
    assert_reached(operator.move(see(*THERE)).ending(), robot, THERE)
    assert_left_safe(robot)


def test_a_goal_state_is_reached_whatever_the_order_of_its_names(robot, operator):
    goal = be(*THERE)
    goal.state_names, goal.state = goal.state_names[::-1], goal.state[::-1]
    assert_reached(operator.move(goal).ending(), robot, THERE)


def test_a_goal_latent_is_reached(robot, operator):
    answer = operator.call(EncodeImage, "world_model/encode_image", image=image_at(THERE))
    assert_reached(operator.move(feel(answer.latent)).ending(), robot, THERE)


def test_a_saved_goal_is_reached(stack, robot, operator):
    robot.place(*THERE)
    stack.wait_seen()
    answer = operator.call(SaveGoal, "planner/save_goal", name="there")
    assert answer.success, answer.message
    robot.place(*HOME)
    stack.wait_seen()
    assert_reached(operator.move(named_goal("there")).ending(), robot, THERE)


def test_a_goal_image_of_another_size_and_encoding_is_reached(robot, operator):
    import cv2

    goal = see(*THERE)
    pixels = np.frombuffer(goal.image.data, np.uint8).reshape(480, 640, 3)
    small = cv2.cvtColor(cv2.resize(pixels, (320, 240), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGRA)
    goal.image.height, goal.image.width, goal.image.encoding, goal.image.step = 240, 320, "bgra8", 1280
    goal.image.data = small.tobytes()
    assert_reached(operator.move(goal).ending(), robot, THERE)


def test_a_goal_at_the_other_end_is_reached(robot, operator):
    assert_reached(operator.move(see(*FAR)).ending(), robot, FAR)


def test_who_is_there_already_stays(robot, operator):
    ending = operator.move(see(*HOME)).ending()
    assert_reached(ending, robot, HOME)
    assert ending.result.final_distance < 0.1


def test_feedback_tells_the_way_to_the_goal(robot, operator):
    sent = operator.move(see(*THERE))
    result = sent.ending().result
    told = sent.feedback
    assert len(told) >= 3
    assert {f.phase for f in told} <= {"moving", "settling"}
    assert [f.step for f in told] == sorted({f.step for f in told})
    assert told[-1].step <= result.steps
    assert all(np.isfinite(f.distance) and f.distance >= 0 for f in told)
    assert all(0 <= f.progress <= 1 and 0 < f.p_value <= 1 for f in told)
    assert told[0].progress < 0.3
    assert told[-1].progress > 0.7
    assert told[-1].distance < 0.5 * told[0].distance


def test_the_result_sums_the_motion_up(stack, robot, operator):
    sent = operator.move(see(*THERE))
    result = sent.ending().result
    commands = [command for command in robot.commands if not stops(command.message, robot.contract.period)]
    assert 0 < len(commands) <= result.steps
    assert result.replans >= result.steps
    assert result.steps * robot.contract.period <= seconds(result.elapsed) + 2 * robot.contract.period
    assert 0 <= result.final_distance < sent.feedback[0].distance
    assert values(stack.health("planner"))["last result"] == "reached"


def test_commands_come_once_per_period(robot, operator):
    operator.move(see(*FAR)).ending()
    intervals = np.diff([command.sent_ns for command in robot.commands]) * 1e-9
    assert np.median(intervals) == pytest.approx(robot.contract.period, rel=0.25)
    assert np.percentile(intervals, 10) > 0.5 * robot.contract.period


def test_a_share_of_the_speed_is_kept_to(robot, operator):
    assert_reached(operator.move(see(*THERE), speed_scale=0.4).ending(), robot, THERE)
    fastest = max(np.abs(path(command.message).velocities).max() for command in robot.commands)
    assert 0.2 < fastest <= 0.4 + 1e-6


def test_a_wide_tolerance_is_reached_sooner(robot, operator):
    ending = operator.move(see(*FAR), tolerance=0.5).ending()
    assert ending.result.error_code == CODES.NONE
    assert ending.result.final_distance <= 0.5
    assert np.abs(robot.position - FAR).max() > NEAR


def test_a_cancelled_motion_ends_at_rest(robot, operator):
    sent = operator.move(see(*FAR))
    sent.wait_feedback(3)
    now = time.time_ns()
    sent.cancel()
    ending = sent.ending()
    assert_stopped_in_time(robot, now)
    assert ending.status == GoalStatus.STATUS_CANCELED
    assert ending.result.error_code == CODES.CANCELED
    assert ending.result.error_msg == "canceled by a client; send the goal again to go on"
    assert_left_safe(robot)
    assert np.abs(robot.position - FAR).max() > NEAR


def test_a_new_goal_takes_over_from_the_old_one(robot, operator):
    old = operator.move(see(*FAR))
    old.wait_feedback(3)
    new = operator.move(see(*THERE))
    assert_failed(old.ending(), CODES.PREEMPTED, "newer goal")
    under_way = len(robot.commands)
    assert not any(stops(command.message, robot.contract.period) for command in robot.commands[:under_way])
    assert_reached(new.ending(), robot, THERE)
    assert_left_safe(robot)


def test_a_new_goal_keeps_the_rhythm_of_the_old_one(robot, operator):
    old = operator.move(see(*FAR))
    for _ in range(4):
        old.wait_feedback(3)
        old = operator.move(see(*FAR))
    assert_reached(old.ending(), robot, FAR)
    intervals = np.diff([command.sent_ns for command in robot.commands[:-1]]) * 1e-9
    assert intervals.min() > 0.5 * robot.contract.period


def test_a_new_goal_that_can_not_be_pursued_stops_the_robot(robot, operator):
    old = operator.move(see(*FAR))
    old.wait_feedback(3)
    assert_failed(operator.move(named_goal("nowhere")).ending(), CODES.INVALID_GOAL)
    assert_failed(old.ending(), CODES.PREEMPTED)
    assert_left_safe(robot)
    assert np.abs(robot.position - FAR).max() > NEAR


def test_of_many_goals_at_once_the_last_one_counts(robot, operator):
    crowd = [operator.move(see(*FAR)) for _ in range(8)]
    last = operator.move(see(*THERE))
    assert_reached(last.ending(), robot, THERE)
    for sent in crowd:
        assert_failed(sent.ending(), CODES.PREEMPTED)


def test_the_stop_service_ends_a_motion(robot, operator):
    operator.find(Trigger, "planner/stop")
    sent = operator.move(see(*FAR))
    sent.wait_feedback(3)
    now = time.time_ns()
    answer = operator.call(Trigger, "planner/stop")
    assert_stopped_in_time(robot, now)
    assert answer.success
    assert answer.message == "stopped"
    assert_failed(sent.ending(), CODES.PREEMPTED, "stop service")
    assert_left_safe(robot)


def test_the_stop_service_without_a_motion_sends_nothing(robot, operator):
    answer = operator.call(Trigger, "planner/stop")
    assert answer.success
    assert answer.message == "nothing was moving"
    robot.wait_images(5)
    assert robot.commands == []


def test_a_goal_that_is_not_reached_in_time_ends_so(robot, operator):
    sent = operator.move(see(*FAR), timeout=1.0)
    ending = sent.ending()
    assert_failed(ending, CODES.TIMED_OUT, "in time", "distance")
    assert 1.0 <= seconds(ending.result.elapsed) < 2.5
    assert_left_safe(robot)


def test_without_a_timeout_of_its_own_a_goal_has_the_node_s(stack, robot, operator):
    with stack.setting("planner", timeout=0.8):
        assert_failed(operator.move(see(*FAR), timeout=0.0).ending(), CODES.TIMED_OUT)


def test_a_joint_that_is_held_fast_is_never_a_success(robot, operator):
    robot.hold(0, 1)
    try:
        ending = operator.move(see(*THERE)).ending()
    finally:
        robot.hold()
    assert ending.result.error_code in (CODES.STUCK, CODES.SURPRISED)
    assert_left_safe(robot)


def test_no_progress_is_stuck(stack, robot, operator):
    with stack.setting("planner", stuck_after=1.0, surprised_after=60.0):
        robot.hold(0, 1)
        try:
            ending = operator.move(see(*THERE)).ending()
        finally:
            robot.hold()
    assert_failed(ending, CODES.STUCK, "no longer shrinks")
    assert_left_safe(robot)


def test_a_world_that_keeps_surprising_ends_a_motion(stack, robot, operator):
    with stack.setting("world_model", surprise_p_value=1.0):
        sent = operator.move(see(*FAR))
        ending = sent.ending()
    assert_failed(ending, CODES.SURPRISED, "in the way")
    assert "recovering" in {feedback.phase for feedback in sent.feedback}
    assert_left_safe(robot)


def test_parameters_set_while_the_node_runs_count_from_the_next_goal_on(stack, robot, operator):
    with stack.setting("planner", dwell=1.0):
        result = operator.move(see(*HOME)).ending().result
    assert result.error_code == CODES.NONE
    assert seconds(result.elapsed) >= 1.0


def test_diagnostics_tell_how_the_planner_is(stack, robot, operator):
    operator.move(see(*THERE)).ending()
    status = stack.health("planner", lambda status: status.message == "ready")
    found = values(status)
    assert status.level == b"\0"
    assert found["model"].startswith("planar_arm@")
    assert found["device"] == "cpu"
    assert 0 <= float(found["input age (s)"]) < 1
    assert 25 < float(found["input rate (Hz)"]) < 35
    assert int(found["latents lost"]) >= 0
    assert 0 < float(found["replan p50 (ms)"]) <= float(found["replan p95 (ms)"])
    assert 0 <= float(found["command jitter p50 (ms)"]) <= float(found["command jitter p99 (ms)"])
    assert int(found["commands sent"]) > 0
    assert found["last result"] == "reached"
    assert "last problem" in found


def test_diagnostics_say_when_the_robot_moves(stack, robot, operator):
    sent = operator.move(see(*FAR))
    stack.health("planner", lambda status: status.message == "moving")
    sent.cancel()
    wait_for(sent.done, 10.0, "the end of a motion")
