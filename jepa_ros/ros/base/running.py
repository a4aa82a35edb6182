"""Processes that run nodes: start, spin, and end with the robot safe."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

# s that a thread may keep the interpreter while others wait. A search lets go of it at each of hundreds of tensor
# operations: with Python's 5 ms, executor threads that are never idle make 8 ms of planning last 100.
SWITCH_INTERVAL = 0.0002
PAUSE = 0.01  # s in which a thread that destroys entities gets to forget them
ROUNDS = 3  # of an executor, from the end of a goal's work to its result on the way to whoever waits for it
PATIENCE = 1.0  # s that a round may take, of an executor that still spins
POLL = 0.002  # s between looks at whether it is over
RACES = 100  # one upon the other that are none any more
RCLError = rclpy_implementation.RCLError


def run(start: Callable[[], Sequence[tuple[Node, Executor]]], args: Sequence[str] | None = None) -> int:
    """Make nodes with their executors and run them until SIGINT or SIGTERM; returns the exit status.

    Signals only set a flag: rclpy's own handlers would end the context before the last command could be sent.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    rclpy.init(args=list(sys.argv if args is None else args), signal_handler_options=SignalHandlerOptions.NO)
    failures: list[BaseException] = []
    pairs = list(start())
    threads = [threading.Thread(target=_spin, args=(node, executor, stopping, failures)) for node, executor in pairs]
    for thread in threads:
        thread.start()
    for node, _ in pairs:
        getattr(node, "autostart", lambda: None)()
    stopping.wait()
    for node, executor in pairs:
        _shut_down(node, executor)
    for thread in threads:
        thread.join(timeout=5.0)
    rclpy.try_shutdown()
    return 1 if failures else 0


def alone(make: Callable[[], Node]) -> Callable[[], Sequence[tuple[Node, Executor]]]:
    """What ``run`` starts: one node with an executor of one thread."""
    return lambda: [(make(), SingleThreadedExecutor())]


def _spin(node: Node, executor: Executor, stopping: threading.Event, failures: list[BaseException]) -> None:
    try:
        executor.add_node(node)
        _spin_on(executor)
    except Exception as error:  # the process must end, and say why, when its node can no longer work
        if not stopping.is_set():
            node.get_logger().fatal(f"executor ended: {type(error).__name__}: {error}")
            failures.append(error)
    finally:
        stopping.set()


def _spin_on(executor: Executor) -> None:
    """Spin until the executor is shut down, past entities that one of its threads destroys while another looks at them.

    A lifecycle node destroys what it is made of on cleanup; rclpy foresees that in most places, not in all. What goes
    wrong again and again has another reason, and is raised.
    """
    races: deque[float] = deque(maxlen=RACES)
    while True:
        try:
            return executor.spin()
        except (InvalidHandle, RCLError):
            races.append(time.monotonic())
            if len(races) == RACES and races[-1] - races[0] < 2 * RACES * PAUSE:
                raise
            time.sleep(PAUSE)


def _let_tell(executor: Executor) -> None:
    """Let the executor send the results of goals that have just ended: each round does what the one before made due."""
    for _ in range(ROUNDS):
        task = executor.create_task(lambda: None)
        deadline = time.monotonic() + PATIENCE
        while not task.done() and time.monotonic() < deadline:
            time.sleep(POLL)


def _shut_down(node: Node, executor: Executor) -> None:
    """Let the node make the robot safe and tell how goals ended while its executor still runs, then end both."""
    getattr(node, "stop_working", lambda: None)()
    _let_tell(executor)
    executor.shutdown(timeout_sec=5.0)
    getattr(node, "shut_down", lambda: None)()
    node.destroy_node()
