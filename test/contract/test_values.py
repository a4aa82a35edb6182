import array
from types import SimpleNamespace

import numpy as np
import pytest

from jepa_ros.contract import Contract, StreamError, UnrelatedMessage, read_values


@pytest.fixture
def state(arm):
    return arm.observations["observation.state"]


def entry(select, type_, apply=""):
    timeline = "header" if type_.startswith("sensor_msgs") or type_.endswith("Stamped") else "receive"
    text = f"""
robot_type: test
robot_interface: ros2
fps: 10
observations:
  observation.state:
    channel: {{topic: stream, type: {type_}}}
    align: {{strategy: hold, timeline: {timeline}}}
    {f"select: [{select}]" if select else ""}
    {apply}
actions:
  action:
    channel: {{topic: command, type: std_msgs/msg/Float64}}
    align: {{strategy: hold, timeline: receive}}
"""
    return Contract.parse(text).observations["observation.state"]


def test_joints_are_found_by_name_in_any_order(state, joint_state):
    np.testing.assert_array_equal(read_values(state, joint_state(["elbow", "base", "shoulder"], [1, 2, 3])), [3, 1])
    np.testing.assert_array_equal(read_values(state, joint_state(["shoulder", "elbow"], [4, 5])), [4, 5])


def test_velocity_and_effort_may_be_empty_where_nobody_asks_for_them(state, joint_state):
    assert read_values(state, joint_state(["shoulder", "elbow"], [1, 2], [], [])).dtype == np.float64


def test_arrays_of_rclpy_are_read_too(state):
    message = SimpleNamespace(name=["elbow", "shoulder"], position=array.array("d", [1.0, 2.0]))
    np.testing.assert_array_equal(read_values(state, message), [2, 1])


@pytest.mark.parametrize(
    ("name", "position", "words"),
    [
        (["shoulder"], [1], "joint_states: position.elbow not in the message, which names shoulder"),
        (["shoulder", "elbow"], [1], "position.elbow is missing: position has 1 values for 2 names"),
        (["shoulder", "elbow"], [], "position.shoulder is missing"),
        (["shoulder", "elbow"], [1, np.nan], "joint_states: position.elbow is nan"),
        (["shoulder", "elbow"], [np.inf, 1], "joint_states: position.shoulder is inf"),
        (["shoulder", "elbow", "elbow"], [1, 2, 3], "elbow named more than once"),
        ([], [], "not in the message, which names nothing"),
    ],
)
def test_bad_joints_are_named(state, joint_state, name, position, words):
    with pytest.raises(StreamError) as caught:
        read_values(state, joint_state(name, position))
    assert words in str(caught.value)


def test_a_message_without_names_is_refused_even_before_any_other(joint_state):
    with pytest.raises(StreamError, match="names nothing"):
        read_values(entry("position.a", "sensor_msgs/msg/JointState"), joint_state([], []))


def test_a_bad_message_leaves_no_trace_for_the_next_good_one(state, joint_state):
    read_values(state, joint_state(["shoulder", "elbow"], [1, 2]))
    with pytest.raises(StreamError):
        read_values(state, joint_state(["elbow"], [1]))
    np.testing.assert_array_equal(read_values(state, joint_state(["elbow", "shoulder"], [1, 2])), [2, 1])


def test_joints_of_another_publisher_on_the_same_topic_can_be_told_from_broken_ones(state, joint_state):
    with pytest.raises(UnrelatedMessage):
        read_values(state, joint_state(["gripper"], [0.1]))


def test_the_first_point_of_a_trajectory_counts(arm, types, header):
    duration = types["builtin_interfaces/msg/Duration"](sec=0, nanosec=1)
    point = types["trajectory_msgs/msg/JointTrajectoryPoint"]
    nothing = np.zeros(0)
    points = [
        point(nothing, np.array([0.1, 0.2]), nothing, nothing, duration),
        point(nothing, np.array([9.0, 9.0]), nothing, nothing, duration),
    ]
    trajectory = types["trajectory_msgs/msg/JointTrajectory"]
    action = arm.actions["action"]
    message = trajectory(header, ["elbow", "shoulder"], points)
    np.testing.assert_array_equal(read_values(action, message), [0.2, 0.1])
    with pytest.raises(StreamError, match="no point"):
        read_values(action, trajectory(header, ["elbow", "shoulder"], []))
    empty = point(np.array([1.0, 2.0]), nothing, nothing, nothing, duration)
    with pytest.raises(StreamError, match=r"velocity\.shoulder is missing: velocities has 0 values"):
        read_values(action, trajectory(header, ["elbow", "shoulder"], [empty]))


