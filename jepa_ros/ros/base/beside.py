"""Work that takes its time, beside the one thread in which a node's executor does all else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from rclpy.node import Node
from rclpy.task import Future

Value = TypeVar("Value")


def beside(node: Node, work: Callable[[], Value]) -> Future[Value]:
    """What ``work`` returns or raises, for a callback that awaits it; it begins at once, in a thread of its own.

    A pool of executor threads would do too, but wakes all of them and looks through all of the node's entities thrice
    for every message: twice the processor time, at the cost of the work that has to be punctual.
    """
    done, executor = Future(), node.executor

    def run() -> None:
        try:
            done.set_result(work())
        except Exception as error:  # raised again where it is awaited
            done.set_exception(error)
        executor.wake()

    threading.Thread(target=run, name="beside").start()
    return done
