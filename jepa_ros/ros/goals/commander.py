"""The only place from which commands leave the package."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import QoSProfile

from jepa_ros.contract import Aligner, Contract, Limits, Motion, Reference, StreamError, read_values
from jepa_ros.contract.commands import Commands
from jepa_ros.contract.reference import Prepared
from jepa_ros.ros.base.diagnostics import Latency
from jepa_ros.ros.wire.messages import fill
from jepa_ros.ros.wire.streams import class_of, qos_of

ACKNOWLEDGED = Duration(seconds=0.5)  # that the robot's driver gets to confirm a command


@dataclass(frozen=True)
class Ready:
    """A command whose messages, by topic, only wait to be published."""

    prepared: Prepared
    messages: dict[str, Any]


class Commander:
    """Publishes legal commands on the contract's action topics, and its safety command. Safe to use from any thread.

    Whatever is asked for is projected into the limits from the command that is in force at the moment when it is due.
    ``jitter`` is how far from the contract's period commands of a motion follow each other.
    """

    def __init__(self, node: Node, contract: Contract, announce: Callable[[type, str, QoSProfile], Any]):
        """``announce`` makes a publisher, as the node wants its publishers made."""
        self.contract = contract
        self.sent = 0
        self.jitter = Latency()
        self._node = node
        self._lock = threading.Lock()
        self._reference, self._past = Reference(contract), Aligner(contract)
        self._moving, self._moved_ns = False, 0
        self._publishers: dict[str, Any] = {
            entry.channel.topic: announce(class_of(entry), entry.channel.topic, qos_of(entry, QoSProfile(depth=1)))
            for entry in contract.actions.values()
        }

    def motion(self, state: np.ndarray | None, ahead: float = 0.0) -> Motion:
        """Where the commanded motion is so many seconds from now: the command in force and the position (A,).

        As far as a state (S,) of now agrees; None where there is none to ask.
        """
        with self._lock:
            return self._reference.at(self.now_ns() + round(ahead * 1e9), state)

    def command_between(self, start_ns: int, end_ns: int) -> np.ndarray | None:
        """The mean of the commands (A,) that were sent, between two times; None where there was none."""
        return self._past.action(start_ns, end_ns)

    def prepare(self, action: np.ndarray, state: np.ndarray, limits: Limits | None = None, ahead: float = 0.0) -> Ready:
        """The legal command nearest to an action (A,), for so many seconds from now; ``limits`` may be tighter."""
        with self._lock:
            due = self.now_ns() + round(ahead * 1e9)
            previous = self._reference.at(due, state).command
            legal = (limits or self.contract.limits).project(np.asarray(action)[None], previous, state)[0]
            prepared = self._reference.prepare(legal, state, due)
        return Ready(prepared, self._messages(prepared.commands))

    def send(self, ready: Ready) -> None:
        """Publish a command."""
        with self._lock:
            now = self.now_ns()
            self._publish(ready.messages, now)
            self._reference.take(ready.prepared)
            if self._moving:
                self.jitter.add(abs((now - self._moved_ns) * 1e-9 - self.contract.period))
            self._moving, self._moved_ns = True, now

    def stop(self, state: np.ndarray | None = None) -> None:
        """Send the contract's safety command, from where the motion has led, as far as a state (S,) of now agrees.

        Nothing where no command was sent since the last time: who carries the robot away meanwhile has it to himself.
        """
        with self._lock:
            if self._moving:
                self._moving = False
                now = self.now_ns()
                self._publish(self._messages(self._reference.stop(state, now)), now)

    def settle(self) -> None:
        """Wait until whoever listens has got what was sent; a writer that is destroyed at once may take it along."""
        for publisher in self._publishers.values():
            publisher.wait_for_all_acked(ACKNOWLEDGED)

    def _messages(self, commands: Commands) -> dict[str, Any]:
        return {topic: fill(self._publishers[topic].msg_type(), fields) for topic, (_, fields) in commands.items()}

    def _publish(self, messages: dict[str, Any], now_ns: int) -> None:
        self.sent += 1
        for topic, message in messages.items():
            self._publishers[topic].publish(message)
            self._remember(topic, message, now_ns)

    def _remember(self, topic: str, message: Any, now_ns: int) -> None:
        for entry in self.contract.actions.values():
            if entry.channel.topic == topic:
                with suppress(StreamError):  # an encoder of one's own may write what nobody reads back
                    self._past.push(entry.key, read_values(entry, message), now_ns, now_ns)

    def now_ns(self) -> int:
        """The time on the clock that commands are sent by, and images stamped."""
        return self._node.get_clock().now().nanoseconds
