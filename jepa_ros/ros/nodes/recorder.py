"""Record a live robot: every message of the contract's topics as it comes, while the robot explores or is driven."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions
from rclpy.subscription import Subscription

from jepa_ros.contract import Contract, Entry, StreamError, read_values
from jepa_ros.data.bags.bag import BagError, BagWriter
from jepa_ros.data.exploration.explorer import Explorer
from jepa_ros.ros.base.arrival import arrival_ns
from jepa_ros.ros.base.reading import read, subscribe, take_waiting
from jepa_ros.ros.goals.commander import Commander
from jepa_ros.ros.wire.streams import RELIABLE, class_of, qos_of

SILENCE = 0.5  # s without a state after which an exploring robot is stopped
PATIENCE = 10.0  # s to wait for the first message of every observation
IMAGES, OTHERS = 10, 100  # messages of a topic that may wait to be written: a bag shall have them all
TURN = 0.1  # s without a message after which is looked whether to go on listening
UNDER_WAY = 0.3  # s that the last messages get to arrive: the safety command belongs to the recording

Tell = Callable[[float, float], None]


class Recorder(Node):
    """Writes messages as they arrive, unread; knows the newest state for whoever drives."""

    def __init__(self, contract: Contract, namespace: str):
        super().__init__("jepa_recorder", namespace=namespace)
        self.contract = contract
        self.writer: BagWriter | None = None
        self.failure: BagError | None = None
        self._lock = threading.Lock()
        self._values: dict[str, np.ndarray] = {}
        self._seen: set[str] = set()
        self._listeners: list[Subscription] = []
        self.heard = -float("inf")
        for entry in contract.observations.values():
            self._listen(entry, qos_profile_sensor_data)
        for entry in contract.actions.values():
            self._listen(entry, RELIABLE)

    def missing(self) -> list[str]:
        """Observation topics on which nothing has come yet."""
        return self._silent(self.contract.observations)

    def unheard(self) -> list[str]:
        """Command topics on which nothing has come yet."""
        return self._silent(self.contract.actions)

    def state(self) -> np.ndarray:
        """The newest state (S,)."""
        parts = [self._values[key] for key, entry in self.contract.observations.items() if not entry.is_image]
        return np.concatenate(parts) if parts else np.zeros(0)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take messages as they come for as long as the block lasts; at its end none is half taken."""
        executor, stopping = SingleThreadedExecutor(), threading.Event()
        executor.add_node(self)

        def spin() -> None:
            while not stopping.is_set():
                executor.spin_once(timeout_sec=TURN)

        spinning = threading.Thread(target=spin)
        spinning.start()
        try:
            yield
        finally:
            stopping.set()
            spinning.join()
            executor.shutdown()

    @contextmanager
    def recording(self, bag: Path) -> Iterator[None]:
        """Write what comes into a bag for as long as the block lasts, and finish it however the block ends.

        What has come and waits to be taken belongs to it: on a busy machine that is the safety command at the end.
        Raises BagError where the disk takes no more; what was written by then stays aside.
        """
        writer = self.writer = BagWriter(bag, self.contract.text, self.get_namespace())
        try:
            yield
        finally:
            for subscription in self._listeners:
                take_waiting(subscription, time.time_ns())
            with self._lock:
                self.writer = None
                if self.failure is None:
                    writer.close()
                else:
                    writer.leave()

    def _silent(self, entries: Mapping[str, Entry]) -> list[str]:
        return [entry.channel.topic for key, entry in entries.items() if key not in self._seen]

    def _listen(self, entry: Entry, default: QoSProfile) -> None:
        kind = class_of(entry)
        topic = self.resolve_topic_name(entry.channel.topic)
        is_state = not entry.is_image and entry.key in self.contract.observations

        def callback(serialized: bytes, info: Mapping[str, int]) -> None:
            self._write(topic, entry.channel.type, serialized, arrival_ns(self, info))
            if is_state:
                self._read(entry, serialized, kind)
            self._seen.add(entry.key)

        qos = qos_of(entry, default)
        qos.depth = max(qos.depth, IMAGES if entry.is_image else OTHERS)
        self._listeners.append(subscribe(self, kind, entry.channel.topic, callback, qos))

    def _write(self, topic: str, kind: str, serialized: bytes, receive_ns: int) -> None:
        with self._lock:
            if self.writer is None or self.failure is not None:
                return
            try:
                self.writer.write_serialized(topic, kind, serialized, receive_ns)
            except BagError as error:  # told by whoever records; this is the middleware's thread
                self.failure = error

    def _read(self, entry: Entry, serialized: bytes, kind: type) -> None:
        try:
            self._values[entry.key] = read_values(entry, read(serialized, kind))
            self.heard = time.monotonic()
        except StreamError as error:
            self.get_logger().warning(f"{entry.channel.topic}: {error}", throttle_duration_sec=5.0)


