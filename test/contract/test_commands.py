import numpy as np
import pytest

from jepa_ros.contract import Contract, Motion, encode_action, read_values, safety_command

TRAJECTORY = "arm_controller/joint_trajectory"
STATE = np.array([0.1, 0.2])


def seconds(duration):
    return duration["sec"] + duration["nanosec"] * 1e-9


def test_a_joint_velocity_becomes_a_path_that_ends_in_a_stop(arm):
    start = Motion(command=np.array([0.0, 0.5]), position=STATE)
    type_, fields = encode_action(arm, np.array([0.5, 1.0]), STATE, start)[TRAJECTORY]
    assert type_ == "trajectory_msgs/msg/JointTrajectory"
    assert fields["joint_names"] == ["shoulder", "elbow"]
    assert fields["header"] == {"stamp": {"sec": 0, "nanosec": 0}, "frame_id": ""}
    times = [seconds(point["time_from_start"]) for point in fields["points"]]
    np.testing.assert_allclose(times, [0.1, 0.15, 0.2])
    velocities = [point["velocities"] for point in fields["points"]]
    np.testing.assert_allclose(velocities, [[0.5, 1.0], [0.0, 0.5], [0.0, 0.0]], atol=1e-12)
    positions = [point["positions"] for point in fields["points"]]
    np.testing.assert_allclose(positions, [[0.125, 0.275], [0.1375, 0.3125], [0.1375, 0.325]])


def test_at_rest_one_point_is_enough(arm):
    fields = encode_action(arm, np.zeros(2), STATE)[TRAJECTORY][1]
    assert len(fields["points"]) == 1
    np.testing.assert_array_equal(fields["points"][0]["positions"], STATE)


def test_each_joint_brakes_at_its_own_rate(arm_text):
    slow = Contract.parse(arm_text.replace("max: 1.0, rate: 10.0", "max: 1.0, rate: 2.0", 1))
    points = encode_action(slow, np.array([0.5, 0.5]), STATE)[TRAJECTORY][1]["points"]
    times = [seconds(point["time_from_start"]) for point in points]
    np.testing.assert_allclose(times, [0.1, 0.15, 0.35])
    np.testing.assert_allclose(points[1]["velocities"], [0.4, 0.0], atol=1e-12)


def test_a_joint_without_rate_limit_is_stopped_quickly_all_the_same(arm_text):
    free = Contract.parse(arm_text.replace(", rate: 10.0", ""))
    points = encode_action(free, np.array([0.5, 0.0]), STATE)[TRAJECTORY][1]["points"]
    assert seconds(points[1]["time_from_start"]) == pytest.approx(0.12)


def test_what_was_sent_is_read_back_as_the_action(arm, types):
    fields = encode_action(arm, np.array([0.3, -0.7]), STATE)[TRAJECTORY][1]
    stamp = types["builtin_interfaces/msg/Time"](**fields["header"]["stamp"])
    header = types["std_msgs/msg/Header"](stamp, fields["header"]["frame_id"])
    point = types["trajectory_msgs/msg/JointTrajectoryPoint"]
    points = [point(**fields) for fields in fields["points"]]
    message = types["trajectory_msgs/msg/JointTrajectory"](header, fields["joint_names"], points)
    np.testing.assert_allclose(read_values(arm.actions["action"], message), [0.3, -0.7])


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ([np.nan, 0], "velocity.shoulder = nan is not within -1 … 1"),
        ([0, np.inf], "velocity.elbow = inf"),
        ([0, 1.01], "velocity.elbow = 1.01"),
        ([-2, 0], "velocity.shoulder = -2"),
        ([0], "shape"),
    ],
)
def test_an_illegal_action_is_never_encoded(arm, action, words):
    with pytest.raises(ValueError, match=words):
        encode_action(arm, np.array(action), STATE)


def test_a_path_from_nowhere_is_never_encoded(arm):
    for state in (None, np.array([0.0, np.nan])):
        with pytest.raises(ValueError, match="nobody knows where"):
            encode_action(arm, np.zeros(2), state)


def test_hold_brakes_and_stays(arm):
    moving = Motion(command=np.array([1.0, -0.5]), position=STATE)
    fields = safety_command(arm, STATE, moving)[TRAJECTORY][1]
    last = fields["points"][-1]
    np.testing.assert_allclose(last["positions"], [0.1 + 0.05, 0.2 - 0.0125])
    np.testing.assert_array_equal(last["velocities"], [0, 0])
    assert seconds(last["time_from_start"]) == pytest.approx(0.1)


def test_what_nobody_commanded_and_nobody_sees_is_left_alone(arm):
    assert safety_command(arm, None) == {}


def test_degrees_go_out_as_radians(robot):
    contract = robot(
        ["velocity.a"],
        "trajectory_msgs/msg/JointTrajectory",
        kind="joint_velocity",
        apply="apply: [rad2deg]",
        limits="action.a: {min: -90, max: 90, rate: 900}",
    )
    fields = encode_action(contract, np.array([90.0]), np.array([45.0]))["command"][1]
    assert fields["points"][0]["velocities"] == pytest.approx([np.pi / 2])
    assert fields["points"][0]["positions"] == pytest.approx([np.deg2rad(45 + 4.5)])


