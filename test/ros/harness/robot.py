"""The embedded arm in the test's hands: it can be put anywhere, held fast, silenced, and made to talk nonsense."""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from rclpy.qos import QoSProfile, qos_profile_sensor_data

from harness.graph import PATIENCE, Graph
from harness.places import REST
from jepa_ros.contract import Contract
from jepa_ros.evaluation import legality
from jepa_ros.ros.client.client import wait_for
from jepa_ros.ros.wire.messages import fill, message_class
from jepa_ros.ros.wire.streams import RELIABLE, class_of, qos_of
from jepa_ros.simulation.planar_arm import PlanarArm
from jepa_ros.simulation.robot import SensorMessage, SimulatedRobot
from jepa_ros.simulation.trajectory_follower import TrajectoryError

STEP = 0.004  # s between two looks at what the robot has to say
CAMERA, JOINTS, COMMANDS = "camera/image_raw", "joint_states", "arm_controller/joint_trajectory"
Change = Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Command(legality.Command):
    """A command as it came in: when (s) it was looked at, on the steady clock of this process, and when (ns) it came.

    The latter is when the middleware had it, on the system's clock, however long it then waited to be looked at.
    """

    time: float
    received_ns: int


class HeldArm(PlanarArm):
    """An arm of which somebody can hold joints fast."""

    held: tuple[int, ...] = ()

    def step(self, dt: float) -> None:
        before = [self._joints[joint].position for joint in self.held]
        super().step(dt)
        for joint, position in zip(self.held, before):
            self._joints[joint].position, self._joints[joint].velocity = position, 0.0


class ScriptedRobot:
    """A robot driver that lives in the test process, in real time.

    ``commands`` holds every command that any node has ever sent to it, ``refused`` what its controller did not take.
    ``last[topic]`` is when something was last published there, on the steady clock.
    """

    def __init__(self, graph: Graph, contract: Contract, namespace: str = "", arm: HeldArm | None = None):
        self.contract, self._graph = contract, graph
        self.node = graph.node("test_robot", namespace)
        self.arm = arm or HeldArm()
        self._robot = SimulatedRobot(contract, self.arm, time.time_ns())
        self.commands: list[Command] = []
        self.refused: list[str] = []
        self.last: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self._changes: dict[str, Change] = {}
        self._disturbed = False
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._publishers = {
            entry.channel.topic: self.node.create_publisher(
                class_of(entry), entry.channel.topic, qos_of(entry, qos_profile_sensor_data)
            )
            for entry in contract.observations.values()
        }
        for entry in contract.actions.values():
            qos = qos_of(entry, RELIABLE)
            qos.depth = 100  # every command is looked at, however busy this process is
            self.node.create_subscription(class_of(entry), entry.channel.topic, self._on_command, qos)
        self._thread = threading.Thread(target=self._live, name="robot", daemon=True)
        self._thread.start()

    @property
    def position(self) -> np.ndarray:
        return self.arm.position

    def place(self, *position: float) -> None:
        """Put the arm at rest at a pose, as if it had been carried there, and let everybody see that."""
        with self._lock:
            self.arm.held = ()
            if np.abs(self.arm.position - position).max() < REST:
                return
            self.arm.reset(position)
            self._disturbed = True
        self.wait_images(2)

    def hold(self, *joints: int) -> None:
        """Hold these joints fast; none lets go."""
        with self._lock:
            self.arm.held = joints
            self._disturbed = True

    def publish(self, topic: str, message: Any) -> None:
        """Say something of one's own."""
        self._publishers[topic].publish(message)

    def replace_publisher(self, topic: str, kind: type, qos: QoSProfile) -> None:
        """Publish on a topic with another quality of service than the contract's."""
        old, self._publishers[topic] = self._publishers[topic], self.node.create_publisher(kind, topic, qos)
        self.node.destroy_publisher(old)

    @contextmanager
    def changing(self, topic: str, change: Change) -> Iterator[None]:
        """While this holds, ``change(message)`` is published instead of each message; None means silence."""
        self._changes[topic] = change
        try:
            yield
        finally:
            del self._changes[topic]

    def silent(self, topic: str) -> Any:
        """While this holds, nothing is heard of the topic."""
        return self.changing(topic, lambda message: None)

    def wait_images(self, count: int) -> None:
        """Let so many images go by: time as the robot counts it."""
        enough = self.counts.get(CAMERA, 0) + count
        wait_for(lambda: self.counts.get(CAMERA, 0) >= enough, PATIENCE, f"{count} images")

    def wait_at_rest(self) -> None:
        """Wait until nothing moves any more."""
        wait_for(lambda: np.abs(self.arm.velocity).max() < REST, PATIENCE, "the robot at rest")

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._graph.remove(self.node)

    def _live(self) -> None:
        before = time.monotonic()
        while not self._stopping.wait(STEP):
            now = time.monotonic()
            with self._lock:
                messages = self._robot.advance(now - before)
            before = now
            for message in messages:
                self._say(message)

    def _say(self, sensed: SensorMessage) -> None:
        change = self._changes.get(sensed.topic)
        message = as_ros(sensed)
        self.counts[sensed.topic] = self.counts.get(sensed.topic, 0) + 1
        if change is not None:
            message = change(message)
        if message is not None:
            self._publishers[sensed.topic].publish(message)
            self.last[sensed.topic] = time.monotonic()

    def _on_command(self, message: Any, info: dict[str, int]) -> None:
        with self._lock:
            sent, received, now = info["source_timestamp"], info["received_timestamp"], time.monotonic()
            self.commands.append(Command(sent, message, self._disturbed, time=now, received_ns=received))
            self._disturbed = bool(self.arm.held)
            try:
                self._robot.receive(COMMANDS, message)
            except TrajectoryError as error:
                self.refused.append(str(error))


def as_ros(sensed: SensorMessage) -> Any:
    """The rclpy message of what a simulated sensor says."""
    fields = {name: _plain(content) for name, content in sensed.fields.items()}
    return fill(message_class(sensed.kind)(), fields)


def _plain(content: Any) -> Any:
    if not isinstance(content, np.ndarray):
        return content
    plain = array("B" if content.dtype == np.uint8 else "d")
    plain.frombytes(np.ascontiguousarray(content).tobytes())
    return plain
