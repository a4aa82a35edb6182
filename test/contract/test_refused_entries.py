"""Wrong heads, observations and actions: what the person who wrote it is told."""

import pytest

from jepa_ros.contract import Contract, ContractError

IMAGE = "observations.observation.images.top"
STATE = "observations.observation.state"
ACTION = "actions.action"

# name: (text in the planar arm's contract, what stands there instead, key, words of the message)
EDITS = {
    "fps 0": ("fps: 10 ", "fps: 0", "fps", "found 0; allowed: a number greater than 0"),
    "negative fps": ("fps: 10 ", "fps: -3", "fps", "greater than 0"),
    "absurd fps": ("fps: 10 ", "fps: 100000", "fps", "at most 1000"),
    "broken fps": ("fps: 10 ", "fps: 7.5", "fps", "found 7.5; allowed: a whole number"),
    "fps as text": ("fps: 10 ", "fps: '10'", "fps", "YAML takes this for text; write 10"),
    "fps as truth": ("fps: 10 ", "fps: yes", "fps", "found True"),
    "fps not a number": ("fps: 10 ", "fps: .nan", "fps", "whole number"),
    "no fps": ("fps: 10 ", "#", "fps", "found nothing; allowed: ticks per second"),
    "fps twice": ("fps: 10 ", "fps: 10\nfps: 20 #", "fps", "a second time (first in line 6)"),
    "robot type as number": (
        "robot_type: planar_arm",
        "robot_type: 7",
        "robot_type",
        "found 7; allowed: text",
    ),
    "empty robot type": ("robot_type: planar_arm", "robot_type: ''", "robot_type", "not empty"),
    "another interface": (
        "robot_interface: ros2",
        "robot_interface: ros1",
        "robot_interface",
        "allowed: ros2",
    ),
    "misspelt section": ("observations:", "observatons:", "observatons", "did you mean 'observations'"),
    "misspelt x-jepa": ("x-jepa:", "x_jeppa:", "x_jeppa", "did you mean 'x-jepa'"),
    "limits in the wrong place": ("x-jepa:", "limits: {}\nx-jepa:", "limits", "'limits' under x-jepa"),
    "observations as list": ("observations:", "observations: []\nold:", "observations", "an empty list"),
    "actions empty": ("actions:\n", "actions:\nold:\n", "actions", "found nothing"),
    "no actions": ("actions:\n", "old:\n", "actions", "found nothing"),
    "a key of both": (
        "actions:\n  action:",
        f"actions:\n  {STATE[13:]}:",
        "actions.observation.state",
        "also under",
    ),
    "no topic": (
        "topic: joint_states, ",
        "",
        f"{STATE}.channel.topic",
        "found nothing; allowed: a ROS topic",
    ),
    "topic as number": (
        "topic: joint_states",
        "topic: 5",
        f"{STATE}.channel.topic",
        "found 5; allowed: text",
    ),
    "topic with blank": (
        "topic: joint_states",
        "topic: joint states",
        f"{STATE}.channel.topic",
        "camera/image_raw",
    ),
    "type of ROS 1": (
        "sensor_msgs/msg/JointState",
        "sensor_msgs/JointState",
        f"{STATE}.channel.type",
        "/msg/Image",
    ),
    "misspelt type": (
        "msg/JointTrajectory",
        "msg/JointTrjectory",
        f"{ACTION}.channel.type",
        "did you mean 'trajectory_msgs/msg/JointTrajectory'",
    ),
    "misspelt package": ("sensor_msgs/msg/J", "sensr_msgs/msg/J", f"{STATE}.channel.type", "did you mean"),
    "no reliability": (
        "reliability: best_effort",
        "reliability: ",
        f"{STATE}.channel.qos.reliability",
        "found nothing",
    ),
    "type without numbers": (
        "sensor_msgs/msg/JointState",
        "std_msgs/msg/String",
        f"{STATE}.channel.type",
        "no number",
    ),
    "unknown word in channel": (
        "topic: joint_states",
        "topics: joint_states",
        f"{STATE}.channel",
        "did you mean 'topic'",
    ),
    "unknown word in entry": (
        "    select: [pos",
        "    selekt: [pos",
        f"{STATE}.selekt",
        "did you mean 'select'",
    ),
    "unknown reliability": (
        "reliability: best_effort",
        "reliability: maybe",
        f"{STATE}.channel.qos.reliability",
        "reliable",
    ),
    "negative depth": ("depth: 10", "depth: -1", f"{STATE}.channel.qos.depth", "at least 0"),
    "unknown qos key": ("depth: 10", "dept: 10", f"{STATE}.channel.qos.dept", "did you mean 'depth'"),
    "safety on observation": (
        "topic: joint_states",
        "safety: hold, topic: j",
        f"{STATE}.channel.safety",
        "actions only",
    ),
    "unknown safety": ("safety: hold", "safety: stop", f"{ACTION}.channel.safety", "none, hold or zeros"),
    "unknown strategy": (
        "strategy: asof, timeline: receive",
        "strategy: nearest, timeline: receive",
        f"{ACTION}.align.strategy",
        "hold, asof or drop",
    ),
    "unknown timeline": (
        "timeline: receive",
        "timeline: sent",
        f"{ACTION}.align.timeline",
        "header or receive",
    ),
    "asof without tolerance": (
        "timeline: receive, tolerance_ms: 300",
        "timeline: receive",
        f"{ACTION}.align",
        "tolerance_ms with strategy asof",
    ),
    "tolerance 0": ("tolerance_ms: 300", "tolerance_ms: 0", f"{ACTION}.align.tolerance_ms", "greater than 0"),
    "tolerance without asof": (
        "asof, timeline: receive",
        "hold, timeline: receive",
        f"{ACTION}.align",
        "only with strategy asof",
    ),
    "align missing": (
        "    align: {strategy: asof, timeline: receive, tolerance_ms: 300}",
        "    #",
        f"{ACTION}.align",
        "strategy: hold|asof|drop",
    ),
    "image without size": (
        "    apply: [resize: [64, 64]]",
        "    #",
        f"{IMAGE}.apply",
        "apply: [resize: [height, width]]",
    ),
    "size of one number": ("[64, 64]", "[64]", f"{IMAGE}.apply[0]", "[height, width]"),
    "size 0": ("[64, 64]", "[64, 0]", f"{IMAGE}.apply[0]", "1 to 8192"),
    "unknown operator": (
        "resize: [64, 64]",
        "resise: [64, 64]",
        f"{IMAGE}.apply[0]",
        "did you mean 'resize'",
    ),
    "rad2deg of an image": ("resize: [64, 64]", "rad2deg", f"{IMAGE}.apply[0]", "resize only"),
    "image under a state key": (
        "sensor_msgs/msg/JointState",
        "sensor_msgs/msg/Image",
        f"{STATE}.channel.type",
        "'observation.images.<name>'",
    ),
    "joints under an image key": (
        "type: sensor_msgs/msg/Image",
        "type: sensor_msgs/msg/Imu",
        f"{IMAGE}.channel.type",
        "sensor_msgs/msg/Image",
    ),
    "image as command": (
        "trajectory_msgs/msg/JointTrajectory",
        "sensor_msgs/msg/Image",
        f"{ACTION}.channel.type",
        "images under observations",
    ),
    "depth as dtype": (
        "topic: joint_states",
        "dtype: float16, topic: j",
        f"{STATE}.channel.dtype",
        "float32",
    ),
    "no select": (
        "    select: [position.shoulder, position.elbow]",
        "    #",
        f"{STATE}.select",
        "such as [position.elbow]",
    ),
    "empty select": ("[position.shoulder, position.elbow]", "[]", f"{STATE}.select", "at least one item"),
    "select twice": (
        "[position.shoulder, position.elbow]",
        "[position.elbow, position.elbow]",
        f"{STATE}.select[1]",
        "each selector once",
    ),
    "the same twice": (
        "[position.shoulder, position.elbow]",
        "[position.elbow, elbow]",
        f"{STATE}.select[1]",
        "the same as 'position.elbow'",
    ),
    "select as text": (
        "[position.shoulder, position.elbow]",
        "position.elbow",
        f"{STATE}.select",
        "allowed: a list",
    ),
    "select a number": ("[position.shoulder, position.elbow]", "[3]", f"{STATE}.select[0]", "allowed: text"),
    "unknown field": (
        "[position.shoulder, position.elbow]",
        "[positon.elbow]",
        f"{STATE}.select[0]",
        "did you mean 'position'",
    ),
    "a field of some joints": (
        "[velocity.shoulder, velocity.elbow]",
        "[velocity.elbow, position.shoulder]",
        f"{ACTION}.select",
        "every field for every name",
    ),
    "wrong kind": (
        "    select: [velocity",
        "    kind: quaternion\n    select: [velocity",
        f"{ACTION}.kind",
        "4 of them",
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_wrong_entry_is_refused_with_line_key_and_what_is_allowed(edit, refused, arm_text):
    old, new, key, words = edit
    error = refused(old, new)
    assert error.key.startswith(key), str(error)
    assert words in str(error), str(error)
    where = arm_text[: arm_text.index(old)].count("\n") + 1
    assert abs(error.line - where) <= (30 if "found nothing" in str(error) else 6), str(error)


COMMANDS = {
    "a header that is not there": (
        "geometry_msgs/msg/Twist",
        "header",
        "linear.x",
        "receive for this message type",
    ),
    "a path that is not there": (
        "geometry_msgs/msg/Twist",
        "receive",
        "linear.q",
        "linear.x, linear.y, linear.z",
    ),
    "a path that ends early": ("geometry_msgs/msg/Twist", "receive", "linear", "linear.x, linear.y"),
    "a path into a number": ("geometry_msgs/msg/Twist", "receive", "linear.x.y", "nothing is inside"),
    "a forgotten wrapper": (
        "geometry_msgs/msg/TwistStamped",
        "header",
        "linear.x",
        "fields of geometry_msgs",
    ),
    "an index left out": ("std_msgs/msg/Float64MultiArray", "receive", "data.0, data.2", "none left out"),
    "an index twice": ("std_msgs/msg/Float64MultiArray", "receive", "data.0, '0'", "each index once"),
    "labels among indices": ("std_msgs/msg/Float64MultiArray", "receive", "data.0, elbow", "but not both"),
    "two values for one number": ("std_msgs/msg/Float64", "receive", "a, b", "one selector"),
    "an index into nothing": ("my_msgs/msg/Command", "receive", "values.0", "without indices"),
    "no path": ("my_msgs/msg/Command", "receive", "'a..b'", "a dotted path"),
    "blanks": ("my_msgs/msg/Command", "receive", "' a'", "without blanks"),
    "an unknown array": ("sensor_msgs/msg/Joy", "header", "sticks.0", "axes.<index> or buttons.<index>"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_command_that_its_message_cannot_hold_is_refused(command, arm_text):
    type_, timeline, select, words = command
    text = arm_text[: arm_text.index("x-jepa:")]
    text = text.replace("trajectory_msgs/msg/JointTrajectory", type_)
    text = text.replace("timeline: receive", f"timeline: {timeline}")
    text = text.replace("[velocity.shoulder, velocity.elbow]", f"[{select}]")
    with pytest.raises(ContractError) as caught:
        Contract.parse(text)
    assert words in str(caught.value)


def test_two_actions_on_one_topic_are_refused(arm_text):
    second = "actions:\n  other:\n"
    second += "    channel: {topic: arm_controller/joint_trajectory, type: trajectory_msgs/msg/JointTrajectory}\n"
    second += "    align: {strategy: hold, timeline: receive}\n    select: [position.wrist]\n"
    with pytest.raises(ContractError, match="one action entry for each topic"):
        Contract.parse(arm_text.replace("actions:\n", second, 1))
