from __future__ import annotations

import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
from harness.goals import assert_left_safe, assert_reached, rgb, see
from harness.places import CONTRACT, HOME, MODEL
from harness.robot import CAMERA
from harness.stack import values
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

THERE = (0.9, -0.1)
FAR = (-1.6, 1.6)
PARAMETERS = """\
/**:
  ros__parameters:
    contract: {contract}
    model: {model}
    memory: {memory}
    dwell: 0.25
    qos_overrides:
      /both/camera/image_raw:
        subscription:
          reliability: best_effort
"""


@pytest.fixture(scope="module")
def parameters(tmp_path_factory) -> Path:
    """A parameter file as a user writes it, good in any namespace."""
    folder = tmp_path_factory.mktemp("container")
    file = folder / "params.yaml"
    file.write_text(PARAMETERS.format(contract=CONTRACT, model=MODEL, memory=folder))
    return file


def small(image: Image) -> Image:
    """Full-size images get lost on a busy machine where nobody sends them again."""
    pixels = np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)
    return rgb(cv2.resize(pixels, (160, 120), interpolation=cv2.INTER_AREA), image.header)


@pytest.fixture(scope="module")
def pair(start, parameters):
    """World model and planner in one process, with all that they need from the file, and a best-effort camera."""
    stack, robot = start("/both")
    robot.replace_publisher(CAMERA, Image, qos_profile_sensor_data)
    with robot.changing(CAMERA, small):
        stack.start_bare("container", "--params-file", str(parameters))
        stack.wait_ready()
        yield stack, robot


@pytest.fixture
def robot(pair):
    pair[1].wait_at_rest()
    pair[1].place(*HOME)
    return pair[1]


@pytest.fixture
def stack(pair):
    return pair[0]


def test_both_nodes_in_one_process_reach_a_goal(stack, robot):
    assert_reached(stack.operator.move(see(*THERE)).ending(), robot, THERE)


def test_a_parameter_file_counts_in_a_namespace(stack, robot):
    assert stack.get("planner", "dwell") == 0.25
    assert stack.get("world_model", "contract") == str(CONTRACT)


def test_a_quality_of_service_that_a_user_overrides_is_kept(stack, robot):
    """The contract asks for a reliable camera; this one is not, and is seen all the same."""
    name = "qos_overrides./both/camera/image_raw.subscription.reliability"
    assert stack.get("world_model", name) == "best_effort"
    assert 20 < float(values(stack.health("world_model", lambda s: s.message == "encoding"))["input rate (Hz)"]) < 40


def test_each_node_has_a_life_of_its_own(stack, robot):
    assert stack.change("planner", "deactivate")
    assert (stack.state("planner"), stack.state("world_model")) == ("inactive", "active")
    assert stack.change("planner", "cleanup")
    assert stack.change("planner", "configure")
    assert stack.change("planner", "activate")
    assert_reached(stack.operator.move(see(*THERE)).ending(), robot, THERE)


def test_a_process_that_is_told_to_end_leaves_the_robot_at_rest(stack, robot):
    sent = stack.operator.move(see(*FAR))
    sent.wait_feedback(4)
    assert stack.end("container", signal.SIGTERM) == 0
    assert_left_safe(robot)
    assert "Traceback" not in stack.log("container")