def test_imu_odometry_and_twist_are_read_by_dotted_path(plain):
    imu = entry("orientation.w, angular_velocity.z", "sensor_msgs/msg/Imu")
    message = plain(orientation={"w": 1.0}, angular_velocity={"z": 0.5})
    np.testing.assert_array_equal(read_values(imu, message), [1.0, 0.5])
    odometry = entry("twist.twist.linear.x, pose.covariance.7", "nav_msgs/msg/Odometry")
    message = plain(twist={"twist": {"linear": {"x": 2.0}}}, pose={"covariance": np.arange(36.0), "pose": {}})
    np.testing.assert_array_equal(read_values(odometry, message), [2.0, 7.0])


def test_a_plain_number_needs_no_selector(plain):
    np.testing.assert_array_equal(read_values(entry("", "std_msgs/msg/Float32"), plain(data=2.5)), [2.5])
    np.testing.assert_array_equal(read_values(entry("closed", "std_msgs/msg/Bool"), plain(data=True)), [1.0])


def test_labels_of_an_array_stand_for_the_whole_of_it(plain):
    cells = entry("left, right", "std_msgs/msg/Float64MultiArray")
    np.testing.assert_array_equal(read_values(cells, plain(data=np.array([1.0, 2.0]))), [1, 2])
    with pytest.raises(StreamError, match=r"expected exactly 2 values \(left, right\), found 3 values"):
        read_values(cells, plain(data=np.zeros(3)))


def test_indices_pick_out_of_an_array(plain):
    picked = entry("data.2, '0'", "std_msgs/msg/Float64MultiArray")
    np.testing.assert_array_equal(read_values(picked, plain(data=array.array("d", [1, 2, 3]))), [3, 1])
    with pytest.raises(StreamError, match=r"data\.2 is missing: data has 2 values"):
        read_values(picked, plain(data=np.zeros(2)))


def test_a_joystick_has_axes_and_buttons(plain):
    joy = entry("'1', buttons.0", "sensor_msgs/msg/Joy")
    np.testing.assert_array_equal(read_values(joy, plain(axes=[0.1, 0.2], buttons=[1])), [0.2, 1.0])


def test_any_numeric_message_is_read_by_dotted_path_and_what_exists_is_named(plain, types):
    scale = entry("tray.weight, cells.1", "my_msgs/msg/Scale")
    message = plain(tray={"weight": 3.0}, cells=[1.0, 2.0])
    np.testing.assert_array_equal(read_values(scale, message), [3.0, 2.0])
    with pytest.raises(StreamError, match=r"stream: cells\.1: there are 1 elements, not 2"):
        read_values(scale, plain(tray={"weight": 3.0}, cells=[1.0]))
    vector = types["geometry_msgs/msg/Vector3"](x=1.0, y=2.0, z=3.0)
    twist = types["geometry_msgs/msg/Twist"](linear=vector, angular=vector)
    with pytest.raises(StreamError, match="Twist has no 'lin'; it has linear, angular"):
        read_values(entry("lin.x", "my_msgs/msg/Twist"), twist)
    with pytest.raises(StreamError, match=r"linear is .*Vector3 with x, y, z, not a number"):
        read_values(entry("linear", "my_msgs/msg/Twist"), twist)


def test_text_that_looks_like_a_number_is_none(plain):
    with pytest.raises(StreamError, match="str, not a number"):
        read_values(entry("value", "my_msgs/msg/Text"), plain(value="3"))


def test_apply_brings_values_to_contract_units(joint_state):
    degrees = entry("position.a", "sensor_msgs/msg/JointState", "apply: [rad2deg, clamp: {min: -90, max: 90}]")
    np.testing.assert_allclose(read_values(degrees, joint_state(["a"], [np.pi / 4])), [45])
    np.testing.assert_allclose(read_values(degrees, joint_state(["a"], [np.pi])), [90])


def test_reading_changes_neither_the_message_nor_an_earlier_result(state, joint_state):
    message = joint_state(["shoulder", "elbow"], [1, 2])
    first = read_values(state, message)
    first[0] = 9
    np.testing.assert_array_equal(message.position, [1, 2])
    np.testing.assert_array_equal(read_values(state, message), [1, 2])