def test_joint_velocities_for_a_forward_controller(robot):
    contract = robot(["velocity.a", "velocity.b"], "std_msgs/msg/Float64MultiArray", kind="joint_velocity")
    type_, fields = encode_action(contract, np.array([1.0, -2.0]), np.zeros(1))["command"]
    assert type_ == "std_msgs/msg/Float64MultiArray"
    assert fields == {"layout": {"dim": [], "data_offset": 0}, "data": [1.0, -2.0]}
    moving = Motion(command=np.array([1.0, -2.0]), position=np.zeros(2))
    assert safety_command(contract, np.zeros(1), moving)["command"][1]["data"] == [0.0, 0.0]


def test_indices_go_to_their_place_in_the_array(robot):
    contract = robot(["data.1", "data.0"], "std_msgs/msg/Float64MultiArray")
    assert encode_action(contract, np.array([1.0, 2.0]), np.zeros(1))["command"][1]["data"] == [2.0, 1.0]


def test_a_commanded_position_is_one_point_a_period_away_and_is_held(robot):
    contract = robot(["position.a"], "trajectory_msgs/msg/JointTrajectory", kind="joint_position")
    fields = encode_action(contract, np.array([0.7]), np.array([0.6]))["command"][1]
    assert fields["points"][0]["positions"] == [0.7]
    assert fields["points"][0]["velocities"] == []
    assert seconds(fields["points"][0]["time_from_start"]) == pytest.approx(0.1)
    held = Motion(command=np.array([0.65]), position=np.array([0.65]))
    assert safety_command(contract, np.array([0.6]), held)["command"][1]["points"][0]["positions"] == [0.65]


def test_a_mobile_base_is_driven_by_twists(robot):
    contract = robot(
        ["twist.linear.x", "twist.angular.z"],
        "geometry_msgs/msg/TwistStamped",
        kind="velocity",
        limits="action.linear.x: {min: -0.5, max: 0.5}",
    )
    fields = encode_action(contract, np.array([0.4, -1.0]), np.zeros(1), stamp_ns=3_000_000_007)["command"][1]
    assert fields["header"]["stamp"] == {"sec": 3, "nanosec": 7}
    assert fields["twist"]["linear"] == {"x": 0.4, "y": 0.0, "z": 0.0}
    assert fields["twist"]["angular"] == {"x": 0.0, "y": 0.0, "z": -1.0}
    moving = Motion(command=np.array([0.4, -1.0]), position=np.full(2, np.nan))
    assert safety_command(contract, np.zeros(1), moving)["command"][1]["twist"]["linear"]["x"] == 0.0


def test_a_twist_without_header_has_none(robot):
    contract = robot(["linear.x"], "geometry_msgs/msg/Twist", kind="velocity")
    fields = encode_action(contract, np.array([0.4]), np.zeros(1), stamp_ns=7)["command"][1]
    assert set(fields) == {"linear", "angular"}


def test_direct_values_are_repeated_by_hold_and_zeroed_by_zeros(robot):
    last = Motion(command=np.array([0.3]), position=np.array([np.nan]))
    hold = robot(["position.a"], "sensor_msgs/msg/JointState")
    assert safety_command(hold, np.zeros(1), last)["command"][1]["position"] == [0.3]
    zeros = robot(["position.a"], "sensor_msgs/msg/JointState", safety="zeros", limits="action.a: {min: 0.2}")
    assert safety_command(zeros, np.zeros(1), last)["command"][1]["position"] == [0.2]
    none = robot(["position.a"], "sensor_msgs/msg/JointState", safety="none")
    assert safety_command(none, np.zeros(1), last) == {}


def test_joint_states_as_command_leave_out_what_is_not_selected(robot):
    contract = robot(["position.a", "effort.a"], "sensor_msgs/msg/JointState")
    fields = encode_action(contract, np.array([1.0, 2.0]), np.zeros(1), stamp_ns=5)["command"][1]
    assert fields["name"] == ["a"]
    assert fields["position"] == [1.0]
    assert fields["velocity"] == []
    assert fields["effort"] == [2.0]
    assert fields["header"]["stamp"]["nanosec"] == 5


def test_whole_numbers_and_truth_go_out_as_such(robot):
    whole = robot(["'0'", "'1'"], "std_msgs/msg/Int32MultiArray")
    assert encode_action(whole, np.array([1.6, -0.4]), np.zeros(1))["command"][1]["data"] == [2, 0]
    truth = robot(["open"], "std_msgs/msg/Bool")
    assert encode_action(truth, np.array([0.7]), np.zeros(1))["command"][1] == {"data": True}


def test_any_message_is_filled_by_dotted_path(robot):
    contract = robot(["valve.opening", "valve.speed"], "my_msgs/msg/Valve")
    fields = encode_action(contract, np.array([0.5, 0.1]), np.zeros(1))["command"][1]
    assert fields == {"valve": {"opening": 0.5, "speed": 0.1}}


def test_a_pose_that_is_commanded_by_position_only_keeps_no_rotation(robot):
    contract = robot(["position.x"], "geometry_msgs/msg/Pose")
    fields = encode_action(contract, np.array([0.5]), np.zeros(1))["command"][1]
    assert fields["orientation"] == {"x": 0.0, "y": 0.0, "z": 0.0, "w": 1.0}
