from __future__ import annotations

import signal
import time

import numpy as np
import pytest
from harness.goals import NEAR, image_at
from harness.graph import Listener
from harness.places import CONTRACT
from harness.stack import values
from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import JointState

from jepa_ros.ros.client.client import image_goal
from jepa_ros.ros.wire.messages import seconds, stamp_ns
from jepa_ros_interfaces.action import MoveToGoal
from jepa_ros_interfaces.msg import LatentState

SPEED = 0.5
THERE = (0.3, -0.4)


@pytest.fixture(scope="module")
def stack(graph, processes, make_stack):
    """The embedded robot, half as fast as real time, and nodes that live by its clock."""
    stack = make_stack("/simulated")
    stack.start_bare("simulator", "-p", f"contract:={CONTRACT}", "-p", "publish_clock:=true", "-p", f"speed:={SPEED}")
    stack.start("container", use_sim_time="true")
    stack.wait_ready()
    return stack


@pytest.fixture(scope="module")
def joints(stack):
    return Listener(stack.node, JointState, "joint_states", qos_profile_sensor_data)


def test_simulated_time_begins_near_zero_and_runs_at_the_chosen_speed(stack, joints):
    clocks = Listener(stack.node, Clock, "/clock", 100)
    first, begin = clocks.next().clock, time.monotonic()
    joints.take(100)
    last, end = clocks.messages[-1].clock, time.monotonic()
    assert first.sec < 600
    assert seconds(last) - seconds(first) == pytest.approx(SPEED * (end - begin), rel=0.25)
    clocks.close()


def test_latents_carry_simulated_stamps(stack):
    latents = Listener(stack.node, LatentState, "world_model/latent")
    assert 0 < stamp_ns(latents.next().header) < 600e9
    latents.close()


def test_diagnostics_age_by_simulated_time(stack):
    status = stack.health("world_model")
    assert 0 <= float(values(status)["input age (s)"]) < 1
    assert 25 < float(values(status)["input rate (Hz)"]) < 35


def test_a_goal_is_reached_in_simulated_time(stack, joints):
    sent = stack.operator.move(image_goal(image_at(THERE)), timeout=30.0)
    result = sent.ending().result
    assert result.error_code == MoveToGoal.Result.NONE, result.error_msg
    state = joints.next()
    position = [state.position[list(state.name).index(name)] for name in ("shoulder", "elbow")]
    assert np.abs(np.array(position) - THERE).max() < NEAR
    assert result.steps * 0.1 == pytest.approx(seconds(result.elapsed), abs=1.0)


def test_a_simulator_that_is_told_to_end_does_so_cleanly(stack):
    assert stack.end("simulator", signal.SIGINT) == 0
    assert "Traceback" not in stack.log("simulator")


def test_nodes_say_how_they_are_while_simulated_time_stands_still(stack, joints):
    if stack.lives("simulator"):
        stack.end("simulator", signal.SIGINT)
    for node in ("world_model", "planner"):
        assert 0 <= float(values(stack.health(node))["input age (s)"]) < 10


def test_nodes_that_lived_by_simulated_time_end_cleanly(stack):
    assert stack.end("container", signal.SIGINT) == 0
    assert "Traceback" not in stack.log("container")
