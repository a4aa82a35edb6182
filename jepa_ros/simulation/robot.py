"""The embedded robot as a producer and consumer of messages, like a real robot's driver but without ROS.

The ROS node and the recorder that runs faster than real time both stand on it, so both show the same robot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

from jepa_ros.contract import Contract
from jepa_ros.simulation.planar_arm import PlanarArm

SECOND = 1_000_000_000
START_NS = SECOND  # a stamp of zero would mean "none" to much of ROS
CAMERA_FRAME = "camera"


class SensorMessage(NamedTuple):
    """A message that the robot sends: nested fields of a message of type `kind`, made at `stamp_ns`."""

    topic: str
    kind: str
    fields: dict[str, Any]
    stamp_ns: int


@dataclass
class _Sensor:
    topic: str
    kind: str
    rate: int
    fields: Callable[[int], dict[str, Any]]
    count: int = 0

    def due_ns(self, start_ns: int) -> int:
        return start_ns + self.count * SECOND // self.rate


class SimulatedRobot:
    """A planar arm that speaks the topics of a contract, in simulated time.

    Args:
        contract: names the topics.
        arm: the arm that moves, by default one at a random pose.
        start_ns: time at which the robot starts.

    Raises:
        ValueError: the contract wants a message type that this robot does not have.
    """

    def __init__(self, contract: Contract, arm: PlanarArm | None = None, start_ns: int = START_NS) -> None:
        self.arm = arm or PlanarArm()
        self.now_ns = self._start_ns = start_ns
        # Joints first: what is measured at the same time as a picture counts for it
        makers = {
            "sensor_msgs/msg/JointState": (50, self._joint_state),
            "sensor_msgs/msg/Image": (30, self._image),
        }
        channels = {entry.channel.topic: entry.channel.type for entry in contract.observations.values()}
        for topic, kind in channels.items():
            _check(topic, kind, makers)
        self._sensors = [
            _Sensor(topic, kind, *makers[kind]) for kind in makers for topic in channels if channels[topic] == kind
        ]
        self._command_topics = set()
        for entry in contract.actions.values():
            _check(entry.channel.topic, entry.channel.type, ["trajectory_msgs/msg/JointTrajectory"])
            self._command_topics.add(entry.channel.topic)

    def advance(self, dt: float) -> list[SensorMessage]:
        """Let `dt` seconds pass and return what the robot sent meanwhile, in order."""
        end_ns = self.now_ns + round(dt * SECOND)
        messages = []
        while True:
            sensor = min(self._sensors, key=self._due_ns)
            due_ns = self._due_ns(sensor)
            self._step(min(due_ns, end_ns))
            if due_ns > end_ns:
                return messages
            messages.append(SensorMessage(sensor.topic, sensor.kind, sensor.fields(due_ns), due_ns))
            sensor.count += 1

    def receive(self, topic: str, message: Mapping[str, Any] | Any) -> None:
        """Obey a command, given as nested fields or as a message.

        Raises:
            TrajectoryError: the arm's controller refuses it; the motion in force goes on.
            ValueError: the robot does not listen to this topic.
        """
        if topic not in self._command_topics:
            raise ValueError(f"the robot listens to {sorted(self._command_topics)}, not to {topic}")
        self.arm.follow(as_message(message), self.now_ns)

    def _due_ns(self, sensor: _Sensor) -> int:
        return sensor.due_ns(self._start_ns)

    def _step(self, until_ns: int) -> None:
        if until_ns > self.now_ns:
            self.arm.step((until_ns - self.now_ns) / SECOND)
            self.now_ns = until_ns

    def _image(self, stamp_ns: int) -> dict[str, Any]:
        image = self.arm.image()
        height, width, channels = image.shape
        return {
            "header": _header(stamp_ns, CAMERA_FRAME),
            "height": height,
            "width": width,
            "encoding": "rgb8",
            "is_bigendian": 0,
            "step": width * channels,
            "data": image.reshape(-1),
        }

    def _joint_state(self, stamp_ns: int) -> dict[str, Any]:
        return {
            "header": _header(stamp_ns, ""),
            "name": list(self.arm.joint_names),
            "position": self.arm.position,
            "velocity": self.arm.velocity,
        }


def _check(topic: str, kind: str, known: Any) -> None:
    if kind not in known:
        raise ValueError(f"{topic}: the planar arm has no {kind}, only {', '.join(known)}")


def _header(stamp_ns: int, frame: str) -> dict[str, Any]:
    return {"stamp": {"sec": stamp_ns // SECOND, "nanosec": stamp_ns % SECOND}, "frame_id": frame}


def as_message(value: Any) -> Any:
    """Nested fields with the attributes of a message."""
    if isinstance(value, Mapping):
        return SimpleNamespace(**{name: as_message(field) for name, field in value.items()})
    if isinstance(value, list):
        return [as_message(item) for item in value]
    return value
