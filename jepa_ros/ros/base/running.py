"""Processes that run nodes: start, spin, and end with the robot safe."""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence

import rclpy
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from jepa_ros.ros.base.spinning import spin_on

# s that a thread may keep the interpreter while others wait. A search lets go of it at each of hundreds of tensor
# operations: with Python's 5 ms, executor threads that are never idle make 8 ms of planning last 100.
SWITCH_INTERVAL = 0.0002
ROUNDS = 3  # of an executor, from the end of a goal's work to its result on the way to whoever waits for it
PATIENCE = 1.0  # s that a round may take, of an executor that still spins
POLL = 0.002  # s between looks at whether it is over


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
    for node, _ in pairs:  # before anybody spins: rclpy lets an executor see entities that are only half made
        getattr(node, "autostart", lambda: None)()
    threads = [threading.Thread(target=_spin, args=(node, executor, stopping, failures)) for node, executor in pairs]
    for thread in threads:
        thread.start()
    stopping.wait()
    for node, executor in pairs:
        _shut_down(node, executor)
    for thread in threads:
        thread.join(timeout=5.0)
    rclpy.try_shutdown()
    gc.freeze()  # the collector would look through all of torch once more, which takes most of the time to end
    return 1 if failures else 0


def alone(make: Callable[[], Node]) -> Callable[[], Sequence[tuple[Node, Executor]]]:
    """What ``run`` starts: one node with an executor of one thread."""
    return lambda: [(make(), SingleThreadedExecutor())]


def _spin(node: Node, executor: Executor, stopping: threading.Event, failures: list[BaseException]) -> None:
    try:
        executor.add_node(node)
        spin_on(executor)
    except Exception as error:  # the process must end, and say why, when its node can no longer work
        if not stopping.is_set():
            node.get_logger().fatal(f"executor ended: {type(error).__name__}: {error}")
            failures.append(error)
    finally:
        stopping.set()


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
