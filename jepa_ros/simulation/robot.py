"""The embedded robot as a producer and consumer of messages, like a real robot's driver but without ROS.

The ROS node and the recorder that runs faster than real time both stand on it, so both show the same robot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar

from jepa_ros.contract import Contract, Entry
from jepa_ros.simulation.body import SECOND, Body, Control, Sensor
from jepa_ros.simulation.embedded import embedded_robot

START_NS = SECOND  # a stamp of zero would mean "none" to much of ROS
PATIENCE = 1.5  # periods without a command after which what it moved begins to stop; it stands before two have passed

Part = TypeVar("Part", Sensor, Control)


class SensorMessage(NamedTuple):
    """A message that the robot sends: nested fields of a message of type `kind`, made at `stamp_ns`."""

    topic: str
    kind: str
    fields: dict[str, Any]
    stamp_ns: int


class SimulatedRobot:
    """A robot's body that speaks the topics of a contract, in simulated time.

    A topic of the contract is served by the sensor (or control) that the body has under this name, or else by its only
    one of the type. Sensors that the contract does not ask for are sent under their own names. Like a base's driver it
    has a command timeout: where commands do not end by themselves, what they move rests when none follows in time.

    Args:
        contract: names the topics, and by its robot_type the robot.
        body: what moves and is seen; by default the embedded robot of that type.
        start_ns: time at which the robot starts.

    Raises:
        ValueError: there is no such robot, or the contract wants a topic or a message type that it does not have.
    """

    def __init__(self, contract: Contract, body: Body | None = None, start_ns: int = START_NS) -> None:
        self.body = body or embedded_robot(contract.robot_type)
        self.now_ns = start_ns
        sensors = _renamed(self.body, self.body.sensors(), contract.observations)
        self._sensors = [_Running(sensor, start_ns) for sensor in sensors]
        self._controls = {part.topic: part for part in _renamed(self.body, self.body.controls(), contract.actions)}
        self._patience_ns = round(PATIENCE * contract.period * SECOND)
        self._rests_ns: dict[str, int] = {}

    @property
    def topics(self) -> dict[str, str]:
        """What it sends: topic → message type."""
        return {running.sensor.topic: running.sensor.kind for running in self._sensors}

    def advance(self, dt: float) -> list[SensorMessage]:
        """Let `dt` seconds pass and return what the robot sent meanwhile, in order."""
        end_ns = self.now_ns + round(dt * SECOND)
        messages = []
        while True:
            running = min(self._sensors, key=_Running.due_ns)
            due_ns = running.due_ns()
            self._step(min(due_ns, end_ns))
            if due_ns > end_ns:
                return messages
            topic, kind, _, read = running.sensor
            messages.append(SensorMessage(topic, kind, read(due_ns), due_ns))
            running.count += 1

    def receive(self, topic: str, message: Mapping[str, Any] | Any) -> None:
        """Obey a command, given as nested fields or as a message.

        Raises:
            CommandError: the robot refuses it; the motion in force goes on.
            ValueError: the robot does not listen to this topic.
        """
        if topic not in self._controls:
            raise ValueError(f"the robot listens to {sorted(self._controls)}, not to {topic}")
        control = self._controls[topic]
        control.obey(as_message(message), self.now_ns)
        if control.rest is not None:
            self._rests_ns[topic] = self.now_ns + self._patience_ns

    def _step(self, until_ns: int) -> None:
        """Let time pass until then; what gets no more commands comes to rest on the way."""
        for due_ns, topic in sorted((due_ns, topic) for topic, due_ns in self._rests_ns.items() if due_ns <= until_ns):
            self._pass(due_ns)
            self._controls[topic].rest()
            del self._rests_ns[topic]
        self._pass(until_ns)

    def _pass(self, until_ns: int) -> None:
        if until_ns > self.now_ns:
            self.body.step((until_ns - self.now_ns) / SECOND)
            self.now_ns = until_ns


class _Running:
    """A sensor and how often it has been read."""

    def __init__(self, sensor: Sensor, start_ns: int) -> None:
        self.sensor, self.count = sensor, 0
        self._start_ns = start_ns

    def due_ns(self) -> int:
        return self._start_ns + self.count * SECOND // self.sensor.rate


def _renamed(body: Body, parts: Sequence[Part], entries: Mapping[str, Entry]) -> list[Part]:
    """The body's parts, those that a contract asks for under the contract's names."""
    names = {part.topic: part.topic for part in parts}
    for entry in entries.values():
        topic, kind = entry.channel.topic, entry.channel.type
        names[_find(body, parts, topic, kind).topic] = topic
    return [part._replace(topic=names[part.topic]) for part in parts]


def _find(body: Body, parts: Sequence[Part], topic: str, kind: str) -> Part:
    of_kind = [part for part in parts if part.kind == kind]
    if not of_kind:
        raise ValueError(f"{topic}: the {body.name} has no {kind}, only {', '.join({p.kind: 0 for p in parts})}")
    for part in of_kind:
        if part.topic == topic or len(of_kind) == 1:
            return part
    raise ValueError(f"{topic}: the {body.name} has no {kind} of that name, only {', '.join(p.topic for p in of_kind)}")


def as_message(value: Any) -> Any:
    """Nested fields with the attributes of a message."""
    if isinstance(value, Mapping):
        return SimpleNamespace(**{name: as_message(field) for name, field in value.items()})
    if isinstance(value, list):
        return [as_message(item) for item in value]
    return value
