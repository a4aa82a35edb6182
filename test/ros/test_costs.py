"""What plans cost, as a parameter file composes it: shipped costs, and one of a package that a user installed."""

from __future__ import annotations

import signal

import numpy as np
import pytest
import yaml
from harness.goals import assert_reached, see
from harness.graph import Listener
from harness.packages import install_cost
from harness.robot import JOINTS
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import JointState

START, GOAL = (-0.9, 0.3), (0.9, 0.3)
MIDDLE = 0.2  # rad of the shoulder on either side of 0, where the region is
EDGE, SHY_OF = 0.45, 0.8  # rad of the elbow up to which the region reaches, and the user's cost
CORNER = 0.05  # rad, half the way of one period
THREE = {
    "cost.running_distance": 1.0,
    "cost.smoothness": 0.1,
    "cost.keep_out": 100.0,
    "keep_out": f"[{{box: {{position.shoulder: [-{MIDDLE}, {MIDDLE}], position.elbow: [-0.6, {EDGE}]}}}}]",
}
SHY = f"""
import torch


class Shyness:
    def __init__(self, contract):
        self.shoulder, self.elbow = map(contract.state_names.index, ("position.shoulder", "position.elbow"))

    def __call__(self, rollout):
        there = torch.exp(-((rollout.states[..., self.shoulder] / 0.25) ** 2))
        return (there * ({SHY_OF} - rollout.states[..., self.elbow]).clamp(min=0)).sum(dim=1)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return install_cost(tmp_path_factory.mktemp("packages"), "shy_costs", "shyness", "Shyness", SHY)


@pytest.fixture(scope="module")
def pair(start):
    """A robot and its world model; planners come and go."""
    stack, robot = start("/costs")
    stack.start("world_model")
    return stack, robot


@pytest.fixture
def drive(pair, processes, tmp_path):
    """Start a planner with a parameter file, lead the arm past the region to its goal, and return what it passed."""
    stack, robot = pair
    joints = Listener(stack.node, JointState, JOINTS, qos_profile_sensor_data)

    def drive(parameters, packages=""):
        file = tmp_path / "planner.yaml"
        file.write_text(yaml.safe_dump({"/**": {"ros__parameters": parameters}}))
        processes.environment["PYTHONPATH"] = str(packages)
        stack.start("planner", "--params-file", str(file))
        del processes.environment["PYTHONPATH"]
        stack.wait_ready()
        robot.place(*START)
        stack.wait_seen()
        begin = len(joints.messages)
        assert_reached(stack.operator.move(see(*GOAL)).ending(), robot, GOAL)
        return lowest_elbow(joints.messages[begin:])

    yield drive
    joints.close()
    stack.end("planner", signal.SIGINT)


def lowest_elbow(messages):
    """The least angle of the elbow (rad) while the shoulder was where the region is."""
    poses = np.array([[dict(zip(m.name, m.position))[joint] for joint in ("shoulder", "elbow")] for m in messages])
    return poses[np.abs(poses[:, 0]) < MIDDLE, 1].min()


def test_with_the_distance_alone_the_arm_goes_where_the_region_would_be(drive):
    assert drive({"cost.running_distance": 1.0}) < EDGE - CORNER


def test_three_costs_of_a_file_keep_the_arm_out_of_the_region_and_no_further(drive, site):
    """The user's cost, with the weight 0, has no say."""
    lowest = drive({**THREE, "cost.shyness": 0.0}, site)
    assert EDGE - CORNER < lowest < SHY_OF - 0.15


def test_a_fourth_of_a_user_s_package_keeps_it_further_away(pair, drive, site):
    assert drive({**THREE, "cost.shyness": 4.0}, site) > SHY_OF - 0.1
    weights = {name: pair[0].get("planner", name) for name in (*THREE, "cost.shyness")}
    assert weights == {**THREE, "cost.shyness": 4.0}