def record_live(
    contract: Contract, bag: Path, seconds: float, seed: int, drive: bool, namespace: str, tell: Tell
) -> None:
    """Record a running robot for so many seconds, exploring with it where ``drive`` is set.

    Ctrl-C ends the recording early; the bag is whole all the same. However it ends, an exploring robot's last command
    is its contract's safety command. Raises BagError where the bag exists, a topic of the
    contract is silent or the disk takes no more.
    """
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    recorder = Recorder(contract, namespace)
    try:
        with recorder.listening():
            _await_topics(recorder)
        with recorder.recording(bag), recorder.listening():
            _record(recorder, seconds, seed, drive, tell)
    except KeyboardInterrupt:
        recorder.get_logger().info("recording ended early")
    finally:
        recorder.destroy_node()
        rclpy.try_shutdown()


def _await_topics(recorder: Recorder) -> None:
    deadline = time.monotonic() + PATIENCE
    while recorder.missing():
        if time.monotonic() > deadline:
            raise BagError(f"nothing came on {', '.join(recorder.missing())} for {PATIENCE:g} s; does the robot run?")
        time.sleep(0.01)


def _record(recorder: Recorder, seconds: float, seed: int, drive: bool, tell: Tell) -> None:
    """Let time pass, commanding the robot once per period where it is to be driven."""
    commander = Commander(recorder, recorder.contract, recorder.create_publisher) if drive else None
    explorer = Explorer(recorder.contract, seed) if drive else None
    try:
        if commander is not None:
            _await_own_commands(recorder, commander)
        begin = tick = time.monotonic()
        while (passed := time.monotonic() - begin) < seconds:
            if recorder.failure is not None:
                raise recorder.failure
            tell(passed, seconds)
            if commander is not None:
                _drive(recorder, commander, explorer)
            tick += recorder.contract.period
            time.sleep(max(0.0, tick - time.monotonic()))
        tell(seconds, seconds)
    finally:
        if commander is not None:
            commander.stop()
            commander.settle()
        time.sleep(UNDER_WAY)


def _await_own_commands(recorder: Recorder, commander: Commander) -> None:
    """Command the robot to stay as it is until that is heard here as well: the bag would lack what is sent before."""
    deadline = time.monotonic() + PATIENCE
    while recorder.unheard():
        if time.monotonic() > deadline:
            raise BagError(f"this process does not hear what it sends on {', '.join(recorder.unheard())}")
        state = recorder.state()
        commander.send(commander.prepare(commander.motion(state).command, state))
        time.sleep(recorder.contract.period)


def _drive(recorder: Recorder, commander: Commander, explorer: Explorer) -> None:
    """One exploring command, or the safety command where the robot's state is no longer known."""
    state = recorder.state()
    if state.size and time.monotonic() - recorder.heard > SILENCE:
        commander.stop()
        return
    commander.send(commander.prepare(explorer.command(state, commander.motion(state).command), state))
