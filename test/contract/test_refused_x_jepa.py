"""Wrong limits and commands: what the person who wrote it is told."""

import pytest

from jepa_ros.contract import ContractError

# name: (text in the planar arm's contract, what stands there instead, key, words of the message)
EDITS = {
    "unknown key in x-jepa": (
        "  command: {kind",
        "  comand: {kind",
        "x-jepa.comand",
        "did you mean 'command'",
    ),
    "unknown key in command": (
        "{kind: joint_velocity}",
        "{type: joint_velocity}",
        "x-jepa.command.type",
        "allowed: kind",
    ),
    "unknown command kind": (
        "kind: joint_velocity",
        "kind: torque",
        "x-jepa.command.kind",
        "joint_velocity, joint_position",
    ),
    "positions with velocities": (
        "kind: joint_velocity",
        "kind: joint_position",
        "x-jepa.command.kind",
        "selectors position.<joint>",
    ),
    "no start for a trajectory": (
        "[position.shoulder, position.elbow]",
        "[effort.shoulder, position.elbow]",
        "x-jepa.command.kind",
        "position.shoulder under observations",
    ),
    "units of one side": (
        "    select: [velocity",
        "    apply: [rad2deg]\n    select: [velocity",
        "x-jepa.command.kind",
        "the same unit",
    ),
    "min above max": (
        "min: -1.0, max: 1.0, rate",
        "min: 1.0, max: -1.0, rate",
        "x-jepa.limits.action.velocity.shoulder",
        "min less than max",
    ),
    "min equal max": (
        "min: -1.0, max: 1.0, rate",
        "min: 1.0, max: 1.0, rate",
        "x-jepa.limits.action.velocity.shoulder",
        "min less than max",
    ),
    "limit not a number": (
        "max: 1.0, rate",
        "max: .nan, rate",
        "x-jepa.limits.action.velocity.shoulder.max",
        "finite",
    ),
    "infinite limit": (
        "max: 1.0, rate",
        "max: .inf, rate",
        "x-jepa.limits.action.velocity.shoulder.max",
        "finite",
    ),
    "limit as text": (
        "max: 1.0, rate",
        "max: 1e0, rate",
        "x-jepa.limits.action.velocity.shoulder.max",
        "YAML takes this for text; write 1.0",
    ),
    "rate 0": ("rate: 10.0", "rate: 0", "x-jepa.limits.action.velocity.shoulder.rate", "greater than 0"),
    "negative rate": (
        "rate: 10.0",
        "rate: -5",
        "x-jepa.limits.action.velocity.shoulder.rate",
        "greater than 0",
    ),
    "a rate without a number": (
        "rate: 10.0",
        "rate:",
        "x-jepa.limits.action.velocity.shoulder.rate",
        "found nothing; allowed: a value",
    ),
    "a limit that is not indented": (
        "    state.position.elbow",
        "state.position.elbow",
        "state.position.elbow",
        "is it indented?",
    ),
    "empty limit": (
        "{min: -1.0, max: 1.0, rate: 10.0}",
        "{}",
        "x-jepa.limits.action.velocity.shoulder",
        "at least one of",
    ),
    "unknown bound": (
        "rate: 10.0",
        "speed: 10.0",
        "x-jepa.limits.action.velocity.shoulder.speed",
        "min, max, rate",
    ),
    "limit of nobody": (
        "action.velocity.shoulder",
        "action.velocity.sholder",
        "x-jepa.limits.action.velocity.sholder",
        "(did you mean 'velocity.shoulder'?); allowed: action.velocity.shoulder, action.velocity.elbow",
    ),
    "limit of what": (
        "action.velocity.shoulder",
        "command.shoulder",
        "x-jepa.limits.command.shoulder",
        "action.<selector> or state.<selector>",
    ),
    "two limits of one value": (
        "action.velocity.elbow",
        "action.shoulder",
        "x-jepa.limits.action.shoulder",
        "one limit for each",
    ),
    "rate of a state": (
        "{min: -2.6, max: 2.6}",
        "{min: -2.6, rate: 2.6}",
        "x-jepa.limits.state.position.shoulder.rate",
        "rate limits actions",
    ),
    "velocity without rest": (
        "min: -1.0, max: 1.0, rate",
        "min: 0.5, max: 1.0, rate",
        "x-jepa.limits.action.velocity.shoulder",
        "0 inside",
    ),
    "limits as list": ("  limits: ", "  limits: [1]\nold: ", "x-jepa.limits", "a mapping"),
    "x-jepa as text": ("x-jepa: ", "x-jepa: none\nold: ", "x-jepa", "a mapping"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_x_jepa_is_refused_with_line_key_and_what_is_allowed(edit, refused, arm_text):
    old, new, key, words = edit
    error = refused(old, new)
    assert error.key.startswith(key), str(error)
    assert words in str(error), str(error)
    where = arm_text[: arm_text.index(old)].count("\n") + 1
    assert abs(error.line - where) <= 30, str(error)


def test_zeros_for_positions_is_refused_because_it_would_move_the_robot(robot):
    with pytest.raises(ContractError, match="zero pose"):
        robot(["position.a"], "std_msgs/msg/Float64MultiArray", kind="joint_position", safety="zeros")


def test_a_limit_that_could_mean_two_values_is_refused(robot):
    with pytest.raises(ContractError, match=r"could be twist\.linear\.x, twist\.angular\.x"):
        robot(
            ["twist.linear.x", "twist.angular.x"],
            "geometry_msgs/msg/TwistStamped",
            limits="action.x: {max: 1}",
        )


def test_a_limit_of_a_state_that_no_action_moves_is_refused_instead_of_being_ignored(robot):
    with pytest.raises(ContractError, match="no action moves"):
        robot(["position.a"], "sensor_msgs/msg/JointState", limits="state.a: {max: 1}")


def test_limits_and_clamps_that_leave_no_room_are_refused(robot):
    with pytest.raises(ContractError, match=r"no room for position\.a"):
        robot(
            ["position.a"],
            "sensor_msgs/msg/JointState",
            apply="apply: [clamp: {min: -1, max: 1}]",
            limits="action.a: {min: 2}",
        )
