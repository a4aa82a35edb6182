"""The embedded robot as a ROS node, like a real robot's driver: the rest of the system knows only its topics."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock as ClockMessage

from jepa_ros.contract import Entry, load_contract
from jepa_ros.ros.messages import fill, message_class
from jepa_ros.ros.parameters import Parameter, declare, value
from jepa_ros.ros.running import alone, run
from jepa_ros.ros.streams import class_of, qos_of
from jepa_ros.simulation.body import CommandError
from jepa_ros.simulation.embedded import Setting, embedded_robot
from jepa_ros.simulation.robot import SensorMessage, SimulatedRobot

PARAMETERS = (
    Parameter("contract", "", "path of the contract whose topics the robot speaks", read_only=True),
    Parameter("seed", 0, "seed of the pose in which the robot starts", "", 0, 2**31 - 1, True),
    Parameter(
        "layout",
        "living_room",
        "how the furnished room is furnished: living_room, dining_room, studio or random:<seed>",
        read_only=True,
    ),
    Parameter("distractors", 0.0, "share of the picture's pixels that flicker, for nothing", "", 0.0, 1.0, True),
    Parameter("speed", 1.0, "simulated seconds per second", "", 0.05, 20.0),
    Parameter("publish_clock", False, "publish simulated time on /clock", read_only=True),
)
STEP = 0.01  # s of simulated time between two looks at what is due
NANO = 1_000_000_000


class SimulatorNode(Node):
    """Lets simulated time pass beside real time and publishes what the robot's sensors say."""

    def __init__(self, **options: Any):
        super().__init__("simulator", **options)
        declare(self, PARAMETERS)
        self.contract = load_contract(value(self, "contract"))
        start = 1 * NANO if value(self, "publish_clock") else self.get_clock().now().nanoseconds
        setting = Setting(value(self, "seed"), value(self, "layout"), value(self, "distractors"))
        self.robot = SimulatedRobot(self.contract, embedded_robot(self.contract.robot_type, setting), start)
        qos = {
            entry.channel.topic: qos_of(entry, qos_profile_sensor_data) for entry in self.contract.observations.values()
        }
        self._publishers_by_topic = {
            topic: self.create_publisher(message_class(kind), topic, qos.get(topic, qos_profile_sensor_data))
            for topic, kind in self.robot.topics.items()
        }
        for entry in self.contract.actions.values():
            self._obey(entry)
        self._clock = self.create_publisher(ClockMessage, "/clock", 10) if value(self, "publish_clock") else None
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._last_ns = self._steady.now().nanoseconds
        self.create_timer(STEP / value(self, "speed"), self._advance, clock=self._steady)

    def _obey(self, entry: Entry) -> None:
        def on_command(message: Any) -> None:
            try:
                self.robot.receive(entry.channel.topic, message)
            except CommandError as error:
                self.get_logger().warning(f"{entry.channel.topic}: refused: {error}", throttle_duration_sec=1.0)

        self.create_subscription(class_of(entry), entry.channel.topic, on_command, qos_of(entry, QoSProfile(depth=1)))

    def _advance(self) -> None:
        now = self._steady.now().nanoseconds
        passed, self._last_ns = now - self._last_ns, now
        for message in self.robot.advance(passed * value(self, "speed") / NANO):
            self._publish(message)
        if self._clock is not None:
            seconds, rest = divmod(self.robot.now_ns, NANO)
            self._clock.publish(fill(ClockMessage(), {"clock": {"sec": seconds, "nanosec": rest}}))

    def _publish(self, message: SensorMessage) -> None:
        fields = {name: _plain(content) for name, content in message.fields.items()}
        self._publishers_by_topic[message.topic].publish(fill(message_class(message.kind)(), fields))


def _plain(content: Any) -> Any:
    """NumPy arrays as the arrays that generated messages take without looking at each element."""
    if not isinstance(content, np.ndarray):
        return content
    plain = array("B" if content.dtype == np.uint8 else "d")
    plain.frombytes(np.ascontiguousarray(content).tobytes())
    return plain


start = alone(SimulatorNode)


def main(args: Sequence[str] | None = None) -> int:
    """Run the simulator until a signal; ``args`` are ROS arguments. Returns the exit status."""
    return run(start, args)
