"""Exploring covers what the robot can do and never leaves what it may."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import Contract, load_contract
from jepa_ros.data.audit import coverage
from jepa_ros.data.exploration.explorer import Explorer

PLANAR_ARM = Path(__file__).parents[2] / "config/contracts/planar_arm.yaml"

BASE = """
robot_type: base
robot_interface: ros2
fps: 10
observations:
  observation.state:
    channel: {topic: odom, type: nav_msgs/msg/Odometry}
    align: {strategy: hold, timeline: receive}
    select: [twist.twist.linear.x, twist.twist.angular.z]
actions:
  action:
    channel: {topic: cmd_vel, type: geometry_msgs/msg/Twist, safety: zeros}
    align: {strategy: hold, timeline: receive}
    select: [linear.x, angular.z]
x-jepa:
  command: {kind: velocity}
  limits:
    action.linear.x: {min: -0.2, max: 0.8, rate: 1.0}
    action.angular.z: {min: -1.0, max: 1.0, rate: 3.0}
"""

POSITIONS = """
robot_type: arm
robot_interface: ros2
fps: 10
observations:
  observation.state:
    channel: {topic: joint_states, type: sensor_msgs/msg/JointState}
    align: {strategy: hold, timeline: receive}
    select: [position.a, position.b]
actions:
  action:
    channel: {topic: command, type: sensor_msgs/msg/JointState, safety: hold}
    align: {strategy: hold, timeline: receive}
    select: [position.a, position.b]
x-jepa:
  command: {kind: joint_position}
  limits:
    action.position.a: {min: -1.0, max: 2.0, rate: 1.5}
    action.position.b: {min: 0.0, max: 0.3, rate: 0.2}
"""


def explore_arm(minutes, seed=0):
    """Positions and commands (N, 2) of joints that do exactly what they are told."""
    contract = load_contract(PLANAR_ARM)
    explorer = Explorer(contract, seed)
    position, velocity = np.zeros(2), np.zeros(2)
    positions, commands = [], []
    for _ in range(round(minutes * 60 * contract.fps)):
        command = explorer.command(position, velocity)
        position = position + 0.5 * (velocity + command) * contract.period
        velocity = command
        positions.append(position)
        commands.append(command)
    return np.array(positions), np.array(commands)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_quarter_of_an_hour_visits_nine_tenths_of_the_joint_space(seed):
    positions, _ = explore_arm(15, seed)
    low, high = np.full(2, -2.6), np.full(2, 2.6)
    assert coverage(positions, low, high) >= 0.9


def test_no_command_leaves_the_limits_or_changes_faster_than_allowed():
    contract = load_contract(PLANAR_ARM)
    positions, commands = explore_arm(5)
    limits = contract.limits
    assert np.all((commands >= limits.low) & (commands <= limits.high))
    steps = np.diff(commands, axis=0, prepend=np.zeros((1, 2)))
    assert np.all(np.abs(steps) <= limits.rate * contract.period)
    assert np.abs(positions).max() <= 2.6 + 1e-9


def test_speeds_vary_from_rest_to_the_limit():
    _, commands = explore_arm(15)
    speed = np.abs(commands).max(axis=1)
    assert np.mean(speed < 0.02) > 0.02, "it rests at times"
    assert np.mean((speed > 0.02) & (speed < 0.15)) > 0.05, "small motions are there"
    assert np.mean(speed > 0.6) > 0.15, "and quick ones"


def test_motion_is_mostly_smooth_and_at_times_abrupt():
    _, commands = explore_arm(15)
    change = np.abs(np.diff(commands, axis=0)).max(axis=1)
    assert np.median(change) < 0.1
    assert np.quantile(change, 0.98) > 0.4


def test_the_same_seed_explores_alike_and_another_one_differs():
    assert np.array_equal(explore_arm(0.5, 3)[1], explore_arm(0.5, 3)[1])
    assert not np.array_equal(explore_arm(0.5, 3)[1], explore_arm(0.5, 4)[1])


def test_a_mobile_base_goes_through_all_its_velocities():
    contract = Contract.parse(BASE)
    explorer = Explorer(contract, seed=0)
    previous, commands = np.zeros(2), []
    for _ in range(6000):
        previous = explorer.command(np.zeros(2), previous)
        commands.append(previous)
    commands = np.array(commands)
    assert np.all((commands >= contract.limits.low) & (commands <= contract.limits.high))
    assert coverage(commands, contract.limits.low, contract.limits.high) > 0.8
    assert np.mean(np.all(np.abs(commands) < 0.01, axis=1)) > 0.005, "it stands still at times"


def test_commanded_positions_cover_their_range_without_a_jump():
    contract = Contract.parse(POSITIONS)
    explorer = Explorer(contract, seed=0)
    state = np.array([0.5, 0.1])
    previous, commands = np.full(2, np.nan), [state]
    for _ in range(9000):
        previous = state = explorer.command(state, previous)
        commands.append(previous)
    commands = np.array(commands)
    assert np.all(np.abs(np.diff(commands, axis=0)) <= contract.limits.rate * contract.period)
    assert coverage(commands, contract.limits.low, contract.limits.high) >= 0.9


def test_an_action_without_a_range_cannot_be_explored_and_is_named():
    contract = Contract.parse(BASE.replace("min: -0.2, max: 0.8, rate: 1.0", "max: 0.8"))
    with pytest.raises(ValueError, match=r"min and max in the limits of linear\.x$"):
        Explorer(contract)
