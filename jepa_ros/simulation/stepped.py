"""The embedded robot in stepped time, with what the nodes keep of it: aligned streams and the motion in force."""

from __future__ import annotations

from typing import Any

import numpy as np

from jepa_ros.contract import Aligner, Contract, Motion, Observation, Reference, decode_image, read_values
from jepa_ros.simulation.body import Body
from jepa_ros.simulation.faults import Fault
from jepa_ros.simulation.robot import SensorMessage, SimulatedRobot, as_message


class SteppedRobot:
    """An embedded robot, seen and commanded as the nodes see and command it, faster than real time.

    Args:
        contract: names the topics.
        body: what moves.
        fault: what goes wrong between `fail` and `mend`.
        seed: of what is random about the fault.
    """

    def __init__(self, contract: Contract, body: Body, fault: Fault = Fault(), seed: int = 0) -> None:
        self.contract, self.body, self.fault = contract, body, fault
        self._random = np.random.default_rng(seed)
        self._robot = SimulatedRobot(contract, body)
        self._aligner, self._reference = Aligner(contract), Reference(contract)
        self._observed = {entry.channel.topic: entry for entry in contract.observations.values()}
        self._camera = next(iter(contract.images), None)

    @property
    def now_ns(self) -> int:
        """The robot's time."""
        return self._robot.now_ns

    def advance(self) -> list[Observation]:
        """Let one contract period pass; what was seen meanwhile, one observation per image."""
        messages = self._robot.advance(self.contract.period)
        ticks = [stamp for stamp in map(self._take, messages) if stamp is not None]
        seen = [self._aligner.sample(stamp) for stamp in (ticks if self._camera else [self._robot.now_ns])]
        return [observation for observation in seen if observation is not None]

    def command_between(self, start_ns: int, end_ns: int) -> np.ndarray | None:
        """The mean command (A,) between two times, None where there was none."""
        return self._aligner.action(start_ns, end_ns)

    def motion(self, state: np.ndarray) -> Motion:
        """The commanded motion that is in force."""
        return self._reference.at(self._robot.now_ns, state)

    def act(self, action: np.ndarray, state: np.ndarray) -> None:
        """Send an action (A,), made legal from where the motion is."""
        self._send(self._reference.command(action, state, self.now_ns))

    def stop(self, state: np.ndarray) -> None:
        """Send the contract's safety command."""
        self._send(self._reference.stop(state, self.now_ns))

    def fail(self) -> None:
        """Let the fault begin."""
        self.fault.begin(self.body, self._random)

    def mend(self) -> None:
        """Let the fault end."""
        self.fault.end(self.body)

    def _send(self, commands: dict[str, tuple[str, dict[str, Any]]]) -> None:
        for topic, (_, fields) in commands.items():
            self._robot.receive(topic, fields)
            for entry in self.contract.actions.values():
                if entry.channel.topic == topic:
                    self._aligner.push(entry.key, read_values(entry, as_message(fields)), self.now_ns, None)

    def _take(self, message: SensorMessage) -> int | None:
        """Give a message to the aligner; its stamp where it is an image of the first camera."""
        entry = self._observed.get(message.topic)
        if entry is None:
            return None
        content = as_message(self.fault.distort(message).fields)
        value = decode_image(content) if entry.is_image else read_values(entry, content)
        self._aligner.push(entry.key, value, message.stamp_ns, message.stamp_ns)
        return message.stamp_ns if entry.key == self._camera else None
