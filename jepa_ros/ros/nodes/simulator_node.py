"""The embedded robot as a ROS node, like a real robot's driver: the rest of the system knows only its topics."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock
from rclpy.clock_type import ClockType
from rclpy.node import Node
from rclpy.parameter import Parameter as SetParameter
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rosgraph_msgs.msg import Clock as ClockMessage

from jepa_ros.contract import Entry, load_contract
from jepa_ros.ros.base.parameters import Parameter, declare, value
from jepa_ros.ros.base.running import alone, run
from jepa_ros.ros.wire.messages import fill, message_class
from jepa_ros.ros.wire.streams import class_of, qos_of
from jepa_ros.simulation.body import CommandError
from jepa_ros.simulation.embedded import Setting, embedded_robot
from jepa_ros.simulation.faults import find_fault
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
    Parameter(
        "distractors",
        0.0,
        "share of the picture's pixels that flicker; strength of instruments' noise",
        "",
        0.0,
        1.0,
        True,
    ),
    Parameter(
        "fault",
        "",
        "what is wrong as long as it is set: teleport, blocked_joint, frozen_camera, blank_camera; of the process: "
        "fouling, leak, stuck_valve, sensor_drift",
    ),
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
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._last_ns = self._steady.now().nanoseconds  # read together: stamps must not lag by what setting up takes
        start = 1 * NANO if value(self, "publish_clock") else self.get_clock().now().nanoseconds
        setting = Setting(value(self, "seed"), value(self, "layout"), value(self, "distractors"))
        self.robot = SimulatedRobot(self.contract, embedded_robot(self.contract.robot_type, setting), start)
        qos = {
            entry.channel.topic: qos_of(entry, qos_profile_sensor_data) for entry in self.contract.observations.values()
        }
        self._random = np.random.default_rng(setting.seed)
        self._fault_name = ""
        self._fault = find_fault(self.contract.robot_type, "")
        self.add_on_set_parameters_callback(self._refuse_unknown_fault)
        self._publishers_by_topic = {
            topic: self.create_publisher(message_class(kind), topic, qos.get(topic, qos_profile_sensor_data))
            for topic, kind in self.robot.topics.items()
        }
        for entry in self.contract.actions.values():
            self._obey(entry)
        self._clock_publisher = (
            self.create_publisher(ClockMessage, "/clock", 10) if value(self, "publish_clock") else None
        )
        self.create_timer(STEP / value(self, "speed"), self._advance, clock=self._steady)

    def _obey(self, entry: Entry) -> None:
        def on_command(message: Any) -> None:
            try:
                self.robot.receive(entry.channel.topic, message)
            except CommandError as error:
                self.get_logger().warning(f"{entry.channel.topic}: refused: {error}", throttle_duration_sec=1.0)

        self.create_subscription(class_of(entry), entry.channel.topic, on_command, qos_of(entry, QoSProfile(depth=1)))

    def _refuse_unknown_fault(self, parameters: Sequence[SetParameter]) -> SetParametersResult:
        try:
            for parameter in parameters:
                if parameter.name == "fault":
                    find_fault(self.contract.robot_type, parameter.value)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _fail(self, name: str) -> None:
        """End the fault in force and begin this one."""
        self._fault.end(self.robot.body)
        self._fault_name, self._fault = name, find_fault(self.contract.robot_type, name)
        self._fault.begin(self.robot.body, self._random)
        self.get_logger().info(f"fault: {name or 'none'}")

    def _advance(self) -> None:
        now = self._steady.now().nanoseconds
        passed, self._last_ns = now - self._last_ns, now
        if value(self, "fault") != self._fault_name:
            self._fail(value(self, "fault"))
        for message in self.robot.advance(passed * value(self, "speed") / NANO):
            self._publish(self._fault.distort(message))
        if self._clock_publisher is not None:
            seconds, rest = divmod(self.robot.now_ns, NANO)
            self._clock_publisher.publish(fill(ClockMessage(), {"clock": {"sec": seconds, "nanosec": rest}}))

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
