import pickle
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from jepa_ros.contract import Contract, ContractError, load_contract, read_values

# What recorders and policies of other packages use; a world model reads over most of it.
ROSETTA = """
robot_type: mobile_manipulator
robot_interface: ROS2
fps: 30.0
x-qos: {sensor: &sensor {reliability: best_effort, history: keep_last, depth: 50}}
observations:
  observation.images.front:
    channel: {topic: /front/image_raw/compressed, type: sensor_msgs/msg/CompressedImage, qos: *sensor}
    align: {strategy: hold, timeline: header}
    apply: [resize: [512, 640]]
  observation.state:
    - channel: {topic: /arm/joint_states, type: sensor_msgs/msg/JointState, qos: *sensor}
      align: {strategy: hold, timeline: header}
      select: [position.pan, elbow]
      apply: [rad2deg]
    - channel: {topic: /gripper/joint_states, type: sensor_msgs/msg/JointState, dtype: float64}
      align: {strategy: hold, timeline: header}
      select: [position.gripper]
    - channel: {topic: /odom, type: nav_msgs/msg/Odometry}
      align: {strategy: Hold, timeline: header}
      select: [twist.twist.linear.x, pose.covariance.35]
  observation.imu:
    channel: {topic: /imu, type: sensor_msgs/msg/Imu}
    align: {strategy: asof, timeline: header, tolerance_ms: 10}
    select: [orientation.x, orientation.y, orientation.z, orientation.w]
    kind: quaternion
  observation.cells:
    channel: {topic: /cells, type: std_msgs/msg/Float64MultiArray, dtype: float32}
    align: {strategy: drop, timeline: receive}
    select: [cell0, cell1]
  observation.load:
    channel: {topic: /load, type: std_msgs/msg/Float64}
    align: {strategy: hold, timeline: receive}
  observation.scale:
    channel: {topic: /scale, type: my_msgs/msg/Scale}
    align: {strategy: hold, timeline: header}
    select: [tray.weight]
actions:
  action:
    - channel: {topic: /arm/commands, type: sensor_msgs/msg/JointState, safety: hold}
      align: {strategy: hold, timeline: header}
      select: [position.pan, position.elbow]
      apply: [rad2deg]
    - channel: {topic: /gripper/command, type: std_msgs/msg/Float64, safety: hold}
      align: {strategy: hold, timeline: receive}
      select: [width]
      kind: binary
  action.base:
    channel: {topic: /cmd_vel, type: geometry_msgs/msg/TwistStamped, safety: zeros}
    align: {strategy: hold, timeline: header}
    select: [twist.linear.x, twist.angular.z]
    apply: [clamp: {min: -0.5, max: 0.5}]
tasks: {task: {channel: {topic: /prompt, type: std_msgs/msg/String}}}
rewards: {next.reward: {channel: {topic: /reward, type: std_msgs/msg/Float64}}}
teleop: {input: []}
adjunct: [{channel: {topic: /tf, type: tf2_msgs/msg/TFMessage}}]
"""


def test_the_planar_arm_says_what_it_says(arm, arm_text):
    assert arm.robot_type == "planar_arm"
    assert arm.fps == 10
    assert arm.period == 0.1
    assert arm.text == arm_text
    assert dict(arm.images) == {"observation.images.top": (64, 64)}
    assert arm.state_names == ("position.shoulder", "position.elbow")
    assert arm.action_names == ("velocity.shoulder", "velocity.elbow")
    assert arm.command.kind == "joint_velocity"
    assert arm.actions["action"].channel.safety == "hold"
    assert arm.actions["action"].channel.qos.reliability == "reliable"


def test_limits_follow_the_order_of_actions_and_find_their_positions(arm):
    limits = arm.limits
    np.testing.assert_array_equal(limits.low, [-1, -1])
    np.testing.assert_array_equal(limits.high, [1, 1])
    np.testing.assert_array_equal(limits.rate, [10, 10])
    np.testing.assert_array_equal(limits.position_low, [-2.6, -2.6])
    np.testing.assert_array_equal(limits.position_index, [0, 1])
    with pytest.raises(ValueError, match="read-only"):
        limits.low[0] = -100


