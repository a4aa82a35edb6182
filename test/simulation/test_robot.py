"""The embedded robot sends what a driver would, when it would, and obeys commands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jepa_ros.contract import Contract, decode_image, load_contract
from jepa_ros.data.bags.messages import Messages
from jepa_ros.simulation.embedded import EMBEDDED
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.robot import SimulatedRobot
from jepa_ros.simulation.trajectory_follower import TrajectoryError

CONTRACTS = Path(__file__).parents[2] / "config/contracts"
PLANAR_ARM, FURNISHED_ROOM = CONTRACTS / "planar_arm.yaml", CONTRACTS / "furnished_room.yaml"
COMMAND = "arm_controller/joint_trajectory"
SECOND = 10**9


@pytest.fixture
def robot():
    return SimulatedRobot(load_contract(PLANAR_ARM), PlanarArm(seed=1))


def go_to(positions, seconds):
    point = {
        "positions": list(positions),
        "velocities": [0.0, 0.0],
        "accelerations": [],
        "effort": [],
        "time_from_start": {"sec": seconds, "nanosec": 0},
    }
    header = {"stamp": {"sec": 0, "nanosec": 0}, "frame_id": ""}
    return {"header": header, "joint_names": ["shoulder", "elbow"], "points": [point]}


def stamps(messages, topic):
    return np.array([message.stamp_ns for message in messages if message.topic == topic])


def test_pictures_come_thirty_times_and_joints_fifty_times_a_second(robot):
    messages = robot.advance(2.0)
    assert len(stamps(messages, "camera/image_raw")) == 61
    assert len(stamps(messages, "joint_states")) == 101
    assert np.all(np.abs(np.diff(stamps(messages, "camera/image_raw")) - SECOND / 30) < 2)


def test_messages_come_in_the_order_of_their_stamps_and_joints_before_the_picture_of_the_same_time(robot):
    messages = robot.advance(1.0)
    assert [message.stamp_ns for message in messages] == sorted(message.stamp_ns for message in messages)
    assert [message.topic for message in messages[:2]] == ["joint_states", "camera/image_raw"]


def test_how_time_is_cut_does_not_change_what_is_sent():
    contract = load_contract(PLANAR_ARM)
    whole, parts = (SimulatedRobot(contract, PlanarArm(seed=2)) for _ in range(2))
    first = whole.advance(0.5)
    second = [message for _ in range(50) for message in parts.advance(0.01)]
    assert [message[:2] + message[3:] for message in first] == [message[:2] + message[3:] for message in second]


def test_the_fields_make_valid_ros_messages_with_stamps_and_frames(robot):
    messages = Messages()
    for item in robot.advance(0.0):
        message = messages.deserialize(item.kind, messages.serialize(messages.build(item.kind, item.fields)))
        stamp = message.header.stamp
        assert stamp.sec * SECOND + stamp.nanosec == item.stamp_ns > 0
        if item.kind.endswith("Image"):
            assert message.header.frame_id == "camera"
            assert np.array_equal(decode_image(message), robot.body.image())
        else:
            assert list(message.position) == list(robot.body.position)
            assert len(message.velocity) == 2
            assert len(message.effort) == 0


def test_it_moves_where_a_trajectory_leads(robot):
    robot.advance(1.0)
    robot.receive(COMMAND, go_to((0.5, -0.5), 3))
    robot.advance(3.2)
    assert robot.body.position == pytest.approx([0.5, -0.5], abs=1e-3)


def test_it_obeys_real_messages_as_well_as_fields(robot):
    robot.receive(COMMAND, Messages().build("trajectory_msgs/msg/JointTrajectory", go_to((0.1, 0.2), 4)))
    robot.advance(4.2)
    assert robot.body.position == pytest.approx([0.1, 0.2], abs=1e-3)


def test_a_stamp_counts_in_the_robots_time():
    now_ns = 1_800_000_000 * SECOND
    robot = SimulatedRobot(load_contract(PLANAR_ARM), PlanarArm(seed=1), start_ns=now_ns)
    start = robot.body.position
    command = go_to((0.0, 0.0), 3)
    command["header"]["stamp"]["sec"] = now_ns // SECOND + 1
    robot.receive(COMMAND, command)
    robot.advance(1.0)
    assert robot.body.position == pytest.approx(start)
    robot.advance(3.2)
    assert robot.body.position == pytest.approx([0.0, 0.0], abs=1e-3)


def test_a_refused_command_says_why_and_does_not_move_it(robot):
    start = robot.body.position
    with pytest.raises(TrajectoryError, match="not finite"):
        robot.receive(COMMAND, go_to((float("nan"), 0.0), 1))
    robot.advance(1.0)
    assert robot.body.position == pytest.approx(start)


def base_of(fps):
    """The base at the start of a free straight way, under a contract of so many ticks per second."""
    text = FURNISHED_ROOM.read_text()
    assert "fps: 5" in text
    robot = SimulatedRobot(Contract.parse(text.replace("fps: 5", f"fps: {fps}")))
    robot.body.reset((0.41, 0.53))
    return robot


def forward(speed):
    return {"linear": {"x": speed, "y": 0.0, "z": 0.0}, "angular": {"x": 0.0, "y": 0.0, "z": 0.0}}


@pytest.mark.parametrize("fps", [2, 5, 10])
def test_a_base_rests_before_two_periods_have_brought_no_command_but_not_before_one_has(fps):
    robot = base_of(fps)
    robot.receive("cmd_vel", forward(0.5))
    robot.advance(1.4 / fps)
    assert robot.body.velocity == pytest.approx([0.5, 0.0])
    robot.advance(0.6 / fps)
    assert not robot.body.velocity.any()


def test_a_base_that_is_commanded_once_per_period_does_not_pause():
    robot, speeds = base_of(5), []
    for _ in range(10):
        robot.receive("cmd_vel", forward(0.3))
        messages = [message for message in robot.advance(0.2) if message.topic == "odom"]
        speeds += [message.fields["twist"]["twist"]["linear"]["x"] for message in messages]
    assert speeds[5:] == pytest.approx([0.3] * len(speeds[5:]))


@pytest.mark.parametrize("name", ["planar_arm", "process"])
def test_commands_that_say_how_they_end_or_are_to_last_know_no_timeout(name):
    robot = SimulatedRobot(load_contract(CONTRACTS / f"{name}.yaml"))
    assert all(control.rest is None for control in robot.body.controls())


def test_a_topic_that_it_does_not_listen_to_is_named_with_those_that_it_does(robot):
    with pytest.raises(ValueError, match=r"listens to \['arm_controller/joint_trajectory'\], not to cmd_vel"):
        robot.receive("cmd_vel", {})


def test_a_contract_for_another_kind_of_robot_is_refused():
    text = PLANAR_ARM.read_text().replace("sensor_msgs/msg/Image,", "sensor_msgs/msg/CompressedImage,")
    with pytest.raises(ValueError, match="camera/image_raw: the planar arm has no sensor_msgs/msg/CompressedImage"):
        SimulatedRobot(Contract.parse(text))


def test_the_contract_says_which_embedded_robot_it_is():
    for name in EMBEDDED:
        contract = load_contract(PLANAR_ARM.parent / f"{name}.yaml")
        assert SimulatedRobot(contract).body.name == name.replace("_", " ")


def test_an_unknown_robot_is_refused_with_the_names_of_those_that_exist():
    text = PLANAR_ARM.read_text().replace("robot_type: planar_arm", "robot_type: toaster")
    with pytest.raises(
        ValueError, match="no embedded robot is a 'toaster'; there are planar_arm, furnished_room, process"
    ):
        SimulatedRobot(Contract.parse(text))


def test_the_contract_names_the_topics_and_what_it_does_not_ask_for_keeps_its_own_name():
    text = (PLANAR_ARM.parent / "furnished_room.yaml").read_text()
    robot = SimulatedRobot(Contract.parse(text.replace("topic: odom", "topic: base/odometry")))
    assert set(robot.topics) == {"joint_states", "base/odometry", "camera/image_raw"}


def test_of_several_sensors_of_one_type_a_contract_must_ask_for_one_by_its_name():
    text = (PLANAR_ARM.parent / "process.yaml").read_text()
    with pytest.raises(
        ValueError, match="tank/depth: the process has no std_msgs/msg/Float64 of that name, only tank/"
    ):
        SimulatedRobot(Contract.parse(text.replace("topic: tank/level", "topic: tank/depth")))
