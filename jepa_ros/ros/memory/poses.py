"""Where the robot is, as odometry or tf2 says it."""

from __future__ import annotations

from typing import Any, Protocol

from nav_msgs.msg import Odometry
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rclpy.time import Time

from jepa_ros.contract import Contract
from jepa_ros.memory.poses import BEYOND_NS, Pose, PoseTrack, yaw_of
from jepa_ros.ros.base.lifecycle import LifecycleNode, Refusal
from jepa_ros.ros.base.parameters import Parameter, value
from jepa_ros.ros.wire.streams import header_ns, qos_of

PARAMETERS = (
    Parameter(
        "pose.odometry",
        "",
        "topic of nav_msgs/Odometry that says where the robot is; empty: the contract's, where it has one",
        read_only=True,
    ),
    Parameter(
        "pose.frame",
        "",
        "frame, such as map, in which tf2 says where the robot is; empty: the frame of its odometry",
        read_only=True,
    ),
    Parameter("pose.child", "base_link", "frame of the robot in tf2", read_only=True),
)
ODOMETRY = "nav_msgs/msg/Odometry"


class Poses(Protocol):
    """Where the robot was, in ``frame``; empty where that is not known yet."""

    frame: str

    def at(self, stamp_ns: int) -> Pose | None:
        """The pose (x, y, yaw) at a stamp, None where nobody knows."""


def find_poses(node: LifecycleNode, contract: Contract) -> Poses | None:
    """What the node's parameters, or the contract, say of where the robot is; None for a robot that is nowhere.

    Raises Refusal where tf2 is asked for and is not installed.
    """
    if value(node, "pose.frame"):
        return TransformPoses(node, value(node, "pose.frame"), value(node, "pose.child"))
    if value(node, "pose.odometry"):
        return OdometryPoses(node, value(node, "pose.odometry"), qos_profile_sensor_data)
    for entry in contract.observations.values():
        if entry.channel.type == ODOMETRY:
            return OdometryPoses(node, entry.channel.topic, qos_of(entry))
    return None


class OdometryPoses:
    """Poses of a topic with odometry, between its messages at any stamp."""

    def __init__(self, node: LifecycleNode, topic: str, qos: QoSProfile):
        self._track = PoseTrack()
        node.listen(Odometry, topic, self._on_odometry, qos)

    @property
    def frame(self) -> str:
        return self._track.frame

    def at(self, stamp_ns: int) -> Pose | None:
        return self._track.at(stamp_ns)

    def _on_odometry(self, message: Odometry, receive_ns: int) -> None:
        position, turn = message.pose.pose.position, message.pose.pose.orientation
        pose = position.x, position.y, yaw_of(turn.x, turn.y, turn.z, turn.w)
        self._track.add(header_ns(message) or receive_ns, pose, message.header.frame_id)


class TransformPoses:
    """Poses of a frame in another, by tf2. There is no wheel of it: only a robot's ROS 2 brings it along."""

    def __init__(self, node: LifecycleNode, frame: str, child: str):
        try:
            import tf2_ros
        except ImportError as error:
            raise Refusal(
                f"pose.frame {frame!r} needs tf2_ros, which is not installed ({error}); install it, or leave "
                "pose.frame empty to take poses from odometry"
            ) from error
        self.frame, self._child = frame, child
        self._unknown = tf2_ros.TransformException
        self._buffer = tf2_ros.Buffer()
        node.own(tf2_ros.TransformListener(self._buffer, node).unregister)

    def at(self, stamp_ns: int) -> Pose | None:
        found = self._look_up(Time(nanoseconds=stamp_ns)) or self._look_up(Time())  # the newest is often a little older
        if found is None or abs(header_ns(found) - stamp_ns) > BEYOND_NS:
            return None
        place, turn = found.transform.translation, found.transform.rotation
        return place.x, place.y, yaw_of(turn.x, turn.y, turn.z, turn.w)

    def _look_up(self, when: Time) -> Any | None:
        try:
            return self._buffer.lookup_transform(self.frame, self._child, when)
        except self._unknown:
            return None