def test_a_rosetta_contract_loads_unchanged():
    contract = Contract.parse(ROSETTA)
    assert contract.fps == 30
    assert dict(contract.images) == {"observation.images.front": (512, 640)}
    assert contract.state_names == (
        "position.pan",
        "elbow",
        "position.gripper",
        "twist.twist.linear.x",
        "pose.covariance.35",
        *(f"orientation.{axis}" for axis in "xyzw"),
        "cell0",
        "cell1",
        "data",
        "tray.weight",
    )
    assert contract.action_names == (
        "position.pan",
        "position.elbow",
        "width",
        "twist.linear.x",
        "twist.angular.z",
    )
    assert list(contract.actions) == ["action[0]", "action[1]", "action.base"]
    assert contract.command.kind == "direct"


def test_a_clamp_on_an_action_is_a_limit():
    limits = Contract.parse(ROSETTA).limits
    np.testing.assert_array_equal(limits.low, [-np.inf, -np.inf, -np.inf, -0.5, -0.5])


def test_a_clamp_before_a_change_of_units_limits_in_the_new_units(robot):
    contract = robot(
        ["position.a"], "sensor_msgs/msg/JointState", apply="apply: [clamp: {min: -3.0, max: 3.0}, rad2deg]"
    )
    assert contract.limits.high[0] == pytest.approx(np.rad2deg(3.0))


def test_selectors_that_occur_twice_are_told_apart_by_their_key():
    text = ROSETTA.replace("[twist.twist.linear.x, pose.covariance.35]", "[orientation.x]")
    contract = Contract.parse(text.replace("nav_msgs/msg/Odometry", "sensor_msgs/msg/Imu"))
    assert "observation.state[2]/orientation.x" in contract.state_names
    assert "observation.imu/orientation.x" in contract.state_names
    assert "orientation.y" in contract.state_names


def test_a_limit_may_be_named_by_the_end_of_its_selector(arm, arm_text):
    short = arm_text.replace("action.velocity.shoulder", "action.shoulder").replace(
        "state.position.elbow", "state.elbow"
    )
    np.testing.assert_array_equal(Contract.parse(short).limits.high, arm.limits.high)


def test_limits_of_a_commanded_position_are_those_of_the_action_and_of_the_state(robot):
    limits = robot(
        ["position.a"],
        "std_msgs/msg/Float64MultiArray",
        kind="joint_position",
        limits="action.a: {min: -2, rate: 3}, state.a: {min: -1.5, max: 1.0}",
    ).limits
    assert (limits.low[0], limits.high[0], limits.rate[0]) == (-1.5, 1.0, 3.0)
    assert limits.position_index[0] == 0


def test_a_contract_survives_pickling(arm):
    copy = pickle.loads(pickle.dumps(arm))
    assert copy.text == arm.text
    assert copy.difference(arm) is None


def test_a_file_with_a_byte_order_mark_and_windows_line_ends_loads(tmp_path, arm_text):
    path = tmp_path / "arm.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + arm_text.replace("\n", "\r\n").encode())
    assert load_contract(path).robot_type == "planar_arm"


def test_code_is_imported_only_where_it_was_allowed_by_name(arm_text, monkeypatch):
    text = arm_text.replace("topic: joint_states,", "topic: joint_states, decoder: 'arm_codecs:decode',")
    with pytest.raises(ContractError, match="would import code"):
        Contract.parse(text)
    with pytest.raises(ContractError, match="does not import"):
        Contract.parse(text, allow=["arm_codecs:decode"])
    codecs = ModuleType("arm_codecs")
    codecs.decode = lambda message, spec: [message.a, len(spec.names)]
    monkeypatch.setitem(sys.modules, "arm_codecs", codecs)
    contract = Contract.parse(text, allow=["arm_codecs:decode"])
    values = read_values(contract.observations["observation.state"], SimpleNamespace(a=3.0))
    np.testing.assert_array_equal(values, [3.0, 2.0])
